"""What a bank says of a transaction beyond what is asked every day: both sides whole, every reference.

Each class is one element of ISO 20022, named in its docstring; a field that the bank leaves out is `None` or
empty. Texts have their white space made single blanks, but for `Remittance.unstructured`, which is as sent;
dates and times are text as written, because banks leave the zone out.
"""

from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import NamedTuple


class Money(NamedTuple):
    """An amount (`Amt` with `Ccy`), never negative as written; `None` where what is written is no number."""

    amount: Decimal | None = None
    currency: str | None = None


class TransactionCode(NamedTuple):
    """What kind of transaction (`BkTxCd`): `Domn/Cd`, `Fmly/Cd`, `SubFmlyCd`, `Prtry/Cd` and `Prtry/Issr`."""

    domain: str | None = None
    family: str | None = None
    subfamily: str | None = None
    proprietary: str | None = None
    issuer: str | None = None


class TypedText(NamedTuple):
    """A text with what kind of text it is (`Tp` with `Ref`, `Dt` or `Id`)."""

    type: str | None = None
    text: str | None = None


class References(NamedTuple):
    """Every reference of the detail as written (`Refs`), `NOTPROVIDED` too."""

    message_id: str | None = None
    servicer_reference: str | None = None
    payment_information_id: str | None = None
    instruction_id: str | None = None
    end_to_end_id: str | None = None
    uetr: str | None = None
    transaction_id: str | None = None
    mandate_id: str | None = None
    cheque_number: str | None = None
    clearing_reference: str | None = None
    owner_transaction_id: str | None = None
    servicer_transaction_id: str | None = None
    market_infrastructure_id: str | None = None
    processing_id: str | None = None
    return_id: str | None = None
    proprietary: tuple[TypedText, ...] = ()


class Address(NamedTuple):
    """A postal address (`PstlAdr`): structured, in lines (`AdrLine`), or both."""

    type: str | None = None
    care_of: str | None = None
    department: str | None = None
    subdepartment: str | None = None
    street: str | None = None
    building_number: str | None = None
    building_name: str | None = None
    floor: str | None = None
    unit: str | None = None
    post_box: str | None = None
    room: str | None = None
    postcode: str | None = None
    town: str | None = None
    town_location: str | None = None
    district: str | None = None
    country_subdivision: str | None = None
    country: str | None = None
    lines: tuple[str, ...] = ()


class Identification(NamedTuple):
    """An identification of an organisation (`OrgId`) or a person (`PrvtId`), such as a creditor's identifier.

    `scheme` is `SchmeNm`, or the element's own name where it is the scheme (`AnyBIC`, `LEI`, `TaxIdNb`).
    """

    id: str | None = None
    scheme: str | None = None
    issuer: str | None = None
    is_private: bool = False


class Birth(NamedTuple):
    """When and where a person was born (`DtAndPlcOfBirth`)."""

    date: str | None = None
    province: str | None = None
    city: str | None = None
    country: str | None = None


class Contact(NamedTuple):
    """How a party is reached (`CtctDtls`); `other` is channel and address."""

    prefix: str | None = None
    name: str | None = None
    phone: str | None = None
    mobile: str | None = None
    fax: str | None = None
    url: str | None = None
    email: str | None = None
    email_purpose: str | None = None
    job_title: str | None = None
    responsibility: str | None = None
    department: str | None = None
    preferred: str | None = None
    other: tuple[TypedText, ...] = ()


class Account(NamedTuple):
    """An account (`CashAccount`); `other` is the number of one that has no IBAN, of the kind `scheme`."""

    iban: str | None = None
    other: str | None = None
    scheme: str | None = None
    issuer: str | None = None
    type: str | None = None
    currency: str | None = None
    name: str | None = None
    proxy_type: str | None = None
    proxy: str | None = None


class Agent(NamedTuple):
    """A bank (`FinInstnId`, `BrnchId`)."""

    bic: str | None = None
    name: str | None = None
    lei: str | None = None
    clearing_system: str | None = None
    member_id: str | None = None
    other_id: str | None = None
    other_scheme: str | None = None
    other_issuer: str | None = None
    address: Address | None = None
    branch_id: str | None = None
    branch_name: str | None = None
    branch_lei: str | None = None
    branch_address: Address | None = None


