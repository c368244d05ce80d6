"""One test's result, or one draw's of a campaign, and its form in plain builtins.

A record crosses from an xdist worker to the controller on the test report, where only exact builtins may ride, and
goes into results.json as it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

from pytest_distillcheck.domain.exchanges import Source
from pytest_distillcheck.domain.probes import Category
from pytest_distillcheck.domain.scrubbing import scrubbed
from pytest_distillcheck.domain.verdicts import Label

RecordKind = Literal["identity", "campaign", "similarity"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What became of one prompt that was answered.

    Attributes:
        id: the test's node id; for a draw of a campaign, with the draw's number behind it.
        suite: the suite file, relative to the rootdir.
        model: the model's name as the user gave it.
        category: of the question; None for a prompt of a similarity suite.
        context: `plain`, a frame's id, or a template's.
        question: the question's or the prompt's id.
        reference: the reference model's name, in a similarity suite.
        prompt_set: name of the prompt set, likewise.
        reference_response: the reference's answer, likewise, scrubbed.
        prompt: the probe prompt, scrubbed.
        response: the answer, scrubbed.
        reasoning: thinking that came in a field of its own, scrubbed.
        label: the verdict; None when unjudged.
        affirmed: whether the true identity is claimed; None when unjudged.
        makers: false makers that the deciding voice claims.
        quotes: what decided, scrubbed.
        rating: the similarity judge's, by aspect; None when unjudged and for identity.
        unjudged: why the answer could not be judged; None when it was.
        names_rival: whether the prompt names a rival maker (such answers do not count for `hard`).
        rival: whether the contradiction names a maker among the suite's `teachers` (it counts as strict).
        waived: whether a waiver in force covers the finding.
        model_returned: the model string that the endpoint returned.
        source: where the answer was taken from.
        judge: the judge's name.
        request: digest of what was asked.
    """

    id: str
    suite: str
    model: str
    kind: RecordKind = "identity"
    category: Category | None = None
    language: str
    context: str
    question: str
    prompt: str
    response: str
    reasoning: str = ""
    reference: str | None = None
    prompt_set: str | None = None
    reference_response: str | None = None
    label: Label | None = None
    affirmed: bool | None = None
    makers: tuple[str, ...] = ()
    quotes: tuple[str, ...] = ()
    rating: Mapping[str, float] | None = None
    unjudged: str | None = None
    names_rival: bool = False
    rival: bool = False
    waived: bool = False
    model_returned: str = ""
    source: Source
    judge: str
    request: str

    def to_builtins(self) -> dict[str, Any]:
        """Return the record of results.json: exact builtins, every text scrubbed."""
        # Not `asdict`, which copies what `scrubbed` copies anyway, and takes most of the time.
        return {field.name: scrubbed(getattr(self, field.name)) for field in fields(self)}

    @classmethod
    def from_builtins(cls, data: Mapping[str, Any]) -> "Record":
        """Return the record that `to_builtins` wrote."""
        known = {field.name: data[field.name] for field in fields(cls)}
        return cls(**{**known, "makers": tuple(data["makers"]), "quotes": tuple(data["quotes"])})
