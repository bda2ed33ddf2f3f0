/* Values of a statement as somebody reads them: days, times, places, languages and codes by name. */

import { h } from "./dom.js";
import { value } from "./parts.js";
import { printable } from "./printable.js";
import { coded, language, number, t } from "./texts.js";

const CODES = { language: /^[A-Za-z]{2,3}(-[A-Za-z]{4})?(-[A-Z]{2})?$/, region: /^[A-Z]{2}$/ };
/** A day, or a second of it in UTC. Years before 1000 have no reading that tells eras apart. */
const TIME = /^([1-9][0-9]{3}-[0-9]{2}-[0-9]{2})(?:T([0-9]{2}:[0-9]{2}:[0-9]{2})Z)?$/;

/** A day or a time in the reader's language; everything else as it stands. */
export function asItIs(one) {
  return timeReading(one) === null ? value(one) : text(timeText(one));
}

/** A day or a time in the reader's language, to the second; word for word where it is none of the calendar's. */
export function timeText(one) {
  return timeReading(one) ?? printable(one);
}

/** A seat: place and country as they stand, with the country's name in the reader's language. */
export function seatText(seat) {
  const named = [seat?.place, seat?.country].filter((one) => typeof one === "string").join(", ");
  return withReading(named, nameOf("region", seat?.country));
}

export function seat(one) {
  return text(seatText(one));
}

/** A reading of codes of one of the network's lists; a code without a name is shown as it is. */
export function codes(list) {
  return each((one) => text(coded(list, printable(one))));
}

/** Days, times and everything that is shown as it stands. */
export const plain = each(asItIs);
export const economies = each((one) => text(withReading(one, nameOf("region", one))));
export const languages = each((one) => text(withReading(one, nameOf("language", one))));
/** Families of law, or economies by their codes. */
export const legalSystems = each((one) => (nameOf("region", one) === null ? codes("legal_families")(one) : economies(one)));

/** A reading of an award's text: its language, its version and how it came about. */
export function expression({ language: tag, version, kind }) {
  return lines([languages(tag), text(t("reading.version", { version: number(version) })), codes("expression_kinds")(kind)]);
}

/** What is named by its hash alone. */
export function sha256(digest) {
  return value(`SHA-256 ${digest}`, "code");
}

/** A reading of a document that is named by its hash. */
export function manifestation({ media_type: type, sha256: digest, size }) {
  return lines([asItIs(type), text(t("document.size", { size: number(size) })), sha256(digest)]);
}

export function appointment({ method, appointed }) {
  return lines([codes("appointment_methods")(method), asItIs(appointed)]);
}

export const notices = each(({ purpose, deemed_received: received }) => lines([codes("notice_purposes")(purpose), text(t("reading.received", { time: timeText(received) }))]));

/** A reading of a code of conduct, with the hash of its text if it is named. */
export function declaration({ name, sha256: digest }) {
  return lines([asItIs(name), ...(digest === undefined ? [] : [sha256(digest)])]);
}

export const qualifications = each(({ title, body, date }) => lines([asItIs(title), asItIs(body), asItIs(date)]));

/** A reading of keys that a statement introduces: what they are for, and the names that stand for them. */
export const keys = each(({ purpose, kid, possession }) => {
  const proof = possession === undefined ? [] : [value(possession, "code")];
  return lines([codes("key_purposes")(purpose), value(kid, "code"), ...proof]);
});

function each(reading) {
  return (found) => (Array.isArray(found) ? lines(found.length ? found.map(reading) : [value(null)]) : reading(found));
}

function lines(shown) {
  return shown.length === 1 ? shown[0] : h("span", { class: "lines" }, shown);
}

function text(one) {
  return h("span", { class: "value" }, h("bdi", { dir: "auto" }, one));
}

function withReading(one, reading) {
  return reading === null || reading === one ? printable(one) : `${printable(one)} (${reading})`;
}

function nameOf(type, code) {
  if (typeof code !== "string" || !CODES[type].test(code)) return null;
  return new Intl.DisplayNames(language(), { type, fallback: "none" }).of(code) ?? null;
}

function timeReading(one) {
  const [, day, clock] = (typeof one === "string" && TIME.exec(one)) || [];
  if (day === undefined || !isOfTheCalendar(one)) return null;
  const shown = new Intl.DateTimeFormat(language(), { dateStyle: "long", timeZone: "UTC" }).format(new Date(day));
  const named = language() === "fr" ? shown.replace(/^1 /, "1er ") : shown;
  return clock === undefined ? named : t("reading.time", { day: named, clock });
}

/** Some engines read 30 February as a day of March, and 24:00 as the next day. */
function isOfTheCalendar(one) {
  const date = new Date(one);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(one.replace(/Z$/, ""));
}
