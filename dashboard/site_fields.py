"""The fields of a site in a form: how each is asked, and what was answered, by the names of services."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import streamlit as st

from beds.domain.terms import REGIONS, Gender, SiteType
from beds.services.stock import WordsInUse
from beds.wording import sentence_case
from dashboard.closures import as_word
from dashboard.fields import beside, key, typed
from dashboard.house_words import FIELDS, GENDERS, SECURITY, SITE_TYPES
from dashboard.language import t

SERVED_REGIONS: Final = tuple(code for code in REGIONS if code[0] in "ES")
SETS: Final = ("admits", "staff_languages", "services")
TEXTS: Final = ("name", "provider_id", "local_authority")
ASKED: Final = (
    *("name", "site_type", "region", "local_authority", "admits", "accepts_children", "max_age_girls"),
    *("max_age_boys", "security_level", "staff_languages", "services", "opens_on", "closes_on"),
    *("max_stay_nights", "cost_per_bed_night"),
)
"""In the order of the form; a new site is asked its provider too."""
NEW: Final[Mapping[str, object]] = {
    "site_type": SiteType.SAFE_HOUSE,
    "accepts_children": False,
    "max_age_girls": 17,
    "max_age_boys": 17,
    "security_level": 2,
}
HELP: Final = {
    "local_authority": "Such as E09000033. It may be left empty. An address never goes here.",
    "max_age_girls": "Those who turn older there are shown to the coordinator.",
    "staff_languages": "Codes such as sq or vi.",
    "services": "One word each, such as counselling.",
    "opens_on": "Empty: it is open already.",
    "closes_on": "Empty: no end is planned. Nobody is turned out by it.",
    "max_stay_nights": "Empty: no limit.",
}


def show_site_fields(
    form: str, now: Mapping[str, object], words: WordsInUse, *, with_provider: bool = False
) -> None:
    """Show the fields of a site, each with why it was refused if it was.

    Parameters
    ----------
    now : what is so now, by field; what is left out is asked anew
    words : what may be chosen of the open vocabularies; others may be written
    """
    for name in (*(["provider_id"] if with_provider else []), *ASKED):
        about = t(HELP[name]) if name in HELP else None
        _WIDGETS[name](key(form, name), t(FIELDS[name]), now.get(name), about, words)
        beside(form, name)


def stated_fields(form: str, *, with_provider: bool = False) -> dict[str, Any]:
    """Return the answers by field, in the types that services take; None where it was left empty."""
    names = (*(["provider_id"] if with_provider else []), *ASKED)
    return {name: _stated(name, typed(form, name)) for name in names}


def changed_fields(stated: Mapping[str, Any], before: Mapping[str, object]) -> dict[str, Any]:
    """Return the answers that are not as they were."""
    return {name: value for name, value in stated.items() if not _same(name, value, before[name])}


def _stated(name: str, value: object) -> object:
    if name in SETS:
        words = [str(word).strip() for word in value] if isinstance(value, list) else []
        return frozenset(as_word(word) if name == "services" else word for word in words)
    if isinstance(value, str):
        text = value.strip()
        return text if text or name in TEXTS else None
    return value


def _same(name: str, value: object, before: object) -> bool:
    if name == "cost_per_bed_night" and isinstance(value, str) and isinstance(before, Decimal):
        try:
            return Decimal(value) == before
        except InvalidOperation:
            return False
    return value == before


Widget = Callable[[str, str, Any, str | None, WordsInUse], object]


def _text(key: str, label: str, now: Any, about: str | None, _: WordsInUse) -> object:
    return st.text_input(label, "" if now is None else str(now), key=key, help=about)


def _yes_or_no(key: str, label: str, now: Any, about: str | None, _: WordsInUse) -> object:
    return st.checkbox(label, bool(now), key=key, help=about)


def _age(key: str, label: str, now: Any, about: str | None, _: WordsInUse) -> object:
    return st.number_input(label, 0, 17, now, key=key, help=about)


def _nights(key: str, label: str, now: Any, about: str | None, _: WordsInUse) -> object:
    return st.number_input(label, 1, None, now, key=key, help=about)


def _date(key: str, label: str, now: Any, about: str | None, _: WordsInUse) -> object:
    return st.date_input(label, now, key=key, help=about, format="DD/MM/YYYY")


def _one_of(words: Mapping[Any, str]) -> Widget:
    def widget(key: str, label: str, now: Any, about: str | None, _: WordsInUse) -> object:
        options = list(words)
        return st.selectbox(
            label,
            options,
            index=None if now is None else options.index(now),
            format_func=lambda option: sentence_case(t(words[option])),
            key=key,
            help=about,
            placeholder=t("Choose one"),
        )

    return widget


def _some_of(known: Callable[[WordsInUse], tuple[str, ...]]) -> Widget:
    def widget(key: str, label: str, now: Any, about: str | None, words: WordsInUse) -> object:
        chosen = sorted(now or ())
        return st.multiselect(
            label,
            sorted({*known(words), *chosen}),
            default=chosen,
            format_func=lambda word: str(word).replace("_", " "),
            key=key,
            help=about,
            accept_new_options=True,
            placeholder=t("Choose, or write another"),
        )

    return widget


def _admits(key: str, label: str, now: Any, about: str | None, _: WordsInUse) -> object:
    return st.multiselect(
        label,
        list(Gender),
        default=[gender for gender in Gender if gender in (now or ())],
        format_func=lambda gender: sentence_case(t(GENDERS[gender])),
        key=key,
        help=about,
        placeholder=t("Choose one or more"),
    )


_WIDGETS: Final[Mapping[str, Widget]] = {
    "name": _text,
    "provider_id": _text,
    "site_type": _one_of(SITE_TYPES),
    "region": _one_of({code: REGIONS[code] for code in SERVED_REGIONS}),
    "local_authority": _text,
    "admits": _admits,
    "accepts_children": _yes_or_no,
    "max_age_girls": _age,
    "max_age_boys": _age,
    "security_level": _one_of(SECURITY),
    "staff_languages": _some_of(lambda words: words.languages),
    "services": _some_of(lambda words: words.services),
    "opens_on": _date,
    "closes_on": _date,
    "max_stay_nights": _nights,
    "cost_per_bed_night": _text,
}
