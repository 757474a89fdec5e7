/** What tap's coverage gate is about: all of `src`, and nothing but it, whichever test or process loads it. */
export default () => ['src/**/*.ts']
