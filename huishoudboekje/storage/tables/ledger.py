"""The ledger: accounts, entries of transfers, and the balances that follow from them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Identity, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from huishoudboekje.domain.ledger import AccountKind, EntryKind, Phase
from huishoudboekje.storage.base import Base, OfMunicipality


class LedgerAccount(OfMunicipality, Base):
    """An account; `name` is `kind:subject`, such as `household:H000012`."""

    __tablename__ = "ledger_account"
    __table_args__ = (Index(None, "municipality_id", "kind"),)

    name: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[AccountKind]
    household_id: Mapped[str | None]


class LedgerBalance(OfMunicipality, Base):
    """What all transfers of an account add up to, in cents; only the ledger's trigger writes it."""

    __tablename__ = "ledger_balance"
    __table_args__ = (
        ForeignKeyConstraint(
            ["municipality_id", "account"], ["ledger_account.municipality_id", "ledger_account.name"]
        ),
    )

    account: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[AccountKind]
    received_cents: Mapped[int] = mapped_column(server_default=text("0"))
    given_cents: Mapped[int] = mapped_column(server_default=text("0"))
    reserved_in_cents: Mapped[int] = mapped_column(server_default=text("0"))
    reserved_out_cents: Mapped[int] = mapped_column(server_default=text("0"))


class LedgerEntry(OfMunicipality, Base):
    """Transfers that are booked whole or not at all; `key` makes it happen once."""

    __tablename__ = "ledger_entry"
    __table_args__ = (
        UniqueConstraint("municipality_id", "key"),
        Index(None, "municipality_id", "effective_on"),
        Index(
            "ledger_entry_transaction_id_idx",
            "municipality_id",
            "transaction_id",
            postgresql_where=text("transaction_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    key: Mapped[str]
    kind: Mapped[EntryKind]
    effective_on: Mapped[date]
    recorded_at: Mapped[datetime]
    by_user: Mapped[str]
    transaction_id: Mapped[int | None]
    reverses: Mapped[int | None]
    reason: Mapped[str | None]


class LedgerTransfer(OfMunicipality, Base):
    """A positive amount from one account to another, in cents."""

    __tablename__ = "ledger_transfer"
    __table_args__ = (
        ForeignKeyConstraint(
            ["municipality_id", "entry_id"], ["ledger_entry.municipality_id", "ledger_entry.id"]
        ),
        ForeignKeyConstraint(
            ["municipality_id", "source"], ["ledger_account.municipality_id", "ledger_account.name"]
        ),
        ForeignKeyConstraint(
            ["municipality_id", "target"], ["ledger_account.municipality_id", "ledger_account.name"]
        ),
        CheckConstraint("amount_cents > 0", name="amount"),
        CheckConstraint("source <> target", name="two_accounts"),
        CheckConstraint("phase = 'posted' OR (phase = 'voided') = (resolves IS NOT NULL)", name="resolves"),
        Index(None, "municipality_id", "entry_id"),
        Index(None, "municipality_id", "source"),
        Index(None, "municipality_id", "target"),
        Index(
            "ledger_transfer_resolves_key",
            "municipality_id",
            "resolves",
            unique=True,
            postgresql_where=text("resolves IS NOT NULL"),
        ),
        Index(
            "ledger_transfer_end_to_end_id_idx",
            "municipality_id",
            "end_to_end_id",
            postgresql_where=text("end_to_end_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    entry_id: Mapped[int]
    source: Mapped[str]
    target: Mapped[str]
    amount_cents: Mapped[int]
    phase: Mapped[Phase]
    resolves: Mapped[int | None]
    end_to_end_id: Mapped[str | None]
