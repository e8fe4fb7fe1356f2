"""The rules, pure: no framework, no database, no clock.

Everything here is a frozen value or a function of its arguments, today's date
included. Amounts are whole cents. A rule that is broken raises a `Refused` of
errors.py, whose docstring is the sentence that the person reads."""
