"""What a payment file says: one batch of credit transfers in euros from one account."""

from datetime import date, datetime
from typing import NamedTuple


class Address(NamedTuple):
    """A postal address in parts (`PstlAdr`); without town and country (two letters) no bank accepts it."""

    town: str
    country: str
    street: str | None = None
    building_number: str | None = None
    post_code: str | None = None


class CreditTransfer(NamedTuple):
    """One payment (`CdtTrfTxInf`) of `amount_cents` cents.

    Either `remittance` (free text, at most 140 characters) or `reference` (a betalingskenmerk, or an ISO
    11649 reference that starts with RF), never both. An address must be structured.
    """

    end_to_end_id: str
    amount_cents: int
    creditor_name: str
    creditor_iban: str
    creditor_bic: str | None = None
    creditor_address: Address | None = None
    remittance: str | None = None
    reference: str | None = None
    purpose: str | None = None
    """ISO 20022 external purpose code of four letters, such as `RENT`."""
    ultimate_debtor: str | None = None
    """The name of the resident on whose behalf is paid."""
    instruction_id: str | None = None


class CreditTransferBatch(NamedTuple):
    """The head of a payment file: one message (`GrpHdr`) with one debtor account (`PmtInf`).

    `created_at` is local Dutch time, written without a zone. `batch_booking`: true asks the bank to book one
    debit for the sum, false a debit for each payment.
    """

    message_id: str
    payment_information_id: str
    created_at: datetime
    execution_date: date
    debtor_name: str
    debtor_iban: str
    debtor_bic: str | None = None
    batch_booking: bool = True
    category_purpose: str | None = None
    instruction_priority: str | None = None
    """`NORM` or `HIGH`; `None` leaves it away."""
    initiating_party: str | None = None
    """The name in the message's head; the debtor's name when `None`."""
