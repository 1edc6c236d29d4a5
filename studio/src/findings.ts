// The findings, each with where it is, its case and its fixes.

import type { Finding, Fix, Place } from "./core";
import { button, element, marked } from "./dom";

export interface Followed {
    reach(place: Place): void;
    tryCase(address: string): void;
    write(fix: Fix): void;
    fixes(finding: Finding): Promise<Fix[]>;
}

let seeing: IntersectionObserver | undefined;

/** Does something when an element is first seen: fixes of a long list are not worked out for nobody. */
function whenSeen(seen: Map<Element, () => void>): void {
    seeing?.disconnect();
    seeing = new IntersectionObserver((entries) => {
        for (const { isIntersecting, target } of entries) {
            if (!isIntersecting) continue;
            seeing!.unobserve(target);
            seen.get(target)!();
        }
    }, { rootMargin: "200px" });
    for (const element of seen.keys()) seeing.observe(element);
}

const hasGuide = () => document.body.dataset.guide !== undefined;

/** A link to a page of the guide; without the guide, its text. */
function guided(page: string, text: string, attributes: Record<string, string> = {}): HTMLElement {
    return hasGuide() ? element("a", { href: page, target: "guide", ...attributes }, text) : element("span", { class: "code" }, text);
}

const WEIGHT = { error: 0, warning: 1, note: 2 };

export function findingsPanel(findings: Finding[], done: boolean, follow: Followed): Node[] {
    const open = findings.filter((one) => one.accepted === null);
    const accepted = findings.filter((one) => one.accepted !== null);
    open.sort((one, other) => WEIGHT[one.severity] - WEIGHT[other.severity]);
    const shown = open.map((one) => finding(one, follow));
    const fixable = shown.map((its, at) => [its, open[at]] as const).filter(([, one]) => done && one.fixable);
    whenSeen(new Map(fixable.map(([its, one]) => [its, () => void addFixes(its, one, follow)])));
    const parts: Node[] = [...shown];
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
            guided(`docs/reference/diagnostics/${one.code}.html`, one.code, { class: "code", title: "What this finding means" }), " ",
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
    if ((one.code === "unknown-name" || one.code === "unknown-action") && hasGuide()) {
        made.append(element("p", { class: "help" }, guided("docs/words.html", "All words of the standard vocabulary")));
    }
    if (one.help) made.append(element("p", { class: "help" }, ...marked(one.help)));
    return made;
}

async function addFixes(to: Element, one: Finding, follow: Followed): Promise<void> {
    const fixes = await follow.fixes(one);
    if (fixes.length) to.append(element("p", { class: "fixes" }, ...fixes.map((fix) => button(marked(fix.title), () => follow.write(fix), { class: fix.first ? "fix first" : "fix" }))));
}
