"""`forbear conform`: what is suggested, and what is judged. What it prints is in `transcripts/conform.txt`."""

from __future__ import annotations

from pathlib import Path

import pytest
from command import run, write

SUGGESTED = {
    # what the standard says, the policy's own declaration, and how its rule stands there
    "a coarser grid": ("share", "number", "share > 3.5", "number in steps of 1", "share > 3"),
    "a value between two steps": ("share", "number", "share >= 3.5", "number in steps of 1", "share >= 4"),
    "a span with an end between two steps": (
        "share",
        "number",
        "share between 1.5 and 7.25",
        "number in steps of 0.5",
        "share between 1.5 and 7",
    ),
    "a narrower range": (
        "misses",
        "count",
        "misses between 3 and 9",
        "count between 0 and 5",
        "misses between 3 and 5",
    ),
    "what is always so": ("misses", "count", "misses < 9 and agreed", "count between 0 and 5", "agreed"),
    "what is never so": ("misses", "count", "misses > 9 or agreed", "count between 0 and 5", "agreed"),
    "unless it is unknown": (
        "misses",
        "count",
        "misses > 9 and agreed",
        "count between 0 and 5 optional",
        "misses is unknown and agreed",
    ),
    "fewer names": (
        "origin",
        "one of form, friend, web",
        "origin is one of form, web",
        "one of web, friend",
        "origin is web",
    ),
    "fewer names in order": ("risk", "one of low < middle < high", "risk > middle", "one of low < high", "risk > low"),
    "more names in order": (
        "risk",
        "one of low < high",
        "risk < high",
        "one of lowest < low < middle < high",
        "risk < high",
    ),
    "a night that ends before the day's first hour": (
        "hour",
        "time",
        "hour between 21:00 and 07:00",
        "time between 00:00 and 20:00",
        "hour between 00:00 and 07:00",
    ),
    "what is always known": ("misses", "count optional", "misses is unknown or misses > 3", "count", "misses > 3"),
    "a currency that only the standard names": ("fee", "money USD", "fee > USD 12.50", "money", "fee > USD 12.50"),
}


@pytest.mark.parametrize(("fact", "its", "condition", "own", "expected"), SUGGESTED.values(), ids=SUGGESTED.keys())
def test_suggestions_speak_of_the_values_that_the_policy_has(
    fact: str, its: str, condition: str, own: str, expected: str, tmp_path: Path
) -> None:
    words = "fact agreed yes/no\naction sms\n"
    bounds = f"standard bounds\nfact {fact} {its}\n{words}rule a: never sms when {condition}\n"
    house = f"fact {fact} {own}\n{words}rule r: always then allow sms\n"
    write(tmp_path, "bounds.forbear", bounds)
    write(tmp_path, "house.forbear", house)
    suggested = run("conform", "house.forbear", "--to", "bounds.forbear", "--suggest", cwd=tmp_path).out
    assert suggested == f'rule a:\n  never sms when {expected}\n  source "bounds, a"\n'
    write(tmp_path, "house.forbear", house + suggested)
    assert run("conform", "house.forbear", "--to", "bounds.forbear", cwd=tmp_path).code == 0
    assert "decided-comparison" not in run("validate", "house.forbear", "--format", "json", cwd=tmp_path).out


UNSAYABLE = {
    "a name that is a setting": (
        "fact quiet yes/no\naction sms\nrule a: never sms when quiet\n",
        "setting quiet is 3\naction sms\nrule r: always then allow sms\n",
        "since `quiet` is a setting of the policy",
    ),
    "a value that is a definition": (
        "fact mood one of calm, cross\naction sms\nrule a: never sms when mood is cross\n",
        "fact misses count\ndefine cross is misses > 3\naction sms\nrule r: always then allow sms\n",
        "since `cross` is a definition of the policy",
    ),
    "a name that is a value": (
        "fact quiet yes/no\naction sms\nrule a: never sms when quiet\n",
        "fact mood one of quiet, cross\naction sms\nrule r: always then allow sms\n",
        "since `quiet` is a value of `mood` in the policy",
    ),
    "an action that is a group": (
        "action sms, calls\nrule a: always then require calls\n",
        "action sms, phone_call\ngroup calls is phone_call\nrule r: always then allow sms\n",
        "since `calls` is a group of the policy",
    ),
    "an action that `everything` would take in": (
        "action sms, letter\nrule a: always then require letter\n",
        "action sms\nrule r: always then allow everything\n",
        "since `everything` in the policy would take in `letter`: declare that action there first",
    ),
    "a hold without a name": (
        "action sms\nrule a: always then require sms\n",
        "fact late days clock\naction sms\nafter 3 days then forbid sms\n",
        "since `policy:3` forbids `sms`, and has no name by which it could be overridden",
    ),
    "sums in two currencies": (
        "fact fee money USD\nfact tax money CNY\naction sms\nrule a: never sms when fee > USD 3 and tax > CNY 3\n",
        "fact fee money\naction sms\nrule r: always then allow sms\n",
        "since it needs sums in two currencies, and the policy names none",
    ),
    "another derived fact": (
        "event contact has outcome one of reached, lost\nfact calls count of contact in last 7 days\n"
        "action sms\nrule a: never sms when calls > 7\n",
        "event contact has outcome one of reached, lost\nfact calls count of contact in last 6 days\n"
        "action sms\nrule r: calls < 3 then allow sms\n",
        "since the policy derives another fact by the name `calls`",
    ),
    "another event": (
        "event contact has outcome one of reached, lost\nfact calls count of contact in last 7 days\n"
        "action sms\nrule a: never sms when calls > 7\n",
        "event contact has sent yes/no\naction sms\nrule r: always then allow sms\n",
        "since the event `contact` of the policy has other attributes",
    ),
}


