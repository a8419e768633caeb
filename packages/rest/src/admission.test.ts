/** The door under overload, with a clock that is moved by hand: who is let in, who is refused, and how the limit follows the server. */
import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { describe, it } from 'node:test';
import { Admission, type AdmissionOptions, type Ticket, urgencyOf } from './admission.ts';

const START = '/engine-rest/process-definition/key/a/start';
const COMPLETE = '/engine-rest/external-task/7/complete';

type Asked = Parameters<Admission['enter']>[0];

function request(url: string, { from = '10.0.0.1', bytes = 2, chunked = false, method = 'POST' } = {}): Asked {
  const headers = chunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': String(bytes) };
  return { method, url, headers, socket: { remoteAddress: from } as IncomingMessage['socket'] };
}

function setUp(options: AdmissionOptions = {}) {
  let now = 0;
  let queued = 0;
  const ends: (() => void)[] = [];
  const soon = (action: () => void): void => void ends.push(action);
  const admission = new Admission({ fewest: 8, most: 100, now: () => now, soon, queued: () => queued, ...options });
  const enter = (url: string, how?: Parameters<typeof request>[1]): number | Ticket =>
    admission.enter(request(url, how));
  const isIn = (answer: number | Ticket): answer is Ticket => typeof answer !== 'number';
  return {
    admission,
    enter,
    isIn,
    /** Lets in as many as the door takes; gives their tickets. */
    fill: (url: string, how?: Parameters<typeof request>[1]): Ticket[] => {
      const tickets: Ticket[] = [];
      for (let last = enter(url, how); isIn(last); last = enter(url, how)) tickets.push(last);
      return tickets;
    },
    /** Time goes by; the turn of the event loop ends, unless it is busy with what comes in. */
    pass: (ms: number, { sameTurn = false } = {}) => {
      now += ms;
      if (!sameTurn) for (const end of ends.splice(0)) end();
    },
    queue: (commands: number) => {
      queued = commands;
    },
  };
}

/** A limit that no measurement moves. */
const FIXED = { fewest: 8, most: 8 } as const;

