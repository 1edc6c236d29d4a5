"""Hints for typical mistakes: each row of their table by its own example, and further texts that a row is to fit."""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
import written
from checking import assert_well_worded, found, only, place
from lark.exceptions import UnexpectedToken
from night import NIGHTLY

from forbear.base.source import Span
from forbear.language.syntax.errors import broken_statement
from forbear.language.syntax.grammar import fitting, parser_at, stop
from forbear.language.syntax.hints.hint import Around, At, Hint, Recognised, recognised
from forbear.language.syntax.hints.known import known
from forbear.language.syntax.hints.needed import has_all, needed
from forbear.language.syntax.hints.other_words import PHRASES, other_phrase
from forbear.language.syntax.hints.table import BEFORE_MISSPELT, HINTS

FIRST_TRY = Path(__file__).with_name("first_try.txt")
TABLE = BEFORE_MISSPELT + HINTS
EXAMPLES = [(row, example) for row in TABLE for example in dict.fromkeys((row.example, *row.more))]
of_each_example = pytest.mark.parametrize(("hint", "example"), EXAMPLES, ids=[example for _, example in EXAMPLES])
BEFORE = "uses collections\nrule first: unreachable > 1.5 then allow sms\n"
AFTER = "\nrule final: unreachable > 2.5 then allow sms\n"


def first(text: str) -> Recognised | None:
    """What is recognised where the parser stops first."""
    stopped = stop(text, 0, len(text))
    if stopped is None:
        return None
    fits = fitting(stopped.parser)
    told = broken_statement(text, stopped.token, fits, [0], False, text).mistake
    found = recognised(TABLE, text, stopped.place, fits, [0], known(text))
    return next((one for one in found if (one.message, one.help) == (told.message, told.help)), None)


@of_each_example
def test_the_example_of_a_row_gives_this_row(hint: Hint, example: str) -> None:
    before, marked, after = re.split("[⟨⟩]", example)
    text = before + marked + after
    result = first(text)
    assert result is not None
    assert result.hint is hint, f"{result.hint.example} comes first"
    diagnostic = only(text)
    assert (diagnostic.code, diagnostic.message, diagnostic.help) == (hint.code, result.message, result.help)
    assert (diagnostic.place.span[0], diagnostic.place.text) == (len(before), marked)
    assert_well_worded(diagnostic)


def test_no_placeholder_is_written_into_a_file() -> None:
    placeholders = {"ACTION", "ACTIONS", "CONDITION", "EVENT", "FACT", "N", "NAME", "VALUE"}
    fixed = [first(re.sub("[⟨⟩]", "", example)) for _, example in EXAMPLES]
    helps = [result.instead for result in fixed if result is not None and result.instead is not None]
    assert len(helps) > 150
    assert [help for help in helps if "..." in help or placeholders & set(re.findall("[A-Z]+", help))] == []


def test_what_is_written_instead_can_be_read() -> None:
    fixed = 0
    step = 1 if NIGHTLY else 4
    for _, example in EXAMPLES[::step]:
        text = re.sub("[⟨⟩]", "", example)
        wrong = [diagnostic for diagnostic in found(text) if diagnostic.code == "syntax"]
        fixes = [diagnostic.fix for diagnostic in wrong if diagnostic.fix]
        for fix in fixes + [choice for diagnostic in wrong for choice in diagnostic.choices]:
            [edit] = fix.edits
            start, end = edit.place.span
            after = text[:start] + edit.text + text[end:]
            assert not [one for one in found(after) if one.code == "syntax"], after
            assert not fix.safe
            fixed += 1
    assert fixed > 180 // step


MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()  # noqa: SIM905
ONE = ("day", "month", "minute", "hour", "today", "daily", "weekly", "hourly", "every", "once", "whole")
IN_WORDS = {
    "half": 50,
    "halved": 50,
    "/ 2": 50,
    "twice": 200,
    "double": 200,
    "decimals": 0,
    "due date": 0,
    "week": 7,
    "three": 3,
    "seven": 7,
}
IN_WORDS |= dict.fromkeys(ONE, 1) | {"two": 2}
UNWRITTEN = re.compile(r"\b(?:N|[A-Z]{4,})\b|\.\.\.")
"""What stands in a help for what the author has to choose."""


