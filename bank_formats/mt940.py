"""MT940 and MT942 of SWIFT, as Dutch and other banks write them, streamed into the same statements as camt.

The text comes in runs of whole fields (`:61:...`), cut where a field begins, so that memory stays flat. A
message begins with `:20:` or `:25:` and ends where the next begins: what stands between is the banks'
envelope, of which every bank makes its own. A statement (MT940) must have its closing balance: one without
was cut off. What entries' texts say is read by mt940_texts.py. Source: SWIFT, Category 9, field formats.
"""

import codecs
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import BinaryIO, NoReturn

from bank_formats import xml
from bank_formats.details import Details
from bank_formats.errors import Code, Unreadable, UnsafeFile
from bank_formats.mt940_texts import (
    BIC,
    IBAN,
    NO_REFERENCE,
    Line,
    is_iban,
    plain,
    squeezed,
    told,
    unwrapped,
)
from bank_formats.statement import Balance, Statement, Summary, Transaction

CHUNK_BYTES = 256 * 1024
CONTROLS = bytes({*range(32), 127} - {9, 10})
"""Left out; CR too, when LF stands behind every one."""
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
NAMES = "(?:[0-9]{2}[A-Z]?|NS|94[02])"
FIELD = re.compile(f"\n:({NAMES}):")
CUT = re.compile(b"\n:(?:6[145]|62[FM]|90[CD]):")
"""Where text may be cut: not between an entry and its text, nor where only what follows tells a field."""
LONGEST_NAME = len("\n:62F:")
BEGINS = frozenset(("20", "25", "25P", "28", "28C", "60F", "60M", "940", "942"))
"""The fields of which each, after a closing balance, begins the next message."""
BODY = frozenset(("61", "62F", "62M", "64", "65", "90C", "90D"))
BEHIND_ENTRY = frozenset(("61", "62F", "62M"))
"""What mostly stands behind an entry and its text."""
FIELDS = BEGINS | BODY | {"13D", "34F"}
"""What is never part of a text, but for those of `LIKE_MINUTES`."""
LIKE_MINUTES = frozenset(("20", "25", "28"))
HEAD = BEGINS | {"13", "13D", "21", "34F", "NS"}
ACCOUNT_DIGITS = 5
MIDNIGHT = re.compile(r"00/?\s*")
"""The rest of a time that says nothing: ING's systems write it behind a date."""
BALANCES = {
    "60F": "opening",
    "60M": "interim",
    "62F": "closing",
    "62M": "interim",
    "64": "available",
    "65": "forward_available",
}
MOST_BALANCES = 1000
LONGEST_INFO = 64 * 1024
SEEN_OF_ENVELOPE = 1000
AMOUNT = r"[0-9]{1,20}(?:,[0-9]{0,10}|\.[0-9]{1,2})?|,[0-9]{1,10}"
BALANCE = re.compile(rf"([CD])([0-9]{{6}})([A-Z]{{3}}) *({AMOUNT}) *(?:-\}}.*)?")
"""Behind the last one the envelope may be closed, in the same line."""
ENTRY = re.compile(rf" *([0-9]{{6}})([0-9]{{4}})?(R?[CD]|E[CD])[A-Z]?({AMOUNT})(?![0-9,.])(.{{0,4}})(.*)")
PADDED = re.compile(r"([A-Z0-9]{1,15}) +(\S.*)")
REFERENCE_WIDTH = 16
CODE_BEHIND = re.compile("/[A-Z]{4}/")
CURRENCY_BEHIND = re.compile("(?<=[0-9])[A-Z]{3}$")
SUMMED = re.compile(rf"([0-9]{{1,5}})([A-Z]{{3}})({AMOUNT}) *(?:-\}}.*)?")
ENVELOPE = re.compile(r"\{2:[IO](94[02])|^(94[02])\b", re.MULTILINE)
SENDER = re.compile("{1:F[0-9]{2}([A-Z]{6}[A-Z0-9]{2})")
END_OF_REPORT = re.compile(r"\n *-(?:\}.*)?\s*$", re.DOTALL)
BY_FIRST_LINE = frozenset(("SNSB", "ASNB", "RBRB"))
"""Banks that repeat the other party's account and name in the text's first line (SNS, ASN, RegioBank)."""
OUT = frozenset(("D", "RC", "ED"))
"""The marks of money that leaves: debit, a credit taken back, a debit that is expected."""
NO_DATE = "000000"
PIVOT = 80
"""Two digits from here on are a year of the twentieth century."""
AGAIN = "Haal het bestand opnieuw op bij de bank."
ASK_THE_BANK = "Vraag de bank om een goed bestand; van dit bestand is niets verwerkt."


