"""What every payment file (pain.001, pain.008) has in common: its pieces, its judgement, reading it back.

A file is written in three passes over one temporary file, so that memory stays flat: the payments, a line
each, to know their number and sum; the judgement of the official schema; the copy to where it should go.
Source: ISO 20022; EPC132-08 (credit transfer) and EPC130-08 (direct debit), customer to bank; EPC230-15.
"""

import re
import tempfile
from array import array
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files
from itertools import islice
from typing import Any, BinaryIO, Final, Generic, NamedTuple, NoReturn, Protocol, TypeVar, cast

from lxml import etree
from lxml.etree import _Element

from bank_formats import sepa_text, xml
from bank_formats.credit_transfer import Address
from bank_formats.errors import Code, NotABankFile, Refused, Unreadable
from bank_formats.fields import Found, Table, qualified, walked, whole

NAME_LENGTH = 70
REMITTANCE_LENGTH = 140
LARGEST_CENTS = 99_999_999_999
ONE_EURO = 100
ADDRESS_LENGTHS: Final = {"StrtNm": 70, "BldgNb": 16, "PstCd": 16, "TwnNm": 35}
NOT_PROVIDED = "NOTPROVIDED"
NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:"
BICS: Final = {
    "BIC": re.compile(r"[A-Z]{6}[A-Z2-9][A-NP-Z0-9](?:[A-Z0-9]{3})?"),
    "BICFI": re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?"),
}
"""What a BIC looks like, by its element: the older one takes fewer."""
PURPOSE = re.compile(r"[A-Z0-9]{1,4}")
CATEGORY = re.compile(r"[A-Z0-9]{4}")
COUNTRY = re.compile(r"[A-Z]{2}")
UETR = re.compile(r"[a-f0-9]{8}-[a-f0-9]{4}-4[a-f0-9]{3}-[89ab][a-f0-9]{3}-[a-f0-9]{12}")
PLAIN: Final = sepa_text.PLAIN_IDENTIFIER.fullmatch
SUM = re.compile(r"[0-9]{1,18}(?:\.[0-9]{0,17})?")
AMOUNT = re.compile(r"([0-9]{1,9})(?:\.([0-9]{1,2}))?")
IDS_AT_ONCE = 1 << 17
"""Ids are compared in turns, to hold so many of them at a time."""
PAYMENTS_AT_ONCE = 512
RUN_BYTES = 256 * 1024
"""So many bytes of payments are judged at once."""
IN_MEMORY_BYTES = 1024 * 1024


class CannotBePaid(Refused):
    """Betaling {end_to_end_id} kan niet in het betaalbestand: {problem}."""


class CannotBeSent(Refused):
    """Betaalbatch {message_id} kan niet in een betaalbestand: {problem}."""


class NotValid(Refused):
    """Het betaalbestand voldoet niet aan het schema van {message}: {problem}."""


class Problem(Exception):
    """Why a piece of a payment cannot be in a file, in Dutch; `write` tells whose it was."""


class Message(NamedTuple):
    """A kind of payment file: its name (`pain.001.001.09`), and that of its payments (`CdtTrfTxInf`)."""

    name: str
    payment: str
    tail: bytes
    refused_payment: type[Refused] = CannotBePaid
    refused_batch: type[Refused] = CannotBeSent


class Totals(NamedTuple):
    """The number of payments (`NbOfTxs`) and their sum in cents (`CtrlSum`)."""

    payments: int
    total_cents: int


class Payment(Protocol):
    """What every payment has."""

    @property
    def end_to_end_id(self) -> str: ...
    @property
    def amount_cents(self) -> int: ...


Paid = TypeVar("Paid", bound=Payment)
Head = TypeVar("Head")


class Batch(Protocol):
    """What the head of every payment file has."""

    @property
    def message_id(self) -> str: ...


# The pieces: each gives what goes into the file, or raises Problem. None holds what XML would escape.


def identifier(text: str) -> str:
    """A MsgId, PmtInfId, InstrId, EndToEndId or MndtId."""
    if PLAIN(text) is None and (problem := sepa_text.problem_of_identifier(text)):
        raise Problem(problem)
    return text


def amount(cents: int) -> str:
    """An amount as euros with two decimals: 0.01 to 999999999.99."""
    if ONE_EURO <= cents <= LARGEST_CENTS:
        digits = str(cents)
        return f"{digits[:-2]}.{digits[-2:]}"
    if not 1 <= cents < ONE_EURO:
        raise Problem(f"het bedrag {shown(cents)} is niet tussen {shown(1)} en {shown(LARGEST_CENTS)}")
    return euros(cents)


