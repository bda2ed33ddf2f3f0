/* Octets and the texts that stand for them: hex, base64url (strict), SHA-256, UTF-8. */

import { Refusal } from "./refusal.js";

export function utf8(text) {
  return new TextEncoder().encode(text);
}

/** Text of UTF-8 octets; anything that is not UTF-8 is refused, a byte order mark is kept as a character. */
export function textOf(octets) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(octets);
  } catch {
    throw new Refusal("not_utf8");
  }
}

export function concat(...parts) {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

export function equal(a, b) {
  return a.length === b.length && a.every((octet, at) => octet === b[at]);
}

export function hex(octets) {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, "0")).join("");
}

export function fromHex(text) {
  return Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16));
}

export function b64uEncode(octets) {
  let binary = "";
  for (const octet of octets) binary += String.fromCharCode(octet);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Octets of base64url without padding and without stray bits; `length` in octets is checked when given. */
export function b64uDecode(text, length) {
  if (typeof text !== "string" || !/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) {
    throw new Refusal("bad_base64url");
  }
  const octets = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
  if (b64uEncode(octets) !== text) throw new Refusal("bad_base64url");
  if (length !== undefined && octets.length !== length) throw new Refusal("bad_base64url");
  return octets;
}

export async function sha256(octets) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", octets));
}

export async function sha256Hex(octets) {
  return hex(await sha256(octets));
}
