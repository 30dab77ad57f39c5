// What every page needs: the theme's switch, dialogs, toasts, menus that close. Nothing here is needed to read a page.
(() => {
  const toasts = document.querySelector("[data-toasts]");

  function toast(text, tone = "") {
    const box = document.createElement("p");
    box.className = `toast ${tone}`;
    box.textContent = text;
    toasts.append(box);
    setTimeout(() => box.remove(), tone === "bad" ? 10000 : 6000);
  }
  window.toast = toast;

  // The line that the last change left for this page.
  const told = document.cookie.split("; ").find((one) => one.startsWith("told="));
  if (told) {
    document.cookie = "told=; Max-Age=0; Path=/; SameSite=Strict";
    const text = decodeURIComponent(told.slice(5).replace(/^"|"$/g, ""));
    if (text) toast(text, "good");
  }

  // What scrolls can be reached by keyboard.
  function reachable() {
    for (const box of document.querySelectorAll(".card.flush")) {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  }
  reachable();
  addEventListener("resize", reachable);

  document.addEventListener("click", (event) => {
    const target = event.target.closest("[data-theme-switch], [data-open], [data-close]");
    for (const menu of document.querySelectorAll("details.more[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
    if (!target) return;
    if (target.matches("[data-theme-switch]")) window.switchTheme();
    if (target.dataset.open) document.getElementById(target.dataset.open)?.showModal();
    if (target.matches("[data-close]")) target.closest("dialog")?.close();
  });

  // A click beside a dialog closes it.
  document.addEventListener("mousedown", (event) => {
    if (event.target instanceof HTMLDialogElement) event.target.close();
  });

  document.addEventListener("change", (event) => {
    event.target.closest("form[data-submit-on-change]")?.requestSubmit();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll("details.more[open]")) menu.open = false;
  });

  document.addEventListener("htmx:sendError", () => toast("The server does not answer. Is frontdesk running?", "bad"));
  document.addEventListener("htmx:responseError", (event) => {
    const status = event.detail.xhr.status;
    if (status === 403) toast("This is not for your role, or the page was open for too long: load it again.", "bad");
    else if (status !== 401 && status !== 422) toast(`That did not work (error ${status}). Nothing was changed.`, "bad");
  });
  // A refused form comes back with what is wrong in it: show it.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.status === 422) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
  });
})();
