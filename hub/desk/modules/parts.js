/* Parts of which every screen is made. */

import { h } from "./dom.js";
import { printable } from "./printable.js";
import { HubProblem, Refusal } from "./refusal.js";
import { has, t } from "./texts.js";

let numbered = 0;

/** What key files are called, here and by the programs. */
export const KEY_FILES = ".json,.key,application/json";

/** An id that is used once. */
export function newId(name) {
  numbered += 1;
  return `${name}-${numbered}`;
}

export function heading(text) {
  return h("h1", { tabindex: "-1" }, text);
}

/** A part of a screen under a heading of its own. */
export function part(title, ...children) {
  const id = newId("part");
  return h("section", { "aria-labelledby": id }, h("h2", { id }, title), ...children);
}

/** An input with its label and, where given, a hint that is read with it. */
export function field(label, input, hint) {
  const [id, hintId] = [newId("field"), newId("hint")];
  input.id = id;
  if (hint) input.setAttribute("aria-describedby", hintId);
  return h("div", { class: "field" }, h("label", { for: id }, label), hint && h("p", { class: "hint", id: hintId }, hint), input);
}

export function tick(label, checked, onchange) {
  const id = newId("tick");
  const box = h("input", { type: "checkbox", id, checked, onchange: () => onchange(box.checked) });
  return h("div", { class: "tick" }, box, h("label", { for: id }, label));
}

/** An input for one file; it is emptied at once, so that the same file, mended, can be picked again. */
export function filePicker(accept, onpick) {
  const input = h("input", { type: "file", accept, onchange: () => {
    const [file] = input.files;
    input.value = "";
    if (file) onpick(file);
  } });
  return input;
}

/** An input for a key file: of this page, of `odr-gateway` or of an officer. */
export function keyFilePicker(onpick) {
  return filePicker(KEY_FILES, onpick);
}

export function passphraseInput(kind) {
  return h("input", { type: "password", autocomplete: kind, spellcheck: "false", autocapitalize: "none" });
}

export function button(label, onclick, kind = "") {
  return h("button", { type: "button", class: kind, onclick }, label);
}

/** A place where refusals of one form appear; it speaks up and takes the focus. */
export function alertSlot() {
  return h("div", { class: "alert", role: "alert", tabindex: "-1" });
}

export function note(kind, ...children) {
  return h("div", { class: `note ${kind}` }, ...children.map((one) => (typeof one === "string" ? h("p", {}, one) : one)));
}

/** A value of a draft, word for word: everything that hides is made visible, and its direction is its own. */
export function value(one, kind = "") {
  const text = one === null ? t("value.none") : typeof one === "boolean" ? t(one ? "value.yes" : "value.no") : plain(one);
  const lines = text.split("\n").map((line) => h("bdi", { dir: "auto" }, printable(line)));
  return h("span", { class: `value ${kind}` }, ...lines);
}

function plain(one) {
  return typeof one === "object" ? JSON.stringify(one) : String(one);
}

/** Rows of names and values. */
export function facts(rows, kind = "") {
  return h("dl", { class: `facts ${kind}` }, rows.map(([name, shown]) => h("div", {}, h("dt", {}, name), h("dd", {}, shown))));
}

/** What a refusal means and what to do, in the reader's language. */
export function explained(error) {
  if (error instanceof Refusal) return sentences("refusal", error.code, printables(error.values));
  if (error instanceof HubProblem) return hubSentences(error);
  return [h("p", {}, t("refusal.unexpected", { error: printable(`${error?.name}: ${error?.message}`) }))];
}

function hubSentences(problem) {
  const code = has(`problem.${problem.told}`) ? problem.told : problem.retryable ? "later" : "other";
  const says = [problem.detail && `“${problem.detail}”`, problem.code, problem.correlation].filter(Boolean).join(" · ");
  return [...sentences("problem", code, {}), h("p", { class: "small" }, t("problem.word"), " ", h("bdi", {}, printable(says)))];
}

function sentences(group, code, values) {
  const next = `${group}.${code}.do`;
  return [h("p", {}, h("strong", {}, t(`${group}.${code}`, values))), has(next) && h("p", {}, t(next, values))].filter(Boolean);
}

function printables(values) {
  return Object.fromEntries(Object.entries(values).map(([name, one]) => [name, printable(one)]));
}
