"""A fault of the service itself: here the machine lets it open no more files, which a first question has to."""

from __future__ import annotations

import resource
from pathlib import Path
from typing import Any

import pytest
from service_process import CASE, serving, written

MOMENT = {**CASE, "at": "2026-03-07T10:00:00-05:00", "zone": "America/New_York"}
FEW = 3
"""Fewer files than are open, so that no other is opened."""


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux sets the limits of another process")
def test_a_fault_is_answered_as_one_and_the_service_goes_on(tmp_path: Path) -> None:
    with serving(written(tmp_path / "policies")) as found:
        connection = found.connection()

        def ask(question: str) -> tuple[int, Any]:
            answer = found.ask("POST", f"/v1/policies/house/{question}", MOMENT, on=connection)
            return answer.status, answer.json

        assert ask("decide")[0] == 200
        usual = resource.prlimit(found.process.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(found.process.pid, resource.RLIMIT_NOFILE, (FEW, usual[1]))
        status, problem = ask("ask/visit")
        assert (status, problem["code"]) == (500, "fault")
        assert problem["detail"] == "internal error; the log of the service has details"
        assert ask("decide")[0] == 200
        resource.prlimit(found.process.pid, resource.RLIMIT_NOFILE, usual)
        assert ask("ask/visit")[0] == 200
        connection.close()
        [logged] = [line for line in found.stop() if line["message"] == "a fault of the service"]
        assert (logged["fault"], len(logged["where"])) == ("OSError", 6)
        assert str(MOMENT["income"]) not in str(logged)
