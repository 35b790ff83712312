/**
 * Whether the service asks for traffic. Shared by the serving port's and the admin port's health routes; `server.ts`
 * turns it off when draining starts. A process that listens has loaded its model, so it begins ready.
 */
export interface Readiness { ready: boolean }
