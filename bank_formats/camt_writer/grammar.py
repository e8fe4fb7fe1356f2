"""What one version of a message can say, learnt from its official schema.

The schema is the table of what differs between versions: which elements there are, in which order, how
often, and what their texts may be. What is to be written comes as nested names of the latest version; OLDER
gives the name that earlier versions have for the same, WRAPPERS what they leave out around it. Whatever has
no place is a Misfit: nothing is dropped.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal, NamedTuple
from xml.sax.saxutils import escape

from lxml import etree

Message = Literal["camt.052", "camt.053", "camt.054"]
Version = Literal["01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12", "13", "14"]
SCHEMAS: Final = Path(__file__).parent.parent / "schemas"
XS: Final = "{http://www.w3.org/2001/XMLSchema}"
OLDER: Final = {
    "BICFI": ("BIC",),
    "Othr": ("PrtryAcct", "TxtlRate", "PrtryId", "OthrId"),
    "Rsn": ("RtrRsn",),
    "Orgtr": ("RtrOrgtr",),
    "AddtlInf": ("AddtlRtrRsnInf",),
    "Ref": ("CdtrRef",),
    "Tp": ("CdtrRefTp", "RfrdDocTp", "Rate"),
    "Nb": ("RfrdDocNb",),
    "Pctg": ("PctgRate",),
    "Agt": ("Pty",),
    "Mtd": ("RmtLctnMtd",),
    "ElctrncAdr": ("RmtLctnElctrncAdr",),
    "PstlAdr": ("RmtLctnPstlAdr",),
}
WRAPPERS: Final = frozenset({"Pty", "CdOrPrtry", "NtryDtls", "RmtLctnDtls"})
ODD: Final = re.compile(r"[^ -%'-;=?-~]")
ILLEGAL: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
DATE_TIME: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([01][0-9]|2[0-3])(:[0-5][0-9]){2}(\.[0-9]+)?")
ZONE: Final = re.compile(r"(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9])$")
CARRIAGE_RETURN: Final = {"\r": "&#13;"}


class Money(NamedTuple):
    """An amount without its sign, in a currency."""

    amount: Decimal
    currency: str


class Code(str):
    """A code of a list where the version has it in its list (`Cd`), else of the bank's own (`Prtry`)."""

    __slots__ = ()


class Kept(dict[str, "Value"]):
    """An element that is there even when nothing stands in it."""

    __slots__ = ()


Value = str | Money | Mapping[str, "Value"] | Sequence["Value"] | None
Node = Mapping[str, Value]


class Misfit(Exception):
    """What has no place in this version: where, and in Dutch why."""

    def __init__(self, problem: str, *path: str) -> None:
        """Start with the innermost element."""
        super().__init__(problem)
        self.problem = problem
        self.path = list(path)


class Child(NamedTuple):
    """An element where its parent's type names it."""

    name: str
    place: int
    type: "Type"
    is_required: bool
    most: int | None
    """How often it may stand there; `None` is without end."""


class Type:
    """A type of the schema: what stands inside, or what the text may be."""

    def __init__(self) -> None:
        """Start empty: types of a schema name each other."""
        self.children: dict[str, Child] = {}
        self.choices: list[frozenset[str]] = []
        self.checks: list[Callable[[str], str | None]] = []
        self.complete: set[tuple[str, ...]] = set()
        """Children that were found to be all that must be there."""

    def problem(self, text: str) -> str | None:
        """Say in Dutch why this text may not stand here."""
        for check in self.checks:
            problem = check(text)
            if problem:
                return problem
        return None


