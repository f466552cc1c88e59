"""A house on one line of a list: its link, its beds tonight as letters and patterns, what to know of it."""

from __future__ import annotations

from html import escape

import streamlit as st

from beds.domain.terms import REGIONS
from beds.services.house_view import BedState
from beds.services.sites_tonight import SiteTonight
from beds.wording import sentence_case
from dashboard.components import Tag, tag_markup
from dashboard.house_words import SITE_TYPES, confirmed, house_name
from dashboard.language import counted, t, unmarked
from dashboard.timeline import WORDS, strip

MOST_DRAWN = 24
"""Of more beds than these only the numbers are shown."""


def show_house_row(site: SiteTonight) -> None:
    """Show a house with a link to its view."""
    line = site.line
    left, right = st.columns([2, 5], vertical_alignment="center")
    with left:
        name = house_name(line.site_id, line.name)
        st.page_link("views/site.py", label=unmarked(name), query_params={"site": line.site_id})
    with right:
        st.html(_about(site))


def _about(site: SiteTonight) -> str:
    line, beds = site.line, site.tonight
    numbers = {
        BedState.OCCUPIED: beds.occupied,
        BedState.HELD: beds.held,
        BedState.CLOSED: beds.closed,
        BedState.VACANT: beds.vacant,
    }
    drawn = strip(list(numbers.items())) if beds.stock <= MOST_DRAWN else ""
    said = ", ".join(f"{number:,} {t(WORDS[state])}" for state, number in numbers.items() if number)
    in_all = counted(beds.stock, "{n} bed", "{n} beds")
    words = f"{in_all}: {said}" if beds.stock else t("no bed in stock tonight")
    where = f"{t(REGIONS.get(line.region, 'region not known'))}, {t(SITE_TYPES[line.site_type])}"
    about = " · ".join((where, confirmed(line), _void(site)))
    mark = tag_markup(Tag(t("phone first"), "warning")) if line.phone_first else ""
    return (
        f'<div class="beds-house"><p><span class="beds-strip">{drawn}</span>'
        f"<span>{escape(sentence_case(words))}</span>{mark}</p>"
        f"<p><small>{escape(about)}</small></p></div>"
    )


def _void(site: SiteTonight) -> str:
    nights = site.lately
    if not nights.stock:
        return t("no night in stock lately")
    return t("void {void} of {all} nights", void=f"{nights.void:,}", all=f"{nights.stock:,}")
