// @ts-check
/**
 * tap's coverage gate sees only files that some test loaded. This finds the others: files of `src` that hold
 * code (not types alone) and that no test has ever loaded.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

/**
 * @param {string} root the project's folder, after a run of all tests with coverage
 * @returns {string[]} paths below `root`
 */
export function neverLoaded(root) {
  const folder = join(root, '.tap/coverage')
  const reports = existsSync(folder) ? readdirSync(folder) : []
  const loaded = new Set(reports.flatMap(name => loadedFiles(join(folder, name))))
  return readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && /\.[cm]?ts$/.test(entry.name) && !/\.d\.[cm]?ts$/.test(entry.name))
    .map(entry => join(entry.parentPath, entry.name))
    .filter(file => !loaded.has(file) && holdsCode(readFileSync(file, 'utf8')))
    .map(file => relative(root, file))
    .sort()
}

/**
 * @param {string} report one process's coverage, as V8 writes it
 * @returns {string[]}
 */
function loadedFiles(report) {
  /** @type {{ result: { url: string }[] }} */
  const { result } = JSON.parse(readFileSync(report, 'utf8'))
  return result.filter(({ url }) => url.startsWith('file:')).map(({ url }) => fileURLToPath(url))
}

/**
 * @param {string} source
 * @returns {boolean} whether anything but `export {}` is left of it without its types
 */
export function holdsCode(source) {
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: {
      module: ts.ModuleKind.ESNext,
      target: ts.ScriptTarget.ESNext,
      verbatimModuleSyntax: true,
      moduleDetection: ts.ModuleDetectionKind.Force,
      removeComments: true,
    },
  })
  return !/^(export \{\};)?$/.test(outputText.trim())
}
