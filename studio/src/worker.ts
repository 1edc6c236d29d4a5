// Python in a worker. Requests are answered one after the other. Where the browser lets Python wait for a promise, the
// analyser looks up now and then, and makes way for whatever came in meanwhile.

import type { Method, Request } from "./core";

const queue: Request[] = [];
let answer: any = null;
let busy = false;
const patient = "Suspending" in WebAssembly;
const pause = () => new Promise((resolve) => setTimeout(resolve, 0));
const waits = () => queue.length > 0;

// The later requests that bring another text, as in answers.py: nobody waits for the answer any more.
const ENDED_BY: Partial<Record<Method, Method[]>> = {
    check: ["open", "check"],
    findings: ["open", "check"],
    change: ["open", "check", "saved"],
};
const outdated = (job: Request) => queue.some((later) => later.id > job.id && ENDED_BY[job.method]?.includes(later.method));

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
            const text = patient ? await answer.callPromising(...given, pause, waits) : answer(...given);
            if (text !== undefined && text !== null) postMessage({ id, value: JSON.parse(text) });
            else if (outdated(job)) postMessage({ id, superseded: true });
            else queue.push(job); // it made way, and comes again
        } catch (error) {
            postMessage({ id, error: reason(error) });
        }
    }
    busy = false;
}

const here = (name: string) => new URL(name, import.meta.url).href;
const unpacked = (name: string) => fetch(here(name)).then((found) => new Response(found.body!.pipeThrough(new DecompressionStream("gzip"))));

// What Python knows of folders is of the time before they were written here. Of its own library it stays, since that is a
// file which takes long to read.
const FORGET = `
import sys
for finder in sys.path_importer_cache.values():
    if type(finder).__name__ == "FileFinder":
        finder.invalidate_caches()
`;

// Python begins with the memory that `snapshot.mjs` kept. The files that it has open by name come besides.
async function start(): Promise<void> {
    const memory = unpacked("python.snapshot").then((found) => found.arrayBuffer());
    const files = unpacked("python.files").then((found) => found.json() as Promise<Record<string, string>>);
    const module = import(here("pyodide/pyodide.asm.mjs"));
    const { loadPyodide } = await import(here("pyodide/pyodide.mjs"));
    const python = await loadPyodide({
        indexURL: here("pyodide/"),
        _loadSnapshot: memory,
        createPyodideModule: async (settings: object) => {
            const made = await (await module).default(settings);
            const { byteLength } = await memory;
            if (made.HEAP8.length < byteLength) made._malloc(byteLength); // which makes room; all is overwritten then
            return made;
        },
    });
    const texts = Object.entries(await files);
    for (const folder of new Set(texts.map(([path]) => path.slice(0, path.lastIndexOf("/"))))) python.FS.mkdirTree(folder);
    const encoder = new TextEncoder();
    for (const [path, text] of texts) python.FS.writeFile(path, encoder.encode(text), { canOwn: true });
    python.FS.mkdirTree("/home/pyodide/policy");
    python.FS.chdir("/home/pyodide/policy");
    python.runPython(FORGET);
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
