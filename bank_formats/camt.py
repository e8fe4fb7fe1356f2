"""camt.052, .053 and .054 of ISO 20022, every version -> Statement, streamed.

camt_fields.py says where each field stands, camt_head.py what a statement says before its entries; here is
what the fields of an entry mean together: signs, parts, who the counterparty is. What is asked for now and
then is worked out by camt_details.py, from the entry as it was written.
Source: ISO 20022 message definitions, and what Dutch banks make of them.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import BinaryIO, Final, NamedTuple

from lxml import etree
from lxml.etree import _Element

from bank_formats import xml
from bank_formats.camt_details import Unread
from bank_formats.camt_fields import Charges, Said, SaidCharge, Texts, names
from bank_formats.camt_head import BALANCE_KINDS, Heads
from bank_formats.camt_place import ASK_THE_BANK, Place
from bank_formats.details import Agent, Money, Tax
from bank_formats.errors import Code, NotABankFile
from bank_formats.fields import Found, unspaced, walked, whole
from bank_formats.forms import YES, decimal
from bank_formats.runs import Context, Run
from bank_formats.statement import ZERO, Batch, Charge, Kind, Party, Statement, Transaction
from bank_formats.tally import Uneven
from bank_formats.xml import remove_before

__all__ = ["ASK_THE_BANK", "BALANCE_KINDS", "CHOOSE", "RETURNS", "STATUSES", "read"]

NAMESPACE = re.compile(r"urn:iso:std:iso:20022:tech:xsd:(camt\.05([234])\.001\.[0-9]{2})")
KINDS: Final[dict[str, tuple[str, Kind]]] = {
    "2": ("Rpt", "report"),
    "3": ("Stmt", "statement"),
    "4": ("Ntfctn", "notification"),
}
STATUSES = {"BOOK": "booked", "PDNG": "pending", "INFO": "info", "FUTR": "future"}
RETURNS = ("RRTN", "UPDD", "UPCT", "PRDD", "RPCR", "ARRT")
NO_BATCH = dict.fromkeys(name for name in Said._fields if name.startswith("batch"))
OUTSIDE = "details staan buiten hun boeking"
MISPLACED = "een boeking staat op een verkeerde plaats"
CHOOSE = "Kies het afschrift dat de bank heeft gemaakt."


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
        element, kind = called
        self.at = Place(file, element)
        self.at.statement = first_number - 1
        self.names = known = names(root.namespace, element, Context.of(root.nsmap))
        self.heads = Heads(known, self.at, format=format, kind=kind)
        tags = (known.detail_tag, known.entry_tag, known.statement_tag, known.group_tag)
        cutter = xml.cutter(root, entry="Ntry", statement=element, reader=known.single)
        self.elements = xml.elements_and_runs(stream, tags, cutter, file=file)

    def statements(self) -> Iterator[Statement]:
        """Each statement, with its transactions still to be read."""
        first = self.at.statement
        passed: _Element | None = None
        for item in self.elements:
            element = item.marker if isinstance(item, Run) else item
            if element.tag == self.names.group_tag:
                self.heads.take_group(element)
                continue
            owner = self._statement_of(element)
            if owner is not passed:
                passed = owner
                self.at.statement += 1
                self.at.entry = 0
                statement = self.heads.statement(owner)
                statement.currency = statement.currency or self._currency_of(owner, item)
                statement.transactions = self._transactions(statement, item, owner)
                yield statement
                for _ in statement.transactions:
                    pass
            remove_before(element)
        if self.at.statement == first:
            raise NotABankFile(
                "er staat geen afschrift in",
                code=Code.NO_STATEMENT,
                file=self.at.file,
                remedy=ASK_THE_BANK,
            )

    def _statement_of(self, element: _Element) -> _Element:
        owner: _Element | None = element
        while owner is not None and owner.tag != self.names.statement_tag:
            owner = owner.getparent()
        if owner is None:
            self.at.refuse(element, "", "dit onderdeel hoort in een afschrift te staan")
        return owner

    def _currency_of(self, owner: _Element, first: _Element | Run[Said]) -> str | None:
        if isinstance(first, Run):
            return first.said[0].entry_amount_currency
        entry = owner.find(self.names.entry_tag)
        amount = None if entry is None else entry.find("{*}Amt")
        return None if amount is None else amount.get("Ccy")

    def _transactions(
        self, statement: Statement, first: _Element | Run[Said], owner: _Element
    ) -> Iterator[Transaction]:
        """Each transaction of a statement. A detail waits until it is known whether it is the only one."""
        detail_tag, entry_tag = self.names.detail_tag, self.names.entry_tag
        waiting: _Element | None = None
        parts: _Parts | None = None
        element: _Element | Run[Said] | None = first
        while element is not None and element is not owner:
            if isinstance(element, Run):
                if waiting is not None or parts is not None or element.marker.getparent() is not owner:
                    self.at.refuse(element.marker, "", MISPLACED)
                yield from self._run(statement, element)
                remove_before(element.marker)
            elif element.tag == entry_tag:
                if element.getparent() is not owner:
                    self.at.refuse(element, "", MISPLACED)
                if parts is None:
                    yield self._alone(statement, element, waiting)
                else:
                    parts.end(statement, self.at.entry)
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
                self.at.refuse(element, "", "een afschrift staat op een verkeerde plaats")
            element = next(self.elements, None)
        self.heads.end(statement, owner)
        remove_before(owner)

    def _run(self, statement: Statement, run: Run[Said]) -> Iterator[Transaction]:
        """The transactions of entries that came at once."""
        at, around = self.at, self.names.around
        at.run = run
        for index, said in enumerate(run.said):
            at.index = index
            if not said.inside or (said.inside == 1 and said.told):
                counted = self._count(statement, said, None)
                kept = Unread(run.written[index], None, around)
                yield self._transaction(statement, None, counted, said, None, counted.amount, kept)
                continue
            _, *inside = run.elements[index].iter(self.names.detail_tag, self.names.entry_tag)
            parts = self._several(statement, inside[0])
            for detail in inside:
                yield self._part(statement, parts, detail)
            parts.end(statement, at.entry)
        at.run = None

    def _alone(self, statement: Statement, entry: _Element, detail: _Element | None) -> Transaction:
        """An entry that came by itself, of which one detail or none came by."""
        if detail is not None:
            self._entry_of(detail)
        said = self.names.single.of(entry)
        counted = self._count(statement, said, entry)
        kept = Unread(_as_written(entry), None, self.names.around)
        return self._transaction(statement, entry, counted, said, None, counted.amount, kept)

    def _several(self, statement: Statement, detail: _Element) -> "_Parts":
        """Begin an entry of several transactions."""
        entry = self._entry_of(detail)
        said = Said(**walked(entry, self.names.entry))
        own = [child for child in entry if child.tag not in {self.names.details_tag, self.names.detail_tag}]
        tag = f"{entry.prefix}:Ntry" if entry.prefix else "Ntry"
        return _Parts(
            entry,
            self._count(statement, said, entry),
            f"<{tag}>{''.join(map(_as_written, own))}</{tag}>",
        )

    def _count(self, statement: Statement, said: Said, entry: _Element | None) -> "_Counted":
        """Count an entry, and understand its amount and status."""
        self.at.entry += 1
        amount = self.at.signed(said.entry_amount, said.entry_direction, entry)
        status = "booked" if said.status is None else STATUSES.get(said.status) or said.status.lower()
        if status == "booked":
            statement.count(amount)
        return _Counted(said, amount, said.entry_amount_currency or statement.currency, status)

    def _part(self, statement: Statement, parts: "_Parts", detail: _Element) -> Transaction:
        """One of several transactions of an entry."""
        if self._entry_of(detail) is not parts.element:
            self.at.refuse(detail, "", OUTSIDE)
        parts.count += 1
        group = detail.getparent()
        if group is not None and group is not parts.group:
            parts.enter(group, walked(group, self.names.details))
        told = self.names.detail.of(detail)
        counted = parts.counted
        text = _amount_of_part(told, counted.currency)
        direction = told.direction or counted.said.entry_direction
        amount = None if text is None else self.at.signed(text, direction, detail)
        parts.add(amount)
        kept = Unread(parts.written, _as_written(detail), self.names.around)
        return self._transaction(statement, detail, counted, told, parts.count, amount, kept)

    def _transaction(
        self,
        statement: Statement,
        element: _Element | None,
        counted: "_Counted",
        told: Said,
        part: int | None,
        amount: Decimal | None,
        kept: Unread,
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
        direction = said.entry_direction if part is None else told.direction or said.entry_direction
        debited = direction == "DBIT"
        counterparty, ultimate = counterparty_of(told, statement.account, debited=debited, returned=returned)
        end_to_end_id = told.end_to_end_id
        date = self.at.date
        return Transaction(
            self.at.entry,
            part,
            ref,
            date(said.booked, element, "BookgDt"),
            date(said.valued, element, "ValDt"),
            amount,
            currency,
            counterparty,
            None if end_to_end_id == "NOTPROVIDED" else end_to_end_id,
            told.reference,
            _joined(told.remittance) or text,
            bank_reference,
            told.mandate_id,
            code,
            reversal,
            told.return_reason,
            _joined(told.return_text),
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
            kept,
        )

    def _batch(self, said: Said, told: Said, element: _Element | None) -> Batch:
        total = said.batch_sum
        return Batch(
            whole(said.batch_count),
            said.batch_payment_information_id or told.payment_information_id,
            said.batch_message_id or told.message_id,
            None if total is None else self.at.amount(total, element, "Btch/TtlAmt"),
            said.batch_direction,
        )

    def _charges(self, said: Said, told: Said, element: _Element | None) -> tuple[Charge, ...]:
        every: Charges = (*(said.entry_charges or ()), *(told.charges or ()))
        return tuple([self._charge(SaidCharge(*charge), element) for charge in every])

    def _charge(self, said: SaidCharge, element: _Element | None) -> Charge:
        text = said.amount or ""
        amount = self.at.amount(text.removeprefix("-"), element, "Chrgs/Amt")  # below zero: given back
        amount = -amount if text.startswith("-") else amount
        tax = said.tax_id or said.tax_rate or said.tax
        return Charge(
            amount if said.direction == "CRDT" else -amount,
            said.amount_currency,
            said.type,
            said.issuer,
            said.bearer,
            None if said.included is None else said.included in YES,
            decimal(said.rate),
            Agent(said.agent_bic, said.agent_name) if said.agent_bic or said.agent_name else None,
            Tax(said.tax_id, decimal(said.tax_rate), _money(said.tax, said.tax_currency)) if tax else None,
        )

    def _entry_of(self, detail: _Element) -> _Element:
        parent = detail.getparent()
        if parent is not None and parent.tag == self.names.details_tag:
            parent = parent.getparent()
        if parent is None or parent.tag != self.names.entry_tag or detail.tag != self.names.detail_tag:
            self.at.refuse(detail, "", OUTSIDE)
        return parent


class _Counted(NamedTuple):
    """An entry of which the amount, currency and status are understood."""

    said: Said
    amount: Decimal
    currency: str | None
    status: str


class _Parts:
    """An entry of several transactions while they come by; `written` is the entry without them, as XML."""

    def __init__(self, element: _Element, counted: _Counted, written: str) -> None:
        self.element = element
        self.counted = counted
        self.written = written
        self.count = 0
        self.sum = ZERO
        self.comparable = True
        self.group: _Element | None = None

    def enter(self, group: _Element, batch: Found) -> None:
        """Go on with the next `NtryDtls`, which may speak of another batch."""
        if group is not self.element:
            said = self.counted.said._replace(**{**NO_BATCH, **batch})
            self.counted = self.counted._replace(said=said)
        self.group = group

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


def _as_written(element: _Element) -> str:
    return etree.tostring(element, encoding="unicode", with_tail=False)


def _joined(texts: Texts | None) -> str | None:
    """One text, or several behind each other."""
    if texts is None or isinstance(texts, str):
        return texts
    return " ".join([text for text in texts if text]) or None


def _money(text: str | None, currency: str | None) -> Money | None:
    return Money(decimal(text), currency) if text or currency else None


def _amount_of_part(told: Said, currency: str | None) -> str | None:
    """The first amount in the entry's currency; an empty one is for the reader to refuse."""
    for amount, its_currency in (
        (told.amount, told.amount_currency),
        (told.transaction_amount, told.transaction_amount_currency),
        (told.instructed_amount, told.instructed_amount_currency),
    ):
        if amount is not None and its_currency in {currency, None}:
            return amount
    return None


def _is(account: str | None, own: str) -> bool:
    """Whether this is our account, however it is spelled."""
    return account == own or (account is not None and account.replace(" ", "").upper() == own.upper())


def counterparty_of(told: Said, own: str, *, debited: bool, returned: bool) -> tuple[Party, str | None]:
    """Whose money it was before, or is now, with the ultimate party of that side.

    The side whose account is not ours. When the accounts do not tell: of a return the one side that is named,
    or with both named that of the original payment; else the creditor when we are debited, else the debtor.
    """
    debtor_iban = unspaced(told.debtor_iban) or told.debtor_account
    creditor_iban = unspaced(told.creditor_iban) or told.creditor_account
    debtor_is_us, creditor_is_us = _is(debtor_iban, own), _is(creditor_iban, own)
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
