// The page at work: it decides the case that the controls show, draws it along the clock, and says why.
//
// All texts of a rule file reach the page as text nodes, never as markup.

const data = JSON.parse(document.getElementById("data").textContent);
const sides = data.sides.map((side) => ({ label: side.label, prefix: side.prefix, policy: load(side) }));
const facts = new Map(sides.flatMap((side) => [...side.policy.facts]));
const spoken = data.actions.filter((action) => sides.some((side) => side.policy.actions.get(action)?.order.length));
const byId = (id) => document.getElementById(id);
const ENOUGH = 200;
const MOST_TRUTHS = 400000; // conditions that are asked for one picture

function element(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
}

function drawn(name, attributes = {}, ...children) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
}

// The controls

// What a control shows, as a case holds it; undefined for unknown.
function shownValue(name) {
    const fact = facts.get(name);
    const field = byId(`fact-${name}`);
    const absent = byId(`absent-${name}`);
    const isAbsent = absent === null ? field.tagName === "SELECT" && field.value === "" : absent.checked;
    if (isAbsent) return fact.absent === "none" ? "none" : undefined;
    return asGiven(fact, fact.kind === "text" ? field.value : field.value.trim());
}

function asGiven(fact, text) {
    return fact.kind === "yes/no" ? text === "yes" : text;
}

function show(name, value) {
    const field = byId(`fact-${name}`);
    const absent = byId(`absent-${name}`);
    if (absent !== null) absent.checked = value === null;
    if (value !== null || absent === null) field.value = value ?? "";
    moveSlider(name);
}

function moveSlider(name) {
    const slider = byId(`slider-${name}`);
    if (slider === null) return;
    try {
        slider.value = String(readValue(facts.get(name), byId(`fact-${name}`).value.trim()));
    } catch {
        return; // what is wrong with the value is said beside the verdicts
    }
    slider.setAttribute("aria-valuetext", `${byId(`fact-${name}`).value}`);
}

function shownCase() {
    const given = {};
    for (const name of Object.keys(data.controls)) {
        const value = shownValue(name);
        if (value !== undefined) given[name] = value;
    }
    return { given, on: byId("on")?.value || null };
}

function setCase(number) {
    const { on, ...given } = data.cases[number];
    for (const [name, control] of Object.entries(data.controls)) {
        let value = Object.hasOwn(given, name) ? given[name] : control.absent === "unknown" ? null : control.value;
        if (value === "none" && control.absent === "none") value = null;
        show(name, typeof value === "boolean" ? (value ? "yes" : "no") : value);
    }
    if (on !== undefined && byId("on") !== null) byId("on").value = on;
}

function loadCase(number) {
    setCase(number);
    update();
    byId("case").scrollIntoView();
    byId("case").focus({ preventScroll: true });
}

// Deciding

// What a side says of the case: `faults`, or its values, its day and a decision an action.
function decided(side, { given, on }) {
    const { policy } = side;
    const own = Object.fromEntries(Object.entries(given).filter(([name]) => policy.needed.includes(name)));
    try {
        const day = decisionDay(policy, policy.dated ? on : null);
        const values = readCase(policy, own);
        return { side, day, values, of: (action) => decideOn(policy, action, values, day) };
    } catch (error) {
        if (!(error instanceof CaseError)) throw error;
        return { side, faults: error.faults.map(([, message]) => message) };
    }
}

// The decision on one action, of which only the rules on it are asked.
function decideOn(policy, action, values, day) {
    return decideAction(policy, action, truthsOn(policy, action, values), values, day);
}

function truthsOn(policy, action, values) {
    const truths = [];
    for (const number of policy.actions.get(action).order) {
        truths[number] = truth(policy.rules[number].condition, policy.facts, values);
    }
    return truths;
}

// The verdicts

const rows = new Map();

