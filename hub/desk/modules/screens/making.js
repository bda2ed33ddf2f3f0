/* A key without an invitation (officers, neutrals whose provider asks for the public key first). */

import { h } from "../dom.js";
import { octetsOf } from "../files.js";
import { parseKeyFile, prove } from "../keyfile.js";
import { alertSlot, button, facts, field, heading, KEY_FILES, note, part, passphraseInput, value } from "../parts.js";
import { passphrasePart } from "../passphrases.js";
import { Refusal } from "../refusal.js";
import { publicKeyLink, saveLink } from "../saving.js";
import { storeKey } from "../store.js";
import { t } from "../texts.js";

export function makingScreen(desk) {
  return [
    heading(t("keys.make")), h("p", { class: "lead" }, t("making.lead")),
    passphrasePart(desk, (fresh) => desk.show("saving", { fresh, next: () => desk.show("reopening", { fresh }) })), back(desk),
  ];
}

/** The key exists only in its file from here on: it must be saved before anything goes on. */
export function savingScreen(desk) {
  const { fresh, next } = desk.state;
  const slot = alertSlot();
  const goOn = () => desk.attempt(slot, "busy.reading", () => {
    if (!fresh.saved) throw new Refusal("save_first");
    return next();
  });
  return [
    heading(t("saving.title")), note("warn", t("saving.warn")),
    h("div", { class: "actions" }, saveLink(fresh, "main", () => desk.say(t("saving.saved")))),
    slot, h("div", { class: "actions" }, button(t("saving.next"), goOn)),
    h("details", {}, h("summary", {}, t("page.more")), h("p", {}, t("saving.lead")), facts([[t("label.key"), value(fresh.kid, "code")]])),
  ];
}

/** Opening the saved file once shows that it is there and that the passphrase is remembered. */
export function reopeningScreen(desk) {
  const { fresh } = desk.state;
  const [slot, passphrase] = [alertSlot(), passphraseInput("current-password")];
  const picker = h("input", { type: "file", accept: KEY_FILES });
  const open = (event) => {
    event.preventDefault();
    return desk.attempt(slot, "busy.opening", () => reopen(desk, picker.files[0], passphrase));
  };
  return [
    heading(t("reopening.title")), h("p", { class: "lead" }, t("reopening.lead")), h("p", {}, saveLink(fresh, "quiet")),
    h("form", { onsubmit: open }, field(t("key.pick"), picker), field(t("key.passphrase"), passphrase), slot, h("button", { type: "submit", class: "main" }, t("reopening.open"))),
  ];
}

export function madeScreen(desk) {
  const { key } = desk.state;
  const rows = [[t("label.key"), value(key.kid, "code")], [t("made.public"), value(JSON.stringify(key.jwk), "code")]];
  return [
    heading(t("made.title")), h("p", { class: "lead" }, t("made.lead")),
    part(t("made.public.title"), facts(rows), h("div", { class: "actions" }, publicKeyLink(key))), back(desk),
  ];
}

async function reopen(desk, file, input) {
  const passphrase = input.value;
  input.value = "";
  if (!file) throw new Refusal("reopen_needed");
  const parsed = await parseKeyFile(await octetsOf(file, 4096));
  if (parsed.kid !== desk.state.fresh.kid) throw new Refusal("other_file");
  if (passphrase === "") throw new Refusal("empty_passphrase");
  await prove(parsed, passphrase);
  await storeKey(parsed, null);
  await desk.show("made", { key: parsed });
}

function back(desk) {
  return h("div", { class: "actions" }, button(t("page.back"), () => desk.show("start")));
}
