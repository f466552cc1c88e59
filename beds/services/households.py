"""What a person states of a household, checked cell by cell as a folder's would be, and made into records.

A refusal names the field and what is accepted, never what was stated: that may be personal.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from typing import Any, Final

from beds.domain.clock import Clock
from beds.domain.referral import Person, Referral
from beds.domain.terms import PersonRef, ReferralRef, ReferralStatus
from beds.errors import BadInput
from beds.importing.columns import TABLES, Column
from beds.importing.forms import shown

MOST_PEOPLE = 30
MOST_ITEMS = 100
MOST_NOTE_CHARACTERS = 10_000
_NOT_STATED: Final = frozenset(
    {"referral_id", "received_at", "status", "survivor_ref", "person_id", "is_lead"}
)
_COLUMNS: Final = {table.name: {column.name: column for column in table.columns} for table in TABLES}
_ITEMS: Final = " where each item is "

Words = frozenset[str]


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody of a household; None, and an empty list, is "not yet asked"."""

    gender: str
    is_lead: bool = False
    age: int | None = None
    age_status: str | None = None
    together_confirmed: bool | None = None
    due_on: date | None = None
    languages: Words = frozenset()


@dataclass(frozen=True, slots=True)
class NewHousehold:
    """A household that asks for a place; None, and an empty list, is "not yet asked".

    `received_at` is now where it is not stated, `needed_from` today. `survivor_ref` links what is on record
    about the survivor's safety.
    """

    nation: str
    priority: str
    people: tuple[NewPerson, ...]
    received_at: datetime | None = None
    needed_from: date | None = None
    survivor_ref: str = ""
    no_shelter_tonight: bool | None = None
    detention_risk: bool | None = None
    expected_stay_days: int | None = None
    min_security_level: int | None = None
    services_required: Words = frozenset()
    needs_step_free: bool | None = None
    language_required: bool | None = None
    cross_border: bool | None = None
    accepts_sharing: bool | None = None
    risk_to_others: str | None = None
    acceptable_site_genders: Words = frozenset()
    preferred_regions: Words = frozenset()
    excluded_areas: Words = frozenset()
    first_responder: str = ""
    exploitation_type: str = ""
    nrm_status: str = ""
    notes: str | None = None


@dataclass(frozen=True, slots=True)
class Amendment:
    """What is to be changed of a case, by field; None, or an empty list, is "not yet asked" again.

    `people` are changes by person, `new_people` come in addition, `not_coming` will not come after all.
    `reason` and `agreed_by` (another person who may see the case) are for a reassessment of a safety fact.
    """

    needs: Mapping[str, object] = field(default_factory=dict)
    people: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    new_people: tuple[NewPerson, ...] = ()
    not_coming: tuple[str, ...] = ()
    reason: str = ""
    agreed_by: str | None = None


def new_case(
    household: NewHousehold, *, clock: Clock, status: ReferralStatus
) -> tuple[Referral, tuple[Person, ...]]:
    """Return a household as records, under references of our own.

    Raises
    ------
    BadInput
        A value is not accepted, there is not exactly one lead, or it is received in the future.
    """
    received_at = household.received_at or clock.as_at
    stated = {"received_at": received_at, "needed_from": household.needed_from or clock.calendar_date}
    names = {column.name for column in fields(NewHousehold)} & {column.name for column in fields(Referral)}
    values = checked_all("referrals", {name: getattr(household, name) for name in names} | stated)
    if received_at > clock.as_at:
        raise BadInput("received_at: an instant that has been is accepted")
    referral_id = ReferralRef(f"ref-{secrets.token_hex(5)}")
    leads = sum(person.is_lead is True for person in household.people)
    if leads != 1:
        raise BadInput("people: exactly one of them must be the lead (is_lead)")
    people = new_people(referral_id, household.people)
    # A case without one could not be linked to her next: what keeps her safe would end with it.
    survivor_ref = values.get("survivor_ref") or f"survivor-{secrets.token_hex(5)}"
    known = {"referral_id": referral_id, "status": status, "survivor_ref": survivor_ref}
    return _record(Referral, {**values, **known}), people


