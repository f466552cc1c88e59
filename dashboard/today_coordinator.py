"""A coordinator's night: what needs a decision, who waits, what is held and vacant, whom to phone."""

from __future__ import annotations

from typing import Final

import streamlit as st

from beds.domain.terms import REGIONS, Priority
from beds.domain.terms import ReferralStatus as Status
from beds.services.desk import Turn
from beds.services.holds import HoldView, list_holds
from beds.services.next_decisions import Decision, DecisionKind, decisions_of_coordinator
from beds.services.outlook import DAYS_AHEAD, Outlook, outlook
from beds.services.tonight import Tonight, events_during_stays, tonight
from beds.services.vacancies import Call, call_list
from beds.services.waiting_list import Waiting, waiting_list
from dashboard.charts import bars_in_parts
from dashboard.components import (
    Column,
    Fact,
    Tag,
    empty_state,
    facts,
    plain_table,
    say,
    section,
    source_caption,
    source_of_records,
    step,
)
from dashboard.language import moment, t
from dashboard.links import link_to
from dashboard.session import refreshing, turn
from dashboard.today_words import (
    NEEDS,
    PAGE_OF,
    confirmed,
    decision_sentence,
    ends_in,
    first_refs,
    time_left,
    waited,
)

OFTEN_S, SELDOM_S = 20, 60
FIRST_SHOWN: Final = 12
"""Of a long list, so many are shown at once, and the others when asked for."""
CLOCKS: Final = {"recovery": "Recovery period", "move_on": "Move-on period"}


def show_coordinators_night() -> None:
    """Show the night; each part refreshes itself."""
    _show_queue()
    _show_estate()


@refreshing(OFTEN_S)
def _show_queue() -> None:
    with turn() as now:
        state = tonight(now.session, now.actor, clock=now.clock, policy=now.policy, ground=now.ground)
        waits = waiting_list(now.session, now.actor, clock=now.clock)
        decisions = decisions_of_coordinator(now.session, now.actor, now.ground, state=state, waiting=waits)
        holds = list_holds(
            now.session, now.actor, clock=now.clock, policy=now.policy, in_force_only=True
        ).rows
    _show_numbers(state)
    _show_decisions(now, decisions, state)
    _show_waiting(now, waits, state)
    _show_holds(now, holds)


@refreshing(SELDOM_S)
def _show_estate() -> None:
    with turn() as now:
        seen = outlook(now.session, now.actor, now.ground, policy=now.policy)
        calls = call_list(now.session, now.actor, now.ground, policy=now.policy)
        coming = events_during_stays(now.session, now.actor, now.ground)
    show_vacancies(now, seen)
    _show_calls(now, calls)
    if coming:
        section(t("Coming up during stays"))
        plain_table(
            t("What will change what a household needs"),
            [Column(t("Household")), Column(t("Site"), short=True), Column(t("What is coming"))],
            [(one.referral_id, one.site_id, t(one.event.words)) for one in coming],
        )


def _show_numbers(state: Tonight) -> None:
    own = state.own
    if own is None:
        return
    waiting = sum(own.waiting.values())
    facts(
        [
            Fact(f"{waiting:,}", t("waiting")),
            Fact(f"{own.waiting[Priority.EMERGENCY]:,}", t("of them emergencies"), "emergency"),
            Fact(f"{own.no_shelter_tonight:,}", t("without shelter tonight"), "emergency"),
            Fact(f"{own.detention_risk:,}", t("at risk of detention"), "emergency"),
            Fact(f"{state.vacant_units or 0:,}", t("units vacant")),
            Fact(f"{state.phone_first_units or 0:,}", t("of them to phone first"), "warning"),
        ]
    )
    source_caption(
        as_at=state.as_at,
        definition=t(
            "Cases that you may see. Waiting: looked at, and no bed held. "
            "Without shelter or at risk: until they are placed, held or not."
        ),
        source=source_of_records(),
    )


def _clocks(now: Turn, state: Tonight) -> str:
    return "; ".join(
        f"{period.referral_id}: {t(CLOCKS[period.kind])} {ends_in(period.ends_on, now.clock.today)}"
        for period in state.clocks
    )


def _show_decisions(now: Turn, decisions: tuple[Decision, ...], state: Tonight) -> None:
    section(t("What needs a decision next"))
    if not decisions:
        empty_state(t("Nothing needs a decision now."), t("This page looks again by itself."))
        return
    for place, decision in enumerate(decisions, start=1):
        by = t("The first by {time}.", time=moment(decision.by)) if decision.by else ""
        with step(place):
            detail = (
                _clocks(now, state) if decision.kind is DecisionKind.CLOCK_ENDS else first_refs(decision.refs)
            )
            say(f"{decision_sentence(decision)}.", detail=f"{detail}. {by}")
            path, title = PAGE_OF.get(decision.kind, ("", ""))
            if path:
                link_to(now.actor, path, t(title))


def _show_waiting(now: Turn, waits: tuple[Waiting, ...], state: Tonight) -> None:
    section(t("Waiting"))
    if not waits:
        empty_state(t("Nobody is waiting."), t("When somebody asks for a place, record it under Refer."))
        return
    columns = [
        Column(t("Household")),
        Column(t("Priority"), priority=True),
        Column(t("Waited"), short=True),
        Column(t("Cannot wait")),
        Column(t("Stands at")),
        Column(t("Clocks running")),
    ]
    rows = [_waiting_row(one, now) for one in waits]
    _first_rows(t("Waiting, first in line first"), columns, rows, key="all who wait")
    source_caption(
        as_at=state.as_at,
        definition=t("A recovery period ends by the law of its nation; no stay ends by itself when it does."),
        source=source_of_records(),
    )


