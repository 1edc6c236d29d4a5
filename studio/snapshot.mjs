// Starts Python, loads Forbear, lets it check and edit a first policy, and keeps its memory: a page that begins with that
// starts in a second instead of five. Arguments: the files of Python as JSON, where to write, and the first policy.

import { readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { loadPyodide } from "pyodide";

process.on("uncaughtException", (error) => {
    console.error(error.message); // not the line of the source that goes with it, which has a million characters
    process.exit(1);
});
const [site, target, sample] = process.argv.slice(2);
const python = await loadPyodide({ _makeSnapshot: true });
for (const [path, text] of Object.entries(JSON.parse(readFileSync(site, "utf-8")))) {
    python.FS.mkdirTree(path.slice(0, path.lastIndexOf("/")));
    python.FS.writeFile(path, text);
}
python.runPython(readFileSync(new URL("src/answer.py", import.meta.url), "utf-8"));
const answer = python.globals.get("answer");
const ask = (method, ...args) => answer(method, JSON.stringify(args));
const text = readFileSync(sample, "utf-8");
const edited = text.replace("13 days", "12 days");
ask("open", null, text, {});
ask("findings", text);
ask("report");
ask("findings", edited);
ask("change");
ask("fixes", edited, 0);
ask("check", edited.replace("then allow", "than allow"));
ask("complete", text, text.indexOf("sms"));
ask("hover", text, text.indexOf("sms"));
ask("layout", text);
ask("between", text);
ask("references", text, text.indexOf("sms"));
ask("open", null, "", {});
answer.destroy();
python.runPython("import gc; gc.collect()");
writeFileSync(target, gzipSync(python.makeMemorySnapshot(), { level: 9 }));
process.exit(0);
