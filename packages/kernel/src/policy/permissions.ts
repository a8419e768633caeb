/** What may be permitted at all, which roles permit it, and which permission each action of a route needs. */

export const PERMISSIONS = [
  /** See processes, tasks, variables, models, history. */
  'read',
  /** Start processes, send messages and signals. */
  'start',
  /** Fetch and complete external tasks, claim and complete user tasks. */
  'work',
  /** Cancel, suspend, modify, migrate, retry; run the processes of the system; shut down. */
  'operate',
  /** Deploy models that are not the system's. */
  'deploy',
  /** Deploy processes of the system, and approve that somebody else does. */
  'deploySystem',
  /** Change users, groups, roles, tokens of others and rules, and approve that somebody else does. */
  'administerUsers',
  /** See the log of the kernel, and who works with the system. */
  'readAudit',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** Roles that are always there. Others are kept in the store and cannot have these names. */
export const ROLES: Readonly<Record<string, readonly Permission[]>> = Object.assign(Object.create(null), {
  viewer: ['read'],
  worker: ['read', 'work'],
  operator: ['read', 'start', 'work', 'operate', 'readAudit'],
  developer: ['read', 'start', 'work', 'deploy'],
  administrator: PERMISSIONS,
});

/** `open`: everybody, also who says no name. `anyone`: whoever has proved a name. */
export type Need = Permission | 'open' | 'anyone';

/** Every action that a route may name. One that is missing here is refused: to everybody. */
export const ACTIONS: Readonly<Record<string, Need>> = Object.assign(Object.create(null), {
  'http.preflight': 'open',
  'console.read': 'open',
  'health.read': 'open',
  'session.create': 'open',
  'session.read': 'open',
  'session.delete': 'open',

  'batch.cancel': 'operate',
  'batch.create': 'operate',
  'batch.read': 'read',
  'batch.update': 'operate',
  'blob.create': 'work',
  'blob.read': 'read',
  'clock.change': 'operate',
  'decision.evaluate': 'start',
  'decision.read': 'read',
  'deployment.check': 'read',
  'deployment.create': 'deploy',
  'deployment.delete': 'deploy',
  'deployment.read': 'read',
  'engine.read': 'read',
  'externalTask.complete': 'work',
  'externalTask.extendLock': 'work',
  'externalTask.fail': 'work',
  'externalTask.fetch': 'work',
  'externalTask.read': 'read',
  'externalTask.throwError': 'work',
  'externalTask.unlock': 'work',
  'externalTask.update': 'operate',
  'filter.change': 'work',
  'filter.changeOthers': 'operate',
  'filter.read': 'read',
  'history.delete': 'operate',
  'history.read': 'read',
  'identity.change': 'administerUsers',
  'identity.own': 'anyone',
  'identity.read': 'administerUsers',
  'identity.readOwn': 'anyone',
  'identity.request': 'anyone',
  'incident.create': 'operate',
  'incident.read': 'read',
  'incident.resolve': 'operate',
  'incident.update': 'operate',
  'limits.change': 'operate',
  'limits.read': 'read',
  'log.read': 'readAudit',
  'message.correlate': 'start',
  'policy.change': 'operate',
  'policy.read': 'read',
  'processDefinition.delete': 'deploy',
  'processDefinition.read': 'read',
  'processDefinition.update': 'operate',
  'processInstance.cancel': 'operate',
  'processInstance.create': 'start',
  'processInstance.read': 'read',
  'processInstance.readVariables': 'read',
  'processInstance.setVariables': 'operate',
  'processInstance.signal': 'operate',
  'processInstance.update': 'operate',
  'record.read': 'read',
  'service.choose': 'work',
  'service.read': 'read',
  'service.register': 'work',
  'signal.broadcast': 'start',
  'subscription.read': 'read',
  'system.deploy': 'deploySystem',
  'system.read': 'read',
  'system.run': 'operate',
  'system.shutdown': 'operate',
  'timer.read': 'read',
  'timer.trigger': 'operate',
  'timer.update': 'operate',
  'topic.read': 'read',
  'topic.update': 'operate',
  'usage.read': 'readAudit',
  'userTask.assign': 'work',
  'userTask.comment': 'work',
  'userTask.complete': 'work',
  'userTask.read': 'read',
  'userTask.readVariables': 'read',
  'userTask.setVariables': 'work',
  'variable.read': 'read',
  'worker.announce': 'work',
  'worker.read': 'read',
});

export function isPermission(text: string): text is Permission {
  return (PERMISSIONS as readonly string[]).includes(text);
}

/** Of the roles that are always there. */
export function rolesWith(permission: Permission): string[] {
  return Object.keys(ROLES).filter((role) => ROLES[role]?.includes(permission));
}
