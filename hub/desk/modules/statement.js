/* A statement on the screen and on paper: whole, in plain words, before and after it is signed. */

import { textOf } from "./bytes.js";
import { h } from "./dom.js";
import { bodyRows, leaves } from "./bodyrows.js";
import { facts, newId, part, value } from "./parts.js";
import { printable } from "./printable.js";
import { asItIs } from "./readings.js";
import { envelopeRows, KINDS } from "./summary.js";
import { has, number, t } from "./texts.js";

export function kindTitle(kind) {
  return KINDS.includes(kind) ? t(`kind.${kind}`) : t("kind.other", { kind: printable(kind) });
}

export function roleName(role) {
  return has(`role.${role}`) ? t(`role.${role}`) : printable(role);
}

/** Everything of a draft. `you` is the reader's kid or null, `own` what is known of the signature there (`ownSignature`),
`owners` what the hub says of kids, `document` the picked file. */
export async function statementView(title, draft, { you = null, own = null, owners = new Map(), document = null } = {}) {
  const { payload } = draft;
  return part(
    title,
    ...(await bodyView(payload.kind, payload.body, envelopeView(payload), documentRows(document))),
    ...(draft.annex === null ? [] : await annexView(payload.kind, draft.annex)),
    h("h3", {}, t("summary.signers")),
    payload.signers.some((signer) => owners.has(signer.kid)) ? h("p", { class: "small" }, t("summary.owners")) : null,
    h("ul", { class: "signers" }, payload.signers.map((signer) => signerView(signer, draft, { you, own, owners }))),
    await technical(draft),
  );
}

/** A body in the reader's language between other rows, and under it what can only be said word for word. */
export async function bodyView(kind, body, above = [], below = []) {
  const { said, left } = await bodyRows(kind, body);
  const rows = [...above, ...said.map(([label, one]) => [t(`label.${label}`), one]), ...below];
  const also = left.length ? [h("h3", {}, t(said.length ? "summary.also" : "summary.says")), wordRows(left)] : [];
  return [rows.length ? facts(rows) : null, ...also];
}

/** A restricted annex, as a body is shown. */
export async function annexView(kind, annex) {
  return [h("h3", {}, t("summary.annex")), h("p", { class: "small" }, t("summary.annex.note")), ...(await bodyView(`annex-${kind}`, annex))];
}

/** Values under their own names, word for word. */
export function wordRows(rows) {
  return facts(rows.map(([path, one]) => [pathName(path), value(one)]), "words");
}

function envelopeView(payload) {
  return envelopeRows(payload).map(([label, one]) => {
    return [t(`label.${label}`), label === "network" && one === null ? h("span", { class: "value" }, t("summary.founds")) : asItIs(one)];
  });
}

/** A dotted path that may be broken before each of its names. */
function pathName(path) {
  const names = printable(path).split(/(?=\.)/);
  return h("span", {}, names.flatMap((one, at) => (at === 0 ? [one] : [h("wbr"), one])));
}

function documentRows(document) {
  if (document === null) return [];
  const lines = [
    h("span", { class: "value" }, h("bdi", { dir: "auto" }, printable(document.name)), h("span", {}, t("document.size", { size: number(document.size) }))), value(`SHA-256 ${document.sha256}`, "code"),
    h("span", { class: "value good" }, t("document.same")),
  ];
  return [[t("label.document"), h("span", { class: "lines" }, ...lines)]];
}

function signerView(signer, draft, { you, own, owners }) {
  const there = draft.signed.has(signer.kid);
  const yours = signer.kid === you;
  const mine = there ? (own === "verified" ? "signer.yours" : "signer.named") : "signer.you";
  const state = yours ? mine : there ? "signer.there" : "signer.missing";
  const owner = owners.get(signer.kid);
  return h(
    "li", { class: yours && state !== "signer.named" ? "you" : "" },
    h("strong", {}, roleName(signer.role)), owner ? h("span", {}, " · ", value(owner)) : null,
    h("span", { class: "state" }, t(state)), h("span", { class: "value code" }, printable(signer.kid)),
  );
}

async function technical(draft) {
  const id = newId("octets");
  return h(
    "details", {}, h("summary", {}, t("summary.technical")),
    facts([[t("label.digest"), value(draft.digest, "code")]]),
    h("h3", {}, t("summary.says")), wordRows(await leaves(draft.payload.body)),
    h("p", { id }, t("summary.octets")),
    h("pre", { tabindex: "0", role: "region", "aria-labelledby": id }, printable(textOf(draft.octets))),
  );
}
