/* Whether the statement is for the network that the reader means: held against `verification-policy.txt`. */

import { h } from "./dom.js";
import { octetsOf } from "./files.js";
import { alertSlot, field, filePicker, note, part } from "./parts.js";
import { networkOf } from "./policyfile.js";
import { Refusal } from "./refusal.js";
import { t } from "./texts.js";

export function networkPart(desk) {
  const { draft, network } = desk.state;
  if (draft.payload.network === null) return null;
  const slot = alertSlot();
  const picker = filePicker(".txt,text/plain", (file) => desk.attempt(slot, "busy.reading", () => pin(desk, file)));
  const state = network === null ? "network.unchecked" : network === draft.payload.network ? "network.same" : "network.other";
  const kind = network === null ? "warn" : network === draft.payload.network ? "good" : "bad";
  return part(
    t("network.title"), h("div", { id: "network-state", tabindex: "-1" }, note(kind, t(state))),
    h("details", { open: network === null }, h("summary", {}, t("network.load")), field(t("network.pick"), picker, t("network.hint")), slot),
  );
}

/** Raise when a network is known that is not the payload's. */
export function checkNetwork(payload, network) {
  if (network !== null && payload.network !== null && network !== payload.network) throw new Refusal("wrong_network");
}

async function pin(desk, file) {
  const network = networkOf(await octetsOf(file, 65536));
  await desk.change({ network }, "#network-state");
}
