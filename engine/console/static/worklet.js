// Sound between the browser's rate and 16 kHz of 16 bits: what the microphone hears, and what we say.
const RATE = 16000;
const FRAME = 320;

// 20 ms at a time. Samples between two of ours are averaged, which keeps out what 16 kHz cannot hold.
class Listener extends AudioWorkletProcessor {
  constructor() {
    super();
    this.step = sampleRate / RATE;
    this.due = this.step;
    this.sum = 0;
    this.count = 0;
    this.frame = new Int16Array(FRAME);
    this.filled = 0;
  }
  process([input]) {
    for (const sample of input[0] ?? []) {
      this.sum += sample;
      this.count += 1;
      this.due -= 1;
      while (this.due <= 0) {
        if (this.count) this.last = this.sum / this.count;
        this.put(this.last);
        this.sum = this.count = 0;
        this.due += this.step;
      }
    }
    return true;
  }
  put(sample) {
    this.frame[this.filled++] = Math.max(-1, Math.min(1, sample)) * 32767;
    if (this.filled < FRAME) return;
    this.port.postMessage(this.frame.buffer, [this.frame.buffer]);
    this.frame = new Int16Array(FRAME);
    this.filled = 0;
  }
}

// Plays what comes, on a straight line between our samples; "cut" throws away what was not played yet.
class Player extends AudioWorkletProcessor {
  constructor() {
    super();
    this.waiting = [];
    this.at = 0;
    this.before = 0;
    this.next = 0;
    this.place = 0;
    this.port.onmessage = ({data}) => {
      if (data === "cut") this.waiting.length = this.place = 0;
      else this.waiting.push(new Int16Array(data));
    };
  }
  take() {
    const frame = this.waiting[0];
    if (!frame) return 0;
    const sample = frame[this.place++] / 32768;
    if (this.place >= frame.length) {
      this.waiting.shift();
      this.place = 0;
    }
    return sample;
  }
  process(_, [output]) {
    const step = RATE / sampleRate;
    const out = output[0];
    for (let index = 0; index < out.length; index++) {
      this.at += step;
      while (this.at >= 1) {
        this.before = this.next;
        this.next = this.take();
        this.at -= 1;
      }
      out[index] = this.before + (this.next - this.before) * this.at;
    }
    return true;
  }
}

registerProcessor("listener", Listener);
registerProcessor("player", Player);
