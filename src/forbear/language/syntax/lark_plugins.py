"""Parts of Lark that do the same in less time: most of a short command is reading a grammar and rule files."""

from __future__ import annotations

import pickle
from collections.abc import Collection, Iterator
from io import BytesIO
from typing import IO, Any

from lark import Lark, Token
from lark.grammar import Rule
from lark.lexer import BasicLexer, LexerState, PatternStr, Scanner, TerminalDef
from lark.parsers.lalr_analysis import IntParseTable, Reduce, Shift
from lark.parsers.lalr_parser import LALR_Parser, _Parser
from lark.utils import SerializeMemoizer

from forbear.language.syntax.from_tree.statements import statement
from forbear.language.syntax.tree import makers


class Parser(Lark):
    """Keeps its rules and terminals as they are, with what they have in common once: Lark makes each anew from a
    dictionary. And it makes our trees."""

    def save(self, f: IO[bytes], exclude_options: Collection[str] = ()) -> None:
        kept_by_lark = BytesIO()
        super().save(kept_by_lark, exclude_options)
        kept = pickle.loads(kept_by_lark.getvalue())
        memo = SerializeMemoizer.deserialize(kept["memo"], {"Rule": Rule, "TerminalDef": TerminalDef}, {})
        parts: dict[bytes, Any] = {}
        for rule in memo.values():
            if isinstance(rule, Rule):
                rule.origin, rule.options, *rule.expansion = (
                    parts.setdefault(pickle.dumps(part), part) for part in (rule.origin, rule.options, *rule.expansion)
                )
        kept["memo"] = memo
        # Rules keep the hashes of this process, which distinguish them in any other one.
        pickle.dump(kept, f, pickle.HIGHEST_PROTOCOL)

    def _prepare_callbacks(self) -> None:
        """The node of a statement is made as soon as the parser has completed it."""
        self._callbacks = makers(self.rules, statement)


class Tables(LALR_Parser):
    """Stores its tables compactly: most entries of a state say that the same rule is complete before any of some
    terminals, and few sets of terminals are those of all states. Lark's own form takes ten times as long to read.
    """

    def serialize(self, memo: Any = None) -> dict[str, Any]:
        tables = self._parse_table
        rules: dict[int, Rule] = {}
        sets: dict[tuple[str, ...], tuple[str, ...]] = {}
        states = {}
        for state, row in tables.states.items():
            shifts: dict[str, int] = {}
            reductions: dict[int, list[str]] = {}
            for name, (action, argument) in row.items():
                if action is Shift:
                    shifts[name] = argument
                else:
                    rules[id(argument)] = argument
                    reductions.setdefault(id(argument), []).append(name)
            followed = {rule: tuple(sorted(names)) for rule, names in reductions.items()}
            states[state] = shifts, {rule: sets.setdefault(names, names) for rule, names in followed.items()}
        return {
            "rules": {identity: rule.serialize(memo) for identity, rule in rules.items()},
            "states": states,
            "start": tables.start_states,
            "end": tables.end_states,
        }

    @classmethod
    def deserialize(  # type: ignore[override]
        cls, data: dict[str, Any], memo: Any, callbacks: Any, debug: bool = False
    ) -> Tables:
        to_shift = {state: (Shift, state) for state in data["states"]}
        to_reduce = {identity: (Reduce, Rule.deserialize(rule, memo)) for identity, rule in data["rules"].items()}
        states: dict[int, dict[str, Any]] = {}
        for state, (shifts, reductions) in data["states"].items():
            row = states[state] = {name: to_shift[target] for name, target in shifts.items()}
            for rule, names in reductions.items():
                row.update(dict.fromkeys(names, to_reduce[rule]))
        parse_table: Any = IntParseTable(states, data["start"], data["end"])  # type: ignore[no-untyped-call]
        tables: Tables = cls.__new__(cls)
        tables._parse_table = parse_table
        tables.parser = _Parser(parse_table, callbacks, debug)
        return tables


class Lexer(BasicLexer):
    """Reads tokens without columns, which nothing uses. Only ignored text contains line ends.

    The place of the counter is the end of the last token that was read, and that of the text after the last one.
    """

    def lex(self, state: LexerState, parser_state: Any) -> Iterator[Token]:
        [pattern] = self.scanner._mres
        match, ignored, words = pattern.match, self.ignore_types, self._words
        text, end, counter = state.text.text, state.text.end, state.line_ctr
        at, line = counter.char_pos, counter.line
        new = str.__new__
        while at < end:
            if text[at] == " ":  # most blanks are one
                at += 1
                continue
            token_match = match(text, at, end)
            assert token_match is not None  # a text that is not a token of the language is UNREADABLE
            terminal, value, start = token_match.lastgroup, token_match[0], at
            at = token_match.end()
            if terminal in ignored:
                line += value.count("\n")
            else:
                terminal = words.get(terminal, _NONE).get(value, terminal)
                counter.char_pos = at
                token = new(Token, value)  # as `Token` does, in a third of the time
                token.type, token.value, token.start_pos, token.end_pos = terminal, value, start, at
                token.line = token.end_line = line
                token.column = token.end_column = None
                yield token

        counter.char_pos = end

    def _build_scanner(self) -> Scanner:
        """The scanner of all terminals but words, which are another terminal to it: they are found in a table, where
        Lark compiles one more pattern of them, and tries each terminal on each."""
        words = {terminal for terminal in self.terminals if is_word(terminal)}
        rest = [terminal for terminal in self.terminals if terminal not in words]
        scanner = Scanner(rest, self.g_regex_flags, self.re, self.use_bytes)  # type: ignore[no-untyped-call]
        self.callback = {}
        self._words: dict[str, dict[str, str]] = {}
        for word in words:
            otherwise = scanner.fullmatch(word.pattern.value)
            assert otherwise is not None
            self._words.setdefault(otherwise, {})[word.pattern.value] = word.name
        return scanner


_NONE: dict[str, str] = {}


def is_word(terminal: TerminalDef) -> bool:
    return isinstance(terminal.pattern, PatternStr) and terminal.pattern.value.isidentifier()
