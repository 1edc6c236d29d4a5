"""Finds what is wrong with a policy, compares two policies, and mutates one.

In: a typed policy. Out: findings, each with a possible case that proves it (`findings/`), differences of two policies
(`comparison/`), mutations that no example notices (`mutation/`). Imports: `space/`.
"""
