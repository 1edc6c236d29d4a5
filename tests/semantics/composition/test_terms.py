"""What a policy brings to the standards over it, against what it would mean in their vocabulary. By hand it is in
`transcripts/terms.txt`."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from checking import errors, write
from night import NIGHTLY
from strategies import examples
from test_standards import digest_of

import forbear
from forbear.analysis.comparison.conformance import Conformance
from forbear.base.diagnostic import Diagnostic
from forbear.language.model.policy import Rule, TypedPolicy
from forbear.library.loading import check_file, check_text

WORDS = """vocabulary words
fact late days clock
fact misses count
fact agreed yes/no optional
fact night yes/no usually no
action sms, letter, call, visit
group messages is sms, letter
group contacts is messages, call
"""
BOUNDS = """standard bounds
uses "words"
rule quiet: never messages when night
rule hold: forbid contacts except letter when misses >= 3
rule lift: allow messages except letter when agreed overrides hold
rule notice: require messages except sms when late > 30
rule rest: never everything except messages, call when late > 90
"""
HOUSE = """policy house
  subject to "bounds"
uses "words"
action chat
group messages also chat
rule ask: late > 10 then allow messages, call
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, words=WORDS, bounds=BOUNDS)
    return tmp_path


def effects(policy: TypedPolicy, action: str) -> dict[str, str]:
    return {rule.name: rule.effects[action].value for rule in policy.rules if action in rule.effects}


def test_the_digest_of_the_standard_is_what_it_was(folder: Path) -> None:
    alone = forbear.load(folder / "bounds.forbear").digest
    pinned = HOUSE.replace('"bounds"', f'"bounds" pinned "{alone}"')
    policy = forbear.load(write(folder, house=pinned))
    assert effects(policy.typed, "chat")
    without = forbear.load(write(folder, house=HOUSE.replace("group messages also chat\n", "")))
    assert (policy.digest != without.digest, forbear.load(folder / "bounds.forbear").digest) == (True, alone)
    [error] = errors(write(folder, house=pinned.replace(alone, "sha256:1")))
    assert (error.code, digest_of(error)) == ("wrong-digest", alone)


def test_a_policy_that_was_sent_elsewhere_still_judges(folder: Path) -> None:
    import pickle

    house = forbear.load(write(folder, house=HOUSE.replace('  subject to "bounds"\n', "")))
    standard = forbear.load(folder / "bounds.forbear")
    here = forbear.conform(house, standard).as_json()
    (folder / "words.forbear").unlink()
    sent = [pickle.loads(pickle.dumps(policy)) for policy in (house, standard)]
    assert forbear.conform(*sent).as_json() == here


# By the meaning that the reference gives it: as if the statements stood in the vocabulary


LISTS = ("messages", "contacts", "everything", "sms", "call", "visit", "messages, visit", "contacts, visit", "apps")
EXCEPT = ("", "", " except sms", " except messages", " except call", " except letter, call", " except contacts")


def some_rules(words: str, generator: random.Random) -> str:
    """Rules of a standard that is free of errors by itself."""
    rules = ""
    for number in range(8):
        condition = generator.choice(["night", "misses > 3", "late > 9", "agreed"])
        effect = generator.choice(["never", "forbid", "allow", "require", "forbid"])
        said = f"{effect} {generator.choice(LISTS)}{generator.choice(EXCEPT)}"
        if generator.random() < 0.4:
            said += f" and {generator.choice(['allow', 'never'])} {generator.choice(LISTS)}"
        named = [f" overrides r{earlier}" for earlier in range(number)]
        overrides = generator.choice(["", " overrides all", *named])
        more = f"{rules}rule r{number}: {condition} then {said}{overrides}\n"
        if check_text(f"standard bounds\n{words}{more}".replace("vocabulary words\n", "")).policy is not None:
            rules = more
    return rules


def plain(rule: Rule, policy: TypedPolicy) -> tuple[object, ...]:
    """A rule but for its places, and for the order of its actions."""
    overrides = {
        action: {policy.rules[number].name for number in others.numbers} for action, others in rule.overrides.items()
    }
    return rule.name, rule.condition, dict(rule.effects), overrides


@pytest.mark.parametrize("chunk", range(4 if NIGHTLY else 2))
def test_an_addition_means_what_it_would_in_the_vocabulary(chunk: int, tmp_path: Path) -> None:
    added = "action chat, forum\ngroup messages also chat\ngroup contacts also chat, forum\ngroup apps also chat\n"
    words = WORDS + "group apps is visit\n"
    seen = {"alike": 0, "bad": 0, "more": 0}
    for seed in range(chunk * 1000, chunk * 1000 + examples(60, by_night=30)):
        generator = random.Random(seed)
        rules = some_rules(words, generator)
        own = "rule own: late > 3 then allow contacts, forum\n".replace(
            ", forum", generator.choice(["", " except forum"])
        )
        found: list[forbear.Policy | list[Diagnostic]] = []
        for name, vocabulary, mine in (("a", words, added), ("b", words + added, "")):
            folder = tmp_path / f"{seed}{name}"
            folder.mkdir()
            write(folder, words=vocabulary, bounds=f'standard bounds\nuses "words"\n{rules}')
            path = write(folder, house=f'policy house subject to "bounds"\nuses "words"\n{mine}{own}')
            checked = check_file(path)
            found.append(forbear.Policy(checked) if checked.policy is not None else list(checked.diagnostics))
        beside, inside = found
        if isinstance(inside, list) or isinstance(beside, list):
            assert isinstance(inside, list), rules
            assert isinstance(beside, list), rules
            assert {one.code for one in beside if one.severity.value == "error"} == {"bad-standard"}, rules
            seen["bad"] += 1
            continue
        assert [plain(rule, inside.typed) for rule in inside.typed.rules] == [
            plain(rule, beside.typed) for rule in beside.typed.rules
        ], rules
        seen["alike"] += 1
        seen["more"] += any({"chat", "forum"} & rule.effects.keys() for rule in beside.typed.rules if rule.standard)
        left, right = [
            forbear.conform(policy, forbear.load(tmp_path / f"{seed}{name}" / "bounds.forbear"))
            for policy, name in ((beside, "a"), (inside, "b"))
        ]
        assert (left.judged, left.unjudged) == (right.judged, right.unjudged), rules
        assert [its.how for its in left.vacuous] == [its.how for its in right.vacuous], rules
        assert broken(left) == broken(right), rules
    assert seen["alike"] > 10
    assert seen["more"] > 10
    assert seen["bad"]


def broken(found: Conformance) -> list[tuple[str, str, str]]:
    return sorted((one.action, one.standard_rule.name, one.kind) for one in found.violations)


OPEN = """standard frequency
uses "words"
setting most open is 7
rule often: limit call to most by misses
"""


def test_the_pin_means_the_standard_by_itself(folder: Path) -> None:
    digest = forbear.load(write(folder, frequency=OPEN)).digest
    setting = HOUSE.replace('"bounds"', f'"frequency" pinned "{digest}"') + "setting frequency.most is 3\n"
    assert not forbear.load(write(folder, house=setting)).permits("call", {"late": 20, "misses": 3, "night": False})
    write(folder, frequency=OPEN.replace("open is 7", "open is 8"))
    assert [one.code for one in errors(folder / "house.forbear")] == ["wrong-digest"]
