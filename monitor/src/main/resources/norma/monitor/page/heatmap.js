// z of every dimension at every site at one step; a slider and playback go through the run.

import { colour, diverging, theme } from './colours.js';
import { element, speak } from './dom.js';
import { signed, whole } from './format.js';
import { address } from './address.js';
import { csv } from './download.js';
import { Panel } from './panel.js';
import { Latest, server } from './server.js';
import { BOUND, cells, everyLabel, float32, heatMapSvg } from './heatmap-files.js';

const ROW = 18;
const HEAD = 22;
const PLAY = 160;

export class HeatMap {
  #map = null;
  #cell = null;
  #playing = 0;
  #recorded;
  #marked = [];

  /**
   * @param run its row
   * @param recorded first_step, last_step, count, every
   * @param pick called with a site's index and a dimension that the reader chose
   */
  constructor(run, recorded, pick) {
    Object.assign(this, { run, pick });
    this.#recorded = recorded;
    const name = () => `${run.name} ${this.#part()} z at step ${this.#map?.step}`;
    this.panel = new Panel('Every site, every dimension', {
      wide: true, note: `z: distance from the mean of the site's vector in its standard deviations. Outlined: beyond 3. A click opens the dimension above.`,
      exports: { name, svg: () => heatMapSvg(name(), this.#map), csv: () => this.#csv() },
    });
    this.canvas = element('canvas', { 'aria-hidden': 'true' });
    this.tip = element('div', { class: 'tip', hidden: true });
    this.host = element('div', {
      class: 'heat', tabindex: '0', role: 'group', 'aria-roledescription': 'heat map',
      'aria-label': 'z of every site and dimension. Arrow keys move between cells, Enter opens the dimension in the charts above.',
      onpointermove: event => this.#point(event), onpointerleave: () => this.#leave(), onclick: () => this.#choose(), onkeydown: event => this.#key(event), onblur: () => this.#leave(),
    }, this.canvas, this.tip);
    this.panel.body.append(this.#controls(), this.host);
    this.panel.say('Reading the recording…');
    this.#loading = new Latest(
      (part, step) => server.heatmap(run.id, part, step), map => this.#show(map), reason => this.panel.fail(reason));
    this.#observer = new ResizeObserver(() => this.draw());
    this.#observer.observe(this.host);
  }

  #loading;
  #observer;

  destroy() {
    this.#observer.disconnect();
    this.#stop();
  }

  #part() {
    return address.view.part === 'bias' ? 'bias' : 'weight';
  }

  #controls() {
    this.slider = element('input', { type: 'range', id: `step-${this.run.id}`, 'aria-label': 'Step', oninput: () => this.#slide(Number(this.slider.value)) });
    this.step = element('output', { for: this.slider.id, class: 'step' });
    this.play = element('button', { type: 'button', class: 'play', 'aria-label': 'Play', onclick: () => (this.#playing ? this.#stop() : this.#start()) }, '▶');
    const part = name => element('button', { type: 'button', 'data-part': name, onclick: () => address.change({ part: name === 'weight' ? undefined : name }) }, name);
    this.parts = element('div', { class: 'switch', role: 'group', 'aria-label': 'Part' }, part('weight'), part('bias'));
    this.bar = element('canvas', { width: 120, height: 8, 'aria-hidden': 'true' });
    this.last = element('button', { type: 'button', class: 'quiet', title: 'Follow the newest step', onclick: () => this.#slide(this.#recorded.last_step) }, 'newest');
    return element('div', { class: 'controls' }, this.parts, this.play, this.slider, this.step, this.last,
      element('span', { class: 'bar', 'aria-label': `Colours from z ${-BOUND} to ${BOUND}` }, `−${BOUND}`, this.bar, `+${BOUND}`));
  }

  /** More was recorded; a slider that stands at the end stays there. */
  grow(recorded) {
    this.#recorded = recorded;
    this.load();
  }

  /** Dimensions that are named above their columns. */
  mark(dimensions) {
    this.#marked = dimensions;
    this.draw();
  }

  load() {
    const { first_step: first, last_step: last } = this.#recorded;
    const step = Math.min(last, Math.max(first, address.view.step ?? last));
    Object.assign(this.slider, { min: first, max: last, step: this.#recorded.every, value: step });
    this.last.hidden = address.view.step === undefined;
    this.parts.querySelectorAll('button').forEach(b => b.setAttribute('aria-pressed', String(b.dataset.part === this.#part())));
    return this.#loading.ask(this.#part(), step);
  }

  #slide(step) {
    address.change({ step: step >= this.#recorded.last_step ? undefined : step });
  }

  #start() {
    const { first_step: first, last_step: last } = this.#recorded;
    if ((address.view.step ?? last) >= last) this.#slide(first);
    this.play.textContent = '❚❚';
    this.play.setAttribute('aria-label', 'Pause');
    const stride = Math.max(this.#recorded.every, Math.round((last - first) / PLAY / this.#recorded.every) * this.#recorded.every);
    // The next frame is asked for when this one has come: a slow machine plays slower and skips nothing.
    this.#playing = setInterval(() => {
      if (this.#awaited) return;
      const step = (address.view.step ?? this.#recorded.last_step) + stride;
      if (step >= this.#recorded.last_step) this.#stop();
      this.#awaited = true;
      this.#slide(step);
    }, 70);
  }

  #awaited = false;

  #stop() {
    clearInterval(this.#playing);
    this.#playing = 0;
    this.#awaited = false;
    this.play.textContent = '▶';
    this.play.setAttribute('aria-label', 'Play');
  }

  #show(map) {
    this.#awaited = false;
    this.#map = map;
    this.panel.show();
    this.step.textContent = `step ${whole(map.step)}`;
    this.slider.setAttribute('aria-valuetext', `step ${whole(map.step)}`);
    this.draw();
  }

  /** Left of the cells the names of the sites, above them the marked dimensions. */
  #layout() {
    const width = this.host.clientWidth;
    const left = Math.min(Math.round(width * 0.3), 8 + Math.max(...this.#map.sites.map(site => site.length)) * 6.4);
    return { width, height: HEAD + this.#map.sites.length * ROW + 20, left, cells: width - left - 4, cell: (width - left - 4) / this.#map.width };
  }

  draw() {
    if (!this.#map || !this.host.clientWidth) return;
    const layout = this.#layout();
    const ratio = devicePixelRatio;
    this.canvas.width = Math.round(layout.width * ratio);
    this.canvas.height = Math.round(layout.height * ratio);
    this.canvas.style.width = `${layout.width}px`;
    this.canvas.style.height = `${layout.height}px`;
    const context = this.canvas.getContext('2d');
    context.scale(ratio, ratio);
    context.imageSmoothingEnabled = false;
    context.drawImage(cells(this.#map, theme()), layout.left, HEAD, layout.cells, this.#map.sites.length * ROW);
    context.font = '11px system-ui, sans-serif';
    this.#names(context, layout);
    this.#outlines(context, layout);
    this.#dimensions(context, layout);
    this.#drawBar();
  }

  #names(context, layout) {
    context.textAlign = 'right';
    context.textBaseline = 'middle';
    this.#map.sites.forEach((site, row) => {
      context.fillStyle = colour(row === this.opened ? 'ink' : 'muted');
      context.font = `${row === this.opened ? '600 ' : ''}11px system-ui, sans-serif`;
      context.fillText(shortened(context, site, layout.left - 8), layout.left - 6, HEAD + (row + 0.5) * ROW);
    });
  }

  /** Whatever lies beyond 3, also without colour; cells that are too small for it are told by the read-out alone. */
  #outlines(context, { left, cell }) {
    const { sites, width, z } = this.#map;
    context.strokeStyle = colour('ink');
    context.lineWidth = 1;
    if (cell >= 4) {
      for (let i = 0; i < sites.length * width; i++) {
        if (Math.abs(z[i]) > 3) context.strokeRect(left + (i % width) * cell + 0.5, HEAD + Math.floor(i / width) * ROW + 0.5, cell - 1, ROW - 1);
      }
    }
    if (this.#cell) {
      context.lineWidth = 2;
      context.strokeRect(left + this.#cell.dimension * cell - 1, HEAD + this.#cell.row * ROW - 1, Math.max(3, cell) + 2, ROW + 2);
    }
  }

  #dimensions(context, { left, cell, cells: across, height }) {
    const { width } = this.#map;
    context.textBaseline = 'alphabetic';
    context.textAlign = 'center';
    let end = -Infinity;
    for (const dimension of [...this.#marked].sort((a, b) => a - b).filter(d => d < width)) {
      const x = left + (dimension + 0.5) * cell;
      context.fillStyle = colour(this.#marked.indexOf(dimension));
      context.beginPath();
      context.moveTo(x, HEAD - 1);
      context.lineTo(x - 4, HEAD - 7);
      context.lineTo(x + 4, HEAD - 7);
      context.fill();
      context.font = '600 11px system-ui, sans-serif';
      const half = context.measureText(dimension).width / 2;
      if (x - half > end) {
        context.fillText(dimension, Math.min(left + across - half, x), HEAD - 10);
        end = x + half + 4;
      }
    }
    context.font = '11px system-ui, sans-serif';
    context.fillStyle = colour('muted');
    for (let d = 0; d < width; d += everyLabel(cell)) context.fillText(d, left + (d + 0.5) * cell, height - 6);
  }

  #drawBar() {
    const tones = diverging();
    const context = this.bar.getContext('2d');
    const pixels = context.createImageData(120, 8);
    new Uint32Array(pixels.data.buffer).forEach((_, i, words) => { words[i] = tones[Math.round(((i % 120) / 119) * 512)]; });
    context.putImageData(pixels, 0, 0);
  }

  #point(event) {
    if (!this.#map) return;
    const { left, cell } = this.#layout();
    const box = this.canvas.getBoundingClientRect();
    const dimension = Math.floor((event.clientX - box.left - left) / cell);
    const row = Math.floor((event.clientY - box.top - HEAD) / ROW);
    if (!this.#map.sites[row] || dimension < 0 || dimension >= this.#map.widths[row]) this.#leave();
    else this.#read(row, dimension);
  }

  #read(row, dimension) {
    this.#cell = { row, dimension };
    const { sites, z, width, step } = this.#map;
    this.tip.replaceChildren(
      element('div', { class: 'head' }, `dimension ${dimension}`), element('div', {}, element('span', {}, sites[row]), element('b', {}, `step ${whole(step)}`)),
      element('div', {}, element('span', {}, `z of its ${this.#part()}`), element('b', {}, signed(z[row * width + dimension], 2))));
    this.tip.hidden = false;
    const { left, cell, width: all } = this.#layout();
    const x = left + dimension * cell;
    this.tip.style.left = `${x + 20 + this.tip.offsetWidth > all ? x - this.tip.offsetWidth - 10 : x + cell + 10}px`;
    this.tip.style.top = `${HEAD + row * ROW + ROW}px`;
    this.draw();
  }

  #leave() {
    if (!this.#cell) return;
    this.#cell = null;
    this.tip.hidden = true;
    this.draw();
  }

  #choose() {
    if (this.#cell) this.pick(this.#cell.row, this.#cell.dimension);
  }

  #key(event) {
    if (!this.#map) return;
    if (event.key === 'Enter') return this.#choose();
    if (event.key === 'Escape') return this.#leave();
    const move = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!move) return undefined;
    event.preventDefault();
    const { sites, widths } = this.#map;
    const { row, dimension } = this.#cell ?? { row: 0, dimension: -move[1] };
    const to = Math.max(0, Math.min(sites.length - 1, row + move[0]));
    this.#read(to, Math.max(0, Math.min(widths[to] - 1, dimension + move[1] * (event.shiftKey ? 10 : 1))));
    speak(this.tip);
    return undefined;
  }

  #csv() {
    const { sites, widths, width, z, step } = this.#map;
    const columns = { step: [], site: [], dimension: [], z: [] };
    sites.forEach((site, row) => {
      for (let d = 0; d < widths[row]; d++) [step, site, d, float32(z[row * width + d])].forEach((one, i) => Object.values(columns)[i].push(one));
    });
    return csv(columns);
  }
}

function shortened(context, text, most) {
  let shown = text;
  while (shown.length > 4 && context.measureText(shown).width > most) shown = '…' + shown.slice(2);
  return shown;
}
