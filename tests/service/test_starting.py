"""What reaches the service while it starts, and what its log says of time."""

from __future__ import annotations

import datetime
import signal
import sys
from pathlib import Path

import pytest
from service_process import CASE, HOUSE, serving, until, written

import forbear
from forbear.service.policies import Origin
from forbear.service.watching import Folder

HUNG_UP = """
import os, signal
from forbear.cli import main
load = main.import_module
def loading(name):
    os.kill(os.getpid(), signal.SIGHUP)
    return load(name)
main.import_module = loading
signal.signal(signal.SIGHUP, signal.SIG_DFL)
main.main()
"""
"""The command, told to load the folder again before it has loaded itself."""


def test_a_reload_during_the_start_does_not_end_it(tmp_path: Path) -> None:
    with serving(written(tmp_path / "policies"), program=[sys.executable, "-c", HUNG_UP]) as found:
        assert found.decide(CASE).status == 200


def test_the_log_is_in_utc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A time of the machine's zone would be two moments in the hour that comes again."""
    monkeypatch.setenv("TZ", "America/New_York")
    folder = written(tmp_path / "policies")
    with serving(folder) as found:
        written(folder, HOUSE + "rule wrong: after 3 days then allow nothing_known\n")
        found.process.send_signal(signal.SIGHUP)
        until(lambda: found.metric("forbear_folder_broken") == 1)
        line = found.stop()[-1]
    time = datetime.datetime.fromisoformat(line["time"])
    assert line["time"] == time.astimezone(datetime.UTC).isoformat(timespec="milliseconds")
    assert abs(datetime.datetime.now(datetime.UTC) - time) < datetime.timedelta(minutes=1)


def test_a_policy_with_findings_is_served(tmp_path: Path) -> None:
    """What keeps a file from being loaded are errors of its text: nothing is analysed, and no example is tried."""
    text = (
        "policy found\nfact late days clock\naction sms\nrule remind: after 3 days then allow sms\n"
        'rule hold: forbid sms when late > 5\nexample "late": given late 9 expect sms allowed\n'
    )
    codes = {one.code for one in forbear.loads(text).validate()}
    assert codes >= {"contradiction", "failed-example"}
    assert Folder(Origin(written(tmp_path / "policies", text))).current.by_name.keys() == {"found"}
