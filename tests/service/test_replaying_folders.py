"""The record of a service, decided again and explained by the whole folder that was served."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from invoking import forbear
from service_process import serving

FILES = {
    "house.forbear": "policy house\nrule remind: after 3 days then allow sms\n",
    "mails.forbear": "policy mails\n  in force from 2020-01-01\nrule mail: after 3 days then allow email\n",
    "calls/2014.forbear": (
        'policy calls\n  version "1"\n  in force until 2015-09-20\nrule ask: after 30 days then allow phone_call\n'
    ),
    "calls/2015.forbear": (
        'policy calls\n  version "2"\n  in force from 2015-09-21\nrule ask: after 60 days then allow phone_call\n'
    ),
}
ASKED = [
    ("house", {}),
    ("mails", {"on": "2026-03-02"}),
    ("calls", {"on": "2015-09-20"}),
    ("calls", {"on": "2015-09-21"}),
    ("house", {"on": "2026-03-02"}),
]


def folder_of(folder: Path, files: Mapping[str, str] = FILES) -> Path:
    """A folder with these files."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the record of its service beside it."""
    folder = folder_of(tmp_path_factory.mktemp("served") / "policies")
    with serving(folder, "--record", folder.parent / "record.jsonl", "--record-refused", "--request", "id") as found:
        for number, (name, day) in enumerate(ASKED, 1):
            assert found.decide({"days_overdue": 45, "id": f"r-{number}", **day}, name).status == 200
        assert found.decide({"days_overdue": 45, "id": "r-6"}, "calls").status == 422
        assert found.decide({"days_overdue": -1, "id": "r-7"}, "house").status == 422
    return folder


@pytest.fixture
def without_house(tmp_path: Path) -> Path:
    """That folder without one of its policies."""
    return folder_of(tmp_path / "fewer", {name: text for name, text in FILES.items() if name != "house.forbear"})


def test_each_line_is_decided_again_by_the_policy_of_its_name(served: Path) -> None:
    record = served.parent / "record.jsonl"
    assert len({json.loads(line)["policy"].get("digest") for line in record.read_text().splitlines()}) == 5
    answer = forbear("replay", record, "--policy", served)
    assert (answer.code, answer.out.splitlines()[0]) == (0, "7 decisions: 7 the same"), answer.out
    assert "by another text" not in answer.out
    document = forbear("replay", record, "--policy", served, "--format", "json").json
    assert document["policies"] == ["calls", "house", "mails"]
    assert (document["counts"]["same"], document["not_here"], document["other_digest"]) == (7, {}, 0)


def test_lines_of_policies_that_the_folder_lacks_are_told(served: Path, without_house: Path) -> None:
    record, folder = served.parent / "record.jsonl", without_house
    answer = forbear("replay", record, "--policy", folder, "--limit", "2")
    digest = json.loads(record.read_text().splitlines()[0])["policy"]["digest"][:19]
    said = "policy `house` decided it, and the folder holds none of that name"
    assert (answer.code, answer.out.splitlines()[:-2]) == (
        1,
        [
            f"line 1: {said}",
            f"line 5: {said}",
            "7 decisions: 4 the same, 3 not to be decided again",
            "3 of them by a policy that is not here: house",
            "3 of them by another text of the policy than what decides now",
            f"  line 1 (house, {digest})",
            f"  line 5 (house, {digest})",
            "  and 1 more line",
        ],
    )
    document = forbear("replay", record, "--policy", folder, "--format", "json").json
    assert document["not_here"] == {"house": 3}
    assert (document["counts"]["same"], document["counts"]["undecided"]) == (4, 3)
    alone = forbear("replay", record, "--policy", served / "house.forbear", "--format", "json").json
    assert (alone["policy"], alone["not_here"]) == ("house", {"mails": 1, "calls": 3})
    book = forbear("replay", record, "--policy", served / "calls").out
    assert "line 1: policy `house` decided it, and this is `calls`\n" in book  # and not that it has no day


def test_another_text_of_a_policy_of_the_folder_is_told(served: Path, tmp_path: Path) -> None:
    changed = FILES["calls/2015.forbear"].replace("60 days", "40 days")
    record, folder = served.parent / "record.jsonl", folder_of(tmp_path, {**FILES, "calls/2015.forbear": changed})
    answer = forbear("replay", record, "--policy", folder)
    digest = json.loads(record.read_text().splitlines()[3])["policy"]["digest"][:19]
    assert (answer.code, answer.out.splitlines()[:4]) == (
        1,
        [
            "line 4: phone_call: no rule -> allowed by ask",
            "7 decisions: 6 the same, 1 otherwise",
            "1 of them by another text of the policy than what decides now",
            f"  line 4 (calls, version 2, {digest})",
        ],
    )


def test_two_versions_of_a_day_are_refused_as_the_service_refuses_them(served: Path, tmp_path: Path) -> None:
    folder = folder_of(tmp_path, {**FILES, "old/2015.forbear": FILES["calls/2015.forbear"]})
    answer = forbear("replay", served.parent / "record.jsonl", "--policy", folder)
    assert (answer.code, "two versions of `calls` are in force on 2015-09-21" in answer.err) == (1, True)


def test_a_line_is_explained_by_the_text_of_the_folder_that_decided(served: Path, without_house: Path) -> None:
    record = served.parent / "record.jsonl"
    for request, action, said in (
        ("r-1", "sms", "sms is allowed by remind"),
        ("r-3", "phone_call", "phone_call is allowed by ask"),
        ("r-4", "phone_call", "phone_call is not permitted"),
        ("r-7", "sms", "the case was refused"),
    ):
        answer = forbear("explain", served, "--record", record, "--request", request, action)
        assert (answer.code, said in answer.out) == (0, True), answer
    answer = forbear("explain", without_house, "--record", record, "--request", "r-1", "sms")
    assert (answer.code, answer.err) == (
        1,
        "error: line 1: policy `house` decided it, and the folder holds none of that name: "
        "give the text that decided\n",
    )
