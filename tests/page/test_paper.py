"""A page on paper, as Chromium prints it: how many sheets it takes, and what is on them."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Scheme, chromium, open_file
from invoking import forbear as run
from playwright.sync_api import Browser
from pypdf import PdfReader

ROOT = Path(__file__).parents[2]
HOUSE = ROOT / "tests" / "analysis" / "changes" / "house.forbear"
ISSUER = ROOT / "rules" / "examples" / "us_card_issuer.forbear"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


def printed(browser: Browser, folder: Path, *policies: str | Path, scheme: Scheme = "light") -> list[str]:
    """The text of each sheet (A4) of a report."""
    answer = run("report", *policies, "-o", folder / "report.html")
    assert answer.code == 0
    pdf = open_file(browser, folder / "report.html", scheme).page.pdf(format="A4")
    return [sheet.extract_text() for sheet in PdfReader(io.BytesIO(pdf)).pages]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_thirty_rules_under_two_standards_take_four_sheets(browser: Browser, tmp_path: Path, scheme: Scheme) -> None:
    sheets = printed(browser, tmp_path, HOUSE, scheme=scheme)
    assert len(sheets) <= 4
    text = " ".join("\n".join(sheets).split())
    first = " ".join(sheets[0].split())
    assert "Regulation F (12 CFR 1006)" in first
    assert "Missed calls: 4 After so many calls in a row the cardholder is hard to reach" in first
    assert "more than 9 days overdue" in first, "own rules are drawn on the first sheet"
    assert "Who asks to be left alone is" in text, "own rules are told in full"
    assert "when the borrower has refused to pay, or asked that contact cease, in writing" in text
    assert "No contact after a written refusal or request to cease · 12 CFR 1006.6(c)" in text, (
        "others by their section"
    )
    for control in ("Search", "Load this case", "Try a case", "All facts as usual"):
        assert control not in text


def test_a_large_policy_that_promises_to_conform_takes_few_sheets(browser: Browser, tmp_path: Path) -> None:
    sheets = printed(browser, tmp_path, ISSUER)
    assert len(sheets) <= 5
    heads = [sheet.count("What it says") for sheet in sheets]
    assert sum(heads) > 2, "a table that goes on repeats its headings"


def test_a_table_is_told_once(browser: Browser, tmp_path: Path) -> None:
    sheets = printed(browser, tmp_path, ROOT / "rules" / "examples" / "strategy_matrix.forbear")
    assert len(sheets) <= 2
    text = " ".join("\n".join(sheets).split())
    assert "By segment, age and product" in text
    assert "By segment, age and product: " not in text, "its rows are not told again as rules"
    assert re.search(r"and \d more", text), "a long row of the chart is cut short"
    assert "open the action" not in text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("after 3 days then allow sms", "after 2 days then allow sms"),
        ("third_party when cease_requested", "third_party when cease_requested unless contact_consent"),
        ("never contact_consumer when attorney_represented unless attorney_permits", "never visit when vulnerable"),
    ],
    ids=["threshold", "safeguard", "replaced"],
)
def test_a_change_of_one_rule_takes_three_sheets(browser: Browser, tmp_path: Path, before: str, after: str) -> None:
    text = HOUSE.read_text(encoding="utf-8")
    assert text.count(before) == 1
    (tmp_path / "new.forbear").write_text(text.replace(before, after), encoding="utf-8")
    sheets = printed(browser, tmp_path, HOUSE, tmp_path / "new.forbear")
    assert len(sheets) <= 3
    assert "Newly permitted" in sheets[0]
    text = " ".join("\n".join(sheets).split())
    assert text.index("Before") < text.index("Newly permitted") < text.index("along the clock")
