"""Recorded calls that the library answers otherwise than SameDiff, one module a namespace.

`RIGHT`: by record, a function of its arrays that gives the right answer (a tuple where there are
several), written with numpy or scipy. `RAISES`: by record, a pattern of the error that a call gets
which has no right answer.
"""
