// Decides a case by a policy that is given as data: no text of a rule file is ever run.
//
// It is the counterpart of Forbear's kernel/cases.py and semantics/meaning.py, and tests compare them case by case. Every ordered
// value is a BigInt on its fact's grid (sums in hundredths, days as ordinals, times in seconds, ordered names by place),
// because a grid may have more values than a binary float can distinguish. A flag is a boolean, a name or a text a string,
// and unknown and none are null. Truth is Kleene's: true, false, or null for unknown.
//
// A number of a case is best given as a text of digits. One that is given as a number counts as the digits that JavaScript
// shows for it. Facts that are derived from events must be given; of a number of events or days, what is known of it will do.

const MAXIMUM_DIGITS = 15;
// Values of a fact that a message shows; of a longer list it shows the first `FIRST_NAMES`, and what may be meant.
const MOST_NAMES = 12;
const FIRST_NAMES = 8;

// The text of each code of a fault: `module.py` writes here those of kernel/cases.py.
const TEXTS = {};

// A case that cannot be decided. `faults` has [fact or null, message, code, arguments] for each error.
export class CaseError extends Error {
    constructor(faults) {
        super(faults.map(([, message]) => message).join("; "));
        this.name = "CaseError";
        this.faults = faults;
    }
}

const PRIVATE = "(private)";
const HIDDEN = { private: null };

function fault(fact, code, args) {
    return [fact, filled(TEXTS[code], args), code, args];
}

// A text with its arguments in words. A part in brackets is there where its arguments are.
function filled(text, args) {
    const words = new Map(Object.entries(args).map(([name, value]) => [name, inWords(name, value)]));
    words.set("subject", Object.hasOwn(args, "name") ? `\`${args.name}\`` : "the day");
    const fill = (part) => part.replace(/\{(\w+)\}/g, (_, name) => words.get(name));
    const has = (part) => [...part.matchAll(/\{(\w+)\}/g)].every(([, name]) => words.has(name));
    const parts = text.split(/[[\]]/); // every second one was in brackets
    return parts.map((part, number) => (number % 2 === 0 || has(part) ? fill(part) : "")).join("");
}

function inWords(name, value) {
    if (name === "given") return valueWords(value);
    if (Array.isArray(value)) return value.join(", ");
    return value !== null && typeof value === "object" ? inPartWords(value) : String(value);
}

function valueWords(value) {
    if (value === null || typeof value !== "object") return whole(value);
    if (Object.hasOwn(value, "private")) return PRIVATE;
    return value.text ?? { object: "an object", list: "a list" }[value.type];
}

// A number that is known in part: it is from `low` to `high`, or, with `none`, none.
export class InPart {
    constructor(low, high, none) {
        Object.assign(this, { low, high, none });
    }
}

// What is wrong with a value, as a code with arguments: those of the case, which tell of the value, and the others.
class Wrong extends Error {
    constructor(code, ofCase = {}, declared = {}) {
        super(code);
        Object.assign(this, { code, ofCase, declared });
    }

    // The same without the value.
    hidden() {
        return new Wrong(this.code, Object.keys(this.ofCase).length ? { given: HIDDEN } : {}, this.declared);
    }

    // The fault of a case, about the value of a fact or, without a name, about the day.
    fault(fact, subject = {}) {
        return fault(fact, this.code, { ...subject, ...this.ofCase, ...this.declared });
    }
}

// Loading

// The policy of some data, ready to decide.
export function load(data) {
    const facts = new Map(data.facts.map((fact) => [fact.name, loadFact(fact)]));
    const rules = data.rules.map((rule) => ({
        ...rule,
        since: ordinal(rule.since),
        until: ordinal(rule.until),
        condition: loadCondition(rule.condition, facts),
    }));
    // What goes along with an action, each with the name of the pair of both, which rules speak of as of an action.
    const along = new Map(Object.entries(data.along ?? {}));
    const pairs = new Set([...along.values()].flat().map(([, pair]) => pair));
    const none = () => ({ never: [], forbid: [], require: [], allow: [], along: [], exempt: [] });
    const actions = new Map([...data.actions, ...pairs].map((action) => [action, none()]));
    rules.forEach((rule, number) => {
        for (const [action, effect] of Object.entries(rule.effects)) actions.get(action)[effect].push(number);
    });
    for (const [action, onAction] of actions) Object.assign(onAction, overridesOf(action, onAction, rules, data.sets));
    return { ...data, since: ordinal(data.since), until: ordinal(data.until), facts, rules, actions, along, pairs };
}

