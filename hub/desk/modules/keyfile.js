/* Recovery files: passphrase-protected key files of PROTOCOL §9, the same octets as `signing/keyfile.py` writes.

Nothing in a file decides how much work opening it takes; the public half is bound into the seal. */

import { b64uDecode, b64uEncode, concat, utf8 } from "./bytes.js";
import { sign } from "./ed25519.js";
import { canonical, hasMembers, parseStrict } from "./json.js";
import { jwkOf, publicOctets, thumbprint } from "./keys.js";
import { Refusal } from "./refusal.js";

const ITERATIONS = 600000;
const MAX_BYTES = 4096;

/** `{octets, opener}` of a new file for the secret `pkcs8` (wiped here) with public octets `x`; `opener` is the key that
locks it, which the browser uses and no script can read. */
export async function seal({ pkcs8, x }, passphrase) {
  if (passphrase === "") throw new Refusal("empty_passphrase");
  const [salt, nonce] = [crypto.getRandomValues(new Uint8Array(16)), crypto.getRandomValues(new Uint8Array(12))];
  const kid = await thumbprint(jwkOf(x));
  const key = await stretch(passphrase, salt);
  const ciphertext = new Uint8Array(await crypto.subtle.encrypt(aes(nonce, kid), key, pkcs8));
  pkcs8.fill(0);
  const members = {
    v: 1, kid, jwk: jwkOf(x), iterations: ITERATIONS,
    salt: b64uEncode(salt), nonce: b64uEncode(nonce), ciphertext: b64uEncode(ciphertext),
  };
  return { octets: concat(canonical(members), utf8("\n")), opener: key };
}

/** A parsed, still locked file; checks members, version, lengths and that kid is the key's thumbprint. Whatever is wrong
with it, it is the file that is damaged, and no draft; only a whole file of a key that can't sign is told apart. */
export async function parseKeyFile(octets) {
  try {
    return await read(parseStrict(octets, MAX_BYTES), octets);
  } catch (error) {
    const known = error instanceof Refusal && error.code !== "key_signs_nothing";
    throw known ? new Refusal("bad_key_file") : error;
  }
}

async function read(file, octets) {
  if (!hasMembers(file, "v", "kid", "jwk", "iterations", "salt", "nonce", "ciphertext")) throw new Refusal("bad_key_file");
  if (file.v !== 1 || file.iterations !== ITERATIONS) throw new Refusal("bad_key_file");
  const x = publicOctets(file.jwk);
  if (file.kid !== (await thumbprint(file.jwk))) throw new Refusal("bad_key_file");
  return {
    kid: file.kid, jwk: file.jwk, x, octets,
    salt: b64uDecode(file.salt, 16), nonce: b64uDecode(file.nonce, 12), ciphertext: b64uDecode(file.ciphertext, 64),
  };
}

/** Run `use(pkcs8)` with the unlocked secret, which is wiped afterwards whatever happens. */
export async function unlocked(file, passphrase, use) {
  return openedBy(file, await stretch(passphrase, file.salt), use);
}

/** The same with the key that a passphrase was made into, or that has locked the file. */
export async function openedBy(file, opener, use) {
  let pkcs8;
  try {
    pkcs8 = new Uint8Array(await crypto.subtle.decrypt(aes(file.nonce, file.kid), opener, file.ciphertext));
  } catch {
    throw new Refusal("wrong_passphrase");
  }
  try {
    return await use(pkcs8);
  } finally {
    pkcs8.fill(0);
  }
}

/** Raise unless the passphrase opens the file and the secret belongs to its public key. */
export async function prove(file, passphrase) {
  await unlocked(file, passphrase, (pkcs8) => sign(pkcs8, file.x, utf8("odr-key/1 opened")));
}

function aes(nonce, kid) {
  return { name: "AES-GCM", iv: nonce, additionalData: utf8(`odr-key/1${kid}`) };
}

async function stretch(passphrase, salt) {
  const raw = utf8(passphrase);
  const material = await crypto.subtle.importKey("raw", raw, "PBKDF2", false, ["deriveKey"]);
  raw.fill(0);
  const how = { name: "PBKDF2", hash: "SHA-256", iterations: ITERATIONS, salt };
  return crypto.subtle.deriveKey(how, material, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}
