"""Words of the page Today: what is to be decided, how long somebody waits, what units are for."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from beds.services.next_decisions import Decision, DecisionKind
from beds.services.outlook import UnitNeed
from dashboard.language import counted, day, t

HOURS_A_DAY: Final = 24
HOURS_SHOWN_AS_HOURS: Final = 48
MINUTES_AN_HOUR: Final = 60
MOST_REFS: Final = 6

NEEDS: Final = {
    UnitNeed.ANY: "Any unit",
    UnitNeed.OWN_DOOR: "Own door, one household",
    UnitNeed.SHARED: "Shared",
    UnitNeed.CHILDREN: "Takes children",
    UnitNeed.STEP_FREE: "Step-free",
    UnitNeed.HIGH_SECURITY: "High security (level 3)",
    UnitNeed.WOMEN_ONLY: "Women only",
    UnitNeed.MEN: "Admits men",
}
SENTENCES: Final = {
    DecisionKind.NO_PLACE_TONIGHT: (
        "{n} household cannot wait and has no place held",
        "{n} households cannot wait and have no place held",
    ),
    DecisionKind.HOLD_RUNS_OUT: ("{n} hold runs out soon", "{n} holds run out soon"),
    DecisionKind.TO_TRIAGE: (
        "{n} referral has not been looked at yet",
        "{n} referrals have not been looked at yet",
    ),
    DecisionKind.NOT_YET_ASKED: (
        "{n} household cannot be placed until something is asked or settled",
        "{n} households cannot be placed until something is asked or settled",
    ),
    DecisionKind.PROPOSALS: (
        "{n} proposal of the last round waits for a yes or no",
        "{n} proposals of the last round wait for a yes or no",
    ),
    DecisionKind.ARRIVAL_DUE: (
        "{n} household should have arrived: did they come?",
        "{n} households should have arrived: did they come?",
    ),
    DecisionKind.STAY_OVERDUE: (
        "{n} stay is past its expected end: extend it or record who left",
        "{n} stays are past their expected end: extend them or record who left",
    ),
    DecisionKind.CLOCK_ENDS: (
        "{n} recovery or move-on period ends within 7 days, or has just ended",
        "{n} recovery or move-on periods end within 7 days, or have just ended",
    ),
    DecisionKind.TO_CONFIRM: (
        "{n} house has not confirmed lately what is vacant",
        "{n} houses have not confirmed lately what is vacant",
    ),
}
PAGE_OF: Final = {
    DecisionKind.NO_PLACE_TONIGHT: ("find_a_place", "Find a place"),
    DecisionKind.HOLD_RUNS_OUT: ("find_a_place", "Find a place"),
    DecisionKind.NOT_YET_ASKED: ("find_a_place", "Find a place"),
    DecisionKind.PROPOSALS: ("round", "Round"),
    DecisionKind.ARRIVAL_DUE: ("beds", "Beds"),
    DecisionKind.STAY_OVERDUE: ("beds", "Beds"),
}
"""Where each is decided; a decision that is not here is made where it stands."""


def decision_sentence(decision: Decision) -> str:
    """Return what is to be decided, in a sentence without its full stop."""
    return counted(len(decision.refs), *SENTENCES[decision.kind])


def first_refs(refs: tuple[str, ...]) -> str:
    """Return the first references, and how many more there are."""
    shown, more = ", ".join(refs[:MOST_REFS]), len(refs) - MOST_REFS
    return t("{refs} and {n} more", refs=shown, n=more) if more > 0 else shown


def waited(hours: int) -> str:
    """Return how long somebody has waited: hours at first, then days."""
    if hours < HOURS_SHOWN_AS_HOURS:
        return counted(hours, "{n} hour", "{n} hours")
    return counted(hours // HOURS_A_DAY, "{n} day", "{n} days")


def time_left(minutes: int) -> str:
    """Return how much time is left, in hours and minutes."""
    if minutes < MINUTES_AN_HOUR:
        return counted(minutes, "{n} minute", "{n} minutes")
    return t("{hours} h {minutes} min", hours=minutes // MINUTES_AN_HOUR, minutes=minutes % MINUTES_AN_HOUR)


def ends_in(ends_on: date, today: date) -> str:
    """Return when a period ends, and in how many days."""
    days = (ends_on - today).days
    if days < 0:
        return t("ended {day}", day=day(ends_on))
    if days == 0:
        return t("ends today")
    return t("ends {day}, in {days}", day=day(ends_on), days=counted(days, "{n} day", "{n} days"))


def confirmed(at: datetime | None, now: datetime) -> str:
    """Return how long ago what is vacant was confirmed."""
    if at is None:
        return t("never")
    hours = int((now - at).total_seconds() // 3600)
    return t("{time} ago", time=waited(hours)) if hours else t("within the hour")