def numbers(text: str) -> set[Decimal]:
    """The numbers of a text, however they are written; not those of a calendar that is only an example."""
    text = unicodedata.normalize(
        "NFKC",
        re.sub(
            r"us_2026|--years 2026|sha256|-01-01(?= to )|(?<=-01-01 to [0-9]{4})-12-31"
            r"|(?<=-01 to [0-9]{4}-[0-9]{2}-)[0-9]{2}",
            "",
            text,
        ),
    )
    text = re.sub(r"([0-9]+)[./]([0-9]+)[./]([0-9]+)", r"\1 \2 \3", text)  # a date
    text = re.sub(r"(?<=[0-9])[_,'\u2019 ](?=[0-9]{3}(?![0-9]))", "", text)  # thousands
    text = re.sub(r"(?<=[0-9])[,_](?=[0-9])", ".", text)
    found = [Decimal(digits) for digits in re.findall(r"(?:[0-9]|(?<![\w.])[.](?=[0-9]))+(?:[.][0-9]+)?", text)]
    found += [
        Decimal(MONTHS.index(name[:3].lower()) + 1)
        for name in re.findall(r"[A-Z][a-z]{2,}", text)
        if name[:3].lower() in MONTHS
    ]
    return set(found)


def derived(number: Decimal) -> set[Decimal]:
    """What a help may make of a number: the next, the day in weeks, the hour in the evening, a percentage, a
    unit of thousands; the first minute of an hour."""
    scaled = {number * Decimal(10) ** power for power in (-2, 2, 3, 4, 5, 6, 7, 8, 9)}
    return {
        number,
        number + 1,
        number - 1,
        number * 7,
        number + 12,
        100 - number,
        Decimal(1).scaleb(-min(int(number), 9)),
        100 / (number or Decimal(1)),
        Decimal(0),
        *scaled,
    }


def assert_keeps_its_numbers(text: str, marked: str, result: Recognised) -> None:
    """A help has no number that the text has not, and loses none of what it replaces."""
    written = " ".join(re.findall("`([^`]*)`", result.help))
    there = numbers(text) | {Decimal(value) for word, value in IN_WORDS.items() if word in text}
    known = {number for one in there for number in derived(one)}
    assert numbers(written) <= known, (text, result.help)
    if result.instead is not None and not UNWRITTEN.search(result.help):
        kept = numbers(written)
        for number in numbers(marked) - {0}:
            assert derived(number) & kept or number in {part for one in kept for part in derived(one)}, (
                text,
                result.help,
            )


def _more(number: str, by: int) -> str:
    """A number of so many days, months or times that is another one; an hour stays one."""
    return str(int(number) + by * (11 if int(number) > 24 else 1))


@of_each_example
def test_a_help_has_the_numbers_of_the_author_and_no_others(hint: Hint, example: str) -> None:
    """Nor has it the example's own: with other numbers in what is underlined, it has those."""
    before, marked, after = re.split("[⟨⟩]", example)
    number = re.compile(r"(?<![\w.:/,'\u2019-])[1-9][0-9]?(?![\w.:/,'\u2019-])")
    others = [number.sub(lambda found, by=change: _more(found[0], by), marked) for change in range(3)]
    for change, other in enumerate(dict.fromkeys(others)):
        result = first(before + other + after)
        if change == 0 or (result is not None and result.hint is hint):
            assert result is not None
            assert_keeps_its_numbers(before + other + after, other, result)


OTHERWISE = """
at_least/more_than at_most/less_than
before/after at_least/at_most between/outside over/under above/below more/less more/fewer until/from within/after
greater/lower later/earlier older/newer sooner/later increased/fell am/pm </> <=/>= =/!= is/is_not days/hours
days/months weeks/days week/month week/day day/hour years/months year/month hours/minutes
CNY/USD USD/EUR $/€ dollars/euros
allow/forbid allowed/forbidden required/allowed always/never once/twice with/without future/past yes/no first/last
days/working_days saturday/sunday million/thousand unreachable/overdue_amount_ sms/email deceased/bankruptcy
promised_on/agreed_on touch/knock letter/visit credit_limit/income half/twice known/unknown 1,000/2,000 Jan/Feb
December/November
""".split()  # noqa: SIM905
"""Words that turn a sentence into one of another meaning: numbers, units, names, directions, and what is permitted."""


