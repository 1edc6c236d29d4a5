"""Decides the article's case, day 34, and day 61, with the bundled policy: `python3 tools/demo.py`."""

from __future__ import annotations

import subprocess

from environment import ROOT, python

POLICY = "pack:huabei/redesigned"
CASES = {
    "the complaint of 2015: 34 days late, not reached on the bound phone": '{"days_overdue": 34, "unreachable": 5, '
    '"contact_source": "shipping_record"}',
    "61 days late, three calls in a row did not reach, a number that the borrower gave": '{"days_overdue": 61, '
    '"unreachable": 3, "contact_source": "declared"}',
}


def main() -> None:
    forbear = [python(), "-m", "forbear"]
    for title, case in CASES.items():
        print(f"\n# {title}", flush=True)
        for command in (
            ["decide", POLICY, "--on", "2015-12-01"],
            ["explain", POLICY, "contact_related", "--on", "2015-12-01"],
        ):
            print(f"\n$ echo '{case}' | forbear {' '.join(command)} --case -", flush=True)
            subprocess.run([*forbear, *command, "--case", "-"], input=case, text=True, check=True, cwd=ROOT)


if __name__ == "__main__":
    main()
