"""The tables of a round: proposals, the others with what would help, what has changed since another round."""

from __future__ import annotations

from beds.services.round_changes import RoundChanges
from beds.services.round_pictures import RoundPicture
from beds.wording import LEVELS, OUTCOMES, sentence_case, short_beds
from dashboard.components import (
    Column,
    Fact,
    empty_state,
    facts,
    plain_table,
    say,
    source_caption,
)
from dashboard.language import counted, day, moment, t
from dashboard.place_words import day_of, not_ideal, where
from dashboard.round_summary import source_of
from dashboard.round_words import CHANGES, answer_words, state_of, what_would_help


def show_proposals(picture: RoundPicture) -> None:
    """Show who is proposed where, first in line first."""
    if not picture.proposed:
        empty_state(
            t("Nobody can be placed in this round."), t("“Not placed” says why, household by household.")
        )
        return
    plain_table(
        t("Proposals, first in line first"),
        [
            Column(t("Household")),
            Column(t("Priority"), priority=True),
            Column(t("Unit"), short=True),
            Column(t("Where")),
            Column(t("Beds"), short=True),
            Column(t("Until"), short=True),
            Column(t("What is not ideal")),
            Column(t("State")),
        ],
        [
            (
                one.proposal.referral_id,
                one.priority.value,
                one.proposal.unit_id,
                where(one.region),
                short_beds(one.proposal.unit_id, one.proposal.bed_ids),
                day(one.proposal.expected_end_on),
                ", ".join(not_ideal(dict(one.proposal.mismatch))) or t("nothing: ideal"),
                state_of(one),
            )
            for one in picture.proposed
        ],
    )
    source_caption(
        as_at=picture.line.as_at,
        definition=t("A proposal holds nothing: every rule is checked again when a person accepts it."),
        source=source_of(picture.line.run_id),
    )


def show_not_placed(picture: RoundPicture) -> None:
    """Show who is not placed, why, and what would help."""
    if not picture.not_placed:
        say(t("Everybody who took part has a place in this round."))
        return
    plain_table(
        t("Not placed, first in line first"),
        [
            Column(t("Household")),
            Column(t("Priority"), priority=True),
            Column(t("Why")),
            Column(t("Not before"), short=True),
            Column(t("What would help, or stands in the way")),
        ],
        [
            (
                one.row["referral_id"],
                one.priority.value,
                t(OUTCOMES[one.row["outcome"]]),
                day_of(one.row["free_on"]),
                what_would_help(one),
            )
            for one in picture.not_placed
        ],
    )
    source_caption(
        as_at=picture.line.as_at,
        definition=t(
            "“Not before” is the earliest date on which a unit that would do could be free, no promise. "
            "What cannot be talked over is a gap in the estate: nobody is asked to waive it."
        ),
        source=source_of(picture.line.run_id),
    )


def show_changes(picture: RoundPicture, changes: RoundChanges) -> None:
    """Show what has changed since another round."""
    say(t("Against the round of {time}.", time=moment(changes.before_as_at)))
    facts(
        [
            *(Fact(f"{count:,}", t(CHANGES[kind])) for kind, count in changes.counts.items()),
            Fact(f"{changes.same:,}", t("the same as before"), "quiet"),
        ]
    )
    if changes.households:
        plain_table(
            t("Households whose answer is another one"),
            [Column(t("Household")), Column(t("What has changed")), Column(t("Before")), Column(t("Now"))],
            [
                (one.referral_id, t(CHANGES[one.change]), answer_words(one.before), answer_words(one.now))
                for one in changes.households
            ],
        )
    hidden = sum(changes.counts.values()) - len(changes.households)
    if hidden:
        say(counted(hidden, "{n} more is a case you may not see.", "{n} more are cases you may not see."))
    plain_table(
        t("What it achieves, against before"),
        [Column(t("Level")), Column(t("Now"), number=True), Column(t("Difference"), number=True)],
        [
            (
                sentence_case(t(words)),
                f"{picture.line.objective[level]:,}",
                f"{changes.levels[level]:+,}" if changes.levels[level] else "0",
            )
            for level, words in LEVELS.items()
        ],
        stacks=False,
    )
    source_caption(
        as_at=picture.line.as_at,
        definition=t("Two rounds, household by household. A round that keeps choices may achieve less."),
        source=source_of(picture.line.run_id),
    )
