"""The report page as a reader has it: opened from a file in a real browser."""

from __future__ import annotations

import datetime
import random
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import get_args

import pytest
import strategies
from attrs import evolve
from browser import Opened, Reader, Reported, Scheme
from invoking import forbear as run
from invoking import write
from night import NIGHTLY
from playwright.sync_api import Page
from strategies import quoted

import forbear
from forbear.analysis.comparison.difference import difference
from forbear.base.resources import pack_names
from forbear.kernel.cases import GridValue
from forbear.language.model.names import verdict_word
from forbear.language.model.values import value_json
from forbear.report.difference import headline
from forbear.report.page.controls import given_text

HOLD = """\
policy hold "A hold that does not win"

rule call_in_person: after 13 days then allow phone_call
rule hardship_hold: forbid phone_call when hardship is plan_active
"""


TYPES = """\
policy types "Every type" currency CNY
fact late days clock "Days"  fact calls count between 0 and 50  fact score number between -1 and 1 in steps of 0.001
fact share percent between 0% and 100%  fact owed money optional  fact risk one of low < medium < high
fact origin one of declared, referee optional  fact asked yes/no  fact hour time  fact promised date or none
fact region text  fact maybe yes/no or none  fact state text one of "MA", "New York" or none
action sms, call
rule a: late > 3 and calls > 2 and score > 0.5 and share > 20% and owed > CNY 10.50 and risk > low then allow sms
rule b: origin is referee and asked and hour between 21:00 and 08:00 and region is "CA" then allow call
rule c: never call when promised is none or promised > 2020-01-01 or maybe is none
rule d: never sms when state is "New York"
"""


def unfold(page: Page) -> None:
    """Opens whatever is folded."""
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")


def spoken(page: Page) -> list[str]:
    """The actions in the table of verdicts."""
    rows = page.locator("#verdicts tr[data-action]")
    return [str(name) for name in rows.evaluate_all("rows => rows.map(row => row.dataset.action)")]


def fill(page: Page, **facts: str) -> None:
    unfold(page)
    for name, value in facts.items():
        field = page.locator(f"#fact-{name}")
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)


def test_a_slider_from_day_60_to_day_61(reader: Reader, reported: Reported) -> None:
    file = reported("pack:huabei/redesigned")
    opened = reader.open(file)
    page = opened.page
    fill(page, unreachable="3", contact_source="declared")
    slider = page.get_by_role("slider", name="Days overdue, slider")
    slider.fill("60")
    assert page.locator("#fact-days_overdue").input_value() == "60"
    assert opened.verdict("contact_related") == "no rule"
    slider.press("ArrowRight")
    assert page.locator("#fact-days_overdue").input_value() == "61"
    assert opened.verdict("contact_related") == "allowed"
    row = page.locator('#verdicts tr[data-action="contact_related"]')
    assert "Overdue has exceeded 60 days" in row.inner_text(), "a rule goes by its title"
    assert "ask_related_person" in row.inner_text(), "and has its name beside it"
    assert "days overdue 61" in page.locator("#status").inner_text()
    opened.is_quiet(file)


def test_why_not_says_which_clause_fails_and_by_how_much(reader: Reader, reported: Reported) -> None:
    opened = reader.open(reported("pack:huabei/redesigned"))
    fill(opened.page, days_overdue="34", unreachable="5", contact_source="declared")
    opened.page.locator('tr[data-action="contact_related"] button').click()
    shown = opened.page.locator(".why-not").inner_text()
    assert "allow by ask_related_person: does not hold" in shown
    assert "needs days_overdue > 60, is 34: 27 more days" in shown
    assert "unreachable >= 3" in shown
    assert "days_overdue 61 → allowed" in shown
    assert "contact_source shipping_record → forbidden" in shown
    fill(opened.page, days_overdue="61")
    assert "allow by ask_related_person: active" in opened.page.locator(".why-not").inner_text()


def test_a_finding_loads_its_witness(reader: Reader, reported: Reported) -> None:
    file = reported(HOLD)
    opened = reader.open(file)
    page = opened.page
    finding = page.locator(".finding.error")
    assert finding.locator("figure").count() == 2, "both rules side by side"
    finding.get_by_role("button", name="Load this case").click()
    assert page.locator("#fact-days_overdue").input_value() == "14"
    assert page.locator("#fact-hardship").input_value() == "plan_active"
    assert opened.verdict("phone_call") == "forbidden"
    assert page.evaluate("document.activeElement.id") == "case"
    opened.is_quiet(file)


