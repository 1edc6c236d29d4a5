"""Policies in Java, in one JVM that stays. Many are compiled at once, as a compiler of Java is slow to start."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import forbear

DRIVER = Path(__file__).with_name("Driver.java")


class Jvm:
    """A process that answers about policies."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            ["java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xss512k", str(DRIVER), str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def _ask(self, question: object) -> Any:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def compile(self, texts: Mapping[str, str]) -> str:
        """Compiles classes by the names of their files. Returns what the compiler says, with all its warnings."""
        for name, text in texts.items():
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_text(text, encoding="ascii")
        said: str = self._ask({"compile": [*texts]})
        return said

    def decide(self, name: str, cases: Sequence[tuple[Any, str | None, str | None]]) -> list[Any]:
        """What a class says of cases, each with its day and its moment: for each action what is not left out in a test
        vector, or the faults as lists of the fact, the code and the message."""
        answers: list[Any] = self._ask({"name": name, "cases": cases})
        return answers


def as_vector(decision: forbear.Decision) -> dict[str, Any]:
    """A decision as a test vector has it."""
    told = {}
    for action, its in decision.items():
        entry: dict[str, Any] = {"verdict": its.verdict.value}
        entry |= {"rules": list(its.rules)} if its.rules else {}
        entry |= {"unknown": list(its.unknown)} if its.unknown else {}
        entry |= {"along": {one.action: list(one.rules) for one in its.along}} if its.along else {}
        if entry != {"verdict": "unsaid"}:
            told[action] = entry
    return told


@contextmanager
def running_jvm(folder: Path) -> Iterator[Jvm]:
    """A process that ends with the context. Its files are in the folder."""
    running = Jvm(folder)
    yield running
    assert running.process.stdin is not None
    running.process.stdin.close()
    assert running.process.wait(timeout=20) == 0
