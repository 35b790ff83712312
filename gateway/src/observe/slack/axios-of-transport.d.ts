/** The build of axios that CommonJS packages get, such as pino-slack-webhook: another one would be another instance. */
declare module 'axios/dist/node/axios.cjs' {
  export { default } from 'axios'
}
