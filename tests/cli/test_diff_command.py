"""`forbear diff`: files, packs, books and revisions; its forms and its exit codes."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from command import Answer, run, write

import forbear

OLD = "rule ask: after 60 days and unreachable >= 3 then allow contact_related\n"
NEW = "rule ask: after 30 days and unreachable >= 3 then allow contact_related\n"


def compare(tmp_path: Path, old: str, new: str, *options: str) -> Answer:
    write(tmp_path, "old.forbear", old)
    write(tmp_path, "new.forbear", new)
    return run("diff", "old.forbear", "new.forbear", *options, cwd=tmp_path)


def test_a_change_is_told_with_a_case(tmp_path: Path) -> None:
    answer = compare(tmp_path, OLD, NEW)
    assert answer.code == 1
    assert answer.out == (
        "ask (line 1)   after 60 days → after 30 days\n"
        "newly permitted (unsaid -> allowed) from day 31 to day 60 and unreachable >= 3\n"
        "  contact_related   by `ask`\n"
        "  e.g. days_overdue 31, unreachable 3\n"
        "\n"
        "old.forbear and new.forbear differ: 1 action newly permitted, 25 as before; no finding comes or goes\n"
    )


def test_json_has_the_fields_of_the_contract(tmp_path: Path) -> None:
    document = compare(tmp_path, OLD, NEW, "--format", "json").json
    assert document == {
        "equivalent": False,
        "same_verdicts": False,
        "promises": [],
        "changes": [
            {
                "action": "contact_related",
                "before": "unsaid",
                "after": "allowed",
                "effect": "newly permitted",
                "condition": "from day 31 to day 60 and unreachable >= 3",
                "witness": {"days_overdue": 31, "unreachable": 3},
            }
        ],
        "undecided": [],
        "edits": [
            {
                "kind": "rule",
                "name": "ask",
                "what": ["after 60 days → after 30 days"],
                "before": {"file": "old.forbear", "line": 1},
                "after": {"file": "new.forbear", "line": 1},
                "rules": ["ask"],
            }
        ],
        "consequences": [
            {
                "effect": "newly permitted",
                "action": "contact_related",
                "before": ["unsaid"],
                "after": ["allowed"],
                "edits": [0],
                "where": [{"condition": "from day 31 to day 60 and unreachable >= 3"}],
                "where_otherwise": [],
                "by": ["ask"],
                "unless": {},
                "witness": {"days_overdue": 31, "unreachable": 3},
                "case": {"days_overdue": 31, "unreachable": 3},
            }
        ],
        "untold": [],
        "facts": [],
        "actions": [],
        "settings": [],
        "in_force": None,
        "findings": {"come": [], "go": []},
    }


def test_equivalence_is_stated(tmp_path: Path) -> None:
    other = "rule ask: unreachable > 2 and from day 61 then allow contact_related\n"
    answer = compare(tmp_path, OLD, other)
    assert answer.code == 0
    assert answer.out == (
        "ask (line 1)   after 60 days and unreachable >= 3 → unreachable > 2 and from day 61\n"
        "changes no verdict\n"
        "\n"
        "old.forbear and new.forbear are equivalent: every case has the same verdicts; no finding comes or goes\n"
    )
    assert compare(tmp_path, OLD, other, "--format", "json").json["equivalent"] is True


def test_other_days_on_which_they_are_in_force_are_told(tmp_path: Path) -> None:
    old, new = f"policy house\n{OLD}", f"policy house in force from 2026-01-01 until 2026-11-27\n{OLD}"
    answer = compare(tmp_path, old, new)
    assert (answer.code, answer.out) == (
        0,
        "in force: always -> from 2026-01-01 until 2026-11-27\n"
        "every case has the same verdicts in old.forbear and new.forbear, but they are in force on other days; no "
        "finding comes or goes\n",
    )
    document = compare(tmp_path, new, old, "--format", "json").json
    assert document["in_force"] == {
        "old": {"from": "2026-01-01", "until": "2026-11-27"},
        "new": {"from": None, "until": None},
    }
    assert compare(tmp_path, old, new, "--format", "markdown").out.splitlines()[2:5] == [
        "Every case has the same verdicts in the old policy and the new one, but they are in force on other days; no "
        "finding comes or goes",
        "",
        "- in force: `always -> from 2026-01-01 until 2026-11-27`",
    ]
    assert run("report", "old.forbear", "new.forbear", "-o", "page.html", cwd=tmp_path).code == 0
    page = (tmp_path / "page.html").read_text("utf-8")
    assert "<b>in force</b>: always -&gt; from 2026-01-01 until 2026-11-27" in page
    assert "but they are in force on other days" in page
    changed = compare(tmp_path, new, NEW.replace("rule ask", "policy house\nrule ask")).out
    assert changed.startswith("in force: from 2026-01-01 until 2026-11-27 -> always\n")
    assert "old.forbear and new.forbear differ: 1 action newly permitted" in changed
    assert "in force" not in compare(tmp_path, new, new).out


def test_an_error_that_comes_is_no_equivalence(tmp_path: Path) -> None:
    """Forbidding wins in a contradiction, so that no verdict is another one; but nobody has said that it should."""
    call = "rule call: after 13 days then allow phone_call\n"
    hold = "rule hold: forbid phone_call when hardship is plan_active"
    answer = compare(tmp_path, f"{call}{hold} overrides all\n", f"{call}{hold}\n")
    assert answer.code == 1
    assert "equivalent" not in answer.out
    assert "hold (line 2)   overrides all   dropped\nchanges no verdict\n" in answer.out
    assert "  error contradiction: `call` permits `phone_call`" in answer.out
    assert answer.out.endswith("every case has the same verdicts in old.forbear and new.forbear, but 1 finding comes\n")


def test_what_decides_nothing_is_told(tmp_path: Path) -> None:
    """A rule that is renamed or says another reason is an edit without effect, and its findings neither come nor go."""
    old = 'rule call "Calls": after 13 days then allow phone_call because "late"\n'
    old += "rule twice: from day 14 then allow phone_call\n"
    renamed = compare(tmp_path, old, old.replace("rule call", "rule ring"))
    assert renamed.out.startswith("ring (line 1)   renamed, was `call`\nchanges no verdict\n")
    assert (renamed.code, "findings that" in renamed.out) == (0, False)
    reworded = compare(tmp_path, old, old.replace('"Calls"', '"A person calls"').replace('because "late"', ""))
    assert reworded.out.startswith("call (line 1)   title changed, because dropped\nchanges no verdict\n")
    both = compare(tmp_path, old, old.replace('"Calls"', '"A person calls"').replace("13", "12"))
    assert both.out.startswith("call (line 1)   after 13 days → after 12 days\nnewly permitted")
    assert "call (line 1)   title changed\nchanges no verdict\n" in both.out


def test_a_lost_prohibition_is_told_where_nothing_permits(tmp_path: Path) -> None:
    answer = compare(tmp_path, "rule never_told: never email, visit\n", "rule never_told: never email\n")
    assert answer.out.startswith(
        "never_told (line 1)   never visit   dropped\n"
        "refused as before, for another reason: visit (forbidden -> unsaid)\n"
    )


def test_a_rule_that_is_edited_is_told_with_its_condition(tmp_path: Path) -> None:
    """Where the edit is everywhere, what it permits is told by the condition of the rule, unless others forbid; up to
    five comparisons say it without the name of a rule that one would have to look up."""
    old = "rule home: never visit\nrule late: never visit when local_time > 20:00 or local_time < 08:00 or deceased\n"
    new = old.replace("never visit\n", "after 45 days and unreachable >= 3 then allow visit unless public_holiday\n")
    assert (
        "\nnewly permitted (forbidden -> allowed) after 45 days and not deceased and not public_holiday"
        " and local_time between 08:00 and 20:00 and unreachable >= 3\n"
        "  visit   by `home`\n"
    ) in compare(tmp_path, old, new).out
    old, new = (text.replace("or deceased", "or deceased or bankruptcy") for text in (old, new))
    assert (
        "\nnewly permitted (forbidden -> allowed), unless `late` forbids\n"
        "  visit   by `home` (after 45 days and unreachable >= 3 unless public_holiday)\n"
    ) in compare(tmp_path, old, new).out


def test_a_broken_promise_never_stands_for_another(tmp_path: Path) -> None:
    """One edit breaks two standards and a promise: each is told, and `--all` tells each action of them."""
    for name in ("first", "second"):
        (tmp_path / f"{name}.forbear").write_text(
            f"standard {name}\nrule own: never sms, visit when cease_requested", encoding="utf-8"
        )
    old = (
        "rule remind: always then allow sms, visit\n"
        "rule cease: never sms, visit when cease_requested\n"
        'ensure conforms to "first.forbear"\nensure conforms to "second.forbear"\n'
        "ensure sms not allowed when cease_requested\n"
    )
    new = old.replace("when cease_requested\nensure", "when cease_requested unless contact_consent\nensure")
    come = compare(tmp_path, old, new).out.partition("promises that are broken\n")[2]
    for promise in ("conforms to `first`: `cease` no longer", "conforms to `second`: `cease` no longer", "a promise:"):
        assert come.count(promise) == 1
    assert "more like it" not in come
    every = compare(tmp_path, old, new, "--all").out.partition("promises that are broken\n")[2]
    assert [every.count(f"conforms to `{name}`: `cease` no longer") for name in ("first", "second")] == [2, 2]


PROMISING = """\
policy house
  omits "visits to a workplace"
  subject to "over.forbear"
