// A policy in the address: compressed, in the fragment, which no browser sends to a server.

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

/** The address of a policy, with a case; null where it would be too long to send. */
export async function address(name: string, text: string, asked: string): Promise<string | null> {
    const packed = await through(new TextEncoder().encode(text), new CompressionStream("deflate-raw"));
    const letters = Array.from(packed, (byte) => String.fromCharCode(byte)).join("");
    const said = new URLSearchParams({ name, policy: btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "") });
    if (asked) said.set("case", asked);
    const found = `${location.origin}${location.pathname}#${said}`;
    return found.length > MOST ? null : found;
}

/** The policy in this address; null where there is none. */
export async function sent(): Promise<{ name: string; text: string; case: string } | null> {
    const said = new URLSearchParams(location.hash.slice(1));
    const policy = said.get("policy");
    if (policy === null) return null;
    try {
        const letters = atob(policy.replaceAll("-", "+").replaceAll("_", "/"));
        const bytes = await through(Uint8Array.from(letters, (letter) => letter.charCodeAt(0)), new DecompressionStream("deflate-raw"), MOST_TEXT);
        const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
        return { name: (said.get("name") ?? "shared.forbear").replace(/[^\w.-]+/g, "_"), text, case: said.get("case") ?? "" };
    } catch {
        throw new Error("The policy in this address cannot be read: the address was cut, or changed.");
    }
}
