"""`uses`: which files a policy is made of."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

import forbear
from forbear.base import resources
from forbear.base.diagnostic import Diagnostic
from forbear.library.loading import check_file

VOCABULARY = "vocabulary v\nfact n count\nfact d days clock\naction a, b\n"


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def errors(path: Path) -> list[Diagnostic]:
    checked = check_file(path)
    assert checked.policy is None
    return list(checked.diagnostics)


def test_a_path_is_relative_to_the_file_it_stands_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {
        "deep/words/v.forbear": VOCABULARY,
        "deep/middle.forbear": 'uses "words/v"\nfact m count\n',
        "p.forbear": 'uses "deep/middle"\nm > 3 and n > 3 then allow a',
    }
    write(tmp_path, files)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert forbear.load("../p.forbear").permits("a", {"n": 4, "m": 4})


def test_many_files_in_a_row(tmp_path: Path) -> None:
    """No recursion, however long the row."""
    write(tmp_path, {f"f{n}.forbear": f'uses "f{n + 1}"\nfact n{n} count\n' for n in range(1500)})
    write(tmp_path, {"f1500.forbear": VOCABULARY, "p.forbear": 'uses "f0"\nn1499 > 3 then allow a'})
    assert forbear.load(tmp_path / "p.forbear").permits("a", {"n1499": 4})


@pytest.mark.parametrize("bad", ["missing.forbear", ".", "a\0b", "pack:nope", "pack:../../etc", "pack:", "p.forbear/x"])
def test_loading_what_is_not_there(tmp_path: Path, bad: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, {"p.forbear": "never sms"})
    with pytest.raises(forbear.PolicyError) as error:
        forbear.load(bad)
    assert [one.code for one in error.value.diagnostics] == ["missing-file"]


# What a path may lead to


def pipe(path: Path) -> None:
    os.mkfifo(path)


def connection(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(path.name)


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def terminal(path: Path) -> None:
    path.symlink_to("/dev/tty")


def folder(path: Path) -> None:
    path.mkdir()


def dangling(path: Path) -> None:
    path.symlink_to("nowhere.forbear")


def circle(path: Path) -> None:
    path.symlink_to(path)


def secret(path: Path) -> None:
    write(path.parent, {"private_key": SECRET})
    path.symlink_to("private_key")


def secret_through_links(path: Path) -> None:
    write(path.parent, {"elsewhere/private_key": SECRET})
    (path.parent / "second.forbear").symlink_to("elsewhere/private_key")
    path.symlink_to("second.forbear")


SECRET = "KEY 0123456789\n"
NO_RULE_FILES = [pipe, connection, device, terminal, folder, dangling, circle, secret, secret_through_links]
WAYS = {
    "uses": 'uses "odd"\nrule r: never sms\n',
    "subject to": 'policy p subject to "odd"\nrule r: never sms\n',
    "conforms to": 'rule r: never sms\nensure conforms to "odd"\n',
}


@pytest.mark.parametrize("make", NO_RULE_FILES)
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("ending", ["", ".forbear"])
def test_a_text_leads_to_rule_files_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], None], way: str, ending: str
) -> None:
    """Whatever else lies at its path is not opened, so that nothing hangs, and no message shows a line of it."""
    monkeypatch.chdir(tmp_path)
    make(tmp_path / "odd.forbear")
    write(tmp_path, {"p.forbear": way.replace("odd", f"odd{ending}")})
    found = errors(tmp_path / "p.forbear")
    assert [error.code for error in found] == ["missing-file"]
    assert "KEY" not in repr([(one.message, one.place.source.text, one.related) for one in found])


@pytest.mark.parametrize("path", ["private_key", "./private_key", "ABSOLUTE", "/etc/passwd", "/dev/stdin", "/dev/zero"])
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_path_without_the_ending_means_the_one_with_it(tmp_path: Path, path: str, way: str) -> None:
    write(tmp_path, {"private_key": SECRET})
    path = path.replace("ABSOLUTE", str(tmp_path / "private_key"))
    write(tmp_path, {"p.forbear": way.replace("odd", path)})
    [error] = errors(tmp_path / "p.forbear")
    assert (error.code, error.place.source.name) == ("missing-file", str(tmp_path / "p.forbear"))
    assert f"{Path(path).name}.forbear` does not exist" in error.message


def test_a_link_to_a_rule_file_is_one(tmp_path: Path) -> None:
    write(tmp_path, {"elsewhere/v2.forbear": VOCABULARY, "p.forbear": 'uses "v"\nn > 3 then allow a'})
    (tmp_path / "current").symlink_to("elsewhere")
    (tmp_path / "v.forbear").symlink_to("current/v2.forbear")
    assert forbear.load(tmp_path / "p.forbear").permits("a", {"n": 4})


@pytest.mark.parametrize("make", NO_RULE_FILES)
def test_a_book_holds_rule_files_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], None]
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, {"p.forbear": "policy p\nrule r: never sms\n"})
    make(tmp_path / "odd.forbear")
    if make in (secret, secret_through_links):
        with pytest.raises(forbear.PolicyError, match="not a rule file") as error:
            forbear.load_book(tmp_path)
        assert "KEY" not in repr([one.place.source.text for one in error.value.diagnostics])
    else:
        assert len(forbear.load_book(tmp_path).versions) == 1


@pytest.mark.parametrize("text", ['uses "a\0b"\nnever sms', 'uses "a\ud800b"\nnever sms'])
def test_a_text_of_python_may_hold_what_no_path_has(text: str) -> None:
    with pytest.raises(forbear.PolicyError):
        forbear.loads(text)


def test_a_text_may_be_called_as_a_pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, {"v.forbear": VOCABULARY})
    assert forbear.loads('uses "v"\nn > 3 then allow a', name="pack:mine").permits("a", {"n": 4})


# Packs


def test_the_bare_name_of_a_pack_is_the_pack_where_no_file_has_that_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    pack = forbear.load("huabei/redesigned")
    assert pack.digest == forbear.load("pack:huabei/redesigned").digest
    assert pack.typed.place.source.name == "pack:huabei/redesigned"
    write(tmp_path, {"huabei/redesigned": "policy mine\nnever sms"})
    assert forbear.load("huabei/redesigned").name == "mine"
    assert forbear.load("pack:huabei/redesigned").name == "huabei"


@pytest.fixture
def packs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of packs of the test's own."""
    folder = tmp_path / "rules"
    standard = (resources.folder("rules") / "vocabulary" / "collections.forbear").read_text(encoding="utf-8")
    write(folder, {"vocabulary/collections.forbear": standard})
    real = resources.folder
    monkeypatch.setattr(resources, "folder", lambda name: folder if name == "rules" else real(name))
    return folder


