// The page's language: finds it, loads its texts, and puts them into the page.

import english from "./strings/en.js";

export const languages = { en: "English", de: "Deutsch", zh: "中文" };

let texts = english;

/// The language to begin with: the one chosen last, or the first of the browser's that there is.
export function preferredLanguage() {
  const wished = [remembered(), ...navigator.languages].filter(Boolean).map((tag) => tag.slice(0, 2).toLowerCase());
  return wished.find((tag) => tag in languages) ?? "en";
}

function remembered() {
  // Browsers can forbid pages to remember anything.
  try { return localStorage.getItem("language"); } catch { return null; }
}

export async function setLanguage(tag, isChoice) {
  texts = tag === "en" ? english : (await import(`./strings/${tag}.js`)).default;
  if (isChoice) try { localStorage.setItem("language", tag); } catch { /* Then it is forgotten. */ }
  document.documentElement.lang = tag;
  document.documentElement.classList.add("has-words");
  for (const element of document.querySelectorAll("[data-text]")) element.textContent = text(element.dataset.text);
  for (const element of document.querySelectorAll("[data-label]")) {
    const label = text(element.dataset.label);
    if (element.tagName === "IMG") element.alt = label; else element.setAttribute("aria-label", label);
  }
  for (const element of document.querySelectorAll("[data-placeholder]")) {
    element.placeholder = text(element.dataset.placeholder);
  }
}

/// The text of this key, such as `status.left`, with its {values} filled in. What a translation lacks is English.
export function text(key, values = {}) {
  const find = (from) => key.split(".").reduce((part, name) => part?.[name], from);
  const found = find(texts) ?? find(english) ?? key;
  return found.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}
