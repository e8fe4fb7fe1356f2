"""Picking fields by shape says the same as walking through the element."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from bank_formats.camt_fields import SINGLE, Said, names
from bank_formats.fields import Records, money, several, walked
from bank_formats.runs import Context
from tests.bank_formats.made import NAMESPACE

TAGS = [
    "Amt",
    "CdtDbtInd",
    "Sts",
    "Cd",
    "NtryDtls",
    "TxDtls",
    "Refs",
    "EndToEndId",
    "RltdPties",
    "Dbtr",
    "Pty",
    "Nm",
]
MORE = [
    "RmtInf",
    "Ustrd",
    "Strd",
    "CdtrRefInf",
    "Ref",
    "Chrgs",
    "Rcrd",
    "RtrInf",
    "Rsn",
    "Btch",
    "NbOfTxs",
    "Foo",
]
NAMESPACES: Any = {None: NAMESPACE}
TEXT = st.none() | st.text(st.sampled_from("aé &<>'\"\n\t 1;#"), max_size=8)


@st.composite
def elements(draw: st.DrawFn, depth: int = 5) -> etree._Element:
    element = etree.Element(f"{{{NAMESPACE}}}{draw(st.sampled_from(TAGS + MORE))}", nsmap=NAMESPACES)
    if draw(st.booleans()):
        element.set("Ccy", draw(st.sampled_from(["EUR", "0", "&", '"', "<>", ">1<"])))
    element.text = draw(TEXT)
    for _ in range(draw(st.integers(0, 4)) if depth else 0):
        child = draw(elements(depth=depth - 1))
        child.tail = draw(TEXT)
        element.append(child)
    return element


CONTEXT = Context.of(NAMESPACES)
SHARED = names(NAMESPACE, "Stmt", CONTEXT).single


@given(elements())
def test_a_shape_says_what_a_walk_says(element: etree._Element) -> None:
    for fields in (Records(SHARED.table, Said, SHARED.also, tag=SHARED.tag, context=CONTEXT), SHARED):
        assert fields.of(element) == fields.walked(element)
        assert fields.of(element) == fields.walked(element)


def test_shapes_without_number_are_let_go_of() -> None:
    fields = Records(SHARED.table, Said, SHARED.also, tag=SHARED.tag, context=CONTEXT)
    for number in range(2000):
        element = etree.fromstring(f'<Ntry xmlns="{NAMESPACE}"><Amt Ccy="{number}">1.00</Amt></Ntry>')
        assert fields.of(element) == Said(entry_amount="1.00", entry_amount_currency=str(number), inside=0)
    assert len(fields.shapes) <= 512


def test_every_field_of_an_entry_has_a_name_of_its_own() -> None:
    assert set(SINGLE) >= {"Amt", "CdtDbtInd", "Sts", "BookgDt", "ValDt", "NtryDtls"}


def test_of_amounts_the_first_counts_and_of_texts_those_that_say_something() -> None:
    element = etree.fromstring('<E><A Ccy="EUR">1</A><A Ccy="USD">2</A><T/><T>one</T></E>')
    assert walked(element, {"A": money("a"), "T": several("t")}) == {"a": ("1", "EUR"), "t": ["one"]}
