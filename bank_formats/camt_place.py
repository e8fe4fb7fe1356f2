"""Where the reading of a camt message is, and what cannot be understood there."""

import re
from datetime import date
from decimal import Decimal
from typing import NoReturn, cast

from lxml.etree import _Element

from bank_formats.camt_fields import Said
from bank_formats.errors import Code, Unreadable
from bank_formats.runs import Run

AMOUNT = re.compile(r"\+?(?:[0-9]{1,18}(?:\.[0-9]{0,9})?|\.[0-9]{1,9})")
DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:T[0-9:.,+\-Z]*|Z|[+-][0-9]{2}:[0-9]{2})?")
SIGNS = ("CRDT", "DBIT")
MANY_DATES = 4096
ASK_THE_BANK = "Vraag de bank om een goed bestand; van dit bestand is niets verwerkt."


class Place:
    """A place in a message: statement and entry by number, and the line before the piece that is read."""

    def __init__(self, file: str, statement: str) -> None:
        """Start before the first statement; `statement` is the element's name (Stmt, Rpt or Ntfctn)."""
        self.file = file
        self.name = statement
        self.statement = 0
        self.entry = 0
        self.run: Run[Said] | None = None
        """The run that is read; an element that is `None` is its entry `index`."""
        self.index = 0
        self.dates: dict[str | None, date | None] = {None: None}

    def amount(self, text: str | None, element: _Element | None, path: str) -> Decimal:
        """A positive amount as written."""
        if text is None or not AMOUNT.fullmatch(text):
            if not text:
                self.refuse(element, path, "het bedrag ontbreekt", code=Code.NO_AMOUNT)
            if text.startswith("-"):
                problem = "het bedrag is negatief; de richting hoort in CdtDbtInd"
                self.refuse(element, path, problem, text, code=Code.WRONG_AMOUNT)
            self.refuse(element, path, "het bedrag is geen getal", text, code=Code.WRONG_AMOUNT)
        return Decimal(text)

    def signed(self, text: str | None, direction: str | None, element: _Element | None) -> Decimal:
        """The amount with the sign of `CdtDbtInd`: minus when it is a debit."""
        amount = self.amount(text, element, "Amt")
        if direction is None:
            problem = "er staat niet bij of het bij of af is"
            self.refuse(element, "CdtDbtInd", problem, code=Code.NO_DIRECTION)
        if direction not in SIGNS:
            problem = "dit is geen bij (CRDT) of af (DBIT)"
            self.refuse(element, "CdtDbtInd", problem, direction, code=Code.WRONG_DIRECTION)
        return amount if direction == "CRDT" else -amount

    def date(self, text: str | None, element: _Element | None, path: str) -> date | None:
        """The date as written; of a date with a time its first ten characters."""
        if text in self.dates:
            return self.dates[text]
        found = DATE.fullmatch(text or "")
        try:
            day = date.fromisoformat(found[1]) if found else None
        except ValueError:
            day = None
        if day is None:
            self.refuse(element, path, "deze datum bestaat niet", text, code=Code.WRONG_DATE)
        if len(self.dates) >= MANY_DATES:
            self.dates = {None: None}
        self.dates[text] = day
        return day

    def _element(self) -> _Element:
        assert self.run is not None  # noqa: S101 - only an entry of a run comes without its element
        return self.run.elements[self.index]

    def refuse(
        self,
        element: _Element | None,
        path: str,
        problem: str,
        value: str | None = None,
        *,
        code: Code = Code.MISPLACED,
    ) -> NoReturn:
        """Refuse the file, naming the line and the path of what stands below `element`."""
        at = element = self._element() if element is None else element
        for name in filter(None, path.split("/")):
            inner = at.find(f"{{*}}{name}")
            if inner is None:
                break
            at = inner
        steps = [f"{self.name}[{self.statement}]"] if self.statement else []
        if self.entry:
            steps.append(f"Ntry[{self.entry}]")
        elif element.tag.endswith("}Bal"):
            steps.append("Bal")
        if element.tag.endswith("}TxDtls"):
            steps.append("NtryDtls/TxDtls")
        if path:
            steps.append(path)
        raise Unreadable(
            problem,
            code=code,
            file=self.file,
            line=(self.run.line if self.run else 0) + cast("int", at.sourceline),
            path="/".join(steps),
            value=value,
            remedy=ASK_THE_BANK,
        )
