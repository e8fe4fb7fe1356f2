"""What the official XML schema of a message says of a file: a list of differences, never a refusal.

A file is judged while it streams by. libxml2 tells no lines then: where it found something, the bytes pass a
second time, tag by tag, to learn the line. Source: the XSDs of ISO 20022 (schemas/README.md).
"""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import lru_cache
from importlib.resources import files
from typing import Any, BinaryIO, NamedTuple

from lxml import etree

from bank_formats import xml
from bank_formats.containers import Content
from bank_formats.errors import UnsafeFile
from bank_formats.recognising import recognise

NAMESPACE = re.compile(r"urn:iso:std:iso:20022:tech:xsd:([a-z]{4}\.[0-9]{3}\.[0-9]{3}\.[0-9]{2})")
FREED = ("Ntry", "TxDtls", "CdtTrfTxInf", "DrctDbtTxInf", "TxInfAndSts")
"""Elements of which there can be many: they are judged, and let go."""
MOST = 20
TAG = re.compile(rb"[^>]*>|[^>]+")
CLARK = re.compile(r"\{urn:[^{}]*\}")
ELEMENT = re.compile(r"Element '([^']+)'(?:, attribute '([^']+)')?: (.*)", re.DOTALL)
CUT_OFF = "het bestand is beschadigd, of houdt op voor het einde"


class Problem(NamedTuple):
    """A difference with the schema: its line, its element, Dutch words for it, and what libxml2 said."""

    line: int | None
    element: str | None
    sentence: str
    original: str


@lru_cache(maxsize=8)
def schema(message: str) -> etree.XMLSchema | None:
    """The official schema of a message such as `camt.053.001.08`; `None` where we have none."""
    source = files("bank_formats").joinpath(f"schemas/{message}.xsd")
    if not source.is_file():
        return None
    with source.open("rb") as stream:
        return etree.XMLSchema(etree.parse(stream, etree.XMLParser(**xml.SAFE)))  # type: ignore[arg-type]


def message_of(content: Content) -> str | None:
    """The message that a file says it is, such as `camt.053.001.08`; `None` for what is no ISO 20022.

    Raises Refused for what begins as XML and has no beginning, or a DOCTYPE.
    """
    root = recognise(content.start, file=content.name).root
    found = root and NAMESPACE.fullmatch(root.namespace)
    return found[1] if found else None


def problems(
    content: Content, message: str, again: Callable[[], BinaryIO] | None = None, most: int = MOST
) -> list[Problem]:
    """What differs from the schema of `message`, in order: at most `most`, after which no more is read.

    `again` opens the same bytes once more, for the lines; without it they stay unknown. Raises Refused for
    what is unsafe. A message without a schema has no problems.
    """
    official = schema(message)
    if official is None:
        return []
    namespace = xml.root_of(content.start, file=content.name).namespace
    judge = _Judge(official, namespace, content.name, most)
    where: list[int] = []
    for number, piece in enumerate(_pieces(content.stream)):
        before = len(judge.found)
        judge.take(piece)
        where.extend([number] * (len(judge.found) - before))
        if judge.is_done:
            break
    judge.end()
    if not judge.found or again is None:
        return judge.found
    lines = _lines(_Judge(official, namespace, content.name, most), again(), set(where))
    return [
        problem._replace(line=line)
        for problem, line in zip(judge.found, [*lines, *[None] * most])  # noqa: B905
    ]


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    while piece := stream.read(xml.CHUNK_BYTES):
        yield piece


def _lines(judge: "_Judge", stream: BinaryIO, where: set[int]) -> list[int]:
    """The lines of the problems, which are in these pieces of the file."""
    lines: list[int] = []
    line = 1
    until = range(max(where, default=0) + 1)
    for number, piece in zip(until, _pieces(stream), strict=False):
        for tag in TAG.findall(piece) if number in where else (piece,):
            judge.take(tag)
            line += tag.count(b"\n")
            lines.extend([line] * (len(judge.found) - len(lines)))
    return lines


