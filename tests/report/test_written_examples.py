"""`forbear validate --write-examples FILE`: what it writes is text of the language, and fits behind the policy."""

from __future__ import annotations

from pathlib import Path

import pytest
from checking import typed
from findings_by_code import DATED, MADE, UNDATED, Made
from invoking import forbear, write

import forbear as library
from forbear.report.examples import rule_examples


def written(folder: Path, text: str, *arguments: str) -> str:
    """The examples for a policy. Behind it they load, and each holds today."""
    path = write(folder, text)
    examples = folder / "examples.txt"
    before = forbear("validate", path, "--format", "json", "--write-examples", examples, *arguments).json
    text_written = examples.read_text(encoding="utf-8")
    both = write(folder, f"{text}\n{text_written}", "both.forbear")
    library.load(both)
    after = forbear("validate", both, "--format", "json", *arguments).json
    assert after["total"] == before["total"]
    return text_written


@pytest.mark.parametrize("head", [UNDATED, DATED], ids=["undated", "dated"])
@pytest.mark.parametrize("made", MADE, ids=lambda made: made.code)
def test_the_witnesses_of_every_code_are_written_as_examples(made: Made, head: str, tmp_path: Path) -> None:
    text_written = written(tmp_path, head + made.rules)
    if made.witnesses and made.code not in ("failed-example", "overlap"):  # the second is looked for on request
        assert f"# {made.code}: " in text_written
    for line in text_written.splitlines():
        assert line == "" or line.startswith(("#", "example ", "  given ", "  on ", "  expect ")), line


EVERY_TYPE = """\
policy house
fact late days clock between 0 and 100
fact misses count usually 2
fact score number between 0 and 1 in steps of 0.001
fact share percent between -10% and 100%
fact fee money CNY
fact tax money USD in steps of USD 0.05
fact promised date or none
fact hour time
fact agreed yes/no
fact heard yes/no or none usually none
fact origin one of form, friend optional
fact risk one of low < middle < high or none
fact region text
fact street text or none
action sms, call
group all_of_it is sms, call
"""


@pytest.mark.parametrize(
    ("condition", "given"),
    [
        ("misses >= 3", "misses 3"),
        ("score > 0.25", "score 0.251"),
        ("share > 12.5%", "share 12.51%"),
        ("share < -9%", "share -10%"),
        ("fee > CNY 12.50", "fee CNY 12.51"),
        ("fee >= CNY 1_000", "fee CNY 1000"),
        ("tax > USD 0.1", "tax USD 0.15"),
        ("promised is none", "promised none"),
        ("promised > 2015-09-22", "promised 2015-09-23"),
        ("hour > 20:30", "hour 20:30:01"),
        ("hour between 22:00 and 06:00 and hour >= 12:00", "hour 22:00"),
        ("agreed", "agreed yes"),
        ("not agreed", "agreed no"),
        ("heard", "heard yes"),
        ("origin is friend", "origin friend"),
        ("risk is none", "risk none"),
        ("risk >= middle", "risk middle"),
        ('region is "CA"', 'region "CA"'),
        ('region is "say \\"x\\", \\\\ # 100%"', 'region "say \\"x\\", \\\\ # 100%"'),
        ('region is "催收 \U0001f600"', 'region "催收 \U0001f600"'),
        ('region is "none"', 'region "none"'),
        ("street is none", "street none"),
        ('street is "5"', 'street "5"'),
    ],
)
def test_values_stand_as_an_author_writes_them(condition: str, given: str, tmp_path: Path) -> None:
    rules = (
        f"rule a: after 3 days and {condition} then allow sms\nrule b: after 3 days and {condition} then forbid sms\n"
    )
    text_written = written(tmp_path, EVERY_TYPE + rules)
    line = next(line for line in text_written.splitlines() if line.startswith("  given "))
    assert line == f"  given late 4, {given}"
    assert "  expect sms forbidden" in text_written


