"""A house as nights across and beds down: a real table whose bars say in letters and patterns what they are.

It is given a house and draws it; it asks a service nothing. The same in words is a plain table beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from html import escape
from itertools import groupby
from typing import Final

import streamlit as st

from beds.services.house_view import BedOfHouse, BedState, House, Stretch, UnitOfHouse
from beds.wording import sentence_case
from dashboard.language import MONTHS, counted, day, t

WORDS: Final = {
    BedState.OCCUPIED: "occupied",
    BedState.HELD: "held",
    BedState.CLOSED: "closed",
    BedState.VACANT: "vacant",
    None: "not open",
}
"""In the order of the legend; a bed that is not in stock is of a site that is not open then."""
LETTERS: Final = {
    BedState.OCCUPIED: "O",
    BedState.HELD: "H",
    BedState.CLOSED: "C",
    BedState.VACANT: "V",
    None: "–",
}
ROOM_FOR_A_WORD: Final = 3
"""Nights: a shorter bar has its letter alone."""
ONE_NIGHT: Final = timedelta(days=1)


def show_timeline(house: House, tonight: date) -> None:
    """Show the beds of a house over its nights, tonight marked."""
    nights = (house.ends_on - house.starts_on).days
    rows = "".join(_unit(unit, nights, tonight) for unit in house.units)
    label = escape(t("{house}, night by night", house=house.line.site_id), quote=True)
    # Wider than a phone, so it can be moved: by finger, and by keyboard when it has the focus.
    st.html(
        f'<div class="beds-legend" aria-hidden="true">{_legend()}</div>'
        f'<div class="beds-nights" role="region" tabindex="0" aria-label="{label}" style="--nights:{nights}">'
        f"<table><caption>{label}</caption><thead>{_head(house, tonight)}</thead>"
        f"<tbody>{rows}</tbody></table></div>"
    )


def strip(states: Sequence[tuple[BedState | None, int]]) -> str:
    """Return the markup of a few beds side by side as they are now: each state with how many beds."""
    return "".join(
        f'<span class="beds-bed {_kind(state)}" aria-hidden="true">{LETTERS[state]}</span>'
        for state, number in states
        for _ in range(number)
    )


def in_words(stretch: Stretch) -> str:
    """Return what a stretch is: its state, why it is so, and whether somebody has stayed on."""
    words = [t(sentence_case(WORDS[stretch.state]))]
    behind = stretch.behind
    if behind is not None:
        if behind.overdue:
            left_by = t("stayed on: should have left by {day}", day=day(behind.until))
            words.append(left_by if behind.until else t("stayed on"))
        if behind.reason:
            words.append(behind.reason.replace("_", " "))
    return ", ".join(words)


def whose(stretch: Stretch) -> str:
    """Return whose a stretch is, by reference; empty where it is nobody's, or not for this reader."""
    return (stretch.behind and stretch.behind.referral_id) or ""


def until(stretch: Stretch, house: House) -> str:
    """Return the first night after a stretch, as recorded where that is known."""
    behind = stretch.behind
    if behind is not None and behind.until is not None and not behind.overdue:
        return day(behind.until)
    if stretch.state is BedState.CLOSED and behind is not None:
        return t("until further notice")
    return day(stretch.ends_on) if stretch.ends_on < house.ends_on else t("beyond this view")


def _legend() -> str:
    shown = [(state, t(sentence_case(WORDS[state]))) for state in WORDS]
    return (
        "".join(
            f'<span><i class="beds-bed {_kind(state)}">{LETTERS[state]}</i> {escape(word)}</span>'
            for state, word in shown
        )
        + f'<span><i class="beds-bed occupied overdue">O!</i> {escape(t("Stayed on, overdue"))}</span>'
    )


