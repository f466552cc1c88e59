"""Scenarios from files: what is shipped reads; what is wrong is named by its place and what is accepted."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beds.domain.scenario import Amount, Scenario, Share, StayRule
from beds.domain.terms import Gender, Nation
from beds.errors import BadInput, ScenarioRejected
from beds.scenario_documents import document_of, kept_scenario
from beds.scenario_files import preset, preset_names, presets, read_scenario, scenario_in

EVERYTHING = b"""
title = "Everything at once"
assumes = ["one", "two"]
horizon_days = 730
starts_on = 2027-01-01
stay_rule = "recovery_period"
decision_days = 141.5
growth_per_year = -0.05
entering_support = { low = 0.45, likely = 0.55, high = 0.65 }
policy = "hardest_to_fill_first"
patience_days = 7
decline_share = 0.1
hold_days = 0.5
warm_up_days = 10
cost_per_bed_night = 101.76
price_year = "2008-09"
recovery_nights.England = 45

[recovery_nights]
Scotland = 90

[needing_bed]
England = 0.2

[households_per_year.Scotland]
low = 20
likely = 26
high = 40

[[sites]]
nation = "England"
region = "E12000007"
units = 12
admits = ["female", "non_binary"]
opens_on = 2027-04-01
cost_per_bed_night = 120

