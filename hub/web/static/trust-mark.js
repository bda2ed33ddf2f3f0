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
const WORDS = {"en":{"accredited":"Accredited","conditional":"Accredited with conditions","concern":"Concern under examination","suspended":"Accreditation suspended","removed":"Accreditation removed","expired":"Accreditation expired","not_accredited":"Not accredited","unknown":"Not registered here","unverified":"Can't be verified now","checking":"Checking…","title":"Trust mark: {name}","as_of":"as of {time}","described":"{name}: {state}, as of {time}, says {hub}.","valid":"{since} to {until}","checked":"checked here {time}","opens":"Opens the entry at {hub}","unreachable":"The hub did not answer.","not_genuine":"The answer is not genuine.","key_changed":"The hub signs with a key that this site does not know yet.","stale":"The answer has expired, or this device's clock is wrong.","wrong_setup":"This site has set up the mark wrongly.","insecure":"Only a page under https can check it."},"zh-Hans":{"accredited":"认证有效","conditional":"附条件认证","concern":"有待查关切事项","suspended":"认证已暂停","removed":"认证已撤销","expired":"认证已过期","not_accredited":"未获认证","unknown":"未在此登记","unverified":"目前无法核实","checking":"正在核实…","title":"信任标识：{name}","as_of":"截至 {time}","described":"{name}：{state}，截至 {time}，由 {hub} 声明。","valid":"{since} 至 {until}","checked":"已在此核实 {time}","opens":"打开 {hub} 上的条目","unreachable":"枢纽没有应答。","not_genuine":"应答不真实。","key_changed":"枢纽使用了本网站尚不知晓的密钥签名。","stale":"应答已过期，或本设备的时钟不准。","wrong_setup":"本网站对该标识的设置有误。","insecure":"只有 https 页面才能核实。"},"es":{"accredited":"Acreditación vigente","conditional":"Acreditación con condiciones","concern":"Objeción en examen","suspended":"Acreditación suspendida","removed":"Acreditación retirada","expired":"Acreditación vencida","not_accredited":"Sin acreditación","unknown":"Sin registro aquí","unverified":"No se puede verificar ahora","checking":"Comprobando…","title":"Marca de confianza: {name}","as_of":"a {time}","described":"{name}: {state}, a {time}, según {hub}.","valid":"{since} a {until}","checked":"comprobado aquí {time}","opens":"Abre la ficha en {hub}","unreachable":"El centro no respondió.","not_genuine":"La respuesta no es auténtica.","key_changed":"El centro firma con una clave que este sitio aún no conoce.","stale":"La respuesta ha caducado o el reloj de este dispositivo está mal.","wrong_setup":"Este sitio ha configurado mal la marca.","insecure":"Solo una página con https puede comprobarlo."},"fr":{"accredited":"Accréditation en vigueur","conditional":"Accréditation sous conditions","concern":"Réserve en cours d'examen","suspended":"Accréditation suspendue","removed":"Accréditation retirée","expired":"Accréditation expirée","not_accredited":"Sans accréditation","unknown":"Aucune inscription ici","unverified":"Vérification impossible","checking":"Vérification…","title":"Marque de confiance : {name}","as_of":"au {time}","described":"{name} : {state}, au {time}, selon {hub}.","valid":"{since} au {until}","checked":"vérifié ici {time}","opens":"Ouvre la fiche sur {hub}","unreachable":"Le hub n'a pas répondu.","not_genuine":"La réponse n'est pas authentique.","key_changed":"Le hub signe avec une clé que ce site ne connaît pas encore.","stale":"La réponse a expiré, ou l'horloge de cet appareil est fausse.","wrong_setup":"Ce site a mal configuré la marque.","insecure":"Seule une page en https peut vérifier."}};
const LOOK = {"themes":{"light":{"card":"#ffffff","ink":"#1b2430","soft":"#55606e","line":"#c9c4b8","good":"#1d6440","limited":"#1f5f8b","warn":"#7d4a00","bad":"#932626","none":"#55606e"},"dark":{"card":"#1a222b","ink":"#e9edf0","soft":"#a3afba","line":"#46525e","good":"#8fd3ab","limited":"#8ec3ea","warn":"#e8bd74","bad":"#f0a39c","none":"#a3afba"}},"states":{"accredited":{"tone":"good","filled":true,"shape":"M24 3a21 21 0 1 0 0 42 21 21 0 1 0 0-42Z","sign":"M14 25l7 7 13-15"},"conditional":{"tone":"limited","filled":true,"shape":"M24 3 42 13.5V34.5L24 45 6 34.5V13.5Z","sign":"M15 22l7 7 11-13M16 36h16"},"concern":{"tone":"warn","filled":true,"shape":"M24 4 46 43H2Z","sign":"M24 18v12M24 36.5v.5"},"suspended":{"tone":"bad","filled":true,"shape":"M15.3 3h17.4L45 15.3v17.4L32.7 45H15.3L3 32.7V15.3Z","sign":"M18.5 16v16M29.5 16v16"},"removed":{"tone":"bad","filled":true,"shape":"M4 4h40v40H4Z","sign":"M15 15l18 18M33 15 15 33"},"expired":{"tone":"none","filled":false,"shape":"M10 4h28M10 44h28M13 4c0 12 8 14 11 20-3 6-11 8-11 20M35 4c0 12-8 14-11 20 3 6 11 8 11 20","sign":"M19 40h10"},"not_accredited":{"tone":"none","filled":false,"shape":"M24 4a20 20 0 1 0 0 40 20 20 0 1 0 0-40Z","sign":"M15 24h18"},"unknown":{"tone":"none","filled":false,"shape":"M5 5h38v38H5Z","sign":"M18 19c0-8 12-8 12 0 0 5-6 4.5-6 9M24 34v.5"},"unverified":{"tone":"none","filled":false,"shape":"M5 5h38v38H5Z","sign":"M18 19c0-8 12-8 12 0 0 5-6 4.5-6 9M24 34v.5"},"checking":{"tone":"none","filled":false,"shape":"M24 4a20 20 0 1 0 0 40 20 20 0 1 0 0-40Z","sign":"M15 24v.5M24 24v.5M33 24v.5"}}};

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
/*! noble-ed25519 - MIT License (c) 2019 Paul Miller (paulmillr.com) */
const freeze = Object.freeze;
const P = 0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffedn;
const N = 0x1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3edn;
const _d = 0x52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3n;
const Gx = 0x216936d3cd6e53fec0a4e231fdd6dc5c692cc7609525a7b2c9562d608f25d51an;
const Gy = 0x6666666666666666666666666666666666666666666666666666666666666658n;
const _a = P - 1n; // field-element encoding of RFC `a = -1`
const ed25519_CURVE = freeze({
    p: P,
    n: N,
    h: 8n,
    a: _a,
    d: _d,
    Gx,
    Gy,
});
const LEN = 32;
const isBytes = (a) => {
    return (a instanceof Uint8Array ||
        (ArrayBuffer.isView(a) &&
            a.constructor.name === 'Uint8Array' &&
            a.BYTES_PER_ELEMENT === 1));
};
const abytes = (value, length, title = '') => {
    if (isBytes(value) && (length === undefined || value.length === length))
        return value;
    const bytes = isBytes(value);
    const ofLen = length !== undefined ? ` of length ${length}` : '';
    const got = bytes ? `length=${value.length}` : `type=${typeof value}`;
    const message = (title ? `"${title}" ` : '') + 'expected Uint8Array' + ofLen + ', got ' + got;
    if (!bytes)
        throw new TypeError(message);
    throw new RangeError(message);
};
const snapshotBytes = (value, title = '', length) => Uint8Array.from(abytes(value, length, title));
const padh = (n, pad) => n.toString(16).padStart(pad, '0');
const bytesToHex = (bytes) => {
    let hex = '';
    for (const byte of abytes(bytes))
        hex += padh(byte, 2);
    return hex;
};
const hexToBytes = (hex) => {
    const e = 'hex invalid'; // Strict ASCII hex only, with one generic error for parse failures.
    if (typeof hex !== 'string')
        throw new TypeError(e);
    if (hex.length % 2 || !/^[\da-f]*$/i.test(hex))
        throw new RangeError(e);
    const array = new Uint8Array(hex.length / 2);
    for (let ai = 0, hi = 0; ai < array.length; ai++, hi += 2) {
        const n1 = hex.charCodeAt(hi);
        const n2 = hex.charCodeAt(hi + 1);
        array[ai] = ((n1 & 15) + (n1 >> 6) * 9) * 16 + (n2 & 15) + (n2 >> 6) * 9;
    }
    return array;
};
const concatBytes = (...arrays) => {
    let sum = 0;
    for (const a of arrays)
        sum += abytes(a).length;
    const res = new Uint8Array(sum);
    let pad = 0;
    for (const a of arrays) {
        res.set(a, pad);
        pad += a.length;
    }
    return res;
};
const randomBytes = (len = LEN) => {
    const c = globalThis?.crypto;
    if (typeof c?.getRandomValues !== 'function')
        throw new Error('crypto.getRandomValues must be defined, consider polyfill');
    return c.getRandomValues(new Uint8Array(len));
};
const arange = (n, min, max, msg = 'bad number: out of range') => {
    if (typeof n !== 'bigint')
        throw new TypeError(msg);
    if (min <= n && n < max)
        return n;
    throw new RangeError(msg);
};
const mod = (a, b = P) => ((a %= b) >= 0n ? a : b + a);
const P_MASK = (1n << 255n) - 1n;
const modP = (num) => {
    if (num < 0n)
        throw new RangeError('negative coordinate');
    let r = (num >> 255n) * 19n + (num & P_MASK);
    r = (r >> 255n) * 19n + (r & P_MASK);
    return r % P;
};
const modN = (a) => mod(a, N);
const invert = (number, modulo) => {
    if (number === 0n)
        throw new Error('invert: expected non-zero number');
    if (modulo <= 1n)
        throw new Error('invert: expected modulus > 1, got ' + modulo);
    let a = mod(number, modulo);
    let b = modulo;
    let x = 0n, u = 1n;
    while (a !== 0n) {
        const q = b / a;
        const r = b - a * q;
        const m = x - u * q;
        b = a, a = r, x = u, u = m;
    }
    const gcd = b;
    if (gcd !== 1n)
        throw new Error('invert: does not exist');
    return mod(x, modulo);
};
const _hash = (name) => {
    const fn = hashes[name];
    if (typeof fn !== 'function')
        throw new Error('hashes.' + name + ' not set');
    return fn;
};
const callHash = (name, ...m) => abytes(_hash(name)(concatBytes(...m)), 64, 'digest');
const callHashAsync = async (name, ...m) => abytes(await _hash(name)(concatBytes(...m)), 64, 'digest');
const hash = (msg) => callHash('sha512', abytes(msg, undefined, 'message'));
const apoint = (p) => {
    if (p instanceof Point)
        return p;
    throw new TypeError('Point expected');
};
const B256 = 2n ** 256n;
class Point {
    static BASE;
    static ZERO;
    X;
    Y;
    Z;
    T;
    constructor(X, Y, Z, T) {
        const max = B256;
        this.X = arange(X, 0n, max);
        this.Y = arange(Y, 0n, max);
        this.Z = arange(Z, 1n, max);
        this.T = arange(T, 0n, max);
        freeze(this);
    }
    static CURVE() {
        return ed25519_CURVE;
    }
    static fromAffine(p) {
        return new Point(p.x, p.y, 1n, modP(p.x * p.y));
    }
    static fromBytes(bytes, zip215 = false) {
        const normed = snapshotBytes(bytes, 'point', LEN); // owned copy: sign-bit mask below mutates it
        const lastByte = normed[31];
        normed[31] = lastByte & ~0x80;
        const y = bytesToNumberLE(normed);
        if (!zip215)
            arange(y, 0n, P);
        const y2 = modP(y * y); // y²
        const u = mod(y2 - 1n); // u=y²-1
        const v = modP(_d * y2 + 1n); // v=dy²+1
        let { isValid, value: x } = uvRatio(u, v); // (uv³)(uv⁷)^(p-5)/8; square root
        if (!isValid)
            throw new Error('bad point: y not sqrt'); // not square root: bad point
        const isLastByteOdd = !!(lastByte & 0x80); // x_0, last bit
        if (!zip215 && x === 0n && isLastByteOdd)
            throw new Error('bad point: x==0, isLastByteOdd'); // x=0, x_0=1
        if (isLastByteOdd !== !!(x & 1n))
            x = mod(-x); // adjust sign of x coordinate
        return new Point(x, y, 1n, modP(x * y)); // Z=1, T=xy
    }
    static fromHex(hex, zip215) {
        return Point.fromBytes(hexToBytes(hex), zip215);
    }
    get x() {
        return this.toAffine().x;
    }
    get y() {
        return this.toAffine().y;
    }
    assertValidity() {
        const a = _a;
        const d = _d;
        const p = this;
        if (p.is0())
            throw new Error('bad point: ZERO');
        const { X, Y, Z, T } = p;
        const X2 = modP(X * X); // X²
        const Y2 = modP(Y * Y); // Y²
        const Z2 = modP(Z * Z); // Z²
        const Z4 = modP(Z2 * Z2); // Z⁴
        const aX2 = modP(X2 * a); // aX²
        const left = modP(Z2 * (aX2 + Y2)); // (aX² + Y²)Z²
        const right = mod(Z4 + modP(d * modP(X2 * Y2))); // Z⁴ + dX²Y²
        if (left !== right)
            throw new Error('bad point: equation left != right (1)');
        const XY = modP(X * Y);
        const ZT = modP(Z * T);
        if (XY !== ZT)
            throw new Error('bad point: equation left != right (2)');
        return this;
    }
    equals(other) {
        const { X: X1, Y: Y1, Z: Z1 } = this;
        const { X: X2, Y: Y2, Z: Z2 } = apoint(other); // checks class equality
        return modP(X1 * Z2) === modP(X2 * Z1) && modP(Y1 * Z2) === modP(Y2 * Z1);
    }
    is0() {
        return this.equals(I);
    }
    negate() {
        return new Point(mod(-this.X), this.Y, this.Z, mod(-this.T));
    }
    double() {
        const { X: X1, Y: Y1, Z: Z1 } = this;
        const a = _a;
        const A = modP(X1 * X1);
        const B = modP(Y1 * Y1);
        const C = modP(2n * Z1 * Z1);
        const D = modP(a * A);
        const x1y1 = mod(X1 + Y1);
        const E = mod(modP(x1y1 * x1y1) - A - B);
        const G = mod(D + B);
        const F = mod(G - C);
        const H = mod(D - B);
        const X3 = modP(E * F);
        const Y3 = modP(G * H);
        const T3 = modP(E * H);
        const Z3 = modP(F * G);
        return new Point(X3, Y3, Z3, T3);
    }
    add(other) {
        const { X: X1, Y: Y1, Z: Z1, T: T1 } = this;
        const { X: X2, Y: Y2, Z: Z2, T: T2 } = apoint(other); // doesn't check if other on-curve
        const a = _a;
        const d = _d;
        const A = modP(X1 * X2);
        const B = modP(Y1 * Y2);
        const C = modP(modP(T1 * d) * T2);
        const D = modP(Z1 * Z2);
        const E = mod(modP(mod(X1 + Y1) * mod(X2 + Y2)) - A - B);
        const F = mod(D - C);
        const G = mod(D + C);
        const H = mod(B - modP(a * A));
        const X3 = modP(E * F);
        const Y3 = modP(G * H);
        const T3 = modP(E * H);
        const Z3 = modP(F * G);
        return new Point(X3, Y3, Z3, T3);
    }
    subtract(other) {
        return this.add(apoint(other).negate());
    }
    multiply(n, safe = true) {
        if (!safe && n === 0n)
            return I;
        arange(n, 1n, N);
        if (!safe && this.is0())
            return I;
        if (n === 1n)
            return this;
        if (this.equals(G))
            return wNAF(n).p;
        let p = I;
        let f = G;
        let d = this;
        for (let i = 0; safe ? i < 256 : n > 0n; i++) {
            if (n & 1n)
                p = p.add(d);
            else if (safe)
                f = f.add(d);
            d = d.double();
            n >>= 1n;
        }
        return p;
    }
    multiplyUnsafe(scalar) {
        return this.multiply(scalar, false);
    }
    toAffine() {
        const { X, Y, Z } = this;
        if (this.equals(I))
            return { x: 0n, y: 1n };
        const iz = invert(Z, P);
        if (modP(Z * iz) !== 1n)
            throw new Error('invalid inverse');
        return { x: modP(X * iz), y: modP(Y * iz) };
    }
    toBytes() {
        const { x, y } = this.toAffine();
        const b = numTo32bLE(y);
        b[31] |= x & 1n ? 0x80 : 0;
        return b;
    }
    toHex() {
        return bytesToHex(this.toBytes());
    }
    clearCofactor() {
        return this.multiply(8n, false); // h = 8
    }
    isSmallOrder() {
        return this.clearCofactor().is0();
    }
    isTorsionFree() {
        return this.multiply(N / 2n, false)
            .double()
            .add(this)
            .is0();
    }
}
const G = new Point(Gx, Gy, 1n, mod(Gx * Gy));
const I = new Point(0n, 1n, 1n, 0n);
Point.BASE = G;
Point.ZERO = I;
const numTo32bLE = (num) => hexToBytes(padh(arange(num, 0n, B256), 64)).reverse();
const bytesToNumberLE = (b) => BigInt('0x' + bytesToHex(Uint8Array.from(abytes(b)).reverse()));
const pow2 = (x, power) => {
    let r = x;
    while (power-- > 0) {
        r = modP(r * r);
    }
    return r;
};
const pow_2_252_3 = (x) => {
    const x2 = modP(x * x); // x^2,       bits 1
    const b2 = modP(x2 * x); // x^3,       bits 11
    const b4 = modP(pow2(b2, 2) * b2); // x^(2^4-1), bits 1111
    const b5 = modP(pow2(b4, 1) * x); // x^(2^5-1), bits 11111
    const b10 = modP(pow2(b5, 5) * b5); // x^(2^10-1)
    const b20 = modP(pow2(b10, 10) * b10); // x^(2^20-1)
    const b40 = modP(pow2(b20, 20) * b20); // x^(2^40-1)
    const b80 = modP(pow2(b40, 40) * b40); // x^(2^80-1)
    const b160 = modP(pow2(b80, 80) * b80); // x^(2^160-1)
    const b240 = modP(pow2(b160, 80) * b80); // x^(2^240-1)
    const b250 = modP(pow2(b240, 10) * b10); // x^(2^250-1)
    return modP(pow2(b250, 2) * x); // x^((p-5)/8), used by RFC8032 point decode
};
const RM1 = 0x2b8324804fc1df0b2b4d00993dfbd7a72f431806ad2fe478c4ee1b274a0ea0b0n; // 2^((p-1)/4) = sqrt(-1)
const uvRatio = (u, v) => {
    const v3 = modP(v * modP(v * v)); // v³
    const v7 = modP(modP(v3 * v3) * v); // v⁷
    const pow = pow_2_252_3(modP(u * v7)); // (uv⁷)^(p-5)/8
    let x = modP(u * modP(v3 * pow)); // (uv³)(uv⁷)^(p-5)/8
    const vx2 = modP(v * modP(x * x)); // vx²
    const root1 = x; // First root candidate
    const root2 = modP(x * RM1); // Second root candidate; RM1 is √-1
    const useRoot1 = vx2 === u; // If vx² = u (mod p), x is a square root
    const useRoot2 = vx2 === mod(-u); // If vx² = -u, set x <-- x * 2^((p-1)/4)
    const noRoot = vx2 === mod(-u * RM1); // There is no valid root, vx² = -u√-1
    if (useRoot1)
        x = root1;
    if (useRoot2 || noRoot)
        x = root2; // We return root2 anyway, for const-time
    if ((mod(x) & 1n) === 1n)
        x = mod(-x); // edIsNegative
    return { isValid: useRoot1 || useRoot2, value: x };
};
const modL_LE = (hash) => modN(bytesToNumberLE(hash));
const hashedToExtK = (hashed) => {
    const copy = snapshotBytes(hashed);
    const head = copy.slice(0, 32);
    head[0] &= 248; // Clamp bits: 0b1111_1000
    head[31] &= 127; // 0b0111_1111
    head[31] |= 64; // 0b0100_0000
    const prefix = copy.slice(32); // secret key "prefix"
    const scalar = modL_LE(head);
    const point = G.multiply(scalar); // public key point
    const pointBytes = point.toBytes(); // point serialized to Uint8Array
    return { head, prefix, scalar, point, pointBytes };
};
const getExtendedPublicKeyAsync = (secretKey) => callHashAsync('sha512Async', abytes(secretKey, LEN, 'secretKey')).then(hashedToExtK);
const getExtendedPublicKey = (secretKey) => hashedToExtK(callHash('sha512', abytes(secretKey, LEN, 'secretKey')));
const getPublicKeyAsync = (secretKey) => getExtendedPublicKeyAsync(secretKey).then((p) => p.pointBytes);
const getPublicKey = (secretKey) => getExtendedPublicKey(secretKey).pointBytes;
const hashFinishAsync = async (res) => res[1](await callHashAsync('sha512Async', res[0]));
const hashFinishSync = (res) => res[1](callHash('sha512', res[0]));
const _sign = (e, rBytes, msg) => {
    const { pointBytes: A, scalar: s } = e;
    const r = modL_LE(rBytes); // r was created outside, reduce it modulo L
    const R = G.multiply(r).toBytes(); // R = [r]B
    const hashable = concatBytes(R, A, msg); // dom2(F, C) || R || A || PH(M)
    const finish = (hashed) => {
        const S = modN(r + modL_LE(hashed) * s); // S = (r + k * s) mod L; 0 <= s < l
        return abytes(concatBytes(R, numTo32bLE(S)), 64); // 64-byte sig: 32-byte encoded R point || 32-byte LE(S)
    };
    return [hashable, finish];
};
const signAsync = async (message, secretKey) => {
    const m = snapshotBytes(message, 'message');
    const e = await getExtendedPublicKeyAsync(secretKey);
    return hashFinishAsync(_sign(e, await callHashAsync('sha512Async', e.prefix, m), m));
};
const sign = (message, secretKey) => {
    const m = snapshotBytes(message, 'message');
    const e = getExtendedPublicKey(secretKey);
    return hashFinishSync(_sign(e, callHash('sha512', e.prefix, m), m));
};
const getZip215 = (options) => {
    if (options === null || typeof options !== 'object')
        throw new TypeError('expected valid options object');
    return options.zip215 ?? true;
};
const _verify = (sig, msg, publicKey, options) => {
    sig = abytes(sig, 64, 'signature'); // Signature hex str/Bytes, must be 64 bytes
    msg = abytes(msg, undefined, 'message'); // Message hex str/Bytes
    publicKey = abytes(publicKey, LEN, 'publicKey');
    const zip215 = getZip215(options);
    const r = sig.subarray(0, LEN);
    const s = bytesToNumberLE(sig.subarray(LEN, 64)); // Decode second half as an integer S;
    let A, R, SB;
    let hashable = Uint8Array.of();
    let finished = false;
    try {
        A = Point.fromBytes(publicKey, zip215);
        R = Point.fromBytes(r, zip215);
        SB = G.multiply(s, false); // 0 <= s < l is done inside
        hashable = concatBytes(r, publicKey, msg); // dom2(F, C) || R || A || PH(M)
        finished = true;
    }
    catch (error) { }
    const finish = (hashed) => {
        if (!finished)
            return false;
        if (!zip215 && A.isSmallOrder())
            return false;
        const k = modL_LE(hashed);
        const RkA = R.add(A.multiply(k, false));
        return RkA.subtract(SB).clearCofactor().is0();
    };
    return [hashable, finish];
};
const verifyAsync = async (signature, message, publicKey, opts = {}) => hashFinishAsync(_verify(signature, message, publicKey, opts));
const verify = (signature, message, publicKey, opts = {}) => hashFinishSync(_verify(signature, message, publicKey, opts));
const etc = /* @__PURE__ */ freeze({
    bytesToHex,
    hexToBytes,
    concatBytes,
    mod,
    invert,
    randomBytes,
});
const hashes = {
    sha512Async: async (message) => {
        const s = globalThis?.crypto?.subtle;
        if (!s)
            throw new Error('crypto.subtle must be defined, consider polyfill');
        return new Uint8Array(await s.digest('SHA-512', concatBytes(message)));
    },
    sha512: undefined,
};
const randomSecretKey = (seed) => {
    return abytes(seed === undefined ? randomBytes() : seed, LEN, 'seed');
};
const keygen = (seed) => {
    const secretKey = randomSecretKey(seed);
    const publicKey = getPublicKey(secretKey);
    return { secretKey, publicKey };
};
const keygenAsync = async (seed) => {
    const secretKey = randomSecretKey(seed);
    const publicKey = await getPublicKeyAsync(secretKey);
    return { secretKey, publicKey };
};
const utils = /* @__PURE__ */ freeze({
    getExtendedPublicKeyAsync,
    getExtendedPublicKey,
    randomSecretKey,
});
const precompute = () => {
    const points = [];
    let p = G;
    let b;
    for (let w = 0; w < 33; w++) {
        b = p;
        points.push(b);
        for (let i = 1; i < 128; i++) {
            b = b.add(p);
            points.push(b);
        } // i=1, bc we skip 0
        p = b.double();
    }
    return points;
};
let Gpows = undefined; // shared process-wide cache of base-point precomputes
const ctneg = (cnd, p) => {
    const n = p.negate();
    return cnd ? n : p;
};
const wNAF = (n) => {
    const comp = Gpows || (Gpows = precompute());
    let p = I;
    let f = G; // f must be G, or could become I in the end
    for (let w = 0; w < 33; w++) {
        let wbits = Number(n & 255n); // extract W=8 bits.
        n >>= 8n; // shift number by W=8 bits.
        if (wbits > 128) {
            wbits -= 256;
            n += 1n;
        }
        const off = w * 128; // offset of this window's block; also the fake-add index
        const offP = off + Math.abs(wbits) - 1; // real-add index; both offsets always evaluated
        const isOddW = w % 2 !== 0; // conditions, evaluate both; alternates fake-add sign per window
        const isNeg = wbits < 0;
        if (wbits === 0) {
            f = f.add(ctneg(isOddW, comp[off])); // bits are 0: add garbage to fake point
        }
        else {
            p = p.add(ctneg(isNeg, comp[offP])); // bits are 1: add to result point
        }
    }
    if (n !== 0n)
        throw new Error('invalid wnaf');
    return { p, f }; // return both real and fake points for JIT/leakage-shape symmetry
};
    return { verifyAsync };
  })();
  return nobleMade;
}
