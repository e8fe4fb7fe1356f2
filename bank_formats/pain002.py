"""pain.002 of ISO 20022, every version -> StatusReport: what the bank says of each payment, streamed.

A report answers one payment file. It speaks of the whole file, of its batches (`PmtInf`), and of single
payments, in that order; a bank leaves out the levels that it has nothing to say about. What a reason code
means in plain Dutch is the caller's business: banks use them on returns too.
Source: ISO 20022 message definition CustomerPaymentStatusReport (pain.002.001.02 to .15); external code sets
ExternalPaymentGroupStatus1Code and ExternalPaymentTransactionStatus1Code; EPC218-23 (Verification of Payee).
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Any, BinaryIO, Final, NamedTuple, NoReturn, cast

from lxml import etree
from lxml.etree import _Element

from bank_formats import xml
from bank_formats.errors import Code, NotABankFile, Unreadable
from bank_formats.fields import (
    Found,
    Table,
    coded,
    gather,
    money,
    qualified,
    several,
    unspaced,
    walked,
    whole,
)
from bank_formats.statement import NOBODY, Charge, Party

NAMESPACE = re.compile(
    r"urn:(?:iso:std:iso:20022:tech|swift):xsd:(?:swift\.)?\$?(pain\.002\.001\.[0-9]{2})(?:\.[a-z]{2}\.[0-9]{2})?"
)
ASK = "Vraag de bank om een goed statusrapport; van dit bestand is niets verwerkt."
AMOUNT = re.compile(r"\+?(?:[0-9]{1,18}(?:\.[0-9]{0,9})?|\.[0-9]{1,9})")
DAY_LENGTH = 10
IDENTIFYING = ("end_to_end_id", "instruction_id", "uetr", "status_id", "servicer_reference", "instructed")


class Outcome(StrEnum):
    """What a status comes down to."""

    ACCEPTED = "accepted"
    PAID = "paid"
    WAITING = "waiting"
    PARTLY = "partly"
    REJECTED = "rejected"
    VERIFIED = "verified"


class Meaning(NamedTuple):
    """What a status code stands for: its ISO name, what it comes down to, and a Dutch clause for people."""

    name: str
    outcome: Outcome
    sentence: str


STATUSES: Final[Mapping[str, Meaning]] = MappingProxyType(
    {
        "RCVD": Meaning("Received", Outcome.WAITING, "de bank heeft de opdracht ontvangen"),
        "PDNG": Meaning("Pending", Outcome.WAITING, "de opdracht wacht nog bij de bank"),
        "PATC": Meaning(
            "PartiallyAcceptedTechnicalCorrect",
            Outcome.WAITING,
            "de opdracht is goed, maar nog niet iedereen die moet tekenen heeft getekend",
        ),
        "ACTC": Meaning(
            "AcceptedTechnicalValidation",
            Outcome.ACCEPTED,
            "het bestand is goed van vorm; de bank moet de betalingen nog bekijken",
        ),
        "ACCP": Meaning("AcceptedCustomerProfile", Outcome.ACCEPTED, "de bank heeft de opdracht goedgekeurd"),
        "ACFC": Meaning("AcceptedFundsChecked", Outcome.ACCEPTED, "er staat genoeg geld op de rekening"),
        "ACSP": Meaning(
            "AcceptedSettlementInProcess", Outcome.ACCEPTED, "de bank is bezig de betaling uit te voeren"
        ),
        "ACWC": Meaning(
            "AcceptedWithChange",
            Outcome.ACCEPTED,
            "de bank voert de opdracht uit, maar heeft iets veranderd, zoals de datum",
        ),
        "ACWP": Meaning(
            "AcceptedWithoutPosting",
            Outcome.ACCEPTED,
            "de betaling is aangenomen, maar staat nog niet op de rekening van de ontvanger",
        ),
        "ACIS": Meaning("AcceptedAndChequeIssued", Outcome.ACCEPTED, "de bank heeft een cheque gemaakt"),
        "ACPD": Meaning(
            "AcceptedClearingProcessed", Outcome.ACCEPTED, "de betaling is door de verrekening tussen banken"
        ),
        "PRES": Meaning("Presented", Outcome.WAITING, "het verzoek is aan de betaler voorgelegd"),
        "ACSC": Meaning(
            "AcceptedSettlementCompleted", Outcome.PAID, "het bedrag is van uw rekening afgeschreven"
        ),
        "ACCC": Meaning(
            "AcceptedSettlementCompletedCreditor",
            Outcome.PAID,
            "het bedrag staat op de rekening van de ontvanger",
        ),
        "CPUC": Meaning("CashPickedUpByCreditor", Outcome.PAID, "de ontvanger heeft het geld opgehaald"),
        "PART": Meaning(
            "PartiallyAccepted", Outcome.PARTLY, "een deel van de betalingen is aangenomen, een deel niet"
        ),
        "RJCT": Meaning("Rejected", Outcome.REJECTED, "de bank heeft de opdracht geweigerd"),
        "CANC": Meaning("Cancelled", Outcome.REJECTED, "de opdracht is ingetrokken en wordt niet uitgevoerd"),
        "BLCK": Meaning(
            "Blocked", Outcome.REJECTED, "het geld is geblokkeerd en gaat niet naar de ontvanger of terug"
        ),
        "RCVC": Meaning("VerificationCompleted", Outcome.VERIFIED, "de naam hoort bij het rekeningnummer"),
        "RVCM": Meaning(
            "VerificationCompletedWithMismatches",
            Outcome.VERIFIED,
            "de namen zijn gecontroleerd; niet alle namen horen bij hun rekeningnummer",
        ),
        "RVMC": Meaning(
            "VerificationMatchClosely",
            Outcome.VERIFIED,
            "de naam lijkt op de naam bij het rekeningnummer, maar is niet gelijk",
        ),
        "RVNM": Meaning("VerificationNoMatch", Outcome.VERIFIED, "de naam hoort niet bij het rekeningnummer"),
        "RVNA": Meaning(
            "VerificationNotApplicable", Outcome.VERIFIED, "de naam kon niet worden gecontroleerd"
        ),
    }
)
"""Statuses of a file, a batch or a payment; a code that is not here is new, or the bank's own."""