class _Judge:
    """The schema's judgement of a file that comes in pieces; what was judged is freed."""

    def __init__(self, official: etree.XMLSchema, namespace: str, file: str, most: int) -> None:
        self.file = file
        self.most = most
        self.root = f"{{{namespace}}}Document"
        tags = [self.root, *(f"{{{namespace}}}{name}" for name in FREED)]
        options: dict[str, Any] = {**xml.SAFE, "schema": official}
        self.parser: Any = etree.XMLPullParser(events=("end",), tag=tags, **options)
        self.events: Any = self.parser.read_events()
        self.found: list[Problem] = []
        self.is_done = False
        self.is_whole = False
        self.total = self.unseen = 0

    def take(self, piece: bytes) -> None:
        """Judge the next bytes; raises UnsafeFile when they are too many."""
        self.total += len(piece)
        self.unseen += len(piece)
        with suppress(etree.XMLSyntaxError):  # then the end of the document does not come
            self.parser.feed(piece)
            for _, element in self.events:
                self.unseen = 0
                self.is_whole = element.tag == self.root
                xml.remove_before(element)
        self._collect()
        if self.total > xml.FILE_BYTES or (self.unseen > xml.PIECE_BYTES and not self.is_whole):
            raise UnsafeFile(
                "het bestand of een onderdeel is te groot", file=self.file, remedy=xml.NEVER_SENT
            )

    def end(self) -> None:
        """Judge what there is at the end; a file that was cut off differs too."""
        if not (self.is_whole or self.is_done):
            self.found.append(Problem(None, None, CUT_OFF, "Document is not closed"))

    def _collect(self) -> None:
        log = list(self.parser.feed_error_log)
        self.found.extend(in_dutch(entry.message) for entry in log[len(self.found) : self.most])
        self.is_done = len(self.found) >= self.most


def in_dutch(original: str) -> Problem:
    """Put what libxml2 says in Dutch; words that it seldom uses are kept as they are."""
    plain = CLARK.sub("", original).strip()
    found = ELEMENT.fullmatch(plain)
    if found is None:
        return Problem(None, None, f"het bestand volgt het schema niet ({plain})", original)
    element, attribute, said = found.groups()
    name = f"{element}/@{attribute}" if attribute else element
    for pattern, sentence in SAID:
        match = pattern.search(said)
        if match:
            values = {key: _listed(value) for key, value in match.groupdict().items()}
            return Problem(None, name, sentence.format(name=name, **values), original)
    return Problem(None, name, f"{name} volgt het schema niet ({said})", original)


def _listed(value: str | None) -> str:
    """The names of a choice, as a sentence has them."""
    names = [each.strip(" '") for each in (value or "").split(",")]
    return " of ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]


TYPES = {
    "(?:xs:date|ISODate)": "geen datum",
    "(?:xs:dateTime|ISODateTime)": "geen datum met tijd",
    "xs:decimal|[A-Za-z0-9_]*(?:Amount|Number|Rate)[A-Za-z0-9_]*": "geen getal",
    "(?:xs:boolean|[A-Za-z]*Indicator)": "geen true of false",
}
SAID: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.DOTALL), sentence)
    for pattern, sentence in (
        (
            r"This element is not expected\. Expected is (?:one of )?\( (?P<wanted>.*?) \)",
            "{name} staat niet op zijn plaats; hier hoort {wanted}",
        ),
        (r"This element is not expected", "{name} hoort hier niet"),
        (
            r"Missing child element\(s\)\. Expected is (?:one of )?\( (?P<wanted>.*?) \)",
            "in {name} ontbreekt {wanted}",
        ),
        (
            r"\[facet 'maxLength'\] The value has a length of '(?P<length>\d+)'.*'(?P<most>\d+)'",
            "{name} heeft {length} tekens; {most} mag",
        ),
        (
            r"\[facet 'minLength'\] The value has a length of '(?P<length>\d+)'.*'(?P<least>\d+)'",
            "{name} heeft {length} tekens; het moeten er ten minste {least} zijn",
        ),
        (
            r"\[facet 'enumeration'\] The value '(?P<value>.*?)' is not an element of the set \{(?P<set>.*)}",
            "{name} is “{value}”; het kan alleen {set} zijn",
        ),
        (
            r"\[facet 'pattern'\] The value '(?P<value>.*?)' is not accepted",
            "{name} is “{value}”; dat heeft niet de goede vorm",
        ),
        (
            r"\[facet '(?:fraction|total)Digits'\] The value '(?P<value>.*?)'",
            "{name} is “{value}”; dat heeft te veel cijfers",
        ),
        (
            r"\[facet '(?:min|max)(?:In|Ex)clusive'\] The value '(?P<value>.*?)'",
            "{name} is “{value}”; dat is te groot of te klein",
        ),
        *(
            (
                rf"'(?P<value>[^']*)' is not a valid value of the (?:local )?atomic type '(?:{kind})'",
                f"{{name}} is “{{value}}”; dat is {words}",
            )
            for kind, words in TYPES.items()
        ),
        (
            r"'(?P<value>[^']*)' is not a valid value of the (?:local )?(?:atomic|union) type",
            "{name} is “{value}”; dat kan daar niet staan",
        ),
        (r"content type is 'element-only'", "in {name} staat losse tekst"),
        (r"Element content is not allowed", "in {name} staan elementen, en daar hoort alleen tekst"),
        (r"The attribute '[^']*' is not allowed", "{name} hoort daar niet"),
        (r"The attribute '(?P<wanted>[^']*)' is required but missing", "bij {name} ontbreekt {wanted}"),
        (r"No matching global declaration", "het bestand begint met {name}; dat kent het schema niet"),
    )
)
