// How many outlier dimensions there are along the run, and when each emerged.

import { element, table } from './dom.js';
import { known, signed, whole } from './format.js';
import { csv } from './download.js';
import { LineChart } from './line-chart.js';
import { Panel } from './panel.js';

/** Number of outlier dimensions by the paper's rule against the step. */
export class OutlierCount {
  constructor(detail, pick) {
    Object.assign(this, { detail, pick });
    this.panel = new Panel('Outlier dimensions', {
      note: 'Weight and bias more than 3 standard deviations from their mean in more than half of the layers’ outputs; at every logged step.',
      exports: { name: () => `${detail.name} outlier count`, svg: () => this.chart.svg({ title: `${detail.name}: outlier dimensions by the paper's rule` }), csv: () => this.#csv() },
    });
    this.chart = new LineChart(this.panel.body, { title: 'Outlier dimensions', yLabel: 'dimensions', height: 216, zero: true, counts: true, text: whole, range: (min, max) => [0, Math.max(1, max ?? 1)] });
    this.now = element('div', { class: 'now' });
    this.panel.body.append(this.now);
  }

  update(outliers, detail = this.detail) {
    Object.assign(this, { detail, outliers });
    if (!outliers.step.length) {
      this.panel.say('The rule has not been applied yet: it is, at every logged step.');
      return;
    }
    this.panel.show();
    const marks = (detail.probes?.emergence?.dimensions ?? []).filter(one => known(one.emergence_step)).map(one => ({ step: one.emergence_step, label: String(one.dimension) }));
    this.chart.set({ steps: outliers.step, series: [{ label: 'outlier dimensions', unnamed: true, tone: 0, width: 2, step: true, values: outliers.count }], marks });
    this.#nowOf(outliers);
  }

  /** The dimensions of the newest step, each since when without a break. */
  #nowOf({ step, changes }) {
    const last = changes.at(-1)?.dimensions ?? [];
    const when = `step ${whole(step.at(-1))}`;
    if (!last.length) {
      this.now.replaceChildren(element('p', {}, `None at ${when}.`));
      return;
    }
    // Between two logged steps a dimension may have come and gone: what was read of every recorded step knows better.
    const emerged = new Map((this.detail.probes?.emergence?.dimensions ?? []).map(one => [one.dimension, one.emergence_step]));
    const since = dimension => {
      const logged = changes[changes.findLastIndex(change => !change.dimensions.includes(dimension)) + 1].step;
      const exact = emerged.get(dimension);
      return known(exact) && exact >= logged ? ` since step ${whole(exact)}` : `, at every logged step since ${whole(logged)}`;
    };
    this.now.replaceChildren(element('p', {}, `At ${when}: `, last.flatMap((dimension, i) => [
      i ? ', ' : '', element('button', { type: 'button', class: 'link', onclick: () => this.pick(dimension) }, `dimension ${dimension}`), since(dimension),
    ]), '.'));
  }

  /** The steps at which the dimensions change, and which they are from there on. */
  #csv() {
    const { changes } = this.outliers;
    return csv({ step: changes.map(c => c.step), count: changes.map(c => c.dimensions.length), dimensions: changes.map(c => c.dimensions.join(' ')) });
  }

  destroy() {
    this.chart.destroy();
  }
}

const step = value => (known(value) ? whole(value) : '–');

/** What norma emergence found. */
export class EmergenceTable {
  constructor(detail, pick) {
    Object.assign(this, { detail, pick });
    this.panel = new Panel('Emergence', { exports: { name: () => `${detail.name} emergence`, csv: () => this.#csv() } });
  }

  update(detail) {
    this.detail = detail;
    const found = detail.probes?.emergence;
    if (!found) {
      this.panel.say('When each dimension emerged, and where it first left the others, is found from the recording of every step by:', detail.commands?.emergence);
      return;
    }
    this.panel.show();
    this.panel.note.textContent = `Steps ${whole(found.first_step)} to ${whole(found.last_step)}, recorded every ${found.every === 1 ? 'step' : `${found.every} steps`}.`;
    const open = (dimension, site) => element('button', { type: 'button', class: 'link', onclick: () => this.pick(dimension, site) }, String(dimension));
    const dimensions = found.dimensions.length
      ? table('Outlier dimensions by the paper’s rule', ['dimension', 'emerged', 'first', 'crossings', 'order of the sites'],
        found.dimensions.map(d => [open(d.dimension), known(d.emergence_step) ? whole(d.emergence_step) : 'not at the end', step(d.first_step), whole(d.crossings), d.order.join(', ')]))
      : element('p', {}, 'No dimension satisfied the rule at any step.');
    const departures = [...found.departures].sort((a, b) => largest(b) - largest(a)).slice(0, 12);
    this.panel.body.replaceChildren(dimensions, element('h4', {}, 'Beyond the threshold to the end of the recording, at single sites'),
      departures.length ? table('Departures at single sites', ['dimension', 'site', 'weight since', 'z', 'bias since', 'z'],
        departures.map(d => [open(d.dimension, d.site), d.site, step(d.weight_step), signed(d.weight_z), step(d.bias_step), signed(d.bias_z)])) : element('p', {}, 'None.'),
      found.departures.length > departures.length ? element('p', { class: 'note' }, `The ${departures.length} with the largest z of ${found.departures.length}; the CSV has all.`) : '');
  }

  #csv() {
    const found = this.detail.probes.emergence;
    const keys = ['dimension', 'site', 'weight_step', 'weight_first_step', 'weight_z', 'bias_step', 'bias_first_step', 'bias_z'];
    const emerged = new Map(found.dimensions.map(d => [d.dimension, d.emergence_step]));
    return csv({ ...Object.fromEntries(keys.map(key => [key, found.departures.map(d => d[key])])), emergence_step: found.departures.map(d => emerged.get(d.dimension)) });
  }

  destroy() {}
}

const largest = d => Math.max(Math.abs(d.weight_z ?? 0), Math.abs(d.bias_z ?? 0));
