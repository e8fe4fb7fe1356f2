"""Runs of entries, cut out of a long message and parsed at once: in half the time of element by element.

The parser of the message gets everything but the runs, and an empty marker of the same name where each was.
The result is that of parsing the whole, because a run is only cut where it must stand in content:

- nothing that the message's parser got before it holds a comment, a section, an instruction or a second
  declaration of namespaces (`<!`, `<?`, `xmlns`); without those, `<` begins a tag;
- the run parses by itself as whole entries of the right name with nothing between them: a cut inside anything
  else leaves it ill-formed;
- the marker tells the reader in which element the run stood.

Where any of this does not hold, cutting ends for good and the message's parser gets all that follows.
"""

import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple
from xml.sax.saxutils import quoteattr

from lxml import etree
from lxml.etree import _Element

PROLOG = re.compile(
    rb"""(?:\xef\xbb\xbf)?\s*(?:<\?xml[^<>]*?(?:encoding\s*=\s*["'](?P<encoding>[^"'<>]*)["'][^<>]*)?\?>)?\s*"""
    rb"""<[^<>?!]+>"""
)
ENCODINGS = (None, b"utf-8", b"us-ascii")
BLANKS = re.compile(r">\s+<")
NOT_PLAIN = (b"<!", b"<?", b"xmlns")
LONGEST_MARK = 5
MARK = "run"
LONGEST_ENTRY = 256 * 1024
LONGEST_TAG = 64


class Run(NamedTuple):
    """Entries that stood where the marker is, as elements and as XML (`None` where that may say less).

    `line` added to a line of theirs is that of the file; `begin` and `end` give the XML its namespaces.
    """

    marker: _Element
    entries: Sequence[_Element]
    written: Sequence[str | None]
    line: int
    begin: str
    end: str


class Cutter:
    """Cuts a message into what its parser gets and runs of entries."""

    def __init__(
        self,
        nsmap: Mapping[str | None, str],
        prefix: str | None,
        *,
        entry: str,
        statement: str,
        parser: etree.XMLParser,
    ) -> None:
        name = f"{prefix}:{entry}" if prefix else entry
        self.tag = f"{{{nsmap[prefix]}}}{entry}"
        self.begin, self.end = f"<{name}>".encode(), f"</{name}>".encode()
        self.statement_end = f"</{prefix}:{statement}".encode() if prefix else f"</{statement}".encode()
        self.marker = f'<{name} {MARK}=""/>'.encode()
        spaces = " ".join(f"xmlns{':' + p if p else ''}={quoteattr(uri)}" for p, uri in nsmap.items())
        self.open, self.close = f"<runs {spaces}>".encode(), b"</runs>"
        self.parser = parser
        self.runs: deque[tuple[Sequence[_Element], Sequence[str | None], int]] = deque()
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

    def run_at(self, element: _Element) -> "_Element | Run":
        """The next run when this is the marker of one, else the element."""
        if element.get(MARK) is None:
            return element
        entries, written, line = self.runs.popleft()
        return Run(element, entries, written, line, self.open.decode(), self.close.decode())

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
        run = self.buffer[:size]
        entries = self._parsed(run)
        if entries is None:
            self.is_cutting = False
            return b""
        line = self.line
        lines = self._taken(size).count(b"\n")
        self.runs.append((entries, self._written(run, len(entries)), line))
        return self.marker + b"\n" * lines

    def _parsed(self, run: bytes) -> Sequence[_Element] | None:
        try:
            root = etree.fromstring(self.open + run + self.close, self.parser)
        except etree.XMLSyntaxError:
            return None
        entries = list(root)
        texts = [root.text, *(entry.tail for entry in entries)]
        is_whole = all(entry.tag == self.tag for entry in entries)
        return entries if is_whole and not any(text and not text.isspace() for text in texts) else None

    def _written(self, run: bytes, count: int) -> Sequence[str | None]:
        """The XML of each entry, without blanks between its tags; of none when they cannot be told apart."""
        if (b"!" in run and b"<!" in run) or (b"?" in run and b"<?" in run):
            return [None] * count
        text = run.decode()
        if text.count("\n") > count:
            text = BLANKS.sub("><", text)
        end = self.end.decode()
        written = text.split(end)
        return [one.lstrip() + end for one in written[:-1]] if len(written) == count + 1 else [None] * count

    def _pass_long_entry(self) -> Iterator[bytes]:
        """Leave an entry that is longer than a run may be to the message's parser."""
        end = self.buffer.find(self.end)
        if end < 0:
            yield self._plain(len(self.buffer) - LONGEST_TAG)
        else:
            self.in_long_entry = False
            yield self._plain(end + len(self.end))
