// Numbers for people. Exports never pass through here: they carry every digit.

const integer = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const minus = text => text.replace('-', '−');

export const known = value => typeof value === 'number' && Number.isFinite(value);

/** 16,000 */
export const whole = value => (known(value) ? minus(integer.format(value)) : '–');

/** As many decimals as asked for. */
export const decimals = (value, count) => (known(value) ? minus(value.toFixed(count)) : '–');

/** Four significant digits, never in powers of ten where a person would not. */
export function significant(value, digits = 4) {
  if (!known(value)) return '–';
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 10 ** digits) return whole(value);
  if (size < 1e-4) return minus(value.toExponential(digits - 2));
  return minus(value.toFixed(Math.max(0, digits - 1 - Math.floor(Math.log10(size)))));
}

/** 1 run, 2 runs: the plural is in s. */
export const quantity = (number, thing) => `${whole(number)} ${thing}${number === 1 ? '' : 's'}`;

/** A z with its sign: +5.8 */
export const signed = (value, count = 1) => (known(value) ? (value > 0 ? '+' : '') + decimals(value, count) : '–');

/** 1 h 12 min */
export function duration(seconds) {
  if (!known(seconds) || seconds < 0) return '–';
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return `${Math.floor(minutes / 1440)} d ${Math.round((minutes % 1440) / 60)} h`;
}

/** Mebibytes or gibibytes. */
export function bytes(value) {
  if (!known(value)) return '–';
  return value >= 2 ** 30 ? `${decimals(value / 2 ** 30, 2)} GiB` : `${whole(value / 2 ** 20)} MiB`;
}

/** Labels of an axis: as many decimals as its distance between ticks needs, thousands as k where there are many digits. */
export function ticks(values) {
  if (values.length < 2) return values.map(value => significant(value, 3));
  const gap = Math.abs(values[1] - values[0]);
  const largest = Math.max(...values.map(Math.abs));
  const [unit, sign] = largest >= 1e6 ? [1e6, 'M'] : largest >= 1e5 ? [1e3, 'k'] : [1, ''];
  const count = Math.min(6, Math.max(0, -Math.floor(Math.log10(gap / unit) + 1e-9)));
  return values.map(value => (unit === 1 && count === 0 ? whole(value) : decimals(value / unit, count)) + (value === 0 ? '' : sign));
}

/** Round numbers between two ends, at most so many. */
export function roundNumbers(min, max, most) {
  if (!(max > min)) return [min];
  const rough = (max - min) / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(rough));
  const gap = [1, 2, 5, 10].map(f => f * power).find(g => g >= rough * 0.9999);
  const values = [];
  for (let i = Math.ceil(min / gap - 1e-9); i * gap <= max + gap * 1e-9; i++) values.push(i === 0 ? 0 : Number((i * gap).toPrecision(12)));
  return values;
}

/** "2 minutes ago" of a time in ISO 8601 or seconds since 1970. */
export function ago(time) {
  const then = typeof time === 'number' ? time * 1000 : Date.parse(time);
  if (!Number.isFinite(then)) return '–';
  const seconds = Math.max(0, (Date.now() - then) / 1000);
  return seconds < 5 ? 'now' : `${duration(seconds)} ago`;
}
