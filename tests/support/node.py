"""Policies in JavaScript, under Node."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from forbear.targets.javascript.module import kernel

DRIVER = """
import { createInterface } from "node:readline";
import { CaseError, decideBy, load } from "./kernel.mjs";
const modules = new Map();
for await (const line of createInterface({ input: process.stdin })) {
    const { data, module, cases } = JSON.parse(line);
    const compiled = module === undefined ? null : await import(module);
    const policy = compiled === null ? load(data) : null;
    const answers = cases.map(([given, on]) => {
        try {
            return compiled === null ? decideBy(policy, given, on) : compiled.decide(given, on);
        } catch (error) {
            if (error.name !== "CaseError") return String(error.stack);
            return error.faults;
        }
    });
    console.log(JSON.stringify(answers));
}
"""


class Node:
    """A process that answers about policies."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "kernel.mjs").write_text(kernel(), encoding="utf-8")
        (folder / "driver.mjs").write_text(DRIVER, encoding="utf-8")
        self.process = subprocess.Popen(
            ["node", str(folder / "driver.mjs")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def ask(self, **question: object) -> list[Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        answers: list[Any] = json.loads(self.process.stdout.readline())
        return answers

    def module(self, text: str, name: str) -> str:
        path = self.folder / f"{name}.mjs"
        path.write_text(text, encoding="utf-8")
        return f"./{path.name}"


@contextmanager
def running_node(folder: Path) -> Iterator[Node]:
    """A process that ends with the context. Its files are in the folder."""
    running = Node(folder)
    yield running
    assert running.process.stdin is not None
    running.process.stdin.close()
    assert running.process.wait(timeout=20) == 0
