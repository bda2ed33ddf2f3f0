/* Saying no, with a reason that whoever prepared the draft reads. */

import { decline } from "./hub.js";
import { h } from "./dom.js";
import { alertSlot, button, field } from "./parts.js";
import { Refusal } from "./refusal.js";
import { t } from "./texts.js";

export function declinePart(desk) {
  const slot = alertSlot();
  const reason = h("textarea", { rows: "3", maxlength: "500" });
  const send = () => desk.attempt(slot, "busy.sending", () => refuse(desk, reason.value.trim()));
  return h(
    "details", { class: "decline" }, h("summary", {}, t("decline.title")),
    h("p", {}, t("decline.note")), field(t("decline.reason"), reason, t("decline.hint")), slot, button(t("decline.send"), send, "danger"),
  );
}

async function refuse(desk, reason) {
  if (reason === "") throw new Refusal("reason_needed");
  const { link, answer, you, draft = null, invited = false } = desk.state;
  const announced = draft?.payload.signers.some((one) => one.kid === you) ? you : null;
  const kid = invited ? null : answer.you?.kid || announced; // of a key that was made here the hub may not know yet
  await desk.show("outcome", { link, answer: await decline(link, kid, reason), draft: null });
}
