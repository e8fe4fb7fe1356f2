"""DirectDebitBatch <-> pain.008.001.08, streamed and judged by the official schema.

Collections are written by payment_file.py as payments are; files of .02 up to .12 are read back.
Source: ISO 20022; EPC130-08 (SEPA core direct debit, customer to bank), EPC262-08 (creditor identifier).
"""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from functools import partial
from typing import BinaryIO, Final, NamedTuple, cast, get_args

from bank_formats import payment_fields, payment_file, sepa_text
from bank_formats.direct_debit import Amendment, DirectDebit, DirectDebitBatch, Scheme, SequenceType
from bank_formats.errors import Refused
from bank_formats.fields import Found, Table, money, unspaced
from bank_formats.payment_file import (
    CATEGORY,
    NAME_LENGTH,
    REMITTANCE_LENGTH,
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
    "CannotBeCollected",
    "Fitted",
    "NotValid",
    "NothingCollected",
    "draft",
    "fitted",
    "problem_of",
    "read",
    "validate",
    "write",
]

OTHER_ACCOUNT = "SMNDA"
"""Same Mandate, New Debtor Account: what EPC130-08 writes for an account at whatever bank before."""


class CannotBeCollected(Refused):
    """Incasso {end_to_end_id} kan niet in het incassobestand: {problem}."""


class NothingCollected(Refused):
    """Incassobatch {message_id} kan niet in een incassobestand: {problem}."""


MESSAGE: Final = Message(
    "pain.008.001.08",
    "DrctDbtTxInf",
    b"</PmtInf></CstmrDrctDbtInitn></Document>\n",
    CannotBeCollected,
    NothingCollected,
)


class Fitted(NamedTuple):
    """A collection in the characters and lengths that banks take, and in Dutch what changed for that."""

    collection: DirectDebit
    changes: tuple[str, ...]


def fitted(collection: DirectDebit) -> Fitted:
    """Fit the texts of a collection; show the changes to whoever approves."""
    fit = Fitting()
    change = collection.amendment
    if change is not None:
        before = fit.text("oude naam van de incassant", change.original_creditor_name, NAME_LENGTH)
        change = change._replace(original_creditor_name=before)
    return Fitted(
        collection._replace(
            amendment=change,
            debtor_address=fit.address(collection.debtor_address),
            debtor_name=fit.text("naam", collection.debtor_name, NAME_LENGTH) or "",
            remittance=fit.text("omschrijving", collection.remittance, REMITTANCE_LENGTH),
            ultimate_debtor=fit.text("wiens schuld", collection.ultimate_debtor, NAME_LENGTH),
            ultimate_creditor=fit.text("voor wie", collection.ultimate_creditor, NAME_LENGTH),
        ),
        tuple(fit.changes),
    )


def write(batch: DirectDebitBatch, collections: Iterable[DirectDebit], out: BinaryIO) -> None:
    """Write one file of direct debits; raises before a byte goes to `out`.

    Characters are transliterated; a text that is then too long is refused: use `fitted` first. Raises
    NothingCollected for a head and CannotBeCollected for a collection that no bank takes, NotValid.
    """
    with draft(batch, collections) as made:
        made.judge()
        made.copy(out)


def draft(batch: DirectDebitBatch, collections: Iterable[DirectDebit]) -> AbstractContextManager[Draft]:
    """What `write` writes, before it is judged and copied; raises NothingCollected or CannotBeCollected."""
    return payment_file.draft(MESSAGE, batch, collections, _line_of(batch), partial(_head, batch))


def validate(stream: BinaryIO) -> None:
    """Hold a file against the official schema, to its last byte; raises NotValid with what is wrong."""
    payment_file.validate(stream, MESSAGE)


def problem_of(collection: DirectDebit) -> str | None:
    """Say in Dutch why a collection cannot be in a file; `None` when it can."""
    try:
        _line(collection)
    except Problem as problem:
        return str(problem)
    return None


