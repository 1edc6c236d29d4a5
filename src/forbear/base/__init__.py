"""Tools that every room may use: sources and spans, diagnostics, bundled files.

It knows nothing of policies, and imports no other room.
"""
