"""Runs every example of the documentation: README.md, SECURITY.md and each page in docs/.

The fences of a page share one temporary folder and are run in order:

    ```forbear                          a whole rule file; it must be free of errors (warnings are allowed), and on the
                                        page of a diagnostic of that diagnostic too, unless an accept covers it
    ```forbear wrong=CODE               a whole rule file that must yield a diagnostic with this code, be it one that
                                        `load` raises or one that `validate` finds
    ```console                          `$ ` commands, each followed by its exact output
    ```python                           a doctest where it has `>>>`, else a program; names last to the page's end
    ```python needs=MODULE              the same, run only where that module is installed: no test of ours needs it
    ```json, ```jsonl                   must be JSON

`file=NAME` in an info string saves the fence under that name, so that later fences can use it; a Python fence that is
saved is not run on the spot. In expected output a line `...` stands for any lines, `...` within a line for anything in
it, and a last line `[exit 1]` for that exit code. Other fences (`sh`, `yaml`, `text`) are only shown, or saved.
"""

from __future__ import annotations

import datetime
import doctest
import json
import os
import re
import shlex
import stat
import subprocess
import sys
import traceback
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest
from checking import each
from fences import Fence, fences
from forking import forked

import forbear
from forbear.analysis.findings import registry
from forbear.base.diagnostic import CODES as CHECKED
from forbear.base.diagnostic import Severity
from forbear.base.resources import page_of
from forbear.language.syntax.grammar import only_beginning
from forbear.library.book import version_problems

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
LANGUAGE = DOCS / "reference" / "language"
PAGES = [page for page in [ROOT / "README.md", ROOT / "SECURITY.md", *sorted(DOCS.rglob("*.md"))] if page.exists()]
LINKED = [*PAGES, *(ROOT / name for name in ("CHANGELOG.md", "CONTRIBUTING.md", "benchmarks/README.md"))]
HEADINGS = ["Why", "Example", "Instead"]
CODES = {str(code): code for code in (*CHECKED.values(), *registry.CODES)}
BOOK_CODES = ["version-overlap", "version-gap"]
BY_DAY = dict.fromkeys(["review-due", "expired", "far-off"], datetime.date(2026, 12, 1))
PROGRAMS = ["forbear", "python", "javac", "java", "cat", "printf", "echo"]


