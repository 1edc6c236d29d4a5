"""The description says all that answers have, and answers have all that it says: for drawn policies and cases, and for
policies whose names could be taken for those of others."""

from __future__ import annotations

import datetime
import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import small
import strategies
import worlds
from attrs import frozen
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from night import NIGHTLY
from service_process import HOUSE, SHOWN, Serving, serving, written

import forbear

RULES = Path(__file__).parent.parent.parent / "rules"
WORLDS = 300 if NIGHTLY else 6
SMALL = 200 if NIGHTLY else 6
OF_DAYS_SINCE = 6
"""The world in which a number of days since an event ends an interval."""
OPENED = ("wanted_from", "score", "open_days", "grade", "days_overdue", "birth")
NAMES = {"account": "A-17", "request_id": 7}
SHOWN_CASE = {
    "late": 9,
    "at": "2026-03-07T10:30:00-05:00",
    "zone": "America/New_York",
    "history": [{"event": "touch", "at": "2026-03-05T09:00:00-05:00"}],
    "history_from": "opening",
    "note": "yes",
    "promised": "2026-03-20",
    "income": 4000,
    "payment": "100.50",
}
PACK_CASE = {
    "days_overdue": 34,
    "unreachable": 5,
    "overdue_amount": "500.25",
    "at": "2015-09-20T09:00",
    "zone": "Asia/Shanghai",
}
BY_HAND = [
    ("shown", SHOWN_CASE, ["note", "promised"]),
    ("shown", SHOWN_CASE, ["income", "payment"]),
    ("house", {"late": 61, "income": "3400.50", "reached": 3, "on": "2026-01-01"}, ["reached"]),
    ("huabei", PACK_CASE, ["unreachable"]),
]
"""What the drawn ones have too seldom."""
ONLY_IN_TROUBLE = {"Readiness.record", "Readiness.errors"}
"""What no healthy service answers."""


@frozen
class Drawn:
    """A policy that is served, a case of it with its day or moment, and which facts are open when that is asked."""

    name: str
    case: Mapping[str, Any]
    opened: Sequence[str]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Drawn]]:
    folder = tmp_path_factory.mktemp("policies")
    found = []
    for seed in sorted({*range(WORLDS), OF_DAYS_SINCE}):
        world = worlds.world(seed)
        if world is not None:
            name = f"world_{seed}"
            text = world.text.replace("policy world", f'policy {name} "A world"', 1)
            written(folder, text, f"{name}.forbear")
            read = [fact for fact in OPENED if fact in world.policy.facts]
            found.append(Drawn(name, {**world.case, "at": world.at.isoformat()}, read[: 1 + seed % 3]))
    for seed in range(SMALL):
        make = (small.small_policy, small.dutiful_policy, small.related_policy)[seed % 3]
        name = f"small_{seed}"
        text, headed = re.subn("^(policy|standard) small", rf"\1 {name}", make(seed))
        text = text if headed else f"policy {name}\n{text}"
        written(folder, text, f"{name}.forbear")
        typed = forbear.loads(text).typed
        day = datetime.date.fromordinal(typed.since or typed.until or datetime.date(2015, 10, 1).toordinal())
        generator = random.Random(seed)
        for case in strategies.boundary_cases(typed, seed, 2):
            opened = generator.sample(list(case), min(2, len(case)))
            if opened:
                found.append(Drawn(name, {**strategies.written(typed.facts, case), "on": day.isoformat()}, opened))
    written(folder, HOUSE)
    written(folder, SHOWN, "shown.forbear")
    for pack in (RULES / "huabei").rglob("*.forbear"):
        written(folder, pack.read_text(encoding="utf-8"), pack.name)
    found += [Drawn(*one) for one in BY_HAND]
    return folder, found


@pytest.fixture(scope="module")
def service(drawn: tuple[Path, list[Drawn]]) -> Iterator[Serving]:
    with serving(drawn[0], "--key", "account", "--request", "request_id") as found:
        yield found


def closed(schema: Any) -> Any:
    """A schema in which each object that names its properties has no others."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    parts = {name: closed(part) for name, part in schema.items()}
    named = isinstance(schema.get("properties"), dict)
    return {**parts, "additionalProperties": False} if named else parts


class Description:
    """The description, and which properties of its schemas answers had."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.paths = document["paths"]
        self.schemas = document["components"]["schemas"]
        self._responses = document["components"]["responses"]
        self._closed = closed(document)
        self.seen: set[str] = set()

    def check(self, path: str, method: str, status: int, answer: Any) -> None:
        """Holds an answer against the schema of its path."""
        response = self.paths[path][method]["responses"][str(status)]
        if "$ref" in response:
            response = self._responses[response["$ref"].rpartition("/")[2]]
        (content,) = response["content"].values()
        validator = Draft202012Validator({**self._closed, **closed(content["schema"])})
        wrong = [f"{error.json_path}: {error.message[:300]}" for error in validator.iter_errors(answer)]
        assert not wrong, (path, status, wrong, json.dumps(answer)[:1000])
        self._see(content["schema"], answer)

    def _see(self, schema: Mapping[str, Any], value: Any, name: str = "") -> None:
        for part in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
            if Draft202012Validator({**self._closed, **closed(part)}).is_valid(value):
                self._see(part, value)
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            self._see(self.schemas[name], value, name)
        if isinstance(value, dict):
            for key, part in value.items():
                its = schema.get("properties", {}).get(key)
                if its is not None:
                    self.seen.add(f"{name}.{key}")
                more = schema.get("additionalProperties", False)
                inner = its if its is not None else more if isinstance(more, dict) else {}
                self._see(inner, part)
        if isinstance(value, list):
            for part in value:
                self._see(schema.get("items", {}), part)


