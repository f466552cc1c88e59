"""Why not elsewhere, site by site and rule by rule; and two places row by row."""

from __future__ import annotations

from typing import Final

import streamlit as st

from beds.errors import BedsError
from beds.services.places import FoundPlaces, side_by_side
from beds.wording import LABELS
from dashboard.components import Column, plain_table, section, source_caption, source_of_records
from dashboard.language import counted, t
from dashboard.option_cards import show_side_by_side
from dashboard.place_words import where, why_not
from dashboard.refusals import show_refusal
from dashboard.session import turn

NEAREST: Final = 10
"""So many sites are shown at first: those that come closest."""
WIDTH: Final = 320
"""In pixels."""


@st.fragment
def show_comparison(referral_id: str, unit_ids: list[str]) -> None:
    """Let two places be put side by side; they are looked up when that is asked for."""
    if len(unit_ids) < 2 or not st.toggle(t("Put two places side by side"), key=f"compare {referral_id}"):
        return
    left, right = st.columns(2)
    with left:
        one = _choose(t("One place"), referral_id, unit_ids, 0)
    with right:
        other = _choose(t("The other place"), referral_id, unit_ids, 1)
    if one == other:
        st.info(t("Choose two different places."))
        return
    try:
        with turn() as now:
            sides = side_by_side(
                now.session,
                now.actor,
                now.ground,
                referral_id,
                (one, other),
                policy=now.policy,
                log=now.log,
            )
            as_at = now.clock.as_at
    except BedsError as refusal:
        show_refusal(refusal)
        return
    show_side_by_side(*sides)
    source_caption(
        as_at=as_at,
        definition=t("Fits: the place among her options, the fewest points first."),
        source=source_of_records(),
    )


def _choose(name: str, referral_id: str, unit_ids: list[str], first: int) -> str:
    chosen = st.selectbox(
        name,
        unit_ids,
        index=first,
        key=f"{'one' if not first else 'other'} side {referral_id}",
        width=WIDTH,
        filter_mode="contains",
    )
    return str(chosen)


@st.fragment
def show_elsewhere(found: FoundPlaces) -> None:
    """Show why not each other site, the closest first, and how much each rule stands in the way."""
    sites, answer = found.elsewhere, found.answer
    if not sites:
        return
    section(
        t("Why not elsewhere"),
        counted(
            len(sites),
            "{n} other site, by the unit there that comes closest.",
            "{n} other sites, each by the unit there that comes closest.",
        ),
    )
    everything = len(sites) > NEAREST and st.toggle(
        t("Show all {n} sites", n=len(sites)), key=f"all sites {answer['referral_id']}"
    )
    plain_table(
        t("Sites without a place for this household, the closest first"),
        [Column(t("Site"), short=True), Column(t("Where"), short=True), Column(t("Why not"))],
        [
            (site.site_id, where(site.region), why_not(site.rules))
            for site in (sites if everything else sites[:NEAREST])
        ],
    )
    plain_table(
        t("The same, rule by rule"),
        [
            Column(t("Rule")),
            Column(t("Units it rules out"), number=True),
            Column(t("Units that it alone rules out"), number=True),
        ],
        [(t(LABELS[row["rule"]]), f"{row['units']:,}", f"{row['only_this']:,}") for row in answer["why_not"]],
        stacks=False,
    )
    source_caption(
        as_at=answer["as_at"],
        definition=t("A unit may be ruled out by several rules, so these do not add up."),
        source=source_of_records(),
    )
