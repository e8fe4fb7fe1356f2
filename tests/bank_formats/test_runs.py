"""Cutting runs of entries out of a message says the same as reading it whole, and refuses the same."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from bank_formats import Refused, Transaction, runs, xml
from bank_formats.camt_fields import names
from bank_formats.errors import Unreadable
from bank_formats.runs import Context
from tests.bank_formats.made import HEAD, NAMESPACE, camt, credit, document, entry, transactions

NEVER = re.compile(rb"(?!)")
PART = "<TxDtls><Amt Ccy='EUR'>1.00</Amt></TxDtls>"
PARTS = f"<NtryDtls>{PART}{PART}</NtryDtls>"
PIECES = [
    entry(),
    entry("<RmtInf><Ustrd>Huur &amp; meer</Ustrd></RmtInf>"),
    entry("<RmtInf><Ustrd>\n  twee   woorden\r\n</Ustrd></RmtInf>", side="DBIT"),
    entry(after=PARTS),
    entry(f"<RmtInf><Ustrd>{'lang ' * 200}</Ustrd></RmtInf>"),
    entry("<RmtInf><Ustrd a='>'>x</Ustrd></RmtInf>"),
    entry("<RmtInf><Ustrd><![CDATA[</Ntry><Ntry>]]></Ustrd></RmtInf>"),
    entry("<RmtInf><!-- </Ntry><Ntry></Stmt> --><Ustrd>na</Ustrd></RmtInf>"),
    entry().replace("<Ntry>", "<Ntry >"),
    entry().replace("<Ntry>", "<Ntry run=''>"),
    entry().replace("<Ntry>", "<Ntry xmlns='urn:elders'>"),
    entry("<RmtInf xmlns='urn:elders'><Ustrd>x</Ustrd></RmtInf>"),
    f"<!-- {entry()} -->",
    f"<?pi {entry()}?>",
    f"<![CDATA[{entry()}]]>",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<Ntry run=''/>",
    "<Ntry/>",
    "<Ntry>",
    "</Ntry>",
    "<x a='",
    "'/>",
    "<Foo xmlns='urn:elders'>",
    "</Foo>",
    "<TxDtls/>",
    "losse tekst",
    "&#60;Ntry>",
    "</Stmt>\n<Stmt>" + HEAD,
    "\n\n",
]
LINE = re.compile(r"regel (\d+)")


def outcome(file: bytes) -> list[Transaction] | str:
    """The transactions of a file, or the sentence with which it is refused."""
    try:
        return transactions(file)
    except Unreadable as refused:
        return f"{refused.problem} {refused.line} {refused.path}"
    except Refused as refused:
        return refused.sentence


def cut_and_whole(file: bytes, chunk: int, longest: int) -> list[list[Transaction] | str]:
    """What comes of a file with and without cutting."""
    kept = runs.PROLOG, runs.LONGEST_ENTRY, xml.CHUNK_BYTES
    try:
        runs.LONGEST_ENTRY, xml.CHUNK_BYTES = longest, chunk
        cut = outcome(file)
        runs.PROLOG = NEVER
        return [cut, outcome(file)]
    finally:
        runs.PROLOG, runs.LONGEST_ENTRY, xml.CHUNK_BYTES = kept


@given(
    st.lists(st.sampled_from(PIECES) | st.sampled_from(PIECES[:6]), max_size=12).map("".join),
    st.integers(30, 3000),
    st.sampled_from([100, 600, 5000]),
)
@example("<!--" + entry() + "-->" + entry(), 64, 100)
@example(entry() + "<Ntry run=''/>" + entry(), 3000, 5000)
def test_a_file_says_the_same_cut_or_whole(inside: str, chunk: int, longest: int) -> None:
    cut, whole = cut_and_whole(document(HEAD + inside), chunk, longest)
    assert cut == whole or (
        isinstance(cut, str) and isinstance(whole, str)
    )  # of two mistakes either may be told


@given(st.integers(30, 3000), st.sampled_from([100, 5000]))
def test_a_prefix_changes_nothing(chunk: int, longest: int) -> None:
    plain = camt(credit(number) for number in range(1, 20)).decode()
    prefixed = re.sub(r"<(/?)(\w)", r"<\1n:\2", plain).replace("xmlns=", "xmlns:n=").encode()
    cut, whole = cut_and_whole(prefixed, chunk, longest)
    assert cut == whole == transactions(plain.encode())


@pytest.mark.parametrize("chunk", [200, 1000, 64 * 1024])
def test_the_line_of_a_mistake_is_the_line_of_the_file(chunk: int) -> None:
    file = document(HEAD + "\n" + entry() * 300 + entry(amount="x") + entry() * 300)
    line = 1 + file[: file.index(b">x<")].count(b"\n")
    cut, whole = cut_and_whole(file, chunk, 5000)
    assert cut == whole == f"het bedrag is geen getal {line} Stmt[1]/Ntry[301]/Amt"


def test_most_of_an_ordinary_file_is_cut() -> None:
    cutter = xml.cutter(
        xml.root_of(file := camt(credit(number) for number in range(1, 2000)), file="x"),
        entry="Ntry",
        statement="Stmt",
        reader=names(NAMESPACE, "Stmt", Context.of({None: NAMESPACE})).single,
    )
    left = b"".join(piece for at in range(0, len(file), 9999) for piece in cutter.cut(file[at : at + 9999]))
    assert len(left) < len(file) / 50
    assert sum(len(run.said) for run in cutter.runs) > 1980
    passing = etree.fromstring("<GrpHdr/>")
    assert cutter.run_at(passing) is passing
    assert cutter.runs
