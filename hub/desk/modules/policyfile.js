/* `verification-policy.txt`: this page reads which network it is about, and nothing else of it. */

import { textOf } from "./bytes.js";
import { Refusal } from "./refusal.js";

const HEAD = /^odr-policy\/1\nnetwork ([0-9a-f]{64})\npolicy [0-9a-f]{64} (?:0|[1-9][0-9]{0,15})\n/;

export function networkOf(octets) {
  const found = octets.length <= 65536 ? HEAD.exec(textOf(octets)) : null;
  if (found === null) throw new Refusal("bad_policy");
  return found[1];
}
