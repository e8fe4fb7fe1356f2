"""Bank files in and out; knows files, and nothing of households.

A statement goes in by `read`, whatever its format (recognising.py) or container (containers.py), and comes
out as `Statement`s with their `Transaction`s (statement.py); `read_answers` gives status reports (pain002.py)
too. xml.py is the one hardened parser, runs.py makes it quick; camt.py reads the ISO 20022 messages by the
tables of camt_fields.py, which fields.py follows. jsonl.py shows statements to programs, camt_writer/
writes them for demonstrations and tests.

Payments go out by `pain001.write` from a `CreditTransferBatch` (credit_transfer.py), collections by
`pain008.write` (direct_debit.py), in the characters of sepa_text.py and within the limits of profiles.py.
What cannot be read or sent rightly is `Refused` (errors.py), whole, with a sentence.
"""

from bank_formats.credit_transfer import Address, CreditTransfer, CreditTransferBatch
from bank_formats.errors import Code, Refused
from bank_formats.pain002 import BatchStatus, PaymentStatus, Reason, StatusReport
from bank_formats.reading import read, read_answers
from bank_formats.statement import Balance, Batch, Charge, Party, Statement, Summary, Transaction
from bank_formats.tally import Totals

__all__ = [
    "Address",
    "Balance",
    "Batch",
    "BatchStatus",
    "Charge",
    "Code",
    "CreditTransfer",
    "CreditTransferBatch",
    "Party",
    "PaymentStatus",
    "Reason",
    "Refused",
    "Statement",
    "StatusReport",
    "Summary",
    "Totals",
    "Transaction",
    "read",
    "read_answers",
]
