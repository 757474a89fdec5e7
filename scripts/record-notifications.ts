// Records what a real Nova sends (Debian: python3-nova) for test/indexing:
//   node --import @tapjs/typescript/import scripts/record-notifications.ts
import { writeFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { FILE, parseRecording, recordAnew } from '../test/indexing/fixtures/notifications/recording.js'

const lines = await recordAnew()
await writeFile(FILE, gzipSync(lines, { level: 9 }))
const { nova, messages } = parseRecording(lines)
console.log(`Nova ${nova}: ${messages.length} messages`)
