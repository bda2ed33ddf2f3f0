/* Invitations: somebody without a key is asked to make one. The page completes the payload that was prepared, adds
the new key to the body and to the signers, and changes nothing else. */

import { b64uDecode, hex, sha256Hex } from "./bytes.js";
import { draftDocument, readDraft } from "./draft.js";
import { canonical, hasMembers, isObject } from "./json.js";
import { Refusal } from "./refusal.js";
import { timestamp } from "./times.js";

/** What the hub says is asked, held to the form that this page can complete. */
export function readInvitation(asked) {
  const right =
    isObject(asked) && typeof asked.kind === "string" && typeof asked.issuer === "string" && isObject(asked.body) &&
    !("keys" in asked.body) && Array.isArray(asked.signers) && asked.signers.every((one) => hasMembers(one, "kid", "role"));
  if (!right) throw new Refusal("bad_invitation");
  const { kind, issuer, body, signers, network, annex = null } = asked;
  if (typeof network !== "string") throw new Refusal("bad_invitation");
  return { kind, issuer, body, signers, network, annexOctets: annex === null ? null : b64uDecode(annex) };
}

/** The completed draft, unsigned; `now` in milliseconds. It is read back by the rules that hold for every draft. */
export async function complete(invitation, key, now) {
  const { kind, issuer, network, body, signers, annexOctets } = invitation;
  const payload = {
    kind, version: 1, network, issuer, previous: null,
    id: `urn:odr:${issuer}:${uuid7(now)}`,
    issued_at: timestamp(now),
    signers: [{ kid: key.kid, role: "introduced" }, ...signers],
    body: { ...body, keys: [{ jwk: key.jwk, purpose: "statement" }] },
  };
  if (annexOctets !== null) payload.annex = { sha256: await sha256Hex(annexOctets), size: annexOctets.length };
  return readDraft(draftDocument(canonical(payload), [], annexOctets));
}

function uuid7(now) {
  const random = crypto.getRandomValues(new Uint8Array(10));
  random[0] = 0x70 | (random[0] & 0x0f);
  random[2] = 0x80 | (random[2] & 0x3f);
  const digits = now.toString(16).padStart(12, "0") + hex(random);
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
