"""Numbers of nobody: accounts at real banks, citizen service numbers for tests, with right check digits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from schwifty import IBAN
from stdnum.nl import bsn

LAST_TEST_BSN: Final = 999_999_999
# Dutch account numbers were given out so that the sum of digit times place is a multiple of eleven.
ELEVEN: Final = 11


def iban(bank: str, number: int) -> str:
    """An account at a bank, from a number on, that fails the test that accounts of people passed."""
    while _passes_eleven(number):
        number += 1
    return str(IBAN.generate("NL", bank_code=bank, account_code=f"{number:010}"))


def _passes_eleven(number: int) -> bool:
    digits = f"{number:010}"
    return (
        sum(int(digit) * place for place, digit in zip(range(10, 0, -1), digits, strict=True)) % ELEVEN == 0
    )


def bsns() -> Iterator[str]:
    """Citizen service numbers from the range that is kept for tests, downwards."""
    return (f"{number:09}" for number in range(LAST_TEST_BSN, 0, -1) if bsn.is_valid(f"{number:09}"))


def euros(cents: int) -> str:
    """An amount as the administration's format writes it."""
    return f"{cents // 100}.{cents % 100:02}"
