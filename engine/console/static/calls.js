// One call: its recording beside its script (a click on a line plays from there), one side of it alone, and its way.
(() => {
  const player = document.querySelector("[data-player]");
  const lines = [...document.querySelectorAll(".script li[data-at]")];

  function playFrom(seconds) {
    player.currentTime = seconds;
    player.play();
  }

  if (player) {
    document.querySelector(".script")?.addEventListener("click", (event) => {
      const line = event.target.closest("li[data-at]");
      if (line && !String(getSelection())) playFrom(Number(line.dataset.at));
    });
    player.addEventListener("timeupdate", () => {
      let here = null;
      for (const line of lines) if (Number(line.dataset.at) <= player.currentTime + 0.05) here = line;
      for (const line of lines) line.classList.toggle("playing", line === here && !player.paused);
    });
  }

  // One side of the two: the caller is on the left, we are on the right.
  let gains = null;
  function sides() {
    const context = new AudioContext();
    const source = context.createMediaElementSource(player);
    const split = context.createChannelSplitter(2);
    const merge = context.createChannelMerger(1);
    source.connect(split);
    gains = [0, 1].map((side) => {
      const gain = context.createGain();
      split.connect(gain, side);
      gain.connect(merge, 0, 0);
      return gain;
    });
    merge.connect(context.destination);
    context.resume();
  }
  document.querySelector("[data-sides]")?.addEventListener("click", (event) => {
    const button = event.target.closest("[data-side]");
    if (!button) return;
    if (!gains) sides();
    gains[0].gain.value = button.dataset.side === "ours" ? 0 : 1;
    gains[1].gain.value = button.dataset.side === "caller" ? 0 : 1;
    for (const other of button.parentElement.children) other.setAttribute("aria-pressed", String(other === button));
  });

  // The picture comes after the page.
  document.addEventListener("htmx:afterSettle", () => {
    const picture = document.querySelector("[data-picture]");
    const svg = picture?.querySelector("svg");
    if (!svg) return;
    const box = svg.viewBox.baseVal;
    svg.style.width = `${Math.round(box.width * 0.75)}px`;
    svg.style.height = `${Math.round(box.height * 0.75)}px`;
    const been = picture.dataset.visited.split(" ");
    for (const step of picture.querySelectorAll("[data-step]")) {
      step.classList.toggle("been", been.includes(step.dataset.step));
      step.classList.toggle("now", step.dataset.step === been.at(-1));
    }
    const first = picture.querySelector(".been, .now");
    if (!first) return;
    const inner = first.getBoundingClientRect();
    const outer = picture.getBoundingClientRect();
    picture.scrollLeft += inner.left + inner.width / 2 - outer.left - outer.width / 2;
    picture.scrollTop += inner.top + inner.height / 2 - outer.top - outer.height / 2;
  });
})();
