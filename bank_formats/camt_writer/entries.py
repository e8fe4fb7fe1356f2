"""The entries: one `Ntry` for each, with a `TxDtls` for each part.

What a transaction says in `details` is written as it is; what its other fields say and the details do not is
put where the reader finds it. Where the two differ, or the reader would understand something else, it is a
Misfit.
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import chain
from operator import attrgetter
from typing import Final

from bank_formats.camt import RETURNS, STATUSES, counterparty_of
from bank_formats.camt_fields import Said
from bank_formats.camt_writer import particulars
from bank_formats.camt_writer.grammar import Code, Grammar, Kept, Misfit, Node, Type, Value, says
from bank_formats.camt_writer.heads import account_id, agent, agree, code_of, direction, money, number
from bank_formats.camt_writer.particulars import node
from bank_formats.details import NO_DETAILS, Agents, Parties, References, Remittance, TransactionCode
from bank_formats.fields import tidied
from bank_formats.statement import Batch, Charge, Transaction

STATUS_CODES: Final = {status: code for code, status in STATUSES.items()}
NO_PARTIES: Final = Parties()
NO_AGENTS: Final = Agents()
NO_REMITTANCE: Final = Remittance()
REFERENCES: Final = tuple(name for name in References._fields if name in Transaction._fields)
LONGEST_CODE: Final = 4
LONGEST_LINE: Final = 140
LONGEST_REASON: Final = 105
STEPS: Final = 3
NOT_PROVIDED: Final = "NOTPROVIDED"
SHARED: Final = attrgetter(
    "entry_amount", "currency", "booked_on", "valued_on", "status", "reversal", "entry_reference"
)
"""What belongs to the entry, and so must be the same in all its parts."""
SHARED_DETAILS: Final = attrgetter(
    "entry_code",
    "entry_amounts",
    "technical_channel",
    "commission_waived",
    "notice_message",
    "notice_message_id",
    "batches",
    "entry_info",
)


def entry(grammar: Grammar, parts: Iterable[Transaction], own: str) -> Iterator[str]:
    """Write one entry piece by piece; `own` is the statement's account. Raises Misfit."""
    remaining = iter(parts)
    first = next(remaining)
    second = next(remaining, None)
    if first.part is None:
        if second is not None:
            raise Misfit("twee boekingen met hetzelfde nummer")
        yield grammar.element(grammar.entry, _single(grammar, first, own))
    else:
        if second is None:
            raise Misfit("een boeking van een deel is geen boeking van delen")
        yield from _several(grammar, first, chain([first, second], remaining), own)
    yield "\n"


def _single(grammar: Grammar, only: Transaction, own: str) -> Node:
    """An entry that is one transaction."""
    details = only.details
    _check_code(only)
    amount = only.entry_amount if only.amount is None else only.amount
    if only.entry_amount not in {0, amount}:
        raise Misfit("de boeking heeft een ander bedrag dan haar enige deel", "Amt")
    ref = _servicer_reference(only, only.ref)
    detail = _detail(grammar, only, ref, own)
    text = only.additional_info
    if details.info is None and details.entry_info is None:
        entry_text = None if detail else text or only.remittance
        detail_text = text if detail else None
    else:
        entry_text, detail_text = details.entry_info, details.info
        agree(text, detail_text or entry_text, "AddtlTxInf")
    detail["AddtlTxInf"] = detail_text
    detail["Chrgs"] = _charges(grammar, only, of_entry=False)
    amount_in_detail = grammar.detail.type.children.get("Amt")
    if details.money is not None or details.direction is not None:
        detail.update(_said_amount(only))
    elif amount_in_detail and amount_in_detail.is_required and any(detail.values()):
        detail["Amt"], detail["CdtDbtInd"] = money(amount, only.currency), direction(amount)
    return {
        **_head(only, amount, only.ref),
        "Chrgs": _charges(grammar, only, of_entry=True),
        "Intrst": _interest(grammar, only),
        "NtryDtls": [{"Btch": _batch(only.batch, amount, only.currency), "TxDtls": detail}],
        "AddtlNtryInf": entry_text,
    }


