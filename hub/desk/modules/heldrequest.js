/* The question to a hub what it holds about the owner of a statement key (`hub/web/holders.py`).

It names that hub and this minute, and has a nonce: nobody can ask with it elsewhere, later or twice. Its type is no
statement's, so that what is signed here can never be registered. */

import { b64uEncode } from "./bytes.js";
import { sign } from "./ed25519.js";
import { canonical } from "./json.js";
import { signedBy } from "./jws.js";
import { unlocked } from "./keyfile.js";
import { Refusal } from "./refusal.js";
import { timestamp } from "./times.js";

const TYPE = "odr-held-request+jws";
const ROLE = "holder";

/** The signed question of the key in `file` to the hub at `hub`; `now` in milliseconds. */
export async function heldRequest(hub, file, passphrase, now) {
  if (passphrase === "") throw new Refusal("empty_passphrase");
  const nonce = b64uEncode(crypto.getRandomValues(new Uint8Array(16)));
  const payload = b64uEncode(canonical({ v: 1, hub, asked_at: timestamp(now), nonce }));
  const header = { iat: Math.floor(now / 1000), kid: file.kid, role: ROLE, typ: TYPE };
  const signature = await unlocked(file, passphrase, (pkcs8) => signedBy(header, payload, (message) => sign(pkcs8, file.x, message)));
  return { payload, signatures: [signature] };
}
