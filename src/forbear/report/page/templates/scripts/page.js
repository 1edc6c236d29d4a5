// Whatever is clicked and typed.

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
byId("facts").addEventListener("input", changed);
byId("reset").addEventListener("click", () => {
    for (const [name, control] of Object.entries(data.controls)) show(name, control.value);
    if (byId("on") !== null) byId("on").value = data.on;
    changed();
});

// The case is another one: it is decided, and named in the address.
let last = null; // the control that was changed last: a slider that is drawn is one step
const steps = []; // the addresses of the cases before
function changed(event) {
    const control = event?.target.closest("[data-fact]") ?? null;
    if (control === null || control !== last) steps.push(shown);
    last = control;
    update();
    shown = address();
    byId("undo").disabled = false;
    history.replaceState(null, "", shown);
}
byId("undo").addEventListener("click", () => {
    shown = steps.pop();
    last = null;
    byId("undo").disabled = !steps.length;
    history.replaceState(null, "", shown);
    readAddress();
    update();
});
byId("copy").addEventListener("click", async () => {
    history.replaceState(null, "", address());
    await navigator.clipboard?.writeText(location.href);
    byId("copied").textContent = navigator.clipboard ? "copied" : "copy the address of this page";
});
byId("print").addEventListener("click", () => {
    byId("given").replaceChildren(...givenInWords());
    document.body.classList.add("of-case");
    print();
});
byId("search-facts").addEventListener("input", () => {
    const wanted = byId("search-facts").value.trim().toLowerCase();
    for (const group of document.querySelectorAll("#facts details.group:has([data-fact])")) {
        const found = [...group.querySelectorAll("[data-fact]")].filter((fact) => {
            fact.hidden = !fact.textContent.toLowerCase().includes(wanted);
            return !fact.hidden;
        });
        group.hidden = !found.length;
        if (wanted && found.length) group.open = true;
    }
});

addEventListener("hashchange", () => {
    if (readAddress()) update();
    else reach(location.hash);
});
let width = innerWidth;
addEventListener("resize", () => {
    if (width !== innerWidth) update();
    width = innerWidth;
});
for (const action of spoken) byId("of-action").append(element("option", { value: action }, data.labels[action]));
byId("of-action").addEventListener("input", () => {
    limit = ENOUGH;
    search();
});
document.querySelectorAll("[data-list]").forEach(searched);
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
    opened = [...document.querySelectorAll("details.code:not([open])")];
    opened.forEach((one) => (one.open = true));
});
addEventListener("afterprint", () => {
    opened.forEach((one) => (one.open = false));
    document.body.classList.remove("of-case");
});
const sent = readAddress();
if (!sent && data.start !== null) setCase(data.start);
let shown = address();
makeRows();
openRows();
update();
search();
if (!sent) reach(location.hash);
followOutline();
byId("unscripted").remove();