@pytest.mark.parametrize(("bounds", "house", "why"), UNSAYABLE.values(), ids=UNSAYABLE.keys())
def test_what_the_policy_cannot_say_is_told_and_not_written(bounds: str, house: str, why: str, tmp_path: Path) -> None:
    write(tmp_path, "bounds.forbear", f"standard bounds\n{bounds}")
    write(tmp_path, "house.forbear", house)
    answer = run("conform", "house.forbear", "--to", "bounds.forbear", "--suggest", cwd=tmp_path)
    assert answer.code == 1
    action = "letter" if "letter" in bounds else "calls" if "calls\n" in bounds else "sms"
    assert answer.out == f"# `a` of `bounds` cannot be said of {action} here, {why}.\n"


BOUNDS = "standard bounds\nfact misses count\naction sms, call, letter\n"
HOUSE = "fact misses count between 0 and 9\naction sms, call, letter\n"


@pytest.mark.parametrize(
    ("bounds", "house", "said"),
    [
        (  # what it applies to, the policy never has
            "rule a: never sms when misses > 2",
            "rule r: always then allow sms",
            "bounds is vacuous: none of its rules holds in any case that house.forbear can have\n",
        ),
        (  # the policy does not speak of what it forbids
            "rule a: never letter",
            "rule r: always then allow sms",
            "bounds is vacuous: it requires nothing, and forbids nothing of which a rule of house.forbear speaks\n"
            "unjudged, since no rule of a standard speaks of them: sms\n",
        ),
        (  # nor with a rule that never holds
            "rule a: never letter",
            "rule r: always then allow sms\nrule s: misses > 3 and misses < 3 then allow letter",
            "bounds is vacuous: it requires nothing, and forbids nothing of which a rule of house.forbear speaks\n"
            "unjudged, since no rule of a standard speaks of them: sms\n",
        ),
        ("rule a: always then allow sms", "rule r: always then allow sms", "bounds is vacuous: it requires nothing"),
        (  # what it forbids is set aside wherever it holds
            "rule a: misses > 3 then forbid sms\nrule b: misses > 2 then allow sms overrides a",
            "rule r: always then allow sms",
            "bounds is vacuous: it requires nothing, and forbids nothing",
        ),
        (  # they have one action in common, but of that the policy permits nothing
            "rule a: never sms",
            "rule r: always then allow call\nrule s: never sms",
            "unjudged, since no rule of a standard speaks of them: call\n"
            "it cannot be said that house.forbear conforms to bounds: bounds judges nothing that it does\n",
        ),
    ],
)
def test_where_nothing_is_judged_it_is_not_said_to_conform(bounds: str, house: str, said: str, tmp_path: Path) -> None:
    head = "standard bounds applies when misses > 9\n" if "none of its rules" in said else "standard bounds\n"
    write(tmp_path, "bounds.forbear", f"{BOUNDS}{bounds}\n".replace("standard bounds\n", head))
    write(tmp_path, "house.forbear", f"{HOUSE}{house}\n")
    answer = run("conform", "house.forbear", "--to", "bounds.forbear", cwd=tmp_path)
    assert answer.code == 1
    assert said in answer.out
    assert "house.forbear conforms to bounds:" in answer.out.splitlines()[-1]


@pytest.mark.parametrize(
    ("bounds", "house"),
    [
        ("rule a: never sms", "rule r: never sms"),  # the policy keeps it to the letter, and permits nothing
        ("rule a: never sms", "rule r: never sms\nrule s: always then allow sms"),
        ("rule a: misses > 3 then require sms", "rule r: always then require sms"),
        ("rule a: misses > 3 then forbid sms", "rule r: misses < 3 then allow sms"),
    ],
)
def test_what_is_judged_conforms(bounds: str, house: str, tmp_path: Path) -> None:
    write(tmp_path, "bounds.forbear", f"{BOUNDS}{bounds}\n")
    write(tmp_path, "house.forbear", f"{HOUSE}{house}\n")
    answer = run("conform", "house.forbear", "--to", "bounds.forbear", cwd=tmp_path)
    assert (answer.code, answer.out.splitlines()[-1]) == (0, "house.forbear conforms to bounds")
