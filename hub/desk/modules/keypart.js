/* The key and the act of signing. The passphrase is read once, out of its field, and the field is emptied. */

import { checkSameText, draftDocument, signatureOf } from "./draft.js";
import { checkDocument } from "./documentpart.js";
import { h } from "./dom.js";
import { sign } from "./ed25519.js";
import { octetsOf } from "./files.js";
import { postSignature, putDraft } from "./hub.js";
import { parseKeyFile, unlocked } from "./keyfile.js";
import { checkNetwork } from "./networkpart.js";
import { alertSlot, field, filePicker, part, passphraseInput, tick } from "./parts.js";
import { Refusal } from "./refusal.js";
import { saveLink } from "./saving.js";
import { storedKeys, storeKey } from "./store.js";
import { t } from "./texts.js";
import { ticksOf } from "./ticks.js";
import { timestamp } from "./times.js";

export function keyPart(desk) {
  const { key, fresh, keep = true } = desk.state;
  const [slot, signSlot, passphrase] = [alertSlot(), alertSlot(), passphraseInput("current-password")];
  const picker = filePicker(".json,application/json", (file) => desk.attempt(slot, "busy.reading", () => pick(desk, file)));
  const send = (event) => {
    event.preventDefault();
    return desk.attempt(signSlot, "busy.signing", () => signAndSend(desk, passphrase));
  };
  return part(
    t("key.title"), h("p", { id: "key-state", tabindex: "-1" }, keyState(desk.state)),
    fresh && !key ? h("p", {}, saveLink(fresh, "quiet")) : null,
    field(t(key ? "key.other" : "key.pick"), picker, t(fresh && !key ? "key.reopen" : "key.hint")), slot,
    h(
      "form", { onsubmit: send },
      field(t("key.passphrase"), passphrase, t("key.passphrase.hint")),
      tick(t("key.keep"), keep, (checked) => (desk.state.keep = checked)),
      signSlot, h("button", { type: "submit", class: "main" }, t("key.sign")),
    ),
  );
}

/** Which key is loaded, and from where. */
export function keyText(key) {
  return t(key.stored ? "key.there" : "key.opened", { kid: key.file.kid });
}

function keyState({ key, fresh }) {
  return key ? keyText(key) : t(fresh ? "key.fresh" : "key.none");
}

async function pick(desk, file) {
  const parsed = await parseKeyFile(await octetsOf(file, 4096));
  checkAsked(desk.state, parsed);
  const known = (await storedKeys()).find((one) => one.file.kid === parsed.kid);
  const network = desk.state.network ?? known?.network ?? null;
  await desk.change({ key: { file: parsed, stored: false }, network, you: parsed.kid, made: null }, "#key-state");
}

/** Raise unless the draft waits for this key, and the link is not for another. */
function checkAsked({ draft, answer }, { kid }) {
  if (!draft.payload.signers.some((one) => one.kid === kid)) throw new Refusal("not_a_signer", { kid });
  if (draft.signed.has(kid)) throw new Refusal("already_signed");
  const meant = answer.you?.kid;
  if (meant && meant !== kid) throw new Refusal("link_of_another", { kid: meant });
}

async function signAndSend(desk, input) {
  const { state } = desk;
  const passphrase = input.value;
  input.value = "";
  checkReady(state);
  state.made ??= await signed(state, passphrase);
  const { link, draft, made } = state;
  const answer = state.invited
    ? await putDraft(link, draftDocument(draft.octets, [made], draft.annexOctets))
    : await postSignature(link, made);
  if (state.keep !== false) storeKey(state.key.file, state.network);
  checkSameText(draft, answer.draft);
  draft.signed.set(state.key.file.kid, null);
  const { document, key } = state;
  await desk.show("outcome", { link, answer, draft, you: key.file.kid, document, made, signedAt: timestamp(Date.now()) });
}

function checkReady(state) {
  checkNetwork(state.draft.payload, state.network);
  checkDocument(state.draft.payload, state.document);
  if (ticksOf(state.draft).some(([name]) => state.ticks[name] !== true)) throw new Refusal("not_ticked");
  if (!state.key) throw new Refusal(state.fresh ? "reopen_needed" : "key_needed");
  checkAsked(state, state.key.file);
}

async function signed({ key: { file }, draft }, passphrase) {
  if (passphrase === "") throw new Refusal("empty_passphrase");
  const iat = Math.floor(Date.now() / 1000);
  return unlocked(file, passphrase, (pkcs8) => signatureOf(draft, file.kid, iat, (message) => sign(pkcs8, file.x, message)));
}