@pytest.mark.parametrize("condition", ["origin is unknown", "heard is none", "misses = 2"])
def test_what_an_example_takes_by_itself_is_left_out(condition: str, tmp_path: Path) -> None:
    rules = (
        f"rule a: after 3 days and {condition} then allow sms\nrule b: after 3 days and {condition} then forbid sms\n"
    )
    assert "  given late 4\n  expect sms forbidden\n" in written(tmp_path, EVERY_TYPE + rules)


def test_money_without_a_currency(tmp_path: Path) -> None:
    text = "fact late days clock\nfact fee money optional\naction sms\nrule a: fee is known then allow sms\n"
    text += "rule b: forbid sms when fee is known\n"
    text_written = written(tmp_path, text)
    assert "fee CNY 0" in text_written


def test_a_group_is_told_action_by_action(tmp_path: Path) -> None:
    text = EVERY_TYPE + "ladder pressure: all_of_it\nrule a: always then allow sms\nrule b: never call when agreed\n"
    assert "sms allowed, call unsaid" in written(tmp_path, text)


def test_a_policy_without_facts_has_examples_without(tmp_path: Path) -> None:
    text = "action sms\nrule a: always then allow sms\nrule b: forbid sms when always\n"
    assert 'example "contradiction of a, b; masked-rule of a":\n  expect sms forbidden\n' in written(tmp_path, text)
    dated = "policy house in force from 2015-09-01\n" + text
    assert "\n  on 2015-09-01\n  expect sms forbidden\n" in written(tmp_path, dated)


def test_one_case_is_written_once(tmp_path: Path) -> None:
    text = UNDATED + "rule a: after 3 days then allow call\nrule b: forbid call when after 3 days\n"
    text += "rule c: forbid call when from day 4\n"
    text_written = written(tmp_path, text)
    assert text_written.count("\nexample ") == text_written.count("\n  given ") == 1
    assert text_written.count("# contradiction: ") == 2


def test_accepted_findings_and_failed_examples_have_none(tmp_path: Path) -> None:
    text = UNDATED + "rule a: after 3 days then allow call\nrule b: forbid call when misses > 1\n"
    text += 'accept contradiction of a, b because "meant"\n'
    text += 'example "x": given late 1, misses 0 expect call allowed\n'
    assert "\nexample " not in written(tmp_path, text)


def test_each_policy_stands_apart(tmp_path: Path) -> None:
    for name in ("a", "b"):
        rules = "rule x: after 3 days then allow sms\nrule y: forbid sms when after 3 days\n"
        write(tmp_path, f"policy {name}\n{rules}", f"{name}.forbear")
    examples = tmp_path / "examples.txt"
    forbear("validate", tmp_path, "--write-examples", examples)
    text_written = examples.read_text(encoding="utf-8")
    assert [line.split(",")[0] for line in text_written.splitlines() if line.startswith("# Policy")] == [
        "# Policy a",
        "# Policy b",
    ]
    assert text_written.count("# contradiction: `x` permits `sms`") == 2


def test_packs(tmp_path: Path) -> None:
    for pack in ("huabei/before", "huabei/redesigned", "industry/bank_card_centres"):
        text = forbear("packs", pack).out
        assert "policy " in text
        written(tmp_path, text)


def test_the_golden_policies(tmp_path: Path) -> None:
    for path in sorted((Path(__file__).parent / "golden").glob("*.forbear")):
        text_written = written(tmp_path, path.read_text(encoding="utf-8"))
        assert "example " in text_written


def test_a_limit_bounds_the_examples_too(tmp_path: Path) -> None:
    text = UNDATED + "".join(f"rule r{number}: after {number} days then allow sms\n" for number in range(9))
    text += "rule hold: forbid sms\n  when misses > 1\n"
    text_written = written(tmp_path, text, "--limit", "2")
    assert text_written.count("# contradiction: ") == 2


# Changes

OLD = """\
policy house
fact late days clock
fact seen yes/no usually no
action sms, call
rule a: after 9 days then allow sms
rule b: seen then forbid call in force from 2015-10-01
"""
NEW = OLD.replace("9 days", "5 days").replace("forbid call", "require call")


