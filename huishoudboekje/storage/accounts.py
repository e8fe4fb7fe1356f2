"""The municipality's bank accounts, and with what each of them starts."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from huishoudboekje import clock
from huishoudboekje.domain.errors import NotFound
from huishoudboekje.domain.people import AccountStart, MunicipalAccount


def municipal_accounts(session: Session) -> list[MunicipalAccount]:
    """All accounts, the one that pays first."""
    rows = session.execute(
        text("SELECT iban, bic, name, position, batch_booking FROM municipal_account ORDER BY position, iban")
    )
    return [MunicipalAccount(row.iban, row.bic, row.name, row.position, row.batch_booking) for row in rows]


def account_starts(session: Session) -> dict[str, AccountStart]:
    """The start of each account that has one, by IBAN."""
    rows = session.execute(text("SELECT iban, starts_on, balance_cents FROM account_start ORDER BY iban"))
    return {row.iban: AccountStart(row.iban, row.starts_on, row.balance_cents) for row in rows}


def add_account(session: Session, account: MunicipalAccount) -> None:
    """Add an account, or give a known one its name, bank, place and way of booking batches."""
    session.execute(
        text(
            "INSERT INTO municipal_account (iban, bic, name, position, batch_booking)"
            " VALUES (:iban, :bic, :name, :position, :batch_booking)"
            " ON CONFLICT (municipality_id, iban) DO UPDATE SET bic = excluded.bic, name = excluded.name,"
            " position = excluded.position, batch_booking = excluded.batch_booking"
        ),
        {
            "iban": account.iban,
            "bic": account.bic,
            "name": account.name,
            "position": account.position,
            "batch_booking": account.batch_booking,
        },
    )


def set_batch_booking(session: Session, iban: str, *, batch_booking: bool) -> None:
    """Ask the bank for one debit for a batch, or one for each payment. Raises NotFound."""
    done = session.execute(
        text("UPDATE municipal_account SET batch_booking = :asked WHERE iban = :iban RETURNING iban"),
        {"iban": iban, "asked": batch_booking},
    )
    if done.one_or_none() is None:
        raise NotFound(what="Rekening", id=iban)


def add_account_start(session: Session, start: AccountStart) -> None:
    """Say with what an account starts, once and for all."""
    session.execute(
        text(
            "INSERT INTO account_start (iban, starts_on, balance_cents, recorded_at)"
            " VALUES (:iban, :starts_on, :balance_cents, :now)"
        ),
        {
            "iban": start.iban,
            "starts_on": start.starts_on,
            "balance_cents": start.balance_cents,
            "now": clock.now(),
        },
    )
