"""Whatever a file looks like, the formatter changes nothing but its looks, and a second time not even these."""

from __future__ import annotations

import random

import small
import strategies
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from strategies import examples

import forbear
from forbear.base.source import Source
from forbear.language.formatting.layout import WIDTH
from forbear.language.syntax.parser import parse
from forbear.language.syntax.words import comments_of, words_of

COMMENTS = ("# why", "#", "#no blank", '# "a quote', "# then allow ( # \\", "# 催收", "#" + "long " * 40, "# ends \t")
BLANKS = (" ", "  ", "\n", "\n  ", "\t", " \r\n", "\n\n", "\n \n\n\n   ", "\r")


def texts() -> st.SearchStrategy[str]:
    """Whole rule files."""
    return st.one_of(small.small_policies(), strategies.policies().map(strategies.text_of))


def woven(text: str, generator: random.Random, comments: bool) -> str:
    """The words of a text with blanks, line ends and comments between any two of them, as they may stand there."""
    blanks = BLANKS if comments else BLANKS[:6]
    often = generator.random() ** 2 if comments else 0.0
    parts = []
    end = 0

    def some_blanks() -> str:
        return "".join(generator.choices(blanks, k=generator.randint(1, 2)))

    for word in words_of(text):
        between = " " if word.span[0] > end else ""
        if between and generator.random() < 0.3:
            between = generator.choice(blanks)
        while generator.random() < often:
            between += some_blanks() * generator.randint(0, 1) + generator.choice(COMMENTS) + "\n" + some_blanks()
        parts += [between, word.text]
        end = word.span[1]
    return "".join(parts) + (generator.choice(["", " ", "\n", " # c", "\n\n  # c\n# d \n"]) if comments else "")


def statements(text: str) -> object:
    module, diagnostics = parse(Source("text", text))
    assert not diagnostics
    return module.statements


@settings(max_examples=examples(30, by_night=60))
@given(texts(), strategies.seeds())
def test_words_statements_and_comments_stay(text: str, seed: int) -> None:
    assume("|" not in text)  # a row of a table is one line
    before = woven(text, random.Random(seed), comments=True)
    after = forbear.format(before)
    assert words_of(after) == words_of(before) == words_of(text)
    assert statements(after) == statements(text)
    assert comments_of(after) == comments_of(before)
    assert forbear.format(after) == after


@settings(max_examples=examples(30, by_night=60))
@given(texts(), strategies.seeds())
def test_the_layout_depends_on_words_alone(text: str, seed: int) -> None:
    assume("|" not in text)  # a row of a table is one line
    generator = random.Random(seed)
    one = woven(text, generator, comments=False)
    other = woven(text, generator, comments=False)
    assert forbear.format(one.replace("\r\n", "\n")) == forbear.format(other.replace("\r\n", "\n"))


@settings(max_examples=examples(30, by_night=60))
@given(texts())
def test_a_line_is_too_long_only_where_it_cannot_be_broken(text: str) -> None:
    for line in forbear.format(text).splitlines():
        assert line == line.rstrip()
        if len(line) > WIDTH:
            words = [word.text for word in words_of(line)]
            assert not {",", "and", "or"} & set(words[1:]) - ({"and"} if "between" in words else set()), line
