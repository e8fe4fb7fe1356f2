"""CreditTransferBatch <-> pain.001.001.03 and .09, streamed and judged by the official schema.

Payments are written by payment_file.py in lines of pieces that were each checked, so that the same batch
gives the same bytes, and a file that is not valid cannot be made. Files of .03 up to .13 are read back.
Source: ISO 20022; EPC132-08 and EPC121-16 (credit transfer, instant credit transfer, customer to bank).
"""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from functools import partial
from typing import BinaryIO, Final, Literal, NamedTuple

from bank_formats import payment_fields, payment_file
from bank_formats.credit_transfer import CreditTransfer, CreditTransferBatch
from bank_formats.fields import Found, Table, coded, money, unspaced
from bank_formats.payment_file import (
    CATEGORY,
    LARGEST_CENTS,
    NAME_LENGTH,
    REMITTANCE_LENGTH,
    CannotBePaid,
    CannotBeSent,
    Draft,
    Fitting,
    Layout,
    Message,
    NotValid,
    Problem,
    Totals,
    account,
    address,
    agent,
    amount,
    code,
    flag,
    identifier,
    name,
    optional,
    organisation,
    purpose_code,
    remittance,
    ultimate,
)

__all__ = [
    "LARGEST_CENTS",
    "CannotBePaid",
    "CannotBeSent",
    "Fitted",
    "NotValid",
    "Version",
    "draft",
    "fitted",
    "problem_of",
    "read",
    "validate",
    "write",
]

Version = Literal["03", "09"]
TAIL = b"</PmtInf></CstmrCdtTrfInitn></Document>\n"
MESSAGES: Final[dict[Version, Message]] = {
    "03": Message("pain.001.001.03", "CdtTrfTxInf", TAIL),
    "09": Message("pain.001.001.09", "CdtTrfTxInf", TAIL),
}
BIC_TAGS: Final[dict[Version, str]] = {"03": "BIC", "09": "BICFI"}
PRIORITIES = ("NORM", "HIGH")
INSTANT = "INST"
CHARGES = "SLEV"


class Fitted(NamedTuple):
    """A payment in the characters and lengths that banks take, and in Dutch what had to change for that."""

    payment: CreditTransfer
    changes: tuple[str, ...]


def fitted(payment: CreditTransfer) -> Fitted:
    """Fit the texts of a payment; show the changes to whoever approves."""
    fit = Fitting()
    return Fitted(
        payment._replace(
            creditor_address=fit.address(payment.creditor_address),
            creditor_id=fit.number("nummer", payment.creditor_id),
            creditor_name=fit.text("naam", payment.creditor_name, NAME_LENGTH) or "",
            remittance=fit.text("omschrijving", payment.remittance, REMITTANCE_LENGTH),
            ultimate_debtor=fit.text("naam inwoner", payment.ultimate_debtor, NAME_LENGTH),
            ultimate_creditor=fit.text("uiteindelijke ontvanger", payment.ultimate_creditor, NAME_LENGTH),
        ),
        tuple(fit.changes),
    )


def write(
    batch: CreditTransferBatch, payments: Iterable[CreditTransfer], out: BinaryIO, version: Version = "09"
) -> None:
    """Write one payment file; raises CannotBeSent, CannotBePaid or NotValid before a byte goes to `out`.

    Characters are transliterated; a text that is then too long is refused: use `fitted` first.
    """
    with draft(batch, payments, version) as made:
        made.judge()
        made.copy(out)


def draft(
    batch: CreditTransferBatch, payments: Iterable[CreditTransfer], version: Version = "09"
) -> AbstractContextManager[Draft]:
    """What `write` writes, before it is judged and copied; raises CannotBeSent or CannotBePaid."""
    return payment_file.draft(
        MESSAGES[version], batch, payments, _line_of(batch, version), partial(_head, batch, version)
    )


def validate(stream: BinaryIO, version: Version) -> None:
    """Hold a file against the official schema, to its last byte; raises NotValid with what is wrong."""
    payment_file.validate(stream, MESSAGES[version])


def problem_of(payment: CreditTransfer, version: Version = "09") -> str | None:
    """Say in Dutch why a payment cannot be in a payment file; `None` when it can."""
    try:
        _line(payment, version)
    except Problem as problem:
        return str(problem)
    return None


