"""Bad input gives diagnostics or `CaseError`, and never another exception."""

from __future__ import annotations

import random
import re
import time
from pathlib import Path

import pytest
import strategies
from checking import assert_well_worded, found
from hypothesis import given, settings
from hypothesis import strategies as st
from night import NIGHTLY
from strategies import examples

import forbear
from forbear.base import source
from forbear.library.loading import check_file, check_text

# Files


def codes(path: Path) -> list[str]:
    return [one.code for one in check_file(path).diagnostics]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty-file"),
        (b" \n\t\n", "empty-file"),
        (b"# only a comment", "empty-file"),
        (b"\xef\xbb\xbf", "empty-file"),
        (b"never sms # caf\xe9", "unreadable-file"),
        (b"\xff\xfen\x00e\x00v\x00e\x00r\x00", "unreadable-file"),
        ("never sms".encode("utf-16"), "unreadable-file"),
        (b"never sms\0", "unreadable-file"),
        (b"# a comment \0\nnever sms", "unreadable-file"),
        (b"never sms # \xed\xa0\x80", "unreadable-file"),
        (b"\x7fELF\x01\x02\x03", "syntax"),
        (b"\x89PNG\r\n\x1a\n", "unreadable-file"),
        (b"{" * 1000, "syntax"),
    ],
)
def test_a_file_that_is_no_rule_file(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "p.forbear"
    path.write_bytes(content)
    checked = check_file(path)
    assert [one.code for one in checked.diagnostics] == [code]
    assert checked.policy is None
    assert_well_worded(checked.diagnostics[0])
    with pytest.raises(forbear.PolicyError, match=re.escape(code)):
        forbear.load(path)


def test_the_line_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    path = tmp_path / "p.forbear"
    path.write_bytes(b"never sms\n\n# caf\xe9\n")
    assert "line 3" in check_file(path).diagnostics[0].message


RULE = 'rule r: # why\n  after 3 days then allow sms\n  because "so"\n'


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + RULE.encode(),
        RULE.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + RULE.replace("\n", "\r\n").encode(),
        RULE.rstrip().encode(),
        RULE.replace("\n", "\r").encode(),
        RULE.replace("so", "因为 ünï 🙂").encode(),
    ],
)
def test_a_bom_and_windows_line_ends_are_fine(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "p.forbear"
    path.write_bytes(content)
    policy = forbear.load(path)
    assert policy.permits("sms", {"days_overdue": 4})
    assert policy.typed.rules[0].place.start == (1, 1)


def test_lines_and_columns_are_those_that_an_editor_shows(tmp_path: Path) -> None:
    path = tmp_path / "p.forbear"
    path.write_bytes(b"\xef\xbb\xbf# \xe4\xbd\xa0\r\n\r\nnever \xe4\xbd\xa0, smss\r\n")
    (diagnostic,) = check_file(path).diagnostics
    assert diagnostic.place.start == (3, 7)


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    path = tmp_path / "p.forbear"
    with path.open("wb") as file:
        file.truncate(source.MAXIMUM_BYTES + 1)
    assert codes(path) == ["too-large"]


BRACKETS = (10 if NIGHTLY else 2) * 1024 * 1024


@pytest.mark.parametrize("bracket", ["(", ")", "[", "{", "()", "(a) "])
def test_megabytes_of_brackets(bracket: str) -> None:
    started = time.monotonic()
    checked = check_text(bracket * (BRACKETS // len(bracket)))
    assert checked.policy is None
    assert {one.code for one in checked.diagnostics} <= {"syntax", "too-deep", "too-large"}
    assert time.monotonic() - started < 120, "a bound against what never ends, not a measure"


@pytest.mark.parametrize("line", ["(\n", ")\n", "[\n", "a\n", '"\n', "rule\n"])
def test_many_broken_lines_do_not_take_ages(line: str) -> None:
    """Twice as many take about twice as long: where it grows with the square, this never ends."""
    started = time.process_time()
    checked = check_text(line * (20_000 if NIGHTLY else 8_000))
    assert checked.policy is None
    assert time.process_time() - started < 60


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("not " * 2000 + "deceased then allow sms", "too-deep"),
        ("never sms when " + "not " * 2000 + "deceased", "too-deep"),
        ("never sms unless " + "not (" * 1000 + "deceased" + ")" * 1000, "too-deep"),
        ("(" * 2000 + "deceased" + ")" * 2000 + " then allow sms", "too-deep"),
        ("define d is " + "(" * 101 + "deceased" + ")" * 101, "too-deep"),
        ("ensure sms allowed when " + "not " * 101 + "deceased", "too-deep"),
        ("accept hole of sms when " + "not " * 101 + 'deceased because "x"', "too-deep"),
    ],
)
def test_nesting_has_a_bound(text: str, code: str) -> None:
    assert [one.code for one in found(text) if one.severity == "error"] == [code]


@pytest.mark.parametrize(
    "text",
    [
        "not " * 100 + "deceased then allow sms",
        "(" * 100 + "deceased" + ")" * 100 + " then allow sms",
        "not (" * 50 + "deceased" + ")" * 50 + " then allow sms",
        " and ".join(["(not deceased)"] * (1000 if NIGHTLY else 200)) + " then allow sms",
        "(deceased) or " * (1000 if NIGHTLY else 200) + "deceased then allow sms",
        "not deceased and " * 1000 + "deceased then allow sms",
        "\n".join(f"rule r{n}: not deceased then allow sms" for n in range(3000 if NIGHTLY else 600)),
        "\n".join(f"rule r{n}: not (not (deceased)) then allow sms" for n in range(1000)),
        "\n".join(
            f'ensure sms not allowed\nexample "e{n}": given deceased yes expect sms not allowed' for n in range(300)
        ),
    ],
)
def test_within_the_bound_everything_works(text: str) -> None:
    from forbear.targets.python.module import compile_module

    policy = forbear.loads(text)
    policy.decide({"deceased": True})
    if len(policy.typed.rules) < 100:
        compile_module(policy.typed)


def nested_definitions(count: int, step: str) -> str:
    lines = ["fact f yes/no", "fact o yes/no optional", "action a", "define d0 is f"]
    lines += [f"define d{n} is {step.format(f'd{n - 1}')}" for n in range(1, count)]
    return "\n".join([*lines, f"rule r: d{count - 1} then allow a"])


STEPS = ["not {}", "f and (o or {})", "not (f and {})", "o and not {}", "{} or f", "(f or {}) and (o or not f)"]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("count", [60, 120, 250, 400, 3000] if NIGHTLY else [60, 250, 3000])
def test_definitions_nest_within_a_bound_too(step: str, count: int) -> None:
    """A diagnostic, or a policy that can be decided and compiled."""
    from forbear.targets.python.module import compile_module

    checked = check_text(nested_definitions(count, step))
    if checked.policy is None:
        assert {one.code for one in checked.diagnostics} <= {"too-deep", "too-large"}
        assert count > 60
        return
    policy = forbear.Policy(checked)
    policy.decide({"f": True})
    assert policy.digest
    assert policy.explain("a", {"f": True})
    compile_module(checked.policy)


def test_definitions_that_double_have_a_bound() -> None:
    text = nested_definitions(60, "{0} and {0}").replace("{0}", "d0")
    lines = ["fact f yes/no", "action a", "define d0 is f"]
    lines += [f"define d{n} is d{n - 1} and d{n - 1}" for n in range(1, 60)]
    assert {one.code for one in found("\n".join(lines))} == {"too-large"}
    assert text


@pytest.mark.parametrize(
    "number", ["9" * 16, "9" * 5000, "-" + "9" * 16, "0." + "9" * 16, "1_" * 5000 + "1", "9" * 15 + ".5"]
)
def test_a_number_has_at_most_15_digits(number: str) -> None:
    for text in (
        f"unreachable > {number} then allow sms",
        f"setting x is {number}",
        f"after {number} days then allow sms",
        f"overdue_amount > CNY {number} then allow sms",
        f"fact x number between {number} and {number}\naction a",
        f"fact x percent in steps of {number}%\naction a",
        f'example "e": given unreachable {number} expect sms unsaid',
    ):
        diagnostics = check_text(text).diagnostics
        assert "bad-literal" in [one.code for one in diagnostics], text
        assert all(len(one.message) < 300 for one in diagnostics)


@pytest.mark.parametrize(
    "text",
    ["\0", 'rule r "\0": never sms', "never sms # \0", "\ud800", 'rule r "\ud800": never sms', "\ufeffnever sms"],
)
def test_a_text_with_odd_characters(text: str) -> None:
    """A text that is loaded, and not a file, may hold what no file can: it is refused, or works to the end."""
    from forbear.targets.python.module import compile_module

    checked = check_text(text)
    if checked.policy is not None:
        policy = forbear.Policy(checked)
        assert policy.digest
        assert policy.decide({})["sms"].verdict == "forbidden"
        compile_module(checked.policy).encode()


def test_an_error_names_the_place_in_one_line() -> None:
    with pytest.raises(forbear.PolicyError) as error:
        forbear.loads("never smss\nrule r: never smt", name="mine")
    assert str(error.value).splitlines()[0].startswith("mine:1:7: ")
    assert "[unknown-action]" in str(error.value)
    many = "\n".join(f"rule r{n}: never nope" for n in range(100))
    with pytest.raises(forbear.PolicyError, match="more errors"):
        forbear.loads(many)


def test_text_or_none_may_be_compared_with_the_text_none() -> None:
    """In a case `"none"` is none; a policy that names that text must still compile, or be refused."""
    from forbear.targets.python.module import compile_module

    checked = check_text('fact t text or none\naction a\nrule r: t is "none" then allow a')
    if checked.policy is not None:
        compile_module(checked.policy)


# Anything at all

TOKENS = [
    *[
        *("rule", "r", ":", "never", "sms", "allow", "when", "then", "if", "unless", "overrides", "all", "and"),
        *("or", "not", "(", ")", "after", "60", "days", "from", "day", "to", "9", "on", "within", "before"),
    ],
    *[
        *("fact", "x", "count", "days", "money", "CNY", "1_000", "12.50", "80%", "-", ",", "=", ">=", "<", "one"),
        *("of", "a", "b", "<", "c", "optional", "none", "clock", "between", "is", "known", "unknown"),
    ],
    *[
        *("policy", "p", "standard", "version", '"x"', "source", "currency", "USD", "in", "force", "until"),
        *("2015-09-22", "08:00", "uses", "collections", "suspend"),
    ],
    *[
        *("example", '"e"', "given", "expect", "allowed", "unsaid", "ensure", "any", "accept", "dead-rule"),
        *("because", "group", "also", "except", "everything", "ladder"),
    ],
    *[
        *("rising", "with", "define", "setting", "yes/no", "text", '"', "'", "\\", "#", "\n", "\t", "≥", "你"),
        *("\x01", "{", "}", "[", ";", "1e9", "2015-9-1", "25:00", "NaN", "usually", "steps", "action"),
    ],
]


def mutated(text: str, generator: random.Random) -> str:
    """A text with a few of its words gone, doubled, turned around or replaced."""
    words = re.findall(r'"(?:[^"\\\n]|\\[^\n])*"|\s+|\w+|.', text)
    for _ in range(generator.randint(1, 4)):
        at = generator.randrange(len(words))
        change = generator.randrange(6)
        if change == 0:
            del words[at]
        elif change == 1:
            words.insert(at, generator.choice(words))
        elif change == 2:
            words[at] = generator.choice(TOKENS)
        elif change == 3:
            other = generator.randrange(len(words))
            words[at], words[other] = words[other], words[at]
        elif change == 4:
            words[at] = words[at][:-1]
        else:
            words.insert(at, chr(generator.choice((0, 9, 10, 13, 34, 40, 92, 160, 8232, 0x1F642, 0xFEFF, 0xD800))))
        if not words:
            return ""
    return "".join(words)


def assert_reads(text: str) -> None:
    """Diagnostics or a policy, nothing else; and a policy can be used."""
    checked = check_text(text)
    if checked.policy is None:
        assert any(one.severity == "error" for one in checked.diagnostics), text
    else:
        assert not any(one.severity == "error" for one in checked.diagnostics), text
        policy = forbear.Policy(checked)
        assert policy.validate() is not None
    for one in checked.diagnostics:
        assert one.message
        assert one.help
        assert 0 <= one.place.span[0] <= one.place.span[1] <= len(one.place.source.text), (one.code, text)
        assert one.place.start.line >= 1


@settings(max_examples=examples(200, by_night=400))
@given(st.lists(st.sampled_from(TOKENS), max_size=40), st.sampled_from([" ", "\n", ""]))
def test_token_soup_gives_diagnostics(tokens: list[str], between: str) -> None:
    assert_reads(between.join(tokens))


@settings(max_examples=examples(100, by_night=200))
@given(st.text(max_size=200))
def test_any_text_gives_diagnostics(text: str) -> None:
    assert_reads(text)


@settings(max_examples=examples(40, by_night=80))
@given(strategies.policies(rules=4, depth=1), strategies.seeds())
def test_mutated_policies_give_diagnostics(model: strategies.Policy, seed: int) -> None:
    generator = random.Random(seed)
    extra = [
        '\nexample "e": expect everything unsaid',
        "\nensure everything not allowed when always",
        "\nladder l: g1, sms",
    ]
    for _ in range(4):
        assert_reads(mutated(model.text + generator.choice(["", *extra]), generator))


@settings(max_examples=examples(50, by_night=100))
@given(strategies.policies(rules=4, named=True, depth=1), strategies.seeds())
def test_a_broken_statement_gives_one_error_and_the_others_are_read(model: strategies.Policy, seed: int) -> None:
    """A statement that lacks its end, among good ones: the rest is there."""
    generator = random.Random(seed)
    broken = generator.choice(
        ["rule zz: never", "rule zz never", "define zz is", "fact zz", "rule zz: 5 then allow a", "group zz is"]
    )
    layout = list(model.layout)
    at = generator.randrange(len(layout) + 1)
    texts = [text for _, _, text in model._statements()]
    offset = at + (1 if model.head else 0)
    text = "\n".join([*texts[:offset], broken, *texts[offset:]])
    checked = check_text(text)
    assert [one.code for one in checked.diagnostics if one.severity == "error"] == ["syntax"], text
    assert checked.diagnostics[0].place.start.line >= "\n".join(texts[:offset]).count("\n") + 1
