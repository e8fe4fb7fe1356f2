"""What kind of file something is, by its content alone, however it begins."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank_formats import Refused
from bank_formats.errors import Code
from bank_formats.recognising import SENTENCES, Kind, Recognised, code_of, recognise, refusal
from tests.bank_formats.made import HEAD, document, gzipped, zipped

ISO = "urn:iso:std:iso:20022:tech:xsd:"
GOOD = document(HEAD)
FIELDS = b":20:START\r\n:25:NL91ABNA0417164300\r\n:28C:1/1\r\n:60F:C261102EUR10,00\r\n"
TEXT = GOOD.decode()
TABLE = b'"Datum";"Naam";"Bedrag"\n"2026-11-02";"J; Jansen";"12,34"\n"2026-11-03";"X";"1,00"\n'


def message(name: str) -> bytes:
    return document(HEAD, namespace=ISO + name)


KINDS = {
    "camt.053": (GOOD, Kind.STATEMENT),
    "camt.052": (message("camt.052.001.06"), Kind.STATEMENT),
    "camt.054 with a prefix": (
        f'<a:Document xmlns:a="{ISO}camt.054.001.02"/>'.encode(),
        Kind.STATEMENT,
    ),
    "with a mark": (codecs.BOM_UTF8 + GOOD, Kind.STATEMENT),
    "with two marks": (codecs.BOM_UTF8 * 2 + GOOD, Kind.STATEMENT),
    "with blank lines before": (b"\r\n \t\n" + GOOD, Kind.STATEMENT),
    "with a mark and blank lines": (codecs.BOM_UTF8 + b"\n" + GOOD, Kind.STATEMENT),
    "with a declaration in capitals": (GOOD.replace(b"<?xml", b"<?XML"), Kind.STATEMENT),
    "with a comment before": (TEXT.replace("?>\n", "?>\n<!-- bank -->").encode(), Kind.STATEMENT),
    "without a declaration": (GOOD[GOOD.index(b"<Doc") :], Kind.STATEMENT),
    "UTF-16": (TEXT.replace("UTF-8", "UTF-16").encode("utf-16"), Kind.STATEMENT),
    "UTF-16 from the other side": (
        codecs.BOM_UTF16_BE + TEXT.replace("UTF-8", "UTF-16").encode("utf-16-be"),
        Kind.STATEMENT,
    ),
    "said to be UTF-16": (TEXT.replace("UTF-8", "utf-16").encode(), Kind.STATEMENT),
    "MT940": (FIELDS, Kind.MT940),
    "MT940 after blank lines": (b"\r\n\r\n  " + FIELDS, Kind.MT940),
    "MT940 with a mark": (codecs.BOM_UTF8 + FIELDS, Kind.MT940),
    "MT940 in UTF-16": (FIELDS.decode().encode("utf-16"), Kind.MT940),
    "MT940 in an envelope": (b"{1:F01INGBNL2AXXXX0000000000}{2:I940X}{4:\r\n" + FIELDS, Kind.MT940),
    "MT940 in a bare envelope": (b"{4:\r\n" + FIELDS, Kind.MT940),
    "MT940 behind SOH": (b"\x01" + FIELDS, Kind.MT940),
    "MT940 behind lines of the bank": (b"ABNANL2A\r\n940\r\nABNANL2A\r\n" + FIELDS, Kind.MT940),
    "MT940 of Rabobank": (b":940:\r\n" + FIELDS, Kind.MT940),
    "MT940 with old line ends": (FIELDS.replace(b"\r\n", b"\r"), Kind.MT940),
    "MT940 of one field": (b":20:START", Kind.MT940),
    "MT942": (b":20:X\n:25:NL91ABNA0417164300\n:28C:1\n:34F:EUR0,\n:13D:2611021200+0100\n", Kind.MT940),
    "pain.001": (message("pain.001.001.09"), Kind.PAYMENT_FILE),
    "pain.001 of before ISO": (
        document(HEAD, namespace="urn:swift:xsd:$pain.001.001.02"),
        Kind.PAYMENT_FILE,
    ),
    "pain.001 of Switzerland": (message("pain.001.001.09.ch.03"), Kind.PAYMENT_FILE),
    "pain.002": (message("pain.002.001.10"), Kind.STATUS_REPORT),
    "pain.008": (message("pain.008.001.08"), Kind.COLLECTION_FILE),
    "camt.029": (message("camt.029.001.09"), Kind.OTHER_MESSAGE),
    "pacs.008": (message("pacs.008.001.08"), Kind.OTHER_MESSAGE),
    "a wrapped message": (f'<Envelope xmlns="{ISO}head.001.001.01"/>'.encode(), Kind.UNKNOWN_NAMESPACE),
    "an invoice": (b'<Invoice xmlns="urn:oasis:invoice"/>', Kind.UNKNOWN_NAMESPACE),
    "no namespace": (b"<Document/>", Kind.UNKNOWN_NAMESPACE),
    "nothing": (b"", Kind.EMPTY),
    "nothing but blanks": (b" \r\n\t", Kind.EMPTY),
    "nothing but a mark": (codecs.BOM_UTF8, Kind.EMPTY),
    "nothing but zeros": (b"\0" * 100, Kind.EMPTY),
    "a web page": (b"<!doctype html><html><body>Uw sessie is verlopen</body></html>", Kind.HTML_PAGE),
    "a web page in capitals": (b"\n<HTML><HEAD>", Kind.HTML_PAGE),
    "a web page as XML": (
        b'<?xml version="1.0"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0"><html/>',
        Kind.HTML_PAGE,
    ),
    "a web page in UTF-16": ("<html>".encode("utf-16"), Kind.HTML_PAGE),
    "a web page behind a comment": (b"<!-- saved --><html>", Kind.HTML_PAGE),
    "a web page by namespace": (
        b'<h:html xmlns:h="http://www.w3.org/1999/xhtml"><h:body/></h:html>',
        Kind.HTML_PAGE,
    ),
    "a PDF": (b"%PDF-1.7\n%\xe2\xe3", Kind.PDF),
    "a table": (TABLE, Kind.TABLE),
    "a table with tabs": (b"a\tb\tc\n1\t2\t3\n", Kind.TABLE),
    "a table of ING": (b'"Datum","Naam / Omschrijving"\n"20261102","x, y"\n', Kind.TABLE),
    "a head of a table": (b"Datum;Naam;Bedrag", Kind.TABLE),
    "an old Excel file": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), Kind.OFFICE_DOCUMENT),
    "rich text": (b"{\\rtf1\\ansi Hallo}", Kind.OFFICE_DOCUMENT),
    "JSON": (b'{"transactions": []}', Kind.JSON),
    "a list in JSON": (b' [{"a": 1}]', Kind.JSON),
    "PNG": (b"\x89PNG\r\n\x1a\n", Kind.IMAGE),
    "JPEG": (b"\xff\xd8\xff\xe0", Kind.IMAGE),
    "BMP": (b"BM\x00\x01\x02", Kind.IMAGE),
    "WEBP": (b"RIFF\x01\x02\x03\x04WEBPVP8 ", Kind.IMAGE),
    "HEIC": (b"\0\0\0\x18ftypheic\0\0", Kind.IMAGE),
    "plain text": (b"Beste mevrouw, hierbij het afschrift.\nMet vriendelijke groet", Kind.PLAIN_TEXT),
    "one word": ("café".encode("latin-1"), Kind.PLAIN_TEXT),
    "OFX": (b"OFXHEADER:100\nDATA:OFXSGML\n", Kind.OTHER_STATEMENT),
    "OFX as XML": (b'<?xml version="1.0"?>\n<?OFX OFXHEADER="200"?><OFX/>', Kind.OTHER_STATEMENT),
    "QIF": (b"!Type:Bank\nD02/11'26\n", Kind.OTHER_STATEMENT),
    "CODA": (b"0000002112672505        00112233", Kind.OTHER_STATEMENT),
    "ClieOp": (b"0001ACLIEOP03     ", Kind.OTHER_STATEMENT),
    "BAI2": (b"01,122099999,123456789,261102,0800,1,,,2/\n", Kind.OTHER_STATEMENT),
    "PGP": (b"-----BEGIN PGP MESSAGE-----\nVersion: 1\n", Kind.ENCRYPTED),
    "binary PGP": (b"\x85\x01\x0c\x03" + b"12345678" + b"\x01\xff", Kind.ENCRYPTED),
    "CMS": (b"-----BEGIN CMS-----\n", Kind.ENCRYPTED),
    "S/MIME": (b"MIME-Version: 1.0\nContent-Type: application/pkcs7-mime\n", Kind.ENCRYPTED),
    "openssl": (b"Salted__\x01\x02", Kind.ENCRYPTED),
    "gzip": (gzipped(GOOD), Kind.GZIP),
    "zip": (zipped({"a": b""}), Kind.ZIP),
    "7z": (b"7z\xbc\xaf\x27\x1c", Kind.OTHER_ARCHIVE),
    "tar": (b"a.xml".ljust(257, b"\0") + b"ustar\x0000", Kind.OTHER_ARCHIVE),
    "a program": (b"\x7fELF\x02\x01\x01\x00", Kind.UNKNOWN_KIND),
}


@pytest.mark.parametrize("what", KINDS)
def test_a_file_is_known_by_how_it_begins(what: str) -> None:
    content, kind = KINDS[what]
    assert recognise(content, file="x").kind is kind


def test_each_kind_is_told_apart_somewhere() -> None:
    assert set(Kind) == {kind for _, kind in KINDS.values()} == set(SENTENCES)


@pytest.mark.parametrize("kind", Kind)
def test_a_refusal_says_what_it_is_and_what_to_do(kind: Kind) -> None:
    refused = refusal(Recognised(kind, "pain.013.001.07"), file="november.txt")
    problem, remedy = refused.problem, refused.remedy
    assert refused.sentence == f"november.txt{refused.fields['at']}: {problem}. {remedy}"
    assert "{" not in problem + remedy
    assert problem[0].islower()
    assert problem[-1] != "."
    assert remedy[0].isupper()
    assert remedy[-1] == "."
    assert refused.code == code_of(kind)
    assert refused.code in set(Code)


def test_a_message_that_has_a_name_is_named() -> None:
    told = refusal(Recognised(Kind.OTHER_MESSAGE, "pain.013.001.07"), file="x").sentence
    assert "pain.013.001.07, een betaalverzoek" in told
    assert (
        "(pacs.008.001.08)" in refusal(Recognised(Kind.OTHER_MESSAGE, "pacs.008.001.08"), file="x").sentence
    )


def test_a_hostile_beginning_is_told_in_no_time() -> None:
    for content in (
        b"<!---->" * 9000 + b"x",
        b"<!--" * 16000,
        b"<?xml" * 13000,
        b" " * 65000 + b"x",
        b'"' * 65000,
        b":" * 65000,
        b"{1:" * 20000,
        b"[" * 65000,
    ):
        try:
            recognise(content, file="x")
        except Refused as refused:
            assert refused.sentence  # noqa: PT017 - both are well


@given(st.binary(max_size=300))
def test_whatever_it_is_it_is_something(content: bytes) -> None:
    try:
        assert recognise(content, file="x").kind in set(Kind)
    except Refused as refused:
        assert refused.code in set(Code)  # noqa: PT017 - XML that is damaged