def account(iban: str) -> str:
    """An IBAN."""
    if not sepa_text.is_sepa_iban(iban):
        is_elsewhere = sepa_text.is_iban(iban)
        raise Problem(
            f"{iban} is {'van een bank buiten het betaalgebied SEPA' if is_elsewhere else 'geen IBAN'}"
        )
    return iban


@lru_cache(maxsize=4096)
def agent(bic: str | None, tag: str) -> str:
    """`FinInstnId` of a bank by its BIC, or as not provided."""
    if bic is None:
        return f"<FinInstnId><Othr><Id>{NOT_PROVIDED}</Id></Othr></FinInstnId>"
    if not BICS[tag].fullmatch(bic):
        raise Problem(f"{bic} is geen BIC")
    return f"<FinInstnId><{tag}>{bic}</{tag}></FinInstnId>"


def code(text: str, form: re.Pattern[str], what: str) -> str:
    """A code in the form of an ISO 20022 external code list."""
    if not form.fullmatch(text):
        raise Problem(f"{text} is geen {what}")
    return text


def free_text(text: str, longest: int, what: str) -> str:
    """A text in SEPA's characters; one that is then empty or too long is a problem: see `fitted`."""
    written = text if sepa_text.is_tidy(text) else sepa_text.clean(text, len(text) * 40).text
    if not written:
        raise Problem(f"van {what} blijft geen leesbaar teken over")
    if len(written) > longest:
        raise Problem(f"{what} heeft {len(written)} tekens; {longest} kan")
    return written


@lru_cache(maxsize=4096)
def name(text: str, what: str = "de naam") -> str:
    """The name of a party (`Nm`), at most 70 characters."""
    return free_text(text, NAME_LENGTH, what)


def address(given: Address) -> str:
    """A structured address (`PstlAdr`), with a town and a country."""
    if not COUNTRY.fullmatch(given.country):
        raise Problem(f"{given.country} is geen landcode van twee letters")
    parts = (
        ("StrtNm", given.street),
        ("BldgNb", given.building_number),
        ("PstCd", given.post_code),
        ("TwnNm", given.town),
    )
    written = "".join(
        f"<{tag}>{free_text(part or '', ADDRESS_LENGTHS[tag], f'het adres ({tag})')}</{tag}>"
        for tag, part in parts
        if part or tag == "TwnNm"
    )
    return f"<PstlAdr>{written}<Ctry>{given.country}</Ctry></PstlAdr>"


def ids(end_to_end_id: str, instruction: str | None, uetr: str | None) -> str:
    """`PmtId`: the payment's own id, and perhaps one for our bank and a UETR."""
    first = "" if instruction is None else f"<InstrId>{identifier(instruction)}</InstrId>"
    last = "" if uetr is None else f"<UETR>{code(uetr, UETR, 'UETR')}</UETR>"
    return f"<PmtId>{first}<EndToEndId>{identifier(end_to_end_id)}</EndToEndId>{last}</PmtId>"


def ultimate(tag: str, party: str, what: str) -> str:
    """`UltmtDbtr` or `UltmtCdtr`: for whom is paid, or received."""
    return f"<{tag}><Nm>{name(party, what)}</Nm></{tag}>"


def organisation(number: str) -> str:
    """`Id` of a party: a number that it is known by, held to what holds for a MsgId."""
    try:
        return f"<Id><OrgId><Othr><Id>{identifier(number)}</Id></Othr></OrgId></Id>"
    except Problem as problem:
        raise Problem(f"het nummer “{number}” kan niet: {problem}") from None


@lru_cache(maxsize=256)
def purpose_code(purpose: str) -> str:
    """`Purp` by its code."""
    return f"<Purp><Cd>{code(purpose, PURPOSE, 'doelcode van vier letters')}</Cd></Purp>"


def flag(yes: bool) -> str:  # noqa: FBT001 - the one argument
    """A yes or no as XML has it."""
    return "true" if yes else "false"


def remittance(text: str | None, reference: str | None) -> str:
    """`RmtInf`: free text of at most 140 characters, or else a reference for computers, or nothing."""
    if reference is None:
        if text is None:
            return ""
        return f"<RmtInf><Ustrd>{free_text(text, REMITTANCE_LENGTH, 'de omschrijving')}</Ustrd></RmtInf>"
    if text is not None:
        raise Problem("er staan een kenmerk en een omschrijving; er kan er maar één mee")
    if sepa_text.is_creditor_reference(reference):
        issuer = "ISO"
    elif sepa_text.is_betalingskenmerk(reference):
        issuer = "CUR"
    else:
        raise Problem(f"{reference} is geen betalingskenmerk en geen RF-kenmerk")
    return (
        "<RmtInf><Strd><CdtrRefInf><Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry>"
        f"<Issr>{issuer}</Issr></Tp><Ref>{reference}</Ref></CdtrRefInf></Strd></RmtInf>"
    )


