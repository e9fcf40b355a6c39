// Several runs over each other: loss, number of outliers, onset, what ablation costs, what differs in their settings.

import { colour, dash } from './colours.js';
import { command, element, sample, table } from './dom.js';
import { decimals, known, quantity, significant, whole } from './format.js';
import { address } from './address.js';
import { csv } from './download.js';
import { LineChart } from './line-chart.js';
import { smoothed } from './metrics.js';
import { Panel } from './panel.js';
import { server } from './server.js';
import { differences } from './settings.js';

/** What is switched off at the last checkpoint decides, as norma emergence has it; without that, the first ablation. */
function cost(run) {
  const file = run.probes?.ablations?.find(one => one?.checkpoints?.filter(c => known(c.step)).length);
  if (!file) return null;
  return file.checkpoints.filter(c => known(c.step)).sort((a, b) => a.step - b.step).map(({ step, full, ablations, baseline }) => {
    const one = ablations.find(ablation => ablation.name.startsWith('final')) ?? ablations[0];
    return { step, cost: one ? one.loss - full.loss : null, random: baseline ? baseline.loss_mean - full.loss : null };
  });
}

/** Dimensions that satisfy the rule to the end, by the step from which on they do; null where that was not looked for. */
const onset = run => run.probes?.emergence?.dimensions.filter(d => known(d.emergence_step)).map(d => ({ dimension: d.dimension, step: d.emergence_step })).sort((a, b) => a.step - b.step) ?? null;

const CHARTS = [
  { title: 'Validation loss', yLabel: 'loss (nats)', of: run => [run.metrics.validation?.step, run.metrics.validation?.loss], points: true, empty: 'No run has been evaluated yet.' },
  { title: 'Training loss', yLabel: 'loss (nats)', of: run => [run.metrics.training?.step, run.metrics.training?.loss], smooth: true, empty: 'Nothing is logged yet.' },
  { title: 'Outlier dimensions', yLabel: 'dimensions', of: run => [run.metrics.outliers?.step, run.metrics.outliers?.count], step: true, zero: true, whole: true, empty: 'The rule has not been applied yet.' },
  {
    title: 'Cost of ablation', yLabel: 'rise of the loss (nats)', zero: true, points: true, of: run => [cost(run)?.map(c => c.step), cost(run)?.map(c => c.cost)],
    random: run => cost(run)?.map(c => c.random), empty: 'No run was ablated along its checkpoints. For each of them:', command: true,
  },
];

export class ComparisonView {
  #gone = false;
  #begun = false;
  #timer = 0;

