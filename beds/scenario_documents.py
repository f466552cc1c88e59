"""A scenario as a document of plain values and back: every fault at once, each field by one table of forms.

The same for a TOML file, a JSON body and what is kept. What is not stated is as on record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from functools import cache
from typing import Any, Final

from pydantic import JsonValue

from beds.domain.scenario import (
    LONGEST_HORIZON_DAYS,
    MOST_NIGHTS,
    Amount,
    EstateStart,
    PolicyName,
    Scenario,
    Share,
    StayRule,
    SupposedClosure,
    SupposedSite,
    WhoComes,
)
from beds.domain.terms import SERVED_NATIONS, Gender, Sharing
from beds.errors import Fault, ScenarioRejected
from beds.reference import recovery_periods
from beds.scenario_forms import (
    AMOUNT,
    BOOLEAN,
    LANGUAGES,
    MONEY,
    REFERENCE,
    REGION,
    SHARE,
    WORDS,
    Form,
    day_from,
    kind_of,
    list_of,
    number,
    one_of,
    set_of,
    text,
    whole,
)

Path = tuple[str | int, ...]
Document = Mapping[str, object]
LineOf = Callable[[Path], int | None]

MOST_SITES: Final = 200
MOST_FAULTS: Final = 100
_NATION: Final = one_of(SERVED_NATIONS)


@dataclass(frozen=True, slots=True)
class _Kind:
    """How a field is read: plain, a table by nation, or a list of tables with forms and needed fields."""

    form: Form | None = None
    by_nation: bool = False
    tables: Callable[[], Mapping[str, Form]] | None = None
    needed: tuple[str, ...] = ()
    make: Callable[..., object] = dict


@cache
def first_day() -> date:
    """Return the first day that there are data for: the law and the series of referrals begin then."""
    return min(period.in_force_from for period in recovery_periods() if period.nation in SERVED_NATIONS)


@cache
def _site_forms() -> Mapping[str, Form]:
    return {
        "nation": _NATION,
        "region": REGION,
        "units": whole(1, 10_000),
        "beds_per_unit": whole(1, 20),
        "cots_per_unit": whole(0, 10),
        "admits": set_of(one_of(Gender), least=1),
        "accepts_children": BOOLEAN,
        "security_level": whole(1, 3),
        "sharing": one_of(Sharing),
        "step_free_units": whole(0, 10_000),
        "staff_languages": LANGUAGES,
        "services": WORDS,
        "opens_on": day_from(first_day()),
        "cost_per_bed_night": MONEY,
    }


@cache
def _closure_forms() -> Mapping[str, Form]:
    return {
        "closes_on": day_from(first_day()),
        "site_id": REFERENCE,
        "nation": _NATION,
        "region": REGION,
        "share": number("a share of more than 0, at most 1", lambda value: 0 < value <= 1),
    }


@cache
def _kinds() -> Mapping[str, _Kind]:
    positive = number("a number of more than 0", lambda value: 0 < value <= MOST_NIGHTS)
    return {
        "name": _Kind(Form("a lower_snake word of at most 60 characters", _name)),
        "title": _Kind(text(200)),
        "description": _Kind(text(4_000)),
        "assumes": _Kind(list_of(text(1_000))),
        "horizon_days": _Kind(whole(1, LONGEST_HORIZON_DAYS)),
        "starts_on": _Kind(day_from(first_day())),
        "recovery_nights": _Kind(whole(1, MOST_NIGHTS), by_nation=True),
        "move_on_nights": _Kind(whole(0, MOST_NIGHTS), by_nation=True),
        "stay_rule": _Kind(one_of(StayRule)),
        "decision_days": _Kind(positive),
        "growth_per_year": _Kind(number("a number of more than -1, at most 10", lambda v: -1 < v <= 10)),
        "entering_support": _Kind(SHARE),
        "needing_bed": _Kind(SHARE, by_nation=True),
        "households_per_year": _Kind(AMOUNT, by_nation=True),
        "who_comes": _Kind(one_of(WhoComes)),
        "estate": _Kind(one_of(EstateStart)),
        "sites": _Kind(tables=_site_forms, needed=("nation", "region", "units"), make=SupposedSite),
        "closures": _Kind(tables=_closure_forms, needed=("closes_on",), make=SupposedClosure),
        "policy": _Kind(one_of(PolicyName)),
        "patience_days": _Kind(positive),
        "decline_share": _Kind(number("a share from 0 to less than 1", lambda v: 0 <= v < 1)),
        "hold_days": _Kind(number("a number from 0 to 60", lambda v: 0 <= v <= 60)),
        "warm_up_days": _Kind(whole(0, LONGEST_HORIZON_DAYS - 1)),
        "cost_per_bed_night": _Kind(MONEY),
        "price_year": _Kind(text(40)),
    }


def _name(value: object) -> str:
    words = value.split("_") if isinstance(value, str) and len(value) <= 60 else [""]
    if not all(word.isascii() and word.isalnum() and word == word.lower() for word in words):
        raise ValueError
    return "_".join(words)


@dataclass(slots=True)
class _Reader:
    """One document as it is read: its faults, each at its place."""

    file: str
    line_of: LineOf
    faults: list[Fault] = field(default_factory=list)

    def refuse(self, path: Path, message: str) -> None:
        """Record one fault; of very many the first are enough to go by."""
        if len(self.faults) >= MOST_FAULTS:
            return
        self.faults.append(Fault(self.file, self.line_of(path), shown_path(path), message))

    def read(self, form: Form, path: Path, value: object) -> object | None:
        """Return a value in a form, None once its fault is recorded."""
        try:
            return form.read(value)
        except (ValueError, ArithmeticError, IndexError):
            self.refuse(path, f"is {kind_of(value)}; {form.accepted} is accepted")
            return None

    def fields_of(
        self, path: Path, document: object, known: Mapping[str, object]
    ) -> Iterator[tuple[str, object]]:
        """Yield the fields that are known, and record the others."""
        if not isinstance(document, Mapping):
            self.refuse(path, f"is {kind_of(document)}; a table of {', '.join(known)} is accepted")
            return
        for name, value in document.items():
            if name in known:
                yield name, value
            else:
                self.refuse((*path, str(name)), f"is not known here; {_meant(str(name), known)} is accepted")


def scenario_of(
    document: Document,
    *,
    name: str = "scenario",
    file: str = "scenario",
    line_of: LineOf = lambda _: None,
) -> Scenario:
    """Return the scenario that a document states.

    Parameters
    ----------
    document : values as TOML gives them: numbers, texts, dates, lists and tables
    name : its name where the document has none
    file, line_of : what a fault is named by

    Raises
    ------
    ScenarioRejected
        Something in it is not accepted: every fault is listed with its place, and what is accepted.
    """
    reader = _Reader(file, line_of)
    found: dict[str, Any] = {"name": name}
    for key, value in reader.fields_of((), document, _kinds()):
        found[key] = _read_field(reader, _kinds()[key], key, value)
    _check_together(reader, found)
    if not reader.faults:
        try:
            return Scenario(**found)
        except ValueError as error:
            column, _, message = str(error).partition(": ")
            reader.refuse((column,), message)
    raise ScenarioRejected(sorted(reader.faults, key=lambda fault: fault.line or 0))


def _read_field(reader: _Reader, kind: _Kind, key: str, value: object) -> object:
    if kind.tables is not None:
        return _read_tables(reader, kind, key, value)
    assert kind.form is not None
    if not kind.by_nation:
        return reader.read(kind.form, (key,), value)
    known = {str(nation): nation for nation in SERVED_NATIONS}
    return {
        known[nation]: reader.read(kind.form, (key, nation), one)
        for nation, one in reader.fields_of((key,), value, known)
    }


def _read_tables(reader: _Reader, kind: _Kind, key: str, value: object) -> tuple[object, ...]:
    if not isinstance(value, list | tuple) or len(value) > MOST_SITES:
        reader.refuse((key,), f"is {kind_of(value)}; at most {MOST_SITES} tables [[{key}]] are accepted")
        return ()
    assert kind.tables is not None
    forms, found = kind.tables(), []
    for index, table in enumerate(value):
        before = len(reader.faults)
        row = {
            name: reader.read(forms[name], (key, index, name), one)
            for name, one in reader.fields_of((key, index), table, forms)
        }
        for name in kind.needed:
            if isinstance(table, Mapping) and name not in table:
                reader.refuse((key, index, name), f"is needed: {forms[name].accepted}")
        if len(reader.faults) == before:
            found.append(kind.make(**row))
    return tuple(found)


def _check_together(reader: _Reader, found: Mapping[str, Any]) -> None:
    """Record what is wrong between fields that are each accepted."""
    horizon = found.get("horizon_days") or Scenario("s").horizon_days
    if (found.get("warm_up_days") or 0) >= horizon:
        reader.refuse(
            ("warm_up_days",),
            f"is {found['warm_up_days']}; fewer than the {horizon} of horizon_days is accepted",
        )
    for index, site in enumerate(found.get("sites") or ()):
        if site.region[0] != site.nation[0]:
            reader.refuse(
                ("sites", index, "region"), "is in another nation; a region of its nation is accepted"
            )
        if site.step_free_units > site.units:
            reader.refuse(
                ("sites", index, "step_free_units"),
                f"is {site.step_free_units}; at most its {site.units} units is accepted",
            )
    for index, closure in enumerate(found.get("closures") or ()):
        named = [closure.site_id, closure.nation or closure.region]
        if sum(one is not None for one in named) != 1:
            reader.refuse(
                ("closures", index), "says not what closes; a site_id, or a nation or region, is accepted"
            )
        elif closure.site_id is not None and closure.share != 1:
            reader.refuse(("closures", index, "share"), "is of a nation or region; a site closes as a whole")


def document_of(scenario: Scenario) -> dict[str, JsonValue]:
    """Return a scenario as plain JSON values: what is as on record is left out."""
    plain = Scenario(scenario.name)
    return {
        column.name: _as_json(getattr(scenario, column.name))
        for column in fields(Scenario)
        if column.name == "name" or getattr(scenario, column.name) != getattr(plain, column.name)
    }


def _as_json(value: object) -> JsonValue:
    if isinstance(value, Share | Amount | SupposedSite | SupposedClosure):
        plain = {column.name: getattr(value, column.name) for column in fields(value)}
        return {name: _as_json(one) for name, one in plain.items() if one is not None}
    if isinstance(value, Mapping):
        return {str(key): _as_json(one) for key, one in value.items()}
    if isinstance(value, frozenset):
        return [str(one) for one in sorted(value)]
    if isinstance(value, tuple):
        return [_as_json(one) for one in value]
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool | int | float) or value is None:
        return value
    return str(value)


DATES: Final = frozenset({"starts_on", "opens_on", "closes_on"})


def kept_scenario(document: Mapping[str, JsonValue]) -> Scenario:
    """Return the scenario of a document that `document_of` made.

    Raises
    ------
    ScenarioRejected
        It is not one.
    """
    return scenario_of(_with_dates(document))


def _with_dates(document: Mapping[str, Any]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in document.items():
        if name in DATES and isinstance(value, str):
            found[name] = date.fromisoformat(value)
        elif isinstance(value, list) and all(isinstance(one, Mapping) for one in value):
            found[name] = [_with_dates(one) for one in value]
        else:
            found[name] = value
    return found


def shown_path(path: Path) -> str:
    """Return the place of a field as people write it; a name that is no plain word is not repeated.

    Examples
    --------
    >>> shown_path(("sites", 0, "units")), shown_path(("recovery_nights", "England"))
    ('sites[1].units', 'recovery_nights.England')
    """
    shown = ""
    for part in path:
        if isinstance(part, int):
            shown += f"[{part + 1}]"
        else:
            plain = len(part) <= 40 and part.isascii() and part.replace("_", "").replace("-", "").isalnum()
            shown += f".{part if plain else '…'}" if shown else part if plain else "…"
    return shown or "scenario"


def _meant(name: str, known: Mapping[str, object]) -> str:
    close = get_close_matches(name, known, n=1)
    return close[0] if close else f"one of {', '.join(known)}"
