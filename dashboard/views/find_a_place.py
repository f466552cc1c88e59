"""One household's options: best first, then why not elsewhere and what would help."""

import streamlit as st

from beds.domain.terms import UnitRef
from beds.services.demonstration import (
    WaitingHousehold,
    demonstration,
    ground_of_latest_round,
    places_for,
    units_of,
    waiting_list,
)
from beds.services.freezing import Ground
from beds.services.options import OptionsJson
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
    FILL_IT,
    NO_ROUND,
    RECORDS,
    SELECT_WIDTH,
    Column,
    call_out,
    page_head,
    plain_table,
    say,
    source_caption,
)
from dashboard.phrases import kind_of, rules_in_words


def show_page() -> None:
    """Let a household be chosen, and show where it could go."""
    with demonstration() as engine:
        ground = ground_of_latest_round(engine)
    page_head("Find a place", "Where one household could go tonight, best first, and why not elsewhere.")
    if ground is None:
        st.info(NO_ROUND)
        return
    waiting = {household.referral_id: household for household in waiting_list(ground)}
    if not waiting:
        st.info(f"Nobody is waiting. {FILL_IT}")
        return
    chosen = st.selectbox(
        "Household, by priority and then the longest wait",
        list(waiting),
        format_func=lambda ref: _household_label(waiting[ref]),
        key="household",
        width=SELECT_WIDTH,
        filter_mode="contains",
    )
    show_places(places_for(ground, chosen), ground)


def show_places(answer: OptionsJson, ground: Ground) -> None:
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
        _show_options(answer, ground)
    if answer["why_not"]:
        _show_why_not(answer)


def _show_options(answer: OptionsJson, ground: Ground) -> None:
    units = units_of(ground)
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
        source=RECORDS,
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
        source=RECORDS,
    )
    with st.expander(f"All {counted(len(answer['others']), 'other unit')}, one by one"):
        plain_table(
            "Every other unit, and the rules it would break",
            [Column("Unit"), Column("Rules it would break")],
            [(row["unit_id"], rules_in_words(row["rules"])) for row in answer["others"]],
        )


def _household_label(household: WaitingHousehold) -> str:
    waited = counted(household.days_waited, "day")
    return f"{household.referral_id} · {household.priority} · waited {waited}"


show_page()