class FullParty(NamedTuple):
    """A party with all that is said of it (`Pty`, before version 07 the element itself).

    `agent` is only there for a party that is itself a bank (`Agt` in the place of `Pty`).
    """

    name: str | None = None
    address: Address | None = None
    identifications: tuple[Identification, ...] = ()
    birth: Birth | None = None
    country_of_residence: str | None = None
    contact: Contact | None = None
    agent: Agent | None = None
    type: str | None = None
    """What the bank calls the part that this party has, of proprietary parties only (`Prtry/Tp`)."""


class Parties(NamedTuple):
    """Both sides of a transaction, whoever the account's owner is (`RltdPties`)."""

    initiating: FullParty | None = None
    debtor: FullParty | None = None
    debtor_account: Account | None = None
    ultimate_debtor: FullParty | None = None
    creditor: FullParty | None = None
    creditor_account: Account | None = None
    ultimate_creditor: FullParty | None = None
    trading: FullParty | None = None
    proprietary: tuple[FullParty, ...] = ()


class Agents(NamedTuple):
    """The banks that the money passed (`RltdAgts`), the intermediary ones in order."""

    instructing: Agent | None = None
    instructed: Agent | None = None
    debtor: Agent | None = None
    creditor: Agent | None = None
    intermediary: tuple[Agent, ...] = ()
    receiving: Agent | None = None
    delivering: Agent | None = None
    issuing: Agent | None = None
    settlement_place: Agent | None = None
    proprietary: tuple[Agent, ...] = ()


class Exchange(NamedTuple):
    """An exchange of currency (`CcyXchg`): one `unit` is worth `rate` of the other currency."""

    source: str | None = None
    target: str | None = None
    unit: str | None = None
    rate: Decimal | None = None
    contract: str | None = None
    quoted_at: str | None = None
    rate_base: str | None = None


class Exchanged(NamedTuple):
    """An amount with the exchange that it went through; `type` of a proprietary amount only."""

    money: Money | None = None
    exchange: Exchange | None = None
    type: str | None = None


class Amounts(NamedTuple):
    """The other amounts of an entry or a transaction (`AmtDtls`)."""

    instructed: Exchanged | None = None
    transaction: Exchanged | None = None
    countervalue: Exchanged | None = None
    announced: Exchanged | None = None
    proprietary: tuple[Exchanged, ...] = ()


class Availability(NamedTuple):
    """When money can be used (`Avlbty`, `CdtLine`): a date, or a number of days; `direction` CRDT or DBIT."""

    money: Money | None = None
    direction: str | None = None
    date: str | None = None
    days: str | None = None


class CreditLine(NamedTuple):
    """A credit line (`CdtLine`); `is_included` tells whether the balance counts it."""

    is_included: bool | None = None
    type: str | None = None
    money: Money | None = None
    date: str | None = None


class Tax(NamedTuple):
    """A tax on charges or interest (`Tax` with `Id`, `Rate`, `Amt`)."""

    id: str | None = None
    rate: Decimal | None = None
    money: Money | None = None


class Interest(NamedTuple):
    """Interest (`Intrst`, from version 03 each `Rcrd`); `rate` as written, a percentage or words."""

    money: Money | None = None
    direction: str | None = None
    type: str | None = None
    rates: tuple[str, ...] = ()
    from_date: str | None = None
    to_date: str | None = None
    reason: str | None = None
    tax: Tax | None = None


class Document(NamedTuple):
    """A document that is paid or spoken of (`RfrdDocInf`), such as an invoice."""

    type: str | None = None
    issuer: str | None = None
    number: str | None = None
    date: str | None = None


class DocumentAmount(NamedTuple):
    """An amount of such a document (`RfrdDocAmt`); `kind` is the element's name, such as `DuePyblAmt`."""

    kind: str
    money: Money | None = None
    type: str | None = None
    direction: str | None = None
    reason: str | None = None
    additional: str | None = None


class Structured(NamedTuple):
    """One structured remittance (`Strd`): reference with type and issuer, documents, further information."""

    reference: str | None = None
    type: str | None = None
    issuer: str | None = None
    documents: tuple[Document, ...] = ()
    amounts: tuple[DocumentAmount, ...] = ()
    invoicer: FullParty | None = None
    invoicee: FullParty | None = None
    additional: tuple[str, ...] = ()


class Remittance(NamedTuple):
    """What the payer wrote (`RmtInf`): each `Ustrd` exactly as sent, each `Strd`."""

    unstructured: tuple[str, ...] = ()
    structured: tuple[Structured, ...] = ()


