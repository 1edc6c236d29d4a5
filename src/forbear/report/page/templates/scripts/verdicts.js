// The verdicts

const rows = new Map();
const unchanged = element("button", { type: "button", class: "why", id: "unchanged", "aria-expanded": String(!data.changed) });

function makeRows() {
    for (const action of spoken) {
        const why = element("button", { type: "button", class: "why", "aria-expanded": "false" }, data.labels[action]);
        const cells = sides.map((side) => [element("td", side.label ? { "data-label": side.label } : {}), element("td")]);
        const cell = element("td", { colspan: 1 + 2 * sides.length });
        const detail = element("tr", { hidden: "" }, cell);
        why.addEventListener("click", () => {
            detail.hidden = !detail.hidden;
            why.setAttribute("aria-expanded", String(!detail.hidden));
            update();
        });
        const row = element("tr", { "data-action": action }, element("th", { scope: "row" }, why), ...cells.flat());
        byId("verdicts").tBodies[0].append(row, detail);
        rows.set(action, { row, cells, detail, cell, said: [] });
    }
    unchanged.addEventListener("click", () => {
        unchanged.setAttribute("aria-expanded", String(unchanged.ariaExpanded !== "true"));
        update();
    });
    const silent = data.actions.filter((action) => !spoken.includes(action));
    const also = silent.length ? ` The same holds for ${silent.map(actionInWords).join(", ")}.` : "";
    byId("verdicts").after(element("p", { class: "faint" }, `The verdict “no rule” means: ${data.unsaid}.${also}`));
    if (data.changed) byId("verdicts").after(element("p", {}, unchanged));
}

function update() {
    const shown = shownCase();
    const answers = sides.map((side) => decided(side, shown));
    const faults = [...new Set(answers.flatMap((answer) => answer.faults ?? []))];
    byId("faults").replaceChildren(...faults.map((message) => element("p", {}, message)));
    const alike = faults.length || !data.changed ? [] : spoken.filter((action) => sameVerdict(answers, action));
    unchanged.hidden = !alike.length;
    unchanged.textContent = `The same verdict before and after: ${printable(alike.map(actionInWords).join(", "))}`;
    for (const [action, row] of rows) {
        row.row.hidden = unchanged.ariaExpanded !== "true" && row.detail.hidden && alike.includes(action);
        row.cell.replaceChildren();
        answers.forEach((answer, at) => {
            const decision = answer.faults || !answer.side.policy.actions.has(action) ? null : answer.of(action);
            const [verdict, rules] = row.cells[at];
            verdict.replaceChildren(decision === null ? "" : verdictMark(decision.verdict));
            rules.replaceChildren(...(decision === null ? [] : rulesOf(decision, answer.side)));
            row.said[at] = rules.childNodes.length ? JSON.stringify(decision) : null;
            if (!row.detail.hidden && decision !== null) row.cell.append(whyNot(answer, action, decision.verdict));
        });
    }
    sides.forEach((_, at) => foldRules(at));
    byId("status").replaceChildren(...(faults.length ? ["This case cannot be decided."] : summary(answers.at(-1), shown)));
    draw(answers, shown);
    countSet();
}

// Rows that say the same by the same rules say by which once, beside all of them; as far as no explanation comes between.
function foldRules(at) {
    let first = null;
    for (const row of [...rows.values()].filter((one) => !one.row.hidden)) {
        const rules = row.cells[at][1];
        const same = row.said[at] !== null && row.said[at] === first?.said[at];
        rules.rowSpan = 1;
        rules.classList.toggle("same", same);
        if (same) {
            rules.replaceChildren(element("p", { class: "faint" }, "as above")); // where there is no room for a table
            first.cells[at][1].rowSpan += 1;
        } else first = row;
        if (!row.detail.hidden) first = null;
    }
}

// Whether both policies give an action the same verdict, with the same companions. By which rules is one click away.
function sameVerdict(answers, action) {
    const said = answers.map((answer) => {
        const { verdict, along } = answer.side.policy.actions.has(action) ? answer.of(action) : {};
        return JSON.stringify([verdict, Object.keys(along ?? {}).sort()]);
    });
    return said.every((one) => one === said[0]);
}

function actionInWords(action) {
    const label = data.labels[action];
    return /^\p{Lu}\p{Ll}/u.test(label) ? label[0].toLowerCase() + label.slice(1) : label;
}

let before = null; // the verdicts by the last case that could be decided

function summary(answer, { given }) {
    const day = data.clock !== null && given[data.clock] !== undefined ? `${data.clock.replaceAll("_", " ")} ${given[data.clock]}: ` : "";
    const by = new Map(); // from a verdict, with what goes along, to actions
    for (const verdict of ["required", "allowed", "forbidden"]) {
        for (const action of spoken) {
            const decision = answer.side.policy.actions.has(action) ? answer.of(action) : null;
            if (decision?.verdict !== verdict) continue;
            const companions = Object.keys(decision.along ?? {}).map(actionInWords);
            const key = companions.length ? `${verdict} with ${companions.join(" and ")}` : verdict;
            by.set(key, [...(by.get(key) ?? []), action]);
        }
    }
    const verdicts = new Map([...by].flatMap(([verdict, actions]) => actions.map((action) => [action, verdict])));
    const said = [...by].map(([verdict, actions]) => element("span", { class: "said" }, element("b", {}, verdict), ": ",
        ...actions.flatMap((action, at) => {
            const differs = before !== null && before.get(action) !== verdict;
            return [at ? ", " : "", differs ? element("mark", { title: "by the last step" }, printable(actionInWords(action))) : printable(actionInWords(action))];
        })));
    before = verdicts;
    const label = answer.side.label ? `${answer.side.label}, ` : "";
    return [printable(`${label}${day}`), ...(said.length ? said : ["nothing is permitted, and nothing is forbidden."])];
}

