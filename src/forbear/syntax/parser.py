"""Text to module: reads a rule file with Lark, and goes on at the next statement after one that is broken."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedToken
from lark.lark import PostLex
from lark.utils import TextSlice

from forbear import resources
from forbear.diagnostic import Diagnostic
from forbear.source import MAXIMUM_BYTES, Place, Source, Span
from forbear.syntax import ast, from_tree
from forbear.syntax.literals import Fault

MAXIMUM_NESTING = 100

_BEGINNERS = (
    "policy standard vocabulary uses fact event action group ladder define setting rule example ensure accept suspend"
)
_NEVER_FIRST = (
    "then when unless overrides because source version currency until in is also and or except expect given force to "
    "of steps with rising none known unknown yes no all any allowed forbidden required unsaid optional usually clock "
    "between days day count number percent money date time text everything one"
)
_RESTART = re.compile(
    r'"(?:[^"\\\n]|\\[^\n])*"|#[^\n]*'
    rf"|(?P<word>\b(?<!-)(?:{_BEGINNERS.replace(' ', '|')})\b(?![-/])"
    rf"|^(?!(?:{_NEVER_FIRST.replace(' ', '|')}|applies\s+when)\b)[a-z])",
    re.MULTILINE,
)
"""The next word that begins a statement: one of those that do nothing else, or in column 1 any that may."""


class _Nesting(PostLex):
    """Watches parentheses and `not`s as they are read, so that no later pass recurses deeper than the bound."""

    always_accept = ("UNREADABLE",)  # keeps a terminal that no rule names

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        depth = negations = 0
        outer: list[int] = []
        for token in stream:
            kind = token.type
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
                # No state of the parser takes this token, so it stops here with a fault.
                token = Token.new_borrow_pos("TOO_DEEP", str(token), token)
            yield token


class _Statements(Transformer[Token, from_tree.Parsed]):
    """Makes the node of a statement as soon as it is complete."""

    def statement(self, children: list[object]) -> from_tree.Parsed:
        return from_tree.statement(children)


@cache
def _lark() -> Lark:
    grammar = resources.folder("grammar").joinpath("forbear.lark").read_text(encoding="utf-8")
    return Lark(
        grammar,
        parser="lalr",
        lexer="basic",
        propagate_positions=True,
        postlex=_Nesting(),
        transformer=_Statements(),
        cache=_cache_file() or False,
    )


def _cache_file() -> str | None:
    """Where the parser's tables are kept between runs: a third of the time of a short command goes into making them.

    It is in the user's own cache folder, since what is read back is code to Python; without such a folder they are
    made anew. Lark makes them anew too where the grammar, Lark or Python has changed, or the file cannot be read.
    """
    if os.name != "posix":
        return None
    try:
        folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "forbear"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if folder.stat().st_uid != os.getuid() or folder.stat().st_mode & 0o022:
            return None  # somebody else may write there
    except (OSError, RuntimeError):  # no home, or nothing may be written there
        return None
    return str(folder / "grammar.pickle")


def read_source(name: str, content: bytes) -> Source | Diagnostic:
    """The bytes of a file as text, or what keeps them from being a rule file."""
    empty = Source(name, "")
    if len(content) > MAXIMUM_BYTES:
        return Diagnostic(
            code="too-large",
            message=f"the file has more than {MAXIMUM_BYTES // 1024 // 1024} MB",
            place=Place(empty, Span(0, 0)),
            help="split it: one policy a file, shared declarations in a vocabulary",
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        broken = Source(name, content.decode("utf-8-sig", "replace"))
        line = broken.position(len(content[: error.start].decode("utf-8-sig"))).line
        at = broken.offset(line)
        return Diagnostic(
            code="unreadable-file",
            message=f"line {line} is not UTF-8 text",
            place=Place(broken, Span(at, at + 1)),
            help="save the file as UTF-8",
        )
    at = text.find("\0")
    if at >= 0:
        return Diagnostic(
            code="unreadable-file",
            message="the file holds a NUL character, so it is no text",
            place=Place(Source(name, text), Span(at, at + 1)),
            help="save the file as plain text in UTF-8",
        )
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
    """The first character that ends a line in some programs only: a rule behind it could look like a comment in one
    and be none in the other."""
    found = _LINE_END.search(source.text)
    if found:
        yield Diagnostic(
            code="syntax",
            message=f"{_LINE_ENDS[found.group()]} ends a line in some programs, and in others not",
            place=Place(source, Span(*found.span())),
            help="replace every such character in the file by a plain line end or a space",
        )


def parse(source: Source) -> tuple[ast.Module, tuple[Diagnostic, ...]]:
    """The statements that could be read, and one diagnostic for each that could not."""
    statements: list[ast.Statement] = []
    diagnostics = list(_ambiguous_line_end(source))
    start = 0
    while True:
        parsed, fault, restart = _parse_from(source.text, start)
        for node, faults in parsed:
            statements.append(node)
            diagnostics.extend(_diagnostic(source, inner) for inner in faults)
        if fault is None:
            break
        diagnostics.append(_diagnostic(source, fault))
        if restart is None:
            break
        start = restart
    if not statements and not diagnostics:
        diagnostics.append(
            Diagnostic(
                code="empty-file",
                message="the file has no statement",
                place=Place(source, Span(0, 0)),
                help="write a rule, such as `after 60 days and unreachable >= 3 then allow contact_related`",
            )
        )
    return ast.Module(source, tuple(statements)), tuple(diagnostics)


def lex(text: str) -> Iterator[Token]:
    """The tokens of a text."""
    return _lark().lex(text)


def parse_literal(text: str) -> ast.Literal | None:
    """A literal of the language standing alone, as it is given on a command line, or None if it is none."""
    module, diagnostics = parse(Source("setting", f"setting value is {text}"))
    if diagnostics or len(module.statements) != 1:
        return None
    statement = module.statements[0]
    if (
        isinstance(statement, ast.Setting)
        and statement.description is None
        and isinstance(statement.value, ast.Literal)
    ):
        return statement.value
    return None


def _diagnostic(source: Source, fault: Fault) -> Diagnostic:
    return Diagnostic(code=fault.code, message=fault.message, place=Place(source, fault.span), help=fault.help)


def _parse_from(text: str, start: int) -> tuple[list[from_tree.Parsed], Fault | None, int | None]:
    """The statements from `start` to the first broken one, what is wrong with that, and where to go on."""
    try:
        tree = _lark().parse(TextSlice(text, start, len(text)))
        return tree.children, None, None  # type: ignore[return-value]
    except UnexpectedToken as error:
        from forbear.syntax.faults import syntax_fault  # many patterns, which only an error needs

        token = error.token
        fault = syntax_fault(text, token, _fitting(error))
        done = _complete(error.state.value_stack)
        while done and done[-1].node.span.end > fault.span.start:
            done.pop()  # the slip begins in the statement before
        if token.type == "$END":
            return done, fault, None
        at = token.start_pos or 0
        return done, fault, _restart(text, at if at > start else at + len(token))


def _fitting(error: UnexpectedToken) -> frozenset[str]:
    """The terminals that would have fitted. Lark tries them all, so what it found for one state is kept."""
    states = tuple(error.state.state_stack)
    if states not in _fitting_in:
        if len(_fitting_in) >= 1000:
            _fitting_in.clear()
        _fitting_in[states] = frozenset(error.accepts)
    return _fitting_in[states]


_fitting_in: dict[tuple[int, ...], frozenset[str]] = {}


def _complete(stack: list[object]) -> list[from_tree.Parsed]:
    """The statements that the parser had completed before an error: they lie at the bottom of its stack."""
    if not stack:
        return []
    bottom = stack[0]
    if isinstance(bottom, from_tree.Parsed):
        return [bottom]
    children = getattr(bottom, "children", ())
    return [child for child in children if isinstance(child, from_tree.Parsed)]


def _restart(text: str, start: int) -> int | None:
    """Where the next statement begins, at or behind `start`."""
    for match in _RESTART.finditer(text, start):
        if match["word"] is not None:
            return match.start()
    return None
