"""Rows that several features share, a file per subject.

Every row carries its municipality in its primary key. `APPEND_ONLY` names the tables that refuse
UPDATE and DELETE; the migrations make that so, and tests/test_promises.py holds them to it.
"""

from __future__ import annotations

from huishoudboekje.storage.base import Base
from huishoudboekje.storage.tables import (
    agreements,
    archive,
    audit,
    instructions,
    ledger,
    organisations,
    outbox,
    people,
    signals,
    users,
)

GLOBAL = {
    "installation": "one row for the whole installation",
    "municipality": "the list of municipalities itself",
    "batch_transition": "the transition table of a payment batch, the same for everybody",
    "payment_transition": "the transition table of a payment, the same for everybody",
    "alembic_version": "the migration that the database is at",
}
"""Tables without a municipality, with the reason."""

APPEND_ONLY = frozenset(
    {
        "account_start",
        "agreement_version",
        "archived_file",
        "audit_event",
        "audit_seal",
        "bank_statement",
        "bank_statement_verdict",
        "bank_transaction",
        "batch_file",
        "batch_step",
        "booking",
        "day_close",
        "household_step",
        "instruction",
        "instruction_outcome",
        "ledger_account",
        "ledger_entry",
        "ledger_transfer",
        "limit_decision",
        "occurrence_event",
        "payment_step",
        "policy_version",
        "signal_step",
    }
)
"""Tables that are never updated or deleted from: ledger, histories, statements and audit log."""

__all__ = [
    "APPEND_ONLY",
    "GLOBAL",
    "Base",
    "agreements",
    "archive",
    "audit",
    "instructions",
    "ledger",
    "organisations",
    "outbox",
    "people",
    "signals",
    "users",
]
