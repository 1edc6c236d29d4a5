// The studio: the text on the left; on the right, at once, what it says.

import { Core, type Finding, type Fix, type Lens, type Page, type Place, Superseded } from "./core";
import { button, byId, element, marked } from "./dom";
import { Editor } from "./editor";
import * as files from "./files";
import { findingsPanel } from "./findings";
import { Frame } from "./frame";
import * as share from "./share";
import sample from "./sample.forbear";
import { packs as bundled } from "./language";

const PAUSE = 120; // milliseconds without a keystroke before a text is checked
const TABS = ["text", "findings", "overview", "case", "change"] as const;
type Tab = (typeof TABS)[number];

let tab: Tab = "findings";
let saved = "";
let others: Record<string, string> = {}; // the files that lie beside it
let findings: Finding[] = [];
let findingsOf = ""; // the text in which they are
const fixesOf = new WeakMap<Finding, Promise<Fix[]>>();
let version = 0;
let timer = 0;
let shownOf: Partial<Record<Tab, number>> = {}; // of which version each panel shows the answer
let wholeVersion = 0;

const core = new Core(files.token, (what) => say("busy", what), (why) => say("broken", `The checker could not be started: ${why}`));
const editor = new Editor(byId("editor"), core, {
    save: () => void save(),
    layout: () => void layout(),
    changed: () => {
        another();
        timer = setTimeout(() => void check(), PAUSE);
    },
    moved: (line, column) => (byId("cursor").textContent = `${line}:${column}`),
    notice,
    listed,
    told: (lens) => void told(lens),
    fixes,
    write,
});
const frames = {
    overview: new Frame(byId("panel-overview"), "The ladder in time, and the rules", (place) => reach(place)),
    case: new Frame(byId("panel-case"), "A case to try", (place) => reach(place)),
    change: new Frame(byId("panel-change"), "What the edit changes", (place) => reach(place)),
};

/** There is another text, which is not checked yet. */
function another(): void {
    version += 1;
    delete document.body.dataset.settled;
    marks();
    clearTimeout(timer);
}

function say(state: string, text: string): void {
    byId("state").dataset.state = state;
    byId("said").textContent = text;
}

let hiding = 0;
function notice(text: string, ...more: Node[]): void {
    byId("notice").replaceChildren(element("span", {}, ...marked(text)), ...more);
    clearTimeout(hiding);
    if (!more.length) hiding = setTimeout(() => byId("notice").replaceChildren(), 8_000);
}

/** Several things, in a box that stays until it is closed. */
function boxed(title: string, ...inner: Node[]): void {
    const box = byId<HTMLDialogElement>("box");
    box.replaceChildren(element("h2", {}, ...marked(title)), ...inner, button("Close", () => box.close()));
    if (!box.open) box.showModal();
}

function listed(title: string, places: (Place & { text: string })[]): void {
    const box = byId<HTMLDialogElement>("box");
    const go = (place: Place) => (box.close(), reach(place));
    boxed(title, element("ul", {}, ...places.map((one) =>
        element("li", {}, button(one.elsewhere === null ? `line ${one.line}` : `${one.elsewhere}, line ${one.line}`, () => go(one), { class: "link" }), " ", element("code", {}, one.text)))));
}

async function told(lens: Lens): Promise<void> {
    try {
        boxed(lens.about, element("pre", {}, await core.ask("told", editor.text, lens.command, lens.about)));
    } catch (error) {
        trouble(`This cannot be shown: ${(error as Error).message}`);
    }
}

/** Something that stays until it was read. */
function trouble(text: string): void {
    notice(text, button("Dismiss", () => byId("notice").replaceChildren(), { class: "link" }));
}

function marks(): void {
    const changed = editor.text !== saved;
    byId("unsaved").hidden = !changed;
    document.title = `${changed ? "• " : ""}${byId<HTMLInputElement>("name").value} – Forbear studio`;
}

function reach(place: Parameters<Editor["reach"]>[0]): void {
    if (place.from !== null && byId("tab-text").offsetParent !== null) select("text");
    editor.reach(place);
}

// Checking

