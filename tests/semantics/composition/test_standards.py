"""`subject to` and `pinned`: standards over a policy, and which version of a file is meant."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

import pytest
from checking import each, errors, write

import forbear
from forbear.base.diagnostic import Diagnostic
from forbear.language.model.policy import facts_read
from forbear.library.loading import check_text

WORDS = """
fact late days clock
fact misses count
fact agreed yes/no optional
fact night yes/no usually no
action sms, call, visit, letter
"""
BOUNDS = f"""standard bounds "Bounds"
{WORDS}
rule quiet: never sms, call when night because "people sleep" source "s. 1"
rule hold: forbid sms, call when misses >= 3
rule lift: allow call when agreed overrides hold
rule notice: require letter when late > 30
rule mail: allow visit when late > 3
"""
HOUSE = f"""policy house
  subject to "bounds"
{WORDS}
rule ask: late > 10 then allow sms, call
rule no_post: forbid letter when misses >= 1
rule private: never letter when misses >= 9
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, bounds=BOUNDS)
    return tmp_path


def verdicts(policy: forbear.Policy, on: str | None = None, **case: object) -> dict[str, tuple[str, tuple[str, ...]]]:
    whole = {"late": 20, "misses": 0, "agreed": False, "night": False} | case
    decision = policy.decide(whole, on)
    return {action: (its.verdict.value, its.rules) for action, its in decision.items() if its.verdict.value != "unsaid"}


def codes(path: Path) -> list[tuple[str, tuple[str, ...]]]:
    return sorted((one.code, one.rules or one.actions) for one in each(forbear.load(path).validate(asked=["overlap"])))


# What is decided


def test_how_time_moves_a_fact_is_what_the_standard_says_unless_the_policy_says_it_itself(tmp_path: Path) -> None:
    days = "fact told {}\nfact feast {}\naction sms\n"
    rule = "rule quiet: never sms when feast or told > 6 or told < 2\n"
    write(tmp_path, bounds=f"standard bounds\n{days.format('days rising with days', 'yes/no this day')}{rule}")
    for told, feast, moving, held in (
        ("days", "yes/no", ("told",), ("feast",)),
        ("days this day", "yes/no", (), ("told", "feast")),
    ):
        write(
            tmp_path,
            house=f'policy house\n  subject to "bounds"\n{days.format(told, feast)}rule a: always then allow sms',
        )
        found = forbear.load(tmp_path / "house.forbear").when(
            "sms", {"told": 5, "feast": False, "zone": "UTC"}, "2026-03-01T12:00Z", "5 days"
        )
        assert (found.moving, found.held) == (moving, held)


def test_a_standard_forbids_requires_and_permits_nothing(folder: Path) -> None:
    policy = forbear.load(write(folder, house=HOUSE))
    assert verdicts(policy) == {"sms": ("allowed", ("ask",)), "call": ("allowed", ("ask",))}
    night = verdicts(policy, night=True)
    assert night == {"sms": ("forbidden", ("bounds.quiet",)), "call": ("forbidden", ("bounds.quiet",))}
    decision = policy.decide({"late": 20, "misses": 0, "night": True})["sms"]
    assert (decision.because, decision.source) == (("people sleep",), ("s. 1",))


def test_only_the_standard_sets_aside_what_it_forbids(folder: Path) -> None:
    over_its_own = HOUSE.replace("allow sms, call", "allow sms, call overrides all")
    over_its_own += "rule pause: forbid sms, call when late > 10\n"
    policy = forbear.load(write(folder, house=over_its_own))
    assert verdicts(policy, misses=3)["call"] == ("forbidden", ("bounds.hold",))
    lifted = verdicts(policy, misses=3, agreed=True)
    assert (lifted["call"], lifted["sms"]) == (("allowed", ("ask",)), ("forbidden", ("bounds.hold",)))
    assert "call" not in verdicts(policy, misses=3, agreed=True, late=9), "an allow of the standard permits nothing"


def test_what_is_unknown_sets_nothing_aside(folder: Path) -> None:
    policy = forbear.load(write(folder, house=HOUSE))
    decision = policy.decide({"late": 20, "misses": 3, "night": False})["call"]
    assert (decision.verdict.value, decision.rules, decision.unknown) == ("forbidden", ("bounds.hold",), ("agreed",))