function ordinal(text) {
    return text === null ? null : BigInt(text);
}

function loadFact(fact) {
    const ordered = !["yes/no", "choice", "text", "weekly hours"].includes(fact.kind);
    const [numerator, denominator] = fact.step.map(BigInt);
    const cuts = fact.cuts === null ? null : fact.cuts.map(BigInt);
    return { ...fact, ordered, numerator, denominator, low: BigInt(fact.low), high: BigInt(fact.high), cuts };
}

function loadCondition(condition, facts) {
    const [kind, ...rest] = condition;
    if (kind === "always") return condition;
    if (kind === "not") return [kind, loadCondition(rest[0], facts)];
    if (kind === "and" || kind === "or") return [kind, rest[0].map((part) => loadCondition(part, facts))];
    if (kind === "related") {
        const [one, times, operator, other, factor, limit, ...words] = rest;
        return ["sum", [[one, BigInt(times)], [other, -BigInt(factor)]], operator, BigInt(limit), ...words];
    }
    if (kind === "sum") {
        const [terms, operator, limit, ...words] = rest;
        return [kind, terms.map(([name, factor]) => [name, BigInt(factor)]), operator, BigInt(limit), ...words];
    }
    const [name, ...others] = rest;
    const value = (one) => (facts.get(name).ordered ? BigInt(one) : one);
    if (kind === "compare") others[1] = value(others[1]);
    if (kind === "between") [others[0], others[1]] = [BigInt(others[0]), BigInt(others[1])];
    if (kind === "one of") others[0] = others[0].map(value);
    return [kind, name, ...others];
}

// The rules on an action, those that override before those that they override; for each rule the sets of rules in which
// it is overridden, and for each set the rules that override it.
function overridesOf(action, onAction, rules, sets) {
    const { never, forbid, require, allow, along, exempt } = onAction;
    const numbers = [...never, ...forbid, ...require, ...allow, ...along, ...exempt];
    numbers.sort((one, other) => one - other);
    const overriding = new Map();
    for (const number of numbers) {
        const set = Object.hasOwn(rules[number].overrides, action) ? rules[number].overrides[action] : null;
        if (set !== null) entry(overriding, set).push(number);
    }
    const setsOf = new Map();
    for (const set of overriding.keys()) {
        for (const number of sets[set]) entry(setsOf, number).push(set);
    }
    const order = [];
    const done = new Set();
    const resolved = new Set();
    const waiting = [...numbers].reverse();
    while (waiting.length) {
        const number = waiting.at(-1);
        const open = (setsOf.get(number) ?? []).filter((set) => !resolved.has(set));
        const first = open.flatMap((set) => overriding.get(set).filter((other) => !done.has(other)));
        if (first.length) {
            waiting.push(...first);
            continue;
        }
        open.forEach((set) => resolved.add(set));
        waiting.pop();
        if (!done.has(number)) order.push(number);
        done.add(number);
    }
    return { order, setsOf, overriding };
}

function entry(lists, key) {
    if (!lists.has(key)) lists.set(key, []);
    return lists.get(key);
}

// Deciding

// The verdict on each action, with the deciding rules, their reasons and sources. Throws `CaseError`.
export function decideBy(policy, given, on = null) {
    const day = decisionDay(policy, on);
    const values = readCase(policy, given);
    const truths = truthsOf(policy, values);
    const decisions = {};
    for (const action of policy.actions.keys()) {
        if (!policy.pairs.has(action)) decisions[action] = decideAction(policy, action, truths, values, day);
    }
    return decisions;
}

// Whether the condition of each rule holds of a case.
export function truthsOf(policy, values) {
    return policy.rules.map((rule) => truth(rule.condition, policy.facts, values));
}

