"""What the studio's worker answers, without a browser."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from forbear.cli.main import main as forbear_main
from forbear.editors.studio.session import Session

WIDE = """\
policy hold "😀 wide"
rule a "😀": after 13 days then allow phone_call
rule b: forbid phone_call when hardship is plan_active
"""


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session(tmp_path / "files")


def units(text: str, start: Any, end: Any) -> str:
    """A piece of a text, cut as JavaScript does."""
    return text.encode("utf-16-le")[2 * start : 2 * end].decode("utf-16-le")


def test_places_count_as_javascript_does(session: Session) -> None:
    session.open(None, WIDE, {})
    found: Any = session.findings(WIDE)["diagnostics"]
    clash = next(one for one in found if one["code"] == "contradiction")
    assert units(WIDE, clash["from"], clash["to"]) == "forbid phone_call when hardship is plan_active"
    hover = session.hover(WIDE, WIDE.encode("utf-16-le").index("phone_call".encode("utf-16-le")) // 2 + 3)
    assert hover is not None
    assert units(WIDE, hover["from"], hover["to"]) == "phone_call"


def test_a_fix_and_a_rename_are_edits_of_the_text(session: Session) -> None:
    wrong = WIDE.replace("phone_call when", "phone_cal when")
    session.open(None, wrong, {})
    found: Any = session.check(wrong)["diagnostics"]
    number = next(number for number, one in enumerate(found) if one["code"] == "unknown-action")
    fixes: Any = session.fixes(wrong, number)
    edit = fixes[0]["edits"][0]
    assert (units(wrong, edit["from"], edit["to"]), edit["insert"]) == ("phone_cal", "phone_call")
    renamed: Any = session.rename(WIDE, len('policy hold "😀x wide"\nrule a'), "first")
    assert [one["insert"] for one in renamed["edits"]] == ["first"]


def test_fixes_are_those_of_the_text_that_was_checked(session: Session) -> None:
    clash = WIDE.replace(" overrides all", "")
    session.open(None, clash, {})
    found: Any = session.findings(clash)["diagnostics"]
    number = next(number for number, one in enumerate(found) if one["code"] == "contradiction")
    fixes = session.fixes(clash, number)
    assert {"`a` overrides `b`", "`b` overrides `a`"} < {str(one["title"]) for one in fixes}
    assert [one["title"] for one in fixes if one["first"]] == ["`b` overrides all"], "the careful way"
    assert session.fixes(clash + "\n", number) == [], "of another text"
    session.check(clash + "rule c: after")
    stale: Any = session.check(clash + "rule c: after")["diagnostics"]
    assert [one["fixable"] for one in stale if one["code"] == "contradiction"] == [False]
    assert session.fixes(clash + "rule c: after", len(stale) - 1) == [], "of an earlier text"


def test_files_beside_the_text_are_used_and_stay_in_their_folder(session: Session, tmp_path: Path) -> None:
    text = 'uses "words"\nrule a: after 3 days then allow chat\n'
    session.open("ours.forbear", text, {"words.forbear": 'uses collections\naction chat "A chat"\n'})
    assert session.check(text)["whole"]
    with pytest.raises(ValueError, match="outside"):
        session.open("ours.forbear", text, {"../words.forbear": "fact x count"})
    assert not (tmp_path / "words.forbear").exists()


WORDS = {"words.forbear": "fact late days clock\naction chat\n"}
CHAT = 'uses "words"\nrule a: after 3 days then allow chat\n'


def test_a_sheet_becomes_a_table(session: Session) -> None:
    text = CHAT
    session.open("ours.forbear", text, WORDS)
    sheet = session.sheet(text, "Early rules.csv", encoded("late,chat\nover 9,forbid\n"))
    assert sheet == {"text": "table early_rules\n  | late   | chat   |\n  | over 9 | forbid |\n"}
    for ask in (session.sheet, session.portfolio):
        assert "errors" in str(ask(text + "rule", "x.csv", encoded("late\n3\n"))["why"])


def test_a_refused_sheet_and_a_portfolio(session: Session) -> None:
    text = CHAT
    session.open("ours.forbear", text, WORDS)
    refused = session.sheet(text, "../x.csv", encoded("late,chatt\nover 9,forbid\n"))
    assert "x.csv: B1: no fact and no action is called `chatt`; did you mean `chat`?" in str(refused["why"])
    counted: Any = session.portfolio(text, "cases.csv", encoded("late\n3\n4\nx\n"))
    assert (counted["rows"], counted["undecided"], counted["actions"]["chat"]["allowed"]) == (3, 1, 1)
    assert "cases.txt" in str(session.portfolio(text, "cases.txt", encoded("late\n3\n"))["why"])


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def test_a_change_is_told_against_the_saved_text(session: Session) -> None:
    session.open(None, WIDE, {})
    assert session.change()["html"] is None, "nothing is checked yet"
    session.findings(WIDE)
    assert "as it was saved" in str(session.change()["why"])
    edited = WIDE.replace("13 days", "12 days")
    session.findings(edited)
    assert "What changes" in str(session.change()["html"])
    session.saved(edited)
    assert session.change()["html"] is None
    session.saved("rule")
    assert "saved text has errors" in str(session.change()["why"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            'rule a: after 9 days then allow sms\nexample "x": given days_overdue 3 expect sms allowed\n',
            "Try this case",
        ),
        ("rule a: after 9 days then allow sms\nensure sms not allowed\n", "Try this case"),
        ('uses "pack:zz"\n', "Start from"),
        ("rule a: each text carries opt_out_notice\n", "Words"),
    ],
)
def test_help_names_the_controls_of_the_page(session: Session, text: str, said: str) -> None:
    session.open("house.forbear", text, {})
    helps: Any = [one["help"] for one in session.findings(text)["diagnostics"]]  # type: ignore[attr-defined]
    assert any(said in one for one in helps), helps
    assert not any("`forbear " in one for one in helps), helps


def test_a_search_makes_way(session: Session) -> None:
    class Enough(Exception):
        pass

    def between() -> None:
        raise Enough

    session.open(None, WIDE, {})
    with pytest.raises(Enough):
        session.findings(WIDE, between)
    assert session.findings(WIDE)["whole"], "and can be asked again"


def test_the_command_is_listed() -> None:
    assert "studio" in forbear_main.list_commands(None)  # type: ignore[arg-type]


BETWEEN = """\
setting grace is 13  # 😀
rule a: after grace days then allow phone_call
example "day 14":
  given days_overdue 14
  expect phone_call allowed
