/** The 43 workflow control-flow patterns: each with a model and the story of what defines it; docs/workflow-patterns.md lists them. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { type Plain, World } from './world.ts';

const HOUR = 3_600_000;
const FIXTURES = 'stories/fixtures/patterns';
const PACKAGE = new URL('../', import.meta.url);

/** What a story needs again and again. */
class Case {
  readonly world: World;
  readonly id: number;
  constructor(world: World, id: number) {
    this.world = world;
    this.id = id;
  }

  /** Topics of the work that is waiting, sorted. */
  get open(): string[] {
    const own = this.world.store.find('externalTasks').filter((task) => task.processInstanceId === this.id);
    return own.map(({ topic }) => topic).sort();
  }
  get state(): string {
    return this.world.state(this.id);
  }

  work(topic: string, variables: Plain = {}): void {
    this.world.work(topic, variables);
  }

  /** Sends a message to this instance; says whether it was waited for. */
  send(name: string): boolean {
    return this.world.try({ type: 'correlateMessage', name, processInstanceId: this.id, all: false }).ok;
  }

  times(elementId: string): number {
    return this.world.trace(this.id).filter((element) => element === elementId).length;
  }

  /** Starts one more instance of an activity of the ad-hoc sub-process. */
  add(adHoc: string, elementId: string): boolean {
    const elements = [...(this.world.store.state.instances.get(this.id)?.elements.values() ?? [])];
    const elementInstanceId = elements.find((one) => one.elementId === adHoc)?.id ?? 0;
    const at = { processInstanceId: this.id, elementInstanceId };
    return this.world.try({ type: 'activateAdHoc', ...at, elements: [{ elementId }] }).ok;
  }
}

type Start = (variables?: Plain, businessKey?: string) => Case;

const told = new Map<string, string>();

/** A pattern by the name of its fixture (`wcp-NN-…`, also the id of its process), with the rule that defines it. */
function pattern(name: string, rule: string, story: (start: Start, world: World) => void): void {
  told.set(name, rule);
  it(`${name}: ${rule}`, async () => {
    const world = await World.with(`../${FIXTURES}/${name}`);
    story((variables, businessKey) => new Case(world, world.start(name, variables, businessKey ?? null)), world);
    world.assertReplayEqual();
  });
}

describe('basic control flow', () => {
  pattern('wcp-01-sequence', 'b is enabled when a is completed, not before', (start) => {
    const it = start();
    assert.deepEqual(it.open, ['a']);
    it.work('a');
    assert.deepEqual(it.open, ['b']);
    it.work('b');
    assert.equal(it.state, 'completed');
  });

  pattern('wcp-02-parallel-split', 'both branches are enabled at once, to be done in any order', (start) => {
    const it = start();
    assert.deepEqual(it.open, ['a', 'b']);
    it.work('b');
    assert.deepEqual(it.open, ['a']);
    it.work('a');
    assert.equal(it.state, 'completed');
  });

  pattern('wcp-03-synchronization', 'what follows is enabled once, when every branch is completed', (start) => {
    const it = start();
    it.work('b');
    assert.deepEqual(it.open, ['a']);
    it.work('a');
    assert.deepEqual(it.open, ['after']);
  });

  pattern('wcp-04-exclusive-choice', 'exactly one branch is enabled, by the data', (start) => {
    assert.deepEqual(start({ amount: 11 }).open, ['a']);
    assert.deepEqual(start({ amount: 10 }).open, ['b']);
  });

  pattern('wcp-05-simple-merge', 'whichever branch was taken, what follows is enabled without waiting', (start) => {
    for (const [amount, topic] of [
      [11, 'a'],
      [10, 'b'],
    ] as const) {
      const it = start({ amount });
      it.work(topic);
      assert.deepEqual(it.open, ['after']);
      it.work('after');
      assert.equal(it.state, 'completed');
    }
  });
});

