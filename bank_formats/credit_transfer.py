"""What a payment file says: one batch of credit transfers in euros from one account.

Each field names its element in pain.001 and what fits in it. Texts may be written in any letters: pain001.py
writes them in SEPA's. `None` leaves an element away.
Source: ISO 20022 (CustomerCreditTransferInitiation); EPC132-08 and EPC121-16 (instant), customer to bank.
"""

from datetime import date, datetime
from typing import NamedTuple


class Address(NamedTuple):
    """A postal address in parts (`PstlAdr`); without town and country no bank accepts it.

    Unstructured lines (`AdrLine`) do not exist here: banks refuse them since November 2026.
    """

    town: str
    """`TwnNm`, 35 characters."""
    country: str
    """`Ctry`, two capitals of ISO 3166-1."""
    street: str | None = None
    """`StrtNm`, 70 characters."""
    building_number: str | None = None
    """`BldgNb`, 16 characters, with its addition."""
    post_code: str | None = None
    """`PstCd`, 16 characters."""


class CreditTransfer(NamedTuple):
    """One payment (`CdtTrfTxInf`).

    Either `remittance` or `reference`, never both.
    """

    end_to_end_id: str
    """`PmtId/EndToEndId`, 1 to 35 characters, once in a batch; goes to the payee and back in a return."""
    amount_cents: int
    """`Amt/InstdAmt` with currency EUR: 1 to 99,999,999,999 cents."""
    creditor_name: str
    """`Cdtr/Nm`, 70 characters: the payee, as its bank will compare it (Verification of Payee)."""
    creditor_iban: str
    """`CdtrAcct/Id/IBAN`, without blanks, 34 characters at most."""
    creditor_bic: str | None = None
    """`CdtrAgt/FinInstnId/BICFI` (`BIC` in .03), 8 or 11 characters; the bank finds it by the IBAN itself."""
    creditor_address: Address | None = None
    """`Cdtr/PstlAdr`; asked for outside the EEA only."""
    remittance: str | None = None
    """`RmtInf/Ustrd`, 140 characters of free text."""
    reference: str | None = None
    """`RmtInf/Strd/CdtrRefInf/Ref` with type SCOR: a betalingskenmerk (issuer CUR) or RF reference (ISO)."""
    purpose: str | None = None
    """`Purp/Cd`: a code of ISO 20022's external list of purposes, 4 characters at most, such as RENT."""
    ultimate_debtor: str | None = None
    """`UltmtDbtr/Nm`, 70 characters: the resident on whose behalf is paid."""
    instruction_id: str | None = None
    """`PmtId/InstrId`, 1 to 35 characters: between us and our bank only."""
    ultimate_creditor: str | None = None
    """`UltmtCdtr/Nm`, 70 characters: for whom the payee receives it."""
    creditor_id: str | None = None
    """`Cdtr/Id/OrgId/Othr/Id`, 35 characters: a number that the payee is known by, as that of the KvK."""
    uetr: str | None = None
    """`PmtId/UETR`: a UUID of version 4 in small letters; from .09 on."""


class CreditTransferBatch(NamedTuple):
    """The head of a payment file: one message (`GrpHdr`) with one debtor account (`PmtInf`).

    The service level (`PmtTpInf/SvcLvl/Cd`) is always SEPA, the payment method (`PmtMtd`) TRF; the number
    of payments (`NbOfTxs`) and their sum (`CtrlSum`) are counted.
    """

    message_id: str
    """`GrpHdr/MsgId`, 1 to 35 characters, never used before at this bank."""
    payment_information_id: str
    """`PmtInf/PmtInfId`, 1 to 35 characters: comes back in the statement of a batch that is booked as one."""
    created_at: datetime
    """`GrpHdr/CreDtTm`: local Dutch time, written to the second and without a zone."""
    execution_date: date
    """`PmtInf/ReqdExctnDt/Dt` (`ReqdExctnDt` in .03): the day on which the account is debited."""
    debtor_name: str
    """`PmtInf/Dbtr/Nm`, 70 characters."""
    debtor_iban: str
    """`PmtInf/DbtrAcct/Id/IBAN`, without blanks; the account's currency is EUR."""
    debtor_bic: str | None = None
    """`PmtInf/DbtrAgt/FinInstnId/BICFI` (`BIC` in .03); NOTPROVIDED when `None`."""
    batch_booking: bool = True
    """`PmtInf/BtchBookg`: true asks for one debit of the sum, false for a debit of each payment."""
    category_purpose: str | None = None
    """`PmtInf/PmtTpInf/CtgyPurp/Cd`: four capitals or digits of ISO 20022's external list: SALA, TAXS."""
    instruction_priority: str | None = None
    """`PmtInf/PmtTpInf/InstrPrty`: NORM or HIGH."""
    initiating_party: str | None = None
    """`GrpHdr/InitgPty/Nm`, 70 characters; the debtor's name when `None`."""
    local_instrument: str | None = None
    """`PmtInf/PmtTpInf/LclInstrm/Cd`: INST asks for instant payments (EPC121-16); nothing else exists."""
    charge_bearer: str = "SLEV"
    """`PmtInf/ChrgBr`: in SEPA each side pays its own bank (SLEV); nothing else is written."""
    debtor_address: Address | None = None
    """`PmtInf/Dbtr/PstlAdr`; asked for in payments to outside the EEA only."""
    initiating_party_id: str | None = None
    """`GrpHdr/InitgPty/Id/OrgId/Othr/Id`, 35 characters: the customer's number, where a bank asks for one."""
    ultimate_debtor: str | None = None
    """`PmtInf/UltmtDbtr/Nm`, 70 characters, for all payments; then no payment names its own."""
