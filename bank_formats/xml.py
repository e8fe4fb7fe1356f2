"""The one hardened XML parser: bytes in, elements out, and nothing that a hostile file could use.

No document type definitions, no entities, no network, libxml2's limits on depth and text, and a limit on what
may pass between two elements that somebody waits for, so that memory stays flat whatever the file holds.
"""

import codecs
import re
from collections.abc import Iterator, Mapping, Sequence
from io import RawIOBase
from typing import Any, BinaryIO, NamedTuple, cast

from lxml import etree
from lxml.etree import _Element

from bank_formats.errors import Code, NotABankFile, Refused, Unreadable, UnsafeFile
from bank_formats.runs import Cutter, Reader, Record, Run

CHUNK_BYTES = 64 * 1024
PROLOG_BYTES = 64 * 1024
PIECE_BYTES = 1024 * 1024
"""What an entry, a detail or a statement's head may measure; real ones are a few kilobytes."""
FILE_BYTES = 4 * 1024**3
"""What a whole file may measure, unpacked: four million transactions."""
SAFE = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "dtd_validation": False,
    "attribute_defaults": False,
    "huge_tree": False,
    "recover": False,
    "remove_comments": True,
    "remove_pis": True,
    "remove_blank_text": True,
}
DECLARED = re.compile(rb"<\?xml\s[^>]*?\bencoding\s*=\s*[\"']([^\"'>]*)")
DECLARATION = re.compile(rb"([ \t\r\n]*)<\?xml(\s[^<>]*?)\?>", re.IGNORECASE)
TWO_BYTES = re.compile(rb"\s+encoding\s*=\s*[\"'](?:utf-?16(?:[lb]e)?|ucs-?2|unicode)[\"']", re.IGNORECASE)
BYTE_ORDER_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
NEVER_SENT = "Banken sturen dit nooit. Vraag na waar het bestand vandaan komt."
DOCUMENT_END = b"Document>"
AS_LATIN1 = "bank_formats.latin1"
TAIL_BYTES = 256
AGAIN = "Haal het bestand opnieuw op bij de bank."
ASK_ENCODING = "Haal het bestand opnieuw op bij de bank, en bewaar het zonder het te openen."
ENCODING_ERRORS = {
    etree.ErrorTypes.ERR_UNKNOWN_ENCODING: (Code.UNKNOWN_ENCODING, "deze tekencodering kennen wij niet"),
    etree.ErrorTypes.ERR_UNSUPPORTED_ENCODING: (Code.UNKNOWN_ENCODING, "deze tekencodering kennen wij niet"),
    etree.ErrorTypes.ERR_ENCODING_NAME: (Code.UNKNOWN_ENCODING, "deze tekencodering kennen wij niet"),
    etree.ErrorTypes.ERR_INVALID_ENCODING: (
        Code.WRONG_ENCODING,
        "er staan tekens in die niet kunnen in de tekencodering die het bestand noemt",
    ),
}
SYNTAX_ERRORS = {
    etree.ErrorTypes.ERR_DOCUMENT_EMPTY: "het begint niet met een element",
    etree.ErrorTypes.ERR_DOCUMENT_END: "na het einde van het bericht staat nog iets",
    etree.ErrorTypes.ERR_INVALID_CHAR: "er staat een teken in dat niet mag",
    etree.ErrorTypes.ERR_INVALID_CHARREF: "er staat een teken in dat niet mag",
    etree.ErrorTypes.ERR_UNDECLARED_ENTITY: "er staat een afkorting (&...;) in die niet bestaat",
    etree.ErrorTypes.ERR_NAME_REQUIRED: "er staat een los &-teken of <-teken in",
    etree.ErrorTypes.ERR_ENTITYREF_SEMICOL_MISSING: "er staat een los &-teken in",
    etree.ErrorTypes.ERR_LT_IN_ATTRIBUTE: "er staat een los <-teken in",
    etree.ErrorTypes.ERR_TAG_NAME_MISMATCH: "een onderdeel eindigt anders dan het begint",
    etree.ErrorTypes.ERR_TAG_NOT_FINISHED: "een onderdeel heeft geen einde",
    etree.ErrorTypes.ERR_ATTRIBUTE_REDEFINED: "een kenmerk staat er twee keer",
    etree.ErrorTypes.ERR_ATTRIBUTE_NOT_STARTED: "een kenmerk staat niet tussen aanhalingstekens",
    etree.ErrorTypes.NS_ERR_UNDEFINED_NAMESPACE: "een voorvoegsel van een naam is niet uitgelegd",
    etree.ErrorTypes.ERR_RESERVED_XML_NAME: "de XML-declaratie staat niet aan het begin",
}


