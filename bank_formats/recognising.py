"""What kind of file this is, told by its first bytes alone: a name says nothing.

Whoever chose the wrong file reads which file it is, and which one to choose instead.
"""

import codecs
import re
from enum import StrEnum
from typing import NamedTuple

from bank_formats import xml
from bank_formats.errors import Code, NotABankFile

SEEN_BYTES = 16 * 1024
"""So much of a file tells tables and texts apart."""


class Kind(StrEnum):
    """The kinds of file that a person may choose, on purpose or by mistake."""

    STATEMENT = "statement"
    MT940 = "mt940"
    STATUS_REPORT = "status_report"
    PAYMENT_FILE = "payment_file"
    COLLECTION_FILE = "collection_file"
    OTHER_MESSAGE = "other_message"
    UNKNOWN_NAMESPACE = "unknown_namespace"
    EMPTY = "empty"
    HTML_PAGE = "html_page"
    PDF = "pdf"
    TABLE = "table"
    OFFICE_DOCUMENT = "office_document"
    JSON = "json"
    IMAGE = "image"
    PLAIN_TEXT = "plain_text"
    OTHER_STATEMENT = "other_statement"
    ENCRYPTED = "encrypted"
    GZIP = "gzip"
    ZIP = "zip"
    OTHER_ARCHIVE = "other_archive"
    UNKNOWN_KIND = "unknown_kind"


class Recognised(NamedTuple):
    """The kind of a file; of XML its root, and what it calls itself, such as `camt.053.001.08`."""

    kind: Kind
    called: str | None = None
    root: xml.Root | None = None


ISO = re.compile(
    r"urn:(?:iso:std:iso:20022:tech|swift):xsd:(?:swift\.)?\$?"
    r"([a-z]{4})\.([0-9]{3})\.([0-9]{3})\.([0-9]{2})(?:\.[a-z]{2}\.[0-9]{2})?"
)
MESSAGES = {
    ("camt", "052"): Kind.STATEMENT,
    ("camt", "053"): Kind.STATEMENT,
    ("camt", "054"): Kind.STATEMENT,
    ("pain", "001"): Kind.PAYMENT_FILE,
    ("pain", "002"): Kind.STATUS_REPORT,
    ("pain", "008"): Kind.COLLECTION_FILE,
}
NAMES = {
    "camt.029": "een antwoord op een verzoek tot terughalen",
    "camt.050": "een overboeking van liquiditeit",
    "camt.055": "een verzoek om betalingen terug te halen",
    "camt.056": "een verzoek tussen banken om een betaling terug te halen",
    "camt.060": "een verzoek om een afschrift",
    "camt.086": "een overzicht van bankkosten",
    "pain.007": "een terugboeking van incasso's",
    "pain.009": "een nieuwe machtiging",
    "pain.013": "een betaalverzoek",
    "pain.014": "een antwoord op een betaalverzoek",
}
MAGIC = (
    (b"PK\x03\x04", Kind.ZIP),
    (b"PK\x05\x06", Kind.ZIP),
    (b"PK\x07\x08", Kind.ZIP),
    (b"\x1f\x8b", Kind.GZIP),
    (b"%PDF-", Kind.PDF),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Kind.OFFICE_DOCUMENT),
    (b"{\\rtf", Kind.OFFICE_DOCUMENT),
    (b"\x89PNG", Kind.IMAGE),
    (b"\xff\xd8\xff", Kind.IMAGE),
    (b"GIF8", Kind.IMAGE),
    (b"II*\0", Kind.IMAGE),
    (b"MM\0*", Kind.IMAGE),
    (b"Rar!\x1a\x07", Kind.OTHER_ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", Kind.OTHER_ARCHIVE),
    (b"BZh", Kind.OTHER_ARCHIVE),
    (b"\xfd7zXZ\0", Kind.OTHER_ARCHIVE),
    (b"\x28\xb5\x2f\xfd", Kind.OTHER_ARCHIVE),
    (b"Salted__", Kind.ENCRYPTED),
    (b"age-encryption.org/", Kind.ENCRYPTED),
)
TAR = (257, b"ustar")
ENCRYPTED = re.compile(rb"-----BEGIN (?:PGP|PKCS7|CMS|AGE)|(?i:content-type:\s*application/(?:x-)?pkcs7)")
BINARY_PGP = re.compile(rb"[\x84\x85\xc1][\x00-\xff]{0,5}\x03[\x00-\xff]{8}[\x01\x02\x03\x10\x12]")
HTML = re.compile(
    rb"(?>\s+|<\?xml[^>]*>|<!--(?>.*?-->))*+"  # possessive: a hostile file must not make it try again
    rb"<(?:!doctype\s+html|html|head|body|title|meta|script|div|table|center|h1|p|br|form)(?=[\s/>])",
    re.IGNORECASE | re.DOTALL,
)
HTML_NAMESPACE = "http://www.w3.org/1999/xhtml"
FIELD = re.compile(
    rb"(?:^|[\r\n])[\0-\x20]*(?:\{4:)?"
    rb":(?:20|21|25P?|28C?|60[FM]|61|62[FM]|64|65|86|9[04][02CD]?|94[02]|34F|13D?|NS):"
)
FIRST_FIELD = re.compile(rb"[\0-\x20]*(?:\{4:\s*)?:(?:20|25P?|28C?|60[FM]|940|942):")
OTHER_STATEMENTS = (
    (re.compile(rb"\s*(?:OFXHEADER:|<\?OFX|<OFX>|(?:<\?xml[^>]*>\s*)<\?OFX)", re.IGNORECASE), "OFX"),
    (re.compile(rb"\s*!(?:Type|Account|Option):", re.IGNORECASE), "QIF"),
    (re.compile(rb"01,[^,\r\n]*,[^,\r\n]*,[0-9]{6},"), "BAI2"),
    (re.compile(rb"0000[0-9][0-9]{6}[0-9]{3}05"), "CODA"),
    (re.compile(rb"0001[A-Z]CLIEOP03"), "ClieOp03"),
)
DELIMITERS = (b";", b"\t", b",", b"|")
TABLE_LINES = 5
"""So many lines decide whether a text is a table; their number of delimiters must be the same."""
PRINTABLE = bytes({7, 8, 9, 10, 11, 12, 13, 26, 27} | set(range(32, 256)))