def read(
    stream: BinaryIO, *, name: str = "incassobestand"
) -> Iterator[tuple[DirectDebitBatch, Iterator[DirectDebit]]]:
    """Read a file back: for each `PmtInf` its head and its collections, which can be read once.

    Raises NotABankFile, Unreadable or UnsafeFile.
    """
    return payment_file.read(stream, LAYOUT, file=name)


def _line_of(batch: DirectDebitBatch) -> Callable[[DirectDebit], str]:
    only = batch.sequence_type == "OOFF"
    collected: set[str] = set()

    def line(collection: DirectDebit) -> str:
        change = collection.amendment
        if only and change is not None:
            raise Problem("van een eenmalige machtiging (OOFF) verandert niets")
        if only and collection.mandate_id in collected:
            raise Problem(f"met machtiging {collection.mandate_id} kan maar één keer (OOFF)")
        if only:
            collected.add(collection.mandate_id)
        if change is not None and batch.creditor_id == change.original_creditor_id:
            raise Problem("het oude incassant-ID is dat van nu")
        if change is not None and batch.creditor_name == change.original_creditor_name:
            raise Problem("de oude naam van de incassant is die van nu")
        if collection.mandate_signed_on > batch.collection_date:
            raise Problem("de machtiging is getekend na de dag van de incasso")
        if batch.ultimate_creditor is not None and collection.ultimate_creditor is not None:
            raise Problem("de batch noemt al voor wie er geïncasseerd wordt")
        return _line(collection)

    return line


def _line(collection: DirectDebit) -> str:
    """One collection as a line of XML; raises Problem."""
    (
        end_to_end_id,
        cents,
        debtor,
        iban,
        mandate,
        signed_on,
        bic,
        where,
        text,
        reference,
        purpose,
        whose,
        for_whom,
        instruction,
        uetr,
        amendment,
    ) = collection
    return (
        f"<DrctDbtTxInf>{payment_file.ids(end_to_end_id, instruction, uetr)}"
        f'<InstdAmt Ccy="EUR">{amount(cents)}</InstdAmt>'
        f"<DrctDbtTx><MndtRltdInf><MndtId>{identifier(mandate)}</MndtId><DtOfSgntr>{signed_on}</DtOfSgntr>"
        f"{'' if amendment is None else _amendment(amendment, mandate, iban)}</MndtRltdInf></DrctDbtTx>"
        f"{'' if for_whom is None else ultimate('UltmtCdtr', for_whom, 'voor wie geïncasseerd wordt')}"
        f"<DbtrAgt>{agent(bic, 'BICFI')}</DbtrAgt>"
        f"<Dbtr><Nm>{name(debtor)}</Nm>{'' if where is None else address(where)}</Dbtr>"
        f"<DbtrAcct><Id><IBAN>{account(iban)}</IBAN></Id></DbtrAcct>"
        f"{'' if whose is None else ultimate('UltmtDbtr', whose, 'wiens schuld het is')}"
        f"{'' if purpose is None else purpose_code(purpose)}{remittance(text, reference)}</DrctDbtTxInf>\n"
    )


def _amendment(change: Amendment, mandate: str, iban: str) -> str:
    if change.original_mandate_id == mandate:
        raise Problem("het oude kenmerk van de machtiging is dat van nu")
    if change.original_debtor_iban == iban:
        raise Problem("de oude rekening van de machtiging is die van nu")
    if change.original_debtor_iban is not None and change.other_account:
        raise Problem("de machtiging noemt een oude rekening, en ook dat die niet genoemd wordt")
    details = ""
    if change.original_mandate_id is not None:
        details += f"<OrgnlMndtId>{identifier(change.original_mandate_id)}</OrgnlMndtId>"
    creditor = ""
    if change.original_creditor_name is not None:
        creditor += f"<Nm>{name(change.original_creditor_name, 'de oude naam van de incassant')}</Nm>"
    if change.original_creditor_id is not None:
        creditor += _creditor_id(change.original_creditor_id)
    details += optional("<OrgnlCdtrSchmeId>", creditor, "</OrgnlCdtrSchmeId>")
    if change.original_debtor_iban is not None:
        details += (
            f"<OrgnlDbtrAcct><Id><IBAN>{account(change.original_debtor_iban)}</IBAN></Id></OrgnlDbtrAcct>"
        )
    if change.other_account:
        details += f"<OrgnlDbtrAcct><Id><Othr><Id>{OTHER_ACCOUNT}</Id></Othr></Id></OrgnlDbtrAcct>"
    if not details:
        raise Problem("er staat niet wat er aan de machtiging veranderd is")
    return f"<AmdmntInd>true</AmdmntInd><AmdmntInfDtls>{details}</AmdmntInfDtls>"


