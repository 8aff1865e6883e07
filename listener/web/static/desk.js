"use strict";
// Makes links and forms of the desk quicker: the page that comes back is morphed into the one that
// is there, so that nothing jumps, and what somebody types stays. Without this file all of it works.

const Desk = {
  busy: 0,

  // Fetch a page and morph it in. `quiet`: news from others, nothing that this person did.
  async visit(address, { method = "GET", body = null, push = true, quiet = false, typed = null } = {}) {
    const asked = quiet ? Desk.asked : ++Desk.asked; // news never overtake a click
    Desk.busy += quiet ? 0 : 1;
    let answer;
    let text;
    try {
      answer = await fetch(address, { method, body, headers: { "HX-Request": "true", "HX-Request-Type": "full" } });
      text = await answer.text();
    } catch {
      if (!quiet) Desk.say(say("The server does not answer. Nothing was done."));
      return false;
    } finally {
      Desk.busy -= quiet ? 0 : 1;
    }
    // A later click wins over what it overtook; news never overtake a click.
    if (method === "GET" && (asked !== Desk.asked || (quiet && Desk.busy))) return false;
    const elsewhere = answer.headers.get("hx-redirect");
    if (elsewhere || !text.includes('id="frame"')) {
      location.assign(elsewhere || answer.url);
      return true;
    }
    const before = Desk.snapshot();
    const same = new URL(answer.url).pathname === location.pathname && answer.ok;
    if (typed && answer.ok) {
      sessionStorage.removeItem(`draft:${typed.id}`); // it is kept by the house now
      typed.value = "";
    }
    if (!same && answer.ok) document.querySelector(".work, .sheet-page")?.replaceChildren();
    await htmx.swap({ text, sourceElement: document.body, target: "#frame", select: "#frame", swap: "outerMorph" });
    const shown = new URL(answer.url);
    shown.searchParams.delete("done");
    if (push && answer.ok && shown.href !== location.href) history.pushState({}, "", shown.href);
    Desk.settle(before, { same, quiet });
    return true;
  },
  asked: 0,

  snapshot() {
    return new Set([...document.querySelectorAll("#rows > [data-id]")].map((row) => row.dataset.id));
  },

  // After every change of the page: what scripts add to it.
  settle(before, { same = false, quiet = false } = {}) {
    for (const one of document.querySelectorAll("[data-close], [data-help]")) one.hidden = false;
    if (quiet && before.size) {
      for (const row of document.querySelectorAll("#rows > [data-id]")) {
        row.classList.toggle("fresh", !before.has(row.dataset.id));
      }
    }
    if (!same && !quiet) {
      document.querySelector("#rows > [aria-current]")?.scrollIntoView({ block: "nearest" });
      document.querySelector(".case .scroll, .sheet-page")?.scrollTo?.(0, 0);
    }
    Desk.toast();
    Desk.composer();
    document.dispatchEvent(new CustomEvent("desk:settled", { detail: { same, quiet } }));
  },

  // The sentence that tells what was done stays for ten seconds, longer under the pointer.
  toast() {
    const toast = document.querySelector("#frame [data-toast]");
    if (!toast) return;
    // Out of the part that news replace, in the place of the one before.
    document.getElementById("toasts").replaceChildren(toast);
    clearTimeout(Desk.toastTimer);
    const go = () => {
      if (toast.matches(":hover, :focus-within")) Desk.toastTimer = setTimeout(go, 1000);
      else toast.remove();
    };
    Desk.toastTimer = setTimeout(go, 10000);
  },

  say(sentence) {
    const told = document.getElementById("told");
    told.textContent = sentence;
    told.hidden = false;
    setTimeout(() => { told.hidden = true; }, 6000);
  },

  // Drafts outlive a page: what was typed for a case is there when one comes back to it.
  composer() {
    const text = document.querySelector(".composer textarea");
    if (!text) return;
    const key = `draft:${text.id}`;
    if (!text.value && !text.dataset.restored) text.value = sessionStorage.getItem(key) || "";
    text.dataset.restored = "true";
    Desk.measure(text);
  },

  measure(text) {
    sessionStorage.setItem(`draft:${text.id}`, text.value);
    const count = document.querySelector("[data-count]");
    if (!count || !text.dataset.limit) return;
    count.dataset.said ??= count.textContent;
    const left = Number(text.dataset.limit) - [...text.value].length;
    count.classList.toggle("over", left < 0);
    if (!text.value) count.textContent = count.dataset.said;
    else count.textContent = left < 0 ? say("%s characters too long", -left) : say("%s characters left", left);
  },

  closeMenus(but = null) {
    for (const menu of document.querySelectorAll("details.menu[open]")) if (menu !== but) menu.open = false;
  },
};

document.addEventListener("click", (event) => {
  const target = event.target;
  if (!(target instanceof Element)) return;
  const menu = target.closest("details.menu");
  Desk.closeMenus(menu);
  if (target.closest("[data-close]")) target.closest("[data-toast], .told")?.remove();
  const macro = target.closest("[data-macro]");
  const text = document.querySelector(".composer textarea");
  if (macro && text) {
    event.preventDefault();
    text.setRangeText(macro.dataset.macro, text.selectionStart, text.selectionEnd, "end");
    Desk.closeMenus();
    text.focus();
    Desk.measure(text);
    return;
  }
  const copied = target.closest("[data-copy]");
  if (copied) navigator.clipboard?.writeText(document.querySelector(copied.dataset.copy)?.textContent || "").catch(() => {});
  const link = target.closest("a[href]");
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  if (link.target || link.origin !== location.origin || link.hash || link.hasAttribute("download")) return;
  if (!link.closest("#frame") || link.pathname.startsWith("/static/") || link.hasAttribute("data-plain")) return;
  event.preventDefault();
  Desk.visit(link.href);
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !form.closest("#frame, #toasts")) return;
  const button = event.submitter;
  const action = new URL(button?.getAttribute("formaction") || form.getAttribute("action") || location.href, location.href);
  const method = (button?.getAttribute("formmethod") || form.method).toUpperCase();
  if (action.origin !== location.origin || action.pathname === "/logout" || method === "DIALOG" || form.hasAttribute("data-plain")) return;
  event.preventDefault();
  const values = new URLSearchParams();
  for (const [name, value] of new FormData(form, button)) {
    if (typeof value === "string" && (method === "POST" || value)) values.append(name, value);
  }
  Desk.closeMenus();
  form.closest("[data-toast]")?.remove();
  const typed = form.querySelector("textarea[id]");
  if (method === "GET") {
    action.search = values.toString();
    Desk.visit(action.href);
  } else if (!form.dataset.sent) {
    form.dataset.sent = "true"; // a second press while the first is on its way does nothing
    Desk.visit(action.href, { method, body: values, typed }).finally(() => { delete form.dataset.sent; });
  }
});

document.addEventListener("input", (event) => {
  if (event.target.matches?.(".composer textarea")) Desk.measure(event.target);
});

addEventListener("popstate", () => Desk.visit(location.href, { push: false }));

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const menu = document.querySelector("details.menu[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    } else if (event.target.matches?.("#frame input, #frame textarea")) event.target.blur();
  }
  const sends = event.key === "Enter" && (event.ctrlKey || event.metaKey);
  if (sends && event.target.matches?.(".composer textarea")) {
    event.preventDefault();
    event.target.form.requestSubmit(event.target.form.querySelector("[data-submit]"));
  }
});

{
  const here = new URL(location.href);
  if (here.searchParams.has("done")) {
    here.searchParams.delete("done");
    history.replaceState({}, "", here.href);
  }
  Desk.settle(new Set(), { same: true });
}
