"""The words for answers, shared by the terminal and the dashboard: labels, and phrases made from an answer.

Only words: no layout, no colour, and nothing personal; an answer names opaque references only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from beds.domain.clock import LONDON
from beds.domain.eligibility import RULES

if TYPE_CHECKING:
    from optimiser.result import BarrierJson, RoundJson, UnplacedJson

LABELS: Final = {rule.code: rule.label for rule in RULES}
LEVELS: Final = {
    "emergency": "emergency households placed",
    "urgent": "urgent households placed",
    "standard": "standard households placed",
    "days_waited": "days they have waited",
    "mismatch": "mismatch points (fewer is better)",
}
LEVEL_DEFINITIONS: Final = {
    "emergency": "No shelter tonight, at risk of detention, or referred as an emergency.",
    "urgent": "Referred as urgent. Never at the cost of an emergency.",
    "standard": "All the others who are waiting.",
    "days_waited": "Whole days since referral, added up over everybody who is placed.",
    "mismatch": "What is not ideal in the places proposed, in points. It never outweighs a level above.",
}
"""The objective's levels (`allocation.md` §4), each in a sentence."""
OUTCOMES: Final = {
    "information_missing": "an age is not yet asked",
    "unaccompanied_child": "a child alone: the local authority's duty",
    "age_unresolved": "an adult's age is disputed",
    "together_unconfirmed": "not yet confirmed, asked alone, that they come together",
    "no_eligible_unit": "no unit anywhere meets every need",
    "no_free_unit": "units that would do are all taken",
    "outranked": "free units went to others first in line",
    "not_proven": "not placed; the round was cut short",
}
TO_TALK_OVER: Final = {
    "nation": "crossing the border",
    "services": "a place without a service asked for",
    "language": "staff who do not speak their language",
    "house_mix": "sharing",
    "declined": "a site they declined",
}
NEED_BEHIND: Final = {"nation": "cross_border", "house_mix": "accepts_sharing"}
"""The need whose answer decides a rule that may be talked over, where it may be not yet asked."""
NEEDS_BEHIND: Final = {
    "nation": ("cross_border",),
    "security": ("min_security_level",),
    "step_free": ("needs_step_free",),
    "language": ("languages",),
    "house_mix": ("accepts_sharing", "risk_to_others"),
}
"""The needs that decide a rule and are read with caution until they are asked."""
MISMATCHES: Final = {
    "interim": "a shorter stay",
    "language": "no shared language",
    "region": "not a preferred region",
    "security": "more security than needed",
    "step_free": "step-free not needed",
    "services": "services not needed",
    "beds": "beds left empty",
}
READ_AS: Final = {
    "min_security_level": "how secure the place must be: read as enhanced (level 2)",
    "needs_step_free": "whether a step-free place is needed: read as needed",
    "accepts_sharing": "whether sharing is agreed: read as not agreed",
    "cross_border": "whether crossing the border is agreed: read as not agreed",
    "risk_to_others": "risk to others: not known to be low, so no shared unit",
    "age": "an age: nobody is placed until it is known",
    "together_confirmed": "each adult, asked alone, whether they come together: read as not agreed",
    "languages": "which languages the lead speaks: no shared language is known",
}
"""Each need that was not yet asked, and how it is read until then (`allocation.md` §1)."""


def day(iso: str | None) -> str:
    """Return a date as people write it; empty where there is none."""
    return f"{date.fromisoformat(iso):%-d %b %Y}" if iso else ""


def moment(iso: str) -> str:
    """Return an instant as a date and time in London."""
    return f"{datetime.fromisoformat(iso).astimezone(LONDON):%-d %b %Y, %H:%M} London"


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, such as `1 unit` and `2 units`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def sentence_case(text: str) -> str:
    """Return the text with a capital first letter."""
    return text[:1].upper() + text[1:]


def short_beds(unit: str, beds: Sequence[str]) -> str:
    """Return the beds without the unit's own reference where they repeat it."""
    return " ".join(bed.removeprefix(f"{unit}-") for bed in beds)


def mismatch(points: Mapping[str, int]) -> str:
    """Return what is not ideal in a place, with its points."""
    return ", ".join(f"{MISMATCHES[kind]} {value}" for kind, value in points.items()) or "ideal"


def barrier(found: BarrierJson) -> str:
    """Return a barrier in a few words, for a cell of a table."""
    units = f"{counted(found['units'], 'unit')} with room"
    if found["askable"]:
        return f"to talk over: {_asked(found)} ({units})"
    return f"in the way: {', '.join(LABELS[rule] for rule in found['rules'])} ({units})"


def first_ask(found: BarrierJson, not_yet_asked: Sequence[str]) -> str:
    """Return which needs behind a barrier were never asked: the answer may take it away; empty if none."""
    needs = [need for rule in found["rules"] for need in NEEDS_BEHIND.get(rule, ()) if need in not_yet_asked]
    return f"; first ask: {', '.join(READ_AS[need] for need in needs)}" if needs else ""


def barrier_sentence(found: BarrierJson) -> str:
    """Return a barrier as a sentence: what opens up if they agree, or what the estate lacks."""
    if found["askable"]:
        opens = "opens" if found["units"] == 1 else "open"
        return f"{counted(found['units'], 'unit')} {opens} up if they agree to {_asked(found)}."
    rules = " and ".join(LABELS[rule] for rule in found["rules"])
    is_or_are = "has room but is" if found["units"] == 1 else "have room but are"
    return f"{counted(found['units'], 'unit')} {is_or_are} ruled out by {rules}."


def next_step(row: UnplacedJson) -> str:
    """Return who is ahead of an unplaced household, or what is to be done about it; empty if neither."""
    if row["outranked_by"]:
        ahead = ", ".join(f"{count} {tier}" for tier, count in row["outranked_by"].items())
        return f"ahead in its units: {ahead}"
    steps = {
        "information_missing": "ask the age",
        "unaccompanied_child": "call the local authority's children's services",
        "age_unresolved": "settle the age; until then treated as a child",
        "together_unconfirmed": "ask each adult alone",
    }
    return steps.get(row["outcome"], "")


def proof(result: RoundJson) -> str:
    """Return what is proven of a round: that none is better, or how far from the best it may be."""
    if result["status"] == "optimal":
        return "Optimal: proven at all five levels."
    for proven, level in enumerate(LEVELS):
        bound = result["bound"][level]
        if bound is None:
            return f"Not proven beyond level {proven} of five: the time was up."
        gap = abs(bound - result["objective"][level])
        if gap:
            return (
                f"Not proven, the time was up: within {gap:,} of the best possible at level {proven + 1} "
                f"of five ({LEVELS[level]}), and not known beyond it."
            )
    return "Not proven: the time was up."


def _asked(found: BarrierJson) -> str:
    return " and ".join(TO_TALK_OVER[rule] for rule in found["rules"])
