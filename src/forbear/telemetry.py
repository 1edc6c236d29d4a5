"""OpenTelemetry: a span for each answer of a policy, and metrics by policy, action and verdict.

`instrument` makes another policy, which answers as the given one does. Whoever does not call it pays nothing, as no
other code of Forbear knows of telemetry. Only the API of OpenTelemetry is used: what becomes of spans and metrics is up
to the SDK that the program configures. Of a case nothing is told, neither values nor accounts.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self, overload

from forbear.base.extras import missing_extra
from forbear.kernel.cases import CaseError
from forbear.library.book import Book
from forbear.library.policy import Day, Moment, Policy
from forbear.version import __version__

try:
    from opentelemetry import context, metrics, propagate, trace
except ModuleNotFoundError as error:
    raise ImportError(missing_extra("telemetry", "otel", error)) from None

if TYPE_CHECKING:
    from forbear.deciding.decision import Decision
    from forbear.library.explained import Explanation
    from forbear.portfolio.applier import Applier


@overload
def instrument(
    policy: Policy,
    *,
    tracer_provider: trace.TracerProvider | None = None,
    meter_provider: metrics.MeterProvider | None = None,
) -> Policy: ...


@overload
def instrument(
    policy: Book,
    *,
    tracer_provider: trace.TracerProvider | None = None,
    meter_provider: metrics.MeterProvider | None = None,
) -> Book: ...


def instrument(
    policy: Policy | Book,
    *,
    tracer_provider: trace.TracerProvider | None = None,
    meter_provider: metrics.MeterProvider | None = None,
) -> Policy | Book:
    """The same policy, or book of policies, of which `decide` and `permits` make spans and metrics.

    The providers are those of the program, unless others are given. Sent to another process, it takes that program's.
    """
    telemetry = _Telemetry(
        trace.get_tracer("forbear", __version__, tracer_provider),
        metrics.get_meter("forbear", __version__, meter_provider),
    )
    if isinstance(policy, Book):
        return Book(policy.name, tuple([_Instrumented(version, telemetry) for version in policy.versions]))
    return _Instrumented(policy, telemetry)


@contextmanager
def continuing(headers: Mapping[str, str]) -> Iterator[None]:
    """Lets the spans of what is done here belong to the trace that the headers of a request name, if they do."""
    token = context.attach(propagate.extract(headers))
    try:
        yield
    finally:
        context.detach(token)


class _Telemetry:
    def __init__(self, tracer: trace.Tracer, meter: metrics.Meter) -> None:
        self.tracer = tracer
        self.verdicts = meter.create_counter("forbear.verdicts", "{verdict}", "Verdicts on actions")
        self.refused = meter.create_counter("forbear.refused", "{case}", "Cases that were refused as in error")
        self.duration = meter.create_histogram("forbear.duration", "s", "Time for an answer, with its record")


class _Instrumented(Policy):
    """A policy that tells of its answers, which another one gives."""

    __slots__ = ("_plain", "_telemetry")

    def __init__(self, plain: Policy, telemetry: _Telemetry) -> None:
        super().__init__(plain.checked)
        self._plain = plain
        self._telemetry = telemetry

    def __reduce__(self) -> tuple[Callable[..., Policy], tuple[object]]:
        return instrument, (self._plain,)

    # The arguments after the case are those of the policy's own methods, in their order.

    def decide(self, case: Mapping[str, object], *arguments: Any, **more: Any) -> Decision:
        with self._answering("decide", _request(*arguments, **more)) as span:
            decision = self._plain.decide(case, *arguments, **more)
            for action, decided in decision.items():
                self._count("decide", action, decided.verdict.value)
            if span.is_recording():
                permitted = [action for action, decided in decision.items() if decided.permitted]
                span.set_attribute("forbear.permitted", permitted)
            return decision

    def permits(self, action: str, *arguments: Any, **more: Any) -> bool:
        return self.decide_alone(action, *arguments, **more).permits(action)

    def decide_alone(self, action: str, case: Mapping[str, object], *arguments: Any, **more: Any) -> Decision:
        with self._answering("permits", _request(*arguments, **more)) as span:
            decision = self._plain.decide_alone(action, case, *arguments, **more)
            verdict = decision[action].verdict.value
            self._count("permits", action, verdict)
            span.set_attributes({"forbear.action": action, "forbear.verdict": verdict})
            return decision

    @property
    def plain(self) -> Policy:
        return self._plain

    def _in_force(self, since: int | None, until: int | None) -> Self:
        other = type(self)(self._plain._in_force(since, until), self._telemetry)
        other._digest = self.digest
        return other

    def prepare(self) -> None:
        self._plain.prepare()

    def explain(self, action: str, case: Mapping[str, object], on: Day = None, at: Moment = None) -> Explanation:
        return self._plain.explain(action, case, on, at)

    @property
    def applier(self) -> Applier:
        return self._plain.applier

    @contextmanager
    def _answering(self, call: str, request: object) -> Iterator[trace.Span]:
        """A span about a call, and how long it takes. Of an error it has the type, and of a case that is refused the
        names of its facts in error, as messages may show values."""
        about = {"forbear.policy": self.name, "forbear.digest": self.digest}
        if self.version is not None:
            about["forbear.version"] = self.version
        if request is not None:
            about["forbear.request"] = str(request)
        start = time.perf_counter()
        with self._telemetry.tracer.start_as_current_span(
            f"forbear.{call}", attributes=about, record_exception=False, set_status_on_exception=False
        ) as span:
            by_policy = {"forbear.policy": self.name, "forbear.call": call}
            try:
                yield span
            except CaseError as error:
                self._telemetry.refused.add(1, by_policy)
                span.set_attribute("forbear.faults", [fault.fact for fault in error.faults if fault.fact in self.facts])
                span.set_status(trace.StatusCode.ERROR, "the case was refused")
                raise
            except BaseException as error:
                span.set_status(trace.StatusCode.ERROR, type(error).__name__)
                raise
            finally:
                self._telemetry.duration.record(time.perf_counter() - start, by_policy)

    def _count(self, call: str, action: str, verdict: str) -> None:
        attributes = {"forbear.policy": self.name, "forbear.call": call}
        self._telemetry.verdicts.add(1, {**attributes, "forbear.action": action, "forbear.verdict": verdict})


def _request(on: Day = None, at: Moment = None, record: Any = None, key: Any = None, request: Any = None) -> object:
    return request
