"""`forbear conform`: a policy against standards, with the rules that would mend it."""

from __future__ import annotations

from pathlib import Path

import pytest
from command import run, write

OBJECTIONS = """\
standard article "What the article objects to"
rule gift: never contact_related when contact_source is shipping_record
rule goods: never disclose_item_details
"""


def test_the_old_pack_breaks_the_objections_of_the_article_and_the_new_one_keeps_them(tmp_path: Path) -> None:
    write(tmp_path, "article.forbear", OBJECTIONS)
    before = run("conform", "pack:huabei/before", "--to", "article.forbear", "--format", "json", cwd=tmp_path)
    assert before.code == 1
    found = [(one["action"], one["standard_rule"], one["kind"]) for one in before.json["violations"]]
    assert found == [
        ("contact_related", "gift", "permits forbidden"),
        ("disclose_item_details", "goods", "permits forbidden"),
    ]
    assert before.json["violations"][0]["policy_rules"] == ["ask_related_person"]
    assert before.json["violations"][0]["witness"]["contact_source"] == "shipping_record"
    redesigned = run("conform", "pack:huabei/redesigned", "--to", "article.forbear", cwd=tmp_path)
    assert (redesigned.code, redesigned.out) == (
        0,
        "unjudged, since no rule of a standard speaks of them: "
        "sms, automated_voice, phone_call, disclose_purchase_scene\n"
        "pack:huabei/redesigned conforms to article\n",
    )


def test_what_a_standard_omits_is_read_before_the_conclusion(tmp_path: Path) -> None:
    write(tmp_path, "above.forbear", 'standard above omits "a \u202e" rule w: never visit when within 90 days')
    write(tmp_path, "law.forbear", 'standard law subject to "above" omits "b", "c" rule n: never visit when deceased')
    write(tmp_path, "house.forbear", 'policy house omits "d" after 90 days and not deceased then allow visit')
    answer = run("conform", "house.forbear", "--to", "law.forbear", cwd=tmp_path)
    assert (answer.code, answer.out.splitlines()) == (
        0,
        [
            "what law does not say, by its own account:",
            "  - b",
            "  - c",
            "what above does not say, by its own account:",
            "  - a \\u202e",
            "house.forbear conforms to law",
        ],
    )
    found = run("conform", "house.forbear", "--to", "law.forbear", "--format", "json", cwd=tmp_path).json
    assert found["omits"] == [
        {"standard": "law", "texts": ["b", "c"]},
        {"standard": "above", "texts": ["a \u202e"]},
    ]


def test_what_is_suggested_mends_the_policy(tmp_path: Path) -> None:
    write(tmp_path, "article.forbear", OBJECTIONS)
    write(tmp_path, "house.forbear", "rule ask: after 60 days then allow contact_related, disclose_item_details\n")
    answer = run("conform", "house.forbear", "--to", "article.forbear", "--suggest", cwd=tmp_path)
    assert answer.code == 1
    assert answer.out == (
        "rule gift:\n  never contact_related when contact_source is shipping_record\n"
        '  source "article, gift"\n\n'
        'rule goods:\n  never disclose_item_details\n  source "article, goods"\n'
    )
    with (tmp_path / "house.forbear").open("a") as file:
        file.write(answer.out)
    mended = run("conform", "house.forbear", "--to", "article.forbear", "--suggest", cwd=tmp_path)
    assert (mended.code, mended.out) == (0, "")


