// The core: Forbear itself, in the Python that serves the page, or under Pyodide in a worker.

import { ENDED } from "./files";

export interface Place { from: number | null; to: number | null; line: number; elsewhere: string | null; name?: string }
export interface Insertion { from: number; to: number; insert: string }
export interface Fix { title: string; first: boolean; edits: Insertion[] }
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
export interface Counted {
    why?: string;
    rows: number;
    undecided: number;
    reasons: { rows: number; message: string }[];
    actions: Record<string, Record<string, number>>;
}
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
    sheet: [args: [text: string, name: string, content: string], answer: { text?: string; why?: string }];
    portfolio: [args: [text: string, name: string, content: string], answer: Counted];
    layout: [args: [text: string], answer: Edits];
}
export type Method = keyof Methods;
export interface Request { id: number; method: Method; args: unknown[] }
export interface Response { id: number; value?: unknown; error?: string; superseded?: boolean }

/** Nobody waits for this answer any more: a later text was sent. */
export class Superseded extends Error {}

type Answer = { value?: any; error?: string; superseded?: boolean };
type Ask = (method: Method, args: unknown[]) => Promise<Answer>;

export class Core {
    #ask: Ask;

    /** With a token the Python answers that serves the page, else one in the page's worker. */
    constructor(token: string | null, progress: (what: string) => void, broken: (why: string) => void) {
        this.#ask = token === null ? inWorker(progress, broken) : byServer(token);
    }

    async ask<M extends Method>(method: M, ...args: Methods[M][0]): Promise<Methods[M][1]> {
        const answer = await this.#ask(method, args);
        if (answer.superseded) throw new Superseded();
        if (answer.error !== undefined) throw new Error(answer.error);
        return answer.value;
    }
}

function inWorker(progress: (what: string) => void, broken: (why: string) => void): Ask {
    const worker = new Worker("worker.js", { type: "module" });
    const waiting = new Map<number, (answer: Answer) => void>();
    let last = 0;
    worker.onmessage = ({ data }: MessageEvent<Response & { progress?: string; broken?: string }>) => {
        if (data.progress !== undefined) return progress(data.progress);
        if (data.broken !== undefined) return broken(data.broken);
        waiting.get(data.id)!(data);
        waiting.delete(data.id);
    };
    worker.onerror = (event) => broken(event.message || "the worker could not be started");
    return (method, args) =>
        new Promise((resolve) => {
            const id = ++last;
            waiting.set(id, resolve);
            worker.postMessage({ id, method, args } satisfies Request);
        });
}

// The server answers requests in the order in which they reach it. So what it is asked after a text was opened or saved is
// sent once it has that text.
function byServer(token: string): Ask {
    const page = crypto.randomUUID();
    let before: Promise<unknown> = Promise.resolve();
    const send = async (method: Method, args: unknown[]): Promise<Answer> => {
        const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
        let answer;
        try {
            answer = await fetch("api/answer", { method: "POST", headers, body: JSON.stringify({ page, method, args }) });
        } catch {
            return { error: ENDED };
        }
        return answer.ok ? await answer.json() : { error: (await answer.text()).slice(0, 500) };
    };
    return (method, args) => {
        const answer = before.then(() => send(method, args));
        if (method === "open" || method === "saved") before = answer;
        return answer;
    };
}
