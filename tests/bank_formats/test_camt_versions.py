"""Every element that the official schemas know is read, in every version, or is knowingly left in the XML."""

import io
import re
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from lxml import etree

import bank_formats
from bank_formats import Transaction, read
from bank_formats.details import Details
from tests.bank_formats.made import OURS

SCHEMAS = Path(bank_formats.__file__).parent / "schemas"
MESSAGES = {"052": "Rpt", "053": "Stmt", "054": "Ntfctn"}
VERSIONS = [f"camt.{message}.001.{version:02}" for message in MESSAGES for version in range(1, 15)]
XS = "{http://www.w3.org/2001/XMLSchema}"
NUMBERS = {"decimal", "integer"}

IN_XML_ONLY = re.compile(
    r"""
      .*/TxDtls/(Tax|CardTx|FinInstrmId|RltdPric|RltdQties|CorpActn|RltdCorpActn|SfkpgAcct|UndrlygAllcn)/.*
    | .*/TxDtls/(InstrCpy|SplmtryData/.*)
    | .*/RmtInf/Strd/(TaxRmt|GrnshmtRmt|SctiesData|RfrdDocInf/LineDtls)/.*
    | .*/RmtInf/Strd/RfrdDocInf/RltdDt/Tp/.*
    | Ntry/CardTx/.*
    | .*Intrst/(TtlIntrstAndTaxAmt|(Rcrd/)?Rate/VldtyRg/.*)
    | .*/AdrTp/Prtry/(Issr|SchmeNm)
    | .*Chrgs/(Rcrd/)?(Agt|Pty)/(BrnchId/.*|FinInstnId/(?!Nm$|BIC(FI)?$|NmAndAdr/Nm$|CmbndId/(BIC|Nm)$).*)
    | .*/RltdAgts/Prtry/Tp
    """,
    re.VERBOSE,
)
"""What only `Transaction.xml` still says: securities, cards, taxes, small print of interest and addresses."""


NEEDED = [
    (
        re.compile(r"(^|/)Chrgs(/Rcrd)?$|(^|/)RfrdDocAmt/(Adj|Dscnt|RmtAmt|Tax)\w+$"),
        '<Amt Ccy="EUR">1.00</Amt>',
    ),
    (re.compile(r"(OrgId|PrvtId)/\w+$"), "<Id>1</Id>"),
    (re.compile(r"/PrvtId$"), "<CstmrNb>1</CstmrNb>"),
]
"""What an element must have beside the one that is looked for, to mean anything."""


class Leaf(NamedTuple):
    """An element with a text: its path, and what kind of text the schema asks for."""

    path: str
    kind: str
    has_currency: bool


class Schema:
    """The types of one official schema."""

    def __init__(self, version: str) -> None:
        root = etree.parse(SCHEMAS / f"{version}.xsd").getroot()
        self.types = {kind.get("name"): kind for kind in root if kind.get("name")}
        (document,) = root.iterchildren(f"{XS}element")
        self.root = self.children(document.get("type") or "")

    def children(self, kind: str) -> list[tuple[str, str]]:
        """The elements inside a type, with their types."""
        found = [] if kind not in self.types else list(self.types[kind].iter(f"{XS}element"))
        return [(one.get("name") or "", one.get("type") or "") for one in found]

    def leaves(self, kind: str, path: str, above: tuple[str, ...] = ()) -> Iterator[Leaf]:
        """Every element with a text below an element of this type."""
        inside = self.children(kind)
        if not inside:
            yield Leaf(path, self.base(kind), has_currency=self.has_currency(kind))
        elif kind not in above:
            for name, its_kind in inside:
                yield from self.leaves(its_kind, f"{path}/{name}" if path else name, (*above, kind))

    def has_currency(self, kind: str) -> bool:
        """Whether elements of this type have an attribute."""
        return kind in self.types and next(self.types[kind].iter(f"{XS}attribute"), None) is not None

    def base(self, kind: str) -> str:
        """The type of the standard that a type restricts."""
        while kind in self.types:
            inner = next(self.types[kind].iter(f"{XS}restriction", f"{XS}extension"), None)
            kind = "" if inner is None else inner.get("base") or ""
        return kind.partition(":")[2]


