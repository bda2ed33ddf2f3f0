/* What became of a draft, and the record of what was signed, for the reader's own files. */

import { h } from "../dom.js";
import { readHeader } from "../draft.js";
import { problemOf } from "../hub.js";
import { lookedAgain, ownersOf } from "../opening.js";
import { alertSlot, button, explained, facts, heading, note, part, value } from "../parts.js";
import { HubProblem } from "../refusal.js";
import { printable } from "../printable.js";
import { asItIs } from "../readings.js";
import { kindTitle, roleName, statementView } from "../statement.js";
import { t } from "../texts.js";
import { timestamp } from "../times.js";

const MOODS = { registered: "good", open: "", complete: "", refused: "bad", declined: "warn", expired: "warn", withdrawn: "warn" };

export async function outcomeScreen(desk) {
  const { answer, draft, own, made } = desk.state;
  const signed = made !== undefined || own === "verified";
  return [
    heading(t(signed ? "outcome.signed" : "outcome.title")),
    note(MOODS[answer.state], h("p", {}, h("strong", {}, stateText(answer))), ...further(answer)),
    own === "named" ? note("warn", t("outcome.named")) : null,
    missingView(answer), actions(desk),
    ...(draft === null ? [] : await recordParts(desk.state, signed)),
  ];
}

/** The draft whole. Whoever has just signed has read it, so it waits folded; it is opened for paper. */
async function recordParts({ answer, draft, you, own, document = null, made, link }, signed) {
  const kind = h("p", { class: "record" }, h("strong", {}, kindTitle(draft.payload.kind)));
  const statement = await statementView(t(signed ? "summary.signed" : "summary.draft"), draft, { you, own, owners: ownersOf(answer), document });
  if (made === undefined) return [kind, statement];
  return [h("details", { class: "forpaper" }, h("summary", {}, t("outcome.record")), kind, statement, signaturePart({ made, you, draft, link }))];
}

function stateText(answer) {
  const index = answer.result?.index;
  if (answer.state === "registered" && Number.isInteger(index)) return t("state.registered.at", { index });
  return t(`state.${answer.state}`);
}

function further(answer) {
  if (answer.state === "refused" && answer.result?.problem) return explained(new HubProblem(problemOf(answer.result.problem, "")));
  if (answer.state === "declined" && typeof answer.declined?.reason === "string") {
    return [facts([[t("label.reason"), value(answer.declined.reason)], [t("label.declined_by"), value(answer.declined.kid ?? null)]])];
  }
  const digest = answer.result?.digest;
  return typeof digest === "string" ? [facts([[t("label.digest"), value(digest, "code")]])] : [];
}

function missingView(answer) {
  const rows = Array.isArray(answer.missing) && answer.state === "open" ? answer.missing : [];
  if (rows.length === 0) return null;
  const row = (one) => h("li", {}, h("strong", {}, roleName(String(one.role))), one.owner ? h("span", {}, " · ", value(String(one.owner))) : null, h("span", { class: "value code" }, printable(String(one.kid))));
  return part(t("outcome.missing"), h("ul", { class: "signers" }, rows.map(row)));
}

function actions(desk) {
  const slot = alertSlot();
  const again = () => desk.attempt(slot, "busy.fetching", async () => desk.change(await lookedAgain(desk.state), "h1"));
  const buttons = [
    desk.state.draft === null ? null : button(t("outcome.print"), () => window.print(), "main"),
    ["open", "complete"].includes(desk.state.answer.state) ? button(t("outcome.again"), again) : null,
    button(t("outcome.another"), () => desk.show("start")),
  ];
  return h("div", { class: "actions noprint" }, ...buttons.filter(Boolean), slot);
}

/** What the signature says of itself, and all that is needed, beside the statement, to verify it. */
function signaturePart({ made, you, draft, link }) {
  const signedAt = timestamp(readHeader(made).iat * 1000);
  const rows = [
    [t("label.key"), value(you, "code")], [t("label.signed_at"), asItIs(signedAt)], [t("label.hub"), value(link.hub)],
    [t("label.digest"), value(draft.digest, "code")], [t("label.header"), value(made.protected, "code")],
    [t("label.signature"), value(made.signature, "code")],
  ];
  return part(t("outcome.yours"), facts(rows));
}
