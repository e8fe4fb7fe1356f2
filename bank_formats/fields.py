"""What an element says, gathered by a table of names.

A rule in a table is the name that a text is kept under, a table for what is inside, a name with a table (the
name tells that the element was there), or a function. The first of several wins.

Banks write thousands of entries in a handful of shapes. `Records` walks the first element of each shape,
remembers which of its texts were kept under which names, and picks them from all that follow without walking:
four times as fast, and by construction the same.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any, Generic, NamedTuple, TypeVar
from xml.sax.saxutils import unescape

from lxml import etree
from lxml.etree import _Element

from bank_formats.xml import SAFE

Found = dict[str, Any]
Rule = Any  # str | Table | tuple[str, Table] | Callable[[_Element, Found], None]: mypy knows no such circle
Table = Mapping[str, Rule]
Record = TypeVar("Record", bound=tuple[Any, ...])
TEXTS = re.compile(r">([^<]+)<")
CARRIAGE_RETURN = {"&#13;": "\r"}
SHAPES = 512
LONGEST_SHAPE = 400
"""Shapes with more texts than this hardly come back: they are walked."""


def gather(element: _Element, table: Table, found: Found) -> None:
    """Keep what the table names of an element's children, as written."""
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
    """Keep every text, in order, in a list."""

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


def walked(element: _Element, table: Table) -> Found:
    """What a table names in one element, tidied, found by walking through it."""
    found: Found = {}
    gather(element, table, found)
    return {name: _tidy(value) for name, value in found.items()}


class Context(NamedTuple):
    """The tags around a piece of XML that give its names their namespaces."""

    begin: str = ""
    end: str = ""


NO_CONTEXT = Context()


class Records(Generic[Record]):
    """The fields that a table names in elements of one kind, each element as a named tuple.

    Texts come with runs of white space made one blank and ends trimmed, `None` when nothing is left; an
    amount as (text, currency); several texts as a list. `also` keeps more, by shape only.
    """

    def __init__(
        self, table: Table, record: type[Record], also: Callable[[_Element, Found], None] | None = None
    ) -> None:
        self.table = table
        self.record = record
        self.also = also
        self.shapes: dict[tuple[str, ...], _Shape[Record]] = {}

    def of(self, element: _Element, written: str | None = None, context: Context = NO_CONTEXT) -> Record:
        """What one element says; `written` is the element as XML within a context, when that is at hand."""
        if written is None or "&" in written:
            written, context = etree.tostring(element, encoding="unicode", with_tail=False), NO_CONTEXT
        pieces = TEXTS.split(written)
        texts: list[str | None] = pieces[1::2]
        marks = (context.begin, *pieces[::2])
        shape = self.shapes.get(marks)
        if shape is None:
            if len(texts) > LONGEST_SHAPE:
                return self.walked(element)
            try:
                shape = self._learn(marks, context)
            except etree.XMLSyntaxError:  # a > in an attribute: only XML that lxml wrote has none
                return self.of(element)
        if not _are_tidy(texts):
            texts = [tidied(unescape(text, CARRIAGE_RETURN)) for text in texts if text is not None]
        return shape.fill(texts)

    def walked(self, element: _Element) -> Record:
        """What one element says, by walking through it; also while parts of it are still to come."""
        found: Found = {}
        self._gather(element, found)
        return self.record(**{name: _tidy(value) for name, value in found.items()})

    def _gather(self, element: _Element, found: Found) -> None:
        gather(element, self.table, found)
        if self.also:
            self.also(element, found)

    def _learn(self, marks: tuple[str, ...], context: Context) -> "_Shape[Record]":
        """Walk through an element of this shape whose texts are their numbers."""
        first, *others = marks[1:]
        numbered = [first, *(f">{number}<{mark}" for number, mark in enumerate(others))]
        parser = etree.XMLParser(**SAFE)  # type: ignore[arg-type]  # one dict of booleans
        root = etree.fromstring("".join([context.begin, *numbered, context.end]), parser)
        found: Found = {}
        self._gather(root[0] if context.begin else root, found)
        if len(self.shapes) >= SHAPES:
            self.shapes.clear()
        shape = self.shapes[marks] = _Shape(self.record, found)
        return shape


class _Shape(Generic[Record]):
    """Elements that differ in their texts only, and which text stands for which field."""

    def __init__(self, record: type[Record], found: Found) -> None:
        places = {name: place for place, name in enumerate(record._fields)}  # type: ignore[attr-defined]
        numbers = [-1] * len(places)  # the None behind the texts
        self.amounts: list[tuple[int, int, str | None]] = []
        self.other: list[tuple[int, Any]] = []
        for name, value in found.items():
            if isinstance(value, str):
                numbers[places[name]] = int(value)
            elif isinstance(value, tuple):
                self.amounts.append((places[name], -1 if value[0] is None else int(value[0]), value[1]))
            else:
                self.other.append((places[name], value))
        self.pick = itemgetter(*numbers)
        self.make: Callable[[list[Any]], Record] = record._make  # type: ignore[attr-defined]

    def fill(self, texts: list[str | None]) -> Record:
        """Put the texts of an element in their fields."""
        texts.append(None)
        fields = list(self.pick(texts))
        for place, number, currency in self.amounts:
            fields[place] = (texts[number], currency)
        for place, value in self.other:
            fields[place] = [_filled(one, texts) for one in value] if isinstance(value, list) else value
        return self.make(fields)


def _filled(value: str | tuple[str | None, ...], texts: Sequence[str | None]) -> object:
    """One of several texts, or a charge (text, currency, text)."""
    if isinstance(value, str):
        return texts[int(value)]
    text, currency, direction = value
    return (text and texts[int(text)], currency, direction and texts[int(direction)])


def _are_tidy(texts: Sequence[Any]) -> bool:
    """Whether there is nothing in these texts to trim, to squeeze or to unescape."""
    line = "<".join(texts)
    return (
        line.isascii()
        and "&" not in line
        and " ".join(line.split()) == line
        and " <" not in line
        and "< " not in line
    )


def _tidy(value: Any) -> Any:  # noqa: ANN401 - whatever a table keeps
    match value:
        case str():
            return tidied(value)
        case list():
            return [_tidy(inner) for inner in value]
        case tuple():
            return tuple(_tidy(inner) for inner in value)
        case _:
            return value


def tidied(text: str) -> str | None:
    """A text with runs of white space made one blank; `None` when nothing is left."""
    return " ".join(text.split()) or None


def unspaced(text: str | None) -> str | None:
    """An account number without blanks."""
    return text.replace(" ", "") if text else None


def whole(text: str | None) -> int | None:
    """A whole number of digits; `None` for anything else."""
    longest = 18
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= longest else None