def new_people(
    referral_id: ReferralRef, people: tuple[NewPerson, ...], *, beside: int = 0
) -> tuple[Person, ...]:
    """Return people as records of a case that has some `beside` them, under references of our own.

    Raises
    ------
    BadInput
        A value is not accepted, or they are too many.
    """
    if len(people) + beside > MOST_PEOPLE:
        raise BadInput(f"people: up to {MOST_PEOPLE} are accepted")
    return tuple(
        _record(
            Person,
            {
                **checked_all(
                    "people", {name.name: getattr(person, name.name) for name in fields(NewPerson)}
                ),
                "person_id": PersonRef(f"person-{secrets.token_hex(5)}"),
                "referral_id": referral_id,
            },
        )
        for person in people
    )


def amended(referral: Referral, needs: Mapping[str, object]) -> Referral:
    """Return a case with some needs changed; when it was received, its state and its survivor stay.

    Raises
    ------
    BadInput
        A field is not one that can be changed, or a value is not accepted.
    """
    return replace(referral, **_changes("referrals", Referral, needs))


def amended_person(person: Person, changes: Mapping[str, object]) -> Person:
    """Return a person with some details changed; who the lead is stays.

    Raises
    ------
    BadInput
        A field is not one that can be changed, or a value is not accepted.
    """
    return replace(person, **_changes("people", Person, changes))


def needs_of(referral: Referral) -> dict[str, object]:
    """Return what can be stated and changed about a case, by field."""
    return {name: getattr(referral, name) for name in _changeable(Referral)}


def checked_note(notes: str | None) -> str | None:
    """Return a note as it may be kept; None where there is nothing in it.

    Raises
    ------
    BadInput
        It is too long.
    """
    if notes is not None and len(notes) > MOST_NOTE_CHARACTERS:
        raise BadInput(f"notes: up to {MOST_NOTE_CHARACTERS:,} characters are accepted")
    return notes or None


def checked_all(table: str, values: Mapping[str, object]) -> dict[str, Any]:
    """Return values by column of a table of the folder, each checked by the form of its column.

    Raises
    ------
    BadInput
        One is not accepted.
    """
    return {name: _checked(_COLUMNS[table][name], value) for name, value in values.items()}


def _checked(column: Column, value: object) -> object:
    empty = value is None or value == "" or (isinstance(value, Collection) and not value)
    if empty and column.may_be_empty:
        return column.empty
    many = isinstance(value, Collection) and not isinstance(value, str | bytes)
    try:
        if empty:
            raise ValueError
        return column.form.parse(_as_list(value) if many else shown(value))  # type: ignore[arg-type]
    except (ValueError, KeyError, TypeError, IndexError):
        raise BadInput(f"{column.name}: {_accepted(column)} is accepted") from None


def _as_list(items: Collection[object]) -> str:
    texts = [item for item in items if isinstance(item, str)]
    if len(texts) < len(items) or len(texts) > MOST_ITEMS or any(";" in text or not text for text in texts):
        raise ValueError
    return shown(frozenset(texts))


def _accepted(column: Column) -> str:
    _, is_list, item = column.form.accepted.partition(_ITEMS)
    words = f"a list of up to {MOST_ITEMS} where each item is {item}" if is_list else column.form.accepted
    return f"{words}, or nothing," if column.may_be_empty else words


def _changes(table: str, kind: type, stated: Mapping[str, object]) -> dict[str, Any]:
    names = _changeable(kind)
    if not stated.keys() <= set(names):
        raise BadInput(f"changes: {', '.join(names)} can be changed")
    return checked_all(table, stated)


def _changeable(kind: type) -> tuple[str, ...]:
    return tuple(column.name for column in fields(kind) if column.name not in _NOT_STATED)


def _record(kind: type[Any], values: Mapping[str, object]) -> Any:
    return kind(**values)
