"""Statement -> camt.052, .053 or .054, for demonstrations and tests: what a bank would send us.

Writes what the reader of these messages reads, entry by entry; the same statements give the same bytes.
grammar.py learns from the official schema what a version knows; heads.py and entries.py say what the model
says, in the names of the latest version; particulars.py holds the tables for the details of a transaction;
manners.py has what banks make of it.

What a version has no place for is refused with CannotBeWritten. What the model leaves open may be filled in:
a balance or amount without a currency is one in euros.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from itertools import chain, groupby
from typing import BinaryIO

from bank_formats.camt_writer.entries import entry
from bank_formats.camt_writer.grammar import Grammar, Message, Misfit, Version, grammar
from bank_formats.camt_writer.heads import group_head, statement_foot, statement_head
from bank_formats.errors import Refused
from bank_formats.statement import Balance, Statement, Transaction

__all__ = ["CannotBeWritten", "Message", "Version", "day_statement", "write"]


class CannotBeWritten(Refused):
    """{what} past niet in {message}, {path}: {problem}."""


def day_statement(
    transactions: Iterable[Transaction],
    *,
    account: str,
    id: str,
    sequence: int,
    on: date,
    opening: Decimal,
    owner: str | None = None,
    servicer_bic: str | None = None,
) -> Statement:
    """Make the statement of one day: opening, the transactions, and the closing balance that follows.

    `opening` is in euros. Of an entry with several parts the `entry_amount` counts, not the parts.
    """
    held = list(transactions)
    closing = opening + sum(
        _entry_amount(next(parts)) for _, parts in groupby(held, key=lambda transaction: transaction.entry)
    )
    statement = Statement(format="camt.053.001.08", kind="statement", account=account)
    statement.id, statement.sequence, statement.electronic_sequence = id, sequence, sequence
    statement.currency, statement.owner, statement.servicer_bic = "EUR", owner, servicer_bic
    statement.from_date = statement.to_date = on
    statement.balances = [Balance("opening", on, opening, "EUR"), Balance("closing", on, closing, "EUR")]
    statement.transactions = iter(held)
    return statement


def write(
    statements: Iterable[Statement],
    out: BinaryIO,
    *,
    version: Version,
    message_id: str,
    created_at: datetime,
    message: Message = "camt.053",
    is_strict: bool = True,
) -> None:
    """Write the statements as one message, entry by entry; raises CannotBeWritten.

    Strictly written, the file is valid by the schema of its version. Otherwise texts may be as long and odd
    as banks make them, and what must be there may be missing.
    """
    pieces = _pieces(
        statements,
        grammar(message, version, is_strict=is_strict),
        message_id=message_id,
        created_at=f"{created_at:%Y-%m-%dT%H:%M:%S}",
    )
    out.writelines(piece.encode() for piece in pieces)


def _pieces(
    statements: Iterable[Statement], rules: Grammar, *, message_id: str, created_at: str
) -> Iterator[str]:
    remaining = iter(statements)
    first = next(remaining, None)
    outer = rules.message.name
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:{rules.name}"><{outer}>\n'
    what = "Het bericht"
    try:
        if first is None:
            raise Misfit("er is geen afschrift")
        yield group_head(rules, first, message_id=message_id, created_at=created_at)
        for statement in chain([first], remaining):
            what = f"Afschrift {statement.id}"
            yield statement_head(rules, statement, first, created_at=created_at)
            for number, parts in groupby(statement.transactions, key=lambda transaction: transaction.entry):
                what = f"Afschrift {statement.id}, boeking {number}"
                yield from entry(rules, parts, statement.account)
            yield statement_foot(rules, statement)
    except Misfit as misfit:
        path = "/".join(misfit.path)
        raise CannotBeWritten(what=what, message=rules.name, path=path, problem=misfit.problem) from None
    yield f"</{outer}></Document>\n"


def _entry_amount(transaction: Transaction) -> Decimal:
    """The amount of the entry that a transaction is, or is a part of."""
    if transaction.part is not None or transaction.amount is None:
        return transaction.entry_amount
    return transaction.amount
