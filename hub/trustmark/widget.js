const colours = (theme) =>
  Object.entries(LOOK.themes[theme]).map(([name, colour]) => `--${name}:${colour}`).join(";");

const STYLE = `
:host{all:initial;display:inline-block;max-width:100%;${colours("light")}}
:host([hidden]){display:none}
:host([theme="dark"]){${colours("dark")}}
@media (prefers-color-scheme:dark){:host([theme="auto"]){${colours("dark")}}}
a{box-sizing:border-box;display:flex;gap:14px;align-items:center;width:344px;max-width:100%;padding:11px 14px;
border:1.5px solid var(--line);border-radius:9px;background:var(--card);color:var(--ink);text-decoration:none;
font:13.5px/1.35 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Noto Sans CJK SC","PingFang SC",
"Microsoft YaHei","WenQuanYi Micro Hei",sans-serif}
a:focus-visible{outline:3px solid var(--ink);outline-offset:2px}
a[href]:hover .name{text-decoration:underline}
svg{flex:none;width:44px;height:44px;stroke-width:4;stroke-linecap:round;stroke-linejoin:round;fill:none}
.lines{display:block;min-width:0}
.lines>*{display:block;overflow-wrap:anywhere}
.name{font-weight:600;font-size:15px;text-align:left;display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:2;
overflow:hidden}
.state{font-weight:600}
.note{font-size:11.5px;color:var(--soft)}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
`;

const SVG = "http://www.w3.org/2000/svg";

function element(name, className, children = []) {
  const made = document.createElement(name);
  made.className = className;
  made.append(...children);
  return made;
}

function drawing(state) {
  const { tone, filled, shape, sign } = LOOK.states[state];
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 48 48");
  svg.setAttribute("aria-hidden", "true");
  const colour = `var(--${tone})`;
  for (const [d, fill, stroke] of [[shape, filled ? colour : "none", colour],
    [sign, "none", filled ? "var(--card)" : colour]]) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", d);
    path.style.fill = fill;
    path.style.stroke = stroke;
    svg.append(path);
  }
  return svg;
}

function dressed(root) {
  if ("adoptedStyleSheets" in root) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
  } else {
    root.append(element("style", "", [STYLE]));
  }
}

/** The language shown for a language tag: the same primary language, else English. */
function languageFor(tag) {
  const primary = tag.toLowerCase().split("-")[0];
  return Object.keys(WORDS).find((one) => one.toLowerCase().split("-")[0] === primary) ?? "en";
}

const filledIn = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const minute = (time) => `${new Date(time * 1000).toISOString().slice(0, 16).replace("T", " ")} UTC`;

class OdrTrustMark extends HTMLElement {
  static observedAttributes = ["hub", "member", "neutral", "network", "hub-key", "lang"];
  /** What is shown: {state, code, status}; `status` is the verified payload or null. */
  result = { state: "checking", code: null, status: null };
  /** Whether the hub is being asked. */
  busy = false;
  #root = this.attachShadow({ mode: "open" });
  #body = element("div", "");
  #said = element("div", "unseen");
  #run = 0;
  #begun = false;
  #next;
  #deadline;
  #since = { clock: 0, passed: 0, left: 0 }; // when the status was first shown, and for how long it was valid then
  #awake = () => document.hidden || this.#begin();
  #returned = (event) => event.persisted && this.#begin(); // by "back", with everything as it was left