// Whether a condition holds of a case.
export function truth(condition, facts, values) {
    const [kind, first, second, third, fourth] = condition;
    switch (kind) {
        case "always":
            return true;
        case "not": {
            const inner = truth(first, facts, values);
            return inner === null ? null : !inner;
        }
        case "and":
        case "or": {
            const deciding = kind === "or";
            let unknown = false;
            for (const part of first) {
                const holds = truth(part, facts, values);
                if (holds === deciding) return deciding;
                unknown ||= holds === null;
            }
            return unknown ? null : !deciding;
        }
    }
    if (kind === "sum") return sum(condition, facts, values);
    const value = values.get(first);
    if (kind === "is known") return (value !== null && !(value instanceof InPart)) !== second;
    if (!(value instanceof InPart)) return truthOf(condition, facts, value);
    const limits = kind === "one of" ? second : kind === "between" ? [second, third] : kind === "compare" ? [third] : [];
    const near = limits.flatMap((limit) => [limit - 1n, limit, limit + 1n]);
    const each = [value.low, ...near, value.high].filter((one) => value.low <= one && one <= value.high);
    const truths = new Set([...each, ...(value.none ? [null] : [])].map((one) => truthOf(condition, facts, one)));
    return truths.size === 1 ? [...truths][0] : null;
}

// Whether a comparison of facts holds: whether the sum of their values, each times its factor, compares with the limit as
// `operator` says.
function sum([kind, terms, operator, limit], facts, values) {
    const each = terms.map(([name]) => values.get(name));
    if (terms.some(([name], at) => each[at] === null && facts.get(name).absent === "unknown")) return null;
    if (each.includes(null)) return operator === "!=";
    const inPart = each.filter((value) => value instanceof InPart);
    if (inPart.length && (operator === "=" || operator === "!=")) {
        const equal = ["and", ["<=", ">="].map((order) => [kind, terms, order, limit])];
        return truth(operator === "=" ? equal : ["not", equal], facts, values);
    }
    // It changes its truth once between the least and the greatest sum of what is known in part.
    const truths = new Set(inPart.some((value) => value.none) ? [false] : []);
    for (const end of ["low", "high"]) {
        const ends = terms.map(([, factor], at) => {
            if (!(each[at] instanceof InPart)) return factor * each[at];
            return factor * each[at][factor > 0n ? end : end === "low" ? "high" : "low"];
        });
        truths.add(inOrder(ends.reduce((total, one) => total + one, 0n), operator, limit));
    }
    return truths.size === 1 ? [...truths][0] : null;
}

// Whether a comparison holds of one value.
function truthOf([kind, first, second, third, fourth], facts, value) {
    if (kind === "is none") return (value === null) !== second;
    const negated = kind === "compare" ? second === "!=" : kind === "between" ? fourth : third;
    if (value === null) return facts.get(first).absent === "none" ? negated : null;
    if (kind === "one of") return second.includes(value) !== negated;
    if (kind === "between") {
        const within = second <= third ? second <= value && value <= third : value >= second || value <= third;
        return within !== negated;
    }
    return inOrder(value, second, third);
}

function inOrder(left, operator, right) {
    switch (operator) {
        case "<":
            return left < right;
        case "<=":
            return left <= right;
        case "=":
            return left === right;
        case "!=":
            return left !== right;
        case ">=":
            return left >= right;
        case ">":
            return left > right;
    }
    throw new Error(`no such operator: ${operator}`);
}

// Whether a rule is in force on a day, both ends of its period included; without a day, whether it has no last one.
export function inForce(rule, day) {
    if (day === null) return rule.until === null;
    return (rule.since === null || rule.since <= day) && (rule.until === null || day <= rule.until);
}

// Whether each rule on an action is active, by its number: it is in force, its condition holds, and no rule that overrides
// it is active.
export function activeRules(policy, action, truths, day) {
    const { order, setsOf, overriding } = policy.actions.get(action);
    const active = new Map();
    const ofSet = new Map();
    for (const number of order) {
        let holds = inForce(policy.rules[number], day) ? truths[number] : false;
        for (const set of setsOf.get(number) ?? []) {
            if (!ofSet.has(set)) ofSet.set(set, strongest(overriding.get(set), active));
            const other = ofSet.get(set);
            if (other === true) holds = false;
            else if (other === null && holds === true) holds = null;
        }
        active.set(number, holds);
    }
    return active;
}

