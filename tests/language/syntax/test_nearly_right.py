"""Statements that are nearly right: a word too few or too many, two that changed places, plurals, capitals, statements
that run into each other. Whatever the sentence, what a message offers reads further, and keeps what was written."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

import pytest
from checking import found
from lark.exceptions import UnexpectedToken
from night import NIGHTLY
from test_hints import IN_WORDS, derived, numbers
from written import CHECKED, EVENTS, HINTS, Written, texts

from forbear.base.diagnostic import Diagnostic
from forbear.language.syntax.grammar import parser_at

HEAD = """policy house "How far we go"
  currency CNY
uses collections
fact credit_limit money
fact fees money
fact visits count usually 0
event call has medium one of phone, post has amount money
event letter
rule remind: from day 9 to day 13 then allow automated_voice
"""
RULES = """
rule r: after 60 days and unreachable >= 3 then allow phone_call, sms because "late"
rule r: from day 3 to day 30 and not vulnerable then allow sms, email unless opted_out_sms
rule r: within 5 days and weekday is not sunday then allow email
rule r: before day 40 and (vulnerable or deceased) then forbid visit
rule r: on day 7 and overdue_amount > CNY 500 then allow letter
rule r: never phone_call when local_time between 21:00 and 08:00
rule r: never calls when local_time is not between 08:00 and 20:30 source "Art. 12"
rule r: never visit when before day 60 unless manager_approved
rule r: allow phone_call when after 9 days and hardship is not requested
rule r: forbid phone_call when dispute is one of unverified, verified
rule r: allow visit when after 90 days and overdue_amount >= 10% of credit_limit
rule r: never messages except email when bankruptcy or deceased
rule r: limit phone_call to 3 by calls_in_7_days
rule r: limit calls to 1 by visits when vulnerable
rule r: never visit when today < promised_on + 3 days
rule r: never sms when promised_on is none and days_overdue < 20
rule r: require letter with visit
rule r: after 30 days and state is "CA" then allow sms in force from 2026-01-01 until 2026-12-31
rule r: never sms when state is not one of "CA", "NV" and unreachable <= 2
rule r: after 3 days then allow everything except visit
rule r: not opted_out_sms and unreachable between 2 and 6 then allow sms
rule r: overdue_amount + fees > credit_limit - CNY 50 then forbid sms and allow email
rule r: never sms when not (vulnerable and deceased)
never sms when deceased
after 12 days then allow sms
suspend visit from 2026-02-01 until 2026-03-01
""".strip().splitlines()
OTHERS = """
fact n1 count of call in last 7 days
fact n2 count of call where medium is phone in last 24 hours
fact n3 any letter at least 7 days ago
fact n4 sum of call.amount in last 30 days
fact n5 days since last letter
fact n6 count of call between 3 and 7 days ago
fact n7 count of letter since last call
fact n8 yes/no usually no "A flag"
fact n9 one of low < middle < high usually low
fact n10 money between CNY 0 and CNY 5000 optional
fact n11 text one of "A", "B" or none
event mail has kind one of a, b has cost money
define hard is vulnerable or (deceased and not bankruptcy)
setting grace is 3
group some is sms, email, letter
ladder stairs: sms, phone_call, visit
example "one": given days_overdue 70, unreachable 4 expect sms allowed, visit not allowed
ensure visit not allowed when deceased
ensure any of sms, email allowed when after 30 days
example "two": given days_overdue 70, 1 letter on 2026-03-01 on 2026-03-05 at 10:00 expect sms forbidden
action drone, fax
calendar us_2026 "holidays" covers 2026-01-01 to 2026-12-31 weekend saturday, sunday holidays 2026-07-03
""".strip().splitlines()
STATEMENTS = RULES + OTHERS
WORDS = """
the a if is are be must only any all unless except not never without no or and of to for in on at from until by than
more less least most when then with within after before between outside past late overdue due days day hours customer
borrower each per week times also where has who that over under up between_and outside not_between or_between
and_outside outside_of and_not except_when but_not only_between unless_not no_more_than at_least not_after not_before
""".split()  # noqa: SIM905
OTHERWISE = """
days/day day/days >=/at_least <=/at_most >/more_than </less_than and/&& or/|| not/no never/do_not allow/permit
forbid/ban unless/except_if when/if then/, is/= between/from
""".split()  # noqa: SIM905
SLIPS = """
drop drop swap insert insert insert plural upper double merge move instead name cut number
""".split()  # noqa: SIM905
CLAUSES = frozenset(["when", "unless", "then", "because", "and", "in", "source", "given", "expect"])
WORD = re.compile(r'"[^"]*"|yes/no|[<>]=|[\w.:%-]+|[^\w\s]')


def again(words: Sequence[str]) -> str:
    return re.sub(r" ([,:)])|(\() ", r"\1\2", " ".join(words))


def mutated(statement: str, draw: random.Random) -> str:
    """A statement with one slip."""
    words = WORD.findall(statement)
    if len(words) < 2:
        return f"{statement} {draw.choice(STATEMENTS)}"
    first = min(3 if words[0] == "rule" else 0, len(words) - 1)
    at = draw.randrange(first, len(words))
    before, word, after = words[:at], words[at], words[at + 1 :]
    slip = draw.choice(SLIPS)
    if slip == "drop":
        return again(before + after)
    if slip == "swap":
        return again([*before, *after[:1], word, *after[1:]])
    if slip == "insert":
        return again([*before, draw.choice(WORDS).replace("_", " "), *draw.choice([[word], [word], []]), *after])
    if slip == "plural" and word.isidentifier():
        return again([*before, word.removesuffix("s") if word[-1] == "s" else f"{word}s", *after])
    if slip == "upper" and word.isidentifier():
        return again([*before, draw.choice([word.upper(), word.capitalize()]), *after])
    if slip == "double":
        return again([*before, word, word, *after])
    if slip == "merge":
        return f"{statement} {draw.choice(STATEMENTS)}"
    if slip == "move" and word in CLAUSES:
        length = next((number for number, one in enumerate(after) if one in CLAUSES), len(after))
        place = draw.randrange(first, len(words))
        rest = before + after[length:]
        return again([*rest[:place], word, *after[:length], *rest[place:]])
    others = [one.partition("/")[2].replace("_", " ") for one in OTHERWISE if one.startswith(f"{word}/")]
    if slip == "instead" and others:
        return again([*before, *others, *after])
    if slip == "name" and "_" in word:
        return again([*before, word.replace("_", draw.choice(" -.")), *after])
    if slip == "cut":
        return again(before) or statement
    if slip == "number" and word.isdigit():
        other = draw.choice(
            ["{}.", "{}x", "-{}", "{},000", "three", "{}%", "${}", "{} weeks", "{}pm", "day {}", "{} CNY"]
        )
        return again([*before, other.format(word), *after])
    return mutated(statement, draw)


def sentence(seed: int) -> str:
    draw = random.Random(seed)
    text = draw.choice(STATEMENTS)
    for _ in range(draw.choice([1, 1, 1, 2, 2, 3])):
        text = mutated(text, draw)
    return text


def left(text: str) -> int:
    """How much of a text the parser has not read where it stops first; -1 if it reads it all."""
    try:
        parser_at(text, 0).resume_parse()  # type: ignore[no-untyped-call]
    except UnexpectedToken as error:
        return 0 if error.token.type == "$END" else len(text) - (error.token.start_pos or 0)
    return -1


OF_TEXT = ("syntax", "bad-literal")


def first_of(errors: Sequence[Diagnostic]) -> Diagnostic | None:
    return next((one for one in errors if one.code in OF_TEXT and one.place.span[0] >= len(HEAD) - 1), None)


def offered(error: Diagnostic) -> Iterator[tuple[str, str]]:
    """What a message offers in place of what it underlines, and the text with it."""
    start, end = error.place.span
    text = error.place.source.text
    told = re.match(r"(?:write|did you mean) `([^`]*)`(?:\Z|\?|, and declare|; | if )", error.help)
    offers = [told[1]] if told else [""] if error.help == "leave it out" else []
    offers += [edit.text.strip() for choice in error.choices for edit in choice.edits]
    for offer in dict.fromkeys(offers):
        if re.search(r"\b(?:N|YYYY|[A-Z]{4,})\b|\.\.\.", offer) is None:
            before = " " if text[start - 1 : start].isalnum() and offer[:1].isalnum() else ""
            after = " " if text[end : end + 1].isalnum() and offer[-1:].isalnum() else ""
            yield offer, text[:start] + before + offer + after + text[end:]


COMPARED = re.compile(
    r"\b(?:no[t]?|never)\s+(?:\w+\s+){0,1}(?:more|less|fewer|later|earlier|before|after|below|above)(?:\s+than)?"
    r"|(?:\bis not|!=|\bnot \w+ (?:is|=)) [^,]+ or (?:more|less|fewer)"
)
OR_MORE = re.compile(r"(?P<not>not|!=)?(?: \w+ (?:is|=))? *\S+ or (?P<more>more|greater|later|above|over)?[a-z]*\Z")
OF_RULES = re.compile(r"\b(?:when|unless|then|overrides|source|never|forbid|allow|require|limit)\b")
DENIED = re.compile(
    r"(?<![\w-])(?:not?|never|none|neither|except|unless|without|outside|forbid|ban)(?![\w-])|!=|n't\b|(?<=\w)!"
)


def denials(text: str) -> int:
    text = re.sub(r"yes *(?:/|or) *no|\"[^\"]*\"", "", text)
    return len(DENIED.findall(COMPARED.sub("", text.lower()))) % 2


def assert_kept(marked: str, offer: str, error: Diagnostic) -> None:
    told = (marked, error.help)
    there = numbers(marked) | {Decimal(value) for word, value in IN_WORDS.items() if word in marked}
    kept = numbers(f"{offer} {error.help}")
    assert all(not number or derived(number) & kept for number in numbers(marked.lower())), told
    assert numbers(offer) <= {part for one in there | {Decimal(1)} for part in derived(one)}, told
    if (or_more := OR_MORE.search(marked)) is not None:
        assert (">" in offer) is ((or_more["not"] is None) is (or_more["more"] is not None)), told
    quoted = offer == f'"{marked}"'
    assert not (quoted and OF_RULES.search(marked)), told
    if error.fix is not None and not quoted and "limit" not in offer and "did you mean" not in error.help:
        assert denials(marked) == denials(offer), told


def assert_checker_keeps(text: str, errors: Sequence[Diagnostic]) -> int:
    """What is offered where a text is read, put in place: it keeps what was written, is read, and is not told again."""
    offers = 0
    for error in [one for one in errors if one.code not in OF_TEXT]:
        for fix in [*([error.fix] if error.fix else []), *error.choices]:
            edits = sorted((edit.place.span, edit.text) for edit in fix.edits)
            assert_kept(" ".join(text[slice(*span)] for span, _ in edits), " ".join(put for _, put in edits), error)
            after = text
            for (start, end), put in reversed(edits):
                after = after[:start] + put + after[end:]
            following = found(after)
            again = [one for one in following if one.message == error.message and one.place.span == error.place.span]
            broken = [sum(one.code in OF_TEXT for one in several) for several in (errors, following)]
            assert not again, (error.place.text, error.help)
            assert broken[1] <= broken[0], (error.place.text, error.help)
            offers += 1
    return offers


def of_checker(one: Written) -> bool:
    helps = {help for line, help in zip(one.found[::2], one.found[1::2], strict=True) if line.split()[1] not in OF_TEXT}
    return any(re.match(r" *(?:write|did you mean) `", help) for help in helps)


def test_what_the_checker_offers_keeps_what_was_written() -> None:
    offered = [one.head + one.text for one in texts(HINTS, EVENTS, CHECKED) if of_checker(one)]
    assert sum(assert_checker_keeps(text, found(text)) for text in offered) > 50


@pytest.mark.parametrize("part", range(100 if NIGHTLY else 4))
def test_what_a_message_offers_reads_further_and_keeps_what_was_written(part: int) -> None:
    offers = 0
    for seed in range(part * 200, (part + 1) * 200):
        text = HEAD + sentence(seed)
        errors = found(text)
        assert_checker_keeps(text, errors)
        if (error := first_of(errors)) is None:
            continue
        start, end = error.place.span
        unread = left(text)
        if unread < 0 or start > len(text) - unread:
            continue  # it is about a value, or about a statement behind the one in which the parser stops first
        for offer, after in offered(error):
            offers += 1
            assert_kept(text[start:end], offer, error)
            if left(after) < unread or left(after) == unread == 0:
                continue
            assert (following := first_of(found(after))) is not None
            assert any(left(then) < unread for _, then in offered(following)) or following.place.span[0] > start, (
                text[len(HEAD) :],
                after[len(HEAD) :],
                following.help,
            )
    assert offers > 30
