"""The service as an ASGI application: its routes, and who may use them."""

from __future__ import annotations

import asyncio
import hashlib
import time
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, asynccontextmanager
from functools import lru_cache, partial
from ipaddress import ip_address
from typing import Final, TypeVar
from urllib.parse import parse_qsl

from attrs import frozen
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from forbear.base.logs import LOG
from forbear.deciding.records.sink import RecordEntry, RecordError
from forbear.service import answers
from forbear.service.bodies import Bodies, Gone
from forbear.service.description.openapi import document
from forbear.service.metrics import KIND, Metrics
from forbear.service.policies import Policies
from forbear.service.problems import Problem, nothing_of, problem
from forbear.service.recording import Collecting, Recorder
from forbear.service.tokens import Tokens
from forbear.service.watching import Folder, versions
from forbear.service.writing import Reply, encode

SHORT: Final = 16 * 1024
"""Bytes of a body up to which cases are decided at once. Whatever may take longer is done in a thread, so that others
are answered meanwhile."""


@frozen
class Limits:
    """The limits of one request."""

    body: int
    """Bytes of its body."""
    batch: int
    """Cases of a batch."""
    seconds: float
    """Seconds until it has come, and again until it is answered."""


Continuing = Callable[[Mapping[str, str]], AbstractContextManager[None]]


@frozen(eq=False)
class Service:
    """The parts of an application."""

    folder: Folder
    limits: Limits
    metrics: Metrics
    collecting: Collecting
    recorder: Recorder | None = None
    tokens: Tokens | None = None
    hosts: frozenset[str] = frozenset()
    """The names, in addition to loopback addresses, that callers may use at a port without a token."""
    log_requests: bool = False
    public_url: str | None = None
    """The address for callers, if it differs from where the service listens: the description names it."""
    continuing: Continuing | None = None
    """Lets spans belong to the trace that the headers of a request name."""


Parameters = Mapping[str, str]
"""The parameters of the path, and those of the query."""
Ask = Callable[..., Reply]
"""Answers a question, given the policy, the body and, by their names, the parameters of path and query."""
Recorded = tuple[Reply, Sequence[RecordEntry]]
"""An answer, and what has to be recorded of it before it is sent."""
Query = Mapping[str, str | None]
"""The parameters that a query may have, with what each is unless it is given; None where it has to be."""
NO_QUERY: Final[Query] = {}


def application(service: Service) -> Starlette:
    """The application of a service."""
    threads = Threads(service.metrics)
    shown: dict[str, Callable[[Policies], bytes]] = {
        "/v1/policies": lambda policies: encode(answers.listed(policies)),
        "/openapi.json": partial(
            document, batch=service.limits.batch, guarded=service.tokens is not None, address=service.public_url
        ),
    }
    questions = _questions(service, threads)
    routes = [
        *[Route(f"/v1/policies/{{name}}/{path}", ask, methods=["POST"]) for path, ask in questions.items()],
        *[Route(path, _shown(service, write), methods=["GET"]) for path, write in shown.items()],
        Route("/health/live", _live, methods=["GET"]),
        Route("/health/ready", partial(_ready, service), methods=["GET"]),
        Route("/metrics", partial(_metrics, service), methods=["GET"]),
    ]

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        watching = [asyncio.create_task(service.folder.watch())]
        if service.tokens is not None:
            watching.append(asyncio.create_task(service.tokens.watch()))
        yield
        for one in watching:
            one.cancel()
        threads.end()
        if service.recorder is not None:
            await service.recorder.stop()

    app = Starlette(routes=routes, lifespan=lifespan, exception_handlers={HTTPException: partial(_other, service)})
    app.router.redirect_slashes = False
    return app


def _questions(service: Service, threads: Threads) -> dict[str, _Question]:
    """Returns the questions that a policy answers, by their paths under its name."""
    limits, bodies = service.limits, Bodies(service.limits.body)

    def asking(call: str, ask: Ask, *, short: int = SHORT, query: Query = NO_QUERY) -> _Question:
        return _Question(service, bodies, threads, call, ask, short, query)

    return {
        "decide": asking("decide", answers.decide, query={"valid_until": "false"}),
        "decide/batch": asking("decide/batch", partial(answers.decide_batch, most=limits.batch)),
        "permits/{action}": asking("permits", answers.permits),
        "explain": asking("explain", answers.explain, short=0),
        "explain/{action}": asking("explain", answers.explain, short=0),
        "partial": asking("partial", answers.partial, short=0, query={"open": None}),
        "ask/{action}": asking("ask", answers.ask, short=0),
        "when/{action}": asking("when", answers.when, short=0, query={"until": "30 days"}),
    }


