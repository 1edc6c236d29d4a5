"""OpenTelemetry in the service: spans by the SDK of its process, in the trace of whoever asks."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from service_process import CASE, JSON, serving, written

PROGRAM = """
import json, sys
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor

out = open({path!r}, "w")
provider = TracerProvider()
line = lambda span: span.to_json(indent=None) + chr(10)
provider.add_span_processor(SimpleSpanProcessor(ConsoleSpanExporter(out=out, formatter=line)))
trace.set_tracer_provider(provider)
from forbear.cli.main import main
main()
"""
TRACE = "0af7651916cd43dd8448eb211c80319c"


def test_spans_belong_to_the_trace_of_the_request(tmp_path: Path) -> None:
    spans = tmp_path / "spans.jsonl"
    program = [sys.executable, "-c", PROGRAM.format(path=str(spans))]
    case = {**CASE, "late": 55, "at": "2026-03-07T10:00:00-05:00", "zone": "America/New_York"}
    with serving(written(tmp_path / "policies"), "--telemetry", "--request", "id", program=program) as found:
        traced = {**JSON, "traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}
        assert found.decide({**CASE, "id": "r-1"}, headers=traced).status == 200
        assert found.ask("POST", "/v1/policies/house/permits/sms", CASE).status == 200
        assert found.ask("POST", "/v1/policies/house/when/visit", case).status == 200
        assert found.ask("POST", "/v1/policies/house/decide/batch", {"cases": [CASE] * 2}, headers=traced).status == 200
        assert found.decide({**CASE, "late": -1}, headers=traced).status == 422
    told = [json.loads(line) for line in spans.read_text().splitlines()]
    names = [span["name"] for span in told]
    assert names == ["forbear.decide", "forbear.permits", *["forbear.decide"] * 3]  # `when` gives no verdict
    assert [span["context"]["trace_id"] == f"0x{TRACE}" for span in told] == [True, False, True, True, True]
    assert told[0]["attributes"]["forbear.request"] == "r-1"
    assert told[1]["attributes"]["forbear.verdict"] == "allowed"
    assert told[-1]["attributes"]["forbear.faults"] == ["late"]
    said = [{**span["attributes"], "forbear.digest": ""} for span in told]  # ids and times may hold any digits
    assert "3400" not in json.dumps([said, [span["events"] for span in told]])
