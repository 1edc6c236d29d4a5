"""Project files of any kind: what they say, what they lead to, and which files they name."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from campaign import SHARDS, Campaign, call, limited_time, writes_only

from forbear.editors.editing.reading import read

POLICY = "policy house\n  currency USD\nsetting large is USD 5\nrule a: overdue_amount > large then allow sms\n"
UGLY = "rule   b:   after 9 days   then allow sms\n"
SECRET = "S3CRET-of-somebody"
VALUES = (
    "true", "1", "-1", "0", "1e400", "-1e99999999", "nan", "inf", "0x" + "f" * 9_000, "9" * 4_400, "2020-01-01",
    "10:00:00", "2020-01-01T00:00:00Z", '"USD 500"', '""', '"a\\u202eb"', "[]", "[1]", '["house.forbear"]',
    '["x", "x"]',
    "{}", '{ hole = "error" }', '{ large = "USD 7" }', '{ dpd = "days_overdue" }', '{ contradiction = "ignore" }',
    "[[[[1]]]]", '"https://rules.example.org/{code}"', '"{code}{x}"', "'" + "x" * 5_000 + "'",
)  # fmt: skip
NAMES = (
    "paths", "strict", "notes", "limit", "effort", "help-uri", "min-coverage", "min-score", "severity", "settings",
    "map", "none", "key", "max-rejects", "dialect", "table", "strikt", "x" * 3_000, "'a b'", '"\\u001b[2J"',
    "severity.hole",
    "settings.large", "map.dpd", "a" + ".a" * 30_000, "x.y" + " . 'z'" * 9_000,
)  # fmt: skip
PATHS = (
    ".", "house.forbear", "rules", "../other", "../other/foreign.forbear", "rules/../../other", "away",
    "away/foreign.forbear", "leak.forbear", "foreign.forbear", "/etc", "", " ", "x" * 5_000, "\\u0000", "pipe.forbear",
)  # fmt: skip
COMMANDS = (
    ("validate",), ("validate", "house.forbear", "--format", "json"), ("format",), ("format", "--check"), ("test",),
    ("facts", "house.forbear"), ("compile", "house.forbear", "-o", "out.py"),
    ("report", "house.forbear", "-o", "out.html"), ("apply", "house.forbear", "cases.csv", "-o", "out.csv"), ("diff",
    "house.forbear", "rules/ugly.forbear"),
)  # fmt: skip


@pytest.mark.parametrize("shard", SHARDS)
def test_project_files(campaign: Campaign, tmp_path: Path, shard: int) -> None:
    campaign.run(_project, tmp_path, ci=90, nightly=20_000, shard=shard)


def _project(generator: random.Random, folder: Path) -> str:
    """A project file with values of any kind, or one that leads elsewhere, in a folder beside that of somebody else."""
    own, other = folder / "own", folder / "other"
    for each in (own, other, own / "rules", own / ".git"):
        each.mkdir()
    (own / "house.forbear").write_text(POLICY)
    (own / "rules" / "ugly.forbear").write_text(UGLY)
    (own / "cases.csv").write_text("dpd,overdue_amount\n10,USD 6\n")
    (other / "foreign.forbear").write_text(UGLY + f"# {SECRET}\n")
    (other / "credentials").write_text(f"forbear {SECRET}\n")
    (own / "away").symlink_to(other)
    (own / "foreign.forbear").symlink_to(other / "foreign.forbear")
    (own / "leak.forbear").symlink_to(other / "credentials")
    os.mkfifo(own / "pipe.forbear")
    name, head = generator.choice([("forbear.toml", ""), ("pyproject.toml", "[tool.forbear]\n")])
    if generator.random() < 0.1:
        (own / name).symlink_to(
            generator.choice([other / "credentials", other / "nothing", own / "pipe.forbear", other])
        )
    else:
        lines = [
            f"{generator.choice(NAMES)} = {generator.choice(VALUES)}\n" for _ in range(generator.choice([0, 0, 1, 2]))
        ]
        if generator.random() < 0.5:
            lines.append(f'paths = ["{generator.choice(PATHS)}"]\n')
        text = head + "".join(lines)
        if generator.random() < 0.2:
            at = generator.randint(0, len(text))
            text = text[:at] + generator.choice(["\n", '"', "'''", "[", "]", ".", "\\", "\0", "\r", "}"]) + text[at:]
        (own / name).write_text(text, encoding="utf-8", newline="")
    os.chdir(own)
    given = (own / name).lstat().st_size
    with writes_only(other), limited_time(given):
        said = call(*generator.choice(COMMANDS), size=given)
        reading = read(POLICY, own / "house.forbear")  # what an editor does with each key
    shown = said.out + said.err + "".join([f"{each.message} {each.place.text}" for each in reading.diagnostics])
    assert SECRET not in shown, f"a line of a foreign file is shown | {shown[:300]}"
    return f"exit {said.code}"
