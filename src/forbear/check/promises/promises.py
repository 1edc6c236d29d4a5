"""Examples, ensures and accepts as written to typed ones."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache, partial
from typing import TypeAlias, cast

from attrs import frozen

from forbear.base.diagnostic import CODES, Code, Diagnostic, Label, replacement
from forbear.base.source import Place, Source, Span
from forbear.check.conditions.conditions import typed_condition
from forbear.check.conditions.unknown_names import report_unknown_attribute
from forbear.check.conditions.values import day_of
from forbear.check.declarations.actions import unfolded
from forbear.check.declarations.events import report_unknown_event
from forbear.check.declarations.facts import given_value
from forbear.check.scope import Scope, Vocabulary
from forbear.kernel.cases import CaseError, Fault, GridValue, InPart, in_part_text
from forbear.kernel.faults import fault
from forbear.kernel.history.counting import OPENING
from forbear.kernel.history.moments import OF_CALENDAR
from forbear.kernel.history.readings import HistorySpec, check_day, other_days
from forbear.language.model.cases import plain_or_other, texts_like_other
from forbear.language.model.conditions import Always
from forbear.language.model.derived import Event
from forbear.language.model.facts import Absent, Fact, Grid
from forbear.language.model.kinds import Storage
from forbear.language.model.names import listed
from forbear.language.model.policy import Accept, Ensure, Example, Expectation, Expected, Past, TypedPolicy, clock
from forbear.language.model.values import value_json, value_text
from forbear.language.syntax import nodes
from forbear.language.syntax.nodes import Value
from forbear.language.syntax.parser import parse
from forbear.semantics.kernel_specs import fact_specs, history_spec
from forbear.semantics.past import follow

# The events that an example gives, and what is derived from them and from its moment.
#
# An example knows one zone, and all that ever happened: its history goes back to the opening. An event happens at the
# beginning of its day and a decision is made at the end of it, where they name no time.


_MOST_EVENTS = 10_000
"""The most equal events of one `given`."""


Tables: TypeAlias = Callable[[frozenset[str]], HistorySpec]
"""Gives the tables by which the events are read from which some derived facts follow."""


def tables_of(policy: TypedPolicy) -> Tables:
    """The tables for the examples of a policy, which are made once."""
    facts = cache(partial(fact_specs, policy))
    return cache(lambda names: history_spec(policy, names, facts()))


def derived_values(
    node: nodes.Example,
    given: Mapping[str, Grid | Absent],
    read: Iterable[str],
    policy: TypedPolicy,
    tables_for: Tables,
    scope: Scope,
    day: int | None,
) -> tuple[dict[str, Grid | Absent], Past | None] | None:
    """Returns the facts that the policy reads and that follow from an example's events and its moment on a day, unless
    it gives them itself, and the past from which they follow; None if there is an error in the events, or if the
    example gives a different day, age or working day.
    """
    events = [part for part in node.given if isinstance(part, nodes.GivenEvent)]
    moment = _moment(node, day)
    if not events and moment is None:
        return {}, None

    def bad(variant: str, span: Span, faults: str | None = None) -> None:
        scope.report_at(span, f"bad-example.{variant}", faults=faults)

    if moment is None:
        bad("no-day", events[0].span)
        return None
    case: dict[str, object] = {"zone": datetime.UTC}
    known = {name: policy.derived[name] for name in read if name in policy.derived}
    of_case = given.keys() | {name for name in read if policy.facts[name].usually is not None}
    derived = {name: derivation for name, derivation in known.items() if name not in given}
    as_well = {
        name: given[name]
        for name, derivation in known.items()
        if name in given
        and (
            derivation.measure in OF_CALENDAR
            or derivation.of in of_case
            or (derivation.hours in given and node.at is not None)
        )
    }
    dates = {
        of: given.get(of, policy.facts[of].usually)
        for name, derivation in known.items()
        for of in (derivation.date, derivation.hours)
        if of is not None and (name in derived or name in as_well)
    }
    following = [
        name
        for name, derivation in derived.items()
        if (
            dates[derivation.of] is not None
            if derivation.of is not None
            else dates[derivation.hours] is not None and node.at is not None
            if derivation.hours is not None
            else _follows(derivation.measure, node, events)
            and (not derivation.date or dates[derivation.date] is not None or policy.facts[derivation.date].optional)
        )
    ]
    case.update(_held(policy.facts, {**dates, **as_well}))
    if events:
        values_of_case = _this(policy, given)
        case.update(_held(policy.facts, {name: given.get(name, value) for name, value in values_of_case.items()}))
        history = list(_history(events, moment, policy, values_of_case, scope))
        if None in history:
            return None
        case |= {"history": history, "history_from": OPENING}
    tables = tables_for(frozenset([*following, *as_well]))
    naming = {name: given[name] for name, one in known.items() if name in given and one.measure in ("date", "weekday")}
    past = Past(case, moment, tuple(following))
    try:
        by = "on" if node.on is not None else next((name for name in naming if known[name].measure == "date"), "on")
        if faults := other_days(tables_for(frozenset(naming)), _held(policy.facts, naming), moment.date(), by):
            raise CaseError(faults)
        values = follow(policy, tables, past)
    except CaseError as error:
        spans = {part.fact.text: part.span for part in node.given if isinstance(part, nodes.Given)}
        span = next((spans[fault.fact] for fault in error.faults if fault.fact in spans), node.title.span)
        bad("events" if events else "values", span, "; ".join(fault.message for fault in error.faults[:3]))
        return None
    by_name, known_too_little = _whole(values, policy, tables)
    if known_too_little is not None:
        bad("known-too-little", node.title.span, known_too_little)
        return None
    return by_name, past


def _whole(
    values: Mapping[str, Grid | Absent | InPart], policy: TypedPolicy, tables: HistorySpec
) -> tuple[dict[str, Grid | Absent], str | None]:
    """Returns the derived values, with those known in part as absent; and the error of the first that may not be
    absent.
    """
    by_name: dict[str, Grid | Absent] = {}
    for name, value in values.items():
        if isinstance(value, InPart):
            fact = policy.facts[name]
            if not fact.optional:
                part_known = in_part_text(tables.facts[name], value)
                return {}, f"`{name}` is missing: all that these events tell of it is that it is {part_known}"
            value = Absent.NONE if fact.or_none else Absent.UNKNOWN
        by_name[name] = value
    return by_name, None


def day_given(given: Mapping[str, Grid | Absent], policy: TypedPolicy) -> int | None:
    """The day of its decision that an example gives as a fact."""
    days = (given.get(name) for name, derivation in policy.derived.items() if derivation.measure == "date")
    return next((day for day in days if isinstance(day, int)), None)


def fitting_day(
    given: Mapping[str, Grid | Absent], held: Collection[str], fact: Fact, policy: TypedPolicy, tables_for: Tables
) -> int | None:
    """Returns the day of the decision, nearest to one that is assumed, that fits the case in those facts that are
    `held`: its weekday, whether it is worked or a holiday, the ages of dates. Calendars cover it. None if there is
    none.
    """
    tied = {name: derivation for name, derivation in policy.derived.items() if name in given}
    names = [name for name in tied if name in held]
    dates = [of for name in names if (of := tied[name].of) is not None and of in given]
    case = _held(policy.facts, {name: given[name] for name in (*names, *dates)})
    tables = tables_for(frozenset(names))
    calendars = [derivation.calendar for derivation in tied.values() if derivation.calendar is not None]
    assumed = cast(int, given[fact.name])
    days = sorted(range(assumed - 6, assumed + 7), key=lambda day: abs(day - assumed))
    for calendar in calendars:
        days += range(calendar.first, min(calendar.first + 400, calendar.last))
    for day in days:
        if fact.low <= day <= fact.high and all(calendar.first <= day <= calendar.last for calendar in calendars):
            its = {**case, fact.name: datetime.date.fromordinal(day)}
            faults: list[Fault] = []
            check_day(tables, its, fact.name, faults)
            if not faults:
                return day
    return None


def _moment(node: nodes.Example, day: int | None) -> datetime.datetime | None:
    if day is None:
        return None
    return _at(day, node.at, 24 * 3600 - 1)


def _at(day: int, written: nodes.Literal | None, usually: int) -> datetime.datetime:
    """The moment of a day at the second that is written, or usually."""
    seconds = usually if written is None or written.kind == "bad" else cast(int, written.value)
    midnight = datetime.datetime.combine(datetime.date.fromordinal(day), datetime.time(), datetime.UTC)
    return midnight + datetime.timedelta(seconds=seconds)


def _follows(measure: str, node: nodes.Example, events: Sequence[nodes.GivenEvent]) -> bool:
    if measure == "time":
        return node.at is not None
    return measure in ("date", "weekday", *OF_CALENDAR) or bool(events)


def _this(policy: TypedPolicy, given: Mapping[str, Grid | Absent]) -> dict[str, Grid]:
    """Returns the facts that events are compared with; one that the example does not give is the same in all of
    them.
    """
    values: dict[str, Grid] = {}
    for name in dict.fromkeys(fact for event in policy.events.values() for _, fact, _ in event.same.values()):
        fact = policy.facts[name]
        value = given.get(name, fact.usually)
        values[name] = _some_value(fact) if value is None or isinstance(value, Absent) else value
    return values


def _some_value(fact: Fact) -> Grid:
    match fact.kind.storage:
        case Storage.FLAG:
            return False
        case Storage.TEXT:
            return "this"
        case Storage.NAME if not fact.ordered:
            return fact.names[0]
        case _:
            return fact.low


def _history(
    events: Sequence[nodes.GivenEvent],
    decision: datetime.datetime,
    policy: TypedPolicy,
    values_of_case: Mapping[str, Grid],
    scope: Scope,
) -> Iterator[dict[str, object] | None]:
    """The events as a case holds them; None for one in which something is wrong."""
    for node in events:
        event = policy.events.get(node.event.text)
        if event is None:
            report_unknown_event(node.event, policy.events, scope)
            yield None
            continue
        number = 1 if node.number is None else cast(Decimal, node.number.value)
        day = day_of(node.on, scope)
        attributes = _attributes(node, event, values_of_case, scope)
        if number not in range(1, _MOST_EVENTS + 1):
            scope.report_at(node.span, "bad-example.number", number=f"{number}", most=_MOST_EVENTS)
            yield None
        elif day is None or attributes is None:
            yield None
        else:
            at = _at(day, node.at, 0)
            if at > decision:
                scope.report_at(node.span, "bad-example.event-after")
                yield None
                continue
            record = {"event": event.name, "at": at, **attributes}
            yield from [record] * int(number)


def _attributes(
    node: nodes.GivenEvent, event: Event, values_of_case: Mapping[str, Grid], scope: Scope
) -> dict[str, object] | None:
    """The attributes of an event as a case holds them: given, or the case's own, or usual."""
    by_name: dict[str, GridValue | Absent] = {}
    same = {attribute: values_of_case[fact] for attribute, fact, sign in event.same.values() if sign == "="}
    sound = True
    for part in node.attributes:
        attribute = event.attributes.get(part.fact.text)
        if attribute is None:
            report_unknown_attribute(part.fact, event, scope)
            sound = False
            continue
        if attribute.name in by_name:
            scope.report_at(part.fact.span, "bad-example.attribute-twice", attribute=attribute.name)
            sound = False
            continue
        value = given_value(attribute, part.value, scope)
        sound = sound and value is not None
        by_name[attribute.name] = value
    for attribute in event.attributes.values():
        if attribute.name not in by_name:
            by_name[attribute.name] = same.get(attribute.name, attribute.usually)
            if by_name[attribute.name] is None and not attribute.optional:
                scope.report_at(node.span, "bad-example.attribute-missing", event=event.name, attribute=attribute.name)
                sound = False
    if not sound:
        return None
    return _held(event.attributes, by_name)


