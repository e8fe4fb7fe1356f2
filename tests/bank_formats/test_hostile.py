"""What a hostile or careless sender can put in a file, and that none of it gets further than a refusal."""

import contextlib
import gzip
import io
import random
import struct
import zipfile
import zlib

import pytest
from lxml import etree

from bank_formats import Refused, containers, xml
from bank_formats.errors import NotABankFile, Unreadable, UnsafeFile
from bank_formats.jsonl import lines
from tests.bank_formats.made import HEAD, camt, credit, document, entry, gzipped, transactions, zipped

GOOD = camt([credit(1), credit(2)])
BOMB = (
    '<!DOCTYPE d [<!ENTITY a "xxxxxxxxxx">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + "]>"
)
OUTSIDE = '<!DOCTYPE d SYSTEM "http://127.0.0.1:1/evil.dtd" [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("before", ["<!DOCTYPE Document>", BOMB, OUTSIDE, "<!-- x -->" + BOMB])
def test_a_document_type_definition_is_refused_whatever_is_in_it(before: str) -> None:
    with pytest.raises(UnsafeFile, match="DOCTYPE"):
        transactions(document(HEAD + entry("<RmtInf><Ustrd>&i;</Ustrd></RmtInf>"), before=before))


def test_a_document_type_definition_in_utf16_is_refused_too() -> None:
    text = document(HEAD, before=BOMB).decode().replace("UTF-8", "UTF-16")
    with pytest.raises(UnsafeFile, match="DOCTYPE"):
        transactions(text.encode("utf-16"))


