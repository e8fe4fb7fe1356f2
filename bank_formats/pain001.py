"""CreditTransferBatch <-> pain.001.001.03 and .09, streamed and judged by the official schema.

A batch is written in three passes over one temporary file, so that memory stays flat: the payments, to know
their number and sum; the schema's judgement; the copy to where the caller wants it. The same batch gives the
same bytes.
Source: ISO 20022; EPC132-08 (SEPA credit transfer, customer to bank).
"""

import re
import tempfile
from array import array
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from functools import lru_cache
from importlib.resources import files
from typing import Any, BinaryIO, Final, Literal, NamedTuple, NoReturn, cast
from xml.sax.saxutils import escape

from lxml import etree
from lxml.etree import _Element

from bank_formats import sepa_text, xml
from bank_formats.credit_transfer import Address, CreditTransfer, CreditTransferBatch
from bank_formats.errors import NotABankFile, Refused, Unreadable
from bank_formats.fields import Found, Table, coded, money, qualified, unspaced, walked

Version = Literal["03", "09"]
NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001."
READABLE = re.compile(r"urn:iso:std:iso:20022:tech:xsd:pain\.001\.001\.[0-9]{2}")
NAME_LENGTH = 70
REMITTANCE_LENGTH = 140
LARGEST_CENTS = 99_999_999_999
BIC = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")
CODE = re.compile(r"[A-Z0-9]{1,4}")
COUNTRY = re.compile(r"[A-Z]{2}")
BUCKETS = 16
"""Ids are compared in so many turns, to hold a part of them at a time."""
COPY_BYTES = 64 * 1024
IN_MEMORY_BYTES = 1024 * 1024
ADDRESS_LENGTHS: Final = {"StrtNm": 70, "BldgNb": 16, "PstCd": 16, "TwnNm": 35}
NOT_PROVIDED = "NOTPROVIDED"


class CannotBePaid(Refused):
    """Betaling {end_to_end_id} kan niet in het betaalbestand: {problem}."""


class CannotBeSent(Refused):
    """Betaalbatch {message_id} kan niet in een betaalbestand: {problem}."""


class NotValid(Refused):
    """Het betaalbestand voldoet niet aan het schema van pain.001.001.{version}: {problem}."""


class Fitted(NamedTuple):
    """A payment in the characters and lengths that banks take, and in Dutch what had to change for that."""

    payment: CreditTransfer
    changes: tuple[str, ...]


def fitted(payment: CreditTransfer) -> Fitted:
    """Fit the texts of a payment; show the changes to whoever approves."""
    changes: list[str] = []

    def fit(what: str, text: str | None, length: int) -> str | None:
        if text is None:
            return None
        cleaned = sepa_text.clean(text, length)
        changes.extend(f"{what}: {change}" for change in cleaned.changes)
        return cleaned.text

    address = payment.creditor_address
    if address is not None:
        address = Address(
            fit("plaats", address.town, ADDRESS_LENGTHS["TwnNm"]) or "",
            address.country,
            fit("straat", address.street, ADDRESS_LENGTHS["StrtNm"]) or None,
            fit("huisnummer", address.building_number, ADDRESS_LENGTHS["BldgNb"]) or None,
            fit("postcode", address.post_code, ADDRESS_LENGTHS["PstCd"]) or None,
        )
    return Fitted(
        payment._replace(
            creditor_address=address,
            creditor_name=fit("naam", payment.creditor_name, NAME_LENGTH) or "",
            remittance=fit("omschrijving", payment.remittance, REMITTANCE_LENGTH) or None,
            ultimate_debtor=fit("naam inwoner", payment.ultimate_debtor, NAME_LENGTH) or None,
        ),
        tuple(changes),
    )


def write(
    batch: CreditTransferBatch, payments: Iterable[CreditTransfer], out: BinaryIO, version: Version = "09"
) -> None:
    """Write one payment file; raises CannotBeSent, CannotBePaid or NotValid before a byte goes to `out`.

    Characters are transliterated; a text that is then too long is refused: use `fitted` first.
    """
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES) as spool:
        held = cast("BinaryIO", spool)
        count, total_cents = _write_payments(batch, payments, held, version)
        head = _head(batch, count, total_cents, version).encode()
        tail = b"</PmtInf></CstmrCdtTrfInitn></Document>\n"
        _validate(_three(head, held, tail), version)
        out.writelines(_three(head, held, tail))


