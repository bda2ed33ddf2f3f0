/* Whether the statement is for the network that the reader means: held against `verification-policy.txt`, against what
this browser remembers of the key, or else against the word of the link. */

import { h } from "./dom.js";
import { octetsOf } from "./files.js";
import { alertSlot, field, filePicker, note, part } from "./parts.js";
import { networkOf } from "./policyfile.js";
import { Refusal } from "./refusal.js";
import { t } from "./texts.js";

const SAID = {
  file: ["good", "network.same"], browser: ["good", "network.known"], link: ["", "network.link"], foreign: ["bad", "network.foreign"],
  none: ["warn", "network.unchecked"], other: ["bad", "network.other"],
};

export function networkPart(desk) {
  const { draft, network, source } = desk.state;
  if (draft.payload.network === null) return null;
  const slot = alertSlot();
  const picker = filePicker(".txt,text/plain", (file) => desk.attempt(slot, "busy.reading", () => pin(desk, file)));
  const [mood, said] = SAID[network !== null && network !== draft.payload.network ? "other" : source];
  return part(
    t("network.title"), h("div", { id: "network-state", tabindex: "-1" }, note(mood, t(said))),
    h("details", { open: network === null }, h("summary", {}, t("network.load")), field(t("network.pick"), picker, t("network.hint")), slot),
  );
}

/** Raise when a network is known that is not the payload's, or the link's word for it is not enough. */
export function checkNetwork({ draft: { payload }, network, source }) {
  if (payload.network === null) return;
  if (network !== null && network !== payload.network) throw new Refusal("wrong_network");
  if (source === "foreign") throw new Refusal("foreign_network");
}

async function pin(desk, file) {
  const network = networkOf(await octetsOf(file, 65536));
  await desk.change({ network, source: "file" }, "#network-state");
}