function strongest(numbers, active) {
    let found = false;
    for (const number of numbers) {
        if (active.get(number) === true) return true;
        if (active.get(number) === null) found = null;
    }
    return found;
}

// The decision on one action, with what has to go along with it if it is permitted.
export function decideAction(policy, action, truths, values, day) {
    const record = verdictOn(policy, action, truths, values, day);
    if (!record.permitted || !policy.along.has(action)) return record;
    const found = new Map();
    const unknown = new Set(record.unknown ?? []);
    const waiting = [action];
    for (const one of waiting) {
        for (const [companion, pair] of policy.along.get(one) ?? []) {
            const asked = verdictOn(policy, pair, truths, values, day);
            if (!asked.rules.length) continue;
            for (const name of asked.unknown ?? []) unknown.add(name);
            if (!found.has(companion)) waiting.push(companion);
            for (const rule of asked.rules) {
                if (!entry(found, companion).includes(rule)) entry(found, companion).push(rule);
            }
        }
    }
    if (unknown.size) record.unknown = [...unknown].sort();
    if (found.size) record.along = Object.fromEntries([...found.keys()].sort().map((name) => [name, found.get(name)]));
    return record;
}

function verdictOn(policy, action, truths, values, day) {
    const onAction = policy.actions.get(action);
    const active = activeRules(policy, action, truths, day);
    const ways = [
        ["forbidden", onAction.never.filter((number) => active.get(number) !== false)],
        ["forbidden", onAction.forbid.filter((number) => active.get(number) !== false)],
        ["required", onAction.require.filter((number) => active.get(number) === true)],
        ["allowed", onAction.allow.filter((number) => active.get(number) === true)],
        ["required", onAction.along.filter((number) => active.get(number) !== false)],
    ];
    const [verdict, numbers] = ways.find(([, deciding]) => deciding.length) ?? ["unsaid", []];
    const deciding = numbers.map((number) => policy.rules[number]);
    const record = {
        verdict,
        permitted: verdict === "allowed" || verdict === "required",
        rules: deciding.map((rule) => rule.name),
        because: deciding.map((rule) => rule.because).filter((text) => text !== null),
        source: deciding.map((rule) => rule.source).filter((text) => text !== null),
    };
    const open = onAction.order.filter((number) => active.get(number) === null).map((number) => policy.rules[number]);
    const read = new Set([...deciding, ...open].flatMap((rule) => rule.facts));
    const unknown = [...read].filter((name) => isUnknown(policy.facts.get(name), values.get(name))).sort();
    if (unknown.length) record.unknown = unknown;
    return record;
}

function isUnknown(fact, value) {
    return value instanceof InPart ? fact.absent !== "needed" : value === null && fact.absent === "unknown";
}

// Reading a case

// The facts of a case on their grids, by name. Throws `CaseError` with every error.
export function readCase(policy, given) {
    if (given === null || typeof given !== "object" || Array.isArray(given)) {
        const hides = [...policy.facts.values()].some((fact) => fact.private);
        throw new CaseError([fault(null, "no-object", { given: hides ? HIDDEN : asArgument(given) })]);
    }
    const faults = [];
    const values = new Map();
    for (const name of policy.needed) {
        values.set(name, null);
        const absent = policy.facts.get(name).absent;
        if (!Object.hasOwn(given, name) && absent !== "unknown") {
            faults.push(fault(name, "missing", absent === "none" ? { name, word: "none" } : { name }));
        }
    }
    for (const [name, raw] of Object.entries(given)) {
        const fact = policy.facts.get(name);
        if (fact === undefined) {
            faults.push(fault(name, "unknown-fact", { unknown: name }));
            continue;
        }
        const inPart = fact.cuts !== null && raw !== null && typeof raw === "object" && !Array.isArray(raw);
        try {
            values.set(name, inPart ? readInPart(fact, raw) : readValue(fact, raw));
        } catch (error) {
            if (!(error instanceof Wrong)) throw error;
            faults.push((inPart && fact.private ? error.hidden() : error).fault(name, { name }));
        }
    }
    if (faults.length) throw new CaseError(faults);
    return values;
}