def _several(grammar: Grammar, first: Transaction, parts: Iterable[Transaction], own: str) -> Iterator[str]:
    """An entry of several transactions, each written as it comes."""
    ref = None if first.ref is None else first.ref.rpartition("#")[0]
    amount = first.entry_amount
    has_groups = grammar.has_groups
    content: dict[str, Value] = {
        **_head(first, amount, ref),
        "Chrgs": _charges(grammar, first, of_entry=True),
        "AddtlNtryInf": first.details.entry_info,
    }
    if not has_groups and not first.details.batches:
        content["Btch"] = _batch(first.batch, amount, first.currency)
    pieces = grammar.pieces(grammar.entry.type, content)
    known = grammar.entry.type.children
    border = known["NtryDtls" if has_groups else "TxDtls"].place
    yield f"<{grammar.entry.name}>"
    yield from (xml for name, xml in pieces if known[name].place < border)
    batch: Batch | None = None
    for place, part in enumerate(parts, 1):
        _check_part(first, part, place, ref)
        detail = Kept(_part(grammar, first, part, ref, own))
        if place == 1 or part.batch != batch:
            if not has_groups and place > 1:
                raise Misfit("de delen horen bij verschillende batches", "Btch")
            batch = part.batch
            if has_groups:
                yield "</NtryDtls><NtryDtls>" if place > 1 else "<NtryDtls>"
                group = _batch(batch, amount, first.currency)
                yield "" if group is None else grammar.element(grammar.batch, group)
        yield grammar.element(grammar.detail, detail)
    yield "</NtryDtls>" if has_groups else ""
    yield from (xml for name, xml in pieces if known[name].place > border)
    yield f"</{grammar.entry.name}>"


def _head(of: Transaction, amount: Decimal, ref: str | None) -> Node:
    """What an entry says whatever its parts."""
    status = STATUS_CODES.get(of.status, of.status.upper())
    if STATUSES.get(status, status.lower()) != of.status:
        raise Misfit(f"deze status bestaat niet: {of.status}", "Sts")
    content: dict[str, Value] = {
        "NtryRef": of.entry_reference,
        "Amt": money(amount, of.currency),
        "CdtDbtInd": direction(amount),
        "RvslInd": "true" if of.reversal else None,
        "Sts": Code(status),
        "BookgDt": {"Dt": str(of.booked_on) if of.booked_on else None},
        "ValDt": {"Dt": str(of.valued_on) if of.valued_on else None},
        "AcctSvcrRef": ref,
        "BkTxCd": Kept(node(_entry_code(of), particulars.CODE)),
    }
    if of.details is not NO_DETAILS:
        content.update(_particulars(of))
    return content


def _particulars(of: Transaction) -> Node:
    """What the details say of the entry."""
    details, waived = of.details, of.details.commission_waived
    return {
        "ComssnWvrInd": None if waived is None else particulars.plain(waived),
        "AddtlInfInd": {"MsgNmId": details.notice_message, "MsgId": details.notice_message_id},
        "Btch": [node(one, particulars.ENTRY_BATCH) for one in details.batches],
        "AmtDtls": node(details.entry_amounts, particulars.AMOUNTS),
        "Avlbty": _availability(of) if of.part is None else None,
        "TechInptChanl": code_of(details.technical_channel),
    }


def _entry_code(of: Transaction) -> TransactionCode:
    if of.details is not NO_DETAILS and (any(of.details.entry_code) or any(of.details.code)):
        return of.details.entry_code
    return _steps(of.code)


def _check_code(of: Transaction) -> None:
    """Refuse codes in the details that a reader would understand otherwise."""
    if of.details is NO_DETAILS:
        return
    entry, detail = of.details.entry_code, of.details.code
    if any(entry) or any(detail):
        found = next((one for one in (detail, entry) if one.domain), None)
        steps = "-".join(step or "" for step in found[:STEPS]) if found else None
        agree(of.code, steps or detail.proprietary or entry.proprietary, "BkTxCd")


def _steps(code: str | None) -> TransactionCode:
    """A code as domain, family and subfamily, or as the bank's own."""
    steps = (code or "").split("-")
    if len(steps) == STEPS and all(1 <= len(step) <= LONGEST_CODE for step in steps):
        return TransactionCode(*steps)
    return TransactionCode(proprietary=code)


def _check_part(first: Transaction, part: Transaction, place: int, ref: str | None) -> None:
    """Refuse parts that do not belong together."""
    if part.part != place:
        raise Misfit("de delen zijn niet vanaf 1 genummerd")
    if part.ref != (None if ref is None else f"{ref}#{place}"):
        raise Misfit("de delen hebben verschillende referenties", "AcctSvcrRef")
    if part is first:
        return
    if SHARED(part) != SHARED(first) or _own_charges(part) != _own_charges(first):
        raise Misfit("de delen zeggen over hun boeking verschillende dingen")
    if part.details is not first.details and SHARED_DETAILS(part.details) != SHARED_DETAILS(first.details):
        raise Misfit("de delen zeggen over hun boeking verschillende dingen")


