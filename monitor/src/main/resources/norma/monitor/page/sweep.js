// A sweep: its points with mean and spread over the seeds, onset and cost against what is swept, all runs over each other.

import { command, element, table } from './dom.js';
import { ago, decimals, known, quantity, significant, whole } from './format.js';
import { onTheme } from './colours.js';
import { address } from './address.js';
import { csv } from './download.js';
import { dots, dotsFile } from './dots.js';
import { counted, pointOf, sweepOf } from './groups.js';
import { LineChart } from './line-chart.js';
import { Panel } from './panel.js';
import { server } from './server.js';

const POINTS = 240;
const MOST_CURVES = 60;
const AT_A_TIME = 4;
const REST = 10_000;

const ONSET = [
  { key: 'rule_step', label: 'by the paper’s rule' }, { key: 'departure_step', label: 'beyond 3 in some layer' }, { key: 't10', label: 'a tenth of the final cost' },
];
const COST = [{ key: 'cost', label: 'its own dimensions' }, { key: 'random_cost', label: 'as many at random' }];
const COLUMNS = ['loss', 'outliers', 'rule_step', 'departure_step', 't10', 'cost', 'random_cost'];

/** 4,131 ± 212, of how many runs if not of all. */
function spread(one, text, runs) {
  if (!known(one?.mean)) return '–';
  const some = one.never ? ` (${runs - one.never})` : '';
  return text(one.mean) + (known(one.std) ? ` ± ${text(one.std)}` : '') + some;
}

export class SweepView {
  #gone = false;
  #begun = false;
  #timer = 0;
  #metrics = new Map();
  #observer;

