"""Finds all findings of a policy: each kind yields its candidates, which are searched for, and matched with accepts."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping

from attrs import evolve, frozen

from forbear.analysis.accepts import STALE_ACCEPT, Accepts
from forbear.analysis.causes import by_cause, totals_by_cause, with_comparisons, with_duties
from forbear.analysis.engine.analysis import Analysis, Candidate, Finding, analyse
from forbear.analysis.engine.short_cases import ShortCases
from forbear.analysis.findings.promises.failed_example import failed_examples
from forbear.analysis.findings.registry import FINDINGS
from forbear.analysis.findings.tables.table_gap import with_gaps
from forbear.analysis.findings.undecided import Unsure, too_large, undecided
from forbear.base.diagnostic import Code, Diagnostic
from forbear.language.model.cases import case_text
from forbear.language.model.facts import Fact
from forbear.language.model.policy import TypedPolicy
from forbear.language.model.tables import promised
from forbear.space.regions import TooManyBoxes
from forbear.space.search.bound import BoundReached


@frozen
class Findings:
    """The findings, up to the limit for each code, and how many there are of each code that no accept covers."""

    diagnostics: tuple[Diagnostic, ...]
    totals: Mapping[Code, int]

    def by_cause(self) -> Findings:
        """Returns the findings with those of one cause merged into one, which is counted once."""
        diagnostics = by_cause(self.diagnostics)
        return Findings(diagnostics, totals_by_cause(self.totals, diagnostics))


def findings(
    policy: TypedPolicy,
    checked: Iterable[Diagnostic] = (),
    *,
    limit: int | None = None,
    today: datetime.date | None = None,
    only: frozenset[str] | None = None,
    asked: Collection[str] = (),
    effort: int = 1,
    between: Callable[[], None] = lambda: None,
) -> Findings:
    """Returns all findings of a policy: the `checked` diagnostics of the checker, and the findings of the analyser.

    `limit` bounds how many findings of one code are reported. An accept that has expired by the day `today` is stale,
    and a rule whose days are past by then is a finding. With `only`, the analyser searches for these codes alone, and
    reports no stale accepts. A code on request must be `asked` for, or be accepted in the policy. The analyser searches
    `effort` times as far before it gives up, and something is `undecided`. The searches call `between` often. It may
    raise an exception that ends them all, because nobody waits for the answer any more.
    """
    accepts = Accepts(policy, today)
    reported: list[Diagnostic] = [accepts.judge_checked(diagnostic) for diagnostic in checked]
    if only is None:
        reported += failed_examples(policy)
    totals = Counter(diagnostic.code for diagnostic in reported if diagnostic.accepted is None)
    conditions = [ensure.when for ensure in policy.ensures]
    conditions += [accept.when for accept in policy.accepts if accept.when is not None]
    conditions += [condition for table in policy.tables for condition in promised(table)]
    analysis = analyse(policy, conditions, effort, None if today is None else today.toordinal(), between)
    codes = {*asked, *[accept.code for accept in policy.accepts]} if only is None else only
    for finding in FINDINGS:
        is_wanted = finding.code in codes or (only is None and not finding.code.on_request)
        if is_wanted and finding.applies(policy):
            of_kind, number = _find(finding, analysis, accepts, limit)
            reported += of_kind
            totals[finding.code] += number
    totals.update(diagnostic.code for diagnostic in reported if diagnostic.undecided and diagnostic.accepted is None)
    for stale in accepts.stale() if only is None else ():
        reported.append(stale)
        totals[STALE_ACCEPT] += 1
    reported = with_comparisons(with_gaps(with_duties(reported, policy), policy), policy)
    short_cases = ShortCases(policy)
    reported = [_with_cases_in_short(diagnostic, short_cases, policy.facts) for diagnostic in reported]
    return Findings(tuple(reported), {code: number for code, number in totals.items() if number})


def _with_cases_in_short(diagnostic: Diagnostic, short_cases: ShortCases, facts: Mapping[str, Fact]) -> Diagnostic:
    if diagnostic.in_short or not diagnostic.cases:
        return diagnostic
    short = [short_cases.of(case, diagnostic.actions, diagnostic.rules) for case in diagnostic.cases]
    texts = [case_text(case, facts) for case in short]
    return evolve(diagnostic, in_short=tuple(texts))


def _find(finding: Finding, analysis: Analysis, accepts: Accepts, limit: int | None) -> tuple[list[Diagnostic], int]:
    """The findings of one kind, including `undecided`, and how many there are that no accept covers."""
    search = _SearchForCode(finding, analysis, accepts, limit)
    if analysis.space.too_large:
        search.reported.append(accepts.judge_undecided(finding.code, too_large(analysis, finding.code)))
        if not finding.of_rules_alone:
            return search.reported, 0  # it depends on verdicts, and so on the rules whose regions are not known
    search.run()
    unsure = undecided(analysis, finding.code, search.unsure)
    search.reported += [accepts.judge_undecided(finding.code, diagnostic) for diagnostic in unsure]
    return search.reported, search.number


class _SearchForCode:
    """The search for the findings of one kind, within its bound."""

    def __init__(
        self,
        finding: Finding,
        analysis: Analysis,
        accepts: Accepts,
        limit: int | None,
    ) -> None:
        self.reported: list[Diagnostic] = []
        self.number = 0
        self.unsure = Unsure()
        self._finding = finding
        self._analysis = analysis
        self._accepts = accepts
        self._limit = limit
        self._budget = analysis.searcher.most

    def run(self) -> None:
        """Judges each candidate. None takes more than a quarter of the bound, so that others of its code have some
        left; those that need more share the rest at the end.
        """
        searcher = self._analysis.searcher
        searcher.bound.left = searcher.spare.left = self._budget
        candidates = iter(self._finding.find(self._analysis))
        try:
            for candidate in candidates:
                self._budget = searcher.bound.left  # less what it took to come by the candidate
                if isinstance(candidate, int):
                    self.number += candidate
                    continue
                self._judge(candidate, searcher.most // 4)
                searcher.bound.left = self._budget
                if self._budget <= 0:
                    self.unsure.leave(candidates)
                    return
        except (BoundReached, TooManyBoxes) as why:
            self.unsure.add(None, why)
        again, self.unsure.long = self.unsure.long, []
        for candidate in again:
            self._judge(candidate, self._budget)

    def _judge(self, candidate: Candidate, most: int) -> None:
        bound = self._analysis.searcher.bound
        allowance = bound.left = max(min(self._budget, most), 0)
        if not allowance:
            self.unsure.add(candidate, BoundReached())
            return
        diagnostic = None
        try:
            diagnostic = self._accepts.judge(self._finding.code, candidate, self._analysis)
        except (BoundReached, TooManyBoxes) as why:
            self.unsure.add(candidate, why)
        self._budget -= allowance - bound.left
        if diagnostic is None:
            return
        diagnostic = evolve(diagnostic, causes=self._finding.causes(diagnostic))
        self.number += diagnostic.accepted is None
        if diagnostic.accepted is not None or self._limit is None or self.number <= self._limit:
            self.reported.append(diagnostic)
        if self._limit is not None and self.number >= self._limit:
            self._analysis.searcher.counting.add(self._finding.code)
