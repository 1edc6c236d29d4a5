"""What authors are told of their mistakes: one diagnostic each, at the right place, with what to write instead.

A row is a text, what the diagnostic underlines (or LINE:COLUMN), a word of its message, and a word of its help.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from checking import assert_well_worded, found, only, place

import forbear
from forbear.library.loading import check_file, check_text

OWN = "fact k count between 2 and 9\naction a, b\n"
MISTAKES = [
    # texts and values
    ("state is CA then allow sms", "CA", "no value", 'in quotation marks: `"CA"`'),
    ("state is not CA then allow sms", "CA", "no value", '`"CA"`'),
    ("state = CA then allow sms", "CA", "no value", '`"CA"`'),
    ("state is one of CA, NV then allow sms", "CA", "no value", '`"CA"`'),
    ('example "e": given state CA expect sms unsaid', "CA", "no value", '`"CA"`'),
    ('state is "CA" "NV" then allow sms', '"NV"', "missing before this text", "`,`"),
    ('rule r: never sms because "x" "y"', '"y"', "missing before this text", "take one"),
    ("never sms when unreachable is not 3 and 4", "unreachable is not 3 and 4", "no condition", "is not one of 3, 4`"),
    ('never "sms"', '"sms"', "no quotation marks", "write `sms`"),
    # sums
    ("never sms when overdue_amount > usd 12.50", "usd 12.50", "three capitals", "write `USD 12.50`"),
    # dates and times
    ("rule r: never sms in force from 21.09.2015", "21.09.2015", "one form", "`2015-09-21`"),
    ("rule r: never sms in force until 2015/09/21", "2015/09/21", "one form", "`2015-09-21`"),
    ("local_time > 9:30 pm then allow sms", "9:30 pm", "one form", "`21:30`"),
    ("local_time > 8:00 then allow sms", "8:00", "one digit", "two digits of the hour: `08:00`"),
    ("suspend sms from 2015-9-1", "2015-9-1", "not a date", "`2015-09-01`"),
    # units
    ("days_overdue between 9 and 13 days then allow sms", "days", "without its unit", "`between 9 and 13`"),
    ('example "e": given days_overdue 9 days expect sms unsaid', "days", "without its unit", "write `9`"),
    # the clock
    ("never sms when within grace", "1:27", "`days` is missing", "write `within grace days`"),
    ("on day 9 to 13 then allow sms", "on day 9 to 13", "how a span of days is written", "`from day 9 to day 13`"),
    ("rule r: never sms when local_time after 21:00", "local_time after 21:00", "counts", "`local_time > 21:00`"),
    ("never sms when local_time before 08:00", "local_time before 08:00", "counts", "`local_time < 08:00`"),
    ("define late is promised_on after 2015-09-21", "promised_on after 2015-09-21", "counts", "> 2015-09-21`"),
    # comparisons and conditions
    ("unreachable 3 then allow sms", "unreachable 3", "comparison is missing", "`unreachable >= 3`"),
    ("if after 3 days then allow sms", "if", "no `if`", "leave the `if` out"),
    ("ensure sms allowed if deceased", "if", "no `if`", "write `when`"),
    ("rule r: when after 3 days then allow sms", "when", "comes first", "leave the `when` out"),
    # promises
    ('example "e": given days_overdue is 9 expect sms unsaid', "is", "no sign goes", "write `days_overdue 9`"),
    ('example "e": given overdue_amount: CNY 9 expect sms unsaid', ":", "no sign", "write `overdue_amount CNY 9`"),
    ('example "e": given days_overdue 9 and unreachable 3 expect sms unsaid', "and", "commas only", "a comma"),
    ("ensure sms is not allowed when deceased", "is", "has no `is`", "leave the `is` out"),
    # names and heads
    ("rule remind-sms: never sms", "remind-sms", "no hyphen", "write `remind_sms`"),
    ("rule my-rule-2: never sms", "my-rule-2", "no hyphen", "write `my_rule_2`"),
    ("rule remind\n  after 3 days then allow sms", "1:12", "`:` is missing", "write `:`"),
    ('rule remind "we remind"\n  after 3 days then allow sms', "1:24", "`:` is missing", "write `:`"),
    ("rule allow: never sms", "allow", "cannot be a name", "choose another name"),
    ("setting grace = 5", "=", "does not belong here", "write `is`"),
    ("rule r: never sms\ncurrency CNY", "currency", "not under a head", "write it below `policy NAME`"),
    ('policy p\nrule r: never sms\nversion "2"', "version", "not under a head", "before the rules"),
    # signs
    ("after 3 days then allow sms.", ".", "without a sign", "leave it out"),
    ("after 3 days then allow sms;", ";", "without a sign", "leave it out"),
    ("after 3 days， deceased then allow sms", "，", "joined with `and`", "write `and`"),
    # what would have fitted
    ("allow when deceased", "when", "does not fit", "expected an action"),
    ("deceased deceased then allow sms", "1:1", "reads as a sentence", "`CONDITION then allow ACTIONS`"),
    ("fact x foo", "foo", "does not fit", "expected a type such as `count`"),
    ("unreachable is", "s", "ends inside", "expected a value, `between`, `not` or `one`"),
    ("after 3 days then allow sms @", "@", "not part of", "more actions after"),
]


def one(text: str, where: str, message: str, help: str) -> None:
    diagnostic = only(text)
    assert where in (diagnostic.place.text, place(diagnostic)), (place(diagnostic), diagnostic.place.text)
    assert message in diagnostic.message, diagnostic.message
    assert help in diagnostic.help, diagnostic.help
    assert_well_worded(diagnostic)


@pytest.mark.parametrize(("text", "where", "message", "help"), MISTAKES)
def test_what_is_said_of_a_mistake(text: str, where: str, message: str, help: str) -> None:
    one(text, where, message, help)


@pytest.mark.parametrize("text", [row[0] for row in MISTAKES if not row[0].startswith(("between", "on 9"))])
def test_the_statements_around_a_mistake_are_read(text: str) -> None:
    around = f"rule first: unreachable > 1.5 then allow sms\n{text}\nrule final: unreachable > 2.5 then allow sms\n"
    codes = [diagnostic.code for diagnostic in found(around) if diagnostic.severity == "error"]
    assert sum(code == "off-grid" for code in codes) == 2
    assert len(codes) == 3


@pytest.mark.parametrize(
    ("text", "where", "message", "help"),
    [
        # names
        (
            "contact_source is referee or declared then allow sms",
            "contact_source is referee or declared",
            "a value of `contact_source`",
            "write `contact_source is one of referee, declared`",
        ),
        (
            "after 3 days and contact_source is not referee or declared or shipping_record then allow sms",
            "contact_source is not referee or declared or shipping_record",
            "a value",
            "`contact_source is not one of referee, declared, shipping_record`",
        ),
        ("contact_source is one of referee or declared then allow sms", "1:1", "a value", "of referee, declared`"),
        ("referee then allow sms", "referee", "a value of", "write `other_party is referee`"),
        ("unreachable is 3 or more then allow sms", "more", "with a sign", "write `unreachable >= 3`"),
        ("overdue_amount = CNY 5 or less then allow sms", "less", "with a sign", "`overdue_amount <= CNY 5`"),
        ("after 3 days then allow pressure", "pressure", "a ladder, not an action", "actions or a group"),
        ("uses collections\naction sms", "2:8", "declared twice", "belongs to `collections`"),
        ("uses collections\nfact x one of deceased, alive", "2:15", "value of a fact", "belongs to `collections`"),
        ('example "e": given quux 10 expect sms unsaid', "quux", "no fact", "forbear facts"),
        # types and ranges
        (OWN + "fact c one of p, q\nrule r: c > p then allow a", "c > p", "no order", "declare them with `<`"),
        ("policy p currency CNY\noverdue_amount > USD 5 then allow sms", "USD 5", "in CNY", "nothing is converted"),
        ("policy p currency USD\noverdue_amount > 1000 then allow sms", "1000", "a sum in USD", "write `USD 1000`"),
        (OWN + "fact p percent\nrule r: p > 80 then allow a", "80", "a percentage", "write `80%`"),
        ("setting s is foo\nrule r: after s days then allow sms", "foo", "no literal", "write a number"),
        ("after 2.5 days then allow sms", "2.5", "never 2.5", "write 2 or 3"),
        (OWN + "k > 9.5 then allow a", "9.5", "never 9.5", "write 9"),
        ("from day -3 then allow sms", "-3", "begins at 0, so it is never -3", "write a value from 0 on"),
        (OWN + "k > 12 then allow a", "12", "ends at 9, so it is never 12", "from 2 to 9, or change the range"),
        (
            OWN + "fact m money CNY\nm > CNY 999999999999999 then allow a",
            "CNY 999999999999999",
            "at most 15 digits",
            "from CNY 0 on",
        ),
        ("unreachable < 0 then allow sms", "unreachable < 0", "is never below 0", "a value that the fact can have"),
        ("unreachable >= 0 then allow sms", "unreachable >= 0", "is never below 0", "take it out"),
        (OWN + "k <= 9 then allow a", "k <= 9", "always true: `k` is never above 9", "take it out"),
        (OWN + "k between 2 and 9 then allow a", "3:1", "`k` always is from 2 to 9", "take it out"),
        ("cease_requested is none then allow sms", "1:1", "never none", "write `not cease_requested`"),
        ("cease_requested is known then allow sms", "1:1", "never unknown", "write `cease_requested` or"),
        ("unreachable is none then allow sms", "1:1", "never none", "compare it with a value"),
        (OWN + "k is none then allow a", "3:1", "never none", "is declared `or none`"),
        ('example "e": given unreachable unknown expect sms unsaid', "unknown", "never unknown", "give it a value"),
        ("fact late days\naction a\nrule r: after 3 days then allow a", "after 3 days", "no fact", "`clock` to `late`"),
        ("fact late days clock optional\naction a", "late", "may be missing", "take `optional` away"),
        ("uses collections\nfact late days clock or none", "late", "may be missing", "take `or none` away"),
        # actions and ladders
        (OWN + "group g is zzz\nrule r: never g", "zzz", "no action or group", "known are"),
        (OWN + "ladder l: a, b, a", "3:17", "appears twice", "once"),
        (OWN + "group g is h group h is h", "3:20", "group `h` holds itself", "take it out"),
        # rules
        (
            "rule h: forbid sms when deceased\nrule r: never sms overrides h",
            "2:29",
            "always wins",
            "take the override out",
        ),
        (
            "rule r: never sms unless deceased unless bankruptcy",
            "1:35",
            "appears twice",
            "with `or` if each of them lifts the rule",
        ),
        ("vocabulary p vocabulary q action a", "q", "second vocabulary", "each vocabulary into a file"),
        # examples
        (
            'rule r: after 3 days then allow sms\nexample "e": expect sms allowed',
            '"e"',
            "does not give it",
            "write `given days_overdue ...`",
        ),
        (OWN + 'k > 3 then allow a\nexample "e": expect a allowed', '"e"', "does not give it", "usually ..."),
        (
            'rule r: after 3 days then allow sms unless balance > CNY 5\nexample "e": expect sms allowed',
            '"e"',
            "`days_overdue`, `balance`, and this example does not give them",
            "write `given days_overdue ..., balance ...`",
        ),
        ('rule r: after 3 days then allow sms\nexample "e": given quux 9 expect sms allowed', "quux", "no fact", "see"),
    ],
)
def test_a_mistake(text: str, where: str, message: str, help: str) -> None:
    one(text, where, message, help)


def test_overrides_all_may_find_nothing() -> None:
    assert found("rule h: never email\nrule r: after 3 days then allow sms overrides all") == []


def test_the_setting_that_a_value_comes_from_is_shown() -> None:
    diagnostic = only("policy p currency CNY\nsetting big is USD 5\nrule r: overdue_amount > big then allow sms")
    assert [label.place.text for label in diagnostic.related] == ["setting big is USD 5"]


def test_circles_show_each_of_their_members() -> None:
    diagnostic = only("define x is y\ndefine y is z\ndefine z is x\nnever sms")
    assert diagnostic.place.text == "x"
    assert [label.place.text for label in diagnostic.related] == ["y", "z"]
    diagnostic = only("rule r: deceased then allow sms overrides s\nrule s: forbid sms when deceased overrides r")
    assert (place(diagnostic), diagnostic.place.text) == ("1:43", "s")
    assert [label.text for label in diagnostic.related] == ["`s` overrides `r`"]


def test_large_numbers_are_written_as_people_do() -> None:
    lines = ["define d0 is unreachable > 3 or deceased"] + [
        f"define d{n} is d{n - 1} and d{n - 1}" for n in range(1, 15)
    ]
    assert "10,000 comparisons" in found("\n".join(lines))[0].message


def test_a_missing_file_that_is_used(tmp_path: Path) -> None:
    (tmp_path / "p.forbear").write_text('uses "nope"\nnever sms')
    (diagnostic,) = check_file(tmp_path / "p.forbear").diagnostics
    assert "relative to the file that it stands in" in diagnostic.help
    (diagnostic,) = check_file(tmp_path / "nope.forbear").diagnostics
    assert diagnostic.help == "check the path"


def test_many_mistakes_cost_no_more_than_one_each() -> None:
    checked = check_text("never sms when local_time after 21:00\n" * 300)
    assert {diagnostic.code for diagnostic in checked.diagnostics} == {"syntax"}
    assert len(checked.diagnostics) == 300


@pytest.mark.parametrize(
    ("condition", "help"),
    [
        ("a is at least 10% of b", "write `a >= 10% of b`"),
        ("a > 10%", "write a sum such as `USD 1000`, or a part of another fact: `10% of FACT`"),
        ("d < today", "declare the day of the decision: `fact today date of decision`"),
        ("d < today - 3 days", "declare the day of the decision: `fact today date of decision`"),
    ],
)
def test_help_for_facts_against_facts_says_what_to_write(condition: str, help: str) -> None:
    text = f"fact a money USD\nfact b money USD\nfact d date\naction x\nrule r: allow x when {condition}\n"
    with pytest.raises(forbear.PolicyError) as raised:
        forbear.loads(text)
    assert [one.help for one in raised.value.diagnostics] == [help]


LONE = """\
policy house "Late borrowers"

fact branch one of north, south

define far is unreachable >= 3
rule call: after 13 days then allow calls overrides quiet
rule quiet: forbid calls when far and branch is north
rule tell: never visit, wrong_word when deceased
"""


def test_words_of_a_vocabulary_that_is_left_out_are_one_error() -> None:
    """And only these: what it would not declare either is an error of its own."""
    said = found(LONE)
    assert [(one.code, one.unknown) for one in said] == [
        ("unknown-name", "unreachable"),
        ("unknown-action", "wrong_word"),
    ]
    assert said[0].message.startswith(
        "`unreachable`, `calls`, `visit`, `deceased` are words of the standard vocabulary"
    )
    assert said[0].related[0].place.text.startswith("fact branch")
    mended = LONE.replace("\nfact", "\nuses collections\n\nfact")
    assert [one.unknown for one in found(mended)] == ["wrong_word"], "what it says to write mends it"


def test_two_such_words_are_two_errors() -> None:
    """They may be forgotten declarations."""
    text = "fact branch yes/no\naction call\nrule a: allow call when deceased\nrule b: never sms when deceased"
    assert [one.unknown for one in found(text)] == ["deceased", "sms", "deceased"]