def test_a_duty_of_the_standard_sets_a_forbid_aside_and_no_never(folder: Path) -> None:
    policy = forbear.load(write(folder, house=HOUSE))
    assert verdicts(policy, misses=1)["letter"] == ("forbidden", ("no_post",))
    assert verdicts(policy, late=31, misses=1)["letter"] == ("required", ("bounds.notice",))
    assert verdicts(policy, late=31, misses=9)["letter"] == ("forbidden", ("private",))


def test_between_standards_the_one_that_forbids_wins(folder: Path) -> None:
    write(folder, other=f"standard other\n{WORDS}\nrule no_post: forbid letter when misses >= 5")
    path = write(folder, house=HOUSE.replace('"bounds"', '"bounds", "other"').replace("misses >= 9", "misses >= 99"))
    policy = forbear.load(path)
    assert verdicts(policy, late=31, misses=5)["letter"] == ("forbidden", ("other.no_post",))
    assert verdicts(policy, late=31, misses=4)["letter"] == ("required", ("bounds.notice",))
    found = {rules for code, rules in codes(path) if code == "blocked-duty"}
    assert found == {("private", "bounds.notice"), ("bounds.notice", "other.no_post")}
    [between] = [one for one in policy.validate() if one.rules == ("bounds.notice", "other.no_post")]
    assert between.place.text == '"other"'


def test_dates_of_a_standard_count(folder: Path) -> None:
    bounds = BOUNDS.replace('"Bounds"', "in force from 2026-01-01").replace(
        "late > 30", "late > 30 in force until 2026-06-30"
    )
    path = write(folder, bounds=bounds, house=HOUSE)
    policy = forbear.load(path)
    for day, quiet, notice in (
        ("2025-12-31", False, False),
        ("2026-01-01", True, True),
        ("2026-06-30", True, True),
        ("2026-07-01", True, False),
    ):
        found = verdicts(policy, day, late=31, night=True)
        assert (found["sms"][0] == "forbidden", "letter" in found) == (quiet, notice), day
    with pytest.raises(forbear.CaseError, match="say for which day"):
        policy.decide({"late": 1, "misses": 0, "night": False})
    write(folder, bounds=bounds.replace("until 2026-06-30", "until 2025-06-30"))
    assert "letter" not in verdicts(forbear.load(path), "2025-06-01", late=31)


def test_each_applies_where_its_own_head_says(folder: Path) -> None:
    write(folder, bounds=BOUNDS.replace('"Bounds"', "applies when misses >= 2"))
    policy = forbear.load(write(folder, house=HOUSE.replace('"bounds"', '"bounds"\n  applies when misses <= 2')))
    assert verdicts(policy, night=True, misses=1)["sms"] == ("allowed", ("ask",))
    assert verdicts(policy, night=True, misses=2)["sms"] == ("forbidden", ("bounds.quiet",))
    assert verdicts(policy, night=True, misses=8) == {
        "sms": ("forbidden", ("bounds.quiet", "bounds.hold")),
        "call": ("forbidden", ("bounds.quiet", "bounds.hold")),
    }


def test_a_standard_may_be_subject_to_others(folder: Path) -> None:
    write(
        folder,
        law=f"standard law\n{WORDS}\nrule deliver: require visit when late > 50\n"
        "rule peace: forbid call when misses > 5",
    )
    write(folder, bounds=BOUNDS.replace('"Bounds"', 'subject to "law"') + "rule stay: forbid visit when misses >= 1")
    path = write(folder, house=HOUSE)
    policy = forbear.load(path)
    assert verdicts(policy, late=51, misses=1)["visit"] == ("required", ("law.deliver",))
    assert verdicts(policy, misses=1)["visit"] == ("forbidden", ("bounds.stay",))
    assert verdicts(policy, misses=6, agreed=True)["call"] == ("forbidden", ("law.peace",))
    twice = forbear.load(write(folder, house=HOUSE.replace('"bounds"', '"law", "bounds"'))).typed
    assert sorted(rule.name for rule in twice.rules) == sorted(rule.name for rule in policy.typed.rules)


