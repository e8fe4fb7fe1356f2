"""What each bank takes in a payment file, as data; and a batch in as many files as its bank asks for.

Dutch banks follow one guideline (Betaalvereniging Nederland, on top of EPC132-08), so the profiles differ in
little. A limit stands here only where the bank has published it, with the document; where nothing was found
the profile says what the neutral one says, and `unknown` names it. A municipality's contract may say less.
Source, beside each bank's own: Betaalvereniging Nederland, "SEPA Credit Transfer Customer-to-Bank
Implementation Guidelines for the Netherlands", version 8.0 (July 2015), on pain.001.001.03.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from bank_formats import pain001
from bank_formats.credit_transfer import CreditTransfer, CreditTransferBatch
from bank_formats.payment_file import (
    NAME_LENGTH,
    REMITTANCE_LENGTH,
    CannotBePaid,
    CannotBeSent,
    shown,
)
from bank_formats.sepa_text import IDENTIFIER_LENGTH

LONGEST_NUMBER = len("-9999")
Booking = Literal["as asked", "always one debit"]
Name = Literal["neutral", "abn_amro", "bng", "ing", "rabobank"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What one bank takes. The defaults are neutral: what the guideline allows and every bank reads."""

    name: Name
    shown: str
    """The bank's name in Dutch sentences."""
    bank_codes: tuple[str, ...] = ()
    """The four letters behind the check digits of its IBANs, the same as those that its BIC starts with."""
    versions: tuple[pain001.Version, ...] = ("09", "03")
    """Versions of pain.001, the one to choose first."""
    direct_debit_versions: tuple[str, ...] = ("08",)
    """Versions of pain.008 that this package writes and the bank takes."""
    most_payments: int | None = None
    """In one file; `None`: no published limit, so no split."""
    largest_sum_cents: int | None = None
    """Of one file, in cents; `None`: no published limit."""
    booking: Booking = "as asked"
    """Whether `BtchBookg` is followed, or the sum is debited at once whatever is asked."""
    instant: bool = True
    """Whether a file may ask for instant payments (`LclInstrm` INST)."""
    structured_reference: bool = True
    """Whether `Strd` may hold a betalingskenmerk (issuer CUR) or an RF reference (issuer ISO)."""
    ultimate_debtor: bool = True
    """Whether `UltmtDbtr` may be filled."""
    needs_debtor_bic: bool = False
    """Whether `DbtrAgt` must have a BIC."""
    needs_foreign_bic: bool = False
    """Whether a payee outside the Netherlands must have a BIC."""
    name_length: int = NAME_LENGTH
    remittance_length: int = REMITTANCE_LENGTH
    unknown: tuple[str, ...] = ()
    """Fields of this profile that are neutral because nothing published was found."""

    def problem_of(self, batch: CreditTransferBatch, version: pain001.Version) -> str | None:
        """Say in Dutch why this bank does not take a file with this head; `None` when it does."""
        if version not in self.versions:
            return f"{self.shown} neemt pain.001.001.{version} niet aan"
        if batch.local_instrument is not None and not self.instant:
            return f"{self.shown} neemt in een bestand geen instantbetalingen aan"
        if batch.debtor_bic is None and self.needs_debtor_bic:
            return f"{self.shown} wil de BIC van de eigen rekening zien"
        if batch.ultimate_debtor is not None and not self.ultimate_debtor:
            return f"{self.shown} neemt niet aan namens wie er betaald wordt"
        return None

    def problem_of_payment(self, payment: CreditTransfer) -> str | None:
        """Say in Dutch why this bank does not take this payment; `None` when it does."""
        foreign = not payment.creditor_iban.startswith("NL")
        if self.largest_sum_cents is not None and payment.amount_cents > self.largest_sum_cents:
            return f"{self.shown} neemt per bestand ten hoogste {shown(self.largest_sum_cents)} aan"
        if payment.reference is not None and not self.structured_reference:
            return f"{self.shown} neemt geen kenmerk aan dat computers lezen"
        if payment.ultimate_debtor is not None and not self.ultimate_debtor:
            return f"{self.shown} neemt niet aan namens wie er betaald wordt"
        if foreign and payment.creditor_bic is None and self.needs_foreign_bic:
            return f"{self.shown} wil de BIC van een buitenlandse rekening zien"
        if len(payment.creditor_name) > self.name_length:
            return f"de naam heeft {len(payment.creditor_name)} tekens; {self.name_length} kan"
        if len(payment.remittance or "") > self.remittance_length:
            return (
                f"de omschrijving heeft {len(payment.remittance or '')} tekens; {self.remittance_length} kan"
            )
        return None

    def books_at_once(self, batch: CreditTransferBatch) -> bool:
        """Whether the statement will show one debit for the sum."""
        return batch.batch_booking or self.booking == "always one debit"


