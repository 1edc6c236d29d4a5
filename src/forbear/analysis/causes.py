"""Merges findings with the same cause into one finding, which names the others.

Each kind of finding lists its possible causes as texts (`Finding.causes`): a place with its case, a rule that has the
last word, a day after which something ends. Findings that share such a text have the same cause.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from attrs import evolve

from forbear.analysis.written import definitions, text_of, used_in, written
from forbear.base.diagnostic import Code, Diagnostic, Severity
from forbear.base.source import Place
from forbear.language.model.policy import TypedPolicy

_ORDER = tuple(Severity)
_OF_A_RULE = "dead-rule"
_OF_A_COMPARISON = "decided-comparison"
_OF_AN_EXAMPLE = "failed-example"
_OF_A_DUTY = "blocked-duty"


def with_comparisons(diagnostics: Iterable[Diagnostic], policy: TypedPolicy) -> list[Diagnostic]:
    """The findings; a comparison that its range decides and the dead rules that have it in them, or use a definition
    that has, share a cause."""
    findings = list(diagnostics)
    dead = [finding.place for finding in findings if finding.code == _OF_A_RULE and finding.accepted is None]
    compared = [finding.place for finding in findings if finding.code == _OF_A_COMPARISON]
    if not dead or not compared:
        return findings
    in_definitions = any(all(place not in rule for rule in dead) for place in compared)
    used = _definitions_used(policy, dead) if in_definitions else {}
    around = dict.fromkeys([*dead, *(place for of_rule in used.values() for place in of_rule)])
    places = [place for place in around if any(finding in place for finding in compared)]

    def with_cause(finding: Diagnostic) -> Diagnostic:
        if finding.code not in (_OF_A_RULE, _OF_A_COMPARISON):
            return finding
        involved = [place for place in places if finding.place in place or place in used.get(finding.place, ())]
        return evolve(finding, causes=(*finding.causes, *[f"{_OF_A_COMPARISON} {place}" for place in involved]))

    return [with_cause(finding) for finding in findings]


def _definitions_used(policy: TypedPolicy, rules: Iterable[Place]) -> dict[Place, list[Place]]:
    """The places of the definitions that rules at some places use."""
    defined = definitions(policy)
    used: dict[Place, list[Place]] = {}
    for rule in policy.rules:
        if rule.body in rules and (side := written(text_of(rule, policy))) is not None:
            names = used_in(side.node, defined)
            used[rule.body] = [Place(defined[name][1], defined[name][0].span) for name in names if name in defined]
    return used


def with_duties(diagnostics: Iterable[Diagnostic], policy: TypedPolicy) -> list[Diagnostic]:
    """The findings; a duty of the policy's own that several safeguards block is the cause of these, unless its
    safeguard blocks more duties than there are safeguards that block it."""
    findings = list(diagnostics)
    own = {rule.name for rule in policy.rules if rule.standard is None}
    blocked = [
        finding
        for finding in findings
        if finding.code == _OF_A_DUTY and finding.accepted is None and _duty(finding) in own
    ]
    of_duty, of_safeguard = Counter(map(_duty, blocked)), Counter(finding.by for finding in blocked)

    def with_cause(finding: Diagnostic) -> Diagnostic:
        if finding.code != _OF_A_DUTY or of_duty[_duty(finding)] < max(2, of_safeguard[finding.by]):
            return finding  # also for a standard's companion: each safeguard can be mended
        return evolve(finding, causes=(f"the duty: {_duty(finding)}",))

    return [with_cause(finding) for finding in findings]


def _duty(blocked: Diagnostic) -> str:
    """The rule that requires what another never allows."""
    return next(rule for rule in blocked.rules if rule not in blocked.by)


def by_cause(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Returns the findings of one policy, merged by cause: the first of the most serious, with the others in `also`.

    Accepted findings are not merged.
    """
    findings = list(diagnostics)
    first: dict[str, int] = {}
    of = list(range(len(findings)))  # for each finding an earlier one of its cause, or itself

    def earliest(number: int) -> int:
        while of[number] != number:
            number = of[number]
        return number

    for number, diagnostic in enumerate(findings):
        for cause in () if diagnostic.accepted is not None else diagnostic.causes:
            root_of_cause = earliest(first.setdefault(cause, number))
            own_root = earliest(number)
            of[max(root_of_cause, own_root)] = min(root_of_cause, own_root)
    together: dict[int, list[Diagnostic]] = {}
    for number, diagnostic in enumerate(findings):
        together.setdefault(earliest(number), []).append(diagnostic)
    return tuple([_one(group) for group in together.values()])


def _one(group: list[Diagnostic]) -> Diagnostic:
    # The failure of an example is a consequence of the other findings.
    leading = min(group, key=lambda finding: (_ORDER.index(finding.severity), finding.code == _OF_AN_EXAMPLE))
    also = tuple([diagnostic for diagnostic in group if diagnostic is not leading])
    return evolve(leading, also=also) if also else leading


def totals_by_cause(totals: Mapping[Code, int], diagnostics: Iterable[Diagnostic]) -> dict[Code, int]:
    """Returns the numbers of findings by code, with those of one cause counted once."""
    covered = Counter(also.code for leading in diagnostics for also in leading.also)
    return {code: number - covered[code] for code, number in totals.items() if number > covered[code]}
