// Which command starts the language server.

import { execFile } from "node:child_process";
import * as vscode from "vscode";
import type { Executable } from "vscode-languageclient/node";

const TRIED = [
    ["forbear", "lsp"],
    ["python3", "-m", "forbear", "lsp"],
    ["python", "-m", "forbear", "lsp"],
];

/** How every server is started: in a folder of the extension, and importing nothing from it. Otherwise `python3 -m` would
 * run a `json.py` of the opened folder, and Windows a `forbear.exe`. */
function startedSafely(context: vscode.ExtensionContext) {
    return { cwd: context.asAbsolutePath("."), env: { ...process.env, PYTHONSAFEPATH: "1" } };
}

/** The command of the setting, else the first that can serve; where none can, the server that the extension brings, which
 * runs in the editor's own Node. A Forbear that cannot serve says why. */
export async function serverCommand(context: vscode.ExtensionContext): Promise<Executable> {
    const options = startedSafely(context);
    const wanted = vscode.workspace.getConfiguration("forbear").get<string[]>("command") ?? [];
    if (wanted.length > 0) {
        const why = await whyNot(wanted, options);
        if (why !== null) void vscode.window.showErrorMessage(`The setting forbear.command: ${why}`);
        return { command: wanted[0], args: wanted.slice(1), options };
    }
    let lacking = "";
    for (const one of TRIED) {
        const why = await whyNot(one, options);
        if (why === null) return { command: one[0], args: one.slice(1), options };
        if (why.startsWith("error: ")) lacking ||= why.slice("error: ".length);
    }
    if (lacking) void vscode.window.showWarningMessage(`The server that the extension brings runs, which is slower, since ${lacking}`);
    const env = { ...options.env, ELECTRON_RUN_AS_NODE: "1" };
    return { command: process.execPath, args: [context.asAbsolutePath("dist/server.mjs")], options: { ...options, env } };
}

/** Why a command cannot serve; null where it can. Without a client it ends at once. */
function whyNot([command, ...args]: string[], options: ReturnType<typeof startedSafely>): Promise<string | null> {
    return new Promise((resolve) => {
        const tried = execFile(command, args, { ...options, timeout: 60_000 }, (error, _, stderr) =>
            resolve(error === null ? null : stderr.trim() || error.message),
        );
        tried.stdin?.on("error", () => undefined); // it has ended already
        tried.stdin?.end();
    });
}