  constructor(host, rows, folder) {
    this.rows = rows;
    this.folder = folder;
    this.head = element('header', { class: 'run-head' });
    this.grid = element('div', { class: 'grid' });
    host.replaceChildren(this.head, this.grid);
    this.charts = CHARTS.map(kind => this.#panel(kind));
    this.onset = new Panel('Onset and cost', { wide: true, note: 'Onset: the step from which a dimension satisfies the paper’s rule to the end. Cost: rise of the loss at the last ablated checkpoint.', exports: { name: () => 'onset and cost', csv: () => this.#onsetCsv() } });
    this.settings = new Panel('What differs in their configurations', { wide: true });
    this.grid.replaceChildren(...this.charts.map(one => one.panel.root), this.onset.root, this.settings.root);
    this.header();
  }

  /** Asks for everything, once what comes later is listened to. */
  begin() {
    if (!this.#begun && !this.#gone) this.load();
    this.#begun = true;
  }

  get ids() {
    return this.rows.map(row => row.id);
  }

  header() {
    this.head.replaceChildren(element('h2', {}, quantity(this.rows.length, 'run')), element('ul', { class: 'names' },
      this.rows.map((row, i) => element('li', {}, sample(colour(i), dash(i)), row.name))));
  }

  #panel(kind) {
    const panel = new Panel(kind.title, {
      exports: { name: () => kind.title, svg: () => one.chart.svg({ title: kind.title }), csv: () => this.#csv(kind) },
    });
    const one = {
      kind, panel,
      chart: new LineChart(panel.body, { title: kind.title, yLabel: kind.yLabel, zero: kind.zero, counts: kind.whole, text: value => (kind.whole ? whole(value) : significant(value)), range: kind.whole ? (min, max) => [0, Math.max(1, max ?? 1)] : undefined }),
    };
    return one;
  }

  async load() {
    try {
      const found = await server.compare(this.ids);
      if (this.#gone) return;
      this.found = found;
      this.#show();
    } catch (reason) {
      if (!this.#gone) this.charts.forEach(one => one.panel.fail(reason));
    }
  }

  #show() {
    const { runs } = this.found;
    for (const { kind, panel, chart } of this.charts) {
      const there = runs.map((run, i) => ({ run, tone: i, table: kind.of(run) })).filter(one => one.table[0]?.length);
      if (!there.length) {
        panel.say(kind.empty, kind.command && `./norma ablate ${this.folder}/${runs[0].id} --checkpoints all --dims costliest:2 --baseline random:20`);
        continue;
      }
      panel.show();
      const steps = [...new Set(there.flatMap(one => one.table[0]))].sort((a, b) => a - b);
      const at = new Map(steps.map((step, i) => [step, i]));
      const spread = ([own, values]) => {
        const all = new Array(steps.length).fill(null);
        own.forEach((step, i) => { all[at.get(step)] = values[i]; });
        return all;
      };
      const weight = kind.smooth ? Math.min(0.99, address.view.smooth ?? 0.6) : 0;
      panel.note.textContent = kind.smooth && weight ? `Smoothed by ${weight}, as TensorBoard does; the CSV is not.` : '';
      chart.set({
        steps, series: there.flatMap(({ run, tone, table: columns }) => [
          { label: run.name, tone, width: 1.75, step: kind.step, points: kind.points, values: smoothed(spread(columns), weight) },
          ...(kind.random && kind.random(run)?.some(known) ? [{ label: `${run.name}, random dimensions`, tone, width: 1, faint: true, values: spread([columns[0], kind.random(run)]) }] : []),
        ]),
      });
    }
    this.#onset(runs);
    this.settings.body.replaceChildren(differences(runs, this.found.differences));
  }

  #onset(runs) {
    this.onset.body.replaceChildren(table('Onset and cost of each run', ['run', 'state', 'first onset', 'dimensions', 'outliers now', 'validation loss', 'cost', 'random'], runs.map((run, i) => {
      const found = onset(run);
      const last = cost(run)?.at(-1);
      return [element('span', {}, sample(colour(i), dash(i)), ' ', run.name), run.state, found?.length ? whole(found[0].step) : found ? 'none' : '–',
        found?.map(o => `${o.dimension} (${whole(o.step)})`).join(', ') || '–', whole(run.outliers), significant(run.validation_loss),
        decimals(last?.cost, 4), decimals(last?.random, 4)];
    })));
    const unknown = runs.filter(run => !onset(run));
    if (unknown.length) this.onset.body.append(element('p', { class: 'note' }, 'Onset is found by:'), command(`./norma emergence ${unknown.map(run => `${this.folder}/${run.id}`).join(' ')}`));
  }

  #onsetCsv() {
    const columns = { run: [], dimension: [], onset_step: [] };
    for (const run of this.found.runs) {
      for (const { dimension, step } of onset(run) ?? []) [run.name, dimension, step].forEach((value, i) => Object.values(columns)[i].push(value));
    }
    return csv(columns);
  }

  #csv(kind) {
    const columns = { run: [], step: [], value: [], ...(kind.random ? { random: [] } : {}) };
    for (const run of this.found.runs) {
      const [steps, values] = kind.of(run);
      (steps ?? []).forEach((step, i) => {
        columns.run.push(run.name);
        columns.step.push(step);
        columns.value.push(values[i]);
        columns.random?.push(kind.random(run)[i]);
      });
    }
    return csv(columns);
  }

  /** Events of the server: together at most every two seconds. */
  #soon() {
    if (this.#timer) return;
    this.#timer = setTimeout(() => {
      this.#timer = 0;
      if (!this.#gone) this.load();
    }, 2000);
  }

  changed(row) {
    this.rows = this.rows.map(old => (old.id === row.id ? row : old));
  }

  logged() {
    this.#soon();
  }

  recorded() {}

  refresh() {
    this.#soon();
  }

  reset() {
    this.#soon();
  }

  passed() {}

  reconnected() {
    return this.load();
  }

  follow(changed) {
    if (this.found && changed.has('smooth')) this.#show();
  }

  destroy() {
    this.#gone = true;
    clearTimeout(this.#timer);
    this.charts.forEach(one => one.chart.destroy());
  }
}