def _part(grammar: Grammar, first: Transaction, part: Transaction, ref: str | None, own: str) -> Node:
    """One of several transactions of an entry."""
    _check_code(part)
    detail = _detail(grammar, part, _servicer_reference(part, ref), own)
    detail["AddtlTxInf"] = part.details.info or part.additional_info
    agree(part.additional_info, detail["AddtlTxInf"], "AddtlTxInf")
    detail["Chrgs"] = _charges(grammar, part, of_entry=False)
    if not any(part.details.code) and part.code != first.code:
        code = _steps(part.code)
        detail["BkTxCd"] = node(code, particulars.CODE)
        if part.code is None or (code.domain is None and _entry_code(first).domain is not None):
            raise Misfit("een deel heeft een andere soort code dan de boeking", "BkTxCd")
    return detail


def _servicer_reference(of: Transaction, ref: str | None) -> str | None:
    """The bank's reference in the detail, so that `bank_reference` is what the reader finds."""
    own = of.details.references.servicer_reference
    wanted = of.bank_reference
    order = (ref, own, of.entry_reference) if of.part is None else (own, ref, of.entry_reference)
    found = next(filter(None, order), None)
    if wanted in {None, found}:
        return own
    if own is not None or (of.part is None and ref is not None):
        raise Misfit("de referentie van de bank is een andere dan die van de boeking", "AcctSvcrRef")
    return wanted


def _detail(grammar: Grammar, of: Transaction, servicer: str | None, own: str) -> dict[str, Value]:
    """What a `TxDtls` says but for its texts and charges."""
    details = of.details
    if details is NO_DETAILS:
        content: dict[str, Value] = {}
    else:
        content = {
            "AmtDtls": node(details.amounts, particulars.AMOUNTS),
            "BkTxCd": node(details.code, particulars.CODE),
            "LclInstrm": code_of(details.payment_type.local_instrument),
            "PmtTpInf": node(details.payment_type, particulars.PAYMENT_TYPE),
            "RltdRmtInf": [particulars.related(one) for one in details.related_remittance],
            "RltdDts": node(details.dates, particulars.DATES),
            "Avlbty": _availability(of) if of.part is not None else None,
            "Intrst": _interest(grammar, of) if of.part is not None else None,
            "CshDpst": [node(one, particulars.DEPOSIT) for one in details.deposits],
        }
    content["Refs"] = _references(of, servicer)
    if of.part is not None:
        content.update(_amount(grammar, of, content.get("AmtDtls")))
    content.update(_parties(grammar, of, own))
    content["Purp"] = _purpose(of)
    content["RmtInf"] = _remittance(of)
    content["RtrInf"] = _returned(of)
    return {name: value for name, value in content.items() if says(value)}


def _references(of: Transaction, servicer: str | None) -> Node:
    said = of.details.references
    if of.end_to_end_id == NOT_PROVIDED:
        raise Misfit("dit staat voor een kenmerk dat er niet is", "EndToEndId")
    for name in REFERENCES:
        if getattr(said, name) is not None:
            agree(
                getattr(of, name), None if getattr(said, name) == NOT_PROVIDED else getattr(said, name), name
            )
    own = {name: getattr(of, name) for name in REFERENCES if getattr(of, name) is not None}
    return node(said._replace(servicer_reference=servicer, **own), particulars.REFERENCES)


