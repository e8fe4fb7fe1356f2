"""One statement judged, of which everything has been read: each thing that does not add up, in Dutch.

Some of it comes from what every reader counts (tally.py), some from a look at each transaction (notes.py).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final, Literal

from bank_formats.errors import shown
from bank_formats.notes import Notes, Seen, is_wrong_iban
from bank_formats.schema import Problem
from bank_formats.statement import Statement
from bank_formats.tally import Sums

Severity = Literal["error", "warning", "note"]
Value = Decimal | int | date | str | None

SEVERITIES: Final[dict[str, Severity]] = {
    "balance_differs": "error",
    "opening_missing": "error",
    "closing_missing": "error",
    "previous_closing_differs": "error",
    "entry_currency_differs": "error",
    "balance_currency_differs": "error",
    "not_whole_cents": "error",
    "summary_count_differs": "warning",
    "summary_sum_differs": "warning",
    "summary_credit_count_differs": "warning",
    "summary_credit_sum_differs": "warning",
    "summary_debit_count_differs": "warning",
    "summary_debit_sum_differs": "warning",
    "summary_net_differs": "warning",
    "summary_code_differs": "warning",
    "chain_broken": "warning",
    "parts_differ": "warning",
    "part_without_amount": "warning",
    "batch_count_differs": "warning",
    "batch_sum_differs": "warning",
    "page_missing": "warning",
    "copy": "warning",
    "account_iban_wrong": "warning",
    "counterparty_iban_wrong": "warning",
    "booked_outside_period": "warning",
    "booked_in_future": "warning",
    "entry_reference_repeated": "warning",
    "schema_differs": "warning",
    "last_page_unknown": "note",
    "servicer_reference_repeated": "note",
    "end_to_end_id_repeated": "note",
    "value_date_far": "note",
    "code_unknown": "note",
    "entry_says_nothing": "note",
    "not_booked": "note",
    "schema_absent": "note",
}
"""Every verdict there is, by its code, which does not change."""
FAR_DAYS = 31
BANKS_THAT_REPEAT = ("ABNA", "INGB")
"""Banks that give several entries the same reference, and mean nothing by it."""
ELEMENTS = {"statement": "Stmt", "report": "Rpt", "notification": "Ntfctn"}
PLACES = {
    "account": ("Acct/Id", ":25:"),
    "opening": ("Bal[OPBD]", ":60F:"),
    "closing": ("Bal[CLBD]", ":62F:"),
    "previous": ("Bal[PRCD]", ":60F:"),
    "page": ("StmtPgntn", ":28C:"),
    "copy": ("CpyDplctInd", ":20:"),
    "count": ("TxsSummry/TtlNtries/NbOfNtries", ":90:"),
    "sum": ("TxsSummry/TtlNtries/Sum", ":90:"),
    "net": ("TxsSummry/TtlNtries/TtlNetNtry", ":90:"),
    "credit_count": ("TxsSummry/TtlCdtNtries/NbOfNtries", ":90C:"),
    "credit_sum": ("TxsSummry/TtlCdtNtries/Sum", ":90C:"),
    "debit_count": ("TxsSummry/TtlDbtNtries/NbOfNtries", ":90D:"),
    "debit_sum": ("TxsSummry/TtlDbtNtries/Sum", ":90D:"),
    "per_code": ("TxsSummry/TtlNtriesPerBkTxCd", ":90:"),
    "amount": ("Amt", ""),
    "booked": ("BookgDt", ""),
    "valued": ("ValDt", ""),
    "code": ("BkTxCd", ""),
    "status": ("Sts", ""),
    "details": ("NtryDtls", ""),
    "batch": ("NtryDtls/Btch", ""),
    "party": ("NtryDtls/TxDtls/RltdPties", ""),
    "entry_reference": ("NtryRef", ""),
    "servicer_reference": ("AcctSvcrRef", ""),
    "end_to_end_id": ("NtryDtls/TxDtls/Refs/EndToEndId", ""),
    "entry": ("", ""),
}
"""Where a thing stands in camt and in MT940; of an entry in MT940 there is its `:61:` alone."""
FAMILIES: Final[dict[str, frozenset[str]]] = {
    domain: frozenset(f"{families} NTAV OTHR MCOP MDOP".split())
    for domain, families in {
        "PMNT": "RCDT ICDT RCCN ICCN RDDT IDDT RCHQ ICHQ CCRD MCRD CNTR LBOX DRFT RRCT IRCT",
        "CAMT": "ACCB CAPL",
        "ACMT": "ACOP ADOP OPCL",
        "CMDT": "DLVR FTUR OPTN SPOT",
        "DERV": "LFUT OBND OFUT OOPT OPTN OSED OSWP",
        "FORX": "FTUR FWRD NDFX SPOT SWAP",
        "LDAS": "CSLN FTDP FTLN MGLN NTDP NTLN SYDN",
        "PMET": "DLVR FTUR OPTN SPOT",
        "SECU": "BLOC CASH COLC COLL CORP CUST LACK NSET OTHB SETT",
        "TRAD": "CLNC DCCT DOCC GUAR LOCT STLC",
        "XTND": "",
    }.items()
}
"""Families of each domain of the ISO 20022 bank transaction codes (external code list)."""
COUNTED: Final = {
    "count": "het aantal boekingen",
    "sum": "de som van bij en af",
    "credit_count": "het aantal boekingen bij",
    "credit_sum": "de som van alles bij",
    "debit_count": "het aantal boekingen af",
    "debit_sum": "de som van alles af",
    "net": "het verschil van bij en af",
}
OF_ISO = re.compile(r"([A-Z]{4})-([A-Z]{4})?-([A-Z]{4})?")
OF_SWIFT = re.compile(r"[NFS][A-Z0-9]{2,3}")
"""Three characters behind the letter; Dutch banks leave the last one blank at times."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One thing that does not add up.

    `code` is a key of `SEVERITIES`; `sentence` is Dutch; `path` is the element, of the first entry where
    there are several, and `count` how many there are. Amounts are in the statement's currency; `difference`
    is found less expected (of dates in days). `problems` are the schema's, with line and original words.
    """

    code: str
    severity: Severity
    sentence: str
    path: str | None = None
    expected: Value = None
    found: Value = None
    difference: Decimal | int | None = None
    count: int = 1
    problems: tuple[Problem, ...] = ()

    def as_data(self) -> dict[str, Any]:
        """Give it as JSON has it: amounts as text in euros, days in ISO."""
        return {
            "code": self.code,
            "severity": self.severity,
            "sentence": self.sentence,
            "path": self.path,
            "expected": _plain(self.expected),
            "found": _plain(self.found),
            "difference": _plain(self.difference),
            "count": self.count,
            "problems": [problem._asdict() for problem in self.problems],
        }


def by_severity(verdicts: Iterable[Verdict]) -> tuple[Verdict, ...]:
    """Put errors before warnings before notes, and leave the order as it is in each."""
    order = ("error", "warning", "note")
    return tuple(sorted(verdicts, key=lambda verdict: order.index(verdict.severity)))


def verdict(code: str, sentence: str, path: str | None = None, **more: Any) -> Verdict:  # noqa: ANN401
    """Give the verdict of this code, with its severity."""
    return Verdict(code, SEVERITIES[code], sentence, path, **more)


def in_euros(amount: Decimal) -> str:
    """An amount as people write it: 1.234,56; more decimals only where there are."""
    cents = amount.quantize(Decimal("0.01")) if amount == round(amount, 2) else amount
    return f"{cents:,f}".translate(str.maketrans(",.", ".,"))


def _times(count: int) -> str:
    return "" if count == 1 else f" Dat is {count} keer zo."


class Places:
    """Where things stand in a statement."""

    def __init__(self, statement: Statement) -> None:
        self.is_camt = statement.format.startswith("camt")
        name = ELEMENTS[statement.kind] if self.is_camt else statement.format
        self.begin = f"{name}[{statement.number}]"

    def of(self, what: str, entry: int | None = None) -> str:
        """The path of a field of the statement, or of one of its entries."""
        camt, mt940 = PLACES[what]
        if entry is None:
            return f"{self.begin}/{camt if self.is_camt else mt940}"
        inside = f"Ntry[{entry}]/{camt}".rstrip("/") if self.is_camt else f":61:[{entry}]"
        return f"{self.begin}/{inside}"


class Judgement:
    """The verdicts on one statement, of which everything has been read."""

    def __init__(self, statement: Statement, today: date | None) -> None:
        self.statement = statement
        self.today = today or _day(statement.created_at) or _day(statement.message_created_at)
        self.notes = statement.notes or Notes()
        self.places = Places(statement)
        # in MT940 a page that begins with the opening balance itself is no page of another
        begins = statement.opening is not None and not self.places.is_camt
        self.is_partial = statement.is_last_page is False or ((statement.page or 1) > 1 and not begins)
        self.found: list[Verdict] = []

    def verdicts(self) -> tuple[Verdict, ...]:
        """All verdicts, errors first."""
        self._balances()
        self._currencies()
        self._summary()
        self._parts()
        self._batches()
        self._head()
        self._days()
        self._entries()
        self._references()
        return by_severity(self.found)

    def _say(
        self,
        code: str,
        sentence: str,
        what: str,
        entry: int | None = None,
        **more: Any,  # noqa: ANN401
    ) -> None:
        self.found.append(verdict(code, sentence, self.places.of(what, entry), **more))

    def _differs(
        self, code: str, sentence: str, what: str, expected: Decimal | int, found: Decimal | int
    ) -> None:
        """Say that one thing is not the other, when it is not."""
        if expected != found:
            self._say(code, sentence, what, expected=expected, found=found, difference=found - expected)

    def _balances(self) -> None:
        statement, totals = self.statement, self.statement.totals()
        if statement.kind == "statement" and not self.is_partial:
            if totals.opening is None:
                self._say(
                    "opening_missing",
                    "Het beginsaldo ontbreekt: of het afschrift klopt, is niet na te gaan.",
                    "opening",
                )
            if totals.closing is None:
                self._say(
                    "closing_missing",
                    "Het eindsaldo ontbreekt: of het afschrift klopt, is niet na te gaan.",
                    "closing",
                )
        if totals.difference:
            expected = totals.closing - totals.difference if totals.closing is not None else None
            self._say(
                "balance_differs",
                "Beginsaldo en boekingen zijn samen niet het eindsaldo:"
                f" verschil {in_euros(totals.difference)}.",
                "closing",
                expected=expected,
                found=totals.closing,
                difference=totals.difference,
            )
        opening, previous = statement.balance("opening"), statement.balance("previous_closing")
        if opening and previous:
            self._differs(
                "previous_closing_differs",
                f"Het vorige eindsaldo is {in_euros(previous.amount)},"
                f" en het beginsaldo is {in_euros(opening.amount)}.",
                "opening",
                previous.amount,
                opening.amount,
            )

    def _currencies(self) -> None:
        currency = self.statement.currency
        other: dict[str | None, Seen] = {
            each: seen for each, seen in self.notes.currencies.seen.items() if each and each != currency
        }
        self._first(
            "entry_currency_differs",
            "amount",
            other,
            "De rekening is in {currency} en boeking {entry} in {value}: die zijn niet op te tellen.",
            expected=currency,
        )
        wrong = [each for each in self.statement.balances if (each.currency or currency) != currency]
        counted = [each for each in wrong if each.kind in {"opening", "closing", "previous_closing"}]
        if counted:
            found = counted[0].currency
            self._say(
                "balance_currency_differs",
                f"De rekening is in {_shown(currency)} en een saldo in {_shown(found)}.",
                "closing" if counted[0].kind == "closing" else "opening",
                expected=currency,
                found=found,
                count=len(counted),
            )

    def _summary(self) -> None:
        """Hold the bank's own counts against the booked entries, or all entries where only that fits.

        They speak of all pages together. Banks write sums with and without their sign.
        """
        said, tally, more = self.statement.summary, self.statement.tally, self.notes.not_booked_sums
        if said is None or self.is_partial:
            return
        counts = (
            ("count", said.count, tally.entries, more.entries),
            ("sum", said.sum, tally.gross, more.gross),
            ("credit_count", said.credit_count, tally.credit_count, more.credit_count),
            ("credit_sum", said.credit_sum, tally.credit_sum, more.credit_sum),
            ("debit_count", said.debit_count, tally.debit_count, more.debit_count),
            ("debit_sum", said.debit_sum, tally.debit_sum, more.debit_sum),
            ("net", said.net, tally.net, more.net),
        )
        for what, told, counted, not_booked in counts:
            right = {counted, counted + not_booked}
            if what == "sum":
                right |= {tally.net, tally.net + more.net}
            if told is None or told in right or -told in right:
                continue
            values = (_shown(told), _shown(counted))
            sentence = f"Volgens de bank is {COUNTED[what]} {values[0]}; in het afschrift is dat {values[1]}."
            self._differs(f"summary_{what}_differs", sentence, what, told, counted)
        self._codes_summary()

    def _codes_summary(self) -> None:
        summary, by_code = self.statement.summary, self.notes.by_code
        if summary is None or by_code is None:
            return
        for total in summary.per_code:
            sums = by_code.get(total.code, Sums())
            if total.count is not None and total.count != sums.entries:
                self._code_differs(total.code, total.count, sums.entries)
            elif total.sum is not None and total.sum not in {sums.gross, sums.net, -sums.net}:
                self._code_differs(total.code, total.sum, sums.gross)

    def _code_differs(self, code: str, told: Decimal | int, counted: Decimal | int) -> None:
        what = "de som" if isinstance(told, Decimal) else "het aantal"
        sentence = (
            f"Volgens de bank is {what} bij code {shown(code)} {_shown(told)};"
            f" in het afschrift is dat {_shown(counted)}."
        )
        self._differs("summary_code_differs", sentence, "per_code", told, counted)

    def _parts(self) -> None:
        uneven = self.statement.tally.uneven
        known = [each for each in uneven if each.difference is not None]
        if known:
            entry, amount, parts, difference = known[0]
            self._say(
                "parts_differ",
                f"Boeking {entry} is {in_euros(amount)}; haar {parts} delen zijn samen"
                f" {in_euros(amount - (difference or 0))}.{_times(len(known))}",
                "details",
                entry,
                expected=amount,
                found=amount - (difference or 0),
                difference=-(difference or 0),
                count=len(known),
            )
        unknown = [each.entry for each in uneven if each.difference is None]
        if unknown:
            self._say(
                "part_without_amount",
                f"Niet elk deel van boeking {unknown[0]} noemt een bedrag in de valuta van de rekening."
                + _times(len(unknown)),
                "details",
                unknown[0],
                count=len(unknown),
            )

    def _batches(self) -> None:
        for code, name, sentence in (
            (
                "batch_count_differs",
                "count",
                "De batch van boeking {entry} telt volgens de bank {expected} betalingen, en hier {found}.",
            ),
            (
                "batch_sum_differs",
                "sum",
                "De batch van boeking {entry} is volgens de bank samen {expected}, en hier {found}.",
            ),
        ):
            values = [
                (each.entry, getattr(each.batch, name), getattr(each, name)) for each in self.notes.batches
            ]
            wrong = [
                (entry, abs(told), abs(found))
                for entry, told, found in values
                if told is not None and found is not None and abs(told) != abs(found)
            ]
            if wrong:
                entry, told, found = wrong[0]
                shown_values = {"entry": entry, "expected": _shown(told), "found": _shown(found)}
                self._say(
                    code,
                    sentence.format_map(shown_values) + _times(len(wrong)),
                    "batch",
                    entry,
                    expected=told,
                    found=found,
                    difference=found - told,
                    count=len(wrong),
                )

    def _head(self) -> None:
        statement = self.statement
        if is_wrong_iban(statement.account):
            self._say(
                "account_iban_wrong",
                f"Het controlegetal van IBAN {shown(statement.account)} klopt niet.",
                "account",
                found=statement.account,
            )
        if statement.page is not None:
            self._page(statement.page)
        if statement.is_copy:
            self._say("copy", "De bank noemt dit een kopie of een dubbel: misschien is het er al.", "copy")

    def _page(self, page: int) -> None:
        statement = self.statement
        if self.is_partial:
            more = " en er volgen meer bladzijden" if statement.is_last_page is False else ""
            self._say(
                "page_missing",
                f"Dit is bladzijde {page}{more}: alleen met de andere bladzijden is het afschrift heel.",
                "page",
                found=page,
            )
        elif statement.is_last_page is None and self.places.is_camt:
            self._say(
                "last_page_unknown", "De bank zegt niet of bladzijde 1 ook de laatste is.", "page", found=page
            )

    def _days(self) -> None:
        begin = self.statement.from_date
        end = self.statement.to_date or (self.statement.closing.date if self.statement.closing else None)
        outside: dict[date, Seen] = {}
        future: dict[date, Seen] = {}
        far: dict[tuple[date, date], Seen] = {}
        for (booked, valued), seen in self.notes.days.seen.items():
            if booked is None:
                continue
            if (begin and booked < begin) or (end and booked > end):
                outside[booked] = seen
            if self.today and booked > self.today:
                future[booked] = seen
            if valued and abs((valued - booked).days) > FAR_DAYS:
                far[booked, valued] = seen
        self._day("booked_outside_period", "buiten de periode van het afschrift", outside, begin, end)
        self._day(
            "booked_in_future", "later dan de dag waarop het afschrift is gemaakt", future, None, self.today
        )
        if far:
            (booked, valued), seen = next(iter(far.items()))
            count = sum(each.times for each in far.values())
            self._say(
                "value_date_far",
                f"De rentedatum van boeking {seen.entry}, {valued:%d-%m-%Y}, is ver van haar boekdatum,"
                f" {booked:%d-%m-%Y}.{_times(count)}",
                "valued",
                seen.entry,
                expected=booked,
                found=valued,
                difference=(valued - booked).days,
                count=count,
            )

    def _day(self, code: str, why: str, days: dict[date, Seen], begin: date | None, end: date | None) -> None:
        if days:
            day, seen = next(iter(days.items()))
            count = sum(each.times for each in days.values())
            self._say(
                code,
                f"De boekdatum van boeking {seen.entry}, {day:%d-%m-%Y}, is {why}.{_times(count)}",
                "booked",
                seen.entry,
                expected=begin if begin and day < begin else end,
                found=day,
                count=count,
            )

    def _entries(self) -> None:
        notes = self.notes
        unknown = {code: seen for code, seen in notes.codes.seen.items() if code and self._is_unknown(code)}
        for code, what, seen, sentence in (
            (
                "not_whole_cents",
                "amount",
                notes.fractions.seen,
                "Boeking {entry} noemt {value}: geen hele centen.",
            ),
            (
                "counterparty_iban_wrong",
                "party",
                notes.wrong_ibans.seen,
                "Het controlegetal van IBAN {value} bij boeking {entry} klopt niet.",
            ),
            (
                "code_unknown",
                "code",
                unknown,
                "De transactiecode {value} van boeking {entry} is niet bekend.",
            ),
            (
                "not_booked",
                "status",
                notes.not_booked.seen,
                "Boeking {entry} is nog niet definitief ({value}) en telt niet mee.",
            ),
            (
                "entry_says_nothing",
                "entry",
                notes.silent.seen,
                "Boeking {entry} heeft geen omschrijving en geen tegenpartij.",
            ),
        ):
            self._first(code, what, seen, sentence)

    def _first(
        self,
        code: str,
        what: str,
        seen: Mapping[Any, Seen],
        sentence: str,
        expected: Value = None,
    ) -> None:
        """Say one thing of all values that it holds for, with the first as example."""
        if seen:
            value, first = next(iter(seen.items()))
            count = sum(each.times for each in seen.values())
            values = {"entry": first.entry, "value": _shown(value), "currency": _shown(expected)}
            said = sentence.format_map(values) + _times(count)
            self._say(code, said, what, first.entry, expected=expected, found=value, count=count)

    def _is_unknown(self, code: str) -> bool:
        if not self.places.is_camt:
            return not OF_SWIFT.fullmatch(code)
        found = OF_ISO.fullmatch(code)
        return found is not None and found[2] not in FAMILIES.get(found[1], ())

    def _references(self) -> None:
        bank = self.statement.account[4:8] or ""
        repeats = bank in BANKS_THAT_REPEAT or (self.statement.servicer_bic or "")[:4] in BANKS_THAT_REPEAT
        for code, what, references, name in (
            ("entry_reference_repeated", "entry_reference", self.notes.entry_references, "NtryRef"),
            ("servicer_reference_repeated", "servicer_reference", self.notes.servicer_references, "kenmerk"),
            ("end_to_end_id_repeated", "end_to_end_id", self.notes.end_to_end_ids, "EndToEndId"),
        ):
            count, examples = references.repeated()
            if not examples:
                continue
            reference, first, second = examples[0]
            sentence = (
                f"De boekingen {first} en {second} hebben hetzelfde {name} {shown(reference)}.{_times(count)}"
            )
            self._say(code, sentence, what, second, found=reference, count=count)
            if code == "entry_reference_repeated" and (repeats or not self.places.is_camt):
                self.found[-1] = replace(self.found[-1], severity="note")


def _plain(value: Value) -> int | str | None:
    match value:
        case Decimal():
            return f"{value:f}"
        case date():
            return value.isoformat()
        case _:
            return value


def _shown(value: Value) -> str:
    return in_euros(value) if isinstance(value, Decimal) else shown(str(value))


def _day(text: str | None) -> date | None:
    """The day of a date-time as written; `None` for what is none."""
    try:
        return date.fromisoformat((text or "")[:10])
    except ValueError:
        return None
