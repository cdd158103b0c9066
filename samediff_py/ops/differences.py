"""What many ops do otherwise than SameDiff, in the same words: `differs=` of their declarations."""

from __future__ import annotations

INTEGERS = "Integers are taken as floating point; SameDiff refuses them."
NO_INTEGERS = "SameDiff refuses integers."
ONE_TYPE = "SameDiff refuses two types."
NO_GRADIENT = "SameDiff has no gradient."
WRONG_GRADIENT = "SameDiff's gradient is wrong."
MIRRORED = "SameDiff's gradient leaves out what REFLECT and SYMMETRIC mirror."
KEPT = "SameDiff answers rubbish where negative or unsorted axes are kept."
TIES = "Equal elements share the gradient; in SameDiff the first has all of it."
SQUARE = "SameDiff takes square matrices alone."