def test_a_change_is_decided_by_both(reader: Reader, reported: Reported) -> None:
    file = reported("pack:huabei/before", "pack:huabei/redesigned")
    opened = reader.open(file)
    page = opened.page
    unfold(page)
    changes = page.locator(".exact tbody tr", has_text="overdue_amount")
    change = changes.filter(has_text="forbidden").first
    before, after = change.locator(".verdict").all_inner_texts()
    change.get_by_role("button").click()
    assert opened.verdict("contact_related") == before == "allowed"
    assert opened.verdict("contact_related", 1) == after == "forbidden"
    alike, sms = page.locator("#unchanged"), page.locator('#verdicts tr[data-action="sms"]')
    assert page.locator('#verdicts tr[data-action="contact_related"]').is_visible()
    assert "SMS" in alike.inner_text()
    assert "contact related" not in alike.inner_text()
    assert not sms.is_visible(), "what both decide alike is one line"
    alike.click()
    assert sms.is_visible()
    so_far = page.locator(".effect td", has_text="before: by").first.inner_text()
    assert "A rather large amount" in so_far, "a rule is called what it was called when it decided"
    rows = page.locator("#chart tr[data-actions]").evaluate_all("rows => rows.map(row => row.dataset.actions)")
    assert "contact_related" in rows
    assert "letter" not in rows, "what does not change is not drawn"
    drawn = page.locator('#chart tr[data-actions="contact_related"]').inner_text()
    assert "before: allowed more than 13 days overdue; overdue amount is at least CNY 1000" in drawn
    assert "after: allowed more than 60 days overdue" in drawn
    opened.is_quiet(file)


def test_the_key_and_the_first_sheet_have_what_there_is(reader: Reader, reported: Reported) -> None:
    page = reader.open(
        reported(
            "rule r: after 3 days then allow sms\nensure conforms to 'pack:regulation/us-scra'\n".replace("'", '"')
        )
    ).page
    assert page.locator(".key svg").count() == 1, "nothing is forbidden or required"
    assert page.locator("#under").inner_text() == "Promises to conform to"
    assert "Along the top: days overdue (Days past due" in page.locator("#ladder ~ .faint").first.inner_text()
    page = reader.open(reported(HOLD)).page
    assert page.locator(".key").inner_text().split()[:2] == ["permitted", "forbidden"]
    assert page.locator(".finding figcaption a").count() == 2
    assert page.locator("#under").inner_text() == "Subject to"


def test_a_standard_without_a_clock_has_no_bars(reader: Reader, reported: Reported) -> None:
    page = reader.open(reported("pack:regulation/in-rbi-2022")).page
    assert page.locator("#ladder ~ table rect").count() == page.locator(".key svg").count() == 0
    assert "A bar is" not in page.locator("section", has=page.locator("#ladder")).inner_text()
    assert page.locator(".sum").inner_text().endswith("; no finding."), "nothing was accepted"


def test_what_another_rule_forbids_than_before_is_folded(reader: Reader, reported: Reported) -> None:
    before = "rule r: after 3 days then allow letter\nrule a: never sms"
    page = reader.open(reported(before, "rule r: after 2 days then allow letter\nrule b: never sms")).page
    assert "The same verdict before and after: SMS" in page.locator("#unchanged").inner_text()
    assert not page.locator('#verdicts tr[data-action="sms"]').is_visible()


