export const FLAVORS = [
  { name: 'm1.tiny', memory_mb: 512, vcpus: 1, root_gb: 1, ephemeral_gb: 0 },
  { name: 'm1.small', memory_mb: 2048, vcpus: 1, root_gb: 20, ephemeral_gb: 0 },
  { name: 'm1.medium', memory_mb: 4096, vcpus: 2, root_gb: 40, ephemeral_gb: 0 },
  { name: 'm1.large', memory_mb: 8192, vcpus: 4, root_gb: 80, ephemeral_gb: 0 },
  { name: 'm1.xlarge', memory_mb: 16384, vcpus: 8, root_gb: 160, ephemeral_gb: 20 },
  { name: 'c5.huge', memory_mb: 65536, vcpus: 32, root_gb: 80, ephemeral_gb: 400 },
] as const

// Sorts that only the server's collation gets right: case, accents, '_' against '-', spaces, width, other scripts.
export const STEMS = [
  ...[
    'web',
    'Web',
    'WEB',
    'db',
    'DB',
    'Db',
    'cache',
    'worker',
    'worker_gpu',
    'worker-gpu',
    'worker gpu',
    'api',
    'API',
  ],
  ...[
    'café',
    'cafe',
    'Café',
    'CAFÉ',
    'éclair',
    'Eclair',
    'naïve',
    'naive',
    'straße',
    'strasse',
    'Zoë',
    'zoe',
    'Zürich',
  ],
  ...[
    'Łódź',
    'lodz',
    'Ångström',
    'angstrom',
    'æon',
    'aeon',
    'İstanbul',
    'istanbul',
    'ñandú',
    'nandu',
    'Ελλάδα',
  ],
  ...[
    'сервер',
    'Сервер',
    '東京',
    '서울',
    'ｗｅｂ',
    '_gateway',
    '-gateway',
    'gateway',
    ' lead',
    '~tilde',
    '10',
    '9',
    "o'neil",
  ],
]

// [share, vm_state]; the fate of an instance is one draw, so that the shares of all states add up to one.
export const STATES = [
  [0.1, 'deleted'],
  [0.02, 'soft-delete'],
  [0.005, null],
  [0.04, 'error'],
  [0.02, 'building'],
  [0.09, 'stopped'],
  [0.02, 'shelved_offloaded'],
  [0.005, 'shelved'],
  [0.01, 'paused'],
  [0.01, 'suspended'],
  [0.005, 'rescued'],
  [0.005, 'resized'],
  [0, 'active'],
] as const
export const BURIED_STATES = [
  [0.1, 'deleted'],
  [0, 'error'],
] as const

export const IMAGES = Array.from(
  { length: 12 },
  (_, at) => `7a1e0000-0000-4000-8000-${String(at).padStart(12, '0')}`,
)
