"""The command line, for people and for programs: each command one transaction, opened and committed here.

app.py assembles the commands and turns what fails into an exit code and a sentence; acting.py opens the
installation and knows who acts; showing.py prints tables and JSON. The other modules hold the commands, one
for each subject, and load what they need when they are called: `read` runs once for each of many files.
"""