def recognise(start: bytes, *, file: str) -> Recognised:
    """Tell what kind of file begins with these bytes (at best some 64 KiB of it).

    Raises Refused for XML that is not even well-formed up to its first element, or has a DOCTYPE.
    """
    start = start.rstrip(b"\0") if start.startswith(b"\0") else start
    if not start.removeprefix(codecs.BOM_UTF8).strip():
        return Recognised(Kind.EMPTY)
    for magic, kind in MAGIC:
        if start.startswith(magic):
            return Recognised(kind)
    if start[TAR[0] :].startswith(TAR[1]):
        return Recognised(Kind.OTHER_ARCHIVE)
    text = as_bytes_of_text(start[:SEEN_BYTES])
    if looks_like_mt940(text):
        return Recognised(Kind.MT940)
    for pattern, name in OTHER_STATEMENTS:
        if pattern.match(text):
            return Recognised(Kind.OTHER_STATEMENT, name)
    if HTML.match(text):
        return Recognised(Kind.HTML_PAGE)
    if looks_like_xml(start):
        return _message(xml.root_of(start, file=file))
    return Recognised(_kind_of_text(start, text))


def _message(root: xml.Root) -> Recognised:
    """Which message an XML document is."""
    if root.namespace == HTML_NAMESPACE or (not root.namespace and root.name.lower() == "html"):
        return Recognised(Kind.HTML_PAGE)
    found = ISO.fullmatch(root.namespace)
    if found is None:
        return Recognised(Kind.UNKNOWN_NAMESPACE, root.namespace or root.name, root)
    called = ".".join(found.groups())
    kind = MESSAGES.get((found[1], found[2]), Kind.OTHER_MESSAGE)
    if root.name != "Document":
        kind = Kind.UNKNOWN_NAMESPACE
        called = root.name
    return Recognised(kind, called, root)


def _kind_of_text(start: bytes, text: bytes) -> Kind:
    if ENCRYPTED.search(text) or BINARY_PGP.match(start):
        return Kind.ENCRYPTED
    if start[:2] == b"BM" or start[8:12] == b"WEBP" or start[4:12] in {b"ftypheic", b"ftypmif1"}:
        return Kind.IMAGE
    if text.translate(None, PRINTABLE):
        return Kind.UNKNOWN_KIND
    stripped = text.lstrip()
    if re.match(rb'\{\s*["}]|\[\s*[\[{"\]0-9]', stripped):
        return Kind.JSON
    return Kind.TABLE if _is_table(stripped) else Kind.PLAIN_TEXT


def _is_table(text: bytes) -> bool:
    """Whether the first lines hold the same number of delimiters, those between quotes not counted."""
    lines = [re.sub(rb'"[^"]*"', b"", line) for line in text.splitlines() if line.strip()][:TABLE_LINES]
    return bool(lines) and any(
        {line.count(delimiter) for line in lines} == {lines[0].count(delimiter)} != {0}
        and (len(lines) > 1 or lines[0].count(delimiter) > 1)
        for delimiter in DELIMITERS
    )


