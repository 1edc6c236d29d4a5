"""What a reader who has never seen a rule file meets: words, rules by number, cases to load and to send."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from browser import Reader, Reported

ROOT = Path(__file__).parents[2]
HOUSE = ROOT / "tests" / "analysis" / "changes" / "house.forbear"

SMALL = """\
policy small "A small lender" version "3"
setting patience is 5 "days that are waited"
fact days_overdue days clock "Days past due"
fact asleep yes/no usually no "The borrower is asleep"
fact iban text private
fact calls_in_7_days count usually 0
action sms "A text"  action phone_call "A call"  action visit "A visit"
group all_of_them is sms, phone_call, visit
rule text_early "A text early": after patience days then allow sms, phone_call
rule must_call "A call is due": on day 90 and iban is not "" then require phone_call
rule let_sleep "The sleeping are let alone": never sms, phone_call when asleep
rule often "Not too often": limit phone_call to 3 by calls_in_7_days
rule nobody_visits "Nobody is visited": never visit
ensure visit not allowed
ensure phone_call not allowed when within 100 days
example "asleep on day 9": given days_overdue 9, asleep yes, iban "DE1" expect sms forbidden
"""


def test_the_first_sheet_says_what_is_assumed_and_what_is_proved(reader: Reader, reported: Reported) -> None:
    page = reader.open(reported(SMALL)).page
    said = page.locator("header.first .sum")
    assert said.inner_text().startswith("1 of 2 promises proved; "), "the worst first"
    assert said.locator(".broken").all_inner_texts()[0] == "1 of 2 promises proved"
    first = page.locator(".cards")
    assert "Patience: 5 days that are waited" in first.inner_text()
    assert "1 of 2 proved" in first.inner_text()
    assert "visit: not permitted in every case" in first.locator("li.proved").inner_text()
    assert "phone call: not permitted when at most 100 days overdue" in first.locator("li.broken").inner_text()


def test_a_number_is_the_same_rule_throughout(reader: Reader, reported: Reported) -> None:
    page = reader.open(reported(SMALL)).page
    row = page.locator("#chart tr[data-actions]", has_text="SMS")
    assert row.locator("p.says .n").inner_text().endswith("1")
    assert row.locator("td.held").inner_text().split() == ["rule", "3", "let", "sleep"]
    href = row.locator("td.held a").get_attribute("href")
    assert href == "#rule-let_sleep", "an address stays whatever the order of the rules is"
    assert row.locator("td.held a").get_attribute("title") == "The sleeping are let alone"
    told = page.locator(href)
    assert told.locator(".n").inner_text() == "3"
    assert "The sleeping are let alone" in told.inner_text()
    assert "Never permits SMS, phone call when the borrower is asleep." in told.inner_text()
    page.locator("#fact-asleep").select_option("yes")
    assert page.locator('#verdicts tr[data-action="sms"] .n').inner_text() == "3"


def test_only_what_forbids_holds_back(reader: Reader, reported: Reported) -> None:
    """A rule that requires what is permitted anyway takes precedence, and holds nothing back."""
    page = reader.open(reported(SMALL)).page
    row = page.locator("#chart tr[data-actions]", has_text="Phone call")
    assert row.locator("td.held").inner_text().split() == ["rule", "3", "let", "sleep,", "rule", "4", "often"]
    row.locator("button").click()
    rules = page.locator("#chart tr.all:visible li").all_inner_texts()
    assert [text.removeprefix("rule ")[0] for text in rules] == ["1", "2", "3", "4"], "all of them, on a click"
    assert page.locator("#chart tr.never").inner_text().split() == [
        "Never",
        "visit",
        "by",
        "rule",
        "5",
        "nobody",
        "visits",
    ]


def test_many_rules_that_forbid_are_counted_and_the_first_named(reader: Reader, reported: Reported) -> None:
    facts = "".join(f'fact f{n} yes/no\nrule r{n} "Rule of f{n}": never sms when f{n}\n' for n in range(6))
    page = reader.open(reported(f"fact late days clock\naction sms\nrule t: after 3 days then allow sms\n{facts}")).page
    held = page.locator("#chart tr[data-actions] td.held")
    assert held.locator("summary").inner_text() == "6 rules can forbid: r0, r1, r2, +3"
    held.locator("summary").click()
    assert held.locator("li").last.inner_text().split() == ["rule", "7", "Rule", "of", "f5"]
    page.emulate_media(media="print")
    assert held.locator(".unprinted").inner_text() == "rules 2 to 7"


def test_a_rule_has_one_number_before_and_after(reader: Reader, reported: Reported) -> None:
    rules = [
        "rule a: after 3 days then allow sms\n",
        "rule b: never sms when hardship is plan_active\n",
        "rule c: after 9 days then allow letter\n",
    ]
    page = reader.open(reported("".join(rules), rules[2].replace("9", "7") + rules[1])).page
    numbers = {side: page.locator(f"tr[id^={side}-rule] .num").all_text_contents() for side in ("old", "new")}
    assert numbers == {"new": ["1", "2"], "old": ["3", "1", "2"]}, "by groups; what is gone comes last"
    letters = page.locator("#chart tr[data-actions=letter] a.n").all_text_contents()
    assert letters == ["rule 1", "rule 1"]
    drawn = page.locator("#picture .inside").all_text_contents()
    assert [text for text in drawn if "·" in text] == ["allowed · 3", "allowed · 1", "allowed · 1"]


def test_a_step_is_marked_and_undone_and_a_fact_is_found(reader: Reader, reported: Reported) -> None:
    page = reader.open(reported(SMALL)).page
    begun = page.locator("#status .said").all_inner_texts()
    page.locator("#fact-asleep").select_option("yes")
    page.locator("#fact-days_overdue").fill("12")
    page.locator("#fact-asleep").select_option("no")
    assert page.locator("#status mark").all_inner_texts() == ["SMS", "phone call"], "what the last step changed"
    for _ in range(3):
        page.locator("#undo").click()
    assert page.locator("#fact-days_overdue").input_value() == "6"
    assert page.locator("#status .said").all_inner_texts() == begun
    assert page.locator("#undo").is_disabled()
    page.locator("#search-facts").fill("asleep")
    assert page.locator("[data-fact]:visible").count() == 1
    page.locator("#search-facts").fill("")
    assert page.locator("[data-fact]:visible").count() > 1
    page.set_viewport_size({"width": 390, "height": 400})
    page.locator("#copy").focus()
    box = page.locator("#status").bounding_box()
    assert box is not None
    assert box["y"] == 0, "verdicts stay in sight beside the last fact"


def test_it_begins_with_an_ordinary_case(reader: Reader, reported: Reported) -> None:
    """Something happens on its day, and of what is never usual it has what permits most, in round sums."""
    rules = "fact owed money CNY\nfact paid money CNY\nrule big: never sms when owed < CNY 30.50 or paid > owed\n"
    rules += "fact place one of work, home optional\nrule at_home: never sms when place is home\n"
    rules += 'fact land text one of "AD", "US"\nrule there: never visit when land is "US"\n'
    text = re.sub("(?m)^example.*", "", SMALL) + rules
    opened = reader.open(reported(text))
    names = ("days_overdue", "owed", "paid", "place", "land")
    values = [opened.page.locator(f"#fact-{name}").input_value() for name in names]
    assert values == ["6", "100", "100", "work", "US"]
    assert opened.verdict("sms") == "allowed"
    opened.page.locator("#fact-owed").fill("0")
    opened.page.get_by_role("button", name="An ordinary case").click()
    assert opened.page.url.endswith("#case?")
    assert opened.verdict("sms") == "allowed"


def test_the_address_names_the_case(reader: Reader, reported: Reported) -> None:
    file = reported(SMALL)
    opened = reader.open(file)
    page = opened.page
    assert "#" not in page.url
    page.locator("#fact-days_overdue").fill("30")
    page.locator("#fact-asleep").select_option("yes")
    page.locator("#fact-iban").fill("secret")
    assert page.url.endswith("#case?days_overdue=30&asleep=yes"), "what is private is not sent"
    other = reader.browser.new_page()
    other.goto(page.url)
    assert other.locator("#fact-days_overdue").input_value() == "30"
    assert other.locator('#verdicts tr[data-action="sms"] .verdict').inner_text() == "forbidden"
    other.close()
    page.get_by_role("button", name="An ordinary case").click()
    assert page.locator("#fact-asleep").input_value() == "no"
    assert page.url.endswith("#case?")
    opened.is_quiet(file)


@pytest.mark.parametrize(
    "hash", ["#case?days_overdue=<img src=x onerror=window.ran=1>&asleep=%00&__proto__=1", "#case?%", "#%ff", "#case"]
)
def test_a_hostile_address_does_nothing(reader: Reader, reported: Reported, hash: str) -> None:
    file = reported(SMALL)
    page = reader.browser.new_page()
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(file.as_uri() + hash)
    assert page.locator("#verdicts tr[data-action]").count() == 3
    assert page.evaluate("window.ran") is None
    assert page.locator("img").count() == 0
    assert said == []
    page.close()


def test_an_example_loads_as_a_finding_does(reader: Reader, reported: Reported) -> None:
    opened = reader.open(reported(SMALL))
    opened.page.locator("#examples summary").click()
    shown = opened.page.locator("#examples li", has_text="asleep on day 9").first
    assert "Days overdue 9" in " ".join(shown.inner_text().split())
    assert "expects SMS: forbidden" in shown.inner_text()
    shown.get_by_role("button", name="Load this case").click()
    assert opened.verdict("sms") == "forbidden"
    assert opened.page.evaluate("document.activeElement.id") == "case"


def test_the_facts_that_matter_come_first(reader: Reader, reported: Reported) -> None:
    page = reader.open(reported(HOUSE)).page
    titles = page.locator("#facts details.group > summary").all_inner_texts()
    groups = ("What would permit more", "What holds back", "What standards alone ask")
    assert [title.startswith(group) for title, group in zip(titles, groups, strict=False)] == [True] * 3
    assert page.locator("#facts details.group").first.evaluate("one => one.open")
    assert not page.locator("#facts details.group").nth(2).evaluate("one => one.open")
    page.locator("#facts details.group > summary").nth(1).click()
    page.locator("#fact-cease_requested").select_option("yes")
    assert "not as usual: cease requested" in page.locator("#facts details.group > summary").nth(1).inner_text()


@pytest.mark.parametrize("width", [390, 1400])
def test_the_page_alone_scrolls(reader: Reader, reported: Reported, width: int) -> None:
    page = reader.open(reported(HOUSE)).page
    page.set_viewport_size({"width": width, "height": 844})
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    page.locator("button.action").first.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    inner = page.evaluate(
        "[...document.querySelectorAll('main *:not(input):not(select):not(.unseen)')]"
        ".filter(one => ['auto', 'scroll', 'hidden'].includes(getComputedStyle(one).overflowX)"
        " && one.scrollWidth > one.clientWidth + 1).map(one => one.outerHTML.slice(0, 80))"
    )
    assert inner == [], "nothing is cut, or in a scroller of its own"


def many(rules: int) -> str:
    """A policy with so many rules, forty actions and thousands of findings: pairs of rules that contradict."""
    actions = [f"step_{number}" for number in range(40)]
    lines = [f"policy many\nfact late days clock\nfact asked yes/no\naction {', '.join(actions)}"]
    for number in range(rules):
        some = ", ".join(sorted({actions[number % 40], actions[(number * 7) % 40]}))
        effect, also = ("forbid", " and asked") if number % 3 == 0 else ("allow", "")
        lines.append(f'rule r{number} "Rule {number}": from day {number % 30}{also} then {effect} {some}')
    return "\n".join(lines)


def test_many_rules_and_findings_stay_usable(reader: Reader, reported: Reported) -> None:
    file = reported(many(200))
    opened = reader.open(file)
    page = opened.page
    assert page.locator("#chart tr[data-actions]").count() <= 40
    assert page.locator("#findings ~ div article:visible").count() < 10, "many findings of a kind are folded"
    page.get_by_label("Search the findings").fill("`r101`".strip("`"))
    shown = page.locator("#findings ~ div article:visible")
    assert 0 < shown.count() < 100
    assert all("r101" in text for text in shown.all_inner_texts())
    page.get_by_label("Search the findings").fill("")
    page.get_by_label("Show", exact=True).select_option("error")
    assert page.locator("#findings ~ div details:visible").count() == 1
    outline = page.locator("nav.outline")
    page.locator("#rules").scroll_into_view_if_needed()
    page.evaluate("scrollTo(0, document.body.scrollHeight / 2)")
    box = outline.bounding_box()
    assert box is not None
    assert box["y"] == 0, "the outline stays"
    page.get_by_label("Show", exact=True).select_option("")
    page.evaluate("document.querySelectorAll('details.code').forEach(one => { one.open = true; })")
    page.emulate_media(media="print")
    codes = page.locator("details.code:visible")
    printed = [codes.nth(number).locator("article:visible").count() for number in range(codes.count())]
    assert max(printed) == 12, "of many findings of a code, paper has some"
    assert page.get_by_text("more, which the page has on a screen").first.is_visible()
    opened.is_quiet(file)


ALONG = """\
fact days_overdue days clock
fact fresh yes/no usually no "The borrower is new"
action sms, opt_out_notice, welcome
rule texts: after 3 days then allow sms with opt_out_notice
rule greet: require welcome with sms when fresh
"""


def test_what_goes_along_is_told_where_its_rule_holds(reader: Reader, reported: Reported) -> None:
    page = reader.open(reported(ALONG)).page
    row = page.locator('#verdicts tr[data-action="sms"]')
    assert row.locator(".along").all_inner_texts() == ["with opt out notice"]
    page.locator("#fact-days_overdue").fill("4")
    assert "allowed with opt out notice: SMS" in page.locator("#status").inner_text()
    page.locator("#fact-fresh").select_option("yes")
    assert row.locator(".along").all_inner_texts() == ["with opt out notice", "with welcome"]
    assert "Permits SMS with opt out notice when more than 3 days overdue." in page.locator("#rule-texts").inner_text()


ALONE = """\
fact days_overdue days clock
action sms
rule texts: after 3 days then allow sms
example "on day 4": given days_overdue 4 expect sms allowed
"""


def test_one_of_a_thing_is_not_told_as_several_and_no_column_is_empty(reader: Reader, reported: Reported) -> None:
    page = reader.open(reported(ALONE)).page
    assert page.locator(".sum").inner_text() == "1 rule; 1 of 1 example decided as expected; 1 note."
    assert page.locator("#examples summary").inner_text() == "1 example of the policy, to load"
    assert page.locator("#chart thead th").count() == 2, "where nothing is forbidden, no column says by which rule"
    page = reader.open(reported(ALONE + "fact asked yes/no usually no\nrule hold: never sms when asked\n")).page
    assert page.locator("#chart thead th").last.inner_text() == "Unless forbidden by rule"
    assert page.locator("#chart td.held a.n").count() == 2


def test_on_a_phone_what_never_happens_is_not_said_to_be_unless(reader: Reader, reported: Reported) -> None:
    page = reader.open(reported(ALONE + "action visit\nrule home: never visit\n")).page
    page.set_viewport_size({"width": 390, "height": 900})
    never = page.locator("#chart tr.never")
    before = never.locator(".held").evaluate("cell => getComputedStyle(cell, '::before').content")
    assert (before, never.locator(".held").inner_text().split()) == ("none", ["by", "rule", "2", "home"])


def test_on_a_phone_many_rules_on_an_action_are_their_numbers(reader: Reader, reported: Reported) -> None:
    facts = "".join(f'fact f{n} yes/no\nrule r{n} "Rule of f{n}": never sms when f{n}\n' for n in range(6))
    page = reader.open(reported(f"standard much\naction sms\n{facts}")).page
    said = page.locator("#chart .by")
    assert "Rule of f5" in said.inner_text()
    page.set_viewport_size({"width": 390, "height": 900})
    assert not page.locator("#chart thead").is_visible(), "of which nothing is left"
    assert said.inner_text().split() == [word for n in range(1, 7) for word in ("rule", str(n))]