class Root(NamedTuple):
    """The first element of a document: its namespace (empty without one), name, and namespaces by prefix."""

    namespace: str
    name: str
    prefix: str | None
    nsmap: Mapping[str | None, str]


def _parser(event: str, tags: Sequence[str] | None = None) -> Any:  # noqa: ANN401 - lxml's types know no events
    return etree.XMLPullParser(events=(event,), tag=tags, **SAFE)  # type: ignore[arg-type]  # one dict of booleans


class Replayed(RawIOBase):
    """A stream of which the first bytes were already read, given once more."""

    def __init__(self, start: bytes, rest: BinaryIO) -> None:
        self.start = start
        self.rest = rest
        self.count = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        piece, self.start = (self.start, b"") if size < 0 else (self.start[:size], self.start[size:])
        if not piece or size < 0:
            piece += self.rest.read(size)
        self.count += len(piece)
        return piece


def binary(raw: RawIOBase) -> BinaryIO:
    """The same stream, for types that ask for a whole file."""
    return cast("BinaryIO", raw)


def root_of(start: bytes, *, file: str) -> Root:
    """Find the first element in the first bytes of a file; refuses a document type definition."""
    parser = _parser("start")
    start = mended(start)
    if not is_sure(start):
        start = start.decode(errors=AS_LATIN1).encode()
    problem: etree.XMLSyntaxError | None = None
    try:
        parser.feed(start)
    except etree.XMLSyntaxError as error:
        problem = error
    found = next(iter(parser.read_events()), None)
    if found is None:
        if problem is not None:
            raise not_well_formed(parser, problem, file=file, declared=declared(start)) from problem
        if len(start) >= PROLOG_BYTES:
            raise UnsafeFile(
                f"voor het bericht staat meer dan {PROLOG_BYTES // 1024} kB", file=file, remedy=NEVER_SENT
            )
        raise NotABankFile(
            "het bestand is afgekapt; er is geen begin van een XML-bericht te vinden",
            code=Code.TRUNCATED,
            file=file,
            remedy=AGAIN,
        )
    element = found[1]
    if element.getroottree().docinfo.internalDTD is not None:
        raise UnsafeFile("het bestand bevat een DOCTYPE", code=Code.DOCTYPE, file=file, remedy=NEVER_SENT)
    namespace, _, name = str(element.tag).rpartition("}")  # QName fails on what passed for a name
    return Root(namespace.removeprefix("{"), name, element.prefix, element.nsmap)


def cutter(root: Root, *, entry: str, statement: str, reader: Reader[Record]) -> Cutter[Record]:
    """What cuts runs of entries out of a document, for `elements_and_runs`; `reader` reads each entry."""
    parser = etree.XMLParser(**SAFE)  # type: ignore[arg-type]  # one dict of booleans
    return Cutter(root.nsmap, root.prefix, entry=entry, statement=statement, parser=parser, reader=reader)


def not_well_formed(
    parser: Any,  # noqa: ANN401 - lxml's types know no log of errors
    error: etree.XMLSyntaxError,
    *,
    file: str,
    declared: str | None = None,
    is_cut_off: bool = False,
) -> Refused:
    """Turn a complaint of a parser into a refusal with its line.

    The parser speaks English: its words go along in `detail`, the sentence has ours.
    """
    first = next(iter(parser.feed_error_log), None)  # the exception may tell what followed from it
    line = (first.line if first else error.lineno) or None
    number, detail = (first.type, first.message) if first else (cast("Any", error).code, str(error.msg))
    if number == etree.ErrorTypes.ERR_RESOURCE_LIMIT:
        deep = "depth" in detail
        return UnsafeFile(
            "onderdelen zitten te diep in elkaar" if deep else "een tekst in het bestand is veel te lang",
            code=Code.TOO_DEEP if deep else Code.TOO_LARGE,
            file=file,
            line=line,
            remedy=NEVER_SENT,
            detail=detail,
        )
    if number in ENCODING_ERRORS:
        code, problem = ENCODING_ERRORS[number]
        return Unreadable(
            problem, code=code, file=file, line=line, value=declared, remedy=ASK_ENCODING, detail=detail
        )
    if is_cut_off:
        code, problem = Code.TRUNCATED, "het bestand is afgekapt; het einde ontbreekt"
    else:
        code, problem = Code.NOT_WELL_FORMED, SYNTAX_ERRORS.get(number, "het bestand is beschadigd")
        problem = f"het bestand is geen geldige XML; {problem}"
    return Unreadable(problem, code=code, file=file, line=line, remedy=AGAIN, detail=detail)


