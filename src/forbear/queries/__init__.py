"""More than yes or no: until when a verdict holds, what it depends on, and what to ask next.

In: a policy and a case, in which facts may be open. Out: spans of time (`when.py`), conditions on the open facts and
questions (`opened/`). Imports: `deciding/`.
"""
