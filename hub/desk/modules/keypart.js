/* The key and the act of signing: one act of will for each signature. The passphrase is read once, out of its field, and
the field is emptied; for the first signature of a key that was made on this page a minute ago it was typed already. */

import { checkSameText, draftDocument, signatureOf } from "./draft.js";
import { checkDocument } from "./documentpart.js";
import { h, replace } from "./dom.js";
import { sign } from "./ed25519.js";
import { octetsOf } from "./files.js";
import { postSignature, putDraft } from "./hub.js";
import { openedBy, parseKeyFile, unlocked } from "./keyfile.js";
import { checkNetwork } from "./networkpart.js";
import { pinned } from "./networks.js";
import { ownSignature } from "./ownsignature.js";
import { alertSlot, field, keyFilePicker, part, passphraseInput, tick } from "./parts.js";
import { Refusal } from "./refusal.js";
import { saveLink } from "./saving.js";
import { storedKey, storeKey } from "./store.js";
import { t } from "./texts.js";
import { ticksOf } from "./ticks.js";

export function keyPart(desk) {
  const { key, fresh = null, held, keep = true } = desk.state;
  const [slot, signSlot, passphrase] = [alertSlot(), alertSlot(), passphraseInput("current-password")];
  const picker = keyFilePicker((file) => desk.attempt(slot, "busy.reading", () => pick(desk, file)));
  const send = (event) => {
    event.preventDefault();
    return desk.attempt(signSlot, "busy.signing", () => signAndSend(desk, passphrase));
  };
  const state = h("p", { id: "key-state", tabindex: "-1", role: "status" }, keyState(desk.state));
  const typing = h("div", {}, held?.open ? null : field(t("key.passphrase"), passphrase));
  if (held) held.ongone = () => askAgain(state, typing, passphrase);
  const picking = [field(t("key.pick"), picker, t("key.hint")), fresh && h("p", {}, saveLink(fresh, "quiet")), slot];
  return part(
    t("key.title"), state, ...(key ? [] : picking),
    h(
      "form", { onsubmit: send }, typing,
      key?.stored ? null : tick(t("key.keep"), keep, (checked) => (desk.state.keep = checked)),
      signSlot, h("button", { type: "submit", class: "main" }, t("key.sign")),
    ),
    key && h("details", {}, h("summary", {}, t("key.other")), ...picking),
  );
}

/** Which key is loaded, and from where. */
export function keyText(key) {
  return t(key.stored ? "key.there" : "key.opened", { kid: key.file.kid });
}

function keyState({ key, held }) {
  if (held?.open) return t("key.held");
  return key ? keyText(key) : t("key.none");
}

/** The key is not held open any more: only its passphrase is asked for, and nothing else on the screen changes. */
function askAgain(state, typing, passphrase) {
  replace(state, t("key.released"));
  replace(typing, field(t("key.passphrase"), passphrase));
}

async function pick(desk, file) {
  const parsed = await parseKeyFile(await octetsOf(file, 4096));
  await ownSignature(desk.state.draft, parsed.kid, parsed);
  checkAsked(desk.state, parsed);
  const known = await storedKey(parsed.kid);
  const { link, network, source } = desk.state;
  const found = known?.network && source !== "file" ? pinned(link, known) : { network, source };
  desk.state.held?.drop();
  await desk.change({ key: { file: parsed, stored: false }, ...found, you: parsed.kid, made: null }, "#key-state");
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
    ? await putDraft(link, draftDocument(draft.octets, [made], draft.annexOctets)).catch(byThisClock)
    : await postSignature(link, made);
  if (state.keep !== false) await storeKey(state.key.file, state.network);
  checkSameText(draft, answer.draft);
  draft.signed.set(state.key.file.kid, null);
  const { document, key: { file } } = state;
  await desk.show("outcome", { link, answer, draft, you: file.kid, file, own: "verified", document, made });
}

/** An entry that was completed here is dated by the clock of this computer, not by whoever sent the link. */
function byThisClock(problem) {
  if (problem.code === "issued_too_early") problem.told = "dated_too_early";
  throw problem;
}

function checkReady(state) {
  checkNetwork(state);
  checkDocument(state.draft.payload, state.document);
  if (ticksOf(state.draft).some(([name]) => state.ticks[name] !== true)) throw new Refusal("not_ticked");
  if (!state.key) throw new Refusal("key_needed");
  checkAsked(state, state.key.file);
}

async function signed({ key: { file }, held, draft }, passphrase) {
  const iat = Math.floor(Date.now() / 1000);
  const use = (pkcs8) => signatureOf(draft, file.kid, iat, (message) => sign(pkcs8, file.x, message));
  const opener = held?.take() ?? null;
  if (opener !== null) return openedBy(file, opener, use);
  if (passphrase === "") throw new Refusal("empty_passphrase");
  return unlocked(file, passphrase, use);
}