// What is known of a number, such as {at_least: 3, at_most: 5, or_none: true}, on its fact's grid.
function readInPart(fact, raw) {
    const words = Object.keys(raw);
    if (!words.length || words.some((word) => !["at_least", "at_most", "or_none"].includes(word))) {
        throw new Wrong("no-part");
    }
    const [low, high] = [endOf(fact, raw, "at_least", fact.low), endOf(fact, raw, "at_most", fact.high)];
    const none = Object.hasOwn(raw, "or_none") ? raw.or_none : false;
    if (typeof none !== "boolean") throw new Wrong("no-or-none", { given: asArgument(none) });
    if (none && fact.absent !== "none") throw new Wrong("never-none");
    if (low > high) {
        throw new Wrong("impossible", { at_least: numberArgument(fact, low), at_most: numberArgument(fact, high) });
    }
    if (low === high && !none) return low;
    if (fact.absent === "needed" && (fact.related || fact.cuts.some((cut) => low < cut && cut <= high))) {
        throw new Wrong("known-too-little", { known: inPartArgument(fact, low, high, none) });
    }
    return fact.absent === "unknown" && low === fact.low && high === fact.high ? null : new InPart(low, high, none);
}

// What is known of a number, without the ends of its range that go without saying.
function inPartArgument(fact, low, high, none) {
    const goesWithoutSaying = high === fact.high ? low !== 0n : low < 0n;
    return {
        ...(low === fact.low && goesWithoutSaying ? {} : { at_least: numberArgument(fact, low) }),
        ...(high === fact.high ? {} : { at_most: numberArgument(fact, high) }),
        ...(none ? { or_none: true } : {}),
    };
}

function inPartWords({ at_least: low, at_most: high, or_none: none }) {
    const from = low === undefined ? "anything" : `at least ${low}`;
    const to = low === undefined ? `at most ${high}` : `${low} to ${high}`;
    return (high === undefined ? from : to) + (none ? ", or none" : "");
}

// A value of an ordered type as an argument: a whole number, or the text of any other.
function numberArgument(fact, number) {
    const text = gridText(fact, number);
    return /^-?[0-9]+$/.test(text) ? Number(text) : text;
}

function endOf(fact, raw, word, end) {
    if (!Object.hasOwn(raw, word)) return end;
    const number = onOrder(fact, raw[word]);
    if (number < fact.low || fact.high < number) {
        throw new Wrong("end-out-of-range", { given: asArgument(raw[word]) }, { end: word });
    }
    return number;
}

// A value as given, on its fact's grid; null for unknown and for none.
export function readValue(fact, raw) {
    try {
        return readGiven(fact, raw);
    } catch (error) {
        if (error instanceof Wrong && fact.private) throw error.hidden();
        throw error;
    }
}

function readGiven(fact, raw) {
    if (raw === null || raw === undefined) {
        if (fact.absent === "unknown") return null;
        throw new Wrong("no-null");
    }
    if (fact.absent === "none" && raw === "none") return null;
    if (fact.kind === "yes/no") {
        if (typeof raw === "boolean") return raw;
        throw new Wrong("no-flag", { given: asArgument(raw) });
    }
    if (fact.kind === "text") {
        if (typeof raw !== "string") throw new Wrong("no-text", { given: asArgument(raw) });
        if (/\p{Surrogate}/u.test(raw)) throw new Wrong("half-character");
        return raw;
    }
    if (fact.kind === "weekly hours") {
        for (const part of Array.isArray(raw) ? raw : [raw]) readHours(part);
        return raw;
    }
    if (fact.kind === "choice" || fact.kind === "order") {
        const place = fact.names.indexOf(raw);
        if (place < 0) throw noneOf(fact, raw);
        return fact.kind === "choice" ? raw : BigInt(place);
    }
    const number = onOrder(fact, raw);
    if (number < fact.low || fact.high < number) {
        const range = { low: numberArgument(fact, fact.low), high: numberArgument(fact, fact.high) };
        throw new Wrong("out-of-range", { given: asArgument(raw) }, range);
    }
    return number;
}

const DAY_OF_WEEK = "(?:mon|tue|wed|thu|fri|sat|sun)";
const HOUR = "(?:[01][0-9]|2[0-3]):[0-5][0-9]";
const HOURS = new RegExp(`^ *${DAY_OF_WEEK}(?:-${DAY_OF_WEEK})? +(${HOUR})-(${HOUR}|24:00) *$`);

