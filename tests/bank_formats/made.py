"""Bank files made for tests."""

import gzip
import io
import zipfile
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from bank_formats import Balance, Party, Statement, Transaction, read
from bank_formats.camt_writer import Version, day_statement, write

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


def written(said: Iterable[Statement], version: Version = "08") -> bytes:
    """The statements as one camt.053."""
    out = io.BytesIO()
    write(said, out, version=version, message_id="M1", created_at=datetime(2026, 11, 3, 6))  # noqa: DTZ001 - as banks do
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