def _creditor_id(identity: str) -> str:
    if not sepa_text.is_creditor_id(identity):
        raise Problem(f"{identity} is geen incassant-ID")
    return f"<Id><PrvtId><Othr><Id>{identity}</Id><SchmeNm><Prtry>SEPA</Prtry></SchmeNm></Othr></PrvtId></Id>"


def _head(batch: DirectDebitBatch, totals: Totals) -> str:
    """Everything before the first collection; raises Problem."""
    creditor = name(batch.creditor_name, "de naam van de rekeninghouder")
    initiator = f"<Nm>{name(batch.initiating_party or creditor, 'de naam van de indiener')}</Nm>"
    if batch.initiating_party_id is not None:
        initiator += organisation(batch.initiating_party_id)
    where = "" if batch.creditor_address is None else address(batch.creditor_address)
    for_whom = batch.ultimate_creditor
    if for_whom is not None:
        for_whom = ultimate("UltmtCdtr", for_whom, "voor wie geïncasseerd wordt")
    return (
        payment_file.group_header(
            MESSAGE, batch.message_id, batch.created_at, totals, initiator, "CstmrDrctDbtInitn"
        )
        + f"<PmtInf><PmtInfId>{identifier(batch.payment_information_id)}</PmtInfId><PmtMtd>DD</PmtMtd>"
        f"<BtchBookg>{flag(batch.batch_booking)}</BtchBookg>{payment_file.sums(totals)}"
        f"<PmtTpInf>{_kind(batch)}</PmtTpInf><ReqdColltnDt>{batch.collection_date}</ReqdColltnDt>"
        f"<Cdtr><Nm>{creditor}</Nm>{where}</Cdtr>"
        f"<CdtrAcct><Id><IBAN>{account(batch.creditor_iban)}</IBAN></Id><Ccy>EUR</Ccy></CdtrAcct>"
        f"<CdtrAgt>{agent(batch.creditor_bic, 'BICFI')}</CdtrAgt>{for_whom or ''}<ChrgBr>SLEV</ChrgBr>"
        f"<CdtrSchmeId>{_creditor_id(batch.creditor_id)}</CdtrSchmeId>\n"
    )


def _kind(batch: DirectDebitBatch) -> str:
    for what, kinds in ((batch.sequence_type, SequenceType), (batch.scheme, Scheme)):
        if what not in get_args(kinds):
            raise Problem(f"{what} is geen soort incasso; {', '.join(get_args(kinds))} kan")
    category = batch.category_purpose
    if category is not None:
        code(category, CATEGORY, "soort betaling (CtgyPurp) van vier letters")
    return (
        f"<SvcLvl><Cd>SEPA</Cd></SvcLvl><LclInstrm><Cd>{batch.scheme}</Cd></LclInstrm>"
        f"<SeqTp>{batch.sequence_type}</SeqTp>" + optional("<CtgyPurp><Cd>", category, "</Cd></CtgyPurp>")
    )


def _identity(key: str) -> Table:
    return {"PrvtId": {"Othr": {"Id": key}}}