describe('a door that is full', () => {
  it('refuses what begins first, then what goes on, then what ends something, and never the vital', () => {
    const { enter, fill, isIn, admission } = setUp(FIXED);
    assert.equal(fill(START).length, 8);
    assert.equal(fill('/engine-rest/task', { method: 'GET' }).length, 2);
    assert.equal(enter(START), 503);
    assert.equal(fill(COMPLETE).length, 6);
    assert.equal(enter(COMPLETE), 503);
    assert.equal(isIn(enter('/api/system', { method: 'GET' })), true);
    assert.equal(admission.underWay, 17);
  });

  it('lets in again whoever is answered or steps aside, and counts nobody twice', () => {
    const { admission, fill } = setUp(FIXED);
    const [first, second] = fill(START);
    first?.done();
    first?.done();
    second?.stepAside();
    second?.done();
    assert.equal(admission.underWay, 6);
    assert.equal(fill(START).length, 2);
  });

  it('counts what waits in the kernel, wherever it came from', () => {
    const { enter, queue, isIn } = setUp(FIXED);
    queue(8);
    assert.equal(enter(START), 503);
    queue(0);
    assert.equal(isIn(enter(START)), true);
  });

  it('counts what a body turns out to hold, as long as it is under way', () => {
    const { enter, isIn } = setUp({ ...FIXED, bytes: 1_000 });
    const [one, two] = [enter(START, { bytes: 0 }), enter(START, { bytes: 0 })];
    assert.ok(isIn(one) && isIn(two));
    assert.equal(one.hold(5_000), true, 'one alone always has room');
    assert.equal(two.hold(1), false);
    assert.equal(one.hold(-4_400), true);
    assert.equal(two.hold(401), false);
    assert.equal(two.hold(400), true);
    one.done();
    two.stepAside();
    assert.equal(two.hold(9_999), true, 'it counts no longer');
    assert.equal(isIn(enter(START, { bytes: 1_000 })), true, 'all of it is free again');
  });

  it('refuses bytes that are too many together, also of bodies that do not say how long they are', () => {
    const { enter, isIn } = setUp({ ...FIXED, bytes: 1_000, unknownBytes: 600 });
    const large = enter(START, { bytes: 5_000 });
    assert.ok(isIn(large), 'one is let in however large: the limit of a single body is somebody else’s');
    assert.equal(enter(START, { bytes: 1 }), 503);
    large.done();
    assert.equal(isIn(enter(START, { chunked: true })), true);
    assert.equal(enter(START, { chunked: true }), 503);
    assert.equal(isIn(enter(START, { bytes: 400 })), true);
  });

  it('counts what is never held whole for little, by its path alone', () => {
    const mb = 2 ** 20;
    const { enter, isIn } = setUp({ ...FIXED, bytes: 4 * mb });
    assert.equal(isIn(enter('/engine-rest/task/7/attachment/create', { bytes: 90 * mb })), true);
    assert.equal(isIn(enter('/engine-rest/process-instance/7/variables/a/data', { bytes: 90 * mb })), true);
    assert.equal(isIn(enter('/api/blobs', { bytes: 90 * mb })), true);
    assert.equal(enter(`${START}?x=/data`, { bytes: 2 * mb }), 503);
  });

  it('gives the place of whoever waits for a body to others, and counts what has come of it', () => {
    const { admission, enter, fill, isIn } = setUp({ ...FIXED, bytes: 1_000, unknownBytes: 600 });
    const slow = enter(START, { chunked: true });
    assert.ok(isIn(slow));
    slow.awaitBody();
    slow.awaitBody();
    assert.equal(admission.underWay, 0);
    assert.equal(slow.bodyCame(100), true);
    const other = enter(START, { bytes: 900 });
    assert.ok(isIn(other));
    assert.equal(slow.bodyCame(200), false);
    other.done();
    assert.equal(slow.bodyCame(9_000), true, 'no more than it may hold');
    assert.equal(enter(START, { bytes: 401 }), 503);
    slow.bodyIsHere();
    assert.equal(admission.underWay, 1);
    assert.equal(fill(START).length, 7);
    slow.done();
    slow.bodyIsHere();
    assert.equal(admission.underWay, 7);
    const gone = enter(START, { chunked: true });
    assert.ok(isIn(gone));
    gone.awaitBody();
    gone.done();
    assert.equal(admission.underWay, 7);
  });

  it('says 429 to the one client that has filled it, and goes on letting in the others for a while', () => {
    const { enter, fill, isIn } = setUp({ fewest: 16, most: 16 });
    const modest = enter(START, { from: '10.0.0.2' });
    assert.ok(isIn(modest));
    assert.equal(fill(START, { from: '10.0.0.1' }).length, 15);
    assert.equal(enter(START, { from: '10.0.0.1' }), 429);
    assert.equal(isIn(enter(START, { from: '10.0.0.2' })), true);
    assert.equal(enter(START, { from: '10.0.0.2' }), 503, 'an eighth of the room is no longer modest');
    assert.equal(isIn(enter(START, { from: '10.0.0.3' })), true);
  });

  describe('whose turns do not come to their end', () => {
    /** After so many turns that were cut short. */
    function busy(turns: number, fewest = 1) {
      let overdue = true;
      const world = setUp({ fewest, most: 1_000, keepUp: () => overdue });
      for (let turn = 0; turn < turns; turn += 1) world.enter(START);
      overdue = false;
      const isTaken = (url = START, method = 'POST'): boolean => world.isIn(world.enter(url, { method }));
      const end = (): void => world.pass(1);
      const later = (ms: number): void => world.pass(ms, { sameTurn: true });
      end();
      return { isTaken, end, later };
    }

    it('takes a single burst whole, as long as it takes to read it', () => {
      const { isTaken, later } = busy(0);
      for (let count = 0; count < 200; count += 1) {
        assert.equal(isTaken(), true, `request ${count}`);
        later(1);
      }
    });

    it('lets in for some ms of each, the less urgent for less, and refuses the rest of what it brings', () => {
      const { isTaken, end, later } = busy(20, 2);
      assert.deepEqual([isTaken(), isTaken(), isTaken()], [true, true, true]);
      later(6.1);
      assert.equal(isTaken(), false);
      assert.deepEqual([isTaken('/engine-rest/task', 'GET'), isTaken(COMPLETE)], [true, true]);
      later(10);
      assert.deepEqual([isTaken('/engine-rest/task', 'GET'), isTaken(COMPLETE)], [false, false]);
      assert.equal(isTaken('/api/system', 'GET'), true);
      end();
      later(1_000);
      assert.deepEqual([isTaken(), isTaken(), isTaken()], [true, true, true], 'a new turn has begun');
      later(1_000);
      assert.equal(isTaken(), false);
    });

    it('lets in for more time again when they do', () => {
      const { isTaken, end, later } = busy(20);
      const isTakenAfter = (ms: number): boolean => {
        isTaken();
        later(ms);
        return isTaken();
      };
      assert.equal(isTakenAfter(100), false);
      for (let turn = 0; turn < 200; turn += 1) {
        end();
        isTaken();
      }
      end();
      assert.equal(isTakenAfter(100), true);
    });

    it('has the commands run that wait for the turn to end, and begins a new one then', () => {
      let overdue = true;
      const { enter, isIn, pass } = setUp({ fewest: 1, most: 1_000, keepUp: () => overdue });
      for (let turn = 0; turn < 20; turn += 1) enter(START);
      overdue = false;
      pass(50, { sameTurn: true });
      assert.equal(enter(START), 503);
      overdue = true;
      assert.ok(isIn(enter(START)));
    });
  });

  it('says 503 to the only client there is', () => {
    const { enter, fill } = setUp(FIXED);
    fill(START);
    assert.equal(enter(START), 503);
  });
});

