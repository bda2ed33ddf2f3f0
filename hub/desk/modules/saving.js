/* The recovery file and the public key as links that save them. */

import { concat, utf8 } from "./bytes.js";
import { h } from "./dom.js";
import { addressOf } from "./files.js";
import { canonical } from "./json.js";
import { t } from "./texts.js";

/** `fresh` = `{kid, octets, address, saved}` of a key that was just made; clicking marks it as saved. */
export function saveLink(fresh, kind, onsave = () => {}) {
  fresh.address ??= addressOf(fresh.octets, "application/json");
  const saved = () => {
    fresh.saved = true;
    onsave();
  };
  const name = `odr-key-${fresh.kid.slice(0, 8)}.json`;
  return h("a", { class: `button ${kind}`, href: fresh.address, download: name, onclick: saved }, t("saving.save"));
}

/** The public key as `odr-gateway keygen` writes it, to be handed to others. */
export function publicKeyLink(key) {
  const address = addressOf(concat(canonical(key.jwk), utf8("\n")), "application/json");
  return h("a", { class: "button", href: address, download: `odr-key-${key.kid.slice(0, 8)}.public.json` }, t("made.save"));
}
