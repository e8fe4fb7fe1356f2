"""What every statement format reads into: a statement with its balances, and its transactions one by one.

Values are kept as the bank wrote them; nothing here knows whose money it is.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

from bank_formats.errors import NoAmount, NotWholeCents

Kind = Literal["statement", "report", "notification"]
ZERO = Decimal(0)


def euros(cents: int) -> Decimal:
    """Give the amount in euros that so many cents are."""
    return Decimal(cents).scaleb(-2)


def whole_cents(amount: Decimal, currency: str | None) -> int:
    """Give the amount in cents; raises NotWholeCents for a fraction of one."""
    hundredfold = amount * 100
    cents = int(hundredfold)
    if cents != hundredfold:
        raise NotWholeCents(amount=amount, currency=currency or "EUR")
    return cents


class Party(NamedTuple):
    """The other side of a transaction; `iban` is the IBAN or, without one, the account number as given."""

    name: str | None = None
    iban: str | None = None
    bic: str | None = None


NOBODY = Party()


@dataclass(frozen=True, slots=True)
class Batch:
    """What the bank says of the batch that this money belonged to (`Btch`, `Refs/PmtInfId`)."""

    count: int | None = None
    payment_information_id: str | None = None
    message_id: str | None = None
    sum: Decimal | None = None

    @property
    def sum_cents(self) -> int | None:
        """The batch total in cents, `None` when the bank does not give it."""
        return None if self.sum is None else whole_cents(self.sum, None)


class Charge(NamedTuple):
    """Costs that the bank took on this entry (`Chrgs`); negative when they were taken from us."""

    amount: Decimal
    currency: str | None = None


class Transaction(NamedTuple):
    """One movement of money: an entry, or one of the several parts (`TxDtls`) of an entry.

    `amount` is signed: negative is money that left the account. `ref` is the entry's `AcctSvcrRef`, with
    `#k` behind it for a part. `status` is booked, pending, info or future (or the bank's own word).
    `amount` is `None` where a part does not say what it is in the entry's currency.
    `entry_amount` is what the balances count; whether the parts add up to it is told by `Statement.check()`
    once all parts have passed, because an entry can have more parts than memory should hold.
    """

    entry: int
    part: int | None
    ref: str | None
    booked_on: date | None
    valued_on: date | None
    amount: Decimal | None
    currency: str | None
    counterparty: Party = NOBODY
    end_to_end_id: str | None = None
    reference: str | None = None
    remittance: str | None = None
    bank_reference: str | None = None
    mandate_id: str | None = None
    code: str | None = None
    reversal: bool = False
    return_reason: str | None = None
    return_text: str | None = None
    batch: Batch | None = None
    status: str = "booked"
    entry_amount: Decimal = ZERO
    entry_reference: str | None = None
    message_id: str | None = None
    instruction_id: str | None = None
    transaction_id: str | None = None
    uetr: str | None = None
    clearing_reference: str | None = None
    ultimate_party: str | None = None
    purpose: str | None = None
    additional_info: str | None = None
    charges: tuple[Charge, ...] = ()

    @property
    def amount_cents(self) -> int:
        """The signed amount in cents; raises NotWholeCents, or NoAmount for a part that does not say."""
        if self.amount is None:
            raise NoAmount(entry=self.entry, part=self.part, currency=self.currency)
        return whole_cents(self.amount, self.currency)


class Balance(NamedTuple):
    """One balance of a statement; `kind` is opening, closing, previous_closing, interim, available, ..."""

    kind: str
    date: date | None
    amount: Decimal
    currency: str | None

    @property
    def amount_cents(self) -> int:
        """The signed balance in cents; raises NotWholeCents."""
        return whole_cents(self.amount, self.currency)


@dataclass(frozen=True, slots=True)
class Summary:
    """What the bank itself counts on a statement (`TxsSummry`); sums are positive as written."""

    count: int | None = None
    sum: Decimal | None = None
    credit_count: int | None = None
    credit_sum: Decimal | None = None
    debit_count: int | None = None
    debit_sum: Decimal | None = None


class Uneven(NamedTuple):
    """An entry whose parts are not the entry: `difference` is entry minus parts.

    The entry's amount is what the balances count. `difference` is `None` when a part does not say its amount.
    """

    entry: int
    amount: Decimal
    parts: int
    difference: Decimal | None


class Check(NamedTuple):
    """Whether a statement adds up: opening + booked entries = closing, and the bank's own counts.

    `difference` is closing - (opening + entries), `None` when there is no opening or no closing balance.
    """

    entries: int
    credit_sum: Decimal
    debit_sum: Decimal
    opening: Decimal | None
    closing: Decimal | None
    difference: Decimal | None
    summary_agrees: bool | None
    uneven: tuple[Uneven, ...]


class Statement:
    """One statement (`Stmt`, `Rpt` or `Ntfctn`) of one account.

    Everything but the totals is known before `transactions` is read. `transactions` can be read once; taking
    the next statement passes over what was left unread. `balances` can still grow in a format that gives the
    closing balance last.
    """

    def __init__(self, *, format: str, kind: Kind, account: str) -> None:
        """Start with what no statement can be without."""
        self.format = format
        self.kind: Kind = kind
        self.account = account
        self.number = 1
        """The place of this statement in the file, counted from 1 over all members of a zip."""
        self.file = ""
        """The file, and the member of a zip behind an exclamation mark."""
        self.message_id: str | None = None
        self.message_created_at: str | None = None
        self.id: str | None = None
        self.sequence: int | None = None
        self.electronic_sequence: int | None = None
        self.legal_sequence: int | None = None
        self.page: int | None = None
        self.is_last_page: bool | None = None
        """`None` when the bank gives no page numbers: then the statement is whole."""
        self.is_copy: bool = False
        self.currency: str | None = None
        self.owner: str | None = None
        self.servicer_bic: str | None = None
        self.from_date: date | None = None
        self.to_date: date | None = None
        self.created_at: str | None = None
        """`CreDtTm` as written: banks leave the zone out, so it is text."""
        self.balances: list[Balance] = []
        self.summary: Summary | None = None
        self.transactions: Iterator[Transaction] = iter(())
        self._entries = 0
        self._credit_sum = ZERO
        self._debit_sum = ZERO
        self._uneven: list[Uneven] = []

    def __repr__(self) -> str:
        """Name the statement, without its contents."""
        return f"<Statement {self.format} {self.id!r} of {self.account}>"

    def balance(self, kind: str) -> Balance | None:
        """Give the first balance of this kind."""
        return next((balance for balance in self.balances if balance.kind == kind), None)

    @property
    def opening(self) -> Balance | None:
        """The opening balance, or the previous closing one where the bank gives only that (ABN AMRO)."""
        return self.balance("opening") or self.balance("previous_closing")

    @property
    def closing(self) -> Balance | None:
        """The closing balance."""
        return self.balance("closing")

    def count(self, amount: Decimal) -> None:
        """Add one booked entry to the totals; called by the reader."""
        self._entries += 1
        if amount >= 0:
            self._credit_sum += amount
        else:
            self._debit_sum -= amount

    def count_uneven(self, uneven: Uneven) -> None:
        """Note an entry whose parts do not add up to it; called by the reader."""
        self._uneven.append(uneven)

    def check(self) -> Check:
        """Compare the entries read with the balances; meaningful once `transactions` has been read."""
        opening = self.opening.amount if self.opening else None
        closing = self.closing.amount if self.closing else None
        difference = None
        if opening is not None and closing is not None:
            difference = closing - opening - self._credit_sum + self._debit_sum
        return Check(
            self._entries,
            self._credit_sum,
            self._debit_sum,
            opening,
            closing,
            difference,
            self._summary_agrees(),
            tuple(self._uneven),
        )

    def _summary_agrees(self) -> bool | None:
        if self.summary is None:
            return None
        said = self.summary
        pairs: Iterable[tuple[Decimal | int | None, Decimal | int]] = (
            (said.credit_sum, self._credit_sum),
            (said.debit_sum, self._debit_sum),
            (said.sum, self._credit_sum + self._debit_sum),
            (said.count, self._entries),
        )
        return all(told is None or told == counted for told, counted in pairs)
