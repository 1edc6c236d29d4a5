"""`forbear decide`: the verdict on each action, for one case or for one a line."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import cast

from attrs import evolve

from forbear.check.promises.promises import Assumed
from forbear.cli.cases.case_reader import assumed_json, print_assumed, read_asked, require_json
from forbear.cli.cases.open_facts import answer_open, print_unsaid
from forbear.cli.support import options
from forbear.cli.support.failing import wrong_use
from forbear.cli.support.options import Asked, AskedCase, declared, flag, option
from forbear.cli.support.printing import columns, marked, print_json, print_table, print_text, print_wrapped
from forbear.cli.support.reading import input_files, lines_of, read_bytes, read_each_once, read_versions
from forbear.cli.support.writing import keep_apart
from forbear.deciding.decision import Decision, verdict_text
from forbear.deciding.records.record import Record
from forbear.kernel.cases import Verdict
from forbear.language.model.cases import case_text
from forbear.language.model.names import did_you_mean
from forbear.language.model.policy import TypedPolicy, titles
from forbear.library.answering import Answer, Asking
from forbear.library.policy import Policy
from forbear.report.formats.json import dumps
from forbear.report.moments import decided_text, offset_text
from forbear.report.text import text_width


@declared("decide")
def command(
    policy: str = options.policy,
    case_path: str | None = options.case,
    given: str | None = options.given,
    opened: tuple[str, ...] = options.opened,
    lines: bool = flag("Read one case per line, and answer one line per case."),
    on: datetime.date | None = options.day,
    at: str | None = options.moment,
    settings: Mapping[str, object] = options.settings,
    record_path: str | None = option("Add each decision to FILE before it is printed.", "FILE", "--record"),
    key_path: str | None = options.record_key,
    record_refused: bool = options.record_refused,
    key: str | None = option(
        "The field of a case that names the account. It is not a fact; record and answer have it.", "FIELD"
    ),
    request: str | None = options.request,
    required: tuple[str, ...] = option("Exit with 1 if ACTION is not permitted.", "ACTION", "--require", multiple=True),
    valid_until: bool = flag("Print until when the answer is valid if nothing else happens. Needs a moment."),
    full: bool = options.full,
    output: str = options.formats(),
) -> None:
    """The verdict on each action for one case, with the rules that gave it and their reasons.

    A case is a JSON object from fact to value; it may hold its day under "on", or its moment under "at". With --lines
    each line of standard input (or of --case FILE) is a case; an invalid one gets a line with "error". With --open,
    some facts are not known yet: each verdict comes with its condition on these.

    \b
    Exit code 0: decided, 1: an error of the policy or a case, or of --require, 2: wrong use.
    Example: forbear decide house.forbear --case case.json
             forbear decide house.forbear --given "days_overdue 61, unreachable 3"
             forbear decide house.forbear --lines < cases.jsonl
             forbear decide house.forbear --given "days_overdue 61" --open unreachable
    """
    asked = Asked(policy, settings, on, at)
    about = AskedCase(case_path, given, key, request)
    if case_path is None and given is None and not lines:
        wrong_use("name the case: --case FILE.json, or --case - for standard input, or --given TEXT")
    if given is not None and (case_path is not None or lines):
        wrong_use("--given is the whole case: leave out --case and --lines")
    if opened and (record_path is not None or key_path is not None or record_refused):
        wrong_use("a case with open facts is not recorded: leave out --record, --record-key and --record-refused")
    if opened and (lines or required or valid_until or full):
        wrong_use("--open is for one case: leave out --lines, --require, --valid-until and --full")
    if not lines:
        require_json(about)
    if valid_until and given is not None:
        wrong_use("--valid-until is for cases in JSON (--case, --lines); for one in words ask `forbear when`")
    read_each_once(policy, case_path or "-")
    loaded = read_versions(asked)
    if opened:
        answer_open(read_asked(loaded, asked, about, opened=opened), opened, output)
        return
    policies = loaded.versions
    read = [path for path in (case_path, key_path) if path is not None]
    inputs = input_files([policy, *read], [*read, *(file for version in policies for file in version.files)])
    for action in required:
        if not any(action in version.actions for version in policies):
            wrong_use(f"there is no action {action!r} in {policy!r}{_perhaps(action, policies)}")
    if record_refused and record_path is None:
        wrong_use("--record-refused adds to a record: name its file, with --record FILE")
    record = _open_record(record_path, key_path, record_refused, inputs)
    asking = Asking(loaded, on, at, record, key, request)
    if lines:
        _answer_lines(asking, case_path or "-", required, valid_until=valid_until)
        return
    assumed: Sequence[Assumed] = ()
    local: datetime.datetime | None = None
    if case_path is not None:
        content = read_bytes(case_path)
    else:  # in words, which become JSON with the facts derived from its moment
        case = read_asked(loaded, asked, about)
        day, assumed, local = case.request.on, case.assumed, case.local
        content = dumps({**case.request.case, **({} if day is None else {"on": str(day)})}).encode()
        asking = evolve(asking, on=None, at=None)
    answer = asking.answer(content, valid_until=valid_until)
    if answer.error is not None:
        raise answer.error
    assert answer.decision is not None
    assert answer.policy is not None
    if output == "json":
        moment = {} if local is None else {"at": local.isoformat()}
        print_json({**answer.document, **moment, **assumed_json(given, assumed)})
    else:
        _print(answer.policy.typed, answer.decision)
        if full:
            print_text(f"case: {_case_text(answer)}")
        moments = answer.moments if local is None else [local]
        if moments:
            print_wrapped(decided_text(moments, in_words=given is not None))
        if valid_until:
            print_text(_valid_text(answer.more["valid_until"]))
            held = cast(Sequence[str], answer.more["held"])
            if held:
                print_wrapped(f"held at the value that is given: {', '.join(held)}")
        print_assumed(assumed, full=full)
    sys.exit(0 if _permitted(answer.decision, required) else 1)


def _valid_text(moment: object) -> str:
    if moment is None:
        return "valid for ten years or longer, if nothing else happens"
    return f"valid until {offset_text(datetime.datetime.fromisoformat(str(moment)))}, if nothing else happens"


def _case_text(answer: Answer) -> str:
    """The facts of a case, and its day or moment, as an example gives them."""
    assert answer.policy is not None
    case, facts = cast(Mapping[str, object], answer.document["case"]), answer.policy.typed.facts
    text = case_text({name: value for name, value in case.items() if name in facts}, facts)
    return text + "".join(f", {word} {answer.document[word]}" for word in ("on", "at") if word in answer.document)


def _perhaps(action: str, policies: Iterable[Policy]) -> str:
    suggestion = did_you_mean(action, [name for policy in policies for name in policy.actions])
    return f": {suggestion}" if suggestion else ""


def _permitted(decision: Decision, required: Iterable[str]) -> bool:
    """Returns true if all these actions are permitted. An action that a version of a book lacks is not."""
    return all(action in decision and decision[action].permitted for action in required)


def _open_record(path: str | None, key_path: str | None, refused: bool, inputs: Iterable[Path]) -> Record | None:
    if path is None:
        if key_path is not None:
            wrong_use("a key is for a record: name its file, with --record FILE")
        return None
    if path == "-":
        wrong_use("a record is appended to a file, and `-` is not one")
    keep_apart(path, inputs)
    return Record(path, None if key_path is None else read_bytes(key_path), refused=refused)


def _answer_lines(asking: Asking, case_path: str, required: Iterable[str], *, valid_until: bool) -> None:
    """Answers each line as it is read.

    The exit code is 1 if a line was in error, or a required action was not permitted.
    """
    bad = False
    for number, line in enumerate(lines_of(case_path), 1):
        answer = asking.answer(line, valid_until=valid_until)
        bad = bad or answer.decision is None or not _permitted(answer.decision, required)
        where = {} if answer.error is None else {"line": number}
        print_json({**answer.document, **where}, indent=None)
    sys.exit(1 if bad else 0)


def _print(policy: TypedPolicy, decision: Decision) -> None:
    """The actions on which rules speak, and then the unsaid actions: a table, or where that is too wide, the actions by
    what is decided on them."""
    of_rules = titles(policy)
    rows = []
    unsaid = []
    for action, decided in decision.items():
        if decided.verdict is Verdict.UNSAID and not decided.unknown:
            unsaid.append(action)
            continue
        reasons = list(dict.fromkeys([title for name in decided.rules if (title := of_rules.get(name)) is not None]))
        reasons += decided.because
        if decided.unknown:
            reasons.append(f"unknown: {', '.join(decided.unknown)}")
        what = policy.actions[action].description or ""
        verdict = verdict_text(decided.verdict, decided.along)
        rows.append([action, verdict, ", ".join(decided.rules), "; ".join(reasons), what])
    header = ["action", "verdict", "rules", "because", "what it is"]
    widths = [max(map(text_width, column)) for column in zip(header, *rows, strict=True)]
    fits = sum(widths) + 2 * len(widths) <= columns()
    if rows and fits:
        print_table(header, rows)
    elif rows:
        _print_by_verdict(rows)
    companions = {companion.action for decided in decision.values() for companion in decided.along}
    print_unsaid(unsaid, companions, wrapped=not fits)


def _print_by_verdict(rows: Sequence[Sequence[str]]) -> None:
    """Prints each verdict with its rules and reasons, followed by the actions that have it."""
    decided: dict[tuple[str, str, str], list[Sequence[str]]] = {}
    for row in rows:
        decided.setdefault((row[1], row[2], row[3]), []).append(row)
    for (verdict, rules, because), rows_alike in decided.items():
        by = f" by {rules}" if rules else ""
        print_wrapped(f"{marked(verdict)}{by}{f': {because}' if because else ''}", indent="    ")
        width = max(len(row[0]) for row in rows_alike)
        for action, *_, what in rows_alike:
            print_wrapped(f"  {action:<{width}}   {what}".rstrip(), indent=" " * (width + 5))
