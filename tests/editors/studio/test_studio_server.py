"""`forbear studio`: who may read and save the file, and what a save does."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from forbear.cli.studio import _write
from forbear.editors.studio.server import Studio
from forbear.editors.studio.session import Session

POLICY = b"rule a: after 13 days then allow phone_call\n"


@frozen
class Answer:
    status: int
    body: str
    tag: str


@frozen
class Served:
    studio: Studio
    port: int

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        """One request, as a page with the token makes it, but for what is given."""
        sent = {"Host": f"127.0.0.1:{self.port}", "Authorization": f"Bearer {self.studio.token}"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request(method, path, body, sent)
        answer = connection.getresponse()
        return Answer(answer.status, answer.read().decode(), answer.getheader("ETag") or "")


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    (tmp_path / "working").mkdir()
    monkeypatch.chdir(tmp_path / "working")
    (tmp_path / "guide" / "docs").mkdir(parents=True)
    (tmp_path / "guide" / "docs" / "index.html").write_text("the guide", "utf-8")
    file = tmp_path / "rules" / "house.forbear"
    file.parent.mkdir()
    file.write_bytes(POLICY)
    studio = Studio(file, _write, guide=tmp_path / "guide")
    server = studio.serve(0)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()  # how soon it sees that it ends
    yield Served(studio, server.server_address[1])
    server.shutdown()
    server.server_close()


def test_a_file_is_read_and_saved(served: Served) -> None:
    (served.studio.file.parent / "words.forbear").write_text("fact x count\n", "utf-8")
    answer = served.ask("GET", "/api/policy")
    assert json.loads(answer.body) == {
        "name": "house.forbear",
        "text": POLICY.decode(),
        "others": {"words.forbear": "fact x count\n"},
        "guide": True,
        "files": ["house.forbear", "words.forbear"],
    }
    os.chmod(served.studio.file, 0o640)
    saved = served.ask("PUT", "/api/policy", b"# \xc3\xa4\r\n", If_Match=answer.tag)
    assert saved.status == 200
    assert served.studio.file.read_bytes() == b"# \xc3\xa4\r\n"
    assert served.studio.file.stat().st_mode & 0o777 == 0o640
    assert served.ask("PUT", "/api/policy", b"more", If_Match=saved.tag).status == 200
    assert sorted(path.name for path in served.studio.file.parent.iterdir()) == ["house.forbear", "words.forbear"]


def test_what_somebody_else_wrote_is_not_overwritten(served: Served) -> None:
    tag = served.ask("GET", "/api/policy").tag
    served.studio.file.write_bytes(b"theirs")
    assert served.ask("PUT", "/api/policy", b"mine", If_Match=tag).status == 412
    assert served.ask("PUT", "/api/policy", b"mine").status == 412, "nor where a save names nothing"
    assert served.studio.file.read_bytes() == b"theirs"


def test_a_file_that_is_not_there_yet_is_written_with_the_first_save(served: Served) -> None:
    served.studio.file.unlink()
    answer = served.ask("GET", "/api/policy")
    assert json.loads(answer.body)["text"] == ""
    assert served.ask("PUT", "/api/policy", b"new", If_Match=answer.tag).status == 200
    assert served.studio.file.read_bytes() == b"new"


def test_a_folder_that_cannot_be_read_is_an_error_and_not_one_without_files(served: Served) -> None:
    folder = served.studio.file.parent
    shutil.move(folder, folder.with_name("moved"))
    answer = served.ask("GET", "/api/policy")
    assert (answer.status, answer.body) == (500, f"no such file or directory: {folder}")


@pytest.mark.parametrize(("method", "path"), [("GET", "/api/policy"), ("PUT", "/api/policy"), ("POST", "/api/answer")])
@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": ""},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Bearer \xff"},
        {"Host": "evil.example"},
        {"Host": "evil.example:80"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_nobody_else_reads_asks_or_saves(served: Served, method: str, path: str, headers: dict[str, str]) -> None:
    tag = served.ask("GET", "/api/policy").tag
    answer = served.ask(method, path, b"mine", **{"If_Match": tag, **headers})
    assert answer.status == 403
    assert "phone_call" not in answer.body
    assert served.studio.file.read_bytes() == POLICY


@pytest.mark.parametrize(
    "path",
    [
        "/../rules/house.forbear",
        "/..%2frules/house.forbear",
        "/docs/../../rules/house.forbear",
        "//etc/passwd",
        "/api/other",
        "/docs/link.js",
        "/\0.js",
        "/server.py",
        "/page/index.html",
    ],
)
def test_only_the_page_and_the_guide_are_served(served: Served, path: str) -> None:
    (served.studio.guide / "docs" / "link.js").symlink_to("/etc/passwd")
    assert "script-src 'self' 'sha256-" in served.ask("GET", "/").body
    assert served.ask("GET", "/docs/index.html").body == "the guide"
    assert "hardship" not in served.ask("GET", "/language.json").body
    with suppress(http.client.InvalidURL):
        assert served.ask("GET", path).status in (400, 404)


@pytest.mark.parametrize("path", ["/" + "a" * 300 + ".js", "/" + "a/" * 3_000 + "b.js", "/studio.js/x.js"])
def test_a_path_that_can_be_none_is_not_there(served: Served, path: str) -> None:
    assert served.ask("GET", path).status == 404


@pytest.mark.parametrize("name", ["leak.forbear", "forbear.toml", "pyproject.toml", "house.forbear"])
def test_no_text_behind_a_link_to_another_file_is_given(served: Served, name: str) -> None:
    """The page packs what it is given into an address that is shared."""
    folder = served.studio.file.parent
    (folder / "credentials").write_text("[tool.forbear]\n# S3CRET\n", "utf-8")
    served.studio.file.write_text('uses "leak"\n', "utf-8")
    (folder / name).unlink(missing_ok=True)
    (folder / name).symlink_to("credentials")
    tag = served.ask("GET", "/api/policy").tag
    answer = served.ask("GET", "/api/policy")
    assert "S3CRET" not in answer.body
    assert answer.status == (500 if name == "house.forbear" else 200)
    if name == "house.forbear":
        assert "leads to a file that does not end in `.forbear`" in answer.body
        assert served.ask("PUT", "/api/policy", b"mine", If_Match=tag or '""').status == 500
        assert (folder / "credentials").read_text() == "[tool.forbear]\n# S3CRET\n"


def test_links_to_files_of_the_same_kind_are_given_and_a_broken_project_file(served: Served) -> None:
    folder = served.studio.file.parent
    (folder / "shared").mkdir()
    (folder / "shared" / "words.forbear").write_text("fact x count\n", "utf-8")
    (folder / "words.forbear").symlink_to("shared/words.forbear")
    (folder / "pyproject.toml").write_text("[tool.forbear\n", "utf-8")
    answer = served.ask("GET", "/api/policy")
    found = json.loads(answer.body)
    assert found["others"] == {"words.forbear": "fact x count\n", "pyproject.toml": "[tool.forbear\n"}
    assert found["files"] == ["house.forbear"], "what a link leads to is not written"


def test_a_rule_file_beside_it_is_read_and_saved(served: Served) -> None:
    words, other = (served.studio.file.parent / name for name in ("words.forbear", "link.forbear"))
    words.write_text("fact x count\n", "utf-8")
    other.symlink_to(words)
    (served.studio.file.parent / "notes.txt").write_text("S3CRET", "utf-8")
    answer = served.ask("GET", "/api/policy?file=words.forbear")
    found = json.loads(answer.body)
    assert (found["name"], found["text"]) == ("words.forbear", "fact x count\n")
    assert list(found["others"]) == ["house.forbear", "link.forbear"]
    assert found["files"] == ["house.forbear", "words.forbear"]
    assert served.ask("PUT", "/api/policy?file=words.forbear", b"fact y count\n", If_Match=answer.tag).status == 200
    assert words.read_text("utf-8") == "fact y count\n"
    assert served.studio.file.read_bytes() == POLICY
    for name in ("notes.txt", "link.forbear", "..%2Frules%2Fwords.forbear", "new.forbear", "%00.forbear"):
        assert served.ask("GET", f"/api/policy?file={name}").status == 404
        assert served.ask("PUT", f"/api/policy?file={name}", b"mine", If_Match=answer.tag).status == 404
    assert served.ask("GET", "/api/policy?file=words.forbear", Authorization="").status == 403


def test_what_is_no_text_is_not_saved(served: Served) -> None:
    tag = served.ask("GET", "/api/policy").tag
    assert served.ask("PUT", "/api/policy", b"\xff", If_Match=tag).status == 400
    assert served.ask("PUT", "/api/policy", None, If_Match=tag, Content_Length="99999999999").status == 400
    assert served.studio.file.read_bytes() == POLICY


def test_a_file_that_is_no_text_says_so(served: Served) -> None:
    served.studio.file.write_bytes(b"\xff\xfe")
    answer = served.ask("GET", "/api/policy")
    assert (answer.status, answer.body) == (500, "the file is not text in UTF-8")


def test_a_folder_that_cannot_be_written_says_so(served: Served) -> None:
    tag = served.ask("GET", "/api/policy").tag

    def refuse(path: Path, content: bytes) -> None:
        raise PermissionError(13, "Permission denied")

    served.studio.write = refuse
    answer = served.ask("PUT", "/api/policy", b"mine", If_Match=tag)
    assert (answer.status, answer.body) == (500, "permission denied")


CLASH = "rule a: after 13 days then allow phone_call\nrule b: forbid phone_call when hardship is plan_active\n"


def question(served: Served, method: str, *arguments: object, page: str = "one") -> dict[str, Any]:
    asked = json.dumps({"page": page, "method": method, "args": arguments}).encode()
    answer = served.ask("POST", "/api/answer", asked)
    assert answer.status == 200
    found: dict[str, Any] = json.loads(answer.body)
    return found


def test_a_page_is_answered_as_its_worker_would(served: Served) -> None:
    words = "fact late days clock\naction ring\n"
    text = 'uses "words"\nrule a: after 9 days then allow ring\n'
    here = Session(Path())
    question(served, "open", "house.forbear", text, {"words.forbear": words})
    here.open("house.forbear", text, {"words.forbear": words})
    for asked in (("check", text), ("findings", text), ("report",), ("change",), ("complete", text, len(text) - 2)):
        assert question(served, *asked)["value"] == getattr(here, asked[0])(*asked[1:]), asked
    assert "words" not in json.dumps(question(served, "findings", CLASH, page="two")), "each page has a session"
    assert sorted(path.name for path in served.studio.file.parent.iterdir()) == ["house.forbear"]


def test_a_page_may_be_closed_at_any_time(served: Served, capsys: pytest.CaptureFixture[str]) -> None:
    asking = (
        f"GET /api/policy HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\nAuthorization: Bearer {served.studio.token}\r\n"
    )
    served.studio.file.write_bytes(b"# a long comment\n" * 60_000)
    for sent in (asking + "\r\n", asking):  # before its answer was read, and before it was asked
        with socket.create_connection(("127.0.0.1", served.port)) as page:
            page.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # closed without a farewell
            page.sendall(sent.encode())
            time.sleep(0.1)
    time.sleep(0.3)
    assert served.ask("GET", "/api/policy").status == 200
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("method", "arguments", "error"),
    [
        ("_read", ["x"], "ValueError: there is no such question"),
        ("__init__", ["/"], "ValueError: there is no such question"),
        ("pack", ["../../secret"], "ValueError: there is no such question"),
        ("open", ["a", "x", {"../b": "x"}], "ValueError: '../b' is outside of the folder"),
        ("open", ["a", "x", {"/tmp/b": "x"}], "ValueError: '/tmp/b' is outside of the folder"),
        ("check", [], "TypeError: "),
    ],
)
def test_what_is_no_question_is_an_error(served: Served, method: str, arguments: list[Any], error: str) -> None:
    assert question(served, method, *arguments)["error"].startswith(error)
    assert "error" in json.loads(served.ask("POST", "/api/answer", b"{").body)


@pytest.mark.parametrize(
    ("method", "of", "end"), [("findings", (CLASH,), "check"), ("change", (), "check"), ("change", (), "saved")]
)
def test_a_search_lets_other_questions_come_first_and_ends_where_a_later_text_comes(
    served: Served, method: str, of: tuple[str, ...], end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The search goes on for ever, but for what it looks up for."""
    begun = threading.Semaphore(0)

    def searching(session: Session, *arguments: Any) -> None:
        begun.release()
        while True:
            arguments[-1]()
            time.sleep(0.001)

    monkeypatch.setattr(Session, method, searching)
    found: list[dict[str, Any]] = []
    search = threading.Thread(target=lambda: found.append(question(served, method, *of)))
    search.start()
    begun.acquire()
    assert question(served, "hover", CLASH, 0)["value"] is None
    assert found == [], "it goes on"
    assert "error" not in question(served, end, CLASH)
    search.join(20)
    assert found == [{"superseded": True}]
    assert not begun.acquire(blocking=False), "it began once"


@pytest.mark.parametrize("method", ["findings", "change"])
def test_a_search_looks_up_often(method: str) -> None:
    session = Session(Path())
    session.open(None, CLASH, {})
    other = CLASH.replace("13 days", "9 days")
    session.findings(other)
    looked_up: list[None] = []
    of = (other,) if method == "findings" else ()
    getattr(session, method)(*of, lambda: looked_up.append(None))
    assert len(looked_up) >= 5
