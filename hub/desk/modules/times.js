/* Times as statements write them. */

/** `YYYY-MM-DDThh:mm:ssZ` of milliseconds. */
export function timestamp(now) {
  return new Date(now).toISOString().replace(/\.[0-9]{3}Z$/, "Z");
}
