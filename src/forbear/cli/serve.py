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

from forbear.base.logs import LOG
from forbear.cli.support.failing import fail, needing, wrong_use
from forbear.cli.support.options import Between, number_option, settings_option
from forbear.cli.support.printing import print_text
from forbear.cli.support.project import is_by_hand, project, project_options
from forbear.cli.support.reading import input_files, must_exist, read_bytes
from forbear.cli.support.writing import keep_apart
from forbear.deciding.records.record import Record


def _url(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """An address of the web without a query, as OpenAPI takes it for a server."""
    if value is not None and (urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).hostname):
        raise click.BadParameter("write an address such as https://policies.example.org", context, parameter)
    return value


@click.command("serve")
@click.argument("folder", metavar="FOLDER")
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="The address to listen at; other than loopback needs --token-file.",
)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8711, show_default=True, help="The port; 0 picks a free one."
)
@click.option("--unix", "unix", metavar="PATH", help="Listen at a Unix socket instead.")
@click.option(
    "--allow-host", "hosts", metavar="NAME", multiple=True, help="Also accept this Host header, without a token."
)
@click.option("--token-file", metavar="FILE", help="Require the bearer token in FILE, or one of two.")
@click.option("--public-url", metavar="URL", callback=_url, help="Where callers reach it, for /openapi.json.")
@click.option("--record", "record_path", metavar="FILE", help="Add each answer to FILE, on the disk before it is sent.")
@click.option(
    "--record-key", "key_path", metavar="FILE", help="The key in FILE hashes private facts; otherwise they are omitted."
)
@click.option("--record-refused", is_flag=True, help="Record cases that are in error too.")
@click.option("--key", metavar="FIELD", help="The field of a case that names the account, as for `decide`.")
@click.option("--request", metavar="FIELD", help="The field with the id of the request, likewise.")
@settings_option
@click.option(
    "--max-body", type=click.IntRange(1, 16), default=4, show_default=True, metavar="MB", help="The longest body."
)
@number_option("--max-batch", 10_000, "The longest batch.", least=1)
@number_option("--max-connections", 1_000, "The most connections; others are refused.", least=1)
@click.option(
    "--timeout",
    type=Between(0.1, 600),
    default=10,
    show_default=True,
    metavar="SECONDS",
    help="How long a request may take to come, and how long to be answered.",
)
@click.option("--log-requests", is_flag=True, help="Log each question: policy, status and time, nothing of the case.")
@click.option("--telemetry", is_flag=True, help="Make spans and metrics of OpenTelemetry, by the SDK of the process.")
@project_options
def command(
    folder: str,
    host: str,
    port: int,
    unix: str | None,
    hosts: tuple[str, ...],
    token_file: str | None,
    public_url: str | None,
    record_path: str | None,
    key_path: str | None,
    record_refused: bool,
    key: str | None,
    request: str | None,
    settings: Mapping[str, object],
    max_body: int,
    max_batch: int,
    max_connections: int,
    timeout: float,
    log_requests: bool,
    telemetry: bool,
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
        from forbear.service.server import LONGEST_PATH, Place, address_of, load_on_signal, log_to, serve
        from forbear.service.tokens import Tokens
        from forbear.service.watching import Folder, versions
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
        wrong_use("a record is added to a file, and `-` is none")
    if unix is not None and is_by_hand("host", "port"):
        wrong_use("a service listens at a Unix socket or at a port: leave out --unix, or --host and --port")
    if unix is not None and len(os.fsencode(unix)) > LONGEST_PATH:
        wrong_use(f"the path of a Unix socket has at most {LONGEST_PATH} bytes, and that of --unix more: shorten it")
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
        wrong_use("--allow-host is for a port without a token: with one, or at a Unix socket, it is asked by any name")
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
    served = Folder(origin)
    recorder = None
    if record_path is not None:
        secrets = [path for path in (key_path, token_file) if path is not None]
        keep_apart(record_path, input_files([folder], [*secrets, *served.current.files]))
        secret = None if key_path is None else read_bytes(key_path)
        recorder = Recorder(Record(record_path, secret, refused=record_refused, durable=True))
    try:
        listening = place.listen()
    except (OSError, socket.gaierror) as error:
        where = repr(unix) if unix is not None else f"{host} port {port}"
        fail(f"{where} cannot be used: {(error.strerror or 'error').lower()}")
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