def test_rules_that_several_rows_have_are_said_once_beside_them(reader: Reader, reported: Reported) -> None:
    words = "fact days_overdue days clock\nfact asleep yes/no usually no\naction sms, letter, visit, email"
    few = "rule few: after 3 days then allow sms, letter, visit, email"
    rest = "rule rest: never sms, letter, email when asleep\nrule quiet: never visit when asleep"
    opened = reader.open(reported(f"{words}\n{few}\n{rest}"))
    page = opened.page

    def spans() -> list[int]:
        """How many rows each cell with rules is beside, of those that are shown."""
        cells = page.locator("#verdicts tr[data-action] td:nth-child(3):visible")
        return [int(span) for span in cells.evaluate_all("cells => cells.map(cell => cell.rowSpan)")]

    fill(page, days_overdue="2")
    assert spans() == [1, 1, 1, 1], "what no rule says is not folded"
    fill(page, days_overdue="9")
    assert spoken(page) == ["sms", "letter", "visit", "email"]
    assert spans() == [4]
    assert [opened.verdict(action) for action in spoken(page)] == ["allowed"] * 4
    page.locator('tr[data-action="letter"] button').click()
    assert spans() == [2, 2], "an explanation comes between"
    fill(page, asleep="yes")
    assert spans() == [2, 1, 1], "other rules, with the same verdict"
    assert page.locator('#verdicts tr[data-action="email"] .n').inner_text().endswith("2")
    assert opened.faults_of_access() == ""
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.locator('#verdicts tr[data-action="letter"]').inner_text().split("\n")[-1] == "as above"


def test_a_change_of_nothing(reader: Reader, reported: Reported) -> None:
    page = reader.open(reported("pack:huabei/before", "pack:huabei/before")).page
    said = "are equivalent: every case has the same verdicts; no finding comes or goes."
    assert page.locator("#changes ~ .summary").inner_text().endswith(said)


def test_a_change_begins_with_the_worst_in_a_sentence(reader: Reader, reported: Reported, tmp_path: Path) -> None:
    """Counts lead to what they count, and the words that differ are marked."""
    old = "policy p\nuses collections\nrule call: after 13 days then allow phone_call\nensure sms not allowed\n"
    (tmp_path / "old.forbear").write_text(old, "utf-8")
    (tmp_path / "new.forbear").write_text(old.replace("13", "9").replace("ensure sms not allowed\n", ""), "utf-8")
    opened = reader.open(reported(tmp_path / "old.forbear", tmp_path / "new.forbear"))
    page = opened.page
    assert page.locator("#changes ~ .summary").inner_text() == "More is permitted and a promise is gone."
    assert page.locator(".strip li").all_inner_texts() == [
        "1 promise gone",
        "1 action newly permitted",
        "25 actions as before",
    ]
    for link in page.locator(".strip a").all():
        assert page.locator(str(link.get_attribute("href"))).count() == 1
    assert [page.locator(f".edited {kind}").inner_text() for kind in ("del", "ins")] == ["13", "9"]
    assert not page.locator(".beside").first.is_visible()
    assert [said.strip() for said in page.locator(".effect .clock > span").all_inner_texts()] == ["", "Before", "After"]
    before, after = page.locator(".effect .clock rect").evaluate_all("all => all.map(one => one.x.baseVal.value)")
    assert after < before
    assert opened.faults_of_access() == ""


def test_the_headline_says_that_something_is_not_known_only_of_what_is_not_told() -> None:
    """What the exact changes lack may be told whole by the edits."""
    old, new = (forbear.loads(f"rule call: after {days} days then allow phone_call\n") for days in (13, 9))
    found = difference(old.typed, new.typed)
    assert headline(found) == headline(evolve(found, undecided=("sms",))) == "More is permitted"
    assert headline(evolve(found, untold={"sms": (0,)})) == "More is permitted and not all changes are known"


def test_the_headline_says_after_what_is_permitted_that_a_promise_is_gone() -> None:
    old, new = (
        f"fact late days clock\naction sms, call\nrule a: after {sms} days then allow sms\n"
        f"rule b: after {call} days then allow call\n{promise}"
        for sms, call, promise in ((13, 9, "ensure sms not allowed when within 3 days\n"), (9, 13, ""))
    )
    found = difference(forbear.loads(old).typed, forbear.loads(new).typed)
    assert headline(found) == "More is permitted, a promise is gone and less is permitted"


def test_a_card_says_under_which_condition_a_rule_decides(reader: Reader, reported: Reported, tmp_path: Path) -> None:
    """Also where it takes many words, as the change alone does not say it."""
    head = "policy p\n  currency CNY\nuses collections\nrule barred: never legal_action when time_barred\n"
    head += "rule bankrupt: forbid legal_action when cease_requested and bankruptcy overrides all\n"
    suit = "rule suit: after 18 days and balance >= CNY 3000 and manager_approved then allow legal_action\n"
    soft = "rule soft: forbid legal_action when vulnerable overrides all\n"
    (tmp_path / "old.forbear").write_text(head + suit + soft, "utf-8")
    (tmp_path / "new.forbear").write_text(head + suit, "utf-8")
    page = reader.open(reported(tmp_path / "old.forbear", tmp_path / "new.forbear")).page
    assert "suit (when more than 18 days overdue" in page.locator(".block").first.inner_text()