def test_rules_without_a_name_and_the_digest(folder: Path) -> None:
    path = write(folder, bounds=BOUNDS + "never visit when misses >= 2\n", house=HOUSE)
    policy = forbear.load(path)
    line = BOUNDS.count("\n") + 1
    assert verdicts(policy, misses=2)["visit"] == ("forbidden", (f"bounds:{line}",))
    write(folder, bounds=BOUNDS + "never visit when misses >= 3\n")
    assert forbear.load(path).digest != policy.digest


# The vocabulary


def test_what_the_policy_lacks_is_brought_in(folder: Path) -> None:
    path = write(
        folder,
        house="""policy house subject to "bounds"
action sms, email
fact misses count between 0 and 9
rule ask: night is no and late > 3 then allow sms
rule all_of_it: never everything when misses > 8
example "e": given late 4, misses 0, agreed yes, night no expect sms allowed, call unsaid
ensure letter not allowed when within 30 days
""",
    )
    policy = forbear.load(path)
    assert facts_read(policy.typed) == ("misses", "late", "agreed", "night")
    assert list(policy.typed.actions) == ["sms", "email", "call", "visit", "letter"]
    assert {one.severity.value for one in policy.validate()} <= {"note", "warning"}
    assert set(verdicts(policy, misses=9)) == {"sms", "email", "call", "visit", "letter"}
    assert verdicts(policy, late=31)["letter"][0] == "required"


def test_a_fact_has_the_values_of_the_policy(folder: Path) -> None:
    words = WORDS.replace("misses count", "misses count between 0 and 2").replace(
        "agreed yes/no optional", "agreed yes/no"
    )
    policy = forbear.load(write(folder, house=HOUSE.replace(WORDS, words).replace("misses >= 9", "misses >= 2")))
    assert policy.typed.facts["misses"].high == 2
    assert verdicts(policy, misses=2)["call"] == ("allowed", ("ask",))
    with pytest.raises(forbear.CaseError, match="agreed"):
        policy.decide({"late": 1, "misses": 0, "night": False})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            ("misses count", "misses text"),
            "`misses` is `count` in the one and `text` in the other: they are of two types",
        ),
        (("misses count", "misses money CNY"), "they are of two types"),
        (("fact misses count", "setting misses is 3"), "since `misses` is a setting of the policy"),
        (("fact misses count", "fact m one of misses, hits"), "since `misses` is a value of `m` in the policy"),
        (("letter", "post\ngroup letter is post"), "since `letter` is a group of the policy"),
    ],
)
def test_a_word_that_means_something_else(folder: Path, change: tuple[str, str], message: str) -> None:
    text = f'policy house subject to "bounds"\n{WORDS.replace(*change)}\nrule ask: late > 10 then allow sms'
    [error] = errors(write(folder, house=text))
    assert error.code == "bad-standard"
    assert error.message.startswith("`bounds` is no standard for this policy")
    assert message in error.message
    assert error.place.text == '"bounds"'


EVENTS = """
event contact has medium one of call, sms
fact calls count of contact where medium is call in last 7 days
action call
"""


def test_a_fact_that_is_derived_otherwise_is_another_fact(folder: Path) -> None:
    write(folder, bounds=f"standard bounds\n{EVENTS}\nrule seven: limit call to 7 by calls")
    mine = EVENTS.replace("7 days", "30 days")
    policy = forbear.load(
        write(folder, house=f'policy house subject to "bounds"\n{mine}\nrule c: calls < 9 then allow call')
    )
    assert facts_read(policy.typed) == ("calls", "bounds_calls")
    history = [
        {"event": "contact", "at": f"2026-03-{day:02}T12:00:00Z", "medium": "call"} for day in (1, 2, 3, 4, 5, 6, 7)
    ]
    case = {"history": history, "history_from": "opening", "zone": "UTC"}
    assert policy.decide(case, at="2026-03-07T13:00:00Z")["call"].rules == ("bounds.seven",)
    assert policy.decide(case, at="2026-03-08T13:00:00Z")["call"].rules == ("c",)


