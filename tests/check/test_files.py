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


def test_a_file_takes_the_declarations_of_another(tmp_path: Path) -> None:
    write(tmp_path, {"words/v.forbear": VOCABULARY, "p.forbear": 'uses "words/v.forbear"\nn > 3 then allow a'})
    assert forbear.load(tmp_path / "p.forbear").permits("a", {"n": 4})


def test_the_ending_may_be_left_out(tmp_path: Path) -> None:
    write(tmp_path, {"words/v.forbear": VOCABULARY, "p.forbear": 'uses "words/v"\nn > 3 then allow a'})
    assert list(forbear.load(tmp_path / "p.forbear").typed.actions) == ["a", "b"]


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


def test_dots_may_lead_out_of_a_folder_of_ones_own(tmp_path: Path) -> None:
    write(tmp_path, {"v.forbear": VOCABULARY, "policies/p.forbear": 'uses "../v"\nn > 3 then allow a'})
    assert forbear.load(tmp_path / "policies" / "p.forbear").permits("a", {"n": 4})


def test_a_file_used_twice_is_read_once(tmp_path: Path) -> None:
    """A diamond, by different ways to write the path."""
    files = {
        "v.forbear": VOCABULARY,
        "left.forbear": 'uses "v"\nfact l count\n',
        "sub/right.forbear": 'uses "../sub/../v.forbear"\nfact r count\n',
        "p.forbear": 'uses "left", "sub/right"\nuses "v"\nl > 3 and r > 3 and n > 3 then allow a',
    }
    write(tmp_path, files)
    policy = forbear.load(tmp_path / "p.forbear")
    assert policy.permits("a", {"n": 4, "l": 4, "r": 4})
    assert list(policy.typed.facts) == ["n", "d", "l", "r"]


def test_only_the_loaded_file_gives_rules_and_promises(tmp_path: Path) -> None:
    write(tmp_path, {"v.forbear": VOCABULARY + "rule r: never b\n", "p.forbear": 'uses "v"\nn > 3 then allow a'})
    assert len(forbear.load(tmp_path / "p.forbear").typed.rules) == 1


def test_a_name_declared_in_two_files_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, {"v.forbear": VOCABULARY, "p.forbear": 'uses "v"\nfact n money CNY\nnever a'})
    (error,) = errors(tmp_path / "p.forbear")
    assert (error.code, error.place.start.line) == ("duplicate-name", 2)
    assert error.place.source.name.endswith("p.forbear")
    assert error.related[0].place.source.name.endswith("v.forbear")


def test_what_is_wrong_in_a_used_file_is_told_there(tmp_path: Path) -> None:
    write(tmp_path, {"v.forbear": VOCABULARY + "fact m count usually 1.5\n", "p.forbear": 'uses "v"\nnever a'})
    (error,) = errors(tmp_path / "p.forbear")
    assert error.code == "off-grid"
    assert error.place.source.name == str(tmp_path / "v.forbear")


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("missing", "does not exist"),
        ("folder", "does not exist"),
        ("folder/", "folder"),
        ("v.forbear/x", "does not exist"),
        ("", ""),
    ],
)
def test_a_file_that_is_not_there(tmp_path: Path, path: str, word: str) -> None:
    write(tmp_path, {"v.forbear": VOCABULARY, "p.forbear": f'uses "v"\nuses "{path}"\nnever a'})
    (tmp_path / "folder").mkdir()
    found = errors(tmp_path / "p.forbear")
    assert [error.code for error in found] == ["missing-file"]
    assert word in found[0].message
    assert found[0].place.text == f'"{path}"'


@pytest.mark.parametrize(
    "path", ["a\\\\b", "nul\x01", "x" * 5000, "/", "//", ".", "..", "con:", "~root", "http://example.org/v"]
)
def test_odd_paths_are_not_there_either(tmp_path: Path, path: str) -> None:
    write(tmp_path, {"p.forbear": f'uses "{path}"\nnever sms'})
    found = [error.code for error in errors(tmp_path / "p.forbear")]
    assert [code for code in found if code != "hidden-text"] == ["missing-file"]


def test_files_that_use_each_other(tmp_path: Path) -> None:
    files = {
        "one.forbear": 'uses "two"\nfact m count\naction c\nnever c',
        "two.forbear": 'uses "sub/three"\nfact k count\n',
        "sub/three.forbear": 'uses "../one"\nfact l count\n',
    }
    write(tmp_path, files)
    (error,) = errors(tmp_path / "one.forbear")
    assert error.code == "circular-uses"
    assert error.place.source.name == str(tmp_path / "sub" / "three.forbear")
    assert error.place.text == '"../one"'