describe('the limit', () => {
  it('follows what a request costs while the server is busy, within its bounds', () => {
    const { admission, enter, fill, pass } = setUp({ waitMs: 250 });
    const work = (costMs: number, answers: number): void => {
      const inside = fill(START);
      assert.equal(typeof enter(START), 'number');
      for (let count = 0; count < answers; count += 1) {
        pass(costMs);
        inside.shift()?.done();
        const next = enter(START);
        if (typeof next !== 'number') inside.push(next);
        else inside.push(...fill(START));
        enter(START);
      }
      for (const ticket of inside) ticket.stepAside();
    };
    work(10, 400);
    assert.ok(Math.abs(admission.limit - 25) <= 1, `${admission.limit} at 10 ms each is a wait of 250 ms`);
    work(100, 200);
    assert.equal(admission.limit, 8, 'never fewer than the fewest');
    work(1, 4_000);
    assert.equal(admission.limit, 100, 'never more than the most');
  });

  it('grows again when nothing is refused any more', () => {
    const { admission, enter, fill, isIn, pass } = setUp({ waitMs: 250, most: 300 });
    const inside = fill(START);
    for (const ticket of inside.splice(0)) {
      pass(20);
      ticket.done();
      const next = enter(START);
      if (isIn(next)) inside.push(next);
      enter(START);
    }
    for (const ticket of inside) ticket.stepAside();
    const low = admission.limit;
    for (let count = 0; count < 400; count += 1) {
      pass(20);
      const one = enter(START);
      assert.ok(isIn(one));
      one.done();
    }
    assert.ok(admission.limit > low && admission.limit >= 240, `${low} → ${admission.limit}`);
  });
});

