"""A synthetic estate as a folder of CSV files, with a note in it that says so."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from beds.errors import BadInput
from beds.folder import write_folder
from beds.synthesis.estate import SYNTHETIC_AS_AT, synthesise

NOTE: Final = "SYNTHETIC.txt"


def synth_folder(out: Path, *, sites: int, referrals: int, seed: int) -> None:
    """Write a synthetic estate and its waiting list into a folder; the same numbers give the same bytes.

    A folder that already holds a synthetic estate is written again.

    Raises
    ------
    BadInput
        A number is out of its range; the folder holds an estate that is not marked as synthetic; or it cannot
        be written.
    """
    if not (out / NOTE).exists() and (out / "sites.csv").exists():
        raise BadInput(f"the folder holds an estate without {NOTE}: a real one is never overwritten")
    estate = synthesise(sites, referrals, seed)
    note = _note(sites, referrals, seed)
    try:
        out.mkdir(parents=True, exist_ok=True)
        # the note goes first: no moment at which the files are there and do not say what they are
        (out / NOTE).write_bytes(note.encode("utf-8"))
    except OSError as error:
        raise BadInput("the folder cannot be written: a folder that may be written is needed") from error
    write_folder(estate, out)


def is_synthetic(folder: Path) -> bool:
    """Return whether a folder says of itself that nobody in it exists."""
    return (folder / NOTE).is_file()


def _note(sites: int, referrals: int, seed: int) -> str:
    return f"""SYNTHETIC

Nobody in these files exists, and no house. They were drawn by

    beds synth OUT --sites {sites} --referrals {referrals} --seed {seed}

for a round as at {SYNTHETIC_AS_AT.isoformat()}: people from the Home Office's published cross-table of
referrals (nationality, gender, age, exploitation), everything else from the shares in
data/reference/synthesis_assumptions.csv, most of which are assumptions and say so.
"""
