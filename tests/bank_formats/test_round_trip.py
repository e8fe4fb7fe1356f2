"""Statement -> camt -> Statement gives the same, in every message and version, whatever the file's coat."""

from collections.abc import Callable
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

import bank_formats
from bank_formats.camt_writer import CannotBeWritten, Message, Version
from bank_formats.xml import SAFE
from tests.bank_formats.made import (
    EVERY_CHARACTER,
    VERSIONS,
    Made,
    credit,
    examples,
    gzipped,
    said,
    statements,
    statements_of,
    texts,
    transactions,
    wild_transactions,
    written,
    zipped,
)

FOLDER = Path(bank_formats.__file__).parent / "schemas"
OF_THE_MESSAGE = ("message_id", "message_created_at", "created_at")
"""What the writer is told, not the statement."""
NOT_WRITTEN = {"genkgo-v01.xml": "FinInstnId/Nm"}
"""In version 01 a bank has a BIC or a name."""
ANY_VERSION = st.sampled_from(VERSIONS)


@lru_cache
def schema(name: str) -> etree.XMLSchema:
    return etree.XMLSchema(file=str(FOLDER / f"{name}.xsd"))


def assert_valid(file: bytes, name: str) -> None:
    schema(name).assertValid(etree.fromstring(file, etree.XMLParser(**SAFE)))  # type: ignore[arg-type]  # one dict of booleans


def expected(made: list[Made]) -> list[tuple[dict[str, Any], list[bank_formats.Transaction]]]:
    for statement in made:
        statement.message_id, statement.message_created_at = "M1", "2026-11-03T06:00:00"
    return [(said(statement), statement.moved) for statement in made]


def found(file: bytes) -> list[tuple[dict[str, Any], list[bank_formats.Transaction]]]:
    return [(said(statement), moved) for statement, moved in statements(file)]


@pytest.mark.parametrize("version", VERSIONS)
@examples(12)
@given(drawn=st.data())
def test_statements_come_back_from_every_version_as_they_were(version: Version, drawn: st.DataObject) -> None:
    made = drawn.draw(st.lists(statements_of(version), min_size=1, max_size=2))
    file = written([one.again() for one in made], version)
    assert_valid(file, f"camt.053.001.{version}")
    assert found(file) == expected(made)


@examples(40)
@given(message=st.sampled_from(["camt.052", "camt.054"]), version=ANY_VERSION, drawn=st.data())
def test_reports_and_notifications_come_back_as_they_were(
    message: Message, version: Version, drawn: st.DataObject
) -> None:
    made = drawn.draw(statements_of(version, message))
    file = written([made.again()], version, message)
    assert_valid(file, f"{message}.001.{version}")
    assert found(file) == expected([made])


def prefixed(file: bytes) -> bytes:
    return (
        file.replace(b"<", b"<b:")
        .replace(b"<b:/", b"</b:")
        .replace(b"<b:?", b"<?")
        .replace(b"xmlns=", b"xmlns:b=")
    )


def pretty(file: bytes) -> bytes:
    root = etree.fromstring(file, etree.XMLParser(**SAFE))  # type: ignore[arg-type]  # one dict of booleans
    etree.indent(root)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def in_utf16(file: bytes) -> bytes:
    return file.decode().replace("UTF-8", "UTF-16").encode("utf-16")


COATS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzipped,
    "zip": lambda file: zipped({"a.xml": file}),
    "UTF-16": in_utf16,
    "with a prefix": prefixed,
    "pretty": pretty,
    "on one line": lambda file: file.replace(b">\n<", b"><"),
}


@pytest.mark.parametrize("coat", COATS)
@examples(8)
@given(version=ANY_VERSION, drawn=st.data())
def test_the_coat_of_a_file_does_not_change_what_it_says(
    coat: str, version: Version, drawn: st.DataObject
) -> None:
    made = drawn.draw(statements_of(version))
    file = written([made.again()], version)
    assert found(COATS[coat](file)) == expected([made])


@examples(60)
@given(text=texts(140, EVERY_CHARACTER))
def test_every_character_that_xml_may_hold_comes_back(text: str) -> None:
    moved = credit(1)._replace(remittance=text)
    made = Made(format="camt.053.001.08", kind="statement", account="NL91ABNA0417164300")
    made.id = "S1"
    assert transactions(written([made.with_transactions([moved])], is_strict=False)) == [moved]


@examples(60)
@given(version=st.sampled_from(VERSIONS[1:]), drawn=st.data())
def test_what_is_said_comes_back_or_is_refused_and_is_never_dropped(
    version: Version, drawn: st.DataObject
) -> None:
    moved = drawn.draw(wild_transactions(version))
    made = drawn.draw(statements_of(version)).with_transactions(moved)
    try:
        file = written([made], version)
    except CannotBeWritten:
        return
    assert_valid(file, f"camt.053.001.{version}")
    back = transactions(file)
    assert len(back) == len(moved)
    for wild, found_again in zip(moved, back, strict=True):
        assert dropped(wild, found_again) == {}


def dropped(wild: bank_formats.Transaction, back: bank_formats.Transaction) -> dict[str, object]:
    """What was said and did not come back; what was left open may be filled in."""
    names = [name for name in wild._fields if name not in {"entry", "details", "batch", "counterparty"}]
    pairs: dict[str, tuple[object, object]] = {n: (getattr(wild, n), getattr(back, n)) for n in names}
    said, found_again = wild.counterparty._asdict(), back.counterparty._asdict()
    pairs |= {f"counterparty.{name}": (said[name], found_again[name]) for name in said}
    if wild.batch is not None:
        assert back.batch is not None
        told = asdict(wild.batch)
        pairs |= {f"batch.{name}": (told[name], getattr(back.batch, name)) for name in told}
    return {name: pair for name, pair in pairs.items() if pair[0] not in {None, 0, pair[1]} and pair[0] != ()}


@pytest.mark.parametrize("folder", ["camt052", "camt053", "camt054"])
def test_what_a_bank_sent_is_written_again_with_all_its_particulars(folder: str, shared: Path) -> None:
    for file in sorted((shared / "corpus" / folder).glob("*.xml")):
        if file.name in NOT_WRITTEN:
            with pytest.raises(CannotBeWritten, match=NOT_WRITTEN[file.name]):
                assert_written_again(file)
        else:
            assert_written_again(file)


def assert_written_again(file: Path) -> None:
    read = statements(file.read_bytes())
    before = [(said(statement), moved, [one.details for one in moved]) for statement, moved in read]
    for statement, moved in read:
        statement.transactions = iter(moved)
    format = read[0][0].format
    version, message = cast("Version", format[-2:]), cast("Message", format[:8])
    again = statements(written([statement for statement, _ in read], version, message, is_strict=False))
    for (head, moved, details), (statement, back) in zip(before, again, strict=True):
        told = said(statement)
        assert {name: told[name] for name in head if name not in OF_THE_MESSAGE} == {
            name: head[name] for name in head if name not in OF_THE_MESSAGE
        }
        assert back == moved
        assert [one.details for one in back] == details
