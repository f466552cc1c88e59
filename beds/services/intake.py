"""A referral that arrives on the Home Office's digital NRM form."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from beds.domain.estate import Estate
from beds.domain.referral import Person
from beds.domain.terms import REGIONS, Gender, PersonRef, ReferralRef
from beds.errors import BadInput
from beds.nrm_form import NrmIntake, read_nrm_form
from beds.place_names import code_by_language, gss_by_place
from beds.reference import read_rows

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from beds.store.planning import ImportReport

PLACES = ("local_authorities", "scottish_councils", "regions")
COUNCIL = re.compile(r"(E0[6-9]|E10|S12|W06|N09)\d{6}", re.ASCII)
"""The form of a council's ONS (GSS) code: the list on record lacks some, so it is not asked."""
CHILD_FORM = "GENDER:AGE, such as female:7, or female:? where the age is not yet asked"


def read_form(form: Path, *, referral_id: str, received_at: datetime) -> NrmIntake:
    """Return what a form tells, and what is still to ask; nothing is written.

    Raises
    ------
    BadInput, ImportRejected
        The form cannot be used.
    """
    return read_nrm_form(
        form,
        referral_id=ReferralRef(referral_id),
        received_at=received_at,
        towns=gss_by_place([row for name in PLACES for row in read_rows(name)]),
        languages=code_by_language(read_rows("languages")),
    )


def household_of(
    intake: NrmIntake, *, children: Sequence[str] | None, excluded_areas: Sequence[str] | None
) -> Estate:
    """Return the household as records, with the children that come and the exclusion areas confirmed.

    Parameters
    ----------
    children : sequence of str, optional
        One `GENDER:AGE` each; None where it is not known who comes, empty where nobody does.
    excluded_areas : sequence of str, optional
        ONS (GSS) codes that a person has confirmed; None where those proposed were not talked over.

    Raises
    ------
    BadInput
        It is not known which children come or which areas to avoid, or one is not in the form accepted.
    """
    ref = intake.referral.referral_id
    if children is None and intake.children_told != 0:
        raise BadInput("--child for each child who comes, or --no-children: one of the two is needed to save")
    if excluded_areas is None and intake.proposed_excluded_areas:
        raise BadInput("--exclude for each area to avoid, or --no-exclude: one of the two is needed to save")
    areas = frozenset(excluded_areas or ())
    if not all(area in REGIONS or COUNCIL.fullmatch(area) for area in areas):
        raise BadInput("--exclude: the ONS (GSS) code of a region or council is accepted, such as E12000007")
    people = None if children is None else [_child(ref, n, text) for n, text in enumerate(children, start=2)]
    referral, everyone = intake.household(people)
    return Estate(referrals=(replace(referral, excluded_areas=areas),), people=everyone)


def file_household(engine: Engine, household: Estate, *, actor: str, at: datetime) -> ImportReport:
    """Write a new household into the database, as a waiting referral.

    Raises
    ------
    BadInput
        A referral of this reference is recorded already: a form never changes one, because what was asked
        since, and areas that were confirmed as not safe, would be lost.
    ImportRejected
        It cannot stand beside what is recorded.
    """
    from beds.database import writing
    from beds.store.importing import import_estate
    from beds.store.loading import is_recorded

    with writing(engine) as session:
        if any(is_recorded(session, referral.referral_id) for referral in household.referrals):
            raise BadInput("--referral-id: a referral of this reference is recorded already; name a new one")
        return import_estate(session, household, actor=actor, at=at)


def _child(ref: ReferralRef, number: int, text: str) -> Person:
    gender, _, age = text.partition(":")
    known = age.isascii() and age.isdigit() and int(age) < 18
    if gender not in list(Gender) or not (known or age == "?"):
        raise BadInput(f"--child: {CHILD_FORM} is accepted; ages 0 to 17")
    return Person(
        person_id=PersonRef(f"{ref}-P{number}"),
        referral_id=ref,
        is_lead=False,
        gender=Gender(gender),
        age=int(age) if known else None,
    )
