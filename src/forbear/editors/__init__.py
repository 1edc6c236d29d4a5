"""What an author sees while typing: diagnostics, completions, fixes, names.

`editing/` answers for a text and a position, without a protocol; `lsp/` is the language server, `studio/` the page in
the browser. Imports: `report/` and what it imports.
"""