define young is days_overdue < 4
rule call: after 13 days then allow phone_call
table notes
  | days_overdue | sms    |
  | under 5      | allow  |
  | over 4       | forbid |
  complete, no overlap
ensure phone_call not allowed when young
ensure conforms to "own.forbear"
accept unguarded of phone_call because "the week is short"
example "late": given days_overdue 14 expect phone_call allowed
"""
LOST = {
    "omits": ('  omits "visits to a workplace"\n', ""),
    "standard": ('  subject to "over.forbear"\n', ""),
    "table": ("  complete, no overlap\n", "  no overlap\n"),
    "ensure": ("ensure phone_call not allowed when young\n", ""),
    "ensure conforms": ('ensure conforms to "own.forbear"\n', ""),
    "accept": ('accept unguarded of phone_call because "the week is short"\n', ""),
    "example": ('example "late": given days_overdue 14 expect phone_call allowed\n', ""),
    "ensure uses": ("define young is days_overdue < 4", "define young is days_overdue < 3"),
    "accept of others": ("of phone_call because", "of phone_call, sms because"),
    "example differs": ("given days_overdue 14", "given days_overdue 15"),
}


@pytest.mark.parametrize("lost", LOST)
def test_a_promise_that_is_gone_changed_or_new_is_a_change(tmp_path: Path, lost: str) -> None:
    """In each case every verdict is as before. It is never called equivalent, and ends with 1: as text, Markdown, JSON,
    in Python, and on the page."""
    write(tmp_path, "own.forbear", "standard own\nrule early: never phone_call when days_overdue < 4\n")
    write(
        tmp_path,
        "over.forbear",
        "standard over\nafter 4 days then never sms\n",
    )
    other = PROMISING.replace(*LOST[lost])
    assert other != PROMISING
    for old, new in ((PROMISING, other), (other, PROMISING)):
        answer = compare(tmp_path, old, new)
        assert answer.code == 1, answer
        assert "are equivalent" not in answer.out
        last = answer.out.splitlines()[-1]
        kind = lost.split()[0]
        change = "changed" if lost in ("ensure uses", "example differs") else "gone" if new is other else "new"
        assert last.startswith("every case has the same verdicts in old.forbear and new.forbear, but 1 promise "), last
        found = compare(tmp_path, old, new, "--format", "json").json
        assert (found["equivalent"], found["same_verdicts"], found["changes"]) == (False, True, [])
        assert {(each["kind"], each["change"]) for each in found["promises"]} >= {(kind, change)}
        shown = found["promises"][0]["what"][0]
        assert shown in answer.out
        assert shown in compare(tmp_path, old, new, "--format", "markdown").out
        before, after = (forbear.load(tmp_path / f"{side}.forbear") for side in ("old", "new"))
        assert not forbear.diff(before, after).equivalent
        assert forbear.diff(before, after).same_verdicts
        assert run("report", "old.forbear", "new.forbear", "-o", "page.html", cwd=tmp_path).code == 0
        page = (tmp_path / "page.html").read_text("utf-8")
        assert "are equivalent" not in page
        assert f"{shown[0].upper()}{shown[1:]}" in page or shown in page


def test_a_promise_that_is_written_otherwise_is_the_same(tmp_path: Path) -> None:
    write(tmp_path, "own.forbear", "standard own\nrule early: never phone_call when days_overdue < 4\n")
    write(
        tmp_path,
        "over.forbear",
        "standard over\nafter 4 days then never sms\n",
    )
    for before, after in (
        (
            "ensure phone_call not allowed when young",
            "ensure phone_call not allowed when days_overdue < 4  # as agreed",
        ),
        ('example "late":', 'example "fourteen days":'),
        ("accept unguarded of phone_call because", "accept unguarded of phone_call\n  because"),
    ):
        answer = compare(tmp_path, PROMISING, PROMISING.replace(before, after))
        assert (answer.code, "are equivalent" in answer.out) == (0, True), answer.out


def test_a_policy_and_its_layout_are_equivalent(tmp_path: Path) -> None:
    before = Path(__file__).parents[2] / "rules" / "huabei" / "before.forbear"
    text = " ".join(line for line in before.read_text().splitlines() if not line.lstrip().startswith("#"))
    write(tmp_path, "old.forbear", text)
    laid_out = run("format", "-", given=text).out
    assert laid_out != text
    write(tmp_path, "new.forbear", laid_out)
    assert run("diff", "old.forbear", "new.forbear", cwd=tmp_path).code == 0


def test_actions_of_which_the_same_is_to_be_said_stand_together(tmp_path: Path) -> None:
    answer = compare(tmp_path, "never sms\n", "never sms\nafter 3 days then allow email, letter\n")
    assert "newly permitted (unsaid -> allowed) after 3 days\n  email, letter   by `policy:2`\n" in answer.out
    assert "differ: 2 actions newly permitted, 24 as before" in answer.out


def test_dates_and_a_day(tmp_path: Path) -> None:
    old = "rule a: always then allow sms in force until 2015-09-30\n"
    new = "rule a: always then allow sms in force until 2015-10-31\n"
    answer = compare(tmp_path, old, new)
    assert "(unsaid -> allowed) in every case, from 2015-10-01 until 2015-10-31" in answer.out
    assert "e.g. every fact usual, or at its mildest, on 2015-10-01" in answer.out
    change = compare(tmp_path, old, new, "--format", "json").json["changes"][0]
    assert (change["from"], change["until"], change["condition"]) == ("2015-10-01", "2015-10-31", "always")
    assert compare(tmp_path, old, new, "--on", "2015-09-01").code == 0
    assert compare(tmp_path, old, new, "--on", "2015-10-15").code == 1


def test_settings(tmp_path: Path) -> None:
    old = "setting few is 3\nrule a: unreachable >= few then allow sms\n"
    new = "setting few is 4\nrule a: unreachable >= few then allow sms\n"
    answer = compare(tmp_path, old, new)
    assert "setting few: 3 -> 4" not in answer.out, "it is told once"
    assert "setting few (line 1)   3 → 4" in answer.out
    assert "no longer permitted (allowed -> unsaid) where unreachable = 3" in answer.out
    assert compare(tmp_path, old, new, "--set", "few=7").code == 0
    assert compare(tmp_path, old, new, "--set", "many=7").code == 2
    assert compare(tmp_path, "never sms\n", new, "--set", "few=7").code == 1


def test_vocabularies_that_differ_are_told_of_first(tmp_path: Path) -> None:
    old = (
        "fact late days clock\nfact a count between 0 and 5\naction sms, call\n"
        "rule r: after 3 days and a >= 2 then allow sms\n"
    )
    new = (
        "fact late days clock\nfact a count between 0 and 9\nfact b yes/no\naction sms, visit\n"
        "rule r: after 3 days and a >= 2 and not b then allow sms\nrule v: b then allow visit\n"
    )
    answer = compare(tmp_path, old, new)
    assert answer.out.splitlines()[:4] == [
        "facts that only new.forbear has: b",
        "fact a: count between 0 and 5 -> count between 0 and 9",
        "actions that only old.forbear has: call",
        "actions that only new.forbear has: visit",
    ]
    assert "newly permitted (unsaid -> allowed) where b\n  visit   by `v`\n" in answer.out
    assert "no longer permitted (allowed -> unsaid) after 3 days and a >= 2 and b\n  sms" in answer.out


def test_a_wider_range_is_not_called_equivalent(tmp_path: Path) -> None:
    old = "fact a count between 0 and 5\naction sms\nrule r: a >= 2 then allow sms\n"
    answer = compare(tmp_path, old, old.replace("5", "9"))
    assert answer.code == 0
    assert answer.out == (
        "fact a: count between 0 and 5 -> count between 0 and 9\n"
        "the rules of old.forbear and new.forbear give the same verdicts, but fact `a` is declared differently: "
        "what is a case for one may be none for the other\n"
    )


def test_facts_of_two_types_cannot_be_compared(tmp_path: Path) -> None:
    old = "fact a count\naction sms\nrule r: a >= 2 then allow sms\n"
    new = "fact a yes/no\naction sms\nrule r: a then allow sms\n"
    answer = compare(tmp_path, old, new)
    assert (answer.code, answer.out) == (2, "")
    assert "`a` is `count` in the one and `yes/no` in the other" in answer.err


def test_markdown(tmp_path: Path) -> None:
    vocabulary = 'fact place text\naction sms\nsetting here is "a|b`c"\n'
    answer = compare(
        tmp_path, f"{vocabulary}never sms\n", f"{vocabulary}place is here then allow sms\n", "--format", "markdown"
    )
    assert answer.code == 1
    assert answer.out.startswith("### `old.forbear` → `new.forbear`\n")
    assert '**newly permitted** (forbidden → allowed) where `` place is "a|b`c" ``\n' in answer.out
    whole = run("diff", "old.forbear", "new.forbear", "--format", "markdown", "--all", cwd=tmp_path).out
    assert r'| `sms` | forbidden | unsaid | when `` place is not "a\|b`c" `` |' in whole


def test_in_markdown_only_text_of_the_language_is_marked_as_code(tmp_path: Path) -> None:
    old = "rule a: always then allow sms in force until 2015-09-30\nrule b: after 3 days then allow email\n"
    new = "rule a: always then allow sms in force until 2015-10-31\nrule b: after 5 days then allow email\n"
    told = compare(tmp_path, old, new, "--format", "markdown").out
    assert "(unsaid → allowed) in every case, from 2015-10-01 until 2015-10-31\n" in told
    assert "(allowed → unsaid) `from day 4 to day 5`\n" in told


def test_an_or_has_brackets_only_beside_an_and(tmp_path: Path) -> None:
    old = "rule a: always then allow sms\n"
    alone = compare(tmp_path, old, "rule a: unreachable >= 3 and unreachable != 5 then allow sms\n").out
    assert "(allowed -> unsaid) where unreachable <= 2 or unreachable = 5\n" in alone
    both = "rule a: unreachable >= 3 and unreachable != 5 or deceased then allow sms\n"
    told = compare(tmp_path, old, both).out
    assert "where not deceased and (unreachable <= 2 or unreachable = 5)\n" in told


def test_limit(tmp_path: Path) -> None:
    """A rule whose condition comes to many is told by its name, and what cannot be told so by some conditions."""
    condition = " or ".join(f"on day {3 * number} and unreachable = {number}" for number in range(8))
    old, one = "never email\n", f"never email\nrule r: {condition} then allow sms\n"
    other = "rule s: within 30 days and cease_requested then allow sms\n"
    assert "newly permitted (unsaid -> allowed) where `r` holds\n  sms   by `r`\n" in compare(tmp_path, old, one).out
    for options, told, more in (((), 3, 5), (("--limit", "6"), 6, 2), (("--all",), 8, 0)):
        out = compare(tmp_path, old, one.replace("rule r", f"{other}rule r"), *options).out
        out = out[out.index("r (new.forbear:3)   the rule is new\nnewly") :].partition("sms   by `r`")[0]
        assert out.count("and not cease_requested") == told
        assert out.count(f"    and {more} more condition") == bool(more)
    assert (
        "- and 5 more conditions\n"
        in compare(tmp_path, old, one.replace("rule r", f"{other}rule r"), "--format", "markdown").out
    )


@pytest.mark.parametrize("old", ["nowhere.forbear", "pack:nothing", "broken.forbear", "-", "HEAD:x"])
def test_what_cannot_be_read_ends_with_2(tmp_path: Path, old: str) -> None:
    write(tmp_path, "new.forbear", NEW)
    write(tmp_path, "broken.forbear", "rule a after\n")
    new = "-" if old == "-" else "new.forbear"
    answer = run("diff", old, new, cwd=tmp_path)
    assert (answer.code, answer.out) == (2, "")


# Revisions


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with a policy that uses another file, changed since it was committed."""
    git(tmp_path, "init", "-q")
    (tmp_path / "rules").mkdir()
    write(tmp_path, "rules/words.forbear", "fact late days clock\naction sms\n")
    write(tmp_path, "rules/house.forbear", 'policy house\nuses "words"\nrule a: after 3 days then allow sms\n')
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "first")
    write(tmp_path, "rules/words.forbear", "fact late days clock between 0 and 90\naction sms\n")
    write(tmp_path, "rules/house.forbear", 'policy house\nuses "words"\nrule a: after 5 days then allow sms\n')
    return tmp_path


