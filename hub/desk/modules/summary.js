/* What a draft makes its signer state, as rows: the content and the order of `providers/gateway/desk.py`.

Nothing of the body is left out; the headline repeats what matters most of it under a name in the reader's language. */

import { isObject } from "./json.js";
import { isJwk, thumbprint } from "./keys.js";

const HEADLINES = {
  award: [["award", "award_id"], ["case", "case_id"], ["award_date", "date"], ["seat", "seat"]],
  "award-review": [["award_digest", "award"], ["decision", "decision"], ["reason", "reason_code"]],
  accreditation: [
    ["subject", "subject"], ["subject_type", "subject_type"], ["status", "status"], ["valid_from", "valid_from"], ["valid_to", "valid_to"],
  ],
  key: [["action", "action"], ["owner", "owner"], ["key", "kid"], ["reason", "reason"], ["invalid_from", "invalid_from"]],
  member: [["member_type", "type"], ["name", "profile.legal_name"]],
  neutral: [["name", "profile.display_name"], ["nominated_by", "nominated_by"], ["status", "status"], ["key_custody", "key_custody"]],
  policy: [["threshold", "threshold"], ["coordinator", "coordinator.id"], ["log_origin", "origin"]],
};

/** Kinds whose title the texts know; every other kind is named by its code. */
export const KINDS = [
  "accreditation", "assessment", "award", "award-review", "correction", "court-outcome", "genesis", "key", "member",
  "neutral", "policy", "reference", "registration-withdrawal", "release", "settlement",
];

/** `[label key, value]` of who states this, when, on which network. */
export function envelopeRows(payload) {
  return [
    ["made_by", payload.issuer], ["made_on", payload.issued_at], ["network", payload.network], ["statement", payload.id],
  ];
}

/** `[label key, value]` of what matters most in a body of this kind. */
export function headline(payload) {
  const rows = Object.hasOwn(HEADLINES, payload.kind) ? HEADLINES[payload.kind] : [];
  return rows.map(([label, path]) => [label, reached(payload.body, path)]).filter(([, value]) => value !== undefined);
}

/** `[dotted path, value]` of every leaf in canonical order; a key is followed by its computed name. */
export async function leaves(value, path = "") {
  if (Array.isArray(value) && value.length) {
    return (await Promise.all(value.map((member, at) => leaves(member, `${path}[${at + 1}]`)))).flat();
  }
  if (!isObject(value) || Object.keys(value).length === 0) return [[path, value]];
  const names = Object.keys(value).sort();
  const rows = (await Promise.all(names.map((name) => leaves(value[name], path ? `${path}.${name}` : name)))).flat();
  return isJwk(value) ? [...rows, [`${path} → kid`, await thumbprint(value)]] : rows;
}

function reached(body, path) {
  let value = body;
  for (const name of path.split(".")) {
    if (!isObject(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}
