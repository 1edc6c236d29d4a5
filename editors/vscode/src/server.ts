// Which command starts the language server.

import { execFile } from "node:child_process";
import * as vscode from "vscode";
import type { Executable } from "vscode-languageclient/node";

const TRIED = [
    ["forbear", "lsp"],
    ["python3", "-m", "forbear", "lsp"],
    ["python", "-m", "forbear", "lsp"],
];

/** The command of the setting, else the first that is there; where none is, the server that the extension brings, which
 * runs in the editor's own Node. */
export async function serverCommand(context: vscode.ExtensionContext): Promise<Executable> {
    const wanted = vscode.workspace.getConfiguration("forbear").get<string[]>("command") ?? [];
    for (const [command, ...args] of wanted.length > 0 ? [wanted] : TRIED) {
        if (wanted.length > 0 || (await works([command, ...args]))) return { command, args };
    }
    const env = { ...process.env, ELECTRON_RUN_AS_NODE: "1" };
    return { command: process.execPath, args: [context.asAbsolutePath("dist/server.mjs")], options: { env } };
}

/** Whether a command can serve: its `--help` needs the package, and nothing else. */
function works(command: string[]): Promise<boolean> {
    return new Promise((resolve) => {
        execFile(command[0], [...command.slice(1), "--help"], { timeout: 60_000 }, (error) => resolve(error === null));
    });
}
