"""A small bank: it carries out what it is sent, and tells in camt.053 what it and others did."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO
from typing import Final

from bank_formats.camt_writer import day_statement, write
from bank_formats.sepa_text import clean
from bank_formats.statement import NOBODY, Party, Transaction, euros
from bank_formats.statement import Batch as BatchOfBank
from huishoudboekje.clock import AMSTERDAM
from huishoudboekje.demo import stories, town
from huishoudboekje.demo.homes import Agreed, Home, homes
from huishoudboekje.demo.stories import Told
from huishoudboekje.demo.town import Account
from huishoudboekje.domain.agreements import Settlement
from huishoudboekje.domain.bank_days import (
    MONTHS,
    bank_day_on_or_after,
    bank_day_on_or_before,
    bank_days_between,
    next_bank_day,
    previous_bank_day,
)
from payouts.batch import Batch, BatchLine

RECEIVED: Final = "PMNT-RCDT-ESCT"
PAID: Final = "PMNT-ICDT-ESCT"
COLLECTED: Final = "PMNT-RDDT-ESDD"
RETURNED: Final = "PMNT-ICDT-RRTN"
CLOSES_AT: Final = time(20, 15)
LONGEST: Final = 140


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of a statement before it is numbered; `cents` is signed, money that came in is positive."""

    cents: int
    code: str
    party: Party = NOBODY
    remittance: str | None = None
    reference: str | None = None
    end_to_end_id: str | None = None
    mandate_id: str | None = None
    return_reason: str | None = None
    batch: BatchOfBank | None = None
    text: str | None = None
    name: str | None = None
    """By which a story finds it again; the bank's reference of it."""


def statement(
    account: Account, on: date, opening_cents: int, sent: Sequence[Batch], back: Sequence[BatchLine] = ()
) -> bytes:
    """Make the file of one account and day.

    `sent` are the batches of this account that it carries out, `back` the payments that other banks return.
    """
    lines = [
        *_incomes(account, on),
        *_collected(account, on),
        *(line for batch in sent for line in _paid(account, batch)),
        *(_returned(payment) for payment in back),
        *_told(account, on),
    ]
    sequence = bank_days_between(town.OPENED, on)
    held = day_statement(
        [_transaction(line, place, on, account) for place, line in enumerate(lines, start=1)],
        account=account.iban,
        id=f"{account.iban[-10:]}{sequence:05}",
        sequence=sequence,
        on=on,
        opening=euros(opening_cents),
        owner=town.NAME,
        servicer_bic=account.bic,
    )
    out = BytesIO()
    write(
        [held],
        out,
        version="08",
        message_id=f"CAMT{on:%Y%m%d}{account.iban[-10:]}",
        created_at=datetime.combine(on, CLOSES_AT, AMSTERDAM).replace(tzinfo=None),
    )
    return out.getvalue()


def _transaction(line: Line, place: int, on: date, account: Account) -> Transaction:
    ref = line.name or f"{on:%y%m%d}{account.iban[-4:]}{place:05}"
    amount: Decimal = euros(line.cents)
    return Transaction(
        entry=place,
        part=None,
        ref=ref,
        booked_on=on,
        valued_on=on,
        amount=amount,
        currency="EUR",
        counterparty=line.party,
        end_to_end_id=line.end_to_end_id,
        reference=line.reference,
        remittance=line.remittance,
        mandate_id=line.mandate_id,
        code=line.code,
        return_reason=line.return_reason,
        batch=line.batch,
        entry_amount=amount,
        additional_info=line.text,
    )


def _incomes(account: Account, on: date) -> Iterator[Line]:
    """What payers pay: on the day, or before the weekend in which it falls."""
    for home, agreed, due in _due(account, on, next_bank_day(on), income=True):
        if bank_day_on_or_before(due) == on and agreed.id not in stories.PAID_OTHERWISE:
            yield _income(home, agreed, due)


def _income(home: Home, agreed: Agreed, due: date) -> Line:
    payer = agreed.organisation
    if payer is None:
        raise AssertionError(agreed.id)
    what = agreed.search_terms[0].lower() if agreed.search_terms else payer.word
    said = f"{what} {MONTHS[due.month - 1]} {due.year} {home.residents[0].name} kenmerk {agreed.reference}"
    return Line(
        # A wage that may vary does.
        agreed.cents + agreed.tolerance_cents * (home.number % 5 - 2) // 3,
        RECEIVED,
        Party(_written(payer.name), agreed.iban, payer.bic),
        _written(said),
        end_to_end_id=f"{payer.id}{due:%y%m}{agreed.id}",
    )


def _collected(account: Account, on: date) -> Iterator[Line]:
    """What creditors collect: on the day, or after the weekend in which it falls."""
    for _, agreed, due in _due(account, previous_bank_day(on), on, income=False):
        if agreed.settlement is not Settlement.DIRECT_DEBIT or bank_day_on_or_after(due) != on:
            continue
        creditor = agreed.organisation
        if creditor is None:
            raise AssertionError(agreed.id)
        yield Line(
            -agreed.cents,
            COLLECTED,
            Party(_written(creditor.name), agreed.iban, creditor.bic),
            f"{creditor.word} {MONTHS[due.month - 1]} {due.year} klantnummer {agreed.reference}",
            end_to_end_id=f"{creditor.id}{due:%y%m}{agreed.id}",
            mandate_id=f"M{creditor.id}-{agreed.reference}",
        )


def _due(account: Account, since: date, until: date, *, income: bool) -> Iterator[tuple[Home, Agreed, date]]:
    for home in homes():
        if home.account is account:
            for agreed in home.agreements:
                if agreed.income is income:
                    for due in agreed.due(since, until):
                        yield home, agreed, due


def _paid(account: Account, batch: Batch) -> Iterator[Line]:
    """What we sent: one debit for the batch where the account asks for that, else one for each payment."""
    head = batch.summary
    if account.batch_booking:
        yield Line(
            -head.amount_cents,
            PAID,
            batch=BatchOfBank(
                len(batch.payments),
                head.payment_information_id,
                head.payment_information_id,
                euros(-head.amount_cents),
            ),
            text="SEPA BATCH",
        )
        return
    for payment in batch.payments:
        yield Line(
            -payment.amount_cents,
            PAID,
            Party(_written(payment.counter_name), payment.counter_iban),
            payment.remittance or None,
            payment.reference,
            payment.end_to_end_id,
        )


def _returned(payment: BatchLine) -> Line:
    """A payment that the payee's bank sends back: there is no such account any more."""
    return Line(
        payment.amount_cents,
        RETURNED,
        Party(_written(payment.counter_name), payment.counter_iban),
        payment.remittance or None,
        None,
        payment.end_to_end_id,
        return_reason=stories.CLOSED_ACCOUNT,
        text="SEPA RETOUR",
    )


def _told(account: Account, on: date) -> Iterator[Line]:
    for each in stories.TOLD:
        if each.on == on and town.ACCOUNTS[each.account] is account:
            yield _story(each)


def _story(each: Told) -> Line:
    code = each.code or (RECEIVED if each.cents > 0 else COLLECTED)
    party = Party(_written(each.who), each.iban) if each.who else NOBODY
    return Line(
        each.cents,
        code,
        party,
        each.said,
        text=each.said if each.code == stories.COSTS else None,
        name=each.ref,
    )


def _written(text: str) -> str:
    """A name as a bank writes it, in the letters that it has."""
    return clean(text, LONGEST).text
