"""The NRM referral form: what it tells, what is still to ask, and that nothing personal is kept or shown."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from beds.domain.estate import Estate
from beds.domain.terms import Gender, Nation, PersonRef, Priority, ReferralRef, ReferralStatus
from beds.errors import BadInput, ImportRejected
from beds.nrm_form import NEVER_ON_THE_FORM, NrmIntake, read_nrm_form
from beds.place_names import code_by_language, gss_by_place
from tests.builders import a_person

RECEIVED_AT = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
TOWNS = gss_by_place(
    [
        {"local_authority": "Manchester", "lad_gss": "E08000003", "region_gss": "E12000002"},
        {"local_authority": "Kingston upon Hull, City of", "lad_gss": "E06000010"},
        {"local_authority": "Bournemouth, Christchurch and Poole", "lad_gss": "E06000058"},
        {"local_authority": "City of London", "lad_gss": "E09000001"},
        {"local_authority": "Cardiff", "lad_gss": "W06000015"},
        {"council_gss": "S12000049", "council": "Glasgow City"},
        {"region": "London", "gss_code": "E12000007"},
    ]
)
LANGUAGES = code_by_language(
    [
        {"language_names": "Albanian", "languages": "sq"},
        {"language_names": "Farsi; Kurdish (Sorani)", "languages": "fa;ckb"},
        {"language_names": "Tagalog/Filipino", "languages": "fil"},
        {"language_names": "Arabic (Juba)", "languages": "pga;ar"},
    ]
)
PERSONAL = {
    "reference": "MARKER reference",
    "pv-name-first-name": "MARKER first",
    "pv-name-last-name": "MARKER last",
    "pv-name-nickname": "MARKER nickname",
    "pv-phone-number-yes": "MARKER 07700 900000",
    "pv-contact-details-street": "MARKER street",
    "what-happened": "MARKER story",
    "who-exploited-pv": "MARKER exploiter",
    "exploiters-current-location-details": "MARKER location",
    "where-exploitation-happened-other-uk-other-location": "MARKER address",
    "other-exploitation-details": "MARKER other",
    "pv-other-help-with-communication-aid": "MARKER aid",
    "pv-ho-reference-type": "MARKER ho reference",
    "pv-nationality": "MARKER nationality",
    "fr-details-last-name": "MARKER responder",
    "user-email": "MARKER@example.org",
    "family": "MARKER family",
}


def _form(**changes: object) -> dict[str, object]:
    """Return an adult's form in which all that we read is answered; `_` in names stands for `-`."""
    return {
        "fr-location": "england",
        "user-organisation": "The Salvation Army",
        "pv-under-age": "no",
        "pv-dob": "1996-03-02",
        "pv-gender": "female",
        "pv-want-to-submit-nrm": "yes",
        "does-pv-need-support": "yes",
        "does-pv-have-children": "no",
        "pv-interpreter-requirements": "yes",
        "pv-interpreter-requirements-language": "Albanian",
        "pv-other-help-with-communication": "no",
        "any-other-pvs": "no",
        "exploiters-location": "no",
        "types-of-exploitation-forced-to-work": "true",
        "where-exploitation-happened": "uk",
        "where-exploitation-happened-uk-city-1": "Manchester",
        **PERSONAL,
        **{name.replace("_", "-"): value for name, value in changes.items()},
    }


def _read(source: Path | dict[str, object]) -> NrmIntake:
    return read_nrm_form(
        source, referral_id=ReferralRef("R1"), received_at=RECEIVED_AT, towns=TOWNS, languages=LANGUAGES
    )


def test_a_form_becomes_a_waiting_referral_and_its_lead() -> None:
    intake = _read(_form())

    referral, lead = intake.referral, intake.lead
    assert (referral.referral_id, lead.referral_id, lead.is_lead) == ("R1", "R1", True)
    assert (referral.nation, referral.status) == (Nation.ENGLAND, ReferralStatus.WAITING)
    assert (referral.first_responder, referral.nrm_status) == ("salvation_army", "referred")
    assert referral.exploitation_type == "labour"
    assert lead.languages == {"sq"}


def test_nothing_the_form_has_no_field_for_is_made_up() -> None:
    intake = _read(_form())

    standing = {"priority", "needed_from"}
    for column in set(NEVER_ON_THE_FORM) - standing:
        assert getattr(intake.referral, column) in (None, frozenset(), "")
    assert set(NEVER_ON_THE_FORM) <= set(intake.still_to_ask)
    assert intake.referral.priority is Priority.STANDARD