def test_the_cases_of_a_change_are_pinned(tmp_path: Path) -> None:
    write(tmp_path, OLD, "old.forbear")
    new = write(tmp_path, NEW, "new.forbear")
    examples = tmp_path / "examples.txt"
    assert forbear("test", new, "--write-examples", examples, "--since", tmp_path / "old.forbear").code == 0
    text_written = examples.read_text(encoding="utf-8")
    assert "# sms: unsaid -> allowed when from day 6 to day 9\n" in text_written
    assert "  given late 6\n  on 2015-09-30\n  expect sms allowed\n" in text_written
    assert "# call: forbidden -> required when seen\n" in text_written
    pinned = write(tmp_path, NEW + text_written, "pinned.forbear")
    assert "2 of 2 examples hold" in forbear("test", pinned).out
    undone = write(tmp_path, OLD + text_written, "undone.forbear")
    assert "0 of 2 examples hold" in forbear("test", undone).out


def test_the_cases_of_findings_are_pinned(tmp_path: Path) -> None:
    path = write(tmp_path, UNDATED + "rule a: after 1 day then allow sms\nrule b: within 2 days then forbid sms\n")
    forbear("validate", path, "--write-examples", tmp_path / "one.txt")
    forbear("test", path, "--write-examples", tmp_path / "other.txt")
    one = (tmp_path / "one.txt").read_text(encoding="utf-8")
    assert "# contradiction: " in one
    assert one == (tmp_path / "other.txt").read_text(encoding="utf-8")


def test_since_needs_one_policy_and_a_place_to_write(tmp_path: Path) -> None:
    path = write(tmp_path, NEW)
    assert forbear("test", path, "--since", path).code == 2
    assert forbear("test", path, path, "--since", path, "--write-examples", tmp_path / "x").code == 2
    assert forbear("test", path, "--since", tmp_path / "no", "--write-examples", tmp_path / "x").code == 2
    assert not (tmp_path / "x").exists()


def test_no_two_titles_are_the_same(tmp_path: Path) -> None:
    """Cases of one finding are told apart by the fact in which they differ; else a number tells them apart."""
    rules = "rule a: within 13 days then allow call\nrule b: after 14 days then allow call\n"
    rules += 'example "hole of call, late 15": given late 20 expect call allowed\n'
    text_written = written(tmp_path, UNDATED + rules)
    titles = [line for line in text_written.splitlines() if line.startswith("example ")]
    assert len(titles) == len(set(titles))
    assert [title for title in titles if "hole of call" in title] == [
        'example "hole of call, late 13; falling-pressure of pressure, late 13":',
        'example "hole of call, late 14; falling-pressure of pressure, late 14":',
        'example "hole of call, late 15 (2)":',
    ]


DAYS = """\
policy p
  in force from 2026-12-01
calendar office "here" covers 2026-01-01 to 2027-12-31
  weekend saturday, sunday
  holidays 2026-12-25
fact days_overdue days clock
fact today date of decision
fact weekday weekday of decision
fact worked working day of office
action sms, visit, email
rule sunday_only: never sms when weekday is sunday and today >= 2026-01-01
rule friday_off: forbid email when weekday is friday and not worked and today >= 2026-01-01
rule work: allow visit when worked and today >= 2026-01-01
"""


def test_the_facts_of_the_day_of_an_example_hang_together() -> None:
    policy = typed(DAYS)
    text = rule_examples(policy, [rule.name for rule in policy.rules])
    days = [line.strip() for line in text.splitlines() if line.lstrip().startswith(("given", "on"))]
    assert days == [
        *("given today 2026-12-06, weekday sunday, worked no", "on 2026-12-06"),
        *("given today 2026-12-25, weekday friday, worked no", "on 2026-12-25"),
        *("given today 2026-12-01, weekday tuesday, worked yes", "on 2026-12-01"),
    ]
