import { CrosscellError } from '../../errors.js'

/** A package that only some need is not installed. */
export class MissingPackageError extends CrosscellError {
  readonly code = 'missing-package'
  constructor(name: string, options?: ErrorOptions) {
    super(`this needs ${name}: npm install ${name}`, options)
  }
}

/** Imports what needs a package that may not be there. */
export const needed = async <Module>(name: string, load: () => Promise<Module>): Promise<Module> => {
  try {
    return await load()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new MissingPackageError(name, { cause: error })
  }
}
