"""How a person becomes a resident: an empty room for now.

Here come the steps of a check-in, the consent statement in its versions, the
proof of identity, and the one transaction that makes household, agreements and
letters of it."""
