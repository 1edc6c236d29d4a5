"""`forbear report`: a whole page or none, the chart alone, and whatever may be wrong with what it is given."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from command import HOUSE, run, write
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
