"""Tools that every room may use: sources and spans, diagnostics, bundled files, TOML, frozen classes.

It knows nothing of policies, and imports no other room.
"""
