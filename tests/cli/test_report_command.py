"""`forbear report`: a whole page or none, the chart alone, and whatever may be wrong with what it is given."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from command import DATED, HOUSE, run, write
from invoking import forbear

SVG = "{http://www.w3.org/2000/svg}"


def test_writes_one_page_that_asks_for_nothing(tmp_path: Path) -> None:
    write(tmp_path, "house.forbear", HOUSE)
    answer = run("report", "house.forbear", "-o", "house.html", cwd=tmp_path)
    assert (answer.code, answer.said) == (0, "house.html written\n")
    text = (tmp_path / "house.html").read_text("utf-8")
    assert text.startswith('<!doctype html>\n<html lang="en">')
    assert "default-src 'none'" in text
    assert not re.search(r"""(src|href)=["'](?!#)""", text)
    assert not re.search(r"(https?:)?//[a-z]", text.replace("http://www.w3.org/2000/svg", "").partition("<script")[0])
    again = run("report", "house.forbear", "-o", "-", cwd=tmp_path)
    assert again.out == text, "the same policy gives the same page"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["house.forbear", "house.html"]


def test_the_chart_alone_is_a_picture_of_its_own(tmp_path: Path) -> None:
    write(tmp_path, "house.forbear", HOUSE.replace("How far", "How <far> & wide"))
    assert forbear("report", "house.forbear", "--svg", "house.svg", cwd=tmp_path).code == 0
    root = ElementTree.parse(tmp_path / "house.svg").getroot()
    assert root.tag == f"{SVG}svg"
    told = ["".join(text.itertext()) for text in root.iter(f"{SVG}title")]
    assert any(
        one.startswith("allowed by ask_related_person, more than 60 days overdue; and at least 3 ") for one in told
    )
    assert "allowed by remind_by_message, 9 to 13 days overdue (day 9 to 13)" in told
    assert not list(root.iter(f"{SVG}a")), "there is nothing to link to"
    assert "How <far> & wide" in (root.get("aria-label") or "")


@pytest.mark.parametrize("first", [1, 365])
def test_each_day_on_which_something_begins_is_told(tmp_path: Path, first: int) -> None:
    days = [first + 1, first + 2, first + 4, first + 9, *range(first + 30, first + 30 + 2 * 6)]
    rules = "".join(f"rule r{day}: on day {day} then allow sms\n" for day in days[::2])
    write(tmp_path, "house.forbear", rules)
    assert forbear("report", "house.forbear", "--svg", "house.svg", cwd=tmp_path).code == 0
    root = ElementTree.parse(tmp_path / "house.svg").getroot()
    ticks = [text for text in root.iter(f"{SVG}text") if text.get("class") == "tick"]
    begins = sorted({0, *days[::2], *[day + 1 for day in days[::2]]})
    assert [int((tick.text or "").removeprefix("day ")) for tick in ticks] == begins
    places = [float(tick.get("x") or 0) for tick in ticks]
    assert all(after - before > 25 for before, after in itertools.pairwise(places)), "none lies on another"


def test_the_page_says_what_the_policy_and_its_standards_leave_out(tmp_path: Path) -> None:
    write(tmp_path, "law.forbear", 'standard law omits "<b>", "`c`" never calls when within 90 days')
    write(tmp_path, "house.forbear", 'policy house subject to "law" after 90 days then allow calls')
    write(tmp_path, "new.forbear", 'policy house subject to "law" omits "d" after 99 days then allow calls')
    section = '<section aria-labelledby="omits"'
    of_law = "<p><code>law</code> does not say:</p>"
    page = (
        forbear("report", "house.forbear", "-o", "-", cwd=tmp_path).out.partition(section)[2].partition("</section>")[0]
    )
    assert of_law in page
    assert [item[1] for item in re.finditer(r"<li[^>]*>(.*?)</li>", page)] == ["&lt;b&gt;", "<code>c</code>"]
    page = forbear("report", "house.forbear", "new.forbear", "-o", "-", cwd=tmp_path).out.partition(section)[2]
    page = page.partition("</section>")[0]
    places = [page.index(text) for text in ("<h3>After", ">d</li>", "<h3>Before")]
    assert places == sorted(places)
    assert page.count(of_law) == 2
    same = forbear("report", "house.forbear", "house.forbear", "-o", "-", cwd=tmp_path).out.partition(section)[2]
    assert same.partition("</section>")[0].count(of_law) == 1
    assert (
        section not in forbear("report", write(tmp_path, "no.forbear", "never sms").name, "-o", "-", cwd=tmp_path).out
    )


def test_what_an_example_leaves_open_is_unknown_on_the_page(tmp_path: Path) -> None:
    write(tmp_path, "open.forbear", "rule a: contact_source is declared then allow sms\n"
          'example "x": given contact_source unknown expect sms allowed\n')  # fmt: skip
    assert forbear("report", "open.forbear", "-o", "open.html", cwd=tmp_path).code == 0
    assert '<span class="name">Contact source</span> <b>unknown</b>' in (tmp_path / "open.html").read_text("utf-8")