def _held(facts: Mapping[str, Fact], values: Mapping[str, GridValue | Absent]) -> dict[str, object]:
    """Values as a case holds them, which leaves out what is unknown."""
    return {
        name: value_json(facts[name], None if isinstance(value, Absent) else value)
        for name, value in values.items()
        if value is not None and value is not Absent.UNKNOWN
    }


# A case as an author writes it, in the words of an example: `days_overdue 14, plan broken`.


@frozen
class Assumed:
    """A fact that is taken at a value which nobody gave, in words: the usual one, or the mildest, or unknown."""

    name: str
    text: str
    usual: bool


@frozen
class WrittenCase:
    """A case in the form that `decide` takes, its day, what the text leaves out, and the case as an example."""

    case: dict[str, object]
    on: datetime.date | None
    assumed: tuple[Assumed, ...]
    example: Example


def written_case(
    text: str,
    policy: TypedPolicy,
    read: Sequence[str],
    moment: datetime.date | datetime.datetime | None = None,
    expect: str | None = None,
) -> WrittenCase:
    """Returns the case of a text such as `days_overdue 14, plan broken on 2026-03-10 at 12:00`, with every fact in
    `read`.

    Facts that the text leaves out, even all of them, have their values in short printed cases: usual, or unknown, or as
    mild as possible. `moment` is the day, or the day and time, if the text names none. `expect` is what the example
    expects. Raises `CaseError`.
    """
    node, its_scope, diagnostics = _read(text, expect, policy)
    if moment is not None:
        if node.on is not None:
            code = "written-moment" if isinstance(moment, datetime.datetime) else "written-day"
            raise CaseError([fault("on", code)])
        clock_time = f" at {moment:%H:%M:%S}" if isinstance(moment, datetime.datetime) else ""
        text = f"{text} on {moment.isoformat()[:10]}{clock_time}"
        node, its_scope, diagnostics = _read(text, expect, policy)
    plain = partial(plain_or_other, texts_like_other(policy))
    [typed] = examples([node], tuple(read), policy, tables_of(policy), its_scope, plain)
    _fail(diagnostics)
    named = {part.fact.text for part in node.given if isinstance(part, nodes.Given)}
    follows = () if typed.past is None else typed.past.follows
    assumed = [
        Assumed(name, value_text(policy.facts[name], value), value == policy.facts[name].usually)
        for name, value in typed.given.items()
        if name not in named and (value is Absent.UNKNOWN or name not in follows)
    ]
    return WrittenCase(case_of_example(typed, policy), day_of_example(typed), tuple(assumed), typed)