class Verification(StrEnum):
    """What came out of comparing a payee's name with the account (Verification of Payee)."""

    MATCH = "RCVC"
    CLOSE_MATCH = "RVMC"
    NO_MATCH = "RVNM"
    NOT_POSSIBLE = "RVNA"


class Reason(NamedTuple):
    """A reason for a status: a code (of ISO, or the bank's `own`), who gives it, and texts as sent."""

    code: str | None
    own: bool = False
    texts: tuple[str, ...] = ()
    originator: str | None = None


class StatusCount(NamedTuple):
    """How many payments have a status, and their sum as far as the bank says so (`NbOfTxsPerSts`)."""

    status: str | None
    payments: int | None
    sum: Decimal | None


class BatchStatus(NamedTuple):
    """What a bank says of one batch of the file (`OrgnlPmtInfAndSts`); `None` where it says nothing."""

    payment_information_id: str | None
    status: str | None = None
    reasons: tuple[Reason, ...] = ()
    original_count: int | None = None
    original_sum: Decimal | None = None
    counts: tuple[StatusCount, ...] = ()

    @property
    def meaning(self) -> Meaning | None:
        """What its status stands for."""
        return STATUSES.get(self.status or "")


class PaymentStatus(NamedTuple):
    """What a bank says of one payment (`TxInfAndSts`), and as much of the payment as it repeats."""

    payment_information_id: str | None
    end_to_end_id: str | None
    instruction_id: str | None
    uetr: str | None
    status_id: str | None
    status: str | None
    reasons: tuple[Reason, ...]
    charges: tuple[Charge, ...]
    accepted_at: str | None
    servicer_reference: str | None
    clearing_reference: str | None
    amount: Decimal | None
    currency: str | None
    requested_on: date | None
    debtor: Party
    creditor: Party
    ultimate_debtor: str | None
    ultimate_creditor: str | None
    mandate_id: str | None
    remittance: str | None
    reference: str | None

    @property
    def meaning(self) -> Meaning | None:
        """What its status stands for."""
        return STATUSES.get(self.status or "")

    @property
    def verification(self) -> Verification | None:
        """What came out of comparing the name with the account; banks say it as status or as reason."""
        for code in (self.status, *(reason.code for reason in self.reasons)):
            if code in _VERIFICATIONS:
                return Verification(code)
        return None

    @property
    def suggested_name(self) -> str | None:
        """The name that belongs to the account according to the bank, when ours is close to it."""
        if self.verification is not Verification.CLOSE_MATCH:
            return None
        close = [reason for reason in self.reasons if reason.code == Verification.CLOSE_MATCH]
        return " ".join(text for reason in close or self.reasons for text in reason.texts) or None


_VERIFICATIONS = frozenset(Verification)