def group_header(
    message: Message, message_id: str, created_at: datetime, totals: Totals, initiator: str, root: str
) -> str:
    """The first lines of a file: `GrpHdr`, in which a name of the initiator and what follows it stand."""
    if created_at.tzinfo is not None:
        raise Problem("het tijdstip van maken noemt een tijdzone; Nederlandse tijd zonder tijdzone kan")
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Document xmlns="{NAMESPACE}{message.name}"><{root}>\n'
        f"<GrpHdr><MsgId>{identifier(message_id)}</MsgId><CreDtTm>{created_at.isoformat(timespec='seconds')}</CreDtTm>"
        f"{sums(totals)}<InitgPty>{initiator}</InitgPty></GrpHdr>\n"
    )


def sums(totals: Totals) -> str:
    """`NbOfTxs` and `CtrlSum`."""
    if not totals.payments:
        raise Problem("er zit geen betaling in")
    return f"<NbOfTxs>{totals.payments}</NbOfTxs><CtrlSum>{euros(totals.total_cents)}</CtrlSum>"


class Fitting:
    """Texts made to fit, and in Dutch what had to change for that."""

    def __init__(self) -> None:
        self.changes: list[str] = []

    def text(self, what: str, text: str | None, longest: int) -> str | None:
        """A text in SEPA's characters, shortened where it must be; `None` where nothing is left."""
        if text is None:
            return None
        cleaned = sepa_text.clean(text, longest)
        self.changes.extend(f"{what}: {change}" for change in cleaned.changes)
        return cleaned.text or None

    def number(self, what: str, number: str | None) -> str | None:
        """A number in SEPA's characters; never shortened, which would make it another."""
        return None if number is None else self.text(what, number, len(number) * 40)

    def address(self, where: Address | None) -> Address | None:
        """An address of texts that fit."""
        if where is None:
            return None
        return Address(
            self.text("plaats", where.town, ADDRESS_LENGTHS["TwnNm"]) or "",
            where.country,
            self.text("straat", where.street, ADDRESS_LENGTHS["StrtNm"]),
            self.text("huisnummer", where.building_number, ADDRESS_LENGTHS["BldgNb"]),
            self.text("postcode", where.post_code, ADDRESS_LENGTHS["PstCd"]),
        )


def optional(before: str, text: str | None, after: str) -> str:
    """A piece with what stands around it; nothing where there is none."""
    return f"{before}{text}{after}" if text else ""


def euros(cents: int) -> str:
    """Cents as euros with two decimals."""
    whole, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{whole}.{rest:02d}"


def shown(cents: int) -> str:
    """Cents as euros in a Dutch sentence: € 1.234,56."""
    whole, rest = divmod(abs(cents), 100)
    thousands = f"{whole:,}".replace(",", ".")
    return f"€ {'-' if cents < 0 else ''}{thousands},{rest:02d}"


# Writing


class Draft(NamedTuple):
    """A payment file that nobody has yet: judge it, then copy it."""

    message: Message
    head: bytes
    held: BinaryIO

    def judge(self) -> None:
        """Hold the file against the official schema, run by run of its payments; raises NotValid.

        Each run stands for this between the file's own head and tail. The schema asks nothing of one payment
        about another, and the tail closes no more than the head opened: so when each of these documents is
        well-formed and valid, then so is the whole.
        """
        schema = _schema(self.message.name)
        parser = etree.XMLParser(**xml.SAFE)  # type: ignore[arg-type]  # one dict of booleans
        self.held.seek(0)
        while run := self.held.read(RUN_BYTES):
            run += self.held.readline()
            try:
                document = etree.fromstring(b"".join((self.head, run, self.message.tail)), parser)
            except etree.XMLSyntaxError as error:
                raise _not_valid(self.message.name, error.msg) from error
            try:
                schema.assertValid(document)
            except etree.DocumentInvalid as error:
                raise _not_valid(self.message.name, str(error)) from error

    def copy(self, out: BinaryIO) -> None:
        """Write the file to where it should go."""
        out.write(self.head)
        self.held.seek(0)
        while piece := self.held.read(RUN_BYTES):
            out.write(piece)
        out.write(self.message.tail)