def written_day(text: str, policy: TypedPolicy) -> datetime.date | None:
    """The day that a text names, before it is known which version of a book reads the rest. Raises `CaseError`."""
    node, its_scope, diagnostics = _read(text, None, policy)
    day = day_of(node.on, its_scope)
    _fail(diagnostics)
    return None if day is None else datetime.date.fromordinal(day)


def case_of_example(example: Example, policy: TypedPolicy) -> dict[str, object]:
    """The values of all facts of an example, in the form that `decide` takes."""
    return _held(policy.facts, example.given)


def day_of_example(example: Example) -> datetime.date | None:
    """The day of an example."""
    return None if example.on is None else datetime.date.fromordinal(example.on)


def _read(text: str, expect: str | None, policy: TypedPolicy) -> tuple[nodes.Example, Scope, list[Diagnostic]]:
    """The example of a text, its scope, and the list into which the diagnostics of that go."""
    if not policy.actions:
        raise CaseError([fault(None, "nothing-to-decide")])
    says_nothing = text.split()[:1] in ([], ["on"])  # but perhaps the day
    expected = expect or f"{next(iter(policy.actions))} unsaid"
    source = Source("case", f'example "case": {text if says_nothing else f"given {text}"} expect {expected}\n')
    module, errors = parse(source)
    _fail(errors)
    if len(module.statements) != 1 or not isinstance(module.statements[0], nodes.Example):
        raise CaseError([fault(None, "no-written-case")])
    words = Vocabulary(
        currency=policy.currency,
        settings=policy.settings,
        facts=policy.facts,
        actions=policy.actions,
        groups=policy.groups,
        clock=clock(policy),
    )
    diagnostics: list[Diagnostic] = []
    return module.statements[0], Scope(source, words, diagnostics.append), diagnostics