@dataclass(frozen=True, slots=True)
class StatusReport:
    """What a bank says of one payment file, as a whole; `statuses` can be read once, lazily.

    Amounts are in the currency of the payments, as decimals; moments as the bank wrote them.
    """

    format: str
    file: str
    id: str | None
    created_at: str | None
    initiator: str | None
    original_message_id: str | None
    original_message_name: str | None
    original_created_at: str | None
    original_count: int | None
    original_sum: Decimal | None
    status: str | None
    reasons: tuple[Reason, ...]
    counts: tuple[StatusCount, ...]
    statuses: Iterator[BatchStatus | PaymentStatus] = field(compare=False, repr=False)

    @property
    def meaning(self) -> Meaning | None:
        """What its status stands for."""
        return STATUSES.get(self.status or "")


def read(stream: BinaryIO, root: xml.Root, *, file: str) -> StatusReport:
    """Read one status report, of which the batches and payments still come by.

    Raises Refused for another message, and for a report that does not say what it answers; taking from
    `statuses` raises Refused too.
    """
    found = NAMESPACE.fullmatch(root.namespace)
    if found is None or root.name != "Document":
        raise NotABankFile(
            "dit is geen statusrapport (pain.002)",
            code=Code.OTHER_MESSAGE,
            file=file,
            value=root.namespace or root.name,
            remedy="Kies het statusrapport dat de bank heeft gemaakt.",
        )
    return _Message(stream, root.namespace, found[1], file).report()


class _Names(NamedTuple):
    """The tags and tables of one namespace."""

    group_tag: str
    original_tag: str
    batch_tag: str
    payment_tag: str
    group: Table
    original: Table
    batch: Table
    payment: Table


def _reasons(namespace: str) -> Callable[[_Element, Found], None]:
    own: Table = {"Cd": "code", "Prtry": "own"}
    table = qualified(
        {
            "Rsn": own,
            "StsRsn": own,
            "Orgtr": {"Nm": "originator"},
            "StsOrgtr": {"Nm": "originator"},
            "AddtlInf": several("texts"),
            "AddtlStsRsnInf": several("texts"),
        },
        namespace,
    )

    def keep(element: _Element, found: Found) -> None:
        said: Found = {}
        gather(element, table, said)
        reason = (said.get("code") or said.get("own"), "code" not in said and "own" in said)
        found.setdefault("reasons", []).append((*reason, said.get("texts", []), said.get("originator")))

    return keep


def _gathered(name: str, namespace: str, table: Table) -> Callable[[_Element, Found], None]:
    """Keep each element under one name, as a list of what the table finds in it."""
    inside = qualified(table, namespace)

    def keep(element: _Element, found: Found) -> None:
        found.setdefault(name, []).append(walked(element, inside))

    return keep


def _party(side: str) -> Table:
    name = {"Nm": side}
    account = {"Id": {"IBAN": f"{side}_iban", "Othr": {"Id": f"{side}_account"}}}
    agent = {"FinInstnId": {"BIC": f"{side}_bic", "BICFI": f"{side}_bic"}}
    long = {"debtor": "Dbtr", "creditor": "Cdtr"}[side]
    return {
        long: {**name, "Pty": name},
        f"{long}Acct": account,
        f"{long}Agt": agent,
        f"Ultmt{long}": {"Nm": f"ultimate_{side}", "Pty": {"Nm": f"ultimate_{side}"}},
    }


_CHARGE: Table = {"Amt": money("amount"), "CdtDbtInd": "direction"}
_COUNT: Table = {"DtldNbOfTxs": "count", "DtldSts": "status", "DtldCtrlSum": "sum"}
_TRANSACTION: Table = {
    "Amt": {"InstdAmt": money("instructed"), "EqvtAmt": {"Amt": money("equivalent")}},
    "IntrBkSttlmAmt": money("settled"),
    "ReqdExctnDt": coded("requested_on"),
    "ReqdColltnDt": "requested_on",
    "MndtRltdInf": {
        "MndtId": "mandate_id",
        "DrctDbtMndt": {"MndtId": "mandate_id"},
        "CdtTrfMndt": {"MndtId": "mandate_id"},
    },
    "RmtInf": {"Ustrd": several("remittance"), "Strd": {"CdtrRefInf": {"Ref": "reference"}}},
    **_party("debtor"),
    **_party("creditor"),
}


