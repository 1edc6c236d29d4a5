// The case along the clock: what would be decided on every day, all else equal. Exact, for each interval between two
// thresholds is decided once.

const ROW = 26;
let pictureWidth = 820; // as wide as there is room, so that its letters stay as large as others
let pictureLeft = 185;

function place(x) {
    const [first, last] = [data.edges[0], data.edges.at(-1)];
    return pictureLeft + ((x - first) * (pictureWidth - pictureLeft - 8)) / (last - first);
}

function draw(answers, { given }) {
    const target = byId("picture");
    pictureWidth = Math.max(300, Math.min(900, target.clientWidth || 820));
    pictureLeft = pictureWidth < 500 ? 120 : 185;
    const cells = data.clock === null ? [null] : data.cells;
    const asked = sides.reduce((sum, side) => sum + spoken.reduce((n, a) => n + (side.policy.actions.get(a)?.order.length ?? 0), 0), 0);
    if (answers.some((answer) => answer.faults) || !spoken.length) return target.replaceChildren();
    if (asked * cells.length > MOST_TRUTHS) {
        const text = "There are too many rules and thresholds to draw this case along the clock; the verdicts below are whole.";
        return target.replaceChildren(element("p", { class: "faint" }, text));
    }
    const drawnHere = data.changed ? data.drawn : spoken;
    const lines = drawnHere.flatMap((action) => answers.filter((answer) => answer.side.policy.actions.has(action)).map((answer) => ({ action, answer, runs: runsOf(action, answer, cells) }))).filter(({ runs }) => runs.length);
    const height = 24 + ROW * lines.length + 4;
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
    lines.forEach(({ action, answer, runs }, at) => {
        const y = 24 + ROW * at;
        const room = Math.floor((pictureLeft - (answer.side.label ? 55 : 8)) / 7.2);
        const label = data.labels[action];
        const short = label.length > room ? `${label.slice(0, room - 1).trimEnd()}…` : label;
        if (lines[at - 1]?.action !== action) {
            svg.append(drawn("text", { class: "action", x: 0, y: y + 15 }, short, drawn("title", {}, label)));
        }
        svg.append(drawn("text", { class: "label", x: pictureLeft - 6, y: y + 15, "text-anchor": "end" }, answer.side.label));
        for (const run of runs) svg.append(barOf(run, y));
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
        else runs.push({ words, verdict: decision.verdict, numbers: numbersOf(decision, side), first: at, last: at });
    });
    return runs.filter((run) => run.verdict !== "unsaid");
}

function numbersOf(decision, side) {
    return decision.rules.map((name) => side.policy.rules.findIndex((rule) => rule.name === name) + 1);
}

function barOf(run, y) {
    const { words, verdict, first, last } = run;
    const x = place(data.edges[first]);
    const width = Math.max(1, place(data.edges[last + 1]) - x);
    const group = drawn("g", {}, drawn("title", {}, words));
    group.append(drawn("rect", { class: `bar v-${verdict}`, x, y, width, height: 20 }));
    const numbers = run.numbers.length ? `${verdict} · ${run.numbers.join(", ")}` : verdict;
    const text = [numbers, verdict].find((one) => one.length * 6.6 + 14 < width);
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