// Checks weekly hours such as "mon-fri 09:00-17:00, sat 00:00-24:00": nothing follows from them here.
function readHours(raw) {
    for (const part of typeof raw !== "string" ? [raw] : raw === "" ? [] : raw.split(",")) {
        const read = typeof part === "string" ? HOURS.exec(part) : null;
        if (read === null || read[1] === read[2]) throw new Wrong("no-hours", { given: asArgument(part) });
    }
}

// A date, a time of day or a number on its fact's grid, in or out of its range.
function onOrder(fact, raw) {
    return ({ date: readDay, time: readTime }[fact.kind] ?? ((given) => onGrid(fact, given)))(raw);
}

// The error of a value that is none of the names of its fact.
function noneOf(fact, raw) {
    const names = fact.names;
    const given = asArgument(raw);
    if (names.length <= MOST_NAMES) return new Wrong("not-one-of", { given }, { names });
    const near = typeof raw === "string" && !fact.private ? nearest(raw, names) : undefined;
    const ofCase = near === undefined ? { given } : { given, nearest: near };
    const more = names.length - FIRST_NAMES;
    return new Wrong("not-one-of", ofCase, { names: names.slice(0, FIRST_NAMES), more });
}

// The first of some names that is a text but for capital letters of ASCII; else the first that differs from it in one
// letter, which is missing, added, replaced, or swapped with the next, where the text has at least four.
function nearest(text, names) {
    const wanted = Array.from(lower(text));
    const close = names.filter((name) => Math.abs(Array.from(name).length - wanted.length) <= 1);
    const same = close.find((name) => lower(name) === lower(text));
    if (same !== undefined || wanted.length < 4) return same;
    return close.find((name) => isOneLetterApart(Array.from(lower(name)), wanted));
}

function lower(text) {
    return /[^\x00-\x7f]/.test(text) ? text : text.toLowerCase();
}

function isOneLetterApart(one, other) {
    const shorter = Math.min(one.length, other.length);
    let start = 0;
    while (start < shorter && one[start] === other[start]) start += 1;
    let end = 0;
    while (end < shorter - start && one[one.length - 1 - end] === other[other.length - 1 - end]) end += 1;
    const [left, right] = [one.slice(start, one.length - end), other.slice(start, other.length - end)];
    if (Math.max(left.length, right.length) <= 1) return true;
    return left.length === 2 && right.length === 2 && left[0] === right[1] && left[1] === right[0];
}

function readDay(raw) {
    const match = typeof raw === "string" ? /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/.exec(raw) : null;
    if (match === null) throw new Wrong("no-date", { given: asArgument(raw) });
    const [year, month, day] = match.slice(1).map(Number);
    const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
    const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > days[month - 1]) {
        throw new Wrong("no-such-day", { given: asArgument(raw) });
    }
    const before = year - 1;
    const years = before * 365 + Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400);
    return BigInt(years + days.slice(0, month - 1).reduce((sum, one) => sum + one, 0) + day);
}

// The day of an ordinal, as it is written.
export function dayText(ordinal) {
    // Date counts from 1970-01-01, which is day 719163; it has no trouble with a number of days.
    return new Date((Number(ordinal) - 719163) * 86400000).toISOString().slice(0, 10);
}

function readTime(raw) {
    const time = /^([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9])(\.[0-9]+)?)?$/;
    const match = typeof raw === "string" ? time.exec(raw) : null;
    if (match === null) throw new Wrong("no-time", { given: asArgument(raw) });
    if (match[4] !== undefined) throw new Wrong("no-whole-seconds", { given: asArgument(raw) });
    return BigInt(Number(match[1]) * 3600 + Number(match[2]) * 60 + Number(match[3] ?? 0));
}