class Broken(Exception):
    """What is wrong with an example; `line` is counted from its fence."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.line = line


# Reading a page


def prose(text: str) -> str:
    """A page without its fences."""
    return re.sub(r"^ *(`{3,})[^`\n]*\n.*?^ *\1$", "", text, flags=re.MULTILINE | re.DOTALL)


def anchors(text: str) -> set[str]:
    """The names by which a link can point at a page's headings."""
    headings = re.findall(r"^#+ +(.*)$", prose(text), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


# Running an example


def diagnostics(file: Path, today: datetime.date | None = None) -> list[forbear.Diagnostic]:
    """All that Forbear says of a rule file."""
    try:
        policy = forbear.load(file)
    except forbear.PolicyError as error:
        return list(error.diagnostics)
    return each(policy.validate(today=today, asked=["overlap", "not-read"]))


def book_diagnostics(folder: Path) -> list[forbear.Diagnostic]:
    """What Forbear says of the versions in a folder."""
    try:
        book = forbear.load_book(folder)
    except forbear.PolicyError as error:
        return list(error.diagnostics)
    return version_problems([policy.typed for policy in book.versions])


def run_forbear(fence: Fence, folder: Path, shown: str) -> None:
    """Tries a rule file; `shown` is the code of the page, or the page's name where it is not that of a code."""
    file = folder / fence.attributes.get("file", f"line_{fence.line}.forbear")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(fence.text, encoding="utf-8")
    wrong = fence.attributes.get("wrong")
    try:
        found = book_diagnostics(file.parent) if wrong in BOOK_CODES else diagnostics(file, BY_DAY.get(shown))
    finally:
        if "file" not in fence.attributes:
            file.unlink()
    said = "".join(f"\n    line {d.place.start.line}: {d.code}: {d.message}" for d in found)
    if wrong is None:
        errors = [d for d in found if d.severity is Severity.ERROR]
        if errors:
            raise Broken(f"the example is in error:{said}", errors[0].place.start.line)
        if shown in [d.code for d in found if d.accepted is None]:
            raise Broken(f"the example shows how to be rid of `{shown}`, and still yields it:{said}")
    elif wrong not in [d.code for d in found if d.accepted is None]:
        raise Broken(f"the example does not yield `{wrong}`, but:{said or ' nothing'}")


def sessions(text: str) -> Iterator[tuple[int, str, str]]:
    """The commands of a console fence: line, command, expected output."""
    line, command, expected = 0, "", ""
    for number, content in enumerate(text.splitlines(), start=1):
        if content.startswith("$ "):
            if command:
                yield line, command, expected
            line, command, expected = number, content[2:], ""
        elif command.endswith("\\") and content.startswith("> ") and not expected:
            command = f"{command[:-1].rstrip()} {content[2:].lstrip()}"
        elif command:
            expected += f"{content.rstrip()}\n"
        else:
            raise Broken("a console example begins with a `$ ` command", number)
    if not command:
        raise Broken("a console example has a `$ ` command")
    yield line, command, expected


def matches(expected: str, actual: str) -> bool:
    """Whether an output is the expected one, where `...` stands for anything."""
    pattern = ""
    for line in expected.rstrip("\n").split("\n"):
        pattern += r"(?:.*\n)*" if line == "..." else ".*".join(map(re.escape, line.split("..."))) + r"\n"
    return re.fullmatch(pattern, actual.rstrip("\n") + "\n") is not None


DAY = "2026-12-01"
"""The day on which the pages validate: on some later one reviews of bundled packs are due, and `validate` says so."""


def programs(folder: Path) -> Path:
    """A folder with `forbear` and `python` of this very environment, for a shell's PATH."""
    folder.mkdir(exist_ok=True)
    for name, arguments in [("forbear", "-m forbear "), ("python", "")]:
        program = folder / name
        program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {arguments}"$@"\n', encoding="utf-8")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return folder


def run_console(fence: Fence, folder: Path) -> None:
    path = programs(folder.parent / f"{folder.name}_programs")
    settings = {
        "PATH": f"{path}{os.pathsep}{os.environ['PATH']}",
        "NO_COLOR": "1",
        "COLUMNS": "100",
        "LC_ALL": "C.UTF-8",
    }
    environment = {**os.environ, **settings, "PYTHONUNBUFFERED": "1"}
    for line, command, expected in sessions(fence.text):
        first = re.sub(r"^(\w+=\S* +)*", "", command).split()[0]
        if first not in PROGRAMS:
            raise Broken(
                f"a console example runs {', '.join(PROGRAMS)}; show `{first}` in a sh fence, which is not run", line
            )
        dated = re.sub(r"\bforbear validate\b(?!.*--on)", rf"\g<0> --on {DAY}", command)
        code, printed = run_line(dated, folder, environment)
        actual = "".join(f"{content.rstrip()}\n" for content in printed.decode().splitlines())
        if code:
            actual += f"[exit {code}]\n"
        if not matches(expected, actual):
            raise Broken(f"`{command}` does not print what the page says, but:\n{actual}", line)


def run_line(command: str, folder: Path, environment: dict[str, str]) -> tuple[int, bytes]:
    """The exit code of a command and all that it prints. What only calls `forbear` needs no shell."""
    if re.fullmatch(r"forbear [\w\s./:=,%+-]*(\"[^\"$`\\\\]*\"[\w\s./:=,%+-]*)*", command):
        words = shlex.split(command)[1:]
        code, printed, _ = forked(words, given=b"", cwd=folder, env=environment, seconds=120, merged=True)
        return code, printed
    done = subprocess.run(
        ["sh", "-c", command],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout


def run_python(fence: Fence, folder: Path, names: dict[str, object]) -> None:
    if "file" in fence.attributes:
        compile(fence.text, fence.attributes["file"], "exec")
        save(fence, folder)
        return
    needs = fence.attributes.get("needs")
    if needs is not None and find_spec(needs) is None:
        compile(fence.text, needs, "exec")
        return
    before = Path.cwd()
    os.chdir(folder)
    try:
        if ">>>" in fence.text:
            run_doctest(fence, names)
        else:
            try:
                exec(compile(fence.text, "<example>", "exec"), names)
            except Exception as error:
                at = [
                    frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == "<example>"
                ]
                raise Broken(f"{type(error).__name__}: {error}", (at[-1] or 0) if at else 0) from error
    finally:
        os.chdir(before)


def run_doctest(fence: Fence, names: dict[str, object]) -> None:
    test = doctest.DocTestParser().get_doctest(fence.text, {}, "example", None, 0)
    test.globs = names
    try:
        doctest.DebugRunner(optionflags=doctest.ELLIPSIS, verbose=False).run(test, clear_globs=False)
    except doctest.DocTestFailure as failure:
        said = f"the page says\n{failure.example.want}\nbut it is\n{failure.got}"
        raise Broken(f"{failure.example.source}{said}", failure.example.lineno + 1) from failure
    except doctest.UnexpectedException as failure:
        kind, error, _ = failure.exc_info
        raise Broken(f"{failure.example.source}{kind.__name__}: {error}", failure.example.lineno + 1) from failure


def save(fence: Fence, folder: Path) -> None:
    if "file" in fence.attributes:
        file = folder / fence.attributes["file"]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(fence.text, encoding="utf-8")


def run(fence: Fence, folder: Path, names: dict[str, object], shown: str) -> None:
    match fence.language:
        case "forbear":
            run_forbear(fence, folder, shown)
        case "console":
            run_console(fence, folder)
        case "python":
            run_python(fence, folder, names)
        case "json" | "jsonl":
            for document in [fence.text] if fence.language == "json" else fence.text.splitlines():
                try:
                    json.loads(document)
                except ValueError as error:
                    raise Broken(f"this is no JSON: {error}") from error
            save(fence, folder)
        case _:
            save(fence, folder)


def faults(name: str, text: str, folder: Path) -> list[str]:
    """What is wrong with the examples of a page, each with page and line. After a fault the rest is still run."""
    names: dict[str, object] = {"__name__": "example"}
    found: list[str] = []
    for fence in fences(text):
        try:
            run(fence, folder, names, Path(name).stem)
        except Broken as broken:
            found.append(f"{name}:{fence.line + broken.line}: {broken}")
    return found


# The tests


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_examples_of_a_page_are_true(page: Path, tmp_path: Path) -> None:
    found = faults(str(page.relative_to(ROOT)), page.read_text(encoding="utf-8"), tmp_path)
    assert not found, "\n\n" + "\n\n".join(found)


@pytest.mark.parametrize("page", LINKED, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_links_of_a_page_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(text)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = page.parent / path if path else page
        assert file.exists(), f"{page.relative_to(ROOT)}: no file at {target}"
        if anchor and file.suffix == ".md":
            assert anchor in anchors(file.read_text(encoding="utf-8")), (
                f"{page.relative_to(ROOT)}: no heading at {target}"
            )


def test_each_table_has_a_head_and_rows_as_wide() -> None:
    """An empty line within a table shows the rows after it as text."""
    for page in LINKED:
        for table in re.findall(r"(?:^\|.*\n?)+", prose(page.read_text(encoding="utf-8")), flags=re.MULTILINE):
            rows = [re.sub(r"(`+).*?\1|\\\|", "", line).count("|") for line in table.splitlines()]
            assert re.search(r"^\|[-|]+\|$", table, flags=re.MULTILINE), f"{page.name}: {table[:80]}"
            assert len(set(rows)) == 1, f"{page.name}: {table[:80]}"


def test_each_code_has_a_page_and_each_page_a_code() -> None:
    pages = {page.stem for page in (DOCS / "reference" / "diagnostics").glob("*.md")} - {"README", "index"}
    assert set(CODES) - pages == set(), "codes without a page in docs/reference/diagnostics"
    assert pages - set(CODES) == set(), "pages in docs/reference/diagnostics without a code"


def test_a_finding_has_a_row_wherever_the_page_on_adding_one_says() -> None:
    text = (DOCS / "contributing" / "add-a-finding.md").read_text(encoding="utf-8")
    for file in re.findall(r"^\| `(.*?)` \|", text, flags=re.MULTILINE):
        named = set(re.findall(r"[a-z]+(?:-[a-z]+)*", (ROOT / file).read_text(encoding="utf-8")))
        codes = {str(finding.code) for finding in registry.FINDINGS}
        assert {code for code in codes if "There is no case to show" not in str(page_of(code))} <= named, file


def test_the_reference_lists_what_can_be_accepted() -> None:
    text = (LANGUAGE / "promises.md").read_text(encoding="utf-8")
    table = text[text.index("| code | names |") :].partition("\n\n")[0]
    listed = [code for row in table.splitlines()[2:] for code in re.findall("`([a-z-]+)`", row.split("|")[1])]
    assert sorted(listed) == sorted(code for code in CODES.values() if code.acceptable)


def test_the_reference_lists_the_words_of_the_grammar() -> None:
    grammar = re.sub(r"//.*", "", (ROOT / "grammar" / "forbear.lark").read_text(encoding="utf-8"))
    text = (LANGUAGE / "text.md").read_text(encoding="utf-8")
    listed = re.findall(r"^> (.*)$", prose(text), flags=re.MULTILINE)
    assert set(" ".join(listed).split()) == set(re.findall(r'"([a-z]+)"', grammar))


def test_the_reference_lists_the_words_that_only_begin_a_statement() -> None:
    text = (LANGUAGE / "text.md").read_text(encoding="utf-8")
    listed = re.search(r"is a word that does nothing but begin one: ([^.]*)\.", text)
    assert listed is not None
    assert sorted(re.findall("`([a-z]+)`", listed[1])) == only_beginning()


@pytest.mark.parametrize("page", [page for page in PAGES if page.stem in CODES], ids=lambda page: page.stem)
def test_the_page_of_a_code_keeps_its_form(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert f"\nSeverity: {CODES[page.stem].severity}\n" in text
    headings = re.findall(r"^## +(.*)$", prose(text), flags=re.MULTILINE)
    assert headings[: len(HEADINGS)] == HEADINGS, f"{page.name}: the headings are {headings}"
    for fence in fences(text):
        wrong = fence.attributes.get("wrong", page.stem)
        assert wrong == page.stem, f"{page.name}:{fence.line}: an example for `{wrong}` on the page of `{page.stem}`"


DEPRECATED = re.compile(r".* is deprecated: use .+; version \d+[.]\d+ removes it, not before \d{4}-\d\d-\d\d")


def undated(text: str) -> list[str]:
    """Lines that call something deprecated, and lack its replacement, the version without it, or a date."""
    lines = [line for line in text.splitlines() if re.search("is deprecated|DeprecationWarning", line)]
    return [line for line in lines if not DEPRECATED.match(line)]


def test_what_is_deprecated_has_its_end() -> None:
    page = (DOCS / "reference" / "compatibility.md").read_text(encoding="utf-8")
    (form,) = (line for line in page.splitlines() if "is deprecated" in line)
    assert undated(form) == []
    for without in ("use `Policy.decide`", "version 0.3 removes it, ", ", not before 2027-06-01"):
        assert undated(form.replace(without, "")) != [], without
    for file in [ROOT / "CHANGELOG.md", *(ROOT / "src").rglob("*.py"), *(ROOT / "src").rglob("*.txt")]:
        assert undated(file.read_text(encoding="utf-8")) == [], file


def test_nothing_is_installed_by_a_name_that_is_not_ours() -> None:
    """The name may be somebody else's on a package index: installed is from a checkout, or from a wheel."""
    shown = [*PAGES, *(ROOT / "src").rglob("*.py"), *(ROOT / "rules").rglob("*.forbear"), *ROOT.glob("*.md")]
    by_name = re.compile(r"(?:pip|pipx|uv|uvx|poetry)(?: [a-z-]+)*? (?:install|add|run) +[\"']?forbear(?![-/])")
    assert by_name.search("pip install 'forbear[apply]'")
    assert by_name.search("python -m pip install forbear")
    assert not by_name.search('pip install "./forbear-0.1.0-py3-none-any.whl[apply]"')
    assert [page.name for page in shown if by_name.search(page.read_text(encoding="utf-8"))] == []


def test_no_workflow_passes_over_wrong_use() -> None:
    """`|| true` would let exit code 2 pass, and with it a gate that checked nothing."""
    assert [page.name for page in PAGES if re.search(r"\|\| *true", page.read_text(encoding="utf-8"))] == []


BROKEN_PAGE = """\
# A page

```forbear file=fine.forbear
after 60 days then allow sms
```

```forbear
after 60 days then allow smoke_signals
```

```forbear wrong=empty-span
after 60 days then allow sms
```

```console
$ forbear --version
a version that was never made
```

```console
$ curl example.com
```

```python
>>> 1 + 1
2
>>> 1 + 2
4
```

```python
one = 1
one / 0
```

```json
{"days_overdue": 61,}
```
"""


def test_a_broken_example_is_told_with_page_and_line(tmp_path: Path) -> None:
    found = faults("page.md", BROKEN_PAGE, tmp_path)
    assert [fault.split(": ")[0] for fault in found] == [
        "page.md:8",
        "page.md:11",
        "page.md:16",
        "page.md:21",
        "page.md:27",
        "page.md:33",
        "page.md:36",
    ]
    assert "unknown-action" in found[0]
    assert "does not yield `empty-span`" in found[1]


ACCEPTED = """\
```forbear
rule remind: from day 9 to day 13 then allow sms
rule remind_again: after 30 days then allow sms
accept hole of sms because "in between a person writes"
```
"""


def test_what_the_analyser_finds_counts_on_the_page_of_its_code(tmp_path: Path) -> None:
    bare = "".join(line for line in ACCEPTED.splitlines(keepends=True) if not line.startswith("accept"))
    assert faults("docs/reference/diagnostics/hole.md", bare.replace("forbear", "forbear wrong=hole"), tmp_path) == []
    assert faults("page.md", bare, tmp_path) == []
    (fault,) = faults("docs/reference/diagnostics/hole.md", bare, tmp_path)
    assert "still yields it" in fault
    assert faults("docs/reference/diagnostics/hole.md", ACCEPTED, tmp_path) == []
    (fault,) = faults("docs/reference/diagnostics/hole.md", ACCEPTED.replace("forbear", "forbear wrong=hole"), tmp_path)
    assert "does not yield `hole`" in fault


@pytest.mark.parametrize(
    ("expected", "actual", "same"),
    [
        ("", "", True),
        ("a\nb\n", "a\nb\n", True),
        ("a\n", "a\nb\n", False),
        ("a\n...\n", "a\nb\nc\n", True),
        ("a\n...\n[exit 1]\n", "a\nb\n", False),
        ("...\n", "", True),
        ("a sha256:... c\n", "a sha256:0f c\n", True),
        ("a ... c\n", "a\nc\n", False),
    ],
)
def test_dots_stand_for_anything(expected: str, actual: str, same: bool) -> None:
    assert matches(expected, actual) is same


@pytest.mark.parametrize("name", ["forbear", "forbear.library.loading"])
def test_the_examples_of_docstrings(name: str) -> None:
    failed, tried = doctest.testmod(import_module(name), optionflags=doctest.ELLIPSIS)
    assert tried
    assert not failed
