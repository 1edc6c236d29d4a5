// The core, which runs in a worker: Forbear itself, under Pyodide.

export interface Place { from: number | null; to: number | null; line: number; elsewhere: string | null }
export interface Insertion { from: number; to: number; insert: string }
export interface Fix { title: string; safe: boolean; edits: Insertion[] }
export interface Finding extends Place {
    code: string;
    severity: "error" | "warning" | "note";
    message: string;
    help: string;
    accepted: string | null;
    also: string;
    cases: { text: string; address: string }[];
    related: (Place & { text: string })[];
    fixable: boolean;
    stale: boolean;
}
export interface Checked { diagnostics: Finding[]; whole: boolean }
export interface Page { html: string | null; why?: string; rules?: Place[] }
export interface Completions { from: number; options: { label: string; kind: string; detail: string; info: string }[] }
export interface Edits { edits?: Insertion[]; why?: string; from?: number; to?: number }
export interface Lens { at: number; text: string; command: string; about: string }
export interface Between { lenses: Lens[]; inlays: { at: number; text: string }[] }
interface Methods {
    open: [args: [name: string | null, text: string, others: Record<string, string>], answer: null];
    saved: [args: [text: string], answer: null];
    pack: [args: [name: string], answer: string];
    check: [args: [text: string], answer: Checked];
    findings: [args: [text: string], answer: Checked];
    fixes: [args: [text: string, number: number], answer: Fix[]];
    report: [args: [], answer: Page];
    change: [args: [], answer: Page];
    complete: [args: [text: string, at: number], answer: Completions];
    hover: [args: [text: string, at: number], answer: { text: string; from: number; to: number } | null];
    define: [args: [text: string, at: number], answer: Place | null];
    references: [args: [text: string, at: number], answer: (Place & { text: string })[]];
    between: [args: [text: string], answer: Between];
    told: [args: [text: string, command: string, about: string], answer: string];
    rename: [args: [text: string, at: number, name: string], answer: Edits];
    layout: [args: [text: string], answer: Edits];
}
export type Method = keyof Methods;
export interface Request { id: number; method: Method; args: unknown[] }
export interface Response { id: number; value?: unknown; error?: string; superseded?: boolean }

/** Nobody waits for this answer any more: a later text was sent. */
export class Superseded extends Error {}

export class Core {
    #worker = new Worker("worker.js", { type: "module" });
    #waiting = new Map<number, { resolve: (value: any) => void; reject: (error: Error) => void }>();
    #last = 0;

    constructor(progress: (what: string) => void, broken: (why: string) => void) {
        this.#worker.onmessage = ({ data }: MessageEvent<Response & { progress?: string; broken?: string }>) => {
            if (data.progress !== undefined) return progress(data.progress);
            if (data.broken !== undefined) return broken(data.broken);
            const { resolve, reject } = this.#waiting.get(data.id)!;
            this.#waiting.delete(data.id);
            if (data.superseded) reject(new Superseded());
            else if (data.error !== undefined) reject(new Error(data.error));
            else resolve(data.value);
        };
        this.#worker.onerror = (event) => broken(event.message || "the worker could not be started");
    }

    ask<M extends Method>(method: M, ...args: Methods[M][0]): Promise<Methods[M][1]> {
        const id = ++this.#last;
        return new Promise((resolve, reject) => {
            this.#waiting.set(id, { resolve, reject });
            this.#worker.postMessage({ id, method, args } satisfies Request);
        });
    }
}
