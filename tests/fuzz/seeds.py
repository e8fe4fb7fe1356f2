"""Small bank files of nobody to begin from, for each reader; and those of the corpus where it is."""

import gzip
import io
import os
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from bank_formats import Address, Batch, Charge, CreditTransfer, CreditTransferBatch, pain001
from tests.bank_formats.made import HEAD, OURS, THEIRS, camt, credit, document, entry, zipped

LARGEST = 64 * 1024
HERE = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("HHB_SHARED", HERE.parent / "shared"))
FOLDERS = {
    "camt": ("camt053", "camt052", "camt054"),
    "mt940": ("mt940",),
    "pain002": ("pain002",),
    "containers": ("camt053", "mt940", "pain002", "broken"),
    "jsonl": ("camt053", "mt940", "pain002", "broken"),
}
OLD_DATES = "<BookgDt><DtTm>2026-11-02T23:59:59+01:00</DtTm></BookgDt><ValDt><Dt>2026-11-03</Dt></ValDt>"
RETURNED = (
    "<Refs><EndToEndId>E1</EndToEndId><MndtId>M</MndtId></Refs><RltdPties><Dbtr><Pty><Nm>A</Nm></Pty></Dbtr>"
    f"<DbtrAcct><Id><IBAN>{OURS}</IBAN></Id></DbtrAcct><Cdtr><Nm>B</Nm></Cdtr><CdtrAcct><Id><Othr><Id>1</Id></Othr>"
    "</Id></CdtrAcct></RltdPties><RmtInf><Strd><CdtrRefInf><Ref>RF18539007547034</Ref></CdtrRefInf></Strd></RmtInf>"
    "<RtrInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>rekening opgeheven</AddtlInf></RtrInf>"
)
FILES = Path(__file__).parent / "files"


def _camt() -> Iterator[bytes]:
    yield camt(credit(number, cents) for number, cents in ((1, 1234), (2, -500), (3, 1)))
    yield camt([credit(1, -1)._replace(charges=(Charge(Decimal("0.10"), "EUR"),), purpose="RENT")], "02")
    part = credit(1)._replace(entry_amount=Decimal("24.68"), batch=Batch(2, "P1"))
    parts = [part._replace(part=number, ref=f"REF1#{number}") for number in (1, 2)]
    yield camt(parts)
    yield document(
        HEAD + entry(RETURNED) + entry("", side="DBIT", after="<RvslInd>true</RvslInd>" + OLD_DATES)
    )
    namespace = "urn:iso:std:iso:20022:tech:xsd:camt.05{}.001.{}"
    yield document(HEAD + entry(RETURNED), namespace=namespace.format(2, "02")).replace(b"Stmt", b"Rpt")
    yield document(HEAD + entry(RETURNED), namespace=namespace.format(4, "14")).replace(b"Stmt", b"Ntfctn")


def _payments() -> Iterator[bytes]:
    batch = CreditTransferBatch(
        *("M1", "P1", datetime(2026, 11, 2, 15, 30), date(2026, 11, 3), "Gemeente Voorbeeld", OURS),  # noqa: DTZ001
        debtor_bic="ABNANL2A",
    )
    paid = CreditTransfer("E1", 65_050, "Wonen & Zo", THEIRS, "RABONL2U", remittance="Huur", purpose="RENT")
    other = CreditTransfer(
        *("E2", 1, "Energie", "DE89370400440532013000"),
        creditor_address=Address("Koln", "DE", "Domstrasse", "1a", "50667"),
        reference="RF18539007547034",
    )
    for version in ("03", "09"):
        out = io.BytesIO()
        pain001.write(batch, [paid, other], out, version)
        yield out.getvalue()


def _kept(reader: str) -> list[bytes]:
    return [path.read_bytes() for path in sorted((FILES / reader).iterdir())]


def own(reader: str) -> list[bytes]:
    """Our own seeds of one reader."""
    match reader:
        case "camt":
            return [*_camt()]
        case "mt940" | "pain002" | "pain008":
            return _kept(reader)
        case "pain001":
            return [*_payments()]
        case _:
            statement, letter, report = next(_camt()), _kept("mt940")[0], _kept("pain002")[0]
            packed = zipped({"a.xml": statement, "b.940": letter, "readme.txt": b"x"})
            other = (
                b"%PDF-1.7",
                b"datum;bedrag\n2026-11-02;1,00\n",
                b"<!DOCTYPE html><html><body>x</body></html>",
            )
            return [
                packed,
                gzip.compress(statement, mtime=0),
                statement,
                letter,
                report,
                *_payments(),
                *other,
            ]


def of(reader: str) -> list[bytes]:
    """The seeds of one reader: our own, and those of the corpus that are not too long."""
    found = own(reader)
    for folder in FOLDERS.get(reader, ()):
        where = SHARED / "corpus" / folder
        if where.is_dir():
            found += [file for path in sorted(where.iterdir()) if len(file := path.read_bytes()) <= LARGEST]
    return found
