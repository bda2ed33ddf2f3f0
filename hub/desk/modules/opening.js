/* From a link to the screen that its draft is for. */

import { checkSameText, missing, readDraft } from "./draft.js";
import { fetchDraft } from "./hub.js";
import { readInvitation } from "./invitation.js";
import { readLink } from "./link.js";
import { checkLinked, pinned } from "./networks.js";
import { ownSignature } from "./ownsignature.js";
import { Refusal } from "./refusal.js";
import { storedKey, storedKeys } from "./store.js";

/** Fetch what a link names, hold its form, and show it. */
export async function openLink(desk, text) {
  desk.later(null); // a link that waited is older than this one
  const link = readLink(text);
  const answer = await fetchDraft(link);
  if (answer.state === "invited") {
    const invitation = readInvitation(answer.invitation);
    checkLinked(link, invitation.network);
    await desk.show("invitation", { link, answer, invitation });
  } else if (answer.state === "open") {
    await showOpen(desk, link, answer);
  } else {
    await desk.show("outcome", { link, answer, draft: await readable(link, answer.draft) });
  }
}

/** What a second look at a link changes on the screen; a text that comes again must be the one that stands there. */
export async function lookedAgain({ link, draft, you, file }) {
  const answer = await fetchDraft(link);
  const found = await readable(link, answer.draft);
  if (found === null) return { answer };
  if (draft !== null) checkSameText(draft, answer.draft);
  return { answer, draft: found, own: await ownSignature(found, you, file) };
}

/** The screen for signing, with the key of this browser that is asked for, if there is one. */
async function showOpen(desk, link, answer) {
  const draft = await readable(link, answer.draft);
  if (draft === null) throw new Refusal("strange_answer");
  const you = answer.you?.kid || null;
  if (draft.signed.has(you) || missing(draft).length === 0) {
    const file = (await storedKey(you))?.file ?? null;
    await desk.show("outcome", { link, answer, draft, you, file, own: await ownSignature(draft, you, file) });
    return;
  }
  const asked = you === null ? missing(draft).map((one) => one.kid) : [you];
  const found = (await storedKeys()).find((one) => asked.includes(one.file.kid));
  const key = found ? { ...found, stored: true } : null;
  await desk.show("signing", { link, answer, draft, you: you ?? key?.file.kid ?? null, key, ticks: {}, document: null, ...pinned(link, key) });
}

/** The draft of an answer whose texts may be gone already; it is for the network that the link names, whatever became of it. */
async function readable(link, document) {
  if (!document) return null;
  const draft = await readDraft(document);
  checkLinked(link, draft.payload.network);
  return draft;
}

/** What the hub says of the owners of keys: kid → actor id. */
export function ownersOf(answer) {
  const rows = [answer.missing, answer.signed].flatMap((one) => (Array.isArray(one) ? one : []));
  return new Map(rows.filter((one) => typeof one?.owner === "string").map((one) => [one.kid, one.owner]));
}
