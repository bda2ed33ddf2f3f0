/* The award's document: picked by the reader, hashed here, and shown from the very octets that were hashed. */

import { sha256Hex, textOf } from "./bytes.js";
import { h } from "./dom.js";
import { addressOf, octetsOf } from "./files.js";
import { alertSlot, field, filePicker, part } from "./parts.js";
import { printable } from "./printable.js";
import { Refusal } from "./refusal.js";
import { t } from "./texts.js";

const MOST = 512 * 1024 * 1024;
const LOADING = 4000;

export function documentPart(desk) {
  const slot = alertSlot();
  const picker = filePicker("application/pdf,.pdf", (file) => desk.attempt(slot, "busy.hashing", () => pick(desk, file)));
  return part(t("document.title"), field(t("document.pick"), picker, t("document.hint")), slot, viewer(desk.state.document));
}

/** Raise unless the document that was picked is the one that an award names; other kinds need none. */
export function checkDocument(payload, document) {
  if (payload.kind !== "award") return;
  if (document === null) throw new Refusal("document_needed");
  const named = payload.body.manifestation;
  if (named?.sha256 !== document.sha256 || named?.size !== document.size) throw new Refusal("document_mismatch", { name: document.name });
}

async function pick(desk, file) {
  await putAway(desk);
  const octets = await octetsOf(file, MOST);
  const document = { name: file.name, size: octets.length, sha256: await sha256Hex(octets), address: null };
  checkDocument(desk.state.draft.payload, document);
  const isPdf = octets.length > 5 && isText(octets.slice(0, 5), "%PDF-");
  if (isPdf) document.address = addressOf(octets, "application/pdf");
  await desk.change({ document });
  if (isPdf) await loaded(desk.main.querySelector("iframe"));
  desk.main.querySelector("#document-shown").focus();
}

/** Until a viewer has loaded, which takes the focus on its way; not longer than the reader would wait. */
function loaded(frame) {
  return new Promise((done) => {
    frame.addEventListener("load", done, { once: true });
    setTimeout(done, LOADING);
  });
}

/** Whoever picks another file no longer means the one on the screen, nor what was ticked beside it, whatever the new one is. */
async function putAway(desk) {
  const { document, ticks } = desk.state;
  if (document?.address) URL.revokeObjectURL(document.address);
  if (document !== null || Object.values(ticks).includes(true)) await desk.change({ document: null, ticks: {} });
}

function isText(octets, text) {
  try {
    return textOf(octets) === text;
  } catch {
    return false;
  }
}

function viewer(document) {
  if (document === null) return null;
  const name = h("p", { id: "document-shown", tabindex: "-1" }, h("strong", {}, printable(document.name)), " ", h("span", { class: "good" }, t("document.same")));
  if (document.address === null) return h("div", {}, name, h("p", {}, t("document.notpdf")));
  return h(
    "div", { class: "viewer" }, name,
    h("iframe", { src: `${document.address}#navpanes=0&view=FitH`, title: t("document.frame") }),
    h("p", { class: "small noprint" }, h("a", { href: document.address, target: "_blank", rel: "noopener" }, t("document.window"))),
  );
}
