"""Nights that households have waited without a place, by what stood in the way in the latest round.

For those who see no case: counts of households under 5 are hidden, the rest is rounded. A household counts at
every rule that stands in its way, so that the lines do not add up; they are the estate's gaps, never a list
of what somebody should be talked out of.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from beds.domain.eligibility import RULES
from beds.domain.terms import Outcome
from beds.roles import Actor, Permission, require
from beds.suppression import Rule, protect

if TYPE_CHECKING:
    from sqlmodel import Session

    from optimiser.result import RoundJson, UnplacedJson

ALL_TAKEN: Final = "all_taken"
TO_SETTLE: Final = "to_settle"
OTHER_LABELS: Final = {
    ALL_TAKEN: "places that would do, all of them taken or given to somebody more urgent",
    TO_SETTLE: "something that must be asked or settled first",
}
_TAKEN: Final = (Outcome.NO_FREE_UNIT, Outcome.OUTRANKED, Outcome.NOT_PROVEN)


@dataclass(frozen=True, slots=True)
class UnmetLine:
    """What stood in the way; `households` and `nights` (waited so far) are None where they are hidden."""

    code: str
    label: str
    households: int | None
    nights: int | None


@dataclass(frozen=True, slots=True)
class Unmet:
    """What stood in the way of those whom the round of `as_at` did not place, the most nights first."""

    as_at: datetime
    lines: tuple[UnmetLine, ...]


def unmet_nights(session: Session, actor: Actor, *, rule: Rule | None = None) -> Unmet | None:
    """Return what stood in the way in the latest round; None where there was no round yet.

    Raises
    ------
    NotPermitted
        The actor may not see scenarios.
    """
    from beds.store.rounds import latest_round_id, load_round
    from optimiser.problem import Problem

    require(actor, Permission.SEE_SCENARIOS)
    run_id = latest_round_id(session)
    if run_id is None:
        return None
    stored = load_round(session, run_id)
    result: RoundJson = json.loads(stored.result_json)
    waited = {request.ref: request.days_waited for request in Problem.from_json(stored.problem_json).requests}
    return Unmet(
        datetime.fromisoformat(result["as_at"]), lines_of(result["unplaced"], waited, rule or Rule())
    )


def lines_of(unplaced: list[UnplacedJson], waited: dict[str, int], rule: Rule) -> tuple[UnmetLine, ...]:
    """Return a line for each thing that stood in somebody's way, protected."""
    nights: dict[str, list[int]] = defaultdict(list)
    for row in unplaced:
        for code in _in_the_way(row):
            nights[code].append(waited[row["referral_id"]])
    labels = {one.code: one.label for one in RULES} | OTHER_LABELS
    ordered = sorted(nights, key=lambda code: (-sum(nights[code]), code))
    households = protect([len(nights[code]) for code in ordered], [], rule)
    waits = protect([sum(nights[code]) for code in ordered], [], rule)
    return tuple(
        UnmetLine(code, labels[code], count, None if count is None else wait)
        for code, count, wait in zip(ordered, households, waits, strict=True)
    )


def _in_the_way(row: UnplacedJson) -> Iterator[str]:
    outcome = Outcome(row["outcome"])
    if outcome in _TAKEN:
        yield ALL_TAKEN
    elif outcome is not Outcome.NO_ELIGIBLE_UNIT:
        yield TO_SETTLE
    else:
        # Nothing in the estate would do: the smallest sets of rules say which gaps those are.
        yield from sorted({rule for barrier in row["barriers"] for rule in barrier["rules"]})