def read(stream: BinaryIO, *, file: str, first_number: int = 1) -> Iterator[Statement]:
    """Read the statements of an MT940 or MT942 file, lazily; `first_number` is that of the first of them.

    Raises Refused for a message without account, a statement without closing balance, dates that cannot be
    and amounts that are no numbers, with line, field and value.
    """
    return _File(stream, file, first_number).statements()


class AsSent(Details):
    """The details of an MT940 entry: `entry_info` is its line and text as sent, worked out when asked for."""

    __slots__ = ("line", "text")

    def __init__(self, line: str, text: str) -> None:
        """Keep the two fields as they stand."""
        self.line = line
        self.text = text

    def __getattr__(self, name: str) -> object:
        """Work the rest out, once: the fields are not there until somebody asks."""
        if name.startswith("__"):
            raise AttributeError(name)
        Details.__init__(
            self, entry_info=f":61:{self.line}\n:86:{self.text}" if self.text else f":61:{self.line}"
        )
        return getattr(self, name)


@lru_cache(4096)
def _day(digits: str) -> date:
    """The date that six digits are; raises ValueError."""
    year = int(digits[:2])
    return date(year + (1900 if year >= PIVOT else 2000), int(digits[2:4]), int(digits[4:]))


@lru_cache(4096)
def _near(digits: str, valued_on: date) -> date:
    """The date of month and day (four digits) that is nearest to the value date; raises ValueError."""
    found = []
    for year in (valued_on.year - 1, valued_on.year, valued_on.year + 1):
        try:
            found.append(date(year, int(digits[:2]), int(digits[2:])))
        except ValueError:
            continue  # 29 February of another year
    return min(found, key=lambda day: abs(day - valued_on))


