// Why an action has its verdict, why not another, and what alone would change it: in the words of `forbear explain`.

function whyNot({ side, values, day }, action, verdict) {
    const { policy } = side;
    const truths = truthsOn(policy, action, values);
    const active = activeRules(policy, action, truths, day);
    const { setsOf, overriding } = policy.actions.get(action);
    const box = element("div", { class: "why-not" });
    if (side.label) box.append(element("h3", {}, side.label));
    const numbers = [...active.keys()].sort((one, other) => one - other);
    for (const number of numbers.slice(0, ENOUGH)) {
        const rule = policy.rules[number];
        const overriders = new Set((setsOf.get(number) ?? []).flatMap((set) => overriding.get(set)));
        const over = [...overriders].filter((other) => active.get(other) !== false);
        const state = stateOf(rule, day, truths[number], active.get(number));
        const by = state === "set aside" ? ` by ${over.map((other) => policy.rules[other].name).join(", ")}` : "";
        const effect = rule.effects[action];
        box.append(element("h3", {}, `${effect} by ${rule.name}: ${state}${by}`, " ", element("span", { class: "dim" }, ...markedUp(side.data.rules[number].title))), clauses(rule, policy, values));
    }
    if (numbers.length > ENOUGH) box.append(element("p", {}, `and ${counted(numbers.length - ENOUGH, "more rule")}`));
    const found = changes(side, action, verdict, values, day);
    if (found.length) {
        const lines = found.map((change) => element("li", {}, change));
        box.append(element("h3", {}, "What alone would change it"), element("ul", {}, ...lines));
    }
    return box;
}

function stateOf(rule, day, holds, active) {
    if (!inForce(rule, day)) return "not in force";
    if (holds === false) return "does not hold";
    if (active === false) return "set aside";
    return active ? "active" : "open, for something is unknown";
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
    if (fact.private) return [`${needs}, is ${PRIVATE}`];
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
    if (fact.unit === "" || fact.sign !== "") return `${amount} ${target > value ? "more" : "less"}`;
    return `${amount} ${target > value ? "more" : "fewer"} ${amount === "1" ? fact.unit.replace(/s$/, "") : fact.unit}`;
}

// A value as an author writes it.
function valueText(fact, value) {
    if (fact.kind === "yes/no") return value ? "yes" : "no";
    if (fact.quoted) return JSON.stringify(value);
    if (fact.kind === "choice") return value;
    if (fact.kind === "order") return fact.names[Number(value)];
    if (fact.kind === "date") return dayText(value);
    if (fact.kind === "time") return gridText(fact, value).replace(/^(..:..):00$/, "$1");
    const number = decimalText(value * fact.numerator, fact.denominator) + fact.sign;
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
        if (!policy.needed.includes(name) || control.boundaries.length * numbers.length > MOST_TRUTHS) continue;
        const now = values.get(name);
        const others = control.boundaries.map((text) => tried(fact, text)).filter((value) => value !== undefined && value !== now);
        if (fact.ordered && now !== null) others.sort((one, other) => Number(gap(one, now) - gap(other, now)));
        if (fact.absent === "none" && now !== null) others.push(null);
        const seen = new Set([verdict]);
        for (const value of others) {
            const after = decideOn(policy, action, new Map([...values, [name, value]]), day).verdict;
            if (seen.has(after)) continue;
            seen.add(after);
            found.push(`${name} ${value === null ? "none" : valueText(fact, value)} → ${verdictWord(after)}`);
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
