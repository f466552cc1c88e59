"""One page for whoever works out of hours, to be printed: who waits, whom to phone, what is held."""

import streamlit as st

from beds.roles import Permission
from beds.services.night_pack import NightPack, night_pack
from dashboard.components import page_head, section, source_caption, source_of_records
from dashboard.language import day, t, worded
from dashboard.night_tables import show_calls, show_holds, show_other_numbers, show_waiting
from dashboard.printing import print_button
from dashboard.session import turn, visitor

HOW_MANY = (20, 40, 100, 200)
WIDTH = 240


def show_page() -> None:
    """Show the night pack."""
    visitor(Permission.SEE_CASES)
    page_head(
        t("Night pack"),
        t("One page for whoever works out of hours. No names, no addresses. Destroy it in the morning."),
    )
    print_button()
    most = st.selectbox(
        t("How many households"),
        HOW_MANY,
        format_func=worded({n: t("the first {n} in line", n=n) for n in HOW_MANY}),
        key="how many",
        width=WIDTH,
    )
    with turn() as now:
        pack = night_pack(
            now.session, now.actor, now.ground, policy=now.policy, log=now.log, most=int(most or HOW_MANY[0])
        )
    show_pack(pack)


def show_pack(pack: NightPack) -> None:
    """Show the pack, in the order in which it is needed."""
    section(t("The night of {day}", day=day(pack.night)))
    show_waiting(pack)
    section(t("Telephone"))
    show_calls(pack)
    show_other_numbers(pack)
    section(t("Held beds"))
    show_holds(pack)
    source_caption(
        as_at=pack.as_at,
        definition=t(
            "Places that break no rule at this moment, the fewest points first (in brackets). Things change: "
            "phone, then hold the bed in the service; every rule is judged again."
        ),
        source=source_of_records(),
    )


show_page()
