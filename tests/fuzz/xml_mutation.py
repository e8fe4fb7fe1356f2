"""Changes to XML that leave it mostly well-formed, so that they reach the reader behind the parser."""

import re
from pathlib import Path
from random import Random

TOKENS = re.compile(r"<[^<>]*>|[^<]+")
NAME = re.compile(r"</?([^\s/<>]+)")
LARGEST = 256 * 1024
VALUES = (
    *(
        "",
        " ",
        "\n",
        "0",
        "-0",
        "-1",
        "1",
        "00",
        "1.",
        ".5",
        "1,5",
        "1e5",
        "1E999",
        "NaN",
        "INF",
        "+1.00",
        "- 1",
    ),
    *(
        "999999999999999999.99",
        "0.000000001",
        "1234567890123456789012345678901234567890",
        "١٢٣",
        "1_000",
        "0x10",
    ),
    *("2026-02-30", "2026-11-02", "0000-00-00", "9999-12-31", "20261102", "2026-11-02T25:00:00", "2026-1-2"),
    *("2026-11-02T10:00:00+24:00", "2026-11-02Z", "2026-11-02+14:00", "١٢-١٢-٢٠٢٦"),
    *("CRDT", "DBIT", "crdt", "C", "true", "false", "TRUE", "BOOK", "PDNG", "INFO", "FUTR", "NOTPROVIDED"),
    *("OPBD", "CLBD", "PRCD", "ITBD", "XPCD", "RRTN", "AC04", "EUR", "USD", "JPY", "XXX", "EU"),
    *("NL91ABNA0417164300", "NL91 ABNA 0417 1643 00", "nl91abna0417164300", "NL00ABNA0417164300", "ABNANL2A"),
    *(
        "RF18539007547034",
        "5000056789012345",
        "/",
        "//",
        "/REMI/",
        "a//b",
        "%s%n",
        "{0}",
        "{file}",
        "{{",
        "]]",
    ),
    *("&lt;", "&amp;", "&#13;", "&#10;", "&#x85;", "&#x2028;", "&#xFFFD;", "&#x10FFFF;", "\u202e", "é", "😀"),
    *("&#0;", "&onbekend;", "x" * 36, "x" * 141, "é" * 500, "9" * 5000, " " * 3000),
)
INSERTED = (
    *("<!-- c -->", "<?pi x?>", "<![CDATA[<Ntry>]]>", "<![CDATA[]]>", "<x/>", "<x>", "</x>", "text", "&amp;"),
    *('<Amt Ccy="EUR">1.00</Amt>', "<CdtDbtInd>DBIT</CdtDbtInd>", "<Ntry/>", "<Ntry>", "</Ntry>", "<Stmt/>"),
    *(
        "<TxDtls/>",
        "<NtryDtls><TxDtls/><TxDtls/></NtryDtls>",
        "<Bal/>",
        "<RvslInd>true</RvslInd>",
        "<RtrInf/>",
    ),
    *('<n:Ntry xmlns:n="urn:x"/>', '<Ntry xmlns=""/>', "<Btch><NbOfTxs>2</NbOfTxs></Btch>", "<Document>"),
    '<!DOCTYPE Document [<!ENTITY a "b">]>',
)
ATTRIBUTES = (
    *(
        ' Ccy="EUR"',
        ' Ccy=""',
        ' Ccy="A>B"',
        ' Ccy="&lt;"',
        ' xmlns="urn:x"',
        ' xmlns=""',
        ' xml:space="preserve"',
    ),
    *(' run=""', ' xsi:nil="true"', ' xmlns:a="urn:a" a:b="c"', ' Ccy="EUR" Ccy="USD"'),
)
TAGS = (Path(__file__).parent / "files" / "elements.txt").read_text("utf-8").split()
KINDS = ("pain.001", "pain.002", "pain.008", "camt.050", "camt.052", "camt.053", "camt.054", "camt.099")
ENCODINGS = ("utf-8", "utf-16", "utf-16-le", "iso-8859-1", "cp1252", "utf-8-sig", "utf-32", "utf-7")