def test_events_and_derived_facts_come_with_a_standard(folder: Path) -> None:
    write(folder, bounds=f"standard bounds\n{EVENTS}\nrule seven: limit call to 1 by calls")
    house = 'policy house subject to "bounds"\nfact late days clock\naction call\nrule c: late > 1 then allow call'
    policy = forbear.load(write(folder, house=house))
    case = {"late": 2, "history": [{"event": "contact", "at": "2026-03-01T12:00:00Z", "medium": "call"}], "zone": "UTC"}
    decided = policy.decide({**case, "history_from": "opening"}, at="2026-03-07T13:00:00Z")
    assert decided["call"].rules == ("bounds.seven",)


CALLS = "event contact has medium one of call, sms has debt text has ref text optional\n"


def test_a_standard_compares_events_with_facts_that_the_policy_does_not(folder: Path) -> None:
    write(
        folder,
        bounds=f"""standard bounds
{CALLS}fact debt text  fact ref text optional  action sms
fact about_this count of contact where medium is call and debt is this debt in last 5 days
fact answers any contact where ref is this ref in last 2 days optional
rule often: limit sms to 2 by about_this
rule answered: never sms when answers
""",
    )
    house = write(
        folder,
        house=f"""policy house subject to "bounds"
{CALLS}fact calls count of contact where medium is call in last 7 days  action sms
rule ask: calls < 9 then allow sms
""",
    )
    policy = forbear.load(house)
    assert not [found.code for found in policy.validate() if found.severity == "error"]
    call = {"event": "contact", "at": "2026-03-10T09:00:00Z", "medium": "call"}
    case = {"zone": "UTC", "history_from": "opening", "debt": "A", "ref": "R"}
    for debts, expected in (("AAB", ("bounds.often",)), ("ABB", ("ask",))):
        history = [{**call, "debt": debt, "ref": "other"} for debt in debts]
        assert policy.decide({**case, "history": history}, at="2026-03-10T12:00:00Z")["sms"].rules == expected
    history = [{**call, "debt": "A"}]
    assert policy.decide({**case, "history": history}, at="2026-03-10T12:00:00Z")["sms"].unknown == ("answers",)


def test_the_currency_is_the_policys_or_the_standards(folder: Path) -> None:
    write(folder, bounds="standard bounds\nfact due money\naction a\nrule small: never a when due < CNY 10")
    house = 'policy house subject to "bounds"\nfact due money\naction a\nrule r: always then allow a'
    policy = forbear.load(write(folder, house=house))
    assert policy.decide({"due": "CNY 9.99"})["a"].verdict.value == "forbidden"
    [error] = errors(write(folder, house=house.replace("subject", "currency USD subject")))
    assert (error.code, "two currencies" in error.message) == ("bad-standard", True)


# What is wrong


def test_a_path_that_leads_nowhere(folder: Path) -> None:
    [error] = errors(write(folder, house=HOUSE.replace('"bounds"', '"bonds"')))
    assert (error.code, error.place.text) == ("missing-file", '"bonds"')


def test_a_file_that_is_no_standard(folder: Path) -> None:
    write(folder, bounds=BOUNDS.replace("standard", "policy"))
    [error] = errors(write(folder, house=HOUSE))
    assert error.code == "bad-standard"


def test_errors_of_a_standard_are_told_and_nothing_that_follows_from_them(folder: Path) -> None:
    write(folder, bounds=BOUNDS.replace("misses >= 3", "mises >= 3"))
    house = 'policy house subject to "bounds"\naction sms\nrule ask: night and late > 3 then allow sms, call'
    [error] = errors(write(folder, house=house))
    assert (error.code, error.place.text) == ("unknown-name", "mises")


def test_a_circle(folder: Path) -> None:
    write(folder, law=f'standard law subject to "bounds"\n{WORDS}\nnever sms')
    write(folder, bounds=BOUNDS.replace('"Bounds"', 'subject to "law"'))
    for house in (HOUSE, HOUSE.replace('"bounds"', '"house"')):
        [error] = errors(write(folder, house=house))
        assert error.code == "circular-uses"


