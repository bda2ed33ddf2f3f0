/* The screen on which a draft is read, confirmed and signed. */

import { h } from "../dom.js";
import { documentPart } from "../documentpart.js";
import { declinePart } from "../declining.js";
import { keyPart } from "../keypart.js";
import { networkPart } from "../networkpart.js";
import { heading, note } from "../parts.js";
import { printable } from "../printable.js";
import { kindTitle, statementView } from "../statement.js";
import { ownersOf } from "../opening.js";
import { t } from "../texts.js";
import { ticksPart } from "../ticks.js";

export async function signingScreen(desk) {
  const { draft, answer, link, you } = desk.state;
  const award = draft.payload.kind === "award";
  const statement = await statementView(t("summary.title"), draft, { you, owners: ownersOf(answer) });
  const reading = award ? [h("div", { class: "beside" }, statement, documentPart(desk))] : [statement];
  return [
    heading(kindTitle(draft.payload.kind)),
    h("p", { class: "lead" }, t("signing.lead", { hub: printable(link.hub) })),
    note("warn", t("signing.warn")),
    ...reading, networkPart(desk), ticksPart(desk), keyPart(desk), declinePart(desk),
  ];
}