def test_the_page_and_the_chart_at_once(tmp_path: Path) -> None:
    write(tmp_path, "house.forbear", HOUSE)
    answer = forbear("report", "house.forbear", "-o", "house.html", "--svg", "house.svg", cwd=tmp_path)
    assert answer.code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["house.forbear", "house.html", "house.svg"]


def test_findings_do_not_keep_the_page_from_being_written(tmp_path: Path) -> None:
    write(tmp_path, "wrong.forbear", HOUSE + "rule again: after 60 days then allow disclose_item_details, sms\n"
          "rule hold: forbid sms when after 60 days\n")  # fmt: skip
    assert forbear("report", "wrong.forbear", "-o", "wrong.html", cwd=tmp_path).code == 0
    assert "contradiction" in (tmp_path / "wrong.html").read_text("utf-8")


@pytest.mark.parametrize("text", [HOUSE.replace("contact_related\n", "contact_relatde\n"), "", "rule"])
def test_a_policy_in_error_leaves_the_old_page(tmp_path: Path, text: str) -> None:
    write(tmp_path, "house.forbear", text)
    old = write(tmp_path, "house.html", "old")
    answer = run("report", "house.forbear", "-o", "house.html", cwd=tmp_path)
    assert answer.code == 1
    assert "house.forbear:" in answer.err
    assert old.read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["house.forbear", "house.html"]


def test_a_day(tmp_path: Path) -> None:
    write(tmp_path, "dated.forbear", DATED)
    charts = {}
    for day in ("2015-05-31", "2015-06-01"):
        assert forbear("report", "dated.forbear", "--svg", f"{day}.svg", "--on", day, cwd=tmp_path).code == 0
        charts[day] = (tmp_path / f"{day}.svg").read_text("utf-8")
    assert "forbidden by summer" not in charts["2015-05-31"]
    assert "forbidden by summer" in charts["2015-06-01"]
    answer = run("report", "dated.forbear", "--svg", "a.svg", "--on", "2016-01-01", cwd=tmp_path)
    assert answer.code == 1
    assert "is in force from 2015-01-01 until 2015-12-31" in answer.err


def test_without_a_day_the_chart_names_the_days(tmp_path: Path) -> None:
    write(tmp_path, "dated.forbear", DATED)
    assert forbear("report", "dated.forbear", "--svg", "all.svg", cwd=tmp_path).code == 0
    assert "forbidden by summer from 2015-06-01 until 2015-08-31" in (tmp_path / "all.svg").read_text("utf-8")


def test_a_setting(tmp_path: Path) -> None:
    write(tmp_path, "late.forbear", "setting grace is 60\nrule a: after grace days then allow sms\n")
    assert forbear("report", "late.forbear", "--svg", "a.svg", "--set", "grace=30", cwd=tmp_path).code == 0
    assert "day 31 and later" in (tmp_path / "a.svg").read_text("utf-8")


def test_no_clock_no_rule_and_names_of_javascript(tmp_path: Path) -> None:
    for number, text in enumerate(
        (
            "policy empty  fact x count  action sms",
            "policy timeless  fact x count  action sms  rule a: x > 3 then require sms",
            "fact late days clock  action constructor, valueof  rule tostring: late > 3 then allow constructor",
        )
    ):
        write(tmp_path, "p.forbear", text)
        assert forbear("report", "p.forbear", "-o", f"{number}.html", "--svg", f"{number}.svg", cwd=tmp_path).code == 0
        ElementTree.parse(tmp_path / f"{number}.svg")
    assert "No rule reads a clock" in (tmp_path / "1.html").read_text("utf-8")


def test_the_values_of_settings_are_told_those_of_a_standard_too(tmp_path: Path) -> None:
    write(
        tmp_path, "law.forbear", "standard law\nsetting most open is 7\nrule often: limit sms to most by unreachable\n"
    )
    house = 'policy house\n  subject to "law"\nsetting grace is 5\nsetting law.most is 3 "as <promised>"\n'
    write(tmp_path, "house.forbear", f"{house}rule call: after grace days then allow sms\n")
    page = run("report", "house.forbear", "-o", "-", cwd=tmp_path).out
    assert '<b>Grace: 5</b> <span class="id">grace</span></li>' in page
    described = '<span class="dim" dir="auto">as &lt;promised&gt;</span>'
    assert f'<b>Law: most: 3</b> {described} <span class="id">law.most</span></li>' in page


def test_the_chart_names_a_rule_that_asks_only_where_it_may_forbid(tmp_path: Path) -> None:
    """Where `asks` is active and `notice` is not forbidden, it takes nothing away."""
    text = "policy p\nfact late days clock\nfact asked yes/no\naction sms, notice\nrule base: allow sms when late > 1\n"
    text += "rule asks: require notice with sms when asked\n"
    for hold, held in (("late > 5", ["asks"]), ("late > 5 and not asked", [])):
        write(tmp_path, "p.forbear", f"{text}rule hold: forbid notice when {hold}\n")
        assert forbear("report", "p.forbear", "--svg", "p.svg", cwd=tmp_path).code == 0
        drawn = (tmp_path / "p.svg").read_text(encoding="utf-8")
        assert re.findall("unless forbidden by ([^<;]*)", drawn) == held
