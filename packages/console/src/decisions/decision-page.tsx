/** One version of a decision: every evaluation with what it was given, what it found and why. */
import { Button, Group, Select } from '@mantine/core';
import type { DecisionDetail } from '@procos/protocol';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import { decisionQuery, evaluationsQuery } from '../api/queries.ts';
import { Age } from '../ui/age.tsx';
import { Answer, Empty } from '../ui/answer.tsx';
import { formatCount } from '../ui/format.ts';
import { Page, Panel } from '../ui/page.tsx';
import { Evaluation } from './evaluation.tsx';

export function DecisionPage() {
  const { decisionDefinitionId = '' } = useParams();
  const query = useQuery(decisionQuery(decisionDefinitionId));
  const navigate = useNavigate();
  const decision = query.data;
  return (
    <Page
      title={decision?.name ?? decision?.decisionId ?? 'Decision'}
      above={<Link to="/decisions">Decisions</Link>}
      facts={decision && <Facts decision={decision} />}
      actions={
        decision && (
          <Select
            aria-label="Version"
            data={decision.versions.map((each) => ({
              value: each.decisionDefinitionId,
              label: `Version ${each.version}`,
            }))}
            value={decision.decisionDefinitionId}
            allowDeselect={false}
            onChange={(id) => id && navigate(`/decisions/${id}`)}
            w={130}
          />
        )
      }
    >
      <Answer of={query} height={420}>
        {(detail) => <Evaluations key={detail.decisionDefinitionId} decision={detail} />}
      </Answer>
    </Page>
  );
}

function Facts({ decision }: { readonly decision: DecisionDetail }) {
  return (
    <>
      <span className="mono">{decision.decisionId}</span>
      <span className="num">{formatCount(decision.evaluations, 'evaluation')}</span>
      <span>
        deployed <Age from={decision.deployedAt} /> ago
      </span>
      {decision.versionTag && <span>tag {decision.versionTag}</span>}
      <a href={`/api/decisions/${decision.decisionDefinitionId}/xml`} download={decision.resourceName}>
        {decision.resourceName}
      </a>
    </>
  );
}

const PAGE = 50;

function Evaluations({ decision }: { readonly decision: DecisionDetail }) {
  const [offset, setOffset] = useState(0);
  const list = useQuery(evaluationsQuery(decision.decisionDefinitionId, { limit: PAGE, offset }));
  return (
    <Panel title="Evaluations" flush testId="evaluations">
      <Answer of={list} height={200}>
        {({ evaluations, total }) => (
          <>
            {evaluations.length === 0 && (
              <Empty title={`Version ${decision.version} was not asked yet`}>
                Each evaluation is listed here, with its inputs, the rules that counted and its warnings.
              </Empty>
            )}
            <ul className="evaluations">
              {evaluations.map((evaluation) => (
                <Evaluation key={evaluation.evaluationId} evaluation={evaluation} />
              ))}
            </ul>
            {total > PAGE && (
              <Group className="tab-line" gap="xs" justify="space-between">
                <span className="dim num">
                  {offset + 1} to {Math.min(offset + PAGE, total)} of {total}, newest first
                </span>
                <Group gap="xs">
                  <Button variant="default" size="xs" disabled={offset === 0} onClick={() => setOffset(offset - PAGE)}>
                    Newer
                  </Button>
                  <Button
                    variant="default"
                    size="xs"
                    disabled={offset + PAGE >= total}
                    onClick={() => setOffset(offset + PAGE)}
                  >
                    Older
                  </Button>
                </Group>
              </Group>
            )}
          </>
        )}
      </Answer>
    </Panel>
  );
}
