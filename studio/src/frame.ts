// The report page in a frame. A new page is loaded behind the one that is shown and takes its place once it is there,
// with the case and the scrolling of the one before.

import type { Place } from "./core";
import { element } from "./dom";

export class Frame {
    #shown: HTMLIFrameElement | null = null;
    #coming: HTMLIFrameElement | null = null;
    #said: HTMLElement | null = null;
    #html = "";
    #rules: Place[] = [];
    #wanted: string | null = null;

    constructor(private parent: HTMLElement, private title: string, private reach: (place: Place) => void, private key: (event: KeyboardEvent) => void) {}

    /** Shows a part of a page; ends when it is there. */
    async show(html: string, part: string, rules: Place[]): Promise<void> {
        this.#rules = rules;
        this.#said?.remove();
        this.#said = null;
        if (html === this.#html && this.#shown !== null) {
            if (this.#shown.contentDocument?.body) this.#prepare(this.#shown, part);
            return;
        }
        this.#html = html;
        this.#coming?.remove();
        const frame = element("iframe", { title: this.title, class: "coming" });
        const address = URL.createObjectURL(new Blob([html], { type: "text/html" }));
        this.#coming = frame;
        const hash = this.#wanted === null ? this.#shown?.contentWindow?.location.hash ?? "" : `#case?${this.#wanted}`;
        this.#wanted = null;
        frame.src = address + (hash.startsWith("#case?") ? hash : "");
        this.parent.append(frame);
        await new Promise((resolve) => frame.addEventListener("load", resolve));
        URL.revokeObjectURL(address);
        if (this.#coming !== frame) return;
        this.#prepare(frame, part);
        const before = this.#shown?.contentWindow;
        frame.contentWindow?.scrollTo(0, before?.scrollY ?? 0);
        this.#shown?.remove();
        this.#shown = frame;
        this.#coming = null;
        frame.classList.remove("coming");
    }

    /** Says why there is no page. */
    say(...children: (Node | string)[]): void {
        this.#shown?.remove();
        this.#coming?.remove();
        this.#said?.remove();
        this.#shown = this.#coming = null;
        this.#html = "";
        this.#said = element("div", { class: "empty" }, ...children);
        this.parent.append(this.#said);
    }

    /** Puts a case into the page, or into the next one. */
    set(address: string): void {
        const its = this.#shown?.contentWindow?.location;
        if (its === undefined) this.#wanted = address;
        else its.hash = `case?${address}`;
    }

    focus(): void {
        this.#shown?.contentWindow?.focus();
    }

    get case(): string {
        const hash = this.#shown?.contentWindow?.location.hash ?? "";
        return hash.startsWith("#case?") ? hash.slice("#case?".length) : "";
    }

    #prepare(frame: HTMLIFrameElement, part: string): void {
        const page = frame.contentDocument!;
        page.body.dataset.part = part;
        page.onclick = null;
        if (page.body.dataset.followed) return;
        page.body.dataset.followed = "yes";
        page.addEventListener("keydown", this.key);
        page.addEventListener("click", (event) => {
            const link = (event.target as Element).closest<HTMLAnchorElement>('a[href*="rule-"]');
            const [side, name] = link?.getAttribute("href")?.split("rule-") ?? [];
            const place = side === "#old-" ? undefined : this.#rules.find((rule) => rule.name === name);
            if (link === null || place === undefined || place.elsewhere !== null) return;
            event.preventDefault();
            event.stopPropagation();
            this.reach(place);
        }, true);
    }
}
