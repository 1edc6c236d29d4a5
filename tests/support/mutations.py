"""Changes to a rule file as an author would make them: a threshold moved, a rule taken out, an effect turned, a
safeguard added, an override dropped, dates changed, a name given or lost. What comes of it may be no policy at all."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

Mutation = Callable[[list[str], random.Random], list[str]]
"""From the statements of a file to those of another."""

ACTIONS = ("sms", "call", "relative", "visit", "court")


def mutated(text: str, generator: random.Random) -> str:
    """The text with one change."""
    statements = re.split(r"\n(?! )", text.rstrip("\n"))
    return "\n".join(generator.choice(MUTATIONS)(statements, generator)) + "\n"


def _rules(statements: list[str]) -> list[int]:
    words = ("fact", "action", "group", "ladder", "define", "policy", "standard", "ensure", "setting", "example")
    return [number for number, statement in enumerate(statements) if not statement.startswith(words)]


def _in_a_rule(
    statements: list[str], generator: random.Random, pattern: str, change: Callable[[str], str]
) -> list[str]:
    """One place in a rule that fits a pattern, changed."""
    places = [(number, match) for number in _rules(statements) for match in re.finditer(pattern, statements[number])]
    if not places:
        return statements
    number, match = generator.choice(places)
    text = statements[number]
    changed = text[: match.start()] + change(match.group()) + text[match.end() :]
    return [*statements[:number], changed, *statements[number + 1 :]]


def threshold_moved(statements: list[str], generator: random.Random) -> list[str]:
    return _in_a_rule(statements, generator, r"(?<![\w.:-])\d(?![\w.:-])", lambda found: str(generator.randint(0, 6)))


def comparison_turned(statements: list[str], generator: random.Random) -> list[str]:
    signs = ["<", "<=", ">", ">=", "=", "!="]
    return _in_a_rule(statements, generator, r"[<>!]=|[<>=]", lambda found: generator.choice(signs))


def effect_turned(statements: list[str], generator: random.Random) -> list[str]:
    words = ["allow", "forbid", "require"]
    return _in_a_rule(statements, generator, r"\b(allow|forbid|require)\b", lambda found: generator.choice(words))


def action_exchanged(statements: list[str], generator: random.Random) -> list[str]:
    names = ["sms", "call", "relative", "visit", "court"]
    return _in_a_rule(
        statements, generator, r"\b(sms|call|relative|visit|court)\b", lambda found: generator.choice(names)
    )


def connective_turned(statements: list[str], generator: random.Random) -> list[str]:
    return _in_a_rule(statements, generator, r"(?s).*\bor\b.*", lambda found: re.sub(r"\bor\b", "and", found))


def override_dropped(statements: list[str], generator: random.Random) -> list[str]:
    return _in_a_rule(statements, generator, r"\n  overrides [^\n]*", lambda found: "")


def override_added(statements: list[str], generator: random.Random) -> list[str]:
    return _in_a_rule(statements, generator, r"$", lambda found: "\n  overrides all")


def dates_dropped(statements: list[str], generator: random.Random) -> list[str]:
    return _in_a_rule(statements, generator, r"\n  in force[^\n]*", lambda found: "")


def dates_added(statements: list[str], generator: random.Random) -> list[str]:
    day = generator.choice(["2015-09-22", "2015-10-01"])
    word = generator.choice(["from", "until"])
    return _in_a_rule(statements, generator, r"$", lambda found: f"\n  in force {word} {day}")


def rule_dropped(statements: list[str], generator: random.Random) -> list[str]:
    rules = _rules(statements)
    if len(rules) < 2:
        return statements
    number = generator.choice(rules)
    return statements[:number] + statements[number + 1 :]


def rules_exchanged(statements: list[str], generator: random.Random) -> list[str]:
    """The same rules in another order."""
    rules = _rules(statements)
    if not rules:
        return statements
    one, other = generator.choice(rules), generator.choice(rules)
    changed = list(statements)
    changed[one], changed[other] = changed[other], changed[one]
    return changed


def rule_renamed(statements: list[str], generator: random.Random) -> list[str]:
    return _in_a_rule(statements, generator, r"^rule \w+:", lambda found: "rule renamed:")


def safeguard_added(statements: list[str], generator: random.Random) -> list[str]:
    action = generator.choice(ACTIONS)
    rules = [statement for statement in statements if " then " in statement]
    conditions = [re.sub(r"^rule \w+:\s*", "", rule).partition(" then ")[0] for rule in rules] or ["always"]
    return [*statements, f"rule safeguard: never {action} when {generator.choice(conditions)}"]


MUTATIONS: tuple[Mutation, ...] = (
    threshold_moved,
    threshold_moved,
    threshold_moved,
    comparison_turned,
    effect_turned,
    action_exchanged,
    connective_turned,
    override_dropped,
    override_added,
    dates_dropped,
    dates_added,
    rule_dropped,
    rules_exchanged,
    rule_renamed,
    safeguard_added,
)
