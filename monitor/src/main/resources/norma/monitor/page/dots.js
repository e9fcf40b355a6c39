// Some values at each of a few places, such as one of each seed at every learning rate: a dot for each, a bar for their mean.

import { LIGHT, colour, theme } from './colours.js';
import { graphic } from './dom.js';
import { known, roundNumbers, significant, ticks } from './format.js';

const WIDTH = 640;
const HEIGHT = 300;
const BOX = { left: 62, right: WIDTH - 14, top: 14, bottom: HEIGHT - 62 };
const TITLE = 30;

/** A shape goes with each hue, so that the chart is readable without colour. */
const SHAPES = [
  (x, y) => graphic('circle', { cx: x, cy: y, r: 4.5 }),
  (x, y) => graphic('rect', { x: x - 4, y: y - 4, width: 8, height: 8 }),
  (x, y) => graphic('path', { d: `M${x} ${y - 5.5}l5.500 9.500h-11z` }),
];

/**
 * @param chart title; xLabel; yLabel; places their labels; series [{label, tone, values [place][run], names [place][run]}]
 * @param file whether it is to stand alone, on white and under its title
 * @returns an SVG element
 */
export function dots(chart, file = false) {
  const colours = file ? LIGHT : theme();
  const height = HEIGHT + (file ? TITLE : 0);
  const root = graphic('svg', { xmlns: 'http://www.w3.org/2000/svg', viewBox: `0 ${file ? -TITLE : 0} ${WIDTH} ${height}`, class: 'dots', role: 'img', 'font-size': 12, 'font-family': 'system-ui, Helvetica, Arial, sans-serif' });
  root.append(graphic('title', {}, chart.title));
  if (file) {
    root.setAttribute('width', WIDTH);
    root.setAttribute('height', height);
    root.append(graphic('rect', { x: 0, y: -TITLE, width: WIDTH, height, fill: LIGHT.surface }), graphic('text', { x: BOX.left, y: -8, 'font-size': 15, 'font-weight': 600, fill: LIGHT.ink }, chart.title));
  }
  const all = chart.series.flatMap(one => one.values.flat()).filter(known);
  const top = Math.max(...all, 0) || 1;
  const bottom = Math.min(...all, 0);
  const x = place => BOX.left + ((place + 0.5) / chart.places.length) * (BOX.right - BOX.left);
  const y = value => BOX.bottom - ((value - bottom) / ((top - bottom) * 1.06)) * (BOX.bottom - BOX.top);
  root.append(...axes(chart, colours, x, y, bottom, top));
  const across = (BOX.right - BOX.left) / chart.places.length / (chart.series.length + 1);
  chart.series.forEach((one, i) => one.values.forEach((values, place) => {
    const middle = x(place) + (i - (chart.series.length - 1) / 2) * across;
    root.append(...marks(one, i, values, place, middle, Math.min(24, across / 2), y, colours));
  }));
  root.append(...legend(chart, colours));
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

function axes({ places, xLabel, yLabel }, colours, x, y, bottom, top) {
  const text = (attributes, words) => graphic('text', { fill: colours.muted, 'text-anchor': 'middle', ...attributes }, words);
  const values = roundNumbers(bottom, top, 6);
  const middle = (BOX.top + BOX.bottom) / 2;
  const room = (BOX.right - BOX.left) / places.length / 6.4;
  return [
    ...ticks(values).flatMap((label, i) => [
      graphic('line', { x1: BOX.left, x2: BOX.right, y1: y(values[i]), y2: y(values[i]), stroke: colours.line }),
      text({ x: BOX.left - 8, y: y(values[i]) + 4, 'text-anchor': 'end' }, label),
    ]),
    ...places.map((place, i) => text({ x: x(i), y: BOX.bottom + 17 }, place.length > room ? `${place.slice(0, Math.max(1, Math.floor(room) - 1))}…` : place)),
    text({ x: (BOX.left + BOX.right) / 2, y: BOX.bottom + 35 }, xLabel),
    text({ transform: `translate(14 ${middle}) rotate(-90)` }, yLabel),
  ];
}

function legend({ series }, colours) {
  let at = BOX.left;
  return series.flatMap((one, i) => {
    const mark = SHAPES[i % SHAPES.length](at + 6, HEIGHT - 10);
    mark.setAttribute('fill', colour(one.tone, colours));
    const words = graphic('text', { x: at + 18, y: HEIGHT - 6, fill: colours.ink }, one.label);
    at += 36 + 6.3 * one.label.length;
    return [mark, words];
  });
}

/** The same as text of a file. */
export const dotsFile = chart => new XMLSerializer().serializeToString(dots(chart, true));
