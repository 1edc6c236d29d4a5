// Elements, made of data. A text becomes a text node, never markup; what could hide or turn text is shown as JSON has it.

const HIDDEN = /(?<!\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Script=Arabic}|\p{Mn})[\u200C\u200D\uFE0E\uFE0F]|(?![\n\u200C\u200D\uFE0E\uFE0F\u0600-\u0605\u06DD\u070F\u08E2])[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;

export function printable(text: string): string {
    return text.replace(HIDDEN, (unseen) => [...Array(unseen.length).keys()].map((at) => `\\u${unseen.charCodeAt(at).toString(16).padStart(4, "0")}`).join(""));
}

export function element<K extends keyof HTMLElementTagNameMap>(name: K, attributes: Record<string, string> = {}, ...children: (Node | string)[]): HTMLElementTagNameMap[K] {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children.map((child) => (typeof child === "string" ? printable(child) : child)));
    return made;
}

export function button(label: string | (Node | string)[], pressed: () => void, attributes: Record<string, string> = {}): HTMLButtonElement {
    const made = element("button", { type: "button", ...attributes }, ...[label].flat());
    made.addEventListener("click", pressed);
    return made;
}

/** A message, in which names stand in backticks. */
export function marked(text: string): (Node | string)[] {
    return text.split("`").map((part, at) => (at % 2 ? element("code", {}, part) : part));
}

export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
    return document.getElementById(id) as T;
}
