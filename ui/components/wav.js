/* ---- Saving a sound ------------------------------------------------------------------------- */

const WAV_HEADER_BYTES = 44;

/** A mono 16-bit WAV file (RIFF, PCM) of samples within ±1. */
function wavFile(samples, sampleRate) {
  const view = new DataView(new ArrayBuffer(WAV_HEADER_BYTES + 2 * samples.length));
  const text = (at, word) => [...word].forEach((c, i) => view.setUint8(at + i, c.charCodeAt(0)));
  text(0, "RIFF");
  view.setUint32(4, view.byteLength - 8, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true); // bytes of the format that follows
  view.setUint16(20, 1, true); // PCM
  view.setUint16(22, 1, true); // mono
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, 2 * sampleRate, true); // bytes in a second
  view.setUint16(32, 2, true); // bytes in a sample
  view.setUint16(34, 16, true); // bits in a sample
  text(36, "data");
  view.setUint32(40, 2 * samples.length, true);
  samples.forEach((s, i) => view.setInt16(WAV_HEADER_BYTES + 2 * i, Math.round(32767 * s), true));
  return new Blob([view], { type: "audio/wav" });
}
