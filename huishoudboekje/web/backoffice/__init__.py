"""The back office: a working day in its order, from statements to the day's close.

today.py says what is left to do; statements.py takes in files; worklist.py lets people say whose money
it is; batches.py lets two of them pay."""

from huishoudboekje.web.backoffice import batches, statements, today, worklist

ROUTERS = (today.router, statements.router, worklist.router, batches.router)
