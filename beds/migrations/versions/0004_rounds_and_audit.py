"""Allocation rounds and proposals, the audit, import fingerprints."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Allocation rounds and proposals, the audit, import fingerprints."""
    _create_allocation_round()
    _create_proposal()
    _create_audit_event()
    _create_import_fingerprint()
    _keep_the_audit()


def _create_allocation_round() -> None:
    op.create_table(
        "allocation_round",
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("as_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("objective", sa.Text(), nullable=False),
        sa.Column("model_version", sa.String(), nullable=False),
        sa.Column("ortools_version", sa.String(), nullable=False),
        sa.Column("python_version", sa.String(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("frozen_problem", sa.Text(), nullable=False),
        sa.CheckConstraint("status IN ('optimal', 'feasible')", name=op.f("ck_allocation_round_status")),
        sa.PrimaryKeyConstraint("run_id", name="pk_allocation_round"),
    )
    op.create_index("ix_allocation_round_recorded_at", "allocation_round", ["recorded_at"], unique=False)


def _create_proposal() -> None:
    op.create_table(
        "proposal",
        sa.Column("proposal_id", sa.String(), nullable=False),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("referral_id", sa.String(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("bed_ids", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("expected_end_on", sa.Date(), nullable=False),
        sa.Column("mismatch", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.CheckConstraint(
            "state IN ('proposed', 'accepted', 'set_aside', 'stale')", name=op.f("ck_proposal_state")
        ),
        sa.CheckConstraint("expected_end_on > starts_on", name=op.f("ck_proposal_nights")),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referral.referral_id"], name="fk_proposal_referral_id_referral"
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["allocation_round.run_id"], name="fk_proposal_run_id_allocation_round"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.unit_id"], name="fk_proposal_unit_id_unit"),
        sa.PrimaryKeyConstraint("proposal_id", name="pk_proposal"),
    )
    op.create_index("ix_proposal_referral_id", "proposal", ["referral_id"], unique=False)
    op.create_index("ix_proposal_run_id", "proposal", ["run_id"], unique=False)
    op.create_index("ix_proposal_unit_id", "proposal", ["unit_id"], unique=False)
    op.create_index(
        "uq_proposal_proposed_referral",
        "proposal",
        ["referral_id"],
        unique=True,
        sqlite_where=sa.text("state = 'proposed'"),
        postgresql_where=sa.text("state = 'proposed'"),
    )


def _create_audit_event() -> None:
    op.create_table(
        "audit_event",
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("previous_mac", sa.String(), nullable=False),
        sa.Column("mac", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_audit_event"),
    )


def _create_import_fingerprint() -> None:
    op.create_table(
        "import_fingerprint",
        sa.Column("table_name", sa.String(), nullable=False),
        sa.Column("record_id", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("table_name", "record_id", name="pk_import_fingerprint"),
    )


def _keep_the_audit() -> None:
    """Refuse to change or delete what is in the audit."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$"
            " BEGIN RAISE EXCEPTION 'audit_is_append_only'"
            " USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'audit_is_append_only';"
            " END $$"
        )
        op.execute(
            "CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_event"
            " FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()"
        )
        return
    for event in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_is_append_only_{event.lower()} BEFORE {event} ON audit_event"
            " BEGIN SELECT RAISE(ABORT, 'audit_is_append_only'); END"
        )
