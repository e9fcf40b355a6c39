// What a run has logged, kept in columns; grows by the rows that the server sends.

const KINDS = ['training', 'validation', 'outliers'];

export class Metrics {
  constructor(json) {
    for (const kind of KINDS) this[kind] = json[kind] ?? { step: [] };
    this.downsampled = json.downsampled ?? {};
  }

  /** A resumed run repeats steps: what it logs again takes the place of what was there. */
  append(json) {
    for (const kind of KINDS) {
      const more = json[kind];
      if (!more?.step?.length) continue;
      const columns = this[kind];
      let keep = columns.step.length;
      while (keep > 0 && columns.step[keep - 1] >= more.step[0]) keep--;
      for (const name of new Set([...Object.keys(columns), ...Object.keys(more)])) {
        const before = columns[name] ?? new Array(keep).fill(null);
        columns[name] = before.slice(0, keep).concat(more[name] ?? new Array(more.step.length).fill(null));
      }
    }
  }

  /** How the rows of a kind were chosen, in words; empty if all are there. */
  method(kind) {
    return this.downsampled[kind]?.method ?? '';
  }
}

/** Training and validation on one axis of steps; null where a step has no such value. */
export function together(first, second) {
  const steps = [...new Set([...first.step, ...second.step])].sort((a, b) => a - b);
  const at = new Map(steps.map((step, i) => [step, i]));
  const spread = (columns, name) => {
    const values = new Array(steps.length).fill(null);
    (columns[name] ?? []).forEach((value, i) => { values[at.get(columns.step[i])] = value; });
    return values;
  };
  return { steps, first: name => spread(first, name), second: name => spread(second, name) };
}

/** Exponential moving average without bias towards the start, as TensorBoard has it; nulls are left out. */
export function smoothed(values, weight) {
  if (!weight) return values;
  let [sum, share] = [0, 0];
  return values.map(value => {
    if (value === null || value === undefined) return null;
    sum = sum * weight + value * (1 - weight);
    share = share * weight + (1 - weight);
    return sum / share;
  });
}
