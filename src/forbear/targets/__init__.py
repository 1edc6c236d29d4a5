"""The same policy elsewhere: a Python or JavaScript module, a Java class, SQL, JSON with test vectors.

In: a typed policy. Out: the text of a module, a query or a document. Imports: `space/`.
"""


class NotWritten(Exception):
    """What a policy cannot be written as, and why."""
