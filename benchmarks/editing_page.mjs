// Types into the studio's session under Pyodide, as its worker begins. Arguments: the folder of the page, the keystrokes
// as Python, and the policy.

import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { gunzipSync } from "node:zlib";

const clock = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
};
const began = clock();
const [page, keystrokes, policy] = process.argv.slice(2);
const at = (name) => pathToFileURL(resolve(join(page, "pyodide", name))).href;
const unpacked = (name) => gunzipSync(readFileSync(join(page, name)));
const memory = new Uint8Array(unpacked("python.snapshot"));
const { loadPyodide } = await import(at("pyodide.mjs"));
const { default: create } = await import(at("pyodide.asm.mjs"));
const python = await loadPyodide({
    indexURL: resolve(join(page, "pyodide")) + "/",
    _loadSnapshot: memory.buffer,
    createPyodideModule: async (settings) => {
        const made = await create(settings);
        if (made.HEAP8.length < memory.byteLength) made._malloc(memory.byteLength);
        return made;
    },
});
for (const [path, text] of Object.entries(JSON.parse(unpacked("python.files")))) {
    python.FS.mkdirTree(path.slice(0, path.lastIndexOf("/")));
    python.FS.writeFile(path, text);
}
const start = clock() - began;
python.globals.set("clock", clock);
python.globals.set("whole", readFileSync(policy, "utf-8"));
python.runPython(readFileSync(keystrokes, "utf-8"));
const waits = JSON.parse(python.runPython("import json; json.dumps(typed(_session, whole, clock))"));
console.log(JSON.stringify({ start: [start], ...waits }));
process.exit(0);
