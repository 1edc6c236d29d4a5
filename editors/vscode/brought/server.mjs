// The language server under Pyodide, for a machine without Python: on standard input and output, as `forbear lsp`.

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gunzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const OWN = new Set(["dev", "lib", "proc", "sys"]); // folders of Python's own file system, or of no files

/** Shows Python the files of this machine where they are: those of the policies, and those that they use. */
function mountDisk(python) {
    const windows = process.platform === "win32";
    const tops = windows ? [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"].map((letter) => [`/${letter.toLowerCase()}:`, `${letter}:\\`]) : readdirSync("/", { withFileTypes: true }).filter((one) => one.isDirectory() && !OWN.has(one.name)).map((one) => [`/${one.name}`, `/${one.name}`]);
    for (const [path, root] of tops) {
        try {
            readdirSync(root);
            python.FS.mkdirTree(path);
            python.FS.mount(python.FS.filesystems.NODEFS, { root }, path);
        } catch {
            // a folder or a drive that nobody may read
        }
    }
}

async function start() {
    const { loadPyodide } = await import(pathToFileURL(join(here, "pyodide", "pyodide.mjs")).href);
    const python = await loadPyodide({ indexURL: join(here, "pyodide") + "/", stdout: console.error, stderr: console.error });
    const texts = Object.entries(JSON.parse(gunzipSync(readFileSync(join(here, "python.files"))).toString("utf-8")));
    for (const folder of new Set(texts.map(([path]) => path.slice(0, path.lastIndexOf("/"))))) python.FS.mkdirTree(folder);
    for (const [path, text] of texts) python.FS.writeFile(path, text);
    python.FS.chdir("/");
    mountDisk(python);
    python.runPython("import importlib; importlib.invalidate_caches()");
    python.runPython(readFileSync(join(here, "serve.py"), "utf-8"));
    return python.globals.get("serve")((text) => {
        const body = Buffer.from(text, "utf-8");
        process.stdout.write(`Content-Length: ${body.length}\r\n\r\n`);
        process.stdout.write(body);
    });
}

const started = start();
let buffer = Buffer.alloc(0);
process.stdin.on("data", (data) => {
    buffer = Buffer.concat([buffer, data]);
    for (;;) {
        const head = buffer.indexOf("\r\n\r\n");
        const size = head < 0 ? null : /content-length: *(\d+)/i.exec(buffer.subarray(0, head).toString("ascii"));
        const end = size === null ? Infinity : head + 4 + Number(size[1]);
        if (buffer.length < end) return;
        const text = buffer.subarray(head + 4, end).toString("utf-8");
        buffer = buffer.subarray(end);
        if (JSON.parse(text).method === "exit") process.exit(0);
        void started.then((receive) => receive(text));
    }
});
process.stdin.on("end", () => process.exit(1));
started.catch((error) => {
    console.error(String(error));
    process.exit(1);
});