NEUTRAL: Final = Profile(name="neutral", shown="Deze bank")
ABN_AMRO: Final = Profile(
    name="abn_amro",
    shown="ABN AMRO",
    bank_codes=("ABNA",),
    # abnamro.nl, "Credit transfer batches" (2025): the total sum of the batch is debited as one
    # transaction, and the bank itself makes the payments of a batch instant where it can. "Addendum on the
    # XML message for SEPA Credit Transfer Initiation (PAIN)", version 8.0 (October 2015), on BtchBookg,
    # InstrPrty and CtgyPurp.
    booking="always one debit",
    unknown=("most_payments", "largest_sum_cents", "direct_debit_versions"),
)
BNG: Final = Profile(
    name="bng",
    shown="BNG Bank",
    bank_codes=("BNGH",),
    # bng.nl, "Euro overboeking": a batch holds 100,000 payments at most; a BIC is optional for Dutch
    # accounts, and was asked for others until 2016. bngbank.nl, "SEPA standard payment and direct debit
    # files": pain.001 .03 and .09, pain.008 .02 and .08; "Formats and examples": the guideline without
    # changes of its own.
    most_payments=100_000,
    unknown=("largest_sum_cents", "instant"),
)
ING: Final = Profile(
    name="ing",
    shown="ING",
    bank_codes=("INGB",),
    # ingwb.com, "Instant payments": a payment to a bank that instant payments cannot reach is done as an
    # ordinary one. ingpcm.com, "Initiation formats": pain.001.001.03 and the recommendations of CGI-MP.
    unknown=("most_payments", "largest_sum_cents", "direct_debit_versions"),
)
RABOBANK: Final = Profile(
    name="rabobank",
    shown="Rabobank",
    bank_codes=("RABO",),
    # "Format description XML SEPA Credit Transfer" and "Generic Payment File" (version 1.9.1, August 2019):
    # one debit account and one day in a batch, payments one by one when BtchBookg is false. "Rabo Internet
    # Banking Professional: Euro files" (August 2016) had a limit in megabytes (3), none in payments.
    unknown=("most_payments", "largest_sum_cents", "direct_debit_versions"),
)
PROFILES: Final[dict[str, Profile]] = {each.name: each for each in (NEUTRAL, ABN_AMRO, BNG, ING, RABOBANK)}


def profile_for(iban: str) -> Profile:
    """The profile of the bank that an account is at, by its IBAN; the neutral one for any other."""
    code = iban[4:8] if iban.startswith("NL") else ""
    return next((each for each in PROFILES.values() if code in each.bank_codes), NEUTRAL)


def split(
    batch: CreditTransferBatch, payments: Iterable[CreditTransfer], profile: Profile
) -> Iterator[tuple[CreditTransferBatch, Iterator[CreditTransfer]]]:
    """Give a batch as the files that a bank takes: the head of each, and its payments, to be read once.

    The first file keeps the ids of the batch, the second gets `-2` behind MsgId and PmtInfId, and so on; the
    payments keep their order. So the same batch always gives the same files, and a batch that fits in one
    file is not changed. Raises CannotBeSent when more files are needed and the ids have no room for a
    number, or when an EndToEndId comes twice; CannotBePaid for a payment that this bank does not take.
    """
    rest = _Rest(batch, iter(payments), profile)
    number = 1
    longest = max((batch.message_id, batch.payment_information_id), key=len)
    if rest.ids is not None and len(longest) > IDENTIFIER_LENGTH - LONGEST_NUMBER:
        # Whether a second file follows must be known before the first is sent: so that is held.
        first = list(rest.file())
        if rest.next is not None:
            problem = f"achter {longest} is geen plaats voor een volgnummer, en {profile.shown} wil er een"
            raise CannotBeSent(message_id=batch.message_id, problem=problem)
        if first:
            yield batch, iter(first)
        return
    while rest.next is not None:
        some = rest.file()
        yield _numbered(batch, number), some
        for _ in some:
            pass
        number += 1


def _numbered(batch: CreditTransferBatch, number: int) -> CreditTransferBatch:
    if number == 1:
        return batch
    return batch._replace(
        message_id=f"{batch.message_id}-{number}",
        payment_information_id=f"{batch.payment_information_id}-{number}",
    )


class _Rest:
    """The payments that are in no file yet."""

    def __init__(
        self, batch: CreditTransferBatch, payments: Iterator[CreditTransfer], profile: Profile
    ) -> None:
        self.batch = batch
        self.payments = payments
        limited = profile.most_payments is not None or profile.largest_sum_cents is not None
        self.ids: set[str] | None = set() if limited else None
        """Of all files; where there can be one only, whoever writes it compares them."""
        self.profile = profile
        self.next = next(payments, None)

    def file(self) -> Iterator[CreditTransfer]:
        """The payments of the next file."""
        count = sum_cents = 0
        most = self.profile.most_payments
        largest = self.profile.largest_sum_cents
        while self.next is not None:
            payment = self.next
            problem = self.profile.problem_of_payment(payment)
            if problem:
                raise CannotBePaid(end_to_end_id=payment.end_to_end_id, problem=problem)
            count += 1
            sum_cents += payment.amount_cents
            if (most is not None and count > most) or (largest is not None and sum_cents > largest):
                return
            self._note(payment.end_to_end_id)
            self.next = next(self.payments, None)
            yield payment

    def _note(self, end_to_end_id: str) -> None:
        if self.ids is None:
            return
        if end_to_end_id in self.ids:
            problem = f"EndToEndId {end_to_end_id} komt twee keer voor"
            raise CannotBeSent(message_id=self.batch.message_id, problem=problem)
        self.ids.add(end_to_end_id)
