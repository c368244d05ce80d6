"""The response store as a run sees it whose answers are for itself alone."""

from collections.abc import Mapping

from pytest_distillcheck.domain.exchanges import Response
from pytest_distillcheck.errors import UsageError
from pytest_distillcheck.ports import ResponseStore


class OwnRunStore:
    """Keeps the answers of one run, whose id is part of every key.

    Nobody else can ask the same, so one claim of the run stands for a claim of each key, and a new run has no answers
    to find. That spares each request four system calls, at each of which the thread that sends would have to wait for
    the thread that runs tests.

    Args:
        store: where the answers are kept, and closed with this.
        run_id: of the run.
        is_new: whether it begins now; otherwise it is resumed.

    Raises:
        UsageError: another process is still at this run; the store is closed then.
        StoreError: the store does not work.
    """

    def __init__(self, store: ResponseStore, run_id: str, *, is_new: bool) -> None:
        self._store = store
        self._is_new = is_new
        if not store.claim(run_id):
            store.close()
            raise UsageError(f"--distill-resume: the run {run_id} is still going on; wait for its end")

    def get(self, key: str) -> Response | None:
        """Return the answer kept under a key, or None."""
        return None if self._is_new else self._store.get(key)

    def put(self, answers: Mapping[str, Response]) -> None:
        """Keep answers by key, all of them or none, durably before this returns."""
        self._store.put(answers)

    def claim(self, key: str) -> bool:
        """Return True: the key is this run's."""
        return True

    def release(self, key: str) -> None:
        """Do nothing: the claim of the run ends with it."""

    def close(self) -> None:
        """Close the store, and give the claim of the run back."""
        self._store.close()
