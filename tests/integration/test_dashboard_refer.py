"""The page Refer: questions, the live count, what is wrong beside its field, and what is recorded."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from beds.database import connect, reading
from beds.domain.estate import Estate
from beds.domain.terms import Gender
from beds.roles import Role
from beds.services.cases import list_referrals, read_referral
from beds.settings import Settings
from dashboard.draft import answers
from tests.builders import CLOCK, a_bed, a_person, a_referral, a_site, a_small_estate, a_unit
from tests.demonstrations import a_demonstration, the_shipped_demonstration
from tests.integration.cases import Reads
from tests.integration.dashboard_pages import has_page, opened, pseudo, text_of, untranslated
from tests.integration.live import ALL_NATIONS

PAGE = "refer"


@pytest.fixture
def small(tmp_path: Path) -> str:
    """Give a demonstration of two vacant units, of which one is step-free, and one household."""
    estate = a_small_estate(
        units=[a_unit(), a_unit("U2", step_free=False)],
        beds=[a_bed(), a_bed("B1b"), a_bed("B2", "U2"), a_bed("B2b", "U2")],
        referrals=[a_referral("R9")],
        people=[a_person("A9", "R9")],
    )
    return a_demonstration(tmp_path, estate, CLOCK)


def choose(app: AppTest, name: str, value: object) -> AppTest:
    """Answer a question that is one of a few."""
    return app.button_group(key=f"refer 0 {name}").set_value(value).run()


def begun(monkeypatch: pytest.MonkeyPatch, url: str) -> AppTest:
    """Return the form with what is needed to count: a woman of 30 in England."""
    app = opened(monkeypatch, url, PAGE)
    choose(app, "nation", "England")
    choose(app, "lead gender", Gender.FEMALE)
    return app.number_input(key="refer 0 lead age").set_value(30).run()


def press(app: AppTest, label: str) -> AppTest:
    """Press a button."""
    return next(button for button in app.button if button.label == label).click().run()


def recorded_cases(url: str) -> list[str]:
    """Return the references of the cases on record."""
    engine = connect(Settings(database_url=url, demo=True))
    with reading(engine) as session:
        found = [line.referral_id for line in list_referrals(session, ALL_NATIONS, clock=CLOCK).rows]
    engine.dispose()
    return found


def test_an_empty_form_counts_nothing_yet(monkeypatch: pytest.MonkeyPatch, small: str) -> None:
    text = text_of(opened(monkeypatch, small, PAGE))

    assert "Say where they are and who is asking, and the places that fit are counted here." in text


def test_the_count_follows_what_is_typed(monkeypatch: pytest.MonkeyPatch, small: str) -> None:
    app = begun(monkeypatch, small)

    cautious = text_of(app)
    answered = text_of(choose(app, "needs_step_free", "no"))

    assert "1 unit would do now" in cautious
    assert "2 if step-free is not needed." in cautious
    assert "2 units would do now" in answered
    assert "if step-free" not in answered


def test_an_age_that_is_not_known_is_said_and_not_counted(
    monkeypatch: pytest.MonkeyPatch, small: str
) -> None:
    app = opened(monkeypatch, small, PAGE)
    choose(app, "nation", "England")

    text = text_of(choose(app, "lead gender", Gender.FEMALE))

    assert "An age is not yet asked." in text
    assert "would do now" not in text


def test_nowhere_to_go_says_what_stands_in_the_way(monkeypatch: pytest.MonkeyPatch, small: str) -> None:
    app = begun(monkeypatch, small)

    text = text_of(choose(app, "lead gender", Gender.MALE))

    assert "0 units would do now" in text
    assert "What stands in the way" in text


def test_a_referral_is_recorded_with_everybody_and_said_back(
    monkeypatch: pytest.MonkeyPatch, small: str
) -> None:
    app = begun(monkeypatch, small)
    app.multiselect(key="refer 0 languages").set_value(["sq"]).run()
    press(app, "Add a child")
    choose(app, "gender 1", Gender.MALE)
    app.number_input(key="refer 0 age 1").set_value(0).run()
    press(app, "Add an adult")
    choose(app, "gender 2", Gender.FEMALE)
    app.number_input(key="refer 0 age 2").set_value(44).run()
    choose(app, "together 2", "yes")
    choose(app, "no_shelter_tonight", "yes")
    app.multiselect(key="refer 0 excluded_areas").set_value(["E12000001"]).run()

    press(app, "Record this referral")

    (ref,) = set(recorded_cases(small)) - {"R9"}
    assert f"Recorded under {ref}." in text_of(app)
    engine = connect(Settings(database_url=small, demo=True))
    with reading(engine) as session:
        view = read_referral(session, ALL_NATIONS, ref, clock=CLOCK, log=Reads())
    engine.dispose()
    people = sorted((one.person.gender, one.person.age) for one in view.people)
    assert people == [("female", 30), ("female", 44), ("male", 0)]
    assert view.line.priority == "emergency"
    assert view.needs["no_shelter_tonight"] is True
    assert view.needs["needs_step_free"] is None
    assert view.needs["excluded_areas"] == frozenset({"E12000001"})
    assert {one.person.together_confirmed for one in view.people} == {None, True}


def test_after_recording_the_next_form_is_empty(monkeypatch: pytest.MonkeyPatch, small: str) -> None:
    app = press(begun(monkeypatch, small), "Record this referral")

    press(app, "Record another")

    assert app.number_input(key="refer 1 lead age").value is None
    assert "Say where they are and who is asking" in text_of(app)


def test_what_is_missing_is_said_beside_its_field_and_nothing_is_lost(
    monkeypatch: pytest.MonkeyPatch, small: str
) -> None:
    app = opened(monkeypatch, small, PAGE)
    app.number_input(key="refer 0 lead age").set_value(30).run()
    press(app, "Add a child")

    press(app, "Record this referral")

    text = text_of(app)
    assert "Choose where they are now." in text
    assert "Child 1: gender: Choose one, or take them out." in text
    assert "nothing that you typed is lost" in text
    assert app.number_input(key="refer 0 lead age").value == 30
    assert recorded_cases(small) == ["R9"]


def test_what_the_service_refuses_is_said_beside_its_field(
    monkeypatch: pytest.MonkeyPatch, small: str
) -> None:
    app = begun(monkeypatch, small)
    app.multiselect(key="refer 0 keep_apart").set_value(["no-such-case"]).run()
    assert "There is no such referral." in text_of(app)

    press(app, "Record this referral")

    assert "Never in one house with: There is no such referral." in text_of(app)
    assert recorded_cases(small) == ["R9"]


def test_a_child_can_be_taken_out_again(monkeypatch: pytest.MonkeyPatch, small: str) -> None:
    app = press(begun(monkeypatch, small), "Add a child")

    press(app, "Take out Child 1")

    assert "refer 0 age 1" not in [field.key for field in app.number_input]


def test_what_is_typed_is_there_after_a_look_at_another_page(
    monkeypatch: pytest.MonkeyPatch, small: str
) -> None:
    app = begun(monkeypatch, small)
    choose(app, "accepts_sharing", "yes")

    app.switch_page("views/round.py").run()
    app.switch_page("views/refer.py").run()

    assert app.number_input(key="refer 0 lead age").value == 30
    assert app.button_group(key="refer 0 accepts_sharing").value == "yes"


def test_to_be_kept_apart_is_kept_and_shown_nowhere(monkeypatch: pytest.MonkeyPatch, small: str) -> None:
    app = begun(monkeypatch, small)
    app.multiselect(key="refer 0 keep_apart").set_value(["R9"]).run()

    press(app, "Record this referral")

    engine = connect(Settings(database_url=small, demo=True))
    from beds.store.loading import load_estate

    with reading(engine) as session:
        estate: Estate = load_estate(session)
    engine.dispose()
    assert len(estate.keep_apart) == 1
    assert "R9" not in text_of(app)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.COORDINATOR])
def test_only_who_records_cases_has_the_page(monkeypatch: pytest.MonkeyPatch, small: str, role: Role) -> None:
    assert not has_page(opened(monkeypatch, small, role=role), PAGE)


def test_an_estate_without_a_site_says_that_nothing_fits(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    url = a_demonstration(tmp_path, Estate(), CLOCK)

    assert "0 units would do now" in text_of(begun(monkeypatch, url))


def test_every_word_goes_through_the_tables_of_languages(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    app = pseudo(monkeypatch, the_shipped_demonstration(tmp_path), PAGE)
    choose(app, "nation", "England")
    press(app, "⟦Add a child⟧")
    press(app, "⟦Record this referral⟧")

    assert untranslated(app) == []


def test_two_visits_share_nothing_that_is_typed(monkeypatch: pytest.MonkeyPatch, small: str) -> None:
    begun(monkeypatch, small)

    other = opened(monkeypatch, small, PAGE)

    assert other.number_input(key="refer 0 lead age").value is None
    assert answers() == {}


def test_a_site_that_is_full_of_names_is_never_shown_by_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    estate = a_small_estate(sites=[a_site(name="Canary House")])
    url = a_demonstration(tmp_path, estate, CLOCK)

    assert "Canary" not in text_of(begun(monkeypatch, url))
