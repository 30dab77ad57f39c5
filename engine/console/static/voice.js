// One persona: sliders, a sentence heard with them, and compared with another way to say it.
(() => {
  const page = document.querySelector("[data-voice]");
  if (!page) return;
  const find = (name) => document.querySelector(`[data-${name}]`);
  const sliders = [...document.querySelectorAll("[data-key]")];
  const player = find("player");
  const own = page.dataset.persona;
  let token = page.dataset.token;
  let wish = 0;

  const state = (text) => { find("state").textContent = text; };
  const changed = (slider) => Number(slider.value) !== Number(slider.dataset.kept);
  const values = () => Object.fromEntries(sliders.filter(changed).map((one) => [one.dataset.key, Number(one.value)]));

  function show() {
    for (const slider of sliders) {
      const output = slider.parentElement.querySelector("output");
      output.textContent = `${slider.value}${slider.dataset.unit ? ` ${slider.dataset.unit}` : ""}`;
      output.classList.toggle("changed", changed(slider));
    }
    const count = sliders.filter(changed).length;
    find("dirty").textContent = count ? `${count} changed, not saved` : "";
    const save = find("save");
    if (save) save.disabled = !count;
  }
  for (const slider of sliders) slider.addEventListener("input", show);
  find("reset").addEventListener("click", () => {
    for (const slider of sliders) slider.value = slider.dataset.kept;
    show();
  });
  find("language").addEventListener("change", (event) => {
    const sample = event.target.selectedOptions[0].dataset.sample;
    if (sample) find("text").value = sample;
  });

  const post = (path, what) => fetch(`${page.dataset.voice}/${path}`, {
    method: "POST", headers: {"content-type": "application/json", "x-csrf-token": page.dataset.csrf}, body: JSON.stringify(what),
  });

  async function sound(which) {
    const mine = which === "mine";
    const answer = await post(`${mine ? own : find("other").value}/hear`, {
      text: find("text").value, language: find("language").value, situation: find("situation").value,
      rate: Number(find("rate").value), values: mine ? values() : {},
    });
    if (answer.headers.get("content-type")?.includes("audio")) return URL.createObjectURL(await answer.blob());
    const told = await answer.json().catch(() => ({}));
    throw new Error(told.problem ?? `This did not work (error ${answer.status}).`);
  }
  function play(url, number) {
    return new Promise((done) => {
      player.src = url;
      player.onended = done;
      player.onpause = () => { if (!player.ended && number !== wish) done(); };
      player.play().catch(done);
    });
  }
  async function hear(which) {
    const number = ++wish;
    const parts = which === "both" ? ["other", "mine"] : [which];
    state("Speaking…");
    try {
      const urls = await Promise.all(parts.map(sound));
      for (const [index, url] of urls.entries()) {
        if (number !== wish) return;
        state(parts[index] === "mine" ? "With these settings" : `${find("other").selectedOptions[0].textContent}`);
        await play(url, number);
      }
    } catch (fault) {
      if (number === wish) state(fault.message);
    }
  }
  for (const button of document.querySelectorAll("[data-hear]")) button.addEventListener("click", () => hear(button.dataset.hear));

  find("save")?.addEventListener("click", async () => {
    const answer = await post(`${own}/save`, {values: values(), base: token});
    const told = await answer.json().catch(() => ({problem: `This did not work (error ${answer.status}).`}));
    if (told.problem) {
      window.toast(answer.status === 409 ? `${told.problem} Load the page again to go on from there.` : told.problem, "bad");
      return;
    }
    token = told.token;
    for (const slider of sliders) slider.dataset.kept = slider.value;
    show();
    find("publish").hidden = false;
    find("publish").href = `${page.dataset.flow}/versions/${told.version}`;
    window.toast(`Version ${told.version} is saved. Callers hear it when it is published.`, "good");
  });
  addEventListener("beforeunload", (event) => { if (sliders.some(changed)) event.preventDefault(); });
  show();
})();
