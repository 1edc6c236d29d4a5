"""A decision in models of pydantic and in answers of FastAPI: its JSON, and the schema of that."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pydantic
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

import forbear

POLICY = forbear.loads(
    "action sms, visit, letter, call\nfact late days clock\nfact agreed yes/no optional\n"
    'rule a: after 1 day then allow sms because "late" source "3.4"\nrule b: agreed then forbid visit\n'
    "rule c: after 1 day then require letter"
)
DECISION = POLICY.decide({"late": 5})


class Answer(pydantic.BaseModel):
    account: str
    decision: forbear.Decision
    before: forbear.Decision | None = None


def test_a_decision_is_its_json_in_a_model() -> None:
    assert {decided.verdict.value for decided in DECISION.values()} == {"allowed", "required", "forbidden", "unsaid"}
    answer = Answer(account="A-17", decision=DECISION)
    assert answer.decision is DECISION
    want = {"account": "A-17", "decision": DECISION.as_json(), "before": None}
    assert answer.model_dump() == answer.model_dump(mode="json") == json.loads(answer.model_dump_json()) == want
    assert pydantic.TypeAdapter(forbear.Decision).dump_python(DECISION) == DECISION.as_json()


def test_a_model_is_read_from_its_json() -> None:
    answer = Answer(account="A-17", decision=DECISION, before=POLICY.decide({"late": 0}))
    for read in (
        Answer.model_validate_json(answer.model_dump_json()),
        Answer.model_validate(answer.model_dump()),
    ):
        assert dict(read.decision) == dict(DECISION)
        assert read.decision.permits("letter")
        assert read == Answer.model_validate(answer.model_dump())
        with pytest.raises(forbear.CaseError):
            read.decision["lettr"]


@pytest.mark.parametrize(("of", "value"), [
    ("permitted", False), ("permitted", 1), ("permitted", None), ("verdict", "forbidden"), ("verdict", "ok"),
    ("rules", "a"), ("rules", None), ("because", [1]), ("unknown", {}),
])  # fmt: skip
def test_what_is_no_decision_is_refused(of: str, value: object) -> None:
    document: dict[str, Any] = json.loads(json.dumps(DECISION.as_json()))
    document["sms"][of] = value
    wrong: Any
    for wrong in (document, {"sms": {}}, {"sms": "allowed"}, [], "sms"):
        with pytest.raises(pydantic.ValidationError):
            Answer.model_validate({"account": "A", "decision": wrong})
        with pytest.raises(pydantic.ValidationError):
            Answer.model_validate_json(json.dumps({"account": "A", "decision": wrong}))


def test_the_schema_is_that_of_the_json() -> None:
    adapter = pydantic.TypeAdapter(forbear.Decision)
    schema = adapter.json_schema(mode="serialization")
    assert schema == adapter.json_schema(mode="validation")
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    validator.validate(DECISION.as_json())
    decided = schema["additionalProperties"]
    assert sorted(decided["properties"]) == ["along", "because", "permitted", "rules", "source", "unknown", "verdict"]
    assert decided["properties"]["verdict"]["enum"] == ["allowed", "required", "forbidden", "unsaid"]
    assert "unknown" not in decided["required"]
    wrong: Any
    for wrong in ({"sms": "allowed"}, {"sms": {"verdict": "maybe"}}, []):
        assert not validator.is_valid(wrong)


app = FastAPI()


@app.post("/decide")
def decide(case: dict[str, Any]) -> forbear.Decision:
    return POLICY.decide(case)


@app.post("/answer")
def answer(case: dict[str, Any]) -> Answer:
    return Answer(account="A-17", decision=POLICY.decide(case))


def test_fastapi_answers_with_its_json() -> None:
    client = TestClient(app)
    said = client.post("/decide", json={"late": 5}).json()
    assert said == DECISION.as_json()
    assert client.post("/answer", json={"late": 5}).json()["decision"] == said
    api = client.get("/openapi.json").json()
    schema = api["paths"]["/decide"]["post"]["responses"]["200"]["content"]["application/json"]["schema"]
    jsonschema.validate(said, schema)
    assert (
        schema["additionalProperties"]
        == api["components"]["schemas"]["Answer"]["properties"]["decision"]["additionalProperties"]
    )


def test_who_does_not_use_pydantic_does_not_load_it() -> None:
    program = (
        "import sys, forbear; print(forbear.loads('after 1 day then allow sms').decide({'days_overdue': 3}).as_json()"
        " and [name for name in sys.modules if name.startswith('pydantic')])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
