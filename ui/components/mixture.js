/* ---- Mixtures of Gaussians ------------------------------------------------------------------ */

const NEGLIGIBLE = 40; // nats below the largest term of a sum
const REACH = Math.sqrt(60); // standard deviations to where a Gaussian has fallen to e^-30

/** Σ_k w_k N(c_k, (width² + σ²) I), as `mixture_derivatives` in Python has it. */
class Mixture {
  constructor({ centres, log_weights, width }) {
    this.centres = unpack(centres).values;
    this.logWeights = unpack(log_weights).values;
    this.width = width;
  }

  variance(sigma) {
    return this.width ** 2 + sigma ** 2;
  }

  /** The score at places (x, y, x, y, …) of data with noise σ. */
  score(places, sigma) {
    const score = new Float64Array(places.length);
    const terms = new Float64Array(this.logWeights.length);
    for (let i = 0; i < places.length; i += 2) this.addScore(score, terms, places, i, sigma);
    return score;
  }

  addScore(score, terms, places, i, sigma) {
    const { centres, logWeights } = this;
    const variance = this.variance(sigma);
    const [x, y] = [places[i], places[i + 1]];
    let highest = -Infinity;
    for (let k = 0; k < terms.length; k++) {
      const [dx, dy] = [centres[2 * k] - x, centres[2 * k + 1] - y];
      terms[k] = logWeights[k] - (dx * dx + dy * dy) / (2 * variance);
      highest = Math.max(highest, terms[k]);
    }
    let total = 0;
    for (let k = 0; k < terms.length; k++) {
      if (terms[k] < highest - NEGLIGIBLE) continue;
      const weight = Math.exp(terms[k] - highest);
      total += weight;
      score[i] += weight * (centres[2 * k] - x);
      score[i + 1] += weight * (centres[2 * k + 1] - y);
    }
    score[i] /= total * variance;
    score[i + 1] /= total * variance;
  }

  /** log p − max log p at the middles of cells × cells squares; the first row is lowest. */
  logProbs([low, high], cells, sigma) {
    const deviation = Math.sqrt(this.variance(sigma));
    const side = (high - low) / cells;
    const density = new Float64Array(cells * cells);
    for (let k = 0; k < this.logWeights.length; k++) {
      // A Gaussian is a product of one in x and one in y, which are small a few deviations away.
      const [columns, rows] = [0, 1].map((axis) => {
        const centre = (this.centres[2 * k + axis] - low) / side - 0.5; // in cells
        const first = Math.max(Math.ceil(centre - (REACH * deviation) / side), 0);
        const last = Math.min(Math.floor(centre + (REACH * deviation) / side), cells - 1);
        const values = new Float64Array(Math.max(last - first + 1, 0));
        for (let i = 0; i < values.length; i++) {
          values[i] = Math.exp(-((((first + i - centre) * side) / deviation) ** 2) / 2);
        }
        return { first, values };
      });
      const weight = Math.exp(this.logWeights[k]);
      for (let j = 0; j < rows.values.length; j++) {
        const factor = weight * rows.values[j];
        const start = (rows.first + j) * cells + columns.first;
        for (let i = 0; i < columns.values.length; i++) density[start + i] += factor * columns.values[i];
      }
    }
    const highest = Math.log(density.reduce((a, b) => Math.max(a, b), 0));
    return density.map((value) => Math.log(value) - highest);
  }
}

/** How far vectors reach on the picture: the longest `apart`, in proportion to
    log(1 + length / median length), as in `_encode_arrows` in Python. */
function reachOf(vectors, apart) {
  const norms = Array.from({ length: vectors.length / 2 }, (_, i) =>
    Math.hypot(vectors[2 * i], vectors[2 * i + 1]));
  const sorted = norms.filter((norm) => norm > 0).sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const median = (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
  const drawn = norms.map((norm) => Math.log1p(norm / median));
  const longest = Math.max(...drawn);
  return vectors.map((value, i) => {
    const norm = norms[Math.floor(i / 2)];
    return norm > 0 ? (value / norm) * (drawn[Math.floor(i / 2)] / longest) * apart : 0;
  });
}
