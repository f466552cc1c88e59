"""The words for places, holds and declines: labels of codes, and sentences made from an answer. No layout."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from beds.domain.terms import REGIONS, SERVED_NATIONS, DeclinedBy, Nation, Priority, Sharing, SiteType
from beds.services.choosing import UnitOfEstate
from beds.services.costs import CostToOthers
from beds.services.in_line import InLine, StandingDecline
from beds.services.places import Barrier, PlaceFacts
from beds.services.spoken import language_name
from beds.wording import LABELS, MISMATCHES, NEED_BEHIND, READ_AS, TO_TALK_OVER, sentence_case
from dashboard.language import counted, day, t

MINUTES_AN_HOUR: Final = 60
PARTS: Final = " · "
"""Between the parts of what is chosen from a list; a household's begins with its reference."""
MOST_NAMED: Final = 4
"""So many households are named whom a choice would cost something; the others are counted."""
SITE_TYPES: Final = {
    SiteType.SAFE_HOUSE: "safe house",
    SiteType.SELF_CONTAINED: "self-contained",
    SiteType.DISPERSED: "dispersed",
    SiteType.PLACE_OF_SAFETY: "place of safety",
}
SECURITY: Final = {1: "standard security", 2: "enhanced security", 3: "high security"}
NEEDS_MET: Final = {
    "nation": "in the nation of the referral",
    "gender": "admits everybody in the household",
    "children": "takes the children",
    "security": "secure enough",
    "services": "has every service needed",
    "step_free": "step-free",
    "language": "staff who speak a shared language",
    "excluded_area": "outside the areas to keep out of",
    "house_mix": "the mix of the house is right",
}
WHY_NOT: Final = {
    "open": "not open for the stay",
    "interim": "stays there are too short",
    "nation": "across the border, which was not agreed",
    "gender": "does not admit everybody, or admits people she would not live with",
    "children": "cannot take the children there",
    "security": "not secure enough",
    "services": "lacks a service that is needed",
    "step_free": "not step-free",
    "language": "nobody there speaks a shared language",
    "excluded_area": "in an area to keep out of",
    "declined": "there was a “no” to it that still stands",
    "house_mix": "the mix of the house is not right",
    "capacity": "no room over the stay",
    "sharing": "no room over the stay",
}
"""Each rule as a reason against a site; that somebody must be kept apart reads as no room everywhere."""
HOLD_REASONS: Final = {
    "offer_accepted": "She accepted the offer",
    "asking_her": "While she is being asked",
    "asking_the_provider": "While the provider is being asked",
    "travelling_tonight": "She is on the way",
    "no_shelter_tonight": "No shelter tonight",
}
OVERRIDE_REASONS: Final = {
    "she_agrees": "She agrees to it",
    "nothing_better_tonight": "Nothing better tonight",
    "interpreter_arranged": "An interpreter is arranged",
    "moves_on_soon": "It is for a short time",
    "safety_comes_first": "Safety comes first",
}
RELEASE_REASONS: Final = {
    "not_needed": "Not needed any more",
    "better_place_found": "A better place was found",
    "not_reached": "She could not be reached",
    "held_by_mistake": "Held by mistake",
}
WHO_SAID_NO: Final = {DeclinedBy.SURVIVOR: "She said no", DeclinedBy.PROVIDER: "The provider said no"}
DECLINE_REASONS: Final = {
    "location": "The place",
    "too_near": "Too near to danger",
    "too_far": "Too far away",
    "sharing": "Sharing",
    "needs": "Needs that cannot be met there",
    "mix_of_house": "Who lives there now",
    "staffing": "Not enough staff tonight",
    "building": "Something in the building is broken",
    "other": "Another reason",
}
"""The reasons of `beds.domain.declining`, by either side."""


def label(table: Mapping[str, str], code: str) -> str:
    """Return what a code means; a word that is in no table is shown as it is, without its underscores."""
    return t(table[code]) if code in table else code.replace("_", " ")


def where(region: str) -> str:
    """Return the name of an area."""
    return t(REGIONS.get(region, "area not known"))


def household_label(line: InLine) -> str:
    """Return a household in a list to choose from."""
    waited = counted(line.days_waited, "waited {n} day", "waited {n} days")
    words = [line.referral_id, t(line.priority.value), waited]
    return PARTS.join([*words, t("a bed is held")] if line.is_held else words)


def kind_of_place(place: PlaceFacts) -> str:
    """Return what kind of place it is, in a line."""
    beds = counted(place.singles + place.cots, "{n} bed", "{n} beds")
    with_cots = counted(place.cots, "{n} of them a cot", "{n} of them cots") if place.cots else ""
    words = [
        t(SITE_TYPES[place.site_type]),
        t("shared") if place.sharing is Sharing.SHARED else t("own door"),
        ", ".join(filter(None, [beds, with_cots])),
        t("step-free") if place.step_free else t("not step-free"),
        t(SECURITY[place.security_level]),
    ]
    return sentence_case(" · ".join(words))


