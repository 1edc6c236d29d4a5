// The extension: starts the language server, shows the texts that its commands give, and the preview.

import * as vscode from "vscode";
import { LanguageClient, State, type LanguageClientOptions } from "vscode-languageclient/node";
import { Preview } from "./preview";
import { serverCommand } from "./server";
import { Texts } from "./texts";

let client: LanguageClient | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
    const texts = new Texts();
    const preview = new Preview(() => (client?.state === State.Running ? client : undefined));
    context.subscriptions.push(
        vscode.workspace.registerTextDocumentContentProvider(Texts.scheme, texts),
        vscode.commands.registerCommand("forbear.preview", () => preview.open()),
        vscode.commands.registerCommand("forbear.restart", () => start(texts)),
        vscode.workspace.onDidChangeConfiguration((event) => {
            if (event.affectsConfiguration("forbear.command")) void start(texts);
        }),
        preview,
    );
    await start(texts);
}

export async function deactivate(): Promise<void> {
    await client?.dispose();
}

async function start(texts: Texts): Promise<void> {
    await client?.dispose();
    client = undefined;
    const found = await serverCommand();
    if (found === undefined) {
        const choice = await vscode.window.showErrorMessage(
            "Forbear is not found on this machine: install it with its extra `lsp`, or name it in the setting forbear.command",
            "Open the setting",
        );
        if (choice !== undefined) await vscode.commands.executeCommand("workbench.action.openSettings", "forbear.command");
        return;
    }
    const options: LanguageClientOptions = {
        documentSelector: [
            { scheme: "file", language: "forbear" },
            { scheme: "untitled", language: "forbear" },
        ],
        initializationOptions: { showsTexts: true },
        synchronize: { fileEvents: vscode.workspace.createFileSystemWatcher("**/{*.forbear,forbear.toml}") },
        middleware: {
            executeCommand: async (command, args, next) => {
                const answer: unknown = await next(command, args);
                await texts.show(answer);
                return answer;
            },
        },
    };
    const [command, ...args] = found;
    client = new LanguageClient("forbear", "Forbear", { command, args }, options);
    await client.start();
}
