// A file that was given to the page, besides a policy: a sheet of rules, or a portfolio of cases.

import type { Counted } from "./core";
import { element } from "./dom";

export const ENDINGS = [".xlsx", ".csv", ".parquet", ".jsonl"];
const VERDICTS = ["allowed", "required", "forbidden", "unsaid", "undecided"];

export const isGiven = (file: File) => ENDINGS.some((ending) => file.name.toLowerCase().endsWith(ending));
export const mayBeRules = (file: File) => /\.(xlsx|csv)$/i.test(file.name);
export const mayBeCases = (file: File) => !/\.xlsx$/i.test(file.name);

/** What was counted of a portfolio. */
export function counts({ rows, undecided, reasons, actions }: Counted): Node[] {
    const head = VERDICTS.map((verdict) => element("th", { scope: "col" }, verdict === "unsaid" ? "no rule" : verdict));
    const spoken = Object.entries(actions).filter(([, its]) => its.unsaid + its.undecided < rows);
    const body = spoken.map(([action, its]) =>
        element("tr", {}, element("th", { scope: "row" }, action), ...VERDICTS.map((verdict) => element("td", {}, its[verdict].toLocaleString("en")))));
    return [
        element("p", {}, `${rows.toLocaleString("en")} row${rows === 1 ? "" : "s"}, ${undecided.toLocaleString("en")} undecided`),
        element("ul", {}, ...reasons.slice(0, 3).map((one) => element("li", {}, `${one.rows.toLocaleString("en")}: ${one.message}`))),
        spoken.length
            ? element("table", {}, element("thead", {}, element("tr", {}, element("td"), ...head)), element("tbody", {}, ...body))
            : element("p", {}, "No action is permitted or forbidden in any row."),
    ];
}
