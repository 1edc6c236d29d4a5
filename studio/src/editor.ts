// The text: CodeMirror, with what the core knows of it.

import { acceptCompletion, autocompletion, closeBrackets, closeCompletion, selectedCompletion, closeBracketsKeymap, completionKeymap, type CompletionContext, type CompletionResult } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, HighlightStyle, indentService, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import { type Diagnostic, lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { EditorState, Prec, type TransactionSpec } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, highlightSpecialChars, hoverTooltip, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { between, put } from "./between";
import type { Between, Core, Finding, Fix, Insertion, Lens, Place } from "./core";
import { button, element, marked } from "./dom";
import { keywords } from "./language";

const KEYWORDS = new Set(keywords);
const KINDS: Record<string, string> = { word: "keyword", rule: "function", table: "function", action: "method", group: "enum", fact: "property", define: "variable", setting: "constant", value: "enum", event: "class" };

const forbear = StreamLanguage.define({
    name: "forbear",
    token(stream) {
        if (stream.eatSpace()) return null;
        if (stream.match(/^#.*/)) return "comment";
        if (stream.match(/^"(?:[^"\\]|\\.)*"?/)) return "string";
        if (stream.match(/^\d[\d:.,-]*%?/)) return "number";
        if (stream.match(/^[A-Z]{3}\b/)) return "unit";
        const word = stream.match(/^[a-z_][a-z0-9_]*/i) as RegExpMatchArray | null;
        if (word) return KEYWORDS.has(word[0]) ? "keyword" : "variableName";
        stream.next();
        return null;
    },
    languageData: { commentTokens: { line: "#" }, closeBrackets: { brackets: ["(", '"'] } },
});

const indentation = indentService.of((context, at) => {
    const before = context.state.doc.lineAt(Math.max(0, at - 1));
    const text = before.text.slice(0, Math.max(0, at - before.from));
    if (!text.trim()) return 0; // a statement begins after an empty line
    const begins = /^(policy|standard|table)\b/.test(text) || /:\s*$/.test(text);
    return /^ */.exec(text)![0].length + (begins ? 2 : 0);
});

const colours = HighlightStyle.define([
    { tag: tags.keyword, color: "var(--keyword)", fontWeight: "600" },
    { tag: tags.string, color: "var(--string)" },
    { tag: tags.number, color: "var(--number)" },
    { tag: tags.unit, color: "var(--number)" },
    { tag: tags.comment, color: "var(--faint)", fontStyle: "italic" },
]);

/** Where the word that is offered stands there already, Enter ends the line. */
function typedAlready(view: EditorView): boolean {
    const offered = selectedCompletion(view.state);
    const word = view.state.wordAt(view.state.selection.main.head);
    if (offered !== null && word !== null && view.state.sliceDoc(word.from, word.to) === offered.label) closeCompletion(view);
    return false;
}

export interface Asked {
    save(): void;
    layout(): void;
    changed(): void;
    moved(line: number, column: number): void;
    notice(text: string): void;
    listed(title: string, places: (Place & { text: string })[]): void;
    told(lens: Lens): void;
    fixes(finding: Finding): Promise<Fix[]>;
    write(fix: Fix): void;
}

export class Editor {
    readonly view: EditorView;

    constructor(parent: HTMLElement, private core: Core, private asked: Asked) {
        const commands = keymap.of([
            { key: "Mod-s", preventDefault: true, run: () => (asked.save(), true) },
            { key: "Shift-Alt-f", run: () => (asked.layout(), true) },
            { key: "F12", run: () => (void this.#define(), true), shift: () => (void this.#refer(), true) },
            { key: "F2", run: () => (void this.#rename(), true) },
        ]);
        this.#extensions = [
            Prec.highest(keymap.of([{ key: "Enter", run: typedAlready }, { key: "Tab", run: acceptCompletion }])),
            commands,
            lineNumbers(),
            lintGutter(),
            highlightSpecialChars(),
            history(),
            drawSelection(),
            bracketMatching(),
            closeBrackets(),
            highlightActiveLine(),
            highlightSelectionMatches(),
            forbear,
            indentation,
            syntaxHighlighting(colours),
            autocompletion({ override: [(context) => this.#complete(context)], icons: false }),
            hoverTooltip((view, at) => this.#hover(view, at)),
            between((lens) => asked.told(lens)),
            EditorView.lineWrapping,
            EditorView.contentAttributes.of({ "aria-label": "Text of the policy", spellcheck: "false" }),
            EditorView.updateListener.of((update) => {
                if (update.docChanged) asked.changed();
                if (update.docChanged || update.selectionSet) {
                    const head = update.state.selection.main.head;
                    const line = update.state.doc.lineAt(head);
                    asked.moved(line.number, head - line.from + 1);
                }
            }),
            keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...completionKeymap, ...lintKeymap, indentWithTab]),
        ];
        this.view = new EditorView({ parent, state: this.#state("") });
    }

    #extensions;

    #state(text: string): EditorState {
        return EditorState.create({ doc: text, extensions: this.#extensions });
    }

    get text(): string {
        return this.view.state.doc.toString();
    }

    /** Another text, whose past is none of this one's. */
    begin(text: string): void {
        this.view.setState(this.#state(text));
        this.asked.moved(1, 1);
    }

    edit(edits: Insertion[]): void {
        this.view.dispatch({ changes: edits, scrollIntoView: true } satisfies TransactionSpec);
        this.view.focus();
    }

    /** Writes another text in place of all that is there, which can be undone. */
    replace(text: string): void {
        this.edit([{ from: 0, to: this.view.state.doc.length, insert: text }]);
    }

    toLine(number: number): void {
        const line = this.view.state.doc.line(Math.min(number, this.view.state.doc.lines));
        this.reach({ from: line.from, to: line.to, line: number, elsewhere: null });
    }

    reach(place: Place): void {
        if (place.from === null || place.to === null) {
            this.asked.notice(`That stands in ${place.elsewhere}, line ${place.line}.`);
            return;
        }
        const end = this.view.state.doc.length;
        const from = Math.min(place.from, end);
        this.view.dispatch({
            selection: { anchor: from, head: Math.min(place.to, end) },
            effects: EditorView.scrollIntoView(from, { y: "center" }),
        });
        this.view.focus();
    }

    show(findings: Finding[]): void {
        const end = this.view.state.doc.length;
        const shown = findings.map((one): Diagnostic => {
            const from = Math.min(one.from ?? 0, end);
            return {
                from,
                to: Math.min(Math.max(one.to ?? 0, from), end),
                severity: one.accepted !== null ? "hint" : one.severity === "note" ? "info" : one.severity,
                message: one.message,
                renderMessage: () => this.#said(one),
            };
        });
        this.view.dispatch(setDiagnostics(this.view.state, shown));
    }

    /** Puts what the core says between the lines of the text as it is. */
    fill(found: Between): void {
        this.view.dispatch({ effects: put.of(found) });
    }

    /** What the pointer is shown of a finding, with what can be written for it. */
    #said(one: Finding): HTMLElement {
        const said = element("div", {}, element("p", {}, ...marked(one.message)), element("p", { class: "faint" }, ...marked(one.help)));
        void this.asked.fixes(one).then((fixes) => said.append(...fixes.map((fix) => button(marked(fix.title), () => this.asked.write(fix), { class: "cm-diagnosticAction" }))));
        return said;
    }

    async #complete(context: CompletionContext): Promise<CompletionResult | null> {
        const before = context.matchBefore(/\w+/);
        if (before === null && !context.explicit && !/\s$/.test(context.state.sliceDoc(Math.max(0, context.pos - 1), context.pos))) return null;
        if (before === null && !context.explicit && /^\s*$/.test(context.state.doc.lineAt(context.pos).text)) return null;
        const found = await this.core.ask("complete", context.state.doc.toString(), context.pos).catch(() => null);
        if (found === null || context.aborted) return null;
        return {
            from: found.from,
            options: found.options.map((one, at) => ({ label: one.label, type: KINDS[one.kind] ?? "text", detail: one.detail || (one.kind === "word" ? "" : one.kind), info: one.info || undefined, boost: -Math.min(at / 10, 99) })),
            validFor: /^\w*$/,
        };
    }

    async #hover(view: EditorView, at: number) {
        const found = await this.core.ask("hover", view.state.doc.toString(), at).catch(() => null);
        if (found === null) return null;
        const dom = element("div", { class: "hover" }, ...found.text.split("\n\n").map((part) => element("p", {}, ...marked(part))));
        return { pos: found.from, end: found.to, above: true, create: () => ({ dom }) };
    }

    async #define(): Promise<void> {
        const place = await this.core.ask("define", this.text, this.view.state.selection.main.head).catch(() => null);
        if (place === null) this.asked.notice("There is no name here that is declared anywhere.");
        else this.reach(place);
    }

    async #refer(): Promise<void> {
        const text = this.text;
        const found = await this.core.ask("references", text, this.view.state.selection.main.head).catch(() => []);
        if (this.text !== text) return;
        if (!found.length) this.asked.notice("There is no name here that is declared anywhere.");
        else this.asked.listed("Where this name stands", found);
    }

    async #rename(): Promise<void> {
        const at = this.view.state.selection.main.head;
        const word = this.view.state.wordAt(at);
        const name = prompt("The new name", word === null ? "" : this.view.state.sliceDoc(word.from, word.to));
        if (!name) return;
        const text = this.text;
        const found = await this.core.ask("rename", text, at, name).catch((error): { why: string } => ({ why: String(error) }));
        if ("edits" in found && found.edits !== undefined && this.text === text) this.edit(found.edits);
        else this.asked.notice(`Not renamed: ${found.why ?? "the text was changed meanwhile"}.`);
    }
}
