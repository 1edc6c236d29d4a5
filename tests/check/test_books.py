"""Books: versions of one policy, and the day that picks one of them."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

import forbear
from forbear.library.book import version_problems


def write(folder: Path, **versions: str) -> None:
    """A version a file, named by its number, with what stands behind `in force`."""
    for name, period in versions.items():
        head = f'policy p\n  version "{name}"\n' + (f"  in force {period}\n" if period else "")
        folder.joinpath(f"{name}.forbear").write_text(head + "setting limit is 3\nunreachable > limit then allow sms\n")


def problems(folder: Path) -> list[tuple[str, str]]:
    policies = [forbear.load(path).typed for path in sorted(folder.glob("*.forbear"))]
    return [(problem.code, problem.message) for problem in version_problems(policies)]


def test_a_day_picks_the_version(tmp_path: Path) -> None:
    write(tmp_path, b="from 2015-09-22 until 2015-11-30", a="until 2015-09-21", c="from 2015-12-01")
    book = forbear.load_book(tmp_path)
    assert book.name == "p"
    assert [policy.version for policy in book.versions] == ["a", "b", "c"]
    for day, version in [
        ("0001-01-01", "a"),
        ("2015-09-21", "a"),
        ("2015-09-22", "b"),
        ("2015-11-30", "b"),
        ("2015-12-01", "c"),
        ("9999-12-31", "c"),
    ]:
        assert book.on(day).version == version
        assert book.on(datetime.date.fromisoformat(day)).version == version
        assert book.on(day).permits("sms", {"unreachable": 4}, on=day)
    assert problems(tmp_path) == []


def test_days_between_versions(tmp_path: Path) -> None:
    write(tmp_path, a="until 2015-09-20", b="from 2015-09-22")
    ((code, message),) = problems(tmp_path)
    assert code == "version-gap"
    assert "from 2015-09-21 to 2015-09-21" in message
    book = forbear.load_book(tmp_path)
    with pytest.raises(forbear.CaseError, match="2015-09-21"):
        book.on("2015-09-21")


@pytest.mark.parametrize("day", ["2015-02-30", "yesterday", None, 3, datetime.datetime(2015, 9, 22, 8, 0)])
def test_what_is_no_day(tmp_path: Path, day: object) -> None:
    write(tmp_path, a="")
    with pytest.raises(forbear.CaseError):
        forbear.load_book(tmp_path).on(day)  # type: ignore[arg-type]


def test_settings_of_a_book(tmp_path: Path) -> None:
    write(tmp_path, a="until 2015-09-21", b="from 2015-09-22")
    (tmp_path / "b.forbear").write_text("policy p\n  in force from 2015-09-22\nunreachable > 3 then allow sms\n")
    book = forbear.load_book(tmp_path, settings={"limit": 5})
    assert not book.on("2015-09-21").permits("sms", {"unreachable": 4}, on="2015-09-21")
    assert book.on("2015-09-22").permits("sms", {"unreachable": 4}, on="2015-09-22")
    with pytest.raises(forbear.PolicyError) as error:
        forbear.load_book(tmp_path, settings={"limti": 5})
    assert [one.code for one in error.value.diagnostics] == ["unknown-name"]


def test_the_shipped_book() -> None:
    """The article's cases, version by version."""
    from forbear.base import resources

    book = forbear.load_book(resources.folder("rules") / "huabei")
    case = {"days_overdue": 34, "unreachable": 3, "overdue_amount": "CNY 100000", "contact_source": "declared"}
    verdicts = {}
    for day in ("2015-06-01", "2015-09-21", "2016-01-01"):
        policy = book.on(day)
        needed = {name: value for name, value in case.items() if name in policy.typed.facts}
        verdicts[day] = policy.decide(needed, on=day)["contact_related"].verdict
    assert verdicts == {"2015-06-01": "allowed", "2015-09-21": "forbidden", "2016-01-01": "unsaid"}