def mutated(file: bytes, random: Random) -> bytes:
    """The file with a few changes to its tags, texts, namespace or encoding."""
    encoding = "utf-16" if file[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8"
    tokens = TOKENS.findall(file.decode(encoding, "replace"))
    if len(tokens) < 3:
        return file
    for _ in range(random.choice((1, 1, 1, 2, 3, 6))):
        random.choice(CHANGES)(tokens, random)
        if len(tokens) < 3 or sum(map(len, tokens)) > LARGEST:
            break
    text = "".join(tokens)[:LARGEST]
    if random.random() < 0.05:
        declared, used = random.choice(ENCODINGS), random.choice(ENCODINGS)
        text = re.sub(r"encoding=[\"'][^\"']*[\"']", f'encoding="{declared}"', text)
        return text.encode(used, "replace")
    return text.encode(encoding if random.random() < 0.95 else "utf-8", "replace")


def _place(tokens: list[str], random: Random, *, tag: bool | None = None) -> int:
    places = [n for n, token in enumerate(tokens) if tag is None or token.startswith("<") is tag]
    return random.choice(places) if places else 0


def _subtree(tokens: list[str], random: Random) -> slice:
    """A whole element, as far as tags tell."""
    start = _place(tokens, random, tag=True)
    found = NAME.match(tokens[start])
    if not found or tokens[start].startswith(("</", "<?", "<!")) or tokens[start].endswith("/>"):
        return slice(start, start + 1)
    depth = 0
    for end in range(start, len(tokens)):
        other = NAME.match(tokens[end])
        if other and other[1] == found[1] and not tokens[end].endswith("/>"):
            depth += -1 if tokens[end].startswith("</") else 1
            if not depth:
                return slice(start, end + 1)
    return slice(start, start + 1)


def _new_text(tokens: list[str], random: Random) -> None:
    tokens[_place(tokens, random, tag=False)] = random.choice(VALUES)


def _broken_text(tokens: list[str], random: Random) -> None:
    place = _place(tokens, random, tag=False)
    text = tokens[place]
    cut = random.randrange(len(text) + 1)
    tokens[place] = (
        text[:cut]
        + random.choice((*VALUES, "\t", "\r\n", "\x01", "\x85"))
        + text[cut + random.randrange(3) :]
    )


def _other_text(tokens: list[str], random: Random) -> None:
    tokens[_place(tokens, random, tag=False)] = tokens[_place(tokens, random, tag=False)]


def _renamed(tokens: list[str], random: Random) -> None:
    found = _subtree(tokens, random)
    name = random.choice(TAGS)
    for place in {found.start, found.stop - 1}:
        tokens[place] = NAME.sub(lambda match: match[0].replace(match[1], name), tokens[place], count=1)


def _removed(tokens: list[str], random: Random) -> None:
    del tokens[_subtree(tokens, random)]


def _repeated(tokens: list[str], random: Random) -> None:
    found = _subtree(tokens, random)
    copy = tokens[found]
    times = random.choice((1, 1, 2, 30)) if len(copy) < 500 else 1
    tokens[found.stop : found.stop] = copy * times


def _moved(tokens: list[str], random: Random) -> None:
    found = _subtree(tokens, random)
    copy = tokens[found]
    if random.random() < 0.5:
        del tokens[found]
    place = random.randrange(len(tokens) + 1)
    tokens[place:place] = copy


def _emptied(tokens: list[str], random: Random) -> None:
    found = _subtree(tokens, random)
    del tokens[found.start + 1 : found.stop - 1]


def _unwrapped(tokens: list[str], random: Random) -> None:
    found = _subtree(tokens, random)
    del tokens[found.stop - 1]
    if found.stop - 1 > found.start:
        del tokens[found.start]


def _wrapped(tokens: list[str], random: Random) -> None:
    found = _subtree(tokens, random)
    name = random.choice(TAGS)
    times = random.choice((1, 1, 1, 300))
    tokens[found] = [f"<{name}>"] * times + tokens[found] + [f"</{name}>"] * times


def _inserted(tokens: list[str], random: Random) -> None:
    tokens.insert(random.randrange(len(tokens) + 1), random.choice(INSERTED))


def _attribute(tokens: list[str], random: Random) -> None:
    place = _place(tokens, random, tag=True)
    tag = tokens[place]
    if random.random() < 0.3:
        tokens[place] = re.sub(
            r"\s[\w:]+=(\"[^\"]*\"|'[^']*')", random.choice(("", *ATTRIBUTES)), tag, count=1
        )
    else:
        tokens[place] = re.sub(r"(/?>)$", random.choice(ATTRIBUTES) + r"\1", tag)


def _kind(tokens: list[str], random: Random) -> None:
    version = f"{random.randrange(16):02}"
    for place, token in enumerate(tokens):
        if "urn:iso" in token:
            tokens[place] = re.sub(
                r"(pain|camt)\.0\d\d\.001\.\d\d",
                lambda match: (
                    f"{match[0][:8] if random.random() < 0.8 else random.choice(KINDS)}.001.{version}"
                ),
                token,
            )


def _prefixed(tokens: list[str], random: Random) -> None:
    """Give all names a prefix, as some banks do; sometimes forget one."""
    forgotten = random.random() < 0.3
    for place, token in enumerate(tokens):
        if (
            token.startswith("<")
            and not token.startswith(("<?", "<!"))
            and not (forgotten and random.random() < 0.02)
        ):
            tokens[place] = re.sub(r"^(</?)", r"\1n:", token).replace(" xmlns=", " xmlns:n=")


def _spaced(tokens: list[str], random: Random) -> None:
    blank = random.choice(("\n", "\r\n", " ", "\t\n", "\r"))
    tokens[:] = [token + blank if token.startswith("</") else token for token in tokens]


def _cut_off(tokens: list[str], random: Random) -> None:
    del tokens[random.randrange(1, len(tokens)) :]


CHANGES = (
    *(_new_text,) * 8,
    *(_broken_text,) * 3,
    *(_other_text,) * 2,
    *(_renamed,) * 4,
    *(_removed,) * 4,
    *(_repeated,) * 3,
    *(_moved,) * 4,
    *(_emptied, _unwrapped, _wrapped) * 2,
    *(_inserted,) * 3,
    *(_attribute,) * 2,
    *(_kind, _prefixed, _spaced, _cut_off),
)