describe('advanced branching and synchronization', () => {
  pattern('wcp-06-multi-choice', 'one or several branches are enabled, by the data', (start) => {
    assert.deepEqual(start({ x: 0 }).open, ['c']);
    assert.deepEqual(start({ x: 1 }).open, ['a']);
    assert.deepEqual(start({ x: 2 }).open, ['a', 'b']);
  });

  pattern('wcp-07-structured-synchronizing-merge', 'exactly the branches that were taken are waited for', (start) => {
    const one = start({ x: 1 });
    one.work('a');
    assert.deepEqual(one.open, ['after']);
    one.work('after');
    const two = start({ x: 2 });
    two.work('a');
    assert.deepEqual(two.open, ['b']);
    two.work('b');
    assert.deepEqual(two.open, ['after']);
  });

  pattern('wcp-08-multi-merge', 'every branch that arrives enables what follows once more', (start) => {
    const it = start();
    it.work('a');
    assert.deepEqual(it.open, ['after', 'b']);
    it.work('b');
    assert.deepEqual(it.open, ['after', 'after']);
  });

  pattern(
    'wcp-09-structured-discriminator',
    'the first branch goes on, the others are ignored; then it begins anew',
    (start) => {
      const it = start();
      it.work('b');
      assert.deepEqual(it.open, ['a', 'after', 'c']);
      it.work('a');
      it.work('c');
      assert.deepEqual(it.open, ['after']);
      it.work('after', { more: true });
      assert.deepEqual(it.open, ['a', 'b', 'c']);
      it.work('c');
      assert.deepEqual(it.open, ['a', 'after', 'b']);
      it.work('after', { more: false });
      it.work('a');
      it.work('b');
      assert.equal(it.state, 'completed');
    },
  );

  pattern(
    'wcp-28-blocking-discriminator',
    'what comes again on a branch waits until every branch has come',
    (start) => {
      const it = start();
      it.work('a');
      assert.deepEqual(it.open, ['after', 'b']);
      it.work('b');
      assert.deepEqual(it.open, ['after', 'after']);
      it.work('after');
      it.work('after');
      assert.equal(it.state, 'completed');
    },
  );

  pattern('wcp-29-cancelling-discriminator', 'the first branch goes on, the others are withdrawn', (start) => {
    const it = start();
    it.work('b');
    assert.deepEqual(it.open, ['after']);
    assert.deepEqual([it.times('-a'), it.times('-c')], [1, 1]);
  });

  pattern(
    'wcp-30-structured-partial-join',
    'two of three go on, the third is ignored; then it begins anew',
    (start) => {
      const it = start();
      it.work('c');
      assert.deepEqual(it.open, ['a', 'b']);
      it.work('a');
      assert.deepEqual(it.open, ['after', 'b']);
      it.work('b');
      assert.deepEqual(it.open, ['after']);
      it.work('after', { more: true });
      it.work('b');
      assert.deepEqual(it.open, ['a', 'c']);
      it.work('c');
      it.work('a');
      it.work('after', { more: false });
      assert.equal(it.state, 'completed');
    },
  );

  pattern('wcp-31-blocking-partial-join', 'what comes again on a branch waits until every branch has come', (start) => {
    const it = start();
    it.work('a');
    assert.deepEqual(it.open, ['b', 'c']);
    it.work('b');
    assert.deepEqual(it.open, ['after', 'c']);
    it.work('c');
    assert.deepEqual(it.open, ['after', 'after']);
  });

  pattern('wcp-32-cancelling-partial-join', 'two of three go on, the third is withdrawn', (start) => {
    const it = start();
    it.work('a');
    assert.deepEqual(it.open, ['b', 'c']);
    it.work('c');
    assert.deepEqual(it.open, ['after']);
    assert.equal(it.times('-b'), 1);
  });

  pattern(
    'wcp-33-generalized-and-join',
    'one of each branch goes on, what came too often is kept for the next time',
    (start) => {
      const it = start();
      it.work('a');
      it.work('b');
      assert.deepEqual(it.open, ['after', 'c']);
      it.work('after');
      assert.deepEqual(it.open, ['c']);
      it.work('c');
      assert.deepEqual(it.open, ['after']);
      it.work('after');
      assert.equal(it.state, 'completed');
    },
  );

  pattern('wcp-37-local-synchronizing-merge', 'a branch is waited for as long as it can still come', (start) => {
    const comes = start({ no: false });
    comes.work('a');
    assert.deepEqual(comes.open, ['b']);
    comes.work('b');
    assert.deepEqual(comes.open, ['after']);
    comes.work('after');
    const never = start({ no: true });
    never.work('a');
    never.work('b');
    assert.deepEqual(never.open, ['after']);
    assert.equal(never.times('rejected'), 1);
  });

  pattern('wcp-38-general-synchronizing-merge', 'also a branch that goes round in a cycle is waited for', (start) => {
    const it = start();
    it.work('a');
    it.work('b', { more: true });
    assert.deepEqual(it.open, ['b']);
    it.work('b', { more: true });
    assert.deepEqual(it.open, ['b']);
    it.work('b', { more: false });
    assert.deepEqual(it.open, ['after']);
  });

  pattern('wcp-41-thread-merge', 'three threads of one branch become one', (start) => {
    const it = start();
    it.work('split');
    assert.deepEqual(it.open, ['merge']);
    it.work('merge');
    assert.equal(it.state, 'completed');
    assert.equal(it.times('merge'), 1);
  });

  pattern('wcp-42-thread-split', 'one thread becomes three of the same branch', (start) => {
    const it = start();
    it.work('split');
    assert.deepEqual(it.open, ['each', 'each', 'each']);
    it.work('each');
    it.work('each');
    assert.equal(it.state, 'active');
    it.work('each');
    assert.equal(it.state, 'completed');
  });
});

