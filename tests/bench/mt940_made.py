"""A made-up MT940 file of any length: a statement a day, in the sub-fields of Dutch banks."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

EACH_DAY = 500
FIRST = date(2025, 1, 1)
END = "\r\n"


def letters(count: int) -> Iterator[str]:
    """As many transactions, in statements of a day each whose balances add up."""
    cents = 100_000_000
    for start in range(0, count, EACH_DAY):
        day = FIRST + timedelta(days=start // EACH_DAY)
        head = (
            f":20:M{day:%y%m%d}",
            ":25:NL91ABNA0417164300EUR",
            f":28C:{day:%j}/1",
            f":60F:{balance(cents, day)}",
        )
        yield END.join((*head, ""))
        for number in range(start, min(start + EACH_DAY, count)):
            moved = (1000 + number % 90_000) * (-1 if number % 3 else 1)
            cents += moved
            yield END.join((*entry(number, moved, day), ""))
        yield END.join((f":62F:{balance(cents, day)}", "-", ""))


def entry(number: int, cents: int, day: date) -> Iterator[str]:
    """A transaction: its `:61:` and, in lines of 65, its `:86:`."""
    yield f":61:{day:%y%m%d%m%d}{'C' if cents > 0 else 'D'}{euros(cents)}NTRFE2E{number:012}//B{number:012}"
    said = (
        "/TRTP/SEPA OVERBOEKING/IBAN/NL44RABO0123456789/BIC/RABONL2U"
        f"/NAME/Woonstichting De Haven {number % 400}"
        f"/REMI/USTD//Huur november huurder {number % 5000:06}, dank u/EREF/E2E{number:012}/"
    )
    first, rest = said[:61], said[61:]
    yield f":86:{first}"
    while rest:
        yield rest[:65]
        rest = rest[65:]


def balance(cents: int, day: date) -> str:
    return f"{'C' if cents >= 0 else 'D'}{day:%y%m%d}EUR{euros(cents)}"


def euros(cents: int) -> str:
    return f"{abs(cents) // 100},{abs(cents) % 100:02}"


def written(path: Path, count: int) -> Path:
    """A file of as many transactions."""
    with path.open("w", encoding="ascii", newline="") as out:
        out.writelines(letters(count))
    return path
