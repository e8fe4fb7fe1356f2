"""A batch that was sent back is looked at by its proposer, and proposed once more."""

from __future__ import annotations

from sqlalchemy.orm import Session

from huishoudboekje import clock
from huishoudboekje.domain.access import Actor, Permission
from payouts.batch import BatchState, PaymentState, require_step, told
from payouts.pay.approve import changes_of, locked, take_out, withdraw
from payouts.pay.hold import pay_again
from payouts.pay.propose import propose
from payouts.store import reading, writing


def propose_again(session: Session, batch_id: str, by: Actor) -> list[str]:
    """Take what changed out of a batch that was sent back, and propose the rest once more.

    What is taken out falls due again for the next proposal. Where the day itself is gone, the whole batch is
    withdrawn and proposed anew. Gives the ids of the batches that are proposed now. Raises NotAllowed,
    NotFound, WrongStep.
    """
    by.require(Permission.PROPOSE)
    by.require(Permission.EDIT_BATCH)
    batch = locked(session, batch_id)
    require_step(batch_id, batch.state, BatchState.PROPOSED)
    changes = changes_of(session, batch)
    gone = [each.end_to_end_id for each in changes if each.end_to_end_id]
    if len(gone) == len(changes) and len(gone) < batch.payments:
        if gone:
            take_out(session, batch, gone, by, told(changes))
        writing.step_batch(session, batch_id, BatchState.PROPOSED, by)
        return [batch_id]
    lines = reading.lines(session, batch_id, PaymentState.PROPOSED)
    loose = [each for each in lines if each.occurrence is None and each.end_to_end_id not in gone]
    withdraw(session, batch_id, by, told(changes))
    anew = propose(session, max(batch.planned_on, clock.today()), by)
    return [*anew, *pay_again(session, loose, batch.debtor_iban, by)]
