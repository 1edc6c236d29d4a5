"""Metrics for Prometheus. They have the names of policies, actions and verdicts, and no data of a case.

Requests are counted in plain numbers, which are converted when Prometheus asks for them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Final

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from forbear.service.policies import Served
from forbear.service.recording import Recorder
from forbear.service.watching import Folder
from forbear.service.writing import Reply

KIND: Final = b"text/plain; version=0.0.4; charset=utf-8"
BOUNDS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of the classes of latency, in seconds."""


class Metrics(Collector):
    """All counters, for one event loop."""

    def __init__(self, folder: Folder, recorder: Recorder | None) -> None:
        self._folder = folder
        self._recorder = recorder
        self._requests: Counter[tuple[str, int]] = Counter()
        self._latency: dict[str, list[int]] = defaultdict(lambda: [0] * (len(BOUNDS) + 1))
        self._seconds: Counter[str] = Counter()
        self._verdicts: dict[tuple[str, str], Counter[tuple[str, str]]] = defaultdict(Counter)
        self._refused: Counter[tuple[str, str]] = Counter()
        self.connections = 0
        """How many there are."""
        self.turned_away: Counter[str] = Counter()
        """Connections that were ended, by the reason."""
        self.rejected: Counter[str] = Counter()
        """Requests that asked nothing: who may not ask, and what there is not. By the status of the answer."""
        self.overtime = 0
        """How many threads work on an answer that nobody waits for any more."""
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._registry.register(self)

    def count(self, call: str, reply: Reply, seconds: float) -> None:
        """Counts a request that was answered."""
        self._requests[call, reply.status] += 1
        self._latency[call][bisect_left(BOUNDS, seconds)] += 1
        self._seconds[call] += seconds  # type: ignore[assignment]

    def count_decisions(self, call: str, policy: Served, reply: Reply) -> None:
        """Counts the decisions in an answer, which are recorded, and the cases that were refused."""
        counts = self._verdicts[policy.found.name, call]
        for told, times in reply.told.items():
            for verdict in told.verdicts:
                counts[verdict] += times
        if reply.refused:
            self._refused[policy.found.name, call] += reply.refused

    def page(self) -> bytes:
        """Returns all metrics, as Prometheus reads them."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """Yields the metrics for the registry."""
        yield _counted("requests", "Questions that were answered", ("call", "status"), self._requests)
        latency = HistogramMetricFamily("forbear_duration_seconds", "Seconds until an answer", labels=["call"])
        for call, classes in self._latency.items():
            below, buckets = 0, []
            for bound, number in zip([*map(str, BOUNDS), "+Inf"], classes, strict=True):
                below += number
                buckets.append((bound, below))
            latency.add_metric([call], buckets, self._seconds[call])
        yield latency
        verdicts = {
            (*asked, *told): times for asked, counts in self._verdicts.items() for told, times in counts.items()
        }
        yield _counted("verdicts", "Verdicts that were given", ("policy", "call", "action", "verdict"), verdicts)
        yield _counted("refused", "Cases in error, those of batches too", ("policy", "call"), self._refused)
        versions = InfoMetricFamily("forbear_policy", "1 for a version in force", labels=["policy"])
        for name, policy in self._folder.current.by_name.items():
            for version in policy.versions:
                versions.add_metric([name], {"digest": version.digest, "version": version.version or ""})
        yield versions
        yield _counted("loads", "Changed folders that were read: good, broken", ("outcome",), self._folder.loads)
        yield GaugeMetricFamily(
            "forbear_folder_broken", "1 if the changed folder has errors", int(self._folder.broken is not None)
        )
        yield GaugeMetricFamily("forbear_connections", "Open connections", self.connections)
        yield _counted(
            "turned_away", "Connections ended: full, slow, unread, head, no HTTP", ("reason",), self.turned_away
        )
        yield _counted(
            "rejected", "Requests refused before any question: 401, 403, 404, 405", ("status",), self.rejected
        )
        yield GaugeMetricFamily("forbear_overtime", "Threads at work after `overtime`", self.overtime)
        if self._recorder is not None:
            yield CounterMetricFamily("forbear_record_entries", "Lines on the disk", self._recorder.entries)
            yield CounterMetricFamily("forbear_record_groups", "Groups they were written in", self._recorder.groups)
            yield CounterMetricFamily("forbear_record_failures", "Groups not written", self._recorder.failures)


def _counted(name: str, about: str, labels: tuple[str, ...], numbers: Mapping[Any, int]) -> Metric:
    family = CounterMetricFamily(f"forbear_{name}", about, labels=labels)
    for key, number in sorted(numbers.items()):
        family.add_metric([key] if isinstance(key, str) else [str(part) for part in key], number)
    return family