def test_several_standards_and_what_none_of_them_knows(tmp_path: Path) -> None:
    write(
        tmp_path,
        "first.forbear",
        "standard first\nfact late days clock\naction sms\nrule a: within 2 days then forbid sms\n",
    )
    write(
        tmp_path,
        "second.forbear",
        "standard second\nfact late days clock\naction call\nrule b: after 9 days then require call\n",
    )
    house = "fact late days clock\naction sms, call, visit\nrule r: always then allow sms, visit\nrule s: never call\n"
    write(tmp_path, "house.forbear", house)
    answer = run(
        "conform", "house.forbear", "--to", "first.forbear", "--to", "second.forbear", "--format", "json", cwd=tmp_path
    )
    assert answer.code == 1
    assert [(one["standard"], one["kind"], one["verdict"]) for one in answer.json["violations"]] == [
        ("first", "permits forbidden", "allowed"),
        ("second", "omits required", "forbidden"),
    ]
    assert answer.json["unjudged"] == ["visit"]
    same = run("conform", "house.forbear", "--to", "first.forbear", "second.forbear", "--format", "json", cwd=tmp_path)
    assert same.json == answer.json
    text = run("conform", "house.forbear", "--to", "first.forbear", "second.forbear", cwd=tmp_path)
    assert "sms is allowed, which `a` of `first` forbids" in text.out
    assert "call is forbidden, which `b` of `second` requires" in text.out
    assert "unjudged, since no rule of a standard speaks of them: visit" in text.out
    assert "house.forbear does not conform to first, second: 2 violations" in text.out
    suggested = run("conform", "house.forbear", "--to", "first.forbear", "second.forbear", "--suggest", cwd=tmp_path)
    assert "# `s` forbids call where `b` of `second` requires it: one has to give way.\n" in suggested.out


def test_facts_that_only_the_standard_knows(tmp_path: Path) -> None:
    write(
        tmp_path,
        "bounds.forbear",
        'standard bounds\nfact quiet yes/no optional "Told to be quiet"\naction sms\nrule a: never sms when quiet\n',
    )
    write(tmp_path, "house.forbear", "fact late days clock\naction sms\nrule r: always then allow sms\n")
    answer = run("conform", "house.forbear", "--to", "bounds.forbear", cwd=tmp_path)
    assert "fact quiet: a standard reads it as yes/no optional, and house.forbear does not have it" in answer.out
    suggested = run("conform", "house.forbear", "--to", "bounds.forbear", "--suggest", cwd=tmp_path).out
    assert (
        suggested
        == 'fact quiet yes/no optional "Told to be quiet"\n\nrule a:\n  never sms when quiet\n  source "bounds, a"\n'
    )


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


def test_derived_facts_are_suggested_with_their_events(tmp_path: Path) -> None:
    words = 'event contact "An attempt"\n  has outcome one of reached, lost usually lost\n  has debt text\n'
    bounds = f"""\
standard bounds
{words}
fact debt text
fact calls count of contact where debt is this debt in last 7 days usually 0 "Attempts"
action sms
rule a: never sms when calls > 7
"""
    house = "fact late days clock\naction sms\nrule r: after 3 days then allow sms\n"
    write(tmp_path, "bounds.forbear", bounds)
    write(tmp_path, "house.forbear", house)
    suggested = run("conform", "house.forbear", "--to", "bounds.forbear", "--suggest", cwd=tmp_path).out
    assert suggested.startswith('event contact "An attempt"\n  has outcome one of reached, lost\n  has debt text\n\n')
    assert 'fact calls count of contact where debt is this debt in last 7 days usually 0 "Attempts"\n' in suggested
    write(tmp_path, "house.forbear", house + suggested)
    assert run("conform", "house.forbear", "--to", "bounds.forbear", cwd=tmp_path).code == 0
    assert run("validate", "house.forbear", cwd=tmp_path).code == 0


def test_a_duty_is_set_over_the_holds_that_it_meets(tmp_path: Path) -> None:
    write(tmp_path, "bounds.forbear", "standard bounds\nrule notice: after 90 days then require letter, email\n")
    house = "rule pause: hardship is requested then forbid letter overrides all\n"
    house += "rule early: within 9 days then forbid email\n"
    write(tmp_path, "house.forbear", house)
    suggested = run("conform", "house.forbear", "--to", "bounds.forbear", "--suggest", cwd=tmp_path).out
    assert suggested == (
        'rule notice:\n  days_overdue > 90 then require email, letter\n  overrides pause\n  source "bounds, notice"\n'
    )
    write(tmp_path, "house.forbear", house + suggested)
    assert run("conform", "house.forbear", "--to", "bounds.forbear", cwd=tmp_path).code == 0
    assert run("validate", "house.forbear", cwd=tmp_path).code == 0


