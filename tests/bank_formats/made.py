"""Bank files made for tests, and strategies that make statements as a bank may send them."""

import gzip
import io
import os
import zipfile
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, get_args

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from bank_formats import Balance, Batch, Charge, Party, Statement, Summary, Transaction, read
from bank_formats.camt_writer import Message, Version, day_statement, write
from bank_formats.details import Agent, Money, Tax
from bank_formats.fields import tidied
from bank_formats.statement import Kind

OURS = "NL91ABNA0417164300"
THEIRS = "NL44RABO0123456789"
DAY = date(2026, 11, 2)
NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
HEAD = (
    "<Id>S1</Id><Acct><Id><IBAN>NL91ABNA0417164300</IBAN></Id><Ccy>EUR</Ccy></Acct>"
    '<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">10.00</Amt>'
    "<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-11-02</Dt></Dt></Bal>"
)


def document(*statements: str, namespace: str = NAMESPACE, before: str = "") -> bytes:
    """A camt.053 with these statements, each the content of a `Stmt`."""
    inside = "".join(f"<Stmt>{statement}</Stmt>\n" for statement in statements)
    group = "<GrpHdr><MsgId>M1</MsgId></GrpHdr>"
    body = f'<Document xmlns="{namespace}"><BkToCstmrStmt>{group}\n{inside}</BkToCstmrStmt></Document>'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{before}{body}'.encode()


def entry(inside: str = "", amount: str = "12.34", side: str = "CRDT", after: str = "") -> str:
    """An entry with this inside its one detail."""
    details = f"<NtryDtls><TxDtls>{inside}</TxDtls></NtryDtls>" if inside else ""
    return (
        f'<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>'
        f"<BookgDt><Dt>2026-11-02</Dt></BookgDt>{details}{after}</Ntry>\n"
    )


def transactions(file: bytes, name: str = "test.xml") -> list[Transaction]:
    """All transactions of all statements of a file."""
    return [
        transaction
        for statement in read(io.BytesIO(file), name=name)
        for transaction in statement.transactions
    ]


def statements(file: bytes, name: str = "test.xml") -> list[tuple[Statement, list[Transaction]]]:
    """The statements of a file with their transactions."""
    return [(statement, list(statement.transactions)) for statement in read(io.BytesIO(file), name=name)]


def credit(number: int, cents: int = 1234) -> Transaction:
    """A plain transaction, an entry of its own."""
    amount = Decimal(cents).scaleb(-2)
    return Transaction(
        number,
        None,
        f"REF{number}",
        DAY,
        DAY,
        amount,
        "EUR",
        Party(f"Betaler {number}", THEIRS, "RABONL2U"),
        end_to_end_id=f"E2E{number}",
        remittance=f"Betaling {number}",
        bank_reference=f"REF{number}",
        code="PMNT-RCDT-ESCT" if cents > 0 else "PMNT-ICDT-ESCT",
        entry_amount=amount,
    )


def camt(moved: Iterable[Transaction], version: Version = "08") -> bytes:
    """A camt.053 with one statement of these transactions."""
    statement = day_statement(moved, account=OURS, id="S1", sequence=1, on=DAY, opening=Decimal(10))
    return written([statement], version)


def written(
    said: Iterable[Statement],
    version: Version = "08",
    message: Message = "camt.053",
    *,
    is_strict: bool = True,
) -> bytes:
    """The statements as one message, strictly by its schema or as banks do."""
    out = io.BytesIO()
    created_at = datetime(2026, 11, 3, 6)  # noqa: DTZ001 - as banks do
    write(
        said,
        out,
        version=version,
        message=message,
        message_id="M1",
        created_at=created_at,
        is_strict=is_strict,
    )
    return out.getvalue()