function makeRows() {
    for (const action of spoken) {
        const why = element("button", { type: "button", class: "why", "aria-expanded": "false" }, action);
        const cells = sides.map(() => [element("td"), element("td")]);
        const told = element("td", { colspan: 1 + 2 * sides.length });
        const detail = element("tr", { hidden: "" }, told);
        why.addEventListener("click", () => {
            detail.hidden = !detail.hidden;
            why.setAttribute("aria-expanded", String(!detail.hidden));
            update();
        });
        const row = element("tr", {}, element("th", { scope: "row" }, why), ...cells.flat());
        byId("verdicts").tBodies[0].append(row, detail);
        rows.set(action, { cells, detail, told });
    }
    const silent = data.actions.filter((action) => !spoken.includes(action));
    if (silent.length) {
        const text = `No rule speaks of ${silent.join(", ")}: unsaid, so not permitted.`;
        byId("verdicts").after(element("p", { class: "faint" }, text));
    }
}

function update() {
    const shown = shownCase();
    const answers = sides.map((side) => decided(side, shown));
    const faults = [...new Set(answers.flatMap((answer) => answer.faults ?? []))];
    byId("faults").replaceChildren(...faults.map((message) => element("p", {}, message)));
    for (const [action, row] of rows) {
        row.told.replaceChildren();
        answers.forEach((answer, at) => {
            const decision = answer.faults || !answer.side.policy.actions.has(action) ? null : answer.of(action);
            const [verdict, rules] = row.cells[at];
            verdict.replaceChildren(decision === null ? "" : verdictMark(decision.verdict));
            rules.replaceChildren(...(decision === null ? [] : rulesOf(decision, answer.side)));
            if (!row.detail.hidden && decision !== null) row.told.append(whyNot(answer, action, decision.verdict));
        });
    }
    byId("status").textContent = faults.length ? "This case cannot be decided." : summary(answers.at(-1), shown);
    draw(answers, shown);
}

function summary(answer, { given }) {
    const day = data.clock !== null && given[data.clock] !== undefined ? `${data.clock} ${given[data.clock]}: ` : "";
    const by = { required: [], allowed: [], forbidden: [] };
    for (const action of spoken) {
        if (answer.side.policy.actions.has(action)) by[answer.of(action).verdict]?.push(action);
    }
    const parts = Object.entries(by).filter(([, actions]) => actions.length);
    const said = parts.map(([verdict, actions]) => `${verdict}: ${actions.join(", ")}`).join("; ");
    const label = answer.side.label ? `${answer.side.label}, ` : "";
    return `${label}${day}${said || "nothing is permitted, and nothing is forbidden"}.`;
}

function verdictMark(verdict) {
    return element("span", { class: `verdict ${verdict}` }, verdict);
}

function rulesOf(decision, side) {
    const parts = decision.rules.map((name) => ruleLink(name, side));
    for (const text of decision.because) parts.push(element("p", { class: "faint", dir: "auto" }, text));
    if (decision.unknown) parts.push(element("p", { class: "faint" }, `unknown: ${decision.unknown.join(", ")}`));
    return parts;
}

function ruleLink(name, side) {
    const number = side.policy.rules.findIndex((rule) => rule.name === name);
    return element("p", {}, element("a", { href: `#${side.prefix}rule-${number}` }, name));
}

// Why, and why not

function whyNot({ side, values, day }, action, verdict) {
    const { policy } = side;
    const truths = truthsOn(policy, action, values);
    const stands = standing(policy, action, truths, day);
    const { setsOf, overriding } = policy.actions.get(action);
    const box = element("div", { class: "why-not" });
    if (side.label) box.append(element("h3", {}, side.label));
    const numbers = [...stands.keys()].sort((one, other) => one - other);
    for (const number of numbers.slice(0, ENOUGH)) {
        const rule = policy.rules[number];
        const overriders = new Set((setsOf.get(number) ?? []).flatMap((set) => overriding.get(set)));
        const over = [...overriders].filter((other) => stands.get(other) !== false);
        const state = stateOf(rule, day, truths[number], stands.get(number));
        const by = state === "set aside" ? ` by ${over.map((other) => policy.rules[other].name).join(", ")}` : "";
        const effect = rule.effects[action];
        box.append(element("h3", {}, `${effect} by ${rule.name}: ${state}${by}`), clauses(rule, policy, values));
    }
    if (numbers.length > ENOUGH) box.append(element("p", {}, `and ${numbers.length - ENOUGH} more rules`));
    const found = changes(side, action, verdict, values, day);
    if (found.length) {
        const lines = found.map((change) => element("li", {}, change));
        box.append(element("h3", {}, "What alone would change it"), element("ul", {}, ...lines));
    }
    return box;
}

