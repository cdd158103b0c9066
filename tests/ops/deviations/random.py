"""Calls of sd.random that have no answer: continuous laws have no integers, and the others stay in
the type of SameDiff's."""

_REFUSED = "uniform/2 normal/3 bernoulli/2 binomial/2 logNormal/4 normalTruncated/4 exponential/5"

RAISES = {f"random.{record}": "floating type, not int32" for record in _REFUSED.split()}
