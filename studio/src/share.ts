// A policy in the address: compressed, in the fragment, which no browser sends to a server.

import type { Opened } from "./files";

const MOST = 60_000;
const MOST_TEXT = 4_000_000;

async function through(bytes: Uint8Array<ArrayBuffer>, stream: CompressionStream | DecompressionStream, most = Infinity): Promise<Uint8Array<ArrayBuffer>> {
    const parts: BlobPart[] = [];
    let size = 0;
    const reader = new Blob([bytes]).stream().pipeThrough(stream as TransformStream<any, Uint8Array<ArrayBuffer>>).getReader();
    for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
        size += value!.length;
        if (size > most) throw new Error("too large");
        parts.push(value!);
    }
    return new Uint8Array(await new Blob(parts).arrayBuffer());
}

async function packed(text: string): Promise<string> {
    const bytes = await through(new TextEncoder().encode(text), new CompressionStream("deflate-raw"));
    const letters = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
    return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

async function unpacked(said: string): Promise<string> {
    const letters = atob(said.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = await through(Uint8Array.from(letters, (letter) => letter.charCodeAt(0)), new DecompressionStream("deflate-raw"), MOST_TEXT);
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
}

/** The address of a policy with the files that lie beside it, and a case; null where it would be too long to send. */
export async function address(name: string, text: string, others: Record<string, string>, asked: string): Promise<string | null> {
    const said = new URLSearchParams({ name, policy: await packed(text) });
    if (Object.keys(others).length) said.set("others", await packed(JSON.stringify(others)));
    if (asked) said.set("case", asked);
    const found = `${location.origin}${location.pathname}#${said}`;
    return found.length > MOST ? null : found;
}

/** The policy in this address; null where there is none. */
export async function sent(): Promise<(Opened & { case: string }) | null> {
    const said = new URLSearchParams(location.hash.slice(1));
    const policy = said.get("policy");
    if (policy === null) return null;
    try {
        const name = (said.get("name") ?? "shared.forbear").replace(/[^\w.-]+/g, "_");
        const beside: unknown = JSON.parse(said.has("others") ? await unpacked(said.get("others")!) : "{}");
        const others = Object.fromEntries(Object.entries(beside as object).map(([path, its]) => [path, String(its)]));
        return { name, text: await unpacked(policy), others, case: said.get("case") ?? "" };
    } catch {
        throw new Error("The policy in this address cannot be read: the address was cut, or changed.");
    }
}
