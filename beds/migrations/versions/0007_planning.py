"""Scenarios that people save, and the forecasts, comparisons and simulations that are kept."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both tables."""
    op.create_table(
        "scenario",
        sa.Column("scenario_id", sa.String(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("saved_by", sa.String(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False, server_default="1"),
        sa.PrimaryKeyConstraint("scenario_id", name="pk_scenario"),
    )
    op.create_index("ix_scenario_changed_at", "scenario", ["changed_at"], unique=False)
    op.create_table(
        "forecast_run",
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("as_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("model_version", sa.String(), nullable=False),
        sa.Column("scenarios", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('forecast', 'comparison', 'simulation')", name=op.f("ck_forecast_run_kind")
        ),
        sa.PrimaryKeyConstraint("run_id", name="pk_forecast_run"),
    )
    op.create_index("ix_forecast_run_recorded_at", "forecast_run", ["recorded_at"], unique=False)
