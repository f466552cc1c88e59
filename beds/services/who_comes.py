"""Which of the households to come a scenario supposes to come: all kinds, or women alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from beds.domain.needs import NEEDS, Need
from beds.domain.scenario import WhoComes
from beds.services.need_mix import NeedMix


def mix_of(mix: NeedMix, who: WhoComes) -> NeedMix:
    """Return the mix with the weights of those alone who come; as it is where nobody of them is in it."""
    if who is WhoComes.RECORDED:
        return mix
    women, with_children = (mix.needs[:, NEEDS.index(need)] for need in (Need.WOMEN, Need.WITH_CHILDREN))
    alone = women & ~with_children & (mix.beds == 1)
    weights = {
        nation: np.where(alone, shares, 0.0) / shares[alone].sum() if shares[alone].sum() else shares
        for nation, shares in mix.weights.items()
    }
    source = f"{mix.source} Of those, women without partner or child, as supposed."
    return replace(mix, weights=weights, source=source, assumed=True)
