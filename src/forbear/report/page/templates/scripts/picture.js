// The case along the clock: what would be decided on every day, all else equal. Exact, for each interval between two
// thresholds is decided once.

const ROW = 26;
const LETTERS = 15; // from one line of a label to the next
let pictureWidth = 820; // as wide as there is room, so that its letters stay as large as others
let pictureLeft = 185;

function place(x) {
    const [first, last] = [data.edges[0], data.edges.at(-1)];
    return pictureLeft + ((x - first) * (pictureWidth - pictureLeft - 8)) / (last - first);
}

function draw(answers, { given }) {
    const target = byId("picture");
    pictureWidth = Math.max(300, Math.min(900, target.clientWidth || 820));
    pictureLeft = pictureWidth >= 500 ? 185 : data.changed ? 55 : 2;
    const cells = data.clock === null ? [null] : data.cells;
    const asked = sides.reduce((sum, side) => sum + spoken.reduce((n, a) => n + (side.policy.actions.get(a)?.order.length ?? 0), 0), 0);
    if (answers.some((answer) => answer.faults) || !spoken.length) return target.replaceChildren();
    if (asked * cells.length > MOST_TRUTHS) {
        const text = "There are too many rules and thresholds to draw this case along the clock; the verdicts below are whole.";
        return target.replaceChildren(element("p", { class: "faint" }, text));
    }
    const lines = linesOf(data.changed ? data.drawn : spoken, answers, cells);
    let height = 24;
    for (const line of lines) {
        line.top = height;
        line.y = height + (line.above ? LETTERS * line.label.length + 4 : 0);
        height = Math.max(line.y + ROW, line.top + LETTERS * line.label.length + 6);
    }
    height += 4;
    const svg = drawn("svg", { viewBox: `0 0 ${pictureWidth} ${height}`, role: "img", "aria-label": "This case along the clock; the table below has today's verdicts in words" });
    let free = 0;
    cells.forEach((cell, at) => {
        if (cell === null) return;
        const x = place(data.edges[at]);
        svg.append(drawn("line", { class: "grid", x1: x, x2: x, y1: 20, y2: height }));
        const before = at ? 4 * cell.length : 0;
        if (x - before < free) return;
        svg.append(drawn("text", { class: "tick", x, y: 14, "text-anchor": at ? "middle" : "start" }, cell));
        free = x - before + 8 * cell.length + 6;
    });
    for (const { actions, runs, y } of lines) {
        svg.append(drawn("g", { "data-actions": actions.join(" ") }, ...runs.map((run) => barOf(run, y))));
    }
    const now = nowAt(given);
    if (now !== null) svg.append(drawn("line", { class: "now", x1: now, x2: now, y1: 18, y2: height }));
    for (const { side, runs, label, top, y } of lines) {
        label.forEach((text, at) => svg.append(drawn("text", { class: "action", x: 0, y: top + 15 + LETTERS * at }, text)));
        svg.append(drawn("text", { class: "label", x: pictureLeft - 6, y: y + 15, "text-anchor": "end" }, side));
        svg.append(...runs.flatMap((run) => textOn(run, y)));
    }
    target.replaceChildren(svg);
}

// A line for each side of an action, or of several that are decided alike on every day; its label has the first.
function linesOf(actions, answers, cells) {
    const alike = new Map();
    for (const action of actions) {
        const sides = answers
            .filter((answer) => answer.side.policy.actions.has(action))
            .map((answer) => ({ side: answer.side.label, runs: runsOf(action, answer, cells) }))
            .filter(({ runs }) => runs.length);
        const key = JSON.stringify(sides);
        if (alike.has(key)) alike.get(key).actions.push(action);
        else if (sides.length) alike.set(key, { actions: [action], sides });
    }
    return [...alike.values()].flatMap(({ actions, sides }) => sides.map((side, at) => ({ ...side, actions, ...(at ? { label: [] } : labelOf(actions, side.side)) })));
}

// Actions in words: beside the bars, or above them where there is no room for two lines.
function labelOf(actions, side) {
    const words = actions.map((action, at) => (at ? actionInWords(action) : data.labels[action])).join(", ").split(" ").filter(Boolean);
    const beside = wrapped(words, pictureLeft - (side ? 55 : 10));
    return beside.length <= 2 ? { label: beside } : { label: wrapped(words, pictureWidth), above: true };
}

// Words in lines of a width; one that is wider is broken.
function wrapped(words, width) {
    const room = Math.max(1, Math.floor(width / 7.6));
    const lines = [""];
    for (const word of words.flatMap((one) => one.match(new RegExp(`.{1,${room}}`, "gu")))) {
        if (lines.at(-1) && lines.at(-1).length + 1 + word.length > room) lines.push("");
        lines.push(`${lines.pop()} ${word}`.trim());
    }
    return lines;
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
        else runs.push({ words, verdict: decision.verdict, numbers: numbersOf(decision, side), first: at, last: at });
    });
    return runs.filter((run) => run.verdict !== "unsaid");
}

function numbersOf(decision, side) {
    return decision.rules.map((name) => side.data.rules[side.policy.rules.findIndex((rule) => rule.name === name)].number);
}

function span({ first, last }) {
    const x = place(data.edges[first]);
    return { x, width: Math.max(1, place(data.edges[last + 1]) - x) };
}

function barOf(run, y) {
    return drawn("g", {}, drawn("title", {}, run.words), drawn("rect", { class: `bar v-${run.verdict}`, ...span(run), y, height: 20 }));
}

// What a bar says, above the mark of the case; nothing where there is no room.
function textOn(run, y) {
    const { x, width } = span(run);
    const numbers = run.numbers.length ? `${run.verdict} · ${run.numbers.join(", ")}` : run.verdict;
    const text = [numbers, run.verdict].find((one) => one.length * 6.6 + 14 < width);
    if (text === undefined) return [];
    return [
        drawn("rect", { class: "plate", x: x + 5, y: y + 3, width: text.length * 6.6 + 6, height: 14, rx: 2 }),
        drawn("text", { class: "inside", x: x + 8, y: y + 14 }, text),
    ];
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
