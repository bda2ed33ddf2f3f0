/* The body of a statement in the reader's language, each member once.

A row takes one member and says all of it; a member that has not the shape that the row can say stays where it is. What no
row has taken is shown under its own names. So nothing that is signed is left out, and nothing has to be read twice. */

import { isObject } from "./json.js";
import { isJwk, thumbprint } from "./keys.js";
import * as readings from "./readings.js";

const scalar = (one) => one === null || typeof one !== "object";
const text = (one) => typeof one === "string";
const integer = (one) => Number.isInteger(one);
const list = (shape) => (one) => Array.isArray(one) && one.every(shape);
const scalars = (one) => scalar(one) || list(scalar)(one);
const members = (shapes, optional = []) => (one) => isObject(one)
  && Object.keys(one).every((name) => Object.hasOwn(shapes, name) && shapes[name](one[name]))
  && Object.keys(shapes).every((name) => Object.hasOwn(one, name) || optional.includes(name));

const { codes } = readings;
const SEAT = members({ country: text, place: text }, ["place"]);
const KEYS = list(members({ purpose: scalar, jwk: isJwk, possession: scalar }, ["possession"]));

/** By kind: what the reader calls it, where it stands, how it is read, and the shape it must have for that. */
const ROWS = {
  award: [
    ["award", "award_id"], ["case", "case_id"], ["award_date", "date"], ["seat", "seat", readings.seat, SEAT],
    ["award_type", "type", codes("award_types")], ["brief_reasons", "brief_reasons"],
    ["award_text", "expression", readings.expression, members({ language: scalar, version: integer, kind: scalar })],
    ["award_document", "manifestation", readings.manifestation, members({ media_type: scalar, sha256: scalar, size: integer })],
    ["rules", "rules_version"],
    ["appointed", "procedure.appointment", readings.appointment, members({ method: scalar, appointed: scalar })],
    ["disclosures", "procedure.disclosures", codes("disclosures")],
    ["notices", "procedure.notices", readings.notices, list(members({ purpose: scalar, deemed_received: scalar }))],
    ["case_transfers", "procedure.transfers"], ["agreement", "procedure.agreement_sha256", readings.sha256, scalar],
  ],
  "award-review": [["award_digest", "award"], ["decision", "decision"], ["reason", "reason_code"]],
  accreditation: [
    ["subject", "subject"], ["subject_type", "subject_type"], ["status", "status", codes("accreditation_statuses")],
    ["valid_from", "valid_from"], ["valid_to", "valid_to"],
  ],
  key: [["action", "action"], ["owner", "owner"], ["key", "kid"], ["reason", "reason"], ["invalid_from", "invalid_from"]],
  member: [["member_type", "type", codes("member_types")], ["name", "profile.legal_name"]],
  neutral: [
    ["name", "profile.display_name"], ["roles", "profile.roles", codes("neutral_roles")],
    ["status", "status", codes("neutral_statuses")], ["nominated_by", "nominated_by"], ["providers", "providers"],
    ["languages", "profile.languages", readings.languages], ["practice_fields", "profile.practice_fields", codes("practice_fields")],
    ["legal_systems", "profile.legal_systems", readings.legalSystems],
    ["code_of_conduct", "profile.declaration_of_code", readings.declaration, members({ name: scalar, sha256: scalar }, ["sha256"])],
    ["qualifications", "profile.qualifications", readings.qualifications, list(members({ title: scalar, body: scalar, date: scalar }))],
    ["registry_no", "profile.registry_no"], ["seat_city", "profile.seat_city"], ["key_custody", "key_custody", codes("key_custody")],
    ["keys", "keys", readings.keys, KEYS],
  ],
  policy: [["threshold", "threshold"], ["coordinator", "coordinator.id"], ["log_origin", "origin"]],
  "annex-neutral": [
    ["nationality", "nationality", readings.economies], ["standing_disclosures", "disclosures_standing"], ["fee_band", "fee_band", codes("fee_bands")],
  ],
};

/** `{said, left}`: rows `[label key, element]` of what can be said in words, and the rest as rows `[dotted path, value]`. */
export async function bodyRows(kind, body) {
  const [said, paths] = [[], []];
  for (const [label, path, reading = readings.plain, shape = scalars] of Object.hasOwn(ROWS, kind) ? ROWS[kind] : []) {
    const one = reached(body, path.split("."));
    if (one === undefined || !shape(one)) continue;
    said.push([label, reading(shape === KEYS ? await named(one) : one)]);
    paths.push(path.split("."));
  }
  return { said, left: await leaves(paths.reduce(without, body)) };
}

/** `[dotted path, value]` of every leaf in canonical order; a key is followed by its computed name. */
export async function leaves(value, path = "") {
  if (Array.isArray(value) && value.length) {
    return (await Promise.all(value.map((member, at) => leaves(member, `${path}[${at + 1}]`)))).flat();
  }
  if (value === undefined) return [];
  if (!isObject(value) || Object.keys(value).length === 0) return [[path, value]];
  const names = Object.keys(value).sort();
  const rows = (await Promise.all(names.map((name) => leaves(value[name], path ? `${path}.${name}` : name)))).flat();
  return isJwk(value) ? [...rows, [`${path} → kid`, await thumbprint(value)]] : rows;
}

function named(keys) {
  return Promise.all(keys.map(async ({ jwk, ...one }) => ({ ...one, kid: await thumbprint(jwk) })));
}

function reached(value, [name, ...further]) {
  if (name === undefined) return value;
  return isObject(value) && Object.hasOwn(value, name) ? reached(value[name], further) : undefined;
}

/** `value` without the member at a path, and without an object that had no other; nothing if it is the last. */
function without(value, [name, ...further]) {
  const { [name]: one, ...others } = value;
  const rest = further.length ? without(one, further) : undefined;
  if (rest !== undefined) return { ...others, [name]: rest };
  return Object.keys(others).length ? others : undefined;
}
