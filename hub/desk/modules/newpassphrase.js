/* A new passphrase: seen while it is typed, so that a slip is noticed before a key is locked with it; or hidden, and then
typed twice.

The field is one for passwords in both cases, and what was typed is shown under it. A field that turned into one for plain
text would be written to the file from which browsers restore their windows, and handed to spelling checkers. */

import { h, replace } from "./dom.js";
import { field, passphraseInput, tick, value } from "./parts.js";
import { Refusal } from "./refusal.js";
import { t } from "./texts.js";

const FEWEST = 10;

/** `{parts, take}`: what is shown, and what gives the passphrase out once, or raises; then the fields are empty. That it
is hidden stays with the screen, however often that is drawn. */
export function newPassphrase({ state }) {
  const [once, twice] = [passphraseInput("new-password"), passphraseInput("new-password")];
  const [shown, again, strength] = [h("p", { class: "typed" }), h("div"), h("p", { class: "strength", role: "status" })];
  const askTwice = () => replace(again, state.hidden && field(t("making.twice"), twice));
  const show = () => {
    replace(shown, once.value && !state.hidden ? [t("making.typed"), " ", value(once.value, "code")] : null);
    const found = once.value ? strengthOf(once.value) : "";
    strength.className = `strength ${found}`;
    replace(strength, found && t(`passphrase.${found}`));
  };
  const hide = tick(t("making.hide"), state.hidden === true, (checked) => {
    state.hidden = checked;
    twice.value = "";
    askTwice();
    show();
  });
  askTwice();
  once.addEventListener("input", show);
  const take = () => {
    const passphrase = once.value;
    if (state.hidden && passphrase !== twice.value) throw new Refusal("passphrases_differ");
    if ([...passphrase].length < FEWEST) throw new Refusal("passphrase_short", { fewest: FEWEST });
    [once.value, twice.value] = ["", ""];
    show();
    return passphrase;
  };
  return { parts: [field(t("making.once"), once, t("making.hint")), shown, strength, hide, again], take };
}

/** weak, fair or good: by length and by how many different characters there are; no dictionary is asked. */
export function strengthOf(passphrase) {
  const [length, different] = [[...passphrase].length, new Set(passphrase).size];
  if (length < FEWEST || different < 6) return "weak";
  return length < 18 || different < 9 ? "fair" : "good";
}
