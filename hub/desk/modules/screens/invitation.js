/* An invitation: what is proposed, and the way to a key of one's own. */

import { declinePart } from "../declining.js";
import { h } from "../dom.js";
import { octetsOf } from "../files.js";
import { complete } from "../invitation.js";
import { parseCanonical } from "../json.js";
import { parseKeyFile } from "../keyfile.js";
import { alertSlot, facts, field, filePicker, heading, part, value } from "../parts.js";
import { passphrasePart } from "../passphrases.js";
import { printable } from "../printable.js";
import { annexView, bodyView, kindTitle, roleName } from "../statement.js";
import { t } from "../texts.js";

export async function invitationScreen(desk) {
  const { invitation, link } = desk.state;
  return [
    heading(t("invitation.title", { kind: kindTitle(invitation.kind) })),
    h("p", { class: "lead" }, t("invitation.lead", { hub: printable(link.hub), issuer: printable(invitation.issuer) })),
    await proposedPart(invitation), passphrasePart(desk, (fresh) => proceed(desk, fresh)), havePart(desk), declinePart(desk),
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
  const picker = filePicker(".json,application/json", (file) => desk.attempt(slot, "busy.reading", () => haveKey(desk, file)));
  return h("details", {}, h("summary", {}, t("invitation.have")), field(t("key.pick"), picker, t("invitation.have.hint")), slot);
}

async function haveKey(desk, file) {
  const parsed = await parseKeyFile(await octetsOf(file, 4096));
  await toSigning(desk, parsed, { key: { file: parsed, stored: false } });
}

/** A key was made: first its file is saved, then the completed draft is shown. */
function proceed(desk, fresh) {
  const { state } = desk;
  return desk.show("saving", { fresh, next: () => toSigning({ show: desk.show.bind(desk), state }, fresh, { fresh }) });
}

async function toSigning(desk, key, more) {
  const { invitation, link, answer } = desk.state;
  const draft = await complete(invitation, key, Date.now());
  await desk.show("signing", { link, answer: { ...answer, you: null }, draft, you: key.kid, key: null, ticks: {}, document: null, network: null, invited: true, ...more });
}
