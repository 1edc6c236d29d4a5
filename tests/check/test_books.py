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


def codes(folder: Path) -> list[str]:
    with pytest.raises(forbear.PolicyError) as error:
        forbear.load_book(folder)
    return [one.code for one in error.value.diagnostics]


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


def test_two_versions_on_one_day(tmp_path: Path) -> None:
    write(tmp_path, a="until 2015-09-22", b="from 2015-09-22")
    assert codes(tmp_path) == ["version-overlap"]
    assert "2015-09-22" in problems(tmp_path)[0][1]


@pytest.mark.parametrize(
    "versions",
    [
        {"a": "", "b": "from 2015-09-22"},
        {"a": "", "b": ""},
        {"a": "from 2015-01-01 until 2015-12-31", "b": "from 2015-03-01 until 2015-04-01"},
        {"a": "from 2015-01-01 until 2015-12-31", "b": "from 2015-03-01 until 2015-04-01", "c": "from 2015-12-31"},
    ],
)
def test_overlaps_of_other_shapes(tmp_path: Path, versions: dict[str, str]) -> None:
    write(tmp_path, **versions)
    assert set(codes(tmp_path)) == {"version-overlap"}
    assert len(problems(tmp_path)) == len(versions) - 1


def test_days_between_versions(tmp_path: Path) -> None:
    write(tmp_path, a="until 2015-09-20", b="from 2015-09-22")
    ((code, message),) = problems(tmp_path)
    assert code == "version-gap"
    assert "from 2015-09-21 to 2015-09-21" in message
    book = forbear.load_book(tmp_path)
    with pytest.raises(forbear.CaseError, match="2015-09-21"):
        book.on("2015-09-21")


def test_days_before_the_first_and_behind_the_last_version_are_no_gap(tmp_path: Path) -> None:
    write(tmp_path, a="from 2015-09-20 until 2015-09-21")
    assert problems(tmp_path) == []
    book = forbear.load_book(tmp_path)
    for day in ("2015-09-19", "2015-09-22"):
        with pytest.raises(forbear.CaseError, match=day):
            book.on(day)


@pytest.mark.parametrize("day", ["2015-02-30", "yesterday", None, 3, datetime.datetime(2015, 9, 22, 8, 0)])
def test_what_is_no_day(tmp_path: Path, day: object) -> None:
    write(tmp_path, a="")
    with pytest.raises(forbear.CaseError):
        forbear.load_book(tmp_path).on(day)  # type: ignore[arg-type]


def test_what_is_no_book(tmp_path: Path) -> None:
    assert codes(tmp_path) == ["missing-file"]
    assert codes(tmp_path / "nowhere") == ["missing-file"]
    (tmp_path / "bare.forbear").write_text("never sms")
    assert codes(tmp_path) == ["missing-file"]
    write(tmp_path, a="until 2015-09-21")
    assert codes(tmp_path) == ["missing-file"]  # rules that belong to no name
    (tmp_path / "bare.forbear").write_text("fact late days")
    assert forbear.load_book(tmp_path).name == "p"
    (tmp_path / "other.forbear").write_text("policy q in force from 2015-09-22 never sms")
    assert codes(tmp_path) == ["missing-file"]


def test_errors_of_versions_are_told(tmp_path: Path) -> None:
    write(tmp_path, a="until 2015-09-20")
    (tmp_path / "b.forbear").write_text("policy p\n  in force from 2015-09-22\nnever smss\n")
    assert codes(tmp_path) == ["unknown-action"]


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