function stateOf(rule, day, holds, stands) {
    if (!inForce(rule, day)) return "not in force";
    if (holds === false) return "does not hold";
    if (stands === false) return "set aside";
    return stands ? "stands" : "open, for something is unknown";
}

function clauses(rule, policy, values) {
    const parts = rule.condition[0] === "and" ? rule.condition[1] : [rule.condition];
    const lines = parts.map((part, at) => {
        const holds = truth(part, policy.facts, values);
        const text = holds === true ? rule.clauses[at] : missing(part, policy, values, true).join("; ");
        return element("li", {}, element("b", {}, holds === null ? "unknown" : holds ? "yes" : "no"), text);
    });
    return element("ul", { class: "clauses" }, ...lines);
}

// What keeps a condition from being as it is wanted.
function missing(part, policy, values, wanted) {
    if (truth(part, policy.facts, values) === wanted) return [];
    const [kind, first] = part;
    if (kind === "always") return ["holds in every case"];
    if (kind === "not") return missing(first, policy, values, !wanted);
    if (kind === "and" || kind === "or") {
        const lines = first.flatMap((one) => missing(one, policy, values, wanted));
        return (kind === "and") === wanted ? lines : [lines.join(", or ")];
    }
    const fact = policy.facts.get(first);
    const value = values.get(first);
    const needs = `needs ${part.at(wanted ? -2 : -1)}`;
    if (value === null) return [`${needs}, is ${fact.absent}`];
    const far = distance(part, wanted, fact, value);
    return [`${needs}, is ${valueText(fact, value)}${far === null ? "" : `: ${far}`}`];
}

const NEGATED = { "<": ">=", "<=": ">", "=": "!=", "!=": "=", ">=": "<", ">": "<=" };

// By how much a value misses: `27 more days`.
function distance([kind, , second, third, fourth], wanted, fact, value) {
    if (!fact.ordered || fact.kind === "order" || fact.kind === "time") return null;
    let target = null;
    if (kind === "compare") {
        const operator = wanted ? second : NEGATED[second];
        if (operator === ">") target = third + 1n;
        else if (operator === "<") target = third - 1n;
        else if (operator !== "!=") target = third;
    } else if (kind === "between" && fourth !== wanted) {
        target = value < second ? second : third;
    }
    if (target === null || target < fact.low || target > fact.high) return null;
    const steps = target > value ? target - value : value - target;
    if (fact.kind === "date") return `${steps} ${steps === 1n ? "day" : "days"} ${target > value ? "later" : "earlier"}`;
    const amount = valueText(fact, steps);
    if (fact.kind !== "days") return `${amount} ${target > value ? "more" : "less"}`;
    return `${amount} ${target > value ? "more" : "fewer"} ${amount === "1" ? "day" : "days"}`;
}

// A value as an author writes it.
function valueText(fact, value) {
    if (fact.kind === "yes/no") return value ? "yes" : "no";
    if (fact.kind === "text") return JSON.stringify(value);
    if (fact.kind === "choice") return value;
    if (fact.kind === "order") return fact.names[Number(value)];
    if (fact.kind === "date") return dayText(value);
    if (fact.kind === "time") return gridText(fact, value).replace(/^(..:..):00$/, "$1");
    const number = decimalText(value * fact.numerator, fact.denominator);
    if (fact.kind === "percent") return `${number}%`;
    if (fact.kind !== "money") return number;
    const padded = /\.\d$/.test(number) ? `${number}0` : number;
    return fact.currency === null ? padded : `${fact.currency} ${padded}`;
}