def _head(house: House, tonight: date) -> str:
    nights = [house.starts_on + ONE_NIGHT * n for n in range((house.ends_on - house.starts_on).days)]
    months = "".join(
        f'<th scope="colgroup" colspan="{len(list(days))}">'
        f"<span>{escape(t(MONTHS[month - 1]))} {year}</span></th>"
        for (year, month), days in groupby(nights, key=lambda night: (night.year, night.month))
    )
    days = "".join(_night(night, tonight) for night in nights)
    first = f'<th scope="col" rowspan="2" class="bed">{escape(t("Bed"))}</th>'
    return f"<tr>{first}{months}</tr><tr>{days}</tr>"


def _night(night: date, tonight: date) -> str:
    kinds = [
        *(["tonight"] if night == tonight else []),
        *(["past"] if night < tonight else []),
        *(["monday"] if night.weekday() == 0 else []),
    ]
    said = f'<span class="beds-said"> {escape(t("tonight"))}</span>' if night == tonight else ""
    return f'<th scope="col" class="{" ".join(kinds)}">{night.day}{said}</th>'


def _unit(unit: UnitOfHouse, nights: int, tonight: date) -> str:
    kind = t("shared") if unit.sharing == "shared" else t("own door")
    about = [kind, t("step-free") if unit.step_free else t("not step-free")]
    void = t(
        "{void} of {all} nights void", void=f"{unit.bed_nights.void:,}", all=f"{unit.bed_nights.stock:,}"
    )
    words = f"{', '.join(about)} · {void if unit.beds else t('no beds yet')}"
    head = (
        f'<tr class="unit"><th scope="rowgroup" colspan="{nights + 1}">'
        f"<span><b>{escape(unit.unit_id)}</b> {escape(words)}</span></th></tr>"
    )
    return head + "".join(_bed(bed, unit, tonight) for bed in unit.beds)


def _bed(bed: BedOfHouse, unit: UnitOfHouse, tonight: date) -> str:
    name = bed.bed_id.removeprefix(f"{unit.unit_id}-")
    cells = "".join(_bar(stretch, tonight) for stretch in bed.stretches)
    return f'<tr><th scope="row">{escape(name)} <small>{escape(t(bed.kind))}</small></th>{cells}</tr>'


def _bar(stretch: Stretch, tonight: date) -> str:
    """Return a bar over the nights of a stretch; it says all of it to who hears it or points at it."""
    said = ", ".join(part for part in (in_words(stretch), whose(stretch), _nights(stretch)) if part)
    overdue = stretch.behind is not None and stretch.behind.overdue
    letter = LETTERS[stretch.state] + ("!" if overdue else "")
    word = _short(stretch) if stretch.nights >= ROOM_FOR_A_WORD else ""
    past = stretch.ends_on <= tonight
    kinds = " ".join([_kind(stretch.state), *(["overdue"] if overdue else []), *(["past"] if past else [])])
    return (
        f'<td colspan="{stretch.nights}"><div class="beds-bar {kinds}" title="{escape(said, quote=True)}">'
        f'<span class="beds-said">{escape(said)}</span>'
        f'<b aria-hidden="true">{letter}</b><span aria-hidden="true">{escape(word)}</span></div></td>'
    )


def _short(stretch: Stretch) -> str:
    if stretch.state is BedState.CLOSED and stretch.behind is not None:
        return stretch.behind.reason.replace("_", " ")
    return whose(stretch)


def _nights(stretch: Stretch) -> str:
    last = stretch.ends_on - ONE_NIGHT
    if last == stretch.starts_on:
        return t("the night of {day}", day=day(last))
    return t("nights of {first} to {last}", first=day(stretch.starts_on), last=day(last))


def _kind(state: BedState | None) -> str:
    return "none" if state is None else state.value


def rows_in_words(house: House) -> Iterator[tuple[str, ...]]:
    """Yield a row a stretch for the table beside: bed, what it is, whose, from, until, nights shown."""
    for unit in house.units:
        for bed in unit.beds:
            for stretch in bed.stretches:
                yield (
                    bed.bed_id,
                    in_words(stretch),
                    whose(stretch),
                    day(stretch.starts_on),
                    until(stretch, house),
                    counted(stretch.nights, "{n} night", "{n} nights"),
                )