"""


def test_what_stands_between_the_lines_and_where_a_name_is_read(session: Session) -> None:
    session.open(None, BETWEEN, {})
    found: Any = session.between(BETWEEN)
    assert [(units(BETWEEN, one["at"], one["at"] + 4), one["text"]) for one in found["lenses"]] == [
        ("rule", "decides in 1 of 1 example"),
        ("exam", "holds: run again"),
        ("exam", "explain"),
    ]
    assert [(units(BETWEEN, one["at"] - 5, one["at"]), one["text"]) for one in found["inlays"]] == [
        ("grace", "= 13"),
        (" days", "from day 14"),
    ]
    told = [session.told(BETWEEN, one["command"], one["about"]) for one in found["lenses"]]
    assert told[:2] == ["`a` decides in:\n- day 14", "“day 14” holds"]
    assert "phone_call is allowed" in told[2]
    at = BETWEEN.encode("utf-16-le").index("grace".encode("utf-16-le")) // 2
    places: Any = session.references(BETWEEN, at)
    assert [(units(BETWEEN, one["from"], one["to"]), one["line"]) for one in places] == [("grace", 1), ("grace", 2)]
    assert places[1]["text"] == "rule a: after grace days then allow phone_call"
    assert session.between(BETWEEN + "rule b: after")["lenses"] == []


@pytest.mark.parametrize(
    ("text", "help"),
    [
        (
            "event letter\nfact days_worked working days of us since last letter\naction post\n"
            "rule a: allow post when days_worked > 3\n",
            "--years 2026` on the command line",
        ),
        (
            'policy p\nensure conforms to "standard"\nrule a: after 3 days then allow sms\n',
            "--suggest` on the command line",
        ),
    ],
)
def test_help_names_what_the_page_has(session: Session, text: str, help: str) -> None:
    standard = "standard s\nrule kept: forbid sms when within 9 days\n"
    session.open("ours.forbear", text, {"standard.forbear": standard})
    helps = [str(one["help"]) for one in session.findings(text)["diagnostics"]]  # type: ignore[attr-defined]
    assert any(help in one for one in helps), helps
