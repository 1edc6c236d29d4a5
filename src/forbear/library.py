"""The public door: load a policy, ask it."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, TypeVar, cast

from forbear.check.files import PACK, pack_file, pack_of
from forbear.check.from_ast import check
from forbear.check.loading import Checked
from forbear.check.locations import Location, read_file, read_rule_file
from forbear.diagnostic import Diagnostic, Severity, in_file_order
from forbear.kernel import CaseError, Fault, read_on, unknown_name
from forbear.model.policy import TypedPolicy
from forbear.source import Place, Source

if TYPE_CHECKING:
    from forbear.analysis.comparison.conformance import Conformance
    from forbear.analysis.comparison.difference import Difference
    from forbear.columns.applier import Applier
    from forbear.runtime.deciders.decider import Decider
    from forbear.runtime.decision import Decision
    from forbear.runtime.explain import Explanation
    from forbear.runtime.records.record import Record


Day: TypeAlias = "datetime.date | str | None"
Moment: TypeAlias = "datetime.datetime | str | None"
Frame = TypeVar("Frame")
"""A frame of Polars, pandas or Arrow."""


class PolicyError(ValueError):
    """A policy that cannot be used. `diagnostics` has all that there is to say, errors among it, in file order."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        self.diagnostics = diagnostics
        super().__init__(diagnostics)  # an error is copied, and sent to another process, by what it is made from

    def __str__(self) -> str:
        errors = [diagnostic for diagnostic in self.diagnostics if diagnostic.severity is Severity.ERROR]
        lines = [f"{error.place}: {error.message} [{error.code}]" for error in errors[:20]]
        if len(errors) > len(lines):
            lines.append(f"... and {len(errors) - len(lines)} more errors")
        return "\n".join(lines)


