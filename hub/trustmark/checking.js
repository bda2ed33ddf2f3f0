/*! ODR trust mark - Apache-2.0. Shows what a hub has signed about a member, checked in this browser.

<odr-trust-mark hub="https://hub.example" member="harbour-odr" network="<digest>" hub-key="<x of the key>">

The steps of verifyMemberStatus, in order; each that fails refuses with its code:
  1  the answer is a JWS of the profile, of type odr-member-status+jws, signed once, as "hub"    not_genuine
  2  the key that signed is one that the page names                                              key_changed
  3  the signature fits                                                                          not_genuine
  4  the signed text is about this network and this member                                       not_genuine
  5  it is valid for 60 seconds at most, and now                                                 stale
  6  its state is a known one, and an approval rests on a decision in force                      not_genuine
*/
const WORDS = __WORDS__;
const LOOK = __LOOK__;

const VALID_SECONDS = 60;
const EARLY_SECONDS = 60; // how far this device's clock may be behind
const RENEW_SECONDS = 15; // before expiry
const RETRY_SECONDS = 5;
const IDLE_SECONDS = 30;
const WAIT_MS = 10000;
const MOST_CHARACTERS = 16384;
const APPROVALS = { accredited: "listed", conditional: "conditional" };
const STATES = ["accredited", "conditional", "concern", "suspended", "removed", "expired", "not_accredited"];
const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];

/** Why nothing can be said: `code` is unreachable, not_genuine, key_changed, stale, wrong_setup or insecure. */
export class Refusal extends Error {
  constructor(code) {
    super(code);
    this.code = code;
  }
}

const hold = (holds, code = "not_genuine") => {
  if (!holds) throw new Refusal(code);
};
const seconds = () => Math.floor(Date.now() / 1000);

function toBase64url(bytes) {
  return btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

function fromBase64url(text) {
  hold(typeof text === "string" && /^[\w-]+$/.test(text) && text.length % 4 !== 1);
  const bytes = Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
  hold(toBase64url(bytes) === text);
  return bytes;
}

function parsed(text, names) {
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Refusal("not_genuine");
  }
  hold(value !== null && typeof value === "object" && !Array.isArray(value));
  hold(names === undefined || Object.keys(value).sort().join() === names);
  return value;
}

function decoded(text, names) {
  const bytes = fromBase64url(text);
  let json;
  try {
    json = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Refusal("not_genuine");
  }
  return parsed(json, names);
}

async function kidOf(x) {
  const jwk = new TextEncoder().encode(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`); // RFC 7638
  return toBase64url(new Uint8Array(await crypto.subtle.digest("SHA-256", jwk)));
}

/** Ed25519 by the browser; where it has none, by noble-ed25519, which stands at the end of this file. */
async function fits(signature, message, x) {
  try {
    const key = await crypto.subtle.importKey("raw", x, { name: "Ed25519" }, false, ["verify"]);
    return await crypto.subtle.verify({ name: "Ed25519" }, key, signature, message);
  } catch (error) {
    if (error.name !== "NotSupportedError") return false;
  }
  return noble().verifyAsync(signature, message, x, { zip215: false });
}

/**
 * Return the payload of a signed status, or throw a Refusal.
 *
 * @param text    what the hub answered
 * @param pinned  {network: digest, keys: [x in base64url, …], member: id, neutral: true for a neutral}
 * @param now     POSIX seconds
 *
 * Not checked: that the log contains what the status says (the hub alone vouches for that).
 */
export async function verifyMemberStatus(text, pinned, now) {
  hold(text.length <= MOST_CHARACTERS);
  const outer = parsed(text, "payload,signatures");
  hold(Array.isArray(outer.signatures) && outer.signatures.length === 1);
  const [one] = outer.signatures;
  const { protected: head, signature } = parsed(JSON.stringify(one), "protected,signature");
  const header = decoded(head, "alg,iat,kid,role,typ");
  hold(header.typ === "odr-member-status+jws" && header.alg === "Ed25519" && header.role === "hub");

  const kids = await Promise.all(pinned.keys.map(kidOf));
  const known = kids.indexOf(header.kid);
  hold(known >= 0, "key_changed");

  const [octets, x] = [fromBase64url(signature), fromBase64url(pinned.keys[known])];
  const message = new TextEncoder().encode(`${head}.${outer.payload}`);
  hold(octets.length === 64 && (await fits(octets, message, x)));

  const status = decoded(outer.payload);
  hold(status.v === 1 && status.network === pinned.network && status.member === pinned.member);
  hold(typeof status.name === "string" && (status.type === "neutral") === Boolean(pinned.neutral));
  hold([status.time, status.expires, status.size].every(Number.isSafeInteger));

  hold(status.expires - status.time <= VALID_SECONDS, "stale");
  hold(status.time <= now + EARLY_SECONDS && now < status.expires, "stale");

  hold(STATES.includes(status.state));
  if (Object.hasOwn(APPROVALS, status.state)) {
    const decision = status.accreditation;
    hold(decision !== null && typeof decision === "object" && decision.lapsed === false);
    hold(decision.status === APPROVALS[status.state] && now < Date.parse(decision.valid_to) / 1000);
  }
  return status;
}

