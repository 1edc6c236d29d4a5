"""The parser that Lark makes from the grammar, its keywords, and the terminals that fit in a state of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from functools import cache, partial
from itertools import chain
from typing import Any, NamedTuple

from lark import Token
from lark.exceptions import UnexpectedToken
from lark.lark import PostLex
from lark.lexer import LexerState, LineCounter, PatternStr
from lark.parsers.lalr_interactive_parser import InteractiveParser
from lark.utils import TextSlice

from forbear.base import resources
from forbear.language.syntax.contextual import TERMINALS, contextual
from forbear.language.syntax.from_tree.statements import Parsed, statement
from forbear.language.syntax.lark_plugins import Lexer, Parser, Tables, is_word
from forbear.language.syntax.rows import TERMINALS as OF_ROWS
from forbear.language.syntax.rows import with_rows

MAXIMUM_NESTING = 100
_NESTING = frozenset({"NOT", "LPAR", "RPAR"})


class _Words(PostLex):
    """Tells words apart by what follows them, and bounds the nesting of parentheses and `not`s as they are read, so
    that no later pass recurses deeper."""

    always_accept = ("UNREADABLE",)  # keeps a terminal that no rule names

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        depth = negations = 0
        outer: list[int] = []
        for token in contextual(with_rows(stream)):
            kind = token.type
            if not negations and kind not in _NESTING:  # nearly all of them
                yield token
                continue
            if kind == "NOT":
                negations += 1
                depth += 1
            elif kind == "LPAR":
                outer.append(negations)
                negations = 0
                depth += 1
            elif negations or kind == "RPAR":
                depth -= negations
                negations = 0
                if kind == "RPAR" and outer:
                    depth -= 1 + outer[-1]
                    outer.pop()
            if depth > MAXIMUM_NESTING:
                # No state of the parser takes this token, so it stops here with a mistake.
                token = Token.new_borrow_pos("TOO_DEEP", str(token), token)
            yield token


@cache
def lark() -> Parser:
    grammar = resources.folder("grammar").joinpath("forbear.lark").read_text(encoding="utf-8")
    return Parser(
        grammar,
        parser="lalr",
        lexer="basic",
        postlex=_Words(),
        cache=_cache_file() or False,
        _plugins={"LALR_Parser": Tables, "BasicLexer": Lexer},
    )


def _cache_file() -> str | None:
    """Returns the file that keeps the parser's tables between runs: making them takes a third of the time of a short
    command.

    It is in the user's own cache folder, because Python runs it as code; without such a folder the tables are made
    anew. Lark makes them anew too if the grammar, Lark or Python has changed, or if the file cannot be read.
    """
    folder = resources.cache_folder()
    return None if folder is None else str(folder / "parser.pickle")


@cache
def keywords() -> Mapping[str, str]:
    """The keywords of the language by their terminals."""
    by_terminal = {terminal.name: terminal.pattern.value for terminal in lark().terminals if is_word(terminal)}
    return {**by_terminal, **TERMINALS, **OF_ROWS}


def parser_at(text: str, start: int, completed: list[Parsed] | None = None) -> InteractiveParser:
    """A parser that reads from a place on, and adds each statement that is complete to a list.

    Left to itself, Lark counts the lines before that place, which takes long where a file has many errors.
    """
    counter = LineCounter("\n")  # type: ignore[no-untyped-call]
    counter.char_pos = start
    parser = lark().parse_interactive()
    parser.lexer_thread.state = LexerState(TextSlice(text, start, len(text)), counter)
    if completed is not None:
        conf = parser.parser_state.parse_conf = copy(parser.parser_state.parse_conf)
        add: Any = partial(_add, completed)
        conf.callbacks = {**conf.callbacks, **dict.fromkeys(_rules_of_statements(), add)}
    return parser


def _add(completed: list[Parsed], children: list[Any]) -> Parsed:
    completed.append(statement(children))
    return completed[-1]


@cache
def _rules_of_statements() -> Sequence[Any]:
    return [rule for rule in lark().rules if rule.origin.name == "statement"]


def state_at(text: str, start: int, end: int) -> InteractiveParser:
    """The parser before the token at `end`, having begun with the statement at `start`.

    It makes no nodes: Lark puts children into the lists of its values, which the copies of a parser share.
    """
    parser = parser_at(text, start)
    parser.parser_state.parse_conf = copy(parser.parser_state.parse_conf)
    parser.parser_state.parse_conf.callbacks = {}
    for token in _tokens(parser, end):
        parser.feed_token(token)
    return parser


class _Ended(dict[Any, Any]):
    """Callbacks that make no nodes, and count the statements that have ended."""

    count = 0

    def __bool__(self) -> bool:
        return True

    def __missing__(self, rule: Any) -> Any:
        if rule.origin.name == "statement":
            self.count += 1
        return list


class Stop(NamedTuple):
    """A token that does not fit, or only as the beginning of another statement, and the parser there."""

    token: Token
    parser: InteractiveParser
    begins: bool = False

    @property
    def place(self) -> int:
        return self.token.start_pos or 0


def stop(text: str, begin: int, place: int) -> Stop | None:
    """Returns where the parser stops in a text that begins with a statement, up to the first token at or after a place;
    None if it reads that token too. After the place, no statement begins within the line except with a word that does
    nothing else.
    """
    parser = parser_at(text, begin)
    conf = parser.parser_state.parse_conf = copy(parser.parser_state.parse_conf)
    conf.callbacks = ended = _Ended()
    last, end = 0, Token("$END", "", len(text), 0, 0)
    for token in chain(parser.lexer_thread.lex(parser.parser_state), [end]):  # type: ignore[no-untyped-call]
        before, start = ended.count, token.start_pos or 0
        try:
            parser.feed_token(token)
        except UnexpectedToken:
            return Stop(token, parser)
        if start >= place:
            begins = ended.count != before and token is not end and token.type not in _only_beginning()
            return Stop(token, parser, True) if begins and "\n" not in text[last:start] else None
        last = token.end_pos or 0
    return None


def goes_on(text: str, place: int) -> bool:
    """Returns true if a statement, in which a phrase ends at `place`, continues with the word after it."""
    stopped = stop(text, 0, place)
    return stopped is None or stopped.token.type == "$END"


@cache
def _only_beginning() -> frozenset[str]:
    return beginning() - conditions() - effects() - TERMINALS.keys()


def tokens(text: str, start: int, end: int) -> Iterator[Token]:
    """The tokens of a piece of text."""
    return _tokens(parser_at(text, start), end)


def _tokens(parser: InteractiveParser, end: int) -> Iterator[Token]:
    for token in parser.lexer_thread.lex(parser.parser_state):  # type: ignore[no-untyped-call]
        if token.start_pos is not None and token.start_pos >= end:
            return
        yield token


def fitting(state: InteractiveParser) -> frozenset[str]:
    """The terminals that fit in a state. Lark tries them all, so what it found for one state is kept."""
    states = tuple(state.parser_state.state_stack)
    if states not in _fitting_in:
        if len(_fitting_in) >= 1000:
            _fitting_in.clear()
        _fitting_in[states] = frozenset(state.accepts())  # type: ignore[no-untyped-call]
    return _fitting_in[states]


_fitting_in: dict[tuple[int, ...], frozenset[str]] = {}


@cache
def fitting_after(text: str) -> frozenset[str]:
    """Returns the terminals that fit after a text that can be read so far."""
    return fitting(state_at(text, 0, len(text)))


def beginning() -> frozenset[str]:
    """The terminals with which a statement begins."""
    return fitting_after("") - {"$END"}


def conditions() -> frozenset[str]:
    """The terminals with which a condition begins."""
    return fitting_after("(")


def effects() -> frozenset[str]:
    """The terminals with which an effect begins."""
    return fitting_after("always then")


def effect_words() -> Sequence[str]:
    """The words with which an effect begins, sorted."""
    return sorted(keywords()[terminal] for terminal in effects())


def declaring() -> Sequence[str]:
    """The words that begin the declaration of a name, sorted."""
    return [word for word in only_beginning() if fitting_after(word) <= {"NAME", "OF_STANDARD", "PRIVATE"}]


def types() -> Sequence[str]:
    """The types of one word, sorted."""
    fits = fitting_after("fact x")
    words = [
        terminal.pattern.value
        for terminal in lark().terminals
        if terminal.name in fits and isinstance(terminal.pattern, PatternStr)
    ]
    return sorted(word for word in words if "$END" in fitting_after(f"fact x {word}"))


def only_beginning() -> Sequence[str]:
    """The words that do nothing but begin a statement, sorted."""
    return sorted(keywords()[terminal] for terminal in _only_beginning())
