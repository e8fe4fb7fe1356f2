"""camt.052, .053 and .054 of ISO 20022, every version -> Statement, streamed.

camt_fields.py says where each field stands; here is what the fields mean together: signs, parts of an entry,
who the counterparty is. Source: ISO 20022 message definitions, and what Dutch banks make of them.
"""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import BinaryIO, Final, NoReturn, cast

from lxml.etree import _Element

from bank_formats import xml
from bank_formats.camt_fields import names
from bank_formats.errors import NotABankFile, Unreadable
from bank_formats.fields import Found, unspaced, whole
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
    Uneven,
)
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
YES = ("true", "1")
MANY_DATES = 4096
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
                self.group = self.names.group.of(element)
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
        found = self.names.head.walked(element)
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
        found = self.names.balance.of(element)
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
                    yield self._single(statement, element, waiting)
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
        detail_tag, entry_tag = self.names.detail_tag, self.names.entry_tag
        for entry in run.entries:
            _, *inside = entry.iter(detail_tag, entry_tag)
            if len(inside) < 2:  # noqa: PLR2004 - one detail is the entry itself
                yield self._single(statement, entry, inside[0] if inside else None)
                continue
            parts = self._several(statement, inside[0])
            for detail in inside:
                yield self._part(statement, parts, detail)
            parts.end(statement, self.entry)
        self.line = 0

    def _single(self, statement: Statement, entry: _Element, detail: _Element | None) -> Transaction:
        """An entry that is one transaction."""
        if detail is not None and self._entry_of(detail) is not entry:
            self._refuse(detail, "", "details staan buiten hun boeking")
        found = self.names.single.of(entry)
        self._count(statement, found, entry)
        if found.get("text") is None:
            found["text"] = found.get("entry_text")
        return self._transaction(statement, entry, found, None, found["signed"])

    def _several(self, statement: Statement, detail: _Element) -> "_Parts":
        """Begin an entry of several transactions."""
        entry = self._entry_of(detail)
        said = self.names.entry.walked(entry)
        self._count(statement, said, entry)
        return _Parts(entry, said)

    def _count(self, statement: Statement, said: Found, entry: _Element) -> None:
        """Count an entry, and understand its amount and status."""
        self.entry += 1
        amount = self._signed(said.get("entry_amount"), said.get("entry_direction"), entry)
        status = said.get("status")
        status = "booked" if status is None else STATUSES.get(status, status.lower())
        if status == "booked":
            statement.count(amount)
        said["signed"], said["status"] = amount, status
        said["currency"] = said["entry_amount"][1] or statement.currency

    def _part(self, statement: Statement, parts: "_Parts", detail: _Element) -> Transaction:
        """One of several transactions of an entry."""
        if self._entry_of(detail) is not parts.element:
            self._refuse(detail, "", "details staan buiten hun boeking")
        parts.count += 1
        group = detail.getparent()
        if group is not None and group is not parts.group:
            parts.enter(group, self.names.details.walked(group))
        found = parts.said | self.names.detail.of(detail)
        raw = _amount_of_part(found, found["currency"])
        direction = found.get("direction") or found["entry_direction"]
        amount = None if raw is None else self._signed(raw, direction, detail)
        parts.add(amount)
        return self._transaction(statement, detail, found, parts.count, amount)

    def _transaction(
        self, statement: Statement, element: _Element, found: Found, part: int | None, amount: Decimal | None
    ) -> Transaction:
        """Put together what the entry and its detail say."""
        get = found.get
        entry_servicer, servicer = get("entry_servicer_reference"), get("servicer_reference")
        entry_reference = get("entry_reference")
        ref = entry_servicer
        if part is None:
            bank_reference = entry_servicer or servicer or entry_reference
        else:
            bank_reference = servicer or entry_servicer or entry_reference
            ref = ref and f"{ref}#{part}"
        code = _code(found, "") or _code(found, "entry_") or get("own_code") or get("entry_own_code")
        reversal = get("reversal") in YES
        returned = reversal or "returned" in found or (code is not None and code[-4:] in RETURNS)
        debited = (found["signed"] if amount is None else amount) < 0
        counterparty, ultimate = _counterparty(found, statement.account, debited=debited, returned=returned)
        text = get("text")
        remittance = get("remittance")
        end_to_end_id = get("end_to_end_id")
        return Transaction(
            self.entry,
            part,
            ref,
            self._date(get("booked"), element, "BookgDt"),
            self._date(get("valued"), element, "ValDt"),
            amount,
            found["currency"],
            counterparty,
            None if end_to_end_id == "NOTPROVIDED" else end_to_end_id,
            get("reference"),
            (remittance and _joined(remittance)) or text,
            bank_reference,
            get("mandate_id"),
            code,
            reversal,
            get("return_reason"),
            _joined(found["return_text"]) if "return_text" in found else None,
            self._batch(found, element) if "batch" in found or "payment_information_id" in found else None,
            found["status"],
            found["signed"],
            entry_reference,
            get("message_id"),
            get("instruction_id"),
            get("transaction_id"),
            get("uetr"),
            get("clearing_reference"),
            ultimate,
            get("purpose"),
            text,
            self._charges(found, element) if "charges" in found or "entry_charges" in found else (),
        )

    def _batch(self, found: Found, element: _Element) -> Batch:
        total = found.get("batch_sum")
        return Batch(
            whole(found.get("batch_count")),
            found.get("batch_payment_information_id") or found.get("payment_information_id"),
            found.get("batch_message_id") or found.get("message_id"),
            None if total is None else self._amount(total, element, "Btch/TtlAmt"),
        )

    def _charges(self, found: Found, element: _Element) -> tuple[Charge, ...]:
        charges = []
        for text, currency, direction in (*found.get("entry_charges", ()), *found.get("charges", ())):
            amount = self._amount((text, currency), element, "Chrgs/Amt")
            charges.append(Charge(amount if direction == "CRDT" else -amount, currency))
        return tuple(charges)

    def _entry_of(self, detail: _Element) -> _Element:
        parent = detail.getparent()
        if parent is not None and parent.tag == self.names.details_tag:
            parent = parent.getparent()
        if parent is None or parent.tag != self.names.entry_tag or detail.tag != self.names.detail_tag:
            self._refuse(detail, "", "details staan buiten hun boeking")
        return parent

    def _amount(self, raw: tuple[str | None, str | None] | None, element: _Element, path: str) -> Decimal:
        """A positive amount as written."""
        text = raw[0] if raw else None
        if text is None or not AMOUNT.fullmatch(text):
            if not text:
                self._refuse(element, path, "het bedrag ontbreekt")
            if text.startswith("-"):
                self._refuse(element, path, "het bedrag is negatief; de richting hoort in CdtDbtInd", text)
            self._refuse(element, path, "het bedrag is geen getal", text)
        return Decimal(text)

    def _signed(
        self, raw: tuple[str | None, str | None] | None, direction: str | None, element: _Element
    ) -> Decimal:
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