[[closures]]
closes_on = 2027-02-01
nation = "England"
share = 0.25
"""


def read(content: bytes | str) -> Scenario:
    """Return the scenario of a file of this content."""
    data = content.encode() if isinstance(content, str) else content
    return scenario_in(data, file="mine.toml", name="mine")


def faults_of(content: bytes | str) -> list[str]:
    """Return every fault of a file of this content, as it is shown."""
    with pytest.raises(ScenarioRejected) as refused:
        read(content)
    assert isinstance(refused.value, BadInput)
    assert refused.value.exit_code == 2
    return [str(fault) for fault in refused.value.faults]


def read_or_refused(content: bytes | str) -> object:
    """Return the scenario of a file of this content, or what is wrong with it."""
    try:
        return read(content)
    except ScenarioRejected as refused:
        return all(fault.message for fault in refused.faults) and refused.faults


def test_a_file_says_what_is_supposed_and_all_else_is_as_on_record() -> None:
    found = read(EVERYTHING.replace(b"recovery_nights.England = 45\n", b""))

    assert found.needing_bed == {Nation.ENGLAND: Share(0.2, 0.2, 0.2)}
    assert found.households_per_year == {Nation.SCOTLAND: Amount(20, 26, 40)}
    assert found.cost_per_bed_night == Decimal("101.76")
    assert found.starts_on == date(2027, 1, 1)
    assert found.sites[0].admits == {Gender.FEMALE, Gender.NON_BINARY}
    assert found.closures[0].share == 0.25
    assert found.stay_rule is StayRule.RECOVERY_PERIOD
    assert found.move_on_nights == {}


def test_an_empty_file_supposes_nothing() -> None:
    assert read("") == Scenario("mine")
    assert read("").changes() == ()


def test_a_scenario_is_kept_and_read_again_as_it_was() -> None:
    found = read(EVERYTHING.replace(b"recovery_nights.England = 45\n", b""))

    assert kept_scenario(document_of(found)) == found


@pytest.mark.parametrize("name", preset_names())
def test_what_is_shipped_has_a_title_a_description_and_says_what_it_assumes(name: str) -> None:
    found = preset(name)

    assert found.name == name
    assert found.title
    assert found.description
    assert found.assumes
    assert kept_scenario(document_of(found)) == found


def test_the_question_of_2008_is_asked_three_times_and_only_the_period_differs() -> None:
    thirty, forty_five, ninety = (preset(f"centres_2008_{n}") for n in (30, 45, 90))

    assert forty_five.differences(thirty) == ("recovery_nights",) == ninety.differences(thirty)
    assert [site.units for site in thirty.sites] == [35, 6]
    assert set(ninety.recovery_nights.values()) == {90}


def test_a_shipped_scenario_is_found_by_its_name_and_a_file_by_its_path(tmp_path: Path) -> None:
    file = tmp_path / "My Plan-2.toml"
    file.write_text("growth_per_year = 0.1")

    assert read_scenario("recovery_90") == preset("recovery_90")
    assert (read_scenario(file).name, read_scenario(str(file)).growth_per_year) == ("my_plan_2", 0.1)
    assert len(presets()) == len(preset_names())


@pytest.mark.parametrize("source", ["nothing_of_that_name", "/", "x" * 5_000, "a\0b"])
def test_what_is_no_file_and_no_name_is_told_which_names_there_are(source: str) -> None:
    with pytest.raises(BadInput, match=r"scenario: a TOML file .*recovery_90"):
        read_scenario(source)


WRONG = [
    (
        "growth_per_yer = 0.1",
        "mine.toml line 1, growth_per_yer: is not known here; growth_per_year is accepted",
    ),
    (
        "growth_per_year = -2",
        "line 1, growth_per_year: is -2; a number of more than -1, at most 10 is accepted",
    ),
    ("growth_per_year = nan", "growth_per_year: is NaN; "),
    ('horizon_days = "long"', "horizon_days: is text; a whole number from 1 to 3,660 is accepted"),
    ("horizon_days = 12.0", "horizon_days: is 12.0; a whole number"),
    ("horizon_days = true", "horizon_days: is true; a whole number"),
    ("horizon_days = 0", "horizon_days: is 0; a whole number"),
    (
        "\nstarts_on = 2001-01-01",
        "line 2, starts_on: is 2001-01-01; a date from 2009-04-01, where the data begin",
    ),
    ("starts_on = 2027-01-01T00:00:00", "starts_on: is a date with a time; "),
    ("starts_on = 12:00:00", "starts_on: is a time; "),
    ('starts_on = "2027-01-01"', "starts_on: is text; "),
    ("[recovery_nights]\nEngland = -3", "line 2, recovery_nights.England: is -3; a whole number from 1"),
    ("[recovery_nights]\nWales = 30", "recovery_nights.Wales: is not known here; one of England, Scotland"),
    ("recovery_nights = 30", "recovery_nights: is 30; a table of England, Scotland is accepted"),
    ("needing_bed.England = 1.2", "line 1, needing_bed.England: is 1.2; a share from 0 to 1"),
    ("needing_bed.England = {low = 0.1, high = 0.2}", "needing_bed.England: is a table; a share from 0 to 1"),
    (
        "entering_support = {low = 0.3, likely = 0.2, high = 0.4}",
        "entering_support: is a table; a share from 0 to 1, or low, likely and high with",
    ),
    ("households_per_year.England = -1", "households_per_year.England: is -1; a number from 0 to 1,000,000"),
    ("decline_share = 1", "decline_share: is 1; a share from 0 to less than 1 is accepted"),
    ("patience_days = 0", "patience_days: is 0; a number of more than 0 is accepted"),
    ("hold_days = 100", "hold_days: is 100; a number from 0 to 60 is accepted"),
    ('policy = "MARKER"', "policy: is text; one of first_come_first_served, "),
    ("policy = []", "policy: is a list; one of first_come_first_served, "),
    ("cost_per_bed_night = -1", "cost_per_bed_night: is -1; an amount in pounds"),
    ("cost_per_bed_night = 1.005", "cost_per_bed_night: is 1.005; an amount in pounds"),
    ("name = 'A b'", "name: is text; a lower_snake word"),
    ("title = 3", "title: is 3; text of at most 200"),
    ("assumes = 'one'", "assumes: is text; a list in which"),
    ("warm_up_days = 400", "warm_up_days: is 400; fewer than the 365 of horizon_days is accepted"),
    ("sites = 3", "sites: is 3; at most 200 tables [[sites]] are accepted"),
    ("sites = [3]", "sites[1]: is 3; a table of nation, region"),
    (
        "[[sites]]\nnation = 'England'\nregion = 'E12000001'",
        "line 1, sites[1].units: is needed: a whole number",
    ),
    (
        "[[sites]]\nnation = 'England'\nregion = 'S92000003'\nunits = 3",
        "line 3, sites[1].region: is in another nation; a region of its nation is accepted",
    ),
    (
        "[[sites]]\nnation = 'England'\nregion = 'E12000001'\nunits = 3\nstep_free_units = 4",
        "line 5, sites[1].step_free_units: is 4; at most its 3 units is accepted",
    ),
    (
        "[[sites]]\nnation = 'England'\nregion = 'E12000001'\nunits = 3\nadmits = []",
        "sites[1].admits: is a list; a list in which each item is one of female",
    ),
    ("[[closures]]\ncloses_on = 2027-01-01", "line 1, closures[1]: says not what closes; a site_id, or"),
    (
        "[[closures]]\ncloses_on = 2027-01-01\nsite_id = 'S1'\nshare = 0.5",
        "line 4, closures[1].share: is of a nation or region; a site closes as a whole",
    ),
    ("a = \n", "line 1: cannot be read as TOML"),
    ("'MARKER here' = 3", "mine.toml line 1, …: is not known here; one of name, title"),
]


@pytest.mark.parametrize(("content", "fault"), WRONG, ids=[content for content, _ in WRONG])
def test_a_fault_is_named_by_its_place_and_what_is_accepted(content: str, fault: str) -> None:
    (found,) = faults_of(content)

    assert fault in found
    assert "MARKER" not in found


def test_every_fault_is_told_at_once_in_the_order_of_the_file() -> None:
    found = faults_of("growth_per_year = -2\nhorizon_days = 'x'\n[needing_bed]\nEngland = 2\nFrance = 1\n")

    assert [fault.partition(":")[0] for fault in found] == [
        "mine.toml line 1, growth_per_year",
        "mine.toml line 2, horizon_days",
        "mine.toml line 4, needing_bed.England",
        "mine.toml line 5, needing_bed.France",
    ]


def test_bytes_that_are_no_text_are_refused() -> None:
    assert faults_of(b"\xff\xfe") == ["mine.toml: TOML in UTF-8 is accepted"]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["horizon_days", "growth_per_year", "needing_bed", "sites", "title", "closures"]),
            st.sampled_from(
                [
                    "1",
                    "-1e999",
                    "0x1",
                    "inf",
                    "'x'",
                    "[[1]]",
                    "{}",
                    "[{}]",
                    "2027-01-01",
                    "{England=[]}",
                    "true",
                ]
            ),
        ),
        max_size=3,
        unique_by=lambda pair: pair[0],
    )
)
def test_whatever_is_in_a_field_it_is_read_or_refused_in_words(pairs: list[tuple[str, str]]) -> None:
    content = "\n".join(f"{name} = {value}" for name, value in pairs)

    assert read_or_refused(content)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_whatever_a_file_holds_it_is_read_or_refused_in_words(content: bytes) -> None:
    assert read_or_refused(content)