  constructor() {
    super();
    dressed(this.#root);
    this.#said.setAttribute("role", "status");
    this.#root.append(this.#body, this.#said);
  }

  connectedCallback() {
    document.addEventListener("visibilitychange", this.#awake);
    addEventListener("pageshow", this.#returned);
    this.#begun = true;
    this.#restart();
  }

  disconnectedCallback() {
    document.removeEventListener("visibilitychange", this.#awake);
    removeEventListener("pageshow", this.#returned);
    this.#begun = false;
    this.#run += 1;
    clearTimeout(this.#next);
    clearTimeout(this.#deadline);
  }

  attributeChangedCallback() {
    if (this.#begun) this.#restart(); // not while a page is read, when every attribute is reported
  }

  /** What the page asks for, or a Refusal. */
  #setup() {
    const attribute = (name) => (this.getAttribute(name) ?? "").trim();
    hold(globalThis.isSecureContext && crypto.subtle !== undefined, "insecure");
    const url = this.#hub();
    const neutral = this.hasAttribute("neutral");
    const member = attribute(neutral ? "neutral" : "member");
    const keys = attribute("hub-key").split(/\s+/);
    hold(url !== null && neutral !== this.hasAttribute("member"), "wrong_setup");
    hold(/^[a-z][a-z0-9-]{1,38}[a-z0-9]$/.test(member), "wrong_setup");
    hold(/^[0-9a-f]{64}$/.test(attribute("network")), "wrong_setup");
    hold(keys.length <= 4 && keys.every((one) => /^[\w-]{43}$/.test(one)), "wrong_setup");
    const address = `${url.origin}/v1/${neutral ? "neutrals" : "members"}/${member}/status`;
    return { address, pinned: { network: attribute("network"), keys, member, neutral } };
  }

  #hub() {
    try {
      const url = new URL(this.getAttribute("hub"));
      return url.protocol === "https:" || (url.protocol === "http:" && LOOPBACK.includes(url.hostname)) ? url : null;
    } catch {
      return null;
    }
  }

  #restart() {
    this.#show("checking");
    this.#begin();
  }

  /** Ask, verify, show, and see to it that nothing is shown for longer than it is valid. */
  async #begin() {
    const run = ++this.#run;
    this.busy = true;
    clearTimeout(this.#next);
    this.#expire();
    let found;
    try {
      found = await this.#asked(this.#setup());
    } catch (error) {
      found = { state: "unverified", code: error instanceof Refusal ? error.code : "not_genuine", status: null };
    }
    if (run !== this.#run) return; // it was asked something else meanwhile, or taken from the page
    this.busy = false;
    const shown = this.#expire();
    const kept = shown !== null && (found.code === "unreachable" || (found.status?.time ?? Infinity) < shown.time);
    if (!kept) this.#show(found.state, found.code, found.status);
    const left = this.#left() / 1000;
    const wait = left > RENEW_SECONDS ? left - RENEW_SECONDS : left > 0 ? RETRY_SECONDS : IDLE_SECONDS;
    this.#next = setTimeout(() => document.hidden || this.#begin(), wait * 1000);
  }

  /**
   * Milliseconds for which the status that is shown is valid still: by this device's clock and by the time that passed,
   * because clocks are set; none if the clock went back, because a device that sleeps may not count that time.
   */
  #left() {
    const { status } = this.result;
    const { clock, passed, left } = this.#since;
    if (status === null || Date.now() < clock) return 0;
    return Math.min(status.expires * 1000 - Date.now(), left - (performance.now() - passed));
  }

  /** The status that is shown, if it is valid still; otherwise it is no longer shown. */
  #expire() {
    const { status } = this.result;
    if (status === null || this.#left() > 0) return status;
    if (document.hidden) this.#show("checking");
    else this.#show("unverified", "unreachable");
    return null;
  }

  async #asked({ address, pinned }) {
    let answer;
    let text;
    try {
      answer = await fetch(address, {
        cache: this.result.status === null ? "default" : "no-cache", // a renewal asks the hub
        credentials: "omit",
        redirect: "error",
        referrerPolicy: "no-referrer",
        signal: AbortSignal.timeout(WAIT_MS),
      });
      text = await answer.text();
    } catch {
      throw new Refusal("unreachable");
    }
    if (answer.status === 404) return { state: "unknown", code: null, status: null };
    hold(answer.ok, "unreachable");
    const status = await verifyMemberStatus(text, pinned, seconds());
    return { state: status.state, code: null, status };
  }

  #show(state, code = null, status = null) {
    const before = this.result;
    this.result = { state, code, status };
    const left = status === null ? 0 : Math.min(status.expires * 1000 - Date.now(), VALID_SECONDS * 1000);
    this.#since = { clock: Date.now(), passed: performance.now(), left };
    this.#watch();
    this.#draw();
    if (before.state !== state && before.state !== "checking") this.#said.textContent = this.#summary();
    const detail = { ...this.result };
    this.dispatchEvent(new CustomEvent("odr-trust-mark", { bubbles: true, composed: true, detail }));
  }

  /** See to it that what is shown ends in time; a timer may come early, and is set again then. */
  #watch() {
    clearTimeout(this.#deadline);
    const over = () => this.#expire() !== null && this.#watch();
    if (this.result.status !== null) this.#deadline = setTimeout(over, this.#left());
  }

  get #language() {
    return languageFor(this.getAttribute("lang") || this.closest("[lang]")?.lang || document.documentElement.lang);
  }

  #summary() {
    const { state, status } = this.result;
    return `${status?.name ?? this.#id}: ${WORDS[this.#language][state]}`;
  }

  /** The page about the member at the hub. */
  #entry() {
    if (["court", "observer"].includes(this.result.status?.type)) return "/directory/others";
    return `/directory/${this.hasAttribute("neutral") ? "neutrals" : "providers"}/${encodeURIComponent(this.#id)}`;
  }

  get #id() {
    return this.getAttribute("member") ?? this.getAttribute("neutral") ?? "";
  }

  #draw() {
    const { state, code, status } = this.result;
    const language = this.#language;
    const words = WORDS[language];
    const url = this.#hub();
    const name = element("bdi", "name", [status?.name ?? this.#id]);
    const lines = element("span", "lines", [name, element("span", "state", [words[state]])]);
    lines.children[1].style.color = `var(--${LOOK.states[state].tone})`;
    for (const note of this.#notes(words, code, status)) lines.append(element("span", "note", [note]));
    const link = element("a", "", [drawing(state), lines]);
    if (url !== null) {
      link.href = `${url.origin}${this.#entry()}?lang=${language}`;
      link.rel = "noopener";
      lines.append(element("span", "unseen", [filledIn(words.opens, { hub: url.host })]));
    }
    this.#body.setAttribute("role", "group");
    this.#body.setAttribute("aria-label", filledIn(words.title, { name: name.textContent }));
    this.#body.lang = language;
    this.#body.dir = "ltr";
    const focused = this.#root.activeElement !== null;
    this.#body.replaceChildren(link);
    if (focused) link.focus();
  }

  #notes(words, code, status) {
    if (status === null) return code === null ? [] : [words[code]];
    const checked = [filledIn(words.checked, { time: minute(status.time) }), this.#hub().host];
    if (!Object.hasOwn(APPROVALS, status.state)) return checked;
    const { valid_from: since, valid_to: until } = status.accreditation;
    return [filledIn(words.valid, { since: since.slice(0, 10), until: until.slice(0, 10) }), ...checked];
  }
}

if (globalThis.customElements && !customElements.get("odr-trust-mark")) {
  customElements.define("odr-trust-mark", OdrTrustMark);
}

/* The fallback; it is run only where the browser has no Ed25519. */
let nobleMade;
function noble() {
  nobleMade ??= (() => {
__NOBLE__
    return { verifyAsync };
  })();
  return nobleMade;
}