describe('multiple instances', () => {
  pattern('wcp-12-multiple-instances-without-synchronization', 'nothing waits for the instances', (start) => {
    const it = start({ n: 3 });
    assert.deepEqual(it.open, ['each', 'each', 'each', 'next']);
    it.work('next');
    assert.equal(it.times('end'), 1);
    for (const _ of [1, 2, 3]) it.work('each');
    assert.equal(it.state, 'completed');
    assert.equal(it.times('next'), 1);
  });

  pattern('wcp-13-multiple-instances-design-time', 'as many as the model says, all of them waited for', (start) => {
    const it = start();
    for (const left of [3, 2, 1]) {
      assert.deepEqual(it.open, Array(left).fill('each'));
      it.work('each');
    }
    assert.deepEqual(it.open, ['after']);
  });

  pattern(
    'wcp-14-multiple-instances-run-time',
    'as many as is known when they begin, all of them waited for',
    (start) => {
      const it = start();
      it.work('count', { n: 2 });
      assert.deepEqual(it.open, ['each', 'each']);
      it.work('each', { n: 5 });
      assert.deepEqual(it.open, ['each']);
      it.work('each');
      assert.deepEqual(it.open, ['after']);
    },
  );

  pattern(
    'wcp-15-multiple-instances-unknown-number',
    'more may begin while they run, all of them waited for',
    (start) => {
      const it = start({ closed: false });
      it.add('open', 'each');
      it.add('open', 'each');
      it.work('each');
      it.add('open', 'each');
      assert.deepEqual(it.open, ['each', 'each']);
      it.work('each', { closed: true });
      assert.deepEqual(it.open, ['each']);
      it.work('each');
      assert.deepEqual(it.open, ['after']);
    },
  );

  pattern(
    'wcp-34-static-partial-join-for-multiple-instances',
    'two of three go on, the third ends without effect',
    (start) => {
      const it = start();
      it.work('each');
      assert.deepEqual(it.open, ['each', 'each']);
      it.work('each');
      assert.deepEqual(it.open, ['after', 'each']);
      it.work('each');
      assert.deepEqual(it.open, ['after']);
      it.work('after');
      assert.equal(it.state, 'completed');
    },
  );

  pattern(
    'wcp-35-cancelling-partial-join-for-multiple-instances',
    'two of three go on, the third is withdrawn',
    (start) => {
      const it = start();
      it.work('each');
      assert.deepEqual(it.open, ['each', 'each']);
      it.work('each');
      assert.deepEqual(it.open, ['after']);
    },
  );

  pattern(
    'wcp-36-dynamic-partial-join-for-multiple-instances',
    'more may begin until enough are completed; then it goes on, once',
    (start) => {
      const it = start({ completed: 0, needed: 2 });
      it.add('open', 'each');
      it.work('work');
      assert.deepEqual(it.open, []);
      it.add('open', 'each');
      it.add('open', 'each');
      it.work('work');
      assert.deepEqual(it.open, ['after', 'work']);
      it.work('work');
      assert.deepEqual(it.open, ['after']);
      assert.equal(it.add('open', 'each'), false);
      it.work('after');
      assert.equal(it.state, 'completed');
    },
  );
});

