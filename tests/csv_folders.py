"""A small folder of good CSV files, of which a test changes only what it is about."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from beds.errors import Fault, ImportRejected
from beds.importing import read_folder

Tables = dict[str, list[dict[str, str]]]


def good_tables() -> Tables:
    """Return two sites, four beds, three households and something on record between them."""
    return {
        "sites": [
            _site("S1"),
            _site("S2", nation="Scotland", region="S92000003", local_authority="S12000036"),
        ],
        "units": [
            {"unit_id": "U1", "site_id": "S1", "sharing": "household", "step_free": "true"},
            {"unit_id": "U2", "site_id": "S2", "sharing": "shared", "step_free": "false"},
        ],
        "beds": [
            {"bed_id": "B1", "unit_id": "U1", "kind": "single"},
            {"bed_id": "B2", "unit_id": "U1", "kind": "cot"},
            {"bed_id": "B3", "unit_id": "U2", "kind": "single"},
            {"bed_id": "B4", "unit_id": "U2", "kind": "single"},
        ],
        "closures": [
            {"bed_id": "B4", "starts_on": "2026-02-01", "ends_on": "2026-02-02", "reason": "repairs"}
        ],
        "referrals": [_referral("R1", survivor_ref="V1"), _referral("R2"), _referral("R3", status="placed")],
        "people": [_person("A1", "R1"), _person("A2", "R2"), _person("A3", "R3")],
        "keep_apart": [{"referral_id_a": "R1", "referral_id_b": "R2"}],
        "holds": [
            {
                "hold_id": "H1",
                "referral_id": "R2",
                "bed_id": "B1",
                "starts_on": "2026-03-03",
                "expected_end_on": "2026-04-02",
                "expires_at": "2026-03-03T14:00:00+00:00",
            }
        ],
        "declines": [
            {
                "referral_id": "R1",
                "site_id": "S2",
                "declined_by": "survivor",
                "reason": "too_far",
                "declined_on": "2026-03-01",
                "until": "",
            }
        ],
        "placements": [
            {
                "placement_id": "PL1",
                "referral_id": "R3",
                "bed_id": "B3",
                "starts_on": "2026-02-01",
                "expected_end_on": "2026-04-01",
                "ended_on": "",
            }
        ],
    }


def _site(site_id: str, **changes: str) -> dict[str, str]:
    return {
        "site_id": site_id,
        "provider_id": "P1",
        "name": "Rose House",
        "nation": "England",
        "region": "E12000007",
        "local_authority": "E09000007",
        "site_type": "safe_house",
        "admits": "female;non_binary",
        "accepts_children": "true",
        "max_age_girls": "17",
        "max_age_boys": "11",
        "security_level": "2",
        "staff_languages": "en;sq",
        "services": "legal_advice",
        "opens_on": "2020-01-01",
        "closes_on": "",
        "max_stay_nights": "",
        "cost_per_bed_night": "102.50",
        **changes,
    }


def _referral(referral_id: str, **changes: str) -> dict[str, str]:
    return {
        "referral_id": referral_id,
        "survivor_ref": "",
        "received_at": "2026-03-01T09:00:00+00:00",
        "needed_from": "2026-03-03",
        "priority": "urgent",
        "no_shelter_tonight": "false",
        "detention_risk": "",
        "nation": "England",
        "expected_stay_days": "30",
        "min_security_level": "2",
        "services_required": "",
        "needs_step_free": "",
        "language_required": "false",
        "cross_border": "true",
        "accepts_sharing": "",
        "risk_to_others": "low",
        "acceptable_site_genders": "female",
        "preferred_regions": "E12000007;S92000003",
        "excluded_areas": "E12000002;E08000003",
        "first_responder": "police",
        "exploitation_type": "labour",
        "nrm_status": "referred",
        "status": "waiting",
        **changes,
    }


def _person(person_id: str, referral_id: str, **changes: str) -> dict[str, str]:
    return {
        "person_id": person_id,
        "referral_id": referral_id,
        "is_lead": "true",
        "gender": "female",
        "age": "30",
        "age_status": "known",
        "together_confirmed": "",
        "due_on": "",
        "languages": "sq;en-GB",
        **changes,
    }


def write_tables(folder: Path, tables: Tables) -> Path:
    """Write each table as a CSV file whose columns are those of its first row; return the folder."""
    folder.mkdir(exist_ok=True)
    for name, rows in tables.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return folder


def faults_of(folder: Path) -> tuple[Fault, ...]:
    """Return the faults for which a folder is refused."""
    with pytest.raises(ImportRejected) as refused:
        read_folder(folder)
    return refused.value.faults


def places(faults: tuple[Fault, ...]) -> list[tuple[str, int | None, str | None]]:
    """Return where faults are."""
    return [(fault.file, fault.line, fault.column) for fault in faults]
