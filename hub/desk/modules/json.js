/* Strict JSON and its canonical form (PROTOCOL §1): the same rules as `signing/encoding.py`.

JSON.parse keeps the last of two members of one name and turns 1.0 into 1, so that it can hide what was signed.
This parser refuses both, names that are not ASCII, numbers that are not integers within ±(2^53-1), half a
surrogate pair, and nesting deeper than 32. */

import { equal, textOf, utf8 } from "./bytes.js";
import { Refusal } from "./refusal.js";

const MAX_DEPTH = 32;
const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const WORDS = new Map([["true", true], ["false", false], ["null", null]]);

/** The value of strict JSON octets, in plain objects without a prototype. */
export function parseStrict(octets, maxBytes) {
  if (octets.length > maxBytes) throw new Refusal("too_large");
  return new Reader(textOf(octets)).whole();
}

/** A JSON object that must be in canonical form already. */
export function parseCanonical(octets, maxBytes) {
  const value = parseStrict(octets, maxBytes);
  if (!isObject(value) || !equal(canonical(value), octets)) throw new Refusal("not_canonical");
  return value;
}

/** RFC 8785 form, as octets, of a value without floats and with ASCII names. */
export function canonical(value) {
  return utf8(written(value));
}

export function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether `value` is an object of exactly these members. */
export function hasMembers(value, ...names) {
  return isObject(value) && Object.keys(value).length === names.length && names.every((name) => Object.hasOwn(value, name));
}

function written(value) {
  if (Array.isArray(value)) return `[${value.map(written).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value);
  return `{${Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${written(value[name])}`).join(",")}}`;
}

class Reader {
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  whole() {
    const value = this.value(0);
    if (this.token(SPACE) !== null && this.at !== this.text.length) this.refuse();
    return value;
  }

  refuse(code = "not_json") {
    throw new Refusal(code);
  }

  token(pattern) {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found === null) return null;
    this.at = pattern.lastIndex;
    return found[0];
  }

  next(char) {
    this.token(SPACE);
    if (this.text[this.at] !== char) return false;
    this.at += 1;
    return true;
  }

  value(depth) {
    if (depth > MAX_DEPTH) this.refuse("too_deep");
    if (this.next("{")) return this.object(depth);
    if (this.next("[")) return this.list(depth);
    if (this.text[this.at] === '"') return this.string();
    const word = [...WORDS.keys()].find((one) => this.text.startsWith(one, this.at));
    if (word === undefined) return this.number();
    this.at += word.length;
    return WORDS.get(word);
  }

  object(depth) {
    const members = Object.create(null);
    if (this.next("}")) return members;
    do {
      this.token(SPACE);
      const name = this.string();
      if (name in members) this.refuse("duplicate_name");
      if (/[^\u0000-\u007f]/.test(name)) this.refuse("name_not_ascii");
      if (!this.next(":")) this.refuse();
      members[name] = this.value(depth + 1);
    } while (this.next(","));
    if (!this.next("}")) this.refuse();
    return members;
  }

  list(depth) {
    const items = [];
    if (this.next("]")) return items;
    do items.push(this.value(depth + 1)); while (this.next(","));
    if (!this.next("]")) this.refuse();
    return items;
  }

  string() {
    const token = this.token(STRING);
    if (token === null) this.refuse();
    const text = JSON.parse(token);
    if (/\p{Surrogate}/u.test(text)) this.refuse("bad_text");
    return text;
  }

  number() {
    const token = this.token(NUMBER);
    if (token === null) this.refuse();
    if (!/^-?[0-9]+$/.test(token) || token === "-0" || !Number.isSafeInteger(Number(token))) this.refuse("bad_number");
    return Number(token);
  }
}
