/* A new key: a passphrase, typed twice, with a plain hint how good it is. */

import { h, replace } from "./dom.js";
import { generate } from "./ed25519.js";
import { seal } from "./keyfile.js";
import { jwkOf, thumbprint } from "./keys.js";
import { alertSlot, field, part, passphraseInput } from "./parts.js";
import { Refusal } from "./refusal.js";
import { t } from "./texts.js";

const FEWEST = 10;

/** The form; `made` gets `{kid, jwk, octets}`, the sealed file of a new key whose open form is gone already, and what
opens that file. */
export function passphrasePart(desk, made) {
  const slot = alertSlot();
  const [once, twice] = [passphraseInput("new-password"), passphraseInput("new-password")];
  const strength = h("p", { class: "strength", role: "status" });
  once.addEventListener("input", () => {
    const found = once.value ? strengthOf(once.value) : "";
    strength.className = `strength ${found}`;
    replace(strength, found && t(`passphrase.${found}`));
  });
  const make = (event) => {
    event.preventDefault();
    return desk.attempt(slot, "busy.making", async () => made(...(await newKey(once, twice))));
  };
  return part(
    t("making.title"),
    h(
      "form", { onsubmit: make }, field(t("making.once"), once, t("making.hint")), strength,
      field(t("making.twice"), twice), slot, h("button", { type: "submit", class: "main" }, t("making.make")),
    ),
    h("details", {}, h("summary", {}, t("page.more")), h("p", {}, t("making.text"))),
  );
}

/** weak, fair or good: by length and by how many different characters there are; no dictionary is asked. */
export function strengthOf(passphrase) {
  const [length, different] = [[...passphrase].length, new Set(passphrase).size];
  if (length < FEWEST || different < 6) return "weak";
  return length < 18 || different < 9 ? "fair" : "good";
}

async function newKey(once, twice) {
  const passphrase = once.value;
  if (passphrase !== twice.value) throw new Refusal("passphrases_differ");
  if ([...passphrase].length < FEWEST) throw new Refusal("passphrase_short", { fewest: FEWEST });
  once.value = "";
  twice.value = "";
  const key = await generate();
  const jwk = jwkOf(key.x);
  const { octets, opener } = await seal(key, passphrase);
  return [{ kid: await thumbprint(jwk), jwk, octets }, opener];
}
