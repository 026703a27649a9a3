/* ---- Numbers under the pointer --------------------------------------------------------------- */

/** Follows the pointer over a picture: `read(place)` gives a text for a place of `picture.axes`. */
class Probe {
  constructor(picture, read) {
    Object.assign(this, { picture, read });
    const { canvas } = picture;
    for (const name of ["pointerdown", "pointermove"]) {
      canvas.addEventListener(name, (event) => this.move(event.offsetX, event.offsetY));
    }
    canvas.addEventListener("pointerleave", () => this.move());
  }

  move(x, y) {
    this.at = x === undefined ? undefined : [x, y];
    this.picture.redraw();
  }

  /** A line through the pointer, across too if the height matters, and the numbers beside it. */
  draw(context, axes, palette, across = false) {
    const [x, y] = this.at ?? [];
    const inside = x >= axes.left && x <= axes.left + axes.width && y >= axes.top && y <= axes.bottom;
    const text = inside ? this.read(axes.invert(x, y)) : "";
    this.picture.canvas.dataset.readout = text;
    if (!text) return;
    context.fillStyle = across ? LIGHT : palette.text;
    context.fillRect(x - 0.5, axes.top, 1, axes.height);
    if (across) context.fillRect(axes.left, y - 0.5, axes.width, 1);
    this.drawText(context, axes, palette, text, x < axes.left + axes.width / 2);
  }

  /** On the side where the pointer is not. */
  drawText(context, axes, palette, text, right) {
    const width = context.measureText(text).width + 16;
    const left = right ? axes.left + axes.width - width - 4 : axes.left + 4;
    context.fillStyle = palette.plot;
    context.fillRect(left, axes.top + 4, width, 24);
    context.strokeStyle = palette.border;
    context.strokeRect(left, axes.top + 4, width, 24);
    context.fillStyle = palette.text;
    context.textAlign = "left";
    context.textBaseline = "middle";
    context.fillText(text, left + 8, axes.top + 16.5);
  }
}

/** A number without "-0.00", and with a minus sign. */
function rounded(value, digits) {
  const text = value.toFixed(digits);
  return (Number(text) === 0 ? (0).toFixed(digits) : text).replace("-", "−");
}

function inHertz(frequency) {
  return frequency < 1000 ? rounded(frequency, 0) + " Hz" : rounded(frequency / 1000, 2) + " kHz";
}
