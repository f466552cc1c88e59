"""The folder of `allocation.md` §1 as data: its files, their columns, what each accepts, what may be empty.

The reader and the writer share this table; a column is added here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from beds.domain.accommodation import DEFAULT_MAX_CHILD_AGE, Bed, Closure, Site, Unit
from beds.domain.referral import Decline, Hold, KeepApart, Person, Placement, Referral
from beds.domain.terms import (
    FOLDER_STATUSES,
    SERVED_NATIONS,
    AgeStatus,
    BedKind,
    DeclinedBy,
    Gender,
    Nation,
    Priority,
    RiskToOthers,
    Sharing,
    SiteType,
)
from beds.importing.forms import (
    AREA,
    BOOLEAN,
    DAY,
    IDENTIFIER,
    INSTANT,
    LANGUAGE,
    MAX_DAYS,
    MONEY,
    NAME,
    REGION,
    WORD,
    Form,
    list_of,
    one_of,
    whole,
)

OLDEST_AGE = 120
HIGHEST_SECURITY_LEVEL = 3

_NIGHTS = whole(1, MAX_DAYS)
_LEVEL = whole(1, HIGHEST_SECURITY_LEVEL)
_CHILD_AGE = whole(0, DEFAULT_MAX_CHILD_AGE)
_GENDERS = list_of(one_of(Gender))


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, the form of its cells, and the value of an empty cell where that is allowed."""

    name: str
    form: Form
    may_be_empty: bool = False
    empty: object = None


@dataclass(frozen=True, slots=True)
class Table:
    """One file: what a row of it is, its columns in order, and whether it must be there.

    `unique` is the column, or the columns taken together, that no two rows share. `references` says of
    some columns in which table (by the column of the same meaning) their value must be found. `kept_once`:
    a record may be stated again, and is one all the same.
    """

    name: str
    record: Callable[..., object]
    columns: tuple[Column, ...]
    must_be_there: bool = False
    unique: tuple[str, ...] = ()
    references: tuple[tuple[str, str, str], ...] = ()
    kept_once: bool = False


def _may_be_empty(name: str, form: Form, empty: object = None) -> Column:
    return Column(name, form, may_be_empty=True, empty=empty)


def _text(name: str, form: Form) -> Column:
    return _may_be_empty(name, form, "")


def _list(name: str, form: Form) -> Column:
    return _may_be_empty(name, form, frozenset())


_SITE = ("site_id", "sites", "site_id")
_BED = ("bed_id", "beds", "bed_id")
_REFERRAL = ("referral_id", "referrals", "referral_id")

