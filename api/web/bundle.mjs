// Makes built/, what browsers are sent: every file of static/ with what it imports of the npm
// packages, and as .br and .gz beside. `make setup` runs it in this folder.
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { build } from 'esbuild'

// GraphiQL brings 350 kB of Latin fonts in its style sheet; the reader's own will do.
const withoutFonts = {
  name: 'without-fonts',
  setup ({ onLoad }) {
    onLoad({ filter: /[/]graphiql[/].*[.]css$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replace(/@font-face\s*{[^}]*}/g, ''),
      loader: 'css'
    }))
  }
}

// Pico draws as a button what has that role; what leads to a page is a link, whatever it looks like.
const linksAsButtons = {
  name: 'links-as-buttons',
  setup ({ onLoad }) {
    onLoad({ filter: /[/]pico[/].*[.]css$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replace(/\[role="?button"?\]/g, '.button'),
      loader: 'css'
    }))
  }
}

await rm('built', { recursive: true, force: true })
const { metafile } = await build({
  entryPoints: (await readdir('static')).map(name => `static/${name}`),
  bundle: true,
  format: 'iife',
  loader: { '.svg': 'copy' },
  logLevel: 'warning',
  metafile: true,
  minify: true,
  outdir: 'built',
  plugins: [withoutFonts, linksAsButtons],
  target: 'es2020'
})
for (const made of Object.keys(metafile.outputs)) {
  const plain = await readFile(made)
  await writeFile(`${made}.br`, brotliCompressSync(plain))
  await writeFile(`${made}.gz`, gzipSync(plain, { level: 9 }))
}
