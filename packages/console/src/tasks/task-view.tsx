/** One user task: claim it, fill in its form, complete it. */
import { Button } from '@mantine/core';
import type { TaskDetail, TaskList } from '@procos/protocol';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { claimTask, completeTask, unclaimTask } from '../api/camunda.ts';
import { taskQuery, tasksQuery } from '../api/queries.ts';
import { type TypedValue, typedValues } from '../api/typed-values.ts';
import { Age } from '../ui/age.tsx';
import { Answer } from '../ui/answer.tsx';
import { formatInstant, formatValue } from '../ui/format.ts';
import { sayDone, sayFailure } from '../ui/say.ts';
import { noVariables, VariableRows, variablesOf } from '../ui/variable-rows.tsx';
import { FormJs } from './form-js.tsx';

interface TaskViewProps {
  readonly taskId: string;
  /** Under this name tasks are claimed. */
  readonly me: string;
  readonly onCompleted: () => void;
}

export function TaskView({ taskId, me, onCompleted }: TaskViewProps) {
  const query = useQuery(taskQuery(taskId));
  return (
    <Answer of={query} height={300}>
      {(task) => <TaskBody task={task} me={me} onCompleted={onCompleted} />}
    </Answer>
  );
}

const formId = 'task-form';

function TaskBody({
  task,
  me,
  onCompleted,
}: {
  readonly task: TaskDetail;
  readonly me: string;
  readonly onCompleted: () => void;
}) {
  const client = useQueryClient();
  const [input, setInput] = useState(noVariables);
  const complete = useMutation({
    mutationFn: (variables: Readonly<Record<string, TypedValue>>) => completeTask(task.taskId, variables),
    onSuccess: () => {
      sayDone(`“${task.name ?? task.elementId}” is done.`);
      client.setQueryData(tasksQuery.queryKey, (list: TaskList | undefined) => withoutTask(list, task.taskId));
      void client.invalidateQueries({ queryKey: tasksQuery.queryKey });
      onCompleted();
    },
  });
  const form = task.form?.kind === 'form-js' ? task.form : null;
  const variables = form ? null : variablesOf(input);
  return (
    <article className="task" data-testid="task">
      <header className="task-head">
        <div>
          <h2 className="task-title">{task.name ?? task.elementId}</h2>
          <TaskFacts task={task} />
        </div>
        <ClaimButton task={task} me={me} />
      </header>
      <div className="task-body">
        {form ? (
          <FormJs
            id={formId}
            schema={form.schema}
            data={task.variables}
            onSubmit={(data) => complete.mutate(typedValues(data))}
          />
        ) : (
          <>
            {task.form?.key && (
              <p className="dim">
                Its form <code className="chip">{task.form.key}</code> is not deployed with the model; give the result
                as variables.
              </p>
            )}
            <KnownVariables variables={task.variables} />
            <form
              id={formId}
              onSubmit={(event) => {
                event.preventDefault();
                if (variables) complete.mutate(variables);
              }}
            >
              <VariableRows value={input} onChange={setInput} />
            </form>
          </>
        )}
      </div>
      <footer className="task-foot">
        {complete.error && (
          <p className="problem" role="alert">
            {complete.error.message}
          </p>
        )}
        <Button
          type="submit"
          form={formId}
          size="sm"
          loading={complete.isPending}
          disabled={!form && variables === null}
          data-testid="complete-task"
        >
          Complete
        </Button>
      </footer>
    </article>
  );
}

function withoutTask(list: TaskList | undefined, taskId: string): TaskList | undefined {
  if (!list) return list;
  const tasks = list.tasks.filter((task) => task.taskId !== taskId);
  return { tasks, total: list.total - (list.tasks.length - tasks.length) };
}

function TaskFacts({ task }: { readonly task: TaskDetail }) {
  const candidates = [...task.candidateUsers, ...task.candidateGroups].join(', ');
  return (
    <div className="facts">
      <Link to={`/processes/${task.pid}`}>
        {task.processName ?? task.bpmnProcessId} <span className="mono">{task.pid}</span>
      </Link>
      {task.businessKey && <span className="mono">{task.businessKey}</span>}
      <span>
        waiting <Age from={task.createdAt} />
      </span>
      {task.dueAt && <span>due {formatInstant(task.dueAt)}</span>}
      {candidates && <span>for {candidates}</span>}
      {task.assignee && <span>claimed by {task.assignee}</span>}
    </div>
  );
}

function ClaimButton({ task, me }: { readonly task: TaskDetail; readonly me: string }) {
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: () => (task.assignee ? unclaimTask(task.taskId) : claimTask(task.taskId, me)),
    onError: sayFailure,
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: taskQuery(task.taskId).queryKey }),
        client.invalidateQueries({ queryKey: tasksQuery.queryKey }),
      ]),
  });
  return (
    <Button variant="default" loading={change.isPending} onClick={() => change.mutate()} data-testid="claim-task">
      {task.assignee ? (task.assignee === me ? 'Give back' : `Take from ${task.assignee}`) : 'Claim'}
    </Button>
  );
}

function KnownVariables({ variables }: { readonly variables: Readonly<Record<string, unknown>> }) {
  const entries = Object.entries(variables);
  if (entries.length === 0) return null;
  return (
    <dl className="known">
      {entries.map(([name, value]) => (
        <div key={name}>
          <dt className="mono">{name}</dt>
          <dd className="mono" title={formatValue(value, 2000)}>
            {formatValue(value)}
          </dd>
        </div>
      ))}
    </dl>
  );
}
