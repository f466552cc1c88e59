"""Truth tables, written by hand from `allocation.md` §2 and §3: capacity, sharing, keep_apart.

The stay is `[3 March, 2 April)` unless a case says otherwise.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from beds.domain.estate import Estate
from beds.domain.terms import Nation, ReferralStatus
from tests.builders import a_bed, a_closure, a_hold, a_keep_apart, a_person, a_placement, a_referral, a_unit
from tests.truth_case import (
    BOTH,
    COT,
    FEMALE,
    MALE,
    NON_BINARY,
    SHARED,
    Case,
    a_child,
    a_partner,
    an_estate,
    another_site,
    april,
    march,
    resident,
    utc,
    with_resident,
    with_sites,
)

FAR = date(2026, 12, 1)
PAST = date(2026, 2, 1)
SCOTS_90 = {"nation": Nation.SCOTLAND, "expected_stay_days": None}
TWO = (a_bed("B1"), a_bed("B2"))
TWO_COTS = (a_bed("C1", kind=COT), a_bed("C2", kind=COT))
WITH_COT = (a_bed("B1"), a_bed("C1", kind=COT))


def _held(estate: Estate, bed_id: str, **hold: Any) -> Estate:
    """Return an estate in which R2 holds a bed."""
    return estate.with_rows(
        referrals=(*estate.referrals, a_referral("R2", status=ReferralStatus.HELD)),
        people=(*estate.people, a_person("A2", "R2")),
        holds=(a_hold("R2", bed_id, **hold),),
    )


def _fits(name: str, estate: Estate, holds: bool, **more: Any) -> Case:
    return Case("capacity", name, estate, holds, **more)


def _taken(name: str, holds: bool, *, as_at: datetime | None = None, **stay: Any) -> Case:
    """Return a case of `capacity` in which somebody else has or had the only bed."""
    return _fits(name, with_resident(an_estate(), "B1", **stay), holds, **({"as_at": as_at} if as_at else {}))


CAPACITY = [
    _fits("one person, one bed", an_estate(), True),
    _fits("two people, one bed", an_estate(people=(a_partner(),)), False),
    _fits("two people, two beds", an_estate(people=(a_partner(),), beds=TWO), True),
    _fits(
        "two people, a bed in each of two units",
        an_estate(people=(a_partner(),), units=(a_unit("U2"),), beds=(a_bed("B1"), a_bed("B2", "U2"))),
        False,
    ),
    _taken("somebody is in the bed", False),
    _taken("was to leave today and has not", False, expected_end_on=march(3)),
    _taken("should have left in February", False, expected_end_on=date(2026, 2, 20)),
    _taken("leaves tomorrow", False, expected_end_on=march(4)),
    _taken("left today", True, ended_on=march(3)),
    _taken("left early, though expected in April", True, ended_on=date(2026, 2, 15)),
    _taken("leaves tomorrow, for certain", False, ended_on=march(4)),
    _taken("a booking that begins on the last night", False, starts_on=april(1), expected_end_on=april(20)),
    _taken("a booking that begins when she leaves", True, starts_on=april(2), expected_end_on=april(20)),
    _taken("a stay of no nights", True, starts_on=march(10), expected_end_on=march(20), ended_on=march(10)),
    _taken("leaves on the 4th; at 02:00 that day", False, ended_on=march(4), as_at=utc(2026, 3, 4, 2)),
    _taken("left on the 4th; at 05:59 that day", False, ended_on=march(4), as_at=utc(2026, 3, 4, 5, 59)),
    _taken("left on the 4th; at 06:00 that day", True, ended_on=march(4), as_at=utc(2026, 3, 4, 6)),
    _taken(
        "summer time: left on 2 July; at 02:00 in London that day",
        False,
        starts_on=march(1),
        ended_on=date(2026, 7, 2),
        as_at=utc(2026, 7, 2, 1),
    ),
    _taken(
        "summer time: left on 2 July; at 06:00 in London that day",
        True,
        starts_on=march(1),
        ended_on=date(2026, 7, 2),
        as_at=utc(2026, 7, 2, 5),
    ),
    _taken(
        "clocks go forward: at 06:30, six hours earlier it was the 28th",
        False,
        ended_on=march(29),
        as_at=utc(2026, 3, 29, 5, 30),
    ),
    _taken(
        "clocks go forward: at 07:00, six hours earlier it was the 29th",
        True,
        ended_on=march(29),
        as_at=utc(2026, 3, 29, 6),
    ),
    _taken(
        "clocks go back: at 04:59, six hours earlier it was the 24th",
        False,
        ended_on=date(2026, 10, 25),
        as_at=utc(2026, 10, 25, 4, 59),
    ),
    _taken(
        "clocks go back: at 05:00, six hours earlier it was the 25th",
        True,
        ended_on=date(2026, 10, 25),
        as_at=utc(2026, 10, 25, 5),
    ),
    _fits("held by another", _held(an_estate(), "B1"), False),
    _fits("a hold that expires this instant", _held(an_estate(), "B1", expires_at=utc(2026, 3, 3, 12)), True),
    _fits(
        "a hold that expires in a minute", _held(an_estate(), "B1", expires_at=utc(2026, 3, 3, 12, 1)), False
    ),
    _fits(
        "a hold from the day she leaves",
        _held(an_estate(), "B1", starts_on=april(2), expected_end_on=FAR),
        True,
    ),
    _fits("closed until further notice", an_estate(closures=(a_closure(),)), False),
    _fits("closed until today", an_estate(closures=(a_closure(starts_on=PAST, ends_on=march(3)),)), True),
    _fits("closed until tomorrow", an_estate(closures=(a_closure(starts_on=PAST, ends_on=march(4)),)), False),
    _fits("closed from her last night", an_estate(closures=(a_closure(starts_on=april(1)),)), False),
    _fits("closed from when she leaves", an_estate(closures=(a_closure(starts_on=april(2)),)), True),
    _fits(
        "closed for no nights", an_estate(closures=(a_closure(starts_on=march(9), ends_on=march(9)),)), True
    ),
    _fits("a baby in the cot", an_estate(people=(a_child(1),), beds=WITH_COT), True),
    _fits("a child of 2 is too old for the cot", an_estate(people=(a_child(2),), beds=WITH_COT), False),
    _fits("a baby in a single, no cot", an_estate(people=(a_child(0),), beds=TWO), True),
    _fits("a baby, and one single only", an_estate(people=(a_child(0),)), False),
    _fits(
        "a baby in a single, the cot is closed",
        an_estate(people=(a_child(1),), beds=(*TWO, a_bed("C1", kind=COT)), closures=(a_closure("C1"),)),
        True,
    ),
    _fits(
        "twins, a cot and a single to spare",
        an_estate(people=(a_child(1), a_child(1, person_id="A10")), beds=(*TWO, a_bed("C1", kind=COT))),
        True,
    ),
    _fits(
        "twins, a cot and no single to spare",
        an_estate(people=(a_child(1), a_child(1, person_id="A10")), beds=WITH_COT),
        False,
    ),
    _fits("a baby and two cots: still no bed for her", an_estate(people=(a_child(1),), beds=TWO_COTS), False),
    _fits("a cot alone is no bed for her", an_estate(beds=(a_bed("C1", kind=COT),)), False),
    _fits("due before she leaves, one bed", an_estate(lead={"due_on": april(1)}), False),
    _fits("due when she leaves, one bed", an_estate(lead={"due_on": april(2)}), True),
    _fits("due before she leaves, with a cot", an_estate(lead={"due_on": april(1)}, beds=WITH_COT), True),
    _fits("overdue, one bed", an_estate(lead={"due_on": date(2026, 2, 1)}), False),
    _fits(
        "the site keeps her 10 nights, booked from then",
        with_resident(
            an_estate(site={"max_stay_nights": 10}), "B1", starts_on=march(13), expected_end_on=FAR
        ),
        True,
    ),
    _fits(
        "the site keeps her 10 nights, booked from the tenth",
        with_resident(
            an_estate(site={"max_stay_nights": 10}), "B1", starts_on=march(12), expected_end_on=FAR
        ),
        False,
    ),
    _fits(
        "stay not asked: booked after England's 30 nights",
        with_resident(
            an_estate(referral={"expected_stay_days": None}), "B1", starts_on=april(2), expected_end_on=FAR
        ),
        True,
        not_asked=True,
    ),
    _fits(
        "stay not asked: booked within Scotland's 90 nights",
        with_resident(an_estate(referral=SCOTS_90), "B1", starts_on=april(2), expected_end_on=FAR),
        False,
        not_asked=True,
    ),
]


def _beside(name: str, holds: bool, *, unit: Any = None, **resident_changes: Any) -> Case:
    """Return a case of `sharing` in which R2 has the other bed of the unit."""
    estate = with_resident(an_estate(unit=unit, beds=TWO, site={"admits": BOTH}), "B2", **resident_changes)
    return Case("sharing", name, estate, holds)


MAN = {"gender": MALE}

SHARING = [
    Case("sharing", "an empty unit of her own", an_estate(), True),
    Case("sharing", "an empty shared unit", an_estate(unit=SHARED), True),
    _beside("another household in the unit", False),
    _beside("another household that left today", True, ended_on=march(3)),
    _beside("another household that should have left", False, expected_end_on=march(1)),
    _beside("another household from her last night", False, starts_on=april(1), expected_end_on=FAR),
    _beside("another household from when she leaves", True, starts_on=april(2), expected_end_on=FAR),
    Case("sharing", "another household's hold", _held(an_estate(beds=TWO), "B2"), False),
    Case(
        "sharing",
        "another household's expired hold",
        _held(an_estate(beds=TWO), "B2", expires_at=utc(2026, 3, 3, 11, 59)),
        True,
    ),
    Case(
        "sharing",
        "her own household's standing stay",
        an_estate(beds=TWO, placements=(a_placement("R1", "B2"),)),
        True,
    ),
    _beside("shared: a woman with a woman", True, unit=SHARED),
    _beside("shared: a woman with a man", False, unit=SHARED, lead=MAN),
    _beside("shared: a man who left today", True, unit=SHARED, lead=MAN, ended_on=march(3)),
    _beside("shared: a man who should have left", False, unit=SHARED, lead=MAN, expected_end_on=march(1)),
    _beside(
        "shared: a man from her last night",
        False,
        unit=SHARED,
        lead=MAN,
        starts_on=april(1),
        expected_end_on=FAR,
    ),
    _beside(
        "shared: a man from when she leaves",
        True,
        unit=SHARED,
        lead=MAN,
        starts_on=april(2),
        expected_end_on=FAR,
    ),
    _beside(
        "shared: a man for no nights",
        True,
        unit=SHARED,
        lead=MAN,
        starts_on=march(9),
        expected_end_on=march(20),
        ended_on=march(9),
    ),
    _beside("shared: a woman with a non-binary person", False, unit=SHARED, lead={"gender": NON_BINARY}),
    Case(
        "sharing",
        "shared: two non-binary people",
        with_resident(
            an_estate(unit=SHARED, beds=TWO, lead={"gender": NON_BINARY}), "B2", lead={"gender": NON_BINARY}
        ),
        True,
    ),
    Case("sharing", "shared: a couple of two genders", an_estate(unit=SHARED, people=(a_partner(),)), False),
    Case(
        "sharing", "shared: a couple of one gender", an_estate(unit=SHARED, people=(a_partner(FEMALE),)), True
    ),
    Case("sharing", "her own unit: a couple of two genders", an_estate(people=(a_partner(),)), True),
    Case(
        "sharing",
        "shared: a resident whose son is with her",
        with_resident(
            an_estate(
                unit=SHARED, beds=TWO, people=(a_person("A3", "R2", is_lead=False, gender=MALE, age=5),)
            ),
            "B2",
        ),
        False,
    ),
    Case(
        "sharing",
        "shared: a baby who is due has no gender",
        an_estate(unit=SHARED, lead={"due_on": march(9)}),
        True,
    ),
    Case(
        "sharing",
        "stay not asked: a man after England's 30 nights",
        with_resident(
            an_estate(unit=SHARED, beds=TWO, referral={"expected_stay_days": None}),
            "B2",
            lead=MAN,
            starts_on=april(2),
            expected_end_on=FAR,
        ),
        True,
        not_asked=True,
    ),
    Case(
        "sharing",
        "stay not asked: a man within Scotland's 90 nights",
        with_resident(
            an_estate(unit=SHARED, beds=TWO, referral=SCOTS_90),
            "B2",
            lead=MAN,
            starts_on=april(2),
            expected_end_on=FAR,
        ),
        False,
        not_asked=True,
    ),
]

SITE_OF_TWO: dict[str, Any] = {"units": (a_unit("U2"),), "beds": (a_bed("B1"), a_bed("B2", "U2"))}
PAIR = (a_keep_apart("R1", "R2"),)


def _apart(name: str, holds: bool, **stay: Any) -> Case:
    """Return a case of `keep_apart` in which R2 is in the other unit of the site."""
    return Case(
        "keep_apart", name, with_resident(an_estate(**SITE_OF_TWO, keep_apart=PAIR), "B2", **stay), holds
    )


def _through_survivors(hers: str, theirs: str) -> Estate:
    """Return an estate in which R1's survivor and R2's are apart by an earlier referral of each."""
    estate = an_estate(
        referral={"survivor_ref": hers},
        **SITE_OF_TWO,
        referrals=(
            resident("R2", survivor_ref=theirs),
            a_referral("R5", survivor_ref="V1", status=ReferralStatus.CLOSED),
            a_referral("R6", survivor_ref="V2", status=ReferralStatus.CLOSED),
        ),
        people=(a_person("A2", "R2"), a_person("A5", "R5"), a_person("A6", "R6")),
        keep_apart=(a_keep_apart("R5", "R6"),),
    )
    return estate.with_rows(placements=(a_placement("R2", "B2"),))


KEEP_APART = [
    Case("keep_apart", "a neighbour, and no pair", with_resident(an_estate(**SITE_OF_TWO), "B2"), True),
    _apart("in the same site", False),
    Case(
        "keep_apart",
        "in the same shared unit",
        with_resident(an_estate(unit=SHARED, beds=TWO, keep_apart=PAIR), "B2"),
        False,
    ),
    Case(
        "keep_apart",
        "the pair written the other way round",
        with_resident(an_estate(**SITE_OF_TWO, keep_apart=(a_keep_apart("R2", "R1"),)), "B2"),
        False,
    ),
    Case(
        "keep_apart",
        "in another site",
        with_resident(with_sites(an_estate(keep_apart=PAIR), another_site()), "B2"),
        True,
    ),
    _apart("left today", True, ended_on=march(3)),
    _apart("should have left", False, expected_end_on=march(1)),
    _apart("comes on her last night", False, starts_on=april(1), expected_end_on=FAR),
    _apart("comes when she leaves", True, starts_on=april(2), expected_end_on=FAR),
    Case("keep_apart", "holds a bed there", _held(an_estate(**SITE_OF_TWO, keep_apart=PAIR), "B2"), False),
    Case(
        "keep_apart",
        "held a bed there until now",
        _held(an_estate(**SITE_OF_TWO, keep_apart=PAIR), "B2", expires_at=utc(2026, 3, 3, 12)),
        True,
    ),
    Case("keep_apart", "by earlier referrals of both", _through_survivors("V1", "V2"), False),
    Case(
        "keep_apart",
        "her survivor_ref is empty: she stands alone",
        _through_survivors("", "V2"),
        True,
        not_asked=True,
    ),
    Case(
        "keep_apart", "theirs is empty: they stand alone", _through_survivors("V1", ""), True, not_asked=True
    ),
    Case(
        "keep_apart",
        "stay not asked: they come within Scotland's 90 nights",
        with_resident(
            an_estate(**SITE_OF_TWO, keep_apart=PAIR, referral=SCOTS_90),
            "B2",
            starts_on=april(2),
            expected_end_on=FAR,
        ),
        False,
        not_asked=True,
    ),
]

ROOM_CASES = [*CAPACITY, *SHARING, *KEEP_APART]
