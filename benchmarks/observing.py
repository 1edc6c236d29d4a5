"""What logging and OpenTelemetry cost `decide` with ten rules: nothing where they are not used. In process time."""

from __future__ import annotations

import logging
import sys
import time

from measure import turn_by_turn, verdict
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from workload import TEN_RULES, cases

import forbear
from forbear.telemetry import instrument

ROUNDS = 60


def main() -> None:
    plain = forbear.loads(TEN_RULES)
    logged = forbear.loads(TEN_RULES)
    api_alone = instrument(plain)
    with_sdk = instrument(
        plain, tracer_provider=TracerProvider(), meter_provider=MeterProvider([InMemoryMetricReader()])
    )
    asked = cases()

    def ask(policy: forbear.Policy) -> None:
        for case in asked:
            policy.decide(case)

    def ask_with_log() -> None:
        logging.getLogger("forbear").setLevel(logging.DEBUG)
        ask(logged)
        logging.getLogger("forbear").setLevel(logging.NOTSET)

    contenders = [lambda: ask(plain), ask_with_log, lambda: ask(api_alone), lambda: ask(with_sdk)]
    times = [each / len(asked) for each in turn_by_turn(contenders, ROUNDS, time.process_time)]
    for what, its in zip(("plain", "with a log", "the API alone", "with the SDK"), times, strict=True):
        print(f"{what:14} {its * 1e9:7.0f} ns a case")
    sys.exit(0 if verdict("decide with a log, to decide without", times[1] / times[0], 1.05) else 1)


if __name__ == "__main__":
    main()
