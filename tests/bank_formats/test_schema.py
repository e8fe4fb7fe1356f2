"""What the official schema says of a file, in Dutch and with its line."""

import io

import pytest

from bank_formats import schema, xml
from bank_formats.containers import contents
from bank_formats.errors import UnsafeFile
from bank_formats.schema import CUT_OFF, Problem, in_dutch
from tests.bank_formats.made import camt, credit


def found_in(file: bytes, message: str = "camt.053.001.08", most: int = schema.MOST) -> list[Problem]:
    (content,) = contents(io.BytesIO(file), name="s.xml")
    return schema.problems(content, message, lambda: io.BytesIO(file), most)


RIGHT = camt([credit(1), credit(2)])
SAID = [
    (RIGHT.replace(b"<Id>S1</Id>", b""), "ElctrncSeqNb staat niet op zijn plaats; hier hoort Id"),
    (RIGHT.replace(b"<Id>S1</Id>", b"<Id>" + b"x" * 36 + b"</Id>"), "Id heeft 36 tekens; 35 mag"),
    (RIGHT.replace(b"<Id>S1</Id>", b"<Id></Id>"), "Id heeft 0 tekens; het moeten er ten minste 1 zijn"),
    (RIGHT.replace(b">CRDT<", b">PLUS<"), "CdtDbtInd is “PLUS”; het kan alleen CRDT of DBIT zijn"),
    (RIGHT.replace(b"2026-11-02<", b"gisteren<"), "Dt is “gisteren”; dat is geen datum"),
    (RIGHT.replace(b"T06:00:00<", b" 6 uur<"), "CreDtTm is “2026-11-03 6 uur”; dat is geen datum met tijd"),
    (RIGHT.replace(b">12.34<", b">veel<"), "Amt is “veel”; dat is geen getal"),
    (RIGHT.replace(b"<Stmt>", b"<Stmt>hallo"), "in Stmt staat losse tekst"),
    (RIGHT.replace(b"<Stmt>", b'<Stmt kleur="rood">'), "Stmt/@kleur hoort daar niet"),
    (RIGHT.replace(b' Ccy="EUR"', b""), "bij Amt ontbreekt Ccy"),
    (
        RIGHT.replace(b"<Id>S1</Id>", b"<Id><b>S1</b></Id>"),
        "in Id staan elementen, en daar hoort alleen tekst",
    ),
]


@pytest.mark.parametrize(("file", "sentence"), SAID)
def test_what_differs_is_said_in_dutch_with_its_line(file: bytes, sentence: str) -> None:
    found = found_in(file)
    (problem, *_) = [each for each in found if sentence in each.sentence]
    assert problem.line is not None
    assert problem.original.startswith("Element")


def test_a_file_that_follows_its_schema_has_no_problem() -> None:
    assert found_in(RIGHT) == []


def test_a_message_without_a_schema_has_no_problem() -> None:
    assert found_in(RIGHT, "camt.053.001.99") == []


def test_words_that_are_new_are_kept_as_they_are() -> None:
    assert in_dutch("Something else.").sentence == "het bestand volgt het schema niet (Something else.)"
    odd = "Element '{urn:x}A': Odd."
    assert in_dutch(odd) == Problem(None, "A", "A volgt het schema niet (Odd.)", odd)


def test_no_more_is_read_once_there_is_enough() -> None:
    wrong = camt([credit(number) for number in range(1, 9)]).replace(b">CRDT<", b">PLUS<")
    assert len(found_in(wrong, most=3)) == 3


def test_a_long_file_is_read_piece_by_piece_and_tells_the_line_in_a_later_one() -> None:
    file = camt([credit(number) for number in range(1, 300)])
    before, _, after = file.rpartition(b">CRDT<")
    wrong = before + b">PLUS<" + after
    assert [each.line for each in found_in(wrong)] == [before.count(b"\n") + 1]


def test_a_line_is_told_in_utf_16_too() -> None:
    text = RIGHT.replace(b"<Id>S1</Id>", b"\n<Id></Id>").decode().replace("UTF-8", "UTF-16")
    (problem,) = found_in(text.encode("utf-16"))
    assert problem.line == text[: text.index("<Id></Id>")].count("\n") + 1


def test_a_file_that_was_cut_off_or_is_damaged_differs() -> None:
    assert [each.sentence for each in found_in(RIGHT[:-30])] == [CUT_OFF]
    assert [each.sentence for each in found_in(RIGHT.replace(b"</Stmt>", b"</Smt>"))] == [CUT_OFF]


def test_what_is_too_large_is_unsafe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml, "FILE_BYTES", 10)
    with pytest.raises(UnsafeFile):
        found_in(RIGHT)
