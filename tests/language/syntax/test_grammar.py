"""The grammar: LALR(1) without a conflict, and its words are never names."""

from __future__ import annotations

import re

import pytest
from checking import found, typed
from lark import Lark
from night import NIGHTLY

from forbear.base import resources
from forbear.base.source import Source
from forbear.language.syntax import nodes
from forbear.language.syntax.parser import parse, parse_literal

GRAMMAR = resources.folder("grammar").joinpath("forbear.lark").read_text(encoding="utf-8")
KEYWORDS = sorted(set(re.findall(r'"([a-z]+)"', re.sub(r"//.*", "", GRAMMAR))) | {"on"})


def test_the_grammar_has_no_conflict() -> None:
    """`strict` makes an error of what Lark otherwise resolves by itself, and of terminals that overlap."""
    pytest.importorskip("interegular")
    Lark(GRAMMAR, parser="lalr", lexer="basic", strict=True, propagate_positions=True)


def test_there_are_as_many_words_as_the_reference_uses() -> None:
    assert {"policy", "allow", "never", "everything", "unsaid", "or", "on", "clock", "steps"} <= set(KEYWORDS)
    assert len(KEYWORDS) >= 75


@pytest.mark.parametrize("word", KEYWORDS[:: 1 if NIGHTLY else 3])
def test_a_word_of_the_grammar_is_no_name(word: str) -> None:
    declared = [f"fact {word} count", f"action {word}", f"define {word} is deceased", f"setting {word} is 3"]
    if word != "private":  # rules are called so
        declared.append(f"rule {word}: never sms")
    declared += [
        f"group {word} is sms",
        f"policy {word}\nnever sms",
        f"ladder {word}: sms",
    ]
    for text in declared:
        diagnostics = found(text)
        # `group any of`, `rule rule:` and the like begin a statement of their own behind the error.
        assert diagnostics, text
        assert diagnostics[0].code == "syntax", text
        assert f"`{word}` is a word of the language, so it cannot be a name" in diagnostics[0].message, text
        assert diagnostics[0].place.text == word


@pytest.mark.parametrize("word", KEYWORDS)
def test_a_name_may_begin_with_a_word_of_the_grammar(word: str) -> None:
    for name in (f"{word}s_", f"{word}_", f"{word}1", f"x_{word}"):
        policy = typed(f"fact {name} count\naction {name}\nrule {name}: {name} > 3 then allow {name}")
        assert policy.rules[0].name == name


def test_words_stay_apart_without_a_space() -> None:
    """Not so words that run together: `allowsms` is no effect and no action."""
    assert found("after 3 days then allowsms")[0].code == "syntax"
    assert found("after3 days then allow sms")[0].code == "syntax"
    assert found("after 3days then allow sms")[0].code in ("syntax", "bad-literal")
    typed("allow sms when unreachable>=3 and(deceased)")
    typed("overdue_amount>CNY 3 then allow sms,email")


def test_words_of_one_statement_alone_are_names_everywhere_else() -> None:
    """Facts, settings and actions are called by them, so they are words only where they cannot be names."""
    policy = typed(
        "fact by count fact limit_ count fact late days clock setting limit is 3 action limit, by, to_\n"
        "rule limit: limit limit, by # a comment, limit x to\n to limit by by when by > limit unless by = limit\n"
        "rule by: limit everything except limit, by to 3 by by\n"
        "rule to_: from day limit to limit then allow by, limit\n"
        "rule r: by >= limit then allow limit rule s: allow limit when limit_ between limit and limit\n"
        "by >= limit by >= limit then allow limit".replace(
            "by >= limit by", "ensure limit not allowed when by >= limit by"
        )
    )
    action = typed(
        "policy p applies when applies action applies fact applies count\n"
        "rule applies: allow applies when applies > 3\nrule r: limit applies to 3 by applies when applies > 3\n"
        'rule s: never applies when applies > 3 accept dead-rule of applies when applies > 3 because "x"'.replace(
            "applies when applies action", "applies when applies > 1 # x\naction"
        )
    )
    assert [rule.name for rule in action.rules] == ["applies", "r", "s"]
    assert [rule.name for rule in policy.rules][:5] == ["limit", "by", "to_", "r", "s"]
    assert policy.rules[1].effects == {"to_": "never"}


