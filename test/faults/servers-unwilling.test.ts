import t from 'tap'
import { testOnServers } from './fixtures/on-servers.js'
import { UNWILLING } from './fixtures/unwilling.js'

await testOnServers(t, UNWILLING)
