/* Elements, made so that no text can become markup or script: text content only, and a short list of attributes. */

const ATTRIBUTES = new Set([
  "accept", "aria-current", "aria-describedby", "aria-invalid", "aria-labelledby", "autocapitalize", "autocomplete", "checked",
  "class", "dir", "download", "for", "href", "id", "lang", "maxlength", "name", "open", "rel", "role", "rows", "scope",
  "selected", "spellcheck", "src", "tabindex", "target", "title", "type", "value",
]);
const SAFE_ADDRESS = /^(?:blob:|#)/;

/** An element; children are elements, texts or nothing. Functions under `on…` become listeners. */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function" && key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value !== false && value !== null && value !== undefined) setAttribute(element, key, value);
  }
  element.append(...children.flat().filter((one) => one !== null && one !== undefined && one !== false));
  return element;
}

export function replace(element, ...children) {
  element.replaceChildren(...children.flat().filter(Boolean));
}

function setAttribute(element, key, value) {
  if (!ATTRIBUTES.has(key)) throw new Error(`attribute ${key}`);
  if ((key === "href" || key === "src") && !SAFE_ADDRESS.test(value)) throw new Error("address");
  element.setAttribute(key, value === true ? "" : value);
}