class Policy:
    """A loaded policy. It never changes, and may be shared between threads.

    A case maps facts to values: whole numbers as `int`; decimals as `int`, `Decimal`, a text of digits, or a `float`
    (which counts as the digits that Python shows for it); sums also as "CNY 12.50"; flags as `bool`; names and texts
    as `str`; days and times as `date` and `time` or as texts; None is unknown, "none" is none. `on` is the day of the
    decision, a `date` or a text such as "2015-09-22"; it is needed where the policy names dates.
    """

    __slots__ = (
        "__weakref__",
        "_applier",
        "_decider",
        "_digest",
        "_files",
        "_lock",
        "_questions",
        "_typed",
        "_warnings",
    )

    def __init__(self, checked: Checked) -> None:
        assert checked.policy is not None
        self._typed = checked.policy
        self._warnings = checked.diagnostics
        self._files = checked.files
        self._digest: str | None = None
        self._lock = threading.Lock()
        self._applier: Applier | None = None
        self._decider: Decider | None = None
        self._questions: dict[str, Callable[[object, object, object], bool]] = {}

    def __reduce__(self) -> tuple[type[Policy], tuple[Checked]]:
        """A policy can be pickled, as for another process: it works out anew there how to decide."""
        return Policy, (Checked(self._typed, self._warnings, self._files),)

    @property
    def typed(self) -> TypedPolicy:
        """The typed policy, which analyses and backends read."""
        return self._typed

    @property
    def name(self) -> str:
        return self._typed.name

    @property
    def title(self) -> str | None:
        return self._typed.title

    @property
    def version(self) -> str | None:
        return self._typed.version

    @property
    def digest(self) -> str:
        """`sha256:` of the rules with their names, the vocabulary and the settings in effect, and of nothing else."""
        if self._digest is None:
            from forbear.semantics.to_text import digest

            self._digest = digest(self._typed)
        return self._digest

    @property
    def files(self) -> tuple[Path, ...]:
        """The files of the disk that were read for it: its own, those that it uses, the standards that it promises to
        keep."""
        return self._files

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        """What the checker had to say that is no error."""
        return in_file_order(self._warnings)

    def decide(
        self, case: Mapping[str, object], on: Day = None, at: Moment = None, record: Record | None = None
    ) -> Decision:
        """The verdict on each action for a case. Raises `CaseError`, which names every fault of the case.

        A case with a history of events needs the moment of the decision, `at`, in place of its day: a `datetime`, or a
        text such as "2026-03-01T09:30:00-05:00".

        With `record` the decision is written there before it is returned; `RecordError` where it cannot be.
        """
        decider = self._decider
        if decider is None:
            decider = self._make_decider()
        decision = decider.decide(case, on, at)
        if record is not None:
            record.add(self._typed, self.digest, case, on, at, decision)
        return decision

    def permits(self, action: str, case: Mapping[str, object], on: Day = None, at: Moment = None) -> bool:
        """Whether an action is allowed or required for a case: the short question before each contact.

        It looks at what its answer depends on, the facts that the rules on this action read, and raises `CaseError`
        for a fault in these. `decide` checks the whole case.
        """
        ask = self._questions.get(action)
        if ask is None:
            ask = self._make_question(action)
        return ask(case, on, at)

    def apply(
        self,
        frame: Frame,
        on: Day = None,
        at: Moment = None,
        *,
        key: Sequence[str] = (),
        names: Mapping[str, str] | None = None,
        none: Iterable[str] = (),
        why: bool = False,
        faults: bool = False,
    ) -> Frame:
        """The verdicts on each row of a frame, as `decide` gives them: a column an action, after the `key` columns.

        A frame is one of Polars (eager or lazy), pandas or Arrow, and the answer is of the same kind. A column is the
        fact of its name, or the one that `names` gives it, from column to fact; other columns are passed over. A null
        is unknown for an optional fact; of the facts in `none` it is none; else it is a fault. A row with a fault has
        the verdict `undecided` on every action, which is not permitted. `why` adds a column `ACTION_rules` with the
        deciding rules; `faults` one, `fault`, with what is wrong with a row that is undecided.

        With a column `history`, or with `at`, each row is decided by itself. Raises `CaseError` where a column is
        missing, or the day. Needs the extra `apply`.
        """
        applier = self.applier
        return cast(
            Frame,
            applier.frame(frame, on, at, key=key, names=names or {}, none=none, why=why, faults=faults),
        )

    @property
    def applier(self) -> Applier:
        """What decides frames, for those who have many of the same columns."""
        try:
            from forbear.columns.applier import Applier
        except ModuleNotFoundError as error:
            raise ImportError(
                f"to decide frames, install the extra `apply` of forbear: there is no {error.name}"
            ) from None

        with self._lock:
            if self._applier is None:
                self._applier = Applier(self._typed, self.decide)
            return self._applier

    def explain(self, action: str, case: Mapping[str, object], on: Day = None, at: Moment = None) -> Explanation:
        """Why an action has its verdict, why not another, and the nearest changes of single facts that would alter it.

        Raises `CaseError` as `decide` does.
        """
        from forbear.runtime.explain import explain

        return explain(self._typed, self.decide(case, on, at), action, case, on, at)

    def validate(self, today: datetime.date | None = None, *, limit: int | None = None) -> tuple[Diagnostic, ...]:
        """All findings about the policy, in file order; accepted ones have the reason under `accepted`.

        An `accept` that has run out on `today` is stale; without a day none has. With `limit`, there are no more of
        one code than that: 10,000 rules may have millions of overlaps, and each is an object with its case.
        """
        from forbear.analysis.run import findings

        return in_file_order(findings(self._typed, self._warnings, limit=limit, today=today).diagnostics)

    def _make_decider(self) -> Decider:
        from forbear.runtime.deciders.decider import decider  # only those who decide need the compiler of predicates

        with self._lock:
            if self._decider is None:
                self._decider = decider(self._typed)
            return self._decider

    def _make_question(self, action: str) -> Callable[[object, object, object], bool]:
        from forbear.runtime.deciders.decider import decider

        if action not in self._typed.actions:
            raise CaseError([Fault(None, unknown_name(action, self._typed.actions, "action"))])
        with self._lock:
            if action not in self._questions:
                self._questions[action] = decider(self._typed, action).permits
            return self._questions[action]


def diff(old: Policy, new: Policy, on: datetime.date | str | None = None) -> Difference:
    """What a change changes: for each action exactly the cases whose verdict differs, each set with one of them.

    With `on`, on that day alone. Both policies' own `in force` is left aside; the dates of their rules are not. Raises
    `Incomparable` where a fact means one thing in the one and another in the other.

    >>> old = loads("rule ask: after 60 days and unreachable >= 3 then allow contact_related")
    >>> new = loads("rule ask: after 30 days and unreachable >= 3 then allow contact_related")
    >>> for change in diff(old, new).changes:
    ...     print(change.action, change.before, change.after, "when", change.condition)
    contact_related unsaid allowed when from day 31 to day 60 and unreachable >= 3
    >>> diff(new, new).equivalent
    True
    """
    from forbear.analysis.comparison.difference import difference
    from forbear.composition.union import Scope

    return difference(old.typed, new.typed, Scope(day=None if on is None else read_on(on)))