# Where one statement ends and the next begins


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("ensure sms allowed on 2015-09-21\non day 9 then allow sms", [nodes.Ensure, nodes.Rule]),
        ("ensure sms allowed\non day 9 then allow sms", [nodes.Ensure, nodes.Rule]),
        ("ensure sms allowed when deceased on 2015-09-21 on day 9 then allow sms", [nodes.Ensure, nodes.Rule]),
        ("ensure sms allowed on # a comment\n 2015-09-21", [nodes.Ensure]),
        ("ensure sms allowed\non # a comment\n\n# another\n day 9 then allow sms", [nodes.Ensure, nodes.Rule]),
        ("ensure sms allowed on today_ on day 9 then allow sms", [nodes.Ensure, nodes.Rule]),
        ("ensure sms allowed on days_ on day 9 then allow sms", [nodes.Ensure, nodes.Rule]),
        ('example "e": on 2015-09-21 expect sms allowed on day 9 then allow sms', [nodes.Example, nodes.Rule]),
        ("never sms after 3 days then allow sms", [nodes.Rule, nodes.Rule]),
        ("policy p applies when a\napplies then allow sms", [nodes.PolicyHead, nodes.Rule]),
        ("policy applies applies when a policy q\napplies > 3 then allow sms", [nodes.PolicyHead] * 2 + [nodes.Rule]),
        ("limit sms to 3 by n limit sms to 4 by n", [nodes.Rule, nodes.Rule]),
        ("limit sms to 3 by n deceased then allow sms", [nodes.Rule, nodes.Rule]),
        ("limit sms to 3 by n when deceased limit > 3 then allow sms", [nodes.Rule, nodes.Rule]),
        ("deceased then allow sms deceased then allow email", [nodes.Rule, nodes.Rule]),
        ("allow sms when deceased allow email when deceased", [nodes.Rule, nodes.Rule]),
        ("never sms unless deceased not deceased then allow sms", [nodes.Rule, nodes.Rule]),
        ("never sms unless deceased (deceased) then allow sms", [nodes.Rule, nodes.Rule]),
        ("suspend sms from 2015-09-21 from day 3 then allow sms", [nodes.Rule, nodes.Rule]),
        ("suspend sms from 2015-09-21 within 3 days then allow sms", [nodes.Rule, nodes.Rule]),
        ("never sms in force from 2015-09-21 from day 3 then allow sms", [nodes.Rule, nodes.Rule]),
        ('never sms source "x" policy p source "y" never email', [nodes.Rule, nodes.PolicyHead, nodes.Rule]),
        ("setting x is 3 deceased then allow sms", [nodes.Setting, nodes.Rule]),
        ("define e is deceased after 3 days then allow sms", [nodes.Define, nodes.Rule]),
        ('define e is deceased "why" deceased then allow sms', [nodes.Define, nodes.Rule]),
        ("fact f yes/no f then allow sms", [nodes.Fact, nodes.Rule]),
        ("action a, b b then allow a", [nodes.Action, nodes.Rule]),
        ("group g is a except b b then allow a", [nodes.Group, nodes.Rule]),
        ("ladder l: a, b b then allow a", [nodes.Ladder, nodes.Rule]),
        ("fact m money m > 3 then allow a", [nodes.Fact, nodes.Rule]),
        ("uses a, b c then allow a", [nodes.Uses, nodes.Rule]),
        ('accept hole of a because "x" until 2016-01-01 a then allow b', [nodes.Accept, nodes.Rule]),
    ],
)
def test_where_a_statement_ends(text: str, kinds: list[type]) -> None:
    module, diagnostics = parse(Source("x", text))
    assert diagnostics == ()
    assert [type(statement) for statement in module.statements] == kinds


def test_a_span_covers_its_statement() -> None:
    text = 'policy p\nrule r "t":\n  never sms # why\n  because "x"\nfact f count\n'
    module, _ = parse(Source("x", text))
    spans = [text[slice(*statement.span)] for statement in module.statements]
    assert spans == ["policy p", 'rule r "t":\n  never sms # why\n  because "x"', "fact f count"]


def test_layouts_of_one_text_are_equal_modules() -> None:
    one, _ = parse(Source("x", 'rule r:\n  after 3 days then allow sms\n  # why\n  because "x"'))
    other, _ = parse(Source("x", 'rule r:after 3 days then\r\n allow sms because "x"'))
    assert one.statements == other.statements


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("3", "number", "3"),
        ("-3.50", "number", "-3.50"),
        ("80%", "percent", "80"),
        ("CNY 5", "money", "5"),
        ("yes", "flag", "True"),
        ("2015-09-22", "date", "2015-09-22"),
        ("08:00", "time", "28800"),
        ('"x"', "text", "x"),
    ],
)
def test_a_literal_alone(text: str, kind: str, value: str) -> None:
    literal = parse_literal(text)
    assert literal is not None
    assert (literal.kind, str(literal.value)) == (kind, value)


@pytest.mark.parametrize("text", ["", "3 4", "x", '3 "three"', "3\nnever sms", "none", "1__0", "CNY", "%", '"', "# 3"])
def test_no_literal_alone(text: str) -> None:
    assert parse_literal(text) is None


def test_consent_and_not_so_are_words_where_they_declare_and_names_elsewhere() -> None:
    policy = typed(
        'fact consent yes/no consent optional "So" not so: "Not so"\n'
        "fact plain yes/no\nconsent then allow sms\nfact so yes/no usually no\nconsent or plain then allow sms\n"
        "fact other yes/no optional\nnot so then forbid sms\nfact again yes/no usually yes consent\n"
        "not so\n  and plain then never sms\naction sms"
    )
    assert [name for name, fact in policy.facts.items() if fact.consent] == ["consent", "again"]
    assert [fact.not_so for fact in policy.facts.values() if fact.not_so] == ["Not so"]
    assert len(policy.rules) == 4


def test_a_rule_may_begin_with_from_after_a_share_of_a_fact() -> None:
    """What `260% of paid from` begins is no comparison where `day` follows."""
    text = """policy p
fact late days clock
fact due money EUR
fact paid money EUR
action sms, visit
rule q: never sms when due between 150% of paid and 260% of paid
from day 1 to day 4 then allow visit
"""
    assert len(typed(text).rules) == 2