class RelatedRemittance(NamedTuple):
    """Where more of the remittance is (`RltdRmtInf`)."""

    id: str | None = None
    method: str | None = None
    electronic_address: str | None = None
    name: str | None = None
    address: Address | None = None


class Dates(NamedTuple):
    """The dates along the way (`RltdDts`)."""

    acceptance: str | None = None
    contractual_settlement: str | None = None
    trade: str | None = None
    interbank_settlement: str | None = None
    start: str | None = None
    end: str | None = None
    transaction: str | None = None
    proprietary: tuple[TypedText, ...] = ()


class Return(NamedTuple):
    """Why money came back (`RtrInf`): code or own words, texts, what it was before, and who says so."""

    reason: str | None = None
    proprietary_reason: str | None = None
    texts: tuple[str, ...] = ()
    original_code: TransactionCode | None = None
    originator: FullParty | None = None


class PaymentType(NamedTuple):
    """How it was to be paid (`PmtTpInf`, `LclInstrm`)."""

    priority: str | None = None
    clearing_channel: str | None = None
    service_levels: tuple[str, ...] = ()
    local_instrument: str | None = None
    sequence_type: str | None = None
    category_purpose: str | None = None


class AccountDeposit(NamedTuple):
    """Notes or coins that were paid in (`CshDpst`)."""

    denomination: Money | None = None
    number: str | None = None
    money: Money | None = None


class EntryBatch(NamedTuple):
    """A batch that stands beside the entry's amount (`Ntry/Btch` of version 01); later ones are `Batch`."""

    message_id: str | None = None
    payment_information_id: str | None = None
    number: str | None = None


@dataclass(slots=True, eq=False)
class Details:
    """Everything else that an entry, and one detail of it, say; not to be changed.

    A reader may work it out when it is first asked for. Two are equal when they say the same.
    """

    references: References = field(default_factory=References)
    entry_code: TransactionCode = field(default_factory=TransactionCode)
    code: TransactionCode = field(default_factory=TransactionCode)
    parties: Parties = field(default_factory=Parties)
    agents: Agents = field(default_factory=Agents)
    money: Money | None = None
    """`TxDtls/Amt`, where it differs from the entry's it may be in another currency."""
    direction: str | None = None
    """`TxDtls/CdtDbtInd`: CRDT or DBIT."""
    entry_amounts: Amounts = field(default_factory=Amounts)
    amounts: Amounts = field(default_factory=Amounts)
    total_charges: Money | None = None
    """`TtlChrgsAndTaxAmt`, of the detail or else of the entry; the charges are `Transaction.charges`."""
    entry_charges: int = 0
    """How many of those charges, from the first, are the entry's; the others are the detail's."""
    remittance: Remittance = field(default_factory=Remittance)
    related_remittance: tuple[RelatedRemittance, ...] = ()
    purpose_code: str | None = None
    purpose_proprietary: str | None = None
    payment_type: PaymentType = field(default_factory=PaymentType)
    dates: Dates = field(default_factory=Dates)
    returned: Return | None = None
    """`None` when there is no `RtrInf`."""
    interest: tuple[Interest, ...] = ()
    availability: tuple[Availability, ...] = ()
    deposits: tuple[AccountDeposit, ...] = ()
    technical_channel: str | None = None
    """`TechInptChanl`: how the instruction was given in."""
    commission_waived: bool | None = None
    """`ComssnWvrInd`."""
    notice_message: str | None = None
    """`AddtlInfInd/MsgNmId`: the message that tells more, such as camt.054.001.08."""
    notice_message_id: str | None = None
    """`AddtlInfInd/MsgId`."""
    batches: tuple[EntryBatch, ...] = ()
    entry_info: str | None = None
    """`AddtlNtryInf`."""
    info: str | None = None
    """`AddtlTxInf`."""

    @property
    def xml(self) -> str | None:
        """The entry, or the one part, as XML as it stands in the file; `None` when there is none."""
        return None

    def __eq__(self, other: object) -> bool:
        """Compare what is said, whenever it is worked out."""
        if not isinstance(other, Details):
            return NotImplemented
        return all(getattr(self, one.name) == getattr(other, one.name) for one in fields(Details))

    __hash__ = None  # type: ignore[assignment]  # it is a value that is worked out late


NO_DETAILS = Details()
