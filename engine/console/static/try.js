// A trial: the caller types or speaks; lines of the conversation come back by a websocket, and sound when it is spoken.
(() => {
  const box = document.querySelector("[data-try]");
  if (!box) return;
  const find = (name) => box.querySelector(`[data-${name}]`);
  const form = find("say");
  const lines = find("try-lines");
  const log = find("try-log");
  let call = null;

  const state = (text) => { find("try-state").textContent = text; };

  function begun(how) {
    lines.replaceChildren();
    find("type").disabled = find("speak").disabled = true;
    find("over").hidden = false;
    form.hidden = how !== "type";
    if (how === "type") form.elements.words.focus();
  }
  function ended() {
    find("type").disabled = find("speak").disabled = false;
    find("over").hidden = form.hidden = true;
    for (const node of document.querySelectorAll("[data-picture] .now")) node.classList.remove("now");
  }
  function step(name) {
    for (const node of document.querySelectorAll("[data-picture] [data-step]")) node.classList.toggle("now", node.dataset.step === name);
  }

  function told(message) {
    if (message.problem) {
      if (call) call.problem = true;
      state(message.problem);
    }
    if (message.ready) state("You are on the phone. Speak.");
    if (message.answer) state(`Answered in ${(message.answer / 1000).toFixed(2)} s.`);
    if (message.cut) call?.player?.port.postMessage("cut");
    if (message.lines) {
      lines.insertAdjacentHTML("beforeend", message.lines); // the server has escaped it
      log.scrollTop = log.scrollHeight;
    }
    if (message.step) step(message.step);
    if (message.over) end();
  }

  function open(how) {
    const place = new URL(`${box.dataset.try}/${how}`, location.href);
    place.protocol = place.protocol.replace("http", "ws");
    const socket = new WebSocket(place);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => socket.send(JSON.stringify({
      ...window.draft(),
      language: find("language")?.value ?? "",
      variant: find("variant")?.value ?? "",
      when: find("when").value,
      caller: find("caller").value,
      transfers: find("transfers").value,
    }));
    socket.onmessage = (message) => {
      if (typeof message.data === "string") told(JSON.parse(message.data));
      else call?.player?.port.postMessage(message.data, [message.data]);
    };
    socket.onclose = () => end();
    socket.onerror = () => state("The server does not answer.");
    return socket;
  }

  function end() {
    if (!call) return;
    const over = call;
    call = null;
    over.socket.onclose = null;
    // What we still say at the end is heard before the sound is switched off.
    setTimeout(() => over.socket.close(), 100);
    over.microphone?.getTracks().forEach((track) => track.stop());
    setTimeout(() => over.sound?.close(), 3000);
    if (!over.problem) state("The call is over.");
    ended();
  }

  find("type").addEventListener("click", () => {
    begun("type");
    state("The call begins…");
    call = {socket: open("type")};
  });

  find("speak").addEventListener("click", async () => {
    if (!navigator.mediaDevices) {
      state("Browsers give the microphone to pages of this computer or by HTTPS only.");
      return;
    }
    begun("speak");
    state("Connecting…");
    try {
      const microphone = await navigator.mediaDevices.getUserMedia({audio: {echoCancellation: true, noiseSuppression: false, autoGainControl: true, channelCount: 1}});
      const sound = new AudioContext({latencyHint: "interactive"});
      await sound.audioWorklet.addModule(box.dataset.worklet);
      const player = new AudioWorkletNode(sound, "player", {numberOfInputs: 0, outputChannelCount: [1]});
      const listener = new AudioWorkletNode(sound, "listener", {numberOfOutputs: 0});
      player.connect(sound.destination);
      const socket = open("speak");
      call = {socket, microphone, sound, player, listener};
      listener.port.onmessage = (message) => { if (socket.readyState === WebSocket.OPEN) socket.send(message.data); };
      socket.addEventListener("message", function ready(message) {
        if (typeof message.data !== "string" || !JSON.parse(message.data).ready) return;
        socket.removeEventListener("message", ready);
        sound.createMediaStreamSource(microphone).connect(listener);
      });
    } catch (fault) {
      state(fault.name === "NotAllowedError" ? "The browser may not use the microphone: allow it beside the address." : `The microphone cannot be used (${fault.message}).`);
      ended();
    }
  });

  find("over").addEventListener("click", () => {
    if (call?.socket.readyState === WebSocket.OPEN) call.socket.send(JSON.stringify({hang_up: true}));
    end();
  });

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const {words, keys} = form.elements;
    if (!call || !(words.value.trim() || keys.value)) return;
    call.socket.send(JSON.stringify(words.value.trim() ? {say: words.value} : {keys: keys.value}));
    form.reset();
    words.focus();
    state("");
  });
  find("silence").addEventListener("click", () => call?.socket.send(JSON.stringify({silence: true})));
})();
