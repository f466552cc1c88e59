"""Who asks: survivors, referrals, people, and what must never be forgotten."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Who asks: survivors, referrals, people, and what must never be forgotten."""
    _create_survivor()
    _create_referral()
    _create_person()
    _create_keep_apart()
    _create_decline()
    _create_exclusion_area()


def _create_survivor() -> None:
    op.create_table(
        "survivor",
        sa.Column("survivor_id", sa.String(), nullable=False),
        sa.Column("survivor_ref", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("survivor_id", name="pk_survivor"),
        sa.UniqueConstraint("survivor_ref", name="uq_survivor_survivor_ref"),
    )


def _create_referral() -> None:
    op.create_table(
        "referral",
        sa.Column("referral_id", sa.String(), nullable=False),
        sa.Column("survivor_id", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("needed_from", sa.Date(), nullable=False),
        sa.Column("priority", sa.String(), nullable=False),
        sa.Column("nation", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("no_shelter_tonight", sa.Boolean(), nullable=True),
        sa.Column("detention_risk", sa.Boolean(), nullable=True),
        sa.Column("expected_stay_days", sa.Integer(), nullable=True),
        sa.Column("min_security_level", sa.Integer(), nullable=True),
        sa.Column("services_required", sa.Text(), nullable=False),
        sa.Column("needs_step_free", sa.Boolean(), nullable=True),
        sa.Column("language_required", sa.Boolean(), nullable=True),
        sa.Column("cross_border", sa.Boolean(), nullable=True),
        sa.Column("accepts_sharing", sa.Boolean(), nullable=True),
        sa.Column("risk_to_others", sa.String(), nullable=True),
        sa.Column("acceptable_site_genders", sa.Text(), nullable=False),
        sa.Column("preferred_regions", sa.Text(), nullable=False),
        sa.Column("first_responder", sa.String(), nullable=False),
        sa.Column("exploitation_type", sa.String(), nullable=False),
        sa.Column("nrm_status", sa.String(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "nation IN ('England', 'Scotland', 'Wales', 'Northern Ireland')", name=op.f("ck_referral_nation")
        ),
        sa.CheckConstraint(
            "priority IN ('emergency', 'urgent', 'standard')", name=op.f("ck_referral_priority")
        ),
        sa.CheckConstraint("risk_to_others IN ('low', 'high')", name=op.f("ck_referral_risk_to_others")),
        sa.CheckConstraint(
            "status IN ('waiting', 'held', 'placed', 'closed')", name=op.f("ck_referral_status")
        ),
        sa.CheckConstraint("expected_stay_days >= 1", name=op.f("ck_referral_expected_stay_days")),
        sa.CheckConstraint("min_security_level BETWEEN 1 AND 3", name=op.f("ck_referral_min_security_level")),
        sa.ForeignKeyConstraint(
            ["survivor_id"], ["survivor.survivor_id"], name="fk_referral_survivor_id_survivor"
        ),
        sa.PrimaryKeyConstraint("referral_id", name="pk_referral"),
    )
    op.create_index("ix_referral_status", "referral", ["status"], unique=False)
    op.create_index("ix_referral_survivor_id", "referral", ["survivor_id"], unique=False)
    op.create_index(
        "uq_referral_open_survivor",
        "referral",
        ["survivor_id"],
        unique=True,
        sqlite_where=sa.text("status IN ('waiting', 'held')"),
        postgresql_where=sa.text("status IN ('waiting', 'held')"),
    )


def _create_person() -> None:
    op.create_table(
        "person",
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("referral_id", sa.String(), nullable=False),
        sa.Column("is_lead", sa.Boolean(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referral.referral_id"], name="fk_person_referral_id_referral"
        ),
        sa.PrimaryKeyConstraint("person_id", name="pk_person"),
    )
    op.create_index("ix_person_referral_id", "person", ["referral_id"], unique=False)
    op.create_index(
        "uq_person_lead",
        "person",
        ["referral_id"],
        unique=True,
        sqlite_where=sa.text("is_lead"),
        postgresql_where=sa.text("is_lead"),
    )


def _create_keep_apart() -> None:
    op.create_table(
        "keep_apart",
        sa.Column("keep_apart_id", sa.String(), nullable=False),
        sa.Column("survivor_id_a", sa.String(), nullable=False),
        sa.Column("survivor_id_b", sa.String(), nullable=False),
        sa.Column("referral_id_a", sa.String(), nullable=True),
        sa.Column("referral_id_b", sa.String(), nullable=True),
        sa.CheckConstraint("survivor_id_a <> survivor_id_b", name=op.f("ck_keep_apart_two_survivors")),
        sa.ForeignKeyConstraint(
            ["referral_id_a"],
            ["referral.referral_id"],
            name="fk_keep_apart_referral_id_a_referral",
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["referral_id_b"],
            ["referral.referral_id"],
            name="fk_keep_apart_referral_id_b_referral",
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["survivor_id_a"], ["survivor.survivor_id"], name="fk_keep_apart_survivor_id_a_survivor"
        ),
        sa.ForeignKeyConstraint(
            ["survivor_id_b"], ["survivor.survivor_id"], name="fk_keep_apart_survivor_id_b_survivor"
        ),
        sa.PrimaryKeyConstraint("keep_apart_id", name="pk_keep_apart"),
    )
    op.create_index("ix_keep_apart_referral_id_a", "keep_apart", ["referral_id_a"], unique=False)
    op.create_index("ix_keep_apart_referral_id_b", "keep_apart", ["referral_id_b"], unique=False)
    op.create_index("ix_keep_apart_survivor_id_a", "keep_apart", ["survivor_id_a"], unique=False)
    op.create_index("ix_keep_apart_survivor_id_b", "keep_apart", ["survivor_id_b"], unique=False)


def _create_decline() -> None:
    op.create_table(
        "decline",
        sa.Column("decline_id", sa.String(), nullable=False),
        sa.Column("survivor_id", sa.String(), nullable=False),
        sa.Column("referral_id", sa.String(), nullable=True),
        sa.Column("site_id", sa.String(), nullable=False),
        sa.Column("declined_by", sa.String(), nullable=False),
        sa.Column("declined_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.CheckConstraint("declined_by IN ('survivor', 'provider')", name=op.f("ck_decline_declined_by")),
        sa.ForeignKeyConstraint(
            ["referral_id"],
            ["referral.referral_id"],
            name="fk_decline_referral_id_referral",
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.site_id"], name="fk_decline_site_id_site"),
        sa.ForeignKeyConstraint(
            ["survivor_id"], ["survivor.survivor_id"], name="fk_decline_survivor_id_survivor"
        ),
        sa.PrimaryKeyConstraint("decline_id", name="pk_decline"),
    )
    op.create_index("ix_decline_referral_id", "decline", ["referral_id"], unique=False)
    op.create_index("ix_decline_site_id", "decline", ["site_id"], unique=False)
    op.create_index("ix_decline_survivor_id", "decline", ["survivor_id"], unique=False)


def _create_exclusion_area() -> None:
    op.create_table(
        "exclusion_area",
        sa.Column("exclusion_area_id", sa.Integer(), nullable=False),
        sa.Column("survivor_id", sa.String(), nullable=False),
        sa.Column("referral_id", sa.String(), nullable=True),
        sa.Column("area", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["referral_id"],
            ["referral.referral_id"],
            name="fk_exclusion_area_referral_id_referral",
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["survivor_id"], ["survivor.survivor_id"], name="fk_exclusion_area_survivor_id_survivor"
        ),
        sa.PrimaryKeyConstraint("exclusion_area_id", name="pk_exclusion_area"),
    )
    op.create_index("ix_exclusion_area_referral_id", "exclusion_area", ["referral_id"], unique=False)
    op.create_index(
        "uq_exclusion_area_survivor_id_area_referral_id",
        "exclusion_area",
        ["survivor_id", "area", "referral_id"],
        unique=True,
    )