class _File:
    """One file while it is read: the fields of a run of text, and which of them comes next."""

    def __init__(self, stream: BinaryIO, file: str, first_number: int) -> None:
        self.file = file
        self.number = first_number - 1
        self.runs = _runs(stream, file)
        self.pieces: list[str] = [""]
        self.at = 1
        """`pieces` are tag, text, tag, text from 1 on; `at` is the next tag."""
        self.lines = self.lines_here = 0
        """The lines before this run of text, and in it."""
        self.between = ""
        """The end of the last field before this run, which holds the envelope."""

    def statements(self) -> Iterator[Statement]:
        """Each statement, with its transactions still to be read."""
        while self._is_more():
            statement = self._head()
            statement.transactions = self._transactions(statement)
            yield statement
            for _ in statement.transactions:
                pass

    def _is_more(self) -> bool:
        """Whether there is another field; takes the next run of text when this one has been read."""
        while self.at >= len(self.pieces):
            run = next(self.runs, None)
            if run is None:
                return False
            self.lines += self.lines_here
            self.lines_here = run.count("\n")
            self.between = self.pieces[-1][-SEEN_OF_ENVELOPE:]
            self.pieces = FIELD.split(run.replace("{4::", "{4:\n:"))
            self.at = 1
        return True

    def _take(self) -> tuple[str, str]:
        """The next field: its name, and its first line."""
        tag, text = self.pieces[self.at], self.pieces[self.at + 1]
        self.at += 2
        return tag, text.partition("\n")[0].strip()

    def _refuse(
        self, tag: str, problem: str, value: str | None, code: Code, remedy: str = ASK_THE_BANK
    ) -> NoReturn:
        """Refuse at the field that comes next, or was last."""
        upto = min(self.at, len(self.pieces))
        line = self.lines + sum(piece.count("\n") for piece in self.pieces[:upto]) + (upto + 1) // 2
        raise Unreadable(
            problem,
            code=code,
            file=self.file,
            line=line,
            path=f":{tag}:" if tag else None,
            value=value,
            remedy=remedy,
        )

    def _refuse_cut_off(self) -> NoReturn:
        self._refuse("62F", "het bericht is afgekapt: het eindsaldo ontbreekt", None, Code.TRUNCATED, AGAIN)

    def _head(self) -> Statement:
        """What stands before the entries of a message."""
        before = (
            self.pieces[self.at - 1][-SEEN_OF_ENVELOPE:]
            if self.at > 1
            else self.between + self.pieces[0][-SEEN_OF_ENVELOPE:]
        )
        said: dict[str, str] = {}
        balances: list[Balance] = []
        info: list[str] = []
        while self._is_more() and self.pieces[self.at] not in BODY:
            tag = self.pieces[self.at]
            if tag in said and tag in BEGINS:
                self._refuse_cut_off()
            if tag in BALANCES:
                balances.append(self._balance(statement_full=len(balances) >= MOST_BALANCES))
            text = self.pieces[self.at + 1]
            said.setdefault(tag, self._take()[1])
            if tag == "86":
                info.append(text)
        self.number += 1
        currency = balances[0].currency if balances else said.get("34F", "")[:3] or None
        is_report = self._is_report(said, before)
        account = self._account(said, currency)
        statement = Statement(
            format="mt942" if is_report else "mt940",
            kind="report" if is_report else "statement",
            account=account,
        )
        statement.number, statement.file = self.number, self.file
        statement.id = squeezed(said.get("20", ""))
        statement.message_id = statement.id
        sequence, _, page = (said.get("28C") or said.get("28", "")).partition("/")
        statement.sequence = _whole(sequence)
        statement.legal_sequence = statement.sequence
        if "60M" in said:
            statement.page, statement.is_last_page = _whole(page) or None, None
        statement.currency = currency
        statement.balances = balances
        statement.created_at = said.get("13D") or said.get("13")
        statement.additional_info = unwrapped("\n".join(info))
        sender = SENDER.search(before)
        statement.servicer_bic = sender and sender[1]
        self.page = _whole(page) or None
        return statement

    def _is_report(self, said: dict[str, str], before: str) -> bool:
        """Whether this is an MT942, by its envelope or else by its fields."""
        names = [found[1] or found[2] for found in ENVELOPE.finditer(before)]
        names += [tag for tag in ("940", "942") if tag in said]
        if names:
            return names[-1] == "942"
        return not said.keys().isdisjoint(("34F", "13D", "13")) and said.keys().isdisjoint(("60F", "60M"))

    def _account(self, said: dict[str, str], currency: str | None) -> str:
        """The account of `:25:` or `:25P:`, without blanks, dots and currency; of `BIC/IBAN` the IBAN."""
        raw = said.get("25") or said.get("25P") or ""
        text = "".join(raw.split()).replace(".", "")
        if CURRENCY_BEHIND.search(text) and text.endswith(currency or "") and not is_iban(text):
            text = text[:-3]
        parts = text.split("/")
        ibans = [part for part in parts if IBAN.fullmatch(part)]
        others = [part for part in parts if part not in ibans]
        if len(ibans) == 1 and all(BIC.fullmatch(part) or part == currency for part in others):
            text = ibans[0]
        if not any(part and not BIC.fullmatch(part) for part in parts):
            self._refuse("25", "het afschrift noemt geen rekening", raw or None, Code.NO_ACCOUNT)
        return text

    def _balance(self, *, statement_full: bool = False) -> Balance:
        """The balance that the next field gives; the field stays."""
        tag, text = self.pieces[self.at], self.pieces[self.at + 1].partition("\n")[0].strip()
        if statement_full:
            raise UnsafeFile("een afschrift heeft te veel saldo's", file=self.file, remedy=xml.NEVER_SENT)
        found = BALANCE.fullmatch(text)
        if found is None:
            self._refuse(tag, "het saldo heeft geen goed bedrag of geen goede datum", text, Code.WRONG_AMOUNT)
        side, digits, currency, amount = found.groups()
        try:
            on = None if digits == NO_DATE else _day(digits)
        except ValueError:
            self._refuse(tag, "de datum van het saldo bestaat niet", text, Code.WRONG_DATE)
        euros = Decimal(amount.replace(",", "."))
        return Balance(BALANCES[tag], on, -euros if side == "D" and euros else euros, currency)

    def _transactions(self, statement: Statement) -> Iterator[Transaction]:
        """Each entry of a message; what stands behind the entries is added to the statement."""
        is_report = statement.kind == "report"
        by_first_line = not BY_FIRST_LINE.isdisjoint(
            ((statement.servicer_bic or "")[:4], statement.account[4:8])
        )
        count = statement.count
        entry = 0
        is_closed = is_report
        while self.at < len(self.pieces) or self._is_more():
            pieces, at = self.pieces, self.at
            tag = pieces[at]
            if tag == "61":
                after, size = at + 2, len(pieces)
                while after < size and pieces[after] == "86":
                    after += 2
                if after < size and pieces[after] not in BEHIND_ENTRY:
                    text, after = self._text(at + 2, is_report=is_report)
                else:
                    text = pieces[at + 3] if after == at + 4 else "\n".join(pieces[at + 3 : after : 2])
                if is_report:
                    text = END_OF_REPORT.sub("", text)
                entry += 1
                transaction = self._entry(
                    entry, pieces[at + 1], text, statement.currency, by_first_line=by_first_line
                )
                self.at = after
                if transaction.status == "booked":
                    count(transaction.amount)  # type: ignore[arg-type]  # an entry has its amount
                yield transaction
                continue
            if tag in BEGINS:
                if is_closed:
                    break
                self._refuse_cut_off()
            is_closed |= self._behind(statement, tag)
            self.at += 2
        if not is_closed:
            self._refuse_cut_off()

    def _text(self, at: int, *, is_report: bool) -> tuple[str, int]:
        """The text of an entry whose first other field is at this place, and where the next field is.

        A line of text may look like a field (`:12:30 uur`); `:NS:` may stand between an entry and its text.
        """
        parts: list[str] = []
        is_text = False
        while at < len(self.pieces):
            tag, value = self.pieces[at : at + 2]
            if tag == "86":
                parts.append(value)
                is_text = True
            elif tag == "NS":
                is_text = False
            elif tag in FIELDS and (is_report or not is_text or not self._is_words(at)):
                break
            elif is_text and not (tag == "00" and MIDNIGHT.fullmatch(value)):
                parts.append(f":{tag}:{value}")
            at += 2
        return "\n".join(parts), at

    def _is_words(self, at: int) -> bool:
        """Whether what looks like the beginning of a message is text: no other field of a head follows.

        Of a message cut off, with the next behind it, nothing may be taken for a text.
        """
        tag, value = self.pieces[at : at + 2]
        return (
            tag in LIKE_MINUTES
            and HEAD.isdisjoint(self.pieces[at + 2 : at + 3])
            and (tag != "25" or len(re.findall("[0-9]", value)) < ACCOUNT_DIGITS)
        )

    def _behind(self, statement: Statement, tag: str) -> bool:
        """Take a field behind the entries; says whether the statement is whole with it."""
        if tag in BALANCES:
            statement.balances.append(self._balance(statement_full=len(statement.balances) >= MOST_BALANCES))
            statement.currency = statement.currency or statement.balances[0].currency
        elif tag == "86":
            info = unwrapped(self.pieces[self.at + 1].partition("\n-")[0])
            so_far = statement.additional_info or ""
            statement.additional_info = squeezed(f"{so_far} {info or ''}"[:LONGEST_INFO])
        elif tag in {"90C", "90D"}:
            self._sum(statement, tag)
            if statement.opening is None:
                statement.format, statement.kind = "mt942", "report"
                return True
        if tag in {"62F", "62M"}:
            pages = statement.balance("opening") is None or tag == "62M"
            if pages and self.page is not None and statement.balances[0].kind != "closing":
                statement.page, statement.is_last_page = self.page, tag == "62F"
            return True
        return False

    def _sum(self, statement: Statement, tag: str) -> None:
        found = SUMMED.fullmatch(self.pieces[self.at + 1].partition("\n")[0].strip())
        if found is None:
            return
        count, total = int(found[1]), Decimal(found[3].replace(",", "."))
        statement.currency = statement.currency or found[2]
        said = statement.summary or Summary()
        if tag == "90C":
            statement.summary = Summary(
                credit_count=count, credit_sum=total, debit_count=said.debit_count, debit_sum=said.debit_sum
            )
        else:
            statement.summary = Summary(
                credit_count=said.credit_count, credit_sum=said.credit_sum, debit_count=count, debit_sum=total
            )

    def _entry(
        self, entry: int, raw: str, text: str, currency: str | None, *, by_first_line: bool
    ) -> Transaction:
        """The transaction that an entry line and its text are."""
        found = ENTRY.match(raw)
        if found is None:
            self._refuse(
                "61",
                "de boeking heeft geen goed bedrag of geen goede datum",
                raw.partition("\n")[0],
                Code.WRONG_AMOUNT,
            )
        valued, booked, mark, digits, code, rest = found.groups()
        try:
            valued_on = _day(valued)
            booked_on = _near(booked, valued_on) if booked else None
        except ValueError:
            self._refuse("61", "de datum van de boeking bestaat niet", found[0], Code.WRONG_DATE)
        amount = Decimal(digits.replace(",", "."))
        if mark in OUT:
            amount = -amount
        supplement = raw[found.end() :].strip()
        customer, _, bank = rest.partition("//")
        behind = None
        if not bank and len(customer) > REFERENCE_WIDTH and (padded := PADDED.fullmatch(customer.rstrip())):
            customer, behind = padded[1], squeezed(padded[2])
        customer = customer.strip()
        if "/" in bank and (cut := CODE_BEHIND.search(bank)):
            bank = bank[: cut.start()]
        reference: str | None = bank.strip()
        if not reference or reference == "NONREF":
            reference = None
        if customer in NO_REFERENCE:
            customer = ""
        said = plain(text) if text[:1] == "/" else None
        if (
            said is None
            or behind
            or (supplement and said[0].iban is None)
            or (said[2] is None and len(customer) == REFERENCE_WIDTH)
        ):
            said = told(text, Line(customer, behind, supplement, mark in OUT, by_first_line))
        party, end_to_end_id, paid_for, remittance, mandate_id, reason, batch, purpose, ultimate = said
        return tuple.__new__(
            Transaction,
            (
                entry,
                None,
                reference,
                booked_on,
                valued_on,
                amount,
                currency,
                party,
                end_to_end_id,
                paid_for,
                remittance,
                reference,
                mandate_id,
                code.strip() or None,
                mark[0] == "R",
                reason,
                None,
                batch,
                "pending" if mark[0] == "E" else "booked",
                amount,
                customer or None,
                None,
                None,
                None,
                None,
                None,
                ultimate,
                purpose,
                None,
                (),
                AsSent(raw, text),
            ),
        )


