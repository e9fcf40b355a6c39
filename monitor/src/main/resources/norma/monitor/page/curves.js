// Curves of what a run logs: loss with what prediction without reading reaches, throughput, memory, optimiser.

import { element } from './dom.js';
import { bytes, decimals, duration, known, significant, whole } from './format.js';
import { address } from './address.js';
import { csv } from './download.js';
import { LineChart } from './line-chart.js';
import { smoothed, together } from './metrics.js';
import { Panel } from './panel.js';
import { server } from './server.js';

const TRAINING = 1;
const VALIDATION = 0;

/** Round perplexities between two losses, as far apart as the axis has room for. */
function perplexities(min, max, most) {
  const values = [];
  for (let power = Math.floor(min / Math.LN10); power <= max / Math.LN10; power++) {
    for (const digit of [1, 1.5, 2, 3, 5, 7]) {
      const value = Math.log(digit) + power * Math.LN10;
      if (value >= min && value <= max) values.push(value);
    }
  }
  const room = (max - min) / Math.max(1, most);
  return values.reduce((kept, value) => (kept.length && value - kept[kept.length - 1] < room ? kept : [...kept, value]), []);
}

const PERPLEXITY = { label: 'perplexity', values: perplexities, text: value => significant(Math.exp(value), 2) };

/** Loss in nats at the left, the same as perplexity at the right. */
export class LossPanel {
  constructor(detail) {
    this.detail = detail;
    this.panel = new Panel('Loss', {
      exports: { name: () => `${detail.name} loss`, svg: () => this.chart.svg({ title: `${detail.name}: loss` }), csvs: Object.fromEntries(['training', 'validation'].map(kind => [kind, () => server.logged(detail.id, kind)])) },
    });
    this.smooth = element('input', {
      type: 'range', min: '0', max: '0.99', step: '0.01', class: 'smooth', 'aria-label': 'Smoothing of the training loss', title: 'Smoothing of the training loss',
      oninput: () => address.change({ smooth: Number(this.smooth.value) || undefined }),
    });
    this.panel.tools.prepend(element('label', { class: 'inline' }, 'Smooth', this.smooth));
    this.chart = new LineChart(this.panel.body, {
      title: 'Loss', yLabel: 'loss (nats)', text: value => significant(value),
      axisLabel: () => (this.metrics?.method('training') ? `step (${this.metrics.method('training')})` : 'step'),
    });
  }

  update(metrics, detail = this.detail) {
    this.metrics = metrics;
    this.detail = detail;
    const { training, validation } = metrics;
    if (!training.step.length && !validation.step.length) {
      this.panel.say('Nothing is logged yet. The first line comes after the number of steps in logging.every.');
      return;
    }
    this.panel.show();
    const weight = Math.min(0.99, Math.max(0, address.view.smooth ?? 0));
    this.smooth.value = weight;
    const all = together(training, validation);
    const loss = all.first('loss');
    const perplexity = all.second('perplexity');
    this.chart.options.right = perplexity.some(known) ? PERPLEXITY : null;
    const series = weight ? [{ label: 'training, as logged', tone: TRAINING, width: 1, faint: true, values: loss }] : [];
    series.push(
      { label: weight ? `training, smoothed ${weight}` : 'training', tone: TRAINING, width: 1.25, solid: true, values: smoothed(loss, weight) },
      { label: 'validation', tone: VALIDATION, width: 2, points: validation.step.length < 100, values: all.second('loss'), note: i => (known(perplexity[i]) ? `(perplexity ${significant(perplexity[i])})` : '') });
    this.chart.set({ steps: all.steps, series, levels: this.#levels(), spans: this.#plateau(all.steps) });
    this.#say();
  }

  #levels() {
    const { unigram_loss: unigram, unigram_entropy: entropy, no_context_loss: context } = this.detail;
    return [
      known(unigram) && { label: 'best constant prediction', value: unigram, tone: 'muted', dash: [2, 3] },
      known(entropy) && { label: 'unigram entropy', value: entropy, tone: 'muted', dash: known(unigram) ? [1, 5] : [2, 3] },
      known(context) && { label: 'best without context', value: context, tone: 'ink', dash: [7, 4] },
    ].filter(Boolean);
  }

  #plateau(steps) {
    const { plateau } = this.detail;
    if (!known(plateau?.since)) return [];
    return [{ from: plateau.since, to: plateau.left ?? steps[steps.length - 1], label: 'plateau' }];
  }

  #say() {
    const { plateau } = this.detail;
    this.panel.note.textContent = plateau?.sentence ?? (this.#levels().length ? 'Token frequencies alone do not get below the dotted line: a model must read.' : '');
  }

  destroy() {
    this.chart.destroy();
  }
}

/** One column of what training logs. */
class Curve {
  constructor(detail, title, column, yLabel, options) {
    Object.assign(this, { column });
    this.panel = new Panel(title, {
      exports: { name: () => `${detail.name} ${column}`, svg: () => this.chart.svg({ title: `${detail.name}: ${title}` }), csv: () => csv({ step: this.metrics.training.step, [column]: this.metrics.training[column] }) },
    });
    this.panel.root.classList.add('small');
    this.now = options.now;
    this.chart = new LineChart(this.panel.body, { title, yLabel, height: 150, ...options });
  }

  update(metrics) {
    this.metrics = metrics;
    const { training } = metrics;
    const values = training[this.column];
    if (!values?.some(known)) {
      this.panel.say('Not logged yet.');
      return;
    }
    this.panel.show();
    this.chart.set({ steps: training.step, series: [{ label: this.chart.options.title, unnamed: true, tone: TRAINING, width: 1.25, solid: true, values }] });
    this.panel.note.textContent = this.now(values.findLast(known), training);
  }

  destroy() {
    this.chart.destroy();
  }
}

/** Throughput, memory, gradient norm, learning rate. */
export function machineCurves(detail) {
  return [
    new Curve(detail, 'Throughput', 'tokens_per_second', 'tokens / s', {
      zero: true, text: value => `${whole(value)} tokens/s`,
      now: (value, training) => `${whole(value)} tokens a second; a step takes ${secondsOf(training.step_seconds?.findLast(known))}`,
    }),
    new Curve(detail, 'Memory', 'resident_bytes', 'GiB', {
      zero: true, text: bytes, unit: 2 ** 30, now: value => `${bytes(value)} resident in ${detail.device === 'cpu' ? 'main memory' : 'the host'}`,
    }),
    new Curve(detail, 'Gradient norm', 'grad_norm', 'norm', { now: value => `${significant(value)}, before clipping` }),
    new Curve(detail, 'Learning rate', 'learning_rate', 'rate', { zero: true, now: value => significant(value, 3) }),
  ];
}

const secondsOf = value => (known(value) && value < 1 ? `${significant(value * 1000, 3)} ms` : known(value) ? (value < 60 ? `${significant(value, 3)} s` : duration(value)) : '–');