@lru_cache(maxsize=32)
def _names(namespace: str) -> _Names:
    reasons, counts = _reasons(namespace), _gathered("counts", namespace, _COUNT)
    charges = _gathered("charges", namespace, _CHARGE)
    said: Table = {"StsRsnInf": reasons, "NbOfTxsPerSts": counts}
    group: Table = {"MsgId": "id", "CreDtTm": "created_at", "InitgPty": {"Nm": "initiator"}}
    original: Table = {
        "OrgnlMsgId": "original_id",
        "NtwkFileNm": "original_id",
        "OrgnlMsgNmId": "original_name",
        "OrgnlCreDtTm": "original_created_at",
        "OrgnlNbOfTxs": "count",
        "OrgnlCtrlSum": "sum",
        "GrpSts": "status",
        **said,
    }
    batch: Table = {
        "OrgnlPmtInfId": "payment_information_id",
        "OrgnlNbOfTxs": "count",
        "OrgnlCtrlSum": "sum",
        "PmtInfSts": "status",
        **said,
    }
    payment: Table = {
        "OrgnlPmtInfId": "payment_information_id",
        "StsId": "status_id",
        "OrgnlInstrId": "instruction_id",
        "OrgnlEndToEndId": "end_to_end_id",
        "OrgnlUETR": "uetr",
        "TxSts": "status",
        "StsRsnInf": reasons,
        "ChrgsInf": charges,
        "AccptncDtTm": "accepted_at",
        "AcctSvcrRef": "servicer_reference",
        "ClrSysRef": "clearing_reference",
        "OrgnlTxRef": _TRANSACTION,
    }
    elements = ("GrpHdr", "OrgnlGrpInfAndSts", "OrgnlPmtInfAndSts", "TxInfAndSts")
    tags = (f"{{{namespace}}}{name}" for name in elements)
    tables = (qualified(table, namespace) for table in (group, original, batch, payment))
    return _Names(*tags, *tables)  # type: ignore[arg-type]  # four tags, four tables


