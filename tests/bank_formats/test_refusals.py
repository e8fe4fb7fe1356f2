"""Each wrong file, what a person reads of it and what a program reads: one table."""

import io
import json
import re
import runpy
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from bank_formats import Refused, __main__, read, reading
from bank_formats.errors import Code, NotOpened, Unreadable, shown
from bank_formats.jsonl import lines, payment_lines
from tests.bank_formats.made import HEAD, document, entry, gzipped, zipped

ISO = "urn:iso:std:iso:20022:tech:xsd:"
GOOD = document(HEAD + entry() * 3)
TEXT = GOOD.decode()


class Case(NamedTuple):
    """A wrong file: the code of its refusal, words of its sentence, and what else the refusal knows."""

    content: bytes
    code: str
    words: str
    line: int | None = None
    path: str | None = None
    value: str | None = None


def statement(inside: str) -> bytes:
    return document(HEAD + entry() + inside)


def packed(name: str, content: bytes, change: Callable[[zipfile.ZipInfo], None]) -> bytes:
    """A zip with one member, of which the description was changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, content)
        change(archive.filelist[0])
    return out.getvalue()


def with_password(member: zipfile.ZipInfo) -> None:
    member.flag_bits |= 1


LATIN1 = document(HEAD + entry("<RmtInf><Ustrd>Café</Ustrd></RmtInf>")).decode().encode("latin-1")
CASES = {
    "a web page saved as .xml": Case(
        b"<!DOCTYPE html><html lang=nl>", "html_page", "Log opnieuw in bij de bank"
    ),
    "a web page that is XML": Case(b'<?xml version="1.0"?>\n<html/>', "html_page", "dit is een webpagina"),
    "a payment file": Case(
        document(HEAD, namespace=f"{ISO}pain.001.001.09"), "payment_file", "betaalbestand (pain.001)"
    ),
    "a collection file": Case(
        document(HEAD, namespace=f"{ISO}pain.008.001.08"), "collection_file", "incassobestand (pain.008)"
    ),
    "another message": Case(
        document(HEAD, namespace=f"{ISO}camt.050.001.05"), "other_message", "camt.050.001.05, een overboeking"
    ),
    "an unknown namespace": Case(
        document(HEAD, namespace="urn:example"), "unknown_namespace", "geen bankbericht", value="urn:example"
    ),
    "an empty file": Case(b"", "empty", "het bestand is leeg"),
    "an empty gzip": Case(gzipped(b""), "empty", "het bestand is leeg"),
    "a PDF": Case(b"%PDF-1.7\n", "pdf", "dit is een PDF"),
    "a table": Case(b"datum;bedrag\n2026-11-02;12,34\n", "table", "tabel (CSV)"),
    "an Excel file": Case(
        zipped({"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"}),
        "office_document",
        "Excel, Word",
    ),
    "a LibreOffice file": Case(
        zipped({"mimetype": b"x", "META-INF/manifest.xml": b"<m/>"}), "office_document", "kantoorprogramma"
    ),
    "a picture": Case(b"\x89PNG\r\n\x1a\n", "image", "dit is een plaatje"),
    "JSON": Case(b'{"a": 1}', "json", "dit is JSON"),
    "a letter": Case(b"Beste bank,\n", "plain_text", "gewone tekst"),
    "an encrypted file": Case(b"-----BEGIN PGP MESSAGE-----\n", "encrypted", "versleuteld"),
    "another archive": Case(b"Rar!\x1a\x07\x01\x00", "other_archive", "ingepakt op een manier"),
    "bytes": Case(bytes(range(1, 30)), "unknown_kind", "geen bankbestand dat wij kennen"),
    "a file cut off": Case(GOOD[:-40], "truncated", "afgekapt; het einde ontbreekt", line=5),
    "a file cut off in its head": Case(
        b"<?xml version='1.0'?>\n<Docu", "truncated", "begin van een XML-bericht"
    ),
    "a file cut off in a comment": Case(GOOD[:-9] + b"<!-- x", "truncated", "afgekapt"),
    "Latin-1 said to be UTF-8": Case(
        LATIN1, "wrong_encoding", "tekencodering die het bestand noemt", line=3, value="UTF-8"
    ),
    "an unknown encoding": Case(
        GOOD.replace(b"UTF-8", b"klingon"), "unknown_encoding", "kennen wij niet", line=1, value="klingon"
    ),
    "no encoding": Case(GOOD.replace(b"UTF-8", b""), "unknown_encoding", "tekencodering", line=1, value=""),
    "a DOCTYPE": Case(b"<!DOCTYPE Document>" + GOOD[GOOD.index(b"<Doc") :], "doctype", "bevat een DOCTYPE"),
    "a tag that ends otherwise": Case(
        statement("<Ntry></Entry>"), "not_well_formed", "eindigt anders dan het begint", line=4
    ),
    "a loose ampersand": Case(statement("<a>J & J</a>"), "not_well_formed", "los &-teken", line=4),
    "an unknown entity": Case(statement("<a>&euro;</a>"), "not_well_formed", "niet bestaat", line=4),
    "a forbidden character": Case(
        statement("<a>\x01</a>"), "not_well_formed", "teken in dat niet mag", line=4
    ),
    "an attribute without quotes": Case(statement("<a b=1/>"), "not_well_formed", "aanhalingstekens", line=4),
    "something after the end": Case(GOOD + b"<more/>", "not_well_formed", "na het einde", line=7),
    "damage without a name": Case(statement("<a>]]></a>"), "not_well_formed", "beschadigd", line=4),
    "too deep": Case(statement("<a>" * 300), "too_deep", "te diep in elkaar", line=4),
    "a bomb": Case(zipped({"a.xml": b" " * 60_000_000}), "bomb", "bij uitpakken veel te groot"),
    "a password": Case(packed("a.xml", GOOD, with_password), "password", "met een wachtwoord beveiligd"),
    "gzip cut off": Case(gzipped(GOOD)[:-20], "damaged_archive", "beschadigd of afgekapt"),
    "zip cut off": Case(zipped({"a.xml": GOOD})[:-30], "damaged_archive", "beschadigd of afgekapt"),
    "a zip in a zip": Case(
        zipped({"a.zip": zipped({"a.xml": GOOD})}), "packed_twice", "ingepakt bestand in een"
    ),
    "a path outside": Case(zipped({"../a.xml": GOOD}), "path_outside", "een plaats erbuiten"),
    "nothing in a zip": Case(
        zipped({"a.txt": b"Hallo", "b.pdf": b"%PDF-"}),
        "nothing_inside",
        "geen bankbestand",
        value="a.txt, b.pdf",
    ),
    "no statement": Case(document(), "no_statement", "er staat geen afschrift in"),
    "no account": Case(
        document("<Id>S1</Id>" + entry()), "no_account", "noemt geen rekening", line=3, path="Stmt[1]/Acct/Id"
    ),
    "no amount": Case(
        statement("<Ntry><CdtDbtInd>CRDT</CdtDbtInd></Ntry>"),
        "no_amount",
        "ontbreekt",
        4,
        "Stmt[1]/Ntry[2]/Amt",
    ),
    "an amount with a comma": Case(
        statement(entry(amount="1,00")), "wrong_amount", "geen getal", 4, "Stmt[1]/Ntry[2]/Amt", "1,00"
    ),
    "no direction": Case(
        statement('<Ntry><Amt Ccy="EUR">1</Amt></Ntry>'),
        "no_direction",
        "bij of af",
        4,
        "Stmt[1]/Ntry[2]/CdtDbtInd",
    ),
    "a wrong direction": Case(
        statement(entry(side="C")), "wrong_direction", "geen bij (CRDT)", 4, "Stmt[1]/Ntry[2]/CdtDbtInd", "C"
    ),
    "a wrong date": Case(
        statement(entry(after="<ValDt><Dt>2026-02-30</Dt></ValDt>")),
        "wrong_date",
        "deze datum bestaat niet",
        4,
        "Stmt[1]/Ntry[2]/ValDt",
        "2026-02-30",
    ),
    "MT940 cut off": Case(
        b":20:X\r\n:25:NL91ABNA0417164300\r\n:28C:1\r\n:60F:C261102EUR1,00\r\n", "truncated", "afgekapt"
    ),
}
ENGLISH = re.compile(r"\b(the|this|that|is not|not|cannot|must|with|from|and|tag|error|invalid|line)\b")


@pytest.mark.parametrize("what", CASES)
def test_a_wrong_file_is_refused_with_all_that_is_known(what: str) -> None:
    case = CASES[what]
    given: list[object] = []
    with pytest.raises(Refused) as refused:
        given.extend(lines(io.BytesIO(case.content), "november.xml"))
    assert given == []
    said = refused.value.as_data()
    assert (case.code, case.words in said["sentence"]) == (said["refused"], True), said
    assert [said[name] for name in ("line", "path", "value") if getattr(case, name) is not None] == [
        value for value in case[3:] if value is not None
    ]


@pytest.mark.parametrize("what", CASES)
def test_a_sentence_is_dutch_names_the_file_once_and_ends_with_what_to_do(what: str) -> None:
    with pytest.raises(Refused) as refused:
        list(lines(io.BytesIO(CASES[what].content), "november.xml"))
    sentence, said = refused.value.sentence, refused.value.as_data()
    assert sentence.startswith("november.xml")
    assert sentence.count("november.xml") == 1
    assert sentence.endswith(f". {said['remedy']}")
    assert sentence.isprintable()
    assert not ENGLISH.search(re.sub(r'"[^"]*"|`[^`]*`', "", sentence.lower()))
    assert json.loads(json.dumps(said)) == said
    assert said["refused"] in set(Code)
    assert said["file"].startswith("november.xml")


def test_statements_are_refused_where_only_they_are_wanted() -> None:
    report = document(HEAD, namespace=f"{ISO}pain.002.001.10")
    with pytest.raises(Refused) as refused:
        list(read(io.BytesIO(report), name="x"))
    assert refused.value.code == "status_report"
    assert "statusrapport" in refused.value.sentence


def test_a_statement_is_refused_where_payments_are_wanted() -> None:
    with pytest.raises(Refused) as refused:
        list(payment_lines(io.BytesIO(GOOD), "x"))
    assert (refused.value.code, refused.value.as_data()["value"]) == ("statement", "camt.053.001.08")


def test_a_refusal_that_knows_no_place_says_so() -> None:
    assert Refused().as_data() == dict.fromkeys(("file", "line", "path", "value", "remedy", "detail")) | {
        "refused": "refused",
        "sentence": "Dit bankbestand kan niet worden verwerkt.",
    }


def test_what_a_library_said_goes_along_in_its_own_words() -> None:
    with pytest.raises(Unreadable) as refused:
        list(lines(io.BytesIO(statement("<a></b>")), "x"))
    assert "mismatch" in refused.value.as_data()["detail"]
    assert "mismatch" not in refused.value.sentence


def test_long_and_strange_values_are_shortened() -> None:
    assert shown("a\nb\0c") == "a b c"
    assert shown("x" * 100) == "x" * 59 + "…"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (FileNotFoundError(2, "No such file or directory", "a.xml"), "het bestand bestaat niet"),
        (IsADirectoryError(21, "Is a directory", "a.xml"), "dit is een map"),
        (PermissionError(13, "Permission denied", "a.xml"), "u mag dit bestand niet lezen"),
        (OSError(5, "Input/output error", "a.xml"), "het lezen mislukte"),
        (OSError(), "het lezen mislukte"),
    ],
)
def test_what_the_operating_system_says_is_said_in_dutch(error: OSError, words: str) -> None:
    refused = NotOpened.because(error)
    assert words in refused.sentence
    assert (error.strerror or "?") not in refused.sentence
    assert refused.as_data()["refused"] == "not_opened"


def test_the_module_prints_lines_or_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def printed(name: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["bank_formats", str(tmp_path / name)])
        status = __main__.main()
        return (status, *capsys.readouterr())

    tmp_path.joinpath("good.xml").write_bytes(GOOD)
    tmp_path.joinpath("bad.xml").write_bytes(GOOD[:-40])
    status, out, err = printed("good.xml")
    assert (status, err) == (0, "")
    assert [json.loads(line)["kind"] for line in out.splitlines()] == ["statement"] + ["transaction"] * 3
    assert printed("bad.xml")[:2] == (1, "")
    assert "bestaat niet" in printed("missing.xml")[2]


def test_the_module_ends_with_its_exit_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.joinpath("empty").touch()
    monkeypatch.setattr(sys, "argv", ["bank_formats", str(tmp_path / "empty")])
    monkeypatch.delitem(sys.modules, "bank_formats.__main__")
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("bank_formats", run_name="__main__")
    assert ended.value.code == 1


def test_a_file_of_nothing_is_no_file_of_no_statements(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "contents", lambda *_, **__: iter(()))
    with pytest.raises(Refused, match="geen afschrift"):
        list(read(io.BytesIO(b""), name="x"))


def test_payments_are_lines_too() -> None:
    golden = Path(__file__).parents[1] / "golden" / "pain001" / "pain.001.001.03.full.xml"
    head, *payments = payment_lines(io.BytesIO(golden.read_bytes()), "betaal.xml")
    assert (head["kind"], head["format"]) == ("payment_file", "pain.001.001.03")
    assert head["message_id"]
    assert {line["kind"] for line in payments} == {"payment"}
    assert all(line["amount_cents"] > 0 and line["creditor_iban"] for line in payments)
    assert json.loads(json.dumps([head, *payments])) == [head, *payments]