TABLES: Final = (
    Table(
        "sites",
        Site,
        (
            Column("site_id", IDENTIFIER),
            Column("provider_id", IDENTIFIER),
            _text("name", NAME),
            # the service runs sites in England and Scotland only; referrals come from all four nations
            Column("nation", one_of(SERVED_NATIONS)),
            Column("region", REGION),
            _text("local_authority", AREA),
            Column("site_type", one_of(SiteType)),
            Column("admits", _GENDERS),
            Column("accepts_children", BOOLEAN),
            _may_be_empty("max_age_girls", _CHILD_AGE, DEFAULT_MAX_CHILD_AGE),
            _may_be_empty("max_age_boys", _CHILD_AGE, DEFAULT_MAX_CHILD_AGE),
            Column("security_level", _LEVEL),
            _list("staff_languages", list_of(LANGUAGE)),
            _list("services", list_of(WORD)),
            _may_be_empty("opens_on", DAY),
            _may_be_empty("closes_on", DAY),
            _may_be_empty("max_stay_nights", _NIGHTS),
            _may_be_empty("cost_per_bed_night", MONEY),
        ),
        must_be_there=True,
        unique=("site_id",),
    ),
    Table(
        "units",
        Unit,
        (
            Column("unit_id", IDENTIFIER),
            Column("site_id", IDENTIFIER),
            Column("sharing", one_of(Sharing)),
            Column("step_free", BOOLEAN),
        ),
        must_be_there=True,
        unique=("unit_id",),
        references=(_SITE,),
    ),
    Table(
        "beds",
        Bed,
        (
            Column("bed_id", IDENTIFIER),
            Column("unit_id", IDENTIFIER),
            Column("kind", one_of(BedKind)),
        ),
        must_be_there=True,
        unique=("bed_id",),
        references=(("unit_id", "units", "unit_id"),),
    ),
    Table(
        "closures",
        Closure,
        (
            Column("bed_id", IDENTIFIER),
            Column("starts_on", DAY),
            _may_be_empty("ends_on", DAY),
            _text("reason", WORD),
        ),
        references=(_BED,),
    ),
    Table(
        "referrals",
        Referral,
        (
            Column("referral_id", IDENTIFIER),
            _text("survivor_ref", IDENTIFIER),
            Column("received_at", INSTANT),
            Column("needed_from", DAY),
            Column("priority", one_of(Priority)),
            _may_be_empty("no_shelter_tonight", BOOLEAN),
            _may_be_empty("detention_risk", BOOLEAN),
            Column("nation", one_of(Nation)),
            _may_be_empty("expected_stay_days", _NIGHTS),
            _may_be_empty("min_security_level", _LEVEL),
            _list("services_required", list_of(WORD)),
            _may_be_empty("needs_step_free", BOOLEAN),
            _may_be_empty("language_required", BOOLEAN),
            _may_be_empty("cross_border", BOOLEAN),
            _may_be_empty("accepts_sharing", BOOLEAN),
            _may_be_empty("risk_to_others", one_of(RiskToOthers)),
            _list("acceptable_site_genders", _GENDERS),
            _list("preferred_regions", list_of(REGION)),
            _list("excluded_areas", list_of(AREA)),
            _text("first_responder", WORD),
            _text("exploitation_type", WORD),
            _text("nrm_status", WORD),
            Column("status", one_of(FOLDER_STATUSES)),
        ),
        must_be_there=True,
        unique=("referral_id",),
    ),
    Table(
        "people",
        Person,
        (
            Column("person_id", IDENTIFIER),
            Column("referral_id", IDENTIFIER),
            Column("is_lead", BOOLEAN),
            Column("gender", one_of(Gender)),
            _may_be_empty("age", whole(0, OLDEST_AGE)),
            _may_be_empty("age_status", one_of(AgeStatus)),
            _may_be_empty("together_confirmed", BOOLEAN),
            _may_be_empty("due_on", DAY),
            _list("languages", list_of(LANGUAGE)),
        ),
        must_be_there=True,
        unique=("person_id",),
        references=(_REFERRAL,),
    ),
    Table(
        "keep_apart",
        KeepApart,
        (Column("referral_id_a", IDENTIFIER), Column("referral_id_b", IDENTIFIER)),
        references=(
            ("referral_id_a", "referrals", "referral_id"),
            ("referral_id_b", "referrals", "referral_id"),
        ),
        kept_once=True,
    ),
    Table(
        "holds",
        Hold,
        (
            Column("hold_id", IDENTIFIER),
            Column("referral_id", IDENTIFIER),
            Column("bed_id", IDENTIFIER),
            Column("starts_on", DAY),
            Column("expected_end_on", DAY),
            Column("expires_at", INSTANT),
        ),
        unique=("hold_id", "bed_id"),
        references=(_REFERRAL, _BED),
    ),
    Table(
        "declines",
        Decline,
        (
            Column("referral_id", IDENTIFIER),
            Column("site_id", IDENTIFIER),
            Column("declined_by", one_of(DeclinedBy)),
            _text("reason", WORD),
            Column("declined_on", DAY),
            _may_be_empty("until", DAY),
        ),
        references=(_REFERRAL, _SITE),
    ),
    Table(
        "placements",
        Placement,
        (
            Column("placement_id", IDENTIFIER),
            Column("referral_id", IDENTIFIER),
            Column("bed_id", IDENTIFIER),
            Column("starts_on", DAY),
            Column("expected_end_on", DAY),
            _may_be_empty("ended_on", DAY),
        ),
        unique=("placement_id", "bed_id"),
        references=(_REFERRAL, _BED),
    ),
)
