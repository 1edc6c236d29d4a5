// What the page knows of the language: the words of its grammar and the names of the packs, as Forbear has them now.

const found = await fetch("language.json");
export const { keywords, packs }: { keywords: string[]; packs: string[] } = await found.json();