class Guarded:
    """Restricts an application to permitted callers: those with a token or, if there is no token, programs of this
    machine.

    A browser is not such a program: a page from anywhere could make it send requests. A browser reveals the origin of a
    page; and if the name of the page's own host leads here meanwhile, the name in its request. So the `Host` must be
    one of `hosts` or a loopback address; any name if that is None.
    """

    def __init__(
        self, app: Starlette, metrics: Metrics, tokens: Tokens | None, hosts: frozenset[str] | None = None
    ) -> None:
        self._app = app
        self._metrics = metrics
        self._tokens = tokens
        self._is_ours = lru_cache(64)(partial(_is_one_of, hosts)) if hosts is not None else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            refused = self._refusal(scope)
            if refused is not None:
                self._metrics.rejected[str(refused.status)] += 1
                await _send(refused, send)
                return
        await self._app(scope, receive, send)

    def _refusal(self, scope: Scope) -> Reply | None:
        open_to_all = scope["path"].startswith("/health/")
        if self._tokens is None:
            for name, value in scope["headers"]:
                if name == b"origin" and not open_to_all:
                    return problem("browser")
                if name == b"host" and self._is_ours is not None and not self._is_ours(value):
                    return problem("other-host", name=value.decode("latin-1")[:200])
            return None
        if open_to_all:
            return None
        given = [value.partition(b" ") for name, value in scope["headers"] if name == b"authorization"]
        for scheme, _, token in given if len(given) == 1 else ():
            if scheme.lower() == b"bearer" and self._tokens.accept(token.lstrip(b" ")):
                return None
        return problem("no-token")


def _is_one_of(hosts: frozenset[str], named: bytes) -> bool:
    """Returns true if the header `Host` has one of the names, or a loopback address. The port does not matter."""
    text = named.decode("latin-1").lower()
    name = text[1:].partition("]")[0] if text.startswith("[") else text.partition(":")[0]
    if name in hosts:
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


@frozen(eq=False)
class _Question:
    """A question about a policy, with a body. One of up to `short` bytes needs no thread."""

    _service: Service
    _bodies: Bodies
    _threads: Threads
    _call: str
    _ask: Ask
    _short: int
    _query: Query

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        start = time.perf_counter()
        policies = self._service.folder.current  # one from the beginning to the end
        try:
            reply = await self._reply(policies, scope, receive)
        except Problem as refused:
            reply = refused.reply
        except Gone:
            return
        except Exception as error:
            where = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)[-6:]]
            LOG.error("a fault of the service", extra={"fault": type(error).__name__, "where": where})
            reply = problem("fault")
        await _send(reply, send)
        seconds = time.perf_counter() - start
        self._service.metrics.count(self._call, reply, seconds)
        if self._service.log_requests:
            name = scope["path_params"]["name"]
            _log(self._call, name if name in policies.by_name else None, reply, seconds)

    async def _reply(self, policies: Policies, scope: Scope, receive: Receive) -> Reply:
        parameters = dict(scope["path_params"])
        policy = answers.served(policies, parameters.pop("name"))
        content = await self._bodies.read(scope, receive)
        asked = scope["query_string"]
        if asked or self._query:
            parameters |= _given(self._query, asked)
        ask = partial(self._ask, policy, content, **parameters)
        if self._service.continuing is not None:
            ask = partial(self._traced, ask, self._service.continuing, scope)
        answer = partial(self._answer, ask)
        short = len(content) <= self._short and not asked  # additional answers take longer
        try:
            if short and self._service.recorder is None:
                reply, _ = answer()
            else:
                async with asyncio.timeout(self._service.limits.seconds):
                    with self._bodies.holding(content):
                        reply = await self._recorded(answer, short)
        except TimeoutError:
            raise Problem(problem("overtime")) from None
        except RecordError as error:
            raise Problem(problem("not-recorded", reason=error)) from None
        self._service.metrics.count_decisions(self._call, policy, reply)
        return reply

    def _traced(self, ask: Callable[[], Reply], continuing: Continuing, scope: Scope) -> Reply:
        with continuing({name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}):
            return ask()

    async def _recorded(self, answer: Callable[[], Recorded], short: bool) -> Reply:
        """The answer, from a thread where it may take long, after it is recorded."""
        reply, entries = answer() if short else await self._threads.run(answer)
        if entries and self._service.recorder is not None:
            await self._service.recorder.keep(entries)
        return reply

    def _answer(self, ask: Callable[[], Reply]) -> Recorded:
        try:
            reply = ask()
        except Problem as refused:
            reply = refused.reply
        finally:
            entries = self._service.collecting.take()
        return reply, entries


def _given(known: Query, query: bytes) -> Parameters:
    """Returns the parameters of a query. Raises `Problem` for one that is unknown, repeated, or missing, because the
    answer would not be to the question that was asked.
    """
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    for name, _ in pairs:
        if name not in known:
            raise Problem(nothing_of("no-parameter", name, known))
    parameters = {}
    for name, usual in known.items():
        values = [value for key, value in pairs if key == name] or [usual or ""]
        if len(values) > 1 or not values[0]:
            raise Problem(problem("parameter", name=name))
        parameters[name] = values[0]
    return parameters


