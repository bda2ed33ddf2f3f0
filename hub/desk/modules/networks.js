/* Which network a draft is held against, and who says so: `{network, source}`.

`file` is a policy file that the reader loaded, `browser` what was kept with the key after an earlier signature, `link`
the link's own word, `foreign` a link that names another network than the keys of this browser were used on, `none`
nobody. A link's word proves that link and draft fit together, not that either is honest: whoever forges a link can name
a network of their own, as they could send its policy file. So it never outweighs what the browser knows. */

import { Refusal } from "./refusal.js";
import { storedKeys } from "./store.js";

/** Raise unless a link that names a network names the one of what it led to. */
export function checkLinked(link, network) {
  if (link.network !== null && link.network !== network) throw new Refusal("link_network");
}

/** For a draft that `key` is to sign, `{network}` as it was kept; refused when the link names another network. */
export function pinned(link, key) {
  const known = key?.network ?? null;
  if (known === null) return named(link);
  if (link.network !== null && link.network !== known) throw new Refusal("other_network");
  return { network: known, source: "browser" };
}

/** For an invitation, of whose new key nothing is known: the link's word, unless the other keys here speak against it. */
export async function invitedTo(link) {
  const known = (await storedKeys()).map((one) => one.network).filter((one) => one !== null);
  const foreign = link.network !== null && known.length > 0 && !known.includes(link.network);
  return foreign ? { network: null, source: "foreign" } : named(link);
}

function named({ network }) {
  return { network, source: network === null ? "none" : "link" };
}
