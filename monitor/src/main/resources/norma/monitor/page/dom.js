// Elements by name. Whatever is a string becomes a text node: nothing on this page is ever parsed as HTML.

/** element('button', {class: 'quiet', onclick: f, 'aria-label': 'Play'}, 'Play') */
export function element(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (name === 'class') node.className = value;
    else if (name in node && typeof value !== 'string') node[name] = value;
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.flat().filter(child => child !== null && child !== undefined && child !== false));
  return node;
}

/** An SVG element with its attributes. */
export function graphic(tag, attributes = {}, ...children) {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** A short line as it is drawn in a chart: legends must work without colour. */
export function sample(colour, dash, width = 2) {
  return graphic('svg', { width: 26, height: 10, viewBox: '0 0 26 10', 'aria-hidden': 'true', class: 'sample' },
    graphic('line', { x1: 1, y1: 5, x2: 25, y2: 5, stroke: colour, 'stroke-width': width, 'stroke-dasharray': (dash || []).join(' ') }));
}

/** Says something to a screen reader. */
export function announce(text) {
  document.getElementById('readout').textContent = text;
}

/** Says what a read-out shows. */
export function speak(tip) {
  announce([...tip.children].map(line => [...line.children].map(part => part.textContent).join(' ') || line.textContent).join('; '));
}

/** Copies text; the clipboard interface exists on localhost and https only. */
export async function copy(text, button) {
  const before = button.textContent;
  try {
    if (navigator.clipboard) await navigator.clipboard.writeText(text);
    else copyBySelection(text);
    button.textContent = 'Copied';
  } catch {
    button.textContent = 'Not allowed';
  }
  announce(button.textContent);
  setTimeout(() => { button.textContent = before; }, 1500);
}

function copyBySelection(text) {
  const area = element('textarea', { class: 'unseen' });
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  if (!done) throw new Error('refused');
}

/** A command with a button that copies it. */
export function command(text) {
  const button = element('button', { class: 'quiet', type: 'button', 'aria-label': `Copy: ${text}` }, 'Copy');
  button.addEventListener('click', () => copy(text, button));
  return element('div', { class: 'command' }, element('code', { tabindex: '0' }, text), button);
}

const isNumber = cell => /^[−\-–+±\d.,%\s×()]*$/.test(String(cell ?? ''));

/** A table of texts; the first cell of a row is its header. Columns that hold mostly numbers stand right. */
export function table(caption, heads, rows) {
  const numeric = heads.map((_, i) => rows.length > 0 && rows.filter(row => isNumber(row[i])).length * 2 >= rows.length);
  return element('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption },
    element('table', { class: 'figures' },
      element('caption', { class: 'unseen' }, caption),
      element('thead', {}, element('tr', {}, heads.map((head, i) => element('th', { scope: 'col', class: numeric[i] ? 'number' : '' }, head)))),
      element('tbody', {}, rows.map(row => element('tr', {}, row.map((cell, i) =>
        element(i === 0 ? 'th' : 'td', { scope: i === 0 ? 'row' : null, class: numeric[i] ? 'number' : '' }, cell instanceof Node ? cell : String(cell ?? '–'))))))));
}
