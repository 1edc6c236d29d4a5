// The extension: starts the language server, shows the texts that its commands give, and the preview.

import * as vscode from "vscode";
import { LanguageClient, State, type LanguageClientOptions } from "vscode-languageclient/node";
import { Preview } from "./preview";
import { serverCommand } from "./server";
import { Texts, withPage } from "./texts";

let client: LanguageClient | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
    const texts = new Texts((code) => client?.sendRequest("workspace/executeCommand", { command: "forbear.explainCode", arguments: [code] }));
    const preview = new Preview(() => (client?.state === State.Running ? client : undefined));
    context.subscriptions.push(
        vscode.workspace.registerTextDocumentContentProvider(Texts.scheme, texts),
        vscode.commands.registerCommand("forbear.preview", () => preview.open()),
        vscode.commands.registerCommand("forbear.restart", () => start(context, texts)),
        vscode.workspace.onDidChangeConfiguration((event) => {
            if (event.affectsConfiguration("forbear.command")) void start(context, texts);
        }),
        preview,
    );
    await start(context, texts);
}

export async function deactivate(): Promise<void> {
    await client?.dispose();
}

async function start(context: vscode.ExtensionContext, texts: Texts): Promise<void> {
    await client?.dispose();
    client = undefined;
    const server = await serverCommand(context);
    const options: LanguageClientOptions = {
        documentSelector: [
            { scheme: "file", language: "forbear" },
            { scheme: "untitled", language: "forbear" },
        ],
        initializationOptions: { showsTexts: true },
        synchronize: { fileEvents: vscode.workspace.createFileSystemWatcher("**/{*.forbear,forbear.toml}") },
        middleware: {
            handleDiagnostics: (uri, diagnostics, next) => next(uri, diagnostics.map(withPage)),
            executeCommand: async (command, args, next) => {
                const answer: unknown = await next(command, args);
                await texts.show(answer);
                return answer;
            },
        },
    };
    client = new LanguageClient("forbear", "Forbear", server, options);
    await client.start();
}
