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


def test_packs(tmp_path: Path) -> None:
    for pack in ("huabei/before", "huabei/redesigned", "industry/bank_card_centres"):
        text = forbear("packs", pack).out
        assert "policy " in text
        written(tmp_path, text)


def test_the_golden_policies(tmp_path: Path) -> None:
    for path in sorted((Path(__file__).parent / "golden").glob("*.forbear")):
        text_written = written(tmp_path, path.read_text(encoding="utf-8"))
        assert "example " in text_written


# Changes


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
