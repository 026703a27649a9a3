/* ---- Heat maps ------------------------------------------------------------------------------ */

/* Viridis at nine even stops: perceptually uniform, and the same order for every kind of sight. */
const STOPS = ["#440154", "#472d7b", "#3b528b", "#2c728e", "#21918c",
               "#28ae80", "#5ec962", "#addc30", "#fde725"];
const RAMP = "linear-gradient(to right, " + STOPS.join(", ") + ")";
const COLOURS = colourTable();
const LIGHT = "#ffffff";
const SHADE = "rgb(0 0 0 / 65%)"; // around everything drawn on the heat map, dark or bright

function colourTable() {
  const stops = STOPS.map((stop) => [1, 3, 5].map((at) => parseInt(stop.slice(at, at + 2), 16)));
  return Array.from({ length: 256 }, (_, code) => {
    const position = (code / 255) * (stops.length - 1);
    const below = Math.min(Math.floor(position), stops.length - 2);
    return stops[below].map((c, i) => c + (position - below) * (stops[below + 1][i] - c));
  });
}

/** Each layer of a heat map as a small picture of one pixel per value; its first row is lowest. */
function paintHeat({ layers, labels }) {
  const [count, rows, columns] = layers.shape;
  const codes = unpackCodes(layers);
  const size = rows * columns;
  const pictures = Array.from({ length: count }, (_, layer) =>
    paintLayer(codes.subarray(layer * size, (layer + 1) * size), rows, columns));
  return { pictures, labels, low: layers.offset, scale: layers.scale };
}

/** One layer, from its codes. */
function paintLayer(codes, rows, columns) {
  const image = new ImageData(columns, rows);
  for (let i = 0; i < codes.length; i++) {
    const row = rows - 1 - Math.floor(i / columns);
    image.data.set(COLOURS[codes[i]], 4 * (row * columns + (i % columns)));
    image.data[4 * (row * columns + (i % columns)) + 3] = 255;
  }
  const small = Object.assign(document.createElement("canvas"), { width: columns, height: rows });
  small.getContext("2d").putImageData(image, 0, 0);
  return small;
}

function drawHeat(context, axes, heat) {
  context.imageSmoothingEnabled = true;
  context.imageSmoothingQuality = "high";
  context.drawImage(heat, axes.left, axes.top, axes.width, axes.height);
}
