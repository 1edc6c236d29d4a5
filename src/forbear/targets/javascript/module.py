"""A policy as a stand-alone JavaScript module: its data, and a fixed kernel that reads them."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import wrap

from forbear.kernel.cases import TEXTS
from forbear.language.model.policy import TypedPolicy, facts_read
from forbear.targets.policy_data import policy_data
from forbear.version import __version__


def javascript_module(policy: TypedPolicy) -> str:
    """The text of an ES module that exports `decide(case, on)` and `CaseError`. The same policy gives the same text.

    `case` and what `decide` gives are those of `forbear decide` in JSON; `on` is a day such as "2015-09-22".
    """
    data = json.dumps(policy_data(policy), ensure_ascii=True, separators=(",", ":"))
    return (
        f"// Decides a policy, compiled by Forbear {__version__}; do not edit. It needs nothing else.\n"
        f"{_given(policy)}\n"
        f"{kernel()}\n// The policy\n\n"
        f"export const policy = load(JSON.parse({json.dumps(data, ensure_ascii=True)}));\n\n"
        "// The verdict on each action. Throws `CaseError`.\n"
        "export function decide(given, on = null) {\n    return decideBy(policy, given, on);\n}\n"
    )


def _given(policy: TypedPolicy) -> str:
    """Which facts it does not derive, as comments."""
    if not (derived := [name for name in facts_read(policy) if name in policy.derived]):
        return ""
    how = "`Policy.derive(case, at)` of Python gives them"
    lines = wrap(f"It derives no facts, so a case holds them: {', '.join(derived)}. {how}.", 110)
    return "//\n" + "".join(f"// {line}\n" for line in lines)


def kernel() -> str:
    """The part of a module that is the same for every policy."""
    text = (Path(__file__).parent / "kernel.js").read_text(encoding="utf-8")
    said = {code: words for code, words in TEXTS.items() if f'"{code}"' in text}
    return text.replace("const TEXTS = {};", f"const TEXTS = {json.dumps(said, indent=4)};")