def as_bytes_of_text(start: bytes) -> bytes:
    """The text of a file in a kin of ASCII, without its byte order mark; UTF-16 is told by its mark."""
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return start[: len(start) // 2 * 2].decode("utf-16", errors="replace").encode()
    while start.startswith(codecs.BOM_UTF8):
        start = start.removeprefix(codecs.BOM_UTF8)
    return start


def looks_like_xml(start: bytes) -> bool:
    """Whether a file begins with an element or a declaration, in UTF-8, UTF-16 or a kin of ASCII."""
    while start.startswith(codecs.BOM_UTF8):
        start = start.removeprefix(codecs.BOM_UTF8)
    utf16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    if start.startswith(utf16):
        return as_bytes_of_text(start[:SEEN_BYTES]).lstrip().startswith(b"<")
    return start.lstrip().startswith((b"<", b"\0<"))


def looks_like_mt940(start: bytes) -> bool:
    """Whether a file is MT940 or MT942: fields such as `:20:` at the start of lines, or an envelope.

    Blank lines, control characters and a line of the bank may come before.
    """
    text = as_bytes_of_text(start)
    if re.match(rb"[\0-\x20]*(?:\{1:[FAL]\d\d|\{4:\s*:)", text) or FIRST_FIELD.match(text):
        return True
    return len({field.strip(b"\0\r\n\t ") for field in FIELD.findall(text[:SEEN_BYTES])}) > 1


CHOOSE_STATEMENT = "Kies het afschrift dat de bank heeft gemaakt (camt.053 of MT940)."
DOWNLOAD = "Kies bij de bank voor downloaden als camt.053."
SENTENCES: dict[Kind, tuple[str, str]] = {
    Kind.STATEMENT: ("dit is een rekeningafschrift", "Lees het in als afschrift."),
    Kind.MT940: ("dit is een rekeningafschrift (MT940)", "Lees het in als afschrift."),
    Kind.STATUS_REPORT: (
        "dit is een statusrapport van de bank (pain.002), geen afschrift",
        "Kies hier het afschrift.",
    ),
    Kind.PAYMENT_FILE: (
        "dit is een betaalbestand (pain.001) dat naar de bank gaat, geen afschrift",
        CHOOSE_STATEMENT,
    ),
    Kind.COLLECTION_FILE: (
        "dit is een incassobestand (pain.008) dat naar de bank gaat, geen afschrift",
        CHOOSE_STATEMENT,
    ),
    Kind.OTHER_MESSAGE: ("dit is een ander bericht ({called})", CHOOSE_STATEMENT),
    Kind.UNKNOWN_NAMESPACE: ("dit is XML, maar geen bankbericht dat wij kennen", CHOOSE_STATEMENT),
    Kind.EMPTY: ("het bestand is leeg", "Haal het bestand opnieuw op bij de bank."),
    Kind.HTML_PAGE: (
        "dit is een webpagina, geen bankbestand",
        "Log opnieuw in bij de bank en download het afschrift nog een keer.",
    ),
    Kind.PDF: ("dit is een PDF, en die is voor mensen", DOWNLOAD),
    Kind.TABLE: ("dit is een tabel (CSV), en daarin ontbreken gegevens", DOWNLOAD),
    Kind.OFFICE_DOCUMENT: ("dit is een bestand van Excel, Word of een ander kantoorprogramma", DOWNLOAD),
    Kind.JSON: ("dit is JSON, geen bankbestand", CHOOSE_STATEMENT),
    Kind.IMAGE: ("dit is een plaatje", DOWNLOAD),
    Kind.PLAIN_TEXT: ("dit is gewone tekst, geen bankbestand", CHOOSE_STATEMENT),
    Kind.OTHER_STATEMENT: ("dit bestand is {called}, en dat lezen wij niet", DOWNLOAD),
    Kind.ENCRYPTED: (
        "dit bestand is versleuteld",
        "Ontsleutel het eerst, met de sleutel die u met de bank hebt afgesproken.",
    ),
    Kind.GZIP: ("dit bestand is ingepakt (gzip)", "Pak het bestand uit."),
    Kind.ZIP: ("dit bestand is ingepakt (zip)", "Pak het bestand uit."),
    Kind.OTHER_ARCHIVE: (
        "dit bestand is ingepakt op een manier die wij niet lezen",
        "Pak het bestand uit, of kies bij de bank voor zip.",
    ),
    Kind.UNKNOWN_KIND: ("dit is geen bankbestand dat wij kennen", CHOOSE_STATEMENT),
}
CODES = {Kind.MT940: Code.STATEMENT, Kind.GZIP: Code.OTHER_ARCHIVE, Kind.ZIP: Code.OTHER_ARCHIVE}
"""Codes that are not called as their kind."""


def code_of(kind: Kind) -> Code:
    """The code of the refusal of a file because it is of this kind."""
    return CODES.get(kind) or Code(kind.value)


def refusal(recognised: Recognised, *, file: str) -> NotABankFile:
    """The refusal of a file of this kind, saying what it is and which file to choose instead."""
    kind, called, _ = recognised
    problem, remedy = SENTENCES[kind]
    name = called or ""
    for prefix, means in NAMES.items():
        if name.startswith(prefix):
            name = f"{name}, {means}"
    return NotABankFile(
        problem.format(called=name),
        code=code_of(kind),
        file=file,
        value=called if kind is Kind.UNKNOWN_NAMESPACE else None,
        remedy=remedy,
    )
