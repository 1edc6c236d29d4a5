"""Rule files, damaged by bytes, words and the grammar, through every command; layouts; pins of what they use."""

from __future__ import annotations

import datetime
import json
import random
from pathlib import Path

import damage
import pytest
import strategies
from campaign import SHARDS, Campaign, call, writes_only
from swapping import opened_as

import forbear
from forbear.kernel.cases import CaseError
from forbear.language.model.policy import facts_read
from forbear.library.loading import check_file
from forbear.semantics import meaning

FILE = "bad.forbear"
CASE = "case.json"
COMMANDS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("validate", FILE, "--all", "--notes"), ()),
    (("validate", FILE, "--format", "json", "--on", "2015-10-01"), ()),
    (("validate", FILE, "--format", "sarif"), ()),
    (("validate", FILE, "--format", "github", "--strict"), ()),
    (("validate", FILE, "--write-examples", "new.forbear"), ("new.forbear",)),
    (("test", FILE, "--format", "json"), ()),
    (("format", FILE), (FILE,)),
    (("format", "--diff", FILE), ()),
    (("format", "--check", FILE), ()),
    (("compile", FILE, "-o", "out.py", "--on", "2015-10-01"), ("out.py",)),
    (("compile", FILE, "-o", "out.mjs"), ("out.mjs",)),
    (("compile", FILE, "-o", "out.sql", "--dialect", "duckdb", "--on", "2015-10-01"), ("out.sql",)),
    (("report", FILE, "-o", "out.html"), ("out.html",)),
    (("facts", FILE, "--all", "--format", "json"), ()),
    (("facts", FILE, "--json-schema"), ()),
    (("diff", "good.forbear", FILE, "--format", "json"), ()),
    (("diff", FILE, "good.forbear", "--format", "markdown"), ()),
    (("conform", FILE, "--to", "good.forbear", "--format", "json"), ()),
    (("conform", "good.forbear", "--to", FILE, "--suggest"), ()),
    (("decide", FILE, "--case", CASE, "--format", "json", "--on", "2015-10-01"), ()),
    (("decide", FILE, "--case", CASE), ()),
    (("explain", FILE, "sms", "--case", CASE, "--format", "json"), ()),
    (("when", FILE, "sms", "--case", CASE, "--at", "2015-10-01T10:00:00Z", "--format", "json"), ()),
    (("apply", FILE, "cases.jsonl", "-o", "out.csv", "--why"), ("out.csv", "out.csv.rejects")),
    (("replay", "record.jsonl", "--policy", FILE, "--format", "json"), ()),
)
"""Each with the files that it may write."""


@pytest.mark.parametrize("shard", SHARDS)
def test_files(campaign: Campaign, tmp_path: Path, shard: int) -> None:
    campaign.run(_file, tmp_path, ci=150, nightly=100_000, shard=shard)


def _file(generator: random.Random, folder: Path) -> str:
    good = damage.some_text(generator)
    content = damage.damaged(good, generator)
    (folder / FILE).write_bytes(content)
    (folder / "good.forbear").write_text(good, encoding="utf-8")
    (folder / CASE).write_text('{"days_overdue": 61, "unreachable": 3}')
    (folder / "cases.jsonl").write_text('{"days_overdue": 61, "unreachable": 3}\n{"days_overdue": "x"}\n')
    (folder / "record.jsonl").write_text(json.dumps({"policy": {"name": "p"}, "case": {}, "decisions": {}}) + "\n")
    checked = check_file(FILE)
    for diagnostic in checked.diagnostics:
        assert diagnostic.place.span[1] <= len(diagnostic.place.source.text)
    for arguments, outputs in generator.sample(COMMANDS, 2):
        with writes_only(folder, *outputs):
            said = call(*arguments, size=len(content))
        assert checked.policy is not None or said.code != 0 or arguments[0] == "format", (
            f"a bad file passes | {arguments}"
        )
        (folder / FILE).write_bytes(content)
    _layout(content)
    if checked.policy is not None:
        _decisions(forbear.Policy(checked), generator)
    return "usable" if checked.policy is not None else "refused"


def _layout(content: bytes) -> None:
    """What can be laid out stays so, and says what it said."""
    try:
        text = content.decode("utf-8-sig")
        after = forbear.format(text)
    except (UnicodeDecodeError, forbear.PolicyError):
        return
    assert forbear.format(after) == after, f"a second layout is another one | {text!r}"
    try:
        before = forbear.loads(text)
    except forbear.PolicyError:
        return
    if all(":" not in rule.name for rule in before.typed.rules):  # one without a name is called by its line
        assert forbear.loads(after).digest == before.digest, f"a layout changes what is said | {text!r}"