@pytest.mark.parametrize("pack", ["huabei/redesigned", "industry/bank_card_centres"])
def test_the_page_decides_as_python_does(reader: Reader, reported: Reported, pack: str) -> None:
    policy = forbear.load(f"pack:{pack}")
    opened = reader.open(reported(f"pack:{pack}"))
    on = datetime.date(2016, 1, 1) if policy.typed.dated else None
    for case in strategies.boundary_cases(policy.typed, random.Random(pack).randrange(99), 12):
        given = fill_case(opened.page, policy, case)
        for action, decision in policy.decide(given, on).items():
            if any(action in rule.effects for rule in policy.typed.rules):
                assert opened.verdict(action) == verdict_word(decision.verdict), (given, action)


TYPED = """facts => {
    for (const [name, text] of facts) {
        const field = document.getElementById(`fact-${name}`);
        const absent = text === null ? document.getElementById(`absent-${name}`) : null;
        if (absent !== null) absent.checked = true;
        else field.value = text ?? "";
        (absent ?? field).dispatchEvent(new Event("input", { bubbles: true }));
    }
}"""


def fill_case(page: Page, policy: forbear.Policy, case: Mapping[str, GridValue]) -> Mapping[str, object]:
    """Puts a case into the controls, at once, and gives it as Python takes it. How a hand does it, `fill` shows."""
    facts = policy.typed.facts
    texts = [(name, None if value is None else given_text(facts[name], value)) for name, value in case.items()]
    page.evaluate(TYPED, texts)
    return {name: value_json(facts[name], value) for name, value in case.items()}


EXPLAINED = """boxes => {
    const texts = (box, found) => [...box.querySelectorAll(found)].map(one => one.innerText);
    return boxes.map(box => [".clauses b", ".clauses li", "ul:not(.clauses) li"].map(found => texts(box, found)));
}"""
"""What each explanation says: whether its clauses hold, their lines, and what would change it."""


@pytest.mark.parametrize("text", ["pack:huabei/redesigned", TYPES])
def test_the_page_explains_as_python_does(reader: Reader, reported: Reported, text: str) -> None:
    policy = forbear.load(text) if text.startswith("pack:") else forbear.loads(text)
    page = reader.open(reported(text)).page
    on = datetime.date(2016, 1, 1) if policy.typed.dated else None
    actions = spoken(page)
    for button in page.locator("button.why").all():
        button.click()
    unfold(page)
    for case in strategies.boundary_cases(policy.typed, 3, 7):
        given = fill_case(page, policy, case)
        shown = page.locator(".why-not").evaluate_all(EXPLAINED)
        for action, (held, lines, ways) in zip(actions, shown, strict=True):
            explained = policy.explain(action, given, on)
            clauses = [clause for rule in explained.rules for clause in rule.clauses]
            words = [{True: "yes", False: "no", None: "unknown"}[clause.holds] for clause in clauses]
            assert held == words
            assert [line.partition("\n")[2] for line in lines] == [clause.missing or clause.text for clause in clauses]
            changes = [f"{change.fact} {change.text} → {verdict_word(change.verdict)}" for change in explained.changes]
            assert sorted(ways) == sorted(changes), (given, action)


@pytest.mark.parametrize("pack", ["huabei/redesigned", "industry/bank_card_centres", "huabei/before"])
def test_the_picture_of_a_case_is_what_python_decides_on_every_day(
    reader: Reader, reported: Reported, pack: str
) -> None:
    policy = forbear.load(f"pack:{pack}")
    page = reader.open(reported(f"pack:{pack}")).page
    on = datetime.date(2016, 1, 1) if pack == "huabei/redesigned" else datetime.date(2015, 3, 1)
    if policy.typed.dated:
        page.locator("#on").fill(on.isoformat())
    for case in strategies.boundary_cases(policy.typed, 5, 6):
        given = fill_case(page, policy, case)
        for action in spoken(page):
            drawn: list[str] = []
            before = ""
            for day in range(120):
                decision = policy.decide({**given, "days_overdue": day}, on)[action]
                words = f"{decision.verdict}: {', '.join(decision.rules)}"
                if words != before and decision.rules:
                    drawn.append(words)
                before = words
            its = page.locator(f'#picture g[data-actions~="{action}"] title')
            assert its.all_text_contents() == drawn, "one line alone is of it, also where others are decided alike"


