"""Rows that several features share, and the only road to them.

db.py opens PostgreSQL (embedded or named by DATABASE_URL) and its transactions;
tables/ describes the rows; the modules beside it load and save frozen values, so
that no rule and no template ever triggers a query. Here `ingest` and `payouts`
meet: in the ledger, in occurrences and in instructions."""
