/* Reads the token of a link, which no browser sends by itself, and hands in the answers with it. */
const form = document.querySelector("#survey");
const send = document.querySelector("#send");
let token = null;

const say = (name) => {
  for (const one of document.querySelectorAll("[data-state]")) one.hidden = !one.dataset.state.split(" ").includes(name);
  send.disabled = !["ready", "failed"].includes(name);
};

const tell = (name) => {
  say(name);
  document.querySelector("#told").focus();
};

const ask = (path, more) =>
  fetch(path, { ...more, headers: { Authorization: `Feedback ${token}`, "Content-Type": "application/json" } });

const show = (slot) => {
  for (const one of document.querySelectorAll(".provider")) one.textContent = slot.provider.name ?? slot.provider.id;
  for (const one of document.querySelectorAll("[data-role]")) one.hidden = one.dataset.role !== slot.role;
  const end = document.querySelector(".expires");
  const day = new Date(slot.expires_at);
  end.dateTime = slot.expires_at;
  const tongue = document.documentElement.lang.replace(/^en$/, "en-GB"); // as dates are written on every other page
  end.textContent = day.toLocaleDateString(tongue, { dateStyle: "long", timeZone: "UTC" });
};

const read = async () => {
  const asked = /^#([A-Za-z0-9_-]{22})$/.exec(location.hash)?.[1] ?? null;
  if (token && asked !== token) form.reset(); // what was ticked about one case says nothing about another
  token = asked;
  for (const one of document.querySelectorAll(".tongues a")) one.hash = location.hash;
  if (!token) return say(location.hash ? "unknown" : "bare");
  say("reading");
  try {
    const answer = await ask("/v1/feedback/slot", { method: "GET" });
    const slot = answer.ok ? await answer.json() : null;
    if (asked !== token) return; // another link was opened meanwhile
    if (slot) show(slot);
    say(answer.ok ? "ready" : answer.status === 404 ? "unknown" : "unasked");
  } catch {
    if (asked === token) say("unasked");
  }
};

const answers = () => {
  const { outcome_side, ...given } = Object.fromEntries(new FormData(form));
  const told = Object.entries(given).filter(([, value]) => value);
  return { outcome_side, scores: Object.fromEntries(told.map(([name, value]) => [name, Number(value)])) };
};

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (send.disabled) return;
  say("answering");
  const asked = token;
  try {
    const answer = await ask("/v1/feedback/answers", { method: "POST", body: JSON.stringify(answers()) });
    if (asked !== token) return;
    if (answer.ok) {
      history.replaceState(null, "", location.pathname + location.search);
      tell("sent");
    } else if (answer.status === 409) tell("used");
    else if (answer.status === 404) tell("unknown");
    else say("failed");
  } catch {
    if (asked === token) say("failed");
  }
});

addEventListener("hashchange", read); // a link opened where this page is open already loads nothing anew
read();
