/* Public keys as JWK (RFC 8037), and their names: the RFC 7638 thumbprint. */

import { b64uDecode, b64uEncode, sha256 } from "./bytes.js";
import { canonical, hasMembers } from "./json.js";
import { Refusal } from "./refusal.js";

export function jwkOf(x) {
  return { crv: "Ed25519", kty: "OKP", x: b64uEncode(x) };
}

export async function thumbprint(jwk) {
  return b64uEncode(await sha256(canonical(jwk)));
}

/** The 32 octets of an Ed25519 JWK of exactly crv, kty and x. */
export function publicOctets(jwk) {
  if (!hasMembers(jwk, "crv", "kty", "x") || jwk.kty !== "OKP") throw new Refusal("bad_key_file");
  if (jwk.crv !== "Ed25519") throw new Refusal("key_signs_nothing");
  return b64uDecode(jwk.x, 32);
}

export function isJwk(value) {
  return hasMembers(value, "crv", "kty", "x") && Object.values(value).every((one) => typeof one === "string");
}
