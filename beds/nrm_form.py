"""The Home Office's digital NRM referral form (JSON) → a referral, its lead, and what is still to ask.

Field names and values are those of `UKHomeOffice/modern-slavery` (`apps/nrm/fields`, April 2026). No free
text, name, contact or date of birth is kept or shown; what the form does not say is not made up but listed
as still to ask. Exclusion areas are proposals for a person to confirm, never part of the referral.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final

from beds.domain.accommodation import ADULT_AGE
from beds.domain.clock import london_date
from beds.domain.referral import Person, Referral
from beds.domain.terms import Gender, Nation, PersonRef, Priority, ReferralRef, ReferralStatus
from beds.errors import BadInput, Fault, ImportRejected
from beds.importing.columns import OLDEST_AGE
from beds.importing.forms import IDENTIFIER
from beds.place_names import place_key

FORM: Final = "NRM form"
"""How faults name the file: its own name may be a person's."""
MOST_BYTES: Final = 5_000_000

NATIONS: Final = {
    "england": Nation.ENGLAND,
    "wales": Nation.WALES,
    "scotland": Nation.SCOTLAND,
    "northern-ireland": Nation.NORTHERN_IRELAND,
}
GENDERS: Final = {
    "female": Gender.FEMALE,
    "male": Gender.MALE,
    # the form's label for this value: "They do not identify as male or female"
    "unknown": Gender.NON_BINARY,
}
YES_NO: Final = ("yes", "no")
ANSWERS: Final = {
    "fr-location": tuple(NATIONS),
    "pv-gender": tuple(GENDERS),
    "pv-under-age": ("yes", "no", "not-sure"),
    "pv-want-to-submit-nrm": YES_NO,
    "does-pv-need-support": YES_NO,
    "does-pv-have-children": YES_NO,
    "pv-interpreter-requirements": YES_NO,
    "pv-other-help-with-communication": YES_NO,
    "any-other-pvs": ("yes", "no", "not-sure"),
    "exploiters-location": YES_NO,
}
MUST_BE_ANSWERED: Final = ("fr-location", "pv-gender")
TOWN_FIELDS: Final = tuple(f"where-exploitation-happened-uk-city-{number}" for number in range(1, 11))

EXPLOITATION: Final = {
    "types-of-exploitation-forced-to-work": "labour",
    "types-of-exploitation-wages-taken": "labour",
    "types-of-exploitation-forced-to-commit-fraud": "criminal",
    "types-of-exploitation-forced-to-commit-crime": "criminal",
    "types-of-exploitation-prostitution": "sexual",
    "types-of-exploitation-child-exploitation": "sexual",
    "types-of-exploitation-taken-somewhere": "sexual",
    "types-of-exploitation-organs-removed": "organ_harvesting",
    "types-of-exploitation-unpaid-household-work": "domestic",
    "types-of-exploitation-other": "other",
}
"""The boxes of the form by the groups of the published statistics. Assumption: ask the Home Office."""

FIRST_RESPONDERS: Final = (
    ("home office", "home_office"),
    ("salvation army", "salvation_army"),
    ("migrant help", "migrant_help"),
    ("trafficking awareness raising alliance", "tara"),
    ("medaille trust", "medaille_trust"),
    ("kalayaan", "kalayaan"),
    ("barnardo", "barnardos"),
    ("unseen", "unseen"),
    ("new pathways", "new_pathways"),
    ("bawso", "bawso"),
    ("prevention of cruelty to children", "nspcc"),
    ("gangmasters", "glaa"),
    ("national crime agency", "nca"),
    ("health and social care trust", "health_and_social_care_trust"),
    ("police", "police"),
    ("constabulary", "police"),
    ("refugee council", "refugee_council"),
    ("council", "local_authority"),
    ("borough", "local_authority"),
)
"""Part of an organisation's name on the form's list, and the word kept for it; any other is not kept."""

NEVER_ON_THE_FORM: Final = (
    "priority",
    "needed_from",
    "no_shelter_tonight",
    "detention_risk",
    "expected_stay_days",
    "min_security_level",
    "services_required",
    "needs_step_free",
    "cross_border",
    "accepts_sharing",
    "risk_to_others",
    "acceptable_site_genders",
    "preferred_regions",
    "survivor_ref",
)
"""Columns of a referral that the form has no field for; `priority` and `needed_from` stand provisionally."""

