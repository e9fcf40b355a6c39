// Some values at each of a few places, such as one of each seed at every learning rate: a dot for each, a bar for their mean.

import { LIGHT, colour, theme } from './colours.js';
import { graphic } from './dom.js';
import { known, roundNumbers, significant, ticks } from './format.js';
import { placed } from './svg.js';

const WIDTH = 640;
const HEIGHT = 300;
const TITLE = 30;
const LINE = 18;

/** A shape goes with each hue, so that the chart is readable without colour. */
const SHAPES = [
  (x, y) => graphic('circle', { cx: x, cy: y, r: 4.5 }),
  (x, y) => graphic('rect', { x: x - 4, y: y - 4, width: 8, height: 8 }),
  (x, y) => graphic('path', { d: `M${x} ${y - 5.5}l5.500 9.500h-11z` }),
];

/**
 * @param chart title; xLabel; yLabel; places their labels; series [{label, tone, values [place][run], names [place][run]}]
 * @param width in pixels
 * @param file whether it is to stand alone, on white and under its title
 * @returns an SVG element
 */
export function dots(chart, width, file = false) {
  const colours = file ? LIGHT : theme();
  const keys = placed(chart.series, width - 14);
  const box = { left: 62, right: width - 14, top: 14, bottom: HEIGHT - 62 };
  const height = HEIGHT + LINE * keys.at(-1).row + (file ? TITLE : 0);
  const root = graphic('svg', { xmlns: 'http://www.w3.org/2000/svg', viewBox: `0 ${file ? -TITLE : 0} ${width} ${height}`, class: 'dots', role: 'img', 'font-size': 12, 'font-family': 'system-ui, Helvetica, Arial, sans-serif' });
  root.append(graphic('title', {}, chart.title));
  if (file) {
    root.setAttribute('width', width);
    root.setAttribute('height', height);
    root.append(graphic('rect', { x: 0, y: -TITLE, width, height, fill: LIGHT.surface }), graphic('text', { x: box.left, y: -8, 'font-size': 15, 'font-weight': 600, fill: LIGHT.ink }, chart.title));
  }
  const all = chart.series.flatMap(one => one.values.flat()).filter(known);
  const bottom = Math.min(...all, 0);
  const most = Math.max(...all, 0);
  const top = most > bottom ? most : bottom + 1;
  const x = place => box.left + ((place + 0.5) / chart.places.length) * (box.right - box.left);
  const y = value => box.bottom - ((value - bottom) / ((top - bottom) * 1.06)) * (box.bottom - box.top);
  root.append(...axes(chart, colours, box, x, y, bottom, top));
  const across = (box.right - box.left) / chart.places.length / (chart.series.length + 1);
  chart.series.forEach((one, i) => one.values.forEach((values, place) => {
    const middle = x(place) + (i - (chart.series.length - 1) / 2) * across;
    root.append(...marks(one, i, values, place, middle, Math.min(24, across / 2), y, colours));
  }));
  root.append(...legend(keys, colours));
  return root;
}

function marks(one, i, values, place, middle, half, y, colours) {
  const stroke = colour(one.tone, colours);
  const there = values.map((value, run) => ({ value, run })).filter(({ value }) => known(value));
  const out = there.map(({ value, run }, n) => {
    const mark = SHAPES[i % SHAPES.length](middle + (there.length > 1 ? ((n / (there.length - 1)) - 0.5) * half : 0), y(value));
    mark.setAttribute('fill', stroke);
    mark.setAttribute('fill-opacity', 0.55);
    mark.setAttribute('stroke', stroke);
    mark.append(graphic('title', {}, `${one.names[place][run]}: ${significant(value)}`));
    return mark;
  });
  if (there.length > 1) {
    const mean = there.reduce((total, { value }) => total + value, 0) / there.length;
    out.push(graphic('line', { x1: middle - half, x2: middle + half, y1: y(mean), y2: y(mean), stroke, 'stroke-width': 2 }));
  }
  return out;
}

function axes({ places, xLabel, yLabel }, colours, box, x, y, bottom, top) {
  const text = (attributes, words) => graphic('text', { fill: colours.muted, 'text-anchor': 'middle', ...attributes }, words);
  const values = roundNumbers(bottom, top, 6);
  const middle = (box.top + box.bottom) / 2;
  const room = (box.right - box.left) / places.length / 6.4;
  return [
    ...ticks(values).flatMap((label, i) => [
      graphic('line', { x1: box.left, x2: box.right, y1: y(values[i]), y2: y(values[i]), stroke: colours.line }),
      text({ x: box.left - 8, y: y(values[i]) + 4, 'text-anchor': 'end' }, label),
    ]),
    ...places.map((place, i) => text({ x: x(i), y: box.bottom + 17 }, place.length > room ? `${place.slice(0, Math.max(1, Math.floor(room) - 1))}…` : place)),
    text({ x: (box.left + box.right) / 2, y: box.bottom + 35 }, xLabel),
    text({ transform: `translate(14 ${middle}) rotate(-90)` }, yLabel),
  ];
}

function legend(keys, colours) {
  return keys.flatMap(({ key, x, row }, i) => {
    const mark = SHAPES[i % SHAPES.length](x + 14, HEIGHT - 10 + LINE * row);
    mark.setAttribute('fill', colour(key.tone, colours));
    return [mark, graphic('text', { x: x + 26, y: HEIGHT - 6 + LINE * row, fill: colours.ink }, key.label)];
  });
}

/** The same as text of a file. */
export const dotsFile = chart => new XMLSerializer().serializeToString(dots(chart, WIDTH, true));