def _amount(grammar: Grammar, of: Transaction, other: Value) -> Node:
    """The amount of a part: by itself from version 03, before that among the other amounts."""
    said, amounts, amount = of.details.money, of.details.amounts, of.amount
    others = [each.money for each in (amounts.transaction, amounts.instructed) if each]
    found = next((one.amount for one in (said, *others) if one and one.currency == of.currency), None)
    if amount is None or said is not None:
        agree(None if amount is None else abs(amount), found, "Amt")
        if amount is None and found is not None:
            raise Misfit("een deel zonder bedrag heeft toch een bedrag", "Amt")
        told = of.details.direction or direction(of.entry_amount)
        if amount and told != direction(amount):
            raise Misfit("de richting van een deel is een andere dan zijn teken", "CdtDbtInd")
        return _said_amount(of)
    if "Amt" in grammar.detail.type.children:
        return {"Amt": money(amount, of.currency), "CdtDbtInd": direction(amount)}
    if amount and (amount < 0) != (of.entry_amount < 0):
        raise Misfit("een deel heeft een andere richting dan de boeking", "CdtDbtInd")
    if found is not None:
        agree(abs(amount), found, "AmtDtls")
        return {}
    if amounts.transaction is not None:
        raise Misfit("een deel heeft een bedrag in een andere munt dan de boeking", "AmtDtls", "TxAmt")
    inner = other if isinstance(other, dict) else {}
    return {"AmtDtls": {**inner, "TxAmt": {"Amt": money(amount, of.currency)}}}


def _said_amount(of: Transaction) -> Node:
    """The amount and direction that the details give."""
    said = of.details.money
    return {"Amt": None if said is None else particulars.amount(said), "CdtDbtInd": of.details.direction}


def _direction(grammar: Grammar, of: Transaction) -> str:
    """The direction that a reader finds: that of the part where it has one, else that of its entry."""
    if of.part is None:
        return direction(of.entry_amount)
    has_amount = of.details.money is None and "Amt" in grammar.detail.type.children
    own = direction(of.amount) if of.amount or (of.amount is not None and has_amount) else None
    return of.details.direction or own or direction(of.entry_amount)


def _parties(grammar: Grammar, of: Transaction, own: str) -> Node:
    """Both sides as the details have them; without, the counterparty where the reader looks for it.

    That is the creditor of what we paid, the debtor of what we received.
    """
    parties, agents = of.details.parties, of.details.agents
    is_debit = _direction(grammar, of) == "DBIT"
    returned = of.reversal or bool(of.return_reason or of.return_text) or (of.code or "")[-4:] in RETURNS
    returned = returned or of.details.returned is not None
    if parties != NO_PARTIES or agents != NO_AGENTS:
        found, ultimate = counterparty_of(_told(parties, agents), own, debited=is_debit, returned=returned)
        for wanted, said in zip(of.counterparty, found, strict=True):
            agree(wanted, said, "RltdPties")
        agree(of.ultimate_party, ultimate, "RltdPties")
        return {"RltdPties": node(parties, particulars.PARTIES), "RltdAgts": particulars.agents(agents)}
    party = of.counterparty
    is_creditor = is_debit
    accounts = {}
    if party.iban == own:
        accounts = {"DbtrAcct": {"Id": account_id(own)}, "CdtrAcct": {"Id": account_id(own)}}
    elif returned and not (party.name or party.iban):
        is_creditor = not is_creditor
    if returned and accounts:
        is_creditor = not is_creditor
    side = "Cdtr" if is_creditor else "Dbtr"
    named: Node = {
        **accounts,
        side: {"Pty": {"Nm": party.name}},
        f"{side}Acct": {"Id": account_id(party.iban)},
        f"Ultmt{side}": {"Pty": {"Nm": of.ultimate_party}},
    }
    return {"RltdPties": named, "RltdAgts": {f"{side}Agt": agent(party.bic)}}


def _told(parties: Parties, agents: Agents) -> Said:
    """Both sides as the reader's rule for the counterparty asks them."""
    debtor, creditor = parties.debtor_account, parties.creditor_account
    return Said(
        debtor=parties.debtor and parties.debtor.name,
        debtor_iban=debtor and debtor.iban,
        debtor_account=debtor and debtor.other,
        debtor_bic=agents.debtor and agents.debtor.bic,
        ultimate_debtor=parties.ultimate_debtor and parties.ultimate_debtor.name,
        creditor=parties.creditor and parties.creditor.name,
        creditor_iban=creditor and creditor.iban,
        creditor_account=creditor and creditor.other,
        creditor_bic=agents.creditor and agents.creditor.bic,
        ultimate_creditor=parties.ultimate_creditor and parties.ultimate_creditor.name,
    )


def _purpose(of: Transaction) -> Value:
    code, own = of.details.purpose_code, of.details.purpose_proprietary
    if code is None and own is None:
        return code_of(of.purpose)
    agree(of.purpose, code or own, "Purp")
    return {"Cd": code, "Prtry": own}


