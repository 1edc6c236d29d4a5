"""What each version has written is read by this one, and means the same (`tests/support/compatibility.py`)."""

from __future__ import annotations

import gzip
import importlib.util
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from compatibility import HERE, names
from invoking import forbear as command
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

import forbear
from forbear.targets import json_form

VERSIONS = sorted(path for path in HERE.iterdir() if path.is_dir() and path.name[0].isdigit())
pytestmark = pytest.mark.parametrize("folder", VERSIONS, ids=lambda folder: folder.name)


def vectors(folder: Path) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """The arguments of each vector, and what it expects."""
    for vector in json.loads((folder / "house.vectors.json").read_text("utf-8"))["vectors"]:
        yield {"case": vector["case"], **{name: vector[name] for name in ("on", "at") if name in vector}}, vector


def test_rules_are_read_and_decide_as_they_did(folder: Path) -> None:
    policy = forbear.load(folder / "house.forbear")
    assert policy.digest == json.loads((folder / "house.vectors.json").read_text("utf-8"))["digest"]
    for arguments, expected in vectors(folder):
        held(lambda arguments=arguments: policy.decide(**arguments).as_json(), expected)  # type: ignore[misc]


def test_a_compiled_module_decides_as_it_did(folder: Path, tmp_path: Path) -> None:
    """Whoever asks a module gets what its version promised, in whatever Python runs it."""
    (tmp_path / "house.py").write_bytes(gzip.decompress((folder / "house.py.gz").read_bytes()))
    spec = importlib.util.spec_from_file_location("house", tmp_path / "house.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for arguments, expected in vectors(folder):
        held(lambda arguments=arguments: module.decide(**arguments), expected)  # type: ignore[misc]


def held(decide: Callable[[], Any], expected: dict[str, Any]) -> None:
    """What is decided is what a vector expects, which leaves unsaid actions out; or the facts at fault are."""
    if "decisions" in expected:
        found = {name: (one["verdict"], one["rules"]) for name, one in decide().items() if one["verdict"] != "unsaid"}
        wanted = {name: (one["verdict"], one.get("rules", [])) for name, one in expected["decisions"].items()}
        assert found == wanted, expected
        return
    try:
        decide()
    except ValueError as refused:
        at_fault = {fault.fact or "" for fault in refused.faults}  # type: ignore[attr-defined]
        assert at_fault >= {*expected["faults"]}, expected
    else:
        pytest.fail(f"it is decided: {expected}")


def test_the_json_form_is_one(folder: Path) -> None:
    for name, file in (("policy", "house.json"), ("vectors", "house.vectors.json")):
        schema = json.loads(Path(json_form.__file__).with_name(f"{name}.schema.json").read_text("utf-8"))
        Draft202012Validator(schema).validate(json.loads((folder / file).read_text("utf-8")))


def test_a_record_is_replayed_and_explained(folder: Path) -> None:
    record = folder / "record.jsonl"
    lines = record.read_text("utf-8").splitlines()
    again = command("replay", record, "--policy", folder / "house.forbear", "--format", "json")
    assert (again.code, again.json["counts"]["same"]) == (0, len(lines)), again.out
    answer = command("explain", folder / "house.forbear", "phone_call", "--record", record, "--line", "1")
    assert answer.code == 0, answer.err
    assert "\nphone_call is forbidden" in answer.out


def test_no_name_of_the_reference_is_gone(folder: Path) -> None:
    """What programs write out: names of Python, options, exit codes, keys of JSON, codes, metrics."""
    today = names()
    for line in (folder / "names.jsonl").read_text("utf-8").splitlines():
        under, *listed = json.loads(line)
        assert under in today, "docs/reference/compatibility.md says what to do"
        assert {*listed} - today[under] == set(), under
