"""Stays by their end: of 100,000 that are over, those that are not are found at once."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index("ix_placement_bed_ended_on", "placement_bed", ["ended_on"], unique=False)
