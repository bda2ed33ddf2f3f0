/* What the reader confirms, one tick for each thing, before anything is signed. */

import { h } from "./dom.js";
import { tick } from "./parts.js";
import { seatText, timeText } from "./readings.js";
import { t } from "./texts.js";

/** What must be ticked: `[name, text]`. An award is confirmed in its content, date and seat, each apart. */
export function ticksOf(draft) {
  const { body, kind } = draft.payload;
  if (kind !== "award") return [["content", t("tick.statement")]];
  return [
    ["content", t("tick.content")],
    ["date", t("tick.date", { date: timeText(body.date) })],
    ["seat", t("tick.seat", { seat: seatText(body.seat) })],
  ];
}

export function ticksPart(desk) {
  const { draft, ticks } = desk.state;
  const boxes = ticksOf(draft).map(([name, text]) => tick(text, ticks[name] === true, (checked) => (ticks[name] = checked)));
  return h("section", {}, h("fieldset", {}, h("legend", {}, h("h2", {}, t("tick.title"))), ...boxes));
}
