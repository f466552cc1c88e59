"""Small counts are hidden, and others with them where a sum would give one away; the rest is rounded.

Arithmetic on one column of counts: which of them add up is said by whoever knows the table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import floor, isfinite
from typing import Final

LEAST_THRESHOLD: Final = 5
"""Background, medium: the usual convention is to hide counts under 5. A service may hide more, never less."""
_UNBOUNDED: Final = 10**9


@dataclass(frozen=True, slots=True)
class Rule:
    """Counts under `threshold` are hidden, the others rounded to a multiple of `rounded_to`."""

    threshold: int = LEAST_THRESHOLD
    rounded_to: int = 5

    def __post_init__(self) -> None:
        """Refuse a rule that hides less than the convention.

        Raises
        ------
        ValueError
            A number is below 5.
        """
        if self.threshold < LEAST_THRESHOLD or self.rounded_to < LEAST_THRESHOLD:
            raise ValueError(f"{LEAST_THRESHOLD} or more is accepted")


@dataclass(frozen=True, slots=True)
class Group:
    """Cells of one column that add up: `total` is the sum of `parts` (their places in the column)."""

    total: int
    parts: tuple[int, ...]


def protect(values: Sequence[float], groups: Sequence[Group], rule: Rule) -> tuple[int | None, ...]:
    """Return counts as they may be seen: hidden (None), or rounded.

    What a model gives is taken to the nearest whole number first. Where one cell of a group alone is hidden,
    or the others leave a hidden count fewer than two values, the smallest other part that is not 0 is hidden
    too, and the total where there is none.

    Examples
    --------
    >>> protect([16, 3, 6, 7], [Group(0, (1, 2, 3))], Rule())
    (15, None, None, 5)
    """
    if not all(isfinite(value) and value >= 0 for value in values):
        raise ValueError("counts: 0 or more is accepted")
    whole = [floor(value + 0.5) for value in values]
    hidden = {place for place, count in enumerate(whole) if 0 < count < rule.threshold}
    while more := {place for group in groups for place in _also_hidden(group, whole, hidden, rule)}:
        hidden |= more
    return tuple(
        None if place in hidden else rounded(count, rule.rounded_to) for place, count in enumerate(whole)
    )


def _also_hidden(group: Group, whole: Sequence[int], hidden: set[int], rule: Rule) -> Iterator[int]:
    alone = sum(place in hidden for place in (group.total, *group.parts)) == 1
    if not alone and not _gives_away(group, whole, hidden, rule):
        return
    seen = [place for place in group.parts if place not in hidden and whole[place]]
    if seen:
        yield min(seen, key=lambda place: (whole[place], place))
    elif group.total not in hidden and whole[group.total]:
        yield group.total


def _gives_away(group: Group, whole: Sequence[int], hidden: set[int], rule: Rule) -> bool:
    """Return whether somebody who knows how this is done is left one value for a count that is hidden.

    They know between which bounds each cell lies: what is seen was rounded, what is hidden is small, or no
    larger than the smallest part that is seen.
    """
    seen = [whole[part] for part in group.parts if part not in hidden and whole[part]]
    largest = min(map(partial(_highest, rule=rule), seen), default=_UNBOUNDED)
    bounds = {
        place: _bounds(whole[place], place in hidden, _UNBOUNDED if place == group.total else largest, rule)
        for place in (group.total, *group.parts)
    }
    for place in (group.total, *group.parts):
        if place in hidden and whole[place] < rule.threshold:
            low, high = _left_for(place, group, bounds)
            if min(high, rule.threshold - 1) <= max(low, 1):
                return True
    return False


def _bounds(count: int, is_hidden: bool, largest: int, rule: Rule) -> tuple[int, int]:
    if not is_hidden:
        if count == 0:
            return 0, 0
        lowest = rounded(count, rule.rounded_to) - rule.rounded_to // 2
        return max(lowest, rule.threshold), _highest(count, rule)
    return (1, rule.threshold - 1) if count < rule.threshold else (rule.threshold, largest)


def _highest(count: int, rule: Rule) -> int:
    return rounded(count, rule.rounded_to) + rule.rounded_to // 2


def _left_for(place: int, group: Group, bounds: Mapping[int, tuple[int, int]]) -> tuple[int, int]:
    """Return between which values a cell must lie by what is known of the others."""
    others = [part for part in group.parts if part != place]
    least, most = (sum(bounds[part][end] for part in others) for end in (0, 1))
    if place == group.total:
        return least, most
    return bounds[group.total][0] - most, bounds[group.total][1] - least


def rounded(count: float, base: int) -> int:
    """Return a count of 0 or more to the nearest multiple of a base; from the middle, up.

    Examples
    --------
    >>> rounded(12, 5), rounded(12.5, 5)
    (10, 15)
    """
    return base * int((2 * count + base) // (2 * base))
