/* The browser's viewer of documents takes the focus whenever it has loaded. A passphrase that is being typed must not
end up in it: unless the reader went there, by pointer or by Tab, the focus goes back to where it was.
That happens a second or more after it has loaded, so the page must not jump back under a reader who has gone on. */

const TAB = 150;

export function guardFocus(root) {
  let [last, tabbed] = [null, -Infinity];
  root.addEventListener("focusin", (event) => {
    if (!isFrame(event.target)) last = event.target;
  });
  addEventListener("keydown", (event) => {
    if (event.key === "Tab") tabbed = performance.now();
  });
  addEventListener("blur", () => {
    const frame = document.activeElement;
    const wanted = !isFrame(frame) || frame.matches(":hover") || performance.now() - tabbed < TAB;
    if (!wanted && last?.isConnected) last.focus({ preventScroll: true });
  });
}

function isFrame(element) {
  return element?.tagName === "IFRAME";
}
