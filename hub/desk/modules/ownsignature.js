/* The reader's own signature under a draft. Which key is the reader's is the hub's word, unless this browser keeps the
key; so "you have signed" is said of a signature alone that a key of this browser has made. */

import { isSignedBy, jwksOf } from "./draft.js";
import { publicOctets, thumbprint } from "./keys.js";
import { Refusal } from "./refusal.js";

/** "verified" under the key of `file`, "named" where it is the hub's word, null where `kid` has not signed. Refused is a
signature that the key of `file`, or the key that the draft introduces as `kid`, has not made. */
export async function ownSignature(draft, kid, file) {
  if (!draft.signed.has(kid)) return null;
  const x = file?.x ?? (await introduced(draft.payload.body, kid));
  if (x !== null && !(await isSignedBy(draft, kid, x))) throw new Refusal("false_signature");
  return file ? "verified" : "named";
}

/** The octets of the signing key called `kid` that stands in a body, or null. */
async function introduced(body, kid) {
  for (const jwk of jwksOf(body)) {
    if (jwk.crv === "Ed25519" && (await thumbprint(jwk)) === kid) return publicOctets(jwk);
  }
  return null;
}
