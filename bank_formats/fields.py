"""What an element says, gathered by a table of names.

A rule in a table is the name that a text is kept under, a table for what is inside, a name with a table (the
name tells that the element was there), or a function. The first of several wins.

Banks write thousands of entries in a handful of shapes. `Fields` walks the first element of each shape,
remembers which of its texts were kept under which names, and picks them from all that follow without walking:
twice as fast, and by construction the same.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any
from xml.sax.saxutils import unescape

from lxml import etree
from lxml.etree import _Element

from bank_formats.xml import SAFE

Found = dict[str, Any]
Rule = Any  # str | Table | tuple[str, Table] | Callable[[_Element, Found], None]: mypy knows no such circle
Table = Mapping[str, Rule]
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


class Fields:
    """The fields that a table names in one kind of element.

    Texts come with runs of white space made one blank and ends trimmed, `None` when nothing is left; an
    amount as (text, currency); several texts as a list.
    """

    def __init__(self, table: Table) -> None:
        self.table = table
        self.shapes: dict[tuple[str, ...], _Shape] = {}

    def of(self, element: _Element) -> Found:
        """What one element says."""
        written = etree.tostring(element, encoding="unicode", with_tail=False)
        pieces = TEXTS.split(written)
        marks, texts = tuple(pieces[::2]), pieces[1::2]
        shape = self.shapes.get(marks)
        if shape is None:
            if not 0 < len(texts) <= LONGEST_SHAPE:
                return self.walked(element)
            if len(self.shapes) >= SHAPES:
                self.shapes.clear()
            shape = self.shapes[marks] = _Shape(marks, self.table)
        if not _are_tidy(texts):
            return shape.fill([tidied(unescape(text, CARRIAGE_RETURN)) for text in texts])
        return shape.fill(texts)

    def walked(self, element: _Element) -> Found:
        """What one element says, by walking through it; also while parts of it are still to come."""
        found: Found = {}
        gather(element, self.table, found)
        return {name: _tidy(value) for name, value in found.items()}


class _Shape:
    """Elements that differ in their texts only, and which text stands for which field."""

    def __init__(self, marks: tuple[str, ...], table: Table) -> None:
        numbered = [
            mark for number, mark in enumerate(marks) for mark in (f">{number - 1}<" * (number > 0), mark)
        ]
        parser = etree.XMLParser(**SAFE)  # type: ignore[arg-type]  # one dict of booleans
        found: Found = {}
        gather(etree.fromstring("".join(numbered), parser), table, found)
        plain = {name: int(value) for name, value in found.items() if isinstance(value, str)}
        self.names = tuple(plain)
        self.pick = itemgetter(0, 0, *plain.values())
        self.flags = {name: True for name, value in found.items() if value is True}
        self.amounts = [
            (name, None if value[0] is None else int(value[0]), value[1])
            for name, value in found.items()
            if isinstance(value, tuple)
        ]
        self.several = [(name, value) for name, value in found.items() if isinstance(value, list)]

    def fill(self, texts: Sequence[str | None]) -> Found:
        """Put the texts of an element under their names."""
        found: Found = dict(zip(self.names, self.pick(texts)[2:], strict=True))
        for name, number, currency in self.amounts:
            found[name] = (None if number is None else texts[number], currency)
        for name, values in self.several:
            found[name] = [_filled(value, texts) for value in values]
        if self.flags:
            found |= self.flags
        return found


def _filled(value: str | tuple[str | None, ...], texts: Sequence[str | None]) -> object:
    """One of several texts, or a charge (text, currency, text)."""
    if isinstance(value, str):
        return texts[int(value)]
    text, currency, direction = value
    return (text and texts[int(text)], currency, direction and texts[int(direction)])


def _are_tidy(texts: Sequence[str]) -> bool:
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