def test_no_free_text_name_or_birth_date_is_kept_or_shown() -> None:
    intake = _read(
        _form(any_other_pvs="yes", exploiters_location="yes", pv_other_help_with_communication="yes")
    )

    assert "MARKER" not in repr(intake)
    assert "1996" not in repr(intake)


@pytest.mark.parametrize(
    ("answer", "gender"), [("female", Gender.FEMALE), ("male", Gender.MALE), ("unknown", Gender.NON_BINARY)]
)
def test_who_does_not_identify_as_male_or_female_is_non_binary(answer: str, gender: Gender) -> None:
    assert _read(_form(pv_gender=answer)).lead.gender is gender


@pytest.mark.parametrize(
    ("answer", "nation"), [("scotland", Nation.SCOTLAND), ("northern-ireland", Nation.NORTHERN_IRELAND)]
)
def test_the_nation_is_where_the_report_is_made(answer: str, nation: Nation) -> None:
    assert _read(_form(fr_location=answer)).referral.nation is nation


@pytest.mark.parametrize(
    ("under_age", "born_on", "age"),
    [
        ("no", "1996-03-01", 30),
        ("no", "1996-03-02", 29),
        ("no", "1996-3-1", 30),
        ("yes", "2010-01-01", 16),
        ("yes", "1990-01-01", None),
        ("no", "2010-01-01", None),
        ("not-sure", "1996-01-01", None),
        ("no", "", None),
        ("no", "1850-01-01", None),
        ("no", "2030-01-01", None),
    ],
)
def test_an_age_is_kept_only_where_the_form_is_sure_of_it(
    under_age: str, born_on: str, age: int | None
) -> None:
    intake = _read(_form(pv_under_age=under_age, pv_dob=born_on))

    assert intake.lead.age == age
    assert ("age" in intake.still_to_ask) is (age is None)


@pytest.mark.parametrize(
    ("language", "code"),
    [
        ("albanian ", "sq"),
        ("Sorani Kurdish", "ckb"),
        ("Filipino", "fil"),
        ("Arabic (Juba)", None),
        ("MARKER", None),
    ],
)
def test_a_language_is_known_by_its_name_or_asked(language: str, code: str | None) -> None:
    intake = _read(_form(pv_interpreter_requirements_language=language))

    assert intake.lead.languages == ({code} if code else set())
    assert ("languages" in intake.still_to_ask) is (code is None)
    assert "MARKER" not in repr(intake)


def test_who_needs_no_interpreter_speaks_english() -> None:
    intake = _read(_form(pv_interpreter_requirements="no", pv_interpreter_requirements_language=""))

    assert intake.lead.languages == {"en"}


def test_ages_of_children_are_still_to_ask_with_their_number() -> None:
    intake = _read(_form(does_pv_have_children="yes", does_pv_have_children_yes_amount="2"))

    assert intake.children_told == 2
    assert any(question.startswith("ages of 2 children") for question in intake.still_to_ask)


@pytest.mark.parametrize("amount", ["", "some MARKER", "-1", "0", "9999"])
def test_a_number_of_children_that_is_no_number_is_asked(amount: str) -> None:
    intake = _read(_form(does_pv_have_children="yes", does_pv_have_children_yes_amount=amount))

    assert intake.children_told is None
    assert any("children: how many" in question for question in intake.still_to_ask)
    assert "MARKER" not in repr(intake)


def test_a_parent_is_not_filed_as_if_alone() -> None:
    intake = _read(_form(does_pv_have_children="yes", does_pv_have_children_yes_amount=1))

    with pytest.raises(BadInput, match="children"):
        intake.household()

    child = a_person("R1-2", "R1", is_lead=False, age=4)
    assert intake.household([child])[1] == (intake.lead, child)
    assert intake.household([])[1] == (intake.lead,)


def test_who_has_no_children_is_filed_alone() -> None:
    intake = _read(_form())

    referral, people = intake.household()

    assert Estate(referrals=(referral,), people=people).people_of[referral.referral_id] == (intake.lead,)


def test_a_child_of_another_referral_is_refused() -> None:
    intake = _read(_form())

    with pytest.raises(BadInput, match="children"):
        intake.household([a_person("R2-2", "R2", is_lead=False)])


