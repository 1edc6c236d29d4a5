"""The TypeScript declarations beside a JavaScript module, by TypeScript's own compiler where there is one."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
import test_compiled

import forbear
from forbear.report.formats.json import dumps
from forbear.targets.javascript.module import typescript_declarations

CLIENT = """
import { decide, CaseError, policy, type Action, type Case, type Decision } from "./types.mjs";
const given: Case[] = GIVEN;
const answers: Decision = decide(given[0]!, "2015-03-01");
const verdict: "allowed" | "required" | "forbidden" | "unsaid" = answers.import.verdict;
const every: Action[] = ["sms", "call", "visit", "import", "letter", "yield", "assert"];
const permitted: Action[] = every.filter((action) => answers[action].permitted);
const digest: string = policy.digest;
try {
    decide(given[1]!, "2015-03-01");
} catch (error) {
    if (!(error instanceof CaseError)) throw error;
    const faults: string[] = error.faults.map(([fact, message]) => `${fact}: ${message}`);
    const codes: [string, unknown][] = error.faults.map(([, , code, told]) => [code, told.name]);
}
// @ts-expect-error: there is no such action
answers.imports;
// @ts-expect-error: facts are missing
decide({ late: 3 }, "2015-03-01");
// @ts-expect-error: the policy has dates
decide(given[0]!);
// @ts-expect-error: no value of an enumeration
decide({ ...given[0]!, def: "elsewhere" }, "2015-03-01");
// @ts-expect-error: no flag
decide({ ...given[0]!, asked: "yes" }, "2015-03-01");
// @ts-expect-error: a fact that is not optional is not null
decide({ ...given[0]!, late: null }, "2015-03-01");
// @ts-expect-error: there is no such fact
decide({ ...given[0]!, calls_: 1 }, "2015-03-01");
"""


@pytest.mark.skipif(shutil.which("tsc") is None, reason="there is no `tsc`")
def test_type_checks_strictly(tmp_path: Path) -> None:
    """Whatever the module decides is a `Case`, and what it cannot decide because of its type is none."""
    policy = forbear.loads(test_compiled.POLICIES["every_type"])
    cases = [case for case, on in test_compiled.good_cases(policy, 60) if not test_compiled.refused(policy, case, on)]
    (tmp_path / "types.d.mts").write_text(typescript_declarations(policy.typed))
    (tmp_path / "use.mts").write_text(CLIENT.replace("GIVEN", dumps(cases)))
    house = forbear.load("examples/us_card_issuer")
    (tmp_path / "house.d.mts").write_text(typescript_declarations(house.typed))
    options = ["--noEmit", "--strict", "--noUncheckedIndexedAccess", "--target", "es2022", "--lib", "es2022"]
    options += ["--module", "nodenext", "--moduleResolution", "nodenext"]
    done = subprocess.run(
        ["tsc", *options, "use.mts", "house.d.mts"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_no_text_of_a_policy_leaves_its_comment_or_its_quotation_marks() -> None:
    text = 'fact late days clock "*/ export const x = 1; /*"\nfact city text one of "a | b", "*/" or none\naction sms\n'
    policy = forbear.loads(text + 'after 3 days and city is "*/" then allow sms\n')
    lines = typescript_declarations(policy.typed).splitlines()
    assert r"    /** *\/ export const x = 1; /*; from 0 */" in lines
    assert '    city: "a | b" | "*/" | "none";' in lines


def test_an_optional_fact_and_one_that_no_rule_reads_may_be_left_out() -> None:
    policy = forbear.loads(
        "fact late days clock\nfact owed money CNY optional\nfact seen time\naction sms\n"
        "after 3 days and owed > CNY 5 then allow sms\n"
    )
    text = typescript_declarations(policy.typed)
    assert "    late: Numeric;\n" in text
    assert "    owed?: Numeric | null;\n" in text
    assert "    seen?: TimeOfDay;\n" in text
    assert "decide(given: Case, on?: Day | null)" in text


def test_what_is_known_of_a_number_is_a_value_of_it() -> None:
    text = typescript_declarations(
        forbear.loads("""\
event call
  has answered yes/no
fact silent days since last call
fact late days clock
action a
rule talk: allow a when silent > 6 and late > 3
""").typed
    )
    assert "export type KnownInPart = { at_least?: Numeric; at_most?: Numeric; or_none?: boolean };" in text
    assert '    silent: Numeric | "none" | KnownInPart;' in text
    assert "    late: Numeric;" in text