describe('states', () => {
  pattern(
    'wcp-16-deferred-choice',
    'the branches wait together; the first event decides and withdraws the others',
    (start, world) => {
      const answered = start();
      assert.equal(answered.send('answer'), true);
      assert.deepEqual(answered.open, ['a']);
      assert.deepEqual(world.store.find('timers'), []);
      const late = start();
      world.advance(HOUR);
      assert.deepEqual(late.open, ['b']);
      assert.equal(late.send('answer'), false);
    },
  );

  pattern('wcp-17-interleaved-parallel-routing', 'one at a time; b before c, and a in between', (start) => {
    const it = start({}, 'one');
    const order: string[] = [];
    while (it.open.length > 0) {
      const [topic = '', ...others] = it.open;
      assert.deepEqual(others, []);
      it.work(topic);
      order.push(topic);
    }
    assert.deepEqual(order, ['b', 'a', 'c']);
    assert.equal(it.state, 'completed');
  });

  pattern('wcp-18-milestone', 'enabled only while the case stands at the milestone', (start) => {
    const it = start();
    assert.equal(it.send('request'), false);
    it.work('before');
    assert.equal(it.send('request'), true);
    assert.equal(it.send('request'), true);
    assert.deepEqual(it.open, ['open', 'serve', 'serve']);
    it.work('open');
    assert.equal(it.send('request'), false);
    assert.deepEqual(it.open, ['after', 'serve', 'serve']);
  });

  pattern(
    'wcp-39-critical-section',
    'of two sections of a case one is active at a time, beside everything else',
    (start, world) => {
      const one = start({}, 'one');
      assert.deepEqual(one.open, ['a1', 'outside']);
      one.work('a1');
      one.work('outside');
      assert.deepEqual(one.open, ['a2']);
      const two = start({}, 'two');
      assert.deepEqual(two.open, ['a1', 'outside'], 'another case has sections of its own');
      world.do({ type: 'cancelProcessInstance', processInstanceId: two.id });
      one.work('a2');
      assert.deepEqual(one.open, ['b1']);
      one.work('b1');
      one.work('b2');
      assert.equal(one.state, 'completed');
    },
  );

  pattern('wcp-40-interleaved-routing', 'each once and one at a time, in any order', (start) => {
    for (const order of [
      ['a', 'b', 'c'],
      ['c', 'a', 'b'],
    ]) {
      const it = start({ order });
      for (const topic of order) {
        assert.deepEqual(it.open, [topic]);
        it.work(topic);
      }
      assert.deepEqual(it.open, ['after']);
      it.work('after');
    }
  });
});

describe('cancellation and completion', () => {
  pattern('wcp-19-cancel-task', 'an enabled task is withdrawn, whether somebody works on it or not', (start, world) => {
    const it = start();
    const { task } = world.fetch('a');
    it.send('withdraw');
    assert.deepEqual(it.open, ['instead']);
    const late = world.try({ type: 'completeExternalTask', externalTaskId: task.id, workerId: 'w' });
    assert.equal(late.ok, false);
  });

  pattern('wcp-20-cancel-case', 'the whole case is removed with everything inside', (start, world) => {
    const it = start();
    assert.deepEqual(it.open, ['a', 'b']);
    it.send('cancel');
    assert.deepEqual(world.store.find('externalTasks'), []);
    assert.notEqual(it.state, 'active');
    assert.deepEqual([it.times('-a'), it.times('-b'), it.times('-inside')], [1, 1, 1]);
  });

  pattern('wcp-25-cancel-region', 'the tasks of a region are withdrawn, those outside go on', (start) => {
    const it = start();
    it.work('a');
    it.send('withdraw');
    assert.deepEqual(it.open, ['instead', 'outside']);
    it.work('outside');
    it.work('instead');
    assert.equal(it.state, 'completed');
    assert.equal(it.times('endRegion'), 0);
  });

  pattern(
    'wcp-26-cancel-multiple-instances',
    'what is not completed is withdrawn, and what follows is not enabled',
    (start) => {
      const it = start();
      it.work('each');
      it.send('withdraw');
      assert.deepEqual(it.open, []);
      assert.deepEqual([it.times('after'), it.times('endWithdrawn')], [0, 1]);
    },
  );

  pattern(
    'wcp-27-complete-multiple-instances',
    'what is not completed is withdrawn, and what follows is enabled',
    (start) => {
      const forced = start();
      forced.work('each');
      forced.send('enough');
      assert.deepEqual(forced.open, ['after']);
      forced.work('after');
      const whole = start();
      for (const _ of [1, 2, 3]) whole.work('each');
      assert.deepEqual(whole.open, ['after']);
    },
  );

  pattern('wcp-11-implicit-termination', 'a case is over when nothing is left to do, without an end event', (start) => {
    const it = start();
    it.work('a');
    assert.equal(it.state, 'active');
    it.work('b');
    assert.equal(it.state, 'completed');
  });

  pattern('wcp-43-explicit-termination', 'a case is over, and successful, when a certain end is reached', (start) => {
    const it = start();
    it.work('a');
    assert.deepEqual(it.open, []);
    assert.equal(it.state, 'completed');
    assert.deepEqual([it.times('-b'), it.times('done')], [1, 1]);
  });
});

