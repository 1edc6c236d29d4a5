// The report page beside the text: of the last text without errors, at the rule or the case where the cursor is.

import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";

interface Answer {
    state: string;
    html: string | null;
    part: string;
}

const PAUSE = 150;

export class Preview implements vscode.Disposable {
    #panel: vscode.WebviewPanel | undefined;
    #editor: vscode.TextEditor | undefined;
    #known: string | null = null;
    #timer: NodeJS.Timeout | undefined;
    readonly #watching: vscode.Disposable;

    constructor(private readonly client: () => LanguageClient | undefined) {
        this.#watching = vscode.Disposable.from(
            vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => this.#follow(textEditor)),
            vscode.window.onDidChangeActiveTextEditor((editor) => editor && this.#follow(editor)),
            vscode.languages.onDidChangeDiagnostics(({ uris }) => {
                const its = this.#editor;
                if (its && uris.some((uri) => uri.toString() === its.document.uri.toString())) this.#follow(its);
            }),
        );
    }

    dispose(): void {
        clearTimeout(this.#timer);
        this.#watching.dispose();
        this.#panel?.dispose();
    }

    open(): void {
        const editor = vscode.window.activeTextEditor;
        if (editor?.document.languageId !== "forbear") return;
        if (this.#panel === undefined) {
            const place = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
            const options = { enableScripts: true, retainContextWhenHidden: true, localResourceRoots: [] };
            this.#panel = vscode.window.createWebviewPanel("forbear.preview", "Policy", place, options);
            this.#panel.webview.html = EMPTY;
            this.#panel.onDidDispose(() => (this.#panel = undefined));
        } else {
            this.#panel.reveal(undefined, true);
        }
        this.#known = null;
        this.#follow(editor);
    }

    #follow(editor: vscode.TextEditor): void {
        if (this.#panel === undefined || editor.document.languageId !== "forbear") return;
        if (editor.document !== this.#editor?.document) this.#known = null;
        this.#editor = editor;
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => void this.#ask(editor), PAUSE);
    }

    async #ask(editor: vscode.TextEditor): Promise<void> {
        const client = this.client();
        if (client === undefined) return;
        const answer = await client.sendRequest<Answer | null>("forbear/preview", {
            textDocument: { uri: client.code2ProtocolConverter.asUri(editor.document.uri) },
            position: client.code2ProtocolConverter.asPosition(editor.selection.active),
            known: this.#known,
        });
        if (answer === null || this.#panel === undefined || editor !== this.#editor) return;
        if (answer.html !== null) {
            this.#panel.title = `Policy: ${editor.document.uri.path.split("/").at(-1)}`;
            this.#panel.webview.html = following(answer.html, answer.part);
        } else if (answer.part !== "") {
            await this.#panel.webview.postMessage({ part: answer.part });
        }
        this.#known = answer.state;
    }
}

/** The page with a script of ours, which goes to the part of it that the editor names. */
function following(html: string, part: string): string {
    const nonce = randomBytes(16).toString("base64");
    const script = `
        const go = (part) => {
            if (part === "" || location.hash === part) return;
            location.hash = part;
            if (part.startsWith("#case?")) document.getElementById("case")?.scrollIntoView();
        };
        addEventListener("message", ({ data }) => { if (typeof data.part === "string") go(data.part); });
        addEventListener("load", () => go(${JSON.stringify(part).replaceAll("<", "\\u003c")}));`;
    return html
        .replace("script-src '", `script-src 'nonce-${nonce}' '`)
        .replace("</head>", () => `<script nonce="${nonce}">${script}</script></head>`);
}

const EMPTY = `<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'"></head>
<body><p>The preview is there as soon as the text has no errors.</p></body></html>`;