def _fail(diagnostics: Sequence[Diagnostic]) -> None:
    if diagnostics:
        raise CaseError([_fault(diagnostic) for diagnostic in diagnostics])


def _fault(diagnostic: Diagnostic) -> Fault:
    about = {"diagnostic": str(diagnostic.code), "message": diagnostic.message, "help": diagnostic.help}
    return fault(None, "bad-written-case", **about)


_MOST = 20


def examples(
    nodes: Iterable[nodes.Example],
    read: tuple[str, ...],
    policy: TypedPolicy,
    tables_for: Tables,
    scope: Scope,
    plain: Callable[[Fact], Grid | Absent | None] = lambda fact: fact.usually,
) -> tuple[Example, ...]:
    """Examples, with every fact that is `read`: what one leaves out follows from the events that it gives, or is
    unknown, or `plain`, which is its usual value if it has one. A fact without a plain value has to be given.
    `tables_for` is `tables_of` the policy."""
    lacking: dict[tuple[str, ...], list[Place]] = {}
    typed = tuple([_example(node, read, policy, tables_for, scope, plain, lacking) for node in nodes])
    for names, places in lacking.items():
        _report_missing(names, places, scope)
    return typed


def _example(
    node: nodes.Example,
    read: tuple[str, ...],
    policy: TypedPolicy,
    tables_for: Tables,
    scope: Scope,
    plain: Callable[[Fact], Grid | Absent | None],
    lacking: dict[tuple[str, ...], list[Place]],
) -> Example:
    written = _written(node, scope)
    given = {name: value for name, value in written.items() if value is not None}
    on = _day(node.on, policy, "bad-example", scope)
    on = day_given(given, policy) if node.on is None else on
    derived = derived_values(node, given, read, policy, tables_for, scope, on)
    follows, past = ({}, None) if derived is None else derived
    given |= follows
    missing = []
    assumed_day = None
    for name in read:
        fact = scope.words.facts[name]
        if name in given or name in written:
            pass
        elif fact.optional:
            given[name] = Absent.UNKNOWN
        elif derived is not None and (source := _given_source(name, written, plain(fact), policy)) is not None:
            _report_half_given(name, source, node, policy.derived[name].of is not None, scope)
            derived = None
        elif (value := plain(fact)) is not None:
            given[name] = value
            if name in policy.derived and policy.derived[name].measure == "date":
                assumed_day = fact
        else:
            missing.append(name)
    if assumed_day is not None and not missing:
        for held in (given.keys(), written.keys()):  # an assumed fact is derived too if it is true on no day
            if (day := fitting_day(given, held, assumed_day, policy, tables_for)) is not None:
                told = {name: value for name, value in given.items() if name in held} | {assumed_day.name: day}
                derived = derived_values(node, told, read, policy, tables_for, scope, day)
                given |= {assumed_day.name: day, **({} if derived is None else derived[0])}
                break
    if missing and derived is not None and written.keys() <= scope.words.facts.keys():
        lacking.setdefault(tuple(missing), []).append(scope.place(node.title.span))
    return Example(
        node.title.text,
        given,
        on,
        tuple([_expected(part, scope) for part in node.expected]),
        scope.place(node.span),
        past,
    )


