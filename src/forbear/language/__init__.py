"""Parses texts, and defines the typed policy.

`syntax/` turns a text into a tree, with hints for typical mistakes; `model/` is the typed policy as frozen data;
`formatting/` lays a text out. Imports: `kernel/`, `base/`.
"""
