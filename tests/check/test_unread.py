"""What a policy's own file declares and nothing reads is one finding, and no assumption of the report."""

from __future__ import annotations

from pathlib import Path

from invoking import forbear, write

from forbear import load
from forbear.base.resources import pack_names

HEAD = """\
policy tried
setting most is 3
setting idle is USD 3 "Nothing rests on it"
setting few is 3 "Only what nothing reads rests on it"
fact late days clock
fact misses count usually 0
fact lost count usually 0
fact calls count of call in last 3 days usually 0
fact born date usually 1990-01-01
fact age years since born usually 20
fact debt text usually "x"
event call
  has debt text
event letter
define often is misses > most
define seldom is lost > few
define deep is seldom and after 3 days
action sms
"""
RULE = "rule a: often and age > 3 then allow sms\n"


def test_no_shipped_policy_declares_what_it_does_not_read() -> None:
    for name in pack_names():
        assert "unread" not in [one.code for one in load(f"pack:{name}").warnings], name


def test_the_report_does_not_assume_what_nothing_reads(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    assert forbear("report", write(tmp_path, HEAD + RULE), "-o", page).code == 0
    assumed = page.read_text(encoding="utf-8").split('id="assumes"')[1].split("</ul>")[0]
    assert "Most" in assumed
    assert "Idle" not in assumed
    assert "Few" not in assumed