def test_answers_have_what_the_description_says_and_nothing_else(
    service: Serving, drawn: tuple[Path, list[Drawn]]
) -> None:
    description = Description(service.ask("GET", "/openapi.json").json)
    connection = service.connection()
    for path, methods in description.paths.items():
        if "get" in methods and path not in ("/openapi.json", "/metrics"):
            found = service.ask("GET", path, on=connection)
            description.check(path, "get", found.status, found.json)
    of_shared = {name for name in description.schemas if not re.match("World|Small|Shown|House|Huabei", name)}
    statuses: dict[str, set[int]] = {}
    asked_of, refused = 0, []
    for one in drawn[1]:
        case = {**one.case, **NAMES}
        for path in [path for path in description.paths if path.startswith(f"/v1/policies/{one.name}/")]:
            question = path.rpartition(f"{one.name}/")[2]
            asked: object = case
            query = ""
            if question == "decide/batch":
                asked = {"cases": [case, {**NAMES, "at": case.get("at")}, 5]}
            elif question == "decide" and "at" in case:
                query = "?valid_until=true"
            elif question == "partial":
                query = "?open=" + ",".join(one.opened)
                asked = {name: value for name, value in case.items() if name not in one.opened}
            elif question.startswith("when/") and "on" in case:
                asked = {**case, "on": None, "at": f"{case['on']}T09:00Z", "zone": "UTC"}
            elif question.startswith("ask/"):
                asked = {name: value for name, value in case.items() if name not in one.opened}
            for action in description.schemas[_title(one.name) + "Decisions"]["properties"]:
                for body in (asked, {**NAMES, "unheard_of": 1}):
                    found = service.ask("POST", path.format(action=action) + query, body, on=connection)
                    description.check(path, "post", found.status, found.json)
                    asked_of += body is asked
                    if body is asked and found.status == 422:
                        refused.append((one.name, path, found.json["detail"]))
                    statuses.setdefault(question, set()).add(found.status)
                if "{action}" not in path:
                    break
    assert all(of_it == {200, 422} for of_it in statuses.values()), statuses
    assert len(refused) < asked_of / 100, refused
    nowhere = service.ask("POST", "/v1/policies/huose/decide", {})
    description.check("/v1/policies/house/decide", "post", nowhere.status, nowhere.json)
    named = {f"{name}.{key}" for name in of_shared for key in description.schemas[name].get("properties", ())}
    assert named - description.seen == ONLY_IN_TROUBLE


def test_clients_of_cases_compile(service: Serving) -> None:
    """Where a schema has `anyOf` beside its properties, generators for TypeScript name types that there are not; and of
    a text or a list of texts those for Java make no Java."""
    schemas = service.ask("GET", "/openapi.json").json["components"]["schemas"]
    cases = [schema for name, schema in schemas.items() if name.endswith("PartialCase")]
    assert len(cases) > WORLDS
    assert not [schema for schema in cases if "anyOf" in schema or "anyOf" in schema["properties"]["zone"]]
    zones = [schema["properties"]["zone"] for schema in cases]
    assert all(zone["minItems"] == 1 for zone in zones if "description" in zone)  # an empty list is refused


NUMBERS = """
policy {name}
event payment
  has amount money CNY
  has share percent
fact paid sum of payment.amount in last 7 days
fact owed money CNY optional
fact lent money CNY
fact late days clock
fact age number between 18 and 99 in steps of 1
fact balance number or none
action sms
rule remind: late > 3 and paid < owed and lent > CNY 1 and age > 20 and balance > 0 then allow sms
"""


def test_policies_share_their_numbers_and_say_a_fact_once(tmp_path: Path) -> None:
    """Of what each says alone generators make a class of hundreds of lines."""
    for name in ("north", "south"):
        written(tmp_path / "policies", NUMBERS.format(name=name), f"{name}.forbear")
    with serving(tmp_path / "policies") as found:
        document = found.ask("GET", "/openapi.json").json
    schemas = document["components"]["schemas"]
    shared = {name for name in schemas if name.endswith("Value")}
    assert shared == {
        *("MoneyCnyInPartValue", "MoneyCnyOrUnknownValue", "MoneyCnyValue", "DaysValue", "PercentValue"),
        "NumberOrNoneValue",
    }
    for title in ("North", "South"):
        facts, case = schemas[f"{title}PartialCase"]["properties"], schemas[f"{title}Case"]
        assert {its["$ref"].rpartition("/")[2] for its in facts.values() if "$ref" in its} < shared
        assert facts["age"]["anyOf"][0] == {"type": "integer", "minimum": 18, "maximum": 99}
        assert "properties" not in case
    validator = Draft202012Validator({**document, "$ref": "#/components/schemas/NorthCase"})
    good = {"late": 5, "owed": None, "lent": "CNY 3.50", "age": 30, "balance": "none", "paid": {"at_most": 9}}
    validator.validate(good)
    bad = {"late": -1, "lent": "USD 3", "age": 17, "balance": "nothing", "paid": {}, "x": 1}
    assert not [name for name in bad if validator.is_valid({**good, name: bad[name]})]
    needed = {name for name in good if not validator.is_valid({key: good[key] for key in good if key != name})}
    assert needed == {"late", "lent", "age", "balance"}


