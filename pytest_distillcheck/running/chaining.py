"""Sends what follows from answers as soon as they are there, ahead of the tests that will ask for it."""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from pytest_distillcheck.domain.exchanges import Response
from pytest_distillcheck.errors import DistillcheckError
from pytest_distillcheck.running.asking import AnswerSource
from pytest_distillcheck.running.jobs import Job

LOOK_AHEAD = 64
"""Open links that are watched, unless the caller says otherwise: twice the requests in flight of a usual run."""

_LOOK_S = 0.1  # how long to wait after a look that found nothing new
_CLOSE_S = 5.0  # how long a source may hold up the end: the controller of a worker may be gone without a word


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One test's requests that depend on answers.

    Attributes:
        awaited: what the test asks first. Somebody else plans it; the chain itself never has it sent.
        follow: returns what the test will ask then, from the answers in the order of `awaited`; nothing when it
            will not ask. It is called at most once, on the chain's thread, and must be quick.
    """

    awaited: tuple[Job, ...]
    follow: Callable[[Sequence[Response]], Iterable[Job]]


class Chain:
    """Walks links in the order of their tests, in a thread of its own, until all have been followed or it is closed.

    A link whose answers are there is followed: its requests go before everything that is planned, so that pairs are
    completed one after the other rather than all at the end. One that awaits nothing is planned like any other
    request. So what is sent ahead stays within the bounds of the plan that the awaited requests stand in.

    A link ends without a follow-up when an awaited request has no answer, or when `follow` raises: the test will
    meet the same error, where it can be told. The chain itself never raises.

    Args:
        links: in the order of the tests.
        source: the run's broker.
        look_ahead: links that are watched at a time; at least 1. None behind the first so many open ones is followed.
    """

    def __init__(self, links: Iterable[Link], source: AnswerSource, *, look_ahead: int = LOOK_AHEAD) -> None:
        self._links = tuple(links)
        self._source = source
        self._look_ahead = look_ahead
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._walk, name="distillcheck-chain", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Follow no more links, and wait until nothing more is planned. It must come before the source is closed."""
        self._closing.set()
        self._thread.join(_CLOSE_S)

    def _walk(self) -> None:
        coming = iter(self._links)
        open_links = list(islice(coming, self._look_ahead))
        known: Mapping[str, Response | None] = {}
        # Without a source nothing more can be sent, which every test is told when it asks.
        with suppress(DistillcheckError):
            while open_links and not self._closing.is_set():
                known = self._look(open_links, known)
                still_open = [link for link in open_links if not self._end(link, known)]
                if len(still_open) == len(open_links):
                    self._closing.wait(_LOOK_S)
                open_links = still_open + list(islice(coming, self._look_ahead - len(still_open)))

    def _look(
        self, links: Iterable[Link], known: Mapping[str, Response | None]
    ) -> Mapping[str, Response | None]:
        """Return what is settled of all that these links await, known before or new."""
        keys = {job.key for link in links for job in link.awaited}
        unknown = [key for key in keys if key not in known]
        new = self._source.settled(unknown) if unknown else {}
        return {key: known[key] for key in keys & known.keys()} | dict(new)

    def _end(self, link: Link, known: Mapping[str, Response | None]) -> bool:
        """Return whether a link is over; if all its answers are there, follow it."""
        outcomes = [known[job.key] for job in link.awaited if job.key in known]
        answers = [outcome for outcome in outcomes if outcome is not None]
        if len(answers) == len(link.awaited):
            self._follow(link, answers)
            return True
        return len(answers) < len(outcomes)

    def _follow(self, link: Link, answers: Sequence[Response]) -> None:
        if self._closing.is_set():
            return
        # It may be the user's own judge that follows: whatever it raises, pytest's own ends of a test too, the test meets.
        with suppress(BaseException):
            self._source.plan(tuple(link.follow(answers)), chained=bool(link.awaited))