def _first_rows(title: str, columns: list[Column], rows: list[tuple[str | Tag, ...]], *, key: str) -> None:
    """Show the first rows of a table; the others only when asked for: all of them take long to draw."""
    every = len(rows) <= FIRST_SHOWN or st.session_state.get(key, False)
    plain_table(title, columns, rows if every else rows[:FIRST_SHOWN])
    if len(rows) > FIRST_SHOWN:
        st.toggle(t("Show all {n}", n=f"{len(rows):,}"), key=key)


def _waiting_row(one: Waiting, now: Turn) -> tuple[str | Tag, ...]:
    urgent = [
        words
        for words, applies in (
            (t("no shelter tonight"), one.no_shelter_tonight),
            (t("at risk of detention"), one.detention_risk),
        )
        if applies
    ]
    if one.held_until is not None:
        left = int((one.held_until - now.clock.as_at).total_seconds() // 60)
        stands = t("held, {time} left", time=time_left(left))
    else:
        stands = t("not yet looked at") if one.line.status is Status.RECEIVED else t("waiting")
    clocks = [
        f"{t(CLOCKS[period.kind])} {ends_in(period.ends_on, now.clock.today)}"
        if period.ends_on
        else t("Recovery period, open until the decision")
        for period in one.clocks
    ]
    line = one.line
    wait = waited(line.hours_since_received)
    marked = Tag(t(" and ").join(urgent), "warning") if urgent else ""
    return line.referral_id, line.priority, wait, marked, stands, "; ".join(clocks)


def _show_holds(now: Turn, holds: tuple[HoldView, ...]) -> None:
    section(t("Held"))
    if not holds:
        empty_state(t("No bed is held."), t("Hold one under Find a place, or accept a proposal under Round."))
        return
    plain_table(
        t("Holds, the next to run out first"),
        [
            Column(t("Household")),
            Column(t("Unit"), short=True),
            Column(t("Time left"), short=True),
            Column(t("Runs out"), short=True),
        ],
        [
            (
                hold.referral_id,
                hold.unit_id,
                Tag(time_left(hold.minutes_left), "warning" if hold.warn else "quiet"),
                moment(hold.expires_at),
            )
            for hold in holds
        ],
    )
    source_caption(
        as_at=now.clock.as_at,
        definition=t("A hold runs out by the clock; then the household waits again, in its place in line."),
        source=source_of_records(),
    )


def show_vacancies(now: Turn, seen: Outlook) -> None:
    """Show what is vacant now and may be soon: as a chart by region, in numbers, and by need."""
    section(t("Vacant now, and expected within {n} days", n=seen.days))
    if not seen.by_region:
        empty_state(t("There is no site yet."), t("Sites and their units are added under Beds."))
        return
    parts = (t("confirmed"), t("phone first"), t("expected"))
    rows = {
        REGIONS[region]: dict(zip(parts, (one.confirmed, one.phone_first, one.soon), strict=True))
        for (_, region), one in seen.by_region.items()
    }
    chart, numbers = st.columns([1, 1], gap="large")
    with chart:
        in_words = "; ".join(f"{name}: {', '.join(map(str, row.values()))}" for name, row in rows.items())
        bars_in_parts(
            rows,
            parts,
            noun=t("units"),
            alt_text=t(
                "Units by region: vacant and confirmed, vacant to phone about first, expected. {rows}.",
                rows=in_words,
            ),
        )
    with numbers:
        _show_by_need(seen)
    source_caption(
        as_at=seen.as_at,
        definition=t(
            "Vacant: the site is open, a single bed is free, and nobody else’s household is in the unit. "
            "Expected: by the recorded end of stays and closures; a stay that is overdue is not counted."
        ),
        source=source_of_records(),
    )


def _show_by_need(seen: Outlook) -> None:
    nations = list(dict.fromkeys(nation for nation, _ in seen.by_region))
    headings = [
        Column(t(words, nation=t(nation), n=DAYS_AHEAD), number=True)
        for nation in nations
        for words in ("{nation}: now", "in {n} days")
    ]
    plain_table(
        t("By need; a unit may meet several"),
        [Column(t("Units")), *headings],
        [
            (
                t(words),
                *(
                    str(number)
                    for nation in nations
                    for number in (seen.by_need[need, nation].now, seen.by_need[need, nation].soon)
                ),
            )
            for need, words in NEEDS.items()
        ],
        stacks=False,
    )


def _could_help(call: Call) -> str:
    return ", ".join(f"{n} {t(p)}" for p in Priority if (n := call.could_use[p])) or t("nobody now")


def _show_calls(now: Turn, calls: tuple[Call, ...]) -> None:
    section(t("Phone first"), t("These may have room, but nobody has said so lately."))
    if not calls:
        empty_state(
            t("Every house with room has confirmed it lately."), t("Nobody has to be phoned before a hold.")
        )
        return
    _first_rows(
        t("Whom to phone, those that help the most urgent first"),
        [
            Column(t("Site")),
            Column(t("Number")),
            Column(t("Confirmed"), short=True),
            Column(t("Units"), number=True),
            Column(t("Could help")),
        ],
        [
            (
                call.site_id,
                call.contact or t("no number on record: {provider}", provider=call.provider_id),
                confirmed(call.availability_confirmed_at, now.clock.as_at),
                str(call.vacant_units),
                _could_help(call),
            )
            for call in calls
        ],
        key="all to phone",
    )
    source_caption(
        as_at=now.clock.as_at,
        definition=t(
            "Could help: households that take part and could go there now by every rule, by priority."
        ),
        source=source_of_records(),
    )
