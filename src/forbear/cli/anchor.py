"""`forbear anchor`: the digest of the last line of a record, to keep elsewhere."""

from __future__ import annotations

import sys
from collections import deque

from forbear.cli.cases.recorded import Records, anchors_option, sealed_option
from forbear.cli.support import options
from forbear.cli.support.options import argument, declared
from forbear.cli.support.printing import print_json, print_text


@declared("anchor", project=False)
def command(
    files: tuple[str, ...] = argument("FILE...", nargs=-1, required=True),
    anchors: tuple[str, ...] = anchors_option,
    key_path: str | None = sealed_option,
    output: str = options.formats(),
) -> None:
    """Check the chain of a record, and print the digest of its last line: its anchor.

    Keep the anchor where nobody who writes the record can alter it, for example in a daily mail. Later, `--anchor`
    shows that nothing before it was cut off or rewritten. Several files, the oldest first, are one record.

    \b
    Exit code 0: the chain is unbroken, 1: it is broken, or there is none, 2: FILE cannot be read.
    Example: forbear anchor decisions.jsonl
    """
    records = Records(files, key_path, anchors)
    deque(records.lines(), maxlen=0)
    if output == "json":
        print_json(records.as_json())
    else:
        records.print_breaks()
        print_text(records.chain.last or "the record carries no chain")
    sys.exit(0 if records.is_whole and records.chain.last is not None else 1)
