/** The inbox: open user tasks at the left, the chosen one with its form at the right. */
import { TextInput } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import type { TaskRow } from '@procos/protocol';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, NavLink, useNavigate, useParams } from 'react-router';
import { tasksQuery } from '../api/queries.ts';
import { useUser } from '../api/session.tsx';
import { Age } from '../ui/age.tsx';
import { Answer, Empty } from '../ui/answer.tsx';
import { Page } from '../ui/page.tsx';
import { nextTask } from './next-task.ts';
import { TaskView } from './task-view.tsx';

export function TasksPage() {
  const { taskId } = useParams();
  const list = useQuery(tasksQuery);
  const navigate = useNavigate();
  const [claimed, setMe] = useLocalStorage({ key: 'procos-user', defaultValue: 'operator' });
  const user = useUser();
  const me = user?.name ?? claimed;
  const [search, setSearch] = useState('');
  return (
    <Page
      title="Tasks"
      facts={list.data && <span className="num">{list.data.total} open</span>}
      actions={
        <>
          <TextInput
            aria-label="Search"
            placeholder="Search tasks"
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
            w={200}
          />
          <TextInput
            aria-label="Your name"
            title="Tasks are claimed under this name"
            leftSection={<span className="dim">as</span>}
            value={me}
            readOnly={user !== null}
            onChange={(event) => setMe(event.currentTarget.value)}
            w={150}
            data-testid="user-name"
          />
        </>
      }
    >
      <Answer of={list} height={400}>
        {({ tasks }) => {
          const wanted = search.trim().toLowerCase();
          const shown = tasks.filter((task) => textOf(task).includes(wanted));
          const chosen = taskId ?? shown[0]?.taskId;
          if (tasks.length === 0 && !taskId) {
            return (
              <div className="panel">
                <Empty title="Nothing to do">
                  A process that reaches a user task waits here for you. Start one from the{' '}
                  <Link to="/definitions">models</Link>.
                </Empty>
              </div>
            );
          }
          return (
            <div className="inbox panel">
              <nav className="inbox-list" aria-label="Open tasks">
                {shown.length === 0 && <Empty title="No task matches" />}
                {shown.map((task) => (
                  <TaskEntry key={task.taskId} task={task} chosen={task.taskId === chosen} />
                ))}
              </nav>
              <div className="inbox-task">
                {chosen && (
                  <TaskView
                    key={chosen}
                    taskId={chosen}
                    me={me.trim() || 'operator'}
                    onCompleted={() => {
                      const next = nextTask(shown, chosen);
                      void navigate(next ? `/tasks/${next}` : '/tasks');
                    }}
                  />
                )}
              </div>
            </div>
          );
        }}
      </Answer>
    </Page>
  );
}

const textOf = (task: TaskRow): string =>
  [task.name, task.elementId, task.processName, task.bpmnProcessId, task.businessKey, task.pid, task.assignee]
    .join(' ')
    .toLowerCase();

function TaskEntry({ task, chosen }: { readonly task: TaskRow; readonly chosen: boolean }) {
  const late = task.dueAt !== null && Date.parse(task.dueAt) < Date.now();
  return (
    <NavLink
      to={`/tasks/${task.taskId}`}
      className="inbox-entry"
      data-chosen={chosen}
      aria-current={chosen ? 'page' : undefined}
      data-testid={`task-${task.taskId}`}
    >
      <span className="inbox-name">
        <span className="strong cut">{task.name ?? task.elementId}</span>
        <Age from={task.createdAt} />
      </span>
      <span className="dim cut">
        {task.processName ?? task.bpmnProcessId}{' '}
        {task.businessKey ? <span className="mono">{task.businessKey}</span> : `· ${task.pid}`}
      </span>
      <span className="inbox-tags">
        {task.assignee ? (
          <span className="chip">{task.assignee}</span>
        ) : (
          <span className="chip chip-quiet">unclaimed</span>
        )}
        {late && <span className="chip chip-alarm">overdue</span>}
      </span>
    </NavLink>
  );
}
