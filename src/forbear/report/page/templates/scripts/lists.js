// The table of rules, and the lists of findings and examples: what is searched and shown of them.

const table = [...document.querySelectorAll("[data-rules] tbody tr")];
const heads = [...document.querySelectorAll("[data-rules]")];
let texts = null;
let limit = ENOUGH;

function search() {
    const wanted = byId("search").value.trim().toLowerCase();
    const action = byId("of-action").value;
    if (wanted) texts ??= table.map((row) => row.textContent.toLowerCase());
    let found = 0;
    table.forEach((row, at) => {
        const fits = (!wanted || texts[at].includes(wanted)) && (!action || speaksOf(row.id, action));
        found += fits;
        const hidden = !fits || found > limit;
        if (row.hidden !== hidden) row.hidden = hidden;
    });
    for (const head of heads) {
        const none = ![...head.tBodies[0].rows].some((row) => !row.hidden);
        head.hidden = none;
        head.previousElementSibling.hidden = none;
    }
    const shown = Math.min(found, limit);
    byId("found").textContent = shown < found ? `${shown} of ${found} rules are shown` : counted(found, "rule");
    byId("more").hidden = shown === found;
    if (wanted || action) document.querySelectorAll("details.side").forEach((side) => (side.open = true));
}

function speaksOf(id, action) {
    const side = sides.find((one) => id.startsWith(`${one.prefix}rule-`));
    const name = id.slice(side.prefix.length + "rule-".length);
    return Object.hasOwn(side.policy.rules.find((rule) => rule.name === name).effects, action);
}

function reach(hash) {
    const row = byId(hash.slice(1));
    if (row === null || row.tagName !== "TR") return;
    if (row.hidden && (byId("search").value || byId("of-action").value)) {
        byId("search").value = byId("of-action").value = ""; // it is not among what was searched
        search();
    }
    const head = row.closest("table");
    for (const one of [row, head, head.previousElementSibling]) one.hidden = false;
    const side = row.closest("details.side");
    if (side !== null) side.open = true;
    document.querySelector("tr.reached")?.classList.remove("reached");
    row.classList.add("reached");
    row.querySelector("details").open = true;
    row.scrollIntoView({ block: "center" });
    row.focus({ preventScroll: true });
}

// A list whose entries are searched by their text; groups without an entry are hidden, and those with one opened.
function searched(list) {
    const field = byId(list.dataset.list);
    if (field === null) return;
    const entries = [...list.querySelectorAll("li:not(.facts li), article")];
    const groups = [...list.querySelectorAll("details.code")];
    const wasOpen = groups.map((group) => group.open);
    let all = null;
    const choose = list.parentElement.querySelector("#severity");
    const apply = () => {
        const wanted = field.value.trim().toLowerCase();
        if (wanted) all ??= entries.map((entry) => entry.textContent.toLowerCase());
        let found = 0;
        entries.forEach((entry, at) => {
            const severity = entry.closest("details.code")?.dataset.severity;
            entry.hidden = (wanted && !all[at].includes(wanted)) || Boolean(choose?.value && severity !== choose.value);
            found += !entry.hidden;
        });
        groups.forEach((group, at) => {
            group.hidden = ![...group.querySelectorAll("article")].some((entry) => !entry.hidden);
            group.open = wanted ? !group.hidden : wasOpen[at];
        });
        field.parentElement.querySelector("[data-found]").textContent = wanted || choose?.value ? `${found} of ${entries.length}` : "";
    };
    field.addEventListener("input", apply);
    choose?.addEventListener("input", apply);
}

// The part of the page that is read now is marked in the outline.
function followOutline() {
    const links = new Map([...document.querySelectorAll(".outline a")].map((link) => [link.hash.slice(1), link]));
    const follow = () => {
        let now = null;
        for (const id of links.keys()) if (byId(id).getBoundingClientRect().top < innerHeight / 3) now = id;
        for (const [id, link] of links) {
            if (id === now) link.setAttribute("aria-current", "true");
            else link.removeAttribute("aria-current");
        }
    };
    addEventListener("scroll", follow, { passive: true });
    follow();
}
