"""What every room may use: sources and spans in them, diagnostics, bundled files, TOML, frozen classes.

It knows nothing of policies, and imports no other room.
"""
