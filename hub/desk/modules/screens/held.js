/* What the hub holds about the reader, in plain words and word for word, and the whole of it as a file. */

import { h } from "../dom.js";
import { addressOf } from "../files.js";
import { button, facts, heading, newId, note, part, value } from "../parts.js";
import { printable } from "../printable.js";
import { leaves } from "../bodyrows.js";
import { asItIs, timeText } from "../readings.js";
import { annexView, bodyView, kindTitle, wordRows } from "../statement.js";
import { coded, number, t } from "../texts.js";
import { showHolding } from "./holding.js";

export async function heldScreen(desk) {
  const { hub, file, found } = desk.state;
  const { answer, statements } = found;
  return [
    heading(t("held.title")),
    h("p", { class: "lead" }, t("held.lead", { id: printable(answer.neutral.id), hub: printable(hub), size: number(answer.size), time: timeText(answer.time) })),
    actions(desk),
    await entryPart(answer.neutral), keysPart(answer, file),
    part(t("held.statements"), h("p", {}, t("held.statements.note")), ...(await Promise.all(statements.map(statementRow)))),
    draftsPart(answer.drafts), derivedPart(answer), checkedPart(),
  ];
}

function actions(desk) {
  const { found } = desk.state;
  found.address ??= addressOf(found.octets, "application/json");
  const save = h("a", { class: "button main", href: found.address, download: "odr-held.json" }, t("held.save"));
  return h("div", { class: "actions noprint" }, save, button(t("holding.again"), () => showHolding(desk)), button(t("page.back"), () => desk.show("start")));
}

async function entryPart(neutral) {
  const { accreditation } = neutral;
  const rows = [
    [t("label.name"), value(neutral.profile?.display_name ?? null)], [t("held.id"), value(neutral.id)],
    [t("label.status"), words("neutral_statuses", neutral.status)],
    [t("label.nominated_by"), value([neutral.providers ?? []].flat().map(String).join(", ") || null)],
    [t("label.key_custody"), words("key_custody", neutral.key_custody)],
    [t("held.accreditation"), words("accreditation_statuses", neutral.accreditation_status)],
    ...(accreditation ? [[t("label.valid_from"), asItIs(accreditation.valid_from)], [t("label.valid_to"), asItIs(accreditation.valid_to)]] : []),
  ];
  return part(t("held.entry"), h("p", {}, t("held.entry.note")), facts(rows), h("details", {}, h("summary", {}, t("held.word")), wordRows(await leaves(neutral))));
}

function keysPart({ keys, key_states: states }, file) {
  const row = (one) => h(
    "li", { class: one.kid === file.kid ? "you" : "" },
    h("strong", {}, words("key_purposes", one.purpose)), one.kid === file.kid ? h("span", {}, " · ", t("held.key.yours")) : null,
    h("span", { class: "state" }, words("key_states", states?.[one.kid])), h("span", { class: "value code" }, printable(one.kid)),
  );
  return part(t("held.keys"), h("ul", { class: "signers" }, keys.map(row)));
}

async function statementRow({ payload, digest, index, annex, annexKept, yours }) {
  const above = [[t("label.made_by"), value(payload.issuer)], [t("label.made_on"), asItIs(payload.issued_at)]];
  const below = [
    [t("held.position"), value(number(index))], [t("label.digest"), value(digest, "code")],
    ...(yours ? [[t("label.signature"), h("span", { class: "value good" }, t("held.signature.yours"))]] : []),
  ];
  return h(
    "details", {}, h("summary", {}, kindTitle(payload.kind), h("span", { class: "small" }, " · ", t("held.row", { index: number(index), time: timeText(payload.issued_at.slice(0, 10)) }))),
    ...(await bodyView(payload.kind, payload.body, above, below)),
    ...(annex === null ? [] : await annexView(payload.kind, annex)), annexKept ? null : note("", t("held.annex.gone")),
  );
}

function draftsPart(drafts) {
  if (drafts.length === 0) return part(t("held.drafts"), h("p", {}, t("held.drafts.none")));
  const row = (one) => h(
    "li", {}, h("strong", {}, kindTitle(String(one?.kind))), h("span", {}, " · ", value(String(one?.issuer))),
    h("span", { class: "state" }, t("held.draft.until", { time: timeText(String(one?.expires_at)) })),
  );
  return part(t("held.drafts"), h("p", {}, t("held.drafts.note")), h("ul", { class: "signers" }, drafts.map(row)));
}

function derivedPart({ rules, versions }) {
  return part(
    t("held.derived"), h("p", {}, t("held.derived.note")),
    whole(t("held.rules"), rules), whole(t("held.versions"), versions),
  );
}

function checkedPart() {
  const list = (...keys) => h("ul", {}, keys.map((key) => h("li", {}, t(key))));
  return part(
    t("held.checked"), list("held.checked.person", "held.checked.digest", "held.checked.annex"),
    h("h3", {}, t("held.unchecked")), list("held.unchecked.others", "held.unchecked.log", "held.unchecked.complete"),
    h("p", {}, t("held.awards")),
  );
}

function words(list, code) {
  return h("span", { class: "value" }, coded(list, printable(String(code))));
}

/** A value as indented JSON, as text, to be opened. */
function whole(title, content) {
  const id = newId("whole");
  const lines = JSON.stringify(content, null, 1).split("\n").map(printable).join("\n");
  return h("details", {}, h("summary", { id }, title), h("pre", { tabindex: "0", role: "region", "aria-labelledby": id }, lines));
}