def test_names_that_clash(folder: Path) -> None:
    write(folder, other=BOUNDS)
    [error] = errors(write(folder, house=HOUSE.replace('"bounds"', '"bounds", "other"')))
    assert (error.code, error.place.text, error.related[0].place.text) == ("duplicate-name", '"other"', '"bounds"')
    [error] = errors(write(folder, house=HOUSE.replace("policy house", "policy bounds")))
    assert (error.code, error.message) == ("duplicate-name", "the standard `bounds` has the name of this policy")


@pytest.mark.parametrize(("name", "code"), [("bounds.hold", "bad-override"), ("bounds.hodl", "unknown-rule")])
def test_no_rule_overrides_one_of_a_standard(folder: Path, name: str, code: str) -> None:
    [error] = errors(write(folder, house=HOUSE.replace("sms, call\n", f"sms, call overrides {name}\n")))
    assert (error.code, error.place.text) == (code, name)
    if code == "unknown-rule":
        assert error.help == "did you mean `bounds.hold`?"


@pytest.mark.parametrize(
    ("rule", "standing"),
    [
        ("late > 10 then allow call overrides all", ("bounds.quiet", "bounds.hold")),
        ("late > 10 then require call, visit overrides all", ("bounds.quiet", "bounds.hold")),
        ("late > 10 then forbid letter overrides all", ("bounds.notice",)),
        ("late > 10 then allow call and forbid letter overrides all", ("bounds.quiet", "bounds.hold", "bounds.notice")),
        ("late > 10 then allow visit overrides all", None),  # an allow of a standard is no permission to set aside
        ("late > 10 then forbid visit overrides all", None),
        ("late > 10 then allow sms, call overrides all", None),  # `pause` is the policy's own
        ("late > 10 then allow letter overrides all", None),
        ("never call overrides all", None),
    ],
)
def test_overrides_all_sets_aside_something_of_the_policys_own(
    folder: Path, rule: str, standing: tuple[str, ...] | None
) -> None:
    own = "rule no_post: forbid letter when misses >= 1\nrule pause: forbid sms when late > 99\n"
    own = own if standing is None else ""
    path = write(folder, house=f'policy house subject to "bounds"\n{WORDS}{own}rule r: {rule}\n')
    if standing is None:
        assert forbear.load(path)
        return
    [error] = errors(path)
    assert (error.code, error.place.text, error.rules) == ("bad-override", "all", ("r", *standing))


def test_it_stands_under_a_policys_head_once(folder: Path) -> None:
    for text, code in (
        ('subject to "bounds"\nnever sms', "misplaced-head"),
        ('uses collections subject to "bounds"\nnever sms', "misplaced-head"),
        ('vocabulary v subject to "bounds"\naction sms', "misplaced-head"),
        ('policy p subject to "bounds" subject to "bounds"\nnever sms', "repeated-clause"),
        ("policy p subject to bounds\nnever sms", "syntax"),
    ):
        assert [error.code for error in errors(write(folder, house=text))] == [code], text


def test_subject_and_pinned_are_names_elsewhere(folder: Path) -> None:
    text = """policy p
fact subject count
fact pinned yes/no
action to_call
rule subject: pinned and subject > 3 then allow to_call
"""
    assert forbear.load(write(folder, p=text)).permits("to_call", {"subject": 4, "pinned": True})


# Findings


def test_what_lies_inside_a_standard_is_not_told(folder: Path) -> None:
    inside = """
rule dead: misses > 3 and misses < 2 then allow sms
rule same: never sms, call when night
rule again: require letter when misses > 2
rule odd: require visit when late is one of 1, 3
ladder pressure: letter, visit rising with late
"""
    house = HOUSE.replace(
        "rule private: never letter when misses >= 9", "ladder pressure: letter, visit rising with late"
    )
    path = write(folder, bounds=BOUNDS + inside, house=house)
    assert {code for code, _ in codes(folder / "bounds.forbear")} >= {"dead-rule", "duplicate", "overlap"}
    assert codes(path) == []


