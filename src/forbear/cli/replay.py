"""`forbear replay`: recorded decisions, decided again."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from attrs import define

from forbear.cli.cases.recorded import RawLine, RecordLine, Records, anchors_option, by_another, sealed_option
from forbear.cli.support import options
from forbear.cli.support.failing import fail
from forbear.cli.support.options import argument, declared, option
from forbear.cli.support.printing import print_json, print_text
from forbear.cli.support.progress import progress
from forbear.cli.support.reading import read_recorded
from forbear.deciding.records.replay import Entry, Replayed, Replayer
from forbear.kernel.cases import CaseError, as_dict
from forbear.language.model.names import counted, listed, verdict_word
from forbear.library.book import Book
from forbear.library.policy import Policy
from forbear.portfolio.workers import Workers, cores
from forbear.semantics.to_text import period_text

_RESULTS = {
    "same": "the same",
    "differs": "otherwise",
    "undecided": "not to be decided again",
    "unreadable": "no record of one",
}

_OF_A_TEXT = ("name", "version", "digest")
"""The fields of an entry about the text that decided it."""


@declared("replay")
def command(
    files: tuple[str, ...] = argument("FILE...", nargs=-1, required=True),
    policy: str = option("The policy that decides again, or a folder of policies.", "POLICY", required=True),
    settings: Mapping[str, object] = options.settings,
    anchors: tuple[str, ...] = anchors_option,
    key_path: str | None = sealed_option,
    key: str | None = option("Decide only the lines with this key.", "ACCOUNT"),
    request: str | None = option("Decide only the lines of this request.", "ID"),
    limit: int = options.number(100, "Report at most N lines."),
    jobs: int | None = options.jobs,
    output: str = options.formats(),
) -> None:
    """Decide each recorded decision of FILE again, and report what differs, and where the chain of its lines breaks.
    Several files, the oldest first, are one record. A refused case is the same if it is refused again.

    POLICY is the text that decided, or another one, such as next month's: would it have permitted that? For lines that
    another text decided, POLICY's own `in force` is ignored; the dates of its rules count. From a folder, the policy
    with the name in the line decides, in the version in force on the line's day.

    \b
    Exit code 0: all the same in an unbroken chain, 1: something differs or is broken, or there is no such line, 2: FILE
    or POLICY is unreadable.
    Example: forbear replay decisions.jsonl --policy house.forbear
    """
    records = Records(files, key_path, anchors, policy)
    found = read_recorded(policy, settings)
    counts: Counter[str] = Counter()
    not_here: Counter[str] = Counter()
    others = _OtherTexts(limit)
    lines: list[_Line] = []
    do = partial(_again, key=key, request=request)
    with Workers(_Texts(found), jobs or cores()) as workers, progress(*files) as advance:
        for read, piece in workers.each(do, records.pieces()):
            advance(read)
            for line in piece:
                replayed = line.replayed
                counts[replayed.result] += 1
                if line.policy is not None and line.policy["name"] not in found:
                    not_here[line.policy["name"]] += 1
                if line.policy is not None and replayed.other_digest:
                    others.add(line.file, line.number, line.policy)
                if replayed.result != "same" and len(lines) < limit:
                    lines.append(line)
    total = sum(counts.values())
    if output == "json" and total:
        numbers = {result: counts[result] for result in _RESULTS}
        chain = records.as_json()
        print_json(
            {
                **({"policy": next(iter(found))} if len(found) == 1 else {"policies": [*found]}),
                "counts": numbers,
                "not_here": not_here,
                "other_digest": others.number,
                "other_texts": others.as_json(with_file=len(files) > 1),
                "lines": [
                    {
                        **({} if len(files) == 1 else {"file": line.file}),
                        "line": line.number,
                        **line.replayed.as_json(),
                    }
                    for line in lines
                ],
                "chain": chain,
            }
        )
    elif output != "json":
        for line in lines:
            _print(records.where(line.file, line.number), line.replayed)
        records.print_breaks(limit)
        parts = [f"{counts[result]} {words}" for result, words in _RESULTS.items() if counts[result]]
        print_text(f"{counted(total, 'decision')}{': ' if parts else ''}{', '.join(parts)}")
        if not_here:
            which = "a policy that is" if len(not_here) == 1 else "policies that are"
            print_text(f"{not_here.total()} of them by {which} not here: {listed([*not_here], 6, quote='')}")
        others.print(found, with_file=len(files) > 1)
        records.print_summary()
    if not total:
        fail(_none(files, key, request))
    sys.exit(0 if counts["same"] == total and records.is_whole else 1)


def _none(files: Sequence[str], key: str | None, request: str | None) -> str:
    """Returns the error that there is no line to decide again."""
    names = [f"{what} {value!r}" for what, value in (("key", key), ("request", request)) if value is not None]
    named = f" with {' and '.join(names)}" if names else ""
    where = ", ".join(map(repr, files))
    return f"{where} has no line{named}: nothing was decided again"


@define
class _Run:
    """Lines of a file after each other that one text decided."""

    file: str
    first: int
    last: int
    policy: Mapping[str, object]

    def as_json(self) -> dict[str, object]:
        text = {name: self.policy[name] for name in _OF_A_TEXT if name in self.policy}
        return {"first": self.first, "last": self.last, **text}

    def text(self, *, with_name: bool) -> str:
        """The lines, and the text that decided them: `lines 3 to 7 (house, version 2, sha256:0123456789ab)`."""
        lines = f"line {self.first}" if self.first == self.last else f"lines {self.first} to {self.last}"
        name, version, digest = (self.policy.get(name) for name in _OF_A_TEXT)
        about = [str(name)] if with_name else []
        about += [f"version {version}"] if isinstance(version, str) else []
        about += [digest[: len("sha256:") + 12]] if isinstance(digest, str) else []
        return f"{lines} ({', '.join(about)})" if about else lines


class _OtherTexts:
    """The lines that another text decided than that which decides them again, of which `limit` runs are kept."""

    def __init__(self, limit: int) -> None:
        self.number = 0
        self._limit = limit
        self._runs: list[_Run] = []
        self._left_out = 0

    def add(self, file: str, number: int, policy: Mapping[str, object]) -> None:
        self.number += 1
        run = self._runs[-1] if self._runs else None
        if run is not None and (run.file, run.last + 1, run.policy) == (file, number, policy):
            run.last = number
        elif len(self._runs) < self._limit:
            self._runs.append(_Run(file, number, number, policy))
        else:
            self._left_out += 1

    def as_json(self, *, with_file: bool) -> list[dict[str, object]]:
        return [{**({"file": run.file} if with_file else {}), **run.as_json()} for run in self._runs]

    def print(self, found: Mapping[str, Policy | Book], *, with_file: bool) -> None:
        """Prints which these are, and how what decides them again reads its own days."""
        if not self.number:
            return
        name, alone = next(iter(found.items())) if len(found) == 1 else (None, None)
        than = "the version of its day" if isinstance(alone, Book) else "this one" if alone else "what decides now"
        print_text(f"{self.number} of them by another text of the policy than {than}")
        for run in self._runs:
            print_text(f"  {f'{run.file}: ' if with_file else ''}{run.text(with_name=run.policy['name'] != name)}")
        if self._left_out:
            print_text(f"  and {counted(self._left_out, 'more line')}")
        if isinstance(alone, Policy) and (days := period_text(alone.typed.since, alone.typed.until)):
            print_text(f"its own `in force{days}` is put aside for these lines")


class _Line(NamedTuple):
    """The result for a line; `policy` is what it says of its policy, if it is a record and another text decided it."""

    file: str
    number: int
    policy: Mapping[str, Any] | None
    replayed: Replayed


class _Texts:
    """Decides lines again: in each process each version of a policy is compiled once."""

    def __init__(self, found: Mapping[str, Policy | Book]) -> None:
        self._found = found
        self._undated: dict[str, Policy] = {}
        self._replayers: dict[tuple[Policy, str | None], Replayer] = {}

    def __reduce__(self) -> tuple[type[_Texts], tuple[object]]:
        return _Texts, (dict(self._found),)

    def replayed(self, line: RecordLine) -> Replayed:
        """The decision of a line, made again by the policy of its name: by the version of its day, or by a lone policy,
        on whatever day if another text decided it."""
        document = line.document
        if document is None:
            return Replayed("unreadable", reason=f"the line {line.unread}")
        reason = by_another(self._found, document)
        if reason is not None:
            return Replayed("undecided", reason=reason, other_digest=True)
        try:
            policy = self._policy(document)
        except CaseError as error:
            return Replayed("same") if "faults" in document else Replayed("undecided", reason=str(error))
        action = document.get("permits")
        if (policy, action) not in self._replayers:
            decide = policy.decide if action is None else partial(policy.decide_alone, action)
            self._replayers[policy, action] = Replayer(policy.typed, policy.digest, decide, action)
        return self._replayers[policy, action].replay(document)

    def _policy(self, document: Mapping[str, Any]) -> Policy:
        """Returns the policy that decides an entry again. Raises `CaseError` if a book has no version for its day."""
        name = document["policy"]["name"]
        policy = self._found[name]
        if isinstance(policy, Book):
            return policy.deciding(as_dict(document.get("case")) or {}, document.get("on"), document.get("at"))
        if document["policy"].get("digest") == policy.digest:
            return policy
        if name not in self._undated:
            self._undated[name] = policy.undated
        return self._undated[name]


def _again(texts: _Texts, piece: Sequence[RawLine], key: str | None, request: str | None) -> tuple[int, list[_Line]]:
    """How many lines a piece has, and the results for those with this key and request; None is any."""
    done = []
    for line in map(RecordLine.of, piece):
        if line.is_of(key, request):
            replayed = texts.replayed(line)
            policy = line.document["policy"] if line.document is not None and replayed.other_digest else None
            done.append(_Line(line.file, line.number, policy, replayed))
    return len(piece), done


def _print(where: str, replayed: Replayed) -> None:
    if replayed.reason is not None:
        print_text(f"{where}: {replayed.reason}")
    for action, (recorded, now) in replayed.changes.items():
        said = [_said(entry) for entry in (recorded, now)]
        if said[0] == said[1]:  # the difference is in an unknown fact, or a companion
            said = [_said(entry, "unknown", "along") for entry in (recorded, now)]
        print_text(f"{where}: {action}: {said[0]} -> {said[1]}")


def _said(entry: Entry, *besides: str) -> str:
    more = [f"; {what}: {_names(entry[what])}" for what in besides if what in entry]
    return f"{verdict_word(str(entry['verdict']))}{_by(entry['rules'])}{''.join(more)}"


def _by(rules: object) -> str:
    return f" by {_names(rules)}" if rules else ""


def _names(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name}{_by(rules)}" for name, rules in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
