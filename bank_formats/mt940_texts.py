"""What the free text of an MT940 entry says (`:86:`), in the dialects of banks.

Codes between slashes (ING, Rabobank, ABN AMRO, Triodos, Knab, Van Lanschot, bunq), labels in columns
(ABN AMRO), a last line with account and name (Knab), a first line with account and name (SNS, ASN,
RegioBank), an IBAN in front (BNG, ING), numbered sub-fields (German banks, Triodos before 2018), or just
words. Each is told by its shape, so that a bank that copies another's is read as well. Sources: the banks'
own descriptions, SWIFT's of field 86, and annex 3 of the German DFUe-Abkommen for the numbered sub-fields.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from bank_formats.statement import NOBODY, Batch, Party

CODE = re.compile("/([A-Z]{2,9})(?=/)")
NAMING = frozenset(("ACCW", "BIC", "CNTP", "IBAN", "NAME"))
CREDITORS = ("BENM", "ULTC", "ULTB", "UCRD")
DEBTORS = ("ORDP", "ULTD", "UDTR")
SIDES = frozenset((*CREDITORS, *DEBTORS))
WITH_A_SIDE = SIDES | {"NAME", "ADDR", "ID"}
NAMES = frozenset((*NAMING, "BENMNAME", "ORDPNAME"))
AFTER_REMITTANCE = SIDES | frozenset(
    [
        "CDTRREF",
        "CDTRREFTP",
        "CHGS",
        "CSID",
        "EREF",
        "EXCH",
        "ISDT",
        "ISSR",
        "MARF",
        "NRTX",
        "PREF",
        "PURP",
        "REMI",
        "RTRN",
        "SWOC",
        "SWOD",
        "TRCD",
    ]
)
"""What a bank puts behind the payer's words. Names and accounts are not among them, so that nobody can write
himself into the counterparty; they are when the bank named nobody before."""
KNOWN = AFTER_REMITTANCE | NAMING | WITH_A_SIDE | {"BUSP", "CD", "CREF", "OCMT", "SVCL", "TRTP"}
STRUCTURED = re.compile(r"(?:^|/)STRD/(?:[A-Z]{0,4}/)?([^/]+)")
ISSUED = re.compile(r"ISSUER: ?[A-Z]+ +REF: ?([0-9A-Z ]+)")
IBAN = re.compile("[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
DUTCH_IBAN = re.compile("NL[0-9]{2}[A-Z]{4}[0-9]{10}")
BIC = re.compile("[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")
ACCOUNT = re.compile("(?=[A-Z]*[0-9])[A-Z0-9]{5,34}")
IN_FRONT = re.compile(
    r"(?:([A-Z]{2}[0-9]{2}) )?([A-Z]{2}[0-9]{2}[A-Z0-9]{11,30})(?![A-Z0-9])"
    r"(?: +([A-Z0-9]{8,11})(?![A-Z0-9]))?"
)
IN_COLUMNS = re.compile(r"[A-Z0-9]{15,34} {2,}[A-Z0-9]{8,11} *\n(.{1,32})")
LABEL = re.compile(
    r"(?<![A-Z])(IBAN|BIC|NAAM|OMSCHRIJVING|KENMERK|MACHTIGING|INCASSANT|BETALINGSKENM\."
    r"|ID DEBITEUR|ID CREDITEUR):"
)
LAST_LINE = re.compile(r"(?:^|\n)(?:REK: ?([A-Z0-9]+) ?/)?NAAM: ?")
NUMBERED = re.compile(r"\s*[0-9]{3}([?>])(?:00|10|20)")
"""A kind of payment and the first sub-field; any other sign makes it an amount or a date."""
GERMAN = re.compile(r"(?:^|(?<=[^A-Z]))(EREF|KREF|MREF|CRED|DEBT|SVWZ|ABWA|ABWE|COAM|OAMT|IBAN|BIC)\+")
GERMAN_WIDTH = 27
PURPOSE = [*map(str, range(20, 30)), "60", "61", "62", "63"]
COUNT = re.compile("[0-9]{1,9}")
LINE_WIDTH = 65
FIRST_LINE_WIDTH = 61
"""The first line is shorter by `:86:` itself where the bank counts that along."""
NOT_PROVIDED = "NOTPROVIDED"
NO_REFERENCE = frozenset(("NONREF", "EREF", "PREF", "MARF", "KREF", "NOREF"))
TAX_REFERENCE_LENGTH = 16
TAX_REFERENCE = re.compile("[0-9]{16}")
"""A betalingskenmerk as it may stand in the entry line."""


class Told(NamedTuple):
    """What a text says of a transaction; the fields are those of `Transaction`."""

    counterparty: Party = NOBODY
    end_to_end_id: str | None = None
    reference: str | None = None
    remittance: str | None = None
    mandate_id: str | None = None
    return_reason: str | None = None
    batch: Batch | None = None
    purpose: str | None = None
    ultimate_party: str | None = None


class Line(NamedTuple):
    """What the entry line (`:61:`) gives to understand its text with.

    `customer` is the reference for the account owner, `behind` what stands after it in the same line,
    `supplement` the second line; `by_first_line` tells the banks that repeat both in the text's first line.
    """

    customer: str
    behind: str | None
    supplement: str
    is_debit: bool
    by_first_line: bool


def told(text: str, line: Line) -> Told:
    """Read a text; `line` says what the entry line gave."""
    found = None
    if text.startswith("/"):
        found = _coded(CODE.split(text.replace("\n", "")), line)
    if found is None:
        found = _worded(text, line) if text.strip() else Told()
    if (
        line.behind
        or line.supplement
        or (found.reference is None and len(line.customer) == TAX_REFERENCE_LENGTH)
    ):
        return _completed(found, line)
    return found


class Shape(NamedTuple):
    """Where in a text of codes the values stand, by their place among the pieces; 0 for what is not there."""

    EREF: int = 0
    CNTP: int = 0
    NAME: int = 0
    IBAN: int = 0
    BIC: int = 0
    REMI: int = 0
    USTD: int = 0
    STRD: int = 0
    MARF: int = 0
    RTRN: int = 0
    PREF: int = 0
    NRTX: int = 0
    PURP: int = 0


PLAIN = frozenset(Shape._fields) - {"USTD", "STRD"} | {"BUSP", "CSID", "ISDT", "SVCL", "TRCD", "TRTP"}
MOST_PIECES = 41


@lru_cache(1024)
def _shape(codes: tuple[str, ...]) -> Shape | None:
    """The shape of a text with these codes, when that needs no looking at the values."""
    places = {code: 2 * at + 2 for at, code in enumerate(codes)}
    if len(places) < len(codes):
        return None
    remittance = codes.index("REMI") + 1 if "REMI" in places else len(codes)
    before, behind = codes[:remittance], codes[remittance:]
    if behind[:2] in {("STRD", "CUR"), ("STRD", "ISO")}:
        places["STRD"] = places[behind[1]]
        behind = behind[2:]
    elif behind[:1] == ("USTD",):
        behind = behind[1:]
    if behind[-2:-1] == ("PURP",) and behind[-1] not in KNOWN:  # /PURP/RENT/: the purpose looks like a code
        places["PURP"] = places[behind[-1]] - 1
        behind = behind[:-1]
    if not PLAIN.issuperset(before + behind) or not AFTER_REMITTANCE.issuperset(behind):
        return None
    return Shape(**{code: at for code, at in places.items() if code in Shape._fields})


def plain(text: str) -> Told | None:
    """Read a text of codes as most are, quickly; `None` for any other, which `told` reads.

    `tuple.__new__` makes a named tuple in half the time of its own constructor.
    """
    pieces = CODE.split(text.replace("\n", ""))
    if pieces[0] or not 1 < len(pieces) < MOST_PIECES:
        return None
    shape = _shape(tuple(pieces[1::2]))
    if shape is None:
        return None
    eref, cntp, name, iban, bic, remi, ustd, strd, marf, rtrn, pref, nrtx, purp = shape
    if cntp:
        its_iban, its_bic, its_name = _three(pieces[cntp])
        if name:
            return None
    else:
        its_name, its_iban, its_bic = _clean(pieces[name]), _unspaced(pieces[iban]), _clean(pieces[bic])
    end_to_end_id = _clean(pieces[eref])
    reference = None
    if ustd or strd:
        if len(pieces[remi]) > 1:
            return None
        remittance = _clean(pieces[ustd])
        reference = _clean(pieces[strd])
    else:
        remittance, reference = _remittance(pieces[remi])
    return tuple.__new__(
        Told,
        (
            tuple.__new__(Party, (its_name, its_iban, its_bic)),
            None if end_to_end_id == NOT_PROVIDED else end_to_end_id,
            reference,
            remittance,
            _clean(pieces[marf]) if marf else None,
            _part(pieces[rtrn], 0) if rtrn else None,
            _batch(pieces[pref], pieces[nrtx]) if pref else None,
            _part(pieces[purp], -1) if purp else None,
            None,
        ),
    )


def squeezed(text: str) -> str | None:
    """White space as the contract wants it: runs of it one blank, none around, nothing is `None`."""
    return " ".join(text.split()) or None


def _completed(found: Told, line: Line) -> Told:
    """Add to a text what stands in the entry line alone: account, name, payment reference."""
    reference, party = found.reference, found.counterparty
    customer, supplement = line.customer, line.supplement
    if reference is None and TAX_REFERENCE.fullmatch(customer):
        reference = customer
    if line.behind:
        party = Party(party.name or line.behind, party.iban or _account(customer), party.bic)
    elif party.iban is None and supplement and supplement[0] != "/" and IBAN.fullmatch(supplement):
        party = Party(party.name, supplement, party.bic)
    if reference is found.reference and party is found.counterparty:
        return found
    return found._replace(reference=reference, counterparty=party)


def _account(customer: str) -> str | None:
    """An account number in the place of a reference; noughts alone are none."""
    return customer if customer.strip("0") and ACCOUNT.fullmatch(customer) else None


def _coded(pieces: list[str], line: Line) -> Told | None:
    """Read a text of codes between slashes: `pieces` are code and value by turns; `None` if none is known."""
    said = _gathered(pieces)
    if not said:
        return None
    get = said.get
    end_to_end_id = _clean(get("EREF", ""))
    if end_to_end_id == NOT_PROVIDED:
        end_to_end_id = None
    remittance, reference = _remittance(said["REMI"]) if "REMI" in said else (None, None)
    if reference is None and "CDTRREF" in said:
        reference = _clean(said["CDTRREF"])
    return Told(
        _party(said, line),
        end_to_end_id,
        reference,
        remittance,
        _clean(said["MARF"]) if "MARF" in said else None,
        _part(said["RTRN"], 0) if "RTRN" in said else None,
        _batch(said["PREF"], get("NRTX", "")) if "PREF" in said else None,
        _part(said["PURP"], -1) if "PURP" in said else None,
        None if SIDES.isdisjoint(said) else _ultimate(said, line),
    )


def _gathered(pieces: list[str]) -> dict[str, str]:
    """The value of each code, the first that says anything; a name behind a side is that side's.

    Values keep their slashes. What only looks like a code is put back into the value where it stood.
    """
    said: dict[str, str] = {}
    allowed = KNOWN
    side = into = ""
    loose: list[str] = []
    for at in range(1, len(pieces), 2):
        code, value = pieces[at], pieces[at + 1]
        if code not in allowed:
            loose += ("/", code, value)
            continue
        if loose:
            _put_back(said, into, loose)
            loose = []
        if code in WITH_A_SIDE:
            if code in SIDES:
                side = code
            else:
                code = side + code
        else:
            side = ""
        if code not in said:
            said[code] = value
        elif code == "REMI" or len(said[code]) <= 1:
            said[code] += value
        else:
            said[f"{code} again"] = value
            code = f"{code} again"
        into = code
        if code == "REMI" and not NAMES.isdisjoint(said):
            allowed = AFTER_REMITTANCE
    _put_back(said, into, loose)
    return said


def _put_back(said: dict[str, str], into: str, loose: list[str]) -> None:
    """Add what was no code to the value where it stood; in front of the first code it says nothing."""
    if into:
        said[into] += "".join(loose)


def _clean(value: str) -> str | None:
    value = value.strip("/ ")
    if "  " in value:
        return " ".join(value.split())
    return value or None


def _part(value: str, at: int) -> str | None:
    """The first or last of the parts of a value."""
    return squeezed(value.strip("/ ").split("/")[at])


def _provided(value: str | None) -> str | None:
    return None if value == NOT_PROVIDED else value


def _remittance(words: str) -> tuple[str | None, str | None]:
    """The payer's words, and the structured reference among them."""
    words = words.strip("/ ")
    if words[:5] == "USTD/":
        words = words[5:].lstrip("/ ")
    reference = None
    if "STRD/" in words and (found := STRUCTURED.search(words)):
        reference, words = squeezed(found[1]), words[: found.start()].strip("/ ")
    elif words[:7] == "ISSUER:" and (found := ISSUED.fullmatch(words)):
        reference, words = found[1].replace(" ", ""), ""
    return " ".join(words.split()) if "  " in words else words or None, reference