async function check(): Promise<void> {
    const of = version;
    const text = editor.text;
    say("busy", "Checking …");
    const began = performance.now();
    try {
        const quick = await core.ask("check", text);
        if (of !== version) return;
        put(quick.diagnostics, text, !quick.whole);
        const whole = await core.ask("findings", text);
        if (of !== version) return;
        put(whole.diagnostics, text, true);
        byId("stale").hidden = whole.whole || tab === "findings" || tab === "text" || wholeVersion === 0;
        if (whole.whole) wholeVersion = of;
        byId("state").dataset.took = String(Math.round(performance.now() - began));
        if (whole.whole) {
            const found = await core.ask("between", text);
            if (of !== version) return;
            editor.fill(found);
        }
        await refresh();
        document.body.dataset.settled = "";
        keep();
    } catch (error) {
        if (!(error instanceof Superseded)) say("broken", `This text could not be checked: ${(error as Error).message}`);
    }
}

let kept = false;

/** Keeps the page for when there is no network: once it has answered, since that fetches all of it. */
function keep(): void {
    if (kept || files.isServed() || !("serviceWorker" in navigator)) return;
    kept = true;
    navigator.serviceWorker.register("sw.js").catch(() => undefined); // without it the page works while it is open
}

/** What can be written for a finding of the text as it was checked last. */
function fixes(one: Finding): Promise<Fix[]> {
    const asked = fixesOf.get(one) ?? (one.fixable ? core.ask("fixes", findingsOf, findings.indexOf(one)) : Promise.resolve([]));
    fixesOf.set(one, asked);
    return asked;
}

/** Writes a fix, unless the text has changed since it was found: then its places are others. */
function write(fix: Fix): void {
    if (editor.text === findingsOf) editor.edit(fix.edits);
}

