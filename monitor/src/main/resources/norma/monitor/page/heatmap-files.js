// The heat map's image, and the heat map as files.

import { LIGHT, diverging } from './colours.js';
import { known } from './format.js';

/** |z| from which on the colour stays the same: one scale for all steps and runs. */
export const BOUND = 6;

const escape = text => String(text).replace(/[&<>"']/g, c => `&#${c.charCodeAt(0)};`);

/** Labels stand at round numbers of dimensions, at least 40 pixels apart. */
export const everyLabel = cell => [1, 2, 4, 8, 16, 32, 64, 128, 256].find(n => n * cell >= 40) ?? 512;

/** The shortest decimals that read back as the same float32. */
export function float32(value) {
  if (!Number.isFinite(value)) return '';
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return String(short);
  }
  return String(Number(value.toPrecision(9)));
}

/** A pixel for each cell, names of sites, numbers of dimensions, and what the colours mean. */
export function heatMapSvg(title, map) {
  const [left, top, width, row] = [190, 48, 960, 20];
  const across = width - left - 20;
  const bottom = top + map.sites.length * row;
  const every = everyLabel(across / map.width);
  const out = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${bottom + 50}" viewBox="0 0 ${width} ${bottom + 50}" font-family="system-ui, Helvetica, Arial, sans-serif" font-size="12">`,
    `<title>${escape(title)}</title><rect width="100%" height="100%" fill="#ffffff"/><text x="20" y="26" font-size="16" font-weight="600" fill="${LIGHT.ink}">${escape(title)}</text>`,
    `<image x="${left}" y="${top}" width="${across}" height="${bottom - top}" preserveAspectRatio="none" style="image-rendering:pixelated" href="${enlarged(cells(map, LIGHT)).toDataURL()}"/>`,
    `<rect x="${left}" y="${top}" width="${across}" height="${bottom - top}" fill="none" stroke="${LIGHT.line}"/>`,
  ];
  map.sites.forEach((site, i) => out.push(`<text x="${left - 8}" y="${top + (i + 0.5) * row + 4}" text-anchor="end" fill="${LIGHT.muted}">${escape(site)}</text>`));
  for (let d = 0; d < map.width; d += every) out.push(`<text x="${(left + ((d + 0.5) / map.width) * across).toFixed(1)}" y="${bottom + 16}" text-anchor="middle" fill="${LIGHT.muted}">${d}</text>`);
  out.push(`<text x="${left}" y="${bottom + 38}" fill="${LIGHT.muted}">dimension; blue: z down to −${BOUND} and beyond, orange: up to +${BOUND} and beyond</text></svg>`);
  return out.join('\n');
}

/** One pixel for each cell; the browser enlarges it. */
export function cells({ sites, width, z }, colours) {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = sites.length;
  const context = canvas.getContext('2d');
  const pixels = context.createImageData(width, sites.length);
  const words = new Uint32Array(pixels.data.buffer);
  const tones = diverging(colours);
  for (let i = 0; i < words.length; i++) {
    if (known(z[i])) words[i] = tones[256 + Math.round((Math.max(-BOUND, Math.min(BOUND, z[i])) / BOUND) * 256)];
  }
  context.putImageData(pixels, 0, 0);
  return canvas;
}

/** Viewers smooth small images; whole multiples of the cells stay sharp. */
function enlarged(small) {
  const canvas = document.createElement('canvas');
  canvas.width = small.width * 4;
  canvas.height = small.height * 12;
  const context = canvas.getContext('2d');
  context.imageSmoothingEnabled = false;
  context.drawImage(small, 0, 0, canvas.width, canvas.height);
  return canvas;
}
