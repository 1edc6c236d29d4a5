"""`forbear packs`: the bundled packs."""

from __future__ import annotations

from typing import Any

from forbear.base.diagnostic import Diagnostic
from forbear.base.resources import pack_names
from forbear.check.files.gather import locate
from forbear.check.files.locations import PACK
from forbear.cli.support import options
from forbear.cli.support.failing import fail
from forbear.cli.support.options import argument, declared
from forbear.cli.support.printing import print_file, print_json, print_text, print_wrapped
from forbear.language.model.names import counted
from forbear.library.loading import load
from forbear.semantics.composition.standards import provenance
from forbear.semantics.to_text import digest


@declared("packs", project=False)
def command(name: str | None = argument("[NAME]", required=False), output: str = options.formats()) -> None:
    """List the bundled packs with their digests, or print the text of one, to copy it and make it your own.

    \b
    Exit code 0: printed, 1: there is no such pack, 2: wrong use.
    Example: forbear packs
             forbear packs huabei/before
    """
    if name is not None:
        where = locate(name if name.startswith(PACK) else f"{PACK}{name}")
        if isinstance(where, Diagnostic):
            fail(f"{where.message}; {where.help}")
        text = where.read_text(encoding="utf-8")
        if output == "json":
            print_json({"name": f"{PACK}{name.removeprefix(PACK)}", "text": text})
        else:
            print_file(text)
        return
    packs: list[dict[str, Any]] = []
    for pack in pack_names():
        typed = load(f"{PACK}{pack}").typed
        kind = "standard" if typed.standard else "policy" if typed.headed else "vocabulary"
        about = {"name": f"{PACK}{pack}", "kind": kind, "title": typed.title or "", "digest": digest(typed)}
        packs.append({**about, "omits": list(typed.omits), **provenance(typed)})
    if output == "json":
        print_json({"packs": packs})
    else:
        for record in packs:
            unread = len(record["not_read"])
            not_read = f", {counted(unread, 'rule')} not read" if unread else ""
            print_text(f"{record['name']}  {record['kind']}{not_read}")
            print_wrapped(f"  {record['title']}")
            print_text(f"  {record['digest']}")
