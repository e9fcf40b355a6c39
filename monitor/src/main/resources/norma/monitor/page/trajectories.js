// Weight or bias of one site along the run: a thin line for every dimension, the outliers in colour with their numbers.

import { LIGHT, colour, theme } from './colours.js';
import { density } from './density.js';
import { known, quantity, signed, significant, whole } from './format.js';
import { speak } from './dom.js';
import { LineChart } from './line-chart.js';
import { Panel } from './panel.js';
import { Latest, server } from './server.js';

/** More than a chart is wide in pixels. */
const POINTS = 640;

export class Trajectories {
  #data = null;
  #site = null;
  #highlighted = [];
  #drawn = null;
  #hovered = null;
  #exact = new Map();

  /**
   * @param run its row
   * @param part weight or bias
   * @param pick called with a dimension that the reader clicked
   */
  constructor(run, part, pick) {
    Object.assign(this, { run, part, pick });
    this.panel = new Panel(part === 'weight' ? 'Weight' : 'Bias', {
      exports: {
        name: () => `${run.name} ${this.#site?.name} ${part}`,
        svg: () => this.chart.svg({ title: `${run.name}: ${part} of ${this.#site.name}`, image: (w, h) => this.#image(w, h, LIGHT, 2) }),
        csv: () => server.values(run.id, this.#site.index, part, this.#highlighted.length ? this.#highlighted : [0]),
      },
    });
    this.chart = new LineChart(this.panel.body, {
      title: `${part} of every dimension`, yLabel: part, height: 300, room: 36,
      axisLabel: () => (!this.#data || this.#isExact() ? 'step' : `step (each point: ${this.#data.method})`),
      span: () => (this.#data ? [this.#data.steps[0], this.#data.last_step] : undefined),
      range: (low, high, [from, to]) => this.#range(from, to), text: value => significant(value),
      under: (chart, context) => this.#under(chart, context), over: (chart, context) => this.#labels(chart, context),
      tip: (chart, index) => this.#tip(chart, index), onLeave: () => this.#hover(null),
      onKey: (event, chart) => this.#key(event, chart), onClick: () => { if (this.#hovered !== null) this.pick(this.#hovered); },
    });
    this.panel.say('Reading the recording…');
    this.#loading = new Latest(
      site => this.#ask(site), (data, site) => this.#show(data, site), reason => this.panel.fail(reason));
    this.#looking = new Latest((site, step) => server.vector(run.id, site, part, step), (vector, site) => this.#found(vector, site), () => {});
  }

  #loading;
  #looking;

  destroy() {
    this.chart.destroy();
  }

  #isExact() {
    return this.#data.rows_per_point === 1;
  }

  /** Asks for a site, or for the same again when more was recorded. */
  load(site) {
    return this.#loading.ask(site);
  }

  /** Of a site that is shown already only what is new, as long as as many steps make a point. */
  async #ask(site) {
    const ask = from => server.trajectories(this.run.id, site.index, this.part, POINTS, from);
    if (this.#site !== site || !this.#data?.points || !this.#data.complete) return ask();
    const more = await ask(this.#data.steps.at(-1));
    return more.points && more.complete && more.rows_per_point === this.#data.rows_per_point ? appended(this.#data, more) : ask();
  }

  #show(data, site) {
    this.#site = site;
    this.#data = data;
    this.#drawn = null;
    this.#exact.clear();
    this.panel.note.textContent = `${site.name}, ${quantity(data.width, 'dimension')}; ${data.points ? data.method : 'nothing recorded'}${data.complete === false ? '; still reading' : ''}`;
    this.panel.show();
    this.#lines();
  }

  /** Of all dimensions between two steps. */
  #range(from, to) {
    if (!this.#data) return [0, 1];
    const { steps, last_steps: lasts, points, width } = this.#data;
    let [least, most] = [Infinity, -Infinity];
    for (let p = 0; p < points; p++) {
      if (lasts[p] < from || steps[p] > to) continue;
      for (let i = p * width; i < (p + 1) * width; i++) {
        if (this.#data.min[i] < least) least = this.#data.min[i];
        if (this.#data.max[i] > most) most = this.#data.max[i];
      }
    }
    return least <= most ? [least, most] : [0, 1];
  }

  /** Which dimensions are in colour, in the order of their hues. */
  highlight(dimensions) {
    this.#highlighted = dimensions;
    if (this.#data) this.#lines();
  }

  #values(array, dimension) {
    const { points, width } = this.#data;
    return Array.from({ length: points }, (_, p) => (Number.isFinite(array[p * width + dimension]) ? array[p * width + dimension] : null));
  }

  #lines() {
    const series = this.#highlighted.filter(d => d < this.#data.width).map(dimension => {
      const low = this.#values(this.#data.min, dimension);
      const high = this.#values(this.#data.max, dimension);
      const values = this.#isExact() ? low : low.map((value, i) => (value === null ? null : (value + high[i]) / 2));
      const tone = this.#highlighted.indexOf(dimension);
      return { label: `dimension ${dimension}`, dimension, tone, width: 2, values, ...(this.#isExact() ? {} : { low, high }) };
    });
    if (!series.length) series.push({ unnamed: true, label: '', tone: 'muted', values: this.#data.steps.map(() => null) });
    this.chart.set({ steps: this.#data.steps, series });
  }

  /** All dimensions, drawn once for a size, a range and a theme. */
  #image(width, height, colours, thickness) {
    const { x, y } = this.chart.plot.scales;
    const across = step => ((step - x.min) / (x.max - x.min)) * width;
    const down = value => ((y.max - value) / (y.max - y.min)) * height;
    return density(this.#data, across, down, width, height, colours.thin, thickness);
  }

  #under(chart, context) {
    if (!this.#data) return;
    const { bbox, scales } = chart.plot;
    const [width, height] = [Math.round(bbox.width), Math.round(bbox.height)];
    const key = [width, height, scales.x.min, scales.x.max, scales.y.min, scales.y.max, theme().ink].join(' ');
    if (this.#drawn?.key !== key) this.#drawn = { key, canvas: this.#image(width, height, theme(), devicePixelRatio) };
    context.drawImage(this.#drawn.canvas, bbox.left, bbox.top);
    if (this.#hovered !== null) this.#drawHovered(chart.plot, context);
  }

  #drawHovered(plot, context) {
    const { points, width, steps, min, max } = this.#data;
    context.strokeStyle = colour('ink');
    context.lineWidth = 1.5 * devicePixelRatio;
    context.setLineDash([]);
    context.beginPath();
    for (let p = 0; p < points; p++) {
      const value = (min[p * width + this.#hovered] + max[p * width + this.#hovered]) / 2;
      if (Number.isFinite(value)) context.lineTo(plot.valToPos(steps[p], 'x', true), plot.valToPos(value, 'y', true));
    }
    context.stroke();
  }

  /** The numbers of the highlighted dimensions beside their ends, moved apart where they would overlap. */
  #labels(chart, context) {
    if (!this.#data) return;
    const { plot } = chart;
    const ratio = devicePixelRatio;
    const { bbox } = plot;
    const gap = 14 * ratio;
    const labels = chart.data.series.filter(s => s.dimension !== undefined).map(s => {
      const last = s.values.findLast((value, i) => known(value) && this.#data.steps[i] <= plot.scales.x.max);
      return last === undefined ? null : { text: String(s.dimension), tone: s.tone, at: plot.valToPos(last, 'y', true) };
    }).filter(Boolean).sort((a, b) => a.at - b.at);
    labels.forEach((label, i) => { if (i > 0) label.at = Math.max(label.at, labels[i - 1].at + gap); });
    for (let i = labels.length - 1, floor = bbox.top + bbox.height; i >= 0; i--, floor = labels[i + 1].at - gap) labels[i].at = Math.min(labels[i].at, floor);
    context.save();
    context.font = `600 ${12 * ratio}px system-ui, sans-serif`;
    context.textAlign = 'left';
    context.textBaseline = 'middle';
    for (const label of labels) {
      context.fillStyle = colour(label.tone);
      context.fillText(label.text, bbox.left + bbox.width + 5 * ratio, label.at);
    }
    context.restore();
  }

  /** The dimension whose line is nearest to the pointer at a point. */
  #nearest(chart, index) {
    const value = chart.plot.posToVal(chart.plot.cursor.top, 'y');
    const { width, min, max } = this.#data;
    let [best, least] = [null, Infinity];
    for (let d = 0; d < width; d++) {
      const [low, high] = [min[index * width + d], max[index * width + d]];
      const distance = value < low ? low - value : value > high ? value - high : 0;
      if (distance < least) [best, least] = [d, distance];
    }
    return best;
  }

  #tip(chart, index) {
    const dimension = this.#byKey ?? this.#nearest(chart, index);
    if (dimension === null) return null;
    this.#hover(dimension, index);
    const { steps, width, min, max } = this.#data;
    const [low, high] = [min[index * width + dimension], max[index * width + dimension]];
    const tone = this.#highlighted.indexOf(dimension);
    const lines = [{ head: true, label: `dimension ${dimension}`, ...(tone < 0 ? {} : { tone }) }];
    if (this.#isExact()) {
      lines.push({ label: `step ${whole(steps[index])}` }, { label: this.part, value: significant(low, 6) }, { label: 'z', value: signed(this.#z(index, dimension), 2) });
    } else {
      const last = this.#data.last_steps[index];
      lines.push({ label: `steps ${whole(steps[index])} … ${whole(last)}` }, { label: this.part, value: `${significant(low, 5)} … ${significant(high, 5)}` });
      const found = this.#exact.get(index);
      if (found) {
        lines.push({ label: `at step ${whole(found.step)}`, value: significant(found.values[dimension], 6) }, { label: 'z there', value: signed(found.z[dimension], 2) });
      } else {
        lines.push({ label: 'z', value: '…' });
        this.#wanted = index;
        this.#looking.ask(this.#site.index, Math.round((steps[index] + last) / 2));
      }
    }
    return lines;
  }

  #wanted = null;

  /** What was recorded at the step under the pointer has come. */
  #found(vector, site) {
    if (site !== this.#site.index) return;
    const index = Math.max(0, this.#data.steps.findLastIndex(step => step <= vector.step));
    this.#exact.set(index, vector);
    if (this.#wanted === index && !this.chart.tip.hidden) {
      this.chart.showTip(this.#tip(this.chart, index));
      if (this.#byKey !== null) speak(this.chart.tip);
    }
  }

  /** Distance from the mean of the site's vector in its population standard deviations, in double precision like every other z. */
  #z(index, dimension) {
    const { width, min } = this.#data;
    const vector = min.subarray(index * width, (index + 1) * width);
    const mean = vector.reduce((sum, v) => sum + v, 0) / width;
    const deviation = Math.sqrt(vector.reduce((sum, v) => sum + (v - mean) ** 2, 0) / width);
    return deviation === 0 ? 0 : (vector[dimension] - mean) / deviation;
  }

  #hover(dimension) {
    if (dimension === this.#hovered) return;
    this.#hovered = dimension;
    if (dimension === null) this.#byKey = null;
    this.chart.redraw();
  }

  #byKey = null;

  /** Up and down go through the dimensions, Enter picks one. */
  #key(event, chart) {
    if (!this.#data) return false;
    if (event.key === 'Enter' && this.#hovered !== null) {
      this.pick(this.#hovered);
      return true;
    }
    if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return false;
    event.preventDefault();
    const { width, points, min } = this.#data;
    const index = chart.plot.cursor.idx ?? points - 1;
    const order = Array.from({ length: width }, (_, d) => d).sort((a, b) => min[index * width + a] - min[index * width + b]);
    const now = this.#hovered === null ? (event.key === 'ArrowUp' ? -1 : width) : order.indexOf(this.#hovered);
    this.#byKey = order[Math.max(0, Math.min(width - 1, now + (event.key === 'ArrowUp' ? 1 : -1)))];
    chart.place(index);
    speak(chart.tip);
    return true;
  }
}

/** Points of before up to where the others begin, then those. */
function appended(before, more) {
  const keep = before.steps.findIndex(step => step >= more.steps[0]);
  const join = (first, second) => {
    const all = new Float32Array(keep * more.width + second.length);
    all.set(first.subarray(0, keep * more.width));
    all.set(second, keep * more.width);
    return all;
  };
  return {
    ...more, points: keep + more.points, steps: [...before.steps.slice(0, keep), ...more.steps],
    last_steps: [...before.last_steps.slice(0, keep), ...more.last_steps], min: join(before.min, more.min), max: join(before.max, more.max),
  };
}
