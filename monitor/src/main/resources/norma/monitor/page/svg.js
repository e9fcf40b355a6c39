// A chart as a file of its own: always on white, in the colours of light ground, with everything that explains it.

import { LIGHT, colour, dash } from './colours.js';
import { roundNumbers, ticks } from './format.js';

const WIDTH = 960;
const HEIGHT = 480;
const escape = text => String(text).replace(/[&<>"']/g, c => `&#${c.charCodeAt(0)};`)
  // Control characters are not allowed in XML, however they are written.
  .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd');
const number = value => Number(value.toFixed(2));

/**
 * @param chart title, note, x and y {min, max, label}, y.unit that its values are divided by, right {at(value), values, labels, label}, series
 *     [{label, tone, width, xs, ys, low, high, step}], levels [{label, value, tone, dash}], spans [{from, to, label}],
 *     marks [{step, label}], image(width, height) a canvas beneath the lines
 * @returns text of an SVG file
 */
export function chartSvg(chart) {
  const keys = placed([...chart.series, ...chart.levels].filter(one => one.label), WIDTH - 132);
  const legendRows = keys.length ? keys.at(-1).row + 1 : 0;
  const box = { left: 68, top: chart.note ? 62 : 44, right: WIDTH - (chart.right ? 64 : 24), bottom: HEIGHT - 48 - 18 * legendRows };
  const { x, y } = chart;
  const px = v => box.left + ((v - x.min) / (x.max - x.min || 1)) * (box.right - box.left);
  const py = v => box.bottom - ((v - y.min) / (y.max - y.min || 1)) * (box.bottom - box.top);
  const out = [];
  out.push(`<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" `
    + 'font-family="system-ui, Helvetica, Arial, sans-serif" font-size="12">',
  `<title>${escape(chart.title)}</title><rect width="${WIDTH}" height="${HEIGHT}" fill="${LIGHT.surface}"/>`,
  `<text x="${box.left}" y="26" font-size="16" font-weight="600" fill="${LIGHT.ink}">${escape(chart.title)}</text>`);
  if (chart.note) out.push(`<text x="${box.left}" y="46" fill="${LIGHT.muted}">${escape(chart.note)}</text>`);
  out.push(...axes(chart, box, px, py));
  out.push(`<clipPath id="box"><rect x="${box.left}" y="${box.top}" width="${box.right - box.left}" height="${box.bottom - box.top}"/></clipPath><g clip-path="url(#box)">`);
  for (const span of chart.spans) {
    out.push(`<rect x="${number(px(span.from))}" y="${box.top}" width="${number(px(span.to) - px(span.from))}" height="${box.bottom - box.top}" fill="${LIGHT.muted}" opacity="0.12"/>`,
      `<text x="${number(Math.max(box.left, px(span.from)) + 4)}" y="${box.top + 14}" fill="${LIGHT.muted}">${escape(span.label)}</text>`);
  }
  if (chart.image) {
    const canvas = chart.image(2 * Math.round(box.right - box.left), 2 * Math.round(box.bottom - box.top));
    out.push(`<image x="${box.left}" y="${box.top}" width="${box.right - box.left}" height="${box.bottom - box.top}" preserveAspectRatio="none" href="${canvas.toDataURL('image/png')}"/>`);
  }
  for (const level of chart.levels) {
    out.push(`<line x1="${box.left}" x2="${box.right}" y1="${number(py(level.value))}" y2="${number(py(level.value))}" stroke="${colour(level.tone, LIGHT)}" stroke-dasharray="${level.dash.join(' ')}"/>`);
  }
  for (const mark of chart.marks) {
    out.push(`<line x1="${number(px(mark.step))}" x2="${number(px(mark.step))}" y1="${box.top}" y2="${box.bottom}" stroke="${LIGHT.muted}" stroke-dasharray="2 3"/>`,
      `<text x="${number(px(mark.step) + 4)}" y="${box.bottom - 6}" fill="${LIGHT.muted}">${escape(mark.label)}</text>`);
  }
  for (const one of chart.series) out.push(...line(one, px, py));
  out.push('</g>', ...legend(keys, box), '</svg>');
  return out.join('\n');
}

function axes({ x, y, right }, box, px, py) {
  const out = [];
  const columns = roundNumbers(x.min, x.max, 9).filter(Number.isInteger);
  const rows = roundNumbers(y.min / y.unit, y.max / y.unit, 6).map(value => value * y.unit)
    .filter(value => !y.counts || Number.isInteger(value));
  const text = (at, anchor, words) => `<text ${at} text-anchor="${anchor}" fill="${LIGHT.muted}">${escape(words)}</text>`;
  const upright = (at, words) => `<text transform="translate(${at} ${(box.top + box.bottom) / 2}) rotate(-90)" text-anchor="middle" fill="${LIGHT.muted}">${escape(words)}</text>`;
  ticks(columns).forEach((label, i) => out.push(
    `<line x1="${number(px(columns[i]))}" x2="${number(px(columns[i]))}" y1="${box.top}" y2="${box.bottom}" stroke="${LIGHT.line}"/>`,
    text(`x="${number(px(columns[i]))}" y="${box.bottom + 16}"`, 'middle', label)));
  ticks(rows.map(value => value / y.unit)).forEach((label, i) => out.push(
    `<line x1="${box.left}" x2="${box.right}" y1="${number(py(rows[i]))}" y2="${number(py(rows[i]))}" stroke="${LIGHT.line}"/>`,
    text(`x="${box.left - 8}" y="${number(py(rows[i])) + 4}"`, 'end', label)));
  out.push(text(`x="${(box.left + box.right) / 2}" y="${box.bottom + 34}"`, 'middle', x.label), upright(16, y.label));
  if (right) {
    right.values(y.min, y.max, 7).forEach(value => out.push(text(`x="${box.right + 8}" y="${number(py(value)) + 4}"`, 'start', right.text(value))));
    out.push(upright(WIDTH - 12, right.label));
  }
  return out;
}

function line({ tone, width = 2, xs, ys, low, high, step, points, faint, solid }, px, py) {
  const stroke = colour(tone, LIGHT);
  const out = [];
  const there = [...xs.keys()].filter(i => Number.isFinite(ys[i]) && ys[i] !== null);
  if (low && there.length) {
    const edge = (values, order) => order.map(i => `${number(px(xs[i]))},${number(py(values[i]))}`).join(' ');
    out.push(`<polygon points="${edge(high, there)} ${edge(low, there.slice().reverse())}" fill="${stroke}" opacity="0.22"/>`);
  }
  const path = there.map((i, n) => {
    const [a, b] = [number(px(xs[i])), number(py(ys[i]))];
    return n === 0 ? `M${a} ${b}` : step ? `H${a}V${b}` : `L${a} ${b}`;
  }).join('');
  out.push(`<path d="${path}" fill="none" stroke="${stroke}" stroke-width="${width}" stroke-linejoin="round"${faint ? ' opacity="0.45"' : ''} stroke-dasharray="${(solid || faint ? [] : dash(tone)).join(' ')}"/>`);
  if (points) out.push(...there.map(i => `<circle cx="${number(px(xs[i]))}" cy="${number(py(ys[i]))}" r="2.5" fill="${stroke}"/>`));
  return out;
}

/** Where each key of a legend stands: row after row, as wide as its text is about. */
export function placed(keys, room) {
  let [x, row] = [0, 0];
  return keys.map(key => {
    const width = 32 + 6.7 * key.label.length + 18;
    if (x > 0 && x + width > room) [x, row] = [0, row + 1];
    const place = { key, x, row };
    x += width;
    return place;
  });
}

function legend(places, box) {
  return places.map(({ key, x, row }) => {
    const at = box.left + x;
    const y = box.bottom + 56 + 18 * row;
    return `<line x1="${number(at)}" x2="${number(at + 26)}" y1="${y - 4}" y2="${y - 4}" stroke="${colour(key.tone, LIGHT)}" stroke-width="${key.width || 1.5}" stroke-dasharray="${(key.dash ?? (key.solid || key.faint ? [] : dash(key.tone))).join(' ')}"/>`
      + `<text x="${number(at + 32)}" y="${y}" fill="${LIGHT.ink}">${escape(key.label)}</text>`;
  });
}
