"""What a policy brings to the standards over it: additions to groups of a vocabulary, and values of open settings."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from checking import each, errors, write
from night import NIGHTLY
from strategies import examples
from test_standards import codes, digest_of, verdicts

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


# Groups


def test_a_new_channel_is_not_outside_the_law(folder: Path) -> None:
    policy = forbear.load(write(folder, house=HOUSE))
    assert effects(policy.typed, "chat") == {
        "ask": "allow",
        "bounds.quiet": "never",
        "bounds.hold": "never",
        "bounds.lift": "exempt",
        "bounds.notice": "require",
    }
    assert verdicts(policy)["chat"] == ("allowed", ("ask",))
    assert verdicts(policy, night=True)["chat"] == ("forbidden", ("bounds.quiet",))
    assert verdicts(policy, misses=3)["chat"] == ("forbidden", ("bounds.hold",))
    assert verdicts(policy, misses=3, agreed=True)["chat"] == ("allowed", ("ask",))
    assert verdicts(policy, misses=3, agreed=True)["call"] == ("forbidden", ("bounds.hold",))
    assert "chat" not in [name for one in policy.validate() if one.code == "unjudged" for name in one.actions]


def test_the_digest_of_the_standard_is_what_it_was(folder: Path) -> None:
    alone = forbear.load(folder / "bounds.forbear").digest
    pinned = HOUSE.replace('"bounds"', f'"bounds" pinned "{alone}"')
    policy = forbear.load(write(folder, house=pinned))
    assert effects(policy.typed, "chat")
    without = forbear.load(write(folder, house=HOUSE.replace("group messages also chat\n", "")))
    assert (policy.digest != without.digest, forbear.load(folder / "bounds.forbear").digest) == (True, alone)
    [error] = errors(write(folder, house=pinned.replace(alone, "sha256:1")))
    assert (error.code, digest_of(error)) == ("wrong-digest", alone)


def test_several_additions_and_a_group_in_a_file_between(folder: Path) -> None:
    write(folder, apps='uses "words"\naction chat, forum\ngroup apps is chat, forum\ngroup messages also apps\n')
    house = HOUSE.replace('uses "words"', 'uses "apps"').replace("action chat\ngroup messages also chat\n", "")
    house += "action robot\ngroup contacts also robot\ngroup calls is call\ngroup messages also visit\n"
    typed = forbear.load(write(folder, house=house)).typed
    for action in ("chat", "forum"):
        assert list(effects(typed, action))[1:] == ["bounds.quiet", "bounds.hold", "bounds.lift", "bounds.notice"]
    assert list(effects(typed, "robot")) == ["bounds.hold", "bounds.rest"]
    assert list(effects(typed, "visit"))[1:] == ["bounds.quiet", "bounds.hold", "bounds.lift", "bounds.notice"]


def test_what_each_standard_says_of_the_group(folder: Path) -> None:
    write(folder, other='standard other\nuses "words"\nrule o: never messages when misses >= 9\n')
    write(
        folder,
        apart=f"standard apart\n{WORDS}rule p: never messages when misses >= 9\n".replace("vocabulary words", ""),
    )
    house = HOUSE.replace('"bounds"', '"bounds", "other", "apart"')
    typed = forbear.load(write(folder, house=house)).typed
    assert "other.o" in effects(typed, "chat")
    assert "apart.p" not in effects(typed, "chat"), "its group is declared elsewhere"
    assert "apart.p" in effects(typed, "sms")


def test_a_standard_that_has_the_action_itself(folder: Path) -> None:
    own = BOUNDS.replace('uses "words"', 'uses "words"\naction chat') + "rule own: never chat when misses >= 7\n"
    write(folder, bounds=own)
    typed = forbear.load(write(folder, house=HOUSE)).typed
    assert {"bounds.own", "bounds.quiet"} <= effects(typed, "chat").keys()
    without = forbear.load(write(folder, house=HOUSE.replace("group messages also chat\n", ""))).typed
    assert "bounds.quiet" not in effects(without, "chat")
    assert "bounds.own" in effects(without, "chat")
    # Two words for it in one rule are one, as they have one effect.
    write(folder, bounds=own.replace("never messages", "never messages, chat"))
    assert "bounds.quiet" in effects(forbear.load(write(folder, house=HOUSE)).typed, "chat")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("rule quiet:", "rule two: misses > 3 then never messages and allow chat\nrule quiet:"), "more than once"),
        (("rule quiet:", "group chat is call\nrule quiet:"), "`chat` is no action here"),
        (("rule quiet:", "ladder chat: sms, call\nrule quiet:"), "`chat` is no action here"),
    ],
)
def test_an_addition_that_the_standard_cannot_take(folder: Path, change: tuple[str, str], message: str) -> None:
    declared = BOUNDS.replace('uses "words"', 'uses "words"\naction chat') if "two" in change[1] else BOUNDS
    write(folder, bounds=declared.replace(*change))
    assert check_file(folder / "bounds.forbear").policy is not None
    [error] = errors(write(folder, house=HOUSE))
    assert (error.code, error.place.text) == ("bad-standard", '"bounds"')
    assert message in error.message
    assert error.related[0].place.source.name.endswith("bounds.forbear")


def test_standards_over_standards(folder: Path) -> None:
    """`law` is over `bounds`, which adds `fax`; `house` adds `chat`, and names `law` too."""
    write(folder, law='standard law\nuses "words"\nrule peace: never messages when misses >= 5\n')
    write(
        folder,
        bounds=BOUNDS.replace("standard bounds", 'standard bounds subject to "law"').replace(
            'uses "words"', 'uses "words"\naction fax\ngroup messages also fax'
        ),
    )
    for subjects in ('"bounds"', '"law", "bounds"', '"bounds", "law"'):
        typed = forbear.load(write(folder, house=HOUSE.replace('"bounds"', subjects))).typed
        for action in ("chat", "fax"):
            assert {"bounds.quiet", "law.peace"} <= effects(typed, action).keys(), (subjects, action)
        assert [rule.name for rule in typed.rules].count("law.peace") == 1


def test_a_standard_without_the_vocabulary_hands_on_what_the_policy_adds(folder: Path) -> None:
    write(folder, law='standard law\nuses "words"\nrule peace: never messages when misses >= 5\n')
    write(folder, bounds='standard bounds subject to "law"\nfact misses count\naction call\nrule b: never call\n')
    assert "law.peace" in effects(forbear.load(write(folder, house=HOUSE)).typed, "chat")


def test_conform_judges_by_the_group_too(folder: Path) -> None:
    standard = forbear.load(folder / "bounds.forbear")
    house = HOUSE.replace('  subject to "bounds"\n', "")
    found = forbear.conform(forbear.load(write(folder, house=house)), standard)
    assert ("chat", "quiet") in [(one.action, one.standard_rule.name) for one in found.violations]
    assert found.unjudged == ()
    found = forbear.conform(
        forbear.load(write(folder, house=house.replace("group messages also chat\n", ""))), standard
    )
    assert found.unjudged == ()  # `rest` speaks of everything
    assert forbear.conform(forbear.load(write(folder, house=HOUSE)), standard).conforms


def test_a_promise_to_conform_judges_by_the_group_too(folder: Path) -> None:
    house = HOUSE.replace('  subject to "bounds"\n', "") + 'ensure conforms to "bounds"\n'
    found = [one for one in each(forbear.load(write(folder, house=house)).validate()) if one.code == "failed-ensure"]
    assert ("chat",) in [one.actions for one in found]
    write(folder, bounds=BOUNDS + "group chat is call\n")
    [error] = errors(write(folder, house=house))
    assert (error.code, error.place.text) == ("bad-standard", 'ensure conforms to "bounds"')


def test_a_policy_that_was_sent_elsewhere_still_judges(folder: Path) -> None:
    import pickle

    house = forbear.load(write(folder, house=HOUSE.replace('  subject to "bounds"\n', "")))
    standard = forbear.load(folder / "bounds.forbear")
    here = forbear.conform(house, standard).as_json()
    (folder / "words.forbear").unlink()
    sent = [pickle.loads(pickle.dumps(policy)) for policy in (house, standard)]
    assert forbear.conform(*sent).as_json() == here


def test_two_names_for_one_file(folder: Path) -> None:
    (folder / "law").mkdir()
    write(folder / "law", bounds=BOUNDS.replace('"words"', '"../words"'))
    assert "bounds.quiet" in effects(
        forbear.load(write(folder, house=HOUSE.replace('"bounds"', '"law/bounds"'))).typed, "chat"
    )


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


# Settings


OPEN = """standard frequency
uses "words"
setting most open is 7 "In a row"
setting early is 3
setting letters_from open is 08:00
rule often: limit call to most by misses
rule soon: never messages when within early days
"""
SETTER = """policy house
  subject to "frequency"
