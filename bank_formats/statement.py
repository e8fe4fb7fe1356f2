"""What every statement format reads into: a statement with its balances, and its transactions one by one.

Values are kept as the bank wrote them; nothing here knows whose money it is.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, NamedTuple

from bank_formats.details import (
    NO_DETAILS,
    Account,
    Agent,
    Availability,
    CreditLine,
    Details,
    FullParty,
    Interest,
    Tax,
)
from bank_formats.errors import NoAmount, NotWholeCents
from bank_formats.tally import Tally, Totals

if TYPE_CHECKING:
    from bank_formats.notes import Notes

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
    direction: str | None = None
    """`CdtDbtInd` of the sum: CRDT or DBIT."""

    @property
    def sum_cents(self) -> int | None:
        """The batch total in cents, `None` when the bank does not give it."""
        return None if self.sum is None else whole_cents(self.sum, None)


class Charge(NamedTuple):
    """Costs that the bank took on this entry (`Chrgs`); negative when they were taken from us.

    `is_included` is `ChrgInclInd`: whether the entry's amount holds them. `bearer` is `Br`: DEBT, CRED, SHAR
    or SLEV. `rate` is a percentage. Those of the entry stand before those of its detail.
    """

    amount: Decimal
    currency: str | None = None
    type: str | None = None
    issuer: str | None = None
    bearer: str | None = None
    is_included: bool | None = None
    rate: Decimal | None = None
    agent: Agent | None = None
    tax: Tax | None = None


class Transaction(NamedTuple):
    """One movement of money: an entry, or one of the several parts (`TxDtls`) of an entry.

    `amount` is signed: negative is money that left the account. `ref` is the entry's `AcctSvcrRef`, with
    `#k` behind it for a part. `status` is booked, pending, info or future (or the bank's own word).
    `amount` is `None` where a part does not say what it is in the entry's currency.
    `entry_amount` is what the balances count; whether the parts add up to it is told by `Statement.totals()`
    once all parts have passed, because an entry can have more parts than memory should hold.
    `details` is all the rest, worked out when it is first asked for; two transactions are the same whatever
    their details.
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
    details: Details = NO_DETAILS

    def __eq__(self, other: object) -> bool:
        """Compare all but the details."""
        return tuple(self)[:-1] == other[:-1] if isinstance(other, Transaction) else NotImplemented

    def __ne__(self, other: object) -> bool:
        """Tell whether anything but the details differs."""
        return not self == other

    def __hash__(self) -> int:
        """Hash what is compared."""
        return hash(tuple(self)[:-1])

    @property
    def xml(self) -> str | None:
        """The entry, or the part (`TxDtls`), as it stands in the file; `None` when that was no XML."""
        return self.details.xml

    @property
    def amount_cents(self) -> int:
        """The signed amount in cents; raises NotWholeCents, or NoAmount for a part that does not say."""
        if self.amount is None:
            raise NoAmount(entry=self.entry, part=self.part, currency=self.currency)
        return whole_cents(self.amount, self.currency)


class Balance(NamedTuple):
    """One balance of a statement (`Bal`).

    `kind` is opening, closing, previous_closing, interim, available, ... or the bank's code in lower case;
    `subtype` is `Tp/SubTp`, such as INTM for the balance between two pages.
    """

    kind: str
    date: date | None
    amount: Decimal
    currency: str | None
    subtype: str | None = None
    credit_lines: tuple[CreditLine, ...] = ()
    availability: tuple[Availability, ...] = ()

    @property
    def amount_cents(self) -> int:
        """The signed balance in cents; raises NotWholeCents."""
        return whole_cents(self.amount, self.currency)


@dataclass(frozen=True, slots=True)
class Summary:
    """What the bank itself counts on a statement (`TxsSummry`).

    Sums are positive as written; `net` is what came in less what went out (`TtlNetNtry`).
    """

    count: int | None = None
    sum: Decimal | None = None
    credit_count: int | None = None
    credit_sum: Decimal | None = None
    debit_count: int | None = None
    debit_sum: Decimal | None = None
    net: Decimal | None = None
    per_code: tuple["CodeTotal", ...] = ()


@dataclass(frozen=True, slots=True)
class CodeTotal:
    """What the bank counts of one bank transaction code (`TxsSummry/TtlNtriesPerBkTxCd`).

    `net` is what came in less what went out; `date` (`Dt`) and `is_forecast` (`FcstInd`) as written.
    """

    code: str
    count: int | None
    sum: Decimal | None
    credit_count: int | None = None
    credit_sum: Decimal | None = None
    debit_count: int | None = None
    debit_sum: Decimal | None = None
    net: Decimal | None = None
    is_forecast: bool | None = None
    date: str | None = None
    availability: tuple[Availability, ...] = ()


class Statement:
    """One statement (`Stmt`, `Rpt` or `Ntfctn`) of one account.

    Everything but the totals is known before `transactions` is read. `transactions` can be read once; taking
    the next statement passes over what was left unread. `balances` can still grow in a format that gives the
    closing balance last.
    """

    message_id: str | None = None
    message_created_at: str | None = None
    message_recipient: FullParty | None = None
    """`GrpHdr/MsgRcpt`."""
    message_info: str | None = None
    """`GrpHdr/AddtlInf`."""
    query_id: str | None = None
    """`GrpHdr/OrgnlBizQry/MsgId`: what we asked for, when this is an answer."""
    id: str | None = None
    sequence: int | None = None
    electronic_sequence: int | None = None
    legal_sequence: int | None = None
    reporting_sequence: str | None = None
    """`RptgSeq` in one line: `7`, `3-9`, `-9`, and with `!` before it what is left out."""
    reporting_source: str | None = None
    """`RptgSrc`: the system of the bank that made this."""
    page: int | None = None
    is_last_page: bool | None = None
    """`None` when the bank gives no page numbers: then the statement is whole."""
    is_copy: bool = False
    copy: str | None = None
    """`CpyDplctInd`: CODU, COPY or DUPL."""
    currency: str | None = None
    owner: str | None = None
    owner_details: FullParty | None = None
    servicer_bic: str | None = None
    servicer: Agent | None = None
    account_details: Account = Account()
    related_account: Account | None = None
    """`RltdAcct`: the account that this one belongs to, such as the main one of a pool."""
    from_date: date | None = None
    to_date: date | None = None
    created_at: str | None = None
    """`CreDtTm` as written: banks leave the zone out, so it is text."""
    interest: tuple[Interest, ...] = ()
    summary: Summary | None = None
    additional_info: str | None = None
    """`AddtlStmtInf`, `AddtlRptInf` or `AddtlNtfctnInf`; known once `transactions` has been read."""

    def __init__(self, *, format: str, kind: Kind, account: str) -> None:
        """Start with what no statement can be without."""
        self.format = format
        self.kind: Kind = kind
        self.account = account
        self.number = 1
        """The place of this statement in the file, counted from 1 over all members of a zip."""
        self.file = ""
        """The file, and the member of a zip behind an exclamation mark."""
        self.balances: list[Balance] = []
        self.transactions: Iterator[Transaction] = iter(())
        self.tally = Tally()
        self.count = self.tally.count
        """Adds one booked entry of this amount to the totals; called by the reader."""
        self.count_uneven = self.tally.count_uneven
        """Notes an entry whose parts do not add up to it; called by the reader."""
        self.notes: Notes | None = None
        """What stands out in the transactions, when `verdicts.watch` asked for it."""

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

    def totals(self) -> Totals:
        """Compare the entries read with the balances; meaningful once `transactions` has been read."""
        tally = self.tally
        opening = self.opening.amount if self.opening else None
        closing = self.closing.amount if self.closing else None
        difference = None
        if opening is not None and closing is not None:
            difference = closing - opening - tally.net
        return Totals(
            tally.entries,
            tally.credit_sum,
            tally.debit_sum,
            opening,
            closing,
            difference,
            self._summary_agrees(),
            tuple(tally.uneven),
        )

    def _summary_agrees(self) -> bool | None:
        if self.summary is None:
            return None
        said, tally = self.summary, self.tally
        pairs: Iterable[tuple[Decimal | int | None, Decimal | int]] = (
            (said.credit_sum, tally.credit_sum),
            (said.debit_sum, tally.debit_sum),
            (said.sum, tally.gross),
            (said.count, tally.entries),
        )
        return all(told is None or told == counted for told, counted in pairs)