def test_a_policy_is_judged_in_its_own_cases(tmp_path: Path) -> None:
    quiet = "fact quiet yes/no\naction sms\nrule q: never sms when quiet\n"
    words = f"{quiet}rule r: always then allow sms\n"
    write(
        tmp_path,
        "bounds.forbear",
        f"standard bounds\nfact misses count\n{quiet}rule a: never sms when misses > 9\n",
    )
    for own, code in (("count between 0 and 9", 0), ("count between 0 and 10", 1)):
        write(tmp_path, "house.forbear", f"fact misses {own}\n{words}")
        assert run("conform", "house.forbear", "--to", "bounds.forbear", cwd=tmp_path).code == code


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


def test_one_of_two_standards_judges_nothing(tmp_path: Path) -> None:
    write(tmp_path, "bounds.forbear", f"{BOUNDS}rule a: misses > 3 then forbid sms\n")
    write(tmp_path, "other.forbear", BOUNDS.replace("standard bounds", "standard other") + "rule b: never call\n")
    write(tmp_path, "house.forbear", f"{HOUSE}rule r: misses < 3 then allow sms\n")
    arguments = ("conform", "house.forbear", "--to", "bounds.forbear", "other.forbear")
    answer = run(*arguments, "--format", "json", cwd=tmp_path)
    assert (answer.code, answer.json["conforms"], answer.json["violations"]) == (1, False, [])
    assert answer.json["vacuous"] == [{"standard": "other", "how": "forbids nothing"}]
    assert (answer.json["judged"], answer.json["unjudged"]) == (["sms"], [])
    said = "it cannot be said that house.forbear conforms to bounds, other: other judges nothing that it does"
    assert run(*arguments, cwd=tmp_path).out.splitlines()[-1] == said
    suggested = run(*arguments, "--suggest", cwd=tmp_path)
    assert (suggested.code, suggested.out) == (
        1,
        "# `other` is vacuous here: it judges nothing that this policy does.\n",
    )


def test_a_standard_that_is_not_in_force_on_the_day_judges_nothing(tmp_path: Path) -> None:
    write(tmp_path, "bounds.forbear", f"{BOUNDS}rule a: misses > 3 then forbid sms in force from 2026-09-01\n")
    write(tmp_path, "house.forbear", f"{HOUSE}rule r: misses < 3 then allow sms\n")
    for day, code in (("2026-08-31", 1), ("2026-09-01", 0)):
        assert run("conform", "house.forbear", "--to", "bounds.forbear", "--on", day, cwd=tmp_path).code == code


def test_wrong_use(tmp_path: Path) -> None:
    write(tmp_path, "house.forbear", "never sms\n")
    assert run("conform", "house.forbear", cwd=tmp_path).code == 2
    assert run("conform", "house.forbear", "--to", "nowhere.forbear", cwd=tmp_path).code == 2
    assert (
        run("conform", "house.forbear", "--to", "house.forbear", "--suggest", "--format", "json", cwd=tmp_path).code
        == 2
    )


UNJUDGED = """\
fact late days clock between 0 and 6
fact misses count between 0 and 3 optional
action sms, call, relative, visit
rule limited: limit visit to 3 by misses
rule never_held: require relative when misses is 0 and misses is not 0
rule early: on day 4 and misses is 1 then allow %s
rule hold: forbid relative when always
"""


def test_where_no_rule_can_be_suggested_it_is_said_why(tmp_path: Path) -> None:
    write(tmp_path, "house.forbear", UNJUDGED % "call")
    write(tmp_path, "bounds.forbear", UNJUDGED % "relative")
    answer = run("conform", "house.forbear", "--to", "bounds.forbear", "--suggest", cwd=tmp_path)
    assert (answer.code, answer.out) == (
        1,
        "# no rule of a standard speaks of what this policy permits: call.\n",
    )


def test_cases_are_told_in_short(tmp_path: Path) -> None:
    write(tmp_path, "house.forbear", "rule r: after 3 days then allow sms\n")
    asked = ("conform", "house.forbear", "--to", "pack:regulation/us-massachusetts")
    told = run(*asked, cwd=tmp_path).out
    assert '  case:     days_overdue 4, state "MA", home_contacts_in_7_days 2\n' in told
    assert '"attorney_represented": ' not in told
    assert '"attorney_represented": false' in run(*asked, "--full", cwd=tmp_path).out
