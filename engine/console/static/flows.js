// One flow: the files in the editor, what check says of them, their picture and talks, and saving a version.
(() => {
  const page = document.querySelector("[data-flow]");
  if (!page) return;
  const at = page.dataset.flow;
  const find = (name) => document.querySelector(`[data-${name}]`);
  const all = (name) => document.querySelectorAll(`[data-${name}]`);
  const picker = find("file");
  const may = page.dataset.may === "yes";
  let kept = {};
  let token = page.dataset.token;
  let findings = [];
  let drawn = "";
  let asked = 0;

  async function ask(path, what, signal) {
    const answer = await fetch(`${at}/${path}`, {
      method: "POST", signal, headers: {"content-type": "application/json", "x-csrf-token": page.dataset.csrf}, body: JSON.stringify(what),
    });
    if (answer.redirected || answer.status === 401) location.reload();
    const told = answer.headers.get("content-type")?.includes("json") ? await answer.json() : {problem: `This did not work (error ${answer.status}).`};
    return {status: answer.status, ...told};
  }

  function changedFiles() {
    const changed = {};
    for (const [name, text] of Object.entries(kept)) {
      const now = editor.text(name);
      if (now !== undefined && now !== text) changed[name] = now;
    }
    return changed;
  }
  window.draft = () => ({files: changedFiles()});

  const editor = window.makeEditor(find("editor"), {
    readOnly: !may,
    changed: () => { dirty(); soon(); },
    asks: (question) => ask("complete", question).catch(() => null),
  });

  function dirty() {
    const names = Object.keys(changedFiles());
    find("dirty").textContent = names.length ? `Not saved: ${names.join(", ")}` : "";
    if (may) find("save").disabled = !names.length;
    for (const option of picker.options) {
      option.textContent = names.includes(option.value) ? `${option.value} (changed)` : option.value;
    }
    return names.length > 0;
  }
  addEventListener("beforeunload", (event) => { if (dirty()) event.preventDefault(); });

  // Check: what reading finds shortly after each change, the proofs once nobody types.

  let timer = 0;
  let running = null;
  function soon() {
    clearTimeout(timer);
    timer = setTimeout(() => check(false), 500);
  }
  async function check(prove) {
    running?.abort();
    running = new AbortController();
    const number = ++asked;
    if (prove) find("verdict").textContent = "Proving what callers can rely on…";
    const told = await ask("check", {...window.draft(), prove}, running.signal).catch(() => null);
    if (!told || number !== asked) return;
    if (told.problem) {
      verdict(told.problem, "bad");
      return;
    }
    findings = told.findings;
    show(told, prove);
    if (!prove && told.sound) timer = setTimeout(() => check(true), 900);
    if (shown("picture")) draw();
  }
  function verdict(text, tone) {
    const box = find("verdict");
    box.textContent = text;
    box.className = `verdict ${tone}`;
  }
  function show(told, proven) {
    verdict(told.summary, told.sound ? (proven ? "good" : "") : "bad");
    editor.mark(findings);
    const list = find("findings");
    list.replaceChildren(...findings.map((one) => {
      const item = document.createElement("li");
      item.className = `finding ${one.severity}`;
      const place = document.createElement("button");
      place.type = "button";
      place.className = "link";
      place.textContent = `${one.file}, line ${one.line}`;
      place.dataset.goto = one.file;
      place.dataset.line = one.line;
      place.dataset.column = one.column;
      const kind = document.createElement("span");
      kind.className = `badge ${{error: "bad", warning: "warn", note: "info"}[one.severity]}`;
      kind.textContent = one.severity;
      const message = document.createElement("span");
      message.textContent = one.message;
      const rest = document.createElement("small");
      rest.textContent = [one.hint, one.why].filter(Boolean).join(" ");
      const head = document.createElement("div");
      head.className = "row";
      head.append(kind, place);
      item.append(head, message, rest);
      return item;
    }));
    find("proofs-title").hidden = !told.proofs.length;
    find("proofs").replaceChildren(...told.proofs.map((one) => {
      const item = document.createElement("li");
      item.className = one.result;
      const words = `${one.words[0].toUpperCase()}${one.words.slice(1)}`;
      item.textContent = one.result === "holds" ? words : `${words} (${one.result === "fails" ? "this does not hold" : "not proven"})`;
      return item;
    }));
  }

  // Files.

  function open(name, line, column) {
    if (!(name in kept)) return;
    picker.value = name;
    if (editor.open !== name) editor.show(name, kept[name]);
    editor.mark(findings);
    if (line) editor.go(line, column);
  }
  picker.addEventListener("change", () => open(picker.value));
  document.addEventListener("click", (event) => {
    const place = event.target.closest("[data-goto]");
    if (place) open(place.dataset.goto, Number(place.dataset.line), Number(place.dataset.column ?? 1));
  });

  // Tabs.

  const tabs = [...document.querySelectorAll('[role="tab"]')];
  const shown = (name) => document.getElementById(`tab-${name}`).getAttribute("aria-selected") === "true";
  function choose(tab) {
    for (const one of tabs) {
      const on = one === tab;
      one.setAttribute("aria-selected", on);
      one.tabIndex = on ? 0 : -1;
      document.getElementById(one.getAttribute("aria-controls")).hidden = !on;
    }
    if (tab.id === "tab-picture") draw();
  }
  for (const tab of tabs) {
    tab.addEventListener("click", () => choose(tab));
    tab.addEventListener("keydown", (event) => {
      const step = {ArrowRight: 1, ArrowLeft: -1}[event.key];
      if (!step) return;
      const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
      next.focus();
      choose(next);
    });
  }

  // The picture, and what talks cover.

  function put(box, svg, otherwise) {
    if (!svg) {
      box.textContent = otherwise;
      return;
    }
    box.innerHTML = svg; // made by Graphviz from text that the server has escaped
    const drawing = box.querySelector("svg");
    const size = drawing.viewBox.baseVal;
    drawing.style.width = `${Math.round(size.width * 0.7)}px`;
    drawing.style.height = `${Math.round(size.height * 0.7)}px`;
    const steps = [...box.querySelectorAll("[data-step]")];
    for (const node of steps) node.addEventListener("click", () => goto(node.dataset.step));
    const start = steps.find((node) => node.textContent.includes("▶"));
    if (!start || box.dataset.seen) return;
    const inner = start.getBoundingClientRect();
    const outer = box.getBoundingClientRect();
    box.scrollBy(inner.left - outer.left - 24, inner.top - outer.top - outer.height / 2);
    box.dataset.seen = "yes";
  }
  function goto(step) {
    const pattern = new RegExp(`^  ${step.split(".").pop()}:`);
    for (const [name, text] of Object.entries({...kept, ...changedFiles()})) {
      const line = text.split("\n").findIndex((one) => pattern.test(one));
      if (line >= 0 && (name === page.dataset.main || step.includes("."))) return open(name, line + 1, 3);
    }
  }
  async function draw() {
    const files = changedFiles();
    const version = JSON.stringify(files);
    if (drawn === version) return;
    const told = await ask("picture", {files}).catch(() => null);
    if (!told || told.problem) return;
    drawn = version;
    put(find("picture"), told.svg, "The picture can be drawn once the flow has no errors. It needs Graphviz (apt install graphviz).");
  }
  find("rehearse").addEventListener("click", async (event) => {
    const button = event.currentTarget;
    button.disabled = true;
    find("rehearsed").textContent = "The talks are run; this takes some seconds…";
    const told = await ask("rehearse", window.draft()).catch(() => ({problem: "The server does not answer."}));
    button.disabled = false;
    if (told.problem) {
      find("rehearsed").textContent = told.problem;
      return;
    }
    find("rehearsed").innerHTML = told.html; // the server has escaped it
    find("covered").hidden = !told.svg;
    if (told.svg) put(find("covered"), told.svg, "");
  });

  // Saving.

  async function save(message, base) {
    const files = changedFiles();
    const told = await ask("save", {files, message, base}).catch(() => ({problem: "The server does not answer. Nothing was saved."}));
    if (told.status === 409) {
      find("conflict").textContent = told.problem;
      const dialog = document.getElementById("conflict");
      find("mine").onclick = () => { dialog.close(); save(message, told.token); };
      dialog.showModal();
      return;
    }
    if (told.problem) {
      window.toast(told.problem, "bad");
      return;
    }
    for (const [name, text] of Object.entries(files)) kept[name] = text;
    token = told.token;
    dirty();
    window.toast(`Version ${told.version} is saved. Callers meet it when it is published.`, "good");
    const publish = find("publish");
    publish.href = `${at}/versions/${told.version}`;
    publish.hidden = false;
  }
  if (may) {
    const form = find("save-form");
    find("save").addEventListener("click", () => document.getElementById("save").showModal());
    form.addEventListener("submit", () => {
      save(form.elements.message.value, token);
      form.reset();
    });
    find("theirs").addEventListener("click", () => { kept = {}; location.reload(); });
    document.addEventListener("keydown", (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key === "s") {
        event.preventDefault();
        if (dirty()) document.getElementById("save").showModal();
      }
    });
  }

  (async () => {
    const told = await (await fetch(`${at}/files`)).json();
    kept = told.files;
    token = told.token;
    open(picker.value);
    check(false);
  })();
})();
