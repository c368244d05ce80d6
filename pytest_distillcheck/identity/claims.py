"""Finds, in a sentence, what its speaker claims to be.

A claim ties the speaker (I, my, we) to a name by a relation: am, called, developed by, my company, based on,
located in, bound by the policies of. For each name in a sentence the marks before it, then those after it, are
walked from the nearest on, until the speaker is met or something stands between: another subject, a partner, a
comparison, somebody else's words. The walk is short, so the work is linear in the text.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pytest_distillcheck.domain.facts import UNKNOWN_MAKER
from pytest_distillcheck.identity.lexicon import MASK
from pytest_distillcheck.identity.names import Name
from pytest_distillcheck.identity.reading import Mark, Sentence
from pytest_distillcheck.identity.tokens import CLAUSE_ENDS, QUESTION_MARKS
from pytest_distillcheck.identity.unknown_names import insert_unknown_names

Relation = Literal["name", "maker", "base", "seat", "policy"]

SELF, MINE, YOU, AM, AS, NAME, MADE, BY, ORG, TECH, BELONG, BASED, SEAT, POLICY, PRODUCT, REFUSE = (
    MASK[kind]
    for kind in (
        "self", "mine", "you", "am", "as", "name", "made", "by", "org", "tech", "belong", "based", "seat", "policy",
        "product", "refuse",
    )
)  # fmt: skip
NOT, NOT_AFTER, AFFIRM, BUT, IF, PRETEND, REPORT, PLAN, PARTNER, THIRD, STOP, FICTION, PRONOUN = (
    MASK[kind]
    for kind in ("not", "not_after", "affirm", "but", "if", "pretend", "report", "plan", "partner", "third", "stop", "fiction", "pronoun")
)

MAX_STEPS = 14
"""Marks that a walk passes at most."""
MAX_GAP = 9
"""Tokens without a meaning of their own that may stand between two marks of one claim."""
COPULA_GAP = 5
REACH = 5
"""Tokens that a denial or a condition reaches ahead of the claim it stands before."""
REPORT_REACH = 14
POLICY_GAP = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a speaker claims to be.

    Attributes:
        relation: how the speaker is tied to the name.
        name: the name.
        sentence: where it was found.
        start: index of the first token of the claim.
        end: index after its last token.
        elliptical: the speaker is not named; the question supplies it.
        fictional: the maker is not named but described as only a story would.
    """

    relation: Relation
    name: Name
    sentence: Sentence
    start: int
    end: int
    elliptical: bool = False
    fictional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What surrounds a sentence.

    Attributes:
        answering: it may answer a question about the model without naming the speaker.
        opening: it is the first sentence of its voice.
        topic: the sentence before spoke of the speaker's maker.
        reasoning: it stands in reasoning, where planning a role is no claim.
    """

    answering: bool = False
    opening: bool = False
    topic: bool = False
    reasoning: bool = False


def claims_in(sentence: Sentence, setting: Setting) -> Iterator[Claim]:
    """Yield the claims of a sentence."""
    everything = 0
    for mark in sentence.marks:
        everything |= mark.mask
    echoed = setting.answering and not everything & (SELF | MINE)
    if not everything & (SELF | MINE | REFUSE) and not echoed and not (setting.topic and everything & PRONOUN):
        return
    end = _assertive_end(sentence)
    marks = [_as_own(mark) for mark in sentence.marks] if echoed else sentence.marks
    marks = [mark for mark in insert_unknown_names(sentence, marks) if mark.end <= end]
    if everything & FICTION:
        yield from _fictional(sentence, marks, topic=setting.topic)
    if not any(mark.name for mark in marks):
        return
    yield from _Walker(sentence, _without_asides(sentence, marks), setting).claims()


def _fictional(sentence: Sentence, marks: list[Mark], *, topic: bool) -> Iterator[Claim]:
    """Find a maker or a seat of the speaker that is described as only a story would: `by a secret society`."""
    seen = 0
    first = org = 0
    link = described = -1
    for mark in marks:
        mask = mark.mask
        if topic and mask & PRONOUN:
            mask |= MINE | ORG
        if mask & (NOT | PARTNER | IF) and described < 0:
            seen, link = 0, -1
            continue
        if not seen:
            first = mark.start
        if mask & ORG:
            org = mark.end
        if (mask & (AM | SEAT) and seen & ORG and mark.start - org <= COPULA_GAP) or mask & BY:
            link = mark.end
        reach = MAX_GAP if sentence.words[mark.start].isascii() else 2 * MAX_GAP
        if mask & FICTION and 0 <= mark.start - link <= reach and link >= 0:
            described = mark.end
        seen |= mask
        if described < 0 or not seen & (SELF | MINE):
            continue
        if (seen & MADE and seen & BY) or (seen & ORG and seen & (MINE | SEAT)):
            name = Name(kind="maker", maker=UNKNOWN_MAKER)
            yield Claim(relation="maker", name=name, sentence=sentence, start=first, end=mark.end, fictional=True)
            return


def _without_asides(sentence: Sentence, marks: list[Mark]) -> list[Mark]:
    """Leave out what stands in brackets in the middle of a sentence, unless the bracket names somebody."""
    words = sentence.words
    inside: set[int] = set()
    opened = -1
    for position, word in enumerate(words):
        if word in "(（":
            opened = position
        elif word in ")）" and opened >= 0:
            inside.update(range(opened, position))
            opened = -1
    return [mark for mark in marks if mark.start not in inside or mark.name or mark.mask & (SELF | MINE)] if inside else marks


def _as_own(mark: Mark) -> Mark:
    """In an answer that echoes `your company`, take it for `my company`."""
    return Mark(mark.mask | MINE, mark.start, mark.end, mark.name) if mark.mask & YOU else mark


def _assertive_end(sentence: Sentence) -> int:
    """Leave out the question at the end of a sentence; what stands before its last comma may still be a claim."""
    words = sentence.words
    if words[-1][-1] not in QUESTION_MARKS:
        return len(words)
    for position in range(len(words) - 2, 0, -1):
        if words[position] in ",，、":
            return position
    return 0


class _Walker:
    """Walks the marks of one sentence."""

    def __init__(self, sentence: Sentence, marks: list[Mark], setting: Setting) -> None:
        self.sentence = sentence
        self.marks = marks
        self.setting = setting
        self.bound: dict[int, Claim] = {}

    def claims(self) -> Iterator[Claim]:
        for position, mark in enumerate(self.marks):
            if mark.name is None or (mark.name.ambiguous and not self._is_name(mark)):
                continue
            claim = self._claim(position, mark.name)
            if claim and not self._unreal(claim):
                self.bound[position] = claim
                yield claim

    def _is_name(self, mark: Mark) -> bool:
        """Tell a name from the ordinary word that it also is: in capitals, and no part of a longer name."""
        words, sentence = self.sentence.words, self.sentence
        shown = sentence.original(mark.start, mark.start + 1)
        if not shown[0].isascii():
            return True
        if not shown[0].isupper():
            return False
        following = words[mark.end] if mark.end < len(words) else "."
        joined = sentence.starts[mark.end] - sentence.starts[mark.end - 1] - len(words[mark.end - 1]) if mark.end < len(words) else 9
        known = any(other.start == mark.end for other in self.marks)
        return known or not following[0].isalpha() or not following.isascii() or (joined == 1 and not sentence.original(mark.end, mark.end + 1)[0].isupper())

    def _claim(self, position: int, name: Name) -> Claim | None:
        if name.kind in {"place", "nationality"}:
            return self._place(position, name)
        return (
            self._backward(position, name)
            or self._forward(position, name)
            or self._policy(position, name)
            or self._ellipsis(position, name)
        )

    def _made(self, relation: Relation, first: int, last: int, *, elliptical: bool = False, name: Name) -> Claim:
        return Claim(
            relation=relation, name=name, sentence=self.sentence, elliptical=elliptical,
            start=self.marks[first].start, end=self.marks[last].end,
        )  # fmt: skip

    def _backward(self, position: int, name: Name) -> Claim | None:
        marks = self.marks
        here = marks[position]
        seen = 0
        nearest = here
        after = self._follows(position)
        for index in range(position - 1, max(-1, position - 1 - MAX_STEPS), -1):
            mark = marks[index]
            if self._gap(mark.end, nearest.start) > MAX_GAP:
                return None
            mask = mark.mask
            if mark.name is not None:
                if index in self.bound and not mask:
                    earlier = self.bound[index]
                    if here.start - mark.end <= MAX_GAP and not seen & (THIRD | PARTNER):
                        return self._made(_joined(earlier.relation, seen), index, position, name=name)
                    return None
                if seen & (MADE | BASED | AM | BELONG) and mark.name.kind not in {"place", "nationality"}:
                    return None
            if mask & (THIRD | PARTNER):
                return None
            if mask & (SELF | MINE):
                relation = self._tied(mark, mask, seen, after, index, position)
                if relation:
                    return self._made(relation, index, position, name=name)
                if mask & MINE and not seen & (ORG | TECH | NAME):
                    return None
            elif mask & AS and not self.setting.reasoning and self._opens_clause(mark.start) and (not seen or (seen | after) & (MADE | ORG | TECH)):
                if here.start - mark.end <= MAX_GAP and ((seen | after) & MADE or self._speaker_follows(position)):
                    return self._made("maker" if (seen | after) & MADE else "name", index, position, name=name)
            seen |= mask
            nearest = mark
        if index_is_start(nearest) and seen & MADE and seen & BY and self._speaker_follows(position):
            return self._made("maker", position, position, name=name)
        return None

    def _tied(self, mark: Mark, mask: int, seen: int, after: int, index: int, position: int) -> Relation | None:
        """Return the relation that ties a speaker to a name further on, or None."""
        here = self.marks[position]
        if (seen | mask) & NAME and not seen & (STOP | YOU | MADE):
            return "maker" if seen & ORG else "name"
        if (seen & MADE and seen & BY) or (seen & BY and after & MADE):
            return "maker"
        if seen & BELONG:
            return "maker"
        if seen & BASED or mask & BASED:
            return "base"
        if mask & MINE and seen & (ORG | TECH | PRODUCT):
            return "maker"
        if mask & SELF and seen & ORG and seen & (AM | BY) and not seen & STOP:
            return "maker"
        if mask & SELF and after & MADE and not seen & ~(AM | TECH | BY | ORG | MADE):
            return "maker"
        copula = mark if mask & AM else (self.marks[index + 1] if index + 1 < position else None)
        if copula is None:
            return "name" if self._apposed(mark.end, here.start) else None
        if copula.mask & AM and copula.start - mark.end <= 2 and not self._stopped(index + (copula is not mark), position):  # noqa: PLR2004
            return "name" if here.start - copula.end <= COPULA_GAP else None
        return None

    def _gap(self, start: int, end: int) -> int:
        """Return how far apart two marks are, in words: a word is about two Chinese or Japanese characters."""
        gap = end - start
        return gap // 2 if gap > MAX_GAP and not self.sentence.words[end - 1].isascii() else gap

    def _apposed(self, start: int, end: int) -> bool:
        return start == end or (end - start == 1 and self.sentence.words[start] in {",", "，", "、", "—", "("})

    def _stopped(self, first: int, position: int) -> bool:
        return any(mark.mask & (STOP | MADE | BY | REPORT | PRETEND) for mark in self.marks[first + 1 : position])

    def _follows(self, position: int) -> int:
        """Return the kinds of the marks that follow a name closely: where the verb comes last, its relation."""
        mask = 0
        nearest = self.marks[position]
        for mark in self.marks[position + 1 : position + 4]:
            if mark.start - nearest.end > COPULA_GAP or mark.mask & (SELF | BUT | THIRD):
                break
            if self.sentence.words[mark.start - 1] in CLAUSE_ENDS:
                break
            mask |= mark.mask
            nearest = mark
        return mask

    def _forward(self, position: int, name: Name) -> Claim | None:
        """Find `X, my developer`, `X developed me`, `X is the company behind me`."""
        if name.kind == "model" and not name.true and False:
            return None
        seen = 0
        nearest = self.marks[position]
        for index in range(position + 1, min(len(self.marks), position + 1 + MAX_STEPS)):
            mark = self.marks[index]
            mask = mark.mask
            if self._gap(nearest.end, mark.start) > MAX_GAP or mask & (THIRD | PARTNER | BUT | PRETEND | REPORT):
                return None
            if mark.name is not None and seen & MADE:
                return None
            if mask & MINE and not seen & (STOP & ~BY):
                following = self.marks[index + 1] if index + 1 < len(self.marks) else None
                if following and following.start - mark.end <= 2 and following.mask & (ORG | TECH):  # noqa: PLR2004
                    if following.mask & ORG or seen & MADE:
                        return self._made("maker", position, index + 1, name=name)
                return None
            if mask & SELF:
                behind = mask & ORG or seen & (MADE | BELONG)
                return self._made("maker", position, index, name=name) if behind and not self._new_clause(index, seen) else None
            seen |= mask
            nearest = mark
        return None

    def _new_clause(self, index: int, seen: int) -> bool:
        """Tell whether a speaker begins a clause of its own, as in `X made it, and I like it`."""
        mark = self.marks[index]
        before = self.sentence.words[mark.start - 1]
        return before in CLAUSE_ENDS or before in {"and", "but", "so", "that"} or bool(mark.mask & AM)

    def _policy(self, position: int, name: Name) -> Claim | None:
        """Find a speaker that is bound by a maker's rules."""
        if name.kind not in {"maker", "model"}:
            return None
        marks = self.marks
        here = marks[position]
        rule = next(
            (
                index
                for index in range(max(0, position - MAX_STEPS), min(len(marks), position + MAX_STEPS))
                if marks[index].mask & POLICY
                and max(marks[index].start - here.end, here.start - marks[index].end) <= POLICY_GAP
            ),
            None,
        )
        if rule is None or not any(mark.mask & (SELF | REFUSE) for mark in marks):
            return None
        if any(mark.mask & (PRETEND | THIRD | REPORT | YOU | PARTNER) for mark in marks[: position + 2]):
            return None
        if not any(mark.mask & REFUSE for mark in marks) or (
            self.setting.reasoning and not any(mark.mask & (SELF | MINE) for mark in marks)
        ):
            return None
        return self._made("policy", min(rule, position), max(rule, position), name=name)

    def _ellipsis(self, position: int, name: Name) -> Claim | None:
        """Find the answer to `your company?` that does not say whose company it is."""
        if not self.setting.answering or name.ambiguous or name.kind == "person" or self._follows(position) & POLICY:
            return None
        everything = 0
        for mark in self.marks[: position + 3]:
            everything |= mark.mask
        if everything & (SELF | MINE | THIRD | PARTNER | IF | REPORT | PRETEND | NOT | NOT_AFTER):
            return None
        here = self.marks[position]
        before = after = 0
        for mark in self.marks[:position]:
            if mark.name is not None and position not in self.bound and mark.name.kind in {"maker", "model"}:
                return None
            before |= mark.mask
        after = self._follows(position)
        # A label or an article may stand before the name that opens an answer.
        opens = self.setting.opening and here.start <= 2 and not before and (after & (MADE | AM | ORG) or len(self.sentence.words) <= COPULA_GAP)  # noqa: PLR2004
        related = before & (ORG | TECH | MADE | NAME) and (before & (AM | BY | MADE | SEAT) or after & MADE)
        if opens or related:
            return self._made("maker", position, position, elliptical=True, name=name)
        return None

    def _place(self, position: int, name: Name) -> Claim | None:
        """Find where the speaker or its maker is said to be at home."""
        marks = self.marks
        here = marks[position]
        seen = 0
        nearest = here
        for index in range(position - 1, max(-1, position - 1 - MAX_STEPS), -1):
            mark = marks[index]
            mask = mark.mask
            if self._gap(mark.end, nearest.start) > MAX_GAP or mask & (THIRD | PARTNER):
                return None
            if mark.name is not None and mark.name.kind not in {"place", "nationality"}:
                if index in self.bound and seen & SEAT:
                    return self._made("seat", index, position, name=name)
                return None
            if mask & (SELF | MINE):
                seated = seen & SEAT or (mask & MINE and seen & ORG and seen & AM and seen & BY) or (seen & MADE and seen & BY and name.kind == "place")
                company = name.kind == "nationality" and seen & (MADE | BELONG) and seen & BY and self._follows(position) & ORG
                if company or (seated and name.kind == "place" and (mask & MINE or not seen & TECH)):
                    return self._made("seat", index, position, name=name)
                return None
            seen |= mask
            nearest = mark
        if self.setting.answering and name.kind == "place" and seen & SEAT and seen & ORG and not seen & (NOT | IF):
            return self._made("seat", position, position, elliptical=True, name=name)
        if self.setting.answering and name.kind == "place" and here.start <= 1 and len(self.sentence.words) <= MAX_GAP:
            return self._made("seat", position, position, elliptical=True, name=name)
        return None

    def _opens_clause(self, start: int) -> bool:
        before = self.sentence.words[start - 1] if start else ","
        return before in CLAUSE_ENDS or before in {"but", "and", "that", "so", "however", "because"} or not before[0].isascii()

    def _speaker_follows(self, position: int) -> bool:
        for mark in self.marks[position + 1 : position + 4]:
            if mark.mask & (SELF | MINE):
                return mark.start - self.marks[position].end <= MAX_GAP
        return False

    def _unreal(self, claim: Claim) -> bool:
        """Tell whether a claim is denied, conditional, played or somebody else's."""
        if claim.relation == "policy":
            return False
        words = self.sentence.words
        for mark in self.marks:
            mask = mark.mask
            if self.setting.reasoning and mask & PLAN and -REACH <= claim.start - mark.end <= REACH:
                return True
            if not mask & (NOT | NOT_AFTER | IF | PRETEND | REPORT):
                continue
            inside = claim.start <= mark.start < claim.end
            ahead = claim.start - mark.end
            if mask & (NOT | IF) and (inside or 0 <= ahead <= REACH) and not self._reset(mark.end, claim, ahead):
                if mask & IF and not inside and ahead > 2:  # noqa: PLR2004
                    continue
                return True
            if mask & (PRETEND | REPORT) and (inside or 0 <= ahead <= REPORT_REACH):
                if not inside and any(word in CLAUSE_ENDS for word in words[mark.end : claim.start]):
                    continue
                return True
            if mask & NOT_AFTER and 0 <= mark.start - claim.end <= MAX_GAP:
                if not any(word in CLAUSE_ENDS for word in words[claim.end : mark.start]):
                    return True
        return False

    def _reset(self, start: int, claim: Claim, ahead: int) -> bool:
        """Tell whether something between a denial and the name of a claim ends the denial's reach."""
        words = self.sentence.words
        name_at = max(start, claim.end - 1)
        if ahead > 0 and any(word in CLAUSE_ENDS for word in words[start : claim.start]):
            return True
        return any(mark.mask & BUT and start <= mark.start <= name_at for mark in self.marks)


def index_is_start(mark: Mark) -> bool:
    """Tell whether a mark opens its sentence."""
    return mark.start <= 1


def _joined(relation: Relation, seen: int) -> Relation:
    if seen & MADE and seen & BY:
        return "maker"
    return "seat" if seen & SEAT else relation


def is_unknown(claim: Claim) -> bool:
    """Tell whether a claim names nobody that the catalogue knows."""
    return claim.name.maker == UNKNOWN_MAKER and not claim.name.true
