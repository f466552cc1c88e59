"""The words for rounds: what is proven, what became of a proposal, how an answer has changed. No layout."""

from __future__ import annotations

from typing import Final

from beds.services.kept_rounds import RoundLine
from beds.services.round_changes import Answer, Change
from beds.services.round_pictures import NotPlaced, Proposed, RoundPicture
from beds.services.solving import Run, RunState
from beds.wording import LEVELS, OUTCOMES, sentence_case
from dashboard.language import counted, moment, t
from dashboard.place_words import barrier_words
from dashboard.refusals import sentence

MOST_BARRIERS: Final = 3
CHANGES: Final = {
    Change.NEW: "new in the line",
    Change.GONE: "not in the line any more",
    Change.MOVED: "another unit",
    Change.NOW_PLACED: "placed now",
    Change.NO_LONGER_PLACED: "not placed any more",
    Change.OTHER_REASON: "another reason",
}
STATES: Final = {
    "proposed": "open",
    "accepted": "accepted",
    "set_aside": "set aside",
    "stale": "a newer round has answered",
}
SET_ASIDE_REASONS: Final = {
    "she_is_not_ready": "She is not ready",
    "something_has_changed": "Something has changed",
    "another_place_is_better": "Another place is better",
    "to_be_talked_over": "To be talked over first",
}
NEXT_STEPS: Final = {
    "information_missing": "Ask the age.",
    "unaccompanied_child": "Call the local authority’s children’s services.",
    "age_unresolved": "Settle the age; until then treated as a child.",
    "together_unconfirmed": "Ask each adult alone.",
}
PLACED: Final = "placed"


def proof(picture: RoundPicture) -> str:
    """Return what is proven: that no round is better, or how far from the best it may be."""
    kept = sum(one.kept for one in picture.proposed)
    if picture.line.status == "optimal":
        if kept:
            return counted(
                kept,
                "Optimal around {n} choice that was kept: proven at all five levels.",
                "Optimal around {n} choices that were kept: proven at all five levels.",
            )
        return t("Optimal: proven at all five levels.")
    for place, level in enumerate(LEVELS, start=1):
        bound = picture.bound[level]
        if bound is None:
            return t("Not proven beyond level {n} of five: the time was up.", n=place - 1)
        gap = abs(bound - picture.line.objective[level])
        if gap:
            return t(
                "Not proven, the time was up: within {gap} of the best possible at level {n}, {level}.",
                gap=f"{gap:,}",
                n=place,
                level=t(LEVELS[level]),
            )
    return t("Not proven: the time was up.")


def name_of_round(line: RoundLine) -> str:
    """Return a round in a list to choose from."""
    proven = t("optimal") if line.status == "optimal" else t("not proven")
    proposals = counted(line.proposals, "{n} proposal", "{n} proposals")
    return " · ".join([moment(line.as_at), proven, proposals])


def state_of(one: Proposed) -> str:
    """Return what became of a proposal."""
    state = t(STATES[one.proposal.state])
    return t("{state}, kept by choice", state=state) if one.kept else state


def what_would_help(one: NotPlaced) -> str:
    """Return who is ahead of a household, or what would help or stands in the way."""
    row = one.row
    if row["outranked_by"]:
        return t("Ahead in its units: {who}.", who=_ahead(row["outranked_by"]))
    barriers = [barrier_words(barrier, one.nation) for barrier in row["barriers"][:MOST_BARRIERS]]
    if barriers:
        return " ".join(barriers)
    return t(NEXT_STEPS[row["outcome"]]) if row["outcome"] in NEXT_STEPS else ""


def answer_words(answer: Answer | None) -> str:
    """Return what a round says of a household."""
    if answer is None:
        return t("did not take part")
    return answer.unit_id if answer.unit_id is not None else t(OUTCOMES[answer.outcome])


def outcome_words(outcome: str) -> str:
    """Return how households end in a round."""
    return t(PLACED) if outcome == PLACED else t(OUTCOMES[outcome])


def progress_words(step: str) -> str:
    """Return what is being done, as a sentence."""
    return f"{sentence_case(t(step))}…"


def run_words(run: Run) -> str:
    """Return what came of a run."""
    if run.state is RunState.KEPT and run.line is not None:
        proposed = counted(run.line.proposals, "{n} proposal", "{n} proposals")
        return t(
            "The round is done, after {s} seconds: {proposals}.", s=f"{run.seconds:.0f}", proposals=proposed
        )
    return t("The round was not run.") if run.refusal is None else sentence(run.refusal)


def _ahead(counts: dict[str, int]) -> str:
    return ", ".join(t("{n} {priority}", n=count, priority=t(tier)) for tier, count in counts.items())
