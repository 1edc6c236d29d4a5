"""What an author asks of names: completion, hover, definition, references, rename."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forbear import diff, loads
from forbear.base import resources
from forbear.editors.editing.completing import completions
from forbear.editors.editing.edits import applied
from forbear.editors.editing.looking import Names, definition, hover, references
from forbear.editors.editing.outline import folds, outline
from forbear.editors.editing.reading import read
from forbear.editors.editing.renaming import Refused, rename
from forbear.language.syntax.grammar import keywords
from forbear.language.syntax.naming import RULES

HOUSE = """\
policy house
fact days_overdue days clock "Days past due"
fact risk one of low < medium < high
fact score count between 0 and 100 usually 3
fact placed yes/no optional
setting most is 5
action sms, visit "Reaches the borrower"
group all_of is sms, visit
event contact has medium one of call, letter has debt text
fact calls count of contact where medium is call in last 7 days
rule a: after 3 days and risk > low and score >= most then allow sms
rule b: score > 3 then forbid sms overrides a
example "x": given days_overdue 4, risk high, score 4 expect sms allowed
"""


def complete(text: str) -> list[str]:
    """What fits at the end of a text, without words of the language."""
    _, found = completions(read(HOUSE + text, None), len(HOUSE + text))
    return [one.text for one in found if one.kind != "word"]


def words(text: str) -> list[str]:
    _, found = completions(read(HOUSE + text, None), len(HOUSE + text))
    return [one.text for one in found if one.kind == "word"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("rule c: risk > ", ["low", "medium", "high"]),
        ("rule c: risk is not ", ["low", "medium", "high"]),
        ("rule c: score >= ", ["most", "calls"]),
        ("rule c: score + ", ["most", "calls"]),
        ("rule c: score >= calls - ", ["most", "score"]),
        ("rule c: always then allow ", ["sms", "visit", "all_of"]),
        ("rule c: always then allow sms, vi", ["sms", "visit", "all_of"]),
        ("rule c: always then allow sms overrides ", ["a", "b"]),
        ('example "y": given ', ["days_overdue", "risk", "score", "placed", "calls"]),
        ('example "y": given risk ', ["low", "medium", "high"]),
        ('example "y": given risk low expect ', ["sms", "visit", "all_of"]),
        ("rule ", []),
        ('rule c: always then allow sms because "', []),
    ],
)
def test_the_names_that_fit(text: str, names: list[str]) -> None:
    assert complete(text) == names


def test_the_words_that_fit_are_those_of_the_grammar() -> None:
    assert set(words("rule c: placed is ")) >= {"known", "unknown", "yes", "no"}
    assert not {"yes", "no", "unknown", "none"} & set(words("rule c: risk is "))
    assert set(words("\n")) >= {"rule", "table", "example", "ensure", "after"}
    assert set(words("ensure sms ")) >= {"allowed", "forbidden", "not"}
    assert all(word in keywords().values() for word in words("\n"))


def test_a_hover_says_what_a_name_is() -> None:
    reading = read(HOUSE, None)

    def said(at: str) -> str | None:
        found = hover(reading, HOUSE.index(at))
        return None if found is None else found.text

    assert said("days_overdue days") == "`fact days_overdue days clock`\n\nDays past due\n\nunit: days"
    assert said("score >=") == "`fact score count between 0 and 100`\n\nusually 3"
    assert said("most then") == "`setting most is 5`"
    assert said("sms overrides") == "`action sms`\n\nReaches the borrower"
    assert said("low and") == "a value of `risk`"
    assert said("medium is call") is not None
    assert said("then allow") is None


def test_a_name_is_declared_and_used_somewhere() -> None:
    reading = read(HOUSE, None)
    place = definition(reading, HOUSE.index("most then"))
    assert place is not None
    assert place.span[0] == HOUSE.index("most is")
    found = references(reading, HOUSE.index("a\nexample"), declaration=False)
    assert [place.span[0] for place in found] == [HOUSE.index("a\nexample")]
    medium = [place.span[0] for place in references(reading, HOUSE.index("medium is call"))]
    assert medium == [HOUSE.index("medium one of"), HOUSE.index("medium is call")]
    own = "calendar office covers 2026-01-01 to 2026-12-31\nfact debt date\n"
    text = f"{HOUSE}{own}fact lately any contact in last 3 working days of office and since debt\n"
    for name in ("debt", "office"):  # which is an attribute of the event too, as no window begins with
        places = [place.span[0] for place in references(read(text, None), text.rindex(name))]
        assert places == [text.index(f"{name} date" if name == "debt" else f"{name} covers"), text.rindex(name)]


def test_a_name_of_the_standard_vocabulary_is_declared_in_the_pack() -> None:
    reading = read("rule a: after 9 days then allow sms\n", Path("/house.forbear"))
    place = definition(reading, len("rule a: after 9 days then allow "))
    assert place is not None
    assert place.source.name == "pack:vocabulary/collections"
    assert isinstance(rename(reading, place.span[0], "text"), Refused)


CASES = [
    {"days_overdue": days, "risk": risk, "score": score, "calls": 0}
    for days in (0, 4)
    for risk in ("low", "high")
    for score in (0, 4, 9)
]


@given(st.data())
@settings(max_examples=20)
def test_a_rename_leaves_every_decision(data: st.DataObject) -> None:
    reading = read(HOUSE, None)
    names = [one for one in Names.of(reading).every if one.name not in {*CASES[0], "low", "high"}]
    one = data.draw(st.sampled_from(names))
    found = rename(reading, one.span[0], "quite_new")
    assert not isinstance(found, Refused), (one, found)
    text = applied(HOUSE, found[None])
    before, after = loads(HOUSE), loads(text)
    for case in CASES:
        was, its = before.decide(case), after.decide(case)
        assert [was[name].verdict for name in before.actions] == [its[name].verdict for name in after.actions]


def test_a_rename_changes_nothing_and_leads_back() -> None:
    """Of a real policy with a table: no case differs by a rule, a value or a group of another name."""
    path = Path(str(resources.folder("rules"))) / "examples" / "strategy_matrix.forbear"
    text = path.read_text(encoding="utf-8")
    reading = read(text, None)
    names = {one.name: one for one in Names.of(reading).every if one.declares}
    tried = 0
    for one in names.values():
        found = rename(reading, one.span[0], "quite_new")
        assert not isinstance(found, Refused), (one, found)
        after = applied(text, found[None])
        again = rename(read(after, None), one.span[0], one.name)
        assert not isinstance(again, Refused), (one, again)
        assert applied(after, again[None]) == text
        if one.spaces[0] == RULES or one.name == "messages":  # else the two policies speak of other cases
            difference = diff(loads(text), loads(after))
            assert not difference.changes, one.name
            tried += 1
    assert tried > 5


def test_a_rename_that_would_be_an_error_is_refused() -> None:
    reading = read(HOUSE, None)
    at = HOUSE.index("sms overrides")
    for new in ("visit", "all_of", "rule", "Sms", "", "two words"):
        assert isinstance(rename(reading, at, new), Refused), new
    assert isinstance(rename(reading, HOUSE.index("low and"), "score"), Refused)
    assert isinstance(rename(reading, HOUSE.index("allow"), "permit"), Refused)


def test_a_rename_reaches_all_files(tmp_path: Path) -> None:
    vocabulary = tmp_path / "words.forbear"
    vocabulary.write_text("fact days_overdue days clock\naction call\n")
    house, branch = tmp_path / "house.forbear", tmp_path / "branch.forbear"
    text = 'uses "words"\nrule a: after 3 days then allow call\n'
    house.write_text(text)
    branch.write_text(text.replace("rule a", "rule b"))
    reading = read(text, house)
    found = rename(reading, text.index("call"), "phone", sorted(tmp_path.glob("*.forbear")))
    assert not isinstance(found, Refused)
    assert set(found) == {vocabulary, house, branch}
    for path, edits in found.items():
        assert path is not None
        path.write_text(applied(path.read_text(), edits))
    assert not read(house.read_text(), house).diagnostics
    assert "phone" in branch.read_text()


@pytest.mark.parametrize("path", sorted(resources.folder("rules").rglob("*.forbear")), ids=lambda path: path.stem)
def test_every_name_of_a_bundled_file_is_declared_somewhere(path: Path) -> None:
    """But for those of standards, which are no names of the files that are read."""
    reading = read(path.read_text(encoding="utf-8"), path)
    names = Names.of(reading)
    assert names.every
    if any(module.source.text.find("subject to") >= 0 for module in reading.modules):
        return
    lost = {one.name for one in names.every if not names.meant(one) and "." not in one.name}
    lost -= {promise.standard.name for promise in reading.draft.conforms} if reading.draft else set()
    lost -= {"saturday", "sunday", "wednesday", "monday", "tuesday", "thursday", "friday"}  # of the moment
    assert not lost


def test_an_outline_has_each_statement_and_folds_long_ones() -> None:
    reading = read(HOUSE + "rule long:\n  always then allow visit\n", None)
    assert [(one.kind, one.name) for one in outline(reading)][:3] == [
        ("policy", "house"),
        ("fact", "days_overdue"),
        ("fact", "risk"),
    ]
    assert len(folds(reading)) == 1


@given(st.integers(0, len(HOUSE)), st.sampled_from(["", '"', "(", "rule ", "\n", "  ", "|", "is "]), st.booleans())
@settings(max_examples=25)
def test_no_question_fails_wherever_it_is_asked(at: int, more: str, cut: bool) -> None:
    text = HOUSE[:at] + more + ("" if cut else HOUSE[at:])
    reading = read(text, None)
    completions(reading, at)
    hover(reading, at)
    definition(reading, at)
    references(reading, at)
    rename(reading, at, "quite_new")
    outline(reading)
    folds(reading)
