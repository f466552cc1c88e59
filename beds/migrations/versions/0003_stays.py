"""Holds and placements; no two stays overlap in a bed."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ON_SQLITE = """
WHEN NEW.starts_on < coalesce(NEW.ended_on, NEW.expected_end_on)
BEGIN
    SELECT RAISE(ABORT, 'stays_overlap') FROM placement_bed AS other
    WHERE other.bed_id = NEW.bed_id
      AND other.placement_bed_id <> NEW.placement_bed_id
      AND other.starts_on < coalesce(other.ended_on, other.expected_end_on)
      AND other.starts_on < coalesce(NEW.ended_on, NEW.expected_end_on)
      AND NEW.starts_on < coalesce(other.ended_on, other.expected_end_on);
END
"""


def upgrade() -> None:
    """Holds and placements; no two stays overlap in a bed."""
    _create_hold()
    _create_hold_bed()
    _create_placement()
    _create_placement_bed()
    _refuse_overlaps()


def _create_hold() -> None:
    op.create_table(
        "hold",
        sa.Column("hold_id", sa.String(), nullable=False),
        sa.Column("referral_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referral.referral_id"], name="fk_hold_referral_id_referral"
        ),
        sa.PrimaryKeyConstraint("hold_id", name="pk_hold"),
    )
    op.create_index("ix_hold_referral_id", "hold", ["referral_id"], unique=False)


def _create_hold_bed() -> None:
    op.create_table(
        "hold_bed",
        sa.Column("hold_bed_id", sa.String(), nullable=False),
        sa.Column("hold_id", sa.String(), nullable=False),
        sa.Column("bed_id", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("expected_end_on", sa.Date(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("expected_end_on > starts_on", name=op.f("ck_hold_bed_nights")),
        sa.ForeignKeyConstraint(["bed_id"], ["bed.bed_id"], name="fk_hold_bed_bed_id_bed"),
        sa.ForeignKeyConstraint(["hold_id"], ["hold.hold_id"], name="fk_hold_bed_hold_id_hold"),
        sa.PrimaryKeyConstraint("hold_bed_id", name="pk_hold_bed"),
    )
    op.create_index("ix_hold_bed_bed_id", "hold_bed", ["bed_id"], unique=False)
    op.create_index("ix_hold_bed_hold_id", "hold_bed", ["hold_id"], unique=False)


def _create_placement() -> None:
    op.create_table(
        "placement",
        sa.Column("placement_id", sa.String(), nullable=False),
        sa.Column("referral_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referral.referral_id"], name="fk_placement_referral_id_referral"
        ),
        sa.PrimaryKeyConstraint("placement_id", name="pk_placement"),
    )
    op.create_index("ix_placement_referral_id", "placement", ["referral_id"], unique=False)


def _create_placement_bed() -> None:
    op.create_table(
        "placement_bed",
        sa.Column("placement_bed_id", sa.String(), nullable=False),
        sa.Column("placement_id", sa.String(), nullable=False),
        sa.Column("bed_id", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("expected_end_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.CheckConstraint("ended_on >= starts_on", name=op.f("ck_placement_bed_ended_after_start")),
        sa.CheckConstraint("expected_end_on > starts_on", name=op.f("ck_placement_bed_nights")),
        sa.ForeignKeyConstraint(["bed_id"], ["bed.bed_id"], name="fk_placement_bed_bed_id_bed"),
        sa.ForeignKeyConstraint(
            ["placement_id"], ["placement.placement_id"], name="fk_placement_bed_placement_id_placement"
        ),
        sa.PrimaryKeyConstraint("placement_bed_id", name="pk_placement_bed"),
    )
    op.create_index(
        "ix_placement_bed_bed_id_starts_on", "placement_bed", ["bed_id", "starts_on"], unique=False
    )
    op.create_index("ix_placement_bed_placement_id", "placement_bed", ["placement_id"], unique=False)


def _refuse_overlaps() -> None:
    """Let the database refuse a second stay in a bed over `[starts_on, coalesce(ended_on, expected_end_on))`.

    A stay that ended on the day it began had no night and overlaps nothing.
    """
    if op.get_bind().dialect.name == "postgresql":
        # A range of text compares beds for equality in GiST; `btree_gist` would, but not every server has it.
        op.execute('CREATE TYPE bed_span AS RANGE (subtype = text, collation = "C")')
        op.execute(
            "ALTER TABLE placement_bed ADD CONSTRAINT stays_overlap EXCLUDE USING gist ("
            " bed_span(bed_id, bed_id, '[]') WITH &&,"
            " daterange(starts_on, coalesce(ended_on, expected_end_on)) WITH &&)"
        )
        return
    for event in ("INSERT", "UPDATE"):
        op.execute(
            f"CREATE TRIGGER stays_overlap_{event.lower()} AFTER {event} ON placement_bed {_ON_SQLITE}"
        )
