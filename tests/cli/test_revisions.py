"""`REV:PATH` in repositories of somebody else: whatever a commit holds, nothing of it is written, followed or run."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from command import run
from invoking import forbear

POLICY = b"rule a: after 3 days then allow sms\n"
WORDS = b"fact late days clock\naction sms\n"
FILE, FOLDER, LINK, MODULE = "100644", "40000", "120000", "160000"


def git(folder: Path, *arguments: str, given: bytes = b"") -> str:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "protocol.file.allow=always")
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, input=given, check=True, capture_output=True)
    return done.stdout.decode().strip()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A repository with a policy, two folders below the one of the test."""
    folder = tmp_path / "deep" / "repository"
    folder.mkdir(parents=True)
    git(folder, "init", "-q")
    (folder / "house.forbear").write_bytes(POLICY)
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "first")
    return folder


def blob(folder: Path, content: bytes = POLICY) -> str:
    return git(folder, "hash-object", "-w", "--stdin", given=content)


def tree(folder: Path, *entries: tuple[str, bytes, str]) -> str:
    """A tree as git itself would not write it."""
    content = b"".join(mode.encode() + b" " + name + b"\0" + bytes.fromhex(entry) for mode, name, entry in entries)
    return git(folder, "hash-object", "-w", "-t", "tree", "--literally", "--stdin", given=content)


def commit(folder: Path, *entries: tuple[str, bytes, str]) -> str:
    return git(folder, "commit-tree", "-m", "hostile", tree(folder, *entries))


def snapshot(folder: Path) -> dict[Path, bytes]:
    """All that lies in a folder but git's own files."""
    found = [path for path in folder.rglob("*") if ".git" not in path.parts]
    return {path: path.read_bytes() if path.is_file() else b"" for path in found}


def names(outside: Path) -> Sequence[bytes]:
    return [
        os.fsencode(outside / "absolute.forbear"),
        b"../parent.forbear",
        b"sub/../../../slashes.forbear",
        b".",
        b"..",
        b".git",
        b"two\nlines.forbear",
        b"tab\tin.forbear",
        b"-o.forbear",
        b"\xff\xfe.forbear",
        b"--upload-pack=x.forbear",
        b"a:b.forbear",
    ]


def test_no_name_in_a_commit_is_a_path_of_the_disk(tmp_path: Path, folder: Path) -> None:
    evil = blob(folder, b"never visit\n")
    whole = tree(folder, *((FILE, name, evil) for name in names(tmp_path)), (FILE, b"x.forbear", evil))
    wrapped = [(FOLDER, name, whole) for name in names(tmp_path)]
    hostile = commit(folder, *wrapped, (FILE, b"house.forbear", blob(folder)))
    for victim in ("absolute", "parent", "x"):
        for where in (tmp_path, tmp_path / "deep", folder):
            (where / f"{victim}.forbear").write_bytes(b"# mine\n")
    before = snapshot(tmp_path)
    answer = run("diff", f"{hostile}:house.forbear", "house.forbear", cwd=folder)
    assert answer.code == 0, answer.err
    for path in (
        "../x.forbear",
        "../../absolute.forbear",
        str(tmp_path / "x.forbear"),
        "..",
        "/",
        ".git/../../x.forbear",
    ):
        assert forbear("diff", f"{hostile}:{path}", "house.forbear", cwd=folder).code == 2
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize(
    ("used", "said"),
    [
        ("../outside", "lies outside the repository"),
        ("sub/../../outside", "lies outside the repository"),
        ("ABSOLUTE", "lies outside the repository"),
        ("link", "links of a revision are not followed"),
        ("folder_link/words", "does not exist"),
        ("module", "does not exist"),
        ("module/words", "does not exist"),
        ("nowhere", "does not exist"),
        ("house", "uses this file in turn"),
    ],
)
def test_what_a_revision_uses_lies_in_it(tmp_path: Path, folder: Path, used: str, said: str) -> None:
    for where in (tmp_path, folder.parent, folder):
        (where / "outside.forbear").write_bytes(WORDS)
        (where / "nowhere.forbear").write_bytes(WORDS)
    path = str(tmp_path / "outside") if used == "ABSOLUTE" else used
    outside = blob(folder, os.fsencode(folder.parent))
    hostile = commit(
        folder,
        (FILE, b"house.forbear", blob(folder, f'uses "{path}"\nrule a: after 3 days then allow sms\n'.encode())),
        (LINK, b"link.forbear", blob(folder, os.fsencode(tmp_path / "outside.forbear"))),
        (LINK, b"folder_link", outside),
        (MODULE, b"module", git(folder, "rev-parse", "HEAD")),
        (MODULE, b"module.forbear", git(folder, "rev-parse", "HEAD")),
    )
    answer = run("diff", f"{hostile}:house.forbear", "house.forbear", cwd=folder)
    assert answer.code == 2
    assert said in answer.err


