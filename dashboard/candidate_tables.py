"""Who could have a unit, and who could not and why: two tables, with what is not shown counted."""

from __future__ import annotations

from collections.abc import Mapping

from beds.domain.terms import Priority
from beds.services.answers import UnitCandidatesJson
from beds.wording import OUTCOMES
from dashboard.components import Column, plain_table, say
from dashboard.language import counted, t
from dashboard.place_words import day_of, not_ideal, priorities, why_not


def show_able(answer: UnitCandidatesJson) -> None:
    """Show who could have a unit, first in line first."""
    if answer["candidates"]:
        _able_table(answer)
    _say_hidden(answer["candidates_not_shown"], len(answer["candidates"]), answer["candidates_in_all"])


def _able_table(answer: UnitCandidatesJson) -> None:
    plain_table(
        t("Could have it, first in line first"),
        [
            Column(t("Household")),
            Column(t("Priority"), priority=True),
            Column(t("Days waited"), number=True),
            Column(t("Until"), short=True),
            Column(t("Points"), number=True),
            Column(t("What is not ideal")),
        ],
        [
            (
                row["referral_id"],
                row["priority"],
                f"{row['days_waited']:,}",
                day_of(row["expected_end_on"]),
                f"{row['points']:,}",
                ", ".join(not_ideal(row["mismatch"])) or t("nothing: ideal"),
            )
            for row in answer["candidates"]
        ],
    )


def show_others(answer: UnitCandidatesJson) -> None:
    """Show who could not have a unit, and why."""
    if answer["others"]:
        _others_table(answer)
    _say_hidden(answer["others_not_shown"], len(answer["others"]), answer["others_in_all"])


def _others_table(answer: UnitCandidatesJson) -> None:
    plain_table(
        t("Could not, first in line first"),
        [
            Column(t("Household")),
            Column(t("Priority"), priority=True),
            Column(t("Days waited"), number=True),
            Column(t("Why not")),
        ],
        [
            (
                row["referral_id"],
                row["priority"],
                f"{row['days_waited']:,}",
                t(OUTCOMES[row["outcome"]]) if row["outcome"] else why_not(row["rules"]),
            )
            for row in answer["others"]
        ],
    )


def _say_hidden(not_seen: Mapping[str, int], shown: int, in_all: int) -> None:
    """Say how many more there are, and of them how many are cases that may not be seen."""
    if in_all > shown:
        say(counted(in_all - shown, "And {n} more.", "And {n} more."))
    if not_seen:
        hidden = {Priority(priority): count for priority, count in not_seen.items()}
        say(t("Among them cases that you may not see: {who}.", who=priorities(hidden)))