def _batch(payment_information_id: str, count: str) -> Batch:
    count = count.strip("/ ")
    return Batch(int(count) if COUNT.fullmatch(count) else None, _clean(payment_information_id))


def _party(said: dict[str, str], line: Line) -> Party:
    """The other side: `/CNTP/`, or `/NAME/ /IBAN/ /BIC/`, or `/BENM/` and `/ORDP/`, not us."""
    iban, bic, name = _three(said.get("CNTP", ""))
    if name and iban:
        return Party(name, iban, bic)
    get = said.get
    ours, theirs = ("ORDP", "BENM") if line.is_debit else ("BENM", "ORDP")
    name = name or _clean(get("NAME") or get(theirs + "NAME") or get(ours + "NAME", ""))
    iban = iban or _unspaced(get("IBAN", ""))
    bic = bic or _clean(get("BIC", ""))
    if "ACCW" in said and iban is None:
        account, _, its_bic = said["ACCW"].strip("/ ").partition(",")
        iban, bic = squeezed(account), bic or squeezed(its_bic)
    for side in (theirs, ours):
        if name is None and len(get(side, "")) > 1 and said[side][1] != "/":
            found = _three(said[side])
            if found[0] and not ACCOUNT.fullmatch(found[0]):
                name = found[0]
            else:
                iban, bic, name = iban or found[0], bic or found[1], found[2]
    if iban is None and line.supplement and ACCOUNT.fullmatch(line.supplement):
        iban = line.supplement
    return Party(name or _ultimate(said, line), iban, bic)


