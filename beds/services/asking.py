"""What can be answered on a form: languages, areas and services, with the words that people know them by."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from beds.domain.terms import REGIONS, SERVED_NATIONS
from beds.reference import read_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from beds.services.freezing import Ground

ENGLISH: Final = "en"


@cache
def language_names() -> Mapping[str, str]:
    """Return the languages of the reference data by code, in the order of their names, English first.

    A code that has several names in brackets (`Arabic (Sudanese)`, `Arabic (Levantine)`) has what they share.
    """
    names: dict[str, set[str]] = defaultdict(set)
    for row in read_rows("languages"):
        for code, name in zip(row["languages"].split(";"), row["language_names"].split(";"), strict=False):
            names[code.strip()].add(name.strip())
    plain = {
        code: min(found) if len(found) == 1 else min(found).partition("(")[0].strip()
        for code, found in names.items()
    }
    ordered = sorted(plain.items(), key=lambda item: (item[0] != ENGLISH, item[1]))
    return MappingProxyType(dict(ordered))


@cache
def area_names() -> Mapping[str, str]:
    """Return the areas that may be excluded by their ONS codes: regions, then councils with their region."""
    regions = {code: REGIONS[code] for code in REGIONS if code[0] in {nation[0] for nation in SERVED_NATIONS}}
    councils = {
        row["lad_gss"]: f"{row['local_authority']} ({REGIONS.get(row['region_gss'], '')})"
        for row in read_rows("local_authorities")
    }
    scottish = {row["council_gss"]: f"{row['council']} (Scotland)" for row in read_rows("scottish_councils")}
    ordered = sorted((councils | scottish).items(), key=lambda item: item[1])
    return MappingProxyType(regions | dict(ordered))


@cache
def region_names() -> Mapping[str, str]:
    """Return the regions where there may be sites, by their ONS codes."""
    return MappingProxyType(
        {code: name for code, name in REGIONS.items() if code[0] in {nation[0] for nation in SERVED_NATIONS}}
    )


@cache
def first_responders() -> tuple[str, ...]:
    """Return the codes of the organisations that may refer into the NRM."""
    return tuple(sorted({row["code"] for row in read_rows("nrm_first_responders")}))


def services_offered(ground: Ground) -> tuple[str, ...]:
    """Return the services that any site has, as words of the open vocabulary."""
    return tuple(sorted(set[str]().union(*(site.services for site in ground.estate.sites))))