def _remittance(of: Transaction) -> Node:
    said = of.details.remittance
    if said == NO_REMITTANCE:
        lines = [] if of.remittance == of.additional_info else _lines(of.remittance, LONGEST_LINE)
        return {"Ustrd": lines, "Strd": [{"CdtrRefInf": {"Ref": of.reference}}]}
    agree(of.remittance, _joined(said.unstructured) or of.additional_info, "RmtInf", "Ustrd")
    found = next((one.reference for one in said.structured if one.reference), None)
    agree(of.reference, found, "RmtInf", "Strd")
    strd = [particulars.structured(one) for one in said.structured]
    return {"Ustrd": list(said.unstructured), "Strd": strd}


def _returned(of: Transaction) -> Value:
    said = of.details.returned
    if said is not None:
        agree(of.return_reason, said.reason or said.proprietary_reason, "RtrInf", "Rsn")
        agree(of.return_text, _joined(said.texts), "RtrInf", "AddtlInf")
        return Kept(particulars.returned(said))
    return {"Rsn": code_of(of.return_reason), "AddtlInf": _lines(of.return_text, LONGEST_REASON)}


def _of_entry(of: Transaction) -> int:
    """How many of the charges are the entry's own; those stand first."""
    if of.details is NO_DETAILS:
        return len(of.charges) if of.part is None else 0
    return of.details.entry_charges


def _own_charges(of: Transaction) -> tuple[Charge, ...]:
    return of.charges[: _of_entry(of)]


def _charges(grammar: Grammar, of: Transaction, *, of_entry: bool) -> Value:
    """The charges of an entry, or of its detail: together from version 03, before that each by itself."""
    count = _of_entry(of)
    charges = of.charges[:count] if of_entry else of.charges[count:]
    total = of.details.total_charges if of_entry is (of.part is None) else None
    if not charges and total is None:
        return None
    kind = grammar.entry.type.children["Chrgs"].type
    record = kind.children.get("Rcrd")
    records: list[dict[str, Value]] = [_charge(charge, record.type if record else kind) for charge in charges]
    sum_ = None if total is None else particulars.amount(total)
    if record is not None:
        return {"TtlChrgsAndTaxAmt": sum_, "Rcrd": records}
    if sum_ is not None:
        records = [
            {**one, "TtlChrgsAndTaxAmt": sum_ if place == 0 else None}
            for place, one in enumerate(records or [{}])
        ]
    return records


def _charge(charge: Charge, kind: Type) -> dict[str, Value]:
    type_: Value = None if charge.type is None else Code(charge.type)
    if charge.issuer is not None:
        type_ = {"Prtry": {"Id": charge.type, "Issr": charge.issuer}}
    is_told = "CdtDbtInd" in kind.children or charge.amount > 0
    return {
        "Amt": money(charge.amount, charge.currency),
        "CdtDbtInd": direction(charge.amount) if is_told else None,
        "ChrgInclInd": None if charge.is_included is None else particulars.plain(charge.is_included),
        "Tp": type_,
        "Rate": number(charge.rate),
        "Br": charge.bearer,
        "Agt" if "Agt" in kind.children else "Pty": node(charge.agent, particulars.AGENT),
        "Tax": node(charge.tax, particulars.TAX),
    }


def _availability(of: Transaction) -> Value:
    return [node(one, particulars.AVAILABILITY) for one in of.details.availability]


def _interest(grammar: Grammar, of: Transaction) -> Value:
    """Interest: together from version 03, before that each by itself."""
    records: list[Value] = [node(one, particulars.INTEREST) for one in of.details.interest]
    return {"Rcrd": records} if grammar.has("Ntry", "Intrst", "Rcrd") else records


def _batch(batch: Batch | None, amount: Decimal, currency: str | None) -> Node | None:
    if batch is None:
        return None
    content: Node = {
        "MsgId": batch.message_id,
        "PmtInfId": batch.payment_information_id,
        "NbOfTxs": number(batch.count),
        "TtlAmt": None if batch.sum is None else money(batch.sum, currency),
        "CdtDbtInd": batch.direction or (None if batch.sum is None else direction(amount)),
    }
    return Kept(content)


def _joined(texts: Iterable[str]) -> str | None:
    """Several texts as the reader joins them."""
    return " ".join(filter(None, map(tidied, texts))) or None


def _lines(text: str | None, longest: int) -> Sequence[str]:
    """A text in lines that are not too long, broken where a blank is."""
    if text is None or len(text) <= longest:
        return [text] if text else []
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > longest:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
