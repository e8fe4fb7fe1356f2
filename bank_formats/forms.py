"""Forms: which elements fill which fields of a class, for what is read on demand only.

A form is told its fields as paths of element names, with `|` between what different versions call it: the
first that says something wins. `fields.py` is for what must be quick.
"""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any, Generic, TypeVar

from lxml.etree import _Element

from bank_formats.details import Money
from bank_formats.fields import tidied

Made = TypeVar("Made")
YES = ("true", "1", "TRUE", "True")
NO = ("false", "0", "FALSE", "False")
LONGEST_NUMBER = 40


class Node:
    """An element with what is inside it by name, and nothing of other namespaces."""

    __slots__ = ("currency", "inside", "name", "text")

    def __init__(self, element: _Element, begin: str, without: str | None = None) -> None:
        """Take an element but for its children of one name; `begin` is its namespace (`{urn:...}`)."""
        self.name: str = element.tag[len(begin) :]
        self.text = element.text
        self.currency = element.get("Ccy")
        self.inside: dict[str, list[Node]] = {}
        for child in element:
            if child.tag.startswith(begin) and child.tag[len(begin) :] != without:
                node = Node(child, begin)
                self.inside.setdefault(node.name, []).append(node)

    def all(self, path: str) -> "list[Node]":
        """Every element at a path, in order."""
        found = [self]
        for name in path.split("/") if path else ():
            found = [inner for node in found for inner in node.inside.get(name, ())]
        return found


Rule = Callable[[Node], Any]
EMPTY: Any = (None, ())


class Form(Generic[Made]):
    """How a class is filled from an element: for each field a path, or a function of the element."""

    def __init__(self, made: type[Made], **fields: str | Rule) -> None:
        self.made = made
        self.rules = {name: text(rule) if isinstance(rule, str) else rule for name, rule in fields.items()}

    def __call__(self, node: Node) -> Made | None:
        """Fill one; `None` when the element says nothing of it."""
        said = {name: value for name, rule in self.rules.items() if (value := rule(node)) not in EMPTY}
        return self.made(**said) if said else None

    def or_empty(self, node: Node | None) -> Made:
        """Fill one, an empty one when there is nothing to say."""
        return (self(node) if node else None) or self.made()


def text(paths: str) -> Rule:
    """The first text, tidied; of the element itself where the path is empty."""
    split = paths.split("|")

    def first(node: Node) -> str | None:
        return next(
            (said for path in split for one in node.all(path) if (said := tidied(one.text or ""))), None
        )

    return first


def texts(path: str, *, as_sent: bool = False) -> Rule:
    """Every text, tidied unless it is wanted as it was sent."""

    def every(node: Node) -> tuple[str, ...]:
        found = [one.text or "" for one in node.all(path)]
        return tuple([said for one in found if (said := one if as_sent else tidied(one))])

    return every


def at(paths: str, rule: Rule) -> Rule:
    """What a form says of the first element at a path that says something."""
    split = paths.split("|")

    def inner(node: Node) -> Any:  # noqa: ANN401 - whatever the form makes
        return next((said for path in split for one in node.all(path) if (said := rule(one))), None)

    return inner


def each(paths: str, rule: Rule) -> Rule:
    """What a form says of every element at these paths."""
    split = paths.split("|")

    def every(node: Node) -> tuple[Any, ...]:
        return tuple([said for path in split for one in node.all(path) if (said := rule(one))])

    return every


def own_text(node: Node) -> str | None:
    """The element's own text."""
    return tidied(node.text or "")


def own_money(node: Node) -> Money | None:
    """The element as an amount."""
    amount = decimal(node.text)
    return None if amount is None and node.currency is None else Money(amount, node.currency)


def money(paths: str) -> Rule:
    """The first amount, with its currency."""
    return at(paths, own_money)


def number(paths: str) -> Rule:
    """The first text as a number; `None` when it is none."""
    said = text(paths)
    return lambda node: decimal(said(node))


def flag(paths: str) -> Rule:
    """The first text as yes or no; `None` when it is neither."""
    said = text(paths)

    def told(node: Node) -> bool | None:
        word = said(node)
        return True if word in YES else False if word in NO else None

    return told


def decimal(text: str | None) -> Decimal | None:
    """A number as written; `None` when it is none."""
    plain = (text or "").strip()
    if len(plain) > LONGEST_NUMBER or not plain.strip("+-").replace(".", "", 1).isdecimal():
        return None
    try:
        return Decimal(plain)
    except InvalidOperation:
        return None