def _title(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


TAKEN_FOR_ANOTHER = ("a_1", "a1", "x", "x_partial", "all_x", "batch_x", "questions", "active", "ab", "a_b")


def test_no_policy_takes_a_name_that_another_or_a_language_has(tmp_path: Path) -> None:
    """Files of clients are called by these names, on systems that have but one of `Ab` and `AB` too."""
    for name in TAKEN_FOR_ANOTHER:
        written(tmp_path / "policies", HOUSE.replace("policy house", f"policy {name}"), f"{name}.forbear")
    with serving(tmp_path / "policies") as found:
        document = found.ask("GET", "/openapi.json").json
        names = list(document["components"]["schemas"])
        operations = [call["operationId"] for methods in document["paths"].values() for call in methods.values()]
        for given in (names, operations):
            assert len({name.lower() for name in given}) == len(given)
        assert not set(names) & (TYPESCRIPT | JAVA)
        for name in TAKEN_FOR_ANOTHER:  # each has its own schema of a case
            schema = document["paths"][f"/v1/policies/{name}/decide"]["post"]["requestBody"]["content"]
            of_case = schema["application/json"]["schema"]["$ref"].rpartition("/")[2]
            assert document["components"]["schemas"][of_case]["title"] == f"A case for policy {name}"


KINDS = """
policy kinds
  in force {days}
event contact
  has medium one of {mediums}{more}
fact late days clock
fact touched count of contact in last 7 days
action sms
rule remind: after 3 days and touched < 3 then allow sms
"""


def test_each_kind_of_event_has_a_schema_of_its_own(tmp_path: Path) -> None:
    """Named for the kind, so that another kind renames none. Of a book a kind takes what any version takes."""
    old = KINDS.format(days="until 2025-12-31", mediums="call, letter", more="\n  has note text")
    new = KINDS.format(days="from 2026-01-01", mediums="call, sms", more="\nevent con_tact\nevent case\nevent answer")
    written(tmp_path / "policies", old, "old.forbear")
    with serving(written(tmp_path / "policies", new, "new.forbear")) as found:
        document = found.ask("GET", "/openapi.json").json
    schemas = document["components"]["schemas"]
    kinds = {"contact": "Contact", "con_tact": "ConTact2", "case": "Case", "answer": "Answer"}
    mapping = {kind: f"#/components/schemas/Kinds{name}Event" for kind, name in kinds.items()}
    assert schemas["KindsEvent"]["discriminator"] == {"propertyName": "event", "mapping": mapping}
    assert schemas["KindsEvent"]["oneOf"] == [{"$ref": reference} for reference in mapping.values()]
    for kind, reference in mapping.items():
        its = schemas[reference.rpartition("/")[2]]["properties"]["event"]
        assert its == {"type": "string", "enum": [kind], "default": kind}
    for case in (*schemas["KindsCase"].get("anyOf", ()), schemas["KindsPartialCase"]):
        assert case["properties"]["history"]["items"] == {"$ref": "#/components/schemas/KindsEvent"}
    validator = Draft202012Validator({**document, "$ref": "#/components/schemas/KindsEvent"})
    at = "2026-03-05T09:00:00.123456789Z"
    for good in (
        {"event": "contact", "at": at, "medium": "letter", "note": "x"},
        {"event": "contact", "at": at, "medium": "sms"},
        {"event": "con_tact", "at": at, "id": 7},
    ):
        validator.validate(good)
    for bad in ({"event": "contact", "at": at}, {"event": "touch", "at": at}, {"event": "case"}, {"at": at}):
        assert not validator.is_valid(bad)


TYPESCRIPT = frozenset(
    {"Array", "Awaited", "Blob", "Date", "Error", "Exclude", "Extract", "File", "Function", "Map", "NonNullable"}
    | {"Object", "Omit", "Parameters", "Partial", "Pick", "Promise", "Readonly", "Record", "Request", "Required"}
    | {"Response", "ReturnType", "Set", "String", "Symbol"}
)
JAVA = frozenset(
    {"Boolean", "Class", "Exception", "Integer", "List", "Long", "Module", "Number", "Objects", "Optional", "Override"}
    | {"Package", "Process", "Record", "System", "Thread", "Throwable", "Void"}
)
