import t from 'tap'
import { AWAY } from './fixtures/away.js'
import { testOnServers } from './fixtures/on-servers.js'

await testOnServers(t, AWAY)
