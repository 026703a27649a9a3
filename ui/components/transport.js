/* ---- Transport: play, pause, scrub ---------------------------------------------------------- */

class Transport {
  /** onframe(time) draws; onlabel(text) hears of each new whole step; onplay() and onpause(why)
      of the animation. Why: "button", "scrub", "end", "hidden", "value" or a player's own. */
  constructor({ onframe, onlabel, onplay, onpause }) {
    Object.assign(this, { onframe, onlabel, onplay, onpause });
    this.button = find(".play");
    this.scrub = find(".scrub");
    this.output = find(".step");
    this.time = 0;
    this.labels = [];
    this.button.addEventListener("click", () => this.toggle());
    this.scrub.addEventListener("input", () => this.jump(Number(this.scrub.value)));
    element.addEventListener("keydown", (event) => this.key(event));
    element.dataset.playing = "false";
  }

  get last() {
    return Math.max(this.labels.length - 1, 0);
  }

  get frame() {
    return Math.round(this.time);
  }

  get label() {
    return this.labels[this.frame] ?? "";
  }

  /** Take the steps of a new value. The caller decides where to go. */
  load(labels, fps) {
    this.pause("value");
    this.labels = labels;
    this.fps = fps;
    this.scrub.max = this.last;
    this.scrub.disabled = this.button.disabled = this.last === 0;
    this.time = Math.min(this.time, this.last);
    this.shown = undefined;
  }

  /** Take the steps of an animation that goes on. It stays where it is; had it come to its end, it
      plays on. */
  grow(labels) {
    const atEnd = this.time >= this.last && !this.playing;
    this.labels = labels;
    this.scrub.max = this.last;
    this.scrub.disabled = this.button.disabled = this.last === 0;
    if (!atEnd) return;
    if (wantsStillness() || !isShown()) this.seek(this.last);
    else this.start();
  }

  /** Play a new value once from its start, unless nobody would see it or motion is unwelcome. */
  autoplay() {
    const still = this.last === 0 || wantsStillness() || !isShown();
    this.seek(still ? this.last : 0);
    if (!still) this.start();
  }

  seek(time) {
    this.time = clamp(time, 0, this.last);
    this.show();
    this.onframe(this.time);
  }

  /** Go somewhere by hand, which also stops the animation. */
  jump(time) {
    this.pause("scrub");
    this.seek(time);
  }

  toggle() {
    if (this.playing) return this.pause("button");
    if (this.last === 0) return;
    if (this.time >= this.last) this.seek(0);
    this.start();
  }

  start() {
    this.playing = true;
    this.before = undefined;
    this.onplay?.();
    this.show();
    this.request = requestAnimationFrame((now) => this.tick(now));
  }

  pause(why) {
    if (!this.playing) return;
    this.playing = false;
    cancelAnimationFrame(this.request);
    this.onpause?.(why);
    this.show();
  }

  tick(now) {
    if (!this.playing) return;
    if (!isShown()) return this.pause("hidden");
    // A frame that came late (a busy machine) must not skip steps: at most 0.1 s count.
    const seconds = Math.min((now - (this.before ?? now)) / 1000, 0.1);
    this.before = now;
    this.seek(this.time + seconds * this.fps);
    if (this.time >= this.last) return this.pause("end");
    this.request = requestAnimationFrame((next) => this.tick(next));
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    // A focused control keeps the keys that mean something to it.
    const reserved = event.key === " " ? "button, input:not([type=range])" : "input";
    if (event.target.closest(reserved)) return;
    const moves = {
      " ": () => this.toggle(),
      ArrowLeft: () => this.jump(this.frame - 1),
      ArrowRight: () => this.jump(this.frame + 1),
      Home: () => this.jump(0),
      End: () => this.jump(this.last),
    };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    move();
  }

  show() {
    element.dataset.playing = Boolean(this.playing);
    this.button.setAttribute("aria-label", this.playing ? say("transport.pause") : say("transport.play"));
    if (this.shown === this.frame) return;
    this.shown = this.frame;
    element.dataset.frame = this.frame;
    this.scrub.value = this.frame;
    this.scrub.setAttribute("aria-valuetext", this.label);
    this.output.textContent = this.label;
    this.onlabel?.(this.label);
  }
}
