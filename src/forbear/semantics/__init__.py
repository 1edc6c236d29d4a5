"""What a policy means.

`meaning.py` is the oracle, a plain interpreter that everything fast is held against; `to_text.py` writes the
canonical text, `composition/` puts two policies together, `lowered/` makes guards and action tables. Imports:
`language/`.
"""
