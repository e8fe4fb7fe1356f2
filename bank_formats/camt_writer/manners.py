"""What Dutch banks make of a statement: the same day as each of them would tell it, manners as data.

Source: the files that they sent. A statement in a bank's manner says less than the one that it is made of, or
says it elsewhere; it is written leniently (`is_strict=False`) where the bank does not follow the schema.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from itertools import groupby
from typing import Final

from bank_formats.camt_writer.grammar import Version
from bank_formats.details import Details, Remittance
from bank_formats.statement import NOBODY, Statement, Transaction

RETURNED: Final = "RRTN"


@dataclass(frozen=True, slots=True)
class Manner:
    """How a bank writes. What is not named here it does as the statement says."""

    version: Version
    is_strict: bool = True
    opening: str = "opening"
    """The kind of the balance that a statement begins with."""
    gives_reference: bool = True
    """Whether an entry has the bank's own reference (`AcctSvcrRef`)."""
    return_code: str | None = None
    """The code of money that comes back; then without the reference of the payment that it was."""
    shares_return_reference: bool = False
    """Whether money that comes back has the reference of the entry before it."""
    books_batches_whole: bool = False
    """Whether a batch is one entry without its parts."""
    own_codes: Mapping[str, str] = field(default_factory=dict)
    """The bank's own code for each code of the standard."""
    line: int | None = None
    """After so many characters of the remittance comes a new line, all in one `Ustrd`."""
    shares_number: bool = False
    """Whether all statements of a file have the number of the first."""


ING: Final = Manner("02", return_code="PMNT-RCDT-RRTN", shares_return_reference=True)
RABOBANK: Final = Manner("02", gives_reference=False, books_batches_whole=True)
ABN_AMRO: Final = Manner("02", opening="previous_closing")
BNG: Final = Manner(
    "02",
    is_strict=False,
    own_codes={
        "PMNT-RCDT-ESCT": "658",
        "PMNT-ICDT-ESCT": "586",
        "PMNT-RDDT-ESDD": "526",
        "PMNT-RCDT-RRTN": "559",
    },
    line=65,
)
SNS: Final = Manner("02", shares_number=True)
MANNERS: Final = {"ING": ING, "Rabobank": RABOBANK, "ABN AMRO": ABN_AMRO, "BNG": BNG, "SNS": SNS}


def told(statements: Iterable[Statement], manner: Manner) -> Iterator[Statement]:
    """Give the statements, to be read once, as a bank of these manners would tell them."""
    first: Statement | None = None
    for statement in statements:
        first = first or statement
        statement.balances = [
            balance._replace(kind=manner.opening) if balance.kind == "opening" else balance
            for balance in statement.balances
        ]
        if manner.shares_number:
            statement.sequence = first.sequence
            statement.electronic_sequence = first.electronic_sequence
        statement.transactions = _transactions(statement.transactions, manner)
        yield statement


def _transactions(moved: Iterable[Transaction], manner: Manner) -> Iterator[Transaction]:
    before: str | None = None
    for _, parts in groupby(moved, key=lambda transaction: transaction.entry):
        for part in parts:
            one = _told(part, manner, before)
            if manner.books_batches_whole and part.batch is not None and part.part is not None:
                yield _whole(one)
                break
            yield one
        before = part.ref


def _told(one: Transaction, manner: Manner, before: str | None) -> Transaction:
    """One transaction; `before` is the reference of the entry before it."""
    is_return = one.return_reason is not None or (one.code or "").endswith(RETURNED)
    if is_return and manner.return_code:
        one = one._replace(code=manner.return_code, end_to_end_id=None)
    if is_return and manner.shares_return_reference and before is not None:
        one = one._replace(ref=before, bank_reference=before)
    if not manner.gives_reference:
        one = one._replace(ref=None, bank_reference=None)
    if one.code in manner.own_codes:
        one = one._replace(code=manner.own_codes[one.code or ""])
    if manner.line and one.remittance and len(one.remittance) > manner.line:
        lines = "\n".join(_broken(one.remittance, manner.line))
        said = {each.name: getattr(one.details, each.name) for each in fields(Details)}
        one = one._replace(details=Details(**{**said, "remittance": Remittance((lines,))}))
    return one


def _broken(text: str, length: int) -> Iterator[str]:
    """A text in lines, broken at a blank; a longer word stays whole."""
    line = ""
    for word in text.split(" "):
        if line and len(line) + 1 + len(word) > length:
            yield line
            line = word
        else:
            line = f"{line} {word}" if line else word
    yield line


def _whole(part: Transaction) -> Transaction:
    """The entry that this is a part of, with nothing of the part."""
    return Transaction(
        part.entry,
        None,
        part.ref and part.ref.rpartition("#")[0],
        part.booked_on,
        part.valued_on,
        part.entry_amount,
        part.currency,
        NOBODY,
        bank_reference=part.ref and part.ref.rpartition("#")[0],
        code=part.code,
        batch=part.batch,
        status=part.status,
        entry_amount=part.entry_amount,
        entry_reference=part.entry_reference,
    )