def test_a_link_of_a_revision_is_not_followed(folder: Path) -> None:
    hostile = commit(folder, (LINK, b"link.forbear", blob(folder, b"/etc/passwd")))
    answer = run("diff", f"{hostile}:link.forbear", "house.forbear", cwd=folder)
    assert (answer.code, "passwd" in answer.said) == (2, False)
    assert "links of a revision are not followed" in answer.err


def test_a_tree_with_two_files_of_one_name_is_refused(folder: Path) -> None:
    one, other = blob(folder), blob(folder, b"never sms\n")
    hostile = commit(folder, (FILE, b"house.forbear", one), (FILE, b"house.forbear", other))
    answer = run("diff", f"{hostile}:house.forbear", "house.forbear", cwd=folder)
    assert answer.code == 2
    assert "it has two files 'house.forbear'" in answer.err


def test_a_path_of_a_revision_may_start_where_one_stands(folder: Path) -> None:
    made = commit(folder, (FOLDER, b"rules", tree(folder, (FILE, b"house.forbear", blob(folder)))))
    (folder / "rules").mkdir()
    paths = (f"{made}:./house.forbear", f"{made}:rules/house.forbear")
    assert forbear("diff", *paths, cwd=folder / "rules").code == 0


def lacking(folder: Path, name: str = "HEAD:house.forbear", content: bytes | None = None) -> str:
    """A revision of which an object is no longer there, or is no object."""
    found = git(folder, "rev-parse", name)
    path = folder / ".git" / "objects" / found[:2] / found[2:]
    path.chmod(0o644)
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    return git(folder, "rev-parse", "HEAD")


@pytest.mark.parametrize("broken", [("HEAD:house.forbear", None), ("HEAD:house.forbear", b"x"), ("HEAD^{tree}", None)])
@pytest.mark.parametrize("command", [["diff", "REV", "house.forbear"], ["conform", "house.forbear", "--to", "REV"]])
def test_a_repository_that_lacks_the_text(folder: Path, broken: tuple[str, bytes], command: list[str]) -> None:
    revision = f"{lacking(folder, *broken)}:house.forbear"
    answer = run(*[word.replace("REV", revision) for word in command], cwd=folder)
    assert (answer.code, answer.out) == (2, "")
    assert "the repository here lacks" in answer.err


def test_nothing_is_fetched_and_no_program_of_the_configuration_runs(tmp_path: Path, folder: Path) -> None:
    """A partial clone would fetch what it lacks, by any program that its configuration names."""
    ran = tmp_path / "ran"
    lacking(folder)
    settings = {
        "extensions.partialClone": "evil",
        "remote.evil.promisor": "true",
        "remote.evil.url": f"ext::sh -c touch% {ran}",
        "protocol.ext.allow": "always",
        "core.fsmonitor": f"touch {ran}",
        "core.pager": f"touch {ran}",
        "diff.evil.textconv": f"touch {ran}; cat",
        "filter.evil.smudge": f"touch {ran}; cat",
        "core.alternateRefsCommand": f"touch {ran}",
    }
    for name, value in settings.items():
        git(folder, "config", name, value)
    (folder / ".gitattributes").write_text("* diff=evil filter=evil\n")
    answer = run("diff", "HEAD:house.forbear", "house.forbear", cwd=folder)
    assert (answer.code, ran.exists()) == (2, False)
    subprocess.run(["git", "show", "HEAD:house.forbear"], cwd=folder, capture_output=True, check=False)
    assert ran.exists(), "git itself would have run it"


@pytest.mark.parametrize(
    "revision", ["--output=x", "-h", "HEAD^{tree}", "HEAD:house.forbear", "", "@{-1}", "a b", "\\"]
)
def test_odd_revisions(folder: Path, revision: str) -> None:
    before = snapshot(folder)
    answer = forbear("diff", "--", f"{revision}:house.forbear", "house.forbear", cwd=folder)
    assert (answer.code, answer.out) == (2, "")
    assert snapshot(folder) == before


def test_without_a_repository_or_git_a_file_may_have_such_a_name(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "HEAD:house.forbear").write_bytes(POLICY)
    assert forbear("diff", "HEAD:house.forbear", "HEAD:house.forbear", cwd=tmp_path).code == 0
    monkeypatch.setenv("PATH", str(tmp_path))
    assert forbear("diff", "HEAD:house.forbear", "HEAD:house.forbear", cwd=tmp_path).code == 0
    assert forbear("diff", "HEAD:house.forbear", "house.forbear", cwd=folder).code == 2
