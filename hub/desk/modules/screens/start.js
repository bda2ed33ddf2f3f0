/* The first screen: the link, the keys of this browser, and a key without an invitation. */

import { h } from "../dom.js";
import { octetsOf } from "../files.js";
import { parseKeyFile } from "../keyfile.js";
import { alertSlot, button, field, heading, keyFilePicker, part } from "../parts.js";
import { forgetKey, storedKeys, storeKey } from "../store.js";
import { t } from "../texts.js";
import { openLink } from "../opening.js";
import { showHolding } from "./holding.js";

export async function startScreen(desk) {
  return [
    heading(t("start.title")), linkForm(desk), await withoutLink(desk), trustPart(),
  ];
}

/** What needs no link; whoever was sent one, and has no key here yet, need not read it. */
async function withoutLink(desk) {
  const keys = await storedKeys();
  return h("details", { open: keys.length > 0 }, h("summary", {}, t("start.more")), keysPart(desk, keys), holdingPart(desk));
}

function linkForm(desk) {
  const slot = alertSlot();
  const input = h("input", { type: "text", autocomplete: "off", spellcheck: "false", autocapitalize: "none", value: desk.state.text ?? "" });
  const open = (event) => {
    event.preventDefault();
    desk.state.text = input.value;
    return desk.attempt(slot, "busy.fetching", () => openLink(desk, input.value));
  };
  return h(
    "section", {},
    h("form", { onsubmit: open }, field(t("start.link.label"), input, t("start.link.hint")), slot, h("button", { type: "submit", class: "main" }, t("start.open"))),
  );
}

function keysPart(desk, keys) {
  const slot = alertSlot();
  const picker = keyFilePicker((file) => desk.attempt(slot, "busy.reading", () => addKey(desk, file)));
  return part(
    t("keys.title"), h("p", {}, t("keys.note")),
    keys.length ? h("ul", { class: "keys" }, keys.map((one) => keyRow(desk, one))) : h("p", { class: "soft" }, t("keys.empty")),
    field(t("keys.add"), picker), slot,
    h("div", { class: "actions" }, button(t("keys.make"), () => desk.show("making", {}))),
  );
}

function keyRow(desk, { file, network }) {
  const forget = () => desk.change({}, forgetKey(file.kid) ? "h1" : null);
  return h(
    "li", {},
    h("span", { class: "value code" }, file.kid), h("span", { class: "small" }, network ? t("keys.network", { network: network.slice(0, 16) }) : t("keys.nonetwork")),
    button(t("keys.forget"), () => confirm(t("keys.forget.sure")) && forget(), "quiet"),
  );
}

async function addKey(desk, file) {
  const parsed = await parseKeyFile(await octetsOf(file, 4096));
  await storeKey(parsed, null);
  await desk.change({}, "h1");
}

function holdingPart(desk) {
  return part(
    t("holding.title"), h("p", {}, t("holding.offer")),
    h("div", { class: "actions" }, button(t("holding.begin"), () => showHolding(desk))),
  );
}

function trustPart() {
  return h("details", {}, h("summary", {}, t("trust.title")), ...["trust.text", "trust.never", "trust.link"].map((key) => h("p", {}, t(key))));
}
