// The case that the controls show, and what each policy of the page decides of it.
//
// The page's script is the kernel and then these files. All texts of a rule file reach the page as text nodes, never as
// markup. Characters that could hide or reorder text are escaped as in JSON.

const data = JSON.parse(document.getElementById("data").textContent);
const sides = data.sides.map((side) => ({ label: side.label, prefix: side.prefix, data: side, policy: load(side) }));
const facts = new Map(sides.flatMap((side) => [...side.policy.facts]));
const spoken = data.actions.filter((action) => sides.some((side) => side.policy.actions.get(action)?.order.length));
const byId = (id) => document.getElementById(id);
const ENOUGH = 200;
const MOST_TRUTHS = 400000; // conditions that are asked for one picture

// What shows nothing or reorders text, as characters.py has it; joiners and selectors within emoji and words may stay.
const UNSEEN = new RegExp(
    "(?<!\\p{Extended_Pictographic}|\\p{Emoji_Modifier}|\\p{Script=Arabic}|\\p{Mn})[\\u200C\\u200D\\uFE0E\\uFE0F]|" +
        "(?![\\u200C\\u200D\\uFE0E\\uFE0F\\u0600-\\u0605\\u06DD\\u070F\\u08E2])" +
        "[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Co}\\p{Zl}\\p{Zp}\\p{Default_Ignorable_Code_Point}\\u2800]",
    "gu",
);

function printable(text) {
    const units = (unseen) => Array.from({ length: unseen.length }, (_, at) => unseen.charCodeAt(at));
    return text.replace(UNSEEN, (unseen) =>
        units(unseen).map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join(""),
    );
}

function withParts(made, attributes, children) {
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children.map((child) => (typeof child === "string" ? printable(child) : child)));
    return made;
}

function element(name, attributes = {}, ...children) {
    return withParts(document.createElement(name), attributes, children);
}

function drawn(name, attributes = {}, ...children) {
    return withParts(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

// An author's text; what stands between backticks is code.
function markedUp(text) {
    return text.split("`").map((part, at, all) => (at % 2 === 0 ? part : at < all.length - 1 ? element("code", {}, part) : `\`${part}`));
}

// A name as rule files have it, which may be broken after each of its words.
function counted(number, what) {
    return `${number} ${what}${number === 1 ? "" : "s"}`;
}

function identifier(name) {
    return element("code", { class: "id" }, ...name.split("_").flatMap((part, at) => (at ? ["_", element("wbr"), part] : [part])));
}

// The controls

// What a control shows, as a case holds it; undefined for unknown.
function shownValue(name) {
    const fact = facts.get(name);
    const field = byId(`fact-${name}`);
    if (isAbsent(name)) return fact.absent === "none" ? "none" : undefined;
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
        return; // the error of the value is shown next to the verdicts
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
    setFacts(data.cases[number]);
}

// Puts a case into the controls. A fact that it leaves out is unknown if it may be, or else as usual; so is its day.
function setFacts({ on, ...given }) {
    for (const [name, control] of Object.entries(data.controls)) {
        let value = Object.hasOwn(given, name) ? given[name] : control.absent === "unknown" ? null : control.value;
        if (value === "none" && control.absent === "none") value = null;
        show(name, typeof value === "boolean" ? (value ? "yes" : "no") : value);
    }
    if (byId("on") !== null) byId("on").value = on ?? data.on;
}

function loadCase(number) {
    setCase(number);
    changed();
    byId("case").scrollIntoView();
    byId("case").focus({ preventScroll: true });
}

// The case in the address, so that it can be sent: what is not as usual. What is private is left out.

const CASE = "#case?";

function address() {
    const said = new URLSearchParams();
    const day = byId("on")?.value;
    if (day && day !== data.on) said.set("on", day);
    for (const [name, control] of Object.entries(data.controls)) {
        const absent = isAbsent(name);
        const value = byId(`fact-${name}`).value;
        if (facts.get(name).private || (absent ? control.value === null : value === control.value)) continue;
        if (absent) said.append(`${name}!`, control.absent);
        else said.append(name, value);
    }
    return `${CASE}${said}`;
}

// Whether the address had a case, which is then shown.
function readAddress() {
    if (!location.hash.startsWith(CASE)) return false;
    const said = new URLSearchParams(location.hash.slice(CASE.length));
    for (const [name, control] of Object.entries(data.controls)) {
        const absent = control.absent !== null && said.has(`${name}!`);
        show(name, absent ? null : said.get(name) ?? control.value);
    }
    if (byId("on") !== null) byId("on").value = said.get("on") ?? data.on;
    return true;
}

function isAbsent(name) {
    const absent = byId(`absent-${name}`);
    const field = byId(`fact-${name}`);
    return absent === null ? field.tagName === "SELECT" && field.value === "" : absent.checked;
}

// The facts of the case and their values, to be printed. What is private is left out.
function givenInWords() {
    const on = byId("on")?.value ? [["day of the decision", byId("on").value]] : [];
    const said = Object.entries(data.controls).map(([name, control]) => {
        const field = byId(`fact-${name}`);
        const unit = field.parentElement.querySelector(".unit")?.textContent ?? "";
        const known = field.selectedOptions?.[0].textContent ?? `${field.value} ${unit}`;
        return [name.replaceAll("_", " "), facts.get(name).private ? "private" : isAbsent(name) ? control.absent : known];
    });
    return [...on, ...said].map(([name, value]) => element("li", {}, element("span", { class: "name" }, name), " ", element("b", {}, value)));
}

// How many facts of each group are not as usual.
function countSet() {
    for (const group of document.querySelectorAll("#facts .group")) {
        const names = [...group.querySelectorAll("[data-fact]")].map((one) => one.dataset.fact);
        const set = names.filter((name) => {
            const { value } = data.controls[name];
            return isAbsent(name) ? value !== null : byId(`fact-${name}`).value !== value;
        });
        const mark = group.querySelector("[data-set]");
        if (mark !== null) mark.textContent = set.length ? `· not as usual: ${set.map((name) => name.replaceAll("_", " ")).join(", ")}` : "";
    }
}

// Deciding

// What a side says of the case: `faults`, or its values, its day and a decision an action.
function decided(side, { given, on }) {
    const { policy } = side;
    const own = Object.fromEntries(Object.entries(given).filter(([name]) => policy.needed.includes(name)));
    try {
        const day = decisionDay(policy, on);
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

// The rules on an action, and those that ask for something to go along with it.
function rulesAsked(policy, action) {
    const numbers = new Set(policy.actions.get(action).order);
    const waiting = [action];
    for (const one of waiting) {
        for (const [companion, pair] of policy.along.get(one) ?? []) {
            policy.actions.get(pair).order.forEach((number) => numbers.add(number));
            if (!waiting.includes(companion)) waiting.push(companion);
        }
    }
    return numbers;
}

function truthsOn(policy, action, values) {
    const truths = [];
    for (const number of rulesAsked(policy, action)) {
        truths[number] = truth(policy.rules[number].condition, policy.facts, values);
    }
    return truths;
}