def _given_source(
    name: str, written: Mapping[str, Grid | Absent | None], plain: Grid | Absent | None, policy: TypedPolicy
) -> str | None:
    """The date or the hours from which a fact follows, if they are given: what it is depends on the moment of the
    decision, unless they are absent, and its plain value goes with that."""
    derivation = policy.derived.get(name)
    source = None if derivation is None else derivation.of or derivation.hours
    value = None if source is None else written.get(source)
    fits = isinstance(value, Absent) and (plain is value or plain is False)  # in no hours no moment is
    return None if value is None or fits else source


def _report_half_given(name: str, source: str, node: nodes.Example, of_day: bool, scope: Scope) -> None:
    moment, add = ("day", "on 2026-03-07") if of_day else ("time", "at 12:00" if node.on else "on 2026-03-07 at 12:00")
    scope.report_at(
        next(part.span for part in node.given if isinstance(part, nodes.Given) and part.fact.text == source),
        "bad-example.half-given",
        fact=name,
        source=source,
        moment=moment,
        add=add,
    )


def _written(node: nodes.Example, scope: Scope) -> dict[str, Grid | Absent | None]:
    """The facts that an example gives with their values; None where the value, or the fact, is in error."""
    written: dict[str, Grid | Absent | None] = {}
    for part in node.given:
        if isinstance(part, nodes.GivenEvent):
            continue
        name = part.fact.text
        fact = scope.words.facts.get(name)
        if fact is None:
            variant = "known-fact" if scope.words.declares_itself else "standard-fact"
            scope.report_unknown(part.fact, f"unknown-name.{variant}", scope.words.facts)
            written[name] = None
            continue
        if name in written:
            scope.report_at(part.span, "bad-example.fact-twice", fact=name)
        value = given_value(fact, part.value, scope)
        if value is not None or name not in written:
            written[name] = value
    return written