def read(
    stream: BinaryIO, *, name: str = "betaalbestand"
) -> Iterator[tuple[CreditTransferBatch, Iterator[CreditTransfer]]]:
    """Read a payment file back: for each `PmtInf` its head and its payments, which can be read once.

    Raises NotABankFile, Unreadable or UnsafeFile.
    """
    return payment_file.read(stream, LAYOUT, file=name)


def _line_of(batch: CreditTransferBatch, version: Version) -> Callable[[CreditTransfer], str]:
    if batch.ultimate_debtor is None:
        return partial(_line, version=version)

    def line(payment: CreditTransfer) -> str:
        if payment.ultimate_debtor is not None:
            raise Problem("de batch noemt al namens wie er betaald wordt")
        return _line(payment, version)

    return line


def _line(payment: CreditTransfer, version: Version) -> str:
    """One payment as a line of XML; raises Problem."""
    (
        end_to_end_id,
        cents,
        creditor,
        iban,
        bic,
        where,
        text,
        reference,
        purpose,
        resident,
        instruction,
        for_whom,
        number,
        uetr,
    ) = payment
    if uetr is not None and version == "03":
        raise Problem("een UETR kan pas vanaf pain.001.001.09")
    return (
        f"<CdtTrfTxInf>{payment_file.ids(end_to_end_id, instruction, uetr)}"
        f'<Amt><InstdAmt Ccy="EUR">{amount(cents)}</InstdAmt></Amt>'
        f"{'' if resident is None else ultimate('UltmtDbtr', resident, 'de naam van de inwoner')}"
        f"{'' if bic is None else f'<CdtrAgt>{agent(bic, BIC_TAGS[version])}</CdtrAgt>'}"
        f"<Cdtr><Nm>{name(creditor)}</Nm>"
        f"{'' if where is None else address(where)}{'' if number is None else organisation(number)}</Cdtr>"
        f"<CdtrAcct><Id><IBAN>{account(iban)}</IBAN></Id></CdtrAcct>"
        f"{'' if for_whom is None else ultimate('UltmtCdtr', for_whom, 'de uiteindelijke ontvanger')}"
        f"{'' if purpose is None else purpose_code(purpose)}{remittance(text, reference)}</CdtTrfTxInf>\n"
    )


def _head(batch: CreditTransferBatch, version: Version, totals: Totals) -> str:
    """Everything before the first payment; raises Problem."""
    debtor = name(batch.debtor_name, "de naam van de rekeninghouder")
    initiator = f"<Nm>{name(batch.initiating_party or debtor, 'de naam van de indiener')}</Nm>"
    if batch.initiating_party_id is not None:
        initiator += organisation(batch.initiating_party_id)
    day = f"<Dt>{batch.execution_date}</Dt>" if version == "09" else f"{batch.execution_date}"
    where = "" if batch.debtor_address is None else address(batch.debtor_address)
    for_whom = "" if batch.ultimate_debtor is None else ultimate("UltmtDbtr", batch.ultimate_debtor, "namens")
    if batch.charge_bearer != CHARGES:
        raise Problem(f"kosten {batch.charge_bearer} kan niet; in SEPA kan alleen {CHARGES}")
    return (
        payment_file.group_header(
            MESSAGES[version], batch.message_id, batch.created_at, totals, initiator, "CstmrCdtTrfInitn"
        )
        + f"<PmtInf><PmtInfId>{identifier(batch.payment_information_id)}</PmtInfId><PmtMtd>TRF</PmtMtd>"
        f"<BtchBookg>{flag(batch.batch_booking)}</BtchBookg>{payment_file.sums(totals)}"
        f"<PmtTpInf>{_kind(batch)}</PmtTpInf><ReqdExctnDt>{day}</ReqdExctnDt>"
        f"<Dbtr><Nm>{debtor}</Nm>{where}</Dbtr>"
        f"<DbtrAcct><Id><IBAN>{account(batch.debtor_iban)}</IBAN></Id><Ccy>EUR</Ccy></DbtrAcct>"
        f"<DbtrAgt>{agent(batch.debtor_bic, BIC_TAGS[version])}</DbtrAgt>{for_whom}"
        f"<ChrgBr>{CHARGES}</ChrgBr>\n"
    )