def test_a_standard_that_is_used_keeps_nothing(tmp_path: Path) -> None:
    write(tmp_path, {"law.forbear": "standard law\n  uses collections\nrule quiet: never sms"})
    for head, expected in (
        ("policy p\n  uses collections", []),
        ('policy p\n  uses "law"', ["uses-standard"]),
        ('policy p\n  uses "regulation/us-reg-f"', ["uses-standard"]),
        ('policy p\n  uses "law"\n  subject to "law"', []),
        ('policy p\n  subject to "law"', []),
    ):
        write(tmp_path, {"p.forbear": f"{head}\nrule ask: after 3 days then allow letter"})
        found = check_file(str(tmp_path / "p.forbear")).diagnostics
        assert [one.code for one in found if one.code == "uses-standard"] == expected, head
        assert all(one.place.text in ('"law"', '"regulation/us-reg-f"') for one in found if one.code in expected)


def test_a_file_that_uses_itself(tmp_path: Path) -> None:
    write(tmp_path, {"p.forbear": 'uses "p"\naction a\nnever a'})
    assert [error.code for error in errors(tmp_path / "p.forbear")] == ["circular-uses"]


def test_a_circle_through_a_link(tmp_path: Path) -> None:
    write(tmp_path, {"p.forbear": 'uses "link"\naction a\nnever a'})
    (tmp_path / "link.forbear").symlink_to(tmp_path / "p.forbear")
    assert [error.code for error in errors(tmp_path / "p.forbear")] == ["circular-uses"]


def test_many_files_in_a_row(tmp_path: Path) -> None:
    """No recursion, however long the row."""
    write(tmp_path, {f"f{n}.forbear": f'uses "f{n + 1}"\nfact n{n} count\n' for n in range(1500)})
    write(tmp_path, {"f1500.forbear": VOCABULARY, "p.forbear": 'uses "f0"\nn1499 > 3 then allow a'})
    assert forbear.load(tmp_path / "p.forbear").permits("a", {"n1499": 4})


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    write(tmp_path, {"p.forbear": 'uses "loop"\nnever sms'})
    (tmp_path / "loop.forbear").symlink_to(tmp_path / "loop.forbear")
    assert [error.code for error in errors(tmp_path / "p.forbear")] == ["missing-file"]


@pytest.mark.parametrize("bad", ["missing.forbear", ".", "a\0b", "pack:nope", "pack:../../etc", "pack:", "p.forbear/x"])
def test_loading_what_is_not_there(tmp_path: Path, bad: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, {"p.forbear": "never sms"})
    with pytest.raises(forbear.PolicyError) as error:
        forbear.load(bad)
    assert [one.code for one in error.value.diagnostics] == ["missing-file"]


def test_a_fact_in_a_used_file_leaves_the_standard_vocabulary_out(tmp_path: Path) -> None:
    write(tmp_path, {"v.forbear": VOCABULARY, "empty.forbear": "setting s is 3\n", "p.forbear": 'uses "v"\nnever sms'})
    assert [error.code for error in errors(tmp_path / "p.forbear")] == ["unknown-action"]
    write(tmp_path, {"p.forbear": 'uses "empty"\nunreachable > s then allow sms'})
    assert forbear.load(tmp_path / "p.forbear").permits("sms", {"unreachable": 4})


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
        with pytest.raises(forbear.PolicyError, match="no rule file") as error:
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


@pytest.mark.parametrize("named", ["vocabulary/collections", "pack:vocabulary/collections"])
def test_a_pack_is_used_by_its_name(tmp_path: Path, named: str) -> None:
    write(tmp_path, {"p.forbear": f'uses "{named}"\nfact wind count\nwind > 3 then forbid sms'})
    assert "days_overdue" in forbear.load(tmp_path / "p.forbear").typed.facts


def test_a_file_has_its_name_before_a_pack(tmp_path: Path) -> None:
    used = {
        "vocabulary/collections.forbear": "fact wind count\naction row",
        "p.forbear": 'uses "vocabulary/collections"',
    }
    write(tmp_path, used)
    assert list(forbear.load(tmp_path / "p.forbear").typed.facts) == ["wind"]


def test_a_pack_that_is_not_there(tmp_path: Path) -> None:
    write(tmp_path, {"p.forbear": 'uses "pack:vocabulary/colections"\nnever sms'})
    [error] = errors(tmp_path / "p.forbear")
    assert (error.code, error.help) == ("missing-file", "did you mean `vocabulary/collections`?")


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