class Grammar:
    """One version of one message; strictly, all texts and all that must be there follow the schema."""

    def __init__(self, message: Message, version: Version, *, is_strict: bool) -> None:
        """Read the schema."""
        self.name = f"{message}.001.{version}"
        self.is_strict = is_strict
        document = _types(self.name)["Document"]
        (self.message,) = document.children.values()
        self.statement = next(
            child for child in self.message.type.children.values() if child.name in {"Rpt", "Stmt", "Ntfctn"}
        )
        self.entry = self.statement.type.children["Ntry"]
        groups = self.entry.type.children.get("NtryDtls")
        self.has_groups = groups is not None
        inside = groups.type if groups else self.entry.type
        self.batch, self.detail = inside.children["Btch"], inside.children["TxDtls"]

    def has(self, *path: str) -> bool:
        """Whether a statement of this version knows this element."""
        kind = self.statement.type
        for name in path:
            child = kind.children.get(name)
            if child is None:
                return False
            kind = child.type
        return True

    def element(self, child: Child, value: Value) -> str:
        """Write one element, or all of a sequence; raises Misfit."""
        try:
            if value.__class__ is str:
                return self._plain(child, value)
            if isinstance(value, dict):
                if not child.type.children and len(value) == 1:
                    return self.element(child, next(iter(value.values())))
                inner = self.inside(child.type, value)
                return f"<{child.name}>{inner}</{child.name}>" if inner or isinstance(value, Kept) else ""
            if isinstance(value, Code):
                return self._coded(child, value)
            if isinstance(value, Money):
                return self._money(child, value)
        except Misfit as misfit:
            misfit.path.insert(0, child.name)
            raise
        many = value or ()
        if child.most is not None and len(many) > child.most:
            raise Misfit("dit staat er te vaak", child.name)
        return "".join([self.element(child, one) for one in many])

    def inside(self, kind: Type, node: Node) -> str:
        """Write what stands in an element of this type, in the order of the schema; raises Misfit."""
        return "".join([xml for _, xml in self.pieces(kind, node)])

    def pieces(self, kind: Type, node: Node, *, is_part: bool = False) -> list[tuple[str, str]]:
        """Write each child as (name, XML), in the order of the schema; raises Misfit.

        Of what is only a part of the element nothing can be missing.
        """
        children = kind.children
        found: list[tuple[int, Child, Value]] = []
        for name, value in node.items():
            if not value and value.__class__ is not Kept:
                continue
            child = children.get(name)
            if child is None:
                found = self._fitted(kind, node)
                break
            found.append((child.place, child, value))
        found.sort()  # by place alone: no two are at one place
        told = [(child.name, xml) for _, child, value in found if (xml := self.element(child, value))]
        if self.is_strict and not is_part and (told or isinstance(node, Kept)):
            names = tuple([name for name, _ in told])
            if names not in kind.complete:
                _complete(kind, frozenset(names))
                kind.complete.add(names)
        return told

    def _fitted(self, kind: Type, node: Node) -> list[tuple[int, Child, Value]]:
        """Give each value the element that this version has for it."""
        found: dict[int, tuple[int, Child, Value]] = {}
        for child, value in self._placed(kind, node):
            known = found.get(child.place)
            several = value if known is None else [*_many(known[2]), *_many(value)]
            found[child.place] = (child.place, child, several)
        return list(found.values())

    def _placed(self, kind: Type, node: Node) -> Iterator[tuple[Child, Value]]:
        children = kind.children
        for name, value in node.items():
            child = children.get(name) or self._older(children, name)
            if child is not None:
                if value is not None:
                    yield child, value
            elif name in WRAPPERS and not isinstance(value, str):
                for one in _many(value):
                    yield from self._placed(kind, one if isinstance(one, Mapping) else {})
            elif says(value):
                raise Misfit("dit kent deze versie niet", name)

    def _older(self, children: Mapping[str, Child], name: str) -> Child | None:
        return next((children[older] for older in OLDER.get(name, ()) if older in children), None)

    def _plain(self, child: Child, text: str) -> str:
        if child.type.children:
            raise Misfit("hier hoort geen tekst")
        return f"<{child.name}>{self._text(child.type, text)}</{child.name}>"

    def _text(self, kind: Type, text: str) -> str:
        if self.is_strict:
            problem = kind.problem(text)
            if problem:
                raise Misfit(problem)
        if not ODD.search(text):
            return text
        illegal = ILLEGAL.search(text)
        if illegal:
            raise Misfit(f"teken {ord(illegal[0]):04X} kan niet in XML staan")
        return escape(text, CARRIAGE_RETURN)

    def _coded(self, child: Child, code: str) -> str:
        """A code, wherever this version keeps it: in itself, or in `Cd` or `Prtry`, or one deeper."""
        listed, own = child.type.children.get("Cd"), child.type.children.get("Prtry")
        if own is None:
            own = child.type.children.get("PrtryCd")
        deeper = child.type.children.get("CdOrPrtry")
        if deeper is not None:
            inner = self._coded(deeper, code)
        elif listed is not None and (own is None or not listed.type.problem(code)):
            inner = self._plain(listed, str(code))
        elif own is not None:
            first = next(iter(own.type.children), None)
            inner = self.element(own, str(code) if first is None else {first: str(code)})
        else:
            return self._plain(child, str(code))
        return f"<{child.name}>{inner}</{child.name}>"

    def _money(self, child: Child, money: Money) -> str:
        if child.type.children:
            return f"<{child.name}>{self.inside(child.type, {'Amt': money})}</{child.name}>"
        amount = self._text(child.type, f"{money.amount:f}")
        currency = self._text(_types(self.name)["Ccy"], money.currency)
        quoted = currency.replace('"', "&quot;")
        return f'<{child.name} Ccy="{quoted}">{amount}</{child.name}>'


@lru_cache
def grammar(message: Message, version: Version, *, is_strict: bool = True) -> Grammar:
    """Give the grammar of one version of one message."""
    return Grammar(message, version, is_strict=is_strict)


