"""What there is, and what the database says of itself."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What there is, and what the database says of itself."""
    _create_database_mark()
    _create_provider()
    _create_site()
    _create_site_address()
    _create_unit()
    _create_bed()
    _create_closure()


def _create_database_mark() -> None:
    op.create_table(
        "database_mark",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_database_mark"),
    )


def _create_provider() -> None:
    op.create_table(
        "provider",
        sa.Column("provider_id", sa.String(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("provider_id", name="pk_provider"),
    )


def _create_site() -> None:
    op.create_table(
        "site",
        sa.Column("site_id", sa.String(), nullable=False),
        sa.Column("provider_id", sa.String(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("nation", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("local_authority", sa.String(), nullable=False),
        sa.Column("site_type", sa.String(), nullable=False),
        sa.Column("admits", sa.Text(), nullable=False),
        sa.Column("accepts_children", sa.Boolean(), nullable=False),
        sa.Column("security_level", sa.Integer(), nullable=False),
        sa.Column("max_age_girls", sa.Integer(), nullable=False),
        sa.Column("max_age_boys", sa.Integer(), nullable=False),
        sa.Column("staff_languages", sa.Text(), nullable=False),
        sa.Column("services", sa.Text(), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=True),
        sa.Column("closes_on", sa.Date(), nullable=True),
        sa.Column("max_stay_nights", sa.Integer(), nullable=True),
        sa.Column("cost_per_bed_night", sa.String(length=40), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("admits <> ''", name=op.f("ck_site_admits_somebody")),
        sa.CheckConstraint("nation IN ('England', 'Scotland')", name=op.f("ck_site_nation")),
        sa.CheckConstraint(
            "site_type IN ('safe_house', 'self_contained', 'dispersed', 'place_of_safety')",
            name=op.f("ck_site_site_type"),
        ),
        sa.CheckConstraint("closes_on > opens_on", name=op.f("ck_site_open_before_closed")),
        sa.CheckConstraint("max_age_boys BETWEEN 0 AND 17", name=op.f("ck_site_max_age_boys")),
        sa.CheckConstraint("max_age_girls BETWEEN 0 AND 17", name=op.f("ck_site_max_age_girls")),
        sa.CheckConstraint("max_stay_nights >= 1", name=op.f("ck_site_max_stay_nights")),
        sa.CheckConstraint("security_level BETWEEN 1 AND 3", name=op.f("ck_site_security_level")),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["provider.provider_id"], name="fk_site_provider_id_provider"
        ),
        sa.PrimaryKeyConstraint("site_id", name="pk_site"),
    )
    op.create_index("ix_site_provider_id", "site", ["provider_id"], unique=False)


def _create_site_address() -> None:
    op.create_table(
        "site_address",
        sa.Column("site_id", sa.String(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.site_id"], name="fk_site_address_site_id_site"),
        sa.PrimaryKeyConstraint("site_id", name="pk_site_address"),
    )


def _create_unit() -> None:
    op.create_table(
        "unit",
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("site_id", sa.String(), nullable=False),
        sa.Column("sharing", sa.String(), nullable=False),
        sa.Column("step_free", sa.Boolean(), nullable=False),
        sa.CheckConstraint("sharing IN ('household', 'shared')", name=op.f("ck_unit_sharing")),
        sa.ForeignKeyConstraint(["site_id"], ["site.site_id"], name="fk_unit_site_id_site"),
        sa.PrimaryKeyConstraint("unit_id", name="pk_unit"),
    )
    op.create_index("ix_unit_site_id", "unit", ["site_id"], unique=False)


def _create_bed() -> None:
    op.create_table(
        "bed",
        sa.Column("bed_id", sa.String(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("kind IN ('single', 'cot')", name=op.f("ck_bed_kind")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.unit_id"], name="fk_bed_unit_id_unit"),
        sa.PrimaryKeyConstraint("bed_id", name="pk_bed"),
    )
    op.create_index("ix_bed_unit_id", "bed", ["unit_id"], unique=False)


def _create_closure() -> None:
    op.create_table(
        "closure",
        sa.Column("closure_id", sa.String(), nullable=False),
        sa.Column("bed_id", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint("ends_on > starts_on", name=op.f("ck_closure_nights")),
        sa.ForeignKeyConstraint(["bed_id"], ["bed.bed_id"], name="fk_closure_bed_id_bed"),
        sa.PrimaryKeyConstraint("closure_id", name="pk_closure"),
    )
    op.create_index("ix_closure_bed_id", "closure", ["bed_id"], unique=False)
