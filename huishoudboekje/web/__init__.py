"""The faces: pages and calls, each with an actor and a permission.

app.py puts them together, gives each request one transaction and turns a refusal
into its sentence. Pages compose what the features know; they decide nothing."""
