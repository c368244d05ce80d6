"""The campaign of a test written in Python: it draws when a gate or a score wants it to."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import cast

import pytest

from pytest_distillcheck.assembly.campaign import CampaignPlan
from pytest_distillcheck.domain.campaigns import CampaignNote
from pytest_distillcheck.domain.gates import Gate
from pytest_distillcheck.domain.probes import Probe
from pytest_distillcheck.domain.records import Record
from pytest_distillcheck.domain.scores import ScoreName, Share
from pytest_distillcheck.gating import CampaignDraws, StopRule
from pytest_distillcheck.identity.scores import identity_scores
from pytest_distillcheck.plugin.campaign import looking, measurement_note, window_of
from pytest_distillcheck.plugin.cases import CampaignCase, Running
from pytest_distillcheck.plugin.evidence import keep_exchange
from pytest_distillcheck.plugin.outcomes import NOTE, RECORDS
from pytest_distillcheck.plugin.run import RUN
from pytest_distillcheck.plugin.scores import Scored
from pytest_distillcheck.ports import IdentityJudge, ModelClient
from pytest_distillcheck.running.campaigning import Answered, Measurement, asking, measure

_ANSWERS = pytest.StashKey[dict[str, Answered]]()
"""On a test: what its campaign was answered, by record. A rerun keeps it: asking again until the answers please is no
measurement."""


class Campaign(Scored):
    """A campaign of a test: every gate draws until it is certain, and goes on with what was drawn before it.

    Args:
        item: the test.
        plan: without gates, which are the test's business.
        model: what is asked.
        judge: what judges.
    """

    def __init__(
        self, item: pytest.Item, plan: CampaignPlan, model: ModelClient, judge: IdentityJudge
    ) -> None:
        self.plan = plan
        self._item = item
        self._look: Callable[..., Answered] = looking(Running(CampaignCase(plan), item), model, judge)
        self._window = window_of(item.config.stash[RUN], model)
        self._answers = item.stash.setdefault(_ANSWERS, {})
        self._furthest: Measurement | None = None

    @property
    def records(self) -> Sequence[Record]:
        """One for each answer so far."""
        return [answered.record for answered in self._answers.values()]

    def share(self, name: ScoreName) -> Share:
        """Return a score of what was drawn; when no gate has drawn yet, of all `queries`."""
        if self._furthest is None:
            self._draw(self.plan)
        return identity_scores(self.records).overall[name]

    def missing_text(self) -> str:
        """Return how many draws have no answer, and why the last one has none; empty when all have one."""
        last = self._furthest
        if last is None or not last.missing:
            return ""
        return f"{last.missing} of {last.drawn} draws have no answer; the last: {last.fault}"

    def population(self, gate: Gate) -> CampaignDraws:
        """Return the draws, after drawing until the gate is certain."""
        gates = {cast("ScoreName", gate.score): gate.limit}  # a campaign has no other scores
        gated = replace(self.plan, campaign=replace(self.plan.campaign, gates=gates))
        self._draw(gated)
        return gated.population({record.id: record for record in self.records})

    def _draw(self, plan: CampaignPlan) -> None:
        """Draw until the plan's gates are certain; without any, draw all."""
        stop = StopRule(plan.gates(), plan.most_draws, family=1)
        with asking(self._window) as executor:
            measured = measure(plan.draws(), self._looked_at, stop, executor=executor, window=self._window)
        new = {a.record.id: a for a in measured.answers if a.record.id not in self._answers}
        for answered in new.values():
            keep_exchange(self._item, answered.request, answered.response, model=plan.model)
        self._answers |= new
        self._item.stash.setdefault(RECORDS, []).extend(answered.record for answered in new.values())
        if self._furthest and self._furthest.drawn > measured.drawn:
            measured = self._furthest
        self._furthest = replace(measured, answers=tuple(self._answers.values()))
        note = CampaignNote(measurement=measurement_note(plan, self._furthest))
        self._item.stash[NOTE] = note.to_builtins()

    def _looked_at(self, probe: Probe) -> Answered:
        return self._answers.get(self.plan.record_id(probe)) or self._look(probe)
