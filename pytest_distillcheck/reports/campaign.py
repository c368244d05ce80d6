"""What the terminal says of a campaign, in one compact block."""

from collections.abc import Iterator, Mapping

from pytest_distillcheck.domain.campaigns import CampaignNote, CampaignScores, SearchNote
from pytest_distillcheck.domain.summaries import SectionResult
from pytest_distillcheck.reports.lines import Line, needless_lines, share_text

_STOPPED: Mapping[str, str] = {
    "certain": "more would change no gate",
    "queries": "all of them",
    "outage": "no more answers came",
}
_SEARCH_ENDED: Mapping[str, str] = {
    "queries": "its queries are spent",
    "iterations": "its iterations are over",
    "hits": "it has enough hits",
    "rejects": "it has enough rejects",
    "outage": "INCOMPLETE: nothing answered any more",
    "stalled": "INCOMPLETE: no mutant was fit to be asked any more",
}


def campaign_lines(result: SectionResult, scores: CampaignScores) -> Iterator[Line]:
    """Yield the block: how it was measured, its scores, and what the search found."""
    note = result.note
    yield Line(f"{result.suite}: {result.model}, campaign: {_drawn(result, note)}", "bold")
    if scores.identity.overall["unjudged"].n:
        yield from _score_lines(scores)
    if note and note.search:
        yield from _search_lines(note.search)
    if note and note.paper:
        told = (
            f"{name} {note.paper[name]['count']}/{note.paper[name]['n']}"
            for name in ("loose", "strict", "hard")
        )
        yield Line(f"  as the paper counts: {', '.join(told)}")
    yield from needless_lines(result.needless)


def _drawn(result: SectionResult, note: CampaignNote | None) -> str:
    if note is None:
        return f"none of at most {result.planned} draws"
    measured = note.measurement
    source = f"frozen templates {measured.frozen[:12]}" if measured.frozen else "templates"
    missing = f", {measured.missing} of them without an answer" if measured.missing else ""
    return (
        f"{measured.drawn} of at most {measured.most} draws{missing} ({_STOPPED[measured.stopped]})"
        f" from {measured.templates} {source} x {measured.questions} questions"
    )


def _score_lines(scores: CampaignScores) -> Iterator[Line]:
    for name, share in scores.identity.overall.items():
        effect = scores.design_effects.get(name)
        worth = f", design effect {effect:.1f}" if effect else ""
        yield Line(f"  {name:<9}{share_text(share)}{worth}")
    if lift := scores.lift:
        yield Line(
            f"  strict with a rival named {scores.strict_named.value:.3f}, without {scores.strict_neutral.value:.3f}:"
            f" lift {lift.value:+.3f} [{lift.low:+.3f}, {lift.high:+.3f}]"
        )
    if scores.detectable is not None:
        yield Line(f"  two runs like this one tell an increase of strict by {scores.detectable:.3f} apart")
    if claimed := scores.identity.by_maker:
        ranked = sorted(claimed.items(), key=lambda item: (-item[1].count, item[0]))
        yield Line("  claimed  " + ", ".join(f"{maker} {share.count}" for maker, share in ranked))


def _search_lines(search: SearchNote) -> Iterator[Line]:
    refused = f", {sum(search.refused.values())} mutants refused" if search.refused else ""
    skipped = f", {len(search.skipped)} templates without a placeholder skipped" if search.skipped else ""
    yield Line(
        f"  search ({search.policy}, {search.mutator} mutator): {search.asked} probes{refused}{skipped};"
        f" ended: {_SEARCH_ENDED[search.stopped]}",
        "" if search.is_complete else "red",
    )
    yield Line(
        f"  it found {len(search.findings)} contradictions in {len(search.found)} templates:"
        " findings, and no score",
        "yellow" if search.findings else "",
    )
