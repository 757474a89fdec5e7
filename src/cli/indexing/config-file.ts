import { readFileSync } from 'node:fs'
import type { Command, Option } from 'commander'
import type { Environment } from '../context.js'

/** What the environment may say, where none of these options is given. */
const ENVIRONMENT = [
  { variable: 'CROSSCELL_INDEX', flag: '--index', unless: ['--index', '--opensearch'], list: false },
  { variable: 'CROSSCELL_OPENSEARCH', flag: '--opensearch', unless: ['--index', '--opensearch'], list: true },
  { variable: 'CROSSCELL_RABBITMQ', flag: '--rabbitmq', unless: ['--rabbitmq'], list: true },
] as const

/**
 * The arguments of `crosscell index`, behind what a file and the environment say. One file serves all of its commands: each takes the options
 * that it has.
 */
export const withSettings = (
  program: Command,
  argv: readonly string[],
  env: Environment,
): readonly string[] => {
  const index = program.commands.find(command => command.name() === 'index')!
  const verb = index.commands.find(command => command.name() === argv[1])
  if (argv[0] !== 'index' || verb === undefined) return argv
  const given = argv.slice(2)
  const known = new Map(index.commands.flatMap(({ options }) => options.map(option => [option.long!, option])))
  const fromFile = optionsOfFile(given, known, verb)
  const said = new Set([...fromFile, ...given].map(flagOf))
  const fromEnv = ENVIRONMENT.filter(({ unless }) => !unless.some(flag => said.has(flag))).flatMap(
    ({ variable, flag, list }) => {
      const text = env[variable] ?? ''
      return (list ? text.split(/\s+/) : [text]).filter(one => one !== '').map(one => `${flag}=${one}`)
    },
  )
  const own = new Set(verb.options.map(({ long }) => long))
  const settings = [...fromFile, ...fromEnv].filter(option => own.has(flagOf(option)))
  return [...argv.slice(0, 2), ...settings, ...given]
}

const flagOf = (argument: string): string => /^[^=]*/.exec(argument)![0]

const optionsOfFile = (
  given: readonly string[],
  known: ReadonlyMap<string, Option>,
  command: Command,
): string[] => {
  const at = given.findIndex(argument => flagOf(argument) === '--config')
  if (at < 0) return []
  const path = given[at]!.includes('=') ? given[at]!.slice('--config='.length) : given[at + 1]
  const lines = path === undefined ? [] : linesOf(path, command)
  return lines.flatMap((line, i): string[] => {
    const [, name, value] = LINE.exec(line) ?? []
    if (name === undefined) return []
    const option = known.get(`--${name}`)
    // What the line says is not shown: it may hold a password in the wrong place.
    if (option === undefined || name === 'config')
      return command.error(`error: the config file has no option of crosscell index in line ${i + 1}`)
    if (option.required && value === undefined)
      return command.error(`error: the config file has an option without its value in line ${i + 1}`)
    return [value === undefined ? `--${name}` : `--${name}=${value}`]
  })
}

/** A name, and mostly a value behind `=`; neither in comments nor in lines that are empty. */
const LINE = /^\s*([^\s#=][^\s=]*)\s*(?:=\s*(.*?)\s*)?$/

const linesOf = (path: string, command: Command): string[] => {
  try {
    return readFileSync(path, 'utf8').split('\n')
  } catch (error) {
    return command.error(`error: the config file can't be read (${(error as NodeJS.ErrnoException).code})`)
  }
}
