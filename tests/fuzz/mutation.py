"""Changes to a file of any kind: by its structure where it has one, and byte by byte."""

import gzip
import io
import re
import warnings
import zipfile
from collections.abc import Callable
from random import Random

from tests.fuzz import xml_mutation

Mutation = Callable[[bytes, Random], bytes]
LARGEST = 256 * 1024
TAGS = (
    *(b":20:", b":21:", b":25:", b":28C:", b":28:", b":60F:", b":60M:", b":61:", b":86:", b":62F:", b":62M:"),
    *(
        b":64:",
        b":65:",
        b":13D:",
        b":34F:",
        b":90D:",
        b":90C:",
        b":940:",
        b":99X:",
        b"-",
        b"-}",
        b"{1:F01X}{4:",
    ),
)
PIECES = (
    *(
        b"EUR",
        b"C",
        b"D",
        b"RC",
        b"RD",
        b"EC",
        b"NTRF",
        b"S103",
        b"NONREF",
        b"//",
        b",",
        b",,",
        b"0,",
        b"12,3",
        b"-1,00",
    ),
    *(
        b"261102",
        b"260230",
        b"261399",
        b"000000",
        b"1102",
        b"999999999999999,99",
        b"1.234,56",
        b"\x00",
        b"\x01",
        b"\x03",
    ),
    *(
        b"/TRTP/SEPA OVERBOEKING/",
        b"/IBAN/NL91ABNA0417164300/",
        b"/NAME/A/",
        b"/REMI/USTD//x/",
        b"/EREF/x/",
        b"/",
    ),
    *(
        b"/CNTP/NL91ABNA0417164300/ABNANL2A/Naam///",
        b"/RTRN/AC04/",
        b"/PREF/x/",
        b"/MARF/x/",
        b"/ORDP//NAME/x/",
    ),
    *(
        b"/REMI/STRD/CUR/5000056789012345/",
        b"/BENM//NAME/x/",
        b"/NRTX/2/",
        b"REK: 1/NAAM: x",
        b"SEPA OVERBOEKING",
    ),
    *(
        b"\xe9",
        b"\xff\xfe",
        b"\xc3\xa9",
        b"\r",
        b"\n",
        b"\r\n",
        b"\r\n:",
        b" " * 70,
        b"9" * 40,
        b"x" * 3000,
        b"{0}",
    ),
)
NAMES = (
    "a.xml",
    "b.940",
    "../x.xml",
    "/etc/passwd",
    "C:\\x.xml",
    "",
    "é.xml",
    "__MACOSX/._a.xml",
    "x/",
    "{0}.xml",
)


def of_bytes(file: bytes, random: Random) -> bytes:
    """The file with a few bytes changed, removed, repeated or moved."""
    changed = bytearray(file)
    for _ in range(random.choice((1, 1, 2, 4, 12))):
        start = random.randrange(len(changed) + 1)
        length = min(random.choice((1, 1, 2, 8, 64, 1024)), len(changed) - start)
        match random.randrange(6):
            case 0 if length:
                changed[start] ^= 1 << random.randrange(8)
            case 1:
                changed[start:start] = random.randbytes(random.choice((1, 1, 2, 8)))
            case 2:
                del changed[start : start + length]
            case 3:
                changed[start:start] = changed[start : start + length] * random.choice((1, 1, 20))
            case 4:
                other = random.randrange(len(changed) + 1)
                changed[start : start + length] = changed[other : other + length]
            case _:
                changed[start:start] = random.choice(PIECES)
    return bytes(changed[:LARGEST])


def of_lines(file: bytes, random: Random) -> bytes:  # noqa: C901 - as many ways to break a line
    """The file with a few lines, fields or codes changed: what MT940 is made of."""
    end = random.choice((b"\r\n", b"\n", b"\r")) if random.random() < 0.1 else b"\r\n"
    lines = file.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    for _ in range(random.choice((1, 1, 2, 3, 8))):
        place = random.randrange(len(lines)) if lines else 0
        line = lines[place] if lines else b""
        cut = random.randrange(len(line) + 1)
        match random.randrange(9):
            case 0:
                lines[place : place + 1] = [line] * random.choice((0, 2, 2, 40))
            case 1:
                lines.insert(random.randrange(len(lines) + 1), line)
            case 2:
                lines[place : place + 1] = [re.sub(rb"^:\w+:", lambda _: random.choice(TAGS), line)]
            case 3:
                lines[place : place + 1] = [
                    line[:cut] + random.choice(PIECES) + line[cut + random.randrange(4) :]
                ]
            case 4:
                lines[place : place + 1] = [line[:cut], line[cut:]]
            case 5:
                lines[place : place + 1] = [line[:cut]]
            case 6:
                lines.insert(place, random.choice(TAGS) + random.choice(PIECES))
            case 7:
                lines[place : place + 2] = [b"".join(lines[place : place + 2])]
            case _:
                digits = [found.start() for found in re.finditer(rb"\d", line)]
                if digits:
                    at = random.choice(digits)
                    lines[place] = line[:at] + random.choice((b"0", b"9", b"", b",", b"A")) + line[at + 1 :]
    return end.join(lines)[:LARGEST]


def of_packed(file: bytes, random: Random) -> bytes:
    """The file packed, perhaps changed inside, perhaps with a trap in the wrapping."""
    inside = of_any(file, random) if random.random() < 0.7 else file
    match random.randrange(5):
        case 0:
            packed = gzip.compress(inside, 1, mtime=0)
        case 1:
            packed = gzip.compress(gzip.compress(inside, 1, mtime=0), 1, mtime=0)
        case _:
            packed = _zipped(inside, random)
    if random.random() < 0.2:
        packed = packed + packed[: random.randrange(len(packed))]
    return of_bytes(packed, random) if random.random() < 0.5 else packed


def _zipped(inside: bytes, random: Random) -> bytes:
    out = io.BytesIO()
    method = random.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w", method) as archive:
        warnings.simplefilter("ignore")  # the same name twice is the point
        for number in range(random.choice((0, 1, 1, 2, 3))):
            name = random.choice(NAMES)
            one = zipfile.ZipInfo(
                f"{number}{name}" if random.random() < 0.7 and name[:1] not in {".", "/"} else name
            )
            one.compress_type = archive.compression
            archive.writestr(one, inside if random.random() < 0.8 else random.randbytes(20))
    return out.getvalue()


def of_any(file: bytes, random: Random) -> bytes:
    """Changes that suit what the file begins with."""
    if random.random() < 0.1:
        return of_bytes(file, random)
    if b"<" in file[:200]:
        return xml_mutation.mutated(file, random)
    if file.startswith((b"PK", b"\x1f\x8b")):
        return of_bytes(file, random)
    return of_lines(file, random)