def _kind(batch: CreditTransferBatch) -> str:
    if batch.instruction_priority not in {None, *PRIORITIES}:
        raise Problem(f"{batch.instruction_priority} is geen voorrang; {' of '.join(PRIORITIES)} kan")
    if batch.local_instrument not in {None, INSTANT}:
        raise Problem(f"{batch.local_instrument} is geen soort overboeking; alleen {INSTANT} kan")
    category = batch.category_purpose
    if category is not None:
        code(category, CATEGORY, "soort betaling (CtgyPurp) van vier letters")
    return (
        optional("<InstrPrty>", batch.instruction_priority, "</InstrPrty>")
        + "<SvcLvl><Cd>SEPA</Cd></SvcLvl>"
        + optional("<LclInstrm><Cd>", batch.local_instrument, "</Cd></LclInstrm>")
        + optional("<CtgyPurp><Cd>", category, "</Cd></CtgyPurp>")
    )


_NUMBER: Table = {"OrgId": {"Othr": {"Id": "creditor_id"}}}
_HEAD: Table = {
    "PmtInfId": "payment_information_id",
    "PmtMtd": "method",
    "NbOfTxs": "number",
    "CtrlSum": "total",
    "BtchBookg": "batch_booking",
    "PmtTpInf": {"InstrPrty": "priority", "LclInstrm": {"Cd": "instrument"}, "CtgyPurp": {"Cd": "category"}},
    "ReqdExctnDt": coded("execution_date"),
    "Dbtr": {"Nm": "name", "PstlAdr": payment_fields.ADDRESS},
    "DbtrAcct": {"Id": {"IBAN": "iban"}, "Ccy": "currency"},
    "DbtrAgt": payment_fields.AGENT,
    "UltmtDbtr": {"Nm": "ultimate_debtor"},
    "ChrgBr": "charges",
}
_PAYMENT: Table = {
    "PmtId": payment_fields.PAYMENT_ID,
    "Amt": {"InstdAmt": money("amount")},
    "UltmtDbtr": {"Nm": "ultimate_debtor"},
    "CdtrAgt": payment_fields.AGENT,
    "Cdtr": {"Nm": "name", "PstlAdr": payment_fields.ADDRESS, "Id": _NUMBER},
    "CdtrAcct": {"Id": {"IBAN": "iban"}},
    "UltmtCdtr": {"Nm": "ultimate_creditor"},
    "Purp": {"Cd": "purpose"},
    "RmtInf": payment_fields.REMITTANCE,
}


def _batch(group: Found, said: Found) -> CreditTransferBatch:
    debtor = said.get("name") or ""
    payment_fields.is_ours(said, "TRF")
    initiator = group.get("initiator")
    return CreditTransferBatch(
        message_id=group["message_id"],
        payment_information_id=said["payment_information_id"],
        created_at=datetime.fromisoformat(group["created_at"]),
        execution_date=payment_fields.day_of(said["execution_date"]),
        debtor_name=debtor,
        debtor_iban=payment_fields.iban_of({"iban": said["iban"]}),
        debtor_bic=unspaced(said.get("bic")),
        batch_booking=payment_fields.books_at_once(said),
        category_purpose=said.get("category"),
        instruction_priority=said.get("priority"),
        initiating_party=None if initiator == debtor else initiator,
        local_instrument=said.get("instrument"),
        charge_bearer=said.get("charges") or CHARGES,
        debtor_address=payment_fields.address_of(said),
        initiating_party_id=group.get("initiating_party_id"),
        ultimate_debtor=said.get("ultimate_debtor"),
    )


def _paid(said: Found, cents: int) -> CreditTransfer:
    get = said.get
    return CreditTransfer(
        end_to_end_id=get("end_to_end_id") or "",
        amount_cents=cents,
        creditor_name=said["name"],
        creditor_iban=payment_fields.iban_of(said),
        creditor_bic=unspaced(get("bic")),
        creditor_address=payment_fields.address_of(said),
        remittance=payment_fields.text_of(said),
        reference=get("reference"),
        purpose=get("purpose"),
        ultimate_debtor=get("ultimate_debtor"),
        instruction_id=get("instruction_id"),
        ultimate_creditor=get("ultimate_creditor"),
        creditor_id=get("creditor_id"),
        uetr=get("uetr"),
    )


LAYOUT: Final = Layout(
    "betaalbestand (pain.001)",
    re.compile(re.escape(payment_file.NAMESPACE) + r"pain\.001\.001\.(?:0[3-9]|1[0-3])"),
    "CdtTrfTxInf",
    (payment_fields.GROUP, _HEAD, _PAYMENT),
    _batch,
    _paid,
)
