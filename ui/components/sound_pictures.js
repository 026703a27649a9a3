/* ---- What SoundPlayer draws of the present step and view ------------------------------------- */

function wholeSeconds() {
  return viewNow().sounds.shape[1] / shown.payload.sample_rate;
}

function waveSeconds() {
  return zoomToggle.checked ? shown.payload.zoom_seconds : wholeSeconds();
}

function drawWave(context, width, height, palette) {
  const view = viewNow();
  if (!view) return;
  const seconds = waveSeconds();
  const axes = timeAxes(context, width, height, seconds, [-1.05 * view.peak, 1.05 * view.peak]);
  drawFrame(context, axes, palette, ticksOf(axes, timeUnit(seconds), ""));
  within(context, axes, () => {
    inkOf(context, palette, 1.6);
    if (zoomToggle.checked) strokeLine(context, axes, row(view.zoom));
    else fillBand(context, axes, row(view.whole));
    // In the zoom the sound passes at once: there a cursor would only flicker.
    if (!zoomToggle.checked) drawPosition(context, axes, palette, false);
  });
  waveProbe.draw(context, axes, palette);
}

function drawPicture(context, width, height, palette) {
  const view = viewNow();
  if (!view) return;
  const spectrograms = view.pictures[shown.picture];
  if (!spectrograms) return drawSpectrum(context, width, height, palette, view);
  const now = [transport.frame, wholeSeconds()];
  const axes = spectrograms.draw(context, width, height, palette, ...now);
  within(context, axes, () => {
    for (const hertz of partialsShown()) {
      const y = axes.y(spectrograms.height(hertz));
      dotLine(context, [axes.left, y], [axes.left + axes.width, y], LIGHT, SHADE);
    }
    drawPosition(context, axes, palette, true);
  });
  nameScale(context, axes, LIGHT, SHADE);
  pictureProbe.draw(context, axes, palette, true);
}

function drawSpectrum(context, width, height, palette, view) {
  const axes = new Axes(boxOf(context, width, height), [0, toMel(highest())], shown.payload.decibels);
  const [, yTicks] = ticksOf(axes, "", "dB");
  drawFrame(context, axes, palette, [frequencyTicks(highest(), toMel), yTicks]);
  within(context, axes, () => {
    inkOf(context, palette, 1.4);
    fillSpectrum(context, axes, row(view.spectra));
    for (const hertz of partialsShown()) {
      const x = axes.x(toMel(hertz));
      dotLine(context, [x, axes.top], [x, axes.bottom], palette.accent, palette.plot);
    }
  });
  nameScale(context, axes, palette.subdued, palette.plot);
  pictureProbe.draw(context, axes, palette);
}

/** Where the spectrum ends, in Hz. */
function highest() {
  return shown.payload.sample_rate / 2;
}

function partialsShown() {
  return partialsToggle.checked ? shown.payload.partials : [];
}

function partialsInWords() {
  const known = partialsShown();
  if (!known.length) return "";
  const [low, high] = [known[0], known.at(-1)].map(inHertz);
  return ", " + say("sound.known_partials", { count: known.length, low, high });
}

function inkOf(context, palette, width) {
  context.strokeStyle = context.fillStyle = palette.point;
  context.lineWidth = width;
  context.lineJoin = "round";
}

function drawPosition(context, axes, palette, hot) {
  if (!speaker.playing) return;
  const fraction = speaker.position(speaker.duration) / wholeSeconds();
  drawCursor(context, axes, palette, fraction, hot);
}

/** The sample at a place of the wave. */
function readWave({ x }) {
  const seconds = x / perUnit(waveSeconds());
  const samples = row(viewNow().sounds);
  const index = clamp(Math.round(seconds * shown.payload.sample_rate), 0, samples.length - 1);
  return rounded(1000 * seconds, 1) + " ms, " + rounded(samples[index], 3);
}

/** Frequency and level at a place of the picture, and the time where it has one. */
function readPicture({ x, y }) {
  const spectrograms = viewNow().pictures[shown.picture];
  if (!spectrograms) {
    const levels = row(viewNow().spectra);
    const fraction = x / toMel(highest());
    const level = levels[Math.round(fraction * (levels.length - 1))];
    return inHertz(toHertz(x)) + ", " + rounded(level, 0) + " dB";
  }
  const seconds = x / perUnit(wholeSeconds());
  const level = spectrograms.level(transport.frame, seconds, y);
  const frequency = inHertz(spectrograms.frequency(y));
  return rounded(1000 * seconds, 0) + " ms, " + frequency + ", " + rounded(level, 0) + " dB";
}
