"use strict";
// News from others: rows change while one reads, who is at a case is seen, a lost session says so.
// The events come through hx-sse, which resumes where it was cut off; see /live.

const Live = {
  timer: 0,
  last: 0,
  due: 0,
  heard: Date.now(),
  connection: null,
  greeted: false,

  // Several moves at once are one look, at most one a second, and none waits for the stream to end.
  // What this page does not show now can wait some seconds, by chance not the same for all pages:
  // otherwise a single move would have every page of the house asked for in one moment.
  refresh(shown = true) {
    const now = Date.now();
    const due = shown ? Math.max(now + 150, Live.last + 1000) : now + 2000 + 3000 * Math.random();
    if (Live.timer && Live.due <= due) return;
    clearTimeout(Live.timer);
    Live.due = due;
    Live.timer = setTimeout(Live.look, due - now);
  },

  // Whether a move is about something that can be seen here.
  shows({ case: id, entity, entity_id: which }) {
    if (entity === "issue" && location.pathname === `/issues/${Number(which)}`) return true;
    return Boolean(document.querySelector(`[data-id="${Number(id)}"], [data-case="${Number(id)}"]`));
  },

  async look() {
    Live.timer = 0;
    Live.last = Date.now();
    if (!document.querySelector("[data-live]")) return;
    const shown = await Desk.visit(location.href, { push: false, quiet: true });
    if (!shown) Live.refresh(false); // a click came first, or no answer
  },

  // What came while nobody listened has no number by which it could be asked for.
  greet() {
    if (Live.greeted) Live.refresh();
    Live.greeted = true;
  },

  // No place (429, 503), a proxy that keeps everything, a laptop that slept: nothing, not even a beat.
  // Then the page looks by itself, and asks for its line again.
  silent() {
    if (document.hidden || Date.now() - Live.heard < 40000) return;
    Live.refresh();
    if (Live.connection?.reader) Live.connection.reader.cancel(); // it asks again by itself
    else htmx.trigger(line, "again");
  },

  // Who is at a case, on its row and in its head; nothing of it is markup.
  present(id, people) {
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
  Live.heard = Date.now();
  try {
    return JSON.parse(event.detail.data);
  } catch {
    return {};
  }
};
line?.addEventListener("htmx:sse:after:connection", (event) => { Live.connection = event.detail.connection; });
line?.addEventListener("htmx:sse:close", () => { Live.connection = null; });
line?.addEventListener("beat", told);
line?.addEventListener("hello", (event) => { told(event); Live.greet(); });
line?.addEventListener("move", (event) => { Live.greeted = true; Live.refresh(Live.shows(told(event))); });
line?.addEventListener("arrived", (event) => { told(event); Live.refresh(false); });
line?.addEventListener("reload", (event) => { told(event); Live.greeted = true; Live.refresh(); });
line?.addEventListener("presence", (event) => { const { case: id, people } = told(event); Live.present(id, people); });
line?.addEventListener("people", (event) => {
  const all = told(event);
  for (const place of document.querySelectorAll("[data-looking]")) {
    Live.present(place.dataset.looking, all[place.dataset.looking] || []);
  }
});
line?.addEventListener("signed-out", () => location.assign("/login"));

document.addEventListener("desk:settled", () => Live.here());
document.addEventListener("input", (event) => {
  if (event.target.matches?.(".composer textarea") && [0, 1].includes(event.target.value.length)) Live.here();
});
setInterval(() => Live.here(), 20000);
if (line) setInterval(() => Live.silent(), 30000);
addEventListener("pagehide", () => { if (Live.at) Live.tell(Live.at, ""); });
Live.here();
