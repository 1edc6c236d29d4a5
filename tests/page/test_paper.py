"""A page on paper, as Chromium prints it: how many sheets it takes, and what is on them."""

from __future__ import annotations

import datetime
import io
import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from browser import Reader, Reported
from invoking import forbear as run
from night import NIGHTLY
from pypdf import PdfReader

ROOT = Path(__file__).parents[2]
HOUSE = ROOT / "tests" / "analysis" / "changes" / "house.forbear"
EXAMPLES = ROOT / "rules" / "examples"


def printed(reader: Reader, file: Path, paper: str = "A4") -> list[str]:
    """The text of each sheet of a report."""
    pdf = reader.open(file).page.pdf(format=paper)
    return [sheet.extract_text() for sheet in PdfReader(io.BytesIO(pdf)).pages]


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_thirty_rules_under_two_standards_take_four_sheets(reader: Reader, reported: Reported, paper: str) -> None:
    sheets = printed(reader, reported(HOUSE), paper)
    assert len(sheets) <= 4
    text = " ".join("\n".join(sheets).split())
    first = " ".join(sheets[0].split())
    assert "Regulation F (12 CFR 1006)" in first
    assert "Missed calls: 4 After so many calls in a row the cardholder is hard to reach" in text
    assert "more than 9 days overdue" in first, "own rules are drawn on the first sheet"
    assert "Who asks to be left alone is" in text, "own rules are told in full"
    assert "when the borrower has refused to pay, or asked that contact cease, in writing" in text
    assert "No contact after a written refusal or request to cease · 12 CFR 1006.6(c)" in text, (
        "others by their section"
    )
    assert text.count("12 CFR 1006.6(c)") == 1, "and once"
    assert "on the day of the decision or the 6 calendar days before it, where medium is call" in text
    for control in ("Search", "Load this case", "Try a case", "An ordinary case"):
        assert control not in text


LARGE = [("cn_card_strategy", "A4"), ("cn_card_strategy", "Letter"), *[("us_card_issuer", "Letter")] * NIGHTLY]


@pytest.mark.parametrize(("policy", "paper"), LARGE)
def test_a_large_policy_takes_four_sheets_each_with_its_foot(
    reader: Reader, tmp_path: Path, policy: str, paper: str
) -> None:
    signed = ["--sign-off"] if paper == "A4" else []
    answer = run("report", str(EXAMPLES / f"{policy}.forbear"), *signed, "-o", "page.html", cwd=tmp_path)
    assert answer.code == 0
    sheets = printed(reader, tmp_path / "page.html", paper)
    assert len(sheets) <= 4
    for number, sheet in enumerate(sheets, 1):
        assert f"sheet {number} of {len(sheets)} · {datetime.date.today()}" in sheet
        assert "· 2026-03-01 · sha256:" in sheet, "what was printed, its version and digest"
    heads = [sheet.count("Unless forbidden by rule") for sheet in sheets]
    assert heads == [1, 1, 0, 0], "a chart that goes on repeats its headings"
    assert "proved" in sheets[0].partition("When, at the earliest")[0], "a sentence says the whole, before the chart"
    rows = [sheet.count("near card") + sheet.count("sub not card") for sheet in sheets]
    assert sum(map(bool, rows)) == (policy == "cn_card_strategy"), "a matrix is whole on one sheet"


CUT = """() => [...document.querySelectorAll("main :not(.unseen)")].filter((one) => one.checkVisibility()
    && one.scrollWidth > one.clientWidth + 1
    && getComputedStyle(one).overflowX !== "visible").map((one) => one.className)"""


BROKEN = """() => [...document.querySelectorAll(".rules th .id")].filter((one) => {
    const name = document.createRange();
    name.selectNodeContents(one);
    return new Set([...name.getClientRects()].map((line) => line.top)).size > 1;
}).map((one) => one.textContent)"""


def test_nothing_is_cut_on_paper(reader: Reader, reported: Reported) -> None:
    page = reader.open(reported(EXAMPLES / "cn_card_strategy.forbear")).page
    page.set_viewport_size({"width": 695, "height": 1000})
    page.emulate_media(media="print")
    assert page.evaluate(CUT) == [], "no table has a scroll bar"
    assert page.evaluate(BROKEN) == [], "no rule's name is broken over two lines"


def test_a_plan_is_whole_on_paper(reader: Reader, tmp_path: Path) -> None:
    actions = [f"action action_number_{number}" for number in range(9)]
    rules = [f"rule r{number}: after {9 + number} days then allow action_number_{number}" for number in range(9)]
    old = "\n".join(["fact late days clock", *actions, *rules, ""])
    (tmp_path / "old.forbear").write_text(old, encoding="utf-8")
    (tmp_path / "new.forbear").write_text(old.replace("after 12 days", "after 7 days"), encoding="utf-8")
    (tmp_path / "cases.csv").write_text("late\n" + "9\n11\n" * 2000, encoding="utf-8")
    asked = ("--days", "90", "--on", "2026-03-01", "-o", "plan.html")
    answer = run("plan", "new.forbear", "cases.csv", "--against", "old.forbear", *asked, cwd=tmp_path)
    assert answer.code == 0
    sheets = printed(reader, tmp_path / "plan.html")
    assert len(sheets) == 2
    for number, sheet in enumerate(sheets, 1):
        assert f"sheet {number} of 2 · {datetime.date.today()}" in sheet
    assert "Due by week" in sheets[0] + sheets[1]
    assert "cases.csv sha256:" in sheets[1]
    assert sheets[0].index("action_number_3") < sheets[0].index("action_number_0"), "what changes is first"
    page = reader.open(tmp_path / "plan.html").page
    link = str(page.get_by_text("as CSV").get_attribute("href"))
    assert unquote(link).startswith("data:text/csv;charset=utf-8,day,date,action,")
    page.set_viewport_size({"width": 695, "height": 1000})
    page.emulate_media(media="print")
    assert page.evaluate(CUT) == []
    right = "Math.max(...[...document.querySelectorAll('main *')].map((one) => one.getBoundingClientRect().right))"
    assert page.evaluate(right) <= 695


