"""`forbear test`: examples, which rules they cover, and which slips of an author they notice."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from attrs import evolve, frozen

from forbear.analysis.findings.promises.failed_example import Outcome, try_examples
from forbear.analysis.mutation.score import MutationScore, idle_examples, mutation_score
from forbear.analysis.run import findings
from forbear.base.diagnostic import Diagnostic
from forbear.check.files.gather import Checked
from forbear.check.promises.promises import written_case
from forbear.cli.support import options
from forbear.cli.support.failing import fail_policy, wrong_use
from forbear.cli.support.options import Between, argument, declared, flag, option
from forbear.cli.support.printing import print_diagnostics, print_file, print_json, print_line, print_text
from forbear.cli.support.project import is_by_hand, severities
from forbear.cli.support.reading import check_paths, distinct_files, input_files, paths_or, read_each_once
from forbear.cli.support.writing import write_with_report
from forbear.language.model.names import did_you_mean, listed
from forbear.language.model.policy import Example, TypedPolicy, facts_read, own_rules
from forbear.report.formats.json import diagnostic_json
from forbear.report.formats.junit import TestCase, TestSuite, junit_xml

_PERCENT = Between(0, 100)
_MOST_LINES = 10
"""The number of rules without an example that are shown on lines of their own."""


@declared("test")
def command(
    paths: Sequence[str] = argument("[PATH]...", nargs=-1),
    settings: Mapping[str, object] = options.settings,
    output: str = options.formats("junit"),
    quiet: bool = options.quiet,
    full: bool = options.full,
    titles: tuple[str, ...] = option(
        "Try only the examples whose titles contain the text.", "TEXT", "--title", multiple=True
    ),
    given: str | None = option("Print an example of this case, with the verdicts of today.", "TEXT"),
    expect: str | None = option('With --given: try that as an example: "sms allowed, visit forbidden".', "TEXT"),
    suggest: bool = flag("Print an example for each rule that no example covers."),
    mutate: bool = flag("Print the slips in rules that no example or ensure would notice."),
    min_coverage: float | None = option("Fail if examples cover fewer rules of a policy.", "PERCENT", type=_PERCENT),
    min_score: float | None = option("Fail if fewer slips are noticed. Implies --mutate.", "PERCENT", type=_PERCENT),
    examples: str | None = option(
        "Write examples that pin today's verdicts on the cases of its findings, or of a change.",
        "FILE",
        "--write-examples",
    ),
    old: str | None = option("With --write-examples: the policy before the change, as for diff.", "OLD", "--since"),
) -> None:
    """Try the examples and ensures of rule files.

    It lists the rules that decide no example, and the examples that no slip in the rules would fail.

    Without a PATH: the paths of the project file, otherwise the current folder.

    With --mutate, it tries slips in each rule: a threshold moved by one, a clause left out, an effect swapped, an
    override lost. It prints the most dangerous slips that no example or ensure would notice; --suggest prints an
    example for each. Slips that are proved to change no verdict are left out.

    \b
    Exit code 0: all hold, 1: one fails or a file has errors, 2: wrong use.
    Example: forbear test rules
             forbear test house.forbear --mutate --suggest
             forbear test house.forbear --given "days_overdue 61, unreachable 3" --expect "contact_related allowed"
             forbear test house.forbear --write-examples changed.forbear --since HEAD:house.forbear
    """
    if examples is None and old is not None:
        wrong_use("--since needs --write-examples")
    paths = paths_or((".",), paths, None)
    if len(paths) != 1 and old is not None:
        wrong_use("--since is for one policy")
    if expect is not None and given is None:
        wrong_use("--expect needs --given")
    if given is not None:
        if titles or suggest or mutate or examples is not None or is_by_hand("min_coverage", "min_score"):
            wrong_use("--given is about one case; the other options are about all examples")
        if expect is None and output != "text":
            wrong_use("without --expect, --given prints an example as text")
        min_coverage = min_score = None  # those of the project file
    if titles:
        if suggest or mutate or is_by_hand("min_coverage", "min_score"):
            wrong_use("--title tries some examples only; the other options are about all of them")
        min_coverage = min_score = None  # those of the project file
    if suggest and output != "text":
        wrong_use("--suggest prints examples as text")
    read_each_once(*dict.fromkeys(paths), *([] if old is None else [old]))
    files = list(check_paths(distinct_files(paths), settings))
    if examples is not None:
        text, read = _examples(files, settings, old)
        write_with_report(examples, text, input_files([*paths, *([] if old is None else [old])], read))
    scored = mutate or min_score is not None
    if given is not None:
        tested = [_of_case(*_only(files, "--given"), given, expect)]
    else:
        tested = [_tested(file, checked, titles, scored) for file, checked in files]
    if titles and all(result.policy is not None and not result.outcomes for result in tested):
        known = [example.title for _, checked in files if checked.policy for example in checked.policy.examples]
        near = did_you_mean(titles[0], known)
        wrong_use(f"no example has `{titles[0]}` in its title" + (f"; {near}" if near else ""))
    if suggest:
        _suggest(tested, scored)
    elif output == "text":
        for result in tested:
            _print(result, quiet=quiet, full=full)
    elif output == "json":
        print_json({"files": [_record(result) for result in tested]})
    else:
        print_file(junit_xml([_suite(result) for result in tested]))
    short = [line for result in tested for line in _shortfalls(result, min_coverage, min_score)]
    for line in short:
        print_line(((line, "error"),), err=output != "text" or suggest)
    sys.exit(1 if short or any(result.failed for result in tested) else 0)


@frozen(slots=False)
class _Tested:
    """A file, and the outcomes of its examples and ensures. `scored` says whether a score was requested, and `whole`
    whether all of them were tried. The `idle` examples hold, and no slip in the rules would fail them.
    """

    file: str
    policy: TypedPolicy | None
    errors: tuple[Diagnostic, ...]
    outcomes: tuple[Outcome, ...] = ()
    broken: tuple[Diagnostic, ...] = ()
    idle: tuple[Example, ...] = ()
    score: MutationScore | None = None
    scored: bool = False
    whole: bool = True

    @property
    def failed(self) -> bool:
        return self.policy is None or bool(self.broken) or any(outcome.failures for outcome in self.outcomes)

    @property
    def promises(self) -> int:
        """The number of ensures."""
        return 0 if self.policy is None else len(self.policy.ensures) + len(self.policy.conforms)

    @property
    def rules(self) -> int:
        return 0 if self.policy is None else len(own_rules(self.policy))

    @cached_property
    def uncovered(self) -> list[str]:
        """The rules of the policy itself that no example makes deciding rules."""
        covered = {name for outcome in self.outcomes for name in outcome.deciding}
        return [] if self.policy is None else [rule.name for rule in own_rules(self.policy) if rule.name not in covered]

    @cached_property
    def suggestions(self) -> list[str]:
        """The example for each unnoticed case of the score."""
        from forbear.report.examples import unnoticed_examples

        return [] if self.score is None else unnoticed_examples(self.score)


def _tested(file: str, checked: Checked, titles: Sequence[str], scored: bool) -> _Tested:
    policy = checked.policy
    if policy is None:
        return _Tested(file, None, tuple(checked.diagnostics))
    if titles:
        parts = [title.casefold() for title in titles]
        selected = [example for example in policy.examples if any(text in example.title.casefold() for text in parts)]
        policy = policy.with_promises(examples=tuple(selected))
    outcomes = tuple(try_examples(policy))
    broken = findings(policy, only=frozenset({"failed-ensure"})).by_cause().diagnostics
    holding = tuple([outcome.example for outcome in outcomes if not outcome.failures])
    idle = () if titles else idle_examples(policy.with_promises(examples=holding))
    tested = _Tested(file, policy, (), outcomes, broken, idle, scored=scored, whole=not titles)
    if scored and not tested.failed and tested.rules:
        return evolve(tested, score=mutation_score(policy))
    return tested


def _only(files: Sequence[tuple[str, Checked]], option: str) -> tuple[str, Checked]:
    if len(files) != 1:
        wrong_use(f"{option} is for one policy, not for a folder")
    return files[0]


def _of_case(file: str, checked: Checked, given: str, expect: str | None) -> _Tested:
    """A policy with a case in words as its only example. Prints it and ends the command where nothing is expected."""
    from forbear.report.examples import case_example

    policy = checked.policy
    if policy is None:
        return _Tested(file, None, tuple(checked.diagnostics))
    case = written_case(given, policy, facts_read(policy), expect=expect)
    if expect is None:
        print_file(case_example(policy, case.example, " ".join(given.split()) or "as usual"))
        sys.exit(0)
    policy = policy.with_promises(examples=(case.example,))
    return _Tested(file, policy, (), tuple(try_examples(policy)), whole=False)


def _shortfalls(tested: _Tested, min_coverage: float | None, min_score: float | None) -> Iterator[str]:
    """Yields the figures that are below the required ones."""
    if tested.policy is None:
        return
    covered = tested.rules - len(tested.uncovered)
    if min_coverage is not None and covered * 100 < min_coverage * tested.rules:
        yield f"{tested.file}: {covered} of {tested.rules} rules covered, fewer than {min_coverage:g} %"
    if min_score is not None and tested.score is not None and tested.score.percent < min_score:
        score = tested.score
        yield f"{tested.file}: {score.noticed} of {score.counted} slips noticed, fewer than {min_score:g} %"


def _suggest(tested: Sequence[_Tested], scored: bool) -> None:
    """Prints examples: for the unnoticed slips of scored policies, else for the rules that are not covered."""
    from forbear.report.examples import rule_examples, suggestions

    for result in tested:
        if result.policy is None:
            print_diagnostics(result.errors, err=True)
    texts = [
        "".join(result.suggestions) if scored else rule_examples(result.policy, result.uncovered)
        for result in tested
        if result.policy is not None
    ]
    print_file(suggestions(texts))


def _examples(
    files: Sequence[tuple[str, Checked]], settings: Mapping[str, object], old: str | None
) -> tuple[str, Sequence[Path]]:
    """Examples from the cases of a change, or from the findings of files; and the files that were read for them."""
    from forbear.report.examples import change_examples, witness_examples

    read = [path for _, checked in files for path in checked.files]
    if old is None:
        reported = severities()
        witnessed = (
            (checked.policy, reported.findings(findings(checked.policy, checked.diagnostics, limit=100)).diagnostics)
            for _, checked in files
            if checked.policy is not None
        )
        return witness_examples(witnessed), read
    from forbear.analysis.comparison.difference import difference
    from forbear.cli.support.comparing import read_policies

    _, after = _only(files, "--since")
    if after.policy is None:
        fail_policy(after.diagnostics, code=2)
    [before] = read_policies([old], settings, None, known=after.settings)
    return change_examples(difference(before.typed, after.policy)), [*read, *before.files]


def _record(tested: _Tested) -> dict[str, object]:
    from forbear.report.mutation import score_json

    if tested.policy is None:
        return {"file": tested.file, "errors": [diagnostic_json(failure) for failure in tested.errors]}
    uncovered = tested.uncovered
    record: dict[str, object] = {
        "file": tested.file,
        "policy": tested.policy.name,
        "examples": [
            {
                "title": outcome.example.title,
                "passed": not outcome.failures,
                "failures": [diagnostic_json(failure) for failure in outcome.failures],
            }
            for outcome in tested.outcomes
        ],
    }
    if tested.whole:
        record["ensures"] = {
            "total": tested.promises,
            "failures": [diagnostic_json(failure) for failure in tested.broken],
        }
        record["coverage"] = {"rules": tested.rules, "covered": tested.rules - len(uncovered), "uncovered": uncovered}
        record["idle"] = [example.title for example in tested.idle]
    if tested.score is not None:
        record["mutation"] = score_json(tested.score, tested.suggestions)
    return record


def _print(tested: _Tested, *, quiet: bool, full: bool) -> None:
    from forbear.report.mutation import idle_lines, score_lines

    print_diagnostics(tested.errors)
    if tested.policy is None:
        return
    for outcome in tested.outcomes:
        print_diagnostics(outcome.failures, full=full)
    print_diagnostics(tested.broken, full=full)
    if quiet:
        return
    passed = sum(not outcome.failures for outcome in tested.outcomes)
    holding = tested.promises - len({diagnostic.place for diagnostic in tested.broken})
    line = f"{tested.file}: {passed} of {len(tested.outcomes)} examples hold"
    if tested.promises:
        line += f", {holding} of {tested.promises} ensures hold"
    if tested.whole:
        line += f", {tested.rules - len(tested.uncovered)} of {tested.rules} rules covered"
    print_line(((line, "error" if tested.failed else "good"),))
    uncovered = tested.uncovered if tested.whole else ()
    if len(uncovered) > _MOST_LINES:
        print_text(f"  no example makes these {len(uncovered)} rules decide: {listed(uncovered, len(uncovered))}")
    else:
        for name in uncovered:
            print_text(f"  no example makes `{name}` a deciding rule")
    if tested.score is not None:
        for line in score_lines(tested.file, tested.score, tested.suggestions):
            print_text(line)
    elif tested.scored and tested.failed:
        print_text("  no mutation score before every example and ensure holds")
    for line in idle_lines(tested.idle):
        print_text(line)


def _suite(tested: _Tested) -> TestSuite:
    """The examples and ensures of a file as test cases."""
    if tested.policy is None:
        return TestSuite(tested.file, tested.file, (TestCase("the file is a policy", 1, tested.errors, is_error=True),))
    cases = [
        TestCase(f"example {outcome.example.title}", outcome.example.place.start.line, outcome.failures)
        for outcome in tested.outcomes
    ]
    ensures, conforms = tested.policy.ensures, tested.policy.conforms
    for place in [*[promise.place for promise in ensures], *[promise.place for promise in conforms]]:
        failures = tuple([failure for failure in tested.broken if failure.place == place])
        cases.append(TestCase(" ".join(place.text.split()), place.start.line, failures))
    return TestSuite(tested.file, tested.policy.name, tuple(cases))
