/* A new key, made and locked with a passphrase. */

import { h } from "./dom.js";
import { generate } from "./ed25519.js";
import { seal } from "./keyfile.js";
import { jwkOf, thumbprint } from "./keys.js";
import { newPassphrase } from "./newpassphrase.js";
import { alertSlot, part } from "./parts.js";
import { t } from "./texts.js";

/** The form; `made` gets `{kid, jwk, octets}`, the sealed file of a new key whose open form is gone already, and what
opens that file. */
export function passphrasePart(desk, made) {
  const slot = alertSlot();
  const { parts, take } = newPassphrase(desk);
  const make = (event) => {
    event.preventDefault();
    return desk.attempt(slot, "busy.making", async () => made(...(await newKey(take()))));
  };
  return part(
    t("making.title"),
    h("form", { onsubmit: make }, parts, slot, h("button", { type: "submit", class: "main" }, t("making.make"))),
    h("details", {}, h("summary", {}, t("page.more")), h("p", {}, t("making.text"))),
  );
}

async function newKey(passphrase) {
  const key = await generate();
  const jwk = jwkOf(key.x);
  const { octets, opener } = await seal(key, passphrase);
  return [{ kid: await thumbprint(jwk), jwk, octets }, opener];
}