uses "words"
setting frequency.most is 3 "What we promised"
rule ask: late > 10 then allow messages, call
"""


@pytest.fixture
def frequency(folder: Path) -> Path:
    write(folder, frequency=OPEN)
    return folder


def test_a_policy_sets_what_a_standard_leaves_open(frequency: Path) -> None:
    policy = forbear.load(write(frequency, house=SETTER))
    assert verdicts(policy, misses=2)["call"] == ("allowed", ("ask",))
    assert verdicts(policy, misses=3)["call"] == ("forbidden", ("frequency.often",))
    unset = forbear.load(write(frequency, house=SETTER.replace('setting frequency.most is 3 "What we promised"\n', "")))
    assert verdicts(unset, misses=6)["call"] == ("allowed", ("ask",))
    assert verdicts(unset, misses=7)["call"] == ("forbidden", ("frequency.often",))
    assert policy.digest != unset.digest
    assert codes(frequency / "house.forbear") == []


def test_whoever_loads_the_policy_may_set_it_anew(frequency: Path) -> None:
    path = write(frequency, house=SETTER)
    policy = forbear.load(path, settings={"frequency.most": 5})
    assert verdicts(policy, misses=4)["call"] == ("allowed", ("ask",))
    assert verdicts(policy, misses=5)["call"] == ("forbidden", ("frequency.often",))
    assert policy.digest != forbear.load(path).digest
    with pytest.raises(forbear.PolicyError, match="another type"):
        forbear.load(path, settings={"frequency.most": "5%"})
    with pytest.raises(forbear.PolicyError, match=r"there is no setting `frequency\.early`"):
        forbear.load(path, settings={"frequency.early": 5})


def test_the_pin_means_the_standard_by_itself(frequency: Path) -> None:
    digest = forbear.load(frequency / "frequency.forbear").digest
    pinned = SETTER.replace('"frequency"', f'"frequency" pinned "{digest}"')
    assert verdicts(forbear.load(write(frequency, house=pinned)), misses=3)["call"][0] == "forbidden"
    write(frequency, frequency=OPEN.replace("open is 7", "open is 8"))
    assert [one.code for one in errors(frequency / "house.forbear")] == ["wrong-digest"]


def test_conform_judges_by_the_value_that_the_policy_sets(frequency: Path) -> None:
    standard = forbear.load(frequency / "frequency.forbear")
    looser = forbear.load(write(frequency, house=SETTER.replace("is 3", "is 9")))
    assert forbear.conform(looser, standard).conforms
    own = SETTER.replace('"frequency"', '"frequency"\n  ').replace("allow messages, call", "allow messages")
    assert forbear.conform(forbear.load(write(frequency, house=own)), standard).conforms


def test_another_version_of_the_standard_may_not_leave_it_open(frequency: Path) -> None:
    """Then its own value counts, though the policy adds to a group of it."""
    house = SETTER.replace("is 3", "is 9") + "action chat\ngroup messages also chat\n"
    policy = forbear.load(write(frequency, house=house))
    write(frequency, newer=OPEN.replace("most open is 7", "most is 7"))
    found = forbear.conform(policy, forbear.load(frequency / "newer.forbear"))
    assert [(one.action, one.standard_rule.name, one.witness["misses"]) for one in found.violations] == [
        ("call", "often", 7)
    ]


WRONG = {
    "not open": ("setting frequency.early is 2", "bad-setting", "does not leave `frequency.early` to this policy"),
    "another type": ("setting frequency.most is 3%", "bad-setting", "has another type"),
    "a time for a number": ("setting frequency.letters_from is 9", "bad-setting", "has another type"),
    "no such setting": ("setting frequency.mots is 3", "unknown-name", "has no setting `mots`"),
    "no such standard": ("setting frequenzy.most is 3", "unknown-name", "subject to no standard `frequenzy`"),
    "twice": ("setting frequency.most is 3 setting frequency.most is 4", "duplicate-name", "declared twice"),
    "a name": ("setting frequency.most is early", "bad-setting", "no literal"),
    "off the grid of the standard": ("setting frequency.most is 2.5", "bad-standard", "whole numbers"),
    "out of range": ("setting frequency.most is -1", "bad-standard", "begins at 0"),
}


@pytest.mark.parametrize(("setting", "code", "message"), WRONG.values(), ids=WRONG.keys())
def test_a_setting_that_the_policy_cannot_set(frequency: Path, setting: str, code: str, message: str) -> None:
    house = SETTER.replace('setting frequency.most is 3 "What we promised"', setting)
    found = errors(write(frequency, house=house))
    assert [one.code for one in found] == [code]
    assert message in f"{found[0].message} {found[0].help}"
    assert found[0].place.source.name.endswith("house.forbear")


def test_it_is_no_name_in_conditions_of_the_policy(frequency: Path) -> None:
    for condition in ("misses > frequency.most", "misses > most"):
        assert check_file(write(frequency, house=SETTER + f"rule r: {condition} then forbid visit\n")).policy is None


LAW = """standard law
uses "words"
setting most open is 7
rule often: limit call to most by misses
"""


@pytest.mark.parametrize(
    ("between", "own", "most"),
    [
        ("", "", 7),
        ("", "setting law.most is 3\n", 3),
        ("setting law.most is 5\n", "", 5),
        ("setting law.most is 5\n", "setting law.most is 3\n", None),
        ("setting law.most open is 5\n", "", 5),
        ("setting law.most open is 5\n", "setting law.most is 3\n", 3),
    ],
)
@pytest.mark.parametrize("subjects", ['"bounds"', '"bounds", "law"', '"law", "bounds"'])
def test_a_standard_between_sets_it(folder: Path, between: str, own: str, most: int | None, subjects: str) -> None:
    write(folder, law=LAW)
    head = 'standard bounds\n  subject to "law"\n'
    write(folder, bounds=f'{head}uses "words"\n{between}rule quiet: never messages when night\n')
    house = HOUSE.replace('"bounds"', subjects) + own
    path = write(folder, house=house)
    if most is None:
        assert "bad-setting" in [one.code for one in errors(path)]
    elif most == 5 and subjects != '"bounds"':
        [error] = errors(path)
        assert (error.code, "reached on two ways" in error.message) == ("bad-standard", True)
        both = forbear.load(write(folder, house=house + "setting law.most is 5\n")) if "open" in between else None
        assert both is None or verdicts(both, misses=5)["call"] == ("forbidden", ("law.often",))
    else:
        policy = forbear.load(path)
        assert verdicts(policy, misses=most - 1)["call"] == ("allowed", ("ask",))
        assert verdicts(policy, misses=most)["call"] == ("forbidden", ("law.often",))


def test_open_is_a_name_elsewhere(tmp_path: Path) -> None:
    text = """policy p
fact open yes/no
fact state one of open_one, shut
action send
setting few is 3
open then allow send
rule open: never send when not open
"""
    assert forbear.load(write(tmp_path, p=text)).permits("send", {"open": True, "state": "shut"})