function put(found: Finding[], text: string, done: boolean): void {
    findings = found;
    findingsOf = text;
    editor.show(found.filter((one) => one.elsewhere === null || one.from !== null));
    byId("panel-findings").replaceChildren(...findingsPanel(found, done, { reach, tryCase, fixes, write }));
    const number = (severity: string) => found.filter((one) => one.accepted === null && one.severity === severity).length;
    const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? "" : "s"}`;
    const counts = ["error", "warning", "note"].filter(number).map((one) => counted(number(one), one));
    byId("count").textContent = counts.length ? String(found.filter((one) => one.accepted === null).length) : "";
    byId("count").dataset.worst = number("error") ? "error" : number("warning") ? "warning" : "note";
    if (!done) return;
    say(number("error") ? "error" : number("warning") ? "warning" : "good", counts.length ? counts.join(", ") : "All cases checked, nothing to report");
}

// The panels

async function refresh(): Promise<void> {
    if (tab === "text" || tab === "findings" || shownOf[tab] === wholeVersion) return;
    const now = tab;
    const of = wholeVersion;
    const page: Page = await core.ask(now === "change" ? "change" : "report");
    if (of !== wholeVersion) return;
    shownOf[now] = of;
    if (page.html === null) {
        shownOf[now] = undefined;
        frames[now].say(element("p", {}, page.why ?? "The text has errors. Once they are mended, this is shown here."));
    } else {
        frames[now].show(page.html, now, page.rules ?? []);
    }
}

function select(next: Tab): void {
    tab = next;
    for (const one of TABS) {
        const mine = one === next;
        byId(`tab-${one}`).setAttribute("aria-selected", String(mine));
        byId(`tab-${one}`).tabIndex = mine ? 0 : -1;
        if (one !== "text") byId(`panel-${one}`).hidden = !mine;
    }
    document.body.dataset.tab = next;
    byId("stale").hidden = next === "findings" || next === "text" || wholeVersion === version || wholeVersion === 0;
    refresh().catch((error) => trouble(`This cannot be shown: ${error.message}`));
}

function tryCase(address: string): void {
    frames.case.set(address);
    select("case");
}

for (const one of TABS) byId(`tab-${one}`).addEventListener("click", () => select(one));
document.querySelector(".tabs")!.addEventListener("keydown", (event) => {
    const seen = TABS.filter((one) => byId(`tab-${one}`).offsetParent !== null);
    const at = seen.indexOf(tab);
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: seen.length - 1 }[(event as KeyboardEvent).key];
    if (next === undefined || seen[next] === undefined) return;
    event.preventDefault();
    select(seen[next]);
    byId(`tab-${seen[next]}`).focus();
});

// Files

async function begin({ name, text, others: its }: files.Opened): Promise<void> {
    byId<HTMLInputElement>("name").value = name;
    saved = text;
    others = its;
    findings = [];
    shownOf = {};
    wholeVersion = 0;
    editor.begin(text);
    another();
    const opened = core.ask("open", name, text, others);
    void check();
    await opened;
}

const mayLeave = () => editor.text === saved || confirm("The text was edited and not saved. Leave it?");

async function open(): Promise<void> {
    if (!mayLeave()) return;
    const chosen = await files.choose();
    if (chosen === "input") byId<HTMLInputElement>("files").click();
    else if (chosen !== null) await begin(chosen);
}

async function take(chosen: FileList | null | undefined): Promise<void> {
    if (chosen?.length) await begin(await files.taken([...chosen]));
}

async function save(): Promise<void> {
    const text = editor.text;
    try {
        const where = await files.save(byId<HTMLInputElement>("name").value || "policy.forbear", text);
        if (!where) return;
        saved = text;
        await core.ask("saved", text);
        shownOf.change = undefined;
        marks();
        notice(where);
        await refresh();
    } catch (error) {
        trouble(error instanceof files.Conflict ? `Not saved: ${error.message}. Copy what you need, and load the page again.` : `Not saved: ${(error as Error).message}`);
    }
}

async function layout(): Promise<void> {
    const text = editor.text;
    const found = await core.ask("layout", text);
    if (editor.text !== text) return;
    if (found.edits === undefined) notice(`Not laid out, since the text has an error: ${found.why}`);
    else if (found.edits.length) editor.edit(found.edits);
    else notice("The text has the canonical layout.");
}

async function shareIt(): Promise<void> {
    const link = await share.address(byId<HTMLInputElement>("name").value, editor.text, others, frames.case.case);
    if (link === null) return notice("This policy is too long for an address. Save it, and send the file.");
    if (!files.isServed()) history.replaceState(null, "", link);
    const field = element("input", { readonly: "", value: link, "aria-label": "The address of this policy", class: "address" });
    try {
        await navigator.clipboard.writeText(link);
        notice("Copied: an address that holds the whole policy. Whoever has it can read the policy; nothing was sent anywhere.", field);
    } catch {
        notice("This address holds the whole policy. Whoever has it can read the policy; nothing was sent anywhere.", field);
    }
    field.select();
}

function safely(action: () => Promise<void>): () => void {
    return () => void action().catch((error) => trouble((error as Error).message));
}

byId("open").addEventListener("click", safely(open));
byId("save").addEventListener("click", safely(save));
byId("layout").addEventListener("click", safely(layout));
byId("share").addEventListener("click", safely(shareIt));
byId("files").addEventListener("change", (event) => {
    const input = event.target as HTMLInputElement;
    safely(() => take(input.files).finally(() => (input.value = "")))();
});
byId("name").addEventListener("input", marks);
addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer?.files.length && mayLeave()) safely(() => take(event.dataTransfer?.files))();
});
addEventListener("beforeunload", (event) => {
    if (editor.text !== saved) event.preventDefault();
});
addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "s" && !event.defaultPrevented) {
        event.preventDefault();
        void save();
    }
});

const start = byId<HTMLSelectElement>("start");
start.append(new Option("A first policy", "sample"), new Option("An empty text", "empty"));
const packs = element("optgroup", { label: "A bundled pack" });
packs.append(...bundled.map((name) => new Option(name, `pack:${name}`)));
start.append(packs);
start.addEventListener("change", safely(async () => {
    const chosen = start.value;
    start.value = "";
    if (!chosen || !mayLeave()) return;
    files.begun();
    if (chosen.startsWith("pack:")) {
        const name = chosen.slice("pack:".length);
        await begin({ name: `${name.split("/").at(-1)}.forbear`, text: await core.ask("pack", name), others: {} });
    } else {
        await begin({ name: "house.forbear", text: chosen === "sample" ? sample : "", others: {} });
    }
}));

async function main(): Promise<void> {
    select(matchMedia("(max-width: 56rem)").matches ? "text" : "findings");
    try {
        const its = await files.served();
        if (its !== null) {
            document.body.dataset.served = "";
            start.hidden = byId("open").hidden = byId("share").hidden = true; // its address is of this machine alone
            byId<HTMLInputElement>("name").readOnly = true;
            for (const link of document.querySelectorAll<HTMLElement>("a[target=guide]")) link.hidden = !its.guide;
            return await begin(its);
        }
        const sent = await share.sent();
        if (sent !== null) {
            await begin(sent);
            if (sent.case) tryCase(sent.case);
            return;
        }
    } catch (error) {
        trouble((error as Error).message);
    }
    await begin({ name: "house.forbear", text: sample, others: {} });
}

addEventListener("hashchange", () => {
    if (location.hash.includes("policy=") && mayLeave()) void main();
});
void main();
