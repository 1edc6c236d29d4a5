"""A table of a policy is a table on its page, whose rows lead to their rules."""

from __future__ import annotations

import re
from pathlib import Path

from invoking import forbear, write

TEXT = """\
fact segment one of prime, near
action sms, visit

table early "By <segment>"
  | segment | sms   | visit |
  | prime   | allow | never |
  | near    |       |       |
  complete, no overlap
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
    assert re.search(r'href="#rule-0"', table[1])
    assert "By &lt;segment&gt;" in page
    assert "It promises a row for each case and no two rows for one." in page
