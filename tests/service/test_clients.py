"""Clients that are slow, too many, too long, or not to be trusted."""

from __future__ import annotations

import json
import resource
import signal
import socket
import stat
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from http.client import HTTPConnection
from pathlib import Path

import pytest
from invoking import forbear
from night import NIGHTLY
from service_process import CASE, JSON, Serving, serving, until, written

from forbear.service.watching import EVERY

REQUEST = b"POST /v1/policies/house/decide HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
SECONDS = 1.0


def answered(one: socket.socket) -> bytes:
    """All that a connection gets until it is closed."""
    content = b""
    while part := one.recv(1 << 16):
        content += part
    return content


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A service that waits for a second, and takes short bodies and batches."""
    with serving(
        written(tmp_path_factory.mktemp("policies")), "--timeout", SECONDS, "--max-body", 1, "--max-batch", 100
    ) as found:
        yield found


def test_slow_requests_are_ended(quick: Serving) -> None:
    """They have sent nothing, a part of a line, the line, and half a body."""
    start = time.monotonic()
    slow = []
    for begun in (b"", b"POST /v1", REQUEST, REQUEST + b"Content-Length: 50\r\n\r\n" + b'{"late": '):
        slow.append(quick.connect())
        slow[-1].sendall(begun)
    for one in slow:
        with one:
            content = answered(one)
        assert content.startswith(b"HTTP/1.1 408")
        assert b"within 1 seconds" in content
        assert SECONDS * 0.8 < time.monotonic() - start < SECONDS + 4
    assert quick.decide(CASE).status == 200


def test_a_client_that_drips_is_ended_too(quick: Serving) -> None:
    with quick.connect() as one:
        one.settimeout(0.05)
        start, content = time.monotonic(), b""
        for letter in REQUEST + b"X: " + b"y" * 1000:
            try:
                one.sendall(bytes([letter]))
                content = one.recv(1000)
                break
            except TimeoutError:
                continue
            except OSError:
                break
        assert content.startswith(b"HTTP/1.1 408")
        assert time.monotonic() - start < SECONDS + 4


def test_a_kept_connection_may_rest(quick: Serving) -> None:
    connection = quick.connection()
    assert quick.decide(CASE, on=connection).status == 200
    time.sleep(SECONDS * 1.5)
    assert quick.decide(CASE, on=connection).status == 200
    connection.close()


def test_a_client_that_does_not_read_is_ended(quick: Serving) -> None:
    before = quick.metric('forbear_turned_away_total{reason="unread"}')
    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        one.connect(("127.0.0.1", quick.port))
        one.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n" * 1000)
        until(lambda: quick.metric('forbear_turned_away_total{reason="unread"}') > before)


def test_64_megabytes_are_refused(quick: Serving) -> None:
    before = _memory(quick)
    with quick.connect() as one:  # by its length, before any of it comes
        one.sendall(REQUEST + b"Content-Length: 67108864\r\nExpect: 100-continue\r\n\r\n")
        assert one.recv(1000).startswith(b"HTTP/1.1 413")
    long = b'{"late": "' + b"x" * (64 << 20) + b'"}'
    found = quick.decide(long)
    assert (found.status, found.json["detail"]) == (413, "the body has more than 1,048,576 bytes")
    with quick.connect() as one:  # in chunks, by what comes
        one.sendall(REQUEST + b"Transfer-Encoding: chunked\r\n\r\n")
        chunk = b"100000\r\n" + b" " * (1 << 20) + b"\r\n"
        for _ in range(3):
            one.sendall(chunk)
        assert one.recv(1000).startswith(b"HTTP/1.1 413")
    assert quick.ask("POST", "/v1/policies/house/decide/batch", {"cases": [1] * 101}).status == 422
    assert _memory(quick) - before < 32 << 20
    assert quick.decide(CASE).status == 200


def _memory(its: Serving) -> int:
    """The most memory that the process has had, in bytes."""
    for line in Path(f"/proc/{its.process.pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024
    raise AssertionError


def test_a_head_has_an_end(quick: Serving) -> None:
    with quick.connect() as one:
        one.sendall(REQUEST)
        content = b""
        for number in range(64):
            try:
                one.sendall(b"X-%d: " % number + b"y" * 4000 + b"\r\n")
            except OSError:
                break
            time.sleep(0.002)
        content = one.recv(1000)
        assert content.startswith(b"HTTP/1.1 431")


@pytest.mark.parametrize("parts", [1, 2])
def test_a_head_of_64_kilobytes_is_the_longest(quick: Serving, parts: int) -> None:
    """However it is sent, and whatever comes behind it."""
    begun = REQUEST + b"Content-Length: 2\r\nX: "
    longest = begun + b"y" * (65_536 - len(begun) - 4) + b"\r\n\r\n"
    longer = [longest.replace(b"X: ", b"X: " + b"y" * more) for more in (1, 500, 40_000)]
    for head, status in ((longest, 422), *[(each, 431) for each in longer]):
        with quick.connect() as one:
            half = len(head) // parts
            one.sendall(head[:half])
            time.sleep(0.05)
            one.sendall(head[half:] + b"{}" + REQUEST)
            assert one.recv(1000).startswith(b"HTTP/1.1 %d" % status)
    assert quick.decide(CASE).status == 200


CHUNKED = REQUEST + b"Transfer-Encoding: chunked\r\n\r\n"
ENDLESS = {
    "trailers": (CHUNKED + b"2\r\n{}\r\n0\r\n", b"ab: cd\r\n"),
    "a trailer": (CHUNKED + b"2\r\n{}\r\n0\r\na: ", b"x"),
    "the name of a trailer": (CHUNKED + b"2\r\n{}\r\n0\r\n", b"x"),
    "an extension": (CHUNKED + b"2\r\n{}\r\n1;a=", b"x"),
    "a size": (CHUNKED, b"0"),
    "headers": (REQUEST, b"ab: cd\r\n"),
}


@pytest.mark.parametrize(("begun", "piece"), ENDLESS.values(), ids=ENDLESS)
def test_all_of_a_request_but_its_body_has_an_end(quick: Serving, begun: bytes, piece: bytes) -> None:
    """None of it is kept. At first so little comes that the answer is not lost with what nobody reads."""
    before = _memory(quick)
    with quick.connect() as one:
        one.sendall(begun)
        for _ in range(3):
            time.sleep(0.05)
            one.sendall(piece * (24_000 // len(piece)))
        assert one.recv(1000).startswith(b"HTTP/1.1 431")
    with quick.connect() as one, suppress(OSError):  # it is closed meanwhile
        one.sendall(begun)
        for _ in range(64):
            one.sendall(piece * (1_000_000 // len(piece)))
    assert _memory(quick) - before < 8 << 20
    assert quick.decide(CASE).status == 200


def test_what_comes_behind_a_body_is_no_header(quick: Serving) -> None:
    body = json.dumps(CASE).encode()
    trailers = b"Origin: http://example.org\r\nContent-Type: text/plain\r\nX: y\r\n"
    framed = b"%x\r\n%s\r\n0\r\n%s\r\n" % (len(body), body, trailers)
    with quick.connect() as one:
        one.sendall(CHUNKED + framed + CHUNKED.replace(b"\r\n", b"\r\nConnection: close\r\n", 1) + framed)
        assert answered(one).count(b"HTTP/1.1 200") == 2


@pytest.mark.parametrize("number", [100, 101])
def test_a_request_has_at_most_100_headers(quick: Serving, number: int) -> None:
    with quick.connect() as one:
        one.sendall(REQUEST + b"a:\r\n" * (number - 3) + b"Content-Length: 2\r\n\r\n{}")
        assert one.recv(1000).startswith(b"HTTP/1.1 422" if number == 100 else b"HTTP/1.1 431")


def test_requests_that_wait_are_answered_in_order_and_take_no_more_memory_than_their_bytes(tmp_path: Path) -> None:
    """The first one takes long. Each client sends thousands behind it at once, and another with a body at the end."""
    body = json.dumps(CASE).encode()
    first = REQUEST.replace(b"decide", b"explain") + b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
    number, asked = 2_000, b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"
    last = REQUEST + b"Content-Length: %d\r\nConnection: close\r\n\r\n%s" % (len(body), body)
    with serving(written(tmp_path / "policies")) as found, ExitStack() as stack:
        before = _memory(found)
        clients = [stack.enter_context(found.connect()) for _ in range(10)]
        for one in clients:
            one.sendall(first + asked * number)
        clients[0].sendall(last)
        content = answered(clients[0])
        assert content.count(b"HTTP/1.1 200") == 1 + number + 1
        assert content.index(b"explanations") < content.index(b'"live"') < content.index(b"decisions")
        assert _memory(found) - before < 24 << 20
        for one in clients:
            one.close()
        assert found.stop() == []


@pytest.mark.parametrize("zeros", [1, 5_000])
def test_a_length_may_begin_with_zeros(quick: Serving, zeros: int) -> None:
    with quick.connect() as one:
        one.sendall(REQUEST + b"Content-Length: " + b"0" * zeros + b"2\r\n\r\n{}")
        assert one.recv(1000).startswith(b"HTTP/1.1 422")


def test_what_is_no_http_behind_a_request_leaves_no_fault(tmp_path: Path) -> None:
    """Nobody waits for the answer to the request any more."""
    body = json.dumps(CASE).encode()
    with serving(written(tmp_path / "policies")) as found:
        for _ in range(5):
            with found.connect() as one:
                asked = REQUEST.replace(b"decide", b"explain") + b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
                one.sendall(asked + CHUNKED + b"no size")
                answered(one)
        assert found.stop() == []


@pytest.mark.parametrize("content", [b"\x00\x01\x02\r\n\r\n", b"GET\r\n\r\n", b"\x16\x03\x01" + b"a" * 300])
def test_what_is_no_http(quick: Serving, content: bytes) -> None:
    with quick.connect() as one:
        one.sendall(content)
        assert answered(one).startswith(b"HTTP/1.1 400")


def test_too_many_connections_are_refused_politely(tmp_path: Path) -> None:
    """Those that there are go on; each other one is told, and nothing is lost when they have gone."""
    most, more = (1_000, 10_000) if NIGHTLY else (50, 300)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, more * 2 + 500), hard))
    with serving(written(tmp_path / "policies"), "--max-connections", most) as found:
        kept = [found.connection() for _ in range(most - 1)]
        for before in kept[:: most // 10]:
            assert found.decide(CASE, on=before).status == 200
        until(lambda: _served(found, kept[0]) >= most - 1)
        first = found.connection()
        assert found.decide(CASE, on=first).status == 200
        refused: list[socket.socket] = []
        for _ in range(more):
            one = found.connect()
            refused.append(one)
            if len(refused) >= 100:
                _told(refused)
        _told(refused)
        for before in (first, *kept[:: most // 10]):
            assert found.decide(CASE, on=before).status == 200
        for before in (first, *kept):
            before.close()
        until(lambda: found.decide(CASE).status == 200)
        assert found.metric('forbear_turned_away_total{reason="full"}') >= more
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def _told(refused: list[socket.socket]) -> None:
    for one in refused:
        content = answered(one)
        assert content.startswith(b"HTTP/1.1 503")
        assert b"retry-after: 1" in content
        assert b"connections already" in content
        one.close()
    refused.clear()


def _served(found: Serving, on: HTTPConnection) -> float:
    page = found.ask("GET", "/metrics", on=on).body.decode()
    return next(float(line.split()[1]) for line in page.splitlines() if line.startswith("forbear_connections "))


def test_a_token_is_needed_where_others_reach_it(tmp_path: Path) -> None:
    folder, token = written(tmp_path / "policies"), tmp_path / "token"
    for options, message in (
        (["--token-file", str(token)], "at least 16"),
        (["--token-file", str(token)], "without blanks"),
        (["--token-file", str(token)], "at most 2 lines"),
    ):
        several = "a-token-of-the-service\n" * 3 if "lines" in message else "short\n"
        token.write_text("a token of the service\n" if message == "without blanks" else several)
        done = forbear("serve", folder, "--port", "0", *options)
        assert (done.code, message in done.err) == (2, True), done.err
    token.write_text("a-token-of-the-service\n")
    with serving(folder, "--host", "0.0.0.0", "--token-file", token) as found:
        right = {**JSON, "Authorization": "Bearer a-token-of-the-service"}
        assert found.decide(CASE, headers=right).status == 200
        for scheme in ("bearer", "BEARER"):  # RFC 9110, 11.1
            other = {**JSON, "Authorization": f"{scheme} a-token-of-the-service"}
            assert found.decide(CASE, headers=other).status == 200
        for wrong in (
            None,
            "Bearer a-token-of-the-servicf",
            "Bearer ",
            "Bearer",
            "Basic a-token-of-the-service",
            "a-token-of-the-service",
            "Basic YQ==",
        ):
            headers = JSON if wrong is None else {**JSON, "Authorization": wrong}
            answer = found.decide(CASE, headers=headers)
            assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer")
            assert found.ask("GET", "/openapi.json", headers=headers).status == 401
            assert found.ask("GET", "/metrics", headers=headers).status == 401
            assert found.ask("GET", "/nowhere", headers=headers).status == 401
        assert found.ask("GET", "/health/live").status == 200
        ready = found.ask("GET", "/health/ready")
        assert (ready.status, ready.json) == (200, {"status": "ready", "folder": "in force"})
        page = found.decide(CASE, headers={**right, "Origin": "https://example.org"})
        assert page.status == 200


def test_a_token_is_changed_without_a_restart(tmp_path: Path) -> None:
    """The new one is added to the file, callers change to it, and the old one is taken away."""
    folder, file = written(tmp_path / "policies"), tmp_path / "token"

    def accepted(token: str) -> bool:
        return found.decide(CASE, headers={**JSON, "Authorization": f"Bearer {token}"}).status == 200

    file.write_text("the-token-of-before\n")
    with serving(folder, "--token-file", file, "--public-url", "https://rules.example.org/late") as found:
        assert accepted("the-token-of-before")
        assert not accepted("the-token-of-today")
        file.write_text("the-token-of-today\nthe-token-of-before\n")
        until(lambda: accepted("the-token-of-today"))
        assert accepted("the-token-of-before")
        file.write_text("the-token-of-today\nwith blanks, which is a slip\n")
        time.sleep(3 * EVERY)  # nothing but the log shows that it was read
        assert accepted("the-token-of-today")
        assert accepted("the-token-of-before")
        file.write_text("the-token-of-today\n")
        until(lambda: not accepted("the-token-of-before"))
        description = found.ask("GET", "/openapi.json", headers={"Authorization": "Bearer the-token-of-today"}).json
        assert description["servers"] == [{"url": "https://rules.example.org/late"}]
        log = [(line["level"], line.get("tokens")) for line in found.stop()]
    assert log == [("info", 2), ("error", None), ("info", 1)]


def test_a_page_in_a_browser_may_not_ask(quick: Serving) -> None:
    answer = quick.decide(CASE, headers={**JSON, "Origin": "http://127.0.0.1:8711"})
    assert answer.status == 403
    assert "access-control-allow-origin" not in answer.headers


HOSTS = {
    "localhost": 200,
    "LOCALHOST:1": 200,
    "127.0.0.1:8711": 200,
    "127.8.9.1": 200,
    "[::1]:8711": 200,
    "core.internal:80": 200,
    "evil.example": 403,
    "evil.example:8711": 403,
    "localhost.evil.example": 403,
    "127.0.0.1.evil.example": 403,
    "10.0.0.1": 403,
    "[::1": 200,
    "[evil.example]": 403,
    "": 403,
}


def test_a_page_whose_name_leads_here_may_not_read(tmp_path: Path) -> None:
    """After DNS is rebound such a page is of one origin with the service, and a GET of it has no `Origin`."""
    with serving(written(tmp_path / "policies"), "--allow-host", "core.internal") as found:
        for path in ("/v1/policies", "/openapi.json", "/metrics", "/health/ready"):
            answers = {host: found.ask("GET", path, headers={"Host": host}) for host in HOSTS}
            assert {host: answer.status for host, answer in answers.items()} == HOSTS
            assert answers["evil.example"].json["code"] == "other-host"
            assert b"house" not in answers["evil.example"].body
        connection = found.connect()
        connection.sendall(b"GET /v1/policies HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n")
        assert connection.recv(1000).startswith(b"HTTP/1.1 403")
        connection.close()


def test_who_has_a_token_or_the_socket_may_use_any_name(tmp_path: Path) -> None:
    folder, token = written(tmp_path / "policies"), tmp_path / "token"
    token.write_text("a-token-of-20-letters")
    elsewhere = {"Host": "core.internal", "Authorization": "Bearer a-token-of-20-letters"}
    for options in (("--unix", tmp_path / "forbear.sock"), ("--token-file", token)):
        with serving(folder, *options) as found:
            assert found.ask("GET", "/v1/policies", headers=elsewhere).status == 200
        assert forbear("serve", folder, *options, "--allow-host", "core.internal").code == 2


def test_a_unix_socket(tmp_path: Path) -> None:
    folder, path = written(tmp_path / "policies"), tmp_path / "forbear.sock"
    with serving(folder, "--unix", path) as found:
        assert found.decide(CASE).status == 200
        assert stat.S_IMODE(path.stat().st_mode) == 0o660
        done = forbear("serve", folder, "--unix", path)
        assert (done.code, "another process listens there already" in done.err) == (1, True), done.err
        found.process.kill()
        found.process.wait()
    assert path.exists()  # it was killed
    with serving(folder, "--unix", path, "--log-requests") as found:
        digest = found.decide(CASE).json["policy"]["digest"]
        assert found.decide({**CASE, "late": -3417}).status == 422
        assert found.decide(CASE, "hause").status == 404
        log = [line for line in found.stop() if line["message"] == "answered"]
    assert not path.exists()
    told = [(line["call"], line["policy"], line["digest"], line["status"]) for line in log]
    assert told == [("decide", "house", digest, 200), ("decide", "house", None, 422), ("decide", None, None, 404)]
    assert all(word not in json.dumps(log) for word in ("3400", "3417", "late", "hause"))


def test_it_lets_requests_end(tmp_path: Path) -> None:
    with serving(written(tmp_path / "policies"), "--record", tmp_path / "record.jsonl") as found:
        body = json.dumps({"cases": [CASE] * 3000}).encode()
        with found.connect() as one:
            head = REQUEST.replace(b"decide", b"decide/batch") + b"Content-Length: %d\r\n\r\n" % len(body)
            one.sendall(head + body[:-1])
            time.sleep(0.3)
            found.process.send_signal(signal.SIGTERM)
            time.sleep(0.3)
            with pytest.raises(ConnectionRefusedError):
                found.connect()
            one.sendall(body[-1:])
            content = answered(one)
        assert content.startswith(b"HTTP/1.1 200")
        assert content.count(b'"policy"') == 3000
        log = found.stop()
    assert all(line["level"] != "error" for line in log), log
    assert len((tmp_path / "record.jsonl").read_bytes().splitlines()) == 3000


@pytest.mark.parametrize("chunked", [False, True])
def test_a_client_that_offers_another_protocol_keeps_its_body(quick: Serving, chunked: bool) -> None:
    """Java's client does so with its first request. The body may come in parts, and other requests after it."""
    body = json.dumps(CASE).encode()
    offer = (
        b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAA\r\n"
    )
    length = b"Transfer-Encoding: chunked\r\n\r\n" if chunked else b"Content-Length: %d\r\n\r\n" % len(body)
    framed = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body) if chunked else body
    with quick.connect() as one:
        for _ in range(2):
            one.sendall(REQUEST + offer + length + framed[:10])
            time.sleep(0.05)
            one.sendall(framed[10:])
            content = b""
            while b'"visit_rarely"' not in content:
                part = one.recv(1 << 16)
                assert part, content
                content += part
            assert content.startswith(b"HTTP/1.1 200")
            while not content.endswith(b"}}}"):
                content += one.recv(1 << 16)
