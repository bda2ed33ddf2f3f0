/* Why the page does not go on. A code has one sentence in every language, under `refusal.<code>`. */

export class Refusal extends Error {
  /** `values` fill the placeholders of the sentence. */
  constructor(code, values = {}) {
    super(code);
    this.code = code;
    this.values = values;
  }
}

/* What the hub answered instead of a success (RFC 9457). */
export class HubProblem extends Error {
  constructor(document) {
    super(document.code);
    this.code = document.code;
    this.told = document.code; // whose sentence says it, under `problem.<told>`
    this.detail = document.detail;
    this.correlation = document.correlation;
    this.retryable = document.retryable;
  }
}
