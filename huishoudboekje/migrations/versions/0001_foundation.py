"""The foundation: people, agreements, ledger, statements, payments, audit; and the guards around them."""

from __future__ import annotations

from pathlib import Path

from alembic import context, op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    app_role = context.config.attributes["app_role"]
    op.execute("SET LOCAL lock_timeout = '10s'")
    for part in ("tables", "guards"):
        statements = (Path(__file__).parent / f"0001_{part}.sql").read_text("utf-8")
        # The driver itself, so that a % in a message is a %.
        cursor = op.get_bind().connection.cursor()
        cursor.execute(statements.replace(":app_role", f'"{app_role}"'))


def downgrade() -> None:
    raise NotImplementedError("a ledger is not taken back")