describe('the limit before anybody is refused', () => {
  /** So many clients, each of which asks again when it has its answer; one takes 10 ms, of which the thread works a share. */
  function limitWith(clients: number, busyShare: number): number {
    let busyMs = 0;
    const { admission, enter, isIn, pass } = setUp({ waitMs: 250, most: 300, busyMs: () => busyMs });
    const inside: Ticket[] = [];
    for (let count = 0; count < 400; count += 1) {
      while (inside.length < clients) {
        const one = enter(START);
        assert.ok(isIn(one));
        inside.push(one);
      }
      busyMs += 10 * busyShare;
      pass(10);
      inside.shift()?.done();
    }
    return admission.limit;
  }

  it('falls to a second of work while many wait for the thread', () => {
    const limit = limitWith(60, 0.9);
    assert.ok(Math.abs(limit - 100) <= 1, `${limit}`);
  });

  it('stays where few are under way, or many that wait for something else', () => {
    assert.ok(limitWith(6, 0.9) >= 250);
    assert.ok(limitWith(60, 0.3) >= 250);
  });
});

describe('the limit after a refusal', () => {
  it('is not taken for that of a slow server when nothing is asked for a while', () => {
    const { admission, fill, pass } = setUp({ waitMs: 250 });
    const inside = fill(START);
    pass(60_000);
    for (const ticket of inside) ticket.done();
    assert.equal(admission.limit, 100);
  });
});

describe('an overload that stays', () => {
  /** 100 requests under way at most; each answer takes 2 ms, of which the thread works `busyShare`. */
  function overloaded(busyShare = 1, options: AdmissionOptions = {}) {
    let busyMs = 0;
    const world = setUp({ fewest: 4, most: 100, waitMs: 250, standingMs: 40, busyMs: () => busyMs, ...options });
    const inside: Ticket[] = [];
    const ask = (): boolean => {
      const answer = world.enter(START);
      if (world.isIn(answer)) inside.push(answer);
      return world.isIn(answer);
    };
    const askUntilRefused = (): void => {
      while (ask());
    };
    /** One after the other is answered, each by and by replaced by as many as there is room for. */
    const work = (ms: number): void => {
      for (let spent = 0; spent < ms; spent += 2) {
        world.pass(2);
        busyMs += 2 * busyShare;
        inside.shift()?.done();
        askUntilRefused();
      }
    };
    const rest = (ms: number): void => {
      for (const ticket of inside.splice(0)) ticket.done();
      world.pass(ms);
    };
    return { ...world, inside, ask, askUntilRefused, work, rest };
  }

  it('is no burst: that may fill the time that a request waits at most', () => {
    const { admission, askUntilRefused, work } = overloaded();
    askUntilRefused();
    assert.equal(admission.underWay, 100);
    work(400);
    assert.equal(admission.underWay, 100);
  });

  it('has no more let in than is worked off in a short turn, until nothing was refused for longer than clients were told to wait', () => {
    const { admission, askUntilRefused, work, rest } = overloaded();
    askUntilRefused();
    work(3_000);
    assert.ok(
      admission.standingLimit >= 19 && admission.standingLimit <= 21,
      `${admission.standingLimit} of 2 ms in 40`,
    );
    assert.equal(admission.underWay, admission.standingLimit);
    rest(3_900);
    askUntilRefused();
    assert.equal(
      admission.underWay,
      admission.standingLimit,
      'those who come back after their Retry-After are part of it',
    );
    rest(4_100);
    askUntilRefused();
    assert.ok(admission.underWay > 90, `${admission.underWay}`);
  });

  it('comes also of refusals now and then, of clients who come back and are too many again', () => {
    const { admission, askUntilRefused, work, rest } = overloaded();
    askUntilRefused();
    work(300);
    rest(2_000);
    askUntilRefused();
    rest(1);
    askUntilRefused();
    assert.equal(admission.underWay, admission.standingLimit);
  });

  it('lets in what the thread can work off, also where the answers have to wait for the disk', () => {
    const { admission, work, askUntilRefused } = overloaded(0.25);
    askUntilRefused();
    work(3_000);
    assert.ok(admission.standingLimit >= 76 && admission.standingLimit <= 84, `${admission.standingLimit}`);
  });

  it('lets in few of what takes long, fewer than are let in otherwise, but some always', () => {
    for (const [standingMs, expected] of [
      [24, 12],
      [1, 2],
    ] as const) {
      const { admission, askUntilRefused, work } = overloaded(1, { fewest: 16, standingMs });
      askUntilRefused();
      work(3_000);
      assert.equal(admission.standingLimit, expected);
      assert.equal(admission.underWay, expected);
    }
  });

  it('does not count what waits in the kernel from elsewhere for more than before', () => {
    const { admission, work, askUntilRefused, queue, ask, rest, inside } = overloaded();
    askUntilRefused();
    work(3_000);
    rest(1);
    queue(admission.limit - 1);
    assert.equal(ask(), true);
    queue(admission.limit);
    assert.equal(ask(), false);
    assert.equal(inside.length, 1);
  });

  it('makes room for what ends something all the same, and for the vital', () => {
    const { admission, work, askUntilRefused, enter, isIn } = overloaded();
    askUntilRefused();
    work(3_000);
    assert.equal(enter(START), 503);
    assert.equal(isIn(enter(COMPLETE)), true);
    assert.equal(isIn(enter('/api/system', { method: 'GET' })), true);
    assert.ok(admission.underWay < 30);
  });

  it('lets in whoever asks how the system is, also while what came before it is still under way', () => {
    const { enter, fill, isIn, pass } = setUp({ standingMs: 1 });
    assert.equal(fill(START).length, 100);
    pass(600);
    assert.equal(enter(START), 503);
    pass(1);
    assert.equal(enter(COMPLETE), 503);
    assert.equal(isIn(enter('/api/system', { method: 'GET' })), true);
  });
});

