"""From bank file to booked money.

statements.py takes a file in once; evidence.py and reconcile.py decide, without
I/O, whose money it is; booking.py writes that decision to the ledger. What is not
certain enough waits in suspense for a person: better no match than a wrong one."""
