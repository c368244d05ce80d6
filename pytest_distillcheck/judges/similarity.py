"""The similarity judge that is a model: asked in both orders, so that it cannot favour the answer it reads first."""

from statistics import fmean

from pytest_distillcheck.domain.exchanges import ModelRequest, Response
from pytest_distillcheck.domain.ratings import ASPECTS, Rating
from pytest_distillcheck.domain.scrubbing import is_blank
from pytest_distillcheck.errors import JudgeError
from pytest_distillcheck.judges.comparing import MAX_TOKENS, comparison_requests
from pytest_distillcheck.judges.parsing import parse_rating, quotes_rating
from pytest_distillcheck.ports import ModelClient
from pytest_distillcheck.running.thinking import split_thinking

MAX_ORDER_GAP = 1.5
"""The most by which the two orders may differ in `overall`.

Up to a level and a half the mean is the better estimate. Beyond, one order says `similar` where the other says `not
similar`: then the place of the answers decided, or a text that steers the judge from one place and not from the
other, and the mean would be a rating that neither order gave. No rating is the safe end: in every gate an unjudged
answer counts as the worst rating, so that nobody gains by confusing the judge.
"""


class ModelSimilarityJudge:
    """Rates two answers by asking a model twice. Equal pairs send equal requests, so a response store can replay them.

    Args:
        client: how the model is reached.
        name: the model's name, as reports show it; the model itself is never told a name.
    """

    def __init__(self, *, client: ModelClient, name: str) -> None:
        self._client = client
        self._name = name

    @property
    def name(self) -> str:
        """The model's name."""
        return self._name

    def requests(self, *, prompt: str, reference: str, response: str) -> tuple[ModelRequest, ...]:
        """Return all that `rate` will ask about a pair, in its order, so that it can be sent ahead.

        Of equal answers both orders are one request.
        """
        after, before = comparison_requests(prompt=prompt, reference=reference, response=response)
        return (after,) if after == before else (after, before)

    def rate(self, *, prompt: str, reference: str, response: str) -> Rating:
        """Return the mean of the ratings in both orders.

        Raises:
            JudgeError: a reply is no rating, or the orders differ by more than MAX_ORDER_GAP in `overall`.
            ClientError: the model could not be asked.
        """
        after, before = self.rate_each_order(prompt=prompt, reference=reference, response=response)
        if abs(after.overall - before.overall) > MAX_ORDER_GAP:
            raise JudgeError(
                f"{self._name}: the order decides: overall {after.overall:g} with the response behind the reference,"
                f" and {before.overall:g} before it"
            )
        return Rating(
            **{aspect: fmean((getattr(after, aspect), getattr(before, aspect))) for aspect in ASPECTS}
        )

    def rate_each_order(self, *, prompt: str, reference: str, response: str) -> tuple[Rating, Rating]:
        """Return the rating with the response after the reference, and that with it before the reference.

        Raises:
            JudgeError: a reply is no rating.
            ClientError: the model could not be asked.
        """
        requests = self.requests(prompt=prompt, reference=reference, response=response)
        ratings = [self._read(self._client.ask(request), reference, response) for request in requests]
        return ratings[0], ratings[-1]

    def _read(self, reply: Response, *answers: str) -> Rating:
        said = split_thinking(reply.text).answer
        if is_blank(said):
            raise JudgeError(f"{self._name}: {_why_empty(reply)}")
        try:
            rating = parse_rating(said)
        except JudgeError as error:
            raise JudgeError(f"{self._name}: {error}") from error
        if quotes_rating(rating, answers):
            raise JudgeError(
                f"{self._name}: the very rating that it gives stands in one of the answers, which it may have repeated"
            )
        return rating


def _why_empty(reply: Response) -> str:
    if reply.finish_reason == "content_filter":
        return "its provider filtered the reply"
    if reply.finish_reason == "length":
        return f"{MAX_TOKENS} tokens of thinking, and no rating"
    return "the reply is empty"