def _decisions(policy: forbear.Policy, generator: random.Random) -> None:
    """A policy that can be used decides as the plain interpreter does."""
    typed = policy.typed
    if any(name in typed.derived for name in facts_read(typed)):
        return
    day = generator.choice(strategies.boundary_days_of(typed))
    on = None if day is None else datetime.date.fromordinal(day)
    for case in strategies.boundary_cases(typed, generator.randrange(10**9), 3):
        try:
            found = policy.decide(strategies.written(typed.facts, case, generator), on)
        except CaseError as error:  # a day on which the policy is not in force, or that it needs
            told = {fault.fact for fault in error.faults}
            assert told <= {None, "on"}, f"a good case is refused | {case}"
            return
        expected = meaning.decide(typed, case, day)
        assert {name: found[name] for name in typed.actions} == expected, f"decided otherwise | {case}"


# Pins


@pytest.mark.parametrize("shard", SHARDS)
def test_pins(campaign: Campaign, tmp_path: Path, shard: int) -> None:
    campaign.run(_pin, tmp_path, ci=60, nightly=4_000, shard=shard)


USED = """\
fact late days clock
fact risk one of low < middle < high
fact owed money CNY between CNY 0 and CNY 5000
action sms, visit
group both is sms, visit
define much is owed > CNY 1000
setting grace is 3
rule mine: after 9 days then allow sms
example "mine": given late 10, risk low, owed CNY 5 expect sms allowed
"""
USING = """\
policy house
uses "used" pinned "{digest}"
rule call: after grace days and (much or risk > low) then allow both
"""


def _pin(generator: random.Random, folder: Path) -> str:
    """A file that is pinned, and then declares something else: that is noticed, whatever else is wrong with it."""
    used = folder / "used.forbear"
    used.write_text(USED, encoding="utf-8")
    digest = _pinned_as(folder)
    (folder / "house.forbear").write_text(USING.format(digest=digest), encoding="utf-8")
    assert forbear.load("house.forbear")
    edits = (
        ("between CNY 0 and CNY 5000", "between CNY 0 and CNY 9000"), ("> CNY 1000", "> CNY 1"),
        ("grace is 3", "grace is 0"), ("low < middle < high", "high < middle < low"),
        ("group both is sms, visit", "group both is visit"),
    )  # fmt: skip
    old, new = generator.choice(edits)
    changed = USED.replace(old, new).encode()
    if generator.random() < 0.7:
        head, mark, rules = changed.partition(b"rule mine")
        changed = head + damage.damaged((mark + rules).decode(), generator)
    used.write_bytes(changed)
    checked = check_file("house.forbear")
    assert checked.policy is None, f"a pinned file is changed, and nobody notices | {changed.decode(errors='replace')}"
    for arguments in (("validate", "house.forbear"), ("compile", "house.forbear", "-o", "out.py")):
        assert call(*arguments).code == 1
    return "noticed"


def _pinned_as(folder: Path) -> str:
    """The digest of what is used, as the message about a wrong one gives it."""
    (folder / "house.forbear").write_text(USING.format(digest="sha256:" + "0" * 64), encoding="utf-8")
    with pytest.raises(forbear.PolicyError) as raised:
        forbear.load(folder / "house.forbear")
    [wrong] = [one for one in raised.value.diagnostics if one.code == "wrong-digest"]
    return wrong.help.partition("`")[2].rstrip("`")


def test_pins_swapped(campaign: Campaign, tmp_path: Path) -> None:
    """A pinned file that is another one at each opening: what was checked is what is used."""
    campaign.run(_swapped, tmp_path, ci=6, nightly=200)


def _swapped(generator: random.Random, folder: Path) -> str:
    used = folder / "used.forbear"
    used.write_text(USED, encoding="utf-8")
    digest = _pinned_as(folder)
    (folder / "house.forbear").write_text(USING.format(digest=digest), encoding="utf-8")
    changed = USED.replace("grace is 3", "grace is 0") + f"# {generator.random()}\n"
    texts = [USED, changed] if generator.random() < 0.5 else [changed, USED]
    with opened_as(used, texts):
        policy = check_file("house.forbear").policy
    if policy is None:
        return "noticed"
    assert policy.settings["grace"].value.value == 3, "what is used is not what the pin was compared with"
    return "as pinned"


def test_what_opens_a_file_is_seen(tmp_path: Path) -> None:
    """The trick of the test above works."""
    file = tmp_path / "x"
    with opened_as(file, ["a", "b"]):
        assert [file.read_text(), file.read_text(), file.read_text()] == ["a", "b", "b"]
