// Python in a worker. Requests are answered one after the other. Where the browser lets Python wait for a promise, the
// analyser looks up now and then, and makes way for whatever came in meanwhile.

import type { Request } from "./core";

const PYTHON = `
import json, time
from pathlib import Path
from forbear.studio.session import Session

class _Superseded(Exception):
    pass

def _between(pause, waits):
    last = time.monotonic()
    def between():
        nonlocal last
        if time.monotonic() - last > 0.03:
            run_sync(pause())
            if waits():
                raise _Superseded
            last = time.monotonic()
    return between

from pyodide.ffi import run_sync
_session = Session(Path("/home/pyodide/policy"))

def answer(method, args, pause, waits):
    args = json.loads(args)
    if method == "findings" and pause is not None:
        args.append(_between(pause, waits))
    try:
        return json.dumps(getattr(_session, method)(*args))
    except _Superseded:
        return None
`;

const queue: Request[] = [];
let answer: any = null;
let busy = false;
const patient = "Suspending" in WebAssembly;
const pause = () => new Promise((resolve) => setTimeout(resolve, 0));
const waits = () => queue.length > 0;
const outdated = (job: Request) =>
    (job.method === "check" || job.method === "findings") && queue.some((later) => later.method === "check" && later.id > job.id);

addEventListener("message", ({ data }: MessageEvent<Request>) => {
    queue.push(data);
    void pump();
});

async function pump(): Promise<void> {
    if (busy || answer === null) return;
    busy = true;
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
        const { id, method, args } = job;
        if (outdated(job)) {
            postMessage({ id, superseded: true });
            continue;
        }
        try {
            const given = [method, JSON.stringify(args)];
            const text = patient ? await answer.callPromising(...given, pause, waits) : answer(...given, null, waits);
            if (text === undefined || text === null) queue.push(job); // it made way, and comes again
            else postMessage({ id, value: JSON.parse(text) });
        } catch (error) {
            postMessage({ id, error: reason(error) });
        }
    }
    busy = false;
}

async function start(): Promise<void> {
    const here = (name: string) => new URL(name, import.meta.url).href;
    const site = fetch(here("site.zip")).then((found) => found.arrayBuffer());
    const { loadPyodide } = await import(here("pyodide/pyodide.mjs"));
    const python = await loadPyodide({ indexURL: here("pyodide/") });
    postMessage({ progress: "Starting the checker …" });
    const packages = python.runPython("import site; site.getsitepackages()[0]");
    python.unpackArchive(await site, "zip", { extractDir: packages });
    python.runPython(PYTHON);
    answer = python.globals.get("answer");
    postMessage({ progress: "Checking …" });
    await pump();
}

// Of a Python traceback, the line that says what it was.
function reason(error: unknown): string {
    const lines = String(error).split("\n");
    return lines.findLast((line) => /^[\w.]+(Error|Exception|Bug)\b/.test(line)) ?? lines[0];
}

start().catch((error) => postMessage({ broken: reason(error) }));