def conform(policy: Policy, *standards: Policy, on: datetime.date | str | None = None) -> Conformance:
    """Whether a policy keeps the bounds of standards: the rules of theirs that some case breaks, each with that case.

    With `on`, on that day alone. Both sides' own `in force` is left aside. Raises `Incomparable` as `diff` does.

    >>> house = loads("rule ask: after 60 days then allow contact_related")
    >>> bounds = loads("standard bounds  rule apart: never contact_related when contact_source is shipping_record")
    >>> for violation in conform(house, bounds).violations:
    ...     print(violation.action, violation.kind, violation.standard_rule.name, violation.policy_rules)
    contact_related permits forbidden apart ('ask',)
    """
    from forbear.analysis.comparison.conformance import conformance

    return conformance(policy.typed, [standard.typed for standard in standards], None if on is None else read_on(on))


Settings = Mapping[str, object]
"""Other values for settings of a policy: a text as the language writes it ("CNY 5000"), or a value of Python."""


def load(path: str | Path, settings: Settings | None = None) -> Policy:
    """A policy from a file, or a shipped one by `"pack:NAME"`, or by its bare name where no file has that path.

    Raises `PolicyError`, with `.diagnostics`, where there are errors of syntax, names or types.
    """
    return _policy(check_file(path, settings))


def loads(text: str, name: str = "policy", settings: Settings | None = None) -> Policy:
    """A policy from its text; `name` is what its messages call it, and paths in `uses` start in the working folder.

    Raises `PolicyError` as `load` does.
    """
    return _policy(check_text(text, name, settings))


def format(text: str, name: str = "policy") -> str:
    """A rule file's text in the one canonical layout; `name` is what messages call it.

    It takes what can be read, whatever may be wrong with what it says. Comments stay between the words between which
    they stand. Raises `PolicyError`, with `.diagnostics`, where the text has errors of syntax.

    >>> print(format("rule remind:from day 9 to day 13   then allow sms,automated_voice # a reminder"), end="")
    rule remind:
      from day 9 to day 13 then allow sms, automated_voice  # a reminder
    """
    from forbear.formatting.format import format_text

    formatted = format_text(Source(name, text))
    if formatted.text is None:
        raise PolicyError(in_file_order(formatted.diagnostics))
    return formatted.text


def _policy(checked: Checked) -> Policy:
    if checked.policy is None:
        raise PolicyError(in_file_order(checked.diagnostics))
    return Policy(checked)


def check_file(path: str | Path, settings: Settings | None = None) -> Checked:
    """What `load` finds, as a value."""
    return check_opened(open_file(path), settings or {})


Opened: TypeAlias = "tuple[Source, Location | None] | Diagnostic"
"""A text that has been read, with where its file lies if it has one, or what kept it from being read."""


def open_file(path: str | Path) -> Opened:
    """The text of a file or of a shipped pack."""
    where = locate(path)
    if isinstance(where, Diagnostic):
        return where
    pack = pack_of(str(path))
    source = read_file(where, str(path) if pack is None else f"{PACK}{pack}")
    return source if isinstance(source, Diagnostic) else (source, where)


def open_rule_file(where: Location, name: str) -> Opened:
    """The text of a file that nobody named by hand, because it lies in a folder or in a revision."""
    source = read_rule_file(where, name)
    return source if isinstance(source, Diagnostic) else (source, where)


def check_opened(opened: Opened, settings: Settings) -> Checked:
    """What there is to say of a text that has been read."""
    return Checked(None, (opened,)) if isinstance(opened, Diagnostic) else check(*opened, settings)


def check_with_its_own(opened: Opened, settings: Settings) -> tuple[Checked, frozenset[str]]:
    """What there is to say of a text, which is given those of some settings that it has; and their names."""
    checked = check_opened(opened, {})
    own = {name: value for name, value in settings.items() if name in checked.settings}
    return (check_opened(opened, own) if own else checked), frozenset(own)


def check_text(text: str, name: str = "policy", settings: Settings | None = None) -> Checked:
    """What `loads` finds, as a value."""
    return check(Source(name, text), None, settings or {})


def locate(path: str | Path) -> Path | Diagnostic:
    """The file that a path or the name of a pack stands for."""
    pack = pack_of(str(path))
    return Path(path) if pack is None else pack_file(pack, Place(Source(str(path), ""), (0, 0)))
