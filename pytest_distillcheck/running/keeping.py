"""Keeps answers durably, and tells other processes what is being asked, without making the event loop wait."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from pytest_distillcheck.domain.exchanges import Response
from pytest_distillcheck.ports import ResponseStore


class AnswerKeeper:
    """A response store as the event loop uses it; without a store every call is ours and nothing is kept.

    It commits in groups: what comes in while one group is being written is the next. A durable commit takes
    milliseconds, however many answers it holds, and answers come faster than that.
    """

    def __init__(self, store: ResponseStore | None) -> None:
        self._store = store
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="distillcheck-store")
        self._group: dict[str, Response] = {}
        self._committed: asyncio.Future[None] | None = None
        self._writing: asyncio.Task[None] | None = None

    def find(self, key: str) -> Response | None:
        """Return the answer kept under a key, or None.

        Raises:
            StoreError: the store cannot be read.
        """
        return self._store.get(key) if self._store else None

    def claim(self, key: str) -> bool:
        """Return whether the key is ours to ask; False while another process asks it.

        Raises:
            StoreError: the store does not work.
        """
        return self._store.claim(key) if self._store else True

    def release(self, key: str) -> None:
        """Give a claim back."""
        if self._store:
            self._store.release(key)

    async def keep(self, key: str, response: Response) -> None:
        """Return when the answer is durable.

        Raises:
            StoreError: its group could not be written.
        """
        if self._store is None:
            return
        self._group[key] = response
        if self._committed is None:
            self._committed = asyncio.get_running_loop().create_future()
        if self._writing is None:
            self._writing = asyncio.create_task(self._write(self._store))
        # Shielded: a waiter that is cancelled must not take the whole group with it.
        await asyncio.shield(self._committed)

    async def close(self) -> None:
        """Write what is left, and end the thread."""
        if self._writing:
            await self._writing
        self._thread.shutdown()

    async def _write(self, store: ResponseStore) -> None:
        loop = asyncio.get_running_loop()
        while committed := self._committed:
            group, self._group, self._committed = self._group, {}, None
            try:
                await loop.run_in_executor(self._thread, store.put, group)
            except Exception as error:  # noqa: BLE001  # whatever it is, those who wait must hear of it
                committed.set_exception(error)
            else:
                committed.set_result(None)
        self._writing = None
