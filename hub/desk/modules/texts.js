/* The page's own words, in four languages. Texts of drafts and of hubs never pass through here as templates. */

import { CATALOGUES } from "./catalogues.js";
import { storeLanguage, storedLanguage } from "./store.js";

export const LANGUAGES = [["en", "English"], ["zh-Hans", "简体中文"], ["es", "Español"], ["fr", "Français"]];

let current = "en";

export function language() {
  return current;
}

export function chooseLanguage(tag) {
  current = tag;
  storeLanguage(tag);
}

/** The language chosen before, else the first of the reader's that there is, else English. */
export function guessLanguage() {
  const wished = [storedLanguage(), ...navigator.languages].filter((one) => typeof one === "string");
  const found = wished.map((one) => LANGUAGES.find(([tag]) => tag.split("-")[0] === one.split("-")[0].toLowerCase()));
  current = found.find((one) => one !== undefined)?.[0] ?? "en";
}

export function has(key) {
  return Object.hasOwn(CATALOGUES[current], key);
}

/** The text of `key`; `{name}` becomes `values.name`. */
export function t(key, values = {}) {
  if (!has(key)) throw new Error(`no text ${key}`);
  return CATALOGUES[current][key].replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** What a code of one of the network's lists is called; a code without a name is shown as it is. */
export function coded(list, code) {
  const key = `code.${list}.${code}`;
  return has(key) ? t(key) : code;
}

export function number(one) {
  return new Intl.NumberFormat(current).format(one);
}