def validate(stream: BinaryIO, version: Version) -> None:
    """Hold a file against the official schema; raises NotValid with what is wrong."""
    _validate(iter(lambda: stream.read(COPY_BYTES), b""), version)


def read(
    stream: BinaryIO, *, name: str = "betaalbestand"
) -> Iterator[tuple[CreditTransferBatch, Iterator[CreditTransfer]]]:
    """Read a payment file back: for each `PmtInf` its head and its payments, which can be read once."""
    start = stream.read(xml.PROLOG_BYTES)
    root = xml.root_of(start, file=name)
    if not READABLE.fullmatch(root.namespace):
        raise NotABankFile(
            "dit is geen betaalbestand (pain.001)",
            file=name,
            value=root.namespace,
            remedy="Kies een betaalbestand.",
        )
    return _Payments(xml.binary(xml.Replayed(start, stream)), root.namespace, name).batches()


def _three(head: bytes, held: BinaryIO, tail: bytes) -> Iterator[bytes]:
    yield head
    held.seek(0)
    while piece := held.read(COPY_BYTES):
        yield piece
    yield tail


def _text(name: str, text: str | None) -> str:
    return f"<{name}>{escape(text)}</{name}>" if text else ""


def _euros(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def _head(batch: CreditTransferBatch, count: int, total_cents: int, version: Version) -> str:
    """Everything before the first payment; refuses what no bank takes."""

    def refuse(problem: str) -> CannotBeSent:
        return CannotBeSent(message_id=batch.message_id, problem=problem)

    for identifier in (batch.message_id, batch.payment_information_id):
        if problem := sepa_text.problem_of_identifier(identifier):
            raise refuse(problem)
    if not count:
        raise refuse("er zit geen betaling in")
    if not sepa_text.is_iban(batch.debtor_iban):
        raise refuse(f"{batch.debtor_iban} is geen IBAN")
    if batch.debtor_bic is not None and not BIC.fullmatch(batch.debtor_bic):
        raise refuse(f"{batch.debtor_bic} is geen BIC")
    debtor = sepa_text.clean(batch.debtor_name, NAME_LENGTH).text
    initiator = sepa_text.clean(batch.initiating_party or batch.debtor_name, NAME_LENGTH).text
    if not (debtor and initiator):
        raise refuse("de naam van de rekeninghouder ontbreekt")
    totals = f"<NbOfTxs>{count}</NbOfTxs><CtrlSum>{_euros(total_cents)}</CtrlSum>"
    day = f"<Dt>{batch.execution_date}</Dt>" if version == "09" else f"{batch.execution_date}"
    kind = (
        _text("InstrPrty", batch.instruction_priority)
        + "<SvcLvl><Cd>SEPA</Cd></SvcLvl>"
        + (f"<CtgyPurp>{_text('Cd', batch.category_purpose)}</CtgyPurp>" if batch.category_purpose else "")
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Document xmlns="{NAMESPACE}{version}"><CstmrCdtTrfInitn>\n'
        f"<GrpHdr>{_text('MsgId', batch.message_id)}<CreDtTm>{batch.created_at:%Y-%m-%dT%H:%M:%S}</CreDtTm>"
        f"{totals}<InitgPty>{_text('Nm', initiator)}</InitgPty></GrpHdr>\n"
        f"<PmtInf>{_text('PmtInfId', batch.payment_information_id)}<PmtMtd>TRF</PmtMtd>"
        f"{_text('BtchBookg', 'true' if batch.batch_booking else 'false')}{totals}<PmtTpInf>{kind}</PmtTpInf>"
        f"<ReqdExctnDt>{day}</ReqdExctnDt><Dbtr>{_text('Nm', debtor)}</Dbtr>"
        f"<DbtrAcct><Id>{_text('IBAN', batch.debtor_iban)}</Id><Ccy>EUR</Ccy></DbtrAcct>"
        f"<DbtrAgt><FinInstnId>{_agent(batch.debtor_bic, version)}</FinInstnId></DbtrAgt>"
        "<ChrgBr>SLEV</ChrgBr>\n"
    )


def _agent(bic: str | None, version: Version) -> str:
    if bic is None:
        return f"<Othr><Id>{NOT_PROVIDED}</Id></Othr>"
    return _text("BIC" if version == "03" else "BICFI", bic)


def _write_payments(
    batch: CreditTransferBatch, payments: Iterable[CreditTransfer], held: BinaryIO, version: Version
) -> tuple[int, int]:
    """Write the payments, one on a line; gives their number and their sum in cents."""
    total_cents = 0
    ids = array("q")
    for payment in payments:
        held.write(_payment(payment, version).encode())
        total_cents += payment.amount_cents
        ids.append(hash(payment.end_to_end_id))
    different = sum(len({id for id in ids if id % BUCKETS == bucket}) for bucket in range(BUCKETS))
    if different != len(ids) and (twice := _twice(held)):
        raise CannotBeSent(message_id=batch.message_id, problem=f"EndToEndId {twice} komt twee keer voor")
    return len(ids), total_cents


def _twice(held: BinaryIO) -> str:
    seen: set[bytes] = set()
    held.seek(0)
    for line in held:
        found = line[line.index(b"<EndToEndId>") + 12 : line.index(b"</EndToEndId>")]
        if found in seen:
            return found.decode()
        seen.add(found)
    return ""


def problem_of(payment: CreditTransfer) -> str | None:
    """Say in Dutch why a payment cannot be in a payment file; `None` when it can."""
    for identifier in (payment.end_to_end_id, payment.instruction_id):
        if identifier is not None and (problem := sepa_text.problem_of_identifier(identifier)):
            return problem
    if not 1 <= payment.amount_cents <= LARGEST_CENTS:
        return f"het bedrag {_euros(payment.amount_cents)} is niet tussen 0.01 en {_euros(LARGEST_CENTS)}"
    if not sepa_text.is_iban(payment.creditor_iban):
        return f"{payment.creditor_iban} is geen IBAN"
    if payment.creditor_bic is not None and not BIC.fullmatch(payment.creditor_bic):
        return f"{payment.creditor_bic} is geen BIC"
    if payment.purpose is not None and not CODE.fullmatch(payment.purpose):
        return f"{payment.purpose} is geen doelcode van vier letters"
    return _problem_of_texts(payment)


def _problem_of_texts(payment: CreditTransfer) -> str | None:
    reference = payment.reference
    if reference is not None:
        if payment.remittance is not None:
            return "er staan een kenmerk en een omschrijving; er kan er maar één mee"
        if not (sepa_text.is_betalingskenmerk(reference) or sepa_text.is_creditor_reference(reference)):
            return f"{reference} is geen betalingskenmerk en geen RF-kenmerk"
    texts = (
        ("de naam", payment.creditor_name, NAME_LENGTH),
        ("de omschrijving", payment.remittance, REMITTANCE_LENGTH),
        ("de naam van de inwoner", payment.ultimate_debtor, NAME_LENGTH),
    )
    for what, text, length in texts:
        if text is None:
            continue
        written = _written(text)
        if not written:
            return f"van {what} blijft geen leesbaar teken over"
        if len(written) > length:
            return f"{what} heeft {len(written)} tekens; {length} kan"
    return _problem_of_address(payment.creditor_address)


def _problem_of_address(address: Address | None) -> str | None:
    if address is None:
        return None
    if not COUNTRY.fullmatch(address.country):
        return f"{address.country} is geen landcode van twee letters"
    for name, part in _address_parts(address):
        if part is not None and not 1 <= len(_written(part)) <= ADDRESS_LENGTHS[name]:
            return f"“{part}” past niet in het adres ({name}, {ADDRESS_LENGTHS[name]} tekens)"
    return None


def _address_parts(address: Address) -> Iterable[tuple[str, str | None]]:
    return (
        ("StrtNm", address.street),
        ("BldgNb", address.building_number),
        ("PstCd", address.post_code),
        ("TwnNm", address.town),
    )


@lru_cache(maxsize=4096)
def _written(text: str) -> str:
    """A text in SEPA's characters, at its full length."""
    return sepa_text.clean(text, len(text) * 40).text


def _payment(payment: CreditTransfer, version: Version) -> str:
    """One payment as a line of XML; raises CannotBePaid."""
    problem = problem_of(payment)
    if problem:
        raise CannotBePaid(end_to_end_id=payment.end_to_end_id, problem=problem)
    (
        end_to_end_id,
        cents,
        name,
        iban,
        bic,
        address,
        remittance,
        reference,
        purpose,
        resident,
        instruction,
    ) = payment
    agent = f"<CdtrAgt><FinInstnId>{_agent(bic, version)}</FinInstnId></CdtrAgt>" if bic else ""
    ultimate = f"<UltmtDbtr><Nm>{_escaped(resident)}</Nm></UltmtDbtr>" if resident else ""
    if reference:
        issuer = "ISO" if reference.startswith("RF") else "CUR"
        said = (
            "<RmtInf><Strd><CdtrRefInf><Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry>"
            f"<Issr>{issuer}</Issr></Tp><Ref>{reference}</Ref></CdtrRefInf></Strd></RmtInf>"
        )
    else:
        said = f"<RmtInf><Ustrd>{_escaped(remittance)}</Ustrd></RmtInf>" if remittance else ""
    return (
        f"<CdtTrfTxInf><PmtId>{f'<InstrId>{escape(instruction)}</InstrId>' if instruction else ''}"
        f"<EndToEndId>{escape(end_to_end_id)}</EndToEndId></PmtId>"
        f'<Amt><InstdAmt Ccy="EUR">{_euros(cents)}</InstdAmt></Amt>{ultimate}{agent}'
        f"<Cdtr><Nm>{_escaped(name)}</Nm>{_address(address) if address else ''}</Cdtr>"
        f"<CdtrAcct><Id><IBAN>{iban}</IBAN></Id></CdtrAcct>"
        f"{f'<Purp><Cd>{purpose}</Cd></Purp>' if purpose else ''}{said}</CdtTrfTxInf>\n"
    )


@lru_cache(maxsize=4096)
def _escaped(text: str) -> str:
    return escape(_written(text))


def _address(address: Address) -> str:
    parts = "".join(_text(name, part and _written(part)) for name, part in _address_parts(address))
    return f"<PstlAdr>{parts}<Ctry>{address.country}</Ctry></PstlAdr>"


@lru_cache(maxsize=2)
def _schema(version: Version) -> etree.XMLSchema:
    with files("bank_formats").joinpath(f"schemas/pain.001.001.{version}.xsd").open("rb") as stream:
        return etree.XMLSchema(etree.parse(stream, etree.XMLParser(**xml.SAFE)))  # type: ignore[arg-type]


def _validate(pieces: Iterator[bytes], version: Version) -> None:
    """Hold a file, piece by piece, against the schema; what was judged is freed.

    A second parser judges whether it is well-formed at all: with a schema, lxml's parser for pieces passes
    over what is cut off.
    """
    options: dict[str, Any] = {**xml.SAFE, "schema": _schema(version)}
    payment = f"{{{NAMESPACE}{version}}}CdtTrfTxInf"
    parsers: list[Any] = [
        etree.XMLPullParser(events=("end",), tag=payment, **chosen) for chosen in (xml.SAFE, options)
    ]
    start = b""
    try:
        for piece in pieces:
            if not start:
                start = piece
                xml.root_of(start[: xml.PROLOG_BYTES], file="betaalbestand")
            for parser in parsers:
                parser.feed(piece)
                for _, element in parser.read_events():
                    xml.remove_before(element)
        for parser in parsers:
            parser.close()
    except etree.XMLSyntaxError as error:
        raise NotValid(version=version, problem=error.msg.rstrip(".")) from error


_NAME: Table = {"Nm": "name"}
_AGENT: Table = {"FinInstnId": {"BIC": "bic", "BICFI": "bic"}}
_HEAD: Table = {
    "PmtInfId": "payment_information_id",
    "BtchBookg": "batch_booking",
    "PmtTpInf": {"InstrPrty": "priority", "CtgyPurp": {"Cd": "category"}},
    "ReqdExctnDt": coded("execution_date"),
    "Dbtr": _NAME,
    "DbtrAcct": {"Id": {"IBAN": "iban"}},
    "DbtrAgt": _AGENT,
}
_GROUP: Table = {"MsgId": "message_id", "CreDtTm": "created_at", "InitgPty": _NAME}
_PAYMENT: Table = {
    "PmtId": {"InstrId": "instruction_id", "EndToEndId": "end_to_end_id"},
    "Amt": {"InstdAmt": money("amount")},
    "UltmtDbtr": {"Nm": "ultimate_debtor"},
    "CdtrAgt": _AGENT,
    "Cdtr": {
        "Nm": "name",
        "PstlAdr": {
            "StrtNm": "street",
            "BldgNb": "building_number",
            "PstCd": "post_code",
            "TwnNm": "town",
            "Ctry": "country",
        },
    },
    "CdtrAcct": {"Id": {"IBAN": "iban"}},
    "Purp": {"Cd": "purpose"},
    "RmtInf": {"Ustrd": "remittance", "Strd": {"CdtrRefInf": {"Ref": "reference"}}},
}
AMOUNT = re.compile(r"([0-9]{1,9})(?:\.([0-9]{1,2}))?")


class _Payments:
    """A payment file while it is read."""

    def __init__(self, stream: BinaryIO, namespace: str, file: str) -> None:
        self.file = file
        self.group_tag, self.head_tag, self.payment_tag = (
            f"{{{namespace}}}{name}" for name in ("GrpHdr", "PmtInf", "CdtTrfTxInf")
        )
        self.tables = [qualified(table, namespace) for table in (_GROUP, _HEAD, _PAYMENT)]
        self.group: Found = {}
        self.elements = xml.elements(stream, (self.group_tag, self.head_tag, self.payment_tag), file=file)

    def batches(self) -> Iterator[tuple[CreditTransferBatch, Iterator[CreditTransfer]]]:
        for element in self.elements:
            if element.tag == self.group_tag:
                self.group = walked(element, self.tables[0])
            elif element.tag == self.payment_tag:
                owner = element.getparent()
                if owner is None or owner.tag != self.head_tag:
                    self._refuse(element, "een betaling staat op een verkeerde plaats")
                payments = self._payments(element, owner)
                yield self._batch(owner), payments
                for _ in payments:
                    pass
            xml.remove_before(element)

    def _payments(self, first: _Element, owner: _Element) -> Iterator[CreditTransfer]:
        element: _Element | None = first
        while element is not None and element is not owner:
            yield self._payment(element)
            xml.remove_before(element)
            element = next(self.elements, None)

    def _batch(self, element: _Element) -> CreditTransferBatch:
        said = walked(element, self.tables[1])
        name = said.get("name") or ""
        initiator = self.group.get("name")
        try:
            return CreditTransferBatch(
                message_id=self.group["message_id"],
                payment_information_id=said["payment_information_id"],
                created_at=datetime.fromisoformat(self.group["created_at"].strip()),
                execution_date=date.fromisoformat(said["execution_date"].strip()[:10]),
                debtor_name=name,
                debtor_iban=unspaced(said["iban"]) or "",
                debtor_bic=unspaced(said.get("bic")),
                batch_booking=said.get("batch_booking", "").strip() in {"true", "1"},
                category_purpose=said.get("category"),
                instruction_priority=said.get("priority"),
                initiating_party=None if initiator == name else initiator,
            )
        except (KeyError, ValueError) as error:
            self._refuse(element, "het hoofd van de betaalbatch is niet compleet", str(error))

    def _payment(self, element: _Element) -> CreditTransfer:
        said = walked(element, self.tables[2])
        text, currency = said.get("amount") or (None, None)
        amount = AMOUNT.fullmatch((text or "").strip())
        if amount is None or currency != "EUR":
            self._refuse(element, "dit is geen bedrag in euro's", text)
        get = said.get
        address = None
        if get("country"):
            address = Address(
                get("town", ""), said["country"], get("street"), get("building_number"), get("post_code")
            )
        return CreditTransfer(
            end_to_end_id=get("end_to_end_id", ""),
            amount_cents=int(amount[1]) * 100 + int((amount[2] or "").ljust(2, "0")),
            creditor_name=get("name", ""),
            creditor_iban=unspaced(get("iban")) or "",
            creditor_bic=unspaced(get("bic")),
            creditor_address=address,
            remittance=get("remittance"),
            reference=get("reference"),
            purpose=get("purpose"),
            ultimate_debtor=get("ultimate_debtor"),
            instruction_id=get("instruction_id"),
        )

    def _refuse(self, element: _Element, problem: str, value: str | None = None) -> NoReturn:
        raise Unreadable(
            problem,
            file=self.file,
            line=cast("int | None", element.sourceline),
            path=etree.QName(element).localname,
            value=value,
            remedy="Kies een betaalbestand dat in een betaalbatch is gemaakt.",
        )
