from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from ingest.shelf import FEW, Shelf, key_of
from tests.ingest.test_reconcile import BENEFIT

REFERENCES = st.lists(st.from_regex(r"[1-9][0-9]{3,8}", fullmatch=True), max_size=30)


@given(REFERENCES, REFERENCES, st.from_regex(r"[1-9][0-9]{2,5}", fullmatch=True))
def test_a_shelf_that_has_grown_finds_what_begins_so(first: list[str], more: list[str], start: str) -> None:
    shelf = Shelf()
    for number, reference in enumerate([*first, *more]):
        if number == len(first):
            shelf.by_start(start)
            shelf.by_amount(100)
        made = replace(BENEFIT, id=f"A{number}", reference=reference, amount_cents=100 + number % 2)
        shelf.add(made, key_of(made))

    found = {agreement.reference for agreement in shelf.by_start(start)}
    begun = {reference for reference in (*first, *more) if reference.startswith(start) and reference != start}
    assert found == begun if len(begun) <= FEW else found <= begun
    assert len(shelf.by_amount(100)) == (len(first) + len(more) + 1) // 2


def test_a_surname_that_very_many_bear_finds_nobody() -> None:
    shelf = Shelf()
    for number in range(FEW + 1):
        shelf.add(replace(BENEFIT, id=f"A{number}"), "")

    assert shelf.by_name(["HOEKSTRA"], lambda _: ["HOEKSTRA"]) == []
    assert shelf.by_name(["TY"], lambda _: ["HOEKSTRA"]) == []
