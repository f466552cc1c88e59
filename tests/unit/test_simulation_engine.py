"""One replication at a time, small enough to be followed by hand: who is given what, and when."""

from __future__ import annotations

import numpy as np
import pytest

from optimiser.simulation import Exponential, Model, Policy, Runs, WholeNights, simulate
from optimiser.stays import StayLaw
from tests.models import (
    MEN,
    WOMEN,
    a_model,
    closures,
    flags,
    floats,
    ints,
    profiles,
    residents,
    units,
    waiting,
)

FOR_GOOD = WholeNights(StayLaw.exactly(3_000))
NIGHTS = {nights: WholeNights(StayLaw.exactly(nights)) for nights in (1, 2, 5, 10)}


def once(model: Model, seed: int = 1) -> Runs:
    """Run a model once."""
    return simulate(model, replications=1, seed=seed)


def by_day(runs: Runs, measure: str, group: int = 0) -> list[int]:
    """Return a measure of the only replication by day."""
    return [int(value) for value in runs.by_day[measure][0, :, group]]


def test_day_0_is_who_is_there_and_who_waits() -> None:
    model = a_model(np.ones((1, 4)), residents=residents(0, 2), waiting=waiting(3.0, 1.0, 0.5), days=2)

    runs = once(model)

    assert by_day(runs, "occupied")[0] == 2
    assert by_day(runs, "waiting")[0] == 3
    assert by_day(runs, "short")[0] == 3
    assert by_day(runs, "stock") == [4, 4, 4]


def test_who_waits_on_day_0_is_offered_what_is_free_then() -> None:
    model = a_model(np.ones((1, 3)), stay=FOR_GOOD, residents=residents(0), waiting=waiting(3.0, 1.0, 0.5))

    runs = once(model)

    assert by_day(runs, "occupied")[:2] == [1, 3]
    assert by_day(runs, "waiting")[:2] == [3, 1]


def test_a_stay_of_two_nights_is_there_for_two_nights() -> None:
    model = a_model(stay=NIGHTS[2], waiting=waiting(0.0), days=5)

    assert by_day(once(model), "occupied") == [0, 1, 1, 0, 0, 0]
    assert by_day(once(model), "moved_on") == [0, 0, 0, 1, 0, 0]


def test_a_resident_who_leaves_on_a_known_day_is_not_there_for_that_night() -> None:
    model = a_model(residents=residents(0, leaves=floats([3])), days=5)

    assert by_day(once(model), "occupied") == [1, 1, 1, 0, 0, 0]


def test_what_is_left_of_a_stay_is_by_the_nights_that_have_passed() -> None:
    model = a_model(np.ones((1, 2)), stay=NIGHTS[10], residents=residents(0, 1, so_far=floats([7, 9])))

    assert by_day(once(model), "occupied")[:5] == [2, 1, 1, 0, 0]


def test_a_held_bed_is_held_until_the_arrival() -> None:
    model = a_model(stay=NIGHTS[2], waiting=waiting(0.0), hold_days=2.0, days=6)

    runs = once(model)

    assert by_day(runs, "held") == [0, 1, 1, 0, 0, 0, 0]
    assert by_day(runs, "occupied") == [0, 0, 0, 1, 1, 0, 0]
    assert by_day(runs, "placed") == [0, 1, 0, 0, 0, 0, 0]


def test_a_hold_of_day_0_and_a_booking_for_later_are_kept_for_those_who_have_them() -> None:
    there = residents(0, 1, arrives=floats([2, 2]), held=flags([True, False]), so_far=floats([0, 0]))
    model = a_model(np.ones((1, 2)), stay=FOR_GOOD, residents=there, waiting=waiting(1.0), days=4)

    runs = once(model)

    assert by_day(runs, "held") == [1, 1, 0, 0, 0]
    assert by_day(runs, "occupied") == [0, 0, 2, 2, 2]
    assert by_day(runs, "waiting") == [1, 1, 1, 1, 1]


def test_a_household_known_to_come_joins_on_its_day() -> None:
    model = a_model(stay=FOR_GOOD, waiting=waiting(0.0, joins=floats([3])), days=4)

    runs = once(model)

    assert by_day(runs, "arrivals") == [0, 0, 0, 1, 0]
    assert by_day(runs, "occupied") == [0, 0, 0, 1, 1]


@pytest.mark.parametrize("policy", Policy)
def test_a_unit_is_never_given_to_whom_it_does_not_suit(policy: Policy) -> None:
    suits = [[True, False], [False, True]]
    model = a_model(suits, stay=FOR_GOOD, waiting=waiting(5.0, 4.0), policy=policy, days=3)

    runs = once(model)

    assert by_day(runs, "occupied") == [0, 1, 1, 1]
    assert by_day(runs, "waiting") == [2, 1, 1, 1]