def _log(call: str, policy: str | None, reply: Reply, seconds: float) -> None:
    about = {"call": call, "policy": policy, "status": reply.status, "ms": round(seconds * 1000, 3)}
    LOG.info("answered", extra={**about, "digest": reply.digest})


async def _send(reply: Reply, send: Send) -> None:
    headers = [
        (b"content-type", reply.kind),
        (b"content-length", b"%d" % len(reply.body)),
        (b"cache-control", b"no-store"),
    ]
    if reply.digest is not None:
        headers.append((b"etag", f'"{reply.digest}"'.encode()))
    await send({"type": "http.response.start", "status": reply.status, "headers": [*headers, *reply.headers]})
    await send({"type": "http.response.body", "body": reply.body})


def _shown(service: Service, write: Callable[[Policies], bytes]) -> Callable[[Request], Awaitable[Response]]:
    """Returns a response that is made once for the policies in force, and kept until they change. Its tag is that of
    its text, because it contains more than the digests of the policies cover.
    """
    made: list[tuple[Policies, bytes, str]] = []

    async def show(request: Request) -> Response:
        policies = service.folder.current
        if not made or made[0][0] is not policies:
            text = await asyncio.to_thread(write, policies)
            made[:] = [(policies, text, f'"sha256:{hashlib.sha256(text).hexdigest()}"')]
        _, text, etag = made[0]
        if request.headers.get("if-none-match") == etag:
            return Response(status_code=304, headers={"ETag": etag})
        return Response(text, media_type="application/json", headers={"ETag": etag})

    return show


async def _live(request: Request) -> Response:
    return Response(encode({"status": "live"}), media_type="application/json")


async def _ready(service: Service, request: Request) -> Response:
    """Returns whether decisions are given; and whether they are those of the folder as it is now."""
    failed = None if service.recorder is None else service.recorder.problem
    broken = service.folder.broken
    status: dict[str, object] = {"status": "ready" if failed is None else "unavailable"}
    if failed is not None:
        status["record"] = failed
    status["folder"] = "in force" if broken is None else "broken: the one before it is in force"
    if service.tokens is None:  # these callers need no token, and so may not read about policies
        status["policies"] = versions(service.folder.current)
        if broken is not None:
            status["errors"] = list(broken.errors)
    return Response(encode(status), 200 if failed is None else 503, media_type="application/json")


async def _metrics(service: Service, request: Request) -> Response:
    return Response(service.metrics.page(), media_type=KIND.decode())


async def _other(service: Service, request: Request, error: Exception) -> Response:
    """No path that there is, or no method of it."""
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    if error.status_code == 405:
        reply = problem("no-method", method=request.method, allowed=headers.get("Allow"))
    else:
        reply = _nowhere(request.url.path, [route.path for route in request.app.routes])
    service.metrics.rejected[str(reply.status)] += 1
    return Response(reply.body, reply.status, headers, reply.kind.decode())


def _nowhere(path: str, paths: Sequence[str]) -> Reply:
    """Returns the answer if nothing is at a path; the existing paths have `{name}` and `{action}`."""
    parts = path.split("/")
    known = [each.replace("{name}", parts[3]) for each in paths] if len(parts) > 3 else paths
    asked = path.rstrip("/")
    if f"{asked}/{{action}}" in known:
        return problem("no-action-named", path=asked[:200])
    return nothing_of("no-path", path, [each.replace("{action}", parts[-1]) for each in known])


# Threads for what may take long, so that others are answered meanwhile.
#
# A thread cannot be ended: where an answer takes longer than its client waits, it is worked on to its end, for nobody.
# So there are few threads; what has not begun when its time is over never does; and where each thread works for nobody,
# what comes is refused at once.


THREADS: Final = 4
_Answer = TypeVar("_Answer")


class Threads:
    """A few threads. Used by one event loop alone."""

    def __init__(self, metrics: Metrics) -> None:
        self._pool = ThreadPoolExecutor(THREADS, "forbear-answer")
        self._metrics = metrics

    async def run(self, ask: Callable[[], _Answer]) -> _Answer:
        """Returns the result of a function, run in a thread. Raises `Problem` if none is free for long."""
        if self._metrics.overtime >= THREADS:
            raise Problem(problem("busy"))
        running = self._pool.submit(ask)
        try:
            return await asyncio.wrap_future(running)
        except asyncio.CancelledError:
            if not running.cancel():
                self._metrics.overtime += 1
                loop = asyncio.get_running_loop()
                running.add_done_callback(lambda _: self._tell(loop))
            raise

    def _tell(self, loop: asyncio.AbstractEventLoop) -> None:
        """Says that work for nobody has ended; called in its thread, perhaps after the service has ended."""
        if not loop.is_closed():
            loop.call_soon_threadsafe(self._ended)

    def _ended(self) -> None:
        self._metrics.overtime -= 1

    def end(self) -> None:
        """Starts nothing any more, and waits for nothing: the callers of running functions have had an answer."""
        self._pool.shutdown(wait=False, cancel_futures=True)
