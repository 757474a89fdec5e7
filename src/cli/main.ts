#!/usr/bin/env node
import { run } from './run.js'

const interrupt = new AbortController()
process.once('SIGINT', () => interrupt.abort())

const { argv, env, stdout, stderr } = process
process.exit(await run({ argv: argv.slice(2), env, stdout, stderr, signal: interrupt.signal }))
