"""A rule file as it was written, names not yet looked up: a module for each part of the language.

Nodes are values. A span says where a node is and is ignored when nodes are compared, so that two layouts of one text
are equal.
"""
