/* An invitation: what is proposed, and the way to a key of one's own. */

import { declinePart } from "../declining.js";
import { h } from "../dom.js";
import { octetsOf } from "../files.js";
import { complete } from "../invitation.js";
import { parseCanonical } from "../json.js";
import { HeldKey } from "../heldkey.js";
import { parseKeyFile } from "../keyfile.js";
import { invitedTo } from "../networks.js";
import { alertSlot, facts, field, heading, keyFilePicker, part, value } from "../parts.js";
import { passphrasePart } from "../passphrases.js";
import { printable } from "../printable.js";
import { annexView, bodyView, kindTitle, roleName } from "../statement.js";
import { t } from "../texts.js";

export async function invitationScreen(desk) {
  const { invitation, link } = desk.state;
  return [
    heading(t("invitation.title", { kind: kindTitle(invitation.kind) })),
    h("p", { class: "lead" }, t("invitation.lead", { hub: printable(link.hub) })),
    await proposedPart(invitation), passphrasePart(desk, (fresh, opener) => proceed(desk, fresh, opener)), havePart(desk), declinePart(desk),
  ];
}

async function proposedPart({ kind, body, annexOctets, ...invitation }) {
  const above = [[t("label.made_by"), value(invitation.issuer)], [t("label.network"), value(invitation.network)]];
  return part(
    t("invitation.proposed"),
    ...(await bodyView(kind, body, above)),
    ...(annexOctets === null ? [] : await annexView(kind, parseCanonical(annexOctets, 262144))),
    h("h3", {}, t("invitation.others")),
    h("ul", { class: "signers" }, invitation.signers.map((one) => h("li", {}, h("strong", {}, roleName(one.role)), h("span", { class: "value code" }, printable(one.kid))))),
  );
}

function havePart(desk) {
  const slot = alertSlot();
  const picker = keyFilePicker((file) => desk.attempt(slot, "busy.reading", () => haveKey(desk, file)));
  return h("details", {}, h("summary", {}, t("invitation.have")), field(t("key.pick"), picker, t("invitation.have.hint")), slot);
}

async function haveKey(desk, file) {
  const parsed = await parseKeyFile(await octetsOf(file, 4096));
  await toSigning(desk, parsed, { key: { file: parsed, stored: false } });
}

/** A key was made: first its file is saved, then the completed draft is shown, which this key signs. */
async function proceed(desk, fresh, opener) {
  const { state } = desk;
  const key = { file: await parseKeyFile(fresh.octets), stored: false };
  const held = new HeldKey(opener);
  const more = { key, fresh, held };
  return desk.show("saving", { fresh, held, next: () => toSigning({ show: desk.show.bind(desk), state }, fresh, more) });
}

async function toSigning(desk, key, more) {
  const { invitation, link, answer } = desk.state;
  const draft = await complete(invitation, key, Date.now());
  const network = await invitedTo(link);
  await desk.show("signing", { link, answer: { ...answer, you: null }, draft, you: key.kid, ticks: {}, document: null, invited: true, ...network, ...more });
}
