"""Where the fields of a payment file stand, for reading it back, and what they may say."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Final

from bank_formats.credit_transfer import Address
from bank_formats.fields import Found, Table, several, unspaced
from bank_formats.payment_file import Problem

DAY = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:[0-9]{2})?"
)
BOOLEANS: Final = {"true": True, "1": True, "false": False, "0": False}


def day_of(text: str) -> date:
    """A day as XML has it, perhaps with a time or a zone behind it; raises ValueError for anything else."""
    found = DAY.fullmatch(text)
    if found is None:
        raise ValueError(text)
    return date.fromisoformat(found[1])


def books_at_once(said: Found) -> bool:
    """`BtchBookg`; where nothing is said, as where nothing is asked of the model: at once."""
    answer = BOOLEANS.get(said.get("batch_booking", "true"))
    if answer is None:
        raise Problem("BtchBookg is geen ja of nee")
    return answer


def is_ours(said: Found, method: str) -> None:
    """Raises Problem for another payment method than SEPA's, or an account in another currency."""
    if said["method"] != method:
        raise Problem(f"de wijze van betalen (PmtMtd) is {said['method']}; alleen {method} kan")
    currency = said.get("currency", "EUR")
    if currency != "EUR":
        raise Problem(f"de rekening is in {currency}; alleen EUR kan")


def text_of(said: Found) -> str | None:
    """The free text among what was found: all of it, where it stands in pieces."""
    return " ".join(piece for piece in said.get("remittance", ()) if piece) or None


ADDRESS: Final[Table] = {
    "StrtNm": "street",
    "BldgNb": "building_number",
    "PstCd": "post_code",
    "TwnNm": "town",
    "Ctry": "country",
}
AGENT: Final[Table] = {"FinInstnId": {"BIC": "bic", "BICFI": "bic"}}
PAYMENT_ID: Final[Table] = {"InstrId": "instruction_id", "EndToEndId": "end_to_end_id", "UETR": "uetr"}
REMITTANCE: Final[Table] = {"Ustrd": several("remittance"), "Strd": {"CdtrRefInf": {"Ref": "reference"}}}
GROUP: Final[Table] = {
    "MsgId": "message_id",
    "CreDtTm": "created_at",
    "NbOfTxs": "number",
    "CtrlSum": "total",
    "InitgPty": {"Nm": "initiator", "Id": {"OrgId": {"Othr": {"Id": "initiating_party_id"}}}},
}


def address_of(said: Mapping[str, str]) -> Address | None:
    """The address among what was found; `None` without a town or a country."""
    if "country" not in said or "town" not in said:
        return None
    get = said.get
    return Address(said["town"], said["country"], get("street"), get("building_number"), get("post_code"))


def iban_of(said: Mapping[str, str | None]) -> str:
    """The account number among what was found; empty without one."""
    return unspaced(said.get("iban")) or ""
