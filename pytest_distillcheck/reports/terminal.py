"""The section that a run adds to pytest's terminal summary."""

from collections.abc import Iterator

from pytest_distillcheck.domain.campaigns import CampaignScores
from pytest_distillcheck.domain.gates import Decision
from pytest_distillcheck.domain.progress import Progress
from pytest_distillcheck.domain.records import Record
from pytest_distillcheck.domain.scores import IdentityScores
from pytest_distillcheck.domain.scrubbing import one_line, scrub
from pytest_distillcheck.domain.similarities import SimilarityScores
from pytest_distillcheck.domain.summaries import RunSummary, SectionResult
from pytest_distillcheck.reports.answering import answered_as
from pytest_distillcheck.reports.campaign import campaign_lines
from pytest_distillcheck.reports.lines import Colour, Line, needless_lines, share_text
from pytest_distillcheck.reports.quantities import cost_text
from pytest_distillcheck.reports.similarity import nearest_line, similarity_lines

WORST = 3
QUOTE_WIDTH = 160

_DECISION_COLOURS: dict[str, Colour] = {
    "PASS": "green",
    "FAIL": "red",
    "INCONCLUSIVE": "yellow",
    "INCOMPLETE": "red",
}


def terminal_lines(summary: RunSummary) -> list[Line]:
    """Return the section: scores with intervals, gates, and the three worst findings with quotes."""
    lines = [line for result in summary.results for line in _result_lines(result)]
    lines += [nearest_line(found) for found in summary.nearest]
    lines += [_gate_line(decision) for decision in summary.decisions]
    lines += [Line(f"not decided: {gate} ({why})", "yellow") for gate, why in summary.undecided.items()]
    if summary.frozen:
        told = "commit it beside the suite and name it there as `frozen`, to measure every model on what was found"
        lines.append(Line(f"found templates: {summary.frozen}; {told}"))
    if summary.traffic:
        lines.append(Line(traffic_text(summary.traffic)))
    records = [record for result in summary.results for record in result.records]
    lines += _finding_lines(records)
    return [Line(scrub(line.text), line.colour) for line in lines]


def traffic_text(traffic: Progress) -> str:
    """Return in one line what was sent and spent."""
    text = f"requests: {traffic.sent} sent, {traffic.from_store} answers from the store, {traffic.retried} retried"
    if traffic.rate_limited:
        text += f", {traffic.rate_limited} told to wait"
    if traffic.maybe_billed:
        text += f", {traffic.maybe_billed} possibly billed without an answer"
    if traffic.failed:
        text += f", {traffic.failed} without an answer"
    cost = cost_text(traffic.cost_usd, traffic.unpriced)
    return f"{text}; {traffic.prompt_tokens} + {traffic.completion_tokens} tokens, {cost}"


def _result_lines(result: SectionResult) -> Iterator[Line]:
    if isinstance(result.scores, SimilarityScores):
        yield from similarity_lines(result, result.scores)
    elif isinstance(result.scores, CampaignScores):
        yield from campaign_lines(result, result.scores)
    else:
        yield from _identity_lines(result, result.scores)
    if strings := answered_as(result.records, asked=result.asked):
        yield Line(f"  answered as {strings}", "yellow")


def _identity_lines(result: SectionResult, scores: IdentityScores) -> Iterator[Line]:
    answered = len(result.records)
    yield Line(f"{result.suite}: {result.model}, {answered} of {result.planned} probes answered", "bold")
    if not answered:
        return
    for name, share in scores.overall.items():
        yield Line(f"  {name:<9}{share_text(share)}")
    if scores.by_maker:
        claimed = sorted(scores.by_maker.items(), key=lambda item: (-item[1].count, item[0]))
        yield Line("  claimed  " + ", ".join(f"{maker} {share.count}" for maker, share in claimed))
    yield from needless_lines(result.needless)


def _gate_line(decision: Decision) -> Line:
    return Line(
        f"{decision.outcome:<12} {decision.gate.name}: {decision.reason}", _DECISION_COLOURS[decision.outcome]
    )


def _finding_lines(records: list[Record]) -> Iterator[Line]:
    findings = sorted((r for r in records if r.label == "contradiction"), key=_badness)
    if not findings:
        return
    shown = min(WORST, len(findings))
    yield Line(f"worst findings ({shown} of {len(findings)}):", "bold")
    for record in findings[:WORST]:
        waived = " (waived)" if record.waived else ""
        yield Line(f"  {record.id}{waived}", "red")
        quote = one_line(record.quotes[0] if record.quotes else record.response, QUOTE_WIDTH)
        yield Line(f"    claims {', '.join(record.makers)}: “{quote}”")


def _badness(record: Record) -> tuple[bool, bool, bool, bool, str]:
    """Sort the worst first: a named rival, unprompted, in a plain question, without the truth beside it."""
    return record.waived, not record.rival, record.names_rival, record.context != "plain", record.id
