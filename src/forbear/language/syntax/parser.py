"""Text to module: parses a rule file with Lark, and recovers from a broken statement at the next one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import islice
from typing import NamedTuple

from attrs import evolve
from lark import Token
from lark.exceptions import UnexpectedToken

from forbear.base.diagnostic import Diagnostic, replacement
from forbear.base.source import MAXIMUM_BYTES, MAXIMUM_ERRORS, MAXIMUM_WORDS, Place, Source
from forbear.language.model.messages import diagnosis
from forbear.language.syntax import nodes
from forbear.language.syntax.again import Again, Read, Text
from forbear.language.syntax.from_tree.statements import Parsed
from forbear.language.syntax.grammar import beginning, fitting, keywords, lark, only_beginning, parser_at
from forbear.language.syntax.literals import Mistake
from forbear.language.syntax.nodes import Literal, Module

_WORD = re.compile(r"[a-z][a-z0-9_]*")
_COUNTED = re.compile(r'"(?:[^"\\\n]++|\\[^\n])*+"?|#[^\n]*+|[\w.]++|[^\s\w.]')


@cache
def _restarts() -> re.Pattern[str]:
    """Finds the next word that begins a statement: one that does nothing else, or in column 1 any that may. After a
    comma in its line none does: it goes on with a list."""
    first = beginning()
    may_begin = {word for terminal, word in keywords().items() if terminal in first}
    never_first = sorted(set(keywords().values()) - may_begin)
    return re.compile(
        r'"(?:[^"\\\n]++|\\[^\n])*+"?|#[^\n]*|,[ \t]*+\w++'
        rf"|(?P<word>\b(?<!-)(?:{'|'.join(only_beginning())})\b(?![-/])"
        rf"|^(?!(?:{'|'.join(never_first)})\b)[a-z])",
        re.MULTILINE,
    )


def read_source(name: str, content: bytes) -> Source | Diagnostic:
    """The bytes of a file as text, or what keeps them from being a rule file."""
    empty = Source(name, "")
    if len(content) > MAXIMUM_BYTES:
        return diagnosis("too-large.file", Place(empty, (0, 0)), most=MAXIMUM_BYTES // 1024 // 1024)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        broken = Source(name, content.decode("utf-8-sig", "replace"))
        line = broken.position(len(content[: error.start].decode("utf-8-sig"))).line
        at = broken.offset(line)
        return diagnosis("unreadable-file.not-utf-8", Place(broken, (at, at + 1)), line=line)
    at = text.find("\0")
    if at >= 0:
        return diagnosis("unreadable-file.nul", Place(Source(name, text), (at, at + 1)))
    return Source(name, text)


_LINE_ENDS = {
    "\v": "a vertical tab",
    "\f": "a form feed",
    "\x85": "a next line (U+0085)",
    "\u2028": "a line separator (U+2028)",
    "\u2029": "a paragraph separator (U+2029)",
}
_LINE_END = re.compile(f"[{''.join(_LINE_ENDS)}]")


def _ambiguous_line_end(source: Source) -> Iterator[Diagnostic]:
    """An error at the first character that ends a line in some programs only: what an editor
    shows as a rule on the next line could be the end of a comment here."""
    line_end = _LINE_END.search(source.text)
    if line_end:
        yield diagnosis("syntax.line-end", Place(source, line_end.span()), character=_LINE_ENDS[line_end.group()])


def parse(source: Source) -> tuple[Module, tuple[Diagnostic, ...]]:
    """The statements that could be read, with one diagnostic for each that could not, and those within statements."""
    return parse_again(source, Text(""))[:2]


def parse_again(source: Source, before: Text) -> tuple[Module, tuple[Diagnostic, ...], Text]:
    """The same, and the statements as they were read. Those of an earlier text are not read again where they are the
    same."""
    text = source.text
    if _too_many_words(text):
        return Module(source, (), complete=False), (_too_large(source),), Text("")
    again = Again(before, text)
    reads: list[Read] = []
    diagnostics = list(_ambiguous_line_end(source))
    complete = not diagnostics
    broken: set[str] = set()
    start = 0
    while True:
        done, error = _read_from(text, start, again)
        reads += done
        diagnostics += [_diagnostic(source, inner) for read in done for inner in read.parsed.mistakes]
        if error is None:
            break
        complete = False
        diagnostics += [_diagnostic(source, mistake) for mistake in error.mistakes]
        broken |= error.words
        if error.restart is None or len(diagnostics) > MAXIMUM_ERRORS:
            break
        start = error.restart
    if len(diagnostics) > MAXIMUM_ERRORS:
        diagnostics[MAXIMUM_ERRORS:] = [too_many_errors(diagnostics[MAXIMUM_ERRORS].place)]
    if not reads and not diagnostics:
        diagnostics.append(diagnosis("empty-file.no-statement", Place(source, (0, 0))))
    module = Module(
        source,
        tuple([read.parsed.node for read in reads]),
        frozenset(broken),
        complete and bool(reads),
        next((read.parsed.currency for read in reads if read.parsed.currency), None),
        any(read.parsed.everything for read in reads),
    )
    return module, tuple(diagnostics), Text(text, reads)


def too_many_errors(place: Place) -> Diagnostic:
    """One diagnostic in place of the error there and of all that follow."""
    return diagnosis("too-large.errors", place, most=MAXIMUM_ERRORS)


def _too_many_words(text: str) -> bool:
    """A text has no more words than characters, so most are not even counted."""
    if len(text) <= MAXIMUM_WORDS:
        return False
    return next(islice(_COUNTED.finditer(text), MAXIMUM_WORDS, None), None) is not None


def _too_large(source: Source) -> Diagnostic:
    return diagnosis("too-large.words", Place(source, (0, 0)), most=MAXIMUM_WORDS)


def lex(text: str) -> Iterator[Token]:
    """The tokens of a text."""
    return lark().lex(text)


def parse_literal(text: str) -> Literal | None:
    """A text that is one literal of the language, as given on a command line; None if it is not."""
    module, diagnostics = parse(Source("setting", f"setting value is {text}"))
    if diagnostics or len(module.statements) != 1:
        return None
    statement = module.statements[0]
    if isinstance(statement, nodes.Setting) and statement.description is None and isinstance(statement.value, Literal):
        return statement.value
    return None


def _diagnostic(source: Source, mistake: Mistake) -> Diagnostic:
    place = Place(source, mistake.span)
    fix = None if mistake.instead is None else replacement(_to_replace(place, mistake.instead), mistake.instead)
    choices = tuple([replacement(place, choice) for choice in mistake.choices])
    return Diagnostic(
        code=mistake.code, message=mistake.message, place=place, help=mistake.help, fix=fix, choices=choices
    )


def _to_replace(place: Place, instead: str) -> Place:
    """With what is left out, the blank behind it goes, if there is one before it too."""
    (start, end), text = place.span, place.source.text
    twice = not instead and text[end : end + 1] == " " and not text[max(0, start - 1) : start].strip()
    return Place(place.source, (start, end + 1)) if twice else place


class _Error(NamedTuple):
    """A statement that could not be read: what is wrong with it, its words, and where the next one begins."""

    mistakes: Sequence[Mistake]
    words: set[str]
    restart: int | None


def _read_from(text: str, start: int, again: Again) -> tuple[list[Read], _Error | None]:
    """The statements from `start` to the first broken one, and the error in that."""
    done: list[Read] = []
    place: int | UnexpectedToken | None = start
    while isinstance(place, int):
        place = _read_new(text, place, again, done)
    return done, None if place is None else _error(text, start, place, done)


def _read_new(text: str, start: int, again: Again, done: list[Read]) -> int | UnexpectedToken | None:
    """Adds the statements from `start` to the first ones that are known from before, and these.

    Returns where to read on, or the error of a statement that cannot be read, or None at the end.
    """
    completed: list[Parsed] = []
    parser = parser_at(text, start, completed)
    lexer, state = parser.lexer_thread, parser.parser_state
    assert lexer.state is not None
    read_to = lexer.state.line_ctr
    begin = -1
    last: Token | None = None
    try:
        for token in lexer.lex(state):  # type: ignore[no-untyped-call]
            place = token.start_pos
            state.feed_token(token)
            if completed:
                assert last is not None
                needs = text.find("\n", read_to.char_pos) + 1 or len(text) + 1
                done.append(Read(completed.pop(), begin, place, needs))
                begin = -1
            if begin < 0:
                begin = place
                known = again.from_place(place)
                if known:
                    done += known
                    return known[-1].after
            last = token
        end = Token("$END", "", 0, 1, 1) if last is None else Token.new_borrow_pos("$END", "", last)
        state.feed_token(end, True)
    except UnexpectedToken as error:
        error.interactive_parser = parser
        error.__context__ = None
        return error.with_traceback(None)  # whose frames would hold it and all that was read, in a circle
    if completed:
        done.append(Read(completed.pop(), begin, len(text), len(text) + 1))
    return None


def _error(text: str, start: int, unexpected: UnexpectedToken, done: list[Read]) -> _Error:
    """The error at a token that does not fit after some statements. One of them goes where the mistake begins in it."""
    from forbear.language.syntax.errors import broken_statement  # many patterns, which only an error needs

    token = unexpected.token
    ends = [start, *[read.parsed.node.span[1] for read in done]]
    fits = fitting(unexpected.interactive_parser)
    restart = None
    if token.type != "$END":
        restart = _restart(text, _go_on_at(text, token, start, fits))
    broken = broken_statement(text, token, fits, ends, restart == token.start_pos, text)
    end = broken.mistake.span[1]
    if restart is not None and restart < end:  # at a word of the mistake, such as `group` in `add x to group g`
        restart = _restart(text, end)
    while done and done[-1].parsed.node.span[1] > broken.begin:
        done.pop()  # the mistake begins in the statement before
    stop = len(text) if restart is None else restart
    words = set(_WORD.findall(text, ends[len(done)], stop))
    if broken.meant is not None:
        words.add(broken.meant)
    return _Error(_mistakes(text, broken.mistake, ends[len(done)], stop), words, restart)


_MOST_IN_A_STATEMENT = 20


def _mistakes(file: str, mistake: Mistake, start: int, stop: int) -> list[Mistake]:
    """The mistakes of the statement from `start` to `stop`, of which one is known: as it is mended, the statement is
    read on to the next one. One that no text mends is the last.

    What is written instead of a mistake, or may be, has been put in place already, to see that it can be read.
    """
    whole, edits, mistakes = file[start:stop], list[tuple[int, int, int]](), list[Mistake]()

    def original(place: int) -> int:
        for at, old, new in reversed(edits):
            place = place - new + old if place >= at + new else min(place, at)
        return start + place

    found: Mistake | None = evolve(mistake, span=(mistake.span[0] - start, mistake.span[1] - start))
    tried = [whole]
    while found is not None and len(tried) <= _MOST_IN_A_STATEMENT:
        at, end = found.span
        certain = found.stand_in if found.instead is None else found.instead
        written = certain if certain is not None else next(iter(found.choices), None)
        mended = None if written is None else whole[:at] + written + whole[end:]
        if mended in tried:
            break  # it takes back what was put there
        span = (original(at), original(end))
        mistakes = [one for one in mistakes if not span[0] <= one.span[0] < one.span[1] <= span[1]]
        mistakes.append(evolve(found, span=span))
        if written is None or mended is None:
            break
        edits.append((at, end - at, len(written)))
        whole = mended
        tried.append(whole)
        further = _next_mistake(whole, at, at + len(written), file)
        while len(tried) <= _MOST_IN_A_STATEMENT:
            if not (further and found.instead and further.instead) or further.span[0] < at:
                break
            if further.span[0] == further.span[1] or further.span[1] > at + len(written):
                break
            first, last = further.span[0] - at, further.span[1] - at
            put = written[:first] + further.instead + written[last:]
            mended = whole[:at] + put + whole[at + len(written) :]
            if mended in tried:
                break
            tried.append(mended)
            help = mistakes[-1].help.replace(f"`{written.strip()}`", f"`{put.strip()}`")
            mistakes[-1] = evolve(mistakes[-1], instead=put, help=help)
            edits[-1], whole, written = (at, end - at, len(put)), mended, put
            further = _next_mistake(whole, at, at + len(written), file)
        same = further is not None and further.message == found.message and further.span[0] < at + len(written)
        covers = further is not None and further.span[0] <= at
        helps = further is not None and (further.instead is not None or further.choices or found.instead is not None)
        found = None if same or not helps or (covers and found.instead is None) else further
    return mistakes


def _next_mistake(whole: str, at_first: int, after: int, file: str) -> Mistake | None:
    """The next mistake of a statement in which a text was put, from one place to another: beyond the text, about it and
    more, or in it, if that has a certain rewrite too."""
    try:
        read = parser_at(whole, 0).resume_parse().children  # type: ignore[no-untyped-call]
        inner = [mistake for parsed in read for mistake in parsed.mistakes]
        return inner[0] if inner and inner[0].span[0] >= after else None
    except UnexpectedToken as error:
        from forbear.language.syntax.errors import broken_statement

        token = error.token
        mistake = broken_statement(whole, token, fitting(error.interactive_parser), [0], False, file).mistake
        first, last = mistake.span
        if (mistake.instead and at_first <= first < last <= after) or first <= at_first < after < last:
            return mistake
        # that it ends too early is said of the statement once this is mended
        ends = token.type == "$END" and mistake.instead is None
        return mistake if mistake.span[0] >= after and not ends else None


def _go_on_at(text: str, token: Token, start: int, fits: frozenset[str]) -> int:
    """Where to look for the next statement from: at the token that does not fit, or after it where a name should be,
    as with `event` in `has event text`. Rows of a table that lack their first bar are part of it."""
    at = token.start_pos or 0
    if "ROW" in fits and (rows := _WITHOUT_BARS.match(text, at)):
        return rows.end()
    is_name = "NAME" in fits and "RULE" not in fits and _WITHIN_LINE.search(text, max(0, at - _MOST_BLANKS), at)
    return at + len(token) if at == start or is_name else at


_WITHOUT_BARS = re.compile(r"(?:[ \t]*[^\n|#\"]++\|[^\n]*+(?:\n|\Z))+")
_WITHIN_LINE = re.compile(r"\S[ \t]+\Z")
_MOST_BLANKS = 100


def _restart(text: str, start: int) -> int | None:
    """Where the next statement begins, at or after `start`; None if there is none."""
    for match in _restarts().finditer(text, start):
        if match["word"] is not None:
            return match.start()
    return None


def statement_before(text: str, offset: int) -> int:
    """Where the statement begins, or seems to begin, in which an offset is; 0 if none begins before it."""
    start = 0
    for match in _restarts().finditer(text, 0, offset):
        if match["word"] is not None:
            start = match.start()
    return start
