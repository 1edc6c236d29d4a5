"""The description of the service: it is OpenAPI, and it is true."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from night import NIGHTLY
from openapi_spec_validator import OpenAPIV31SpecValidator
from service_process import Serving, serving, written

RULES = Path(__file__).parent.parent.parent / "rules"
KINDS = """
policy kinds
fact late days clock
fact reached count between 0 and 9
fact dispute one of none_known, unverified, verified
fact asked yes/no
fact income money CNY private
fact rate percent optional
fact promised date
action visit, sms
rule visit_rarely: after 60 days and dispute is none_known then allow visit
rule remind: after 3 days and reached < 5 and not asked and promised >= 2026-01-01 then allow sms
rule talk: after 9 days and income > CNY 100 and rate < 5% then allow sms
"""


@pytest.fixture(scope="module")
def packs() -> Iterator[Serving]:
    with serving(RULES if NIGHTLY else RULES / "huabei") as found:
        yield found


def test_it_is_openapi(packs: Serving) -> None:
    answer = packs.ask("GET", "/openapi.json")
    errors = list(OpenAPIV31SpecValidator(answer.json).iter_errors())
    assert not errors
    paths = answer.json["paths"]
    policies = [policy["name"] for policy in packs.ask("GET", "/v1/policies").json["policies"]]
    assert all(f"/v1/policies/{name}/decide" in paths for name in policies)
    ids = [call["operationId"] for methods in paths.values() for call in methods.values()]
    assert len(ids) == len(set(ids))
    again = packs.ask("GET", "/openapi.json", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status, again.body) == (304, b"")


CHECKS = """
[[operations]]
include-path-regex = "/(decide|partial|explain)$|/(permits|explain|when|ask)/"
[operations.checks.positive_data_acceptance]
expected-statuses = [200, 422]
[[operations]]
include-path-regex = "/(permits|explain|when|ask|partial|batch)"
[operations.checks.negative_data_rejection]
enabled = false
"""
"""A case that the schema takes may be refused for what no schema says: `beyond_schemas.py` lists it. What the schema
does not take may be answered: of one action only the facts are checked that its rules read, whatever the others are,
and a case of a batch that is in error is answered by its errors."""


def test_schemathesis_finds_nothing(tmp_path: Path) -> None:
    found = shutil.which("st", path=Path(sys.executable).parent)
    assert found is not None
    (tmp_path / "checks.toml").write_text(CHECKS)
    with serving(written(tmp_path / "policies", KINDS)) as its:
        command = [found, "--config-file", "checks.toml", "run", f"http://127.0.0.1:{its.port}/openapi.json"]
        options = ["--no-color", "--max-examples", "500" if NIGHTLY else "2", *([] if NIGHTLY else ["--seed", "1"])]
        paths = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
        done = subprocess.run(
            [*command, *options],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
            timeout=3000,
            env={**os.environ, "SCHEMATHESIS_HOOKS": "beyond_schemas", "PYTHONPATH": paths},
        )
        assert done.returncode == 0, "\n".join(line[:300] for line in done.stdout.splitlines())[-6000:]
        assert re.search(r"[0-9,]{3,} generated, [0-9,]{3,} passed", done.stdout)
