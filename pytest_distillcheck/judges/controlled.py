"""A judge whose ratings count only if it rates known pairs as they must be rated."""

import threading
from collections.abc import Sequence

from pytest_distillcheck.domain.exchanges import ModelRequest
from pytest_distillcheck.domain.ratings import Rating
from pytest_distillcheck.errors import JudgeError
from pytest_distillcheck.judges.controls import (
    SIMILARITY_CONTROLS,
    Control,
    control_pairs,
    similarity_faults,
)
from pytest_distillcheck.judges.similarity import ModelSimilarityJudge

_UNFIT = "it fails a control"


class ControlledSimilarityJudge:
    """A `SimilarityJudge` that has the controls rated before the first pair, once, and rates nothing if one fails.

    It may be used from several threads.

    Args:
        judge: who rates.
        controls: rated in this order, up to the first that fails.

    Attributes:
        controls: the same.
    """

    def __init__(
        self, judge: ModelSimilarityJudge, controls: Sequence[Control] = SIMILARITY_CONTROLS
    ) -> None:
        self._judge = judge
        self._lock = threading.Lock()
        self._is_checked = False
        self._fault: str | None = None
        self.controls = tuple(controls)

    @property
    def name(self) -> str:
        """The judge's name."""
        return self._judge.name

    def rate(self, *, prompt: str, reference: str, response: str) -> Rating:
        """Return the judge's rating.

        Raises:
            JudgeError: it fails a control, which `is_of_unfit_judge` tells apart; or it gives no rating of this pair.
            ClientError: the judge, or a control of it, could not be asked.
        """
        if fault := self.fault():
            raise JudgeError(
                f"{_UNFIT}, {fault}; no rating of it counts, name another --distill-similarity-judge"
            )
        return self._judge.rate(prompt=prompt, reference=reference, response=response)

    def fault(self) -> str | None:
        """Return which control the judge fails, and how; None when it can be trusted so far.

        Raises:
            ClientError: a control could not be asked, which says nothing about the judge; the next call tries again.
        """
        with self._lock:
            if not self._is_checked:
                self._fault = next(similarity_faults(self._judge, self.controls), None)
                self._is_checked = True
            return self._fault

    def requests(self, *, prompt: str, reference: str, response: str) -> tuple[ModelRequest, ...]:
        """Return what `rate` will ask about a pair beside the controls, so that it can be sent ahead."""
        return self._judge.requests(prompt=prompt, reference=reference, response=response)

    def control_requests(self) -> tuple[ModelRequest, ...]:
        """Return what the controls ask at most, so that it can be sent ahead."""
        return tuple(
            request
            for pair in control_pairs(self.controls)
            for request in self._judge.requests(
                prompt=pair.prompt, reference=pair.reference, response=pair.response
            )
        )


def is_of_unfit_judge(reason: str) -> bool:
    """Return whether the reason why a pair is unjudged is that the judge fails a control."""
    return reason.partition("(")[2].startswith(_UNFIT)
