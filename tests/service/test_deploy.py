"""The examples in `deploy/` call the command as it is."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from fences import fences
from service_process import CASE, serving, written

from forbear.cli.main import main

DEPLOY = Path(__file__).parent.parent.parent / "deploy"


def of_guide(file: str) -> str:
    """The text of a file in the guide."""
    found = fences((DEPLOY.parent / "docs" / "guides" / "deploy.md").read_text(encoding="utf-8"))
    return next(fence.text for fence in found if fence.attributes.get("file") == file)


def parsed(words: list[str]) -> dict[str, object]:
    """The options of a call, as the command reads them."""
    context = click.Context(main, **main.context_settings)
    command = main.get_command(context, "serve")  # which refuses an option that is given twice
    assert command is not None
    return command.make_context("serve", words, context).params


def test_the_container_serves() -> None:
    text = (DEPLOY / "Dockerfile").read_text()
    entry, more = (json.loads(found) for found in re.findall(r"^(?:ENTRYPOINT|CMD) (.*)$", text, re.MULTILINE))
    assert entry[1] == "serve"
    params = parsed([*entry[2:], *more])
    assert (params["folder"], params["host"]) == ("/policies", "0.0.0.0")
    assert params["token_file"] is not None
    assert f"EXPOSE {params['port']}" in text
    assert f"127.0.0.1:{params['port']}/health/ready" in text


def test_the_sidecar_of_the_guide_listens_in_its_pod_and_answers_its_probes(tmp_path: Path) -> None:
    """With the entry point of the image, of which Kubernetes replaces the rest."""
    text = of_guide("sidecar.yaml")
    entry = json.loads(re.findall(r"^ENTRYPOINT (.*)$", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)[0])
    params = parsed([*entry[2:], *re.findall(r"args: \[(.*)\]", text)[0].split(", ")])
    assert (params["host"], params["token_file"]) == ("127.0.0.1", None)
    probes = re.findall(r"- /forbear/bin/python\n *- -c\n *- (.*)", text)
    assert [probe.partition("8711")[2][:14] for probe in probes] == ['/health/ready"', '/health/live",']
    with serving(written(tmp_path / "policies")) as found:
        asked = [[sys.executable, "-c", probe.replace("8711", str(found.port))] for probe in probes]
        for command in asked:
            subprocess.run(command, check=True)
        found.stop()
        assert subprocess.run(asked[0], capture_output=True, check=False).returncode != 0


def test_the_unit_serves() -> None:
    text = (DEPLOY / "forbear.service").read_text().replace("\\\n", " ")
    start = shlex.split(re.findall(r"^ExecStart=(.*)$", text, re.MULTILINE)[0])
    params = parsed(start[2:])
    assert str(params["unix"]).startswith("/run/forbear/")
    assert str(params["record_path"]).startswith("/var/lib/forbear/")
    assert "ExecReload=/bin/kill -HUP" not in text or "\nRestartForceExitStatus=SIGHUP\n" in text


def test_the_guide_makes_what_the_unit_needs() -> None:
    """The user, the program and the folder of the policies; systemd makes the others."""
    unit, steps = (DEPLOY / "forbear.service").read_text(), of_guide("unit.sh")
    user, group = re.findall(r"^(?:User|Group)=(.*)$", unit, re.MULTILINE)
    program, folder = re.findall(r"^ExecStart=(\S+) serve (\S+)", unit, re.MULTILINE)[0]
    assert user == group
    assert re.search(rf"^useradd .*--user-group .* {user}$", steps, re.MULTILINE)
    assert f"python3 -m venv {Path(program).parent.parent}\n" in steps
    assert f"install --directory {folder}\n" in steps
    assert f"usermod --append --groups {group} " in steps


def test_the_guide_gives_the_container_what_its_user_needs() -> None:
    image, steps, pod = (DEPLOY / "Dockerfile").read_text(), of_guide("container.sh"), of_guide("sidecar.yaml")
    user = re.findall(r"^USER (\d+)$", image, re.MULTILINE)[0]
    assert steps.count(f"--owner {user} ") == 2
    mounted = re.findall(r'--volume "\$PWD/[^:]*:([^:"]*)', steps)
    assert mounted == ["/policies", "/records", "/run/secrets/forbear-token"]
    assert all(path in image for path in mounted)
    assert re.findall(r"mountPath: (/\w+)", pod) == ["/policies", "/records"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
def test_systemd_reads_the_unit(tmp_path: Path) -> None:
    unit = tmp_path / "forbear.service"
    unit.write_text((DEPLOY / "forbear.service").read_text().replace("/opt/forbear/bin/forbear", sys.executable))
    done = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_steps_of_the_container_make_one_that_serves(tmp_path: Path) -> None:
    """What the image runs, in a folder in its place."""
    text = (DEPLOY / "Dockerfile").read_text().replace("\\\n", " ")
    build = re.findall(r"^RUN (.*)$", text, re.MULTILINE)[0].replace("python -m", f"{sys.executable} -m")
    shutil.copytree(DEPLOY.parent, tmp_path / "source", ignore=shutil.ignore_patterns(".git", ".venv*", "__pycache__"))
    for path in ("/forbear", "/source"):
        build = re.sub(rf"(?<![\w/]){path}\b", str(tmp_path / path[1:]), build)
    subprocess.run(["sh", "-ec", build], check=True, capture_output=True)
    program = ["env", "-u", "PYTHONPATH", str(tmp_path / "forbear" / "bin" / "forbear")]
    (tmp_path / "token").write_text("a-token-of-its-own")
    options = ["--host", "0.0.0.0", "--token-file", tmp_path / "token", "--record", tmp_path / "decisions.jsonl"]
    with serving(written(tmp_path / "policies"), *options, program=program) as found:
        check = json.loads(re.findall(r"HEALTHCHECK CMD (.*)$", text, re.MULTILINE)[0])
        check = [str(tmp_path / check[0][1:]), check[1], check[2].replace("8711", str(found.port))]
        subprocess.run(check, check=True)
        headers = {"Content-Type": "application/json", "Authorization": "Bearer a-token-of-its-own"}
        assert found.decide(CASE, headers=headers).status == 200
    assert (tmp_path / "decisions.jsonl").read_text().count("\n") == 1
