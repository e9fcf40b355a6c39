// Files that the reader keeps: images and numbers of a chart.

/** Letters, digits, dots and dashes of a name; the rest could mean something to a file system. */
const fileName = name => name.normalize('NFKD').replace(/[^\w.-]+/g, '-').replace(/^[-.]+|[-.]+$/g, '').slice(0, 100) || 'chart';

function save(blob, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export const downloadCsv = (text, name) => save(new Blob([text], { type: 'text/csv' }), `${fileName(name)}.csv`);

export const downloadSvg = (text, name) => save(new Blob([text], { type: 'image/svg+xml' }), `${fileName(name)}.svg`);

/** The SVG in twice its size. */
export async function downloadPng(text, name) {
  const image = new Image();
  const url = URL.createObjectURL(new Blob([text], { type: 'image/svg+xml' }));
  try {
    await new Promise((done, failed) => {
      image.onload = done;
      image.onerror = () => failed(new Error('the browser does not draw the image'));
      image.src = url;
    });
    const canvas = document.createElement('canvas');
    canvas.width = 2 * image.naturalWidth;
    canvas.height = 2 * image.naturalHeight;
    canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
    save(await new Promise(done => canvas.toBlob(done, 'image/png')), `${fileName(name)}.png`);
  } finally {
    URL.revokeObjectURL(url);
  }
}

const field = value => {
  if (value === null || value === undefined || (typeof value === 'number' && Number.isNaN(value))) return '';
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** Columns of one length under their names. Numbers are written so that they read back as the same double. */
export function csv(columns) {
  const names = Object.keys(columns);
  const lines = [names.map(field).join(',')];
  const rows = names.length ? columns[names[0]].length : 0;
  for (let i = 0; i < rows; i++) lines.push(names.map(name => field(columns[name][i])).join(','));
  return lines.join('\n') + '\n';
}
