"""`forbear studio`: who may read and save the file, and what a save does."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from attrs import frozen

from forbear.cli.studio import _write
from forbear.editors.studio.server import Studio

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
def served(tmp_path: Path) -> Iterator[Served]:
    page = tmp_path / "page"
    page.mkdir()
    (page / "index.html").write_text("the page", "utf-8")
    file = tmp_path / "rules" / "house.forbear"
    file.parent.mkdir()
    file.write_bytes(POLICY)
    studio = Studio(file, page, _write)
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


@pytest.mark.parametrize("method", ["GET", "PUT"])
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
def test_nobody_else_reads_or_saves(served: Served, method: str, headers: dict[str, str]) -> None:
    tag = served.ask("GET", "/api/policy").tag
    answer = served.ask(method, "/api/policy", b"mine", **{"If_Match": tag, **headers})
    assert answer.status == 403
    assert "phone_call" not in answer.body
    assert served.studio.file.read_bytes() == POLICY


@pytest.mark.parametrize(
    "path", ["/../rules/house.forbear", "/..%2frules/house.forbear", "//etc/passwd", "/api/other", "/link.js", "/\0.js"]
)
def test_only_the_page_is_served(served: Served, path: str) -> None:
    (served.studio.page / "link.js").symlink_to("/etc/passwd")
    assert served.ask("GET", "/").body == "the page"
    with suppress(http.client.InvalidURL):
        assert served.ask("GET", path).status in (400, 404)


@pytest.mark.parametrize("path", ["/" + "a" * 300 + ".js", "/" + "a/" * 3_000 + "b.js", "/index.html/x.js"])
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
    assert json.loads(answer.body)["others"] == {"words.forbear": "fact x count\n", "pyproject.toml": "[tool.forbear\n"}


def test_what_is_no_text_is_not_saved(served: Served) -> None:
    tag = served.ask("GET", "/api/policy").tag
    assert served.ask("PUT", "/api/policy", b"\xff", If_Match=tag).status == 400
    assert served.ask("PUT", "/api/policy", None, If_Match=tag, Content_Length="99999999999").status == 400
    assert served.studio.file.read_bytes() == POLICY


def test_a_file_that_is_no_text_says_so(served: Served) -> None:
    served.studio.file.write_bytes(b"\xff\xfe")
    answer = served.ask("GET", "/api/policy")
    assert (answer.status, answer.body) == (500, "the file is no text in UTF-8")


def test_a_folder_that_cannot_be_written_says_so(served: Served) -> None:
    tag = served.ask("GET", "/api/policy").tag

    def refuse(path: Path, content: bytes) -> None:
        raise PermissionError(13, "Permission denied")

    served.studio.write = refuse
    answer = served.ask("PUT", "/api/policy", b"mine", If_Match=tag)
    assert (answer.status, answer.body) == (500, "permission denied")
