"""Keeps answers durably, and tells other processes what is being asked, without making the event loop wait."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from pytest_distillcheck.domain.exchanges import Response
from pytest_distillcheck.errors import StoreError
from pytest_distillcheck.ports import ResponseStore

Then = Callable[[StoreError | None], None]


class AnswerKeeper:
    """A response store as the event loop uses it; without a store every call is ours and nothing is kept.

    It commits in groups: what comes in while one group is being written is the next. A durable commit takes
    milliseconds, however many answers it holds, and answers come faster than that.
    """

    def __init__(self, store: ResponseStore | None) -> None:
        self._store = store
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="distillcheck-store")
        self._group: dict[str, Response] = {}
        self._waiting: list[Then] = []
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

    def keep(self, key: str, response: Response, then: Then) -> None:
        """Keep an answer; call `then` on the event loop when it is durable, or with the reason why it is not."""
        if self._store is None:
            then(None)
            return
        self._group[key] = response
        self._waiting.append(then)
        if self._writing is None:
            self._writing = asyncio.create_task(self._write(self._store))

    async def close(self) -> None:
        """Write what is left, and close the store."""
        if self._writing:
            await self._writing
        self._thread.shutdown()
        if self._store:
            self._store.close()

    async def _write(self, store: ResponseStore) -> None:
        loop = asyncio.get_running_loop()
        while self._group:
            group, waiting = self._group, self._waiting
            self._group, self._waiting = {}, []
            error = await loop.run_in_executor(self._thread, _put, store, group)
            for then in waiting:
                then(error)
        self._writing = None


def _put(store: ResponseStore, answers: Mapping[str, Response]) -> StoreError | None:
    try:
        store.put(answers)
    except StoreError as error:
        return error
    except Exception as error:  # noqa: BLE001  # whatever it is, those who wait must hear of it
        return StoreError(f"answers could not be kept: {error!r}")
    return None
