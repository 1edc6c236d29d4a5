"""How CSV may be written, in many rows. Why rows cannot be decided is in `transcripts/reasons.txt`."""

from __future__ import annotations

from pathlib import Path

from command import run, write

POLICY = """\
policy house
  currency EUR
fact late days clock
fact owed money
fact cease yes/no
action sms
rule r: after 3 days and owed > EUR 10 then allow sms
rule s: never sms when cease
"""


def test_decimal_commas_and_points_of_thousands_are_refused_never_misread(tmp_path: Path) -> None:
    """In a file that is separated by semicolons `12.500` may be twelve thousand, and `1,50` is no number."""
    sums = ["1,50", '"1.234,50"', "12.500", "1.234.567", "12,500", "12.5", "1234.50", '"EUR 20.00"', "20", '"a;b"']
    rows = [(str(5), owed) for owed in sums] * 20_000
    write(tmp_path, "house.forbear", POLICY)
    lines = [f"{number};{late};{owed};no" for number, (late, owed) in enumerate(rows)]
    write(tmp_path, "cases.csv", "\n".join(["number;late;owed;cease", *lines]) + "\n")
    assert run("apply", "house.forbear", "cases.csv", "-o", "out.csv", "--key", "number", cwd=tmp_path).code == 1
    verdicts = [line.split(",")[1] for line in (tmp_path / "out.csv").read_text().splitlines()[1:]]
    refused, read = ["undecided"] * 5, ["allowed"] * 4
    assert verdicts == [*refused, *read, "undecided"] * 20_000
