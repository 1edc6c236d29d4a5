"""Checks a tree and makes a typed policy of it, with a diagnostic for everything that is wrong.

In: a text with its files, packs, sheets and project file. Out: a typed policy, or errors. `from_ast.py` has the checks
in order, `policy.py` the passes that build the policy. Imports: `semantics/`.
"""
