/* What a hub answers when it is asked what it holds about the owner of a key, held against that key before it is shown.

Checked: that a neutral's or a key's statement about the person named introduces this very key and carries its signature;
that every statement is about that person, has the digest that the hub names, and one log position throughout; that an
annex is the one that its statement names. Not checked: other people's signatures, that the log has these entries, and
that the hub left nothing out. */

import { b64uEncode, equal, sha256Hex } from "./bytes.js";
import { isSignedBy, jwksOf, readStatement } from "./draft.js";
import { canonical, isObject, parseStrict } from "./json.js";
import { jwkOf } from "./keys.js";
import { Refusal } from "./refusal.js";

const MAX_ANSWER = 16000000;
const LISTS = ["statements", "keys", "versions", "drafts"];

/** `{octets, answer, statements}`; a statement is `{index, payload, digest, annex, annexKept, yours}`. */
export async function readHeld(octets, file) {
  const answer = readForm(octets);
  const id = answer.neutral.id;
  const statements = [];
  for (const row of answer.statements) statements.push(await readRow(row, id, file));
  const listed = answer.keys.some((one) => one?.kid === file.kid && one.x === b64uEncode(file.x) && one.owner === id);
  if (!listed || !statements.some((one) => one.yours && introduces(one.payload, file))) throw new Refusal("held_of_another");
  return { octets, answer, statements };
}

function readForm(octets) {
  let answer;
  try {
    answer = parseStrict(octets, MAX_ANSWER);
  } catch {
    throw new Refusal("strange_answer");
  }
  const right =
    isObject(answer) && Number.isInteger(answer.size) && typeof answer.time === "string" && isObject(answer.rules) &&
    isObject(answer.neutral) && typeof answer.neutral.id === "string" && LISTS.every((name) => Array.isArray(answer[name]));
  if (!right) throw new Refusal("strange_answer");
  return answer;
}

async function readRow(row, id, file) {
  const { statement, digest, index, receipt, annex = null } = isObject(row) ? row : {};
  if (!isObject(statement) || !isObject(receipt) || !Number.isInteger(index)) throw new Refusal("strange_answer");
  const read = await readStatement(statement.payload, statement.signatures).catch(() => {
    throw new Refusal("held_differs", { index });
  });
  if (subjectOf(read.payload) !== id) throw new Refusal("held_of_another");
  const same = read.digest === digest && receipt.digest === digest && receipt.index === index && indexOf(receipt.proof) === index;
  if (!same) throw new Refusal("held_differs", { index });
  return { ...read, index, annex, annexKept: await isAnnex(annex, read.payload, index), yours: await isYours(read, index, file) };
}

/** Whom a statement is about. */
function subjectOf({ kind, issuer, body }) {
  return { neutral: issuer, key: body.owner, accreditation: body.subject }[kind];
}

/** The log position that a proof is for (C2SP tlog-proof: a line of its own). */
function indexOf(proof) {
  const line = /^index (0|[1-9][0-9]{0,15})$/m.exec(typeof proof === "string" ? proof : "");
  return line === null ? null : Number(line[1]);
}

async function isAnnex(annex, payload, index) {
  if (annex === null) return !("annex" in payload);
  if (!isObject(annex) || payload.annex?.sha256 !== (await sha256Hex(canonical(annex)))) throw new Refusal("held_differs", { index });
  return true;
}

/** Whether the key in `file` signed it; a signature of that key that does not verify is refused. */
async function isYours(read, index, file) {
  if (!read.signed.has(file.kid)) return false;
  if (!(await isSignedBy(read, file.kid, file.x))) throw new Refusal("held_unsigned", { index });
  return true;
}

function introduces(payload, file) {
  const mine = canonical(jwkOf(file.x));
  return ["neutral", "key"].includes(payload.kind) && jwksOf(payload.body).some((one) => equal(canonical(one), mine));
}
