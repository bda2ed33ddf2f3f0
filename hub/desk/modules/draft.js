/* Drafts: their form is held here, before anything of them is shown (as `signing/drafts.py` and the envelope of
`signing/statement.py` do). Schemas and the rules of the network are the hub's to hold. */

import { b64uDecode, b64uEncode, equal, sha256Hex } from "./bytes.js";
import { verify } from "./ed25519.js";
import { hasMembers, isObject, parseCanonical, parseStrict } from "./json.js";
import { message, signedBy } from "./jws.js";
import { isJwk, thumbprint } from "./keys.js";
import { Refusal } from "./refusal.js";

const TYPE = "odr-statement+jws";
const MAX_PAYLOAD = 262144;
const ENVELOPE = ["body", "id", "issued_at", "issuer", "kind", "network", "signers", "version"];
const OPTIONAL = ["annex", "previous", "salt"];
const ACTOR = /^[a-z][a-z0-9-]{1,38}[a-z0-9]$/;
const DIGEST = /^[0-9a-f]{64}$/;
const TIME = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$/;
const KID = /^[A-Za-z0-9_-]{43}$/;

/** A checked draft: payload, its octets and digest, annex, and who has signed (kid → header). */
export async function readDraft(document) {
  if (!hasMembers(document, "odr_draft", "payload", "signatures", "annex") || document.odr_draft !== 1) {
    throw new Refusal("bad_draft");
  }
  const read = await readStatement(document.payload, document.signatures);
  const annexOctets = document.annex === null ? null : b64uDecode(document.annex);
  return { ...read, annex: await readAnnex(read.payload, annexOctets), annexOctets };
}

/** What is the same in drafts and in registered statements; signatures are held to their form, not verified. */
export async function readStatement(encoded, signatures) {
  const octets = b64uDecode(encoded);
  const payload = parseCanonical(octets, MAX_PAYLOAD);
  checkEnvelope(payload);
  await checkIntroduced(payload);
  return { payload, octets, signed: readSignatures(signatures, payload), encoded, digest: await sha256Hex(octets), signatures };
}

/** Announced signers that have not signed yet. */
export function missing(draft) {
  return draft.payload.signers.filter((one) => !draft.signed.has(one.kid));
}

/** The draft as the hub and `odr-gateway` read it. */
export function draftDocument(octets, signatures, annexOctets) {
  const annex = annexOctets === null ? null : b64uEncode(annexOctets);
  return { odr_draft: 1, payload: b64uEncode(octets), signatures, annex };
}

/** One JWS signature object for `kid`; `signer(message)` returns the 64 octets. `iat` is in seconds. */
export async function signatureOf(draft, kid, iat, signer) {
  const announced = draft.payload.signers.find((one) => one.kid === kid);
  if (announced === undefined) throw new Refusal("not_a_signer", { kid });
  if (draft.signed.has(kid)) throw new Refusal("already_signed");
  return signedBy({ iat, kid, role: announced.role, typ: TYPE }, draft.encoded, signer);
}

/** Whether the signature of `kid`, which is there, was made by the key with the public octets `x`. */
export async function isSignedBy({ encoded, signatures, signed }, kid, x) {
  const { protected: header, signature } = signatures[[...signed.keys()].indexOf(kid)];
  return verify(x, message(header, encoded), b64uDecode(signature, 64));
}

/** Raise unless the text of `document`, when it has one, is still that of `draft`. */
export function checkSameText(draft, document) {
  if (document && !equal(b64uDecode(document.payload), draft.octets)) throw new Refusal("draft_changed");
}

function checkEnvelope(payload) {
  const names = Object.keys(payload);
  const right =
    ENVELOPE.every((name) => name in payload) && names.every((name) => [...ENVELOPE, ...OPTIONAL].includes(name)) &&
    typeof payload.kind === "string" && Number.isInteger(payload.version) && typeof payload.id === "string" &&
    typeof payload.issuer === "string" && ACTOR.test(payload.issuer) && isObject(payload.body) &&
    isTime(payload.issued_at) && isDigestOrNull(payload.network) && isDigestOrNull(payload.previous ?? null);
  if (!right) throw new Refusal("bad_envelope");
  if (payload.network === null && payload.kind !== "genesis") throw new Refusal("bad_envelope");
  if ("salt" in payload) b64uDecode(payload.salt, 32);
  checkSigners(payload.signers);
}

function isTime(text) {
  return typeof text === "string" && TIME.test(text) && !Number.isNaN(Date.parse(text));
}

function isDigestOrNull(value) {
  return value === null || (typeof value === "string" && DIGEST.test(value));
}

function checkSigners(signers) {
  if (!Array.isArray(signers) || signers.length < 1 || signers.length > 16) throw new Refusal("bad_signers");
  for (const one of signers) {
    if (!hasMembers(one, "kid", "role") || typeof one.role !== "string") throw new Refusal("bad_signers");
    if (typeof one.kid !== "string" || !KID.test(one.kid)) throw new Refusal("bad_signers");
    b64uDecode(one.kid, 32);
  }
  if (new Set(signers.map((one) => one.kid)).size !== signers.length) throw new Refusal("bad_signers");
}

/** Every key that signs as introduced must stand in the body, under its thumbprint. */
async function checkIntroduced(payload) {
  const kids = new Set(await Promise.all(jwksOf(payload.body).map(thumbprint)));
  for (const one of payload.signers) {
    if (one.role === "introduced" && !kids.has(one.kid)) throw new Refusal("kid_mismatch");
  }
}

/** Every public key that stands somewhere in a value. */
export function jwksOf(value) {
  if (isJwk(value)) return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(jwksOf) : [];
}

async function readAnnex(payload, octets) {
  const named = payload.annex ?? null;
  if (named === null && octets === null) return null;
  if (!hasMembers(named, "sha256", "size") || octets === null) throw new Refusal("annex_mismatch");
  if (named.size !== octets.length || named.sha256 !== (await sha256Hex(octets))) throw new Refusal("annex_mismatch");
  return parseCanonical(octets, MAX_PAYLOAD);
}

function readSignatures(signatures, payload) {
  if (!Array.isArray(signatures) || signatures.length > 16) throw new Refusal("bad_signature_form");
  const signed = new Map();
  for (const one of signatures) {
    const header = readHeader(one);
    const announced = payload.signers.find((signer) => signer.kid === header.kid);
    if (announced?.role !== header.role || signed.has(header.kid)) throw new Refusal("bad_signature_form");
    signed.set(header.kid, header);
  }
  return signed;
}

/** The header of a JWS signature object, held to its form. */
export function readHeader(one) {
  if (!hasMembers(one, "protected", "signature")) throw new Refusal("bad_signature_form");
  b64uDecode(one.signature, 64);
  const header = parseStrict(b64uDecode(one.protected), 1024);
  const right =
    hasMembers(header, "alg", "iat", "kid", "role", "typ") && header.alg === "Ed25519" && header.typ === TYPE &&
    Number.isInteger(header.iat);
  if (!right) throw new Refusal("bad_signature_form");
  return header;
}