def test_a_revision_of_the_repository(repository: Path) -> None:
    answer = run("diff", "HEAD:rules/house.forbear", "rules/house.forbear", cwd=repository)
    assert answer.code == 1
    assert "fact late: days clock -> days between 0 and 90 clock" in answer.out
    assert "no longer permitted (allowed -> unsaid) from day 4 to day 5" in answer.out


def test_a_path_of_a_revision_may_start_where_one_stands(repository: Path) -> None:
    rules = repository / "rules"
    assert run("diff", "HEAD:./house.forbear", "house.forbear", cwd=rules).code == 1
    assert run("diff", "HEAD:./house.forbear", "HEAD:rules/house.forbear", cwd=rules).code == 0


def test_a_folder_of_a_revision_is_a_book(repository: Path) -> None:
    (repository / "rules" / "words.forbear").unlink()
    answer = run("diff", "HEAD:rules", "HEAD:rules/house.forbear", "--on", "2015-10-01", cwd=repository)
    assert answer.code == 0


@pytest.mark.parametrize("old", ["HEAD:nothing", "nothing:rules/house.forbear", "--all:x", "HEAD:../../etc", "HEAD:"])
def test_a_revision_that_is_not_there(repository: Path, old: str) -> None:
    answer = run("diff", "--", old, "rules/house.forbear", cwd=repository)
    assert (answer.code, answer.out) == (2, "")
    assert "Traceback" not in answer.err


