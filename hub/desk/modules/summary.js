/* What a statement is, and what stands around its body: the content and the order of `providers/gateway/desk.py`. */

/** Kinds whose title the texts know; every other kind is named by its code. */
export const KINDS = [
  "accreditation", "assessment", "award", "award-review", "correction", "court-outcome", "genesis", "key", "member",
  "neutral", "policy", "reference", "registration-withdrawal", "release", "settlement",
];

/** `[label key, value]` of who states this, when, on which network. */
export function envelopeRows(payload) {
  return [
    ["made_by", payload.issuer], ["made_on", payload.issued_at], ["network", payload.network], ["statement", payload.id],
  ];
}
