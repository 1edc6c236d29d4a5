// After the first load everything comes from here, so that the studio works without a network.

declare const FILES: string[];
declare const VERSION: string;
const worker = self as any;
const cache = `studio-${VERSION}`;

worker.addEventListener("install", (event: any) => event.waitUntil(caches.open(cache).then((one) => one.addAll(FILES))));
worker.addEventListener("activate", (event: any) =>
    event.waitUntil(
        (async () => {
            for (const name of await caches.keys()) if (name.startsWith("studio-") && name !== cache) await caches.delete(name);
            await worker.clients.claim();
        })(),
    ),
);
worker.addEventListener("fetch", (event: any) => {
    if (event.request.method !== "GET" || new URL(event.request.url).origin !== worker.location.origin) return;
    event.respondWith(caches.open(cache).then((one) => one.match(event.request, { ignoreSearch: true })).then((found) => found ?? fetch(event.request)));
});
export {};
