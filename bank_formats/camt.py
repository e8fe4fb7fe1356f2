"""camt.052, .053 and .054 of ISO 20022, every version -> Statement, streamed.

camt_fields.py says where each field stands; here is what the fields mean together: signs, parts of an entry,
who the counterparty is. Source: ISO 20022 message definitions, and what Dutch banks make of them.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import BinaryIO, Final, NamedTuple, NoReturn, cast

from lxml.etree import _Element

from bank_formats import xml
from bank_formats.camt_fields import Amount, Said, names
from bank_formats.errors import NotABankFile, Unreadable
from bank_formats.fields import Context, Found, unspaced, walked, whole
from bank_formats.runs import Run
from bank_formats.statement import (
    ZERO,
    Balance,
    Batch,
    Charge,
    Kind,
    Party,
    Statement,
    Summary,
    Transaction,
)
from bank_formats.tally import Uneven
from bank_formats.xml import remove_before

NAMESPACE = re.compile(r"urn:iso:std:iso:20022:tech:xsd:(camt\.05([234])\.001\.[0-9]{2})")
KINDS: Final[dict[str, tuple[str, Kind]]] = {
    "2": ("Rpt", "report"),
    "3": ("Stmt", "statement"),
    "4": ("Ntfctn", "notification"),
}
AMOUNT = re.compile(r"\+?(?:[0-9]{1,18}(?:\.[0-9]{0,9})?|\.[0-9]{1,9})")
DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:T.*|Z|[+-][0-9]{2}:[0-9]{2})?", re.DOTALL)
BALANCE_KINDS = {
    "OPBD": "opening",
    "CLBD": "closing",
    "PRCD": "previous_closing",
    "ITBD": "interim",
    "CLAV": "available",
    "OPAV": "opening_available",
    "ITAV": "interim_available",
    "FWAV": "forward_available",
    "XPCD": "expected",
    "INFO": "information",
}
STATUSES = {"BOOK": "booked", "PDNG": "pending", "INFO": "info", "FUTR": "future"}
RETURNS = ("RRTN", "UPDD", "UPCT", "PRDD", "RPCR", "ARRT")
SIGNS = ("CRDT", "DBIT")
NO_BATCH = dict.fromkeys(name for name in Said._fields if name.startswith("batch"))
YES = ("true", "1")
MANY_DATES = 4096
OUTSIDE = "details staan buiten hun boeking"
MISPLACED = "een boeking staat op een verkeerde plaats"
CHOOSE = "Kies het afschrift dat de bank heeft gemaakt."
ASK_THE_BANK = "Vraag de bank om een goed bestand; van dit bestand is niets verwerkt."


def read(stream: BinaryIO, root: xml.Root, *, file: str, first_number: int = 1) -> Iterator[Statement]:
    """Read the statements of one message; raises Refused for a message that is no statement."""
    found = NAMESPACE.fullmatch(root.namespace)
    if found is None or root.name != "Document":
        raise NotABankFile(
            "dit is geen rekeningafschrift (camt.052, camt.053 of camt.054)",
            file=file,
            value=root.namespace or root.name,
            remedy=CHOOSE,
        )
    return _Message(stream, root, found[1], KINDS[found[2]], file, first_number).statements()


class _Message:
    """One message while it is read: the elements come by once, what was used is removed."""

    def __init__(
        self,
        stream: BinaryIO,
        root: xml.Root,
        format: str,
        called: tuple[str, Kind],
        file: str,
        first_number: int,
    ) -> None:
        self.element, self.kind = called
        self.format = format
        self.file = file
        self.names = names(root.namespace, self.element)
        self.number = first_number - 1
        self.entry = 0
        self.group: Found = {}
        self.dates: dict[str, date] = {}
        known = self.names
        tags = (known.detail_tag, known.entry_tag, known.statement_tag, known.group_tag)
        cutter = xml.cutter(root, entry="Ntry", statement=self.element)
        self.elements = xml.elements_and_runs(stream, tags, cutter, file=file)
        self.line = 0

    def statements(self) -> Iterator[Statement]:
        """Each statement, with its transactions still to be read."""
        first = self.number
        passed: _Element | None = None
        for item in self.elements:
            element = item.marker if isinstance(item, Run) else item
            if element.tag == self.names.group_tag:
                self.group = walked(element, self.names.group)
                continue
            owner = self._statement_of(element)
            if owner is not passed:
                passed = owner
                statement = self._head(owner, item)
                statement.transactions = self._transactions(statement, item, owner)
                yield statement
                for _ in statement.transactions:
                    pass
            remove_before(element)
        if self.number == first:
            raise NotABankFile("er staat geen afschrift in", file=self.file, remedy=ASK_THE_BANK)

    def _statement_of(self, element: _Element) -> _Element:
        owner: _Element | None = element
        while owner is not None and owner.tag != self.names.statement_tag:
            owner = owner.getparent()
        if owner is None:
            self._refuse(element, "", "dit onderdeel hoort in een afschrift te staan")
        return owner

    def _head(self, element: _Element, first: _Element | Run) -> Statement:
        """What stands before the entries; `first` is what came by first."""
        self.number += 1
        self.entry = 0
        found = walked(element, self.names.head)
        account = unspaced(found.get("own_iban")) or found.get("own_account")
        if account is None:
            self._refuse(element, "Acct/Id", "het afschrift noemt geen rekening")
        statement = Statement(format=self.format, kind=self.kind, account=account)
        statement.number, statement.file = self.number, self.file
        statement.message_id = self.group.get("message_id")
        statement.message_created_at = self.group.get("created_at")
        statement.id = found.get("id")
        electronic, legal = whole(found.get("electronic_sequence")), whole(found.get("legal_sequence"))
        statement.electronic_sequence, statement.legal_sequence = electronic, legal
        statement.sequence = legal if electronic is None else electronic
        pages = found if "page" in found else self.group
        statement.page = whole(pages.get("page"))
        last_page = pages.get("last_page")
        statement.is_last_page = None if last_page is None else last_page in YES
        statement.is_copy = "copy" in found
        statement.owner = found.get("owner")
        statement.servicer_bic = unspaced(found.get("servicer_bic"))
        statement.from_date = self._date(found.get("from_date"), element, "FrToDt/FrDtTm")
        statement.to_date = self._date(found.get("to_date"), element, "FrToDt/ToDtTm")
        statement.created_at = found.get("created_at")
        statement.summary = self._summary(found, element)
        for child in element.iterchildren(self.names.balance_tag, self.names.entry_tag):
            if child.tag == self.names.entry_tag:
                break
            statement.balances.append(self._balance(child))
        of_balance = next((balance.currency for balance in statement.balances), None)
        statement.currency = found.get("currency") or of_balance or self._currency_of(element, first)
        return statement

    def _currency_of(self, owner: _Element, first: _Element | Run) -> str | None:
        entry = first.entries[0] if isinstance(first, Run) else owner.find(self.names.entry_tag)
        amount = None if entry is None else entry.find("{*}Amt")
        return None if amount is None else amount.get("Ccy")

    def _balance(self, element: _Element) -> Balance:
        found = walked(element, self.names.balance)
        code = found.get("code") or ""
        amount = self._signed(found.get("amount"), found.get("direction"), element)
        on = self._date(found.get("date"), element, "Dt")
        return Balance(BALANCE_KINDS.get(code, code.lower()), on, amount, found["amount"][1])

    def _summary(self, found: Found, element: _Element) -> Summary | None:
        said: dict[str, int | Decimal] = {}
        for side in ("", "credit_", "debit_"):
            count, total = whole(found.get(f"{side}count")), found.get(f"{side}sum")
            if count is not None:
                said[f"{side}count"] = count
            if total is not None:
                sign = -1 if total.startswith("-") else 1
                said[f"{side}sum"] = sign * self._amount((total.lstrip("-"), None), element, "TxsSummry")

        return Summary(**said) if said else None  # type: ignore[arg-type]  # the names tell counts from sums

    def _transactions(
        self, statement: Statement, first: _Element | Run, owner: _Element
    ) -> Iterator[Transaction]:
        """Each transaction of a statement. A detail waits until it is known whether it is the only one."""
        detail_tag, entry_tag = self.names.detail_tag, self.names.entry_tag
        waiting: _Element | None = None
        parts: _Parts | None = None
        element: _Element | Run | None = first
        while element is not None and element is not owner:
            if isinstance(element, Run):
                if waiting is not None or parts is not None:
                    self._refuse(element.marker, "", MISPLACED)
                yield from self._run(statement, element, owner)
                remove_before(element.marker)
            elif element.tag == entry_tag:
                if element.getparent() is not owner:
                    self._refuse(element, "", MISPLACED)
                if parts is None:
                    yield self._alone(statement, element, waiting)
                else:
                    parts.end(statement, self.entry)
                waiting = parts = None
                remove_before(element)
            elif element.tag == detail_tag:
                if waiting is None:
                    waiting = element
                else:
                    if parts is None:
                        parts = self._several(statement, waiting)
                        yield self._part(statement, parts, waiting)
                    yield self._part(statement, parts, element)
                    remove_before(element)
            else:
                self._refuse(element, "", "een afschrift staat op een verkeerde plaats")
            element = next(self.elements, None)
        remove_before(owner)

    def _run(self, statement: Statement, run: Run, owner: _Element) -> Iterator[Transaction]:
        """The transactions of entries that came at once."""
        if run.marker.getparent() is not owner:
            self._refuse(run.marker, "", MISPLACED)
        self.line = run.line
        context = Context(run.begin, run.end)
        for entry, written in zip(run.entries, run.written, strict=True):
            said = self.names.single.of(entry, written, context)
            if not said.inside or (said.inside == 1 and said.told):
                yield self._single(statement, entry, said)
                continue
            _, *inside = entry.iter(self.names.detail_tag, self.names.entry_tag)
            parts = self._several(statement, inside[0])
            for detail in inside:
                yield self._part(statement, parts, detail)
            parts.end(statement, self.entry)
        self.line = 0

    def _alone(self, statement: Statement, entry: _Element, detail: _Element | None) -> Transaction:
        """An entry that came by itself, of which one detail or none came by."""
        if detail is not None and self._entry_of(detail) is not entry:
            self._refuse(detail, "", OUTSIDE)
        return self._single(statement, entry, self.names.single.of(entry))

    def _single(self, statement: Statement, entry: _Element, said: Said) -> Transaction:
        """An entry that is one transaction."""
        counted = self._count(statement, said, entry)
        return self._transaction(statement, entry, counted, said, None, counted.amount)

    def _several(self, statement: Statement, detail: _Element) -> "_Parts":
        """Begin an entry of several transactions."""
        entry = self._entry_of(detail)
        return _Parts(entry, self._count(statement, Said(**walked(entry, self.names.entry)), entry))

    def _count(self, statement: Statement, said: Said, entry: _Element) -> "_Counted":
        """Count an entry, and understand its amount and status."""
        self.entry += 1
        raw = said.entry_amount
        amount = self._signed(raw, said.entry_direction, entry)
        status = "booked" if said.status is None else STATUSES.get(said.status, said.status.lower())
        if status == "booked":
            statement.count(amount)
        return _Counted(said, amount, (raw and raw[1]) or statement.currency, status)

    def _part(self, statement: Statement, parts: "_Parts", detail: _Element) -> Transaction:
        """One of several transactions of an entry."""
        if self._entry_of(detail) is not parts.element:
            self._refuse(detail, "", OUTSIDE)
        parts.count += 1
        group = detail.getparent()
        if group is not None and group is not parts.group:
            parts.enter(group, walked(group, self.names.details))
        told = self.names.detail.of(detail)
        counted = parts.counted
        raw = _amount_of_part(told, counted.currency)
        direction = told.direction or counted.said.entry_direction
        amount = None if raw is None else self._signed(raw, direction, detail)
        parts.add(amount)
        return self._transaction(statement, detail, counted, told, parts.count, amount)

    def _transaction(
        self,
        statement: Statement,
        element: _Element,
        counted: "_Counted",
        told: Said,
        part: int | None,
        amount: Decimal | None,
    ) -> Transaction:
        """Put together what the entry said and its detail told."""
        said, entry_amount, currency, status = counted
        ref = entry_servicer = said.entry_servicer_reference
        if part is None:
            bank_reference = entry_servicer or told.servicer_reference or said.entry_reference
            text = told.text or said.entry_text
        else:
            bank_reference = told.servicer_reference or entry_servicer or said.entry_reference
            text = told.text
            ref = ref and f"{ref}#{part}"
        if told.domain:
            code: str | None = f"{told.domain}-{told.family or ''}-{told.subfamily or ''}"
        elif said.entry_domain:
            code = f"{said.entry_domain}-{said.entry_family or ''}-{said.entry_subfamily or ''}"
        else:
            code = told.own_code or said.entry_own_code
        reversal = said.reversal in YES
        returned = reversal or bool(told.returned) or (code is not None and code[-4:] in RETURNS)
        debited = (entry_amount if amount is None else amount) < 0
        counterparty, ultimate = _counterparty(told, statement.account, debited=debited, returned=returned)
        remittance, end_to_end_id = told.remittance, told.end_to_end_id
        return Transaction(
            self.entry,
            part,
            ref,
            self._date(said.booked, element, "BookgDt"),
            self._date(said.valued, element, "ValDt"),
            amount,
            currency,
            counterparty,
            None if end_to_end_id == "NOTPROVIDED" else end_to_end_id,
            told.reference,
            (_joined(remittance) if remittance else None) or text,
            bank_reference,
            told.mandate_id,
            code,
            reversal,
            told.return_reason,
            _joined(told.return_text) if told.return_text else None,
            self._batch(said, told, element) if said.batch or told.payment_information_id else None,
            status,
            entry_amount,
            said.entry_reference,
            told.message_id,
            told.instruction_id,
            told.transaction_id,
            told.uetr,
            told.clearing_reference,
            ultimate,
            told.purpose,
            text,
            self._charges(said, told, element) if said.entry_charges or told.charges else (),
        )

    def _batch(self, said: Said, told: Said, element: _Element) -> Batch:
        total = said.batch_sum
        return Batch(
            whole(said.batch_count),
            said.batch_payment_information_id or told.payment_information_id,
            said.batch_message_id or told.message_id,
            None if total is None else self._amount(total, element, "Btch/TtlAmt"),
        )

    def _charges(self, said: Said, told: Said, element: _Element) -> tuple[Charge, ...]:
        charges = []
        for text, currency, direction in (*(said.entry_charges or ()), *(told.charges or ())):
            amount = self._amount((text, currency), element, "Chrgs/Amt")
            charges.append(Charge(amount if direction == "CRDT" else -amount, currency))
        return tuple(charges)

    def _entry_of(self, detail: _Element) -> _Element:
        parent = detail.getparent()
        if parent is not None and parent.tag == self.names.details_tag:
            parent = parent.getparent()
        if parent is None or parent.tag != self.names.entry_tag or detail.tag != self.names.detail_tag:
            self._refuse(detail, "", OUTSIDE)
        return parent

    def _amount(self, raw: Amount | None, element: _Element, path: str) -> Decimal:
        """A positive amount as written."""
        text = raw[0] if raw else None
        if text is None or not AMOUNT.fullmatch(text):
            if not text:
                self._refuse(element, path, "het bedrag ontbreekt")
            if text.startswith("-"):
                self._refuse(element, path, "het bedrag is negatief; de richting hoort in CdtDbtInd", text)
            self._refuse(element, path, "het bedrag is geen getal", text)
        return Decimal(text)

    def _signed(self, raw: Amount | None, direction: str | None, element: _Element) -> Decimal:
        """The amount with the sign of `CdtDbtInd`: minus when it is a debit."""
        amount = self._amount(raw, element, "Amt")
        if direction is None:
            self._refuse(element, "CdtDbtInd", "er staat niet bij of het bij of af is")
        if direction not in SIGNS:
            self._refuse(element, "CdtDbtInd", "dit is geen bij (CRDT) of af (DBIT)", direction)
        return amount if direction == "CRDT" else -amount

    def _date(self, text: str | None, element: _Element, path: str) -> date | None:
        """The date as written; of a date with a time its first ten characters."""
        if not text:
            return None
        known = self.dates.get(text)
        if known is not None:
            return known
        found = DATE.fullmatch(text)
        try:
            day = date.fromisoformat(found[1]) if found else None
        except ValueError:
            day = None
        if day is None:
            self._refuse(element, path, "deze datum bestaat niet", text)
        if len(self.dates) >= MANY_DATES:
            self.dates.clear()
        self.dates[text] = day
        return day

    def _refuse(self, element: _Element, path: str, problem: str, value: str | None = None) -> NoReturn:
        """Refuse the file, naming the line and the path of an element below `element`."""
        at = element
        for name in filter(None, path.split("/")):
            inner = at.find(f"{{*}}{name}")
            if inner is None:
                break
            at = inner
        steps = [f"{self.element}[{self.number}]"] if self.number else []
        if self.entry:
            steps.append(f"Ntry[{self.entry}]")
        elif element.tag == self.names.balance_tag:
            steps.append("Bal")
        if element.tag == self.names.detail_tag:
            steps.append("NtryDtls/TxDtls")
        if path:
            steps.append(path)
        raise Unreadable(
            problem,
            file=self.file,
            line=self.line + cast("int", at.sourceline),
            path="/".join(steps),
            value=value,
            remedy=ASK_THE_BANK,
        )


class _Counted(NamedTuple):
    """An entry of which the amount, currency and status are understood."""

    said: Said
    amount: Decimal
    currency: str | None
    status: str


class _Parts:
    """An entry of several transactions while they come by."""

    def __init__(self, element: _Element, counted: _Counted) -> None:
        self.element = element
        self.counted = counted
        self.count = 0
        self.sum = ZERO
        self.comparable = True
        self.group: _Element | None = None

    def enter(self, group: _Element, batch: Found) -> None:
        """Go on with the next `NtryDtls`, which may speak of another batch."""
        self.group = group
        said = self.counted.said._replace(**{**NO_BATCH, **batch})
        self.counted = self.counted._replace(said=said)

    def add(self, amount: Decimal | None) -> None:
        """Count one part; without its amount the sum says nothing."""
        if amount is None:
            self.comparable = False
        else:
            self.sum += amount

    def end(self, statement: Statement, entry: int) -> None:
        """Note on the statement what is left between the entry and its parts, when anything is."""
        amount = self.counted.amount
        difference = amount - self.sum if self.comparable else None
        if difference != 0:
            statement.count_uneven(Uneven(entry, amount, self.count, difference))


def _joined(texts: Sequence[str | None]) -> str | None:
    return " ".join([text for text in texts if text]) or None


def _amount_of_part(told: Said, currency: str | None) -> Amount | None:
    """The first amount in the entry's currency."""
    for amount in (told.amount, told.transaction_amount, told.instructed_amount):
        if amount is not None and amount[1] in {currency, None}:
            return amount
    return None


def _counterparty(told: Said, own: str, *, debited: bool, returned: bool) -> tuple[Party, str | None]:
    """Whose money it was before, or is now, with the ultimate party of that side.

    The side whose account is not ours. When the accounts do not tell: of a return the one side that is named,
    or with both named that of the original payment; else the creditor when we are debited, else the debtor.
    """
    debtor_iban = unspaced(told.debtor_iban) or told.debtor_account
    creditor_iban = unspaced(told.creditor_iban) or told.creditor_account
    debtor_is_us, creditor_is_us = debtor_iban == own, creditor_iban == own
    if debtor_is_us != creditor_is_us:
        creditor = debtor_is_us
    elif returned:
        debtor_named = bool(told.debtor or debtor_iban)
        creditor_named = bool(told.creditor or creditor_iban)
        creditor = creditor_named if debtor_named != creditor_named else not debited
    else:
        creditor = debited
    if creditor:
        ultimate = told.ultimate_creditor
        return Party(told.creditor or ultimate, creditor_iban, unspaced(told.creditor_bic)), ultimate
    ultimate = told.ultimate_debtor
    return Party(told.debtor or ultimate, debtor_iban, unspaced(told.debtor_bic)), ultimate
