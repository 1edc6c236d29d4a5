// What stands between the lines and the words of the text, as the core says: lenses above statements, values after words.

import { type EditorState, RangeSet, StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, WidgetType } from "@codemirror/view";
import type { Between, Lens } from "./core";
import { button, element } from "./dom";

export const put = StateEffect.define<Between>();

class Lenses extends WidgetType {
    constructor(private its: Lens[], private chosen: (lens: Lens) => void) {
        super();
    }
    eq(other: Lenses): boolean {
        return JSON.stringify(this.its) === JSON.stringify(other.its);
    }
    toDOM(): HTMLElement {
        return element("div", { class: "lenses" }, ...this.its.map((one) => button(one.text, () => this.chosen(one), { class: "link" })));
    }
    ignoreEvent(): boolean {
        return true; // a click is the button's
    }
}

class Inlay extends WidgetType {
    constructor(private text: string) {
        super();
    }
    eq(other: Inlay): boolean {
        return this.text === other.text;
    }
    toDOM(): HTMLElement {
        return element("span", { class: "inlay" }, this.text);
    }
}

function drawn(state: EditorState, { lenses, inlays }: Between, chosen: (lens: Lens) => void): DecorationSet {
    const end = state.doc.length;
    const above = new Map<number, Lens[]>();
    for (const one of lenses) {
        const line = state.doc.lineAt(Math.min(one.at, end)).from;
        above.set(line, [...(above.get(line) ?? []), one]);
    }
    return RangeSet.of([
        ...[...above].map(([at, its]) => Decoration.widget({ widget: new Lenses(its, chosen), block: true, side: -1 }).range(at)),
        ...inlays.map(({ at, text }) => Decoration.widget({ widget: new Inlay(text), side: 1 }).range(Math.min(at, end))),
    ], true);
}

/** They move with the text until there are others. */
export function between(chosen: (lens: Lens) => void) {
    return StateField.define<DecorationSet>({
        create: () => Decoration.none,
        update(now, transaction) {
            const given = transaction.effects.find((effect) => effect.is(put));
            return given ? drawn(transaction.state, given.value, chosen) : now.map(transaction.changes);
        },
        provide: (field) => EditorView.decorations.from(field),
    });
}
