// Hundreds of thin lines as one image: how many of them pass through each pixel. Stroking 512 lines of 600 points takes a
// browser seconds; counting takes milliseconds, and where lines lie close together the image says how many there are.

/**
 * @param data steps, min and max [points][width]; NaN where nothing was recorded
 * @param x pixel of a step, y pixel of a value, both within the image
 * @param width of the image
 * @param height of the image
 * @param thin red, green and blue of a line
 * @param thickness of a line in pixels
 * @returns a canvas
 */
export function density(data, x, y, width, height, thin, thickness) {
  const counts = new Float32Array(width * height); // column after column
  const lines = data.width;
  const lastLow = new Float32Array(lines);
  const lastHigh = new Float32Array(lines);
  const half = thickness / 2;
  // Linear in both axes: two numbers each instead of a call for each of a million points.
  const yAt = y(0);
  const ySlope = y(1) - yAt;
  let lastX = NaN;
  for (let p = 0; p < data.points; p++) {
    const at = x(data.steps[p]);
    for (let d = 0; d < lines; d++) {
      const low = data.max[p * lines + d] * ySlope + yAt; // pixels count downwards
      const high = data.min[p * lines + d] * ySlope + yAt;
      if (p === 0 || Number.isNaN(lastLow[d]) || at < 0 || lastX > width) {
        if (at >= 0 && at < width) span(counts, height, Math.floor(at), low - half, high + half);
      } else {
        segment(counts, width, height, lastX, lastLow[d], lastHigh[d], at, low, high, half);
      }
      lastLow[d] = low;
      lastHigh[d] = high;
    }
    lastX = at;
  }
  return image(counts, width, height, thin, lines);
}

/** The columns after fromX up to toX, each joined to the one before. */
function segment(counts, width, height, fromX, fromLow, fromHigh, toX, low, high, half) {
  if (!(low === low)) return;
  const first = Math.max(0, Math.floor(fromX) + 1);
  const last = Math.min(width - 1, Math.floor(toX));
  if (first > last) {
    // Several points share a column: what reaches beyond the one before is added.
    if (toX >= 0 && toX < width) {
      if (low < fromLow) span(counts, height, Math.floor(toX), low - half, fromLow - half);
      if (high > fromHigh) span(counts, height, Math.floor(toX), fromHigh + half, high + half);
    }
    return;
  }
  const run = toX - fromX || 1;
  let a = fromLow;
  let b = fromHigh;
  for (let column = first; column <= last; column++) {
    const share = Math.min(1, (column + 0.5 - fromX) / run);
    const here = fromLow + (low - fromLow) * share;
    const there = fromHigh + (high - fromHigh) * share;
    span(counts, height, column, Math.min(here, b) - half, Math.max(there, a) + half);
    a = here;
    b = there;
  }
}

/** Adds 1 from top to bottom in a column, less at the ends where a pixel is covered in part. */
function span(counts, height, column, top, bottom) {
  if (bottom <= 0 || top >= height) return;
  const from = Math.max(0, top);
  const to = Math.min(height, bottom);
  const first = Math.floor(from);
  const last = Math.min(height - 1, Math.floor(to));
  const base = column * height;
  if (first === last) {
    counts[base + first] += to - from;
    return;
  }
  counts[base + first] += first + 1 - from;
  for (let row = first + 1; row < last; row++) counts[base + row] += 1;
  counts[base + last] += to - last;
}

/** One line is faint; where many lie together the ink is nearly opaque. */
function image(counts, width, height, [red, green, blue], lines) {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d');
  const pixels = context.createImageData(width, height);
  const words = new Uint32Array(pixels.data.buffer);
  const ink = (blue << 16) | (green << 8) | red;
  const share = 0.24 * Math.min(1, Math.sqrt(128 / lines));
  const opacity = new Uint8Array(1024).map((_, i) => Math.round(215 * (1 - Math.exp(-share * (i / 32)))));
  for (let column = 0; column < width; column++) {
    for (let row = 0; row < height; row++) {
      const count = counts[column * height + row];
      if (count > 0) words[row * width + column] = ((opacity[Math.min(1023, (count * 32) | 0)] << 24) | ink) >>> 0;
    }
  }
  context.putImageData(pixels, 0, 0);
  return canvas;
}
