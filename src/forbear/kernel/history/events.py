"""The reading of the events of a case. Each is read once, in any order, however many facts are derived from it.

What an event does to the counts is memoised by the values of its attributes.
"""

from __future__ import annotations

import datetime
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

from forbear.kernel.cases import (
    HIDDEN,
    LONGEST_NAME,
    FactSpec,
    Fault,
    GridValue,
    Wrong,
    as_argument,
    as_dict,
    has_half_a_character,
    is_scalar,
    own,
    read_value,
    unknown_name,
)
from forbear.kernel.history.counting import Count, CountSpec, Effect, EventSpec, add_effects
from forbear.kernel.history.moments import When, moment_of, remember, remembered_in, when_of

_OF_EVERY_EVENT: Final = ("event", "at")
_MOST_DIGITS: Final = 4_300
"""Digits of an id, as of every number of a case in JSON: a longer one cannot be written down."""
_FEW_BITS: Final = 3 * _MOST_DIGITS
"""No number of so many bits has more digits, as 8 is less than 10."""
_MOST_FAULTS: Final = 100
"""After so many errors of events no other event is read."""
_MOST_FORMS: Final = 32
_MOST_EFFECTS: Final = 500
"""So many forms of an event, and effects of a form, are remembered."""

Past: TypeAlias = "list[tuple[Sequence[Effect], When]]"
"""The effects of the events of a case, and their moments."""


class Events:
    """The events of a case, each of which is read once. `case_values` are those that events are compared with."""

    def __init__(
        self,
        readers: Mapping[str, EventReader],
        events: Sequence[Any],
        case_values: Mapping[str, GridValue],
        faults: list[Fault],
    ) -> None:
        self._readers = readers
        self._events = events
        self._case_values = case_values
        self._faults = faults
        self._first_numbers: dict[object, int] = {}
        """The number of the first event of each id. Objects do not tell, as one may be there more than once."""

    def read(
        self,
        clocks: Sequence[datetime.datetime],
        counts: Sequence[Sequence[Count]],
        zones: int,
        past: Past | None,
    ) -> bool:
        """Adds what the events do to the counts, on each of the clocks, and to `past`. Returns whether all events were
        read: reading ends after very many errors.

        A plain event takes the fast path; any other, and one with errors, the slow path, which finds them.
        """
        if not self._events:
            return True
        now = clocks[0].astimezone(datetime.UTC)
        by_zone = [(local.tzinfo, its) for local, its in zip(clocks, counts, strict=True)]
        zone: Any = by_zone[0][0]
        readers = {
            name: (reader, reader.forms, reader.of_case(self._case_values)) for name, reader in self._readers.items()
        }
        first_numbers, remembered = self._first_numbers, remembered_in(zone, zones > 1)
        before = len(self._faults)
        for number, raw in enumerate(self._events):
            when = None
            if type(raw) is dict:
                try:
                    reader, forms, this = readers[raw["event"]]
                    form = forms.get(tuple(raw)) or reader.form_of(raw)
                    key = form.key(raw, this)
                    effects = form.known.get(key)
                    if effects is None:
                        effects = reader.learn(form, key, raw, self._case_values)
                    at = raw["at"]
                    when = remembered.get(at) if type(at) is str else None
                    if when is None or when[1] is not zone:
                        when = when_of(at, zone, zones, remembered)
                    if when[0] > now or (
                        form.has_id and _plain_id(raw["id"]) and first_numbers.setdefault(raw["id"], number) != number
                    ):
                        when = None
                except Exception:  # the slow path finds out which
                    when = None
            if when is None:
                read = self._slow_path(number, zone, now, zones)
                if read is None:
                    if len(self._faults) - before >= _MOST_FAULTS and number + 1 < len(self._events):
                        self._faults.append(Fault.of("history", "not-looked-at", event=number))
                        return False
                    continue
                effects, when = read
            if effects:
                if past is not None:
                    past.append((effects, when))
                moment, _, day = when
                for its_zone, its in by_zone:
                    add_effects(
                        its, effects, moment, day if its_zone is zone else moment.astimezone(its_zone).toordinal()
                    )
        return True

    def _slow_path(
        self, number: int, zone: datetime.tzinfo, now: datetime.datetime, zones: int
    ) -> tuple[Sequence[Effect], When] | None:
        """The effects of an event, and when it was; None where it repeats an earlier event, or has errors."""
        given, faults = self._events[number], self._faults
        raw = as_dict(given)
        name = None if raw is None else own(raw.get("event"))
        reader = self._readers.get(name) if type(name) is str else None
        if raw is None or reader is None:
            faults.append(_no_event(given, raw, number, {known: its.spec for known, its in self._readers.items()}))
            return None
        try:
            identity = _id(raw.get("id"))
        except Wrong as wrong:
            faults.append((wrong.hidden() if reader.spec.private_id else wrong).fault("history", event=number))
            return None
        first = number if identity is None else self._first_numbers.setdefault(identity, number)
        effects = reader.effects_of(raw, number, self._case_values, faults)
        if "at" not in raw:
            faults.append(Fault.of("history", "moment-missing", event=number))
            return None
        try:
            when = when_of(raw["at"], zone, zones, {})
        except Wrong as wrong:
            faults.append(wrong.fault("history", name="at", event=number))
            return None
        if when[0] > now:
            faults.append(Fault.of("history", "after-decision", event=number, given=as_argument(raw["at"])))
            return None
        if effects is None:
            return None
        if first != number:
            if not reader.alike(raw, as_dict(self._events[first]), when[0], zone, zones):
                shown = HIDDEN if reader.spec.private_id else as_argument(identity)
                faults.append(Fault.of("history", "another-event", event=number, given=shown))
            return None
        return effects, when


