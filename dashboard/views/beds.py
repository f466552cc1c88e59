"""What there is and how full it is: house by house, and by region on a map of tiles."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import streamlit as st

from beds.domain.terms import REGIONS
from beds.roles import Permission
from beds.services.occupancy import OccupancyLine, occupancy
from beds.services.sites_tonight import SitesTonight, SitesWanted, site_names, sites_tonight
from dashboard.components import (
    SELECT_WIDTH,
    Column,
    Fact,
    empty_state,
    facts,
    page_head,
    plain_table,
    say,
    section,
    source_caption,
    source_of_records,
)
from dashboard.house_rows import show_house_row
from dashboard.house_words import house_name
from dashboard.houses_style import houses_style
from dashboard.language import counted, day, t
from dashboard.refusals import refusals_in_words
from dashboard.session import turn, visitor
from dashboard.stock_forms import show_new_site
from dashboard.tile_map import Tile, show_tile_map

NIGHTS_AHEAD: Final = {0: "Tonight", 7: "In 7 nights", 28: "In 28 nights"}
NUMBERS: Final = ("Beds", "Occupied", "Held", "Closed", "Vacant", "Occupancy")
HOUSES_A_PAGE: Final = 20
FEW_HOUSES: Final = 8
OCCUPANCY: Final = (
    "Occupancy is beds occupied, out of those that are not closed. Vacant: could be used and is not. Nights "
    "to come count what is arranged now."
)
VOID: Final = (
    "Void nights are vacant or closed ones, out of all nights of all beds, in the 28 nights before tonight. "
    "Phone first: not confirmed lately, so what looks vacant may not be."
)


def show_page() -> None:
    """Show what the visitor may see of it."""
    who = visitor(Permission.SEE_SITES, Permission.SEE_OCCUPANCY)
    houses_style()
    page_head(t("Beds"), t("What there is and how full it is, house by house and by region."))
    if who.actor.may(Permission.SEE_OCCUPANCY):
        show_regions()
    if who.actor.may(Permission.SEE_SITES):
        show_houses()
    if who.actor.may(Permission.MANAGE_STOCK):
        show_new_site()


@st.fragment
def show_houses() -> None:
    """Show the houses that are asked for, some at a time, and let one be opened."""
    section(t("House by house"))
    with refusals_in_words(), turn() as now:
        names = site_names(now.session, now.actor)
        if not names:
            empty_state(
                t("No house is on record for you."), t("When a coordinator has added it, it is here.")
            )
            return
        _let_one_be_opened(names)
        wanted, page = _filters(names)
        found = sites_tonight(
            now.session,
            now.actor,
            wanted,
            clock=now.clock,
            policy=now.policy,
            skip=(page - 1) * HOUSES_A_PAGE,
            limit=HOUSES_A_PAGE,
        )
        _show_counts(found)
        with st.container(key="houses", gap=None):
            for site in found.sites:
                show_house_row(site)
        if not found.sites:
            empty_state(t("No house is like that tonight."), t("Choose another region, or drop a condition."))
        if found.in_all > HOUSES_A_PAGE:
            st.pagination(-(-found.in_all // HOUSES_A_PAGE), key=_page_key(wanted))
        source_caption(as_at=now.clock.as_at, definition=t(VOID), source=source_of_records())


def _let_one_be_opened(names: Mapping[str, str]) -> None:
    chosen = st.selectbox(
        t("Open a house, by reference or name"),
        list(names),
        index=None,
        format_func=lambda site_id: house_name(site_id, names[site_id]),
        filter_mode="contains",
        width=SELECT_WIDTH,
    )
    if chosen is not None:
        st.switch_page("views/site.py", query_params={"site": chosen})


def _filters(names: Mapping[str, str]) -> tuple[SitesWanted, int]:
    """Return which houses are wanted, and which page of them; a few houses need no filter."""
    if len(names) <= FEW_HOUSES:
        return SitesWanted(), 1
    with st.container(horizontal=True, vertical_alignment="bottom"):
        region = st.selectbox(
            t("Region"),
            [None, *REGIONS],
            format_func=lambda code: t(REGIONS[code] if code else "All"),
            width=260,
        )
        vacant = st.toggle(t("With a vacancy tonight"))
        phone_first = st.toggle(t("To phone first"))
    wanted = SitesWanted(region=region, vacant=vacant, phone_first=phone_first)
    return wanted, int(st.session_state.get(_page_key(wanted), 1))


def _page_key(wanted: SitesWanted) -> str:
    return f"page of {wanted}"


def _show_counts(found: SitesTonight) -> None:
    beds = found.tonight
    say(counted(found.in_all, "{n} house; its beds tonight:", "{n} houses; their beds tonight:"))
    facts(
        [
            Fact(f"{beds.vacant:,}", t("beds vacant")),
            Fact(f"{beds.occupied:,}", t("occupied")),
            Fact(f"{beds.held:,}", t("held")),
            Fact(f"{beds.closed:,}", t("closed")),
            Fact(f"{found.phone_first:,}", t("to phone first"), "warning" if found.phone_first else ""),
        ]
    )


@st.fragment
def show_regions() -> None:
    """Show the map of a night, and the same as a table."""
    section(t("By region"))
    ahead = st.segmented_control(
        t("Which night"),
        list(NIGHTS_AHEAD),
        format_func=lambda nights: t(NIGHTS_AHEAD[nights]),
        default=0,
        required=True,
    )
    with refusals_in_words(), turn() as now:
        on = now.clock.today + timedelta(days=ahead or 0)
        until = on + timedelta(days=1)
        found = occupancy(now.session, now.actor, starts_on=on, ends_on=until, by="region", clock=now.clock)
        if not found.lines:
            empty_state(t("There is no bed on record yet."), t("Beds of a site are counted here once added."))
            return
        left, right = st.columns([3, 5], gap="medium")
        with left:
            label = t("Occupancy by region, the night of {day}", day=day(on))
            show_tile_map({line.name: _tile(line) for line in found.lines}, label=label, nothing=t("no site"))
        with right:
            plain_table(
                t("The same in numbers: beds on the night of {day}", day=day(on)),
                [Column(t("Region")), *(Column(t(name), number=True) for name in NUMBERS)],
                [
                    *(_row(t(REGIONS[line.name]), line) for line in found.lines),
                    _row(t("All"), OccupancyLine("", 0, found.total)),
                ],
                stacks=False,
            )
        source_caption(as_at=now.clock.as_at, definition=t(OCCUPANCY), source=source_of_records())


def _row(name: str, line: OccupancyLine) -> list[str]:
    nights = line.bed_nights
    counts = (nights.stock, nights.occupied, nights.held, nights.closed, nights.vacant)
    return [name, *(f"{count:,}" for count in counts), _share(nights.occupancy)]


def _tile(line: OccupancyLine) -> Tile:
    nights = line.bed_nights
    return Tile(
        number=f"{nights.vacant:,}",
        counts=t("vacant"),
        below=t("{share} of {n} occupied", share=_share(nights.occupancy), n=f"{nights.stock:,}"),
        share=nights.occupancy,
    )


def _share(occupied: float | None) -> str:
    return "–" if occupied is None else f"{occupied:.0%}"


show_page()
