"""`pinned`: a policy is loaded only with exactly what somebody has signed for."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from checking import errors, write

import forbear
from forbear.library.loading import check_file

WORDS = "fact late days clock\nfact misses count\naction sms, call\ndefine lost is misses >= 2\n"
STANDARD = f"standard bounds\n{WORDS}rule quiet: never call when lost\n"
_listeners: list[Callable[[str], None]] = []


def signed(folder: Path, text: str) -> Path:
    """A policy with the digest that the message names in the place of SIGN."""
    [error] = errors(write(folder, house=text.replace("SIGN", "sha256:0")))
    match = re.search(r"the digest of `\S+` is (sha256:[0-9a-f]{64})", error.message)
    assert match, error.message
    path = write(folder, house=text.replace("SIGN", match[1]))
    assert check_file(path).policy is not None
    return path


def test_a_broken_rule_in_a_used_file_does_not_hide_that_it_has_changed(tmp_path: Path) -> None:
    write(tmp_path, words=WORDS)
    path = signed(tmp_path, 'uses "words" pinned "SIGN"\nrule r: lost then allow sms\n')
    broken = "rule broken: nobody_knows then allow sms\n"
    write(tmp_path, words=WORDS + broken)
    assert forbear.load(path), "the rules of a used file are not used"
    write(tmp_path, words=WORDS.replace(">= 2", ">= 1") + broken)
    assert [one.code for one in errors(path)] == ["wrong-digest"]


@pytest.mark.parametrize(
    "broken",
    [
        *("define bad is nobody_knows >= 2\n", "fact second days clock\n", "group all_of_it is sms, letter\n"),
        *("fact misses yes/no\n", "rule r then\n", "uses nothing_shipped\n", "ladder pressure: sms, letter\n"),
    ],
)
def test_a_broken_declaration_never_lets_a_pin_pass(tmp_path: Path, broken: str) -> None:
    write(tmp_path, words=WORDS)
    path = signed(tmp_path, 'uses "words" pinned "SIGN"\nrule r: lost then allow sms\n')
    write(tmp_path, words=WORDS + broken)
    assert errors(path)


def test_a_file_that_speaks_of_what_another_declares_cannot_be_pinned(tmp_path: Path) -> None:
    """Its digest would not say what it means: the other file decides that."""
    write(tmp_path, facts="fact late days clock\nfact misses count\naction sms\n", words="define lost is misses >= 2\n")
    house = 'uses "facts", "words" pinned "sha256:0"\nrule r: lost then allow sms\n'
    [error] = errors(write(tmp_path, house=house))
    assert (error.code, error.place.text) == ("wrong-digest", '"sha256:0"')
    assert "it has an error when read alone: there is no fact `misses`" in error.message, error.message
    assert "use the file that declares them" in error.help
    [label] = error.related
    assert label.place.source.name == str(tmp_path / "words.forbear")
    write(tmp_path, words='uses "facts"\ndefine lost is misses >= 2\n')
    path = signed(tmp_path, house.replace("sha256:0", "SIGN"))
    write(tmp_path, facts="fact late days clock\nfact misses count between 0 and 9\naction sms\n")
    assert [one.code for one in errors(path)] == ["wrong-digest"]


def test_a_pinned_file_means_the_standard_vocabulary_only_by_name(tmp_path: Path) -> None:
    """Else a fact of the same name in another file would take the place of the one that the digest speaks of."""
    write(tmp_path, words="define lost is unreachable >= 2\n")
    house = 'uses "words" pinned "SIGN"\nrule r: lost then allow sms\n'
    [error] = errors(write(tmp_path, house=house.replace("SIGN", "sha256:0")))
    assert "it has an error when read alone" in error.message
    write(tmp_path, words="uses collections\ndefine lost is unreachable >= 2\n")
    signed(tmp_path, house)


def test_a_file_of_settings_alone_can_be_pinned(tmp_path: Path) -> None:
    write(tmp_path, words="setting few is 3\n")
    path = signed(tmp_path, 'uses "words" pinned "SIGN"\nrule r: unreachable >= few then allow sms\n')
    write(tmp_path, words="setting few is 4\n")
    assert [one.code for one in errors(path)] == ["wrong-digest"]
    assert forbear.load(path.with_name("words.forbear"), settings={"few": 3}), "it is a file like any other"


def test_pins_in_used_files_and_in_standards_are_compared(tmp_path: Path) -> None:
    write(tmp_path, deep=WORDS)
    middle = signed(tmp_path, 'uses "deep" pinned "SIGN"\nfact more count\n').read_text()
    write(tmp_path, middle=middle, bounds=middle.replace("uses", "standard bounds uses") + "rule r: never call\n")
    paths = [
        write(tmp_path, uses='uses "middle"\nrule r: lost then allow sms\n'),
        write(tmp_path, subject=f'policy p subject to "bounds"\n{WORDS}rule r: lost then allow sms\n'),
        write(tmp_path, keeps=f'policy p\n{WORDS}rule r: lost then allow sms\nensure conforms to "bounds"\n'),
    ]
    assert [check_file(path).policy is None for path in paths] == [False, False, False]
    write(tmp_path, deep=WORDS.replace(">= 2", ">= 3"))
    assert [[one.code for one in errors(path)] for path in paths] == [["wrong-digest"]] * 3


def test_a_version_of_a_book_is_held_to_its_pins(tmp_path: Path) -> None:
    write(tmp_path, words=WORDS)
    signed(tmp_path, 'policy p uses "words" pinned "SIGN"\nrule r: lost then allow sms\n')
    assert forbear.load_book(tmp_path).versions
    write(tmp_path, words=WORDS.replace(">= 2", ">= 3"))
    with pytest.raises(forbear.PolicyError, match="to which it is pinned"):
        forbear.load_book(tmp_path)


@pytest.fixture
def opened() -> Any:
    """How often each file is opened while a test runs."""
    counts: dict[str, int] = {}
    if not _listeners:
        sys.addaudithook(lambda event, given: [tell(str(given[0])) for tell in _listeners] if event == "open" else None)

    def count(path: str) -> None:
        real = os.path.realpath(path)
        counts[real] = counts.get(real, 0) + 1

    _listeners.append(count)
    yield counts
    _listeners.remove(count)


def test_each_file_is_read_once(tmp_path: Path, opened: dict[str, int]) -> None:
    """A file that is swapped while a policy is loaded cannot be loaded under the digest of another text."""
    write(tmp_path, words=WORDS, bounds=STANDARD, other=STANDARD.replace("bounds", 'other subject to "bounds"'))
    digests = {name: forbear.load(tmp_path / f"{name}.forbear").digest for name in ("words", "bounds")}
    path = write(
        tmp_path,
        house=f'policy house subject to "bounds" pinned "{digests["bounds"]}", "other"\n'
        f'uses "words" pinned "{digests["words"]}"\nrule r: lost then allow sms\nensure conforms to "bounds"\n',
    )
    opened.clear()
    assert forbear.load(path)
    read = {Path(name).name: count for name, count in opened.items() if name.startswith(str(tmp_path))}
    assert read == {"house.forbear": 1, "words.forbear": 1, "bounds.forbear": 1, "other.forbear": 1}


def test_what_a_standard_omits_is_no_part_of_its_digest(tmp_path: Path) -> None:
    write(tmp_path, bounds=STANDARD)
    house = signed(tmp_path, 'policy house subject to "bounds" pinned "SIGN"\nrule r: always then allow sms')
    write(tmp_path, bounds=STANDARD.replace("standard bounds\n", 'standard bounds omits "texts"\n'))
    assert forbear.load(house).typed.subject_to[0].standard.omits == ("texts",)