def zipped(members: dict[str, bytes]) -> bytes:
    """A zip with these members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def gzipped(content: bytes) -> bytes:
    """The content in gzip."""
    return gzip.compress(content)


def balances(cents: int) -> list[Balance]:
    """Opening and closing balance of a statement on which so many cents came in."""
    opening = Decimal(10)
    return [
        Balance("opening", DAY, opening, "EUR"),
        Balance("closing", DAY, opening + Decimal(cents).scaleb(-2), "EUR"),
    ]


EXAMPLES: Final = int(os.environ.get("HHB_EXAMPLES", "1"))
"""How many times as many examples as usual."""
VERSIONS: Final[tuple[Version, ...]] = get_args(Version)
MESSAGES: Final[tuple[Message, ...]] = get_args(Message)
KINDS: Final[dict[Message, Kind]] = {
    "camt.052": "report",
    "camt.053": "statement",
    "camt.054": "notification",
}
BALANCE_KINDS: Final = (
    *("opening", "closing", "previous_closing", "interim", "available", "opening_available"),
    *("interim_available", "forward_available", "expected", "information", "xown"),
)


def examples(count: int) -> settings:
    """So many examples of a property, times HHB_EXAMPLES."""
    return settings(
        max_examples=count * EXAMPLES,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


CHARACTERS: Final = st.sampled_from("abcXYZ019 &<>'\"é€ß-.,/;]\u00a0\u2028\ufffd\u0301\u202e漢ş😀\U0010ffff")
EVERY_CHARACTER: Final = st.characters(
    min_codepoint=0x20, exclude_categories=["Cs"], exclude_characters="\ufffe\uffff"
) | st.sampled_from("\t\n\r")
"""Every character that XML may hold."""


def texts(longest: int, characters: st.SearchStrategy[str] = CHARACTERS) -> st.SearchStrategy[str]:
    """Texts as a reader gives them: blanks single, ends trimmed, not empty."""
    made = st.text(characters, min_size=1, max_size=longest)
    return made.map(lambda text: tidied(text) or "-").filter(lambda text: len(text) <= longest)


TEXTS: Final = texts(30)
LONG_TEXTS: Final = TEXTS | st.lists(TEXTS, min_size=1, max_size=12).map(" ".join)
IDS: Final = st.text(st.sampled_from("ABC123-/.+é"), min_size=1, max_size=35)
DATES: Final = st.dates(date(2020, 1, 1), date(2030, 12, 31))
CENTS: Final = st.integers(0, 99_999_999).map(lambda cents: Decimal(cents).scaleb(-2))
AMOUNTS: Final = CENTS | st.builds(
    lambda digits, places: Decimal(digits).scaleb(-places), st.integers(0, 10**13), st.integers(0, 5)
)
"""Amounts without a sign, with as many decimals as the schema lets."""
CURRENCIES: Final = st.sampled_from(["EUR", "EUR", "USD"])
DOMAINS: Final = (
    *("PMNT-RCDT-ESCT", "PMNT-ICDT-ESCT", "PMNT-RCDT-RRTN"),
    *("PMNT-RDDT-UPDD", "PMNT-IDDT-UPCT", "A-B-C"),
)
DOMAIN_CODES: Final = st.sampled_from(DOMAINS)
OWN_CODES: Final = st.sampled_from(["586", "BANKCODE1", "100-200", "PMNT-LONGER-ESCT", "N-RRTN"])
ACCOUNTS: Final = st.sampled_from([THEIRS, THEIRS, "DE89370400440532013000", "123456789", "12 345", OURS])
BICS: Final = st.sampled_from(["RABONL2U", "INGBNL2AXXX"])
COUNTS: Final = st.integers(0, 9999)


Draw = st.DrawFn


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """A value, or nothing."""
    return st.none() | strategy


class Made(Statement):
    """A statement that can be written more than once."""

    def with_transactions(self, moved: list[Transaction]) -> "Made":
        """Keep what its transactions are."""
        self.moved = moved
        return self.again()

    def again(self) -> "Made":
        """Begin its transactions anew."""
        self.transactions = iter(self.moved)
        return self


@st.composite
def signed(draw: Draw) -> Decimal:
    """An amount with a sign."""
    amount: Decimal = draw(AMOUNTS)
    return -amount if draw(st.booleans()) else amount


@st.composite
def charges(draw: Draw, version: Version) -> Charge:
    """Charges of an entry: before version 02 only taken from us."""
    amount: Decimal = draw(AMOUNTS)
    if version == "01" or draw(st.booleans()):
        amount = -amount
    kind = draw(maybe(st.sampled_from(["COMM", "COMM" if version == "01" else "Eigen soort"])))
    own_kind = kind == "Eigen soort"
    taxed = version != "01" and draw(st.booleans())
    return Charge(
        amount,
        draw(CURRENCIES),
        kind,
        "ING" if own_kind and draw(st.booleans()) else None,
        draw(maybe(st.sampled_from(["DEBT", "SHAR"]))),
        draw(maybe(st.booleans())) if version >= "04" else None,
        draw(maybe(st.sampled_from([Decimal("0.5"), Decimal(21)]))),
        draw(maybe(BICS.map(lambda bic: Agent(bic=bic)))),
        Tax("BTW", Decimal(21), Money(Decimal("0.21"), "EUR")) if taxed else None,
    )


@st.composite
def batches(draw: Draw, version: Version, message_id: str | None, amount: Decimal) -> Batch:
    """What is said of a batch; the message's id is that of the transaction where the batch has none."""
    total = None if version == "01" else draw(maybe(AMOUNTS))
    direction = None if total is None else "DBIT" if amount < 0 else "CRDT"
    return Batch(draw(maybe(COUNTS)), draw(maybe(IDS)), draw(maybe(IDS)) or message_id, total, direction)


