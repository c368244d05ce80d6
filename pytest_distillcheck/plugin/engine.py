"""The engine for tests written in Python: `def test_identity(distill): ...`.

Each call of `Distill.identity` is a small suite of its own, named after its test, with the same plan, records, scores
and gates as a suite file's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from pytest_distillcheck.assembly import IdentityPlan, ModelUnderTest, plan_identity
from pytest_distillcheck.domain.exchanges import Message, ModelRequest, Response
from pytest_distillcheck.domain.gates import Decision, Gate, Limit
from pytest_distillcheck.domain.records import Record, RecordKind
from pytest_distillcheck.domain.scores import ScoreName, Share
from pytest_distillcheck.domain.scrubbing import scrub
from pytest_distillcheck.errors import ClientError, SuiteError, UsageError
from pytest_distillcheck.gating import Population, decide
from pytest_distillcheck.identity.scores import identity_scores
from pytest_distillcheck.plugin.cases import as_hooks_leave_it
from pytest_distillcheck.plugin.evidence import answer, keep_exchange
from pytest_distillcheck.plugin.outcomes import DECISIONS, RECORDS, raise_decision
from pytest_distillcheck.plugin.run import RUN
from pytest_distillcheck.plugin.scores import Score, Scored
from pytest_distillcheck.ports import IdentityJudge, ModelClient
from pytest_distillcheck.running import examine
from pytest_distillcheck.running.asking import BrokeredClient
from pytest_distillcheck.suites import Suite, suite_of

if TYPE_CHECKING:
    from pytest_distillcheck.plugin.python_campaign import Campaign


@dataclass(frozen=True, slots=True)
class Scores(Scored):
    """What the answers to a plan's probes came to.

    Attributes:
        records: one for each answer, sorted by id.
        missing: by probe id, why there is no answer.
    """

    plan: IdentityPlan
    records: tuple[Record, ...]
    missing: Mapping[str, str]

    def share(self, name: ScoreName) -> Share:
        """Return a score's share."""
        return identity_scores(self.records).overall[name]

    def missing_text(self) -> str:
        """Return how many answers are missing, and why the first is; empty when none is."""
        if not self.missing:
            return ""
        probe, why = next(iter(self.missing.items()))
        return f"{len(self.missing)} of {len(self.plan.probes)} answers are missing; {probe}: {why}"

    def population(self, gate: Gate) -> Population:
        """Return every probe, with what is recorded of it."""
        return self.plan.population({record.id: record for record in self.records})


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
        self._has_campaign = False
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
            UsageError: the section is wrong; the message says where.
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

    def campaign(self, campaign: Mapping[str, Any] | None = None, **section: Any) -> "Campaign":
        """Return a campaign, which draws as far as the gates on its scores need; a test has one at most.

        Args:
            campaign: `templates`, `frozen` and `queries`, as in a suite file.
            section: any other key of a suite file's `identity` but `models` and `gates`.

        Raises:
            UsageError: the section is wrong; the message says where.
        """
        __tracebackhide__ = True
        from pytest_distillcheck.assembly.campaign import plan_campaign
        from pytest_distillcheck.plugin.python_campaign import Campaign

        if self._has_campaign:
            raise UsageError("distill.campaign: a test has one campaign at most; write another test")
        self._has_campaign = True
        _refuse_keys_of_suites("distill.campaign", {**section, **dict.fromkeys(campaign or {})})
        suite = self._suite({**section, "campaign": dict(campaign or {})}, shown=self._item.nodeid)
        (plan,) = plan_campaign(suite, [self._chosen], seed=self._seed)
        return Campaign(self._item, plan, self._client, self._judge)

    def gate(self, score: Score, **limit: float) -> Decision:
        """Decide a limit on a score, as a gate of a suite file does, and return the decision if it is PASS.

        A score of a campaign is drawn for until its gate is certain. It decides at once, so that it is a family of its
        own: Holm's correction over gates is for suite files.

        Args:
            score: one of those of `identity` or `campaign`.
            limit: `max`, `min` and `confidence`, and for a campaign `accept` and `reject`, as in a suite file.

        Raises:
            Finding: FAIL.
            Inconclusive: not enough evidence.
            Infrastructure: answers are missing that could change the decision.
        """
        __tracebackhide__ = True
        plan = score.scores.plan
        prefix = "campaign-" if plan.kind == "campaign" else ""
        gate = Gate(
            id=f"{plan.suite.path}::gate-{prefix}{score.name}-{plan.model.id}",
            suite=plan.suite.path,
            model=plan.model.name,
            score=score.name,
            limit=self._limit(score.name, limit, kind=plan.kind),
            kind=plan.kind,
        )
        (decision,) = decide([(gate, score.scores.population(gate))])
        self._item.stash.setdefault(DECISIONS, []).append(decision.to_builtins())
        if decision.outcome == "INCOMPLETE":
            decision = replace(decision, reason=f"{decision.reason}\n{scrub(score.scores.missing_text())}")
        raise_decision(decision)
        return decision

    def _plan(self, section: Mapping[str, Any]) -> IdentityPlan:
        __tracebackhide__ = True
        _refuse_keys_of_suites("distill.identity", section)
        self._calls += 1
        name = self._item.nodeid if self._calls == 1 else f"{self._item.nodeid}#{self._calls}"
        (plan,) = plan_identity(
            self._suite(section, shown=name), [self._chosen], judge=self._judge, seed=self._seed
        )
        return plan

    def _limit(self, score: ScoreName, limit: Mapping[str, float], *, kind: RecordKind) -> Limit:
        """Return a limit as the suite reader checks it."""
        __tracebackhide__ = True
        gates = {"gates": {score: dict(limit)}}
        section: dict[str, Any] = {"campaign": gates} if kind == "campaign" else gates
        identity = self._suite(section, shown=f"{self._item.nodeid}: distill.gate").identity
        assert identity
        limits = identity.campaign.gates if identity.campaign else identity.gates
        assert limits
        return limits[score]

    def _suite(self, section: Mapping[str, Any], *, shown: str) -> Suite:
        __tracebackhide__ = True
        try:
            return suite_of({"identity": dict(section)}, path=self._item.path, shown=shown)
        except SuiteError as error:
            # Without the reader's frames: the fault is in the test.
            raise UsageError(scrub(str(error))) from None


_OF_SUITES = {
    "models": "mark the test with @pytest.mark.distill(models=[...])",
    "gates": "gate the scores by distill.gate",
    "campaign": "call distill.campaign",
    "search": "leave it out",
    "snapshot": "compare by the fixture distill_snapshot",
}


def _refuse_keys_of_suites(call: str, section: Mapping[str, Any]) -> None:
    __tracebackhide__ = True
    for key, instead in _OF_SUITES.items():
        if key in section:
            raise UsageError(f"{call}: {key!r} is for suite files; {instead}")
