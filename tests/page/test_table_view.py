"""A table of a policy is a table on its page, whose rows lead to their rules."""

from __future__ import annotations

import re
from pathlib import Path

from invoking import forbear, write

TEXT = """\
fact segment one of prime, near optional
action sms, visit

table early "By <segment>"
  | segment | sms   | visit |
  | prime   | allow | never |
  | near    |       |       |
  complete, no overlap
table late
  | segment   | visit  |
  | prime     | allow  |
  | otherwise | forbid |
  when segment is known
"""


def test_a_table_is_shown_as_a_table(tmp_path: Path) -> None:
    write(tmp_path, TEXT)
    assert forbear("report", "house.forbear", "-o", "out.html", cwd=tmp_path).code == 0
    page = (tmp_path / "out.html").read_text(encoding="utf-8")
    table = re.search(r'<table class="sheet">(.*?)</table>', page, re.DOTALL)
    assert table is not None
    rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in re.findall(r"<tr>(.*?)</tr>", table[1])]
    texts = [[re.sub("<[^>]*>", "", cell) for cell in row] for row in rows]
    assert texts == [
        ["Rule", "segment", "sms", "visit"],
        ["rule 1", "prime", "allow", "never"],
        ["", "near", "", ""],
    ]
    assert re.search(r'href="#rule-', table[1])
    assert "By &lt;segment&gt;" in page
    assert "It promises a row for each case and no two rows for one." in page
    assert "when segment is known, and no row above it holds" in re.sub("<[^>]*>", "", page)


WITH_TITLES = """\
policy p
fact late days clock
fact owed money USD
fact segment one of prime, near
action sms, visit

table early "First days"
  | segment | late   | sms   |
  | prime   | over 3 | allow |
  source "sheet 1"
table later "Later days"
  | rule | late   | then        |
  | home | over 9 | allow visit |
rule held: forbid sms when owed >= USD 100 overrides all
example "five days": given late 5, owed USD 20, segment prime expect sms allowed
"""


def test_rules_of_tables_have_the_titles_of_their_tables(tmp_path: Path) -> None:
    write(tmp_path, WITH_TITLES)
    answer = forbear("report", "house.forbear", "-o", "out.html", cwd=tmp_path)
    assert answer.code == 0, answer.err
    page = (tmp_path / "out.html").read_text(encoding="utf-8")
    rows = dict(re.findall(r'<tr id="rule-([\w.]+)" [^>]*?(class="of-table")?>', page))
    assert rows == {"early.1": 'class="of-table"', "home": 'class="of-table"', "held": ""}, (
        "what a table says in full is told once on paper"
    )
    titles = re.findall(r'<th scope="row"><span dir="auto">([^<]*)</span> <code class="id">', page)
    assert titles == ["First days, row 1", "Later days: home", "Held"]
    assert "sheet 1" in page[: page.index('<table class="sheet">')]
    assert re.search(r"owed</?[^>]*>.*?USD 20<", page, re.DOTALL | re.IGNORECASE), "a sum has its currency"
