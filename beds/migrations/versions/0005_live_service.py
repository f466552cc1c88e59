"""The live service: people and tokens, lives of holds and placements, decisions, freshness, idempotency."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_STATUSES = "'waiting', 'held', 'placed', 'closed', 'received', 'moved_on'"
_HOLDS = "'placed', 'confirmed', 'declined', 'expired', 'released'"
_PLACEMENTS = "'expected', 'arrived', 'not_arrived', 'transferred', 'ended'"
_ROLES = "'coordinator', 'provider', 'commissioner', 'analyst', 'auditor', 'admin'"
_MOVE_ON = (
    "'social_housing', 'private_rented', 'asylum_accommodation', 'family_or_friends', "
    "'other_supported_housing', 'health_or_care', 'local_authority_care', 'left_the_uk', "
    "'custody_or_detention', 'went_missing', 'other', 'not_known'"
)


def upgrade() -> None:
    """Add what the live service keeps."""
    _create_people()
    _widen_referral()
    _widen_accommodation()
    _widen_stays()
    _widen_the_books()
    _refuse_what_is_held()


def _instant(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=True)


def _version() -> sa.Column[int]:
    return sa.Column("version", sa.Integer(), nullable=False, server_default="1")


def _add(table: str, *columns: sa.Column[Any]) -> None:
    for column in columns:
        op.add_column(table, column)


def _guarded(table: str, name: str, words: str, default: str | None = None) -> sa.Column[str]:
    check = sa.CheckConstraint(f"{name} IN ({words})", name=op.f(f"ck_{table}_{name}"))
    return sa.Column(name, sa.String(), check, nullable=default is None, server_default=default)


def _create_people() -> None:
    op.create_table(
        "service_user",
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("nations", sa.Text(), nullable=False),
        sa.Column("provider_id", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        _instant("revoked_at"),
        sa.CheckConstraint(f"role IN ({_ROLES})", name=op.f("ck_service_user_role")),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["provider.provider_id"], name="fk_service_user_provider_id_provider"
        ),
        sa.PrimaryKeyConstraint("user_id", name="pk_service_user"),
    )
    op.create_index("ix_service_user_provider_id", "service_user", ["provider_id"], unique=False)
    op.create_table(
        "service_token",
        sa.Column("token_id", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        _instant("revoked_at"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["service_user.user_id"], name="fk_service_token_user_id_service_user"
        ),
        sa.PrimaryKeyConstraint("token_id", name="pk_service_token"),
        sa.UniqueConstraint("digest", name="uq_service_token_digest"),
    )
    op.create_index("ix_service_token_user_id", "service_token", ["user_id"], unique=False)
    op.create_table(
        "case_access",
        sa.Column("referral_id", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referral.referral_id"], name="fk_case_access_referral_id_referral"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["service_user.user_id"], name="fk_case_access_user_id_service_user"
        ),
        sa.PrimaryKeyConstraint("referral_id", "user_id", name="pk_case_access"),
    )
    op.create_index("ix_case_access_user_id", "case_access", ["user_id"], unique=False)
    op.create_table(
        "idempotency",
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "key", name="pk_idempotency"),
    )
    op.create_index("ix_idempotency_at", "idempotency", ["at"], unique=False)


def _widen_referral() -> None:
    # SQLite makes a new table for a changed guard: `upgrade` has foreign keys off meanwhile, and checks them.
    with op.batch_alter_table("referral") as referral:
        referral.drop_constraint(op.f("ck_referral_status"), type_="check")
        referral.create_check_constraint(op.f("ck_referral_status"), f"status IN ({_STATUSES})")
    _add(
        "referral",
        sa.Column("restricted", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("reasonable_grounds_on", sa.Date(), nullable=True),
        sa.Column("conclusive_grounds_on", sa.Date(), nullable=True),
        _guarded("referral", "conclusive_grounds", "'positive', 'negative'"),
        _instant("closed_at"),
        sa.Column("close_reason", sa.String(), nullable=True),
        _instant("anonymised_at"),
    )
    _add("person", sa.Column("left_on", sa.Date(), nullable=True))


def _widen_accommodation() -> None:
    _add("provider", sa.Column("contact", sa.Text(), nullable=True))
    _add(
        "site",
        _instant("availability_confirmed_at"),
        sa.Column("availability_confirmed_by", sa.String(), nullable=True),
    )


def _widen_stays() -> None:
    _add(
        "hold",
        _guarded("hold", "state", _HOLDS, default="placed"),
        sa.Column("reason", sa.String(), nullable=False, server_default=sa.text("''")),
        sa.Column("placed_by", sa.String(), nullable=False, server_default=sa.text("''")),
        _instant("placed_at"),
        _instant("ended_at"),
        sa.Column("proposal_id", sa.String(), nullable=True),
        _version(),
    )
    _add("hold_bed", _instant("released_at"))
    # Holds that have run out before now count for nothing, and the new guard must not hear of them.
    op.execute("UPDATE hold_bed SET released_at = expires_at WHERE expires_at <= CURRENT_TIMESTAMP")
    _add(
        "placement",
        _guarded("placement", "state", _PLACEMENTS, default="arrived"),
        sa.Column("hold_id", sa.String(), nullable=True),
        _guarded("placement", "move_on", _MOVE_ON),
        _version(),
    )
    _add("placement_bed", sa.Column("person_id", sa.String(), nullable=True))
    op.create_index("ix_placement_bed_person_id", "placement_bed", ["person_id"], unique=False)
    _add("placement_bed", _guarded("placement_bed", "move_on", _MOVE_ON))


def _widen_the_books() -> None:
    _add("allocation_round", sa.Column("frozen_cases", sa.Text(), nullable=True))
    _add(
        "audit_event",
        sa.Column("referral_id", sa.String(), nullable=True),
        sa.Column("site_id", sa.String(), nullable=True),
    )
    op.create_index("ix_audit_event_referral_id", "audit_event", ["referral_id"], unique=False)
    op.create_index("ix_audit_event_site_id", "audit_event", ["site_id"], unique=False)


def _held(new_end: str) -> str:
    return (
        "SELECT 1 FROM hold_bed AS other WHERE other.bed_id = NEW.bed_id AND other.released_at IS NULL"
        f" AND other.starts_on < {new_end} AND NEW.starts_on < other.expected_end_on"
    )


_SLEPT_IN = (
    "SELECT 1 FROM placement_bed AS other WHERE other.bed_id = NEW.bed_id"
    " AND other.starts_on < coalesce(other.ended_on, other.expected_end_on)"
    " AND other.starts_on < NEW.expected_end_on"
    " AND NEW.starts_on < coalesce(other.ended_on, other.expected_end_on)"
)
_STAY_END = "coalesce(NEW.ended_on, NEW.expected_end_on)"


def _refuse_what_is_held() -> None:
    """Let the database refuse a hold over a stay or another hold, and a stay over a hold."""
    over_a_hold = f"{_held('NEW.expected_end_on')} AND other.hold_bed_id <> NEW.hold_bed_id"
    if op.get_bind().dialect.name == "postgresql":
        _refuse_on_postgres(over_a_hold)
        return
    for event in ("INSERT", "UPDATE"):
        op.execute(
            f"CREATE TRIGGER bed_is_held_hold_{event.lower()} AFTER {event} ON hold_bed"
            f" WHEN NEW.released_at IS NULL AND (EXISTS ({over_a_hold}) OR EXISTS ({_SLEPT_IN}))"
            " BEGIN SELECT RAISE(ABORT, 'bed_is_held'); END"
        )
        op.execute(
            f"CREATE TRIGGER bed_is_held_stay_{event.lower()} AFTER {event} ON placement_bed"
            f" WHEN NEW.starts_on < {_STAY_END} AND EXISTS ({_held(_STAY_END)})"
            " BEGIN SELECT RAISE(ABORT, 'bed_is_held'); END"
        )


def _refuse_on_postgres(over_a_hold: str) -> None:
    refuse = (
        "RAISE EXCEPTION 'bed_is_held'"
        " USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'bed_is_held';"
    )
    # Two who look at one bed at once must look one after the other: the bed's row is the lock.
    lock = "PERFORM 1 FROM bed WHERE bed_id = NEW.bed_id FOR UPDATE;"
    for name, table, refused in (
        ("hold", "hold_bed", f"NEW.released_at IS NULL AND (EXISTS ({over_a_hold}) OR EXISTS ({_SLEPT_IN}))"),
        ("stay", "placement_bed", f"NEW.starts_on < {_STAY_END} AND EXISTS ({_held(_STAY_END)})"),
    ):
        op.execute(
            f"CREATE FUNCTION bed_is_held_{name}() RETURNS trigger LANGUAGE plpgsql AS $$"
            f" BEGIN {lock} IF {refused} THEN {refuse} END IF; RETURN NEW; END $$"
        )
        op.execute(
            f"CREATE TRIGGER bed_is_held BEFORE INSERT OR UPDATE ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION bed_is_held_{name}()"
        )
