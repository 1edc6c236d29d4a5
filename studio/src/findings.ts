// The findings, each with where it is, its case and its fixes.

import type { Finding, Insertion, Place } from "./core";
import { button, element, marked } from "./dom";

export interface Followed {
    reach(place: Place): void;
    tryCase(address: string): void;
    edit(edits: Insertion[]): void;
}

const WEIGHT = { error: 0, warning: 1, note: 2 };

export function findingsPanel(findings: Finding[], done: boolean, follow: Followed): Node[] {
    const open = findings.filter((one) => one.accepted === null);
    const accepted = findings.filter((one) => one.accepted !== null);
    open.sort((one, other) => WEIGHT[one.severity] - WEIGHT[other.severity]);
    const parts: Node[] = open.map((one) => finding(one, follow));
    if (!open.length && done) {
        parts.push(element("div", { class: "clear" }, element("h2", {}, "Nothing to report"), element("p", {}, "Every case was looked at: no rules contradict each other, each promise is kept, and each example is decided as it expects.")));
    }
    if (accepted.length) {
        parts.push(element("details", { class: "accepted" }, element("summary", {}, `${accepted.length} accepted, each with its reason`), ...accepted.map((one) => finding(one, follow))));
    }
    return parts;
}

function finding(one: Finding, follow: Followed): HTMLElement {
    const where = one.elsewhere === null ? `line ${one.line}` : `${one.elsewhere}, line ${one.line}`;
    const made = element("article", { class: `finding ${one.accepted === null ? one.severity : "note"}${one.stale ? " old" : ""}`, "data-code": one.code },
        element("p", { class: "kind" },
            element("span", { class: "severity" }, one.accepted === null ? one.severity : "accepted"), " ",
            element("code", {}, one.code), " ",
            button(where, () => follow.reach(one), { class: "link" }),
            one.stale ? " · of the text before its errors" : ""),
        element("h2", {}, ...marked(one.message)));
    if (one.accepted !== null) made.append(element("p", {}, `Accepted, because: ${one.accepted}`));
    if (one.related.length) {
        made.append(element("ul", { class: "related" }, ...one.related.map((label) =>
            element("li", {}, ...marked(label.text), " ", button(label.elsewhere === null ? `line ${label.line}` : `${label.elsewhere}, line ${label.line}`, () => follow.reach(label), { class: "link" })))));
    }
    for (const { text, address } of one.cases) {
        made.append(element("div", { class: "case" }, element("span", { class: "tag" }, "Case"), element("span", { class: "facts" }, text), button("Try this case", () => follow.tryCase(address))));
    }
    if (one.also) made.append(element("p", {}, element("b", {}, "Also: "), ...marked(one.also)));
    if (one.help) made.append(element("p", { class: "help" }, ...marked(one.help)));
    if (one.fixes.length) made.append(element("p", { class: "fixes" }, ...one.fixes.map((fix) => button(marked(fix.title), () => follow.edit(fix.edits), { class: "fix" }))));
    return made;
}
