/* The desk: one state, one screen at a time, drawn anew when it changes. Nothing of the state outlives the page. */

import { h, replace } from "./dom.js";
import { alertSlot, button, explained, newId } from "./parts.js";
import { chooseLanguage, language, LANGUAGES, t } from "./texts.js";

export class Desk {
  /** `screens` are functions `(desk) → elements`, by name. */
  constructor(root, screens) {
    this.root = root;
    this.screens = screens;
    this.state = {};
    this.busy = false;
    this.waiting = null;
    this.drawn = 0;
    this.refused = null;
    this.above = alertSlot();
    this.main = h("main", { class: "wrap", id: "content" });
    this.live = h("p", { class: "live", role: "status" });
  }

  /** Go to a screen with a new state; a key that is held open goes along only where it is handed on. */
  async show(screen, state = {}) {
    if (this.state.held !== state.held) this.state.held?.drop();
    this.state = { ...state, screen };
    this.refused = null;
    await this.draw();
    this.main.querySelector("h1")?.focus();
    window.scrollTo(0, 0);
  }

  /** Draw the screen again with changes of the state; the focus goes to `selector` when that is given. */
  async change(changes, selector) {
    Object.assign(this.state, changes);
    this.refused = null;
    await this.draw();
    if (selector) this.main.querySelector(selector)?.focus();
  }

  draw() {
    this.drawing = this.drawAnew();
    return this.drawing;
  }

  async drawAnew() {
    const turn = (this.drawn += 1);
    const elements = await this.screens[this.state.screen](this);
    if (turn !== this.drawn) return;
    document.documentElement.lang = language();
    replace(this.main, elements);
    document.title = `${this.main.querySelector("h1")?.textContent ?? ""} · ${t("page.name")}`;
    if (!this.root.contains(this.main)) replace(this.root, this.skip(), this.masthead(), this.main, this.live, this.foot());
  }

  /** Run an action of the reader once at a time; a refusal is explained in `slot`, or in what stands in its place when the
  screen was drawn anew meanwhile. `doing` is the key of what is said. */
  async attempt(slot, doing, action) {
    if (this.busy) return;
    this.above.remove();
    const { screen } = this.state;
    const at = this.slots().indexOf(slot);
    this.busy = true;
    this.refused = null;
    replace(slot);
    this.live.textContent = t(doing);
    this.root.classList.add("busy");
    try {
      await action();
    } catch (error) {
      await this.drawing.catch(() => {});
      this.refused = { error, at: this.state.screen === screen ? at : -1 };
      this.explain().focus();
    } finally {
      this.busy = false;
      this.live.textContent = "";
      this.root.classList.remove("busy");
    }
    if (this.refused === null || this.state.screen === "start") await this.goOn();
  }

  /** Do something, or nothing, as soon as what is under way is done, of several the last alone. Where that was refused, it is read
  first, and a button beside it goes on; only the first screen has nothing to lose. */
  later(action) {
    this.waiting = action;
  }

  async goOn() {
    const action = this.waiting;
    this.waiting = null;
    await action?.();
  }

  slots() {
    return [...this.main.querySelectorAll(".alert")];
  }

  /** Say why the last action was refused; where the screen has no place for it any more, above everything. */
  explain() {
    const { error, at } = this.refused;
    const slot = this.slots()[at] ?? this.above;
    if (slot === this.above) this.main.prepend(slot);
    replace(slot, explained(error), this.waiting && button(t("outcome.another"), () => this.goOn()));
    return slot;
  }

  say(text) {
    this.live.textContent = text;
  }

  skip() {
    return h("a", { class: "skip", href: "#content" }, t("page.skip"));
  }

  masthead() {
    const id = newId("language");
    const choice = h(
      "select", { id, onchange: () => this.speak(choice.value) },
      LANGUAGES.map(([tag, name]) => h("option", { value: tag, lang: tag, selected: tag === language() }, name)),
    );
    return h(
      "header", { class: "masthead" },
      h("div", { class: "wrap" }, h("p", { class: "brand" }, t("page.name")), h("div", { class: "language" }, h("label", { for: id }, t("page.language")), choice)),
    );
  }

  foot() {
    return h("footer", { class: "foot wrap" }, h("p", {}, t("page.foot")), h("p", {}, t("page.licence")));
  }

  async speak(tag) {
    chooseLanguage(tag);
    this.root.replaceChildren();
    await this.draw();
    if (this.refused) this.explain();
    this.root.querySelector("select").focus();
  }
}
