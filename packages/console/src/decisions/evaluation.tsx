/** One evaluation: a line with its result, and below it every decision on the way. */
import { Table } from '@mantine/core';
import type { DecisionEvaluation, EvaluatedDecision } from '@procos/protocol';
import { Link } from 'react-router';
import { Age } from '../ui/age.tsx';
import { formatCount, formatValue } from '../ui/format.ts';
import { Value } from '../ui/value.tsx';

export function Evaluation({ evaluation }: { readonly evaluation: DecisionEvaluation }) {
  const { decisions, evaluatedAt, result, pid, elementId } = evaluation;
  const warnings = decisions.reduce((sum, decision) => sum + (decision.warnings?.length ?? 0), 0);
  const omitted = decisions.at(-1)?.omitted ?? 0;
  return (
    <li data-testid={`evaluation-${evaluation.evaluationId}`}>
      <details className="evaluation">
        <summary>
          <span className="evaluation-result mono" title={formatValue(result, 2_000)}>
            {formatValue(result, 120)}
          </span>
          {warnings > 0 && <span className="chip evaluation-warnings">{formatCount(warnings, 'warning')}</span>}
          <span className="dim">
            {pid === null ? (
              'asked from outside'
            ) : (
              <>
                asked by <Link to={`/processes/${pid}`}>process {pid}</Link> at{' '}
                <span className="mono">{elementId}</span>
              </>
            )}
          </span>
          <span className="dim evaluation-age">
            <Age from={evaluatedAt} /> ago
          </span>
        </summary>
        <ol className="evaluated">
          {/* The one that was asked for first, then what it is made of. */}
          {decisions.toReversed().map((decision, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the list of one evaluation never changes
            <Evaluated key={index} decision={decision} />
          ))}
        </ol>
        {omitted > 0 && (
          <p className="tab-line dim">
            {formatCount(omitted, 'more evaluation')} inside decision services {omitted === 1 ? 'is' : 'are'} not
            listed.
          </p>
        )}
      </details>
    </li>
  );
}

function Evaluated({ decision }: { readonly decision: EvaluatedDecision }) {
  const { name, decisionId, value, inputs = [], rules, warnings = [], service, file } = decision;
  return (
    <li className="evaluated-one" data-testid={`evaluated-${decisionId}`}>
      <div className="facts">
        <h3 title={decisionId}>{name}</h3>
        {service !== undefined && <span className="chip chip-quiet">service {service}</span>}
        {file !== undefined && <span className="chip chip-quiet">import {file}</span>}
      </div>
      <div className="evaluated-parts">
        {inputs.length > 0 && <Inputs inputs={inputs} />}
        {rules !== undefined && <Rules rules={rules} />}
        <div>
          <h4>Result</h4>
          <Value value={value} />
        </div>
      </div>
      {warnings.map((warning) => (
        <pre key={warning} className="message evaluated-warning" data-testid="warning">
          {warning}
        </pre>
      ))}
    </li>
  );
}

function Inputs({ inputs }: { readonly inputs: NonNullable<EvaluatedDecision['inputs']> }) {
  return (
    <div>
      <h4>Inputs</h4>
      <Table className="table">
        <Table.Tbody>
          {inputs.map((input, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: columns of a table keep their places
            <Table.Tr key={index}>
              <Table.Td className="break">{input.label}</Table.Td>
              <Table.Td>
                <Value value={input.value} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

function Rules({ rules }: { readonly rules: NonNullable<EvaluatedDecision['rules']> }) {
  return (
    <div>
      <h4>Rules that count</h4>
      {rules.length === 0 && <p className="dim">none</p>}
      {rules.length > 0 && (
        <Table className="table">
          <Table.Tbody>
            {rules.map((rule) => (
              <Table.Tr key={rule.index} data-testid={`rule-${rule.index}`}>
                <Table.Td className="num" title={rule.id}>
                  {rule.index}
                </Table.Td>
                <Table.Td>
                  <Value value={rule.outputs} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </div>
  );
}
