"""Support for authors while they type: diagnostics, completions, fixes, names.

`editing/` answers for a text and a position, without a protocol; `lsp/` is the language server, `studio/` the page in
the browser. Imports: `report/` and what it imports.
"""
