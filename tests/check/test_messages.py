"""What authors are told of mistakes beside the one message that `mistakes.txt` has of each."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from checking import found, only, place

import forbear
from forbear.analysis.findings import registry
from forbear.base.diagnostic import CODES
from forbear.language.model.messages import catalogue
from forbear.library.loading import check_file, check_text


def test_each_variant_of_a_message_is_said_and_each_that_is_said_is_there() -> None:
    source = "\n".join(path.read_text() for path in Path(forbear.__file__).parent.rglob("*.py"))
    codes = {*CODES, *registry.CODES}
    for entry in catalogue():
        code, _, variant = entry.partition(".")
        parts = [variant, *[variant[:at] for at in range(len(variant)) if variant[at] == "-"]]
        assert code in codes
        assert re.search(rf"""["'.]({"|".join(parts)})["'-]""", source), entry
    said = re.findall(r'"([a-z-]+\.[a-z-]+)"', source)
    assert {entry for entry in said if entry.partition(".")[0] in codes} <= catalogue().keys()


def test_overrides_all_may_find_nothing() -> None:
    assert found("rule h: never email\nrule r: after 3 days then allow sms overrides all") == []


def test_the_setting_that_a_value_comes_from_is_shown() -> None:
    diagnostic = only("policy p currency CNY\nsetting big is USD 5\nrule r: overdue_amount > big then allow sms")
    assert [label.place.text for label in diagnostic.related] == ["setting big is USD 5"]


def test_circles_show_each_of_their_members() -> None:
    diagnostic = only("define x is y\ndefine y is z\ndefine z is x\nnever sms")
    assert diagnostic.place.text == "x"
    assert [label.place.text for label in diagnostic.related] == ["y", "z"]
    diagnostic = only("rule r: deceased then allow sms overrides s\nrule s: forbid sms when deceased overrides r")
    assert (place(diagnostic), diagnostic.place.text) == ("1:43", "s")
    assert [label.text for label in diagnostic.related] == ["`s` overrides `r`"]


def test_large_numbers_are_written_as_people_do() -> None:
    lines = ["define d0 is unreachable > 3 or deceased"] + [
        f"define d{n} is d{n - 1} and d{n - 1}" for n in range(1, 15)
    ]
    assert "10,000 comparisons" in found("\n".join(lines))[0].message


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("us-reg-f", "regulation/us-reg-f"),
        ("us-reg-g", "regulation/us-reg-f"),
        ("US Reg F", "regulation/us-reg-f"),
        ("regulation/conc-7", "regulation/uk-conc-7"),
        ("us-fdcpq", "regulation/us-fdcpa"),
    ],
)
def test_a_standard_that_is_not_shipped_is_told_the_nearest_that_are(tmp_path: Path, name: str, pack: str) -> None:
    (tmp_path / "p.forbear").write_text(f'policy p subject to "{name}"\nnever sms')
    [diagnostic] = [one for one in check_file(tmp_path / "p.forbear").diagnostics if one.code == "missing-file"]
    assert f'"{pack}"' in diagnostic.help, diagnostic.help


def test_a_missing_file_that_is_used(tmp_path: Path) -> None:
    (tmp_path / "p.forbear").write_text('uses "nope"\nnever sms')
    (diagnostic,) = check_file(tmp_path / "p.forbear").diagnostics
    assert "relative to the file that names it" in diagnostic.help
    (diagnostic,) = check_file(tmp_path / "nope.forbear").diagnostics
    assert diagnostic.help == "check the path; `forbear packs` lists the names of the packs"


def test_many_mistakes_cost_no_more_than_one_each() -> None:
    checked = check_text("never sms when local_time after 21:00\n" * 300)
    assert {diagnostic.code for diagnostic in checked.diagnostics} == {"syntax"}
    assert len(checked.diagnostics) == 300
