/* What this browser keeps: sealed keys (as in their recovery files), the network of each, and the language.

Never a passphrase, an open key, a link or a draft. Where the browser keeps nothing, the recovery file is enough. */

import { utf8 } from "./bytes.js";
import { parseKeyFile } from "./keyfile.js";

const KEY = "odr-desk/key/";
const LANGUAGE = "odr-desk/language";

export function storedLanguage() {
  return read(LANGUAGE);
}

export function storeLanguage(tag) {
  write(LANGUAGE, tag);
}

/** Keep a sealed key, and the network it was used on; where that is null, the one that is kept with it already stays. Only
removing the key forgets its network. Returns whether it was kept. */
export async function storeKey(file, network) {
  const known = network ?? (await storedKey(file.kid))?.network ?? null;
  return write(KEY + file.kid, JSON.stringify({ sealed: new TextDecoder().decode(file.octets), network: known }));
}

export function forgetKey(kid) {
  try {
    localStorage.removeItem(KEY + kid);
  } catch {
    return false;
  }
  return true;
}

/** Every key kept here that can still be read: `[{file, network}]`. */
export async function storedKeys() {
  const found = [];
  for (const name of names().filter((one) => one.startsWith(KEY)).sort()) {
    try {
      const { sealed, network } = JSON.parse(read(name));
      found.push({ file: await parseKeyFile(utf8(sealed)), network: typeof network === "string" ? network : null });
    } catch {
      forgetKey(name.slice(KEY.length)); // damaged: the recovery file brings it back
    }
  }
  return found;
}

/** The key called `kid` as it is kept here, or null. */
export async function storedKey(kid) {
  return (await storedKeys()).find((one) => one.file.kid === kid) ?? null;
}

function names() {
  try {
    return Object.keys(localStorage);
  } catch {
    return [];
  }
}

function read(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

function write(name, text) {
  try {
    localStorage.setItem(name, text);
    return true;
  } catch {
    return false;
  }
}
