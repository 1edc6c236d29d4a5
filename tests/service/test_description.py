"""The description of the service: it is OpenAPI, it is true, and clients in other languages are made from it."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from service_process import NIGHTLY, Serving, serving, written

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
JAVA = """
import org.openapitools.client.*;
import org.openapitools.client.api.*;
import org.openapitools.client.model.*;

public class Ask {
    public static void main(String[] arguments) throws Exception {
        ApiClient client = new ApiClient();
        client.updateBaseUri("http://127.0.0.1:" + arguments[0]);
        client.setRequestInterceptor(asking -> asking.header("Authorization", "Bearer " + arguments[1]));
        HouseApi house = new HouseApi(client);
        HouseCase late = new HouseCase()
            .late(new HouseCaseLate(61)).income(new HouseCaseIncome("3400.50")).reached(new HouseCaseLate(0));
        HouseAnswer answer = house.decideHouse(late);
        System.out.println(answer.getPolicy().getDigest());
        ActionDecision visit = answer.getDecisions().getVisit();
        System.out.println(visit.getVerdict() + " " + visit.getRules());
        HousePartialCase part = new HousePartialCase().late(new HouseCaseLate(5)).reached(new HouseCaseLate(1));
        System.out.println(house.permitsHouse("sms", part).getPermitted());
        try {
            house.decideHouse(new HouseCase()
                .late(new HouseCaseLate("-1")).income(new HouseCaseIncome("1")).reached(new HouseCaseLate(0)));
        } catch (ApiException refused) {
            System.out.println(refused.getCode() + " " + refused.getResponseBody());
        }
    }
}
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


SHORT = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
"""What makes Java faster where it ends soon."""
CHECKS = """
[checks.positive_data_acceptance]
enabled = false
[[operations]]
include-path-regex = "/(permits|explain|when|ask|partial)"
[operations.checks.negative_data_rejection]
enabled = false
"""
"""Two things are known. A text of digits may be out of the range of its fact, which no schema says: 422 does. And of
one action only the facts are checked that its rules read, whatever the others are."""


def test_schemathesis_finds_nothing(tmp_path: Path) -> None:
    found = shutil.which("st", path=Path(sys.executable).parent)
    assert found is not None
    (tmp_path / "checks.toml").write_text(CHECKS)
    with serving(written(tmp_path / "policies", KINDS)) as its:
        command = [found, "--config-file", "checks.toml", "run", f"http://127.0.0.1:{its.port}/openapi.json"]
        options = ["--no-color", "--max-examples", "500" if NIGHTLY else "2", *([] if NIGHTLY else ["--seed", "1"])]
        done = subprocess.run(
            [*command, *options], capture_output=True, text=True, check=False, cwd=tmp_path, timeout=3000
        )
        assert done.returncode == 0, "\n".join(line[:300] for line in done.stdout.splitlines())[-6000:]
        assert re.search(r"[0-9,]{3,} generated, [0-9,]{3,} passed", done.stdout)


@pytest.mark.skipif(shutil.which("javac") is None, reason="there is no compiler of Java here")
def test_a_generated_client_in_java_asks(tmp_path: Path) -> None:
    """The generator comes with a package of Python, and what its clients need with pyspark."""
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
    token = tmp_path / "token"
    token.write_text("a-token-of-the-service")
    headers = {"Authorization": "Bearer a-token-of-the-service"}
    with serving(written(tmp_path / "policies"), "--token-file", token) as its:
        (tmp_path / "openapi.json").write_bytes(its.ask("GET", "/openapi.json", headers=headers).body)
        made = ["-i", "openapi.json", "-g", "java", "--library", "native", "-o", "client"]
        options = "hideGenerationTimestamp=true,openApiNullable=false,useJakartaEe=true"
        parts = "apiTests=false,modelTests=false,apiDocs=false,modelDocs=false"
        jar = Path(generator.origin).parent / "openapi-generator.jar"
        _run(tmp_path, "java", *SHORT, "-jar", jar, "generate", *made, "-p", options, "--global-property", parts)
        (tmp_path / "Ask.java").write_text(JAVA)
        sources = [*(tmp_path / "client" / "src" / "main").rglob("*.java"), "Ask.java"]
        path = ":".join([*jars, "classes"])
        _run(
            tmp_path,
            "javac",
            *[f"-J{option}" for option in SHORT],
            "-nowarn",
            "-proc:none",
            "-cp",
            path,
            "-d",
            "classes",
            *sources,
        )
        told = _run(tmp_path, "java", *SHORT, "-cp", path, "Ask", str(its.port), "a-token-of-the-service").splitlines()
        digest = its.ask("GET", "/v1/policies", headers=headers).json["policies"][0]["versions"][0]["digest"]
    assert told[:3] == [digest, "allowed [visit_rarely]", "true"]
    assert told[3].startswith("422 ")
    assert '"fact":"late"' in told[3]


def _run(folder: Path, *command: object) -> str:
    done = subprocess.run(list(map(str, command)), cwd=folder, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout
