"""What editors and scripts ask for: a buffer instead of a file (`--stdin-filename`), and silence (`--quiet`)."""

from __future__ import annotations

from pathlib import Path

from invoking import forbear, write

WORDS = 'fact days_overdue days clock "How late"\naction call "A call"\n'
USER = 'uses "words"\n\nrule a:\n  after 3 days then allow call\n'
SOUND = "rule a:\n  after 3 days then allow sms\n"


def with_words(folder: Path) -> Path:
    rules = folder / "rules"
    rules.mkdir()
    write(rules, WORDS, "words.forbear")
    return rules


def test_a_buffer_is_checked_as_the_file_of_its_name(tmp_path: Path) -> None:
    """It finds what it uses beside it, though nothing of that name is saved, and is called by the name."""
    with_words(tmp_path)
    buffer = USER.replace("allow call", "allow cal")
    answer = forbear(
        "validate", "-", "--stdin-filename", "rules/new.forbear", "--format", "json", given=buffer, cwd=tmp_path
    )
    assert [(found["code"], found["file"]) for found in answer.json["findings"]] == [
        ("unknown-action", "rules/new.forbear")
    ]
    assert forbear("validate", "--stdin-filename", "rules/new.forbear", given=USER, cwd=tmp_path).code == 0
    assert forbear("validate", "-", given=USER, cwd=tmp_path).code == 1


def test_a_buffer_takes_the_place_of_what_is_saved(tmp_path: Path) -> None:
    rules = with_words(tmp_path)
    write(rules, "this is not saved yet\n", "user.forbear")
    assert forbear("validate", "-", "--stdin-filename", "rules/user.forbear", given=USER, cwd=tmp_path).code == 0


def test_a_buffer_of_a_project_is_the_one_thing_that_is_checked(tmp_path: Path) -> None:
    write(with_words(tmp_path), "broken\n", "broken.forbear")
    write(tmp_path, 'paths = ["rules"]\n[settings]\nunknown = 1\n', "forbear.toml")
    answer = forbear("validate", "--stdin-filename", "rules/new.forbear", given=USER, cwd=tmp_path)
    assert (answer.code, answer.out.splitlines()[-1].endswith("in 1 file")) == (0, True)


def test_a_buffer_is_laid_out_and_compared_by_its_name(tmp_path: Path) -> None:
    untidy = "rule a: after 3 days   then allow sms\n"
    assert forbear("format", "--stdin-filename", "a.forbear", given=untidy, cwd=tmp_path).out == SOUND
    changed = forbear("format", "-", "--diff", "--stdin-filename", "a.forbear", given=untidy, cwd=tmp_path)
    assert changed.out.startswith("--- a.forbear\n+++ a.forbear\n")
    would = forbear("format", "-", "--check", "--stdin-filename", "a.forbear", given=untidy, cwd=tmp_path)
    assert (would.code, would.out.splitlines()[0]) == (1, "a.forbear would change")
    assert list(tmp_path.iterdir()) == []


def test_a_name_without_standard_input_is_wrong_use(tmp_path: Path) -> None:
    write(tmp_path, SOUND)
    for command in ("validate", "format"):
        assert forbear(command, "house.forbear", "--stdin-filename", "x.forbear", cwd=tmp_path).code == 2


def test_format_needs_paths_from_somewhere(tmp_path: Path) -> None:
    write(tmp_path, "rule a: after 3 days then allow sms\n")
    assert forbear("format", cwd=tmp_path).code == 2
    write(tmp_path, 'paths = ["house.forbear"]\n', "forbear.toml")
    assert forbear("format", cwd=tmp_path).code == 0
    assert (tmp_path / "house.forbear").read_text() == SOUND


def test_quiet_says_what_is_wrong_and_nothing_else(tmp_path: Path) -> None:
    write(tmp_path, SOUND, "sound.forbear")
    for command in (["validate"], ["test"], ["format", "."], ["format", "--check", "."]):
        assert forbear(*command, "--quiet", cwd=tmp_path).out == ""
    wrong = 'rule b: after 3 days then allow email\nexample "e": given days_overdue 1 expect email allowed\n'
    write(tmp_path, wrong, "wrong.forbear")
    for name in ("validate", "test"):
        answer = forbear(name, "-q", cwd=tmp_path)
        lines = answer.out.splitlines()
        assert (answer.code, lines[0][:21], lines[-2][:6], lines[-1]) == (1, "error[failed-example]", "  help", "")
    assert forbear("format", "-q", "--check", ".", cwd=tmp_path).code == 1
    assert forbear("validate", "-q", "--format", "json", cwd=tmp_path).json["counts"]["error"] == 1