def test_what_lies_between_a_policy_and_its_standard(folder: Path) -> None:
    more = """
rule too: never sms, call when night
rule part: require letter when late > 40
rule hopeless: night then allow sms
rule blocked: night then require sms
rule in_vain: forbid call when misses >= 5 and late < 9 and not agreed
"""
    found = codes(write(folder, house=HOUSE + more))
    assert [one for one in found if one[0] not in ("overlap",)] == [
        ("blocked-duty", ("blocked", "bounds.hold")),
        ("blocked-duty", ("blocked", "bounds.quiet")),
        ("blocked-duty", ("private", "bounds.notice")),
        ("blocked-duty", ("private", "part")),
        ("blocked-duty", ("too", "blocked")),
        ("contradiction", ("no_post", "part")),
        ("duplicate", ("too", "bounds.quiet")),
        ("masked-rule", ("blocked",)),
        ("masked-rule", ("hopeless",)),
        ("masked-rule", ("in_vain",)),
        ("subsumed", ("part", "bounds.notice")),
    ]
    for one in each(forbear.load(folder / "house.forbear").validate()):
        assert one.place.source.name.endswith("house.forbear"), one
        assert "`overrides" not in one.help or "bounds" not in one.help, one
        assert not re.search(r"narrow [^:;]*`bounds\.", one.help), one


def test_a_finding_with_a_standard_may_be_accepted(folder: Path) -> None:
    accept = 'accept blocked-duty of private, bounds.notice because "the letter is sent by counsel"\n'
    found = forbear.load(write(folder, house=HOUSE + accept)).validate()
    assert [one.accepted for one in found if one.code == "blocked-duty"] == ["the letter is sent by counsel"]
    assert not [one for one in found if one.code == "stale-accept"]


def test_what_no_standard_speaks_of_is_told_and_may_be_accepted(folder: Path) -> None:
    house = HOUSE.replace("action sms", "action chat, sms") + "rule more: late > 3 then allow chat\n"
    [found] = [one for one in forbear.load(write(folder, house=house)).validate() if one.code == "unjudged"]
    assert (found.actions, found.place.text) == (("chat",), "late > 3 then allow chat")
    assert found.message == "`chat` is permitted, and no rule of the standard `bounds` speaks of it"
    assert found.witness is not None
    assert found.witness["late"] == 4
    accept = 'accept unjudged of chat because "nobody is reached by it"\n'
    found_now = forbear.load(write(folder, house=house + accept)).validate()
    assert [one.accepted for one in found_now if one.code == "unjudged"] == ["nobody is reached by it"]
    assert not [one for one in found_now if one.code == "stale-accept"]


def test_a_standard_that_never_says_no_is_told_where_it_is_named(folder: Path) -> None:
    write(folder, bounds=BOUNDS.replace('"Bounds"', "applies when misses >= 3 and misses < 3"))
    path = write(folder, house=HOUSE)
    [found] = [one for one in forbear.load(path).validate() if one.code == "vacuous-standard"]
    assert (found.place.text, found.witness) == ('"bounds"', None)
    assert found.message == "no rule of the standard `bounds` holds in any case of this policy"
    accept = 'accept vacuous-standard of bounds because "it will"\n'
    found_now = forbear.load(write(folder, house=HOUSE + accept)).validate()
    assert [one.accepted for one in found_now if one.code == "vacuous-standard"] == ["it will"]
    write(
        folder,
        bounds=BOUNDS.replace("action sms, call, visit, letter", "action a").replace(
            BOUNDS[BOUNDS.index("rule quiet") :], "rule quiet: never a when night"
        ),
    )
    [found] = [one for one in forbear.load(path).validate() if one.code == "vacuous-standard"]
    assert found.message == "`bounds` requires nothing here, and what it forbids this policy does not speak of"


def test_what_a_standard_sets_aside_itself_is_no_duplicate_and_leaves_a_hole(folder: Path) -> None:
    """`hold` says of `call` what `mine` says, but not where `lift` exempts; there the action is unsaid."""
    house = f"""policy house
  subject to "bounds"
{WORDS}
rule early: late < 3 then allow call
rule late_on: late > 9 then allow call
rule mine: never sms, call when misses >= 3
"""
    path = write(folder, house=house)
    assert [code for code, _ in codes(path) if code in ("duplicate", "subsumed", "hole")] == ["hole"]
    write(folder, bounds=BOUNDS.replace("hold: forbid sms, call when misses >= 3", "hold: forbid call when late > 1"))
    path = write(folder, house=house.replace("rule mine: never sms, call when misses >= 3", ""))
    [hole] = [one for one in forbear.load(path).validate() if one.code == "hole"]
    assert hole.witness is not None
    assert hole.witness["agreed"] is True, "elsewhere it is forbidden from the second day on"


