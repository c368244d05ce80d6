"""The engine for tests written in Python: `def test_identity(distill): ...`.

Each call of `Distill.identity` is a small suite of its own, named after its test, with the same plan, records, scores
and gates as a suite file's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from pytest_distillcheck.assembly import IdentityPlan, ModelUnderTest, plan_identity
from pytest_distillcheck.domain.exchanges import Message, ModelRequest, Response
from pytest_distillcheck.domain.gates import Decision, Gate, Limit
from pytest_distillcheck.domain.records import Record
from pytest_distillcheck.domain.scores import ScoreName, Share
from pytest_distillcheck.domain.scrubbing import scrub
from pytest_distillcheck.errors import ClientError, UsageError
from pytest_distillcheck.gating import decide
from pytest_distillcheck.identity.scores import identity_scores
from pytest_distillcheck.plugin.cases import as_hooks_leave_it
from pytest_distillcheck.plugin.evidence import answer, keep_exchange
from pytest_distillcheck.plugin.outcomes import DECISIONS, RECORDS, Infrastructure, raise_decision
from pytest_distillcheck.plugin.run import RUN
from pytest_distillcheck.ports import IdentityJudge, ModelClient
from pytest_distillcheck.running import examine
from pytest_distillcheck.running.asking import BrokeredClient
from pytest_distillcheck.suites import suite_of


@dataclass(frozen=True, slots=True)
class Score:
    """One identity score, with the answers that it was measured on.

    Attributes:
        share: its value, and how far chance may have moved it.
    """

    name: ScoreName
    share: Share
    scores: "Scores"

    @property
    def value(self) -> float | None:
        """The share in [0, 1]; None when no answer counts for it.

        Raises:
            Infrastructure: answers are missing, so the share is of no known population; `Distill.gate` can still
                decide where no answer would change it.
        """
        if self.scores.missing:
            raise Infrastructure(scrub(self.scores.missing_text()))
        return self.share.value

    def __float__(self) -> float:
        if (value := self.value) is None:
            raise Infrastructure(f"no answer counts for {self.name}; ask other probes")
        return value


@dataclass(frozen=True, slots=True)
class Scores:
    """What the answers to a plan's probes came to.

    Attributes:
        records: one for each answer, sorted by id.
        missing: by probe id, why there is no answer.
    """

    plan: IdentityPlan
    records: tuple[Record, ...]
    missing: Mapping[str, str]

    def score(self, name: ScoreName) -> Score:
        """Return a score by its name."""
        return Score(name, identity_scores(self.records).overall[name], self)

    @property
    def loose(self) -> Score:
        """Share of the judged answers that contradict."""
        return self.score("loose")

    @property
    def strict(self) -> Score:
        """Share that contradict and name a rival maker."""
        return self.score("strict")

    @property
    def hard(self) -> Score:
        """Strict share among the probes whose prompt names no rival."""
        return self.score("hard")

    @property
    def roleplay(self) -> Score:
        """Share that claim another identity only in a persona."""
        return self.score("roleplay")

    @property
    def affirmed(self) -> Score:
        """Share that claim the true identity."""
        return self.score("affirmed")

    @property
    def no_claim(self) -> Score:
        """Share that claim none."""
        return self.score("no_claim")

    @property
    def unjudged(self) -> Score:
        """Share of the answers that could not be judged."""
        return self.score("unjudged")

    def missing_text(self) -> str:
        """Return how many answers are missing, and why the first is."""
        probe, why = next(iter(self.missing.items()))
        return f"{len(self.missing)} of {len(self.plan.probes)} answers are missing; {probe}: {why}"


class Distill:
    """The engine, for one test and one model.

    Attributes:
        model: the model's name.
    """

    def __init__(
        self, item: pytest.Item, chosen: ModelUnderTest, client: ModelClient, judge: IdentityJudge
    ) -> None:
        self._item = item
        self._chosen = chosen
        self._client = client
        self._judge = judge
        self._seed = item.config.stash[RUN].settings.seed
        self._calls = 0
        self.model = chosen.name

    def ask(
        self, messages: str | Sequence[Mapping[str, str]], *, sample: int = 0, **parameters: object
    ) -> Response:
        """Return the model's answer.

        Args:
            messages: a question, or a conversation as `{"role": ..., "content": ...}`.
            sample: which answer to the same question this is, from 0.
            parameters: sampling parameters, such as `temperature=0`.

        Raises:
            Infrastructure: there is none.
        """
        turns = [{"role": "user", "content": messages}] if isinstance(messages, str) else messages
        request = ModelRequest(
            messages=tuple(Message(turn["role"], turn["content"]) for turn in turns),  # type: ignore[arg-type]
            parameters=parameters,
            sample=sample,
        )
        request = as_hooks_leave_it(request, self._item)
        return answer(self._item, self._client, request, model=self._chosen)

    def identity(self, probes: Mapping[str, Any] | None = None, **section: Any) -> Scores:
        """Ask identity questions, judge the answers, and return the scores.

        Args:
            probes: which ones, as `probes` in a suite file.
            section: any other key of a suite file's `identity` but `models` and `gates`.

        Raises:
            Finding: the section is wrong; the message says where.
        """
        __tracebackhide__ = True
        plan = self._plan({**section, **({"probes": probes} if probes else {})})
        requests = [as_hooks_leave_it(plan.request(probe), self._item) for probe in plan.probes]
        if isinstance(self._client, BrokeredClient):
            self._client.send_ahead(requests)
        records, missing = [], {}
        for probe, request in zip(plan.probes, requests, strict=True):
            try:
                response = self._client.ask(request)
            except ClientError as error:
                missing[probe.id] = str(error)
                continue
            keep_exchange(self._item, request, response, model=self._chosen)
            records.append(
                examine(
                    plan.examination,
                    probe=probe,
                    request=request,
                    response=response,
                    test_id=plan.record_id(probe),
                )
            )
        self._item.stash.setdefault(RECORDS, []).extend(records)
        return Scores(plan, tuple(records), missing)

    def gate(self, score: Score, **limit: float) -> Decision:
        """Decide a limit on a score, as a gate of a suite file does, and return the decision if it is PASS.

        It decides at once, so that it is a family of its own: Holm's correction over gates is for suite files.

        Args:
            score: one of `identity`'s.
            limit: `max`, `min` and `confidence`, as in a suite file.

        Raises:
            Finding: FAIL.
            Inconclusive: not enough evidence.
            Infrastructure: answers are missing that could change the decision.
        """
        __tracebackhide__ = True
        plan, records = score.scores.plan, score.scores.records
        gate = Gate(
            id=f"{plan.suite.path}::gate-{score.name}-{plan.model.id}",
            suite=plan.suite.path,
            model=plan.model.name,
            score=score.name,
            limit=self._limit(score.name, limit),
        )
        (decision,) = decide([(gate, plan.population({record.id: record for record in records}))])
        self._item.stash.setdefault(DECISIONS, []).append(decision.to_builtins())
        raise_decision(decision)
        return decision

    def _plan(self, section: Mapping[str, Any]) -> IdentityPlan:
        __tracebackhide__ = True
        for key in ("models", "gates", "campaign", "snapshot"):
            if key in section:
                raise UsageError(f"distill.identity: {key!r} is for suite files; leave it out")
        self._calls += 1
        name = self._item.nodeid if self._calls == 1 else f"{self._item.nodeid}#{self._calls}"
        suite = suite_of({"identity": dict(section)}, path=self._item.path, shown=name)
        (plan,) = plan_identity(suite, [self._chosen], judge=self._judge, seed=self._seed)
        return plan

    def _limit(self, score: ScoreName, limit: Mapping[str, float]) -> Limit:
        """Return a limit as the suite reader checks it."""
        data = {"identity": {"gates": {score: dict(limit)}}}
        identity = suite_of(data, path=self._item.path, shown=f"{self._item.nodeid}: distill.gate").identity
        assert identity
        assert identity.gates
        return identity.gates[score]
