"""What nobody sees in a rule file is reported, what is legitimate there is silent, and what is printed escapes it."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest

from forbear.analysis.run import findings
from forbear.base.characters import escaped, hidden, named, printable
from forbear.base.diagnostic import Diagnostic
from forbear.library.loading import check_file, check_text
from forbear.report.formats.json import dumps

SILENT = (
    *(
        "the borrower’s reason — “late”, naïve, Ünal, ﬁ, m², №",
        "催收：（测试），。、“”《》！？　￥100",
        "督促は9時から",
        "독촉 전화",
    ),
    *("€ £ ¥ ₹ ₽", "Pas d’appel\u00a0: «\u00a0non\u00a0», 10\u202f000\u202f€", "Звонок должнику, 1С, USD-счёт"),
    *("Τηλεφώνημα, Δt", "שלום, مرحبا ١٢٣ \u0601", "نمی\u200cخواهم", "क्\u200dष, क्\u200cष"),
    *("❤\ufe0f ‼\ufe0f 1\ufe0f\u20e3 👩\U0001f3fd\u200d💻 🏳\ufe0f\u200d🌈 🇨🇳", "a b\tc"),
)
WARNED = (
    ("\u00a0", "U+00A0 NO-BREAK SPACE"),
    ("\u2003", "U+2003 EM SPACE"),
    ("\u202a", "U+202A LEFT-TO-RIGHT EMBEDDING"),
    ("\u202e", "U+202E RIGHT-TO-LEFT OVERRIDE"),
    ("\u2066", "U+2066 LEFT-TO-RIGHT ISOLATE"),
    ("\u200f", "U+200F RIGHT-TO-LEFT MARK"),
    ("\u061c", "U+061C ARABIC LETTER MARK"),
    ("\u200b", "U+200B ZERO WIDTH SPACE"),
    ("\u200c", "U+200C ZERO WIDTH NON-JOINER"),
    ("\u200d", "U+200D ZERO WIDTH JOINER"),
    ("\u2060", "U+2060 WORD JOINER"),
    ("\ufeff", "U+FEFF ZERO WIDTH NO-BREAK SPACE"),
    ("\u00ad", "U+00AD SOFT HYPHEN"),
    ("\u034f", "U+034F COMBINING GRAPHEME JOINER"),
    ("\u180e", "U+180E MONGOLIAN VOWEL SEPARATOR"),
    ("\u3164", "U+3164 HANGUL FILLER"),
    ("\u2800", "U+2800 BRAILLE PATTERN BLANK"),
    ("\ufe00", "U+FE00 VARIATION SELECTOR-1"),
    ("\ufe0f", "U+FE0F VARIATION SELECTOR-16"),
    ("\U000e0101", "U+E0101 VARIATION SELECTOR-18"),
    ("\U000e0041", "U+E0041 TAG LATIN CAPITAL LETTER A"),
    ("\U000e0fff", "U+E0FFF"),
    ("\ue000", "U+E000 PRIVATE USE CHARACTER"),
    ("\x1b", "U+001B CONTROL CHARACTER"),
    ("\x7f", "U+007F CONTROL CHARACTER"),
    ("\x9b", "U+009B CONTROL CHARACTER"),
)
ALIKE = (
    ("pаyment", "а", "U+0430 CYRILLIC SMALL LETTER A", "a"),
    ("раypal", "р", "U+0440 CYRILLIC SMALL LETTER ER", "p"),
    ("CΑ", "Α", "U+0391 GREEK CAPITAL LETTER ALPHA", "A"),
    ("hօuse", "օ", "U+0585 ARMENIAN SMALL LETTER OH", "o"),
    ("days_overduе", "е", "U+0435 CYRILLIC SMALL LETTER IE", "e"),
    ("ＣＮＹ", "Ｃ", "U+FF23 FULLWIDTH LATIN CAPITAL LETTER C", "C"),
    ("１00", "１", "U+FF11 FULLWIDTH DIGIT ONE", "1"),
    ("𝐬ms", "𝐬", "U+1D42C MATHEMATICAL BOLD SMALL S", "s"),
)
RULE = "rule first: after 3 days then allow sms"


def warnings(text: str) -> list[Diagnostic]:
    return [one for one in check_text(text).diagnostics if one.code == "hidden-text"]


@pytest.mark.parametrize("text", SILENT)
def test_what_is_legitimate_is_silent_and_stays_as_it_is(text: str) -> None:
    for written in (f'{RULE} because "{text}"', f"{RULE} # {text}", f'policy p "{text}"\n{RULE}'):
        assert warnings(written) == []
    assert escaped(text) == text


@pytest.mark.parametrize(("character", "name"), WARNED, ids=ascii)
def test_what_is_hidden_is_reported_with_its_name_and_place(character: str, name: str) -> None:
    for written in (f'{RULE} because "a{character}b"', f'{RULE} because "{character}"', f"# a{character}\n{RULE}"):
        [warning] = warnings(written)
        assert warning.message.endswith(name)
        assert warning.place.text == character
    assert character not in printable(f"a{character}b")
    assert json.loads(dumps({character: f"a{character}b"})) == {character: f"a{character}b"}
    assert dumps(f"a{character}b").isprintable()


@pytest.mark.parametrize(("word", "letter", "name", "plain"), ALIKE, ids=ascii)
def test_what_looks_like_a_plain_letter(word: str, letter: str, name: str, plain: str) -> None:
    for written in (f'{RULE} because "no {word} yet"', f"# {word}\n{RULE}"):
        [warning] = warnings(written)
        assert f"`{letter}` is {name}, and looks like `{plain}`" in warning.message
        assert warning.place.text == letter


def test_every_format_character_is_hidden_or_drawn() -> None:
    """All of Unicode: what is neither is named here."""
    silent = {chr(n) for n in range(0x110000) if unicodedata.category(chr(n)) in ("Cf", "Cc") and not [*hidden(chr(n))]}
    assert {named(one).partition(" ")[0] for one in silent} <= {
        *("U+0009", "U+000A", "U+000D", "U+0600", "U+0601", "U+0602", "U+0603", "U+0604", "U+0605", "U+06DD", "U+070F"),
        *("U+0890", "U+0891", "U+08E2", "U+110BD", "U+110CD"),
    }


def test_an_error_is_not_reported_twice() -> None:
    found = check_text("rule first: after 3\u200b days then allow sms").diagnostics
    assert [one.code for one in found] == ["syntax"]


def test_there_is_one_warning_a_line() -> None:
    [first, second] = warnings(f"# \u202e\u202e pаy\n{RULE}\n# \u200b")
    assert first.message == "there is a hidden character here: U+202E RIGHT-TO-LEFT OVERRIDE, and 2 more in line 1"
    assert second.place.start.line == 3


def test_a_file_full_of_them_is_bounded() -> None:
    assert len(warnings("# \u200b\n" * 3000 + RULE)) == 1000
    line = " ".join(("# ", "a" * 300_000, "\u200b" * 30_000, "\u0430" * 300_000 + "b\n"))
    [one] = warnings(line + RULE)
    assert len(one.message) < 200


def test_one_in_a_named_rule_is_accepted() -> None:
    text = (
        f'{RULE} because "\u200b"\nrule second: never visit because "\u200b"\naccept hidden-text of first because "x"'
    )
    checked = check_text(text)
    assert checked.policy is not None
    reported = [one for one in findings(checked.policy, checked.diagnostics).diagnostics if one.code == "hidden-text"]
    assert [(one.rules, one.accepted) for one in reported] == [(("first",), "x"), (("second",), None)]


def test_a_used_file_is_reported_of(tmp_path: Path) -> None:
    (tmp_path / "words.forbear").write_text('vocabulary v\naction sms "\u202e"\nfact late days clock', encoding="utf-8")
    (tmp_path / "p.forbear").write_text('uses "words"\nrule a: after 3 days then allow sms', encoding="utf-8")
    assert [one.code for one in check_file(str(tmp_path / "p.forbear")).diagnostics] == ["hidden-text"]
