"""An estate with some rows exchanged is the estate that would be made of all its rows anew."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from random import Random

import pytest

from beds.domain.estate import FOLLOWS_FROM, Estate, Exchange
from tests.builders import a_bed, a_closure, a_person, a_referral, a_small_estate, a_unit
from tests.strategies import random_estate

DERIVED = sorted({name for names in FOLLOWS_FROM.values() for name in names})


def exchanged_at_random(estate: Estate, rng: Random) -> tuple[Exchange, Estate]:
    """Return some rows taken out and put in, and the estate of what is left, sorted afresh."""
    another = random_estate(rng, households=4, units=4)
    gone: dict[str, tuple[object, ...]] = {}
    new: dict[str, tuple[object, ...]] = {}
    left: dict[str, Iterable[object]] = {}
    for table in fields(Estate):
        rows, others = getattr(estate, table.name), getattr(another, table.name)
        gone[table.name] = tuple(row for row in rows if rng.random() < 0.4)
        new[table.name] = tuple(row for row in others if row not in rows and rng.random() < 0.4)
        left[table.name] = (*(row for row in rows if row not in gone[table.name]), *new[table.name])
    return Exchange(gone, new), Estate().with_rows(**left)


@pytest.mark.parametrize("seed", range(20))
def test_rows_exchanged_are_in_their_places(seed: int) -> None:
    rng = Random(seed)
    estate = random_estate(rng, households=4, units=4)
    exchange, expected = exchanged_at_random(estate, rng)

    assert estate.exchanged(exchange) == expected


@pytest.mark.parametrize("table", sorted(FOLLOWS_FROM))
def test_what_follows_from_a_table_that_has_changed_is_worked_out_again(table: str) -> None:
    estate = a_small_estate(keep_apart=())
    for name in DERIVED:
        getattr(estate, name)
    row = getattr(estate, table)[0] if getattr(estate, table) else None
    exchange = Exchange({table: (row,) if row else ()}, {})

    changed = estate.exchanged(exchange)

    for name in DERIVED:
        assert getattr(changed, name) == getattr(Estate().with_rows(**_tables(changed)), name)


def test_what_has_not_changed_is_shared_and_the_old_estate_stays_as_it_was() -> None:
    estate = a_small_estate(beds=(a_bed("B1"), a_bed("B3")))
    by_id = estate.bed_by_id

    closed = estate.exchanged(Exchange({}, {"closures": (a_closure("B3"),)}))
    larger = estate.exchanged(Exchange({"beds": ()}, {"beds": (a_bed("B2"),)}))

    assert closed.beds is estate.beds
    assert closed.bed_by_id is by_id
    assert [bed.bed_id for bed in larger.beds] == ["B1", "B2", "B3"]
    assert [bed.bed_id for bed in estate.beds] == ["B1", "B3"]


def test_of_two_equal_rows_one_is_taken_out() -> None:
    twice = a_small_estate(closures=(a_closure(), a_closure()))

    once = twice.exchanged(Exchange({"closures": (a_closure(),)}, {}))

    assert once.closures == (a_closure(),)


@pytest.mark.parametrize("row", [a_unit("U0"), a_unit("U1", step_free=False), a_unit("U9")])
def test_a_row_that_is_not_there_cannot_be_taken_out(row: object) -> None:
    with pytest.raises(KeyError, match="not in the estate"):
        a_small_estate().exchanged(Exchange({"units": (row,)}, {}))


def test_an_exchange_says_whether_there_is_anything_in_it() -> None:
    empty = Exchange({"people": ()}, {"referrals": ()})
    exchange = Exchange({"people": (a_person(),)}, {"referrals": (a_referral(),)})

    assert (bool(empty), bool(exchange)) == (False, True)
    assert list(exchange.rows("people", "referrals", "beds")) == [a_person(), a_referral()]


def _tables(estate: Estate) -> dict[str, Iterable[object]]:
    return {table.name: getattr(estate, table.name) for table in fields(Estate)}