def test_a_page_to_sign_has_room_for_names(reader: Reader, tmp_path: Path) -> None:
    (tmp_path / "p.forbear").write_text("rule a: after 3 days then allow sms\n", encoding="utf-8")
    for arguments, asked in (([], False), (["--sign-off"], True)):
        answer = run("report", "p.forbear", *arguments, "-o", "page.html", cwd=tmp_path)
        assert (answer.code, answer.err) == (0, "page.html written\n")
        assert ("Read and signed" in "".join(printed(reader, tmp_path / "page.html"))) is asked


def test_a_case_is_printed_on_one_sheet_with_its_values_and_room_to_sign(reader: Reader, tmp_path: Path) -> None:
    answer = run("report", str(EXAMPLES / "us_card_issuer.forbear"), "--sign-off", "-o", "page.html", cwd=tmp_path)
    assert answer.code == 0
    page = reader.open(tmp_path / "page.html").page
    page.locator("#fact-days_overdue").fill("61")
    page.evaluate("window.print = () => {}")
    page.get_by_role("button", name="Print this case").click()
    [sheet] = PdfReader(io.BytesIO(page.pdf(format="A4"))).pages
    text = " ".join(sheet.extract_text().split())
    for said in ("The case", "days overdue 61 days", "state MA", "A person calls from day 10", "Read and signed by"):
        assert said in text
    assert f"sheet 1 of 1 · {datetime.date.today()}" in text
    for hidden in ("The rules", "Print this case"):
        assert hidden not in text
    page.set_viewport_size({"width": 695, "height": 1000})
    page.emulate_media(media="print")
    assert page.evaluate(CUT) == []
    assert page.evaluate(SMALLEST) == []
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert not page.get_by_text("The case", exact=True).is_visible(), "what is printed next is the policy"


SMALLEST = """() => {
    const inked = (text) => text.textContent.trim() && text.parentElement.checkVisibility({ visibilityProperty: true });
    const texts = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
    const sizes = new Map();
    for (let text = texts.nextNode(); text !== null; text = texts.nextNode()) {
        if (inked(text) && !text.parentElement.closest(".unseen, script"))
            sizes.set(text.textContent.trim(), parseFloat(getComputedStyle(text.parentElement).fontSize) * 0.75);
    }
    return [...sizes].filter(([, size]) => size < 7.49).slice(0, 5);
}"""


@pytest.mark.parametrize(
    "policies", [(HOUSE,), ("pack:huabei/before", "pack:huabei/redesigned")], ids=["one", "change"]
)
def test_nothing_on_paper_is_too_small_to_be_read(
    reader: Reader, reported: Reported, policies: tuple[str | Path, ...]
) -> None:
    page = reader.open(reported(*policies)).page
    page.emulate_media(media="print")
    assert page.evaluate(SMALLEST) == [], "7.5 points at least"


def test_a_table_is_told_once(reader: Reader, reported: Reported) -> None:
    sheets = printed(reader, reported(EXAMPLES / "strategy_matrix.forbear"))
    assert len(sheets) <= 2
    text = " ".join("\n".join(sheets).split())
    assert "By segment, age and product" in text
    assert "By segment, age and product: " not in text, "its rows are not told again as rules"
    assert re.search(r"and \d more", text), "a long row of the chart is cut short"
    assert "open the action" not in text


def test_the_rebuild_of_huabei_takes_three_sheets(reader: Reader, reported: Reported) -> None:
    sheets = printed(reader, reported("pack:huabei/before", "pack:huabei/redesigned"))
    assert len(sheets) <= 3
    text = " ".join("\n".join(sheets).split())
    assert "The promise is gone: contact_related not allowed when not rather_large" in text
    assert text.count("Days 1 to 8") == 0, "what both leave out is no change"
    assert "The amount in the complaint of day 34" in text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("after 3 days then allow sms", "after 2 days then allow sms"),
        ("third_party when cease_requested", "third_party when cease_requested unless contact_consent"),
        ("never contact_consumer, third_party when cease_requested", "never visit when vulnerable"),
    ],
    ids=["threshold", "safeguard", "replaced"],
)
def test_a_change_of_one_rule_takes_three_sheets(
    reader: Reader, reported: Reported, tmp_path: Path, before: str, after: str
) -> None:
    text = HOUSE.read_text(encoding="utf-8")
    assert text.count(before) == 1
    (tmp_path / "new.forbear").write_text(text.replace(before, after), encoding="utf-8")
    sheets = printed(reader, reported(HOUSE, tmp_path / "new.forbear"))
    assert len(sheets) <= 3
    assert "Newly permitted" in sheets[0]
    text = " ".join("\n".join(sheets).split())
    assert text.index("More is permitted") < text.index("Newly permitted") < text.index("along the clock")
