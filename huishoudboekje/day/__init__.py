"""A day's work, step by step: the only way in for command line, web and timetable.

Every verb takes the caller's transaction and actor, asks for the permission, does its step through
the features, and writes it in the log. Whoever calls commits. taking_in.py: files and what people
decide on transactions; paying.py: plan and batches; keeping.py: households, agreements, organisations;
settling.py: what a household sets aside, and how it leaves; ruling.py: users, policy, signals that are
kept quiet; looking.py: what people see before they act; noticing.py: what did not come; waiting.py:
work for later; closing.py: the proof of the day.
"""