function onGrid(fact, raw) {
    let text = raw;
    if (fact.kind === "money") {
        const match = typeof raw === "string" ? /^([A-Z]{3}) (.*)$/.exec(raw) : null;
        if (match !== null) {
            const [, other, rest] = match;
            if (fact.currency === null) throw new Wrong("no-currency", { other });
            if (other !== fact.currency) throw new Wrong("other-currency", { other }, { currency: fact.currency });
            text = rest;
        }
    }
    const number = readNumber(text);
    const given = asArgument(text);
    if (number === null) {
        if (fact.kind === "money") throw new Wrong("no-sum", { given }, { currency: fact.currency ?? "CNY" });
        throw new Wrong(fact.denominator === 1n ? "no-whole-number" : "no-number", { given });
    }
    const [digits, scale] = number;
    if ((digits < 0n ? -digits : digits) >= 10n ** BigInt(MAXIMUM_DIGITS) * scale) {
        throw new Wrong("too-many-digits", {}, { most: MAXIMUM_DIGITS });
    }
    const [over, under] = [digits * fact.denominator, scale * fact.numerator];
    if (over % under !== 0n) {
        if (fact.numerator === 1n && fact.denominator === 1n) throw new Wrong("no-whole-number", { given });
        throw new Wrong("off-grid", { given }, { step: numberArgument(fact, 1n) });
    }
    return over / under;
}

// A number as a fraction of whole numbers, or null where it is none.
function readNumber(raw) {
    let text = raw;
    if (typeof raw === "number") {
        if (!Number.isFinite(raw)) return null;
        text = String(raw);
    } else if (typeof raw !== "string" || !/^-?[0-9]{1,40}(\.[0-9]{1,40})?$/.test(raw)) {
        return null;
    }
    const [, sign, whole, decimals = "", exponent = "0"] = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(text);
    const power = Number(exponent) - decimals.length;
    const digits = BigInt(whole + decimals) * (sign ? -1n : 1n);
    return power < 0 ? [digits, 10n ** BigInt(-power)] : [digits * 10n ** BigInt(power), 1n];
}

// A value of a case as an argument: itself, or, where it is no short scalar, an object with what a message shows of it.
function asArgument(raw) {
    if (raw === null || raw === undefined) return null;
    if (Array.isArray(raw)) return { type: "list" };
    if (typeof raw === "object") return { type: "object" };
    const characters = Array.from(whole(raw));
    if (characters.length > 60) return { text: `${characters.slice(0, 57).join("")}...` };
    return ["boolean", "string"].includes(typeof raw) || Number.isFinite(raw) ? raw : { text: whole(raw) };
}

function whole(raw) {
    if (typeof raw !== "string") return String(raw);
    return `"${raw.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
}

// A fraction whose decimals end, written out.
export function decimalText(numerator, denominator) {
    let decimals = 0;
    let power = 1n;
    while ((numerator * power) % denominator !== 0n && decimals < 40) {
        decimals += 1;
        power *= 10n;
    }
    const number = (numerator * power) / denominator;
    const digits = String(number < 0n ? -number : number).padStart(decimals + 1, "0");
    const at = digits.length - decimals;
    return (number < 0n ? "-" : "") + (decimals ? `${digits.slice(0, at)}.${digits.slice(at)}` : digits);
}

// A value of an ordered type in words, without a unit.
export function gridText(fact, number) {
    if (fact.kind === "date") return dayText(number);
    if (fact.kind === "time") {
        const seconds = Number(number);
        const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
        return parts.map((part) => String(part).padStart(2, "0")).join(":");
    }
    return decimalText(number * fact.numerator, fact.denominator);
}

// The day of a decision as an ordinal, null where no date matters and none is given. Throws `CaseError`.
export function decisionDay(policy, on) {
    if (on === null || on === undefined) {
        if (policy.dated) {
            throw new CaseError([fault(null, "no-day", { policy: policy.policy })]);
        }
        return null;
    }
    let day;
    try {
        day = readDay(on);
    } catch (error) {
        if (!(error instanceof Wrong)) throw error;
        throw new CaseError([error.fault(null)]);
    }
    if ((policy.since !== null && day < policy.since) || (policy.until !== null && policy.until < day)) {
        const bounds = { since: policy.since, until: policy.until, day };
        const days = Object.entries(bounds).filter(([, bound]) => bound !== null);
        const args = Object.fromEntries(days.map(([word, bound]) => [word, dayText(bound)]));
        throw new CaseError([fault(null, "not-in-force", { policy: policy.policy, ...args })]);
    }
    return day;
}
