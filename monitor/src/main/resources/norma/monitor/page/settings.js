// How a run was made: its configuration, where it came from, and what differs between two.

import { element, table } from './dom.js';
import { ago, known, whole } from './format.js';
import { Panel } from './panel.js';

const text = value => (value === null || value === undefined ? '–' : typeof value === 'object' ? JSON.stringify(value) : String(value));

/** Keys with dots of nested values. */
function flat(value, prefix = '') {
  if (value === null || typeof value !== 'object' || (Array.isArray(value) && !value.length)) return [[prefix, text(value)]];
  return Object.entries(value).flatMap(([key, inner]) => flat(inner, prefix ? `${prefix}.${key}` : key));
}

export class SettingsPanel {
  constructor() {
    this.panel = new Panel('Configuration and provenance', { wide: true });
  }

  update(detail) {
    const changed = Object.entries(detail.changed ?? {});
    const parts = [];
    if (detail.parent) {
      parts.push(element('h4', {}, `From ${parentOf(detail)} at step ${whole(detail.parent.step)}`), changed.length
        ? table('What it changes', ['setting', 'parent', 'this run'], changed.map(([key, { before, after }]) => [key, text(before), text(after)]))
        : detail.kind !== 'finetuning' && element('p', {}, 'Nothing in its configuration differs from its parent’s.'));
    }
    parts.push(fold('Configuration, every default written out', detail.config ? element('pre', { tabindex: '0' }, detail.config) : element('p', {}, 'There is no config.yaml.')),
      fold('Provenance: code, versions, device, data', Object.keys(detail.provenance ?? {}).length
        ? table('Provenance', ['what', 'value'], flat(detail.provenance)) : element('p', {}, 'There is no provenance.json yet: the run is being set up.')));
    const open = [...this.panel.body.querySelectorAll('details')].map(details => details.open);
    this.panel.body.replaceChildren(...parts.filter(Boolean));
    this.panel.body.querySelectorAll('details').forEach((details, i) => { details.open = Boolean(open[i]); });
  }

  destroy() {}
}

const fold = (title, content) => element('details', { class: 'fold' }, element('summary', {}, title), content);

/** What differs between the configurations of several runs. */
export function differences(runs, list) {
  if (!list.length) return element('p', {}, 'Their configurations are the same.');
  return table('Differences of the configurations', ['setting', ...runs.map(run => run.name)], list.map(({ key, values }) => [key, ...runs.map(run => text(values[run.id]))]));
}

const parentOf = run => run.parent.id ?? run.parent.run;

/** The run and step that a run began from, in words; null for one that began by itself. */
export const origin = run => run.parent && `${run.kind === 'finetuning' ? 'fine-tuned from' : 'fork of'} ${parentOf(run)} at step ${whole(run.parent.step)}`;

/** Short facts of a run, for beneath its name. */
export function facts(run) {
  return [
    run.architecture, run.objective, known(run.seed) && `seed ${run.seed}`, run.device, run.precision,
    origin(run), run.sweep && `sweep ${run.sweep.name}`,
    run.started && `begun ${ago(run.started)}`,
  ].filter(Boolean);
}
