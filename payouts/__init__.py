"""From what is due to what is paid, guaranteed.

plan.py decides, without I/O, what is paid from own money, what is advanced and
what waits; batch.py knows the states of a batch and the four-eyes rule; pay/
reserves, approves, writes the file, and settles or returns what the bank shows;
store/ is the road to the rows, whose guards the database itself holds."""
