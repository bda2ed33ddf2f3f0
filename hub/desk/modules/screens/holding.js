/* Asking a hub what it holds about the reader: recovery file, passphrase, the hub's address, and nothing else. */

import { h } from "../dom.js";
import { octetsOf } from "../files.js";
import { readHeld } from "../heldanswer.js";
import { heldRequest } from "../heldrequest.js";
import { askHeld } from "../hub.js";
import { parseKeyFile } from "../keyfile.js";
import { keyText } from "../keypart.js";
import { hubAddress } from "../link.js";
import { alertSlot, button, field, heading, keyFilePicker, note, part, passphraseInput } from "../parts.js";
import { Refusal } from "../refusal.js";
import { storedKeys } from "../store.js";
import { t } from "../texts.js";

/** The first screen of it, with the key of this browser when there is exactly one. */
export async function showHolding(desk) {
  const kept = await storedKeys();
  await desk.show("holding", { key: kept.length === 1 ? { file: kept[0].file, stored: true } : null, address: "" });
}

export function holdingScreen(desk) {
  const { key, address } = desk.state;
  const [slot, askSlot, passphrase] = [alertSlot(), alertSlot(), passphraseInput("current-password")];
  const picker = keyFilePicker((file) => desk.attempt(slot, "busy.reading", () => pick(desk, file)));
  const hub = h("input", {
    type: "text", autocomplete: "off", spellcheck: "false", autocapitalize: "none", value: address,
    oninput: () => (desk.state.address = hub.value),
  });
  const send = (event) => {
    event.preventDefault();
    return desk.attempt(askSlot, "busy.asking", () => ask(desk, passphrase));
  };
  return [
    heading(t("holding.title")), h("p", { class: "lead" }, t("holding.lead")), note("", t("holding.how")),
    part(
      t("holding.key"), h("p", { id: "key-state", tabindex: "-1" }, key === null ? t("holding.nokey") : keyText(key)),
      field(t(key ? "key.other" : "key.pick"), picker, t("key.hint")), slot,
    ),
    part(
      t("holding.ask"),
      h(
        "form", { onsubmit: send }, field(t("holding.hub"), hub, t("holding.hub.hint")),
        field(t("key.passphrase"), passphrase, t("holding.passphrase.hint")), askSlot,
        h("button", { type: "submit", class: "main" }, t("holding.send")),
      ),
    ),
    h("div", { class: "actions" }, button(t("page.back"), () => desk.show("start"))),
  ];
}

async function pick(desk, file) {
  const parsed = await parseKeyFile(await octetsOf(file, 4096));
  await desk.change({ key: { file: parsed, stored: false } }, "#key-state");
}

async function ask(desk, input) {
  const { key, address } = desk.state;
  const passphrase = input.value;
  input.value = "";
  if (key === null) throw new Refusal("key_needed");
  const hub = hubOf(address);
  const octets = await askHeld(hub, await heldRequest(hub, key.file, passphrase, Date.now()));
  await desk.show("held", { hub, file: key.file, found: await readHeld(octets, key.file) });
}

/** The hub of what was typed or pasted; of a whole link its beginning alone, never what follows it. */
function hubOf(text) {
  const typed = text.trim();
  if (/\s/.test(typed)) throw new Refusal("bad_hub");
  try {
    return hubAddress(new URL(typed.includes("://") ? typed : `https://${typed}`).origin);
  } catch {
    throw new Refusal("bad_hub");
  }
}