def _unspaced(value: str) -> str | None:
    return "".join(value.strip("/ ").split()) or None


def _three(value: str) -> tuple[str | None, str | None, str | None]:
    """Account, BIC and name of `/account/BIC/name/city/`; a name may hold slashes."""
    parts = value.split("/", 3)
    if len(parts) < 4:  # noqa: PLR2004 - without a name
        parts += ["", "", ""]
    _, iban, bic, name = parts[:4]
    if "/" in name:
        behind = name.split("/")
        name = behind[0] if len(behind) <= 3 else "/".join(behind[:-2])  # noqa: PLR2004 - name, city, last slash
    return iban.strip() or None, bic.strip() or None, _clean(name)


def _ultimate(said: dict[str, str], line: Line) -> str | None:
    """The ultimate party on the other side."""
    for side in (CREDITORS if line.is_debit else DEBTORS)[1:]:
        if side in said:
            return _clean(said.get(side + "NAME", "")) or _part(said[side], 0)
    return None


def _worded(text: str, line: Line) -> Told:
    """Read a text without codes by the first shape that fits."""
    if (found := NUMBERED.match(text)) and (numbered := _numbered(text, found[1])):
        return numbered
    labels = LABEL.split(text)
    if len({*labels[1::2]}) > 1 and {"IBAN", "NAAM"} & {*labels[1::2]}:
        return _labelled(labels)
    if last := LAST_LINE.search(text):
        party = Party(squeezed(text[last.end() :]), last[1])
        return Told(party, remittance=unwrapped(text[: last.start()]))
    first, _, rest = text.partition("\n")
    if line.supplement and line.customer and first.strip().startswith(line.customer):
        repeats = first.split() == f"{line.customer} {line.supplement}".split()
        if line.by_first_line or repeats:
            party = Party(squeezed(line.supplement), _iban_in(rest, line.customer) or _account(line.customer))
            return Told(party, remittance=unwrapped(rest))
    if (front := IN_FRONT.match(text.lstrip())) and is_iban(front[2]):
        bic = front[3] if front[3] and BIC.fullmatch(front[3]) else None
        named = IN_COLUMNS.match(text)
        name = squeezed(named[1]) if named and bic else None
        return Told(Party(name, front[2], bic), remittance=unwrapped(text), return_reason=front[1])
    return Told(remittance=unwrapped(text))