def otherwise(marked: str) -> Iterator[str]:
    """A phrase with another word, another number, a `not` more or one less."""
    for one, other in [pair.replace("_", " ").split("/") for pair in OTHERWISE]:
        for word, instead in ((one, other), (other, one)):
            edge = r"[\w<>=!]" if not word[0].isalnum() else r"[A-Za-z_]"
            for at in re.finditer(rf"(?<!{edge}){re.escape(word)}(?!{edge})", marked):
                yield marked[: at.start()] + instead + marked[at.end() :]
    for at in re.finditer(r"(?<![\w.:/,'])[0-9]+(?![\w:/,'])", marked):
        yield f"{marked[: at.start()]}{int(at[0]) + 1}{marked[at.end() :]}"
    for at in re.finditer(r"\b(?=[a-z])", marked):
        yield f"{marked[: at.start()]}not {marked[at.start() :]}"
    for at in re.finditer(r"\b(?:not|no|never)\s+|!(?!=)", marked):
        yield marked[: at.start()] + marked[at.end() :]


def as_told(text: str) -> str | None:
    """A text with what its first message proposes in place of what is underlined; None if it proposes nothing."""
    result = first(text)
    if result is None or result.span is None or result.instead is None:
        return None
    start, end = result.span
    return re.sub(r"\s+", " ", text[:start] + result.instead + text[end:])


def test_what_is_said_otherwise_is_written_otherwise() -> None:
    """No two sentences of two meanings become one text: no word that matters is lost."""
    changes, wrong = 0, []
    step = 1 if NIGHTLY else 4
    for _, example in EXAMPLES[::step]:
        before, marked, after = re.split("[⟨⟩]", example)
        told = as_told(before + marked + after)
        for other in otherwise(marked) if told is not None else ():
            changes += 1
            if as_told(before + other + after) == told:
                wrong.append((marked, other, told))
    assert changes > 1_200 // step
    assert [one for one in wrong if one[:2] != ("on day 3, 7 and 14", "on day 3, 7 or 14")] == []


def test_a_not_is_not_left_before_an_effect() -> None:
    """A `not` that an author wrote before a phrase denies what is written for it."""
    tried, words = 0, ("not", "no", "never", "don't", "cannot")
    for number, (_, example) in enumerate(EXAMPLES):
        before, marked, after = re.split("[⟨⟩]", example)
        for no in words if NIGHTLY else [words[number % len(words)]]:
            result = first(f"{before}{no} {marked}{after}")
            written = re.search(r"write `(allow|forbid|require|never|limit)\b", result.help) if result else None
            if result is not None and result.span is not None and written is not None:
                tried += 1
                denied = f"{before}{no} {marked}{after}"[: result.span[0]].endswith(f"{no} ")
                assert not denied or written[1] == no, (no, example, result.help)
    assert tried > (50 if NIGHTLY else 50 // len(words))


PIECES = ("a", "a ", "a, ", "a_", "9", "9 ", "1.", "a-", "(", '"', "not ", "\n", " ", "催", "CNY 1 ", "| ")


@pytest.mark.parametrize("hint", TABLE, ids=[row.example for row in TABLE])
def test_no_text_makes_a_pattern_slow(hint: Hint) -> None:
    """Not even one that goes on like itself: a pattern that parts a word in each way takes twice as long a letter."""
    text = re.sub("[⟨⟩]", "", hint.example)
    mark = hint.example.index("⟨")
    ends = [found.end() for found in re.finditer(r"\s+|\w+|[^\w\s]", text)]
    for length in (22, 250):
        began = time.process_time()
        for piece in PIECES:
            more = (piece * length)[:length] + "!"
            for end in ends:
                before, here = (text[:end] + more)[-250:], (text[mark:end] + more)[:250]
                if isinstance(hint.at, At):
                    hint.at.before.search(before)
                    hint.at.here.match(here)
                else:
                    hint.at.found(before, here)
        assert time.process_time() - began < 0.2, f"so many characters: {length}"


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("ab", [{"ab"}]),
        (r"\bab\s+cd", [{"ab"}, {"cd"}]),
        ("a|bc|d", [{"a", "bc", "d"}]),
        ("(?:ab|c?|de)f", [{"f"}]),
        ("(?:x(?:abc|de)|fgh)", [{"abc", "de", "fgh"}]),
        ("(?:ab)?c*(?:de)+f{2}", [{"de"}, {"f"}]),
        ("(?!ab)(?<!cd)(?=ef)(?P<mark>gh*+)", [{"g"}]),
        ("[ab]", []),
    ],
)
def test_what_a_pattern_needs(pattern: str, expected: list[set[str]]) -> None:
    assert list(needed(pattern)) == expected