def _id(raw: object) -> str | int | None:
    """Returns the id of an event as Python's own text or number; None if it has no id. Raises `Wrong`."""
    raw = own(raw)
    if raw is None:
        return None
    if type(raw) is str:
        if has_half_a_character(raw):
            raise Wrong("half-character-in-id")
        return raw
    try:
        number = None if type(raw) is bool else operator.index(raw)  # type: ignore[arg-type]  # of NumPy and the like
    except Exception:  # code of a foreign class may raise anything
        number = None
    if type(number) is not int:
        raise Wrong("no-id", {"given": as_argument(raw)})
    if number.bit_length() > _FEW_BITS and abs(number) >= 10**_MOST_DIGITS:
        raise Wrong("long-id", most=_MOST_DIGITS)
    return number


def _plain_id(raw: object) -> bool:
    """Returns true if an event has an id. Raises `Wrong` for an id that is not plain."""
    if type(raw) is str and raw.isascii():
        return True
    if raw is not None and not (type(raw) is int and raw.bit_length() <= _FEW_BITS):
        raise Wrong("no-id")
    return raw is not None


class _Form(NamedTuple):
    """Events of one name with the same fields in one order.

    `key` gives of an event all on which its effects depend, by the values of its `names` and by what its case is to it;
    `known` has the effects by that.
    """

    key: Callable[[Any, Any], object]
    names: Sequence[str]
    known: dict[object, Sequence[Effect]]
    has_id: bool


class _Same(dict[object, object]):
    """Maps a text of an event to whether it is none or unknown, and whether it equals each of some values of the case.

    Raises `Wrong` for an invalid value of the attribute.
    """

    def __init__(self, attribute: FactSpec, values: Sequence[GridValue]) -> None:
        self._attribute = attribute
        self._values = values

    def __missing__(self, raw: object) -> object:
        text = read_value(self._attribute, raw)
        found = (text is None, *[None if value is None else text == value for value in self._values])
        if type(raw) is str:
            self[raw] = found
        return found


def _holds(first: Any, sign: str, second: Any) -> bool:
    """Returns true if two values of one type compare so; `sign` is `=`, `<`, `<=`, `>` or `>=`."""
    return "=" in sign if first == second else sign[0] == ("<" if first < second else ">")