def _many(value: Value) -> Sequence[Value]:
    return value if isinstance(value, list | tuple) and not isinstance(value, Money) else [value]


def says(value: Value) -> bool:
    """Whether anything of this would be written."""
    if isinstance(value, str | Money | Kept):
        return bool(value) or isinstance(value, Kept)
    if isinstance(value, Mapping):
        return any(map(says, value.values()))
    return value is not None and any(map(says, value))


def _complete(kind: Type, found: AbstractSet[str]) -> None:
    """Refuse what lacks an element that must be there, or has two of which one may be."""
    for child in kind.children.values():
        if child.is_required and child.name not in found:
            raise Misfit("dit ontbreekt", child.name)
    for choice in kind.choices:
        if len(choice & found) != 1:
            raise Misfit(f"hier hoort een van {', '.join(sorted(choice))}")


@lru_cache
def _types(name: str) -> Mapping[str, Type]:
    """Read the types of a schema; `Ccy` is that of an amount's currency."""
    schema = etree.parse(str(SCHEMAS / f"{name}.xsd")).getroot()
    definitions = {
        kind.get("name", ""): kind for kind in schema.iterchildren(f"{XS}complexType", f"{XS}simpleType")
    }
    types = {called: Type() for called in definitions}
    for called, definition in definitions.items():
        kind = types[called]
        for group in definition.iter(f"{XS}choice"):
            kind.choices.append(frozenset(element.get("name", "") for element in group.iter(f"{XS}element")))
        for place, element in enumerate(definition.iter(f"{XS}element")):
            most = element.get("maxOccurs", "1")
            kind.children[element.get("name", "")] = Child(
                element.get("name", ""),
                place,
                types[element.get("type", "")],
                element.get("minOccurs") != "0" and next(element.iterancestors(f"{XS}choice"), None) is None,
                None if most == "unbounded" else int(most),
            )
        for extension in definition.iter(f"{XS}extension"):
            kind.checks = types[extension.get("base", "")].checks
            for attribute in extension.iter(f"{XS}attribute"):
                types.setdefault(attribute.get("name", ""), types[attribute.get("type", "")])
        for restriction in definition.iter(f"{XS}restriction"):
            kind.checks.extend(_checks(restriction))
    return types


def _checks(restriction: etree._Element) -> Iterator[Callable[[str], str | None]]:
    """Give each rule of a restriction as a function that says what is wrong with a text."""
    facets: dict[str, list[str]] = {}
    for facet in restriction:
        facets.setdefault(str(facet.tag).removeprefix(XS), []).append(facet.get("value", ""))
    base = restriction.get("base", "").removeprefix("xs:")
    if base in BASES:
        yield BASES[base]
    if "enumeration" in facets:
        yield _listed(frozenset(facets["enumeration"]))
    if "maxLength" in facets:
        yield _long(int(facets.get("minLength", ["0"])[0]), int(facets["maxLength"][0]))
    if "pattern" in facets:
        yield _shaped(re.compile(facets["pattern"][0]))
    if "totalDigits" in facets:
        yield _digits(int(facets["totalDigits"][0]), int(facets["fractionDigits"][0]))


def _listed(known: frozenset[str]) -> Callable[[str], str | None]:
    return lambda text: None if text in known else "deze code kent deze versie niet"


def _long(least: int, most: int) -> Callable[[str], str | None]:
    problem = f"dit is geen tekst van {least} tot {most} tekens"
    return lambda text: None if least <= len(text) <= most else problem


def _shaped(pattern: re.Pattern[str]) -> Callable[[str], str | None]:
    return lambda text: None if pattern.fullmatch(text) else f"dit heeft niet de vorm {pattern.pattern}"


def _digits(total: int, fraction: int) -> Callable[[str], str | None]:
    def check(text: str) -> str | None:
        before, _, after = text.lstrip("+-").partition(".")
        after = after.rstrip("0")
        if len(before.lstrip("0")) + len(after) > total or len(after) > fraction:
            return f"dit getal heeft meer dan {total} cijfers, of meer dan {fraction} achter de punt"
        return None

    return check


def _decimal(text: str) -> str | None:
    return None if re.fullmatch(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)", text) else "dit is geen getal"


def _boolean(text: str) -> str | None:
    return None if text in {"true", "false", "0", "1"} else "dit is geen ja of nee"


def _date(text: str) -> str | None:
    return None if _is_day(ZONE.sub("", text)) else "dit is geen datum"


def _date_time(text: str) -> str | None:
    found = DATE_TIME.fullmatch(ZONE.sub("", text))
    return None if found and _is_day(found[1]) else "dit is geen datum met een tijd"


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


BASES: Final[Mapping[str, Callable[[str], str | None]]] = {
    "decimal": _decimal,
    "boolean": _boolean,
    "date": _date,
    "dateTime": _date_time,
}
