"""One house: its beds night by night, who comes and goes, what is closed, and what there is."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

import streamlit as st

from beds.roles import Permission
from beds.services.house_view import House, read_house
from beds.services.sites import SiteLine, SiteView, confirm_availability, read_site
from beds.services.sites_tonight import site_names
from dashboard.closures import show_closures
from dashboard.components import SELECT_WIDTH, empty_state, page_head
from dashboard.fields import send, show_outcome
from dashboard.house_facts import show_facts
from dashboard.house_nights import show_house_head, show_nights
from dashboard.house_words import house_name
from dashboard.houses_style import houses_style
from dashboard.language import day, t
from dashboard.session import Visitor, change, turn, visitor
from dashboard.stays_at_house import show_stays
from dashboard.stock_forms import note_own_change, show_stock

CONFIRMING: Final = "confirm availability"
BACK: Final = 7
WEEKS: Final = {3: "3 weeks", 5: "5 weeks", 9: "9 weeks", 13: "13 weeks"}


def show_page() -> None:
    """Let a house be chosen, and show it."""
    who = visitor(Permission.SEE_SITES)
    houses_style()
    page_head(t("House"), t("One house: its beds night by night, and what is to be recorded there."))
    with turn() as now:
        names = site_names(now.session, now.actor)
    if not names:
        empty_state(t("No house is on record for you."), t("When a coordinator has added it, it is here."))
        return
    site_id = _chosen(names)
    with turn() as now:
        tonight, as_at = now.clock.today, now.clock.as_at
        starts_on, ends_on = _window(tonight)
        house = read_house(
            now.session,
            now.actor,
            site_id,
            starts_on=starts_on,
            ends_on=ends_on,
            clock=now.clock,
            policy=now.policy,
        )
        view = read_site(now.session, now.actor, site_id, clock=now.clock, policy=now.policy)
    show_house_head(house)
    _show_confirmation(house.line, who)
    _show_window(tonight)
    show_nights(house, tonight, as_at)
    _show_more(house, view, who)


def _chosen(names: Mapping[str, str]) -> str:
    """Return the house that the address of the page names, or that is chosen on it."""
    asked = st.query_params.get("site", "")
    options = list(names)
    chosen = st.selectbox(
        t("House, by reference or name"),
        options,
        index=options.index(asked) if asked in names else 0,
        format_func=lambda site_id: house_name(site_id, names[site_id]),
        key="house",
        filter_mode="contains",
        width=SELECT_WIDTH,
    )
    st.query_params["site"] = chosen
    return chosen


def _show_confirmation(line: SiteLine, who: Visitor) -> None:
    show_outcome(CONFIRMING)
    if who.actor.may(Permission.CONFIRM_AVAILABILITY):
        st.button(
            t("What is shown is so: confirm it"),
            type="primary" if line.phone_first else "secondary",
            on_click=_confirm,
            args=(line.site_id, line.version),
        )


def _confirm(site_id: str, version: int) -> None:
    def work() -> str:
        line = change(
            lambda now: confirm_availability(
                now.session, now.actor, site_id, version=version, clock=now.clock, policy=now.policy
            )
        )
        note_own_change(site_id, version, line.version)
        return t("Confirmed: what is vacant here counts as vacant.")

    send(CONFIRMING, work)


def _window(tonight: date) -> tuple[date, date]:
    """Return the nights that are shown: a week back and four ahead, until somebody moves them."""
    starts_on = tonight + timedelta(days=int(st.session_state.get("nights moved", 0)) - BACK)
    return starts_on, starts_on + timedelta(weeks=int(st.session_state.get("weeks shown") or 5))


def _show_window(tonight: date) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", key="window"):
        st.button(t("A week earlier"), on_click=_move, args=(-7,))
        st.button(t("Around tonight, {day}", day=day(tonight)), on_click=_move, args=(0,))
        st.button(t("A week later"), on_click=_move, args=(7,))
        st.selectbox(
            t("Shown"), list(WEEKS), index=1, format_func=lambda n: t(WEEKS[n]), key="weeks shown", width=130
        )


def _move(nights: int) -> None:
    st.session_state["nights moved"] = st.session_state.get("nights moved", 0) + nights if nights else 0


def _show_more(house: House, view: SiteView, who: Visitor) -> None:
    may = who.actor.may
    parts = {
        t("Arrivals and departures"): may(Permission.SEE_STAYS),
        t("Closures"): may(Permission.CLOSE_BEDS),
    }
    parts |= {t("About the house"): True, t("Stock"): may(Permission.MANAGE_STOCK)}
    shown = [name for name, is_allowed in parts.items() if is_allowed]
    opened = dict(zip(shown, st.tabs(shown), strict=True))
    site_id = house.line.site_id
    for name, part in opened.items():
        with part:
            if name == t("Arrivals and departures"):
                show_stays(site_id, may_record=may(Permission.RECORD_STAYS))
            elif name == t("Closures"):
                show_closures(house)
            elif name == t("Stock"):
                show_stock(house, view)
            else:
                show_facts(view, who)


show_page()
