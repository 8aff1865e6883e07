"use strict";
// News from others: rows change while one reads, who is at a case is seen, a lost session says so.
// The events come through hx-sse, which resumes where it was cut off; see /live.

const Live = {
  timer: 0,
  last: 0,

  // Several moves at once are one look; never more than one a second.
  refresh() {
    clearTimeout(Live.timer);
    const wait = Math.max(150, 1000 - (Date.now() - Live.last));
    Live.timer = setTimeout(() => {
      Live.last = Date.now();
      if (!document.querySelector("[data-live]")) return;
      Desk.visit(location.href, { push: false, quiet: true }).then((shown) => {
        if (!shown) Live.timer = setTimeout(() => Live.refresh(), 5000); // a click came first
      });
    }, wait);
  },

  // Who is at a case, on its row and in its head; nothing of it is markup.
  present({ case: id, people }) {
    const me = document.body.dataset.me;
    for (const place of document.querySelectorAll(`[data-looking="${Number(id)}"]`)) {
      const others = people.filter((one) => one.who !== me);
      place.replaceChildren(...others.map((one) => {
        const face = document.createElement("span");
        face.className = "face looking";
        face.title = `${one.who} is ${one.doing} this`.replace("looking this", "looking at this");
        face.textContent = place.dataset.full ? face.title : one.who.slice(0, 2);
        return face;
      }));
    }
  },

  // Say where one is; the server forgets it after 45 seconds.
  here() {
    const id = document.querySelector("[data-case]")?.dataset.case;
    const text = document.querySelector(".composer textarea");
    const doing = text?.value && text.form.action.includes("/reply") ? "answering" : "looking";
    if (Live.at && Live.at !== id) Live.tell(Live.at, "");
    Live.at = id;
    if (id && !document.hidden) Live.tell(id, doing);
  },

  tell(id, doing) {
    const body = new URLSearchParams({ case: id });
    if (doing) body.set("doing", doing);
    fetch("/presence", { method: "POST", body, keepalive: true }).catch(() => {});
  },
};

const line = document.getElementById("live");
const told = (event) => {
  try {
    return JSON.parse(event.detail.data);
  } catch {
    return {};
  }
};
line?.addEventListener("move", () => Live.refresh());
line?.addEventListener("arrived", () => Live.refresh());
line?.addEventListener("reload", () => Live.refresh());
line?.addEventListener("presence", (event) => Live.present(told(event)));
line?.addEventListener("signed-out", () => location.assign("/login"));

document.addEventListener("desk:settled", () => Live.here());
document.addEventListener("input", (event) => {
  if (event.target.matches?.(".composer textarea") && [0, 1].includes(event.target.value.length)) Live.here();
});
setInterval(() => Live.here(), 20000);
// Whatever swallows events (a proxy, a sleeping laptop): nobody looks at an old page for long.
setInterval(() => { if (!document.hidden) Live.refresh(); }, 30000);
addEventListener("pagehide", () => { if (Live.at) Live.tell(Live.at, ""); });
Live.here();
