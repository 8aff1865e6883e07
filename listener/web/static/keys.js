"use strict";
// Single keys: each can be changed or switched off, none works in a field, with a modifier, or while
// a word is being composed (WCAG 2.1.4).

const Keys = {
  usual: {
    next: "j", previous: "k", open: "o", choose: "x", claim: "c", reply: "r", note: "n", snooze: "s",
    resolve: "e", dismiss: "d", assign: "a", approve: "p", label: "l", undo: "u", search: "/", help: "?",
  },
  names: {
    next: "Next case", previous: "Case before", open: "Open the first", choose: "Choose for several at once",
    claim: "Claim", reply: "Write a reply", note: "Write a note", snooze: "Snooze", resolve: "Resolve",
    dismiss: "Dismiss", assign: "Assign", approve: "Approve the draft", label: "Label", undo: "Undo", search: "Search", help: "These keys",
  },

  kept() {
    try {
      return JSON.parse(localStorage.getItem("keys")) || {};
    } catch {
      return {};
    }
  },
  keep(change) {
    localStorage.setItem("keys", JSON.stringify({ ...Keys.kept(), ...change }));
  },
  get on() {
    return Keys.kept().on !== false;
  },
  get map() {
    return { ...Keys.usual, ...Keys.kept().map };
  },

  press(action) {
    const button = (key) => document.querySelector(`.case [data-key="${key}"], [data-toast] [data-key="${key}"]`);
    if (action === "next" || action === "previous") return Keys.step(action === "next" ? 1 : -1);
    if (action === "open") return Keys.step(0);
    if (action === "choose") {
      const row = document.querySelector("#rows > [aria-current] .pick input, #rows > [data-id] .pick input");
      return row?.click();
    }
    if (action === "search") return document.querySelector("[role=search] input[type=search]")?.focus();
    if (action === "help") return Keys.help();
    if (action === "reply" || action === "note") return Keys.write(action);
    if (action === "assign") return Keys.sheet(document.querySelector("[data-key-focus=assign]"));
    const found = button(action);
    if (!found) return undefined;
    if (found.tagName === "SUMMARY") return Keys.sheet(found.parentElement.querySelector(".sheet input:not([type=hidden]), .sheet button"));
    return found.click();
  },

  sheet(field) {
    const menu = field?.closest("details.menu");
    if (!menu) return;
    Desk.closeMenus(menu);
    menu.open = true;
    field.focus();
  },

  async write(tab) {
    const link = document.querySelector(`[data-tab=${tab}]`);
    if (!link) return;
    if (!link.hasAttribute("aria-current")) await Desk.visit(link.href);
    document.querySelector(".composer textarea")?.focus();
  },

  step(by) {
    const rows = [...document.querySelectorAll("#rows > [data-id]")];
    const at = rows.findIndex((row) => row.hasAttribute("aria-current"));
    const to = by === 0 ? Math.max(at, 0) : at < 0 ? 0 : Math.min(Math.max(at + by, 0), rows.length - 1);
    const link = rows[to]?.querySelector("a.open");
    if (link && (to !== at || by === 0)) Desk.visit(link.href);
  },

  help() {
    const dialog = document.getElementById("help");
    if (dialog.open) return dialog.close();
    const list = dialog.querySelector("[data-keys]");
    list.replaceChildren();
    dialog.querySelector("[data-keys-on]").checked = Keys.on;
    for (const [action, name] of Object.entries(Keys.names)) {
      const input = document.createElement("input");
      Object.assign(input, { value: Keys.map[action], maxLength: 1, id: `key-${action}`, autocomplete: "off" });
      input.dataset.action = action;
      const label = document.createElement("label");
      Object.assign(label, { textContent: say(name), htmlFor: input.id });
      list.append(input, label, document.createElement("span"));
    }
    dialog.showModal();
    return undefined;
  },
};

document.addEventListener("keydown", (event) => {
  const field = event.target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable], dialog");
  if (field || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented || !Keys.on) return;
  const action = Object.entries(Keys.map).find(([, key]) => key && key === event.key)?.[0];
  if (!action) return;
  event.preventDefault();
  Keys.press(action);
});

document.addEventListener("input", (event) => {
  const action = event.target.dataset?.action;
  if (action && event.target.closest("#help")) {
    const map = { ...Keys.kept().map, [action]: event.target.value };
    // One key makes one move: whoever had it loses it.
    for (const [other, key] of Object.entries({ ...Keys.usual, ...map })) {
      if (key && key === event.target.value && other !== action) {
        map[other] = "";
        document.getElementById(`key-${other}`).value = "";
      }
    }
    Keys.keep({ map });
  }
  if (event.target.matches?.("[data-keys-on]")) Keys.keep({ on: event.target.checked });
});

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-help]")) Keys.help();
  if (event.target.closest?.("[data-keys-reset]")) {
    localStorage.removeItem("keys");
    document.getElementById("help").close();
    Keys.help();
  }
});
