/* Signatures of the profile (PROTOCOL §3) over a payload in base64url: each type of document has its `typ`. */

import { b64uEncode, utf8 } from "./bytes.js";
import { canonical } from "./json.js";

/** One JWS signature object; `header` is `{iat, kid, role, typ}`, `signer(message)` returns the 64 octets. */
export async function signedBy(header, encoded, signer) {
  const protectedHeader = b64uEncode(canonical({ alg: "Ed25519", ...header }));
  return { protected: protectedHeader, signature: b64uEncode(await signer(message(protectedHeader, encoded))) };
}

/** The octets that a signature is over. */
export function message(protectedHeader, encoded) {
  return utf8(`${protectedHeader}.${encoded}`);
}
