/** Removes a deployment that defines nothing: files that were only kept for a while. */
import { type CommandHandler, DONE, reject } from './handler.ts';

export const removeDeployment: CommandHandler<'removeDeployment'> = ({ deploymentId }, turn) => {
  const { deployments, definitions, decisions } = turn.state;
  if (deployments.get(deploymentId) === undefined)
    return reject('NOT_FOUND', `deployment ${deploymentId} does not exist`, { deploymentId });
  const defined = definitions.ofDeployment(deploymentId).length + decisions.ofDeployment(deploymentId).length;
  if (defined > 0)
    return reject('INVALID_STATE', `deployment ${deploymentId} defines ${defined} processes or decisions: it stays`, {
      deploymentId,
    });
  turn.emit({ type: 'deploymentRemoved', deploymentId });
  return DONE;
};
