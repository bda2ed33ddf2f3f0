/* A statement on the screen and on paper: whole, in plain words, before and after it is signed. */

import { textOf } from "./bytes.js";
import { h } from "./dom.js";
import { facts, newId, part, value } from "./parts.js";
import { printable } from "./printable.js";
import { envelopeRows, headline, KINDS, leaves } from "./summary.js";
import { has, language, number, t } from "./texts.js";

const DAY = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/;
const TIME = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$/;

export function kindTitle(kind) {
  return KINDS.includes(kind) ? t(`kind.${kind}`) : t("kind.other", { kind: printable(kind) });
}

export function roleName(role) {
  return has(`role.${role}`) ? t(`role.${role}`) : printable(role);
}

/** Everything of a draft. `you` is the reader's kid or null, `owners` what the hub says of kids, `document` the picked file. */
export async function statementView(title, draft, { you = null, owners = new Map(), document = null } = {}) {
  const { payload } = draft;
  const top = [...envelopeRows(payload), ...headline(payload)];
  return part(
    title,
    facts([...top.map(([label, one]) => [t(`label.${label}`), shown(label, one)]), ...documentRows(document)]),
    h("h3", {}, t("summary.says")),
    facts((await leaves(payload.body)).map(([path, one]) => [pathName(path), value(one)]), "words"),
    draft.annex === null ? null : await annexView(draft.annex),
    h("h3", {}, t("summary.signers")),
    h("ul", { class: "signers" }, payload.signers.map((signer) => signerView(signer, draft, you, owners))),
    technical(draft),
  );
}

/** A day, a time or a seat with its reading in the reader's language; everything else as it is. */
export function shown(label, one) {
  if (label === "network" && one === null) return h("span", { class: "value" }, t("summary.founds"));
  if (label === "seat") return h("span", { class: "value" }, seatText(one));
  return timeReading(one) === null ? value(one) : h("span", { class: "value" }, dayText(one));
}

/** A day or a time, word for word, with its reading in the reader's language. */
export function dayText(one) {
  return withReading(one, timeReading(one));
}

/** The reading alone of a day or a time that is no part of a statement; as it is where it can't be read. */
export function timeText(one) {
  return timeReading(one) ?? printable(one);
}

/** A seat: place and country as they stand, with the country's name in the reader's language. */
export function seatText(seat) {
  const named = [seat?.place, seat?.country].filter((one) => typeof one === "string").join(", ");
  const coded = typeof seat?.country === "string" && /^[A-Z]{2}$/.test(seat.country);
  const name = coded ? new Intl.DisplayNames(language(), { type: "region" }).of(seat.country) : null;
  return withReading(named, name === seat?.country ? null : name);
}

function withReading(one, reading) {
  return reading === null ? printable(one) : `${printable(one)} (${reading})`;
}

function timeReading(one) {
  if (typeof one !== "string") return null;
  const options = DAY.test(one) ? { dateStyle: "long" } : TIME.test(one) ? { dateStyle: "long", timeStyle: "long" } : null;
  const date = new Date(one);
  if (options === null || Number.isNaN(date.getTime())) return null;
  return new Intl.DateTimeFormat(language(), { ...options, timeZone: "UTC" }).format(date);
}

/** A dotted path that may be broken before each of its names. */
export function pathName(path) {
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

async function annexView(annex) {
  const rows = (await leaves(annex)).map(([path, one]) => [pathName(path), value(one)]);
  return h("div", {}, h("h3", {}, t("summary.annex")), h("p", { class: "small" }, t("summary.annex.note")), facts(rows, "words"));
}

function signerView(signer, draft, you, owners) {
  const there = draft.signed.has(signer.kid);
  const yours = signer.kid === you;
  const state = yours ? (there ? "signer.yours" : "signer.you") : there ? "signer.there" : "signer.missing";
  const owner = owners.get(signer.kid);
  return h(
    "li", { class: yours ? "you" : "" },
    h("strong", {}, roleName(signer.role)), owner ? h("span", {}, " · ", value(owner)) : null,
    h("span", { class: "state" }, t(state)), h("span", { class: "value code" }, printable(signer.kid)),
  );
}

function technical(draft) {
  const id = newId("octets");
  return h(
    "details", {}, h("summary", {}, t("summary.technical")),
    facts([[t("label.digest"), value(draft.digest, "code")]]),
    h("p", { id }, t("summary.octets")),
    h("pre", { tabindex: "0", role: "region", "aria-labelledby": id }, printable(textOf(draft.octets))),
  );
}
