// Texts that commands of the server give, such as the explanation of an example: each in an editor that cannot be changed.

import * as vscode from "vscode";

interface Said {
    title: string;
    text: string;
}

export class Texts implements vscode.TextDocumentContentProvider {
    static readonly scheme = "forbear-text";
    readonly #texts = new Map<string, string>();
    readonly #changed = new vscode.EventEmitter<vscode.Uri>();
    readonly onDidChange = this.#changed.event;

    provideTextDocumentContent(uri: vscode.Uri): string {
        return this.#texts.get(uri.toString()) ?? "";
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

function isSaid(answer: unknown): answer is Said {
    const said = answer as Partial<Said> | null | undefined;
    return typeof said?.title === "string" && typeof said.text === "string";
}
