"""A house at the top of its page: what it is, its beds tonight, its nights, and what of them was void."""

from __future__ import annotations

from datetime import date, datetime
from html import escape
from typing import Final

import streamlit as st

from beds.domain.terms import REGIONS
from beds.services.house_view import BedNights, House
from beds.wording import sentence_case
from dashboard.components import (
    Column,
    Fact,
    Tag,
    empty_state,
    facts,
    plain_table,
    source_caption,
    source_of_records,
    tag_markup,
)
from dashboard.house_words import SHARING, SITE_TYPES, confirmed, house_name
from dashboard.language import counted, day, t
from dashboard.timeline import rows_in_words, show_timeline

STATES: Final = (
    "A bed is in one state a night, the first of these that applies: occupied, held, closed, vacant. Void "
    "nights are vacant or closed ones. Who has stayed on is there tonight and until a departure is recorded; "
    "later nights are shown as arranged."
)


def show_house_head(house: House) -> None:
    """Show what a house is and its beds tonight."""
    line, beds = house.line, house.tonight
    marks = [Tag(t("phone first"), "warning")] if line.phone_first else []
    if house.overdue_beds:
        marks.append(Tag(counted(house.overdue_beds, "{n} bed overdue", "{n} beds overdue"), "warning"))
    region = t(REGIONS.get(line.region, "region not known"))
    about = f"{region}, {t(SITE_TYPES[line.site_type])}, {confirmed(line)}"
    st.subheader(house_name(line.site_id, line.name), anchor=False)
    st.html(f'<p class="beds-say">{escape(sentence_case(about))} {"".join(map(tag_markup, marks))}</p>')
    facts(
        [
            Fact(f"{beds.vacant:,}", t("vacant tonight")),
            Fact(f"{beds.occupied:,}", t("occupied")),
            Fact(f"{beds.held:,}", t("held")),
            Fact(f"{beds.closed:,}", t("closed")),
            Fact(
                f"{house.bed_nights.void:,}",
                t("void of {all} nights shown", all=f"{house.bed_nights.stock:,}"),
            ),
        ]
    )


def show_nights(house: House, tonight: date, as_at: datetime) -> None:
    """Show the beds of a house night by night, the same in words, and void nights by unit."""
    if not any(unit.beds for unit in house.units):
        empty_state(t("This house has no bed yet."), t("Add its units and beds under “Stock”."))
        return
    show_timeline(house, tonight)
    source_caption(as_at=as_at, definition=t(STATES), source=source_of_records())
    with st.expander(t("The same in words, and void nights by unit")):
        plain_table(
            t("Void nights by unit, {first} to {last}", first=day(house.starts_on), last=day(house.ends_on)),
            [
                Column(t("Unit"), exact=True),
                Column(t("Kind")),
                *(Column(t(name), number=True) for name in _NIGHTS),
            ],
            [[unit.unit_id, t(SHARING[unit.sharing]), *_numbers(unit.bed_nights)] for unit in house.units]
            + [[t("All"), "", *_numbers(house.bed_nights)]],
        )
        plain_table(
            t("Every bed, in the order of nights"),
            [
                Column(t(name), exact=name in ("Bed", "Whose"))
                for name in ("Bed", "What it is", "Whose", "From", "Until", "Shown")
            ],
            list(rows_in_words(house)),
        )


_NIGHTS: Final = ("Nights", "Occupied", "Held", "Closed", "Vacant", "Void")


def _numbers(nights: BedNights) -> list[str]:
    counts = (nights.stock, nights.occupied, nights.held, nights.closed, nights.vacant, nights.void)
    return [f"{count:,}" for count in counts]
