/* Draft links: `…#draft=<id>&secret=<base64url>&hub=<address>&network=<digest>`, the last not in every link. The secret
goes to that hub alone, in a header. */

import { b64uDecode } from "./bytes.js";
import { Refusal } from "./refusal.js";

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const DIGEST = /^[0-9a-f]{64}$/;
const LOOPBACK = ["127.0.0.1", "localhost", "[::1]"];

/** `{draft, secret, hub, network}` of a link, or of what follows its `#`; `network` is null where none is named. */
export function readLink(text) {
  const trimmed = text.replace(/\s+/g, "");
  const fields = new URLSearchParams(trimmed.slice(trimmed.indexOf("#") + 1));
  const [draft, secret, hub] = ["draft", "secret", "hub"].map((name) => fields.get(name) ?? "");
  const networks = fields.getAll("network");
  const right = networks.length < 2 && networks.every((one) => DIGEST.test(one));
  if (!ID.test(draft) || !right) throw new Refusal("bad_link");
  try {
    b64uDecode(secret, 16);
  } catch {
    throw new Refusal("bad_link");
  }
  return { draft, secret, hub: hubAddress(hub), network: networks[0] ?? null };
}

/** Whether a text is a whole link that may be followed. */
export function isLink(text) {
  try {
    readLink(text);
    return true;
  } catch {
    return false;
  }
}

/** A hub's address in its one form: https, or this machine, and nothing that a request could leak. */
export function hubAddress(text) {
  let url;
  try {
    url = new URL(text);
  } catch {
    throw new Refusal("bad_link");
  }
  const safe = url.protocol === "https:" || (url.protocol === "http:" && LOOPBACK.includes(url.hostname));
  if (!safe || url.username || url.password || url.search || url.hash) throw new Refusal("unsafe_hub");
  return url.href.replace(/\/+$/, "");
}
