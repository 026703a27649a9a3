/* ---- Speaker: sound without clicks ---------------------------------------------------------- */

const FADE = 0.015; // seconds: long enough not to click, short enough not to be noticed
const AHEAD = 0.02; // seconds: what is set for later begins in time, whatever else the browser does
const EDGE = 0.004; // seconds at either end of a sound, for the seam of a loop

/** One audio context for all players of the page, and one that may sound at a time. */
const AUDIO = Symbol.for("companion.audio");
globalThis[AUDIO] ??= { context: null, owner: null, silence: null };
const audio = globalThis[AUDIO];

/* iOS plays Web Audio on the channel of the ringer, which the switch at the side of the phone mutes.
   While an audio element plays, be it silence, all of the page is on the channel of media. An iPad
   calls itself a Mac, but is touched. */
const IOS = /iPad|iPhone|iPod/.test(navigator.userAgent)
  || (/Macintosh/.test(navigator.userAgent) && navigator.maxTouchPoints > 1);
const SILENCE = "data:audio/wav;base64,UklGRmYfAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YUIfAAAA"
  + "A".repeat(10668); // half a second, 16 bits at 8 kHz

function leaveRinger() {
  if (!IOS) return;
  audio.silence ??= Object.assign(new Audio(SILENCE), { loop: true });
  audio.silence.play().catch(() => {}); // the sound itself plays in any case
}

/** Plays one buffer at a time through gain → volume → analyser, and never clicks. */
class Speaker {
  constructor(onend) {
    this.onend = onend;
    this.volume = 0.5;
  }

  /** Browsers allow an audio context only in answer to a gesture: hence not before the first. */
  open() {
    audio.context ??= new AudioContext();
    audio.context.resume();
    leaveRinger();
    if (audio.owner !== this) audio.owner?.stop();
    audio.owner = this;
    if (this.output) return;
    this.output = audio.context.createGain();
    this.output.gain.value = this.volume;
    this.analyser = audio.context.createAnalyser();
    this.window = new Float32Array(this.analyser.fftSize);
    this.output.connect(this.analyser).connect(audio.context.destination);
  }

  start(samples, sampleRate, loop) {
    this.open();
    this.began = undefined;
    this.sound(samples, sampleRate, loop);
  }

  /** Go on with another sound at the same position. */
  swap(samples, sampleRate, loop) {
    this.fadeOut();
    this.sound(samples, sampleRate, loop);
  }

  restart(samples, sampleRate, loop) {
    this.fadeOut();
    this.start(samples, sampleRate, loop);
  }

  stop() {
    this.fadeOut();
    this.finish();
  }

  finish() {
    if (!this.playing) return;
    this.playing = null;
    if (audio.owner === this) {
      audio.owner = null;
      audio.silence?.pause(); // or the lock screen would show a player
    }
    this.onend();
  }

  sound(samples, sampleRate, loop) {
    const { context } = audio;
    const source = context.createBufferSource();
    const [fadeIn, fadeOut] = [context.createGain(), context.createGain()];
    source.buffer = makeBuffer(context, samples, sampleRate);
    source.loop = loop;
    source.connect(fadeIn).connect(fadeOut).connect(this.output);
    const playing = { source, fadeOut };
    source.onended = () => this.playing === playing && this.finish();
    // The clock went on while the buffer was made: a new sound begins soon, at its beginning.
    const at = context.currentTime + AHEAD;
    fadeIn.gain.value = 0;
    fadeIn.gain.setValueAtTime(0, at);
    fadeIn.gain.linearRampToValueAtTime(1, at + FADE);
    this.began ??= at;
    source.start(at, (at - this.began) % source.buffer.duration);
    this.playing = playing;
  }

  fadeOut() {
    if (!this.playing) return;
    const { source, fadeOut } = this.playing;
    const at = audio.context.currentTime + AHEAD;
    fadeOut.gain.setValueAtTime(1, at);
    fadeOut.gain.linearRampToValueAtTime(0, at + FADE);
    source.stop(at + FADE);
  }

  position(duration) {
    return Math.max(audio.context.currentTime - this.began, 0) % duration;
  }

  setLoop(loop) {
    if (!this.playing) return;
    // Keep the position: without a loop, only the round that is under way is left.
    if (!loop) this.began = audio.context.currentTime - this.position(this.duration);
    this.playing.source.loop = loop;
  }

  get duration() {
    return this.playing?.source.buffer.duration;
  }

  setVolume(volume) {
    this.volume = volume;
    this.output?.gain.setTargetAtTime(volume, audio.context.currentTime, 0.02);
  }

  /** The root mean square of what leaves the player, now. */
  level() {
    if (!this.analyser) return 0;
    this.analyser.getFloatTimeDomainData(this.window);
    return Math.sqrt(this.window.reduce((sum, x) => sum + x * x, 0) / this.window.length);
  }
}

function makeBuffer(context, samples, sampleRate) {
  const buffer = context.createBuffer(1, samples.length, sampleRate);
  buffer.getChannelData(0).set(withEdges(samples, sampleRate));
  return buffer;
}

/** The samples as they are played and saved: faded at either end. */
function withEdges(samples, sampleRate) {
  const faded = Float32Array.from(samples);
  const edge = Math.min(Math.round(EDGE * sampleRate), faded.length >> 1);
  for (let i = 0; i < edge; i++) {
    faded[i] *= i / edge;
    faded[faded.length - 1 - i] *= i / edge;
  }
  return faded;
}
