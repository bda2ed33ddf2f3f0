/* The beginning: where this page stands decides whether it may be used; a link in the address is opened and taken out. */

import { Desk } from "./desk.js";
import { guardFocus } from "./focusguard.js";
import { isLink } from "./link.js";
import { openLink } from "./opening.js";
import { alertSlot, explained } from "./parts.js";
import { heldScreen } from "./screens/held.js";
import { holdingScreen } from "./screens/holding.js";
import { invitationScreen } from "./screens/invitation.js";
import { madeScreen, makingScreen, reopeningScreen, savingScreen } from "./screens/making.js";
import { outcomeScreen } from "./screens/outcome.js";
import { refusedScreen } from "./screens/refused.js";
import { signingScreen } from "./screens/signing.js";
import { startScreen } from "./screens/start.js";
import { guessLanguage } from "./texts.js";

const desk = new Desk(document.getElementById("page"), {
  held: heldScreen, holding: holdingScreen, invitation: invitationScreen, made: madeScreen, making: makingScreen,
  outcome: outcomeScreen, refused: refusedScreen, reopening: reopeningScreen, saving: savingScreen, signing: signingScreen,
  start: startScreen,
});

guardFocus(document.getElementById("page"));

/** Why keys must not be used here, or null. */
function obstacle() {
  if (location.protocol !== "file:") return "served_page";
  return window.isSecureContext && globalThis.crypto?.subtle ? null : "no_secure_context";
}

/** The fragment of the address, which is taken out of it at once: it holds a secret. */
function takeFragment() {
  const fragment = location.hash.slice(1);
  if (fragment) history.replaceState(null, "", location.href.split("#", 1)[0]);
  return fragment;
}

/** Open a link from the first screen, which shows what of `state` it has; a link that comes while something is under way
is opened afterwards. */
async function openFrom(text, state = {}) {
  if (!desk.busy) await desk.show("start", state);
  if (desk.busy) return desk.later(() => openFrom(text, state));
  const slot = desk.main.querySelector(".alert") ?? alertSlot();
  await desk.attempt(slot, "busy.fetching", () => openLink(desk, text));
}

/** A whole link that is pasted on a screen where nothing is under way is opened at once; any other text is just pasted. */
async function openPasted(event) {
  const text = event.clipboardData?.getData("text/plain") ?? "";
  if (!["start", "outcome"].includes(desk.state.screen) || desk.busy || !isLink(text)) return;
  event.preventDefault();
  await openFrom(text, { text });
}

async function begin() {
  guessLanguage();
  const reason = obstacle();
  if (reason !== null) return desk.show("refused", { reason });
  const fragment = takeFragment();
  return fragment.includes("draft=") ? openFrom(fragment) : desk.show("start");
}

addEventListener("hashchange", () => {
  if (desk.state.screen === "refused" || !location.hash.includes("draft=")) return;
  void openFrom(takeFragment());
});
addEventListener("paste", (event) => void openPasted(event));
addEventListener("beforeprint", () => document.querySelectorAll("details.forpaper").forEach((one) => one.setAttribute("open", "")));
addEventListener("unhandledrejection", (event) => {
  const slot = alertSlot();
  slot.append(...explained(event.reason));
  desk.main.prepend(slot);
});
void begin();