@pytest.mark.parametrize(
    ("policy", "served"),
    [
        (Policy.FIRST_COME_FIRST_SERVED, [0, 2]),
        (Policy.HARDEST_TO_FILL_FIRST, [1, 2]),
        (Policy.ALLOCATOR, [1, 2]),
    ],
)
def test_a_policy_says_who_is_given_a_place(policy: Policy, served: list[int]) -> None:
    """Two wait: the first could have either unit but is sent to the shared first; the second has no other."""
    suits = [[True, True], [True, False], [False, True]]
    three = waiting(9.0, 5.0, 4.0, profile=ints([0, 1, 2]))
    tiers = profiles(suits, tier=ints([2, 0, 0]))
    model = a_model(suits, profiles=tiers, stay=FOR_GOOD, waiting=three, policy=policy, days=2)

    runs = once(model)

    assert [group for group in range(3) if by_day(runs, "occupied", group)[-1]] == served


def test_the_unit_with_the_fewest_points_is_taken() -> None:
    """The second unit: it is the one that cannot go out of service, because she is in it."""
    suits = np.ones((1, 3))
    points = np.array([[7, 2, 5]], dtype=np.int32)
    model = a_model(
        suits,
        profiles=profiles(suits, mismatch=points),
        stay=FOR_GOOD,
        waiting=waiting(1.0),
        closures=closures((0, 3.0, 9.0), (1, 3.0, 9.0), (2, 3.0, 9.0)),
        days=4,
    )

    runs = once(model)

    assert by_day(runs, "closed") == [0, 0, 0, 2, 2]


def test_a_shared_unit_takes_one_gender_at_a_time() -> None:
    suits = np.ones((2, 1))
    both = profiles(suits, sharing_class=ints([WOMEN, MEN]))
    one_room = units(1, 2, singles=ints([3]), shared=flags([True]))
    line = waiting(9.0, 8.0, 7.0, 6.0, profile=ints([0, 1, 0, 1]))
    model = a_model(suits, profiles=both, units=one_room, stay=NIGHTS[5], waiting=line, days=8)

    runs = once(model)

    assert by_day(runs, "occupied", 0) == [0, 2, 2, 2, 2, 2, 0, 0, 0]
    assert by_day(runs, "occupied", 1) == [0, 0, 0, 0, 0, 0, 2, 2, 2]


def test_a_shared_unit_in_which_both_genders_live_already_takes_nobody_until_one_has_gone() -> None:
    suits = np.ones((2, 1))
    model = a_model(
        suits,
        profiles=profiles(suits, sharing_class=ints([WOMEN, MEN])),
        units=units(1, 2, singles=ints([3]), shared=flags([True])),
        residents=residents(0, 0, profile=ints([0, 1]), leaves=floats([9, 3])),
        waiting=waiting(1.0, 1.0, profile=ints([0, 1])),
        days=5,
    )

    runs = once(model)

    assert by_day(runs, "occupied", 0) == [1, 1, 1, 2, 2, 2]
    assert by_day(runs, "waiting", 1) == [1, 1, 1, 1, 1, 1]


def test_who_is_of_several_genders_shares_with_nobody() -> None:
    suits = np.ones((1, 1))
    model = a_model(
        suits,
        profiles=profiles(suits, sharing_class=ints([0])),
        units=units(1, singles=ints([3]), shared=flags([True])),
        waiting=waiting(1.0),
    )

    assert by_day(once(model), "waiting")[-1] == 1


def test_a_child_under_two_takes_a_cot_and_else_a_single_bed() -> None:
    suits = [[True, True, False], [True, True, True]]
    families = profiles(suits, singles=ints([2, 1]), under_twos=ints([1, 1]))
    flats = units(3, 2, singles=ints([2, 3, 2]), cots=ints([1, 0, 0]))
    line = waiting(9.0, 8.0, 7.0, profile=ints([0, 0, 1]))
    model = a_model(suits, profiles=families, units=flats, stay=FOR_GOOD, waiting=line, days=2)

    assert by_day(once(model), "occupied", 0) == [0, 6, 6]
    assert by_day(once(model), "occupied", 1) == [0, 2, 2]


def test_a_unit_opens_with_its_first_night_and_closes_after_its_last() -> None:
    house = units(1, opens=floats([3]), closes=floats([40]))
    model = a_model(units=house, stay=NIGHTS[10], waiting=waiting(0.0), days=50)

    runs = once(model)

    assert by_day(runs, "stock") == [0] * 3 + [1] * 37 + [0] * 11
    assert by_day(runs, "occupied") == [0] * 3 + [1] * 10 + [0] * 38


def test_nobody_new_comes_into_a_unit_that_closes_within_the_notice() -> None:
    house = units(1, closes=floats([40]))
    late = waiting(0.0, 0.0, joins=floats([12, 13]))
    model = a_model(units=house, stay=NIGHTS[1], waiting=late, days=50)

    assert by_day(once(model), "placed")[12:] == [1] + [0] * 38


