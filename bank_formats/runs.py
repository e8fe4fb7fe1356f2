"""Runs of entries, cut out of a long message and read at once: in a third of the time of element by element.

The parser of the message gets everything but the runs, and an empty marker of the same name where each was.
The result is that of parsing the whole, because a run is only cut where it must stand in content:

- nothing that the message's parser got before it holds a comment, a section, an instruction or a second
  declaration of namespaces (`<!`, `<?`, `xmlns`); without those, `<` begins a tag;
- the run is by itself whole entries of the right name with nothing between them. Each entry is well-formed
  when its tags are, which a parser told of its shape (fields.py), and its texts hold nothing that needs one.
  Where that cannot be told, a parser gets the run: a cut inside anything else leaves it ill-formed;
- the marker tells the reader in which element the run stood.

Where any of this does not hold, cutting ends for good and the message's parser gets all that follows.
"""

import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Generic, NamedTuple, Protocol, TypeVar
from xml.sax.saxutils import quoteattr

from lxml import etree
from lxml.etree import _Element

PROLOG = re.compile(
    rb"""(?:\xef\xbb\xbf)?\s*(?:<\?xml[^<>]*?(?:encoding\s*=\s*["'](?P<encoding>[^"'<>]*)["'][^<>]*)?\?>)?\s*"""
    rb"""<[^<>?!]+>"""
)
ENCODINGS = (None, b"utf-8", b"us-ascii")
XML_BLANKS = " \t\r\n"  # Python knows many more, which XML forbids or keeps
BLANKS = re.compile(rf">[{XML_BLANKS}]+<")
NOT_PLAIN = (b"<!", b"<?", b"xmlns")
LONGEST_MARK = 5
MARK = "run"
LONGEST_ENTRY = 256 * 1024
LONGEST_TAG = 64

Record = TypeVar("Record")
Said_co = TypeVar("Said_co", covariant=True)


class NotPlain(ValueError):
    """XML that only a parser can be trusted with."""


class Reader(Protocol[Said_co]):
    """What reads an entry; `written` raises NotPlain for XML that is not one whole entry, or not plain."""

    def written(self, xml: str) -> Said_co: ...

    def of(self, element: _Element) -> Said_co: ...


class Context(NamedTuple):
    """The tags around a piece of a message that give its names their namespaces."""

    begin: str
    end: str

    @classmethod
    def of(cls, nsmap: Mapping[str | None, str]) -> "Context":
        """Say the namespaces of a message's first element again."""
        spaces = " ".join(f"xmlns{':' + p if p else ''}={quoteattr(uri)}" for p, uri in nsmap.items())
        return cls(f"<runs {spaces}>", "</runs>")


class _Cut(NamedTuple):
    """The bytes of a run, and the line before it."""

    source: bytes
    line: int
    context: Context
    parser: etree.XMLParser

    def parsed(self) -> _Element:
        """The run in an element around it; raises lxml.etree.XMLSyntaxError."""
        begin, end = self.context
        return etree.fromstring(b"".join([begin.encode(), self.source, end.encode()]), self.parser)


class Run(Generic[Record]):
    """Entries that stood where the marker is: what each says; as XML, and as elements when asked for.

    `line` added to a line of an element is that of the file.
    """

    def __init__(self, said: Sequence[Record], written: Sequence[str], cut: _Cut) -> None:
        self.said = said
        self.written = written
        self.line = cut.line
        self.marker: _Element
        self._cut = cut

    @cached_property
    def elements(self) -> Sequence[_Element]:
        """The entries as elements."""
        return list(self._cut.parsed())


