// Where texts come from and go to: `forbear studio`, which saves to its file; the file system, where the browser lets a
// page write there; else what was chosen, and downloads.

/** A text with what lies beside it; `files` are the rule files of its folder, if they are known. */
export interface Opened { name: string; text: string; others: Record<string, string>; files?: string[] }
/** The file was changed by somebody else since it was read. */
export class Conflict extends Error {}

export const ENDED = "`forbear studio` does not run any more. Copy the text, start it again, and open the address that it writes";
const MOST_CHARACTERS = 16 * 1024 * 1024;
const MOST_GIVEN = 40 * 1024 * 1024;
/** That of `forbear studio`, if this page is its. */
export const token = new URLSearchParams(location.hash.slice(1)).get("token") ?? sessionStorage.getItem("token");
let etag = "";
let asking = "api/policy";
let handle: any = null;
let lineEnd = "\n";

/** The file of `forbear studio`, or a rule file beside it, if this page is its. */
export async function served(file = ""): Promise<(Opened & { guide: boolean }) | null> {
    if (token === null) return null;
    sessionStorage.setItem("token", token);
    if (location.hash.includes("token=")) history.replaceState(null, "", location.pathname);
    const its = file ? `api/policy?file=${encodeURIComponent(file)}` : "api/policy";
    const found = await asked(its, { headers: { Authorization: `Bearer ${token}` } });
    if (!found.ok) throw new Error((await found.text()).slice(0, 500));
    const answer = await found.json();
    etag = found.headers.get("ETag") ?? "";
    asking = its;
    return { ...answer, text: own(answer.text) };
}

export const isServed = () => token !== null;

/** Where the browser can write to files, one that is chosen there; null where nothing was chosen. */
export async function choose(): Promise<Opened | null | "input"> {
    if (token !== null || !("showOpenFilePicker" in window)) return "input";
    try {
        const chosen = await (window as any).showOpenFilePicker({ multiple: true, types: [{ description: "Rule files", accept: { "text/plain": [".forbear", ".toml", ".csv"] } }] });
        handle = chosen.find((one: any) => one.name.endsWith(".forbear")) ?? chosen[0];
        const files: File[] = await Promise.all(chosen.map((one: any) => one.getFile()));
        return await taken(files, handle.name);
    } catch (error) {
        if ((error as Error).name === "AbortError") return null;
        throw error;
    }
}

/** Files that were chosen or dropped: the first rule file is edited, the others lie beside it. */
export async function taken(files: File[], first?: string): Promise<Opened> {
    if (first === undefined) handle = null;
    const name = first ?? files.find((one) => one.name.endsWith(".forbear"))?.name ?? files[0].name;
    const others: Record<string, string> = {};
    let text = "";
    for (const file of files) {
        if (file.size > MOST_CHARACTERS) throw new Error(`${file.name} is larger than 16 MB: that is no policy that a person writes`);
        const its = await decoded(file);
        if (file.name === name) text = own(its);
        else others[file.name] = its;
    }
    return { name, text, others };
}

/** A file as it is sent to the Python that serves the page. */
export function encoded(file: File): Promise<string> {
    if (file.size > MOST_GIVEN) throw new Error(`${file.name} is larger than 40 MB: use the command line for it`);
    return new Promise((resolve, reject) => {
        const reader = new FileReader();
        reader.onload = () => resolve((reader.result as string).split(",")[1] ?? "");
        reader.onerror = () => reject(new Error(`${file.name} cannot be read`));
        reader.readAsDataURL(file);
    });
}

async function asked(address: string, request: RequestInit): Promise<Response> {
    try {
        return await fetch(address, request);
    } catch {
        throw new Error(ENDED);
    }
}

async function decoded(file: File): Promise<string> {
    try {
        return new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
    } catch {
        throw new Error(`${file.name} is no text in UTF-8`);
    }
}

function own(text: string): string {
    lineEnd = text.includes("\r\n") ? "\r\n" : "\n";
    return text.replace(/\r\n?/g, "\n");
}

export function begun(): void {
    handle = null;
    lineEnd = "\n";
}

/** Saves a text, and says where it is now. */
export async function save(name: string, text: string): Promise<string> {
    const written = text.replaceAll("\n", lineEnd);
    if (token !== null) {
        const answer = await asked(asking, { method: "PUT", headers: { Authorization: `Bearer ${token}`, "If-Match": etag, "Content-Type": "text/plain;charset=utf-8" }, body: written });
        if (answer.status === 412) throw new Conflict("the file was changed on the disk since it was read here");
        if (!answer.ok) throw new Error((await answer.text()).slice(0, 500));
        etag = answer.headers.get("ETag") ?? "";
        return `Saved to ${name}.`;
    }
    if (handle === null && "showSaveFilePicker" in window) {
        try {
            handle = await (window as any).showSaveFilePicker({ suggestedName: name, types: [{ description: "Rule file", accept: { "text/plain": [".forbear"] } }] });
        } catch (error) {
            if ((error as Error).name === "AbortError") return "";
            handle = null;
        }
    }
    if (handle !== null) {
        const stream = await handle.createWritable();
        await stream.write(written);
        await stream.close();
        return `Saved to ${handle.name}.`;
    }
    const address = URL.createObjectURL(new Blob([written], { type: "text/plain;charset=utf-8" }));
    const link = document.createElement("a");
    link.href = address;
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
    return `Saved as a download, ${name}.`;
}