def test_what_is_wrong_with_a_value_is_said(reader: Reader, reported: Reported) -> None:
    opened = reader.open(reported("pack:huabei/redesigned"))
    fill(opened.page, days_overdue="6.5")
    assert opened.page.locator("#faults").inner_text() == '`days_overdue` needs a whole number, not "6.5"'
    assert opened.verdict("sms") == ""
    opened.page.locator("#fact-days_overdue").press("Enter")
    fill(opened.page, days_overdue="9")
    assert opened.verdict("sms") == "allowed"
    assert opened.said == []


def test_every_type_of_fact_has_a_control(reader: Reader, reported: Reported) -> None:
    opened = reader.open(reported(TYPES))
    facts = {
        "late": "4", "calls": "3", "score": "0.501", "share": "20.01", "owed": "10.51", "risk": "medium",
        "origin": "referee", "asked": "yes", "hour": "23:30", "region": "CA", "promised": "2019-12-31", "maybe": "no",
    }  # fmt: skip
    fill(opened.page, **facts)
    assert (opened.verdict("sms"), opened.verdict("call")) == ("allowed", "allowed")
    opened.page.locator("#absent-owed").check()
    opened.page.locator("#absent-promised").check()
    assert (opened.verdict("sms"), opened.verdict("call")) == ("no rule", "forbidden")


def test_a_day_where_dates_matter(reader: Reader, reported: Reported) -> None:
    dated = "policy p\nrule a: after 3 days then allow sms\nsuspend sms from 2015-06-01 until 2015-08-31 because 'x'\n"
    dated += "example 'on any day': given days_overdue 1 expect sms not allowed\n"
    opened = reader.open(reported(dated.replace("'", '"')))
    fill(opened.page, days_overdue="4")
    for day, verdict in (("2015-05-31", "allowed"), ("2015-06-01", "forbidden"), ("2015-09-01", "allowed")):
        opened.page.locator("#on").fill(day)
        assert opened.verdict("sms") == verdict
    opened.page.locator("#on").fill("2030-01-01")
    unfold(opened.page)
    opened.page.locator("#examples").get_by_role("button").click()
    assert opened.page.locator("#on").input_value() == "2015-09-01", "a case without a day is shown on the usual one"


def test_a_day_before_the_law_where_the_policy_names_none(reader: Reader, tmp_path: Path) -> None:
    write(
        tmp_path, "standard law in force from 2020-01-01\nrule cease: never sms when cease_requested\n", "law.forbear"
    )
    house = write(tmp_path, 'policy p subject to "law"\nrule a: after 3 days then allow sms\n')
    made = tmp_path / "report.html"
    assert run("report", house, "--on", "2015-06-01", "-o", made).code == 0
    opened = reader.open(made)
    fill(opened.page, days_overdue="4", cease_requested="yes")
    assert opened.verdict("sms") == "allowed"
    opened.page.locator("#on").fill("2022-01-01")
    assert opened.verdict("sms") == "forbidden"


def test_the_table_of_rules_is_searched(reader: Reader, reported: Reported) -> None:
    opened = reader.open(reported("pack:huabei/redesigned"))
    page = opened.page
    page.get_by_label("Search the rules").fill("DELIVERY address")
    assert page.locator("[data-rules] tbody tr:visible").count() == 1
    assert page.locator("#found").inner_text() == "1 rule"
    page.get_by_label("Search the rules").fill("")
    page.get_by_label("on", exact=True).select_option("sms")
    assert page.locator("#found").inner_text() == "1 rule", "those on one action"
    page.locator("#chart a.n", has_text="1").first.click()
    row = page.locator("tr.reached")
    row_of_sms = page.locator(f"#{row.get_attribute('id')}")
    assert row.is_visible()
    assert "from day 9 to day 13 then allow sms" in row.inner_text(), "its text is open"
    page.get_by_label("on", exact=True).select_option("contact_related")
    assert row_of_sms.is_hidden()
    page.locator("#chart a.n", has_text="1").first.click()
    assert row_of_sms.is_visible()
    assert page.locator("#found").inner_text() == "6 rules", "what is reached is not among what was searched"


