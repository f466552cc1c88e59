"""Who is referred: people drawn from the Home Office's own cross-table, and the languages they may speak.

Source: National Referral Mechanism tables, second quarter of 2022 to fourth of 2023: nationality × gender ×
age × exploitation (`nrm_crosstab.csv`, dual nationals normalised there). The languages are a mapping of ours
for planning interpreters; for a real person the language is asked, never inferred.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from beds.domain.terms import Gender
from beds.reference import read_rows
from beds.synthesis.draws import Draws, Weighted
from beds.synthesis.shares import Shares

GENDERS: Final = {"female": Gender.FEMALE, "male": Gender.MALE, "other": Gender.NON_BINARY}
"""The cross-table's genders as ours; its two referrals of no recorded gender are not drawn."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One cell of the cross-table: what a referral's lead is drawn as."""

    nationality: str
    second_nationality: str
    gender: Gender
    age_group: str
    exploitation_type: str


@dataclass(frozen=True, slots=True)
class CrossTable:
    """Cells to draw from, by age group at exploitation and by age group and gender."""

    by_age: Mapping[str, Weighted[Profile]]
    by_age_and_gender: Mapping[tuple[str, Gender], Weighted[Profile]]

    def draw(self, draws: Draws, age_group: str = "adult", gender: Gender | None = None) -> Profile:
        """Return a profile of an age group (`adult` or `child`), of one gender where that is given."""
        cells = self.by_age[age_group] if gender is None else self.by_age_and_gender[age_group, gender]
        return draws.weighted(cells)


def draw_profiles(count: int, draws: Draws, age_group: str = "adult") -> list[Profile]:
    """Return that many profiles of an age group, independent of each other."""
    table = cross_table()
    return [table.draw(draws, age_group) for _ in range(count)]


@cache
def cross_table() -> CrossTable:
    """Return the shipped cross-table, quarters added up."""
    counts: dict[Profile, int] = defaultdict(int)
    for row in read_rows("nrm_crosstab"):
        if row["gender"] in GENDERS:
            profile = Profile(
                nationality=row["nationality"],
                second_nationality=row["second_nationality"],
                gender=GENDERS[row["gender"]],
                age_group=row["age_at_exploitation"],
                exploitation_type=row["exploitation_type"],
            )
            counts[profile] += int(row["referrals"])
    ages = sorted({profile.age_group for profile in counts})
    return CrossTable(
        by_age={age: _cells(counts, age, tuple(Gender)) for age in ages},
        by_age_and_gender={
            (age, gender): _cells(counts, age, (gender,)) for age in ages for gender in Gender
        },
    )


def _cells(counts: Mapping[Profile, int], age: str, genders: Sequence[Gender]) -> Weighted[Profile]:
    """The cells of an age group and some genders, in an order that depends on their text alone."""
    chosen = [cell for cell in counts if cell.age_group == age and cell.gender in genders]
    chosen.sort(
        key=lambda cell: (cell.nationality, cell.second_nationality, cell.gender, cell.exploitation_type)
    )
    return Weighted(chosen, [counts[cell] for cell in chosen])


@dataclass(frozen=True, slots=True)
class Tongues:
    """The languages of a nationality, the likeliest first, and whether English is often enough."""

    languages: tuple[str, ...]
    english: str


@cache
def tongues_by_nationality() -> Mapping[str, Tongues]:
    """Return languages by nationality (`languages.csv`: an assumption throughout)."""
    return {
        row["nationality"]: Tongues(tuple(row["languages"].split(";")), row["english_likely_sufficient"])
        for row in read_rows("languages")
    }


@cache
def staff_language_weights() -> Weighted[str]:
    """Return languages other than English, weighted by the adults referred who may need them."""
    weights: dict[str, float] = defaultdict(float)
    adults = cross_table().by_age["adult"]
    referrals = [high - low for low, high in zip([0, *adults.running], adults.running, strict=False)]
    for profile, count in zip(adults.items, referrals, strict=True):
        tongues = tongues_by_nationality().get(profile.nationality)
        for language in tongues.languages if tongues else ():
            if language != "en":
                weights[language] += count
    languages = sorted(weights)
    return Weighted(languages, [weights[language] for language in languages])


def draw_languages(profile: Profile, shares: Shares, draws: Draws) -> frozenset[str]:
    """Return the languages a person of this profile might state; none where they were not asked."""
    tongues = tongues_by_nationality().get(profile.nationality)
    if tongues is None or shares.happens("languages_not_asked", draws):
        return frozenset()
    own = [language for language in tongues.languages if language != "en"]
    spoken = {own[0] if shares.happens("main_language", draws) else draws.pick(own)} if own else set()
    english = profile.second_nationality == "UK" or shares.happens("speaks_english", draws, tongues.english)
    return frozenset(spoken | ({"en"} if english or not own else set()))
