"""The one hardened XML parser: bytes in, elements out, and nothing that a hostile file could use.

No document type definitions, no entities, no network, libxml2's limits on depth and text, and a limit on what
may pass between two elements that somebody waits for, so that memory stays flat whatever the file holds.

What an element says is gathered by a table of names. A rule in it is the name that a text is kept under, a
table for what is inside, a name with a table (the name tells that the element was there), or a function.
"""

import codecs
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from io import RawIOBase
from typing import Any, BinaryIO, NamedTuple, cast

from lxml import etree
from lxml.etree import _Element

from bank_formats.errors import NotABankFile, Unreadable, UnsafeFile

Found = dict[str, Any]
Rule = Any  # str | Table | tuple[str, Table] | Callable[[_Element, Found], None]: mypy knows no such circle
Table = Mapping[str, Rule]
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
}
DECLARED = re.compile(rb"^\s*<\?xml[^>]*\bencoding\s*=")
BYTE_ORDER_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
NEVER_SENT = "Banken sturen dit nooit. Vraag na waar het bestand vandaan komt."


class Root(NamedTuple):
    """The first element of a document: its namespace (empty without one) and name."""

    namespace: str
    name: str


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
    return Root(name.namespace or "", name.localname)


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
    parser = _parser("end", tags)
    events = parser.read_events()
    unseen = total = 0
    try:
        for chunk in _readable(stream):
            parser.feed(chunk)
            unseen += len(chunk)
            total += len(chunk)
            for _, element in events:
                unseen = 0
                yield element
            if unseen > PIECE_BYTES:
                raise UnsafeFile(
                    f"een onderdeel is groter dan {PIECE_BYTES:,} bytes", file=file, remedy=NEVER_SENT
                )
            if total > FILE_BYTES:
                raise UnsafeFile(
                    f"het bestand is groter dan {FILE_BYTES:,} bytes", file=file, remedy=NEVER_SENT
                )
        parser.close()
    except etree.XMLSyntaxError as error:
        raise not_well_formed(error, file=file) from error
    for _, element in events:
        yield element


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


def gather(element: _Element, table: Table, found: Found) -> None:
    """Keep what the table names of an element's children; the first of several wins."""
    rule_of = table.get
    for child in element:
        rule = rule_of(child.tag)
        if rule is None:
            continue
        kind = rule.__class__
        if kind is str:
            if rule not in found:
                text = child.text
                if text:
                    found[rule] = text
        elif kind is dict:
            gather(child, rule, found)
        elif kind is tuple:
            found[rule[0]] = True
            gather(child, rule[1], found)
        else:
            rule(child, found)


def qualified(table: Table, namespace: str) -> Table:
    """The table with the names of one namespace, as elements carry them."""

    def inside(rule: Rule) -> Rule:
        match rule:
            case Mapping():
                return qualified(rule, namespace)
            case (name, inner):
                return (name, qualified(inner, namespace))
            case _:
                return rule

    return {f"{{{namespace}}}{name}": inside(rule) for name, rule in table.items()}


def money(name: str) -> Callable[[_Element, Found], None]:
    """Keep an amount as (text, currency)."""

    def keep(element: _Element, found: Found) -> None:
        if name not in found:
            found[name] = (element.text, element.get("Ccy"))

    return keep


def several(name: str) -> Callable[[_Element, Found], None]:
    """Keep every text, in order."""

    def keep(element: _Element, found: Found) -> None:
        text = element.text
        if text:
            found.setdefault(name, []).append(text)

    return keep


def coded(name: str) -> Callable[[_Element, Found], None]:
    """Keep a text that later versions put one level down, in `Cd` or `Prtry`."""

    def keep(element: _Element, found: Found) -> None:
        inner: _Element = element[0] if len(element) else element
        if name not in found and inner.text:
            found[name] = inner.text

    return keep


def squeeze(text: str | None) -> str | None:
    """A text with runs of white space made one blank; `None` when nothing is left."""
    return " ".join(text.split()) or None if text else None


def unspaced(text: str | None) -> str | None:
    """An account number without blanks."""
    return "".join(text.split()) or None if text else None


def whole(text: str | None) -> int | None:
    """A whole number of digits; `None` for anything else."""
    stripped = text.strip() if text else ""
    return int(stripped) if stripped.isascii() and stripped.isdigit() and len(stripped) < 19 else None  # noqa: PLR2004
