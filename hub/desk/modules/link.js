/* Draft links: `…#draft=<id>&secret=<base64url>&hub=<address>`. The secret goes to that hub alone, in a header. */

import { b64uDecode } from "./bytes.js";
import { Refusal } from "./refusal.js";

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const LOOPBACK = ["127.0.0.1", "localhost", "[::1]"];

/** `{draft, secret, hub}` of a link, or of what follows its `#`. */
export function readLink(text) {
  const trimmed = text.replace(/\s+/g, "");
  const fields = new URLSearchParams(trimmed.slice(trimmed.indexOf("#") + 1));
  const [draft, secret, hub] = ["draft", "secret", "hub"].map((name) => fields.get(name) ?? "");
  if (!ID.test(draft)) throw new Refusal("bad_link");
  try {
    b64uDecode(secret, 16);
  } catch {
    throw new Refusal("bad_link");
  }
  return { draft, secret, hub: hubAddress(hub) };
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