MANY_ATTRIBUTES = " ".join(f"a{number}=''" for number in range(300_000))
ATTACKS = {
    "a comment of thirty million bytes": document(HEAD + f"<!--{'x' * 30_000_000}-->" + entry()),
    "a comment before all": b"<!--" + b"x" * 30_000_000 + b"-->" + document(HEAD),
    "comments without number": document(HEAD + "<!-- -->" * 300_000 + entry()),
    "instructions without number": document(HEAD + "<?a b?>" * 300_000 + entry()),
    "namespaces without number": document(
        HEAD + entry("<a " + " ".join(f"xmlns:a{number}='u'" for number in range(200_000)) + "/>")
    ),
    "attributes without number in the root": document(HEAD).replace(
        b"<Document ", b"<Document " + b" ".join(b"a%d=''" % number for number in range(300_000)) + b" "
    ),
    "blanks without end": document(HEAD + " " * 11_000_000 + entry()),
    "blanks after the end": document(HEAD + entry()) + b" " * 11_000_000,
    "CDATA without end": document(HEAD + entry(f"<a><![CDATA[{']]' * 5_000_000}]]></a>")),
    "entries that say nothing": document(HEAD + "<Ntry/>" * 300_000),
    "answers that say nothing": document(HEAD)
    .replace(b"camt.053", b"pain.002")
    .replace(b"<Stmt>", b"<OrgnlGrpInfAndSts/><TxInfAndSts/><Stmt>"),
    "an unknown entity": document(HEAD + entry("<RmtInf><Ustrd>&x;</Ustrd></RmtInf>")),
    "elements nested without end": document(HEAD + entry("<a>" * 5000 + "</a>" * 5000)),
    "a text without end": document(HEAD + entry(f"<RmtInf><Ustrd>{'x' * 11_000_000}</Ustrd></RmtInf>")),
    "an attribute without end": document(HEAD + entry(f"<a b='{'x' * 11_000_000}'/>")),
    "a comment without end": document(HEAD + f"<!-- {'x' * 11_000_000} -->" + entry()),
    "elements without number in an entry": document(HEAD + entry("<a/>" * 1_000_000)),
    "elements without number in a head": document(HEAD + "<Bal/>" * 500_000 + entry()),
    "elements without number before a statement": document().replace(
        b"</GrpHdr>", b"</GrpHdr>" + b"<a/>" * 900_000
    ),
    "attributes without number": document(HEAD + entry(f"<a {MANY_ATTRIBUTES}/>")),
    "a file that goes on after its end": document(HEAD + entry()) + b"<more/>",
    "nothing but an XML declaration": b'<?xml version="1.0"?>',
    "a page of a website": b"<!doctype html><html><body>Uw sessie is verlopen</body></html>",
    "another message": document(HEAD, namespace="urn:iso:std:iso:20022:tech:xsd:camt.050.001.02"),
    "a payment file": document(HEAD, namespace="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"),
    "an unknown namespace": document(HEAD, namespace="urn:example"),
    "a document without a statement": document(),
    "an empty file": b"",
    "a file of blanks": b" \r\n " * 10,
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 10,
    "a table": b"datum;bedrag;naam\n2026-11-02;12,34;Jansen\n",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_of_a_bad_file_is_given(attack: str) -> None:
    given: list[object] = []
    with pytest.raises(Refused) as refused:
        given.extend(lines(io.BytesIO(ATTACKS[attack]), "november.xml"))
    assert given == []
    assert refused.value.sentence.startswith("november.xml")
    assert len(refused.value.sentence) < 500
    assert refused.value.sentence.isprintable()


@pytest.mark.parametrize("pack", [gzipped, lambda content: zipped({"a.xml": content})])
def test_packed_files_are_read_as_plain_ones(pack: type) -> None:
    assert transactions(GOOD) == transactions(pack(GOOD))


def test_a_zip_is_read_in_the_order_of_names_and_noise_is_left_aside() -> None:
    second = camt([credit(7)])
    members = {
        "b.xml": second,
        "a.xml": GOOD,
        "leesmij.txt": b"Hallo",
        "__MACOSX/._a.xml": b"\0\1",
        "logo.png": b"\x89PNG",
        ".DS_Store": b"x",
        "map/": b"",
    }
    file = zipped(members)
    assert [t.end_to_end_id for t in transactions(file)] == ["E2E1", "E2E2", "E2E7"]
    numbers = [
        line["statement"] for line in lines(io.BytesIO(file), "x.zip") if line["kind"] == "transaction"
    ]
    assert numbers == [1, 1, 2]


def encrypted() -> bytes:
    """A zip whose member is marked as encrypted, in both of its headers."""
    file = bytearray(zipped({"a.xml": GOOD}))
    file[6] |= 1
    file[file.index(b"PK\x01\x02") + 8] |= 1
    return bytes(file)


def overlapping() -> bytes:
    """A zip of which two members are the same bytes."""
    file = zipped({"a.xml": GOOD, "b.xml": GOOD})
    end = file.index(b"PK\x05\x06")
    second = file.rindex(b"PK\x01\x02", 0, end)
    return file[: second + 42] + struct.pack("<I", 0) + file[second + 46 :]


def lying_about_its_size() -> bytes:
    """A zip that says that its member is small, which unpacks to far more."""
    file = bytearray(zipped({"a.xml": GOOD + b" " * 60_000_000}))
    entry_at = file.index(b"PK\x01\x02")
    file[entry_at + 24 : entry_at + 28] = struct.pack("<I", 1000)
    return bytes(file)


NOISY = random.Random(1).randbytes(200_000)
PACKED = {
    "gzip members without number": (gzip.compress(b"") * 5000, Unreadable),
    "gzip with a name without end": (b"\x1f\x8b\x08\x08\0\0\0\0\0\3" + b"a" * 1_000_000, Unreadable),
    "gzip and something behind it": (gzipped(GOOD) + b"more", Unreadable),
    "gzip without an end": (gzipped(GOOD)[:-8], Unreadable),
    "zip without its list": (b"PK\x03\x04" + bytes(100), Unreadable),
    "zip with a list that is none": (
        zipped({"a.xml": GOOD}).replace(b"PK\x01\x02", b"PK\x01\x09"),
        Unreadable,
    ),
    "zip of which a member is elsewhere": (
        zipped({"a.xml": GOOD})
        .replace(b"PK\x03\x04", b"PK\x03\x09", 1)
        .replace(b"PK\x03\x09", b"PK\x07\x08", 1),
        Unreadable,
    ),
    "bomb in gzip": (gzipped(GOOD + b" " * 60_000_000), UnsafeFile),
    "bomb in zip": (zipped({"a.xml": GOOD + b" " * 60_000_000}), UnsafeFile),
    "bomb that lies": (lying_about_its_size(), Refused),
    "zip in zip": (zipped({"a.zip": zipped({"a.xml": GOOD})}), UnsafeFile),
    "gzip in zip": (zipped({"a.xml": gzipped(GOOD)}), UnsafeFile),
    "gzip in gzip": (gzipped(gzipped(GOOD)), UnsafeFile),
    "zip in gzip": (gzipped(zipped({"a.xml": GOOD})), UnsafeFile),
    "path outside": (zipped({"../a.xml": GOOD}), UnsafeFile),
    "path from the root": (zipped({"/etc/a.xml": GOOD}), UnsafeFile),
    "path with backslashes": (zipped({"..\\a.xml": GOOD}), UnsafeFile),
    "path on a drive": (zipped({"C:\\a.xml": GOOD}), UnsafeFile),
    "encrypted": (encrypted(), UnsafeFile),
    "overlapping members": (overlapping(), UnsafeFile),
    "too many members": (zipped({f"{n}.txt": b"" for n in range(containers.MEMBERS + 1)}), UnsafeFile),
    "gzip cut off": (gzipped(GOOD + NOISY)[:-100_000], Unreadable),
    "gzip damaged": (gzipped(GOOD)[:40] + b"xxxx" + gzipped(GOOD)[44:], Unreadable),
    "zip cut off": (zipped({"a.xml": GOOD})[:-30], Unreadable),
    "zip damaged": (zipped({"a.xml": GOOD})[:60] + b"xxxx" + zipped({"a.xml": GOOD})[64:], Unreadable),
    "zip without a bank file": (zipped({"a.txt": b"Hallo"}), NotABankFile),
    "empty zip": (zipped({}), NotABankFile),
    "empty gzip": (gzipped(b""), NotABankFile),
}


@pytest.mark.parametrize("attack", PACKED)
def test_a_packed_attack_is_refused(attack: str) -> None:
    content, refusal = PACKED[attack]
    with pytest.raises(refusal):
        list(lines(io.BytesIO(content), "november.zip"))


def test_a_refused_member_refuses_the_whole_zip() -> None:
    given: list[object] = []
    with pytest.raises(Refused, match=r"b\.xml"):
        given.extend(lines(io.BytesIO(zipped({"a.xml": GOOD, "b.xml": GOOD[:-50]})), "x.zip"))
    assert given == []


def test_every_damage_is_a_refusal_or_a_right_reading_and_never_a_crash() -> None:
    draw = random.Random(20261102)
    for packed in (GOOD, gzipped(GOOD), zipped({"a.xml": GOOD})):
        for _ in range(300):
            file = bytearray(packed)
            for _ in range(draw.randint(1, 4)):
                file[draw.randrange(len(file))] = draw.randrange(256)
            if draw.random() < 0.3:
                del file[draw.randrange(len(file)) :]
            with contextlib.suppress(Refused):
                list(lines(io.BytesIO(bytes(file)), "x"))


def test_the_limits_stand_where_real_files_never_come() -> None:
    assert 100 * len(GOOD) <= xml.PIECE_BYTES
    assert xml.FILE_BYTES > 10**9


def test_a_stream_that_cannot_seek_and_gives_little_at_a_time_is_read() -> None:
    class Slow(io.RawIOBase):
        def __init__(self, content: bytes) -> None:
            self.rest = content

        def readable(self) -> bool:
            return True

        def read(self, size: int = -1, /) -> bytes:
            piece, self.rest = self.rest[:7], self.rest[7:]
            return piece

    for file in (GOOD, gzip.compress(GOOD), zipped({"a.xml": GOOD}), zlib.compress(GOOD)):
        try:
            found = list(lines(Slow(file), "x"))  # type: ignore[arg-type]
        except NotABankFile:
            assert file == zlib.compress(GOOD)
        else:
            assert len(found) == 3


def test_members_of_unknown_packing_are_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.xml", GOOD)
    with pytest.raises(UnsafeFile):
        list(lines(io.BytesIO(out.getvalue()), "x.zip"))


@pytest.mark.parametrize("pack", [lambda part: part, gzip.compress])
def test_a_stream_read_to_its_end_at_once_is_whole(pack: type) -> None:
    (content,) = containers.contents(io.BytesIO(pack(GOOD)), name="x")
    assert content.stream.read() == GOOD


def test_gzip_members_after_each_other_are_one_file_and_zeros_behind_them_are_nothing() -> None:
    file = gzip.compress(GOOD[:300]) + gzip.compress(GOOD[300:]) + bytes(100_000)
    assert transactions(file) == transactions(GOOD)


def test_a_prefix_that_is_the_name_of_an_element_of_html_is_no_web_page() -> None:
    file = document(HEAD + entry()).replace(b"</", b"</p:").replace(b"<", b"<p:").replace(b"<p:/p:", b"</p:")
    file = file.replace(b"<p:?xml", b"<?xml").replace(b"xmlns=", b"xmlns:p=")
    assert len(transactions(file)) == 1


BEFORE = "<!-- café -->"


@pytest.mark.parametrize(
    "file",
    [
        b"\n \t" + GOOD,
        b"\xef\xbb\xbf\xef\xbb\xbf\n" + GOOD,
        GOOD.replace(b"<?xml", b"<?XML", 1),
        GOOD.replace(b"UTF-8", b"utf-16", 1),
        BEFORE.encode("latin-1") + GOOD[GOOD.index(b"<Document") :],
    ],
)
def test_what_is_odd_but_harmless_before_the_message_is_read(file: bytes) -> None:
    assert transactions(file) == transactions(GOOD)


def test_a_bomb_is_found_while_it_is_unpacked() -> None:
    (content,) = containers.contents(io.BytesIO(gzipped(b"<a>" + b" " * 60_000_000)), name="x")
    assert content.stream.readable()
    with pytest.raises(UnsafeFile, match="veel te groot"):
        content.stream.read()


def test_a_zip_that_lies_about_the_number_of_its_members_is_refused() -> None:
    file = bytearray(zipped({f"{number}.txt": b"" for number in range(containers.MEMBERS + 1)}))
    end = file.rindex(b"PK\x05\x06")
    file[end + 8 : end + 12] = struct.pack("<HH", 1, 1)
    with pytest.raises(UnsafeFile, match="te veel bestanden"):
        list(lines(io.BytesIO(bytes(file)), "x.zip"))


def test_a_file_has_a_largest_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml, "FILE_BYTES", 100)
    with pytest.raises(UnsafeFile, match="het bestand is groter"):
        transactions(GOOD)
    monkeypatch.setattr(containers, "FILE_BYTES", 100)
    with pytest.raises(UnsafeFile, match="veel te groot"):
        list(containers.contents(io.BytesIO(zipped({"a": random.Random(1).randbytes(200_000)})), name="x"))


def test_the_small_parts_hold_where_nobody_comes() -> None:
    assert xml.Replayed(b"", io.BytesIO()).readable()
    xml.remove_before(etree.Element("a"))
    with pytest.raises(UnicodeEncodeError):
        "é".encode("ascii", errors=xml.AS_LATIN1)
