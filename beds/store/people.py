"""The people of a household and the notes of its referral, kept under the key of their case."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from pydantic import JsonValue
from sqlalchemy import Row
from sqlmodel import Session

from beds.domain.records.columns import canonical_json
from beds.domain.referral import Person
from beds.domain.terms import AgeStatus, Gender, PersonRef, ReferralRef
from beds.sealing import open_text, open_with, opening_keys, seal_text, sealing_keys

NOTES = "referral notes"


def person_values(session: Session, referral_id: str, person: Person) -> dict[str, Any]:
    """Return the columns of a person of a case, the details sealed with its key (made where there is none).

    Raises
    ------
    Anonymised
        The case was anonymised.
    DatabaseUnavailable
        The case keys are missing, another database's, or cannot be used.
    """
    return {
        "person_id": person.person_id,
        "referral_id": referral_id,
        "is_lead": person.is_lead,
        "details": sealed_details(session, {person.person_id: (referral_id, person_details(person))})[
            person.person_id
        ],
    }


def sealed_details(
    session: Session, details: Mapping[str, tuple[str, Mapping[str, JsonValue]]]
) -> dict[str, str]:
    """Return people's details sealed, by person.

    Parameters
    ----------
    details : the case and the document of each person

    Raises
    ------
    Anonymised, DatabaseUnavailable
        As for `person_values`.
    """
    keys = sealing_keys(session, {referral_id for referral_id, _ in details.values()})
    return {
        person_id: keys[referral_id].encrypt(details_of(person_id), canonical_json(document))
        for person_id, (referral_id, document) in details.items()
    }


def people_of_rows(session: Session, rows: Iterable[Row[Any]]) -> dict[str, Person]:
    """Return the people of rows of `person` by identifier, without those whose case was anonymised.

    Raises
    ------
    DatabaseUnavailable
        A row cannot be read with the keys in use.
    """
    found = list(rows)
    keys = opening_keys(session, [(row.referral_id, row.details) for row in found])
    people: dict[str, Person] = {}
    for row in found:
        text = open_with(session, keys.get(row.referral_id), details_of(row.person_id), row.details)
        if text is not None:
            people[row.person_id] = _person(row, json.loads(text))
    return people


def details_of(person_id: str) -> str:
    """Return what a person's details are sealed for: they open as hers only."""
    return f"person {person_id}"


def note_values(session: Session, referral_id: str, notes: str | None) -> dict[str, str | None]:
    """Return the column of a referral's notes, sealed with the case's key (made where there is none).

    Raises
    ------
    Anonymised, DatabaseUnavailable
        As for `person_values`.
    """
    return {"notes": None if not notes else seal_text(session, referral_id, NOTES, notes)}


def note_of_row(session: Session, row: Row[Any]) -> str | None:
    """Return the notes of a row of `referral`, or None where there are none.

    Raises
    ------
    Anonymised
        The case's key was destroyed.
    DatabaseUnavailable
        They cannot be read with the keys in use.
    """
    return None if row.notes is None else open_text(session, row.referral_id, NOTES, row.notes)


def person_details(person: Person) -> dict[str, JsonValue]:
    """Return what is personal about a person, as one document to encrypt."""
    return {
        "gender": person.gender.value,
        "age": person.age,
        "age_status": None if person.age_status is None else person.age_status.value,
        "together_confirmed": person.together_confirmed,
        "due_on": None if person.due_on is None else person.due_on.isoformat(),
        "languages": [*sorted(person.languages)],
    }


def _person(row: Row[Any], details: Any) -> Person:
    status, due_on = details["age_status"], details["due_on"]
    return Person(
        person_id=PersonRef(row.person_id),
        referral_id=ReferralRef(row.referral_id),
        is_lead=row.is_lead,
        gender=Gender(details["gender"]),
        age=details["age"],
        age_status=None if status is None else AgeStatus(status),
        together_confirmed=details["together_confirmed"],
        due_on=None if due_on is None else date.fromisoformat(due_on),
        languages=frozenset(details["languages"]),
    )