def test_full_cases_have_all_facts(tmp_path: Path) -> None:
    text = "fact late days clock\nfact plan yes/no\naction sms\nrule a: from day {} then allow sms unless plan\n"
    old, new = write(tmp_path, "old.forbear", text.format(3)), write(tmp_path, "new.forbear", text.format(2))
    assert "  e.g. late 2\n" in run("diff", old, new).out
    assert "  e.g. late 2, plan no\n" in run("diff", old, new, "--full").out
    assert "late 2, plan no" in run("diff", old, new, "--full", "--format", "markdown").out


CALENDAR = """\
calendar office covers 2026-01-01 to 2026-04-30
  weekend saturday, sunday
  holidays 2026-02-16
fact working working day of office
action visit
rule v: allow visit when working
"""


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (
            "2026-02-16",
            "2026-02-17 to 2026-02-18",
            "working day of office (2026-02-17, 2026-02-18 are worked) -> working day of office (2026-02-16 is worked)",
        ),
        ("holidays", "working 2026-02-14\n  holidays", "office -> working day of office (2026-02-14 is worked)"),
        (
            "04-30",
            "05-30",
            "(covers 2026-01-01 to 2026-04-30) -> working day of office (covers 2026-01-01 to 2026-05-30)",
        ),
    ],
)
def test_a_calendar_that_differs_is_told_of_the_facts_that_follow_from_it(
    tmp_path: Path, before: str, after: str, told: str
) -> None:
    first = compare(tmp_path, CALENDAR, CALENDAR.replace(before, after)).out.splitlines()[0]
    assert first.startswith("fact working: working day of office")
    assert first.endswith(f"{told}; the one of old.forbear is called old_working here")


def test_a_case_gives_the_old_value_of_a_fact_with_its_currency(tmp_path: Path) -> None:
    text = (
        "fact days_overdue days clock\nevent payment\n  has amount money CNY\n"
        "fact paid sum of payment.amount in last 30 days\naction visit\n"
        "rule low: allow visit when paid < CNY 100\n"
    )
    out = compare(tmp_path, text, text.replace("30 days", "20 days")).out
    assert "e.g. old_paid CNY 100\n" in out
    assert "no longer permitted" not in out, "what is paid in 20 days is paid in 30, too"