def test_who_is_still_there_when_a_house_closes_is_first_in_line_for_another() -> None:
    houses = units(2, closes=floats([4, np.inf]))
    there = residents(0, 1, leaves=floats([30, 6]))
    model = a_model(np.ones((1, 2)), units=houses, residents=there, waiting=waiting(9.0), days=8)

    runs = once(model)

    assert by_day(runs, "returned") == [0, 0, 0, 0, 1, 0, 0, 0, 0]
    assert by_day(runs, "waiting") == [1, 1, 1, 1, 2, 2, 1, 1, 1]
    assert by_day(runs, "occupied") == [2, 2, 2, 2, 1, 1, 1, 1, 1]


def test_a_stay_with_a_limit_ends_by_it_and_what_is_left_is_needed_elsewhere() -> None:
    interim = units(1, max_stay=floats([3]))
    model = a_model(units=interim, stay=NIGHTS[10], waiting=waiting(0.0), days=8)

    runs = once(model)

    assert by_day(runs, "occupied") == [0, 1, 1, 1, 0, 0, 0, 0, 0]
    assert by_day(runs, "returned") == [0, 0, 0, 0, 1, 0, 0, 0, 0]
    assert by_day(runs, "waiting")[4:] == [1] * 5


def test_a_bed_out_of_service_is_given_to_nobody_until_it_is_back() -> None:
    model = a_model(
        stay=NIGHTS[10], waiting=waiting(0.0, joins=floats([2])), closures=closures((0, 1.0, 5.0)), days=8
    )

    runs = once(model)

    assert by_day(runs, "closed") == [0, 1, 1, 1, 1, 0, 0, 0, 0]
    assert by_day(runs, "occupied") == [0, 0, 0, 0, 0, 1, 1, 1, 1]


def test_a_bed_that_is_lived_in_goes_out_of_service_when_it_is_empty() -> None:
    there = residents(0, leaves=floats([4]))
    model = a_model(residents=there, waiting=waiting(1.0), closures=closures((0, 2.0, 6.0)), days=8)

    runs = once(model)

    assert by_day(runs, "closed") == [0, 0, 0, 0, 1, 1, 0, 0, 0]
    assert by_day(runs, "occupied")[:6] == [1, 1, 1, 1, 0, 0]


def test_a_family_does_not_go_where_a_bed_too_many_is_out_of_service() -> None:
    suits = np.ones((1, 1))
    model = a_model(
        suits,
        profiles=profiles(suits, singles=ints([2])),
        units=units(1, singles=ints([2])),
        stay=FOR_GOOD,
        waiting=waiting(0.0),
        closures=closures((0, 0.0, 3.0)),
        days=5,
    )

    runs = once(model)

    assert by_day(runs, "closed") == [1, 1, 1, 0, 0, 0]
    assert by_day(runs, "occupied") == [0, 0, 0, 2, 2, 2]


def test_who_declines_keeps_the_place_in_line_and_is_asked_again_the_next_day() -> None:
    model = a_model(stay=FOR_GOOD, waiting=waiting(*[1.0] * 40), decline_share=0.5, days=2)

    declined_at_once = [by_day(once(model, seed), "placed")[1] for seed in range(20)]

    assert declined_at_once == [1] * 20


def test_a_share_of_offers_is_declined() -> None:
    beds = 400
    model = a_model(
        np.ones((1, beds)), stay=FOR_GOOD, waiting=waiting(*[1.0] * beds), decline_share=0.25, days=3
    )

    placed = by_day(once(model), "placed")

    assert placed[1] == pytest.approx(300, abs=35)
    assert placed[2] == pytest.approx(75, abs=20)


def test_who_has_given_up_is_not_placed() -> None:
    model = a_model(
        residents=residents(0, leaves=floats([20])),
        waiting=waiting(*[0.0] * 50),
        patience=Exponential(2.0),
        stay=FOR_GOOD,
        days=30,
    )

    runs = once(model)

    assert by_day(runs, "waiting")[-1] == 0
    assert sum(by_day(runs, "gave_up")) == 50
    assert by_day(runs, "occupied")[-1] == 0


def test_means_totals_and_waits_leave_the_warm_up_out_and_figures_by_day_do_not() -> None:
    model = a_model(np.ones((1, 50)), rates=(2.0,), stay=NIGHTS[10], days=60, warm_up_days=20)

    runs = once(model)

    assert len(by_day(runs, "occupied")) == 61
    assert runs.total("placed")[0, 0] == sum(by_day(runs, "placed")[21:]) == runs.waits[0].sum()
    assert runs.means["occupied"][0, 0] == pytest.approx(sum(by_day(runs, "occupied")[21:]) / 40, rel=0.1)