def _whole(digits: str) -> int | None:
    digits = digits.strip()
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= REFERENCE_WIDTH else None


def _runs(stream: BinaryIO, file: str) -> Iterator[str]:
    """The text in runs of whole fields, each from a line break on; lines end with LF, without controls."""
    buffer, total = b"\n", 0
    for chunk in _lines(stream):
        total += len(chunk)
        if total > xml.FILE_BYTES:
            raise UnsafeFile(
                f"het bestand is groter dan {xml.FILE_BYTES:,} bytes", file=file, remedy=xml.NEVER_SENT
            )
        searched = max(0, len(buffer) - LONGEST_NAME)
        buffer += chunk
        at = len(buffer)
        while (at := buffer.rfind(b"\n:", searched, at)) > 0:
            if CUT.match(buffer, at):
                yield _decoded(buffer[:at])
                buffer = buffer[at:]
                break
        if len(buffer) > xml.PIECE_BYTES:
            raise UnsafeFile(
                f"een veld is groter dan {xml.PIECE_BYTES:,} bytes", file=file, remedy=xml.NEVER_SENT
            )
    yield _decoded(buffer)


def _decoded(run: bytes) -> str:
    """Text of bytes: what is not UTF-8 is taken for Windows' Latin-1, byte by byte."""
    return run.decode("utf-8", "bank_formats.latin1")


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    """The bytes with LF behind every line, whatever ended it, without byte order mark and controls."""
    decoder: codecs.IncrementalDecoder | None = None
    held = b""
    is_first = True
    while chunk := stream.read(CHUNK_BYTES):
        if is_first:
            is_first = False
            if chunk.startswith(UTF16):
                decoder = codecs.getincrementaldecoder("utf-16")(errors="replace")
            while chunk.startswith(codecs.BOM_UTF8):
                chunk = chunk.removeprefix(codecs.BOM_UTF8)
        if decoder:
            chunk = decoder.decode(chunk).encode()
        chunk = held + chunk
        held = b"\r" if chunk.endswith(b"\r") else b""
        if held:
            chunk = chunk[:-1]
        if chunk.count(b"\r") != chunk.count(b"\r\n"):
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        yield chunk.translate(None, CONTROLS)
    if held:
        yield b"\n"