def _report_missing(names: Sequence[str], places: Sequence[Place], scope: Scope) -> None:
    """Reports one finding for all examples that lack the same facts."""
    own = [name for name in names if scope.words.facts[name].place.source.name == scope.source.name]
    scope.report_at(
        places[0].span,
        f"bad-example.{'one-lacks' if len(places) == 1 else 'several-lack'}",
        facts=names,
        number=len(places),
        values=", ".join(f"{name} ..." for name in names[:12]),
        own=own and own[0],
        related=tuple([Label(place, "nor does this one") for place in places[1:_MOST]]),
    )


def _day(node: Value | None, policy: TypedPolicy, code: str, scope: Scope) -> int | None:
    """The day of a promise, on which the policy has to be in force."""
    on = day_of(node, scope)
    since, until = policy.since, policy.until
    if node is not None and on is not None and not (since or on) <= on <= (until or on):
        scope.report_at(node.span, f"{code}.not-in-force")
    return on


def _expected(node: nodes.Expected, scope: Scope) -> Expected:
    companions = () if node.companions is None else unfolded(node.companions, scope)
    return Expected(unfolded(node.actions, scope), Expectation(node.expectation), scope.place(node.span), companions)


def ensure(node: nodes.Ensure, policy: TypedPolicy, scope: Scope) -> Ensure:
    when = None if node.when is None else typed_condition(node.when, scope)
    return Ensure(
        node.any_of,
        _expected(node.expected, scope),
        when or Always(),
        _day(node.on, policy, "bad-ensure", scope),
        scope.place(node.span),
    )


_OF_STANDARDS = ("vacuous-standard", "not-read", "review-due")
"""The codes of findings about standards. One that the policy promises to conform to is not known yet."""
_OTHER_NAMES = {"gap": "hole", "conflict": "contradiction", "shadowed": "masked-rule", "unreachable": "dead-rule"}
FindingCodes: TypeAlias = Callable[[], Sequence[Code]]
"""Gives the codes of the analyser, which is above the checker. Only an `accept` needs them."""


def accepts(
    node: nodes.Accept, rule_names: Mapping[str, object], finding_codes: FindingCodes, scope: Scope
) -> list[Accept]:
    """Returns the accepts that an `accept` writes: one for each name, except for a code whose findings are about two
    names.

    A group stands for itself, if it is a rung, and for each of its actions.
    """
    code = node.code.text
    codes = (*finding_codes(), *CODES.values())
    acceptable: Mapping[str, Code] = {known: known for known in codes if known.acceptable}
    if code in _OTHER_NAMES:
        meant = _OTHER_NAMES[code]
        fix = replacement(scope.place(node.code.span), meant)
        scope.report_at(node.code.span, "bad-accept.other-name", unknown=code, meant=meant, fix=fix)
    elif code not in acceptable:
        scope.report_unknown(node.code, "bad-accept.code", acceptable, codes=listed(acceptable, len(acceptable)))
    elif code not in _OF_STANDARDS:
        words = scope.words
        known_names = {*words.ladders, *words.facts, *words.actions, *words.groups, *rule_names, *codes}
        for name in node.names:
            if name.text not in known_names:
                scope.report_unknown(name, "bad-accept.name", known_names)
    when = None if node.when is None else typed_condition(node.when, scope)
    until, place = day_of(node.until, scope), scope.place(node.span)

    def accept(names: tuple[str, ...], group: str | None = None) -> Accept:
        return Accept(code, names, group, when, node.because.text, until, place)

    written = [name.text for name in node.names]
    if code not in acceptable or acceptable[code].of_pair:
        return [accept(tuple(written))]
    groups = scope.words.groups
    return [
        accept((name,), written_name if written_name in groups else None)
        for written_name in dict.fromkeys(written)
        for name in (written_name, *(groups[written_name].actions if written_name in groups else ()))
    ]
