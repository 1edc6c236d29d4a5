// The studio: the text on the left; on the right, at once, what it says.

import { Core, type Finding, type Fix, type Lens, type Page, type Place, Superseded } from "./core";
import { button, byId, element, marked } from "./dom";
import { Editor } from "./editor";
import * as files from "./files";
import * as given from "./given";
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
let beside: string[] = []; // those of them that are rule files of its folder, and itself
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
    overview: new Frame(byId("panel-overview"), "The ladder in time, and the rules", reach, key),
    case: new Frame(byId("panel-case"), "A case to try", reach, key),
    change: new Frame(byId("panel-change"), "What the edit changes", reach, key),
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
    box.scrollTop = 0; // the focus is at its end
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

function reach(place: Place): void {
    if (place.elsewhere !== null && beside.includes(place.elsewhere)) {
        void openBeside(place.elsewhere).then((opened) => opened && editor.toLine(place.line));
        return;
    }
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
    const isBlank = !text.trim();
    if (isBlank) found = []; // nobody has made a mistake yet
    findings = found;
    findingsOf = text;
    editor.show(found.filter((one) => one.elsewhere === null || one.from !== null));
    byId("panel-findings").replaceChildren(...(isBlank ? [invitation()] : findingsPanel(found, done, { reach, tryCase, fixes, write })));
    const number = (severity: string) => found.filter((one) => one.accepted === null && one.severity === severity).length;
    const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? "" : "s"}`;
    const counts = ["error", "warning", "note"].filter(number).map((one) => counted(number(one), one));
    byId("count").textContent = counts.length ? String(found.filter((one) => one.accepted === null).length) : "";
    byId("count").dataset.worst = number("error") ? "error" : number("warning") ? "warning" : "note";
    if (!done) return;
    if (isBlank) return say("empty", "Nothing is written yet");
    say(number("error") ? "error" : number("warning") ? "warning" : "good", counts.length ? counts.join(", ") : "All cases checked, nothing to report");
}

// The panels

async function refresh(): Promise<void> {
    if (tab === "text" || tab === "findings" || shownOf[tab] === wholeVersion) return;
    const now = tab;
    const of = wholeVersion;
    const panel = byId(`panel-${now}`);
    panel.ariaBusy = "true";
    try {
        const page: Page = await core.ask(now === "change" ? "change" : "report");
        if (of !== wholeVersion) return;
        shownOf[now] = of;
        if (page.html === null) {
            shownOf[now] = undefined;
            frames[now].say(element("p", {}, editor.text.trim() ? page.why ?? "The text has errors. Once they are mended, this is shown here." : "Nothing is written yet."));
        } else {
            await frames[now].show(page.html, now, page.rules ?? []);
        }
    } finally {
        panel.ariaBusy = "false";
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
    refresh().catch((error) => error instanceof Superseded || trouble(`This cannot be shown: ${error.message}`));
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

async function begin({ name, text, others: its, files: known }: files.Opened): Promise<void> {
    byId<HTMLInputElement>("name").value = name;
    saved = text;
    others = its;
    const own = name.split("/").at(-1)!;
    beside = known ?? [own, ...Object.keys(its).filter((one) => /^[^/]+\.forbear$/.test(one))].sort();
    byId("beside").replaceChildren(...beside.map((one) => new Option(one, one, false, one === own)));
    byId("beside").hidden = beside.length < 2;
    byId("name").hidden = beside.length > 1;
    if (!text.trim()) select("findings");
    findings = [];
    shownOf = {};
    wholeVersion = 0;
    editor.begin(text);
    another();
    const opened = core.ask("open", name, text, others);
    void check();
    await opened;
}

const mayLeave = () => editor.text === saved || !editor.text.trim() || confirm("The text was edited and not saved. Leave it?");

async function open(): Promise<void> {
    if (!mayLeave()) return;
    const chosen = await files.choose();
    if (chosen === "input") byId<HTMLInputElement>("files").click();
    else if (chosen !== null) await begin(chosen);
}

/** Another rule file of the folder takes the place of this one; false if the author stays. */
async function openBeside(name: string): Promise<boolean> {
    const own = byId<HTMLInputElement>("name").value;
    const may = mayLeave();
    if (may && files.isServed()) await begin((await files.served(name))!);
    else if (may) {
        const { [name]: text, ...rest } = others;
        await begin({ name, text, others: { ...rest, [own]: editor.text } });
    } else byId<HTMLSelectElement>("beside").value = own.split("/").at(-1)!;
    return may;
}

async function take(chosen: FileList | null | undefined): Promise<void> {
    if (!chosen?.length) return;
    const file = chosen[0];
    if (files.isServed() && given.isGiven(file)) {
        const choices = given.mayBeRules(file) && given.mayBeCases(file);
        if (!choices) return given.mayBeRules(file) ? sheet(file) : portfolio(file);
        return boxed(`What is in ${file.name}?`, element("p", {},
            button("Rules: write them as a table", safely(() => sheet(file)), { class: "first" }), " ",
            button("Cases: count what may be done", safely(() => portfolio(file)))));
    }
    const opened = await files.taken([...chosen]);
    if (files.isServed()) editor.replace(opened.text); // it is saved to the file that is served
    else if (mayLeave()) await begin(opened);
}

async function sheet(file: File): Promise<void> {
    const text = editor.text;
    byId<HTMLDialogElement>("box").close();
    say("busy", `Reading ${file.name} …`);
    const answer = await core.ask("sheet", text, file.name, await files.encoded(file));
    void check();
    if (answer.text === undefined) return boxed(`${file.name} is not written as a table`, element("pre", {}, answer.why ?? ""));
    if (editor.text !== text) return;
    editor.edit([{ from: text.trimEnd().length, to: text.length, insert: `${text.trim() ? "\n\n" : ""}${answer.text}` }]);
    notice(`${file.name} is a table at the end of the text.`);
}

async function portfolio(file: File): Promise<void> {
    byId<HTMLDialogElement>("box").close();
    say("busy", `Deciding ${file.name} …`);
    const answer = await core.ask("portfolio", editor.text, file.name, await files.encoded(file));
    boxed(file.name, ...(answer.why === undefined ? given.counts(answer) : [element("pre", {}, answer.why)]));
    void check();
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
    safely(() => take(event.dataTransfer?.files))();
});
addEventListener("beforeunload", (event) => {
    if (editor.text !== saved) event.preventDefault();
});
byId("beside").addEventListener("change", () => safely(async () => void (await openBeside(byId<HTMLSelectElement>("beside").value)))());
byId("keys").addEventListener("click", keys);
addEventListener("keydown", key);

// The keyboard

const KEYS = [
    ["F6, Shift+F6", "to the next part of the page, or back: the bar, the text, the tabs, what they show"],
    ["Ctrl+S", "save"],
    ["Ctrl+Space", "what fits here"],
    ["Tab", "take what is offered, or indent; after Escape, to the next control"],
    ["F2", "rename"],
    ["F12, Shift+F12", "go to where a name is declared, or list where it is used"],
    ["Shift+Alt+F", "format the text"],
    ["Ctrl+Shift+M, F8", "list the findings below the text, or go to the next"],
    ["Ctrl+F, Ctrl+Z", "search; undo"],
    ["?", "these keys, outside of the text"],
];

function keys(): void {
    boxed("Keys", element("table", {}, ...KEYS.map(([its, does]) => element("tr", {}, element("th", { scope: "row" }, its), element("td", {}, does)))));
}

/** Keys that mean the same in the whole page, reports included. */
function key(event: KeyboardEvent): void {
    if (event.defaultPrevented) return;
    const writes = (event.target as Element).closest?.("input, select, textarea, [contenteditable=true]");
    if ((event.ctrlKey || event.metaKey) && event.key === "s") void save();
    else if (event.key === "F6") step(event.shiftKey ? -1 : 1);
    else if (event.key === "?" && !writes) keys();
    else return;
    event.preventDefault();
}

/** The focus moves to another part of the page. */
function step(by: number): void {
    const frame = frames[tab as keyof typeof frames];
    const parts: [Element, () => void][] = [
        [document.querySelector(".bar")!, () => byId("save").focus()],
        [byId("editor"), () => editor.view.focus()],
        [document.querySelector(".tabs")!, () => byId(`tab-${tab}`).focus()],
        [byId(`panel-${tab}`), () => (frame === undefined ? byId(`panel-${tab}`) : frame).focus()],
    ];
    const seen = parts.filter(([its]) => its.checkVisibility() && !(tab === "text" && its.id === "panel-text"));
    const at = seen.findIndex(([its]) => its.contains(document.activeElement));
    seen[(at + by + seen.length) % seen.length][1]();
}

// An empty text

const start = byId<HTMLSelectElement>("start");
const RULE = "rule call_in_person:\n  after 13 days then allow phone_call\n";
const packs = () => bundled.map((name) => new Option(name, name));
start.append(new Option("A first policy", "sample"), new Option("An empty text", "empty"));
start.append(element("optgroup", { label: "A bundled pack" }, ...packs()));
start.addEventListener("change", safely(async () => {
    const chosen = start.value;
    start.value = "";
    await beginWith(chosen);
}));

/** Begins with a text of the page, or a pack. It takes the place of a file that is served once it is saved. */
async function beginWith(chosen: string): Promise<void> {
    if (!chosen || (!files.isServed() && !mayLeave())) return;
    const name = bundled.includes(chosen) ? `${chosen.split("/").at(-1)}.forbear` : "house.forbear";
    const text = { sample, empty: "", rule: RULE }[chosen] ?? (await core.ask("pack", chosen));
    if (files.isServed()) return editor.replace(text);
    files.begun();
    await begin({ name, text, others: {} });
}

/** What stands in place of findings while nothing is written. */
function invitation(): HTMLElement {
    const pack = element("select", { "aria-label": "A bundled pack" }, new Option("A bundled pack …", ""), ...packs());
    pack.addEventListener("change", safely(() => beginWith(pack.value)));
    const ways = [
        button("A first policy", safely(() => beginWith("sample")), { class: "first" }),
        button("One rule", safely(() => beginWith("rule"))),
        pack,
        button("A spreadsheet", () => byId("files").click()),
    ];
    return element("div", { class: "clear invite" }, element("h2", {}, "Begin with"), element("p", { class: "ways" }, ...(files.isServed() ? ways : ways.slice(0, -1))),
        element("p", {}, "Or write: what may be done, what must not, and the promises that all of it has to keep."));
}

async function main(): Promise<void> {
    select(matchMedia("(max-width: 56rem)").matches ? "text" : "findings");
    try {
        const its = await files.served();
        if (its !== null) {
            document.body.dataset.served = "";
            byId("open").hidden = byId("share").hidden = true; // its address is of this machine alone
            byId("files").setAttribute("accept", [".forbear", ...given.ENDINGS].join());
            byId<HTMLInputElement>("name").readOnly = true;
            if (its.guide) document.body.dataset.guide = "";
            return await begin(its);
        }
        document.body.dataset.guide = "";
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