describe('iteration and triggers', () => {
  pattern('wcp-10-arbitrary-cycles', 'a cycle has several ways in and several ways out', (start) => {
    const atA = start({ first: 'a', done: false });
    atA.work('a');
    atA.work('b');
    assert.deepEqual(atA.open, ['a']);
    atA.work('a', { done: true });
    assert.deepEqual([atA.state, atA.times('endA'), atA.times('a')], ['completed', 1, 2]);
    const atB = start({ first: 'b', done: false });
    atB.work('b');
    atB.work('a');
    atB.work('b', { done: true });
    assert.deepEqual([atB.state, atB.times('endB'), atB.times('b')], ['completed', 1, 2]);
  });

  pattern('wcp-21-structured-loop', 'again while a condition holds, tested before or after each round', (start) => {
    const never = start({ more: false });
    assert.deepEqual(never.open, ['repeat']);
    never.work('repeat', { more: true });
    never.work('repeat', { more: false });
    assert.equal(never.state, 'completed');
    const twice = start({ more: true });
    twice.work('while');
    twice.work('while', { more: false });
    twice.work('repeat');
    assert.equal(twice.state, 'completed');
  });

  pattern('wcp-22-recursion', 'a process calls itself, down to a base', (start, world) => {
    const it = start({ n: 5 });
    assert.equal(it.state, 'completed');
    assert.equal(world.variables(it.id)['result'], 120);
    assert.equal(world.instanceIds().length, 5);
  });

  pattern('wcp-23-transient-trigger', 'a trigger that nobody waits for is lost', (start, world) => {
    const it = start();
    world.do({ type: 'broadcastSignal', name: 'go' });
    it.work('a');
    assert.deepEqual(it.open, []);
    world.do({ type: 'broadcastSignal', name: 'go' });
    assert.deepEqual(it.open, ['after']);
  });

  pattern('wcp-24-persistent-trigger', 'a trigger is kept until it is waited for, and used once', (start, world) => {
    const one = start({}, 'one');
    world.do({ type: 'publishMessage', name: 'go', correlationKey: 'one', timeToLiveMs: HOUR });
    one.work('a');
    assert.deepEqual(one.open, ['after']);
    one.work('after');
    const again = start({}, 'one');
    again.work('a');
    assert.deepEqual(again.open, []);
  });
});

describe('docs/workflow-patterns.md', () => {
  const text = readFileSync(new URL('../../docs/workflow-patterns.md', PACKAGE), 'utf8');
  const rows = text.split('\n').flatMap((line) => {
    const [number, name, how, fixture = '', rule] = line.split(' | ').map((cell) => cell.replaceAll(/^\| | \|$/g, ''));
    if (!/^\d+$/.test(number ?? '')) return [];
    return { number: Number(number), name, how, fixture: /`(wcp-[a-z0-9-]+)`/.exec(fixture)?.[1], rule };
  });

  it('has a row for each of the 43 patterns, in order', () => {
    assert.deepEqual(
      rows.map(({ number }) => number),
      Array.from({ length: 43 }, (_, index) => index + 1),
    );
    for (const { number, how, fixture } of rows) {
      assert.match(how ?? '', /^(directly|combined|no)$/);
      if (fixture !== undefined) assert.equal(Number(fixture.slice(4, 6)), number);
    }
  });

  it('says of exactly those patterns that they can be expressed which have a story here', () => {
    const listed = rows.filter(({ how }) => how !== 'no').map(({ fixture, rule }) => [fixture, rule]);
    assert.deepEqual(
      listed,
      [...told].toSorted(([one], [other]) => (one < other ? -1 : 1)),
    );
  });

  it('every model belongs to a story', () => {
    const models = readdirSync(new URL(FIXTURES, PACKAGE)).map((name) => name.replace('.bpmn', ''));
    assert.deepEqual(models.sort(), [...told.keys()].sort());
  });
});
