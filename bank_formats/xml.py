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

from bank_formats.errors import NotABankFile, Unreadable, UnsafeFile
from bank_formats.runs import Cutter, Run

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
DECLARED = re.compile(rb"^\s*<\?xml[^>]*\bencoding\s*=")
BYTE_ORDER_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
NEVER_SENT = "Banken sturen dit nooit. Vraag na waar het bestand vandaan komt."


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
    try:
        parser.feed(start)
    except etree.XMLSyntaxError as error:
        found = next(iter(parser.read_events()), None)
        if found is None:
            raise not_well_formed(error, file=file) from error
    else:
        found = next(iter(parser.read_events()), None)
    if found is None:
        raise NotABankFile(
            "er is geen begin van een XML-bericht te vinden",
            file=file,
            remedy="Kies het bestand dat de bank heeft gemaakt.",
        )
    element = found[1]
    if element.getroottree().docinfo.internalDTD is not None:
        raise UnsafeFile("het bestand bevat een DOCTYPE", file=file, remedy=NEVER_SENT)
    name = etree.QName(element)
    return Root(name.namespace or "", name.localname, element.prefix, element.nsmap)


def cutter(root: Root, *, entry: str, statement: str) -> Cutter:
    """What cuts runs of entries out of a document, for `elements`."""
    parser = etree.XMLParser(**SAFE)  # type: ignore[arg-type]  # one dict of booleans
    return Cutter(root.nsmap, root.prefix, entry=entry, statement=statement, parser=parser)


def not_well_formed(error: etree.XMLSyntaxError, *, file: str) -> Unreadable:
    """Turn a complaint of the parser into a refusal with its line."""
    return Unreadable(
        "het bestand is geen geldige XML: het is beschadigd of afgekapt",
        file=file,
        line=error.lineno or None,
        value=str(error.msg),
        remedy="Haal het bestand opnieuw op bij de bank.",
    )


def elements(stream: BinaryIO, tags: Sequence[str], *, file: str) -> Iterator[_Element]:
    """Give each finished element with one of these tags, in order; the caller removes what it has used.

    `tags` are in Clark notation (`{namespace}name`). Raises Refused for what is not well-formed or too large.
    """
    for element in elements_and_runs(stream, tags, None, file=file):
        if not isinstance(element, Run):
            yield element


def elements_and_runs(
    stream: BinaryIO, tags: Sequence[str], cutter: Cutter | None, *, file: str
) -> Iterator[_Element | Run]:
    """Give what `elements` gives, but runs of entries as such where the cutter cut them out."""
    parser = _parser("end", tags)
    events = parser.read_events()
    unseen = total = 0
    try:
        for chunk in _readable(stream):
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
        parser.close()
    except etree.XMLSyntaxError as error:
        raise not_well_formed(error, file=file) from error
    for _, element in events:
        yield cutter.run_at(element) if cutter and cutter.runs else element


def _too_large(what: str, limit: int, file: str) -> UnsafeFile:
    return UnsafeFile(f"{what} is groter dan {limit:,} bytes", file=file, remedy=NEVER_SENT)


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


def _readable(stream: BinaryIO) -> Iterator[bytes]:
    """Pass the bytes on; where no encoding is declared, bytes that are not UTF-8 are taken for Latin-1."""
    start = stream.read(CHUNK_BYTES)
    if DECLARED.match(start) or start.startswith(BYTE_ORDER_MARKS) or b"\0" in start[:4]:
        while start:
            yield start
            start = stream.read(CHUNK_BYTES)
        return
    decoder = codecs.getincrementaldecoder("utf-8")(errors="bank_formats.latin1")
    while start:
        yield decoder.decode(start).encode()
        start = stream.read(CHUNK_BYTES)
    yield decoder.decode(b"", final=True).encode()


def _as_latin1(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", errors="replace"), error.end


codecs.register_error("bank_formats.latin1", _as_latin1)