def kind_of_unit(unit: UnitOfEstate) -> str:
    """Return a unit in a list to choose from."""
    words = [
        unit.unit_id,
        t(unit.region),
        t("shared") if unit.shared else t("own door"),
        counted(unit.beds, "{n} bed", "{n} beds"),
    ]
    return " · ".join([*words, t("step-free")] if unit.step_free else words)


def services_of(place: PlaceFacts) -> str:
    """Return the services of a place."""
    return ", ".join(word.replace("_", " ") for word in place.services) or t("none on record")


def languages_of(place: PlaceFacts) -> str:
    """Return the languages that staff speak."""
    return ", ".join(t(language_name(code)) for code in place.languages) or t("none on record")


def day_of(iso: str | None) -> str:
    """Return a date in ISO form as people write it; empty where there is none."""
    return day(date.fromisoformat(iso) if iso else None)


def needs_met(codes: Iterable[str]) -> list[str]:
    """Return the needs that a place meets."""
    return [t(NEEDS_MET[code]) for code in codes]


def not_ideal(mismatch: Mapping[str, int]) -> list[str]:
    """Return what is not ideal in a place, each with its points."""
    return [t("{what} ({n} points)", what=t(MISMATCHES[kind]), n=points) for kind, points in mismatch.items()]


def why_not(rules: Sequence[str]) -> str:
    """Return why a site is out of the question now, without saying one thing twice."""
    return "; ".join(dict.fromkeys(t(WHY_NOT.get(rule, LABELS[rule])) for rule in rules))


def priorities(counts: Mapping[Priority, int]) -> str:
    """Return counts by priority, such as `1 emergency, 2 standard`."""
    return ", ".join(t("{n} {priority}", n=counts[one], priority=t(one.value)) for one in counts)


def cost_sentences(cost: CostToOthers) -> list[str]:
    """Return what a choice would cost others, the worst first."""
    able = sum(cost.could_have_it.values())
    if not able:
        return [t("Nobody else who waits could have it.")]
    if cost.is_nothing:
        return [
            counted(
                able,
                "{n} other who waits could have it and loses nothing.",
                "{n} others who wait could have it and lose nothing.",
            )
        ]
    said = []
    if cost.only:
        said.append(t("Without any place tonight if it goes: {who}.", who=priorities(cost.only)))
    if cost.only_ahead:
        said.append(
            counted(cost.only_ahead, "{n} of them is ahead in line.", "{n} of them are ahead in line.")
        )
    if cost.best:
        said.append(t("Left with a place that suits less: {who}.", who=priorities(cost.best)))
    return said


def who_loses(cost: CostToOthers) -> str:
    """Return who would lose something, the first in line by reference; empty where nobody would."""
    named = [one.referral_id for one in cost.losing[:MOST_NAMED]]
    more = len(cost.losing) - len(named) + cost.not_shown
    return ", ".join([*named, *([counted(more, "{n} more", "{n} more")] if more else [])])


def barrier_words(found: Barrier, nation: Nation, unasked: Sequence[str] = ()) -> str:
    """Return a barrier as a sentence: what opens up if they agree, or what the estate lacks.

    Parameters
    ----------
    nation : where the household was referred
    unasked : the needs that were not asked yet
    """
    if not found["askable"]:
        rules = t(" and ").join(t(LABELS[rule]) for rule in found["rules"])
        one = "{n} unit has room but is ruled out by {rules}."
        return t(
            one if found["units"] == 1 else "{n} units have room but are ruled out by {rules}.",
            n=found["units"],
            rules=rules,
        )
    what = t(" and ").join(_to_talk_over(rule, nation) for rule in found["rules"])
    one = "{n} unit opens up if they agree to {what}."
    said = t(
        one if found["units"] == 1 else "{n} units open up if they agree to {what}.",
        n=found["units"],
        what=what,
    )
    if any(NEED_BEHIND.get(rule) in unasked for rule in found["rules"]):
        said = f"{said} {t('This was not yet asked.')}"
    return said


def unasked_words(needs: Sequence[str]) -> list[str]:
    """Return each need that was not asked yet, with how it is read until then."""
    return [f"{sentence_case(t(READ_AS[need]))}." for need in needs]


def decline_words(no: StandingDecline) -> str:
    """Return a "no" that still stands: who, to what, why, until when."""
    until = t("until {day}", day=day(no.until)) if no.until else t("for good")
    return t(
        "{site}: {who}, {why}; {until}.",
        site=no.site_id,
        who=t(WHO_SAID_NO[no.declined_by]).lower(),
        why=label(DECLINE_REASONS, no.reason).lower() if no.reason else t("no reason on record"),
        until=until,
    )


def time_left(minutes: int) -> str:
    """Return how much longer a hold lasts."""
    hours, rest = divmod(minutes, MINUTES_AN_HOUR)
    if not hours:
        return counted(rest, "{n} minute left", "{n} minutes left")
    return t("{h} h {m} min left", h=hours, m=rest)


def _to_talk_over(rule: str, nation: Nation) -> str:
    """Return what could be agreed; where there is one other nation with sites, it is named."""
    others = [served for served in SERVED_NATIONS if served != nation]
    if rule == "nation" and len(others) == 1:
        return t("a place in {nation}", nation=t(others[0].value))
    return t(TO_TALK_OVER[rule])
