"""`forbear serve`: the policies of a folder over HTTP, for programs in any language."""

from __future__ import annotations

import gc
import os
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import click

from forbear.base.diagnostic import PolicyError
from forbear.base.logs import LOG
from forbear.cli.support import options
from forbear.cli.support.failing import fail, needing, wrong_use
from forbear.cli.support.options import Between, argument, declared, flag, option
from forbear.cli.support.printing import print_text
from forbear.cli.support.project import is_by_hand, project
from forbear.cli.support.reading import input_files, must_exist, read_bytes
from forbear.cli.support.writing import keep_apart
from forbear.deciding.records.record import Record
from forbear.deciding.records.sink import RecordError


def _url(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """An address of the web without a query, as OpenAPI takes it for a server."""
    if value is not None and (urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).hostname):
        raise click.BadParameter("write an address such as https://policies.example.org", context, parameter)
    return value


@declared("serve")
def command(
    folder: str = argument("FOLDER"),
    host: str = option("The address to listen at; other than loopback needs --token-file.", default="127.0.0.1"),
    port: int = option("The port; 0 picks a free one.", type=click.IntRange(0, 65535), default=8711),
    unix: str | None = option("Listen at a Unix socket instead.", "PATH"),
    hosts: tuple[str, ...] = option(
        "Also accept this Host header, without a token.", "NAME", "--allow-host", multiple=True
    ),
    token_file: str | None = option("Require the bearer token in FILE, or one of two.", "FILE"),
    public_url: str | None = option("Where callers reach it, for /openapi.json.", "URL", callback=_url),
    record_path: str | None = option("Add each answer to FILE, on the disk before it is sent.", "FILE", "--record"),
    key_path: str | None = options.record_key,
    record_refused: bool = options.record_refused,
    key: str | None = option("The field of a case that names the account, as for `decide`.", "FIELD"),
    request: str | None = options.request,
    settings: Mapping[str, object] = options.settings,
    max_body: int = option("The longest body.", "MB", type=click.IntRange(1, 16), default=4),
    max_batch: int = options.number(10_000, "The longest batch.", least=1),
    max_connections: int = options.number(1_000, "The most connections; others are refused.", least=1),
    timeout: float = option(
        "How long a request may take to come, and how long to be answered.",
        "SECONDS",
        type=Between(0.1, 600),
        default=10,
    ),
    log_requests: bool = flag("Log each question: policy, status and time, nothing of the case."),
    telemetry: bool = flag("Make spans and metrics of OpenTelemetry, by the SDK of the process."),
) -> None:
    """Serve the policies of a folder over HTTP, for programs in any language: `decide`, `permits`, `explain`, `when`,
    `partial` and `ask`.

    GET /openapi.json describes it, with the facts and actions of each policy. A changed folder replaces the old one as
    a whole, unless it has errors. The log goes to standard error, one JSON object per line.

    \b
    Exit code 0: ended by a signal, 1: the folder has errors, or it cannot listen or record, 2: wrong use.
    Example: forbear serve policies
             forbear serve policies --record decisions.jsonl --key account
    """
    with needing("`serve`", "serve"):
        from forbear.service.app import Continuing, Limits, Service
        from forbear.service.metrics import Metrics
        from forbear.service.policies import Origin
        from forbear.service.recording import Collecting, Recorder
        from forbear.service.server import LONGEST_PATH, Place, address_of, cannot_start, load_on_signal, log_to, serve
        from forbear.service.tokens import Tokens
        from forbear.service.watching import Folder, errors_of, versions
    continuing: Continuing | None = None
    if telemetry:
        try:
            from forbear import telemetry as spans
        except ImportError as error:
            fail(str(error))
        continuing = spans.continuing
    if must_exist(folder) is None:
        wrong_use("name a folder of rule files, or one rule file")
    if record_path is None and (key_path is not None or record_refused):
        wrong_use("--record-key and --record-refused are about a record: name its file, with --record FILE")
    if record_path == "-":
        wrong_use("a record is appended to a file, and `-` is not one")
    if unix is not None and is_by_hand("host", "port"):
        wrong_use("a service listens at a Unix socket or at a port: leave out --unix, or --host and --port")
    if unix is not None and len(os.fsencode(unix)) > LONGEST_PATH:
        wrong_use(f"the path of a Unix socket has at most {LONGEST_PATH} bytes: shorten that of --unix")
    place = Place(host, port, unix)
    tokens: Tokens | None = None
    if token_file is not None:
        try:
            tokens = Tokens(Path(token_file), read_bytes(token_file))
        except ValueError as error:
            wrong_use(f"{token_file!r}: {error}")
    if tokens is None and not place.is_private:
        wrong_use(f"other machines reach {host!r}: require a token, with --token-file FILE")
    if hosts and (tokens is not None or unix is not None):
        wrong_use("--allow-host is for a port without a token: with one, or at a Unix socket, any name is accepted")
    named = frozenset(name.lower() for name in ("localhost", host, *hosts))
    collecting = Collecting()
    origin = Origin(
        Path(folder),
        settings,
        project().settings,
        None if record_path is None else collecting,
        key,
        request,
        telemetry,
    )
    recorder = None
    try:
        served = Folder(origin)
        if record_path is not None:
            secrets = [path for path in (key_path, token_file) if path is not None]
            keep_apart(record_path, input_files([folder], [*secrets, *served.current.files]))
            secret = None if key_path is None else read_bytes(key_path)
            recorder = Recorder(Record(record_path, secret, refused=record_refused, durable=True))
        listening = place.listen()
    except PolicyError as error:
        cannot_start("the folder has errors", errors=errors_of(error))
    except RecordError as error:
        cannot_start(str(error))
    except (OSError, socket.gaierror) as error:
        where = repr(unix) if unix is not None else f"{host} port {port}"
        cannot_start(f"{where} cannot be used: {(error.strerror or 'error').lower()}")
    log_to(sys.stderr)
    about = {"address": address_of(listening), "folder": folder, "policies": versions(served.current)}
    LOG.info("the service listens", extra=about)
    limits = Limits(max_body * 1024 * 1024, max_batch, timeout)
    metrics = Metrics(served, recorder)
    service = Service(
        served, limits, metrics, collecting, recorder, tokens, named, log_requests, public_url, continuing
    )
    load_on_signal(service)
    gc.freeze()  # the policies live as long as the service: only what requests leave is looked at
    for name, digests in versions(served.current).items():
        print_text(f"{name}: {', '.join(digests)}")
    print_text(f"{folder}: {address_of(listening)}")
    sys.stdout.flush()  # a program that started it through a pipe waits for the address
    serve(service, listening, max_connections)
