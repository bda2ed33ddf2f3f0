/* A key that was just made on this page, held open for the one signature that it was made for.

What is held is the key that locks the recovery file, which the browser uses and no script can read, and only in memory:
a reload has none of it. It is gone once it was taken, when its screens or the page are left (also where the browser
keeps left pages to come back to them), and after five minutes: long enough to put the file away and to read an entry that was read once
already, too short for somebody who finds the desk left. */

const MOST = 5 * 60 * 1000;

export class HeldKey {
  constructor(opener) {
    this.opener = opener;
    this.since = Date.now();
    this.ongone = () => {};
    this.timer = setTimeout(() => this.forget(), MOST);
    this.leaving = () => this.forget();
    addEventListener("pagehide", this.leaving);
  }

  /** Whether it still opens its file; the clock is asked too, since a computer that sleeps delays its timers. */
  get open() {
    const age = Date.now() - this.since;
    if (this.opener !== null && (age < 0 || age > MOST)) this.forget();
    return this.opener !== null;
  }

  /** What opens the file, once; null when it is gone. */
  take() {
    const opener = this.open ? this.opener : null;
    this.drop();
    return opener;
  }

  /** Let go of it, and say so to whoever shows it. */
  forget() {
    if (this.opener === null) return;
    this.drop();
    this.ongone();
  }

  drop() {
    clearTimeout(this.timer);
    removeEventListener("pagehide", this.leaving);
    this.opener = null;
  }
}
