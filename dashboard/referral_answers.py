"""From what is typed of a referral to a household for the services, and from a refusal to its field."""

from __future__ import annotations

from typing import Any, Final

from beds.domain.terms import AgeStatus, Priority
from beds.errors import BedsError, NotFound
from beds.services.households import NewHousehold, NewPerson
from dashboard.draft import TRUTH, UNKNOWN, answers, others
from dashboard.language import t
from dashboard.referral_form import ADULT
from dashboard.refusals import sentence

FIELDS: Final = {
    "gender": "lead gender",
    "age": "lead age",
    "languages": "languages",
    "due_on": "due_on",
    "there is no such referral": "keep_apart",
    "a case of another survivor is accepted": "keep_apart",
    "this survivor has an open case already": "survivor_ref",
}
"""Where a refusal is shown that does not begin with the name of its answer."""


def household() -> NewHousehold | None:
    """Return the household that is typed; None until it is said where they are and who is asking."""
    told = answers()
    if told.get("nation") is None or told.get("lead gender") is None:
        return None
    return NewHousehold(
        nation=told["nation"],
        priority=told.get("priority") or Priority.STANDARD,
        people=(_lead(told), *(_other(told, number, kind) for number, kind in others() if _is_said(number))),
        needed_from=told.get("needed_from"),
        survivor_ref=(told.get("survivor_ref") or "").strip(),
        no_shelter_tonight=_truth("no_shelter_tonight"),
        detention_risk=_truth("detention_risk"),
        expected_stay_days=told.get("expected_stay_days"),
        min_security_level=None if (level := _known("min_security_level")) is None else int(level),
        services_required=frozenset(told.get("services_required") or ()),
        needs_step_free=_truth("needs_step_free"),
        language_required=_truth("language_required"),
        cross_border=_truth("cross_border"),
        accepts_sharing=_truth("accepts_sharing"),
        risk_to_others=_known("risk_to_others"),
        acceptable_site_genders=frozenset(told.get("acceptable_site_genders") or ()),
        preferred_regions=frozenset(told.get("preferred_regions") or ()),
        excluded_areas=frozenset(told.get("excluded_areas") or ()),
        first_responder=told.get("first_responder") or "",
        notes=told.get("notes") or None,
    )


def keep_apart() -> tuple[str, ...]:
    """Return the references of the cases that this one is to be kept apart from."""
    return tuple(ref.strip() for ref in answers().get("keep_apart") or ())


def missing() -> dict[str, str]:
    """Return what has to be answered before it can be recorded, by the name of the answer."""
    found: dict[str, str] = {}
    if answers().get("nation") is None:
        found["nation"] = t("Choose where they are now.")
    if answers().get("lead gender") is None:
        found["lead gender"] = t("Choose one: it decides which houses admit them.")
    for number, _ in others():
        if not _is_said(number):
            found[f"gender {number}"] = t("Choose one, or take them out.")
    return found


def beside_its_field(refusal: BedsError) -> dict[str, str]:
    """Return a refusal by the name of the answer that it is about; `""` where it is about none."""
    text = str(refusal)
    if isinstance(refusal, NotFound):
        return {"keep_apart": sentence(refusal)}
    start = text.partition(":")[0]
    name = FIELDS.get(start, start)
    return {name if name in answers() else "": sentence(refusal)}


def _lead(told: dict[str, Any]) -> NewPerson:
    disputed = _truth("age_disputed")
    return NewPerson(
        gender=told["lead gender"],
        is_lead=True,
        age=told.get("lead age"),
        age_status=None if disputed is None else (AgeStatus.DISPUTED if disputed else AgeStatus.KNOWN),
        due_on=told.get("due_on"),
        languages=frozenset(told.get("languages") or ()),
    )


def _other(told: dict[str, Any], number: int, kind: str) -> NewPerson:
    return NewPerson(
        gender=told[f"gender {number}"],
        age=told.get(f"age {number}"),
        together_confirmed=_truth(f"together {number}") if kind == ADULT else None,
    )


def _is_said(number: int) -> bool:
    return answers().get(f"gender {number}") is not None


def _truth(name: str) -> bool | None:
    return TRUTH[answers().get(name) or UNKNOWN]


def _known(name: str) -> str | None:
    found = answers().get(name)
    return None if found in (None, UNKNOWN) else str(found)
