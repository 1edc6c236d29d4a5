"""What a program sees of Forbear at work: its log, and spans and metrics through the SDK of OpenTelemetry."""

from __future__ import annotations

import copy
import logging
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from invoking import write
from opentelemetry import trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from polars.testing import assert_frame_equal

import forbear
from forbear.telemetry import instrument

TEXT = """\
policy house
  version "3"
  in force from 2020-01-01
fact late days clock
fact income money CNY private
fact state text private
action sms, visit, letter
rule remind: after 3 days and state is "NY" then allow sms
rule ask: after 9 days and income > CNY 100 then allow visit
rule never_write: never letter
"""
CASE = {"late": 12, "income": "3400.07", "state": "NY"}
ON = "2026-03-01"
PRIVATE = ("3400.07", "NY", "A-17")


class Observed:
    """Spans and metrics of a program, in memory."""

    def __init__(self) -> None:
        self._spans = InMemorySpanExporter()
        self.tracers = TracerProvider()
        self.tracers.add_span_processor(SimpleSpanProcessor(self._spans))
        self._metrics = InMemoryMetricReader()
        self.meters = MeterProvider([self._metrics])

    def instrument(self, policy: Any) -> Any:
        return instrument(policy, tracer_provider=self.tracers, meter_provider=self.meters)

    @property
    def spans(self) -> tuple[ReadableSpan, ...]:
        return self._spans.get_finished_spans()

    def counted(self, name: str, *by: str) -> dict[Any, Any]:
        """The values of a metric by some of its attributes."""
        data = self._metrics.get_metrics_data()
        points = [
            point
            for resource in (data.resource_metrics if data else ())
            for scope in resource.scope_metrics
            for metric in scope.metrics
            if metric.name == name
            for point in metric.data.data_points
        ]
        return {tuple((point.attributes or {})[f"forbear.{one}"] for one in by): point for point in points}

    @property
    def text(self) -> str:
        """All that was told."""
        data = self._metrics.get_metrics_data()
        return "".join(span.to_json() for span in self.spans) + (data.to_json() if data else "")


@pytest.fixture
def observed() -> Iterator[Observed]:
    one = Observed()
    yield one
    one.tracers.shutdown()
    one.meters.shutdown()


@pytest.fixture
def plain() -> forbear.Policy:
    return forbear.loads(TEXT)


def test_a_decision_is_a_span_and_a_verdict_on_each_action(observed: Observed, plain: forbear.Policy) -> None:
    policy = observed.instrument(plain)
    with observed.tracers.get_tracer("program").start_as_current_span("request") as request:
        assert policy.decide(CASE, ON, request="r-1") == plain.decide(CASE, ON)
    policy.decide({**CASE, "late": 1}, ON, None, None, "A-17", "r-2")
    first, _, second = observed.spans
    assert (second.attributes or {})["forbear.request"] == "r-2"
    assert first.name == "forbear.decide"
    assert first.parent == request.get_span_context()
    assert dict(first.attributes or {}) == {
        "forbear.policy": "house", "forbear.digest": plain.digest, "forbear.version": "3", "forbear.request": "r-1",
        "forbear.permitted": ("sms", "visit"),
    }  # fmt: skip
    verdicts = observed.counted("forbear.verdicts", "policy", "call", "action", "verdict")
    assert {by: point.value for by, point in verdicts.items()} == {
        ("house", "decide", "sms", "allowed"): 1, ("house", "decide", "sms", "unsaid"): 1,
        ("house", "decide", "visit", "allowed"): 1, ("house", "decide", "visit", "unsaid"): 1,
        ("house", "decide", "letter", "forbidden"): 2,
    }  # fmt: skip
    duration = observed.counted("forbear.duration", "policy", "call")["house", "decide"]
    assert (duration.count, duration.sum > 0) == (2, True)
    assert not [private for private in PRIVATE if private in observed.text]


def test_permits_is_a_span_and_a_verdict_on_its_action(observed: Observed, plain: forbear.Policy) -> None:
    policy = observed.instrument(plain)
    assert policy.permits("sms", CASE, ON) is True
    assert policy.permits("letter", CASE, ON) is False
    attributes = [span.attributes or {} for span in observed.spans]
    assert [(one["forbear.action"], one["forbear.verdict"]) for one in attributes] == [
        ("sms", "allowed"), ("letter", "forbidden"),
    ]  # fmt: skip
    assert observed.counted("forbear.verdicts", "call", "action").keys() == {("permits", "sms"), ("permits", "letter")}


def test_a_refused_case_tells_the_facts_and_not_their_values(observed: Observed, plain: forbear.Policy) -> None:
    policy = observed.instrument(plain)
    asks: list[Callable[[Any], object]] = [
        lambda case: policy.decide(case, ON),
        lambda case: policy.permits("sms", case, ON),
    ]
    for ask in asks:
        with pytest.raises(forbear.CaseError):
            ask({"late": "sixty-one", "state": 7, "Zhang": "NY"})
    with pytest.raises(forbear.CaseError):
        policy.permits("lettr", CASE, ON)
    assert [(span.status.status_code, span.status.description) for span in observed.spans] == [
        (trace.StatusCode.ERROR, "the case was refused")
    ] * 3
    assert [(span.attributes or {})["forbear.faults"] for span in observed.spans] == [
        ("income", "late", "state"), ("late", "state"), (),
    ]  # fmt: skip
    assert not any(span.events for span in observed.spans)
    assert "sixty-one" not in observed.text
    assert "Zhang" not in observed.text
    refused = observed.counted("forbear.refused", "call")
    assert {by: point.value for by, point in refused.items()} == {("decide",): 1, ("permits",): 2}


