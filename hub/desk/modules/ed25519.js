/* Ed25519 by the browser's WebCrypto; where it has none, by @noble/ed25519 with the browser's SHA-512.

A secret is handled as its 48-octet PKCS#8 form (RFC 8410 §7), which the caller wipes. */

import { concat, fromHex } from "./bytes.js";
import * as noble from "../vendor/noble-ed25519-3.2.0.js";
import { Refusal } from "./refusal.js";

const NAME = { name: "Ed25519" };
const PREFIX = fromHex("302e020100300506032b657004220420");

/** Whether this browser's WebCrypto has Ed25519; a key is made and thrown away to find out. */
export async function isNative() {
  try {
    await crypto.subtle.generateKey(NAME, true, ["sign", "verify"]);
    return true;
  } catch {
    return false;
  }
}

/** A new key: `{pkcs8, x}`, the secret and the 32 public octets. */
export async function generate() {
  if (!(await isNative())) {
    const seed = noble.utils.randomSecretKey();
    const made = { pkcs8: concat(PREFIX, seed), x: await noble.getPublicKeyAsync(seed) };
    seed.fill(0);
    return made;
  }
  const pair = await crypto.subtle.generateKey(NAME, true, ["sign", "verify"]);
  const pkcs8 = new Uint8Array(await crypto.subtle.exportKey("pkcs8", pair.privateKey));
  checkForm(pkcs8);
  return { pkcs8, x: new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey)) };
}

/** The 64-octet signature over `message`; refused when the secret does not belong to the public key `x`. */
export async function sign(pkcs8, x, message) {
  checkForm(pkcs8);
  const signature = (await isNative()) ? await nativeSignature(pkcs8, message) : await bundledSignature(pkcs8, message);
  if (!(await verify(x, message, signature))) throw new Refusal("key_mismatch");
  return signature;
}

export async function verify(x, message, signature) {
  if (!(await isNative())) return noble.verifyAsync(signature, message, x);
  try {
    const key = await crypto.subtle.importKey("raw", x, NAME, false, ["verify"]);
    return await crypto.subtle.verify(NAME, key, signature, message);
  } catch {
    return false;
  }
}

function checkForm(pkcs8) {
  if (pkcs8.length !== 48 || PREFIX.some((octet, at) => octet !== pkcs8[at])) throw new Refusal("bad_pkcs8");
}

async function nativeSignature(pkcs8, message) {
  const key = await crypto.subtle.importKey("pkcs8", pkcs8, NAME, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign(NAME, key, message));
}

async function bundledSignature(pkcs8, message) {
  const seed = pkcs8.slice(16);
  try {
    return await noble.signAsync(message, seed);
  } finally {
    seed.fill(0);
  }
}
