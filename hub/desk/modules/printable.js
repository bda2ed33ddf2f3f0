/* Texts made plainly visible: no character that hides, turns the writing direction or looks like nothing survives. */

const HIDDEN = /[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/** `text` with every character that is not plainly visible (but the space) written as an escape such as \u{202e}. */
export function printable(text) {
  return String(text).replace(HIDDEN, (char) => (char === " " ? char : `\\u{${char.codePointAt(0).toString(16)}}`));
}