function verdictWord(verdict) {
    return verdict === "unsaid" ? "no rule" : verdict;
}

function verdictMark(verdict) {
    return element("span", { class: `verdict ${verdict}` }, verdictWord(verdict));
}

function rulesOf(decision, side) {
    const parts = decision.rules.map((name) => ruleLink(name, side));
    for (const [companion, rules] of Object.entries(decision.along ?? {})) {
        parts.push(element("p", { class: "along" }, element("b", {}, `with ${actionInWords(companion)}`)), ...rules.map((name) => ruleLink(name, side)));
    }
    for (const text of new Set(decision.because)) parts.push(element("p", { class: "faint", dir: "auto" }, ...markedUp(text)));
    if (decision.unknown) parts.push(element("p", { class: "faint" }, `unknown: ${decision.unknown.join(", ")}`));
    return parts;
}

function ruleLink(name, side) {
    const { title, number } = side.data.rules[side.policy.rules.findIndex((rule) => rule.name === name)];
    const link = element("a", { class: "n", href: `#${side.prefix}rule-${name}` }, String(number));
    return element("p", {}, link, " ", ...markedUp(title), " ", identifier(name));
}

// All rules on the actions of a row of the chart, those that permit first.
function rulesOn(actions) {
    const side = sides.at(-1);
    const parts = [];
    const box = element("div", {});
    const of = (action) => (side.policy.actions.get(action)?.order ?? []).map((number) => [number, side.policy.rules[number].effects[action]]);
    const together = new Map();
    for (const action of actions) {
        const key = JSON.stringify(of(action));
        together.set(key, [...(together.get(key) ?? []), action]);
    }
    for (const [key, alike] of together) {
        const weight = ([, effect]) => ["require", "allow"].includes(effect) ? 0 : 1;
        const rules = JSON.parse(key).sort((one, other) => weight(one) - weight(other) || one[0] - other[0]);
        box.append(element("h3", {}, alike.map((action) => data.labels[action]).join(", "), " ", identifier(alike.join(", "))));
        box.append(element("ul", {}, ...rules.slice(0, ENOUGH).map(([place, effect]) => {
            const { title, says, number } = side.data.rules[place];
            const link = element("a", { class: "n", href: `#${side.prefix}rule-${side.policy.rules[place].name}` }, String(number));
            return element("li", {}, link, " ", element("b", { class: `e-${effect}` }, EFFECTS[effect]), ` ${says} `, element("span", { class: "dim" }, ...markedUp(title)));
        })));
        if (rules.length > ENOUGH) box.append(element("p", {}, `and ${counted(rules.length - ENOUGH, "more rule")}`));
    }
    parts.push(box);
    return parts;
}

const EFFECTS = { allow: "permits", require: "requires", forbid: "forbids", never: "never permits", exempt: "exempts" };

const LINES = 3; // of a row of the chart, until it is opened

// The rows of the chart can be opened. They are one stop of the keyboard: the arrows go on from there.
function openRows() {
    const buttons = [];
    for (const row of document.querySelectorAll("#chart tr[data-actions]")) {
        const label = row.querySelector(".action");
        const button = element("button", { type: "button", class: "action", "aria-expanded": "false", tabindex: buttons.length ? "-1" : "0" }, label.textContent);
        label.replaceWith(button);
        const lines = [...row.querySelectorAll(".line")].slice(LINES);
        if (lines.length) lines.at(-1).after(element("p", { class: "dim note" }, `and ${lines.length} more`, element("span", { class: "screen" }, ": open the action")));
        lines.forEach((line) => line.classList.add("folded"));
        const cell = element("td", { colspan: row.cells.length });
        const detail = element("tr", { class: "all screen", hidden: "" }, cell);
        row.after(detail);
        button.addEventListener("click", () => {
            if (!cell.childNodes.length) cell.append(...rulesOn(row.dataset.actions.split(" ")));
            detail.hidden = !detail.hidden;
            button.setAttribute("aria-expanded", String(!detail.hidden));
            lines.forEach((line) => line.classList.toggle("folded", detail.hidden));
        });
        buttons.push(button);
    }
    for (const link of document.querySelectorAll("#chart a, #chart summary")) link.tabIndex = -1; // a row that is opened has them again
    buttons.forEach((button, at) => button.addEventListener("keydown", (event) => {
        const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
        if (buttons[next] === undefined) return;
        event.preventDefault();
        button.tabIndex = -1;
        buttons[next].tabIndex = 0;
        buttons[next].focus();
    }));
}
