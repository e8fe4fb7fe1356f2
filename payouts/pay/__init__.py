"""The verbs of paying, each in its caller's transaction and in somebody's name.

propose.py plans a day and proposes what it pays; approve.py lets a second person judge, again.py lets the
proposer look once more; send.py makes the file and follows it to the bank; hold.py keeps payments before
people; settle.py takes over what the statements show; look.py reads."""

from payouts.pay.again import propose_again
from payouts.pay.approve import Judgement, approve, withdraw
from payouts.pay.hold import Released, drop, hold, pay_out, refund, refund_of, release, remove
from payouts.pay.look import (
    booked_and_refunded,
    count_refunds,
    held,
    list_batches,
    payments_of,
    refunds_of,
    show,
    show_payment,
)
from payouts.pay.propose import plan, propose
from payouts.pay.send import export, not_delivered, sent, sent_not_booked, signal_sent_not_booked
from payouts.pay.settle import Followed, follow_bank
from payouts.store.writing import one_at_a_time

__all__ = [
    "Followed",
    "Judgement",
    "Released",
    "approve",
    "booked_and_refunded",
    "count_refunds",
    "drop",
    "export",
    "follow_bank",
    "held",
    "hold",
    "list_batches",
    "not_delivered",
    "one_at_a_time",
    "pay_out",
    "payments_of",
    "plan",
    "propose",
    "propose_again",
    "refund",
    "refund_of",
    "refunds_of",
    "release",
    "remove",
    "sent",
    "sent_not_booked",
    "show",
    "show_payment",
    "signal_sent_not_booked",
    "withdraw",
]
