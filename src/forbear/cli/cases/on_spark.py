"""`forbear apply --engine spark`: the answer of `apply`, decided by the workers of Spark."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

from forbear.cli.cases.lines import CaseOptions, check_names, line_of
from forbear.cli.support.failing import fail, needing, wrong_use
from forbear.cli.support.writing import refuse_streams
from forbear.library.policy import Policy
from forbear.report.portfolio import Summary

_ENDINGS = ("", ".parquet", ".csv", ".jsonl", ".ndjson")


def apply_on_spark(
    policy: Policy,
    cases: str,
    target: str,
    options: CaseOptions,
    inputs: Sequence[Path],
    summary: Summary,
    check: Callable[[], None],
) -> None:
    """Writes the answer and the rejects to folders, and counts them in `summary`.

    `check` is called when all is counted, and ends the command if the folders must not be published. `inputs` are the
    other files that the command reads. Any error ends the command with 1 or 2; only `CaseError` is raised.
    """
    if not options.key:
        wrong_use("on Spark rows come in no order: name with `--key` the columns by which a row is known")
    for path in (cases, target):
        if _ending(path) not in _ENDINGS:
            wrong_use(f"{path!r} is an unsupported file type: use .parquet, .csv or .jsonl, or no ending")
    refuse_streams(target)
    from forbear.spark.places import Misplaced, NotWritten, found, local_name
    from forbear.spark.publishing import publish
    from forbear.spark.session import SparkFailed, spark_session

    try:
        with needing("`--engine spark`", "spark"), spark_session() as session:
            read = found(session, cases)
            if not read:
                wrong_use(f"there is no file or folder {cases!r}")
            read += [local_name(session, path) for path in inputs]
            answer = _decided(session, policy, cases, options)
            publish(session, answer, target, _ending(target), options.key, read, summary, check)
    except (NotWritten, SparkFailed) as error:
        fail(str(error))
    except Misplaced as error:
        wrong_use(str(error))


def _ending(path: str) -> str:
    return PurePosixPath(path).suffix.lower()


def _decided(session: Any, policy: Policy, cases: str, options: CaseOptions) -> Any:
    from forbear.spark.portfolio import decided, decided_lines, read_cases

    ending, facts = _ending(cases), policy.typed.facts
    rows = read_cases(session, cases, ending)
    if ending in (".jsonl", ".ndjson"):
        check_names(facts, options)
        return decided_lines(policy, rows, partial(line_of, policy, options=options), options.key, why=options.why)
    return decided(policy, rows, {**options.arguments("key", "why"), "count": True}, texts=ending == ".csv")
