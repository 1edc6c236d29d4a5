"""A recorded piece of editing on 1,000 rules, typed into the language server: how long an author waits for what.

Each of 500 keystrokes breaks a statement or mends it, at five places of the file. After it comes what the text and its
names say; now and then the author stops, for the findings, or types on while they are looked for. On a machine that
others use, `--processor` counts only what the server works, and not the pause before the findings.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from keystrokes import KEYSTROKES, RULES, TYPES_ON, keys, of
from measure import verdict
from workload import many_rules


class Editor:
    """The client of a server: it types into one text."""

    def __init__(self, path: Path, text: str) -> None:
        command = [sys.executable, "-m", "forbear", "lsp"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.text, self.version, self.number = text, 1, 0
        self.uri = path.as_uri()
        self.published: list[int | None] = []
        self.ask("initialize", {"processId": None, "rootUri": None, "capabilities": {}})
        self.tell("initialized", {})
        item = {"uri": self.uri, "languageId": "forbear", "version": 1, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": item})

    def tell(self, method: str, params: Mapping[str, object]) -> None:
        self._send({"jsonrpc": "2.0", "method": method, "params": params})

    def ask(self, method: str, params: Mapping[str, object]) -> object:
        self.number += 1
        self._send({"jsonrpc": "2.0", "id": self.number, "method": method, "params": params})
        while True:
            message = self._receive()
            if message.get("id") == self.number and "method" not in message:
                return message.get("result")

    def replace(self, start: int, end: int, by: str) -> None:
        """Types a key, or deletes."""
        self.version += 1
        change = {"range": {"start": self.at(start), "end": self.at(end)}, "text": by}
        self.text = self.text[:start] + by + self.text[end:]
        which = {"uri": self.uri, "version": self.version}
        self.tell("textDocument/didChange", {"textDocument": which, "contentChanges": [change]})

    def at(self, offset: int) -> dict[str, int]:
        line = self.text.count("\n", 0, offset)
        return {"line": line, "character": offset - (self.text.rfind("\n", 0, offset) + 1)}

    def hear(self, times: int = 1) -> None:
        """Waits until diagnostics of the text as it is now have come so many times."""
        while self.published.count(self.version) < times:
            self._receive()

    def _send(self, message: Mapping[str, object]) -> None:
        body = json.dumps(message).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self.process.stdin.flush()

    def _receive(self) -> dict[str, Any]:
        stream = self.process.stdout
        assert stream is not None
        size = 0
        while line := stream.readline().strip():
            name, _, value = line.partition(b":")
            size = int(value) if name.lower() == b"content-length" else size
        message = cast(dict[str, Any], json.loads(stream.read(size)))
        if message.get("method") == "textDocument/publishDiagnostics":
            self.published.append(message["params"].get("version"))
        elif "method" in message and "id" in message:
            self._send({"jsonrpc": "2.0", "id": message["id"], "result": None})
        return message


def clock(editor: Editor) -> float:
    """The time in seconds: by the clock or, with `--processor`, by what the server's processors have worked."""
    if "--processor" not in sys.argv:
        return time.perf_counter()
    tasks = Path(f"/proc/{editor.process.pid}/task").glob("*/schedstat")
    return sum(int(task.read_text(encoding="ascii").split()[0]) for task in tasks) / 1e9


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "many.forbear"
        path.write_text(many_rules(RULES), encoding="utf-8")
        whole = path.read_text(encoding="utf-8")
        start = time.perf_counter()
        editor = Editor(path, whole)
        editor.hear()
        first = clock(editor) - (0 if "--processor" in sys.argv else start)
        editor.hear(2)
        waits: dict[str, list[float]] = {"names": [], "findings": [], "completion": [], "hover": []}
        for number, (begin, end, key) in zip(range(KEYSTROKES), keys(whole), strict=False):
            start = clock(editor)
            editor.replace(begin, end, key)
            editor.hear()
            waits["names"].append(clock(editor) - start)
            if number % TYPES_ON == 0:
                time.sleep(0.25)
            if number % 10 == 0:
                asked = {"textDocument": {"uri": editor.uri}, "position": editor.at(begin)}
                for feature in ("completion", "hover"):
                    start = clock(editor)
                    editor.ask(f"textDocument/{feature}", asked)
                    waits[feature].append(clock(editor) - start)
            if editor.text == whole:
                name = whole.index("score", whole.index(f"rule rule_{number}:"))
                for edit in ((name, name, " "), (name, name + 1, "")):
                    start = clock(editor)
                    editor.replace(*edit)
                    editor.hear(2)
                    waits["findings"].append(clock(editor) - start)
        status = Path(f"/proc/{editor.process.pid}/status").read_text(encoding="ascii")
        resident = int(status.partition("VmHWM:")[2].split()[0]) / 1024
        editor.ask("shutdown", {})
        editor.tell("exit", {})
        editor.process.wait(10)
    for what, times in waits.items():
        print(f"{what}: {', '.join(f'{1e3 * time:.0f} ms' for time in of(times))} (p50, p95, worst of {len(times)})")
    held = [
        verdict("first diagnostics after the start, in seconds", first, 0.5),
        verdict("syntax, names and hints after a keystroke, p95, in seconds", of(waits["names"])[1], 0.1),
        verdict("findings after an edit of one rule, p95, in seconds", of(waits["findings"])[1], 0.5),
        verdict("findings, worst", of(waits["findings"])[2], 1.0),
        verdict("completion, p95, in seconds", of(waits["completion"])[1], 0.05),
        verdict("hover, p95, in seconds", of(waits["hover"])[1], 0.05),
        verdict("memory in 300 MB", resident / 300, 1.0),
    ]
    sys.exit(0 if all(held) else 1)


if __name__ == "__main__":
    main()
