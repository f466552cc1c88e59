"""Synthetic estates: drawn from the published margins, repeatable, legal, with the awkward cases in them."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import sqrt
from pathlib import Path

import pytest

from beds.domain.clock import Clock
from beds.domain.estate import Estate
from beds.domain.terms import (
    AgeStatus,
    BedKind,
    DeclinedBy,
    Gender,
    Nation,
    ReferralStatus,
    RiskToOthers,
    Sharing,
)
from beds.errors import BadInput
from beds.importing import read_folder
from beds.reference import data_folder, read_rows
from beds.synthesis import SYNTHETIC_AS_AT, synth_folder, synthesise
from beds.synthesis.draws import Draws, Weighted
from beds.synthesis.population import Profile, draw_profiles
from beds.synthesis.scene import scene_at
from beds.synthesis.sites import site_regions

CLOCK = Clock(SYNTHETIC_AS_AT)
TODAY = CLOCK.today
DRAWN = 20_000
LONG = 5_000
DEMO_SEED = 20_261_123


@pytest.fixture(scope="module")
def profiles() -> list[Profile]:
    """Twenty thousand adult leads."""
    return draw_profiles(DRAWN, Draws(11))


@pytest.fixture(scope="module")
def estate() -> Estate:
    """The estate of the demonstration."""
    return synthesise(60, 150, DEMO_SEED)


@pytest.fixture(scope="module")
def long_list() -> Estate:
    """A list long enough for shares to be judged by."""
    return synthesise(1, LONG, 5)


def _published(column: str) -> dict[str, float]:
    """Shares of the adults of recorded gender, straight from the file."""
    counts: Counter[str] = Counter()
    for row in read_rows("nrm_crosstab"):
        if row["age_at_exploitation"] == "adult" and row["gender"] != "unknown":
            counts[row[column]] += int(row["referrals"])
    total = counts.total()
    return {value: count / total for value, count in counts.items()}


def _furthest(drawn: Counter[str], published: dict[str, float]) -> float:
    """The largest distance between drawn and published shares, in standard errors."""
    return max(
        abs(drawn[value] / DRAWN - share) / sqrt(share * (1 - share) / DRAWN)
        for value, share in published.items()
        if share * DRAWN > 20
    )


@pytest.mark.parametrize("column", ["nationality", "gender", "exploitation_type"])
def test_drawn_people_follow_the_published_margins(profiles: list[Profile], column: str) -> None:
    names = {Gender.NON_BINARY: "other"}
    drawn = Counter(str(names.get(value := getattr(one, column), value)) for one in profiles)

    # four standard errors over some sixty shares: exceeded by chance once in three hundred seeds
    assert _furthest(drawn, _published(column)) < 4


def test_the_joint_distribution_is_kept_and_not_only_the_margins(profiles: list[Profile]) -> None:
    women = [one for one in profiles if one.nationality == "Filipino" and one.gender is Gender.FEMALE]
    men = [one for one in profiles if one.nationality == "Filipino" and one.gender is Gender.MALE]

    assert len(women) > 5 * len(men)


def test_nobody_is_drawn_twice_over_by_a_nationality_with_two_names(profiles: list[Profile]) -> None:
    assert not any(one.nationality.endswith((" UK", " Unknown")) for one in profiles)


def test_households_have_the_published_mean_of_dependent_children(long_list: Estate) -> None:
    referrals = long_list.referrals
    waiting = {one.referral_id for one in referrals if one.status is ReferralStatus.WAITING}
    people = [person for person in long_list.people if person.referral_id in waiting]

    children = sum(not person.is_lead and (person.age is None or person.age < 18) for person in people)

    # Hestia 2018-19: 508 children of 1,337 adults
    assert children / (len(people) - children) == pytest.approx(508 / 1337, abs=0.04)


def test_scotland_has_its_published_share_of_referrals(long_list: Estate) -> None:
    scottish = sum(one.nation is Nation.SCOTLAND for one in long_list.referrals)

    share = 512 / 10_606
    assert scottish / len(long_list.referrals) == pytest.approx(share, abs=4 * sqrt(share / LONG))


@pytest.mark.parametrize(("sites", "scottish"), [(1, 0), (9, 0), (10, 1), (60, 3), (400, 19)])
def test_scotland_has_sites_by_its_share_and_one_at_least_of_ten(sites: int, scottish: int) -> None:
    regions = site_regions(sites, scene_at(SYNTHETIC_AS_AT))

    assert len(regions) == sites
    assert regions.count("S92000003") == scottish


def test_every_english_region_has_a_site_in_an_estate_of_sixty(estate: Estate) -> None:
    english = {site.region for site in estate.sites if site.nation is Nation.ENGLAND}

    assert len(english) == 9


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    synth_folder(tmp_path / "a", sites=12, referrals=40, seed=3)
    synth_folder(tmp_path / "b", sites=12, referrals=40, seed=3)

    assert _bytes(tmp_path / "a") == _bytes(tmp_path / "b")


def test_another_seed_gives_another_estate() -> None:
    assert synthesise(12, 40, 3) != synthesise(12, 40, 4)


def test_the_sites_do_not_depend_on_the_length_of_the_list() -> None:
    short, long = synthesise(12, 0, 3), synthesise(12, 40, 3)

    assert short.sites == long.sites
    assert short.beds == long.beds


def test_draws_never_change_with_the_release_of_numpy() -> None:
    draws = Draws(2026)

    drawn = [draws.integer(0, 999) for _ in range(6)]

    assert drawn == [178, 639, 467, 370, 354, 790]


def test_the_shipped_demonstration_is_what_synth_writes(tmp_path: Path) -> None:
    synth_folder(tmp_path, sites=60, referrals=150, seed=DEMO_SEED)

    assert _bytes(tmp_path) == _bytes(data_folder() / "demo")


@pytest.mark.parametrize(
    ("sites", "referrals"), [(1, 0), (1, 1), (1, 5), (2, 30), (9, 4), (10, 31), (60, 150), (120, 300)]
)
def test_what_synth_writes_can_be_imported_and_is_the_same_estate(
    tmp_path: Path, sites: int, referrals: int
) -> None:
    synth_folder(tmp_path, sites=sites, referrals=referrals, seed=7)

    assert read_folder(tmp_path) == synthesise(sites, referrals, 7)


@pytest.mark.parametrize("referrals", [0, 1, 4, 5, 29, 30, 150])
def test_the_list_has_exactly_as_many_households_as_asked_for(referrals: int) -> None:
    estate = synthesise(5, referrals, 1)

    open_now = [one for one in estate.referrals if one.status.value in ("waiting", "held")]
    assert len(open_now) == referrals


@pytest.mark.parametrize(
    ("option", "numbers"),
    [
        ("--sites", (0, 10, 1)),
        ("--sites", (5_001, 10, 1)),
        ("--referrals", (10, -1, 1)),
        ("--referrals", (10, 50_001, 1)),
        ("--seed", (10, 10, -1)),
    ],
)
def test_a_number_out_of_range_is_refused_naming_the_option(
    option: str, numbers: tuple[int, int, int]
) -> None:
    with pytest.raises(BadInput, match=f"{option}: must be a whole number from"):
        synthesise(*numbers)


def test_an_instant_without_offset_is_refused() -> None:
    with pytest.raises(BadInput, match="offset"):
        synthesise(1, 1, 1, datetime(2026, 3, 3, 2, 0, tzinfo=UTC).replace(tzinfo=None))


def test_a_real_estate_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "sites.csv").write_text("site_id\n", encoding="utf-8")

    with pytest.raises(BadInput, match="never overwritten"):
        synth_folder(tmp_path, sites=2, referrals=2, seed=1)

    assert (tmp_path / "sites.csv").read_text(encoding="utf-8") == "site_id\n"


def test_the_folder_and_every_site_say_that_they_are_synthetic(tmp_path: Path) -> None:
    synth_folder(tmp_path, sites=4, referrals=3, seed=1)

    assert (tmp_path / "SYNTHETIC.txt").read_text(encoding="utf-8").startswith("SYNTHETIC")
    assert all(site.name.startswith("Synthetic") for site in read_folder(tmp_path).sites)


def test_no_bed_is_in_two_stays_at_once_bookings_and_holds_included(estate: Estate) -> None:
    stays: dict[str, list[tuple[object, object]]] = {bed.bed_id: [] for bed in estate.beds}
    for one in estate.placements:
        until = one.ended_on or max(one.expected_end_on, TODAY + timedelta(days=1))
        stays[one.bed_id].append((one.starts_on, until))
    for hold in estate.holds:
        if hold.in_force(SYNTHETIC_AS_AT):
            stays[hold.bed_id].append((hold.starts_on, hold.expected_end_on))

    for intervals in stays.values():
        for before, after in pairwise(sorted(intervals)):  # type: ignore[type-var]
            assert before[1] <= after[0]


def test_a_shared_unit_has_people_of_one_gender(estate: Estate) -> None:
    genders: dict[str, set[Gender]] = {}
    for one in estate.placements:
        unit = estate.unit_by_id[estate.bed_by_id[one.bed_id].unit_id]
        if unit.sharing is Sharing.SHARED:
            living = {person.gender for person in estate.people_of[one.referral_id]}
            genders.setdefault(unit.unit_id, set()).update(living)

    assert genders
    assert all(len(found) == 1 for found in genders.values())


def test_those_who_live_somewhere_could_have_been_placed_there(estate: Estate) -> None:
    for one in estate.placements:
        unit = estate.unit_by_id[estate.bed_by_id[one.bed_id].unit_id]
        site = estate.site_by_id[unit.site_id]
        referral = estate.referral_by_id[one.referral_id]
        people = estate.people_of[one.referral_id]

        assert {person.gender for person in people if (person.age or 0) >= 18} <= site.admits
        assert site.accepts_children or all((person.age or 0) >= 18 for person in people)
        assert referral.services_required <= site.services
        assert referral.security_needed <= site.security_level
        assert unit.step_free or not referral.step_free_needed
        assert referral.cross_border or referral.nation is site.nation
        assert site.max_stay_nights is None or (referral.expected_stay_days or 0) <= site.max_stay_nights


def test_a_child_has_a_cot_only_under_two(estate: Estate) -> None:
    babies: Counter[str] = Counter()
    cots: Counter[str] = Counter()
    for person in estate.people:
        babies[person.referral_id] += person.age is not None and person.age < 2
    for one in estate.placements:
        cots[one.referral_id] += estate.bed_by_id[one.bed_id].kind is BedKind.COT

    assert all(cots[referral] <= babies[referral] for referral in cots)


def _open_households(estate: Estate) -> list[str]:
    return [one.referral_id for one in estate.referrals if one.status.value in ("waiting", "held")]


def _lone_leads(estate: Estate) -> list[tuple[int | None, AgeStatus | None]]:
    return [
        (people[0].age, people[0].age_status)
        for referral in _open_households(estate)
        if len(people := estate.people_of[referral]) == 1  # type: ignore[index]
    ]


@pytest.mark.parametrize(("sites", "referrals", "seed"), [(10, 30, 1), (10, 30, 2), (60, 150, DEMO_SEED)])
def test_every_awkward_household_is_on_a_list_of_thirty(sites: int, referrals: int, seed: int) -> None:
    estate = synthesise(sites, referrals, seed)
    waiting = [one for one in estate.referrals if one.status is ReferralStatus.WAITING]
    people = {one.referral_id: estate.people_of[one.referral_id] for one in waiting}
    adults = [person for found in people.values() for person in found if (person.age or 0) >= 18]
    staff = frozenset(language for site in estate.sites for language in site.staff_languages)

    cases = {
        "families of five": sum(len(found) == 5 for found in people.values()) >= 2,
        "wheelchair user": any(one.needs_step_free for one in waiting),
        "language no staff speak": any(
            one.language_required and not people[one.referral_id][0].languages & staff for one in waiting
        ),
        "unassessed risk": any(
            one.risk_to_others is None and one.min_security_level is None for one in waiting
        ),
        "exclusion areas": any("E12000007" in one.excluded_areas for one in waiting),
        "unaccompanied child": (16, AgeStatus.KNOWN) in _lone_leads(estate),
        "disputed age": any(person.age_status is AgeStatus.DISPUTED for person in adults),
        "missing age": any(person.age is None for found in people.values() for person in found),
        "partner not confirmed": any(not one.is_lead and not one.together_confirmed for one in adults),
        "due within the stay": any(
            one.due_on and TODAY < one.due_on < TODAY + timedelta(days=60) for one in adults
        ),
        "overdue": any(one.due_on and one.due_on < TODAY for one in adults),
        "crosses the border": any(one.cross_border and one.nation is Nation.WALES for one in waiting),
        "high risk": any(one.risk_to_others is RiskToOthers.HIGH for one in waiting),
        "no shelter": any(one.no_shelter_tonight for one in waiting),
        "detention": any(one.detention_risk for one in waiting),
        "needed later": any(one.needed_from > CLOCK.calendar_date for one in waiting),
        "non-binary": any(one.gender is Gender.NON_BINARY for one in adults),
    }

    assert not [name for name, there in cases.items() if not there]


@pytest.mark.parametrize(("sites", "referrals", "seed"), [(10, 30, 1), (10, 30, 2), (60, 150, DEMO_SEED)])
def test_every_awkward_record_is_beside_a_list_of_thirty(sites: int, referrals: int, seed: int) -> None:
    estate = synthesise(sites, referrals, seed)
    status = {one.referral_id: one.status for one in estate.referrals}
    survivor = {one.referral_id: one.survivor_ref for one in estate.referrals}
    closed = {one.survivor_ref for one in estate.referrals if one.status is ReferralStatus.CLOSED} - {""}
    returned = {survivor[referral] for referral in _open_households(estate)} & closed  # type: ignore[index]
    kept = [{status[pair.referral_id_a], status[pair.referral_id_b]} for pair in estate.keep_apart]
    declined = {(one.declined_by, one.in_force(TODAY)) for one in estate.declines}

    cases = {
        "kept apart, both waiting": {ReferralStatus.WAITING} in kept,
        "kept apart from a resident": {ReferralStatus.WAITING, ReferralStatus.PLACED} in kept,
        "hold in force": any(hold.in_force(SYNTHETIC_AS_AT) for hold in estate.holds),
        "hold expired": any(not hold.in_force(SYNTHETIC_AS_AT) for hold in estate.holds),
        "overstayer": any(one.expected_end_on <= TODAY and not one.ended_on for one in estate.placements),
        "future booking": any(one.starts_on > TODAY for one in estate.placements),
        "dated closure": any(one.ends_on for one in estate.closures),
        "closure until further notice": any(not one.ends_on for one in estate.closures),
        "declines": declined == {(by, stands) for by in DeclinedBy for stands in (True, False)},
        "returning survivor": len(returned) == 1,
        "her old decline": any(survivor[one.referral_id] in returned for one in estate.declines),
    }

    assert not [name for name, there in cases.items() if not there]


def test_a_large_estate_has_about_fifteen_hundred_units_and_is_contested() -> None:
    estate = synthesise(400, 1_200, 1)

    lived_in = {
        estate.bed_by_id[one.bed_id].unit_id
        for one in estate.placements
        if one.starts_on <= TODAY and one.ended_on is None
    }

    assert 1_400 < len(estate.units) < 1_600
    assert 0.6 < len(lived_in) / len(estate.units) < 0.75


def test_weights_that_add_up_to_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="weight above 0"):
        Weighted(("a",), (0.0,))


def _bytes(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
