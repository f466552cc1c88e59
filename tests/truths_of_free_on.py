"""From which date R1 could have a unit, written by hand from `allocation.md` §2 and §5."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from beds.domain.estate import Estate
from beds.domain.terms import BedKind, Outcome, ReferralStatus
from tests.builders import (
    a_bed,
    a_closure,
    a_hold,
    a_keep_apart,
    a_person,
    a_placement,
    a_referral,
    a_unit,
)
from tests.truth_case import (
    BOTH,
    MALE,
    SHARED,
    ExplanationCase,
    an_estate,
    another_site,
    april,
    march,
    resident,
    utc,
    with_resident,
    with_sites,
)

NONE, FULL = Outcome.NO_ELIGIBLE_UNIT, Outcome.NO_FREE_UNIT
MAN = {"gender": MALE}
TWO = (a_bed("B1"), a_bed("B2"))


def _full(
    name: str,
    free_on: date | None,
    *,
    as_at: datetime | None = None,
    estate: Estate | None = None,
    **stay: Any,
) -> ExplanationCase:
    """Return a case in which R2 has the only bed."""
    full = with_resident(estate or an_estate(), "B1", **stay)
    return ExplanationCase(name, full, FULL, free_on=free_on, **({"as_at": as_at} if as_at else {}))


def _held(**hold: Any) -> Estate:
    return an_estate(
        referrals=(a_referral("R2", status=ReferralStatus.HELD),),
        people=(a_person("A2", "R2"),),
        holds=(a_hold("R2", "B1", **hold),),
    )


BOOKED_AGAIN = an_estate(
    referrals=(resident("R3"),),
    people=(a_person("A3", "R3"),),
    placements=(a_placement("R3", "B1", starts_on=april(9), expected_end_on=date(2026, 5, 1)),),
)
WITH_COT = (a_bed("B1"), a_bed("C1", kind=BedKind.COT))
SITE_OF_TWO: dict[str, Any] = {"units": (a_unit("U2"),), "beds": (a_bed("B1"), a_bed("B2", "U2"))}

FREE_ON_CASES = [
    _full("free when the stay there is expected to end", april(2)),
    _full("free tomorrow", march(4), expected_end_on=march(4)),
    _full("overstayed: no date", None, expected_end_on=march(1)),
    _full("expected to leave today and has not: no date", None, expected_end_on=march(3)),
    _full("will have left for certain", march(9), expected_end_on=march(1), ended_on=march(9)),
    _full("02:00: leaves this morning", march(4), expected_end_on=march(4), as_at=utc(2026, 3, 4, 2)),
    _full(
        "02:00 in summer time: leaves this morning",
        date(2026, 7, 2),
        expected_end_on=date(2026, 7, 2),
        as_at=utc(2026, 7, 2, 1),
    ),
    _full(
        "02:30 on the night the clocks go forward: leaves this morning",
        march(29),
        expected_end_on=march(29),
        as_at=utc(2026, 3, 29, 1, 30),
    ),
    _full(
        "01:30 for the second time, the clocks having gone back: leaves this morning",
        date(2026, 10, 25),
        expected_end_on=date(2026, 10, 25),
        as_at=utc(2026, 10, 25, 1, 30),
    ),
    _full(
        "30 nights fit exactly before the next booking",
        march(10),
        estate=BOOKED_AGAIN,
        expected_end_on=march(10),
    ),
    _full(
        "one night short before the next booking",
        date(2026, 5, 1),
        estate=BOOKED_AGAIN,
        expected_end_on=march(11),
    ),
    ExplanationCase(
        "a future booking in the way",
        with_resident(an_estate(), "B1", starts_on=march(20), expected_end_on=april(20)),
        FULL,
        free_on=april(20),
    ),
    ExplanationCase("held until 2 April", _held(), FULL, free_on=april(2)),
    ExplanationCase("the hold has expired", _held(expires_at=utc(2026, 3, 3, 12)), None),
    ExplanationCase("closed until further notice", an_estate(closures=(a_closure(),)), FULL),
    ExplanationCase(
        "closed until the 20th", an_estate(closures=(a_closure(ends_on=march(20)),)), FULL, free_on=march(20)
    ),
    _full(
        "the site would close too soon after",
        None,
        estate=an_estate(site={"closes_on": april(10)}),
        expected_end_on=march(20),
    ),
    _full(
        "the site closes 28 nights after",
        march(20),
        estate=an_estate(site={"closes_on": april(17)}),
        expected_end_on=march(20),
    ),
    _full(
        "by then she will have given birth during the stay, and there is one bed",
        None,
        estate=an_estate(lead={"due_on": april(10)}),
        expected_end_on=march(20),
    ),
    ExplanationCase(
        "due to give birth, the cot in use until the 20th",
        an_estate(lead={"due_on": march(25)}, beds=WITH_COT, closures=(a_closure("C1", ends_on=march(20)),)),
        FULL,
        free_on=march(20),
    ),
    ExplanationCase("due to give birth, and there is one bed", an_estate(lead={"due_on": march(25)}), NONE),
    ExplanationCase(
        "a man in the shared unit until the 20th",
        with_resident(
            an_estate(site={"admits": BOTH}, unit=SHARED, beds=TWO), "B2", lead=MAN, expected_end_on=march(20)
        ),
        FULL,
        free_on=march(20),
    ),
    ExplanationCase(
        "apart from somebody who leaves on the 20th: it reads as no room",
        with_resident(
            an_estate(**SITE_OF_TWO, referral={}, keep_apart=(a_keep_apart(),)),
            "B2",
            expected_end_on=march(20),
        ),
        FULL,
        free_on=march(20),
    ),
    ExplanationCase(
        "apart from somebody who has overstayed: it reads as no room, no date",
        with_resident(an_estate(**SITE_OF_TWO, keep_apart=(a_keep_apart(),)), "B2", expected_end_on=march(1)),
        FULL,
    ),
    ExplanationCase(
        "the earliest of two",
        with_sites(
            with_resident(an_estate(), "B1"),
            another_site(),
        ).with_rows(closures=(a_closure("B2", ends_on=march(9)),)),
        FULL,
        free_on=march(9),
    ),
    ExplanationCase("a unit is free", an_estate(), None),
]
