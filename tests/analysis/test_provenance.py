"""What was read of a law: its page, its JSON, its digest. What is found of it is in `transcripts/provenance.txt`."""

from __future__ import annotations

import json
from pathlib import Path

from command import run, write

import forbear
from forbear.editors.editing.completing import completions
from forbear.editors.editing.reading import read
from forbear.targets.json_form import json_form

LAW = """\
standard law "A law"
  source "Act 12"
  read on 2026-11-26 "1 to 3: the official collection", on 2026-11-27 "4: a commentary"
  reviewed by none until 2027-12-31
rule night: never calls when local_time > 21:00 source "Act 12, 1"
rule work: never call_at_work source "Act 12, 4" second-hand
rule post: never public_post source "Act 12, 5" from-memory
"""
HOUSE = 'policy house subject to "law" rule call: after 9 days then allow phone_call '


def test_the_page_names_the_rules_that_nobody_has_read(tmp_path: Path) -> None:
    write(tmp_path, "law.forbear", LAW)
    write(tmp_path, "house.forbear", HOUSE)
    page = run("report", "house.forbear", "-o", "-", cwd=tmp_path).out.partition('<h2 id="read">')[2]
    assert "<code>work</code> (second-hand), <code>post</code> (from-memory)." in page
    assert "4: a commentary, 2026-11-27</li>" in page


def test_what_a_rule_rests_on_is_in_the_json_form_and_what_was_read_in_no_digest() -> None:
    law = forbear.loads(LAW)
    form = json.loads(json_form(law.typed))
    assert form["provenance"] == law.provenance
    assert form["rules"][2]["source"] == "Act 12, 5; from-memory"
    assert law.provenance == {
        "read": [
            {"text": "1 to 3: the official collection", "on": "2026-11-26"},
            {"text": "4: a commentary", "on": "2026-11-27"},
        ],
        "reviewed": {"by": None, "until": "2027-12-31"},
        "not_read": {"work": "second-hand", "post": "from-memory"},
    }
    assert forbear.loads(LAW.replace("by none until 2027-12-31", 'by "counsel"')).digest == law.digest
    assert forbear.loads(LAW.replace(" second-hand", "")).digest != law.digest


def test_an_editor_offers_what_a_rule_may_rest_on() -> None:
    text = 'rule a: never sms source "Act 12" '
    assert {"second-hand", "from-memory"} <= {option.text for option in completions(read(text, None), len(text))[1]}
    assert "second-hand" not in {option.text for option in completions(read(text[:18], None), 18)[1]}
