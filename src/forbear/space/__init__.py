"""The space of all possible cases of a policy, as cells and boxes.

In: a lowered policy. Out: its conditions as masks, formulas and predicates (`predicates/`), the constraints that
facts put on one another (`relations/`), searches for a possible case (`search/`). Imports: `semantics/`.
"""