  constructor(host, group, folder) {
    Object.assign(this, { group, folder });
    this.head = element('header', { class: 'run-head' });
    this.grid = element('div', { class: 'grid' });
    host.replaceChildren(this.head, this.grid);
    this.points = new Panel('Points', { wide: true, exports: { name: () => `${group.name} runs`, csv: () => this.#csv() } });
    this.dots = [
      this.#dotPanel('Onset of outlier dimensions', 'step', ONSET, 'The first step from which, to the end, one of the ablated dimensions is an outlier by the rule, lies beyond 3 standard deviations, costs a tenth of what it costs in the end.'),
      this.#dotPanel('Cost of ablation', 'rise of the loss (nats)', COST, 'At the end of training: without the run’s own outlier dimensions, and without as many others.'),
    ];
    this.curves = [
      this.#curvePanel({ title: 'Validation loss', yLabel: 'loss (nats)', kind: 'validation', column: 'loss', text: value => significant(value) }),
      this.#curvePanel({ title: 'Outlier dimensions', yLabel: 'dimensions', kind: 'outliers', column: 'count', counts: true, zero: true, step: true, text: whole, range: (min, max) => [0, Math.max(1, max ?? 1)] }),
    ];
    this.grid.replaceChildren(this.points.root, ...this.dots.map(one => one.panel.root), ...this.curves.map(one => one.panel.root));
    this.header();
    const again = () => { if (!this.#gone && this.result) this.#draw(); };
    onTheme(again);
    this.#observer = new ResizeObserver(again);
    this.#observer.observe(this.grid);
  }

  begin() {
    if (!this.#begun && !this.#gone) this.load();
    this.#begun = true;
  }

  get ids() {
    return this.group.runs.map(row => row.id);
  }

  header() {
    const { name, runs, base } = this.group;
    const compare = element('button', { type: 'button', class: 'quiet', onclick: () => address.change({ sweep: undefined, run: this.ids.slice(0, 12) }) },
      runs.length > 12 ? 'Compare the first 12 runs' : 'Compare its runs');
    this.head.replaceChildren(element('h2', {}, name), element('p', { class: 'facts' }, `sweep of ${base} · ${quantity(runs.length, 'run')} begun: ${counted(runs)}`), compare);
  }

  #dotPanel(title, yLabel, kinds, note) {
    const chart = () => this.#chartOf(title, yLabel, kinds);
    const panel = new Panel(title, { note, exports: { name: () => `${this.group.name} ${title}`, svg: () => dotsFile(chart()), csv: () => this.#csv() } });
    return { panel, chart };
  }

  #curvePanel(kind) {
    const panel = new Panel(kind.title, {
      note: 'A line for each run, a colour for each point.',
      exports: { name: () => `${this.group.name} ${kind.title}`, svg: () => one.chart.svg({ title: `${this.group.name}: ${kind.title}` }), csv: () => this.#curvesCsv(kind) },
    });
    const one = { kind, panel, chart: new LineChart(panel.body, { title: kind.title, ...kind }) };
    return one;
  }

  async load() {
    await Promise.all([this.#loadResult(), this.#loadCurves()]);
  }

  async #loadResult() {
    try {
      const found = await server.sweep(this.group.group);
      if (this.#gone) return;
      this.found = found;
      this.result = found.result;
      this.#draw();
    } catch (reason) {
      if (!this.#gone) [this.points, ...this.dots.map(one => one.panel)].forEach(panel => panel.fail(reason));
    }
  }

  get #again() {
    return `./norma sweep --report ${this.folder}/${this.group.group}`;
  }

  #draw() {
    const { result, found } = this;
    if (!result) {
      const [sentence, hint] = found.problem ? [found.problem, this.#again] : ['norma sweep writes its result when it ends. What there is by now is put together by:', this.#again];
      this.points.say(sentence, hint);
      this.dots.forEach(one => one.panel.say('Drawn from the result of the sweep.'));
      return;
    }
    const later = this.group.runs.some(row => row.updated && found.written && Date.parse(row.updated) > Date.parse(found.written) + 1000 && row.state === 'running');
    this.points.note.textContent = `Over the finished runs of each point: mean ± sample standard deviation; (n) where only n of them have it. Written ${ago(found.written)}.`;
    this.points.show();
    this.points.body.replaceChildren(...[table('Points of the sweep', ['point', 'runs', 'loss', 'outliers', 'rule since', 'shape since', 'cost since', 'own cost', 'random'], result.points.map(one => [
      pointOf(one.values), whole(one.runs), spread(one.loss, v => decimals(v, 3), one.runs), spread(one.outliers, v => decimals(v, 1), one.runs),
      spread(one.rule_step, whole, one.runs), spread(one.departure_step, whole, one.runs), spread(one.t10, whole, one.runs),
      spread(one.cost, v => decimals(v, 3), one.runs), spread(one.random_cost, v => decimals(v, 3), one.runs),
    ])), ...this.#troubles(), ...(later || !result.complete ? [element('p', { class: 'note' }, 'Runs have gone on since. The table is brought up to date by:'), command(this.#again)] : [])]);
    for (const { panel, chart } of this.dots) {
      const drawn = chart();
      if (drawn.series.every(one => !one.values.flat().some(known))) {
        panel.say('No finished run has it: the sweep’s probes are given in its file, under probes.');
        continue;
      }
      panel.show();
      panel.body.replaceChildren(dots(drawn, panel.body.clientWidth || 600));
    }
  }

  #troubles() {
    const lines = this.result.runs.flatMap(run => [...(run.sentence ? [`${run.run}: ${run.state}: ${run.sentence}`] : []), ...(run.problems ?? []).map(problem => `${run.run}: ${problem}`)]);
    return lines.slice(0, 20).map(line => element('p', { class: 'sentence' }, line));
  }

  /** The finished runs of a point. */
  #of(point) {
    return this.result.runs.filter(run => run.point === point.point && run.state === 'finished');
  }

  #chartOf(title, yLabel, kinds) {
    const { points, swept } = this.result;
    const single = swept.length === 1;
    return {
      title: `${title}, sweep ${this.group.name}`, yLabel, xLabel: single ? swept[0] : 'point',
      places: points.map(point => (single ? String(point.values[swept[0]] ?? 'base') : point.point)),
      series: kinds.map(({ key, label }, tone) => {
        const values = points.map(point => this.#of(point).map(run => run[key]));
        const without = values.flat().filter(value => !known(value)).length;
        return { tone, values, names: points.map(point => this.#of(point).map(run => run.run)), label: without ? `${label} (not in ${without} of ${values.flat().length})` : label };
      }),
    };
  }

  async #loadCurves() {
    const rows = this.group.runs.slice(0, MOST_CURVES).filter(row => this.#metrics.get(row.id)?.at !== row.step || row.state !== 'finished');
    const waiting = [...rows];
    const work = async () => {
      for (let row = waiting.shift(); row && !this.#gone; row = waiting.shift()) {
        try {
          this.#metrics.set(row.id, { at: row.step, ...await server.metrics(row.id, POINTS) });
        } catch {
          // Its line is missing; its row in the list says why.
        }
      }
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, work));
    if (!this.#gone) this.curves.forEach(one => this.#showCurves(one));
  }

  /** Runs with their curve, the runs of one point in one colour. */
  #lines({ kind, column }) {
    const points = [...new Set(this.group.runs.map(row => pointOf(row.sweep.point)))];
    return this.group.runs.map(row => {
      const columns = this.#metrics.get(row.id)?.[kind];
      const point = pointOf(row.sweep.point);
      return { row, point, tone: points.indexOf(point), steps: columns?.step ?? [], values: columns?.[column] ?? [] };
    }).filter(one => one.steps.length);
  }

  #showCurves({ kind, panel, chart }) {
    const lines = this.#lines(kind);
    if (!lines.length) {
      panel.say('Nothing is logged yet.');
      return;
    }
    panel.show();
    const steps = [...new Set(lines.flatMap(one => one.steps))].sort((a, b) => a - b);
    const at = new Map(steps.map((step, i) => [step, i]));
    const named = new Set();
    chart.set({
      steps, series: lines.map(({ point, tone, steps: own, values }) => {
        const all = new Array(steps.length).fill(null);
        own.forEach((step, i) => { all[at.get(step)] = values[i]; });
        const unnamed = named.has(point);
        named.add(point);
        return { label: point, unnamed, tone, width: 1.5, step: kind.step, values: all };
      }),
    });
  }

  #csv() {
    const runs = this.result?.runs ?? [];
    return csv({ run: runs.map(run => run.run), point: runs.map(run => run.point), seed: runs.map(run => run.seed), state: runs.map(run => run.state),
      ...Object.fromEntries(COLUMNS.map(key => [key, runs.map(run => (key === 'loss' ? run.validation_loss : key === 'outliers' ? run.outliers?.length : run[key]))])) });
  }

  #curvesCsv(kind) {
    const rows = this.#lines(kind).flatMap(({ row, steps, values }) => steps.map((step, i) => [row.name, step, values[i]]));
    return csv({ run: rows.map(r => r[0]), step: rows.map(r => r[1]), [kind.column]: rows.map(r => r[2]) });
  }

  /** News: together, and seldom. */
  #soon() {
    if (this.#timer) return;
    this.#timer = setTimeout(() => {
      this.#timer = 0;
      if (!this.#gone) this.load();
    }, REST);
  }

  changed(row) {
    if (sweepOf(row) !== this.group.group) return;
    this.group = { ...this.group, runs: this.group.runs.map(old => (old.id === row.id ? row : old)) };
    this.header();
    this.#soon();
  }

  logged() {}

  recorded() {}

  refresh() {
    this.#soon();
  }

  reset() {}

  passed() {}

  reconnected() {
    return this.load();
  }

  follow() {}

  destroy() {
    this.#gone = true;
    clearTimeout(this.#timer);
    this.#observer.disconnect();
    this.curves.forEach(one => one.chart.destroy());
  }
}