def test_towns_of_exploitation_propose_areas_and_are_not_stored() -> None:
    towns = ["Manchester", "Hull", "Poole", "London", "Cardiff / Caerdydd", "GLASGOW", "Manchester"]
    intake = _read(
        _form(**{f"where_exploitation_happened_uk_city_{n}": town for n, town in enumerate(towns, start=1)})
    )

    assert intake.proposed_excluded_areas == (
        "E06000010",
        "E06000058",
        "E08000003",
        "E12000007",
        "S12000049",
        "W06000015",
    )
    assert intake.referral.excluded_areas == frozenset()
    assert "excluded_areas: to be confirmed" in intake.still_to_ask


def test_towns_not_recognised_are_counted_and_not_echoed() -> None:
    intake = _read(
        _form(
            where_exploitation_happened_uk_city_1="MARKERTOWN",
            where_exploitation_happened_uk_city_2="Manchester",
            where_exploitation_happened_uk_city_10="Unknown",
        )
    )

    assert intake.proposed_excluded_areas == ("E08000003",)
    assert "2 towns of exploitation not recognised: areas to be asked" in intake.still_to_ask
    assert "MARKER" not in repr(intake)


def test_kinds_of_exploitation_are_joined_in_one_word() -> None:
    intake = _read(
        _form(types_of_exploitation_prostitution=True, types_of_exploitation_forced_to_commit_fraud="true")
    )

    assert intake.referral.exploitation_type == "criminal_and_labour_and_sexual"


@pytest.mark.parametrize(
    ("organisation", "word"),
    [
        ("Greater Manchester Police", "police"),
        ("Kent County Council", "local_authority"),
        ("Refugee Council", "refugee_council"),
        ("MARKER and Sons", ""),
    ],
)
def test_a_first_responder_is_kept_as_a_known_word_or_not_at_all(organisation: str, word: str) -> None:
    assert _read(_form(user_organisation=organisation)).referral.first_responder == word


def test_a_form_without_consent_to_a_referral_is_refused() -> None:
    with pytest.raises(BadInput, match="duty to notify") as refused:
        _read(_form(pv_want_to_submit_nrm="no"))

    assert "MARKER" not in str(refused.value)


def test_who_did_not_ask_for_support_is_asked_whether_a_place_is_wanted() -> None:
    intake = _read(_form(does_pv_need_support="no"))

    assert "whether accommodation is wanted at all" in intake.still_to_ask


def test_every_answer_the_form_does_not_offer_is_reported_by_its_field() -> None:
    form = _form(fr_location="MARKERLAND", pv_under_age="MARKER", pv_dob="MARKER")
    del form["pv-gender"]

    with pytest.raises(ImportRejected) as refused:
        _read(form)

    columns = [fault.column for fault in refused.value.faults]
    assert columns == ["fr-location", "pv-gender", "pv-under-age", "pv-dob"]
    assert "MARKER" not in str(refused.value.faults)


def test_a_form_with_the_two_needed_answers_alone_asks_for_everything_else() -> None:
    intake = _read({"fr-location": "wales", "pv-gender": "male"})

    assert (intake.lead.age, intake.lead.languages, intake.children_told) == (None, frozenset(), None)
    assert {"age", "languages", "excluded_areas"} <= set(intake.still_to_ask)


def test_a_form_is_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "form.json"
    path.write_text(json.dumps(_form()), encoding="utf-8-sig")

    assert _read(path) == _read(_form())


@pytest.mark.parametrize(
    "content", [b"", b'{"pv-gender": "MARKER', b"[1, 2]", b"\xff\xfe", b"[" * 100_000, b'"MARKER"']
)
def test_a_file_that_is_no_form_is_refused_without_echo(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "MARKER form.json"
    path.write_bytes(content)

    with pytest.raises(ImportRejected) as refused:
        _read(path)

    assert "MARKER" not in str(refused.value.faults)


def test_a_file_that_is_not_there_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such file"):
        _read(tmp_path / "nowhere.json")


@pytest.mark.parametrize("referral_id", ["", "R 1", "=R1", "R" * 64])
def test_a_reference_that_could_not_be_imported_is_refused(referral_id: str) -> None:
    with pytest.raises(BadInput, match="referral_id"):
        read_nrm_form(
            _form(), referral_id=ReferralRef(referral_id), received_at=RECEIVED_AT, towns=TOWNS, languages={}
        )


def test_the_lead_has_a_reference_of_its_own() -> None:
    assert _read(_form()).lead.person_id == PersonRef("R1-1")
