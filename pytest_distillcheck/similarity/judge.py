"""The embedded similarity judge: two texts taken apart, compared feature by feature, put on the paper's scale."""

from pytest_distillcheck.domain.ratings import Rating
from pytest_distillcheck.similarity.features import features
from pytest_distillcheck.similarity.scale import RANGES, scale
from pytest_distillcheck.similarity.texts import content_terms, take_apart

_IDENTICAL = Rating(**{aspect: high for aspect, (_, high) in RANGES.items()})


class EmbeddedSimilarityJudge:
    """Rates without a model and without a network: the same pair always gets the same rating.

    The rating is symmetric: exchanging reference and response does not change it.
    """

    @property
    def name(self) -> str:
        """The name that reports show."""
        return "embedded"

    def rate(self, *, prompt: str, reference: str, response: str) -> Rating:
        """Return how similar a response is to a reference answer; total, and linear in the lengths.

        Two texts that differ in surrounding white space alone are identical, empty ones among them; a text and
        an empty one have nothing in common.
        """
        reference, response = reference.strip(), response.strip()
        if reference == response:
            return _IDENTICAL
        if not reference or not response:
            return Rating(**{aspect: low for aspect, (low, _) in RANGES.items()})
        return scale().rate(features(take_apart(reference), take_apart(response), content_terms(prompt)))
