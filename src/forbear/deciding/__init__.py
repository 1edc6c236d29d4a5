"""Decides cases, explains decisions, and keeps records of them.

In: a lowered policy and a case. Out: decisions by the fastest exact method (`deciders/`), explanations, and records
that can be verified and replayed (`records/`). Imports: `space/`.
"""
