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
function changed() {
    update();
    history.replaceState(null, "", address());
}

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
addEventListener("afterprint", () => opened.forEach((one) => (one.open = false)));
const sent = readAddress();
if (!sent && data.start !== null) setCase(data.start);
makeRows();
openRows();
update();
search();
if (!sent) reach(location.hash);
followOutline();
byId("unscripted").remove();
