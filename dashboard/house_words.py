"""What is on record about a site, a unit or a bed in words: labels of fields, values as people say them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from beds.domain.terms import REGIONS, BedKind, Gender, MoveOn, Sharing, SiteType
from beds.services.sites import SiteLine
from beds.wording import sentence_case
from dashboard.language import day, moment, t

FIELDS: Final = {
    "name": "Name, for those who see the site",
    "provider_id": "Provider, by reference",
    "nation": "Nation",
    "region": "Region",
    "local_authority": "Council, by ONS code",
    "site_type": "Kind of site",
    "admits": "Who may live there",
    "accepts_children": "Children may come",
    "max_age_girls": "Oldest girl, in years",
    "max_age_boys": "Oldest boy, in years",
    "security_level": "Security",
    "staff_languages": "Languages of the staff",
    "services": "Services there",
    "opens_on": "First night open",
    "closes_on": "First night closed for good",
    "max_stay_nights": "Longest stay, in nights",
    "cost_per_bed_night": "Cost of a bed for a night, in pounds",
    "sharing": "Who has the unit",
    "step_free": "Step-free",
    "kind": "Kind of bed",
    "address": "Address",
    "contact": "How to reach the provider at night",
}
"""In the order of the forms, by the field that services name."""
SITE_TYPES: Final = {
    SiteType.SAFE_HOUSE: "safe house",
    SiteType.SELF_CONTAINED: "self-contained",
    SiteType.DISPERSED: "dispersed",
    SiteType.PLACE_OF_SAFETY: "place of safety",
}
GENDERS: Final = {Gender.FEMALE: "women", Gender.MALE: "men", Gender.NON_BINARY: "non-binary people"}
SECURITY: Final = {1: "1 standard", 2: "2 enhanced", 3: "3 high"}
SHARING: Final = {Sharing.HOUSEHOLD: "one household", Sharing.SHARED: "shared by people of one gender"}
KINDS: Final = {BedKind.SINGLE: "single", BedKind.COT: "cot"}
MOVE_ON: Final = {move_on: move_on.value.replace("_", " ") for move_on in MoveOn}


def labels(*names: str) -> dict[str, str]:
    """Return the labels of some fields in the visitor's language, of all if none is named."""
    return {name: t(FIELDS[name]) for name in names or FIELDS}


def house_name(site_id: str, name: str) -> str:
    """Return how a site is called: its reference, and its name where it has one."""
    return f"{site_id} · {name}" if name and name != site_id else site_id


def confirmed(line: SiteLine) -> str:
    """Return when somebody last said that what is shown of a site is so."""
    if line.availability_confirmed_at is None:
        return t("never confirmed")
    return t("confirmed {time}", time=moment(line.availability_confirmed_at))


def fact_in_words(name: str, value: object) -> str:
    """Return a fact of a site as people say it; what is not on record says what that means."""
    if name == "region":
        return t(REGIONS.get(str(value), "region not known"))
    if name == "admits" and isinstance(value, frozenset):
        return ", ".join(t(words) for gender, words in GENDERS.items() if gender in value)
    if isinstance(value, SiteType):
        return sentence_case(t(SITE_TYPES[value]))
    if name == "security_level" and isinstance(value, int):
        return t(SECURITY[value])
    return _plain(name, value)


def _plain(name: str, value: object) -> str:
    if value is None or value in ("", frozenset()):
        without = {"max_stay_nights": "no limit", "opens_on": "open already", "closes_on": "no end planned"}
        return t(without.get(name, "none on record"))
    if isinstance(value, bool):
        return t("yes") if value else t("no")
    if isinstance(value, frozenset):
        return ", ".join(sorted(word.replace("_", " ") for word in map(str, value)))
    if isinstance(value, date) and not isinstance(value, datetime):
        return day(value)
    return str(value)
