"""One household's options: best first, then why not elsewhere and what would help."""

from collections.abc import Mapping

import streamlit as st

from beds.domain.terms import OPEN_STATUSES, UnitRef
from beds.roles import Permission
from beds.services.answers import household_options
from beds.services.cases import ReferralLine, list_referrals
from beds.services.choosing import UnitOfEstate, units_seen
from beds.services.options import OptionsJson
from beds.services.pages import MOST_ROWS
from beds.wording import (
    NEED_BEHIND,
    OUTCOMES,
    READ_AS,
    barrier_sentence,
    counted,
    day,
    mismatch,
    sentence_case,
)
from dashboard.components import (
    SELECT_WIDTH,
    Column,
    call_out,
    empty_state,
    page_head,
    plain_table,
    say,
    source_caption,
    source_of_records,
)
from dashboard.language import t
from dashboard.phrases import kind_of, rules_in_words
from dashboard.session import turn, visitor

Units = Mapping[UnitRef, UnitOfEstate]


def show_page() -> None:
    """Let a household be chosen, and show where it could go."""
    visitor(Permission.SEE_CASES)
    page_head(
        t("Find a place"), t("Where one household could go tonight, best first, and why not elsewhere.")
    )
    with turn() as now:
        lines = list_referrals(
            now.session, now.actor, clock=now.clock, statuses=OPEN_STATUSES, limit=MOST_ROWS
        ).rows
    if not lines:
        empty_state(t("Nobody is waiting."), t("When a household is referred, it is found here."))
        return
    waiting = {line.referral_id: line for line in lines}
    chosen = st.selectbox(
        t("Household, by priority and then the longest wait"),
        list(waiting),
        format_func=lambda ref: _household_label(waiting[ref]),
        key="household",
        width=SELECT_WIDTH,
        filter_mode="contains",
    )
    with turn() as now:
        units = units_seen(now.session, now.actor, now.ground)
        answer = household_options(
            now.session, now.actor, now.ground, chosen, policy=now.policy, log=now.log, with_others=True
        )
    show_places(answer, units)


def show_places(answer: OptionsJson, units: Units) -> None:
    """Show a household's options, what to ask, what would help, and why not elsewhere."""
    if answer["outcome"]:
        st.subheader(f"Nowhere now: {OUTCOMES[answer['outcome']]}", anchor=False)
        if answer["free_on"]:
            say(f"Not before {day(answer['free_on'])}; that is no promise.")
    else:
        st.subheader(f"{counted(answer['options_in_all'], 'unit')} would do now", anchor=False)
    if answer["standing"]:
        say(f"It does not take part in a round now: {answer['standing']}.")
    if answer["not_yet_asked"]:
        call_out(
            "Not yet asked, and read with caution until then",
            [f"{sentence_case(READ_AS[need])}." for need in answer["not_yet_asked"]],
        )
    _show_barriers(answer)
    if answer["options"]:
        _show_options(answer, units)
    if answer["why_not"]:
        _show_why_not(answer)


def _show_options(answer: OptionsJson, units: Units) -> None:
    plain_table(
        "Could go now, best first",
        [
            Column("Unit"),
            Column("Where", short=True),
            Column("Kind"),
            Column("Until", short=True),
            Column("Points", number=True),
            Column("What is not ideal"),
        ],
        [
            (
                row["unit_id"],
                units[UnitRef(row["unit_id"])].region,
                kind_of(units[UnitRef(row["unit_id"])]),
                day(row["expected_end_on"]),
                str(row["points"]),
                mismatch(row["mismatch"]),
            )
            for row in answer["options"]
        ],
    )
    source_caption(
        as_at=answer["as_at"],
        definition="Units that break no rule for this household; the fewest mismatch points first.",
        source=source_of_records(),
    )


def _show_barriers(answer: OptionsJson) -> None:
    unasked = answer["not_yet_asked"]
    askable: list[str] = []
    gaps: list[str] = []
    for barrier in answer["barriers"]:
        sentence = barrier_sentence(barrier)
        if barrier["askable"] and any(NEED_BEHIND.get(rule) in unasked for rule in barrier["rules"]):
            sentence += " This was not yet asked."
        (askable if barrier["askable"] else gaps).append(sentence)
    if askable:
        call_out("To talk over with them", askable)
    if gaps:
        call_out("Gaps in the estate: nobody is asked to waive these", gaps)


def _show_why_not(answer: OptionsJson) -> None:
    plain_table(
        "Why not elsewhere, rule by rule",
        [
            Column("Rule"),
            Column("Units it rules out", number=True),
            Column("Units that it alone rules out", number=True),
        ],
        [(rule["label"], str(rule["units"]), str(rule["only_this"])) for rule in answer["why_not"]],
        stacks=False,
    )
    source_caption(
        as_at=answer["as_at"],
        definition="A unit may be ruled out by several rules, so these do not add up.",
        source=source_of_records(),
    )
    with st.expander(f"All {counted(len(answer['others']), 'other unit')}, one by one"):
        plain_table(
            "Every other unit, and the rules it would break",
            [Column("Unit"), Column("Rules it would break")],
            [(row["unit_id"], rules_in_words(row["rules"])) for row in answer["others"]],
        )


def _household_label(line: ReferralLine) -> str:
    return f"{line.referral_id} · {line.priority} · waited {counted(line.hours_since_received, 'hour')}"


show_page()
