/** Shows what deploying the files would say, with line numbers, then deploys them. */
import { Button, Group, Loader, Modal } from '@mantine/core';
import type { ProblemRow } from '@procos/protocol';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from 'react-router';
import { deploy } from '../api/camunda.ts';
import { ApiFailure } from '../api/http.ts';
import { checkModels, definitionsQuery } from '../api/queries.ts';
import { Note } from '../ui/note.tsx';
import { sayDone } from '../ui/say.ts';
import { deploymentName, isBpmnFile, isDecisionFile, type ModelFile } from './model-file.ts';

export function DeployDialog({
  files,
  onClose,
}: {
  readonly files: readonly ModelFile[];
  readonly onClose: () => void;
}) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const check = useQuery({
    queryKey: ['check', files],
    gcTime: 0,
    queryFn: async () => {
      const { refused, findings } = await checkModels(files);
      return { refused, findings: findings.filter((finding) => finding.problems.length > 0) };
    },
  });
  const send = useMutation({
    mutationFn: () => deploy(deploymentName(files), files),
    onSuccess: async ({ id, deployedProcessDefinitions, deployedDecisionDefinitions }) => {
      onClose();
      const { definitions } = await client.fetchQuery({ ...definitionsQuery, staleTime: 0 });
      const deployed = definitions.filter((each) => each.deploymentId === id);
      const names = deployed.map((each) => `${each.name ?? each.bpmnProcessId} v${each.version}`).join(', ');
      const nothingNew = deployedProcessDefinitions === null && deployedDecisionDefinitions === null;
      if (nothingNew) sayDone('Nothing changed: this is deployed already.');
      else sayDone(`Deployed ${names || deploymentName(files)}.`);
      const [first, second] = deployed;
      if (!files.some((file) => isBpmnFile(file.name)) && files.some((file) => isDecisionFile(file.name))) {
        void navigate('/decisions');
        return;
      }
      void navigate(first && !second ? `/definitions/${first.definitionId}` : '/definitions');
    },
  });
  const refused = check.data?.refused ?? false;
  const uncheckable = check.error instanceof ApiFailure && check.error.status === 501;
  const failure = send.error ?? (uncheckable ? null : check.error);
  return (
    <Modal
      opened
      onClose={onClose}
      title={files.length === 1 ? `Deploy ${files[0]?.name}` : `Deploy ${files.length} files`}
      size="lg"
      centered
    >
      {files.length > 1 && (
        <ul className="file-list">
          {files.map((file) => (
            <li key={file.name} className="mono">
              {file.name}
            </li>
          ))}
        </ul>
      )}
      {check.isPending && (
        <Group gap="xs" role="status">
          <Loader size="xs" /> Checking
        </Group>
      )}
      {check.data?.findings.map((finding) => (
        <section key={finding.resource} className="findings" data-testid="findings">
          {files.length > 1 && <h3>{finding.resource}</h3>}
          <ul>
            {finding.problems.map((problem) => (
              <Problem key={`${problem.line} ${problem.rule} ${problem.message}`} problem={problem} />
            ))}
          </ul>
        </section>
      ))}
      {check.data && check.data.findings.length === 0 && (
        <p className="dim">The check found nothing to complain about.</p>
      )}
      {uncheckable && <p className="dim">This server checks a model only when it is deployed.</p>}
      {refused && (
        <Note alarm title="It cannot run like this">
          Correct the errors in the modeler, save, and drop the file again.
        </Note>
      )}
      {failure && (
        <Note alarm title={send.error ? 'The server refused it' : 'The check did not work'} testId="deploy-error">
          <pre className="message">{failure.message}</pre>
        </Note>
      )}
      <Group justify="flex-end" mt="lg" gap="xs">
        <Button variant="default" onClick={onClose} data-autofocus>
          {refused ? 'Close' : 'Leave it'}
        </Button>
        {!refused && (
          <Button
            loading={send.isPending}
            disabled={check.isPending}
            onClick={() => send.mutate()}
            data-testid="deploy-confirm"
          >
            Deploy
          </Button>
        )}
      </Group>
    </Modal>
  );
}

function Problem({ problem }: { readonly problem: ProblemRow }) {
  return (
    <li className="finding" data-severity={problem.severity} data-testid="finding">
      <span className="finding-line num">line {problem.line}</span>
      <span className="finding-text">
        {problem.message}
        <span className="dim mono">
          {' '}
          {problem.elementId && `${problem.elementId}, `}
          {problem.rule}
        </span>
      </span>
    </li>
  );
}
