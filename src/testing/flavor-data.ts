import { novaObject } from './side-data.js'
import { FLAVORS } from './vocabulary.js'

/** The flavors as Nova keeps them, in JSON; the last ones pin their CPUs. */
export const FLAVOR_OBJECTS = FLAVORS.map(({ name, ...size }, at) =>
  JSON.stringify(
    novaObject('Flavor', '1.2', {
      ...{ id: at + 1, name, ...size, flavorid: `f${at + 1}`, swap: 0, rxtx_factor: 1, vcpu_weight: 0 },
      ...{ disabled: false, is_public: true, extra_specs: at > 3 ? { 'hw:cpu_policy': 'dedicated' } : {} },
      ...{ description: null, created_at: null, updated_at: null, deleted_at: null, deleted: false },
    }),
  ),
)