def test_a_record_that_fails_is_an_error_of_the_span(observed: Observed, plain: forbear.Policy, tmp_path: Path) -> None:
    policy = observed.instrument(plain)
    record = forbear.Record(tmp_path / "r.jsonl")
    policy.decide(CASE, ON, record=record, key="A-17")
    policy.permits("sms", CASE, ON, record=record, key="A-17", request="r-2")
    record.close()
    assert len((tmp_path / "r.jsonl").read_text(encoding="utf-8").splitlines()) == 2
    with pytest.raises(forbear.RecordError):
        policy.decide(CASE, ON, record=record)
    assert observed.spans[-1].status.description == "RecordError"
    assert len(observed.counted("forbear.verdicts", "call", "action")) == 4


def test_an_instrumented_policy_is_the_policy(observed: Observed, plain: forbear.Policy) -> None:
    policy = observed.instrument(plain)
    assert isinstance(policy, forbear.Policy)
    assert (policy.digest, policy.name, policy.files, repr(policy)) == (plain.digest, plain.name, (), repr(plain))
    assert policy.explain("sms", CASE, ON) == plain.explain("sms", CASE, ON)
    assert forbear.diff(plain, policy).equivalent
    assert policy.validate() == plain.validate()
    assert observed.spans == ()
    for other in (pickle.loads(pickle.dumps(policy)), copy.deepcopy(policy)):
        assert type(other) is type(policy)
        assert other.permits("sms", CASE, ON)


def test_without_its_own_days_it_is_instrumented_too(observed: Observed) -> None:
    dated = forbear.loads("policy house in force from 2026-03-01\nrule r: after 3 days then allow sms\n")
    policy, case = observed.instrument(dated), {"days_overdue": 9}
    assert policy.undated.permits("sms", case, "2026-02-01")
    assert (len(observed.spans), policy.undated.digest) == (1, dated.digest)
    frame = pl.DataFrame([case])
    expected = dated.plan(frame, 3, "2026-02-27", against=dated)
    assert_frame_equal(policy.plan(frame, 3, "2026-02-27", against=policy), expected)


def test_each_version_of_a_book_is_instrumented(observed: Observed, tmp_path: Path) -> None:
    write(tmp_path, TEXT)
    book = observed.instrument(forbear.load_book(tmp_path))
    assert isinstance(book, forbear.Book)
    assert book.on(ON).permits("sms", CASE, ON)
    assert len(observed.spans) == 1


# The log


def test_what_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "forbear")
    file, path = write(tmp_path, TEXT), tmp_path / "r.jsonl"
    policy = forbear.load(file)
    draft = forbear.loads("policy draft  rule a: after 1 day then allow sms", name="a draft")
    book = forbear.load_book(tmp_path)
    with forbear.Record(path, refused=True) as record:
        policy.decide(CASE, ON, record=record, key="A-17")
        path.rename(tmp_path / "r.jsonl.1")
        book.on(ON).permits("sms", CASE, ON, record=record, key="A-17")
        with pytest.raises(forbear.CaseError):
            policy.decide({"late": "many"}, ON, record=record)
    loaded = f"loaded policy house (version '3', {policy.digest}) from '{file}'"
    assert [(one.levelname, one.getMessage()) for one in caplog.records] == [
        ("INFO", loaded),
        ("INFO", f"loaded policy draft (version None, {draft.digest}) from 'a draft'"),
        ("INFO", loaded),
        ("INFO", f"opened the record '{path}'"),
        ("DEBUG", f"added a decision by policy house to the record '{path}'"),
        ("DEBUG", f"of book house the version '3' is in force on {ON}"),
        ("INFO", f"the record '{path}' was moved or deleted: a new file goes on with its chain"),
        ("DEBUG", f"added a decision on sms by policy house to the record '{path}'"),
        ("DEBUG", f"added a refused case by policy house to the record '{path}'"),
    ]  # fmt: skip
    assert {one.name for one in caplog.records} == {"forbear"}
    assert vars(caplog.records[0])["digest"] == policy.digest
    assert not [private for private in PRIVATE if private in caplog.text]


def test_who_has_neither_a_log_nor_opentelemetry_sees_nothing_of_them(tmp_path: Path) -> None:
    program = (
        "import sys; sys.modules['opentelemetry'] = None\n"
        f"import forbear; record = forbear.Record({str(tmp_path / 'r')!r})\n"
        f"print(forbear.loads({TEXT!r}).permits('sms', {CASE!r}, {ON!r}, record=record))\n"
        "try: import forbear.telemetry\n"
        "except ImportError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    permitted, said = done.stdout.splitlines()
    assert permitted == "True"
    assert said.startswith("telemetry needs the extra `otel` of forbear: there is no opentelemetry; ")
    assert done.stderr == ""
