// Lines against the step: uPlot with this page's looks, keyboard, read-out, legend and export.

import { colour, dash, onTheme, theme } from './colours.js';
import { element, sample, speak } from './dom.js';
import { known, roundNumbers, significant, ticks, whole } from './format.js';
import { address } from './address.js';
import { Sight } from './sight.js';
import { chartSvg } from './svg.js';

const { uPlot } = window; // an ordinary script of the page, loaded before every module
const FONT = '11px system-ui, sans-serif';
const charts = new Set();
const hidden = new Set();
onTheme(() => charts.forEach(chart => chart.rebuild()));

/** The range of steps that was zoomed into, or undefined. */
const zoom = () => (known(address.view.from) && known(address.view.to) ? [address.view.from, address.view.to] : undefined);

export class LineChart {
  #plot = null;
  #signature = '';
  #late = false;

  /**
   * @param host where it is put
   * @param options title; yLabel; axisLabel(), what the steps are; right, an axis of the same values in another unit; text(value), of
   *     a value; height; room at the right in pixels; span(), first and last step; range(min, max, [from, to]), of the values between two
   *     steps; zero, whether 0 is shown; counts, whether only whole numbers exist; unit, that the values are divided by at the axis;
   *     under(chart, context) and over(chart, context), drawn beneath and above the lines; tip(chart, index), lines of its own
   *     read-out; onLeave(chart); onKey(event, chart), true if it was taken; onClick(chart); note(), a line of the exported file
   */
  constructor(host, options) {
    this.options = { axisLabel: () => 'step', height: 240, unit: 1, room: 18, text: value => significant(value), ...options };
    this.data = { steps: [], series: [], levels: [], spans: [], marks: [] };
    this.legend = element('div', { class: 'legend' });
    this.tip = element('div', { class: 'tip', hidden: true });
    this.host = element('div', {
      class: 'chart', tabindex: '0', role: 'group', 'aria-roledescription': 'chart',
      'aria-label': `${options.title}. Arrow keys read values, Home and End go to the ends, plus and minus zoom, 0 shows everything.`,
    });
    host.append(this.legend, this.host);
    this.host.addEventListener('keydown', event => this.#key(event));
    this.host.addEventListener('blur', () => this.#leave());
    this.host.addEventListener('click', () => this.options.onClick?.(this));
    this.#observer = new ResizeObserver(() => this.#resize());
    this.#observer.observe(this.host);
    this.#sight = new Sight([this.host], () => this.#catchUp());
    charts.add(this);
  }

  #observer;
  #sight;

  destroy() {
    charts.delete(this);
    this.#observer.disconnect();
    this.#sight.disconnect();
    this.#plot?.destroy();
  }

  get plot() {
    return this.#plot;
  }

  /** steps; series [{label, tone, width, values, low, high, step, points, faint, solid, note}]; levels, spans, marks as chartSvg takes them. */
  set(data) {
    this.data = { levels: [], spans: [], marks: [], ...data };
    if (this.#plot && !this.#sight.now) this.#late = true;
    else this.#draw();
  }

  #catchUp() {
    if (this.#late) this.#draw();
  }

  #draw() {
    this.#late = false;
    const signature = JSON.stringify([this.options.axisLabel(), Boolean(this.options.right), this.data.series.map(s => [s.label, s.tone, s.width, s.step, s.points, s.faint])]);
    if (!this.#plot || signature !== this.#signature) {
      this.#signature = signature;
      this.rebuild();
    } else {
      this.#plot.setData(this.#columns(), false);
      this.zoom();
    }
    this.#showLegend();
  }

  #columns() {
    return [this.data.steps, ...this.data.series.map(s => s.values)];
  }

  rebuild() {
    this.#plot?.destroy();
    this.#plot = null;
    if (this.host.clientWidth === 0) return; // not laid out yet: the observer calls again
    this.#plot = new uPlot(this.#settings(), this.#columns(), this.host);
    this.host.append(this.tip);
    this.zoom();
    this.#showLegend();
  }

  #settings() {
    const colours = theme();
    const axis = (more = {}) => ({
      stroke: colours.muted, font: FONT, labelFont: FONT, labelGap: 2, gap: 4,
      grid: { stroke: colours.line, width: 1 }, ticks: { show: false }, ...more,
    });
    const { options } = this;
    const { unit } = options;
    const y = axis({
      label: options.yLabel, labelSize: 18, size: 46,
      splits: (u, i, min, max) => this.#rounds(min / unit, max / unit, Math.max(2, u.height / 42)).map(value => value * unit),
      values: (u, values) => ticks(values.map(value => value / unit)),
    });
    const axes = [axis({
      label: options.axisLabel(), labelSize: 16, size: 24,
      splits: (u, i, min, max) => roundNumbers(min, max, Math.max(2, u.width / (u.width < 400 ? 65 : 95))).filter(Number.isInteger), values: (u, values) => ticks(values),
    }), y];
    if (options.right) {
      axes.push(axis({
        scale: 'y', side: 1, label: options.right.label, labelSize: 18, size: 42, grid: { show: false },
        splits: (u, i, min, max) => options.right.values(min, max, u.height / 34), values: (u, values) => values.map(options.right.text),
      }));
    }
    return {
      width: this.host.clientWidth, height: this.options.height, padding: [8, options.right ? 0 : options.room, 0, 0], legend: { show: false },
      scales: { x: { time: false, range: (u, min, max) => (max > min ? [min, max] : [min - 1, min + 1]) }, y: { range: (u, min, max) => this.#range(min, max) } },
      axes,
      series: [{}, ...this.data.series.map(s => ({
        label: s.label, show: !hidden.has(s.label), stroke: colour(s.tone) + (s.faint ? '70' : ''), width: s.width ?? 2, dash: lineDash(s), spanGaps: true,
        points: { show: Boolean(s.points) || this.data.steps.length < 3, size: 5, fill: colour(s.tone) }, paths: s.step ? uPlot.paths.stepped({ align: 1 }) : undefined,
      }))],
      cursor: {
        y: false, sync: { key: 'steps', setSeries: false, scales: ['x', null] }, points: { size: 7 }, drag: { x: true, y: false, dist: 5 },
        bind: { dblclick: () => () => this.#all() },
      },
      hooks: {
        drawAxes: [u => this.#beneath(u)],
        draw: [u => this.options.over?.(this, u.ctx)],
        setCursor: [u => this.#read(u)],
        setSelect: [u => this.#selected(u)],
      },
    };
  }

  #rounds(min, max, most) {
    const values = roundNumbers(min, max, most);
    return this.options.counts ? values.filter(Number.isInteger) : values;
  }

  /** A margin of a twentieth above and below; the levels are always in sight. */
  #range(min, max) {
    if (this.options.range) [min, max] = this.options.range(min, max, this.#ends());
    if (!known(min) || !known(max)) return [0, 1];
    if (this.options.zero) [min, max] = [Math.min(0, min), Math.max(0, max)];
    for (const level of this.data.levels) [min, max] = [Math.min(min, level.value), Math.max(max, level.value)];
    const margin = (max - min || Math.abs(max) || 1) * 0.05;
    return [this.options.zero && min === 0 ? 0 : min - margin, max + margin];
  }

  /** The steps between which everything is drawn. uPlot knows them only after it has ranged the values. */
  #ends() {
    const { steps } = this.data;
    return zoom() ?? this.options.span?.() ?? [steps[0] ?? 0, steps.at(-1) ?? 1];
  }

  zoom() {
    const steps = this.data.steps;
    if (!this.#plot || !steps.length) return;
    const [min, max] = this.#ends();
    this.#plot.batch(() => {
      this.#plot.setScale('x', { min, max });
    });
  }

  zoomed() {
    this.zoom();
    this.#showLegend();
  }

  #selected(u) {
    if (u.select.width < 5) return;
    const [from, to] = [u.posToVal(u.select.left, 'x'), u.posToVal(u.select.left + u.select.width, 'x')].map(Math.round);
    u.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
    if (to > from) address.change({ from, to });
  }

  #all() {
    address.change({ from: undefined, to: undefined });
  }

  /** Spans, whatever the panel adds, levels and marks, under the lines. */
  #beneath(u) {
    const { ctx, bbox } = u;
    const colours = theme();
    const ratio = devicePixelRatio;
    const x = value => u.valToPos(value, 'x', true);
    const y = value => u.valToPos(value, 'y', true);
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    ctx.font = `${11 * ratio}px system-ui, sans-serif`;
    ctx.textAlign = 'left';
    for (const span of this.data.spans) {
      const [from, to] = [Math.max(bbox.left, x(span.from)), Math.min(bbox.left + bbox.width, x(span.to))];
      ctx.fillStyle = colours.shade;
      ctx.fillRect(from, bbox.top, to - from, bbox.height);
      ctx.fillStyle = colours.muted;
      ctx.fillText(span.label, from + 5 * ratio, bbox.top + 13 * ratio);
    }
    this.options.under?.(this, ctx);
    for (const one of this.data.series) if (one.low && !hidden.has(one.label)) this.#band(ctx, one, x, y);
    ctx.lineWidth = ratio;
    for (const level of this.data.levels) {
      ctx.strokeStyle = colour(level.tone);
      ctx.setLineDash(level.dash.map(length => length * ratio));
      ctx.beginPath();
      ctx.moveTo(bbox.left, y(level.value));
      ctx.lineTo(bbox.left + bbox.width, y(level.value));
      ctx.stroke();
    }
    ctx.setLineDash([2 * ratio, 3 * ratio]);
    for (const mark of [...this.data.marks, ...this.#cursorMark()]) {
      ctx.strokeStyle = mark.strong ? colours.ink : colours.muted;
      ctx.beginPath();
      ctx.moveTo(x(mark.step), bbox.top);
      ctx.lineTo(x(mark.step), bbox.top + bbox.height);
      ctx.stroke();
      ctx.fillStyle = colours.muted;
      if (mark.label) ctx.fillText(mark.label, x(mark.step) + 4 * ratio, bbox.top + bbox.height - 6 * ratio);
    }
    ctx.restore();
  }

  #cursorMark() {
    return known(address.view.step) ? [{ step: address.view.step, strong: true }] : [];
  }

