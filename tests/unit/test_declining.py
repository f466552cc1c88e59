"""Every reason for a "no" has a stated, dated consequence."""

from datetime import timedelta

import pytest

from beds.domain.declining import CONSEQUENCES, consequence_of, reasons_of
from beds.domain.terms import DeclinedBy
from tests.builders import TODAY


def test_survivors_and_providers_have_their_own_reasons() -> None:
    assert reasons_of(DeclinedBy.SURVIVOR) == ("location", "too_near", "too_far", "sharing", "other")
    assert reasons_of(DeclinedBy.PROVIDER) == ("needs", "mix_of_house", "staffing", "building", "other")


@pytest.mark.parametrize(("who", "reason"), CONSEQUENCES)
def test_every_consequence_is_dated_and_said_in_a_sentence(who: DeclinedBy, reason: str) -> None:
    consequence = consequence_of(who, reason)

    assert consequence.sentence.endswith(".")
    assert consequence.nights is None or consequence.until(TODAY) == TODAY + timedelta(
        days=consequence.nights
    )


def test_what_is_too_near_is_never_offered_again() -> None:
    assert consequence_of(DeclinedBy.SURVIVOR, "too_near").until(TODAY) is None


def test_a_rota_is_another_one_after_two_nights() -> None:
    assert consequence_of(DeclinedBy.PROVIDER, "staffing").until(TODAY) == TODAY + timedelta(days=2)


@pytest.mark.parametrize(
    ("who", "reason"), [(DeclinedBy.SURVIVOR, "staffing"), (DeclinedBy.PROVIDER, "too_near"), ("", "")]
)
def test_a_reason_of_the_other_side_is_refused(who: DeclinedBy, reason: str) -> None:
    with pytest.raises(ValueError, match="reason: one of"):
        consequence_of(who, reason)
