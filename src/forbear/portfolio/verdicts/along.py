"""What goes along with an action, for the rows of a block: a rule that asks for it is a bit set, as a verdict is."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from forbear.kernel.cases import Verdict
from forbear.portfolio.verdicts.bits import Bits
from forbear.portfolio.verdicts.deciding import Decisions, Rows, Verdicts, decisions, verdicts
from forbear.portfolio.verdicts.plan import Plan
from forbear.semantics.composition.duties import companions_first


@frozen(eq=False)
class Asked:
    """The rows in which each companion goes along with an action, and those in which each rule asks for one."""

    companions: Mapping[str, Bits]
    rules: Mapping[int, Bits]


class Companions:
    """What goes along with the actions of a plan, in the rows of a block; with `rules`, also who asks for it."""

    def __init__(self, plan: Plan, rows: Rows, *, rules: bool) -> None:
        self._plan = plan
        self._rows = rows
        self._rules = rules
        self._decided: dict[str, Decisions] = {}

    def with_action(self, action: str, by_verdict: Verdicts, bad: Bits | None) -> Asked:
        """What goes along with an action where it is permitted; the `bad` rows cannot be decided."""
        none = self._rows.none
        permitted = by_verdict.get(Verdict.ALLOWED, none) | by_verdict.get(Verdict.REQUIRED, none)
        permitted = permitted & ~by_verdict.get(Verdict.FORBIDDEN, none)
        where = {action: permitted if bad is None else permitted & ~bad}
        rules: dict[int, Bits] = {}
        companions = self._plan.tables.lowered.companions
        for host in reversed(companions_first(companions, action)):
            for companion, pair in companions.get(host, ()):
                pair_decisions = self._of_pair(pair)
                where[companion] = where.get(companion, none) | (
                    where[host] & pair_decisions.verdicts.get(Verdict.REQUIRED, none)
                )
                for rule, bits in pair_decisions.deciding.items():
                    rules[rule] = rules.get(rule, none) | (where[host] & bits)
        del where[action]
        return Asked(where, rules)

    def _of_pair(self, pair: str) -> Decisions:
        if pair not in self._decided:
            plan, rows = self._plan, self._rows
            if self._rules:
                self._decided[pair] = decisions(plan, plan.actions[pair], rows)
            else:
                self._decided[pair] = Decisions(verdicts(plan.outcomes[pair], rows), {})
        return self._decided[pair]
