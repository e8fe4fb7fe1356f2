"""Payments and batches as rows, and the only road to them.

planning.py reads what a plan needs; writing.py adds batches, payments and steps; reading.py gives them
back as values; changes.py finds what is no longer as it was proposed; outcomes.py what the bank showed."""
