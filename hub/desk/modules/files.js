/* Files that the reader picks or saves. */

import { Refusal } from "./refusal.js";

/** The octets of a picked file, read once; refused above `most` octets before it is read. */
export async function octetsOf(file, most) {
  if (file.size > most) throw new Refusal("file_too_large");
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch {
    throw new Refusal("file_unreadable");
  }
}

/** An address of these octets inside this page, for a link or a frame; the caller revokes it. */
export function addressOf(octets, type) {
  return URL.createObjectURL(new Blob([octets], { type }));
}
