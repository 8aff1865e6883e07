"use strict";
// The command palette (Ctrl or Cmd with K): pages, views, the moves of the case that is open, search.

const Palette = {
  chosen: 0,
  found: [],

  commands() {
    const list = [];
    const key = (action) => (Keys.on && Keys.map[action]) || "";
    for (const [action, name] of Object.entries(Keys.names)) {
      const there = document.querySelector(`.case [data-key="${action}"], [data-toast] [data-key="${action}"], [data-key-focus="${action}"], [data-tab="${action}"]`);
      if (there || ["next", "previous", "search", "help"].includes(action)) {
        list.push({ name: say(name), key: key(action), run: () => Keys.press(action) });
      }
    }
    for (const link of document.querySelectorAll(".rail nav a")) {
      const name = link.firstChild.nodeType === 3 ? link.firstChild.textContent : link.textContent;
      list.push({ name: say("Go to %s", name.trim()), key: "", run: () => Desk.visit(link.href) });
    }
    for (const theme of ["light", "dark", "system"]) {
      list.push({ name: say("Theme: %s", say(theme)), key: "", run: () => Palette.theme(theme) });
    }
    return list;
  },

  theme(theme) {
    if (theme === "system") {
      localStorage.removeItem("theme");
      delete document.documentElement.dataset.theme;
    } else {
      localStorage.setItem("theme", theme);
      document.documentElement.dataset.theme = theme;
    }
  },

  open() {
    const dialog = document.getElementById("palette");
    if (dialog.open) return dialog.close();
    const input = dialog.querySelector("input");
    input.value = "";
    Palette.narrow();
    dialog.showModal();
    input.focus();
    return undefined;
  },

  narrow() {
    const dialog = document.getElementById("palette");
    const words = dialog.querySelector("input").value.trim().toLowerCase();
    Palette.found = Palette.commands().filter((one) => words.split(/\s+/).every((word) => one.name.toLowerCase().includes(word)));
    if (words) {
      const search = `/queue?q=${encodeURIComponent(words)}`;
      Palette.found.push({ name: say("Search the queue for “%s”", words), key: "", run: () => Desk.visit(search) });
    }
    Palette.chosen = 0;
    Palette.draw();
  },

  draw() {
    const list = document.getElementById("palette-list");
    list.replaceChildren(...Palette.found.map((one, place) => {
      const item = document.createElement("li");
      item.id = `command-${place}`;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", String(place === Palette.chosen));
      item.dataset.place = place;
      item.append(one.name);
      if (one.key) {
        const key = document.createElement("kbd");
        key.textContent = one.key;
        item.append(key);
      }
      return item;
    }));
    const input = document.querySelector("#palette input");
    input.setAttribute("aria-activedescendant", Palette.found.length ? `command-${Palette.chosen}` : "");
    document.getElementById(`command-${Palette.chosen}`)?.scrollIntoView({ block: "nearest" });
  },

  run(place) {
    document.getElementById("palette").close();
    Palette.found[place]?.run();
  },
};

document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey) {
    event.preventDefault();
    Palette.open();
    return;
  }
  if (!event.target.closest?.("#palette")) return;
  const last = Palette.found.length - 1;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    Palette.chosen = event.key === "ArrowDown" ? Math.min(Palette.chosen + 1, last) : Math.max(Palette.chosen - 1, 0);
    Palette.draw();
  } else if (event.key === "Enter") {
    event.preventDefault();
    Palette.run(Palette.chosen);
  }
});
document.addEventListener("input", (event) => {
  if (event.target.closest?.("#palette")) Palette.narrow();
});
document.addEventListener("click", (event) => {
  const option = event.target.closest?.("#palette [role=option]");
  if (option) Palette.run(Number(option.dataset.place));
  else if (event.target.id === "palette") event.target.close();
});