// For each fact the nearest value that alone gives another verdict; for one without an order each other verdict.
function changes(side, action, verdict, values, day) {
    const { policy } = side;
    const numbers = policy.actions.get(action).order;
    const found = [];
    for (const [name, control] of Object.entries(data.controls)) {
        const fact = policy.facts.get(name);
        if (!policy.needed.includes(name) || control.tells.length * numbers.length > MOST_TRUTHS) continue;
        const now = values.get(name);
        const others = control.tells.map((text) => tried(fact, text)).filter((value) => value !== undefined && value !== now);
        if (fact.ordered && now !== null) others.sort((one, other) => Number(gap(one, now) - gap(other, now)));
        if (fact.absent === "none" && now !== null) others.push(null);
        const seen = new Set([verdict]);
        for (const value of others) {
            const after = decideOn(policy, action, new Map([...values, [name, value]]), day).verdict;
            if (seen.has(after)) continue;
            seen.add(after);
            found.push(`${name} ${value === null ? "none" : valueText(fact, value)} → ${after}`);
            if (fact.ordered) break;
        }
    }
    return found;
}

function tried(fact, text) {
    try {
        return readValue(fact, asGiven(fact, text));
    } catch {
        return undefined; // a value of the other policy's fact
    }
}

function gap(one, other) {
    return one > other ? one - other : other - one;
}

// The case along the clock

const LEFT = 185;
const WIDTH = 820;
const ROW = 26;

function place(x) {
    const [first, last] = [data.edges[0], data.edges.at(-1)];
    return LEFT + ((x - first) * (WIDTH - LEFT - 8)) / (last - first);
}

function draw(answers, { given }) {
    const target = byId("picture");
    const cells = data.clock === null ? [null] : data.cells;
    const asked = sides.reduce((sum, side) => sum + spoken.reduce((n, a) => n + (side.policy.actions.get(a)?.order.length ?? 0), 0), 0);
    if (answers.some((answer) => answer.faults) || !spoken.length) return target.replaceChildren();
    if (asked * cells.length > MOST_TRUTHS) {
        const text = "There are too many rules and thresholds to draw this case along the clock; the verdicts below are whole.";
        return target.replaceChildren(element("p", { class: "faint" }, text));
    }
    const lines = spoken.flatMap((action) => answers.filter((answer) => answer.side.policy.actions.has(action)).map((answer) => ({ action, answer })));
    const height = 24 + ROW * lines.length + 4;
    const svg = drawn("svg", { viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "aria-label": "This case along the clock; the table below has today's verdicts in words" });
    let free = 0;
    cells.forEach((cell, at) => {
        if (cell === null) return;
        const x = place(data.edges[at]);
        svg.append(drawn("line", { class: "grid", x1: x, x2: x, y1: 20, y2: height }));
        if (x < free) return;
        svg.append(drawn("text", { class: "tick", x, y: 14, "text-anchor": at ? "middle" : "start" }, cell));
        free = x + 8 * cell.length + 6;
    });
    lines.forEach(({ action, answer }, at) => {
        const y = 24 + ROW * at;
        const room = answer.side.label ? 17 : 24;
        const short = action.length > room ? `${action.slice(0, room - 1)}…` : action;
        if (lines[at - 1]?.action !== action) {
            svg.append(drawn("text", { class: "action", x: 0, y: y + 15 }, short, drawn("title", {}, action)));
        }
        svg.append(drawn("text", { class: "label", x: LEFT - 6, y: y + 15, "text-anchor": "end" }, answer.side.label));
        for (const run of runsOf(action, answer, cells)) svg.append(barOf(run, y));
    });
    const now = nowAt(given);
    if (now !== null) svg.append(drawn("line", { class: "now", x1: now, x2: now, y1: 18, y2: height }));
    target.replaceChildren(svg);
}

// Neighbouring cells with one verdict by the same rules.
function runsOf(action, { side, values, day }, cells) {
    const runs = [];
    cells.forEach((cell, at) => {
        const fact = data.clock === null ? undefined : side.policy.facts.get(data.clock);
        const there = cell === null || fact === undefined ? values : new Map([...values, [data.clock, BigInt(cell)]]);
        const decision = decideOn(side.policy, action, there, day);
        const words = `${decision.verdict}: ${decision.rules.join(", ")}`;
        if (runs.at(-1)?.words === words) runs.at(-1).last = at;
        else runs.push({ words, verdict: decision.verdict, first: at, last: at });
    });
    return runs.filter((run) => run.verdict !== "unsaid");
}