_HEAD: Table = {
    "PmtInfId": "payment_information_id",
    "PmtMtd": "method",
    "NbOfTxs": "number",
    "CtrlSum": "total",
    "BtchBookg": "batch_booking",
    "PmtTpInf": {"LclInstrm": {"Cd": "scheme"}, "SeqTp": "sequence", "CtgyPurp": {"Cd": "category"}},
    "ReqdColltnDt": "collection_date",
    "Cdtr": {"Nm": "name", "PstlAdr": payment_fields.ADDRESS},
    "CdtrAcct": {"Id": {"IBAN": "iban"}, "Ccy": "currency"},
    "CdtrAgt": payment_fields.AGENT,
    "UltmtCdtr": {"Nm": "ultimate_creditor"},
    "CdtrSchmeId": {"Id": _identity("creditor_id")},
}
_MANDATE: Table = {
    "MndtId": "mandate_id",
    "DtOfSgntr": "signed_on",
    "AmdmntInfDtls": (
        "amended",
        {
            "OrgnlMndtId": "original_mandate_id",
            "OrgnlCdtrSchmeId": {"Nm": "original_creditor_name", "Id": _identity("original_creditor_id")},
            "OrgnlDbtrAcct": {"Id": {"IBAN": "original_debtor_iban", "Othr": {"Id": "other_account"}}},
        },
    ),
}
_COLLECTION: Table = {
    "PmtId": payment_fields.PAYMENT_ID,
    "InstdAmt": money("amount"),
    "DrctDbtTx": {"MndtRltdInf": _MANDATE},
    "UltmtCdtr": {"Nm": "ultimate_creditor"},
    "DbtrAgt": payment_fields.AGENT,
    "Dbtr": {"Nm": "name", "PstlAdr": payment_fields.ADDRESS},
    "DbtrAcct": {"Id": {"IBAN": "iban"}},
    "UltmtDbtr": {"Nm": "ultimate_debtor"},
    "Purp": {"Cd": "purpose"},
    "RmtInf": payment_fields.REMITTANCE,
}


def _batch(group: Found, said: Found) -> DirectDebitBatch:
    creditor = said.get("name") or ""
    payment_fields.is_ours(said, "DD")
    initiator = group.get("initiator")
    return DirectDebitBatch(
        message_id=group["message_id"],
        payment_information_id=said["payment_information_id"],
        created_at=datetime.fromisoformat(group["created_at"]),
        collection_date=payment_fields.day_of(said["collection_date"]),
        creditor_name=creditor,
        creditor_iban=payment_fields.iban_of({"iban": said["iban"]}),
        creditor_id=said["creditor_id"],
        sequence_type=cast("SequenceType", said.get("sequence") or "RCUR"),
        creditor_bic=unspaced(said.get("bic")),
        batch_booking=payment_fields.books_at_once(said),
        scheme=cast("Scheme", said.get("scheme") or "CORE"),
        category_purpose=said.get("category"),
        initiating_party=None if initiator == creditor else initiator,
        initiating_party_id=group.get("initiating_party_id"),
        creditor_address=payment_fields.address_of(said),
        ultimate_creditor=said.get("ultimate_creditor"),
    )


def _collected(said: Found, cents: int) -> DirectDebit:
    get = said.get
    amendment = None
    if get("amended"):
        amendment = Amendment(
            get("original_mandate_id"),
            get("original_creditor_id"),
            get("original_creditor_name"),
            unspaced(get("original_debtor_iban")),
            get("other_account") is not None,
        )
    return DirectDebit(
        end_to_end_id=get("end_to_end_id") or "",
        amount_cents=cents,
        debtor_name=said["name"],
        debtor_iban=payment_fields.iban_of(said),
        mandate_id=said["mandate_id"],
        mandate_signed_on=payment_fields.day_of(said["signed_on"]),
        debtor_bic=unspaced(get("bic")),
        debtor_address=payment_fields.address_of(said),
        remittance=payment_fields.text_of(said),
        reference=get("reference"),
        purpose=get("purpose"),
        ultimate_debtor=get("ultimate_debtor"),
        ultimate_creditor=get("ultimate_creditor"),
        instruction_id=get("instruction_id"),
        uetr=get("uetr"),
        amendment=amendment,
    )


LAYOUT: Final = Layout(
    "incassobestand (pain.008)",
    re.compile(re.escape(payment_file.NAMESPACE) + r"pain\.008\.001\.(?:0[2-9]|1[0-2])"),
    "DrctDbtTxInf",
    (payment_fields.GROUP, _HEAD, _COLLECTION),
    _batch,
    _collected,
)