def unwrapped(text: str) -> str | None:
    """Join lines: a full one was broken off anywhere, a shorter one after a word."""
    if "\n" not in text:
        return squeezed(text)
    lines = text.split("\n")
    joined = [lines[0], "" if len(lines[0]) in {FIRST_LINE_WIDTH, LINE_WIDTH} else " "]
    for each in lines[1:]:
        joined += each, "" if len(each) == LINE_WIDTH else " "
    return squeezed("".join(joined))


def is_iban(text: str) -> bool:
    """Whether this is an IBAN: a Dutch one by its shape, any other by its check digits (ISO 13616)."""
    if text.startswith("NL"):
        return DUTCH_IBAN.fullmatch(text) is not None
    moved = text[4:] + text[:4]
    return bool(IBAN.fullmatch(text)) and int("".join(str(int(each, 36)) for each in moved)) % 97 == 1


def _iban_in(text: str, number: str) -> str | None:
    """The Dutch IBAN in a text that ends with this account number."""
    found = re.search(r"(?<![A-Z0-9])NL[0-9]{2}[A-Z]{4}[0-9]{10}(?![A-Z0-9])", text)
    return found[0] if found and found[0][8:] == number.zfill(10) else None


def _labelled(labels: list[str]) -> Told:
    """Read `NAAM: x  IBAN: y` in two columns; what stands before the first label is the kind of payment."""
    said: dict[str, str | None] = {}
    for label, value in zip(labels[1::2], labels[2::2], strict=True):
        said.setdefault(label, unwrapped(value))
    iban = said.get("IBAN")
    return Told(
        Party(said.get("NAAM"), iban and iban.replace(" ", ""), said.get("BIC")),
        end_to_end_id=_provided(said.get("KENMERK")),
        reference=said.get("BETALINGSKENM."),
        remittance=said.get("OMSCHRIJVING"),
        mandate_id=said.get("MACHTIGING"),
    )


