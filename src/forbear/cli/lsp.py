"""`forbear lsp`: the language server for editors."""

from __future__ import annotations

import gc

from forbear.cli.support.options import declared, flag


@declared("lsp", project=False)
def command(stdio: bool = flag("The default; editors may pass it.")) -> None:
    """Serve an editor: it starts this command itself, and talks with it on standard input and output.

    While you type, it shows what `forbear validate` would report.

    \b
    Exit code 0: the editor has ended it, 1: the connection was lost, or the extra `lsp` is missing, 2: wrong use.
    Example: forbear lsp
    """
    try:
        from forbear.editors.lsp.server import language_server
    except ModuleNotFoundError as error:
        from forbear.base.extras import missing_extra
        from forbear.cli.support.failing import fail  # late, as an author waits for the first diagnostic

        fail(missing_extra("`lsp`", "lsp", error))
    server = language_server()
    # An author waits while garbage is collected: often and briefly, and not of what lives as long as the server.
    gc.freeze()
    gc.set_threshold(5_000, 50, 1_000)
    server.start_io()
