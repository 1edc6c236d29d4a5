"""Profiles of Hypothesis: `ci` is quick and always the same; FORBEAR_PROFILE=nightly looks further, at random. And a
session of Spark, with two workers on this machine. And which tests run in one process. And the table of what the
campaign tried (`tests/campaign`)."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings
from night import BY_NIGHT, NIGHTLY

import forbear

pytest_plugins = ("postgres_server", "report_pages")

if TYPE_CHECKING:
    from campaign import Campaign
    from pyspark.sql import SparkSession

HERE = Path(__file__).parent
QUIET = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)

settings.register_profile("ci", derandomize=True, deadline=None, suppress_health_check=QUIET, print_blob=True)
settings.register_profile("nightly", deadline=None, suppress_health_check=QUIET, print_blob=True)
settings.load_profile(os.environ.get("FORBEAR_PROFILE", "ci"))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """The tests of a file run in one process, and so do all that use Spark: what they share is set up once."""
    if config.getvalue("dist") != "load":
        return None  # somebody wants it otherwise
    from xdist.scheduler import LoadScopeScheduling

    @cache
    def group(file: str) -> str:
        text = (config.rootpath / file).read_text("utf-8")
        return "Spark" if "SparkSession" in text or "from engines import" in text else file

    found = LoadScopeScheduling(config, log)
    found._split_scope = lambda test: group(test.partition("::")[0])
    return found


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """By day the tests of the night are skipped."""
    for item in items if not NIGHTLY else ():
        if f"{item.path.relative_to(HERE).as_posix()}::{item.name}".startswith(BY_NIGHT):
            item.add_marker(pytest.mark.skip(reason="by night: tests/support/night.txt"))


@pytest.fixture(scope="session")
def session() -> Iterator[SparkSession]:
    from pyspark.sql import SparkSession

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        sources = str(Path(forbear.__file__).parent.parent)
        patch.setenv("PYTHONPATH", os.pathsep.join([sources, os.environ.get("PYTHONPATH", "")]))
        builder = SparkSession.builder.master("local[2]")
        for name, value in {
            "spark.ui.enabled": "false",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.sql.execution.arrow.maxRecordsPerBatch": "70",
            "spark.default.parallelism": "2",
            "spark.sql.timestampType": "TIMESTAMP_NTZ",
            "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",  # half the time for small data
            **({} if NIGHTLY else {"spark.sql.shuffle.partitions": "2"}),  # not 200
        }.items():
            builder = builder.config(name, value)
        found = builder.getOrCreate()  # its workers get the environment of this moment
    found.sparkContext.setLogLevel("ERROR")
    yield found
    found.stop()


@pytest.fixture
def campaign(request: pytest.FixtureRequest) -> Iterator[Campaign]:
    """The campaign of a surface, whose counts go to the table at the end."""
    from campaign import Campaign

    found = Campaign(request.node.function.__name__.removeprefix("test_"))
    yield found
    for outcome, number in found.outcomes.items():
        request.node.user_properties.append(("campaign", [found.surface, outcome, number]))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What the campaign tried, by surface and outcome, from all processes."""
    found: Counter[tuple[str, str]] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", None) == "teardown":
                for name, value in report.user_properties:
                    if name == "campaign":
                        surface, outcome, number = value
                        found[surface, outcome] += number
    if found:
        terminalreporter.section("campaign")
        for (surface, outcome), number in sorted(found.items()):
            terminalreporter.write_line(f"{surface:20} {outcome:30} {number:>12,}")
        terminalreporter.write_line(f"{'in all':51} {sum(found.values()):>12,}")
