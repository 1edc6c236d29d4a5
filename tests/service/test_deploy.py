"""The examples in `deploy/` call the command as it is."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

from forbear.cli.serve import command

DEPLOY = Path(__file__).parent.parent.parent / "deploy"


def parsed(words: list[str]) -> dict[str, object]:
    """The options of a call, as the command reads them."""
    return command.make_context("serve", words, resilient_parsing=False).params


def test_the_container_serves() -> None:
    text = (DEPLOY / "Dockerfile").read_text()
    entry, more = (json.loads(found) for found in re.findall(r"^(?:ENTRYPOINT|CMD) (.*)$", text, re.MULTILINE))
    assert entry[1] == "serve"
    params = parsed([*entry[2:], *more])
    assert (params["folder"], params["host"]) == ("/policies", "0.0.0.0")
    assert params["token_file"] is not None
    assert f"EXPOSE {params['port']}" in text
    assert f"127.0.0.1:{params['port']}/health/ready" in text


def test_the_unit_serves() -> None:
    text = (DEPLOY / "forbear.service").read_text().replace("\\\n", " ")
    start = shlex.split(re.findall(r"^ExecStart=(.*)$", text, re.MULTILINE)[0])
    params = parsed(start[2:])
    assert str(params["unix"]).startswith("/run/forbear/")
    assert str(params["record_path"]).startswith("/var/lib/forbear/")
