/* The hub's `/v1/drafts`, as the holder of a link speaks to it, and its `/v1/held`, as the holder of a key does. No
cookies, no cache, no redirects. */

import { HubProblem, Refusal } from "./refusal.js";

const WAIT = 60000;
const MAX_ANSWER = 2000000;
const STATES = ["invited", "open", "complete", "registered", "refused", "declined", "expired", "withdrawn"];

export function fetchDraft(link) {
  return ask(link, "GET", "");
}

export function putDraft(link, draft) {
  return ask(link, "PUT", "", { draft });
}

export function postSignature(link, signature) {
  return ask(link, "POST", "/signatures", { signature });
}

export function decline(link, kid, reason) {
  return ask(link, "POST", "/decline", { kid, reason });
}

/** The octets of what is held about whoever signed this question. */
export async function askHeld(hub, request) {
  const headers = { "Content-Type": "application/jose+json" };
  const response = await reach(hub, "/v1/held", { method: "POST", headers, body: JSON.stringify(request) });
  if (!response.ok) throw new HubProblem(problemOf(await decoded(response), response.status));
  try {
    return new Uint8Array(await response.arrayBuffer());
  } catch {
    throw new Refusal("hub_unreachable", { hub });
  }
}

async function ask(link, method, path, body) {
  const headers = { Authorization: `Draft ${link.secret}` };
  if (body) headers["Content-Type"] = "application/json";
  const response = await reach(link.hub, `/v1/drafts/${link.draft}${path}`, { method, headers, body: body && JSON.stringify(body) });
  const answer = await decoded(response);
  if (!response.ok) throw new HubProblem(problemOf(answer, response.status));
  if (answer?.id !== link.draft || !STATES.includes(answer.state)) throw new Refusal("strange_answer");
  return answer;
}

async function reach(hub, path, options) {
  try {
    return await fetch(hub + path, {
      ...options, credentials: "omit", cache: "no-store", redirect: "error", referrerPolicy: "no-referrer",
      signal: AbortSignal.timeout(WAIT),
    });
  } catch {
    throw new Refusal("hub_unreachable", { hub });
  }
}

async function decoded(response) {
  const text = await response.text().catch(() => "");
  try {
    return text.length > MAX_ANSWER ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

/** What is kept of a problem: texts only, whatever the answer holds. */
export function problemOf(answer, status) {
  const text = (name) => (typeof answer?.[name] === "string" ? answer[name] : "");
  const code = text("code") || `http_${status}`;
  return { code, detail: text("detail"), correlation: text("correlation_id"), retryable: answer?.retryable === true };
}
