"""Revisions of Git whose trees nobody's Git would make: nothing is written outside the folder of the revision."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import tempfile
import zlib
from collections.abc import Sequence
from pathlib import Path

import pytest
from campaign import SHARDS, Campaign, call, writes_only

GOOD = b"rule a: after 9 days then allow sms\n"


def _stored(repository: Path, kind: str, content: bytes, *, lost: bool = False) -> str:
    """Writes an object of Git, as Git keeps it, and whatever is in it."""
    whole = f"{kind} {len(content)}\0".encode() + content
    name = hashlib.sha1(whole, usedforsecurity=False).hexdigest()
    path = repository / ".git" / "objects" / name[:2] / name[2:]
    path.parent.mkdir(exist_ok=True)
    if not lost and not path.exists():
        path.write_bytes(zlib.compress(whole))
    return name


Entry = tuple[bytes, bytes, str]


def _tree(repository: Path, entries: Sequence[Entry]) -> str:
    content = b"".join(mode + b" " + name + b"\0" + bytes.fromhex(of) for mode, name, of in entries)
    return _stored(repository, "tree", content)


def _commit(repository: Path, tree: str) -> str:
    who = b"A <a@b.c> 1700000000 +0000"
    return _stored(
        repository, "commit", b"tree " + tree.encode() + b"\nauthor " + who + b"\ncommitter " + who + b"\n\nx\n"
    )


def _repository(folder: Path) -> None:
    for path in ("objects", "refs/heads"):
        (folder / ".git" / path).mkdir(parents=True)
    (folder / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (folder / ".git" / "config").write_text("[core]\n\trepositoryformatversion = 0\n")


@pytest.mark.parametrize("shard", SHARDS)
def test_trees(campaign: Campaign, tmp_path: Path, shard: int) -> None:
    campaign.run(_hostile_tree, tmp_path, ci=45, nightly=4_000, shard=shard)


def _hostile_tree(generator: random.Random, folder: Path) -> str:
    inside, temporary = folder / "repository", folder / "temporary"
    inside.mkdir()
    temporary.mkdir()
    (folder / "outside.forbear").write_bytes(b"# what was here\n" + GOOD)
    _repository(inside)
    (inside / "house.forbear").write_bytes(GOOD)
    blob = _stored(inside, "blob", GOOD)
    hostile = _stored(inside, "blob", b"rule evil: always then allow visit\n")
    entries: list[Entry] = [(b"100644", b"house.forbear", blob)]
    kind = generator.choice(
        ("absolute", "up", "deep up", "link", "folder link", "lost", "wrong kind", "long", "newline", "twice", "odd")
    )
    outside = os.fsencode(folder)
    match kind:
        case "absolute":
            entries.insert(0, (b"100644", outside + generator.choice((b"/outside.forbear", b"/new.forbear")), hostile))
        case "up":
            entries.insert(0, (b"40000", b"..", _tree(inside, [(b"100644", b"new.forbear", hostile)])))
        case "deep up":
            entries.append(
                (b"100644", b"x/../../../" + generator.choice((b"outside.forbear", b"new/x.forbear")), hostile)
            )
        case "link":
            entries.append((b"120000", b"link.forbear", _stored(inside, "blob", b"/etc/passwd")))
        case "folder link":
            target = _stored(inside, "blob", outside)
            below = _tree(inside, [(b"100644", b"new.forbear", hostile)])
            entries += [(b"120000", b"sub", target), (b"40000", b"sub", below)]
        case "lost":
            entries[0] = (b"100644", b"house.forbear", _stored(inside, "blob", b"gone " + GOOD, lost=True))
        case "wrong kind":
            entries[0] = (b"100644", b"house.forbear", _tree(inside, []))
        case "long":
            entries.append((b"100644", b"a" * 5_000 + b".forbear", hostile))
        case "newline":
            entries.append((b"100644", b"a\nb\tc\xff.forbear", hostile))
        case "twice":
            entries.append((generator.choice((b"100644", b"100755")), b"house.forbear", hostile))
            entries.append((b"100644", b"house.forbear/x.forbear", hostile))
        case _:
            entries.append((b"160000", b"module.forbear", blob))
            entries.append(
                (b"100644", generator.choice((b".", b"..", b"", b".git/config.forbear", b"-o.forbear")), hostile)
            )
    revision = _commit(inside, _tree(inside, entries))
    os.chdir(inside)
    command = generator.choice((("diff",), ("conform", "--to"), ("diff", "--format", "json"), ("test", "--since")))
    old = f"{revision}:{generator.choice(('house.forbear', './house.forbear', '.'))}"
    with pytest.MonkeyPatch.context() as patch, writes_only(folder, "repository/examples.forbear"):
        patch.setattr(tempfile, "tempdir", str(temporary))
        if command[0] == "test":
            call("test", "house.forbear", "--write-examples", "examples.forbear", "--since", old)
        elif command[0] == "conform":
            call("conform", "house.forbear", "--to", old)
        else:
            call(*command, old, "house.forbear")
    return kind


def test_names_of_revisions(campaign: Campaign, tmp_path: Path) -> None:
    """What stands before and behind the colon is never an option, a program or a path elsewhere."""
    campaign.run(_named, tmp_path, ci=20, nightly=400)


def _named(generator: random.Random, folder: Path) -> str:
    _repository(folder)
    (folder / "house.forbear").write_bytes(GOOD)
    revision = _commit(folder, _tree(folder, [(b"100644", b"house.forbear", _stored(folder, "blob", GOOD))]))
    before = (
        revision,
        revision[:7],
        "HEAD",
        "-x",
        "--output=new",
        "--help",
        "@{u}",
        "$(touch new)",
        "a\0b",
        "..",
        "",
        "ext::sh",
        "\x1b[2J",
    )
    behind = (
        "house.forbear",
        "../house.forbear",
        "/etc/passwd",
        "",
        ".",
        "./",
        "..",
        "a\0b",
        "x\ny",
        "house.forbear/",
        "-x",
        "\x9b",
    )
    with writes_only(folder):
        said = call("diff", f"{generator.choice(before)}:{generator.choice(behind)}", "house.forbear")
    return f"exit {said.code}"


def test_git_is_here() -> None:
    assert subprocess.run(["git", "--version"], capture_output=True, check=True).stdout.startswith(b"git")
