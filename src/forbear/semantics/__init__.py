"""The meaning of a policy.

`meaning.py` is the oracle, a plain interpreter that every faster implementation is checked against; `to_text.py` writes
the canonical text, `composition/` combines two policies, `lowered/` makes guards and action tables. Imports:
`language/`.
"""