def test_no_phrase_matches_without_what_it_needs() -> None:
    texts = [re.sub("[⟨⟩]", "", example) for _, example in EXAMPLES]
    phrases = [row.at for row in TABLE if isinstance(row.at, Around)]
    matching = [(at, text) for at in phrases for text in texts if at.phrase.search(text)]
    assert len(matching) > len(phrases) > 100
    assert all(has_all(text, at.needed) for at, text in matching)
    assert len([at for at in phrases if not at.needed]) <= 10  # dates, times, products and numbers may have no letter


def test_a_thousand_mistakes_are_found_in_a_second_or_two() -> None:
    began = time.process_time()
    assert len(found("never\n" * 1_000)) == 1_000
    assert time.process_time() - began < 4  # without what phrases need, 10


@pytest.mark.parametrize("text", [row.example for row in TABLE if row.example[0] != "⟨"][:: 1 if NIGHTLY else 3])
def test_the_statements_around_an_example_are_read(text: str) -> None:
    """Where the mistake is the first word, it may belong to the statement before."""
    errors = [one for one in found(BEFORE + re.sub("[⟨⟩]", "", text) + AFTER) if one.severity == "error"]
    assert [one.place.text for one in errors if one.code == "off-grid"] == ["1.5", "2.5"]
    assert len(errors) == 3


@pytest.mark.parametrize("space", ["\u3000", "\u2009"])
def test_a_space_of_another_kind(space: str) -> None:
    diagnostic = only(f"after 60{space}days then allow sms")
    assert (diagnostic.code, place(diagnostic)) == ("syntax", "1:9")
    assert "plain space" in diagnostic.help


def test_a_mark_of_the_order_of_bytes_in_a_text() -> None:
    diagnostic = only("\ufeffafter 60 days then allow sms")
    assert (diagnostic.code, place(diagnostic)) == ("syntax", "1:1")
    assert "plain space" in diagnostic.help


def test_a_statement_that_is_whole_before_a_word_of_sentences_keeps_its_own_mistakes() -> None:
    of_the_clause, further = found('uses collections\nrule r: never sms because "a" because "b" per week')
    assert "appears twice" in of_the_clause.message
    assert "`week`" in further.message


def test_a_limit_is_told_which_facts_of_the_file_count_already() -> None:
    text = "uses collections\nevent call\nfact calls_24h count of call in last 24 hours\n"
    [error] = [one for one in found(f"{text}rule r: only 1 phone_call per 24 hours") if one.code == "syntax"]
    assert error.help.startswith(
        "write `limit phone_call to 1 by calls_24h`, if this file counts these actions so; otherwise"
    )


def test_a_lone_fact_leaves_the_standard_vocabulary_out_and_the_message_says_so() -> None:
    diagnostics = found("fact grace count\nrule r: after 60 days and grace > 3 then allow sms")
    assert [one.code for one in diagnostics] == ["no-clock", "unknown-action"]
    assert all("`uses collections`" in one.help for one in diagnostics)
    assert "`uses collections`" in only("fact grace count\nnever sms").help
    assert "`uses collections`" in only("action drone\nunreachable > 3 then allow drone").help
    assert "`uses collections`" not in only("uses collections\nfact grace count\nnever zzz").help