@st.composite
def entries_of(draw: Draw, number: int, version: Version) -> list[Transaction]:
    """An entry of one or several transactions, as a reader gives it."""
    count = draw(st.sampled_from([1, 1, 1, 2, 3]))
    sign = draw(st.sampled_from([1, -1]))
    sizes = [draw(AMOUNTS) for _ in range(count)]
    amounts: list[Decimal | None] = [sign * size for size in sizes]
    total = sum(sizes, Decimal(0)) * sign
    if count > 1:
        total += sign * draw(st.sampled_from([Decimal(0), Decimal(0), Decimal("0.01")]))
        if version >= "03" and draw(st.booleans()):
            amounts[0] = None if version >= "07" else -sign * sizes[0]
    ref, entry_reference = draw(maybe(IDS)), draw(maybe(IDS)) if version != "01" else None
    statuses = ["booked", *(["pending", "info"] if version > "01" else [])]
    statuses += ["future", "wacht"] if version >= "07" else []
    whole = Transaction(
        number,
        None,
        ref,
        draw(maybe(DATES)),
        draw(maybe(DATES)),
        None,
        draw(CURRENCIES),
        code=draw(maybe(DOMAIN_CODES | OWN_CODES)),
        reversal=draw(st.booleans()),
        status=draw(st.sampled_from(statuses)),
        entry_amount=total,
        entry_reference=entry_reference,
    )
    has_groups = version > "01"  # of the batches of version 01 a reader says nothing
    batch = draw(maybe(batches(version, None, total))) if has_groups else None
    parts = []
    for place, amount in enumerate(amounts, 1):
        part = draw(
            _part_of(whole._replace(amount=total if count == 1 else amount), version, several=count > 1)
        )
        own = draw(maybe(IDS))
        if count == 1:
            part = part._replace(bank_reference=ref or own or entry_reference)
        else:
            if has_groups and draw(st.booleans()):
                batch = draw(maybe(batches(version, None, total)))
            part = part._replace(
                part=place, ref=ref and f"{ref}#{place}", bank_reference=own or ref or entry_reference
            )
        if batch is not None:
            part = part._replace(batch=replace(batch, message_id=batch.message_id or part.message_id))
        parts.append(part)
    return parts


@st.composite
def _part_of(draw: Draw, whole: Transaction, version: Version, *, several: bool) -> Transaction:
    """One transaction of an entry, with all that is its own."""
    text, name = draw(maybe(TEXTS)), draw(maybe(TEXTS))
    ultimate = draw(maybe(TEXTS)) if name else None
    uetrs = st.just("6ba7b810-9dad-41d1-80b4-00c04fd430c8")
    code = whole.code
    if several and code in DOMAINS and draw(st.booleans()):
        code = draw(DOMAIN_CODES)
    return whole._replace(
        counterparty=Party(name, draw(maybe(ACCOUNTS)), draw(maybe(BICS))),
        end_to_end_id=draw(maybe(IDS)),
        reference=draw(maybe(IDS)),
        remittance=draw(maybe(LONG_TEXTS)) or text,
        mandate_id=draw(maybe(IDS)),
        code=code,
        return_reason=draw(maybe(st.sampled_from(["AC04", "MS03", "Geen reden"]))),
        return_text=draw(maybe(LONG_TEXTS)),
        message_id=draw(maybe(IDS)),
        instruction_id=draw(maybe(IDS)),
        transaction_id=draw(maybe(IDS)),
        uetr=draw(maybe(uetrs)) if version >= "08" else None,
        clearing_reference=draw(maybe(IDS)),
        ultimate_party=ultimate,
        purpose=draw(maybe(st.sampled_from(["RENT", "SALA", "Eigen doel"]))),
        additional_info=text,
        charges=tuple(draw(st.lists(charges(version), max_size=2))),
    )


