"""The first sheet: what a policy is, under which standards, what it assumes and what it promises."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Literal, TypeAlias

from attrs import frozen

from forbear.analysis.findings.promises.failed_promise import FAILED_ENSURE
from forbear.analysis.run import Findings
from forbear.base.source import Place
from forbear.language.model.names import counted, one_of
from forbear.language.model.policy import Ensure, Expectation, TypedPolicy
from forbear.report.page.rules import in_case
from forbear.report.sentences import EVERY_ACTION, actions_in_words, sentence
from forbear.semantics.composition.standards import all_standards
from forbear.semantics.to_text import digest, period_text

State: TypeAlias = Literal["proved", "broken", "not decided"]
_WORST_FIRST: Sequence[State] = ("broken", "not decided", "proved")

_EXPECTED = {
    Expectation.ALLOWED: "permitted",
    Expectation.NOT_ALLOWED: "not permitted",
    Expectation.NOT_UNSAID: "decided by a rule",
    Expectation.UNSAID: "decided by no rule",
}


@frozen
class Identity:
    """A policy or standard, with everything that identifies it."""

    name: str
    title: str
    version: str | None
    source: str | None
    digest: str
    in_force: str

    @property
    def short_title(self) -> str:
        """Its title up to what is remarked on it."""
        return self.title.partition(";")[0]

    @property
    def short_digest(self) -> str:
        """The beginning of its digest."""
        return f"{self.digest[:19]}…"


@frozen
class Promise:
    """An `ensure` in words, and whether it is proved for every case."""

    words: str
    state: State


@frozen
class Head:
    """The head of a page: the policy, the standards that it is subject to, those that it promises to conform to, and
    its other promises.
    """

    policy: Identity
    subject_to: tuple[Identity, ...]
    promises: tuple[Promise, ...]
    conforms_to: tuple[tuple[Identity, State], ...]
    before: Identity | None = None
    """The policy as it was before a change."""

    def summary(self, rules: int, examples: Sequence[bool], found: tuple[str, State]) -> list[tuple[str, State]]:
        """Returns the page in a few words, the worst first: the number of rules, the standards, how many promises are
        proved, how many `examples` pass, and the findings (`found`).
        """
        states = [promise.state for promise in self.promises]
        proved = states.count("proved")
        verbs = {"proved": "keeps", "broken": "breaks", "not decided": "not decided whether it keeps"}
        said: list[tuple[str, State]] = [(counted(rules, "rule"), "proved")]
        said += [(f"under {one.short_title}", "proved") for one in self.subject_to]
        said += [
            (f"{verbs[state]} {one.short_title}{', proved' * (state == 'proved')}", state)
            for one, state in self.conforms_to
        ]
        if states:
            whole = f"{counted(proved, 'promise')} proved"
            kept = whole if proved == len(states) else f"{proved} of {len(states)} promises proved"
            said.append((kept, min(states, key=_WORST_FIRST.index)))
        if examples:
            kept = f"{sum(examples)} of {counted(len(examples), 'example')} decided as expected"
            said.append((kept, "proved" if all(examples) else "broken"))
        return sorted([*said, found], key=lambda one: _WORST_FIRST.index(one[1]))

    @property
    def identities(self) -> tuple[Identity, ...]:
        """Returns all of them, each once."""
        before = () if self.before is None else (self.before,)
        return tuple(
            dict.fromkeys((*before, self.policy, *self.subject_to, *[standard for standard, _ in self.conforms_to]))
        )


def head(policy: TypedPolicy, findings: Findings | None, before: TypedPolicy | None = None) -> Head:
    """The head of a policy's page, with its promises if there are findings to judge them by."""
    return Head(
        identity(policy),
        tuple([identity(over.standard) for over in all_standards(policy.subject_to)]),
        tuple(
            [
                Promise(_in_words(each, policy), _state(each.place, findings))
                for each in policy.ensures
                if findings is not None
            ]
        ),
        tuple([(identity(promise.standard), _state(promise.place, findings)) for promise in policy.conforms]),
        None if before is None else identity(before),
    )


def identity(policy: TypedPolicy) -> Identity:
    """Returns everything that identifies a policy."""
    days = period_text(policy.since, policy.until).strip()
    return Identity(policy.name, policy.title or policy.name, policy.version, policy.source, digest(policy), days)


def _state(place: Place, findings: Findings | None) -> State:
    """Returns whether a promise is kept. If not all findings are known, a promise without a finding is undecided."""
    if findings is None:
        return "not decided"
    every = [diagnosed for diagnostic in findings.diagnostics for diagnosed in (diagnostic, *diagnostic.also)]
    if any(diagnosed.code == FAILED_ENSURE and diagnosed.place == place for diagnosed in every):
        return "broken"
    unsure = any(diagnosed.about == FAILED_ENSURE for diagnosed in every)
    reported = sum(diagnostic.code == FAILED_ENSURE for diagnostic in findings.diagnostics)
    return "not decided" if unsure or findings.totals.get(FAILED_ENSURE, 0) > reported else "proved"


def _in_words(ensure: Ensure, policy: TypedPolicy) -> str:
    every = set(ensure.expected.actions) == set(policy.actions) and not ensure.any_of
    actions = [EVERY_ACTION] if every else actions_in_words(ensure.expected.actions, policy.groups)
    expectation = ensure.expected.expectation
    expected = _EXPECTED.get(expectation, expectation.value)
    what = one_of(actions, "or" if ensure.any_of else "and")
    text = f"{'at least one of ' if ensure.any_of and len(actions) > 1 else ''}{what}: {expected}"
    text += f" {in_case(sentence(ensure.when, policy.facts))}"
    return text if ensure.on is None else f"{text}, on {datetime.date.fromordinal(ensure.on).isoformat()}"
