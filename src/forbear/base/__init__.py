"""Tools that every room may use: sources and spans, diagnostics, bundled files, frozen classes.

It knows nothing of policies, and imports no other room.
"""
