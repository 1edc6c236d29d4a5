"""The public Python interface: load a policy; decide, explain, ask, apply, plan, compare.

In: texts, paths, cases, frames. Out: the objects that `forbear` exports. Imports: all rooms that answer.
"""
