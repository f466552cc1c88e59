"""England and Scotland as tiles, one a region, with how full each is: an area, and never a dot on a house.

Made of text and boxes: it needs no other machine, and can be read aloud, printed and seen without colour.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import Final

import streamlit as st

from dashboard.language import t

PLACES: Final = {
    "S92000003": (1, 1, "Scotland"),
    "E12000001": (2, 2, "North East"),
    "E12000002": (1, 3, "North West"),
    "E12000003": (2, 3, "Yorkshire and The Humber"),
    "E12000005": (1, 4, "West Midlands"),
    "E12000004": (2, 4, "East Midlands"),
    "E12000006": (3, 4, "East of England"),
    "E12000009": (1, 5, "South West"),
    "E12000008": (2, 5, "South East"),
    "E12000007": (3, 5, "London"),
}
"""Column and row of each region, by its ONS code; from north to south, as they are read."""
STEPS: Final = (0.6, 0.75, 0.85, 0.95)
"""Where the shade of a tile changes, as a share of beds in use; a tile says its number as well."""


@dataclass(frozen=True, slots=True)
class Tile:
    """What a tile says: a large number with what it counts, a line below, and its share from 0 to 1.

    `share` is None where there is nothing to be a share of.
    """

    number: str
    counts: str
    below: str
    share: float | None


def show_tile_map(tiles: Mapping[str, Tile], *, label: str, nothing: str) -> None:
    """Show a tile for each region.

    Parameters
    ----------
    tiles : by the region's ONS code
    label : what the map is of, for who does not see it
    nothing : what a region without a tile says
    """
    shown = "".join(_tile(code, tiles.get(code), nothing) for code in PLACES)
    st.html(
        f'<div class="beds-map" role="list" aria-label="{escape(label, quote=True)}">{shown}</div>'
        f'<p class="beds-scale"><span>{escape(t("Occupied:"))}</span>{_scale(STEPS)}</p>'
    )


def _tile(code: str, tile: Tile | None, nothing: str) -> str:
    column, row, name = PLACES[code]
    place = f"grid-column:{column};grid-row:{row}"
    title = f"<h4>{escape(t(name))}</h4>"
    if tile is None or tile.share is None:
        return f'<div role="listitem" class="none" style="{place}">{title}<p>{escape(nothing)}</p></div>'
    return (
        f'<div role="listitem" class="step-{_step(tile.share)}" style="{place}">{title}'
        f"<p><b>{escape(tile.number)}</b> {escape(tile.counts)}</p><p>{escape(tile.below)}</p></div>"
    )


def _step(share: float) -> int:
    return sum(share >= limit for limit in STEPS)


def _scale(steps: Sequence[float]) -> str:
    words = [t("under {high} %", high=f"{steps[0]:.0%}"[:-1])]
    words += [
        t("{low} to {high} %", low=f"{low:.0%}"[:-1], high=f"{high:.0%}"[:-1])
        for low, high in pairwise(steps)
    ]
    words.append(t("{low} % and more", low=f"{steps[-1]:.0%}"[:-1]))
    return "".join(f'<span><i class="step-{n}"></i>{escape(word)}</span>' for n, word in enumerate(words))
