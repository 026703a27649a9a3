/* ---- Another σ at once ---------------------------------------------------------------------- */

/** Show the field with noise σ until the next value comes, or the animation moves. */
function startPreview(sigma) {
  if (!(sigma > 0) || !field.mixtures?.[field.heat]) return;
  transport.pause("preview");
  field.preview = { sigma };
  element.dataset.preview = sigma;
  find(".note").textContent = field.arrowsOf
    ? say("field.preview_without_arrows", { sigma })
    : say("field.preview", { sigma });
  picture.redraw();
}

function endPreview() {
  if (field.preview) {
    field.preview = null;
    delete element.dataset.preview;
    describe(transport.label);
  }
  picture.redraw();
}

/** Computed once for each σ, before it is drawn. */
function computePreview(preview) {
  const mixture = field.mixtures[field.heat];
  const { low, scale } = field.heats[field.heat];
  const variance = mixture.variance(preview.sigma);
  const cells = variance < 0.01 ? 128 : variance < 0.04 ? 64 : 32; // a smoother map needs fewer
  const codes = Uint8ClampedArray.from(
    mixture.logProbs(field.limits, cells, preview.sigma), (value) => (value - low) / scale);
  preview.heat = paintLayer(codes, cells, cells);
  const followed = field.mixtures[field.arrowsOf];
  if (!followed || !field.starts) return;
  const apart = (field.limits[1] - field.limits[0]) / Math.sqrt(field.starts.length / 2);
  preview.reach = reachOf(followed.score(field.starts, preview.sigma), apart);
}