SENSE = {
    "not": r"but not|does not|other than|\bsave\b|apart from|leaves out|silent on|(?<=thing )but\b|n['\u2019]t\b"
    r"|\b(?:not?|never|none|neither|except|excluding|unless|unknown|minus|omits|unsaid|forbid\w*)\b",
    "after": r"\b(?:after|from|since|at least|more than|over|above|later|beyond|onwards?|upwards?|forward|ago"
    r"|following|at the earliest)\b|>",
    "before": r"\b(?:before|until|within|at most|less than|under(?! no\b)|below|at the latest)\b|<",
    "first": r"\b(?:first|oldest|(?<!at the )earliest)\b",
} | {unit: rf"(?<![a-z_]){unit}" for unit in ("day", "hour|hr", "min", "month", "week", "year", "quarter")}
ALIKE = {
    r"yes\s*(?:/|\bor)\s*no(?:/unknown)?|true/false|->|from(?= the last)|sum of \w+ from|hour of the day": "",
    r"\b(?:today|this day)\b": "1 day",
    r"(?:in (?:force|effect)|effective) (?=[0-9])": "in force from ",
    r"at least one of": "any of",
    r"(one of \w+) < (\w+) < (?=\w)": r"\1, \2, ",
    r"(?<=[0-9]) through (?=[0-9])": " until ",
    r"now inside": "now within",
    r"(count of .*)within (?=[0-9])": r"\1in last ",
}
"""Texts that have no such sense, or the same as another one."""


def sense(text: str) -> tuple[set[Decimal], set[str], int]:
    """The numbers of a text, its units and directions, and whether its negations undo each other."""
    for phrase, alike in ALIKE.items():
        text = re.sub(phrase, alike, text)
    of_each = {what: len(re.findall(words, text)) for what, words in SENSE.items()}
    return numbers(text), {what for what, count in of_each.items() if count and what != "not"}, of_each["not"] % 2


def in_other_words(text: str) -> tuple[Span, str] | None:
    """The phrase before which, or with which, the parser stops first, and what is written in its place."""
    try:
        parser_at(text, 0).resume_parse()  # type: ignore[no-untyped-call]
    except UnexpectedToken as error:
        at = len(text) if error.token.type == "$END" else error.token.start_pos or 0
        broken = other_phrase(text, at, [0], known(text))
        if broken is not None and broken.mistake.instead is not None:
            return broken.mistake.span, broken.mistake.instead
    return None


def put(text: str, span: Span, instead: str) -> str:
    return text[: span[0]] + instead + text[span[1] :]


@cache
def phrased() -> list[tuple[str, Span, str]]:
    """Texts with a phrase of others, its place, and what is written there instead."""
    texts = [one.head + one.text for one in written.texts(written.HINTS, written.EVENTS, written.CHECKED, FIRST_TRY)]
    return [(text, *other) for text in texts if (other := in_other_words(text)) is not None]


def test_each_phrase_that_has_another_word_is_in_a_text() -> None:
    texts = [one.text for one in written.texts(written.HINTS, written.EVENTS, written.CHECKED, FIRST_TRY)]
    assert [phrase.pattern for phrase, _ in PHRASES if not any(phrase.search(text) for text in texts)] == []
    assert len(phrased()) > len(PHRASES)


def test_a_phrase_in_other_words_keeps_its_sense() -> None:
    """With another number, unit or direction in it or beside it too, and with a `not` more or one less."""
    tried = 0
    for nth, (text, (start, end), _) in enumerate(phrased()):
        begin = re.search(r"\w*\W*\Z", text[:start]).start()  # type: ignore[union-attr]
        stop = end + re.match(r"\W*\w*", text[end:]).end()  # type: ignore[union-attr]
        near = text[begin:stop]
        for other in (near, *(otherwise(near) if NIGHTLY or nth % 5 == 0 else ())):
            said = put(text, (begin, stop), other)
            if (told := in_other_words(said)) is not None:
                tried += 1
                assert sense(put(said, *told)) == sense(said), (said, told)
    assert tried > len(phrased())


def test_a_phrase_in_other_words_is_read() -> None:
    for text, span, instead in phrased()[:: 1 if NIGHTLY else 5]:
        before, after = (
            len([one for one in found(tried) if one.code == "syntax"]) for tried in (text, put(text, span, instead))
        )
        assert after < before, (text, instead)
