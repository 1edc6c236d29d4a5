"""Rules as written to typed rules, and who overrides whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from attrs import evolve

from forbear.diagnostic import Diagnostic, Label
from forbear.policy.conditions import Always, And, Condition, Not
from forbear.policy.conditions_from_ast import Definitions, typed_condition
from forbear.policy.names import did_you_mean, listed
from forbear.policy.typed import Effect, Rule
from forbear.policy.values_from_ast import Report, period_of
from forbear.policy.vocabulary_from_ast import Vocabulary, unfold
from forbear.source import Place, Source
from forbear.syntax import ast


def rules(
    module: ast.Module, policy_name: str, vocabulary: Vocabulary, known: Definitions, report: Report
) -> tuple[Rule, ...]:
    """The rules of a file, in its order."""
    source = module.source
    nodes = [node for node in module.statements if isinstance(node, ast.Rule)]
    names = _names(nodes, policy_name, source, report)
    typed = [_rule(node, name, vocabulary, known, source, report) for node, name in zip(nodes, names, strict=True)]
    if not any(node.overrides or node.overrides_all for node in nodes):
        return tuple(typed)
    return _with_overrides(nodes, typed, source, report)


def _names(nodes: Sequence[ast.Rule], policy_name: str, source: Source, report: Report) -> list[str]:
    """A rule without a head is called by its place, POLICY:LINE; a second one on that line has its column too."""
    names: list[str] = []
    seen: dict[str, ast.Rule] = {}
    for node in nodes:
        if node.name is None:
            line, column = source.position(node.span.start)
            name = f"{policy_name}:{line}"
            if name in seen:
                name = f"{name}:{column}"
            if len(nodes) > 1:
                report(
                    Diagnostic(
                        code="unnamed-rule",
                        message=f"this rule has no name; it is called `{name}`, and that changes with its line",
                        place=Place(source, node.span),
                        help="begin it with `rule NAME:`, so that overrides, accepts and records can speak of it",
                        rules=(name,),
                    )
                )
        else:
            name = node.name.text
            if name in seen:
                first = seen[name].name
                assert first is not None
                report(
                    Diagnostic(
                        code="duplicate-name",
                        message=f"two rules are called `{name}`",
                        place=Place(source, node.name.span),
                        help="choose another name for one of the two",
                        related=(Label(Place(source, first.span), "the first"),),
                        rules=(name,),
                    )
                )
        seen.setdefault(name, node)
        names.append(name)
    return names


def _rule(
    node: ast.Rule, name: str, vocabulary: Vocabulary, known: Definitions, source: Source, report: Report
) -> Rule:
    condition: Condition | None = Always()
    if node.condition is not None:
        condition = typed_condition(node.condition, vocabulary, known, source, report)
    if node.unless is not None:
        unless = typed_condition(node.unless, vocabulary, known, source, report)
        if condition is not None and unless is not None:
            parts = condition.parts if isinstance(condition, And) else (condition,)
            condition = Not(unless) if parts == (Always(),) else And((*parts, Not(unless)))
    since, until = period_of(node.in_force, vocabulary.settings, source, report)
    return Rule(
        name,
        node.name is not None,
        node.order == "suspend",
        None if node.title is None else node.title.text,
        condition if condition is not None else Always(),
        _effects(node.effects, vocabulary, source, report),
        {},
        since,
        until,
        None if node.because is None else node.because.text,
        None if node.source is None else node.source.text,
        Place(source, node.span),
        Place(source, node.body),
    )


def _effects(nodes: Iterable[ast.Effect], vocabulary: Vocabulary, source: Source, report: Report) -> dict[str, Effect]:
    """Each action that a rule speaks of, groups unfolded, with what the rule does to it."""
    effects: dict[str, Effect] = {}
    for node in nodes:
        actions = unfold(
            node.actions,
            vocabulary.actions,
            vocabulary.groups,
            source,
            report,
            standard_left_out=vocabulary.declares_itself,
        )
        twice = [action for action in actions if action in effects] or _listed_twice(node.actions, vocabulary)
        if twice:
            report(
                Diagnostic(
                    code="repeated-action",
                    message=f"this rule speaks of {listed(twice)} more than once",
                    place=Place(source, node.span),
                    help="name each action once, groups unfolded; use `except` to leave one out of a group",
                )
            )
        effect = Effect(node.word)
        for action in actions:
            effects.setdefault(action, effect)
    if len(nodes) > 1:  # type: ignore[arg-type]
        return {action: effects[action] for action in vocabulary.actions if action in effects}
    return effects


def _listed_twice(actions: ast.Actions, vocabulary: Vocabulary) -> list[str]:
    if len(actions.listed) == 1:
        return []
    seen: set[str] = set()
    twice: list[str] = []
    for name in actions.listed:
        if name.text == "everything":
            members: Iterable[str] = vocabulary.actions
        elif name.text in vocabulary.groups:
            members = vocabulary.groups[name.text].actions
        else:
            members = (name.text,)
        for member in members:
            if member in seen and member not in twice:
                twice.append(member)
            seen.add(member)
    return twice


# Overrides


def _with_overrides(
    nodes: Sequence[ast.Rule], typed: Sequence[Rule], source: Source, report: Report
) -> tuple[Rule, ...]:
    numbers = {rule.name: number for number, rule in reversed(list(enumerate(typed)))}
    by_name: dict[int, set[int]] = {}
    for number, node in enumerate(nodes):
        for name in node.overrides:
            other = numbers.get(name.text)
            if other is None:
                report(
                    Diagnostic(
                        code="unknown-rule",
                        message=f"there is no rule `{name.text}`",
                        place=Place(source, name.span),
                        help=did_you_mean(name.text, numbers) or f"the rules are {listed(numbers)}",
                    )
                )
            elif not _opposed(typed[number], typed[other]):
                report(_bad_override(typed[number], typed[other], Place(source, name.span)))
            else:
                by_name.setdefault(number, set()).add(other)
    speaking = _speaking(typed)
    result: list[Rule] = []
    for number, node in enumerate(nodes):
        rule = typed[number]
        overrides: dict[str, tuple[int, ...]] = {}
        if node.overrides_all:
            weaker_by_name = {other for other, its in by_name.items() if number in its}
            for action, effect in rule.effects.items():
                if effect is not Effect.NEVER:
                    opposite = speaking.get((action, not effect.permits), ())
                    overrides[action] = (
                        tuple([other for other in opposite if other not in weaker_by_name])
                        if weaker_by_name
                        else opposite
                    )
        elif number in by_name:
            for action, effect in rule.effects.items():
                overrides[action] = tuple(
                    [other for other in sorted(by_name[number]) if _opposite(effect, typed[other].effects.get(action))]
                )
        overrides = {action: others for action, others in overrides.items() if others}
        result.append(evolve(rule, overrides=overrides) if overrides else rule)
    if _report_circle(result, source, report):
        return tuple(typed)
    return tuple(result)


def _opposite(effect: Effect, other: Effect | None) -> bool:
    if other is None or Effect.NEVER in (effect, other):
        return False
    return effect.permits != other.permits


def _opposed(rule: Rule, other: Rule) -> bool:
    return rule is not other and any(
        _opposite(effect, other.effects.get(action)) for action, effect in rule.effects.items()
    )


def _speaking(typed: Sequence[Rule]) -> Mapping[tuple[str, bool], tuple[int, ...]]:
    """For each action, the rules that permit it and those that `forbid` it."""
    found: dict[tuple[str, bool], list[int]] = {}
    for number, rule in enumerate(typed):
        for action, effect in rule.effects.items():
            if effect is not Effect.NEVER:
                found.setdefault((action, effect.permits), []).append(number)
    return {key: tuple(numbers) for key, numbers in found.items()}


def _bad_override(rule: Rule, other: Rule, place: Place) -> Diagnostic:
    if rule is other:
        message, help = "a rule cannot override itself", "name another rule"
    elif any(other.effects.get(action) is Effect.NEVER for action in rule.effects):
        message = f"`{other.name}` is a safeguard (`never`), and nothing overrides one"
        help = "write `forbid` there if it may be overridden, or add what you need to its condition"
    else:
        message = f"`{other.name}` does not have the opposite effect on any action of this rule"
        help = "an override sets a permitting rule against a `forbid` on the same action; take the name out"
    return Diagnostic(
        code="bad-override",
        message=message,
        place=place,
        help=help,
        related=() if rule is other else (Label(other.place, f"`{other.name}`"),),
        rules=(rule.name, other.name),
    )


def _report_circle(typed: Sequence[Rule], source: Source, report: Report) -> bool:
    """Whether rules override each other in a circle, for some action."""
    actions = dict.fromkeys(action for rule in typed for action in rule.overrides)
    for action in actions:
        circle = _circle({n: rule.overrides[action] for n, rule in enumerate(typed) if action in rule.overrides})
        if circle:
            names = [typed[number].name for number in circle]
            report(
                Diagnostic(
                    code="circular-override",
                    message=f"these rules override each other in a circle, for `{action}`: {listed(names)}",
                    place=typed[circle[0]].place,
                    help="take one of the overrides out",
                    related=tuple(Label(typed[number].place, f"`{typed[number].name}`") for number in circle[1:]),
                    rules=tuple(typed[number].name for number in sorted(circle)),
                    actions=(action,),
                )
            )
            return True
    return False


def _circle(edges: Mapping[int, tuple[int, ...]]) -> list[int] | None:
    """A circle in a graph, or None. Only a rule with overrides of its own can lie on one."""
    finished: set[int] = set()
    for start in edges:
        path: list[int] = []
        on_path: set[int] = set()
        stack: list[tuple[int, Iterable[int]]] = [(start, iter(edges[start]))]
        if start in finished:
            continue
        path.append(start)
        on_path.add(start)
        while stack:
            node, rest = stack[-1]
            following = next((n for n in rest if n in edges and n not in finished), None)
            if following is None:
                stack.pop()
                path.pop()
                on_path.discard(node)
                finished.add(node)
            elif following in on_path:
                return path[path.index(following) :]
            else:
                path.append(following)
                on_path.add(following)
                stack.append((following, iter(edges[following])))
    return None
