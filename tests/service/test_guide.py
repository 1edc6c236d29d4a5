"""What the guides show of a service and its clients, taken from their pages."""

from __future__ import annotations

import importlib.util
import json
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from fences import fences
from service_process import SHOWN, serving, written

GUIDES = Path(__file__).parent.parent.parent / "docs" / "guides"
PAGE = {
    fence.attributes.get("file", ""): fence.text
    for guide in ("http.md", "client.md")
    for fence in fences((GUIDES / guide).read_text(encoding="utf-8"))
}
SHORT = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
"""What makes Java faster where it ends soon."""


def commands(name: str) -> list[list[str]]:
    """The words of each command of a fence."""
    lines = PAGE[name].replace("\\\n", " ").splitlines()
    return [shlex.split(line, comments=True) for line in lines if line.strip()]


def test_the_first_question_to_a_service(tmp_path: Path) -> None:
    serve, (curl, address, option, body) = commands("service.sh")
    assert (serve[:3], curl, option) == (["forbear", "serve", "policies"], "curl", "--json")
    options = [tmp_path / word if word.endswith(".jsonl") else word for word in serve[3:]]
    with serving(written(tmp_path / "policies", PAGE["policies/house.forbear"]), *options) as its:
        found = its.ask("POST", address.removeprefix("http://127.0.0.1:8711"), json.loads(body))
    assert (found.status, found.json["permitted"], found.json["key"]) == (200, True, "A-17")


@pytest.mark.skipif(shutil.which("javac") is None, reason="there is no compiler of Java here")
def test_the_client_of_the_guide_asks_in_java(tmp_path: Path) -> None:
    """Policy, options of the generator, program and what it prints are those of the page. The generator comes with a
    package of Python, and what its clients need with pyspark."""
    generator = importlib.util.find_spec("openapi_generator_cli")
    spark = importlib.util.find_spec("pyspark")
    assert generator is not None
    assert generator.origin is not None
    assert spark is not None
    assert spark.origin is not None
    needed = (
        *("jackson-annotations", "jackson-core-2", "jackson-databind", "jackson-datatype-jsr310"),
        *("jakarta.annotation", "jsr305"),
    )
    jars = [str(jar) for jar in (Path(spark.origin).parent / "jars").glob("*.jar") if jar.name.startswith(needed)]
    for program in ("Ask.java", "Call.java"):
        (tmp_path / program).write_text(PAGE[program])
    token = tmp_path / "token"
    token.write_text("a-token-of-the-service")
    headers = {"Authorization": "Bearer a-token-of-the-service"}
    written(tmp_path / "policies", SHOWN, "shown.forbear")  # of which the client has to compile too
    written(tmp_path / "policies", PAGE["policies/calls.forbear"], "calls.forbear")
    with serving(written(tmp_path / "policies", PAGE["policies/house.forbear"]), "--token-file", token) as its:
        (tmp_path / "forbear.json").write_bytes(its.ask("GET", "/openapi.json", headers=headers).body)
        _, (_, *options) = commands("client.sh")
        parts = "apiTests=false,modelTests=false,apiDocs=false,modelDocs=false"
        jar = Path(generator.origin).parent / "openapi-generator.jar"
        _run(tmp_path, "java", *SHORT, "-jar", jar, *options, "--global-property", parts)
        sources = [*(tmp_path / "client" / "src" / "main").rglob("*.java"), "Ask.java", "Call.java"]
        path = ":".join([*jars, "classes"])
        quick = [f"-J{option}" for option in SHORT]
        _run(tmp_path, "javac", *quick, "-nowarn", "-proc:none", "-cp", path, "-d", "classes", *sources)
        address = f"http://127.0.0.1:{its.port}"
        for program, printed in (("Ask", "asked.txt"), ("Call", "called.txt")):
            told = _run(tmp_path, "java", *SHORT, "-cp", path, program, address, "a-token-of-the-service")
            assert told == PAGE[printed]


def _run(folder: Path, *command: object) -> str:
    done = subprocess.run(list(map(str, command)), cwd=folder, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout
