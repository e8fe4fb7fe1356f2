"""Texts that every bank takes, and the check digits of references."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iban
from stdnum.eu import at_02

from bank_formats import sepa_text
from bank_formats.sepa_text import Cleaned, NoCreditorId, NoCreditorReference, NoReference, clean

WRITTEN = [
    ("Bakkerij Jansen", "Bakkerij Jansen"),
    ("Zoë Müller-Straße", "Zoe Muller-Strasse"),
    ("Zoe\u0308", "Zoe"),
    ("Łukasz Żółć", "Lukasz Zolc"),
    ("Иванов", "Ivanov"),
    ("Ελένη", "Eleni"),
    ("محمد علي", "mhmd 'ly"),
    ("李小龍", "LiXiaoLong"),
    ("Şükrü Çağlar", "Sukru Caglar"),
    ("Bakker & Zn. 100% €5", "Bakker + Zn. 100 procent EUR5"),
    ("a_b@c.nl; x=1 [y]", "a-b(at)c.nl, x-1 (y)"),
    ("  twee\u00a0 woorden\n", "twee woorden"),
    ("Đorđe Ħĕŀŀœ", "Dorde Helloe"),
    ("Ĳsbrand Æsop þór", "IJsbrand Aesop thor"),
    ("Θεοδώρα Χρήστου", "THeodora CHristoy"),
    ("Живка Щерева Йордан", "ZHivka SHTereva Yordan"),
    ("Эльза", "Elyza"),
    ("¿½ {x}~`\\|", "?1/2 (x)-'//"),
    ("a\u0300\u200b😀", "a"),
    ("", ""),
]


@pytest.mark.parametrize(("text", "expected"), WRITTEN)
def test_names_survive_readably(text: str, expected: str) -> None:
    assert clean(text, 70).text == expected


# Written to by hand from the conversion table, a sample of each of its languages.
EPC_SAMPLE = {
    "ĀāČčĒēĢģĪīĶķĻļŅņŠšŪūŽž": "AaCcEeGgIiKkLlNnSsUuZz",
    "ĄąĆćĘęŁłŃńÓóŚśŹźŻż": "AaCcEeLlNnOoSsZzZz",
    "ÁáÉéÍíÓóÖöŐőÚúÜüŰű": "AaEeIiOoOoOoUuUuUu",
    "ĂăÂâÎîȘșȚț": "AaAaIiSsTt",
    "ĠġĦħ": "GgHh",
    "ÅåÄäÖöØø": "AaAaOoOo",
    "ΑΒΓΔΕΖΗΙΚΛΜΝΞΟΠΡΣΤΥΦΩ": "AVGDEZIIKLMNXOPRSTYFO",
    "αβγδεζηθικλμνξοπρσςτυφχψω": "avgdezithiklmnxoprsstyfchpso",
    "АБВГДЕЗИЙКЛМНОПРСТУФХЦЪЬ": "ABVGDEZIYKLMNOPRSTUFHTSAY",
    "абвгдежзийклмнопрстуфхцчшщъьюя": "abvgdezhziyklmnoprstufhtschshshtayyuya",
}


@pytest.mark.parametrize(("letters", "written"), EPC_SAMPLE.items())
def test_letters_are_written_as_the_conversion_table_says(letters: str, written: str) -> None:
    assert clean(letters, 140).text == written


def test_the_conversion_table_names_no_letter_twice_and_writes_what_banks_take() -> None:
    listed = [letter for letters in sepa_text.EPC_LETTERS.values() for letter in letters]
    assert len(listed) == len({*listed}) == len(sepa_text.EPC)
    for written in [*sepa_text.EPC.values(), *sepa_text.READABLE.values()]:
        assert not sepa_text.NOT_ALLOWED.search(written)
    assert not {*sepa_text.EPC} & {*sepa_text.READABLE}


def test_what_changed_is_told() -> None:
    assert clean("Zoë", 70) == Cleaned("Zoe", ("“ë” werd “e”",))
    assert clean("x" * 71, 70) == Cleaned("x" * 70, ("ingekort van 71 naar 70 tekens",))
    assert clean("Jansen", 70).changes == ()


@given(st.text(), st.integers(1, 140))
def test_whatever_is_written_banks_take_it(text: str, length: int) -> None:
    cleaned = clean(text, length)
    assert re.fullmatch(r"[a-zA-Z0-9/\-?:().,'+ ]*", cleaned.text)
    assert len(cleaned.text) <= length
    assert cleaned.text == " ".join(cleaned.text.split())
    assert clean(cleaned.text, length) == Cleaned(cleaned.text, ())


IDENTIFIERS = [
    ("HHB-2026/11.1", True),
    ("x" * 35, True),
    ("x" * 36, False),
    ("", False),
    ("/x", False),
    ("x/", False),
    ("a//b", False),
    ("é", False),
    (" x", False),
    ("a_b", False),
    ("a b", True),
    ("a  b", False),
    ("a/b c", True),
]


@pytest.mark.parametrize(("identifier", "fits"), IDENTIFIERS)
def test_an_identifier_fits_or_it_is_said_why_not(identifier: str, fits: bool) -> None:
    assert (sepa_text.problem_of_identifier(identifier) is None) == fits


KENMERKEN = [
    ("5000056789012345", True),
    ("12234534622567", True),
    ("1583366271601210", True),
    ("1000000000000006", True),  # 6 times 2 leaves 1: eleven less 1 is ten, written as 1
    ("0000000000000006", False),
    ("0000000000000051", True),  # 1 times 2 and 5 times 4 leave nothing: eleven, written as 0
    ("1000000000000051", False),
    ("1234567", True),
    ("1234567890123456", False),
    ("4000056789012345", False),
    ("13234534622567", False),
    ("12345678", False),
    ("123456789012345", False),
    ("500005678901234A", False),
    ("٥000056789012345", False),
    ("", False),
]


@pytest.mark.parametrize(("reference", "valid"), KENMERKEN)
def test_a_betalingskenmerk_has_a_right_check_digit(reference: str, valid: bool) -> None:
    assert sepa_text.is_betalingskenmerk(reference) == valid


@given(st.text("0123456789", min_size=1, max_size=15))
def test_a_made_betalingskenmerk_is_valid_and_holds_its_number(number: str) -> None:
    made = sepa_text.betalingskenmerk(number)
    assert sepa_text.is_betalingskenmerk(made)
    assert made.endswith(number)


@given(st.text("0123456789", min_size=15, max_size=15), st.integers(0, 15), st.integers(1, 9))
def test_most_mistypings_of_one_digit_are_found(number: str, place: int, more: int) -> None:
    made = sepa_text.betalingskenmerk(number)
    mistyped = made[:place] + str((int(made[place]) + more) % 10) + made[place + 1 :]
    found = not sepa_text.is_betalingskenmerk(mistyped)
    assert found or made[0] in "01"  # a remainder of 10 and of 0 give 1 and 0: only there two numbers meet


@pytest.mark.parametrize("number", ["", "1" * 16, "12a"])
def test_no_betalingskenmerk_of_what_is_no_number(number: str) -> None:
    with pytest.raises(NoReference):
        sepa_text.betalingskenmerk(number)


@given(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=21))
def test_a_made_creditor_reference_is_valid(reference: str) -> None:
    assert sepa_text.is_creditor_reference(sepa_text.creditor_reference(reference))


def test_creditor_references_of_the_standard() -> None:
    assert sepa_text.creditor_reference("539007547034") == "RF18539007547034"
    assert not sepa_text.is_creditor_reference("RF19539007547034")
    assert not sepa_text.is_creditor_reference("RF18 5390 0754 7034")
    assert not sepa_text.is_creditor_reference("RF18５39007547034")
    assert not sepa_text.is_creditor_reference("rf18539007547034")
    with pytest.raises(NoCreditorReference):
        sepa_text.creditor_reference("a-b")


ALIASES = [("NL02RABO0000000019", True), ("NL99RABO0000000019", False), ("NL01RABO0000000037", False)]


@pytest.mark.parametrize(("iban", "valid"), ALIASES)
def test_check_digits_run_from_02_to_98(iban: str, valid: bool) -> None:
    assert sepa_text.is_iban(iban) == valid


def test_sepa_reaches_the_countries_of_its_list() -> None:
    assert sepa_text.is_sepa_iban("NL02RABO0000000019")
    assert not sepa_text.is_sepa_iban("NL03RABO0000000019")
    assert sepa_text.is_iban("BR1800360305000010009795493C1")
    assert not sepa_text.is_sepa_iban("BR1800360305000010009795493C1")


def test_a_picture_says_nothing() -> None:
    assert sepa_text.clean("Huur 😀 mei", 140).text == "Huur mei"


IBANS = [
    ("NL91ABNA0417164300", True),
    ("DE89370400440532013000", True),
    ("BE68539007547034", True),
    ("NL92ABNA0417164300", False),
    ("NL91 ABNA 0417 1643 00", False),
    ("nl91abna0417164300", False),
    ("NL91ABNA041716430", False),
    ("123456789", False),
    ("", False),
]


@pytest.mark.parametrize(("iban", "valid"), IBANS)
def test_an_iban_has_its_shape_and_check_digits(iban: str, valid: bool) -> None:
    assert sepa_text.is_iban(iban) == valid


@given(
    st.sampled_from(["NL", "DE", "BE", "MT", "FR", "XX"]),
    st.from_regex(r"\A[A-Z0-9]{10,30}\Z"),
    st.booleans(),
)
def test_an_iban_is_judged_as_another_judge_does(country: str, rest: str, right: bool) -> None:
    checked = iban.calc_check_digits(f"{country}00{rest}") if right else "12"
    made = f"{country}{checked}{rest}"
    assert sepa_text.is_iban(made) == iban.is_valid(made, check_country=False)


EXAMPLES = [
    "NL91ABNA0417164300",
    "MT84MALT011000012345MTLCAST001S",
    "FR1420041010050500013M02606",
    "GB29NWBK60161331926819",
    "NO9386011117947",
    "LC55HEMM000100010012001200023015",
]


@pytest.mark.parametrize("made", EXAMPLES)
def test_ibans_of_the_registry_are_valid_and_their_mistypings_are_not(made: str) -> None:
    assert sepa_text.is_iban(made)
    for place in range(4, len(made)):
        if made[place].isdigit():
            wrong = made[:place] + str((int(made[place]) + 1) % 10) + made[place + 1 :]
            assert not sepa_text.is_iban(wrong)
    assert not sepa_text.is_iban(made.replace("0", "\u0660"))


CREDITOR_IDS = [
    ("NL51ZZZ405365330000", True),
    ("NL51ABC405365330000", True),
    ("DE98ZZZ09999999999", True),
    ("NL52ZZZ405365330000", False),
    ("NL51ZZZ405365330001", False),
    ("nl51ZZZ405365330000", False),
    ("NL51ZZ", False),
    ("NL51ZZZ" + "1" * 29, False),
    ("", False),
]


@pytest.mark.parametrize(("identifier", "valid"), CREDITOR_IDS)
def test_a_creditor_identifier_has_right_check_digits(identifier: str, valid: bool) -> None:
    assert sepa_text.is_creditor_id(identifier) == valid
    assert at_02.is_valid(identifier) or not valid


def test_a_creditor_identifier_of_the_guideline_is_made() -> None:
    assert sepa_text.creditor_id("NL", "405365330000") == "NL51ZZZ405365330000"
    assert sepa_text.creditor_id("NL", "405365330000", "001") == "NL51001405365330000"


@given(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=28))
def test_a_made_creditor_identifier_is_valid(number: str) -> None:
    made = sepa_text.creditor_id("NL", number)
    assert sepa_text.is_creditor_id(made)
    assert at_02.is_valid(made)


@pytest.mark.parametrize(
    ("country", "number", "business"),
    [("NL", "", "ZZZ"), ("NL", "1-2", "ZZZ"), ("NL", "1" * 29, "ZZZ"), ("nl", "1", "ZZZ"), ("NL", "1", "Z")],
)
def test_no_creditor_identifier_of_what_is_no_number(country: str, number: str, business: str) -> None:
    with pytest.raises(NoCreditorId):
        sepa_text.creditor_id(country, number, business)