class EventReader:
    """Reads events of one name.

    Effects are remembered from case to case: some thousands, by the values of the attributes that they depend on, if
    these are short. Ids are not remembered, nor texts that are only compared with facts of the case.
    """

    def __init__(self, spec: EventSpec, facts: Mapping[str, FactSpec], counts: Sequence[CountSpec]) -> None:
        self.spec = spec
        self._facts = facts
        self._names = tuple(attribute.name for attribute in spec.attributes)
        self._texts = {
            its.name: (its, [fact for number, fact, _ in spec.same if number == place])
            for place, its in enumerate(spec.attributes)
            if its.kind == "text" and place not in spec.read
        }
        """The attributes that are texts and no more than compared with facts, which are these."""
        self._others = [fact for place, fact, _ in spec.same if self._names[place] not in self._texts]
        self.forms: dict[tuple[str, ...], _Form] = {}
        """By the names of an event's fields, in order."""
        self._selections = [
            (place, is_anchor, selection.where, count)
            for place, count in enumerate(counts)
            for is_anchor, selection in ((False, count.derived.events), (True, count.derived.anchor))
            if selection is not None and selection.event == spec.name
        ]

    def effects_of(
        self, raw: Mapping[str, object], event: int, case_values: Mapping[str, GridValue], faults: list[Fault]
    ) -> Sequence[Effect] | None:
        """The effects of an event, by its number; None where it has errors."""
        before = len(faults)
        values: list[GridValue] = []
        for spec in self.spec.attributes:
            if spec.name not in raw and spec.absent != "unknown":
                faults.append(Fault.of("history", "attribute-missing", event=event, attribute=spec.name))
                continue
            try:
                values.append(read_value(spec, raw.get(spec.name)))
            except Wrong as wrong:
                faults.append(wrong.fault("history", name=spec.name, event=event))
        for name in raw:
            if name not in self._names and name not in _OF_EVERY_EVENT and name != "id":
                faults.append(unknown_name("history", name, self._names, "attribute", event=event))
        if len(faults) > before:
            return None
        for attribute, fact, sign in self.spec.same:
            of_event, of_case = values[attribute], case_values[fact]
            # None is equal to nothing and has no place in an order; how an unknown value compares is unknown.
            unknown = (of_event is None and self.spec.attributes[attribute].absent == "unknown") or (
                of_case is None and self._facts[fact].absent == "unknown"
            )
            values.append(None if unknown else None not in (of_event, of_case) and _holds(of_event, sign, of_case))
        effects: list[Effect] = []
        for place, is_anchor, where, count in self._selections:
            truth = where(*values)
            if truth is not False:
                effects.append(count.effect(place, is_anchor, truth, values))
        return effects

    def of_case(self, case_values: Mapping[str, GridValue]) -> dict[str | None, Any]:
        """Returns the properties of the case that its events depend on, for their keys: which texts are the same, and
        the values of other facts.
        """
        this: dict[str | None, Any] = {None: tuple([case_values[fact] for fact in self._others])}
        for name, (attribute, facts) in self._texts.items():
            this[name] = _Same(attribute, [case_values[fact] for fact in facts])
        return this

    def form_of(self, raw: dict[str, Any]) -> _Form:
        """The form of an event, to be remembered."""
        attributes = [its for its in self.spec.attributes if its.name in raw and its.name not in self._texts]
        key = _key(attributes, [name for name in self._texts if name in raw])
        form = _Form(key, [its.name for its in attributes], {}, "id" in raw)
        remember(self.forms, tuple(raw), form, _MOST_FORMS)
        return form

    def learn(
        self, form: _Form, key: object, raw: dict[str, Any], case_values: Mapping[str, GridValue]
    ) -> Sequence[Effect]:
        """The effects of an event, to be remembered if its values are short. Raises `Wrong` where it has errors."""
        effects = self.effects_of(raw, 0, case_values, [])
        if effects is None:
            raise Wrong("no-event")
        if all(is_scalar(type(raw[name])) and len(str(raw[name])) <= LONGEST_NAME for name in form.names):
            remember(form.known, key, effects, _MOST_EFFECTS)
        return effects

    def alike(self, raw: Any, earlier: Any, moment: datetime.datetime, zone: datetime.tzinfo, zones: int) -> bool:
        """Returns true if two events without errors are equal, however each is written."""
        try:
            return (
                own(earlier["event"]) == self.spec.name
                and earlier.keys() - {"event", "at", "id"} <= set(self._names)
                and moment_of(earlier.get("at"), zone, zones) == moment
                and all(
                    read_value(attribute, raw.get(attribute.name)) == read_value(attribute, earlier.get(attribute.name))
                    for attribute in self.spec.attributes
                )
            )
        except Wrong:
            return False


def _key(attributes: Sequence[FactSpec], texts: Sequence[str]) -> Callable[[Any, Any], object]:
    """Returns the `key` of a form that has these attributes and, in addition, `texts`."""
    names = [attribute.name for attribute in attributes]
    # `True`, 1 and 1.0 are equal as keys, and are different values: their types are part of the key.
    typed = [attribute.name for attribute in attributes if attribute.kind not in ("choice", "order", "text")]
    get: Callable[[Any], object] = operator.itemgetter(*names) if names else len
    get_typed: Callable[[Any], Any] = operator.itemgetter(*typed) if typed else len
    if not texts and len(typed) > 1:
        return lambda event, this: (get(event), this[None], *map(type, get_typed(event)))
    if not texts:
        return lambda event, this: (get(event), this[None], type(get_typed(event)))
    if len(typed) < 2 and len(texts) == 1:
        [text] = texts
        return lambda event, this: (get(event), this[None], type(get_typed(event)), this[text][event[text]])

    def key(event: Any, this: Any) -> object:
        parts = [get(event), this[None]]
        for name in typed:
            parts.append(type(event[name]))
        for name in texts:
            parts.append(this[name][event[name]])
        return tuple(parts)

    return key


def _no_event(event: object, raw: Mapping[str, object] | None, number: int, known: Mapping[str, EventSpec]) -> Fault:
    if raw is None:
        hides = any(spec.hides for spec in known.values())
        return Fault.of("history", "no-event", event=number, given=HIDDEN if hides else as_argument(event))
    if "event" not in raw:
        return Fault.of("history", "event-missing", event=number, names=list(known))
    return unknown_name("history", raw["event"], known, "event", event=number)
