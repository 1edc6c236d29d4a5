// Texts that commands of the server give, such as the explanation of an example: each in an editor that cannot be changed.

import * as vscode from "vscode";

interface Said {
    title: string;
    text: string;
}

const PAGES = "diagnostics"; // the authority of a page of a code

export class Texts implements vscode.TextDocumentContentProvider {
    static readonly scheme = "forbear-text";
    readonly #texts = new Map<string, string>();
    readonly #changed = new vscode.EventEmitter<vscode.Uri>();
    readonly onDidChange = this.#changed.event;

    constructor(private readonly explain: (code: string) => Thenable<unknown> | undefined) {}

    async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
        if (uri.authority !== PAGES) return this.#texts.get(uri.toString()) ?? "";
        const answer: unknown = await this.explain(uri.path.slice(1, -".md".length));
        return isSaid(answer) ? answer.text : "";
    }

    /** Shows what a command gave, if it is such a text: what has several lines beside, one line as a message. */
    async show(answer: unknown): Promise<void> {
        if (!isSaid(answer)) return;
        if (!answer.text.includes("\n")) {
            void vscode.window.showInformationMessage(answer.text);
            return;
        }
        const uri = vscode.Uri.from({ scheme: Texts.scheme, path: `/${answer.title.replaceAll("/", " ")}.txt` });
        this.#texts.set(uri.toString(), answer.text);
        this.#changed.fire(uri);
        const document = await vscode.workspace.openTextDocument(uri);
        await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true, preview: true });
    }
}

/** A diagnostic whose code leads to its page. */
export function withPage(diagnostic: vscode.Diagnostic): vscode.Diagnostic {
    if (typeof diagnostic.code === "string") {
        const target = vscode.Uri.from({ scheme: Texts.scheme, authority: PAGES, path: `/${diagnostic.code}.md` });
        diagnostic.code = { value: diagnostic.code, target };
    }
    return diagnostic;
}

function isSaid(answer: unknown): answer is Said {
    const said = answer as Partial<Said> | null | undefined;
    return typeof said?.title === "string" && typeof said.text === "string";
}