@contextmanager
def draft(
    message: Message,
    batch: Batch,
    payments: Iterable[Paid],
    line: Callable[[Paid], str],
    head: Callable[[Totals], str],
) -> Generator[Draft]:
    """Write the payments to a temporary file, a line each, and the head that tells their number and sum."""
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES) as spool:
        held = cast("BinaryIO", spool)
        totals = _spooled(message, batch, payments, line, held)
        try:
            start = head(totals)
        except Problem as problem:
            raise message.refused_batch(message_id=batch.message_id, problem=str(problem)) from None
        yield Draft(message, start.encode(), held)


def _spooled(
    message: Message, batch: Batch, payments: Iterable[Paid], line: Callable[[Paid], str], held: BinaryIO
) -> Totals:
    total_cents = 0
    ids = array("q")
    rest = iter(payments)
    while some := list(islice(rest, PAYMENTS_AT_ONCE)):
        held.write("".join(_lines(message, some, line)).encode())
        total_cents += sum([payment.amount_cents for payment in some])
        ids.extend([hash(payment.end_to_end_id) for payment in some])
    turns = 1 + len(ids) // IDS_AT_ONCE
    different = (
        len(set(ids))
        if turns == 1
        else sum(len({id for id in ids if id % turns == turn}) for turn in range(turns))
    )
    if different != len(ids) and (twice := _twice(held)):
        raise message.refused_batch(
            message_id=batch.message_id, problem=f"EndToEndId {twice} komt twee keer voor"
        )
    return Totals(len(ids), total_cents)


def _lines(message: Message, some: Sequence[Paid], line: Callable[[Paid], str]) -> list[str]:
    lines: list[str] = []
    try:
        lines.extend(map(line, some))
    except Problem as problem:
        refused = some[len(lines)].end_to_end_id
        raise message.refused_payment(end_to_end_id=refused, problem=str(problem)) from None
    return lines


def _twice(held: BinaryIO) -> str:
    """The first id that a line above it had too; empty where only hashes were the same."""
    seen: set[bytes] = set()
    held.seek(0)
    for line in held:
        found = line[line.index(b"<EndToEndId>") + 12 : line.index(b"</EndToEndId>")]
        if found in seen:
            return found.decode()
        seen.add(found)
    return ""


def validate(stream: BinaryIO, message: Message) -> None:
    """Hold a whole file, whoever wrote it, against the official schema; raises NotValid with what is wrong.

    What was judged is freed. A second parser judges whether the file is well-formed at all: with a schema,
    lxml's parser for pieces passes over what is cut off.
    """
    options: dict[str, Any] = {**xml.SAFE, "schema": _schema(message.name)}
    tag = f"{{{NAMESPACE}{message.name}}}{message.payment}"
    parsers: list[Any] = [
        etree.XMLPullParser(events=("end",), tag=tag, **chosen) for chosen in (xml.SAFE, options)
    ]
    piece = stream.read(xml.PROLOG_BYTES)
    xml.root_of(piece, file="betaalbestand")
    try:
        while piece:
            for parser in parsers:
                parser.feed(piece)
                for _, element in parser.read_events():
                    xml.remove_before(element)
            piece = stream.read(xml.CHUNK_BYTES)
        for parser in parsers:
            parser.close()
    except etree.XMLSyntaxError as error:
        raise _not_valid(message.name, error.msg) from error


def _not_valid(message: str, problem: str | None) -> NotValid:
    return NotValid(message=message, problem=(problem or "").rstrip("."))


@lru_cache(maxsize=8)
def _schema(message: str) -> etree.XMLSchema:
    with files("bank_formats").joinpath(f"schemas/{message}.xsd").open("rb") as stream:
        return etree.XMLSchema(etree.parse(stream, etree.XMLParser(**xml.SAFE)))  # type: ignore[arg-type]


# Reading back


class Layout(NamedTuple, Generic[Head, Paid]):
    """How a kind of payment file is read: its name, its tables, and what is made of what they find."""

    what: str
    namespaces: re.Pattern[str]
    payment: str
    tables: tuple[Table, Table, Table]
    """Of `GrpHdr`, of `PmtInf`, and of a payment."""
    batch: Callable[[Found, Found], Head]
    """Raises KeyError or ValueError for a head that is not complete, Problem for one that is not ours."""
    paid: Callable[[Found, int], Paid]


