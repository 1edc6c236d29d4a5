"""A second evaluator of the JSON form, written from `docs/reference/evaluator.md` alone, with no code of Forbear.

Whoever writes one in another language may take it as a pattern: this file decides, `second_values` reads values and
conditions, and `second_events` histories. It needs nothing but the standard library.
"""

from __future__ import annotations

from collections.abc import Sequence

from second_events import Events
from second_values import Json, Refused, Truth, any_of, both, negation, read_day, read_fact, truth, unknown, within

STRICTEST = ("forbidden", "unsaid", "required", "allowed")


class Evaluator:
    """A policy, ready to decide."""

    def __init__(self, policy: Json) -> None:
        assert policy["format"] in [f"forbear-policy/{number}" for number in (1, 2, 3, 4)]
        self.policy = policy
        self.facts = {fact["name"]: fact for fact in policy["facts"]}
        self.events = Events(policy, self.facts)

    def decide(self, case: Json, on: str | None = None, at: str | None = None) -> dict[str, Json]:
        """The decision on each action. Raises `Refused`."""
        if not isinstance(case, dict):
            raise Refused([""])
        readings = self.events.readings(case, on, at)
        found = [self.in_one_zone(facts, self.day(day)) for facts, day in readings]
        return {action: strictest([its[action] for its in found]) for action in self.policy["actions"]}

    def day(self, on: str | None) -> int | None:
        """The number of the day of the decision."""
        if on is None:
            if self.policy["dated"]:
                raise Refused([""])
            return None
        day = read_day(on)
        if day is None or not within(self.policy, day):
            raise Refused([""])
        return day

    def in_one_zone(self, case: Json, day: int | None) -> dict[str, Json]:
        values = self.read(case)
        truths = [truth(rule["condition"], values, self.facts) for rule in self.policy["rules"]]
        in_force = [rule["until"] is None if day is None else within(rule, day) for rule in self.policy["rules"]]
        truths = [holds if applies else False for holds, applies in zip(truths, in_force, strict=True)]
        return {action: self.with_along(action, truths, values) for action in self.policy["actions"]}

    def with_along(self, action: str, truths: Sequence[Truth], values: Json) -> Json:
        """The decision on an action, with what has to go along with it."""
        found = self.decision(action, truths, values)
        along: dict[str, list[str]] = {}
        if found["verdict"] in ("required", "allowed"):
            reached = [action]
            for one in reached:
                for companion, pair in self.policy.get("along", {}).get(one, ()):
                    asked = self.decision(pair, truths, values)
                    if not asked["rules"]:
                        continue
                    found["unknown"] = sorted({*found["unknown"], *asked["unknown"]})
                    if companion not in along:
                        reached.append(companion)
                    before = along.setdefault(companion, [])
                    before += [rule for rule in asked["rules"] if rule not in before]
        return {**found, "along": {companion: along[companion] for companion in sorted(along)}}

    def read(self, case: Json) -> dict[str, Json]:
        """The values of the facts on their grids."""
        wrong = set()
        values: dict[str, Json] = {}
        for name in self.policy["needed"]:
            values[name] = None  # unknown, if nothing is given
            if name not in case and self.facts[name]["absent"] != "unknown":
                wrong.add(name)
        for name, raw in case.items():
            try:
                values[name] = read_fact(self.facts[name], raw)
            except (KeyError, ValueError):
                wrong.add(name)
        if wrong:
            raise Refused(wrong)
        return values

    def decision(self, action: str, truths: Sequence[Truth], values: Json) -> Json:
        rules, sets = self.policy["rules"], self.policy["sets"]
        on_action = [number for number, rule in enumerate(rules) if action in rule["effects"]]
        over: dict[int, list[int]] = {}
        for number in on_action:
            for overridden in sets[rules[number]["overrides"][action]] if action in rules[number]["overrides"] else ():
                over.setdefault(overridden, []).append(number)
        active: dict[int, Truth] = {}

        def activity(number: int) -> Truth:
            if number not in active:
                overriders = [activity(other) for other in over.get(number, ())]
                active[number] = both(truths[number], negation(any_of(overriders)))
            return active[number]

        for number in on_action:
            activity(number)

        def having(effect: str, *counting: Truth) -> list[int]:
            return [its for its in on_action if rules[its]["effects"][action] == effect and active[its] in counting]

        ways = (
            ("forbidden", having("never", True, None)),
            ("forbidden", having("forbid", True, None)),
            ("required", having("require", True)),
            ("allowed", having("allow", True)),
            ("asked for", having("along", True, None)),  # of a pair
        )
        verdict, deciding = next(((word, numbers) for word, numbers in ways if numbers), ("unsaid", []))
        part = [*deciding, *[number for number in on_action if active[number] is None]]
        read = {fact for number in part for fact in rules[number]["facts"]}
        told = sorted(fact for fact in read if unknown(self.facts[fact], values[fact]))
        return {"verdict": verdict, "rules": [rules[its]["name"] for its in deciding], "unknown": told}


def strictest(decisions: Sequence[Json]) -> Json:
    """The decision in several time zones."""
    verdict = min((its["verdict"] for its in decisions), key=STRICTEST.index)
    giving = [its for its in decisions if its["verdict"] == verdict]
    return {
        "verdict": verdict,
        "rules": list(dict.fromkeys(rule for its in giving for rule in its["rules"])),
        "unknown": sorted({fact for its in decisions for fact in its["unknown"]}),
        "along": _along(decisions) if verdict in ("required", "allowed") else {},
    }


def _along(decisions: Sequence[Json]) -> dict[str, list[str]]:
    companions = sorted({companion for its in decisions for companion in its["along"]})
    return {
        companion: list(dict.fromkeys(rule for its in decisions for rule in its["along"].get(companion, ())))
        for companion in companions
    }
