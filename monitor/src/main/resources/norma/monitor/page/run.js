// One run: its panels, filled from the server and kept up to date by its events.

import { copy, element } from './dom.js';
import { known } from './format.js';
import { address } from './address.js';
import { LossPanel, machineCurves } from './curves.js';
import { EmergenceTable, OutlierCount } from './emergence.js';
import { LayerNorms } from './layernorms.js';
import { Metrics } from './metrics.js';
import { Panel } from './panel.js';
import { AblationPanel, FinetuningPanel } from './probes.js';
import { server } from './server.js';
import { SettingsPanel, facts } from './settings.js';
import { stateBadge } from './states.js';

const POINTS = 1200;

export class RunView {
  #gone = false;
  #awaited = false;
  #begun = false;

  constructor(host, row) {
    this.row = row;
    this.host = host;
    this.head = element('header', { class: 'run-head' });
    this.grid = element('div', { class: 'grid' });
    host.replaceChildren(this.head, this.grid);
    this.header();
  }

  /** Asks for everything, once what comes later is listened to. */
  begin() {
    if (!this.#begun && !this.#gone) this.load();
    this.#begun = true;
  }

  get ids() {
    return [this.row.id];
  }

  header() {
    const { row } = this;
    const link = element('button', { type: 'button', class: 'quiet' }, 'Copy link');
    link.addEventListener('click', () => copy(address.link(), link));
    this.head.replaceChildren(element('h2', {}, row.name), stateBadge(row), element('p', { class: 'facts' }, facts(row).join(' · ')), link,
      ...(row.sentence ? [element('p', { class: `sentence ${row.state}` }, row.sentence)] : []));
  }

  async load() {
    try {
      const [detail, metrics] = await Promise.all([server.run(this.row.id), server.metrics(this.row.id, POINTS)]);
      if (this.#gone) return;
      this.detail = detail;
      this.metrics = new Metrics(metrics);
      this.#build();
      this.#fill();
      await Promise.all([this.layers?.load(), this.#outliers()]);
    } catch (reason) {
      if (this.#gone) return;
      const panel = new Panel(this.row.name, { wide: true });
      panel.say(`${reason.message} Other runs are unaffected.`);
      this.grid.replaceChildren(panel.root);
    }
  }

  #build() {
    const { detail } = this;
    const pick = (dimension, site) => this.layers?.pick(dimension, site);
    this.loss = new LossPanel(detail);
    this.count = new OutlierCount(detail, pick);
    this.emergence = new EmergenceTable(detail, pick);
    this.ablation = new AblationPanel(detail);
    this.finetuning = new FinetuningPanel(detail);
    this.machine = machineCurves(detail);
    this.settings = new SettingsPanel();
    const middle = [];
    if (detail.recorded?.count > 0) {
      this.layers = new LayerNorms(detail);
      middle.push(this.layers.bar, ...this.layers.panels.map(panel => panel.root));
    } else {
      const empty = new Panel('LayerNorm weights and biases', { wide: true });
      empty.say(detail.recording_problem ?? 'No LayerNorm is recorded yet. A run records every step unless its configuration says record.every; the first chunk is written within seconds.');
      middle.push(empty.root);
    }
    // The folder of a fine-tuning of several seeds has results, and no curves of its own.
    if (detail.kind === 'finetuning' && !detail.recorded && !this.metrics.training.step.length) {
      this.grid.replaceChildren(element('p', { class: 'notice plain' }, 'Each seed of this fine-tuning has curves of its own: unfold them in the list above.'), this.finetuning.panel.root, this.settings.panel.root);
      return;
    }
    const small = element('div', { class: 'smalls' }, this.machine.map(curve => curve.panel.root));
    this.grid.replaceChildren(...(detail.problems ?? []).map(problem => element('p', { class: 'notice' }, problem)),
      this.loss.panel.root, this.count.panel.root, ...middle, this.emergence.panel.root, this.ablation.panel.root, small, this.finetuning.panel.root, this.settings.panel.root);
  }

  #fill() {
    this.loss.update(this.metrics, this.detail);
    this.machine.forEach(curve => curve.update(this.metrics));
    [this.emergence, this.ablation, this.finetuning, this.settings].forEach(panel => panel.update(this.detail));
  }

  async #outliers() {
    try {
      const found = await server.outliers(this.row.id, 400);
      if (!this.#gone) this.count.update(found, this.detail);
    } catch (reason) {
      this.count.panel.fail(reason);
    }
  }

  /** Events of the server. */
  changed(row) {
    this.row = row;
    this.header();
    if (this.detail && row.state !== this.detail.state) this.refresh();
  }

  logged(news) {
    if (!this.metrics) return;
    news.forEach(more => this.metrics.append(more));
    this.loss.update(this.metrics);
    this.machine.forEach(curve => curve.update(this.metrics));
    if (news.some(more => more.outliers?.step.length)) this.#soon();
    // An evaluation may have moved the plateau.
    if (news.some(more => more.validation?.step.length)) this.refresh();
    if (this.metrics.training.step.length > 3 * POINTS) this.reset();
  }

  /** The rule's dimensions belong to its count, and come from the server together. */
  #soon() {
    if (this.#awaited) return;
    this.#awaited = true;
    setTimeout(() => {
      this.#awaited = false;
      if (!this.#gone) this.#outliers();
    }, 2000);
  }

  recorded(news) {
    if (this.layers) this.layers.grow({ first_step: news.first_step, last_step: news.last_step, count: news.count });
    else if (this.detail && known(news.count) && news.count > 0) this.again();
  }

  /** Settings and probes again, without the curves. */
  async refresh() {
    try {
      const detail = await server.run(this.row.id);
      if (this.#gone || !this.loss) return;
      this.detail = detail;
      this.#fill();
      this.#soon();
    } catch {
      // The connection's state is shown above; the next event or reconnection asks again.
    }
  }

  async reset() {
    try {
      const metrics = await server.metrics(this.row.id, POINTS);
      if (this.#gone || !this.loss) return;
      this.metrics = new Metrics(metrics);
      this.#fill();
      this.#soon();
    } catch {
      // as above
    }
  }

  /** Everything, after the connection was lost. */
  async again() {
    this.#destroyPanels();
    await this.load();
  }

  async reconnected() {
    if (!this.loss) return this.again();
    await Promise.all([this.refresh(), this.reset()]);
    return this.layers?.load();
  }

  passed() {
    this.layers?.load();
  }

  /** Parts of the address have changed; a slider changes them often. */
  follow(changed) {
    if (changed.has('site') || changed.has('dimension')) this.layers?.follow();
    if (changed.has('step') || changed.has('part')) this.layers?.step();
    if (changed.has('smooth') && this.metrics) this.loss?.update(this.metrics);
  }

  #destroyPanels() {
    [this.loss, this.count, this.emergence, this.ablation, this.finetuning, this.settings, ...(this.machine ?? []), this.layers].forEach(panel => panel?.destroy());
    this.layers = this.loss = undefined;
  }

  destroy() {
    this.#gone = true;
    this.#destroyPanels();
  }
}