# Pins


def digest_of(error: Diagnostic) -> str:
    match = re.search(r"its digest is (sha256:[0-9a-f]{64})", error.message)
    assert match is not None
    return match[1]


def test_a_standard_is_pinned_by_its_digest(folder: Path) -> None:
    pinned = HOUSE.replace('"bounds"', '"bounds" pinned "sha256:12"')
    [error] = errors(write(folder, house=pinned))
    assert (error.code, error.place.text) == ("wrong-digest", '"sha256:12"')
    assert digest_of(error) == forbear.load(folder / "bounds.forbear").digest
    assert "sha256:12" in error.message
    path = write(folder, house=pinned.replace("sha256:12", digest_of(error)))
    assert forbear.load(path).digest == forbear.load(write(folder, other=HOUSE)).digest
    write(folder, bounds="# a comment\n" + BOUNDS)
    assert forbear.load(path)
    write(folder, bounds=BOUNDS.replace("misses >= 3", "misses >= 4"))
    assert [one.code for one in errors(path)] == ["wrong-digest"]


@pytest.mark.parametrize(
    "change",
    [("misses >= 2", "misses >= 3"), ("is sms, call", "is sms"), ("is 3", "is 4"), ("count", "count between 0 and 9")],
)
def test_what_a_file_declares_is_pinned(folder: Path, change: tuple[str, str]) -> None:
    words = f'uses "deep"\n{WORDS}\ndefine lost is misses >= 2\ngroup calls is sms, call\n'
    deep = "setting few is 3\n"
    write(folder, deep=deep, words=words)
    house = 'uses "words" pinned "sha256:0"\nrule r: lost then allow calls\n'
    [error] = errors(write(folder, house=house))
    assert error.code == "wrong-digest"
    path = write(folder, house=house.replace("sha256:0", digest_of(error)))
    assert forbear.load(path)
    write(folder, words=words.replace("\n", "\n\n").replace("is sms", "is sms") + "rule r: never sms\n# more\n")
    assert forbear.load(path), "its rules are not used"
    write(folder, deep=deep.replace(*change), words=words.replace(*change))
    assert [one.code for one in errors(path)] == ["wrong-digest"]


def test_the_digests_that_packs_lists_are_those_to_write() -> None:
    for pack, how in (("regulation/us-reg-f", "subject to"), ("vocabulary/collections", "uses")):
        digest = forbear.load(pack).digest
        head = f'policy p {how} "{pack}" pinned "{digest}"\nrule r: never visit'
        assert forbear.loads(head)


def test_a_pack_of_regulation_stands_over_a_policy() -> None:
    policy = forbear.loads(
        'policy house subject to "regulation/us-reg-f"\nrule call: from day 10 then allow phone_call'
    )
    case = {name: fact.usually for name, fact in policy.typed.facts.items() if fact.usually is not None}
    rules = {rule.name for rule in policy.typed.rules}
    assert {"call", "us_reg_f.cease", "us_reg_f.keep_to_daytime"} <= rules
    assert not policy.typed.dated
    assert case
    assert [one for one in policy.validate() if one.severity.value != "note"] == []


def test_days_are_left_alone_where_a_standard_has_none(folder: Path) -> None:
    policy = forbear.load(write(folder, house=HOUSE.replace('"bounds"', '"bounds"\n  in force from 2026-01-01')))
    assert verdicts(policy, "2026-01-01", night=True)["sms"][0] == "forbidden"
    with pytest.raises(forbear.CaseError, match="in force from"):
        policy.decide({"late": 1, "misses": 0, "night": False}, on=datetime.date(2025, 12, 31))


def test_two_clauses_are_told_how_to_be_one() -> None:
    text = """policy p
  subject to "pack:regulation/us-reg-f"
  subject to "pack:regulation/us-massachusetts"
rule a: never sms
"""
    [repeated] = [found for found in check_text(text).diagnostics if found.code == "repeated-clause"]
    assert repeated.help == 'keep one, and name all standards after it: `subject to "a", "b"`'