_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_COUNT = re.compile(r"\d{1,2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class NrmIntake:
    """What a form told, and what it could not.

    `children_told` is the number on the form, `None` where it does not say: their ages are not on it.
    `proposed_excluded_areas` are GSS codes of places of exploitation, for a person to confirm.
    """

    referral: Referral
    lead: Person
    children_told: int | None
    still_to_ask: tuple[str, ...]
    proposed_excluded_areas: tuple[str, ...]

    def household(self, children: Sequence[Person] | None = None) -> tuple[Referral, tuple[Person, ...]]:
        """Return the referral and its people, once it is known who comes.

        A parent must not be matched as if alone because the form has no field for a child's age: unless it
        says there are no children, those who come are stated, or an empty list where none does.

        Raises
        ------
        BadInput
            It is not yet known which children come, or one of them is not a person of this referral.
        """
        if children is None and self.children_told != 0:
            raise BadInput(
                "children: state those who come with the survivor, or an empty list where none does"
            )
        people = (self.lead, *(children or ()))
        if any(p.referral_id != self.referral.referral_id or p.is_lead for p in people[1:]):
            raise BadInput("children: each must be a person of this referral and not its lead")
        return self.referral, people


def read_nrm_form(
    source: Path | Mapping[str, object],
    *,
    referral_id: ReferralRef,
    received_at: datetime,
    towns: Mapping[str, str],
    languages: Mapping[str, str],
) -> NrmIntake:
    """Return the referral and the lead that a form tells of, with everything else as still to ask.

    Parameters
    ----------
    source : a JSON file, or its content: the form's fields by name
    received_at : with an offset
    towns : GSS codes by place, from `beds.place_names.gss_by_place`
    languages : BCP 47 codes by name, from `beds.place_names.code_by_language`

    Raises
    ------
    BadInput
        The file cannot be read, the identifier is not one, or the survivor did not want to be referred.
    ImportRejected
        A field that is needed is missing, or says something the form does not offer.
    """
    _check_arguments(referral_id, received_at)
    form = _Form(_load(source) if isinstance(source, Path) else source)
    form.refuse_unknown_answers()
    if form.answer("pv-want-to-submit-nrm") == "no":
        raise BadInput("the form is a duty to notify: without consent to a referral, nothing of it is kept")
    received_on = london_date(received_at)
    questions = _Questions(form, received_on, towns, languages)
    lead = Person(
        person_id=PersonRef(f"{referral_id}-1"),
        referral_id=referral_id,
        is_lead=True,
        gender=GENDERS[form.answer("pv-gender")],
        age=questions.age(),
        languages=questions.languages(),
    )
    referral = Referral(
        referral_id=referral_id,
        received_at=received_at,
        needed_from=received_on,
        priority=Priority.STANDARD,
        nation=NATIONS[form.answer("fr-location")],
        status=ReferralStatus.WAITING,
        first_responder=_first_responder(form),
        exploitation_type=_exploitation_type(form),
        nrm_status="referred" if form.answer("pv-want-to-submit-nrm") == "yes" else "",
    )
    children, areas = questions.children(), questions.areas()
    questions.about_others()
    return NrmIntake(referral, lead, children, (*questions.asked, *NEVER_ON_THE_FORM), areas)


class _Form:
    """The fields of a form, each as plain text, whatever JSON type it came as."""

    def __init__(self, fields: Mapping[str, object]) -> None:
        self._fields = fields

    def text(self, field: str) -> str:
        """What a field says, without spaces around it; empty where it says nothing."""
        value = self._fields.get(field)
        return str(value).strip() if isinstance(value, str | int | float) else ""

    def answer(self, field: str) -> str:
        """What a field says, in lower case."""
        return self.text(field).casefold()

    def refuse_unknown_answers(self) -> None:
        """Record every field that does not say what the form offers, all at once."""
        faults = [
            Fault(FORM, None, field, f"must be one of {', '.join(accepted)}")
            for field, accepted in ANSWERS.items()
            if self.answer(field) not in accepted and (self.answer(field) or field in MUST_BE_ANSWERED)
        ]
        if self.text("pv-dob") and self.born_on() is None:
            faults.append(Fault(FORM, None, "pv-dob", "must be a date such as 1990-03-31, or empty"))
        if faults:
            raise ImportRejected(faults)

    def born_on(self) -> date | None:
        """The date of birth, used for the age and then forgotten."""
        found = _DAY.fullmatch(self.text("pv-dob"))
        try:
            return date(*map(int, found.groups())) if found else None
        except ValueError:
            return None


class _Questions:
    """Reads what needs judgement, noting what is still to ask on the way."""

    def __init__(
        self, form: _Form, received_on: date, towns: Mapping[str, str], languages: Mapping[str, str]
    ) -> None:
        self._form = form
        self._received_on = received_on
        self._towns = towns
        self._languages = languages
        self.asked: list[str] = []

    def age(self) -> int | None:
        """The age on the day of receipt, where the form is sure of it and does not contradict itself."""
        age = _age(self._form.born_on(), self._received_on)
        under = self._form.answer("pv-under-age")
        contradicted = age is not None and under in YES_NO and (age < ADULT_AGE) != (under == "yes")
        if age is None or under == "not-sure" or contradicted:
            self.asked.append("age")
            return None
        return age

    def languages(self) -> frozenset[str]:
        """English where no interpreter is needed; otherwise the language named, if it is one we know."""
        needed = self._form.answer("pv-interpreter-requirements")
        if needed == "no":
            return frozenset({"en"})
        code = self._languages.get(place_key(self._form.text("pv-interpreter-requirements-language")))
        self.asked += [] if needed == "yes" and code else ["languages"]
        self.asked.append("language_required")
        return frozenset({code}) if needed == "yes" and code else frozenset()

    def children(self) -> int | None:
        """How many children the form tells of; never their ages, which it does not hold."""
        if self._form.answer("does-pv-have-children") == "no":
            return 0
        amount = self._form.text("does-pv-have-children-yes-amount")
        told = int(amount) if _COUNT.fullmatch(amount) else 0
        if self._form.answer("does-pv-have-children") != "yes" or not told:
            self.asked.append("children: how many, their ages and genders, who comes with the survivor")
            return None
        noun = "child" if told == 1 else "children"
        self.asked.append(f"ages of {told} {noun}, their genders, who comes with the survivor")
        return told

    def areas(self) -> tuple[str, ...]:
        """Areas of the towns of exploitation, to be confirmed; towns not recognised are counted only."""
        named = [town for field in TOWN_FIELDS if (town := self._form.text(field))]
        codes = [_area(town, self._towns) for town in named]
        found = sorted({code for code in codes if code})
        self.asked.append("excluded_areas: to be confirmed" if found else "excluded_areas")
        if missing := codes.count(None):
            noun = "town" if missing == 1 else "towns"
            self.asked.append(f"{missing} {noun} of exploitation not recognised: areas to be asked")
        return tuple(found)

    def about_others(self) -> None:
        """Note what free text and boxes point to; the text itself stays on the form."""
        self.asked.append("anyone else who comes, asked alone: together_confirmed")
        if self._form.text("who-exploited-pv") or self._form.answer("any-other-pvs") in {"yes", "not-sure"}:
            self.asked.append("keep_apart: whether anyone linked to the exploitation is known to the service")
        if self._form.answer("exploiters-location") == "yes":
            self.asked.append("excluded_areas: the form says where the exploiters are")
        if self._form.answer("pv-other-help-with-communication") == "yes":
            self.asked.append("services_required: help with communication")
        if self._form.answer("does-pv-need-support") != "yes":
            self.asked.append("whether accommodation is wanted at all")
        if self._form.answer("pv-gender") != "male":
            self.asked.append("due_on")


def _check_arguments(referral_id: str, received_at: datetime) -> None:
    try:
        IDENTIFIER.parse(f"{referral_id}-1")
    except (ValueError, IndexError) as error:
        raise BadInput(f"referral_id: must be {IDENTIFIER.accepted}") from error
    if received_at.tzinfo is None:
        raise BadInput("received_at: must be a date-time with its offset")


def _load(path: Path) -> Mapping[str, object]:
    try:
        with path.open("rb") as file:
            text = file.read(MOST_BYTES + 1)  # a device may have no size and no end
        if len(text) > MOST_BYTES:
            raise ImportRejected([Fault(FORM, None, None, f"must be at most {MOST_BYTES // 1_000_000} MB")])
        content = json.loads(text.decode("utf-8-sig"))
    except OSError as error:
        raise BadInput("no such file, or it cannot be read: a JSON file is needed") from error
    except json.JSONDecodeError as error:
        raise ImportRejected([Fault(FORM, error.lineno, None, "must be JSON")]) from error
    except (UnicodeDecodeError, RecursionError, ValueError) as error:
        raise ImportRejected([Fault(FORM, None, None, "must be JSON in UTF-8")]) from error
    if not isinstance(content, dict):
        raise ImportRejected([Fault(FORM, None, None, "must be a JSON object: the form's fields by name")])
    return content


def _age(born_on: date | None, on: date) -> int | None:
    if born_on is None:
        return None
    had_birthday = (on.month, on.day) >= (born_on.month, born_on.day)
    age = on.year - born_on.year - (not had_birthday)
    return age if 0 <= age <= OLDEST_AGE else None


def _area(town: str, towns: Mapping[str, str]) -> str | None:
    """Find a town by its name, or by its English or Welsh name: the form's list says `Cardiff / Caerdydd`."""
    names = [town, *town.split(" / ")]
    return next((towns[place_key(name)] for name in names if place_key(name) in towns), None)


def _first_responder(form: _Form) -> str:
    organisation = form.answer("user-organisation")
    return next((word for part, word in FIRST_RESPONDERS if part in organisation), "")


def _exploitation_type(form: _Form) -> str:
    return "_and_".join(sorted({kind for box, kind in EXPLOITATION.items() if form.answer(box) == "true"}))