@pytest.mark.parametrize(
    "path", ["../../secret", "../../../../../../etc/passwd", "/etc/passwd", "../vocabulary/../../secret"]
)
def test_a_pack_does_not_lead_out_of_the_packs(packs: Path, path: str) -> None:
    write(packs, {"lender/p.forbear": f'uses "{path}"\nnever sms'})
    write(packs.parent, {"secret.forbear": VOCABULARY})
    with pytest.raises(forbear.PolicyError) as error:
        forbear.load("pack:lender/p")
    assert [one.code for one in error.value.diagnostics] == ["outside-pack"]
    assert error.value.diagnostics[0].place.text == f'"{path}"'


def test_a_pack_does_not_lead_out_by_a_link(packs: Path) -> None:
    write(packs, {"lender/p.forbear": 'uses "inside"\nnever sms'})
    write(packs.parent, {"secret.forbear": VOCABULARY})
    (packs / "lender" / "inside.forbear").symlink_to(packs.parent / "secret.forbear")
    with pytest.raises(forbear.PolicyError) as error:
        forbear.load("pack:lender/p")
    assert [one.code for one in error.value.diagnostics] == ["outside-pack"]


def test_a_pack_does_not_lead_out_through_a_file_of_somebody_else(packs: Path, tmp_path: Path) -> None:
    """A file of one's own may use a pack; what the pack uses stays inside all the same."""
    write(packs, {"lender/p.forbear": 'uses "../../secret"\naction c\n'})
    write(tmp_path, {"secret.forbear": VOCABULARY, "mine.forbear": 'uses "rules/lender/p"\nnever c'})
    assert [error.code for error in errors(tmp_path / "mine.forbear")] == ["outside-pack"]


def test_a_pack_may_use_packs(packs: Path) -> None:
    write(packs, {"lender/p.forbear": 'uses "../vocabulary/mine", collections\nwind > 3 then forbid sms'})
    write(packs, {"vocabulary/mine.forbear": "fact wind count\n"})
    assert "wind" in forbear.load("pack:lender/p").typed.facts


@pytest.mark.parametrize("name", resources.pack_names())
def test_shipped_packs_are_free_of_errors_and_warnings(name: str) -> None:
    policy = forbear.load(f"pack:{name}")
    assert [one.message for one in policy.warnings] == []
    assert not os.path.isabs(policy.typed.place.source.name)
