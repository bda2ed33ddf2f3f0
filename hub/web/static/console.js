/* Hands the secret of a link to the hub, once, and takes it out of the address before anything else. */
const say = (name) => {
  for (const one of document.querySelectorAll("[data-state]")) one.hidden = one.dataset.state !== name;
};

const enter = async () => {
  const [, id, secret] = /^#([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)$/.exec(location.hash) ?? [];
  if (!id) return;
  history.replaceState(null, "", location.pathname + location.search);
  say("opening");
  try {
    const answer = await fetch("/console/session", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ id, secret }),
    });
    if (answer.ok) location.replace(location.pathname + location.search);
    else say(answer.status === 403 ? "refused" : "failed");
  } catch {
    say("failed");
  }
};

addEventListener("hashchange", enter); // a link opened where this page is open already loads nothing anew
enter();
