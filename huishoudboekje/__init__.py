"""The household book: income in, fixed costs out on time, and a guarantee.

Four questions, four places: a rule lives in `domain/` (or in the pure file of a
feature), a row in a `tables` module behind its store, a page or call in `web/`,
background work in `tasks.py`. The features are the packages beside this one:
`ingest` (bank file to booked money), `payouts` (what is due to what is paid) and
`checkin` (a person becomes a resident). `day/` strings them into a working day
and is the only one who calls them."""
