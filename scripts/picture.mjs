/** The README's picture: the program's own output on fixtures/estate, drawn as a terminal. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const colours = {
  error: '#ff7b72',
  warning: '#e3b341',
  note: '#79c0ff',
  help: '#7ee787',
  dim: '#8b949e',
  text: '#e6edf3',
};

/** SVG of the first findings and the summary. */
export function picture() {
  const run = spawnSync('node', ['dist/cli.js', 'lint', 'fixtures/estate', '--fail-on', 'never'], {
    cwd: root,
    encoding: 'utf8',
  });
  const blocks = run.stdout.trimEnd().split(/\n(?=\S+:\d+:\d+ (?:error|warning|note) )/);
  const [last = '', summary = ''] = splitSummary(blocks.at(-1) ?? '');
  const shown = pick([...blocks.slice(0, -1), last]);
  const lines = [
    '$ azure-backup-lint fixtures/estate',
    '',
    ...shown.flatMap((block) => block.trimEnd().split('\n').concat('')),
    '...',
    '',
    ...summary.split('\n'),
  ];
  const columns = 112;
  const clipped = lines.flatMap((line) => wrapped(line, columns));
  const [lineHeight, top, width] = [18, 44, columns * 7.85 + 32];
  const height = top + clipped.length * lineHeight + 14;
  const rows = clipped.map(
    (line, i) => `<text xml:space="preserve" x="16" y="${top + i * lineHeight + 12}">${styled(line)}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="Findings of azure-backup-lint in a terminal">
<style>text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:${colours.text};white-space:pre}</style>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<circle cx="20" cy="18" r="6" fill="#ff5f57"/><circle cx="40" cy="18" r="6" fill="#febc2e"/><circle cx="60" cy="18" r="6" fill="#28c840"/>
${rows.join('\n')}
</svg>
`;
}

function splitSummary(block) {
  const at = block.search(/\n\n\d+ (?:error|warning|note)/);
  return at === -1 ? [block, ''] : [block.slice(0, at), block.slice(at + 2)];
}

/** A few findings of different rules: errors first, those in Terraform before the others. */
function pick(blocks) {
  const rank = (block) => (/^\S+ error/.test(block) ? 0 : 2) + (/^\S+\.tf/.test(block) ? 0 : 1);
  const seen = new Set();
  const chosen = [];
  for (const block of blocks.map((text, i) => ({ text, i })).sort((a, b) => rank(a.text) - rank(b.text) || a.i - b.i)) {
    const code = /\b(?:error|warning|note) ([a-z0-9-]+):/.exec(block.text)?.[1];
    if (!code || seen.has(code)) continue;
    seen.add(code);
    chosen.push(block);
    if (chosen.length === 4) break;
  }
  return chosen.sort((a, b) => a.i - b.i).map(({ text }) => text);
}

/** Long prose goes on in the next line; an excerpt is cut. */
function wrapped(line, columns) {
  if (line.length <= columns) return [line];
  if (/^\s*\d* \|/.test(line)) return [`${line.slice(0, columns - 1)}…`];
  const at = line.lastIndexOf(' ', columns);
  return [line.slice(0, at), ...wrapped(`    ${line.slice(at + 1)}`, columns)];
}

function styled(line) {
  const span = (colour, text, bold = false) =>
    `<tspan fill="${colour}"${bold ? ' font-weight="bold"' : ''}>${escaped(text)}</tspan>`;
  const head = /^(\S+:\d+:\d+) (error|warning|note) ([a-z0-9-]+): (.*)$/.exec(line);
  if (head)
    return `${span(colours.text, `${head[1]} `, true)}${span(colours[head[2]], `${head[2]} ${head[3]}`, true)}${escaped(`: ${head[4]}`)}`;
  const help = /^(\s*help: )(.*)$/.exec(line);
  if (help) return `${span(colours.help, help[1])}${escaped(help[2])}`;
  const underline = /^(\s*\|\s*)(\^+.*)$/.exec(line);
  if (underline) return `${span(colours.dim, underline[1])}${span(colours.error, underline[2], true)}`;
  const excerpt = /^(\s*\d+ \|)(.*)$/.exec(line);
  if (excerpt) return `${span(colours.dim, excerpt[1])}${escaped(excerpt[2])}`;
  if (/^\s+(?:in |\S+:\d+:\d+ )/.test(line)) return span(colours.dim, line);
  return escaped(line);
}

function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll(' ', '\u00a0');
}
