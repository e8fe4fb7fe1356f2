from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huishoudboekje.domain.agreements import reference_key
from ingest.wording import (
    Named,
    cut_reference,
    dates,
    fold,
    name_of,
    named,
    references,
    somebody,
    words,
)


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("714233523", "714233523"),
        ("000714233523", "714233523"),
        ("7142.335-23", "714233523"),
        (" 7142 335 23 ", "714233523"),
        ("084063476t26", "84063476T26"),
        ("RF18 5390 0754 7034", "RF18539007547034"),
        ("000", ""),
        ("--", ""),
    ],
)
def test_a_reference_is_compared_without_blanks_dots_and_leading_zeros(written: str, key: str) -> None:
    assert reference_key(written) == key


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("ABONNEMENT KLANTNR 714233523", "714233523"),
        ("BETREFT 7142 335 23 PER 02/2026", "714233523"),
        ("BETREFT 7142.335.23", "714233523"),
        ("KENMERK 71423 3523 DANK U", "714233523"),
        ("klantnr 0000714233523 02-2026", "714233523"),
        ("SVB NABESTAANDENUITKERING 2026-01 720141588", "720141588"),
        ("BTL/720141588/PER/2026-01", "720141588"),
        ("SALARIS PERSNR 12034", "12034"),
        ("VOORSCHOT ZORGTOESLAG 2026-01 386111625T26", "386111625T26"),
    ],
)
def test_a_reference_is_found_however_it_is_written(text: str, key: str) -> None:
    assert key in references(text)


@pytest.mark.parametrize(
    "text",
    [
        "SALARIS JANUARI 2026",
        "LOON PERIODE 2026-01",
        "HUUR 01-2026",
        "LOON 202601",
        "UITKERING 20260131",
        "HUUR 31-01-2026",
        "",
        "NR 12",
    ],
)
def test_years_months_and_days_are_no_references(text: str) -> None:
    assert references(text) == ()


@given(st.text("0123456789ABC ./-\n", max_size=60), st.from_regex(r"[1-9][0-9]{8}", fullmatch=True))
def test_a_reference_between_words_is_always_found(before: str, reference: str) -> None:
    assert reference in references(f"{before} KENMERK {reference} DANK")


@given(st.text())
def test_no_text_is_too_strange_to_be_read(text: str) -> None:
    references(text)
    words(text)
    dates(text)
    cut_reference(text)


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("BETALING PERIODE 02-2026 71423352", "71423352"),
        ("UITKERING KENMERK 7142", "7142"),
        ("NR.71423352", "71423352"),
        ("KENMERK 71423352 DANK U", None),
        ("SALARIS", None),
        ("", None),
    ],
)
def test_only_what_ends_a_text_may_be_cut_off(text: str, start: str | None) -> None:
    assert cut_reference(text) == start


@pytest.mark.parametrize(
    ("initials", "surname", "text", "expected"),
    [
        ("J.P.", "van den Berg", "SALARIS JP VAN DEN BERG", Named(whole=True, initials=True)),
        ("P.", "van den Bergh", "SALARIS 01-2026 P v.d. Bergh", Named(whole=True, initials=True)),
        ("Y.", "Jansens-de Winter", "SALARIS Y de Winter", Named(whole=False, initials=True)),
        ("A.B.", "Müllenhoff", "SALARIS AB MUELLENHOFF", Named(whole=True, initials=True)),
        ("A.", "IJsselstein", "LOON A YSSELSTEIN", Named(whole=True, initials=True)),
        ("A.B.", "van 't Hoff", "SALARIS AB VANT HOFF", Named(whole=True, initials=True)),
        ("T.", "van 't Hoff", "SALARIS T VAN 'T HOFF", Named(whole=True, initials=True)),
        ("A.", "El Amraoui", "SALARIS A ELAMRAOUI", Named(whole=True, initials=True)),
        ("A.", "Đorđević", "SALARIS A DJORDJEVIC", Named(whole=True, initials=True)),
        ("V.", "van der Meulen-Şimşek", "SALARIS V v/d Meulen", Named(whole=False, initials=True)),
        ("D.J.", "Visser", "LOON PERIODE 2026-03 DJ VISSER", Named(whole=True, initials=True)),
        ("D.J.", "Visser", "LOON VISSER DJ", Named(whole=True, initials=True)),
        ("D.J.", "Visser", "LOON D.J. VISSER", Named(whole=True, initials=True)),
        ("D.J.", "Visser", "LOON D VISSER", Named(whole=True, initials=True)),
        ("D.", "Visser", "LOON J VISSER", Named(whole=True, initials=False)),
        ("L.", "Visser", "LOON VISSER", Named(whole=True, initials=None)),
        ("L.", "Visser", "LOON L BAKKER", None),
        ("L.", "de Loon", "LOON PERIODE 03 T HOEK", None),
        ("T.", "Loon", "SALARIS JANUARI 2026 T LOON", Named(whole=True, initials=True)),
    ],
)
def test_a_name_is_recognised_however_it_is_spelled(
    initials: str, surname: str, text: str, expected: Named | None
) -> None:
    assert named(name_of(initials, surname), words(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SALARIS J VRIES", True),
        ("SALARIS JP DE VRIES", True),
        ("bijdrage kinderen", False),
        ("alimentatie januari", False),
        ("BIJDRAGE VAN DE VADER", False),
        ("UWV", False),
        ("", False),
    ],
)
def test_a_name_at_the_end_of_a_text_is_suspected(text: str, *, expected: bool) -> None:
    assert somebody(words(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("J VISSER GEB 12-03-1980", {date(1980, 3, 12)}),
        ("GEB. 12031980", {date(1980, 3, 12)}),
        ("1980-03-12", {date(1980, 3, 12)}),
        ("31-02-1980", set()),
        ("KENMERK 712031980", set()),
    ],
)
def test_full_dates_are_read(text: str, expected: set[date]) -> None:
    assert dates(text) == expected


def test_folding_leaves_plain_capitals() -> None:
    assert fold("Şahin-Çelik, Øster & Łódź ß ı") == "SAHIN-CELIK, OSTER & LODZ SS I"
