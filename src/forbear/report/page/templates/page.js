// The page at work: the verdicts, the table of rules, and whatever is clicked and typed.

// The verdicts

const rows = new Map();

function makeRows() {
    for (const action of spoken) {
        const why = element("button", { type: "button", class: "why", "aria-expanded": "false" }, action);
        const cells = sides.map(() => [element("td"), element("td")]);
        const cell = element("td", { colspan: 1 + 2 * sides.length });
        const detail = element("tr", { hidden: "" }, cell);
        why.addEventListener("click", () => {
            detail.hidden = !detail.hidden;
            why.setAttribute("aria-expanded", String(!detail.hidden));
            update();
        });
        const row = element("tr", {}, element("th", { scope: "row" }, why), ...cells.flat());
        byId("verdicts").tBodies[0].append(row, detail);
        rows.set(action, { cells, detail, cell });
    }
    const silent = data.actions.filter((action) => !spoken.includes(action));
    if (silent.length) {
        const text = `No rule speaks of ${silent.join(", ")}: ${data.unsaid}.`;
        byId("verdicts").after(element("p", { class: "faint" }, text));
    }
}

function update() {
    const shown = shownCase();
    const answers = sides.map((side) => decided(side, shown));
    const faults = [...new Set(answers.flatMap((answer) => answer.faults ?? []))];
    byId("faults").replaceChildren(...faults.map((message) => element("p", {}, message)));
    for (const [action, row] of rows) {
        row.cell.replaceChildren();
        answers.forEach((answer, at) => {
            const decision = answer.faults || !answer.side.policy.actions.has(action) ? null : answer.of(action);
            const [verdict, rules] = row.cells[at];
            verdict.replaceChildren(decision === null ? "" : verdictMark(decision.verdict));
            rules.replaceChildren(...(decision === null ? [] : rulesOf(decision, answer.side)));
            if (!row.detail.hidden && decision !== null) row.cell.append(whyNot(answer, action, decision.verdict));
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