def read(stream: BinaryIO, layout: Layout[Head, Paid], *, file: str) -> Iterator[tuple[Head, Iterator[Paid]]]:
    """Read a payment file back: for each `PmtInf` its head and its payments, which can be read once."""
    start = stream.read(xml.PROLOG_BYTES)
    root = xml.root_of(start, file=file)
    if not layout.namespaces.fullmatch(root.namespace):
        raise NotABankFile(
            f"dit is geen {layout.what}", file=file, value=root.namespace, remedy=f"Kies een {layout.what}."
        )
    return _Reading(xml.binary(xml.Replayed(start, stream)), root.namespace, layout, file).batches()


REMEDY = "Kies een betaalbestand dat in een betaalbatch is gemaakt."


class _Reading(Generic[Head, Paid]):
    """A payment file while it is read."""

    def __init__(self, stream: BinaryIO, namespace: str, layout: Layout[Head, Paid], file: str) -> None:
        self.file = file
        self.layout = layout
        self.group_tag, self.head_tag, self.payment_tag = (
            f"{{{namespace}}}{name}" for name in ("GrpHdr", "PmtInf", layout.payment)
        )
        self.tables = [qualified(table, namespace) for table in layout.tables]
        self.group: Found = {}
        self.all = Totals(0, 0)
        self.elements = xml.elements(stream, (self.group_tag, self.head_tag, self.payment_tag), file=file)

    def batches(self) -> Iterator[tuple[Head, Iterator[Paid]]]:
        for element in self.elements:
            if element.tag == self.group_tag:
                self.group = _said(element, self.tables[0])
            elif element.tag == self.payment_tag:
                owner = element.getparent()
                if owner is None or owner.tag != self.head_tag:
                    self._refuse(element, "een betaling staat op een verkeerde plaats")
                payments = self._payments(element, owner)
                yield self._batch(owner), payments
                for _ in payments:
                    pass
            xml.remove_before(element)
        self._agree(self.group, self.all)

    def _payments(self, first: _Element, owner: _Element) -> Iterator[Paid]:
        said = _said(owner, self.tables[1])
        count = cents = 0
        element: _Element | None = first
        while element is not None and element is not owner:
            payment = self._payment(element)
            count += 1
            cents += payment.amount_cents
            yield payment
            xml.remove_before(element)
            element = next(self.elements, None)
        self.all = Totals(self.all.payments + count, self.all.total_cents + cents)
        self._agree(said, Totals(count, cents))

    def _agree(self, said: Found, read: Totals) -> None:
        """Refuse a file that tells another number of payments, or another sum, than were read."""
        number, total = said.get("number"), said.get("total")
        for told, agrees, problem in (
            (number, whole(number) == read.payments, f"er staan {read.payments} betalingen in"),
            (total, _cents(total) == read.total_cents, f"de betalingen zijn samen {shown(read.total_cents)}"),
        ):
            if told is not None and not agrees:
                raise Unreadable(
                    f"{problem}, en het bestand noemt een ander totaal",
                    code=Code.WRONG_AMOUNT,
                    file=self.file,
                    value=told,
                    remedy=REMEDY,
                )

    def _batch(self, element: _Element) -> Head:
        try:
            return self.layout.batch(self.group, _said(element, self.tables[1]))
        except Problem as problem:
            self._refuse(element, str(problem))
        except (KeyError, ValueError) as error:
            self._refuse(element, "het hoofd van de betaalbatch is niet compleet", str(error))

    def _payment(self, element: _Element) -> Paid:
        said = _said(element, self.tables[2])
        text, currency = said.get("amount") or (None, None)
        found = AMOUNT.fullmatch((text or "").strip())
        if found is None or currency != "EUR":
            self._refuse(element, "dit is geen bedrag in euro's", text)
        cents = int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))
        try:
            return self.layout.paid(said, cents)
        except (KeyError, ValueError) as error:
            self._refuse(element, "de betaling is niet compleet", str(error))

    def _refuse(self, element: _Element, problem: str, value: str | None = None) -> NoReturn:
        raise Unreadable(
            problem,
            file=self.file,
            line=cast("int | None", element.sourceline),
            path=etree.QName(element).localname,
            value=value,
            remedy=REMEDY,
        )


def _said(element: _Element, table: Table) -> Found:
    """What an element says; a blank text says nothing."""
    return {key: value for key, value in walked(element, table).items() if value is not None}


def _cents(total: str | None) -> Decimal | None:
    """A sum in cents; `None` for what is no number."""
    return Decimal(total) * 100 if total and SUM.fullmatch(total) else None
