// What changes by itself: the list of calls that go on, and one call's conversation, by server-sent events.
(() => {
  function tick() {
    for (const time of document.querySelectorAll("time[data-since]")) {
      const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(time.dateTime)) / 1000));
      time.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    }
  }
  tick();
  setInterval(tick, 1000);

  const live = document.querySelector("[data-live]");
  if (live) {
    const source = new EventSource(live.dataset.live);
    source.onmessage = (message) => {
      const told = JSON.parse(message.data);
      const list = live.querySelector("[data-live-list]");
      const focused = list.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
      list.innerHTML = told.html; // the server has escaped it
      if (focused) list.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
      tick();
    };
    addEventListener("pagehide", () => source.close());
  }

  const picture = document.querySelector("[data-picture]");
  function showStep(step, visited) {
    if (!picture) return;
    const been = new Set(visited);
    for (const box of picture.querySelectorAll("[data-step]")) {
      const name = box.dataset.step;
      box.classList.toggle("now", name === step);
      box.classList.toggle("been", name !== step && been.has(name));
      if (name === step) centre(box);
    }
  }
  function centre(box) {
    const inner = box.getBoundingClientRect();
    const outer = picture.getBoundingClientRect();
    picture.scrollBy({
      left: inner.left + inner.width / 2 - outer.left - outer.width / 2,
      top: inner.top + inner.height / 2 - outer.top - outer.height / 2,
      behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth",
    });
  }
  if (picture) {
    const svg = picture.querySelector("svg");
    const box = svg.viewBox.baseVal;
    svg.style.width = `${Math.round(box.width * 0.75)}px`;
    svg.style.height = `${Math.round(box.height * 0.75)}px`;
    showStep(picture.dataset.step, picture.dataset.visited.split(" "));
  }

  const lines = document.querySelector("[data-lines]");
  const log = document.querySelector("[data-log]");
  if (log) log.scrollTop = log.scrollHeight;
  const call = document.querySelector("[data-call]");
  if (call) {
    const source = new EventSource(call.dataset.call);
    source.onmessage = (message) => {
      const told = JSON.parse(message.data);
      if (told.lines) {
        const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
        lines.insertAdjacentHTML("beforeend", told.lines); // the server has escaped it
        if (atEnd) log.scrollTop = log.scrollHeight;
      }
      if (told.facts) call.querySelector("[data-facts]").innerHTML = told.facts;
      if (told.step) showStep(told.step, told.visited);
      if (told.over) {
        source.close();
        call.querySelector("[data-state]").textContent = "over";
        for (const button of document.querySelectorAll("[data-while-live]")) button.hidden = true;
        window.toast("This call is over.");
      }
    };
    addEventListener("pagehide", () => source.close());
  }

  // A free time or day near the wish: put into the form.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-set]");
    if (!button) return;
    const field = document.querySelector(`#wish [name="${button.dataset.set}"]`);
    if (field) field.value = button.dataset.value;
    field?.focus();
  });
})();
