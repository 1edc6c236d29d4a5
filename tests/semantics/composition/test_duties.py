"""What goes along with an action, by hand: what `tests/properties` draws seldom."""

from __future__ import annotations

from pathlib import Path

import pytest

import forbear
from forbear.kernel.cases import Along
from forbear.semantics.composition.duties import with_duties

WORDS = "fact d days clock\nfact f yes/no optional\nfact g yes/no\naction sms, email, notice, letter, seal\n"


def decided(text: str, on: str | None = None, **case: object) -> dict[str, tuple[str, dict[str, list[str]]]]:
    decision = forbear.loads(WORDS + text).decide(case, on)
    return {
        action: (its.verdict.value, {one.action: list(one.rules) for one in its.along})
        for action, its in decision.items()
        if its.verdict.value != "unsaid"
    }


def test_both_forms() -> None:
    text = "rule a: g then allow sms with notice\nrule b: require notice, letter with sms, email"
    assert decided(text, g=True) == {"sms": ("allowed", {"letter": ["b"], "notice": ["a", "b"]})}
    assert decided(text, g=False) == {}


def test_what_is_unknown_asks_and_never_permits() -> None:
    text = "rule a: always then allow sms\nrule b: require notice with sms when f"
    policy = forbear.loads(WORDS + text)
    assert policy.decide({})["sms"].along == (Along("notice", ("b",)),)
    assert policy.decide({})["sms"].unknown == ("f",)
    assert policy.decide({"f": False})["sms"].along == ()
    text += "\nrule n: never notice when f"
    assert decided(text) == {"sms": ("forbidden", {}), "notice": ("forbidden", {})}
    assert decided(text, f=False) == {"sms": ("allowed", {})}


def test_a_companion_has_companions() -> None:
    text = "rule a: always then allow sms with notice\nrule b: require letter with notice\n"
    text += "rule c: require seal with letter"
    assert decided(text) == {"sms": ("allowed", {"letter": ["b"], "notice": ["a"], "seal": ["c"]})}
    text += "\nrule n: forbid seal when g"
    assert decided(text, g=True) == {
        "sms": ("forbidden", {}),
        "notice": ("forbidden", {}),
        "letter": ("forbidden", {}),
        "seal": ("forbidden", {}),
    }


def test_a_forbid_that_is_set_aside_forbids_nothing_along() -> None:
    text = "rule a: always then allow sms with notice\nrule n: forbid notice when g\n"
    assert decided(text, g=True)["sms"][0] == "forbidden"
    text += "rule o: f then allow notice overrides n"
    assert decided(text, g=True, f=True)["sms"] == ("allowed", {"notice": ["a"]})
    assert decided(text, g=True)["sms"][0] == "forbidden"  # it may be set aside or not


def test_dates_of_what_forbids() -> None:
    text = "rule a: always then allow sms with notice\nrule n: never notice in force from 2026-02-01 until 2026-02-28"
    for day, verdict in (("2026-01-31", "allowed"), ("2026-02-01", "forbidden"), ("2026-03-01", "allowed")):
        assert decided(text, day)["sms"][0] == verdict
    (refusing,) = [
        rule
        for rule in with_duties(forbear.loads(WORDS + text).typed).policy.rules
        if rule.name == "a" and "sms" in rule.effects and rule.effects["sms"] == "never"
    ]
    assert refusing.since is not None
    assert refusing.until is not None


def test_a_standard_asks(tmp_path: Path) -> None:
    (tmp_path / "law.forbear").write_text(
        f"standard law\n{WORDS}rule carry: require notice with sms\nrule only: g then allow email with letter"
    )
    own = tmp_path / "own.forbear"
    own.write_text(
        f'policy own subject to "law"\n{WORDS}rule a: always then allow sms, email\nrule n: forbid letter when f'
    )
    policy = forbear.load(own)
    decision = policy.decide({"g": True, "f": False})
    assert decision["sms"].along == (Along("notice", ("law.carry",)),)
    assert decision["email"].along == (Along("letter", ("law.only",)),)
    assert policy.decide({"g": True, "f": True})["email"].rules == ("law.only",)
    assert policy.decide({"g": False, "f": True})["email"].permitted


def test_a_standard_is_kept_by_what_goes_along(tmp_path: Path) -> None:
    law, own = tmp_path / "law.forbear", tmp_path / "own.forbear"
    law.write_text(f"standard law\n{WORDS}rule carry: require notice with sms when g\nrule n: never letter when g")

    def broken(rules: str) -> list[tuple[str, str]]:
        own.write_text(f"policy own\n{WORDS}{rules}")
        found = forbear.conform(forbear.load(own), forbear.load(law))
        return [(its.action, its.kind) for its in found.violations]

    assert broken("rule a: always then allow sms") == [("sms with notice", "omits required")]
    assert broken("rule a: g then allow sms with notice") == []
    assert broken("rule a: always then allow email with letter") == [("letter", "permits forbidden")]


@pytest.mark.parametrize("forbids", [False, True])
def test_sixty_levels(forbids: bool) -> None:
    """Each of two actions asks for both of the next: so many ways that nobody can write them out."""
    levels = range(60)
    text = "fact g yes/no\n" + "".join(f"action a{level}, b{level}\n" for level in levels)
    text += "".join(f"rule r{n}: require a{n + 1}, b{n + 1} with a{n}, b{n}\n" for n in levels[:-1])
    text += "rule go: always then allow a0\n" + ("rule stop: never a59 when g\n" if forbids else "")
    assert len(forbear.loads(text).decide({"g": False})["a0"].along) == 118
    if forbids:
        assert not forbear.loads(text).permits("a0", {"g": True})


def test_what_would_be_too_much_is_refused() -> None:
    levels = range(60)
    text = "fact g yes/no\n" + "".join(f"action a{level}, b{level}\n" for level in levels)
    text += "".join(f"rule r{n}: require a{n + 1}, b{n + 1} with a{n}, b{n} when g\n" for n in levels[:-1])
    text += "rule stop: never a59 when g\n"
    with pytest.raises(forbear.PolicyError, match="has more than 10,000 comparisons"):
        forbear.loads(text)


def test_an_expectation_with_what_goes_along() -> None:
    text = WORDS + "rule a: always then allow sms with notice\n"
    assert [one.code for one in forbear.loads(text + 'example "e": expect sms allowed with notice').validate()] == [
        one.code for one in forbear.loads(text).validate()
    ]
    failed = forbear.loads(text + 'example "e": expect sms allowed with notice and letter').validate()
    assert [one.message for one in failed if one.code == "failed-example"] == [
        "expected `sms` allowed with notice and letter, and it is allowed by `a`, without `letter`"
    ]
    failed = forbear.loads(text + "ensure sms allowed with letter").validate()
    assert [one.message for one in failed if one.code == "failed-ensure"] == [
        "expected `sms` allowed with letter in every such case, and in this one it is allowed by `a`, without `letter`"
    ]
