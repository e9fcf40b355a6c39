// Runs of one sweep belong together: a line of the list for all of them.

import { known } from './format.js';

/** The worst comes first: of ten runs the one that failed is what has to be known. */
const ORDER = ['running', 'unreadable', 'failed', 'diverged', 'killed', 'interrupted', 'unknown', 'finished'];

const sum = (rows, key) => rows.reduce((all, row) => (known(row[key]) ? (all ?? 0) + row[key] : all), null);

/** The id of the sweep that a run belongs to: the path of the sweep's folder, which lies beside the run's. */
export function sweepOf(row) {
  if (!row.sweep?.name) return null;
  return [...row.id.split('/').slice(0, -1), row.sweep.name].join('/');
}

/** "2 running, 7 finished" */
export function counted(rows) {
  return ORDER.map(state => [rows.filter(row => row.state === state).length, state]).filter(([count]) => count).map(([count, state]) => `${count} ${state}`).join(', ');
}

/** "learning_rate = 0.001": what makes a point, without the groups of the keys where these say nothing. */
export const pointOf = values => Object.entries(values ?? {}).map(([key, value]) => `${key.split('.').at(-1)} = ${value}`).join(', ') || 'as the base';

/** A line for each sweep of which there are runs. */
export function sweeps(rows) {
  const members = new Map();
  for (const row of rows) {
    const id = sweepOf(row);
    if (id) members.set(id, [...(members.get(id) ?? []), row]);
  }
  return [...members].map(([id, runs]) => ({
    id: `sweep ${id}`, group: id, name: id, runs, kind: 'sweep', base: runs[0].sweep.base,
    state: ORDER.find(state => runs.some(row => row.state === state)) ?? 'unknown',
    step: sum(runs, 'step'), steps: sum(runs, 'steps'),
    tokens_per_second: sum(runs.filter(row => row.state === 'running'), 'tokens_per_second'),
    started: runs.map(row => row.started ?? '').sort()[0], updated: runs.map(row => row.updated ?? '').sort().at(-1) || null,
  }));
}
