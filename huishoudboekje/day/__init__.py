"""A day's work, step by step: the only way in for command line, web and timetable.

Every verb takes the caller's transaction and actor, asks for the permission, does its step through
the features, and writes it in the log. Whoever calls commits. taking_in.py: files and what people
decide on transactions; paying.py: plan and batches; keeping.py: households, agreements, organisations,
policy, users, signals; closing.py: the proof of the day.
"""
