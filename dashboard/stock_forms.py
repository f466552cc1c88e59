"""Forms for what there is: a site added or stated anew, its units and beds, its address, whom to phone.

A form that changes a site is sent with the version that it was first shown with, and with those answers alone
that are not as they were: two people who change one site collide in words, and neither is overwritten.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import streamlit as st

from beds.domain.terms import BedKind, Nation, Sharing
from beds.errors import BadInput
from beds.services.desk import Turn
from beds.services.house_view import House, UnitOfHouse
from beds.services.sites import NewSite, SiteView, add_bed, add_site, add_unit, set_address, set_contact
from beds.services.stock import StockChange, WordsInUse, change_bed, change_site, change_unit, words_in_use
from beds.wording import sentence_case
from dashboard.components import SELECT_WIDTH, section
from dashboard.fields import (
    beside,
    empty,
    first_seen,
    key,
    refused_now,
    see,
    seen_now,
    send,
    show_outcome,
    typed,
)
from dashboard.house_words import KINDS, SHARING, labels
from dashboard.language import counted, t
from dashboard.session import change, turn
from dashboard.site_fields import ASKED, NEW, changed_fields, show_site_fields, stated_fields

ADDING: Final = "add a site"
NATION_OF: Final = {"E": Nation.ENGLAND, "S": Nation.SCOTLAND}
"""By the first letter of a region's code: a region is in one nation, and is asked for once."""


def show_new_site() -> None:
    """Show the form that adds a site."""
    with turn() as now:
        words = words_in_use(now.session, now.actor)
    show_outcome(ADDING, ("provider_id", *ASKED))
    with st.expander(t("Add a site"), expanded=refused_now(ADDING) is not None), st.form("add a site"):
        show_site_fields(ADDING, NEW, words, with_provider=True)
        st.form_submit_button(t("Add the site"), type="primary", on_click=_add_site)


def _add_site() -> None:
    def work() -> str:
        stated = stated_fields(ADDING, with_provider=True)
        if not stated["region"]:
            raise BadInput("region: choose one")
        site = NewSite(nation=NATION_OF[stated["region"][0]], **stated)
        line = change(lambda now: add_site(now.session, now.actor, site, clock=now.clock, policy=now.policy))
        return t("Added: site {site}. Open it to add its units and beds.", site=line.site_id)

    send(ADDING, work, labels())


@dataclass(frozen=True, slots=True)
class Seen:
    """A site as it was when its forms were first shown."""

    version: int
    facts: Mapping[str, object]


def show_stock(house: House, view: SiteView) -> None:
    """Show the forms for a site: its facts, its units and beds, its address and contact."""
    with turn() as now:
        words = words_in_use(now.session, now.actor)
    site_id = view.line.site_id
    seen = first_seen(_form(site_id), "name", Seen(view.line.version, dict(view.facts)))
    left, right = st.columns(2, gap="large")
    with left:
        _show_facts(site_id, seen, words)
    with right:
        _show_units(house, seen)
        _show_beds(house, seen)
        _show_where(view)


def note_own_change(site_id: str, before: int, after: int) -> None:
    """Let the forms of a site know that the visitor changed it elsewhere on the page, and nobody else did."""
    seen = seen_now(_form(site_id))
    if isinstance(seen, Seen) and seen.version == before:
        see(_form(site_id), replace(seen, version=after))


def _form(site_id: str) -> str:
    return f"site {site_id}"


def _show_facts(site_id: str, seen: Seen, words: WordsInUse) -> None:
    form = _form(site_id)
    section(t("This site"), t("Whom it takes is not changed while somebody who is there needs it as it is."))
    show_outcome(form, ASKED)
    _offer_to_look_again(form, site_id)
    with st.form(f"form {form}"):
        show_site_fields(form, seen.facts, words)
        st.form_submit_button(
            t("Save the site"), type="primary", on_click=_change_site, args=(form, site_id, seen)
        )


def _offer_to_look_again(form: str, site_id: str) -> None:
    """Offer to drop what was typed about a site that somebody else has changed; nothing else drops it."""
    refused = refused_now(form)
    if refused is not None and refused.changed_meanwhile:
        forms = (_form(site_id), f"unit of {site_id}", f"bed of {site_id}")
        st.button(t("Show it as it is now"), key=f"look again {form}", on_click=_look_again, args=forms)


def _look_again(*forms: str) -> None:
    for form in forms:
        empty(form)


def _change_site(form: str, site_id: str, seen: Seen) -> None:
    def work() -> str:
        changes: dict[str, Any] = changed_fields(stated_fields(form), seen.facts)
        if not changes:
            return t("Nothing was changed.")

        def restate(now: Turn) -> StockChange:
            return change_site(
                now.session,
                now.actor,
                site_id,
                changes,
                version=seen.version,
                clock=now.clock,
                policy=now.policy,
            )

        return _said(change(restate))

    send(form, work, labels())


def _seen_on(site_id: str, seen: Seen, done: StockChange) -> str:
    """Return what was done, after the other forms of the site have been told that it was by this visitor."""
    see(_form(site_id), replace(seen, version=done.version))
    return _said(done)


def _said(done: StockChange) -> str:
    if not done.no_longer_suited:
        return t("Saved.")
    households = counted(done.no_longer_suited, "{n} household there needs", "{n} households there need")
    return t(
        "Saved. {households} what is no longer offered: talk to the coordinators.", households=households
    )


