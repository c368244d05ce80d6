"""Where a line of a recording comes from, and what somebody else has judged of it."""

from dataclasses import asdict, dataclass

from pytest_distillcheck.domain.probes import Category


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Which probe a line answers.

    Attributes:
        category: None for a question that is in none of them.
        language: of the question, an ISO 639-1 code.
        context: what the question was put in: `plain`, a frame's id, or a name for the template.
        question: the question's id.
    """

    category: Category | None
    language: str
    context: str
    question: str

    def to_builtins(self) -> dict[str, object]:
        """Return the `probe` of a line."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """The verdict that came with a line.

    Attributes:
        loose: whether the response contradicts the fact.
        strict: whether it also claims a teacher's identity, which only a loose one can; None when nobody said.
    """

    loose: bool
    strict: bool | None

    def to_builtins(self) -> dict[str, object]:
        """Return the `labels` of a line."""
        return asdict(self)