@lru_cache(16)
def _numbers(separator: str) -> re.Pattern[str]:
    return re.compile(re.escape(separator) + "(00|10|2[0-9]|3[0-4]|6[0-3])")


def _numbered(text: str, separator: str) -> Told | None:
    """Read `166?00..?20..?32..`: 20-29 and 60-63 what it is for, 30 bank, 31 account, 32 and 33 name.

    Triodos has its own meaning: 20 the BIC, 21 the IBAN, 31 the account itself. `None` where there is one
    sub-field only, or where they do not ascend: then the payer wrote one of them, and may not name himself.
    """
    pieces = _numbers(separator).split(text.replace("\n", ""))
    numbers = pieces[1::2]
    if len(numbers) == 1 or numbers != sorted({*numbers}):
        return None
    said = dict(zip(numbers, pieces[2::2], strict=True))
    bic, iban = said.get("20", "").strip(), said.get("21", "").strip()
    if separator == ">":
        known = bool(BIC.fullmatch(bic)) and IBAN.fullmatch(iban) is not None
        words = _wide([said.get(number, "") for number in PURPOSE[2 if known else 0 :]])
        if not known and not words.strip():
            return None
        return Told(Party(None, iban, bic) if known else NOBODY, remittance=squeezed(words))
    words = _wide([said.get(number, "") for number in PURPOSE])
    bank = said.get("30", "").strip()
    name = squeezed(said.get("32", "") + said.get("33", ""))
    party = Party(name, squeezed(said.get("31", "")), bank if BIC.fullmatch(bank) else None)
    if not words.strip() and party.name is None:
        return None
    keys = GERMAN.split(words)
    if len(keys) == 1:
        return Told(party, remittance=squeezed(words))
    by_key = dict(reversed([*zip(keys[1::2], keys[2::2], strict=True)]))
    return Told(
        party,
        end_to_end_id=_provided(squeezed(by_key.get("EREF", ""))),
        remittance=squeezed(by_key.get("SVWZ", keys[0])),
        mandate_id=squeezed(by_key.get("MREF", "")),
        ultimate_party=squeezed(by_key.get("ABWA", by_key.get("ABWE", ""))),
    )


def _wide(parts: list[str]) -> str:
    """Join sub-fields: a full one was broken off anywhere, unless the next begins with a key."""
    joined = ""
    for each in parts:
        gap = "" if len(each) >= GERMAN_WIDTH or not each else " "
        joined += ("\n" if GERMAN.match(each) else "") + each + gap
    return joined
