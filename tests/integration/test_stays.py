"""A stay as it goes on, longer or elsewhere: judged again, and a refusal leaves it as it was."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from beds.domain.estate import Estate
from beds.domain.terms import Gender, Nation, PlacementState, ReferralStatus, Sharing
from beds.errors import (
    BadInput,
    BedJustTaken,
    ChangedMeanwhile,
    HardRuleBroken,
    NotFound,
    NotPermitted,
    PreferenceUnmet,
)
from beds.services.placements import read_placement
from tests.builders import (
    TODAY,
    a_bed,
    a_hold,
    a_keep_apart,
    a_placement,
    a_referral,
    a_site,
    a_small_estate,
    a_unit,
)
from tests.integration.live import (
    ENGLISH,
    NOBODYS_CASES,
    PROVIDER,
    SPEAKS_ALBANIAN,
    WOMEN,
    ask,
    events,
    later,
    place,
    status_of,
    two_women,
)
from tests.integration.recorded import contents, execute
from tests.integration.staying import arrived, day, end, extend, transfer

PLACED = ReferralStatus.PLACED
CLOSED_IN_APRIL = "INSERT INTO closure VALUES ('c', 'B1', '2026-04-20', NULL, '')"
ALBANIAN_SPOKEN_HERE = (a_site(staff_languages=frozenset({"sq"})), a_site("S2"))
ENDS = TODAY + timedelta(days=30)


def two_sites(**tables: Any) -> Estate:
    """Return two women who wait, and two sites of one unit of one bed, each of a provider of its own."""
    return a_small_estate(
        **{
            "sites": (a_site(), a_site("S2", provider_id="P2")),
            "units": (a_unit(), a_unit("U2", "S2")),
            "beds": (a_bed(), a_bed("B2", "U2")),
            "referrals": (a_referral(), a_referral("R2")),
            "people": WOMEN,
            **tables,
        }
    )


def test_a_stay_is_extended_in_its_beds(engine: Engine) -> None:
    stay = arrived(engine)

    longer = extend(engine, stay, 60)

    assert (longer.expected_end_on, longer.bed_ids) == (day(60), {"B1"})
    assert (longer.state, longer.version) == (PlacementState.ARRIVED, stay.version + 1)
    (event,) = events(engine, "stay_extended")
    assert (event["referral_id"], event["site_id"]) == ("R1", "S1")


@pytest.mark.parametrize(
    ("statement", "refusal"),
    [
        pytest.param(
            "INSERT INTO closure VALUES ('c', 'B1', '2026-04-20', NULL, '')", BedJustTaken, id="closed"
        ),
        pytest.param("UPDATE site SET closes_on = '2026-03-20'", HardRuleBroken, id="the site closes"),
        pytest.param("UPDATE site SET max_stay_nights = 59", HardRuleBroken, id="the site's limit"),
    ],
)
def test_an_extension_that_is_refused_ends_nothing(
    engine: Engine, statement: str, refusal: type[Exception]
) -> None:
    stay = arrived(engine)
    execute(engine, statement)
    before = contents(engine)

    with pytest.raises(refusal):
        extend(engine, stay, 60)

    assert contents(engine) == before
    assert ask(engine, read_placement, ENGLISH, stay.placement_id) == stay


def test_the_limit_of_a_site_counts_from_her_first_night_there(sqlite_engine: Engine) -> None:
    stay = arrived(sqlite_engine, two_women(sites=(a_site(max_stay_nights=45),)))

    with pytest.raises(HardRuleBroken) as refused:
        extend(sqlite_engine, stay, 46, at=later(days=20))
    longer = extend(sqlite_engine, stay, 45, at=later(days=20))

    assert refused.value.rules == ("interim",)
    assert longer.expected_end_on == day(45)


def test_the_limit_counts_on_through_a_move_within_the_site(sqlite_engine: Engine) -> None:
    stay = arrived(sqlite_engine, two_women(sites=(a_site(max_stay_nights=45),)))
    moved = transfer(sqlite_engine, stay, "U2", at=later(days=20))

    with pytest.raises(HardRuleBroken):
        extend(sqlite_engine, moved, 46, at=later(days=20))

    assert moved.expected_end_on == ENDS


def test_an_emergency_may_pass_the_limit(sqlite_engine: Engine) -> None:
    """As the rule `interim` has it: an interim place is better than none."""
    estate = two_women(
        sites=(a_site(max_stay_nights=45),), referrals=(a_referral(no_shelter_tonight=True), a_referral("R2"))
    )
    stay = arrived(sqlite_engine, estate)

    assert extend(sqlite_engine, stay, 60).expected_end_on == day(60)


def test_an_emergency_past_the_limit_still_needs_the_bed(sqlite_engine: Engine) -> None:
    """The site's limit does not hide a closure that begins after it."""
    estate = two_women(
        sites=(a_site(max_stay_nights=45),), referrals=(a_referral(no_shelter_tonight=True), a_referral("R2"))
    )
    stay = arrived(sqlite_engine, estate)
    execute(sqlite_engine, "INSERT INTO closure VALUES ('c', 'B1', '2026-04-25', NULL, '')")

    with pytest.raises(BedJustTaken):
        extend(sqlite_engine, stay, 60)


def test_another_free_bed_in_the_unit_does_not_extend_hers(sqlite_engine: Engine) -> None:
    unit, beds = (a_unit(sharing=Sharing.SHARED), a_unit("U2")), (a_bed(), a_bed("B9"))
    stay = arrived(sqlite_engine, two_women(units=unit, beds=beds))
    execute(sqlite_engine, CLOSED_IN_APRIL)

    with pytest.raises(BedJustTaken):
        extend(sqlite_engine, stay, 60)


