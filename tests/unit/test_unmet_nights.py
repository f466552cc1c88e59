"""What stood in the way of those who wait, in numbers that may be seen by who sees no case."""

from __future__ import annotations

from beds.services.unmet_nights import ALL_TAKEN, TO_SETTLE, lines_of
from beds.suppression import Rule
from optimiser.result import UnplacedJson


def an_unplaced(ref: str, outcome: str = "no_eligible_unit", *rules: str) -> UnplacedJson:
    """Return a household that was not placed, each of the rules a barrier by itself."""
    return {
        "referral_id": ref,
        "outcome": outcome,
        "free_on": None,
        "outranked_by": {},
        "barriers": [{"rules": [rule], "units": 1, "askable": False} for rule in rules],
    }


def test_nights_waited_are_counted_at_each_rule_that_stands_in_the_way() -> None:
    unplaced = [an_unplaced(f"R{n}", "no_eligible_unit", "security", "step_free") for n in range(6)]
    unplaced += [an_unplaced(f"T{n}", "no_free_unit", "security") for n in range(10)]
    waited = dict.fromkeys([row["referral_id"] for row in unplaced], 10)

    lines = {line.code: line for line in lines_of(unplaced, waited, Rule())}

    assert lines.keys() == {"security", "step_free", ALL_TAKEN}
    assert (lines["security"].households, lines["security"].nights) == (5, 60)
    assert (lines[ALL_TAKEN].households, lines[ALL_TAKEN].nights) == (10, 100)


def test_fewer_than_five_households_hide_their_nights_too() -> None:
    unplaced = [an_unplaced(f"R{n}", "age_unresolved") for n in range(4)]

    (line,) = lines_of(unplaced, {f"R{n}": 100 for n in range(4)}, Rule())

    assert (line.code, line.households, line.nights) == (TO_SETTLE, None, None)
