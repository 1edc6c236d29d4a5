"""Parts of Lark that do the same in less time: most of a short command is reading a grammar and rule files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

from lark import Token
from lark.grammar import Rule
from lark.lexer import BasicLexer, LexerState
from lark.parsers.lalr_analysis import IntParseTable, Reduce, Shift
from lark.parsers.lalr_parser import LALR_Parser, _Parser
from lark.parsers.lalr_parser_state import ParserState


class Tables(LALR_Parser):
    """Keeps its tables as numbers: a state to go to, or `~` the place of a rule. Lark's own form takes four times as
    long to read."""

    def serialize(self, memo: Any = None) -> dict[str, Any]:
        tables = self._parse_table
        rules = {
            id(argument): argument
            for row in tables.states.values()
            for action, argument in row.values()
            if action is Reduce
        }
        places = {identity: ~place for place, identity in enumerate(rules)}
        return {
            "rules": [rule.serialize(memo) for rule in rules.values()],
            "states": {
                state: {
                    name: places[id(argument)] if action is Reduce else argument
                    for name, (action, argument) in row.items()
                }
                for state, row in tables.states.items()
            },
            "start": tables.start_states,
            "end": tables.end_states,
        }

    @classmethod
    def deserialize(  # type: ignore[override]
        cls, data: dict[str, Any], memo: Any, callbacks: Any, debug: bool = False
    ) -> Tables:
        states = data["states"]
        actions: list[Any] = [(Shift, state) for state in range(max(states) + 1)]
        actions += reversed([(Reduce, Rule.deserialize(rule, memo)) for rule in data["rules"]])
        parse_table: Any = IntParseTable(  # type: ignore[no-untyped-call]
            {state: {name: actions[number] for name, number in row.items()} for state, row in states.items()},
            data["start"],
            data["end"],
        )
        tables: Tables = cls.__new__(cls)
        tables._parse_table = parse_table
        tables.parser = _Parser(parse_table, callbacks, debug)
        return tables


class Lexer(BasicLexer):
    """Reads tokens without columns, which nobody asks for. Only what is ignored has line ends in it.

    The place of the counter is the end of the last token that was read, and that of the text once there is no other.
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
            assert token_match is not None  # what is no token of the language is UNREADABLE
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

    @cached_property
    def _words(self) -> dict[str, dict[str, str]]:
        """The words that are terminals of their own, by the terminal that they would be otherwise."""
        callbacks: dict[str, Any] = self.callback
        return {
            terminal: {definition.pattern.value: definition.name for definition in chosen.scanner.terminals}
            for terminal, chosen in callbacks.items()
        }


_NONE: dict[str, str] = {}


def feeder(state: ParserState[int]) -> Callable[[Token], None]:
    """What `state.feed_token` does with a token, but for the last one. Lark looks up the length, the origin and the
    callback of a rule each time that it is read."""
    conf: Any = state.parse_conf
    states, known = state.state_stack, state.value_stack
    rows, callbacks = conf.states, conf.callbacks
    steps: dict[int, tuple[int, str, Callable[[list[Any]], Any]]] = {}

    def feed(token: Token) -> None:
        terminal = token.type
        while True:
            action, argument = rows[states[-1]].get(terminal, _UNFIT)
            if action is Shift:
                states.append(argument)
                known.append(token)
                return
            if action is None:
                state.feed_token(token)  # which says what is wrong
                return
            step = steps.get(id(argument))
            if step is None:
                step = steps[id(argument)] = len(argument.expansion), argument.origin.name, callbacks[argument]
            size, origin, make = step
            parts: list[Any] = []
            if size:
                parts = known[-size:]
                del known[-size:], states[-size:]
            value = make(parts)
            states.append(rows[states[-1]][origin][1])
            known.append(value)

    return feed


_UNFIT = (None, None)
