"""The same policy elsewhere: a Python or JavaScript module, a Java class, SQL, JSON with test vectors.

In: a typed policy. Out: the text of a module, a query or a document. Imports: `space/`.
"""


class NotWritten(Exception):
    """A target that cannot express a policy, and why."""
