"use strict";
// Before the first paint: the theme a person has chosen on this browser, the system's otherwise.
(() => {
  try {
    const chosen = localStorage.getItem("theme");
    if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
  } catch { /* storage is switched off: the system's theme it is */ }
  document.documentElement.classList.add("js");
})();

// What the scripts say, in the language of the page.
const Words = JSON.parse(document.querySelector("meta[name=words]")?.content || "{}");
const say = (text, value = "") => (Words[text] || text).replace("%s", () => value);
