"""Reads a case, its events and its moment, and decides by tables of rules.

In: a case as Python or JSON values, and the facts that a policy declares. Out: decisions, and faults of the case.
`cases.py` and `history/` import the standard library alone, because compiled modules contain a copy of them.
"""
