"""The questions of a referral, in the order in which a coordinator asks them; each can be "not yet known"."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

import streamlit as st

from beds.domain.terms import Gender, Nation, Priority
from beds.roles import Actor
from beds.services.asking import area_names, first_responders, language_names, region_names
from beds.wording import sentence_case
from dashboard.components import card, row, section
from dashboard.draft import NO, UNKNOWN, YES, add_other, ask, others, remove_other
from dashboard.language import spoken, t

ADULT, CHILD = "adult", "child"
OLDEST, OLDEST_CHILD, YOUNGEST_ADULT = 120, 17, 18
NARROW: Final = 180
GENDERS: Final = {Gender.FEMALE: "Woman", Gender.MALE: "Man", Gender.NON_BINARY: "Non-binary"}
ADMITTED: Final = {Gender.FEMALE: "Women", Gender.MALE: "Men", Gender.NON_BINARY: "Non-binary people"}
CHILD_GENDERS: Final = {Gender.FEMALE: "Girl", Gender.MALE: "Boy", Gender.NON_BINARY: "Non-binary"}
THREE: Final = {YES: "Yes", NO: "No", UNKNOWN: "Not yet known"}
LEVELS: Final = {"1": "Standard", "2": "Enhanced", "3": "High", UNKNOWN: "Not yet known"}
RISKS: Final = {"low": "Low", "high": "High", UNKNOWN: "Not yet known"}
PRIORITIES: Final = {
    Priority.STANDARD: "Standard",
    Priority.URGENT: "Urgent",
    Priority.EMERGENCY: "Emergency",
}


def ask_about_tonight(actor: Actor) -> None:
    """Ask where they are, whether it can wait, and from when a place is needed."""
    section(t("Tonight"))
    nations = [nation for nation in Nation if nation in actor.nations]
    ask(
        st.segmented_control,
        t("Where are they now?"),
        "nation",
        default=nations[0] if len(nations) == 1 else None,
        options=nations,
        format_func=spoken({nation: nation for nation in nations}),
    )
    with row("tonight"):
        three(t("Without shelter tonight?"), "no_shelter_tonight")
        three(t("At risk of being detained?"), "detention_risk")
    ask(
        st.segmented_control,
        t("How urgent is it otherwise?"),
        "priority",
        default=Priority.STANDARD,
        options=list(PRIORITIES),
        format_func=spoken(PRIORITIES),
        help=t(
            "Without shelter, or at risk of being detained, counts as an emergency whatever is chosen here."
        ),
    )


def ask_about_lead() -> None:
    """Ask about the survivor."""
    section(t("Who is asking"))
    with row("lead"):
        _gender("lead gender", GENDERS)
        _age("lead age", 0, OLDEST)
        three(t("Is that age disputed?"), "age_disputed")
    ask(
        st.multiselect,
        t("Languages they speak"),
        "languages",
        default=[],
        options=list(language_names()),
        format_func=spoken(language_names()),
        placeholder=t("Type to search; empty if not yet known"),
        accept_new_options=True,
        filter_mode="contains",
        help=t("A language that is not in the list can be typed as its code, such as ckb."),
    )
    ask(
        st.date_input,
        t("A birth is due on"),
        "due_on",
        format="DD/MM/YYYY",
        width=NARROW,
    )


def ask_who_comes_along() -> None:
    """Ask for each child and each other adult, one by one."""
    section(t("Who comes with them"))
    counts = dict.fromkeys((ADULT, CHILD), 0)
    for number, kind in list(others()):
        counts[kind] += 1
        with card(f"person-{number}"):
            _ask_about_other(number, kind, counts[kind])
    with row("add"):
        st.button(t("Add a child"), on_click=add_other, args=(CHILD,))
        st.button(t("Add an adult"), on_click=add_other, args=(ADULT,))


def _ask_about_other(number: int, kind: str, place: int) -> None:
    is_child = kind == CHILD
    title = t("Child {n}", n=place) if is_child else t("Adult {n}", n=place)
    st.html(f'<h3 class="beds-person">{escape(title)}</h3>')
    lowest, highest = (0, OLDEST_CHILD) if is_child else (YOUNGEST_ADULT, OLDEST)
    with row(f"person-{number}"):
        _gender(f"gender {number}", CHILD_GENDERS if is_child else GENDERS, whose=title)
        _age(f"age {number}", lowest, highest, whose=title)
        if not is_child:
            three(t("Asked alone: do they want to come together?"), f"together {number}")
    label = t("Take out {who}", who=title)
    st.button(label, key=f"remove {number}", on_click=remove_other, args=(number,), type="tertiary")


def ask_what_keeps_them_safe(cases: Sequence[str]) -> None:
    """Ask what a place must keep away, and whom.

    Parameters
    ----------
    cases : references of other cases, to be kept apart from
    """
    section(t("What keeps them safe"))
    with row("safe"):
        _one_of(t("How secure must the place be?"), "min_security_level", LEVELS)
        _one_of(t("Risk to others, as assessed"), "risk_to_others", RISKS)
    ask(
        st.multiselect,
        t("Areas that are not safe"),
        "excluded_areas",
        default=[],
        options=list(area_names()),
        format_func=spoken(area_names()),
        placeholder=t("Type a region or a council"),
        filter_mode="contains",
    )
    ask(
        st.multiselect,
        t("Never in one house with"),
        "keep_apart",
        default=[],
        options=list(cases),
        placeholder=t("Type the reference of the other case"),
        accept_new_options=True,
        filter_mode="contains",
        help=t("It is kept, and shown to nobody: everywhere else it reads as no room."),
    )
    ask(
        st.multiselect,
        t("Only a house that admits nobody but"),
        "acceptable_site_genders",
        default=[],
        options=list(GENDERS),
        format_func=spoken(ADMITTED),
        placeholder=t("Empty if any house will do"),
    )


def ask_what_they_need(services: Sequence[str]) -> None:
    """Ask what a place must have.

    Parameters
    ----------
    services : those that any site has
    """
    section(t("What they need"))
    with row("need"):
        three(t("Is a step-free place needed?"), "needs_step_free")
        three(t("Do they agree to share?"), "accepts_sharing")
        three(t("Do they agree to cross the border?"), "cross_border")
        three(t("Must staff speak their language?"), "language_required")
    ask(
        st.multiselect,
        t("Services they cannot do without"),
        "services_required",
        default=[],
        options=list(services),
        format_func=spoken(_plain(services)),
        placeholder=t("Empty if none"),
        filter_mode="contains",
    )
    ask(
        st.multiselect,
        t("Regions they would rather be in"),
        "preferred_regions",
        default=[],
        options=list(region_names()),
        format_func=spoken(region_names()),
        placeholder=t("Empty if they do not mind"),
        filter_mode="contains",
    )


def ask_for_the_record() -> None:
    """Ask what does not decide where they can go tonight."""
    with st.expander(t("For the record: not needed to find a place")):
        with row("record"):
            ask(
                st.date_input,
                t("Needed from, if not today"),
                "needed_from",
                inline=True,
                format="DD/MM/YYYY",
                width=NARROW,
            )
            ask(
                st.number_input,
                t("Expected nights"),
                "expected_stay_days",
                inline=True,
                min_value=1,
                max_value=3_650,
                step=1,
                placeholder=t("Recovery period"),
                width=NARROW,
            )
        ask(
            st.selectbox,
            t("Who refers them"),
            "first_responder",
            options=first_responders(),
            format_func=spoken(_plain(first_responders())),
            placeholder=t("Not yet known"),
            filter_mode="contains",
        )
        ask(
            st.text_input,
            t("Their own reference, if they were with us before"),
            "survivor_ref",
            default="",
            help=t("It links what is on record about their safety to this case."),
            autocomplete="off",
        )
        ask(st.text_area, t("Notes, readable with this case alone"), "notes", default="", max_chars=10_000)


def three(label: str, name: str) -> None:
    """Ask what is yes, no, or not yet known."""
    _one_of(label, name, THREE)


def _one_of(label: str, name: str, words: dict[str, str]) -> None:
    ask(
        st.segmented_control,
        label,
        name,
        default=UNKNOWN,
        inline=True,
        options=list(words),
        format_func=spoken(words),
        required=True,
    )


def _gender(name: str, words: dict[Gender, str], *, whose: str = "") -> None:
    ask(
        st.segmented_control,
        t("Gender"),
        name,
        called=t("{who}: gender", who=whose) if whose else "",
        inline=True,
        options=list(words),
        format_func=spoken(words),
    )


def _age(name: str, lowest: int, highest: int, *, whose: str = "") -> None:
    ask(
        st.number_input,
        t("Age in years"),
        name,
        called=t("{who}: age", who=whose) if whose else "",
        inline=True,
        min_value=lowest,
        max_value=highest,
        step=1,
        placeholder=t("Not yet known"),
        width=NARROW,
    )


def _plain(codes: Sequence[str]) -> dict[str, str]:
    return {code: sentence_case(code.replace("_", " ")) for code in codes}
