#!/usr/bin/env node
import { run } from './run.js'

const interrupt = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupt.abort())

const { argv, env, stdout, stderr } = process
process.exit(await run({ argv: argv.slice(2), env, stdout, stderr, signal: interrupt.signal }))