function barOf({ words, verdict, first, last }, y) {
    const x = place(data.edges[first]);
    const width = Math.max(1, place(data.edges[last + 1]) - x);
    const group = drawn("g", {}, drawn("title", {}, words));
    group.append(drawn("rect", { class: `bar v-${verdict}`, x, y, width, height: 20 }));
    const text = [words, verdict].find((one) => one.length * 6.6 + 14 < width);
    if (text !== undefined) {
        group.append(drawn("rect", { class: "plate", x: x + 5, y: y + 3, width: text.length * 6.6 + 6, height: 14, rx: 2 }));
        group.append(drawn("text", { class: "inside", x: x + 8, y: y + 14 }, text));
    }
    return group;
}

function nowAt(given) {
    if (data.clock === null) return null;
    const fact = facts.get(data.clock);
    let value;
    try {
        value = readValue(fact, given[data.clock]);
    } catch {
        return null;
    }
    const at = data.cells.findLastIndex((cell) => BigInt(cell) <= value);
    const start = BigInt(data.cells[at]);
    const end = at + 1 < data.cells.length ? BigInt(data.cells[at + 1]) : start + (start > 20n ? start : 20n);
    const part = Math.min(0.97, (Number(value - start) + 0.5) / Math.max(1, Number(end - start)));
    const [from, to] = [place(data.edges[at]), place(data.edges[at + 1])];
    return from + (to - from) * part;
}

// The table of rules

const table = [...document.querySelectorAll("[data-rules] tbody tr")];
let texts = null;
let limit = ENOUGH;

function search() {
    const wanted = byId("search").value.trim().toLowerCase();
    if (wanted) texts ??= table.map((row) => row.textContent.toLowerCase());
    let found = 0;
    table.forEach((row, at) => {
        const fits = !wanted || texts[at].includes(wanted);
        found += fits;
        const hidden = !fits || found > limit;
        if (row.hidden !== hidden) row.hidden = hidden;
    });
    const shown = Math.min(found, limit);
    byId("found").textContent = shown < found ? `${shown} of ${found} rules are shown` : `${found} rules`;
    byId("more").hidden = shown === found;
}

function reach(hash) {
    const row = hash.length > 1 ? byId(decodeURIComponent(hash.slice(1))) : null;
    if (row === null || row.tagName !== "TR") return;
    row.hidden = false;
    document.querySelector("tr.reached")?.classList.remove("reached");
    row.classList.add("reached");
    row.querySelector("details").open = true;
    row.scrollIntoView({ block: "center" });
    row.focus({ preventScroll: true });
}

// Whatever is clicked and typed

for (const [name, control] of Object.entries(data.controls)) {
    show(name, control.value);
    byId(`slider-${name}`)?.addEventListener("input", (event) => {
        const fact = facts.get(name);
        byId(`fact-${name}`).value = decimalText(BigInt(event.target.value) * fact.numerator, fact.denominator);
        const absent = byId(`absent-${name}`);
        if (absent !== null) absent.checked = false;
        moveSlider(name);
    });
    byId(`fact-${name}`).addEventListener("input", () => {
        const absent = byId(`absent-${name}`);
        if (absent !== null) absent.checked = false;
        moveSlider(name);
    });
}
if (byId("on") !== null) byId("on").value = data.on;
byId("facts").addEventListener("submit", (event) => event.preventDefault());
byId("facts").addEventListener("input", update);
byId("search").addEventListener("input", () => {
    limit = ENOUGH;
    search();
});
byId("more").addEventListener("click", () => {
    limit += ENOUGH;
    search();
});
document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-case]");
    if (button !== null) loadCase(Number(button.dataset.case));
    const link = event.target.closest('a[href*="rule-"]');
    if (link !== null) {
        event.preventDefault();
        reach(link.getAttribute("href"));
    }
});
let opened = [];
addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll(table.length > ENOUGH ? "details.spans" : "details:not([open])")];
    opened.forEach((one) => (one.open = true));
});
addEventListener("afterprint", () => opened.forEach((one) => (one.open = false)));
if (data.changed && data.cases.length) setCase(0);
makeRows();
update();
search();
reach(location.hash);
byId("unscripted").remove();