@st.composite
def statements_of(draw: Draw, version: Version, message: Message = "camt.053") -> Made:
    """A statement as a bank may send it in this version."""
    numbers = range(1, draw(st.integers(0, 4)) + 1)
    moved = [part for number in numbers for part in draw(entries_of(number, version))]
    name = f"{message}.001.{version}"
    made = Made(format=name, kind=KINDS[message], account=draw(st.sampled_from([OURS, THEIRS, "0123456"])))
    made.id = draw(IDS)
    made.electronic_sequence, made.legal_sequence = draw(maybe(COUNTS)), draw(maybe(COUNTS))
    made.sequence = made.legal_sequence if made.electronic_sequence is None else made.electronic_sequence
    if version >= "03" and draw(st.booleans()):
        made.page, made.is_last_page = draw(COUNTS), draw(st.booleans())
    made.copy = draw(maybe(st.sampled_from(["CODU", "COPY", "DUPL"])))
    made.is_copy = made.copy is not None
    if draw(st.booleans()):
        made.from_date, made.to_date = draw(DATES), draw(DATES)
    made.created_at = draw(st.sampled_from(["2026-11-03T06:00:00", "2026-11-03T06:00:00.123+01:00"]))
    made.owner, made.servicer_bic = draw(maybe(TEXTS)), draw(maybe(BICS))
    if message != "camt.054":
        least = 1 if message == "camt.053" else 0
        made.balances = draw(st.lists(balances_of(version), min_size=least, max_size=3))
    made.summary = draw(maybe(summaries()))
    made.additional_info = draw(maybe(TEXTS))
    used = [*(one.currency for one in made.balances), *(one.currency for one in moved), None]
    made.currency = draw(maybe(CURRENCIES)) or used[0]
    return made.with_transactions(moved)


@st.composite
def balances_of(draw: Draw, version: Version) -> Balance:
    """A balance of any kind."""
    subtype = draw(maybe(st.sampled_from(["INTM", "Eigen soort"]))) if version != "01" else None
    kind = draw(st.sampled_from(BALANCE_KINDS))
    return Balance(kind, draw(DATES), draw(signed()), draw(CURRENCIES), subtype)


@st.composite
def summaries(draw: Draw) -> Summary:
    """What a bank counts, at least one number of it."""
    return Summary(
        draw(COUNTS),
        draw(maybe(AMOUNTS)),
        draw(maybe(COUNTS)),
        draw(maybe(AMOUNTS)),
        draw(maybe(COUNTS)),
        draw(maybe(signed())),
        draw(maybe(signed())),
    )


SAID: Final = (
    *("format", "kind", "account", "message_id", "message_created_at", "id", "sequence", "page"),
    *("electronic_sequence", "legal_sequence", "is_last_page", "is_copy", "copy", "currency", "owner"),
    *("servicer_bic", "from_date", "to_date", "created_at", "balances", "summary", "additional_info"),
)
"""What a statement says but for its transactions."""


def said(statement: Statement) -> dict[str, object]:
    """What a statement says, to compare; after its transactions were read."""
    return {name: getattr(statement, name) for name in SAID}


@st.composite
def wild_transactions(draw: Draw, version: Version) -> list[Transaction]:
    """Transactions of which some say what belongs to others: not all of it can be a bank's."""
    moved = [part for number in (1, 2) for part in draw(entries_of(number, version))]
    other = draw(entries_of(3, draw(st.sampled_from(VERSIONS))))[-1]
    names = st.sampled_from([name for name in Transaction._fields if name not in {"entry", "details"}])
    wild = []
    for one in moved:
        strange = draw(st.lists(names, max_size=2))
        wild.append(one._replace(**{name: getattr(other, name) for name in strange}))
    return wild
