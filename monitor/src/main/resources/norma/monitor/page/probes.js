// What the model loses without some dimensions, and what fine-tuning makes of it.

import { command, element, table } from './dom.js';
import { decimals, known, quantity, signed, whole } from './format.js';
import { csv } from './download.js';
import { LineChart } from './line-chart.js';
import { Panel } from './panel.js';

const baselines = checkpoint => checkpoint.baselines ?? (checkpoint.baseline ? [checkpoint.baseline] : []);
const shown = (name, dimensions) => (dimensions?.length && !name.includes(',') && name !== String(dimensions[0]) ? `${name}: ${dimensions.slice(0, 6).join(', ')}${dimensions.length > 6 ? '…' : ''}` : name);

/** A result of one checkpoint, which lists none, as one of a list. */
const listed = one => (one?.full && !one.checkpoints ? { ...one, checkpoints: [one] } : one);

const rise = (loss, checkpoint) => (known(loss) ? loss - checkpoint.full.loss : null);

/** By how much the loss rises along the checkpoints without dimensions, and without others. */
export class AblationPanel {
  constructor(detail) {
    this.detail = detail;
    this.panel = new Panel('Ablation', {
      exports: { name: () => `${detail.name} ablation`, svg: () => this.chart.svg({ title: `${detail.name}: rise of the loss without dimensions` }), csv: () => this.#csv() },
    });
    this.choice = element('select', { 'aria-label': 'Which ablation', onchange: () => this.#show() });
    this.panel.tools.prepend(this.choice);
    this.chart = new LineChart(this.panel.body, { title: 'Rise of the loss without dimensions', yLabel: 'rise of the loss (nats)', zero: true, axisLabel: () => 'step of the checkpoint' });
    this.figures = element('div', {});
    this.panel.body.append(this.figures);
  }

  update(detail) {
    this.detail = detail;
    this.all = (detail.probes?.ablations ?? []).map(listed).filter(one => one?.checkpoints?.length);
    this.choice.hidden = this.all.length < 2;
    if (!this.all.length) {
      this.panel.say('What the model loses without its outlier dimensions, and without as many others, is measured by:', detail.commands?.ablate);
      return;
    }
    const before = this.choice.value;
    this.choice.replaceChildren(...this.all.map((one, i) => element('option', { value: String(i) }, one.file ?? `ablation ${i + 1}`)));
    this.choice.value = before || '0';
    if (this.choice.selectedIndex < 0) this.choice.selectedIndex = 0;
    this.panel.show();
    this.#show();
  }

  #show() {
    const { checkpoints, evaluation } = this.all[this.choice.selectedIndex];
    this.panel.note.textContent = evaluation ? `${evaluation.kind}${known(evaluation.rows) ? `, ${quantity(evaluation.rows, 'held-out sequence')}` : ''}${known(evaluation.predictions) ? `, ${quantity(evaluation.predictions, 'prediction')}` : ''}.` : '';
    const curve = checkpoints.filter(c => known(c.step)).sort((a, b) => a.step - b.step);
    this.chart.host.hidden = this.chart.legend.hidden = curve.length < 2;
    if (curve.length >= 2) this.chart.set({ steps: curve.map(c => c.step), series: this.#series(curve) });
    const last = (curve.length ? curve : checkpoints).at(-1);
    const rows = [['nothing', decimals(last.full.loss, 4), '', '']];
    for (const one of last.ablations) {
      const times = one.times_random ?? one.times_matched;
      rows.push([shown(one.name, one.dimensions), decimals(one.loss, 4), signed(one.loss - last.full.loss, 4), known(times) ? decimals(times, 1) : '–']);
    }
    for (const one of baselines(last)) {
      rows.push([one.others ?? one.name, `${decimals(one.loss_mean, 4)} ± ${decimals(one.loss_std, 4)}`, signed(one.loss_mean - last.full.loss, 4), '']);
    }
    const noRatio = last.ablations.some(one => one.times_random === null || one.times_matched === null);
    this.figures.replaceChildren(...[
      table(`Without dimensions at step ${last.step}`, ['switched off', 'loss', 'rise', '× random'], rows),
      element('p', { class: 'note' }, (known(last.step) ? `Checkpoint at step ${whole(last.step)}.` : '')
        + (noRatio ? ' No ratio (–): the model gains without the dimensions, or the mean cost of the others is less than 2 standard errors above 0.' : '')),
      ...(this.all.some(one => one.checkpoints.length > 1) || !this.detail.commands?.ablate ? [] : [
        element('p', { class: 'note' }, 'What each checkpoint loses is measured by:'), command(this.detail.commands.ablate)]),
    ]);
  }

  #series(curve) {
    const names = [...new Set(curve.flatMap(c => c.ablations.map(a => a.name)))];
    const others = [...new Set(curve.flatMap(c => baselines(c).map(b => b.name)))];
    const of = (list, name) => list.find(one => one.name === name);
    return [
      ...names.map((name, i) => ({
        label: `without ${name}`, tone: i, width: 2, points: true, values: curve.map(c => rise(of(c.ablations, name)?.loss, c)),
        note: at => { const dimensions = of(curve[at].ablations, name)?.dimensions ?? []; return dimensions.length ? `(${dimensions.slice(0, 4).join(', ')})` : ''; },
      })),
      ...others.map((name, i) => {
        const at = value => curve.map(c => { const b = of(baselines(c), name); return b ? rise(value(b), c) : null; });
        return {
          label: `without ${of(curve.flatMap(baselines), name)?.others ?? name}`, tone: names.length + i, width: 1.5,
          values: at(b => b.loss_mean), low: at(b => b.loss_mean - b.loss_std), high: at(b => b.loss_mean + b.loss_std),
        };
      }),
    ];
  }

  #csv() {
    const columns = { file: [], step: [], switched_off: [], dimensions: [], loss: [], std: [], rise: [] };
    const add = (...row) => Object.keys(columns).forEach((key, i) => columns[key].push(row[i]));
    for (const { file, checkpoints } of this.all) {
      for (const c of checkpoints) {
        add(file, c.step, 'nothing', '', c.full.loss, '', 0);
        c.ablations.forEach(a => add(file, c.step, a.name, a.dimensions.join(' '), a.loss, '', a.loss - c.full.loss));
        baselines(c).forEach(b => add(file, c.step, b.name ?? b.others, '', b.loss_mean, b.loss_std, b.loss_mean - c.full.loss));
      }
    }
    return csv(columns);
  }

  destroy() {
    this.chart.destroy();
  }
}

/** Scores after fine-tuning: of whole models along the run, and of those without dimensions. */
export class FinetuningPanel {
  constructor(detail) {
    this.detail = detail;
    this.panel = new Panel('Fine-tuning', { wide: true, exports: { name: () => `${detail.name} fine-tuning`, csv: () => this.#csv() } });
  }

  update(detail) {
    this.detail = detail;
    this.rows = (detail.probes?.finetunings ?? []).filter(Boolean).flatMap(scores);
    if (!this.rows.length) {
      this.panel.say('What the checkpoints are worth on a downstream task, whole and without dimensions, is measured by:', detail.commands?.finetune);
      return;
    }
    this.panel.show();
    this.panel.body.replaceChildren(table('Scores after fine-tuning', ['task', 'pre-trained to', 'model', 'metric', 'mean', '±'],
      this.rows.map(r => [r.task, known(r.step) ? whole(r.step) : '–', r.model, r.metric, decimals(r.mean, 4), known(r.std) ? decimals(r.std, 4) : '–'])));
  }

  #csv() {
    const keys = ['task', 'step', 'model', 'metric', 'mean', 'std'];
    return csv(Object.fromEntries(keys.map(key => [key, this.rows.map(row => row[key])])));
  }

  destroy() {}
}

/** Rows of one file: a curve along a run has checkpoints, a single fine-tuning has its best epoch. */
function scores(file) {
  const task = file.task ?? file.name;
  const metrics = [file.headline ?? 'accuracy'].flat();
  const row = (step, model, of) => metrics.filter(metric => known(of?.[`${metric}_mean`])).map(metric => ({ task, step, model, metric, mean: of[`${metric}_mean`], std: of[`${metric}_std`] }));
  if (file.checkpoints) {
    return file.checkpoints.flatMap(c => (!c.ablation ? best(file, c, task, metrics) : [
      ...row(c.step, 'whole', c.ablation.full),
      ...(c.ablation.ablations ?? []).flatMap(a => row(c.step, `without ${shown(a.name, a.dimensions)}`, a)),
      ...(c.ablation.baselines ?? []).flatMap(b => row(c.step, `without ${b.others}`, b)),
    ]));
  }
  return best(file, file, task, metrics);
}

function best(file, { step, best_epoch: epoch = {}, majority_baseline: majority = {} }, task, metrics) {
  return Object.entries(epoch).flatMap(([split, of]) => metrics.flatMap(metric => [
    { task, step, model: `fine-tuned, ${split}`, metric, mean: of[metric], std: of[`${metric}_std`] },
    known(majority[split]?.[metric]) && { task, step, model: `most frequent label, ${split}`, metric, mean: majority[split][metric] },
  ].filter(Boolean)));
}
