"""A client in Go, generated from the description, compiled and run: at night, since Go compiles its library first."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
from pathlib import Path

import pytest
from service_process import CASE, serving, written

MODULE = "example.org/client"
MAIN = """
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	forbear "example.org/client"
)

func main() {
	configuration := forbear.NewConfiguration()
	configuration.Servers = forbear.ServerConfigurations{{URL: os.Args[1]}}
	client := forbear.NewAPIClient(configuration)
	if os.Args[3] == "calls" {
		var asked forbear.CallsCase
		read(&asked)
		answer, response, err := client.CallsAPI.DecideCalls(context.Background()).CallsCase(asked).Execute()
		if err != nil {
			fmt.Println(response.StatusCode)
			return
		}
		fmt.Println(asked.History[1].CallsComplaintEvent.Id.String != nil, answer.Decisions.Call.Verdict)
		return
	}
	var asked forbear.HouseCase
	read(&asked)
	answer, response, err := client.HouseAPI.DecideHouse(context.Background()).HouseCase(asked).Execute()
	if err != nil {
		fmt.Println(response.StatusCode)
		return
	}
	fmt.Println(response.StatusCode, answer.Decisions.Visit.Permitted, answer.Decisions.Visit.Rules)
}

func read(asked any) {
	if err := json.Unmarshal([]byte(os.Args[2]), asked); err != nil {
		panic(err)
	}
}
"""


CALLS = """
policy calls
event contact
event complaint
fact called count of contact in last 7 days
fact complained any complaint ever
action call
rule call_twice: allow call when called < 2 and not complained
"""
"""Of kinds that only their names tell apart."""
MOMENT = {"at": "2026-03-07T10:00", "zone": "Asia/Shanghai", "history_from": "opening"}


def test_a_generated_client_in_go(tmp_path: Path) -> None:
    generator = importlib.util.find_spec("openapi_generator_cli")
    if generator is None or generator.origin is None or not shutil.which("java") or not shutil.which("go"):
        pytest.skip("this machine lacks a generator, Java or Go")
    jar = Path(generator.origin).parent / "openapi-generator.jar"
    written(tmp_path / "policies", CALLS, "calls.forbear")
    with serving(written(tmp_path / "policies")) as house:
        (tmp_path / "forbear.json").write_bytes(house.ask("GET", "/openapi.json").body)
        client = tmp_path / "client"
        properties = "packageName=forbear,useOneOfDiscriminatorLookup=true"
        options = ["-g", "go", "-i", tmp_path / "forbear.json", "-o", client, "--global-property=apiTests=false"]
        run(tmp_path, "java", "-jar", jar, "generate", *options, "--additional-properties", properties)
        (client / "go.mod").write_text(f"module {MODULE}\n\ngo 1.21\n")
        shutil.rmtree(client / "test", ignore_errors=True)
        (client / "ask").mkdir()
        (client / "ask" / "main.go").write_text(MAIN)
        run(client, "go", "build", "-o", tmp_path / "asking", "./ask")

        def ask(case: object, policy: str = "house") -> str:
            return run(tmp_path, tmp_path / "asking", f"http://127.0.0.1:{house.port}", json.dumps(case), policy)

        assert ask({**CASE, "late": 61}) == "200 true [visit_rarely]\n"
        assert ask({**CASE, "late": -1}) == "422\n"
        history = [{"event": kind, "at": "2026-03-06T10:00", "id": kind} for kind in ("contact", "complaint")]
        assert ask({**MOMENT, "history": history}, "calls") == "true unsaid\n"


def run(folder: Path, *command: object) -> str:
    done = subprocess.run(list(map(str, command)), cwd=folder, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout
