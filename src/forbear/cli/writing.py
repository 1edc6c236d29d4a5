"""Files that commands write: whole, or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from forbear.cli.reading import fail


def write_whole(target: str, text: str) -> None:
    """Writes beside the target and puts the file in its place at once: a crash leaves what was there."""
    path = Path(os.path.realpath(target))  # a link stays one
    temporary = None
    try:
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
        os.chmod(temporary, mode)
        os.replace(temporary, path)
    except OSError as error:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        fail(f"{target!r} cannot be written: {(error.strerror or 'error').lower()}")


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
