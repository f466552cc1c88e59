"""The tables of the night pack: plain, so that they print; references, areas and telephone numbers only."""

from __future__ import annotations

from collections import defaultdict

from beds.services.night_pack import NightHousehold, NightOption, NightPack
from beds.wording import OUTCOMES, sentence_case
from dashboard.components import Column, plain_table, say
from dashboard.language import counted, day, moment, t
from dashboard.place_words import barrier_words, priorities, unasked_words, where

MOST_ASKED = 2


def show_waiting(pack: NightPack) -> None:
    """Show who waits, first in line first, each with the best places or why there is none."""
    if not pack.households:
        say(t("Nobody waits for a place tonight."))
        return
    plain_table(
        t("Who waits, first in line first"),
        [
            Column(t("Household"), short=True),
            Column(t("Priority"), priority=True),
            Column(t("Waited"), short=True),
            Column(t("A round proposes"), short=True),
            Column(t("Best places (* phone first)")),
            Column(t("Ask, or know")),
        ],
        [
            (
                one.line.referral_id,
                one.line.priority.value,
                counted(one.line.days_waited, "{n} day", "{n} days"),
                one.proposed or "",
                _places(one, pack),
                _to_know(one),
            )
            for one in pack.households
        ],
    )
    if pack.waiting_more:
        say(counted(pack.waiting_more, "{n} more waits behind them.", "{n} more wait behind them."))


def show_calls(pack: NightPack) -> None:
    """Show whom to phone, in order: vacancies that were not confirmed lately, the most useful first."""
    if not pack.calls:
        say(t("No vacancy has to be phoned about: all were confirmed lately."))
        return
    plain_table(
        t("Phone in this order"),
        [
            Column(t("Site"), short=True),
            Column(t("Where")),
            Column(t("Telephone"), short=True),
            Column(t("Vacant units"), number=True),
            Column(t("For whom it could be")),
            Column(t("Last confirmed"), short=True),
        ],
        [
            (
                call.site_id,
                where(pack.sites[call.site_id].region),
                call.contact or t("not on record"),
                f"{call.vacant_units:,}",
                priorities({p: n for p, n in call.could_use.items() if n}) or t("nobody who waits now"),
                moment(call.availability_confirmed_at) if call.availability_confirmed_at else t("never"),
            )
            for call in pack.calls
        ],
    )


def show_other_numbers(pack: NightPack) -> None:
    """Show how to reach the other sites that are named on the page, each number once."""
    phoned = {call.site_id for call in pack.calls}
    sites: dict[str, list[str]] = defaultdict(list)
    for ref, site in pack.sites.items():
        if ref not in phoned:
            sites[site.contact or t("not on record")].append(f"{ref} {where(site.region)}")
    if sites:
        plain_table(
            t("Other sites on this page"),
            [Column(t("Telephone")), Column(t("Sites"))],
            [(number, ", ".join(of_number)) for number, of_number in sorted(sites.items())],
        )


def show_holds(pack: NightPack) -> None:
    """Show what is held, with the code to be read out on the telephone."""
    if not pack.holds:
        say(t("Nothing is held now."))
        return
    plain_table(
        t("Held now, the first to run out first"),
        [
            Column(t("Code"), short=True),
            Column(t("Unit"), short=True),
            Column(t("Where")),
            Column(t("For"), short=True),
            Column(t("Until"), short=True),
        ],
        [
            (
                hold.code,
                hold.unit_id,
                where(pack.sites[hold.site_id].region) if hold.site_id in pack.sites else "",
                hold.referral_id,
                moment(hold.expires_at),
            )
            for hold in pack.holds
        ],
    )


def _places(one: NightHousehold, pack: NightPack) -> str:
    if not one.best:
        why = sentence_case(t(OUTCOMES[one.outcome])) if one.outcome else t("Nowhere now")
        until = t("not before {day}", day=day(one.free_on)) if one.free_on else ""
        return "; ".join(filter(None, [why, until]))
    listed = "; ".join(_place(option, pack) for option in one.best)
    more = one.options_in_all - len(one.best)
    return f"{listed}; {counted(more, '{n} more', '{n} more')}" if more > 0 else listed


def _place(option: NightOption, pack: NightPack) -> str:
    site = pack.sites[option.site_id]
    star = "*" if site.phone_first else ""
    return f"{option.unit_id}{star} {where(site.region)} ({option.points})"


def _to_know(one: NightHousehold) -> str:
    """Return why it cannot wait, what was not asked, and what could be talked over."""
    urgent = [
        t("No shelter tonight.") if one.line.no_shelter else "",
        t("At risk of detention.") if one.line.detention else "",
    ]
    barriers = [] if one.best else [barrier_words(b, one.line.nation) for b in one.ask[:MOST_ASKED]]
    asks = unasked_words(one.not_yet_asked[:MOST_ASKED])
    return " ".join(filter(None, [*urgent, *barriers, *(t("Ask {what}", what=_lower(ask)) for ask in asks)]))


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