@pytest.mark.parametrize("nights", [-1, 0, 30])
def test_an_extension_is_to_another_day_than_the_one_expected_and_after_tonight(
    sqlite_engine: Engine, nights: int
) -> None:
    stay = arrived(sqlite_engine)

    with pytest.raises(BadInput):
        extend(sqlite_engine, stay, nights)


def test_who_has_overstayed_may_still_be_extended(sqlite_engine: Engine) -> None:
    stay = arrived(sqlite_engine)
    overdue = later(days=35)

    with pytest.raises(BedJustTaken):
        place(sqlite_engine, who="R2", at=overdue)
    longer = extend(sqlite_engine, stay, 50, at=overdue)

    assert longer.expected_end_on == day(50)


def test_a_transfer_ends_the_old_beds_and_fills_the_new_ones_at_once(engine: Engine) -> None:
    stay = arrived(engine, two_sites())

    moved = transfer(engine, stay, "U2", at=later(days=5))

    old = ask(engine, read_placement, ENGLISH, stay.placement_id)
    assert (old.state, [bed.ended_on for bed in old.beds]) == (PlacementState.TRANSFERRED, [day(5)])
    assert (moved.state, moved.site_id, moved.bed_ids) == (PlacementState.ARRIVED, "S2", {"B2"})
    assert (moved.starts_on, moved.expected_end_on) == (day(5), ENDS)
    assert [bed.person_id for bed in moved.beds] == ["A1"]
    assert status_of(engine) is PLACED
    assert place(engine, who="R2", at=later(days=5)).bed_ids == ("B1",)


def test_a_transfer_is_an_event_at_each_of_the_two_sites(engine: Engine) -> None:
    stay = arrived(engine, two_sites())

    moved = transfer(engine, stay, "U2")

    found = [*events(engine, "stay_transferred_out"), *events(engine, "stay_transferred_in")]
    assert [(event["subject"], event["site_id"]) for event in found] == [
        (stay.placement_id, "S1"),
        (moved.placement_id, "S2"),
    ]
    assert {event["referral_id"] for event in found} == {"R1"}


@pytest.mark.parametrize(
    ("tables", "refusal"),
    [
        pytest.param({"holds": (a_hold("R2", "B2"),)}, BedJustTaken, id="held"),
        pytest.param(
            {"sites": (a_site(), a_site("S2", admits=frozenset({Gender.MALE})))}, HardRuleBroken, id="men"
        ),
        pytest.param(
            {"sites": (a_site(), a_site("S2", nation=Nation.SCOTLAND, region="S92000003"))},
            HardRuleBroken,
            id="nation",
        ),
        pytest.param(
            {
                "sites": (a_site(staff_languages=frozenset({"sq"})), a_site("S2")),
                "people": (SPEAKS_ALBANIAN, WOMEN[1]),
            },
            PreferenceUnmet,
            id="language",
        ),
        pytest.param(
            {
                "units": (a_unit(), a_unit("U2", "S2"), a_unit("U3", "S2")),
                "beds": (a_bed(), a_bed("B2", "U2"), a_bed("B3", "U3")),
                "placements": (a_placement("R2", "B3"),),
                "referrals": (a_referral(), a_referral("R2", status=PLACED)),
                "keep_apart": (a_keep_apart(),),
            },
            BedJustTaken,
            id="somebody to keep apart from",
        ),
    ],
)
def test_a_transfer_that_is_refused_leaves_her_where_she_is(
    engine: Engine, tables: Any, refusal: type[Exception]
) -> None:
    stay = arrived(engine, two_sites(**tables))
    before = contents(engine)

    with pytest.raises(refusal):
        transfer(engine, stay, "U2")

    assert contents(engine) == before


def test_a_transfer_with_a_reason_for_what_is_not_met(sqlite_engine: Engine) -> None:
    people = (SPEAKS_ALBANIAN, WOMEN[1])
    stay = arrived(sqlite_engine, two_sites(sites=ALBANIAN_SPOKEN_HERE, people=people))

    moved = transfer(sqlite_engine, stay, "U2", overrides={"language": "interpreter_booked"})

    assert moved.site_id == "S2"


def test_a_transfer_goes_to_another_unit(sqlite_engine: Engine) -> None:
    stay = arrived(sqlite_engine)

    with pytest.raises(BadInput):
        transfer(sqlite_engine, stay, "U1")
    with pytest.raises(NotFound):
        transfer(sqlite_engine, stay, "U9")


@pytest.mark.parametrize("actor", [PROVIDER, *NOBODYS_CASES], ids=lambda actor: actor.user_id)
def test_longer_and_elsewhere_are_for_who_may_claim_beds(sqlite_engine: Engine, actor: Any) -> None:
    stay = arrived(sqlite_engine)

    with pytest.raises(NotPermitted):
        extend(sqlite_engine, stay, 60, actor)
    with pytest.raises(NotPermitted):
        transfer(sqlite_engine, stay, "U2", actor)


def test_what_somebody_else_has_changed_is_looked_at_again(sqlite_engine: Engine) -> None:
    stay = arrived(sqlite_engine)
    extend(sqlite_engine, stay, 40)

    with pytest.raises(ChangedMeanwhile):
        extend(sqlite_engine, stay, 60)
    with pytest.raises(ChangedMeanwhile):
        transfer(sqlite_engine, stay, "U2")
    with pytest.raises(ChangedMeanwhile):
        end(sqlite_engine, stay, 1)
