// Which command starts the language server.

import { execFile } from "node:child_process";
import * as vscode from "vscode";

const TRIED = [
    ["forbear", "lsp"],
    ["python3", "-m", "forbear", "lsp"],
    ["python", "-m", "forbear", "lsp"],
];

/** The command of the setting, else the first that is there; undefined if none is. */
export async function serverCommand(): Promise<string[] | undefined> {
    const wanted = vscode.workspace.getConfiguration("forbear").get<string[]>("command") ?? [];
    if (wanted.length > 0) return wanted;
    for (const command of TRIED) if (await works(command)) return command;
    return undefined;
}

/** Whether a command can serve: its `--help` needs the package, and nothing else. */
function works(command: string[]): Promise<boolean> {
    return new Promise((resolve) => {
        execFile(command[0], [...command.slice(1), "--help"], { timeout: 60_000 }, (error) => resolve(error === null));
    });
}
