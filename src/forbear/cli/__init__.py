"""The command line: one file per command.

`support/` is what commands share, `cases/` how they read cases and answer for many, `validating/` how many files are
validated at once. Imports: every room.
"""