def test_without_scripts_the_chart_and_the_rules_are_there(reader: Reader, reported: Reported) -> None:
    page = reader.open_without_scripts(reported("pack:huabei/redesigned"))
    assert page.get_by_text("Scripts do not run here").is_visible()
    assert "more than 13 days overdue" in (page.locator("#chart").text_content() or "")
    assert page.locator("[data-rules] tbody tr:visible").count() == 6


# Everybody can read it


HOUSE = Path(__file__).parents[1] / "analysis" / "changes" / "house.forbear"
SHOWN: list[tuple[str | Path, ...]] = [
    ("pack:huabei/redesigned",),
    ("pack:huabei/before", "pack:huabei/redesigned"),
    (HOLD,),
    *[(HOUSE,), (HOUSE, HOUSE.read_text("utf-8").replace("after 9 days", "after 6 days"))] * NIGHTLY,
]
EACH = [(policies, scheme) for scheme in get_args(Scheme) for policies in SHOWN]
"""Of these CI tries a change in the light, and a policy with findings in the dark."""


@pytest.mark.parametrize(("policies", "scheme"), EACH if NIGHTLY else EACH[1::4], ids=lambda of: str(of)[:40])
def test_nothing_stands_in_the_way_of_a_reader(
    reader: Reader, reported: Reported, policies: tuple[str | Path, ...], scheme: Scheme
) -> None:
    file = reported(*policies)
    opened = reader.open(file, scheme)
    unfold(opened.page)
    opened.page.locator("button.why").first.click()
    opened.page.locator("button.action").first.click()
    for width in (390, 1400) if NIGHTLY else (1400,):
        opened.page.set_viewport_size({"width": width, "height": 844})
        assert opened.faults_of_access() == ""
        assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
    opened.is_quiet(file)


def test_nothing_stands_in_the_way_of_a_reader_of_a_plan(reader: Reader, tmp_path: Path) -> None:
    old = write(tmp_path, HOLD, "old.forbear")
    new = write(tmp_path, HOLD.replace("13 days", "9 days"), "new.forbear")
    cases = tmp_path / "cases.csv"
    cases.write_text("days_overdue,hardship\n" + "3,no_hardship\n9,plan_active\n" * 9)
    for number, against in enumerate(((), ("--against", old))):
        assert run("plan", new, cases, *against, "-o", tmp_path / f"{number}.html").code == 0
        assert run("plan", new, cases, *against, "-o", tmp_path / "plan.csv").code == 0
        page = reader.open(tmp_path / f"{number}.html").page
        with page.expect_download() as saved:
            page.get_by_text("as CSV").click()
        assert saved.value.path().read_bytes() == (tmp_path / "plan.csv").read_bytes()
        for scheme, width in product(get_args(Scheme), (390, 1400)):
            opened = reader.open(tmp_path / f"{number}.html", scheme)
            opened.page.set_viewport_size({"width": width, "height": 844})
            assert opened.faults_of_access() == ""
            assert opened.page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("pack", [name for name in pack_names() if not name.startswith("vocabulary")])
def test_no_pack_stands_in_the_way_of_a_reader_with_a_telephone(reader: Reader, reported: Reported, pack: str) -> None:
    for scheme in get_args(Scheme):
        opened = reader.open(reported(f"pack:{pack}"), scheme)
        opened.page.set_viewport_size({"width": 390, "height": 844})
        unfold(opened.page)
        assert opened.faults_of_access() == ""
        assert opened.page.evaluate("document.documentElement.scrollWidth") <= 390


FOCUSED = """() => {
    const at = document.activeElement;
    const name = at.id || at.getAttribute("class") || at.tagName;
    return [name, getComputedStyle(at).outlineStyle];
}"""


def test_the_keyboard_reaches_the_case(reader: Reader, reported: Reported) -> None:
    opened = reader.open(reported("pack:huabei/redesigned"))
    order: list[str] = []
    while "BODY" not in order:
        opened.page.keyboard.press("Tab")
        at, outline = opened.page.evaluate(FOCUSED)
        order.append(at)
        assert outline == "solid" or at == "BODY", f"one does not see that the focus is at {at}"
        assert len(order) < 200, "no way out of the page"
    assert {"skip", "action", "slider-days_overdue", "fact-contact_source", "why", "search"} <= set(order)
    assert order.index("on") < 9, "there is little before the first control"
    opened.page.locator("button.action").first.focus()
    opened.page.keyboard.press("ArrowDown")
    opened.page.keyboard.press("Enter")
    assert opened.page.locator("#chart tr.all:visible").count() == 1, "the arrows reach each row of the chart"


