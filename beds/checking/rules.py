"""The rules `open` … `house_mix`, one plain function each, for one household and one unit.

Source of every rule: the row of its name in `allocation.md` §3. A function is given a visit (the household,
the unit, its site and the stay there) and says whether the rule holds. It shares no code with the compiled
rules.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from beds.checking.stays import Visit
from beds.domain.accommodation import COT_AGE, Site
from beds.domain.referral import Person
from beds.domain.terms import DeclinedBy, Gender, Priority, RiskToOthers, Sharing

NIGHTS_WORTH_A_MOVE: Final = 28
"""A site that closes must last the whole stay or this many nights, whichever is less (`open`)."""

Rule = Callable[[Visit], bool]


def babies_due(visit: Visit) -> int:
    """Return how many children are due before a stay ends, overdue or not."""
    due = [person.due_on for person in visit.household.people if person.due_on is not None]
    return sum(1 for day in due if day.toordinal() < visit.stay.end)


def sleepers(visit: Visit) -> tuple[int, int]:
    """Return how many need a single (aged 2 or over) and how many are under 2, babies due among them."""
    under_two = sum(1 for person in visit.household.people if person.age is not None and person.age < COT_AGE)
    return len(visit.household.people) - under_two, under_two + babies_due(visit)


def primary_subtags(languages: frozenset[str]) -> frozenset[str]:
    """Return languages as they are compared: the primary subtag of BCP 47, ignoring case."""
    return frozenset(tag.split("-")[0].lower() for tag in languages)


def is_open(visit: Visit) -> bool:
    """Return whether the site is open at the start, and long enough."""
    if visit.site.opens_on is not None and visit.site.opens_on.toordinal() > visit.stay.start:
        return False
    needed_until = visit.stay.start + min(visit.stay.count, NIGHTS_WORTH_A_MOVE)
    return visit.site.closes_on is None or visit.site.closes_on.toordinal() >= needed_until


def interim(visit: Visit) -> bool:
    """Return whether the site may keep her as long as she needs, or this is an emergency."""
    limit = visit.site.max_stay_nights
    return limit is None or limit >= visit.household.nights or visit.household.counts_as is Priority.EMERGENCY


def nation(visit: Visit) -> bool:
    """Return whether the site is in the referral's nation, or crossing the border was agreed."""
    return (
        visit.site.nation is visit.household.referral.nation or visit.household.referral.cross_border is True
    )


def gender(visit: Visit) -> bool:
    """Return whether the site admits every adult, and admits nobody the household cannot live among."""
    acceptable = visit.household.referral.acceptable_site_genders
    admitted = all(adult.gender in visit.site.admits for adult in visit.household.adults)
    return admitted and (not acceptable or visit.site.admits <= acceptable)


def children(visit: Visit) -> bool:
    """Return whether there are no children, or the site and the unit take every one of them."""
    if not visit.household.children and babies_due(visit) == 0:
        return True
    if not visit.site.accepts_children or visit.unit.sharing is not Sharing.HOUSEHOLD:
        return False
    return all(_is_young_enough(child, visit.site) for child in visit.household.children)


def _is_young_enough(child: Person, site: Site) -> bool:
    limits = {
        Gender.FEMALE: site.max_age_girls,
        Gender.MALE: site.max_age_boys,
        Gender.NON_BINARY: min(site.max_age_girls, site.max_age_boys),
    }
    return child.age is not None and child.age <= limits[child.gender]


def security(visit: Visit) -> bool:
    """Return whether the site is as secure as needed."""
    return visit.site.security_level >= visit.household.referral.security_needed


def services(visit: Visit) -> bool:
    """Return whether the site has every service required."""
    return visit.household.referral.services_required <= visit.site.services


def step_free(visit: Visit) -> bool:
    """Return whether the unit is step-free, or it is on record that this is not needed."""
    return visit.household.referral.needs_step_free is False or visit.unit.step_free


def language(visit: Visit) -> bool:
    """Return whether staff speak a language of the lead, where that is required."""
    if visit.household.referral.language_required is not True:
        return True
    return bool(primary_subtags(visit.household.lead.languages) & primary_subtags(visit.site.staff_languages))


def excluded_area(visit: Visit) -> bool:
    """Return whether the site is outside every area the survivor must not be in."""
    return not {visit.site.region, visit.site.local_authority} & visit.household.excluded_areas


def declined(visit: Visit) -> bool:
    """Return whether no decline of this site is in force for the survivor."""
    return not any(decline.site_id == visit.site.site_id for decline in visit.household.declines)


def house_mix(visit: Visit) -> bool:
    """Return whether the household may live beside those whom this unit and this site put beside it."""
    risk = visit.household.referral.risk_to_others
    if risk is RiskToOthers.HIGH and visit.site.accepts_children:
        return False
    if visit.unit.sharing is not Sharing.SHARED:
        return True
    return visit.household.referral.accepts_sharing is True and risk is RiskToOthers.LOW


RULES: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        "open": is_open,
        "interim": interim,
        "nation": nation,
        "gender": gender,
        "children": children,
        "security": security,
        "services": services,
        "step_free": step_free,
        "language": language,
        "excluded_area": excluded_area,
        "declined": declined,
        "house_mix": house_mix,
    }
)
"""`open` … `house_mix`, in the order of `allocation.md` §3."""

BARRIER_RULES: Final = frozenset(RULES) - {"open", "interim"}
"""The rules that may stand between a household and a unit with room (`allocation.md` §5)."""


def broken_rules(visit: Visit) -> frozenset[str]:
    """Return the names of the rules `open` … `house_mix` that the household would break in this unit."""
    return frozenset([name for name, rule in RULES.items() if not rule(visit)])


def breaks_nothing(visit: Visit) -> bool:
    """Return whether the rules `open` … `house_mix` all hold."""
    return all(rule(visit) for rule in RULES.values())


def is_askable(rule: str, visit: Visit) -> bool:
    """Return whether what breaks a rule in this unit is something to talk over with her.

    Source: `allocation.md` §5: `nation`, `services`, `language`; `house_mix` by `accepts_sharing` alone;
    `declined` by the survivor alone.
    """
    if rule == "house_mix":
        risk = visit.household.referral.risk_to_others
        return risk is RiskToOthers.LOW and visit.household.referral.accepts_sharing is not True
    if rule == "declined":
        said_no = {d.declined_by for d in visit.household.declines if d.site_id == visit.site.site_id}
        return said_no == {DeclinedBy.SURVIVOR}
    return rule in {"nation", "services", "language"}
