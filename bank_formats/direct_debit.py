"""What a file of direct debits says: collections in euros, by mandate, to one account.

Each field names its element in pain.008 and what fits in it. Texts may be written in any letters: pain008.py
writes them in SEPA's. `None` leaves an element away.
Source: ISO 20022 (CustomerDirectDebitInitiation); EPC130-08 (core direct debit, customer to bank) and
EPC131-08 (between businesses).
"""

from datetime import date, datetime
from typing import Literal, NamedTuple

from bank_formats.credit_transfer import Address

SequenceType = Literal["FRST", "RCUR", "FNAL", "OOFF"]
"""The first of several, one of several, the last of them, or the only one ever."""
Scheme = Literal["CORE", "B2B"]
"""Of everyone, or between businesses only (no refund)."""


class Amendment(NamedTuple):
    """What changed in a mandate since the last collection (`MndtRltdInf/AmdmntInfDtls`)."""

    original_mandate_id: str | None = None
    """`OrgnlMndtId`, 1 to 35 characters: the number that the mandate had."""
    original_creditor_id: str | None = None
    """`OrgnlCdtrSchmeId/Id/PrvtId/Othr/Id`: the creditor identifier (incassant-ID) that collected before."""
    original_creditor_name: str | None = None
    """`OrgnlCdtrSchmeId/Nm`, 70 characters: the name under which was collected before."""
    original_debtor_iban: str | None = None
    """`OrgnlDbtrAcct/Id/IBAN`: the debtor's account at the same bank before."""
    other_account: bool = False
    """`OrgnlDbtrAcct/Id/Othr/Id` SMNDA: same mandate, new debtor account, whatever the old one was."""


class DirectDebit(NamedTuple):
    """One collection (`DrctDbtTxInf`).

    Either `remittance` or `reference`, never both.
    """

    end_to_end_id: str
    """`PmtId/EndToEndId`, 1 to 35 characters, once in a batch: comes back with a refusal or a refund."""
    amount_cents: int
    """`InstdAmt` with currency EUR: 1 to 99,999,999,999 cents."""
    debtor_name: str
    """`Dbtr/Nm`, 70 characters: who pays."""
    debtor_iban: str
    """`DbtrAcct/Id/IBAN`, without blanks."""
    mandate_id: str
    """`DrctDbtTx/MndtRltdInf/MndtId`, 1 to 35 characters: once for this creditor identifier."""
    mandate_signed_on: date
    """`DrctDbtTx/MndtRltdInf/DtOfSgntr`: not after the day of collection."""
    debtor_bic: str | None = None
    """`DbtrAgt/FinInstnId/BICFI`, 8 or 11 characters; NOTPROVIDED when `None`."""
    debtor_address: Address | None = None
    """`Dbtr/PstlAdr`; asked for outside the EEA only."""
    remittance: str | None = None
    """`RmtInf/Ustrd`, 140 characters of free text."""
    reference: str | None = None
    """`RmtInf/Strd/CdtrRefInf/Ref` with type SCOR: a betalingskenmerk (issuer CUR) or RF reference (ISO)."""
    purpose: str | None = None
    """`Purp/Cd`: a code of ISO 20022's external list of purposes, 4 characters at most."""
    ultimate_debtor: str | None = None
    """`UltmtDbtr/Nm`, 70 characters: whose debt it is, when another pays."""
    ultimate_creditor: str | None = None
    """`UltmtCdtr/Nm`, 70 characters: for whom is collected."""
    instruction_id: str | None = None
    """`PmtId/InstrId`, 1 to 35 characters: between us and our bank only."""
    uetr: str | None = None
    """`PmtId/UETR`: a UUID of version 4 in small letters."""
    amendment: Amendment | None = None
    """`DrctDbtTx/MndtRltdInf/AmdmntInd` and `AmdmntInfDtls`, once after a mandate changed."""


class DirectDebitBatch(NamedTuple):
    """The head of a file of direct debits: one message (`GrpHdr`) with one creditor account (`PmtInf`).

    The service level (`PmtTpInf/SvcLvl/Cd`) is always SEPA, the payment method (`PmtMtd`) DD and charges
    (`ChrgBr`) SLEV; the number of collections (`NbOfTxs`) and their sum (`CtrlSum`) are counted.
    """

    message_id: str
    """`GrpHdr/MsgId`, 1 to 35 characters, never used before at this bank."""
    payment_information_id: str
    """`PmtInf/PmtInfId`, 1 to 35 characters."""
    created_at: datetime
    """`GrpHdr/CreDtTm`: local Dutch time, written to the second and without a zone."""
    collection_date: date
    """`PmtInf/ReqdColltnDt`: the day on which the debtors' accounts are debited."""
    creditor_name: str
    """`PmtInf/Cdtr/Nm`, 70 characters."""
    creditor_iban: str
    """`PmtInf/CdtrAcct/Id/IBAN`, without blanks; the account's currency is EUR."""
    creditor_id: str
    """`PmtInf/CdtrSchmeId/Id/PrvtId/Othr/Id`: the creditor identifier (incassant-ID), its digits checked."""
    sequence_type: SequenceType = "RCUR"
    """`PmtInf/PmtTpInf/SeqTp`, of all collections in the file."""
    creditor_bic: str | None = None
    """`PmtInf/CdtrAgt/FinInstnId/BICFI`; NOTPROVIDED when `None`."""
    batch_booking: bool = True
    """`PmtInf/BtchBookg`: true asks for one credit of the sum, false for a credit of each collection."""
    scheme: Scheme = "CORE"
    """`PmtInf/PmtTpInf/LclInstrm/Cd`."""
    category_purpose: str | None = None
    """`PmtInf/PmtTpInf/CtgyPurp/Cd`: four capitals or digits of ISO 20022's external list."""
    initiating_party: str | None = None
    """`GrpHdr/InitgPty/Nm`, 70 characters; the creditor's name when `None`."""
    initiating_party_id: str | None = None
    """`GrpHdr/InitgPty/Id/OrgId/Othr/Id`, 35 characters: the customer's number, where a bank asks for one."""
    creditor_address: Address | None = None
    """`PmtInf/Cdtr/PstlAdr`; asked for in collections from outside the EEA only."""
    ultimate_creditor: str | None = None
    """`PmtInf/UltmtCdtr/Nm`, 70 characters, for all collections; then no collection names its own."""