@pytest.mark.parametrize(("width", "media"), [(390, "screen"), (700, "print")])
def test_a_narrow_screen_and_paper_hold_the_page(reader: Reader, reported: Reported, width: int, media: str) -> None:
    page = reader.open(reported("pack:huabei/before", "pack:huabei/redesigned")).page
    unfold(page)
    page.set_viewport_size({"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "with all its conditions"
    page = reader.open(reported("pack:huabei/redesigned")).page
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(media="print" if media == "print" else "screen")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if media == "screen":
        drawn = page.locator("#picture svg").bounding_box()
        assert drawn is not None
        box = page.locator("#picture svg").evaluate("svg => svg.viewBox.baseVal.width")
        assert drawn["width"] >= 0.95 * box, "its letters stay large enough to be read"


@pytest.mark.parametrize("width", [390, 1240])
def test_every_word_of_the_picture_of_a_case_can_be_read(reader: Reader, reported: Reported, width: int) -> None:
    """Labels have all their words, none of them over the bars, and actions that are decided alike share one."""
    some = "disclose_purchase_scene, disclose_item_details, contact_related, push_notification"
    other = "\nrule b: never public_post when late > 9"
    text = f"fact late days clock  action {some}, public_post  rule a: late > 3 then allow {some}{other}"
    for policies in ((text,), (text, text.replace("late > 3", "late > 2"))):
        page = reader.open(reported(*policies)).page
        page.set_viewport_size({"width": width, "height": 800})
        assert page.locator("#chart tr[data-actions]").count() == 1, "what is said alike is said once"
        page.locator("#fact-late").fill("12")
        labels = page.locator("#picture text.action")
        words = " ".join(labels.all_text_contents())
        assert words.startswith("Disclose purchase scene, disclose item details, contact related, push notification")
        over = """labels => labels.filter(label => [...document.querySelectorAll("#picture .bar")].some(bar => {
            const [one, other] = [label.getBoundingClientRect(), bar.getBoundingClientRect()];
            return one.right > other.left && one.left < other.right
                && one.bottom - 3 > other.top && one.top + 3 < other.bottom;
        })).length"""
        assert labels.evaluate_all(over) == 0
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        drawn = page.locator("#picture svg").bounding_box()
        assert drawn is not None
        for label in labels.all():
            box = label.bounding_box()
            assert box is not None
            assert box["x"] + box["width"] <= drawn["x"] + drawn["width"], "nothing is cut"


def test_long_names_do_not_widen_a_narrow_page(reader: Reader, reported: Reported) -> None:
    name = "reach_" * 15 + "them"
    policy = "fact late days clock  action {0}  rule {0}: late > 3 then allow {0}"
    page = reader.open(reported(policy.format("sms"), policy.format(name))).page
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


# A hostile policy

BAD = "</script><script>window.ran=1</script><img src=x onerror=window.ran=2>{{7*7}}\\u2028\u202e&lt;<b>"


def hostile(rules: int) -> str:
    bad = BAD.replace('"', '\\"')
    facts = "fact late days clock " + quoted(bad) + '\nfact region text\nfact constructor count optional "催收"\n'
    head = f"policy hostile {quoted(bad)} version {quoted(bad)} source {quoted(bad)}\n"
    lines = [head, facts, "action sms, tostring " + quoted(bad) + "\n"]
    for number in range(rules):
        lines.append(
            f"rule r{number} {quoted(bad)}: late > {number % 997} and region is not {quoted(bad)} "
            f"then {'forbid' if number % 3 else 'allow'} sms because {quoted(bad)} source {quoted(bad)} # {bad}\n"
        )
    lines.append(f"rule final: never tostring when region is {quoted(bad)} or constructor > 3\n")
    lines.append(f"example {quoted(bad)}: given late 0, region {quoted(bad)} expect sms unsaid\n")
    lines.append(f"accept overlap of r1, r2 because {quoted(bad)}\n")
    return "".join(lines)


def shows_and_never_runs(opened: Opened, file: Path) -> None:
    page = opened.page
    assert page.evaluate("window.ran") is None
    assert page.locator("img, b b, h1 *").count() == 0
    assert "<script>window.ran=1</script>" in page.locator("h1").inner_text()
    assert "{{7*7}}" in page.locator("h1").inner_text()
    opened.is_quiet(file)


BACKTICKED = """\
policy p "The `title`"
source "Book `b`"
fact late days clock
  "Days `late` of all"
fact heard yes/no usually no "Who `heard` of it"
setting most is 3 "The most `calls`"
action sms "Sends `sms`"
rule a "A `late` one":
  after most days then allow sms
  because "`late` is so, and ` alone is no code"
  source "s 1 `x`"
rule b "No `heard`": forbid sms when heard because "`heard` of it"
accept unguarded of sms because "`sms` is mild"
example "An `example` of it": given late 5 expect sms allowed
"""
RAW = """() => {
    const texts = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
    const raw = [];
    for (let text = texts.nextNode(); text !== null; text = texts.nextNode())
        if (text.textContent.includes("`") && !text.parentElement.closest("script, pre, .unseen"))
            raw.push(text.textContent.trim());
    return raw;
}"""


def test_what_authors_write_between_backticks_is_code(reader: Reader, reported: Reported) -> None:
    page = reader.open(reported(BACKTICKED)).page
    page.locator("#fact-late").fill("5")
    page.locator("#verdicts .faint code", has_text="late").first.wait_for(state="attached")
    assert [text for text in page.evaluate(RAW) if "` alone is no code" not in text] == []


def test_markup_in_every_string_is_shown_and_never_run(reader: Reader, reported: Reported) -> None:
    file = reported(hostile(12))
    opened = reader.open(file)
    fill(opened.page, late="500", region=BAD)
    assert opened.verdict("tostring") == "forbidden"
    for button in opened.page.locator("button.why").all():
        button.click()
    unfold(opened.page)
    for region in (BAD, "CA"):
        fill(opened.page, region=region)
        assert "\u202e" not in opened.page.locator("body").inner_text(), "nothing turns the text around"
    shows_and_never_runs(opened, file)
    assert opened.faults_of_access() == ""


def test_even_what_is_slipped_in_does_not_run(reader: Reader, reported: Reported) -> None:
    opened = reader.open(reported("pack:huabei/redesigned"))
    opened.page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), { textContent: 'window.ran = 1' }),"
        "Object.assign(new Image(), { src: 'https://example.org/x.png' }))"
    )
    opened.page.wait_for_timeout(200)
    assert opened.page.evaluate("window.ran") is None
    assert len(opened.said) == 2
    assert all("Content Security Policy" in line for line in opened.said)