@cache
def schema(version: str) -> Schema:
    return Schema(version)


def texts_of(leaf: Leaf) -> tuple[str, str]:
    """Two texts that the schema allows in spirit; nothing else in the file says the first."""
    name = leaf.path.rpartition("/")[2]
    if name == "CdtDbtInd":
        return "DBIT", "CRDT"
    if leaf.kind == "boolean":
        return "true", "false"
    if leaf.kind in NUMBERS or name.startswith("NbOf") or name in {"PgNb", "Sum"}:
        return "7654321", "1"
    if leaf.kind in {"date", "dateTime"}:
        return "2031-12-30", "2030-01-01"
    return "Merkteken", "Anders"


def nested(leaf: Leaf, text: str) -> str:
    """An element with a text, in all that the path says is around it."""
    *around, last = leaf.path.removeprefix("Ntry/").split("/")
    currency = ' Ccy="EUR"' if leaf.has_currency else ""
    inner = f"<{last}{currency}>{text}</{last}>"
    for place, name in reversed(list(enumerate(around))):
        for needed, sibling in NEEDED:
            if needed.search("/".join(around[: place + 1])) and not inner.startswith(sibling[:4]):
                inner = f"{sibling}{inner}"
        inner = f"<{name}>{inner}</{name}>"
    return inner


def document(version: str, body: str) -> bytes:
    ((message, _),) = schema(version).root
    namespace = f"urn:iso:std:iso:20022:tech:xsd:{version}"
    return f'<Document xmlns="{namespace}"><{message}>{body}</{message}></Document>'.encode()


ENTRY = '<Amt Ccy="EUR">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>'
ACCOUNT = f"<Acct><Id><IBAN>{OURS}</IBAN></Id></Acct>"


def said(one: Transaction) -> tuple[object, ...]:
    """What a transaction says, but for which entry it is."""
    return (*one[1:-1], *(getattr(one.details, field.name) for field in fields(Details)))


def entries_of(version: str, leaves: list[Leaf]) -> list[Transaction]:
    """Two entries for each leaf, that differ in its text."""
    both = [nested(leaf, text) for leaf in leaves for text in texts_of(leaf)]
    name = MESSAGES[version[5:8]]
    entries = "".join(f"<Ntry>{ENTRY}{one}</Ntry>" for one in both)
    file = document(version, f"<{name}><Id>1</Id>{ACCOUNT}{entries}</{name}>")
    return [one for statement in read(io.BytesIO(file), name=version) for one in statement.transactions]


def entry_leaves(version: str) -> list[Leaf]:
    """What the schema has in an entry, but for what every entry has."""
    name = MESSAGES[version[5:8]]
    ((_, message),) = schema(version).root
    (kind,) = [kind for child, kind in schema(version).children(message) if child == name]
    (entry,) = [kind for child, kind in schema(version).children(kind) if child == "Ntry"]
    every = {"Ntry/Amt", "Ntry/CdtDbtInd"}
    return [leaf for leaf in schema(version).leaves(entry, "Ntry") if leaf.path not in every]


@pytest.mark.parametrize("version", VERSIONS)
def test_every_element_of_an_entry_is_read_or_is_known_not_to_be(version: str) -> None:
    leaves = entry_leaves(version)
    assert leaves
    found = iter(entries_of(version, leaves))
    wrong = []
    for leaf in leaves:
        is_read = said(next(found)) != said(next(found))
        if is_read == bool(IN_XML_ONLY.fullmatch(leaf.path)):
            wrong.append(("read" if is_read else "lost", leaf.path))
    assert wrong == []