def mended(start: bytes) -> bytes:
    """The first bytes of a document with its declaration as the standard wants it; lines keep their numbers.

    White space and a second byte order mark before the declaration are harmless, and so is `<?XML`. What says
    that it is UTF-16 in bytes that cannot be, is read as if it did not say so.
    """
    mark = b""
    while start.startswith(codecs.BOM_UTF8):
        mark, start = codecs.BOM_UTF8, start.removeprefix(codecs.BOM_UTF8)
    found = DECLARATION.match(start)
    if found is None:
        return mark + start
    said = TWO_BYTES.sub(b"", found[2])
    return b"".join([mark, b"<?xml", said, b"?>", found[1], start[found.end() :]])


def declared(start: bytes) -> str | None:
    """The encoding that a document says it is written in."""
    found = DECLARED.match(start.removeprefix(codecs.BOM_UTF8))
    return found[1].decode("ascii", "replace") if found else None


def is_sure(start: bytes) -> bool:
    """Whether a document says in what encoding it is, by a declaration, a mark or its first four bytes."""
    return declared(start) is not None or start.startswith(BYTE_ORDER_MARKS) or b"\0" in start[:4]


def elements(stream: BinaryIO, tags: Sequence[str], *, file: str) -> Iterator[_Element]:
    """Give each finished element with one of these tags, in order; the caller removes what it has used.

    `tags` are in Clark notation (`{namespace}name`). Raises Refused for what is not well-formed or too large.
    """
    items: Iterator[_Element | Run[None]] = elements_and_runs(stream, tags, None, file=file)
    return cast("Iterator[_Element]", items)  # without a cutter there are no runs


def elements_and_runs(
    stream: BinaryIO, tags: Sequence[str], cutter: Cutter[Record] | None, *, file: str
) -> Iterator[_Element | Run[Record]]:
    """Give what `elements` gives, but runs of entries as such where the cutter cut them out."""
    parser = _parser("end", tags)
    events = parser.read_events()
    unseen = total = 0
    source = _Source(stream)
    try:
        for chunk in source.pieces():
            total += len(chunk)
            for piece in cutter.cut(chunk) if cutter else (chunk,):
                parser.feed(piece)
                unseen += len(piece)
                for _, element in events:
                    unseen = 0
                    yield cutter.run_at(element) if cutter and cutter.runs else element
            if unseen > PIECE_BYTES:
                raise _too_large("een onderdeel", PIECE_BYTES, file)
            if total > FILE_BYTES:
                raise _too_large("het bestand", FILE_BYTES, file)
        if cutter:
            parser.feed(cutter.rest())
        source.is_read = True
        parser.close()
    except etree.XMLSyntaxError as error:
        raise not_well_formed(
            parser, error, file=file, declared=source.declared, is_cut_off=source.is_cut_off
        ) from error
    for _, element in events:
        yield cutter.run_at(element) if cutter and cutter.runs else element


def _too_large(what: str, limit: int, file: str) -> UnsafeFile:
    return UnsafeFile(f"{what} is groter dan {limit // 1024**2} MB", file=file, remedy=NEVER_SENT)


def remove_before(element: _Element) -> None:
    """Free what stands before an element, and what stands before its parent under the same name."""
    parent = element.getparent()
    if parent is None:
        return
    while element.getprevious() is not None:
        del parent[0]
    before = parent.getprevious()
    holder = parent.getparent()
    if holder is not None and before is not None and before.tag == parent.tag:
        holder.remove(before)


class _Source:
    """The bytes of a document as the parser takes them, and whether all were given."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream
        self.start = mended(stream.read(CHUNK_BYTES))
        self.declared = declared(self.start)
        self.tail = b""
        self.is_read = False

    @property
    def is_cut_off(self) -> bool:
        """Whether all was read and the end of the document was not there."""
        return self.is_read and not self.tail.replace(b"\0", b"").rstrip().endswith(DOCUMENT_END)

    def pieces(self) -> Iterator[bytes]:
        """Pass the bytes on; where no encoding is declared, what is not UTF-8 is taken for Latin-1."""
        if is_sure(self.start):
            yield from self._as_they_are()
            return
        decoder = codecs.getincrementaldecoder("utf-8")(errors=AS_LATIN1)
        for piece in self._as_they_are():
            yield decoder.decode(piece).encode()
        yield decoder.decode(b"", final=True).encode()

    def _as_they_are(self) -> Iterator[bytes]:
        piece = self.start
        while piece:
            self.tail = (self.tail + piece)[-TAIL_BYTES:]
            yield piece
            piece = self.stream.read(CHUNK_BYTES)


def _as_latin1(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", errors="replace"), error.end


codecs.register_error(AS_LATIN1, _as_latin1)
