"""What payment files share: judged whatever their length, and ids that are compared at any number."""

import io
from collections.abc import Callable

import pytest

from bank_formats import Refused, pain001, payment_file
from bank_formats.pain001 import MESSAGES, CannotBeSent, NotValid
from bank_formats.payment_file import RUN_BYTES, Draft
from tests.bank_formats.paying import BATCH, RENT
from tests.bank_formats.paying import payment_file as file_of

LINES = 3 * RUN_BYTES // 500


def drafted(change: Callable[[bytes], bytes]) -> Draft:
    """A long draft in which something was changed after it was written."""
    payments = (RENT._replace(end_to_end_id=f"E{number}") for number in range(LINES))
    with pain001.draft(BATCH, payments) as made:
        made.held.seek(0)
        held = change(made.held.read())
        return Draft(made.message, made.head, io.BytesIO(held))


def test_a_long_draft_is_judged_run_by_run_and_copied_whole() -> None:
    draft = drafted(lambda held: held)
    draft.judge()
    out = io.BytesIO()
    draft.copy(out)
    assert len(out.getvalue()) > 2 * RUN_BYTES
    pain001.validate(io.BytesIO(out.getvalue()), "09")


LAST = f"<EndToEndId>E{LINES - 1}</EndToEndId>".encode()
BROKEN: list[tuple[bytes, bytes]] = [
    (LAST, b"<EndToEndId></EndToEndId>"),
    (LAST, b"<EndToEndId>x</EndToEndId"),
    (LAST, b"<EndToEndId>x & y</EndToEndId>"),
    (LAST, LAST + b"<Made>up</Made>"),
    (LAST, LAST + b"<!--"),
    (LAST, LAST + b"</PmtId></CdtTrfTxInf></PmtInf></CstmrCdtTrfInitn></Document>"),
]


@pytest.mark.parametrize(("good", "bad"), BROKEN)
def test_whatever_is_wrong_in_any_run_is_found(good: bytes, bad: bytes) -> None:
    with pytest.raises(NotValid, match=r"pain\.001\.001\.09"):
        drafted(lambda held: held.replace(good, bad)).judge()


def test_a_head_that_the_schema_refuses_is_found() -> None:
    draft = drafted(lambda held: held)
    with pytest.raises(NotValid):
        draft._replace(head=draft.head.replace(b"SLEV", b"SLAV")).judge()
    with pytest.raises(NotValid):
        draft._replace(message=MESSAGES["03"]).judge()


class Alike(str):
    """A text that hashes as all others of its kind do."""

    __slots__ = ()

    def __hash__(self) -> int:
        return 7


def test_ids_that_only_hash_alike_are_two() -> None:
    payments = [RENT._replace(end_to_end_id=Alike(name)) for name in ("A", "B")]
    assert file_of(BATCH, payments).count(b"<EndToEndId>") == 2


def test_an_id_is_found_twice_whatever_their_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(payment_file, "IDS_AT_ONCE", 4)
    payments = [RENT._replace(end_to_end_id=f"E{number}") for number in range(1_500)]
    assert file_of(BATCH, payments).count(b"<EndToEndId>") == 1_500
    with pytest.raises(CannotBeSent, match="E700 komt twee keer voor"):
        file_of(BATCH, [*payments, payments[700]])


def test_a_file_without_an_end_or_a_beginning_is_not_valid() -> None:
    for file in (b"", b"<", b"\xff\xfe", b"<Document/>"):
        with pytest.raises(Refused):
            pain001.validate(io.BytesIO(file), "09")


def test_an_account_that_sepa_does_not_reach_is_told() -> None:
    with pytest.raises(payment_file.Problem, match="buiten het betaalgebied SEPA"):
        payment_file.account("BR1800360305000010009795493C1")