class Cutter(Generic[Record]):
    """Cuts a message into what its parser gets and runs of entries."""

    def __init__(
        self,
        nsmap: Mapping[str | None, str],
        prefix: str | None,
        *,
        entry: str,
        statement: str,
        parser: etree.XMLParser,
        reader: Reader[Record],
    ) -> None:
        name = f"{prefix}:{entry}" if prefix else entry
        self.tag = f"{{{nsmap[prefix]}}}{entry}"
        self.begin, self.end = f"<{name}>".encode(), f"</{name}>".encode()
        self.statement_end = f"</{prefix}:{statement}".encode() if prefix else f"</{statement}".encode()
        self.marker = f'<{name} {MARK}=""/>'.encode()
        self.context = Context.of(nsmap)
        self.parser = parser
        self.reader = reader
        self.runs: deque[Run[Record]] = deque()
        self.buffer = b""
        self.line = 0
        self.is_cutting = True
        self.in_long_entry = False
        self.is_first = True

    def cut(self, chunk: bytes) -> Iterator[bytes]:
        """Give what the message's parser is to get next; keeps the runs in `runs`, in order."""
        self.buffer += chunk
        if self.is_first:
            self.is_first = False
            yield from self._prolog()
        while self.is_cutting:
            if self.in_long_entry:
                yield from self._pass_long_entry()
                if self.in_long_entry or not self.is_cutting:
                    return
            begin = self.buffer.find(self.begin)
            if begin < 0:
                yield self._plain(len(self.buffer) - LONGEST_TAG)
                return
            yield self._plain(begin)
            if not self.is_cutting:
                break
            run = self._run()
            if run:
                yield run
            elif not self.in_long_entry:
                return
        yield self._taken(len(self.buffer))

    def run_at(self, element: _Element) -> _Element | Run[Record]:
        """The next run when this is the marker of one, else the element."""
        if element.get(MARK) is None:
            return element
        run = self.runs.popleft()
        run.marker = element
        return run

    def rest(self) -> bytes:
        """What is left at the end of the file."""
        return self._taken(len(self.buffer))

    def _taken(self, count: int) -> bytes:
        taken, self.buffer = self.buffer[: max(count, 0)], self.buffer[max(count, 0) :]
        self.line += taken.count(b"\n")
        return taken

    def _plain(self, count: int) -> bytes:
        """Take what stands outside entries; stop cutting when it is not plain."""
        seen = self.buffer[: max(count, 0) + LONGEST_MARK]  # a mark may stand across the border
        if any(mark in seen for mark in NOT_PLAIN):
            self.is_cutting = False
        return self._taken(count)

    def _prolog(self) -> Iterator[bytes]:
        found = PROLOG.match(self.buffer)
        encoding = found and found["encoding"]
        if found is None or (encoding and encoding.lower()) not in ENCODINGS:
            self.is_cutting = False
        else:
            yield self._taken(found.end())

    def _run(self) -> bytes:
        """Take a run of whole entries from the start of the buffer; nothing when more bytes are needed."""
        statement_end = self.buffer.find(self.statement_end)
        last = self.buffer.rfind(self.end, 0, None if statement_end < 0 else statement_end)
        if last < 0:
            self.is_cutting = statement_end < 0
            self.in_long_entry = self.is_cutting and len(self.buffer) > LONGEST_ENTRY
            return b""
        size = last + len(self.end)
        cut = _Cut(self.buffer[:size], self.line, self.context, self.parser)
        run = self._written(cut) or self._parsed(cut)
        if run is None:
            self.is_cutting = False
            return b""
        self.runs.append(run)
        lines = self._taken(size).count(b"\n")
        return self.marker + b"\n" * lines

    def _written(self, cut: _Cut) -> Run[Record] | None:
        """A run read without a parser; `None` when that cannot be."""
        try:
            text = cut.source.decode()
        except UnicodeDecodeError:
            return None
        end = self.end.decode()
        if text.count("\n") > text.count(end) or "> " in text or ">\t" in text:
            text = BLANKS.sub("><", text)
        *pieces, _ = text.split(end)
        written = [piece.lstrip(XML_BLANKS) + end for piece in pieces]
        try:
            return Run([self.reader.written(xml) for xml in written], written, cut)
        except NotPlain:
            return None

    def _parsed(self, cut: _Cut) -> Run[Record] | None:
        """A run read by a parser; `None` when it is not whole entries with nothing between them."""
        try:
            root = cut.parsed()
        except etree.XMLSyntaxError:
            return None
        texts = [root.text, *(entry.tail for entry in root)]
        if any(entry.tag != self.tag for entry in root) or any(text and not text.isspace() for text in texts):
            return None
        written = [etree.tostring(entry, encoding="unicode", with_tail=False) for entry in root]
        return Run([self.reader.of(entry) for entry in root], written, cut)

    def _pass_long_entry(self) -> Iterator[bytes]:
        """Leave an entry that is longer than a run may be to the message's parser."""
        end = self.buffer.find(self.end)
        if end < 0:
            yield self._plain(len(self.buffer) - LONGEST_TAG)
        else:
            self.in_long_entry = False
            yield self._plain(end + len(self.end))
