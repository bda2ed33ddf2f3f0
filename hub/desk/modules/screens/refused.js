/* Where this page must not or can't be used at all. */

import { h } from "../dom.js";
import { heading, note } from "../parts.js";
import { t } from "../texts.js";

export function refusedScreen(desk) {
  const { reason } = desk.state;
  return [heading(t("page.cannot")), note("bad", h("p", {}, h("strong", {}, t(`refusal.${reason}`))), h("p", {}, t(`refusal.${reason}.do`)))];
}