def test_two_hundred_rules_and_thirty_actions(reader: Reader, reported: Reported) -> None:
    actions = [f"act{number}" for number in range(30)]
    lines = [f"fact late days clock  fact calls count  action {', '.join(actions)}  ladder l: {', '.join(actions)}"]
    for number in range(200):
        effect = "forbid" if number % 7 == 0 else "allow"
        days = f"from day {number} to day {number + number % 50}"
        condition = f"{days} and calls >= {number % 9} then {effect} act{number % 30}"
        lines.append(f"rule r{number}: {condition}{' overrides all' if effect == 'forbid' else ''}")
    file = reported("\n".join(lines))
    opened = reader.open(file)
    assert opened.page.locator("#chart tr[data-actions]").count() == 30
    fill(opened.page, late="36", calls="9")
    assert opened.verdict("act6") == "allowed"
    assert opened.verdict("act5") == "forbidden"
    assert opened.page.locator("#picture .bar").count() > 100
    opened.is_quiet(file)


def test_thousands_of_hostile_rules_open(reader: Reader, reported: Reported) -> None:
    rules = 10_000 if NIGHTLY else 600
    file = reported(hostile(rules))
    opened = reader.open(file)
    assert opened.page.locator("[data-rules] tbody tr:visible").count() == 200
    assert f"200 of {rules + 1} rules" in opened.page.locator("#found").inner_text()
    assert "more rules: see the rules below" in (opened.page.locator("#chart").text_content() or "")
    fill(opened.page, late="0")
    assert opened.verdict("sms") == "no rule"
    shows_and_never_runs(opened, file)
