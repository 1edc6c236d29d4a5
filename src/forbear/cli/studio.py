"""`forbear studio`: a rule file in the browser, with all that is known of it beside the text."""

from __future__ import annotations

import os
import sys
import webbrowser
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from forbear.check.files.locations import SUFFIX
from forbear.cli.support.failing import fail, needing, wrong_use
from forbear.cli.support.options import argument, declared, flag, option
from forbear.cli.support.printing import print_text
from forbear.cli.support.writing import replacing
from forbear.editors.studio.server import Studio


@declared("studio", project=False)
def command(
    file: str = argument("FILE"),
    port: int = option(
        "The port, instead of one that is free.", type=click.IntRange(0, 65535), default=0, show_default=False
    ),
    browser: bool = flag("Whether to open the page in the browser.", "--browser/--no-browser", default=True),
) -> None:
    """Write a rule file in the browser, with findings, ladder, a case to try and what the edit changes beside it.

    The page is served to this machine alone, and works without a network. It saves to FILE, as a whole or not at all,
    and not if somebody else has changed FILE meanwhile. A missing FILE is created with the first save. It needs
    the extra `report`.

    \b
    Exit code 0: ended by Ctrl-C, 1: the extra is missing, or the page cannot be served, 2: wrong use.
    Example: forbear studio house.forbear
    """
    path = Path(os.path.abspath(os.path.realpath(file)))
    if path.suffix != SUFFIX:
        wrong_use(f"{file!r} is not a rule file: its name does not end in {SUFFIX}")
    if path.exists() and not path.is_file():
        wrong_use(f"{file!r} is not a file")
    if not path.parent.is_dir():
        wrong_use(f"the folder of {file!r} does not exist")
    with needing("`studio`", "report"):
        studio = Studio(path, _write)
    try:
        server = studio.serve(port)
    except OSError as error:
        fail(f"the port {port} cannot be used: {(error.strerror or 'error').lower()}")
    address = f"http://127.0.0.1:{studio.port}/#token={studio.token}"
    print_text(f"{file}: {address}")
    print_text("Press Ctrl-C to stop it; do not share the address.")
    sys.stdout.flush()  # a program that started it through a pipe waits for the address
    if browser:
        webbrowser.open(address)
    with server, TemporaryDirectory() as folder:
        os.chdir(folder)  # where the files lie that the page sends with a text
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return


def _write(path: Path, content: bytes) -> None:
    with replacing(path) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