  #band(ctx, one, x, y) {
    const there = [...this.data.steps.keys()].filter(i => known(one.low[i]) && known(one.high[i]));
    if (!there.length) return;
    ctx.fillStyle = colour(one.tone);
    ctx.globalAlpha = 0.22;
    ctx.beginPath();
    there.forEach(i => ctx.lineTo(x(this.data.steps[i]), y(one.high[i])));
    there.reverse().forEach(i => ctx.lineTo(x(this.data.steps[i]), y(one.low[i])));
    ctx.fill();
    ctx.globalAlpha = 1;
  }

  #resize() {
    if (!this.#plot) this.rebuild();
    else if (this.host.clientWidth && this.host.clientWidth !== this.#plot.width) this.#plot.setSize({ width: this.host.clientWidth, height: this.options.height });
  }

  redraw() {
    this.#plot?.redraw(false, false);
  }

  /** The read-out beside the cursor; only in the chart that the pointer or the keyboard is in. */
  #read(u) {
    const { idx, left } = u.cursor;
    const here = u.root.matches(':hover') || document.activeElement === this.host;
    if (!here || idx === null || idx === undefined || left < 0) {
      this.tip.hidden = true;
      this.options.onLeave?.(this);
      return;
    }
    const lines = this.options.tip ? this.options.tip(this, idx) : this.#lines(idx);
    if (!lines) return;
    this.showTip(lines);
  }

  showTip(lines) {
    const u = this.#plot;
    this.tip.replaceChildren(...lines.map(line => element('div', { class: line.head ? 'head' : '' },
      line.tone === undefined ? null : sample(colour(line.tone), lineDash(line)), element('span', {}, line.label), element('b', {}, line.value ?? ''))));
    this.tip.hidden = false;
    const at = u.over.offsetLeft + u.cursor.left;
    const width = this.tip.offsetWidth;
    this.tip.style.left = `${at + 14 + width > u.width ? Math.max(0, at - width - 14) : at + 14}px`;
    this.tip.style.top = `${Math.min(u.over.offsetTop + 8, u.height)}px`;
  }

  /** The nearest value of each line; where it is of another step, that is said. */
  #lines(index) {
    const { steps, series } = this.data;
    const lines = [{ head: true, label: `step ${whole(steps[index])}` }];
    for (const one of series) {
      if (hidden.has(one.label)) continue;
      const at = nearest(one.values, index);
      if (at < 0) continue;
      const more = one.note?.(at);
      lines.push({
        tone: one.tone, solid: one.solid, label: at === index ? one.label : `${one.label} (step ${whole(steps[at])})`,
        value: this.options.text(one.values[at]) + (more ? ` ${more}` : ''),
      });
    }
    return lines;
  }

  #key(event) {
    const u = this.#plot;
    const { steps } = this.data;
    if (!u || !steps.length || event.ctrlKey || event.metaKey || event.altKey) return;
    if (this.options.onKey?.(event, this)) return;
    const index = u.cursor.idx ?? 0;
    const stride = event.shiftKey ? Math.max(1, Math.round(steps.length / 20)) : 1;
    const to = { ArrowLeft: index - stride, ArrowRight: index + stride, Home: 0, End: steps.length - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      this.#go(Math.max(0, Math.min(steps.length - 1, to)));
    } else if (event.key === 'Escape') {
      this.#leave();
    } else if (event.key === '0') {
      this.#all();
    } else if (event.key === '+' || event.key === '-') {
      const { min, max } = u.scales.x;
      const middle = steps[index];
      const half = (max - min) * (event.key === '+' ? 0.25 : 1);
      const [from, to2] = [Math.max(steps[0], Math.round(middle - half)), Math.min(steps[steps.length - 1], Math.round(middle + half))];
      if (from === steps[0] && to2 === steps[steps.length - 1]) this.#all();
      else if (to2 > from) address.change({ from, to: to2 });
    }
  }

  /** Puts the cursor on a point, as the keyboard does. */
  place(index) {
    const u = this.#plot;
    u.setCursor({ left: u.valToPos(this.data.steps[index], 'x'), top: u.over.clientHeight / 2 });
  }

  #go(index) {
    this.place(index);
    speak(this.tip);
  }

  #leave() {
    this.#plot?.setCursor({ left: -10, top: -10 });
    this.tip.hidden = true;
  }

  #showLegend() {
    const focused = this.legend.contains(document.activeElement) ? document.activeElement.dataset.label : null;
    const lines = this.data.series.filter(s => s.label && !s.unnamed).map(s => {
      const button = element('button', {
        type: 'button', class: 'key', 'aria-pressed': String(!hidden.has(s.label)), title: 'Show or hide', onclick: () => this.#toggle(s.label),
      }, sample(colour(s.tone), lineDash(s), s.width ?? 2), s.label);
      button.dataset.label = s.label;
      return button;
    });
    const levels = this.data.levels.map(level => element('span', { class: 'key' }, sample(colour(level.tone), level.dash, 1.5), `${level.label} ${this.options.text(level.value)}`));
    this.legend.replaceChildren(...lines, ...levels, ...(zoom() && this.options.height >= 200 ? [element('button', { type: 'button', class: 'quiet', onclick: () => this.#all() }, 'Show all steps')] : []));
    if (focused) [...this.legend.querySelectorAll('button')].find(b => b.dataset.label === focused)?.focus();
  }

  #toggle(label) {
    if (!hidden.delete(label)) hidden.add(label);
    this.data.series.forEach((s, i) => { if (s.label === label) this.#plot?.setSeries(i + 1, { show: !hidden.has(label) }); });
    this.#showLegend();
  }

  /** The chart as it is zoomed now, as a file. */
  svg(more = {}) {
    this.#catchUp();
    const { x, y } = this.#plot.scales;
    const note = more.note ?? this.options.note?.() ?? '';
    return chartSvg({
      title: this.options.title, ...more, note, x: { min: x.min, max: x.max, label: this.options.axisLabel() }, y: { min: y.min, max: y.max, label: this.options.yLabel, unit: this.options.unit, counts: this.options.counts },
      right: this.options.right, levels: this.data.levels.map(l => ({ ...l, label: `${l.label} ${this.options.text(l.value)}` })), spans: this.data.spans, marks: this.data.marks,
      series: this.data.series.filter(s => !s.unnamed && !hidden.has(s.label)).map(s => ({ ...s, xs: this.data.steps, ys: s.values })),
    });
  }
}

/** Noisy lines are solid: a dash would break them up; where they must be told apart from others by more than colour, width does it. */
const lineDash = one => (one.faint || one.solid ? [] : dash(one.tone));

function nearest(values, index) {
  for (let distance = 0; distance < values.length; distance++) {
    if (known(values[index - distance])) return index - distance;
    if (known(values[index + distance])) return index + distance;
  }
  return -1;
}

/** All charts follow a change of the address: zoom and marked step. */
export function followAddress(changed) {
  charts.forEach(chart => {
    if (changed.has('from') || changed.has('to')) chart.zoomed();
    else if (changed.has('step')) chart.redraw();
  });
}
