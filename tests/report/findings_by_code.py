"""A small policy for each finding, with what `contract.md` promises of its fields: `findings_by_code.txt` has them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from attrs import frozen


@frozen
class Made:
    """Rules in which a code is found once, and the fields that its finding has."""

    code: str
    rules: str
    fields: dict[str, Any]
    witnesses: int


_HEAD, *_PARTS = re.split(
    r"^## (\w+) ([a-z-]+)(?:, (\d) cases)?$", Path(__file__).with_suffix(".txt").read_text("utf-8"), flags=re.MULTILINE
)
FACTS = _HEAD.partition("\n\n")[2].strip() + "\n"
UNDATED = f"policy house\n{FACTS}"
DATED = f"policy house in force from 2015-09-01 until 2015-12-31\n{FACTS}"
SEVERITIES = dict(zip(_PARTS[1::4], _PARTS[::4], strict=True))


def _made(code: str, cases: str | None, text: str) -> Made:
    rules, _, fields = text.strip().rpartition("\n= ")
    return Made(code, rules, json.loads(fields), int(cases or 1))


MADE = tuple(map(_made, _PARTS[1::4], _PARTS[2::4], _PARTS[3::4]))