def _show_units(house: House, seen: Seen) -> None:
    site_id = house.line.site_id
    section(t("Units"))
    form = f"unit of {site_id}"
    show_outcome(form, ("sharing", "step_free"))
    _offer_to_look_again(form, site_id)
    units = {unit.unit_id: unit for unit in house.units}
    chosen = st.selectbox(
        t("Unit"),
        [None, *units],
        format_func=lambda unit_id: t("A new unit") if unit_id is None else unit_id,
        key=f"chosen unit of {site_id}",
    )
    unit = units.get(chosen or "")
    with st.form(f"form {form} {chosen}"):
        st.selectbox(
            labels()["sharing"],
            list(Sharing),
            index=list(Sharing).index(unit.sharing) if unit else 0,
            format_func=lambda sharing: sentence_case(t(SHARING[sharing])),
            key=key(form, f"sharing {chosen}"),
        )
        beside(form, "sharing")
        st.checkbox(
            labels()["step_free"], bool(unit and unit.step_free), key=key(form, f"step_free {chosen}")
        )
        beside(form, "step_free")
        st.form_submit_button(
            t("Save the unit") if unit else t("Add the unit"),
            on_click=_save_unit,
            args=(form, site_id, chosen, seen),
        )


def _save_unit(form: str, site_id: str, unit_id: str | None, seen: Seen) -> None:
    sharing, step_free = str(typed(form, f"sharing {unit_id}")), bool(typed(form, f"step_free {unit_id}"))

    def work() -> str:
        if unit_id is None:
            unit = change(
                lambda now: add_unit(
                    now.session,
                    now.actor,
                    site_id,
                    sharing=sharing,
                    step_free=step_free,
                    clock=now.clock,
                )
            )
            return t("Added: unit {unit}.", unit=unit.unit_id)

        def restate(now: Turn) -> StockChange:
            return change_unit(
                now.session,
                now.actor,
                unit_id,
                version=seen.version,
                sharing=sharing,
                step_free=step_free,
                clock=now.clock,
                policy=now.policy,
            )

        return _seen_on(site_id, seen, change(restate))

    send(form, work, labels())


def _show_beds(house: House, seen: Seen) -> None:
    if not house.units:
        return
    site_id = house.line.site_id
    section(t("Beds"))
    form = f"bed of {site_id}"
    show_outcome(form, ("kind",))
    _offer_to_look_again(form, site_id)
    places: dict[str, tuple[UnitOfHouse, str | None]] = {}
    for unit in house.units:
        places[unit.unit_id] = (unit, None)
        places |= {bed.bed_id: (unit, bed.bed_id) for bed in unit.beds}
    kinds = {bed.bed_id: bed.kind for unit in house.units for bed in unit.beds}
    chosen = st.selectbox(
        t("Bed"),
        list(places),
        format_func=lambda name: t("A new bed in {unit}", unit=name) if places[name][1] is None else name,
        key=f"chosen bed of {site_id}",
        filter_mode="contains",
    )
    bed_id = places[chosen][1]
    with st.form(f"form {form} {chosen}"):
        st.selectbox(
            labels()["kind"],
            list(BedKind),
            index=list(BedKind).index(kinds[bed_id]) if bed_id else 0,
            format_func=lambda kind: sentence_case(t(KINDS[kind])),
            key=key(form, f"kind {chosen}"),
        )
        beside(form, "kind")
        st.form_submit_button(
            t("Save the bed") if bed_id else t("Add the bed"),
            on_click=_save_bed,
            args=(form, site_id, chosen, bed_id, seen),
        )


def _save_bed(form: str, site_id: str, chosen: str, bed_id: str | None, seen: Seen) -> None:
    kind = str(typed(form, f"kind {chosen}"))

    def work() -> str:
        if bed_id is None:
            bed = change(lambda now: add_bed(now.session, now.actor, chosen, kind=kind, clock=now.clock))
            return t("Added: bed {bed}.", bed=bed.bed_id)

        def restate(now: Turn) -> StockChange:
            return change_bed(
                now.session, now.actor, bed_id, version=seen.version, kind=kind, clock=now.clock
            )

        return _seen_on(site_id, seen, change(restate))

    send(form, work, labels())


def _show_where(view: SiteView) -> None:
    line = view.line
    section(t("Where it is, and whom to phone"), t("Kept encrypted. What is on record is not shown here."))
    for form, field, about, save in (
        (f"address of {line.site_id}", "address", line.site_id, t("Save the address")),
        (f"contact of {line.provider_id}", "contact", line.provider_id, t("Save the contact")),
    ):
        show_outcome(form, (field,))
        with st.form(f"form {form}", width=SELECT_WIDTH):
            st.text_input(labels()[field], key=key(form, field), autocomplete="off")
            beside(form, field)
            st.form_submit_button(save, on_click=_save_where, args=(form, field, about))


def _save_where(form: str, field: str, about: str) -> None:
    text = str(typed(form, field) or "")
    keep = {"address": set_address, "contact": set_contact}[field]

    def work() -> str:
        change(lambda now: keep(now.session, now.actor, about, text, clock=now.clock))
        return t("Saved.")

    send(form, work, labels())