class _Message:
    """One report while it is read: the elements come by once, what was used is removed."""

    def __init__(self, stream: BinaryIO, namespace: str, format: str, file: str) -> None:
        self.format, self.file = format, file
        self.names = names = _names(namespace)
        tags = (names.group_tag, names.original_tag, names.batch_tag, names.payment_tag)
        self.elements = xml.elements(stream, tags, file=file)

    def report(self) -> StatusReport:
        """The report as far as its own head."""
        group: Found = {}
        for element in self.elements:
            if element.tag == self.names.group_tag and not group:
                group = walked(element, self.names.group)
            elif element.tag == self.names.original_tag:
                return self._report(group, element)
            else:
                self._refuse_place(element)
        raise NotABankFile(
            "dit statusrapport zegt niet bij welk betaalbestand het hoort",
            code=Code.NO_ORIGINAL,
            file=self.file,
            path="CstmrPmtStsRpt/OrgnlGrpInfAndSts",
            remedy=ASK,
        )

    def _report(self, group: Found, element: _Element) -> StatusReport:
        found = walked(element, self.names.original)
        return StatusReport(
            format=self.format,
            file=self.file,
            id=group.get("id"),
            created_at=group.get("created_at"),
            initiator=group.get("initiator"),
            original_message_id=found.get("original_id"),
            original_message_name=found.get("original_name"),
            original_created_at=found.get("original_created_at"),
            original_count=whole(found.get("count")),
            original_sum=self._sum(found.get("sum"), element, "OrgnlCtrlSum"),
            status=found.get("status"),
            reasons=_all_reasons(found),
            counts=self._counts(found, element),
            statuses=self._statuses(),
        )

    def _statuses(self) -> Iterator[BatchStatus | PaymentStatus]:
        """Each batch, when it comes by or with its first payment, and each payment."""
        owner: _Element | None = None
        batch: BatchStatus | None = None
        for element in self.elements:
            if element.tag == self.names.payment_tag:
                parent = element.getparent()
                if parent is not None and parent.tag == self.names.batch_tag and parent is not owner:
                    owner = parent
                    yield (batch := self._batch(parent))
                if parent is not owner and (parent is None or parent.tag in self.names[:4]):
                    self._refuse_place(element)
                yield self._payment(element, batch if parent is owner else None)
            elif element.tag == self.names.batch_tag:
                if element is not owner:
                    yield self._batch(element)
                elif any(child.tag in self.names.batch for child in element):
                    self._refuse_place(element)  # its head stands behind its payments: we told without it
                owner = batch = None
            else:
                self._refuse_place(element)
            xml.remove_before(element)

    def _batch(self, element: _Element) -> BatchStatus:
        found = walked(element, self.names.batch)
        return BatchStatus(
            payment_information_id=found.get("payment_information_id"),
            status=found.get("status"),
            reasons=_all_reasons(found),
            original_count=whole(found.get("count")),
            original_sum=self._sum(found.get("sum"), element, "OrgnlCtrlSum"),
            counts=self._counts(found, element),
        )

    def _payment(self, element: _Element, batch: BatchStatus | None) -> PaymentStatus:
        found = walked(element, self.names.payment)
        get = found.get
        if not any(name in found for name in IDENTIFYING):
            self._refuse(
                element, Code.NO_ORIGINAL, "OrgnlEndToEndId", "er staat niet bij over welke betaling dit gaat"
            )
        text, currency = get("instructed") or get("equivalent") or get("settled") or (None, None)
        return PaymentStatus(
            payment_information_id=batch.payment_information_id if batch else get("payment_information_id"),
            end_to_end_id=get("end_to_end_id"),
            instruction_id=get("instruction_id"),
            uetr=get("uetr"),
            status_id=get("status_id"),
            status=get("status"),
            reasons=_all_reasons(found),
            charges=self._charges(found, element),
            accepted_at=get("accepted_at"),
            servicer_reference=get("servicer_reference"),
            clearing_reference=get("clearing_reference"),
            amount=self._sum(text, element, "OrgnlTxRef/Amt"),
            currency=currency,
            requested_on=self._date(get("requested_on"), element),
            debtor=_party_of(found, "debtor"),
            creditor=_party_of(found, "creditor"),
            ultimate_debtor=get("ultimate_debtor"),
            ultimate_creditor=get("ultimate_creditor"),
            mandate_id=get("mandate_id"),
            remittance=" ".join(filter(None, get("remittance", ()))) or None,
            reference=get("reference"),
        )

    def _counts(self, found: Found, element: _Element) -> tuple[StatusCount, ...]:
        return tuple(
            StatusCount(
                each.get("status"),
                whole(each.get("count")),
                self._sum(each.get("sum"), element, "NbOfTxsPerSts/DtldCtrlSum"),
            )
            for each in found.get("counts", ())
        )

    def _charges(self, found: Found, element: _Element) -> tuple[Charge, ...]:
        charges = []
        for each in found.get("charges", ()):
            text, currency = each.get("amount") or (None, None)
            amount = self._sum(text, element, "ChrgsInf/Amt")
            if amount is not None:
                charges.append(Charge(amount if each.get("direction") == "CRDT" else -amount, currency))
        return tuple(charges)

    def _sum(self, text: str | None, element: _Element, path: str) -> Decimal | None:
        """An amount as written; `None` when there is none. Raises Unreadable when it is no number."""
        if text is None:
            return None
        if not AMOUNT.fullmatch(text):
            self._refuse(element, Code.WRONG_AMOUNT, path, "het bedrag is geen getal", text)
        return Decimal(text)

    def _date(self, text: str | None, element: _Element) -> date | None:
        """The date as written, also of a date with a time."""
        try:
            return date.fromisoformat(text[:DAY_LENGTH]) if text else None
        except ValueError:
            self._refuse(element, Code.WRONG_DATE, "OrgnlTxRef/ReqdExctnDt", "deze datum bestaat niet", text)

    def _refuse_place(self, element: _Element) -> NoReturn:
        self._refuse(element, Code.MISPLACED, "", "dit onderdeel staat op een verkeerde plaats")

    def _refuse(
        self, element: _Element, code: Code, path: str, problem: str, value: str | None = None
    ) -> NoReturn:
        """Refuse the report, naming the line and the path of an element."""
        steps = [etree.QName(each).localname for each in (element, *element.iterancestors())]
        raise Unreadable(
            problem,
            code=code,
            file=self.file,
            line=cast("int", element.sourceline),
            path="/".join([*reversed(steps[:-1]), *filter(None, [path])]),
            value=value,
            remedy=ASK,
        )


def _all_reasons(found: Mapping[str, Any]) -> tuple[Reason, ...]:
    return tuple(
        Reason(code, own, tuple(filter(None, texts)), originator)
        for code, own, texts, originator in found.get("reasons", ())
    )


def _party_of(found: Found, side: str) -> Party:
    iban = unspaced(found.get(f"{side}_iban")) or found.get(f"{side}_account")
    party = Party(found.get(side), iban, unspaced(found.get(f"{side}_bic")))
    return party if any(party) else NOBODY
