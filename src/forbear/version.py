"""The version of the package, and that of the language."""

__version__ = "0.1.0"
LANGUAGE = 1
"""The version of the language: a file that needs a later one is refused. It rises when a file may use new words."""