class _Parts:
    """An entry of several transactions while they come by."""

    def __init__(self, element: _Element, said: Found) -> None:
        self.element = element
        self.said = said
        self.amount: Decimal = said["signed"]
        self.currency: str | None = said["currency"]
        self.count = 0
        self.sum = ZERO
        self.comparable = True
        self.group: _Element | None = None

    def enter(self, group: _Element, batch: Found) -> None:
        """Go on with the next `NtryDtls`, which may speak of another batch."""
        self.group = group
        self.said = {name: value for name, value in self.said.items() if not name.startswith("batch")} | batch

    def add(self, amount: Decimal | None) -> None:
        """Count one part; without its amount the sum says nothing."""
        if amount is None:
            self.comparable = False
        else:
            self.sum += amount

    def end(self, statement: Statement, entry: int) -> None:
        """Note on the statement what is left between the entry and its parts, when anything is."""
        difference = self.amount - self.sum if self.comparable else None
        if difference != 0:
            statement.count_uneven(Uneven(entry, self.amount, self.count, difference))


def _code(found: Found, prefix: str) -> str | None:
    domain = found.get(f"{prefix}domain")
    if domain is None:
        return None
    return f"{domain}-{found.get(f'{prefix}family') or ''}-{found.get(f'{prefix}subfamily') or ''}"


def _joined(texts: list[str | None]) -> str | None:
    return " ".join([text for text in texts if text]) or None


def _amount_of_part(told: Found, currency: str | None) -> tuple[str | None, str | None] | None:
    """The first amount in the entry's currency."""
    for name in ("amount", "transaction_amount", "instructed_amount"):
        amount: tuple[str | None, str | None] | None = told.get(name)
        if amount is not None and amount[1] in {currency, None}:
            return amount
    return None


def _counterparty(told: Found, own: str, *, debited: bool, returned: bool) -> tuple[Party, str | None]:
    """Whose money it was before, or is now, with the ultimate party of that side.

    The side whose account is not ours. When the accounts do not tell: of a return the one side that is named,
    or with both named that of the original payment; else the creditor when we are debited, else the debtor.
    """
    get = told.get
    debtor_iban = unspaced(get("debtor_iban")) or get("debtor_account")
    creditor_iban = unspaced(get("creditor_iban")) or get("creditor_account")
    debtor_is_us, creditor_is_us = debtor_iban == own, creditor_iban == own
    if debtor_is_us != creditor_is_us:
        creditor = debtor_is_us
    elif returned:
        debtor_named = bool(get("debtor") or debtor_iban)
        creditor_named = bool(get("creditor") or creditor_iban)
        creditor = creditor_named if debtor_named != creditor_named else not debited
    else:
        creditor = debited
    if creditor:
        name, ultimate = get("creditor"), get("ultimate_creditor")
        iban, bic = creditor_iban, unspaced(get("creditor_bic"))
    else:
        name, ultimate = get("debtor"), get("ultimate_debtor")
        iban, bic = debtor_iban, unspaced(get("debtor_bic"))
    return Party(name or ultimate, iban, bic), ultimate