describe('what a request is for', () => {
  const cases = [
    ['GET', '/api/system', 'vital'],
    ['GET', '/api/system?x=1', 'vital'],
    ['POST', '/api/shutdown', 'vital'],
    ['GET', '/engine-rest/version', 'vital'],
    ['GET', '/engine-rest/engine', 'vital'],
    ['POST', '/engine-rest/external-task/7/complete', 'finishing'],
    ['POST', '/engine-rest/engine/default/external-task/7/failure', 'finishing'],
    ['POST', '/engine-rest/engine/d%65fault/external-task/7/failure', 'finishing'],
    ['POST', '/engine-rest/external-task/7/extendLock?x', 'finishing'],
    ['POST', '/engine-rest/task/9/complete', 'finishing'],
    ['DELETE', '/engine-rest/process-instance/9', 'finishing'],
    ['POST', '/engine-rest/external-task/fetchAndLock', 'going'],
    ['GET', '/engine-rest/task', 'going'],
    ['POST', '/engine-rest/task', 'going'],
    ['GET', '/api/processes', 'going'],
    ['GET', '/', 'going'],
    ['PUT', '/engine-rest/process-instance/9/variables/a', 'going'],
    ['POST', '/engine-rest/process-definition/key/order/start', 'beginning'],
    ['POST', '/engine-rest/process-definition/order:1:3/start', 'beginning'],
    ['POST', '/engine-rest/message', 'beginning'],
    ['POST', '/engine-rest/deployment/create', 'beginning'],
    ['POST', '/engine-rest/modification/executeAsync', 'beginning'],
    ['POST', '/api/requests', 'beginning'],
    ['POST', '/api/processes/7/signals', 'finishing'],
    ['POST', '/api/signals', 'beginning'],
    ['GET', '/v2/topology', 'vital'],
    ['POST', '/v2/jobs/9/completion', 'finishing'],
    ['PATCH', '/v2/jobs/9', 'finishing'],
    ['POST', '/v2/jobs/activation', 'going'],
    ['POST', '/v2/process-instances', 'beginning'],
    ['POST', '/v2/process-instances/search', 'going'],
    ['POST', '/v2/process-instances/9/cancellation', 'finishing'],
  ] as const;
  for (const [method, url, urgency] of cases)
    it(`${method} ${url}: ${urgency}`, () => assert.equal(urgencyOf(method, url), urgency));
});
