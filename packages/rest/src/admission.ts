/**
 * The door under overload: what could not be answered soon is refused at once, before it is read, so that what is let in
 * is answered in time and memory stays bounded. Work that ends something goes before work that begins something.
 */
import type { IncomingMessage } from 'node:http';
import { withoutEngineName } from './camunda7/prefixes.ts';

/** What a request is for; later ones give way first. */
export type Urgency = 'vital' | 'finishing' | 'going' | 'beginning';

export interface AdmissionOptions {
  /** How long what is let in shall wait at most, ms: more is refused. Default 250. */
  readonly waitMs?: number;
  /** Work of this thread that may be under way while the overload stays, ms: more is refused. Default 20. */
  readonly standingMs?: number;
  /** Requests under way that are always let in. Default 16. */
  readonly fewest?: number;
  /** Requests under way at most, however quick they are. Default 1024. */
  readonly most?: number;
  /** Bytes of bodies under way at most; default 64 MiB. */
  readonly bytes?: number;
  /** What a body counts that does not say how long it is, bytes; default 4 MiB. */
  readonly unknownBytes?: number;
  /** Milliseconds since some instant. */
  readonly now?: () => number;
  /** Processor time that this thread has used, ms. */
  readonly busyMs?: () => number;
  /** Runs `action` once, after everything that has arrived by now has been taken in. */
  readonly soon?: (action: () => void) => void;
  /** Commands that wait in the kernel, from wherever. */
  readonly queued?: () => number;
  /** Runs the commands that have waited too long for a turn of the event loop to end; true when there were some. */
  readonly keepUp?: () => boolean;
}

/** 429: this client alone has filled the server; 503: all together have. */
export type Verdict = 200 | 429 | 503;

/** A request that was let in; leaves once. */
export interface Ticket {
  /** It was answered. */
  done(): void;
  /** It waits for something that is not the server's doing (a long poll, a stream) and counts no longer. */
  stepAside(): void;
  /** Its body turns out to hold so many bytes more (or fewer); false: there is no room for them, and they do not count. */
  hold(bytes: number): boolean;
  /** It waits for its body, which takes its time: until that is here it has no place among those that are under way. */
  awaitBody(): void;
  /** Of the body that is awaited so many bytes have come, and no more counts; false: there is no room for them. */
  bodyCame(bytes: number): boolean;
  /** All of it is here. */
  bodyIsHere(): void;
}

/** How many times the limit is there for each: the less urgent find the door closed earlier, and whoever asks how the system is finds it open. */
const ROOM: Readonly<Record<Exclude<Urgency, 'vital'>, number>> = { beginning: 1, going: 1.25, finishing: 2 };
/** As many times as ever so many may be under way. */
const VITAL_ROOM = 4;
/** A client with less than this share of the limit is let in longer while another one has more than half of it. */
const SMALL_SHARE = 1 / 8;
const MODEST_ROOM = 1.5;
/**
 * While sockets bring more than can be read, the event loop stays with them. So in each turn requests are let in for so
 * long (but the fewest always), and the rest of what has come is refused: that is quick, and leaves time for the answers.
 * A single burst has all its time; it is halved with every turn that does not come to the end of what is there.
 */
const TURN_MS = { least: 5, most: 250, step: 1, back: 0.5 } as const;
/**
 * A burst may fill the time that a request waits at most. When there are too many still, or again when those come back who were
 * told to, the overload stays: then a long line helps nobody. Each turn of the event loop takes in and works off as much as there is under
 * way, and whoever is refused waits for a turn to end; so no more is let in than makes short ones.
 */
const STANDING = { afterMs: 500, untilMs: 4_000 } as const;
/** While the overload stays so many are always let in: what takes milliseconds each shares little by being many. */
const FEWEST_STANDING = 2;
const WINDOW_MS = 100;
/** So long without a refusal: the server has not been busy all the time. */
const BUSY_MS = 1_000;
const FEWEST_ANSWERS = 10;
/** Of the time of this thread: what is under way waits for it. */
const BUSY_SHARE = 0.5;
/** Until somebody has to be refused, so many times as long may be waited: who has some dozens of slow requests under way is not refused for that. */
const PATIENCE = 4;
/** Weight of the newest window. */
const NEWEST = 0.3;
/** What a request costs until it was measured, ms. */
const FIRST_COST_MS = 1;

/** Bodies that are never held whole, and what they hold at most. */
const STREAMED = /^[^?]*\/(?:blobs|data|attachment\/create)(?:\?|$)/;
const STREAMED_BYTES = 2 ** 20;

interface Turn {
  readonly since: number;
  /** Requests under way at most. */
  readonly limit: number;
  letIn: number;
}

/** What a ticket does where it was given; the same for all, since each request has one. */
interface Inside {
  readonly count: (client: string) => void;
  readonly leave: (client: string) => void;
  readonly measure: () => void;
  /** False: there is no room for so many bytes more. */
  readonly hold: (more: number) => boolean;
}

class Guest implements Ticket {
  readonly #inside: Inside;
  readonly #client: string;
  /** What its body may hold, as was known when it came. */
  readonly #most: number;
  #bytes: number;
  #left = false;
  #awaited = false;

  constructor(inside: Inside, client: string, bytes: number) {
    this.#inside = inside;
    this.#client = client;
    this.#most = bytes;
    this.#bytes = bytes;
  }

  done(): void {
    if (this.#left) return;
    this.stepAside();
    this.#inside.measure();
  }

  stepAside(): void {
    if (this.#left) return;
    this.#left = true;
    this.#inside.hold(-this.#bytes);
    if (!this.#awaited) this.#inside.leave(this.#client);
  }

  hold(more: number): boolean {
    if (this.#left) return true;
    if (!this.#inside.hold(more)) return false;
    this.#bytes += more;
    return true;
  }

  awaitBody(): void {
    if (this.#left || this.#awaited) return;
    this.#awaited = true;
    this.#inside.leave(this.#client);
  }

  bodyCame(bytes: number): boolean {
    return this.hold(Math.min(bytes, this.#most) - this.#bytes);
  }

  bodyIsHere(): void {
    if (this.#left || !this.#awaited) return;
    this.#awaited = false;
    this.#inside.count(this.#client);
  }
}

export class Admission {
  readonly #options: Required<AdmissionOptions>;
  readonly #inside: Inside = {
    count: (client) => this.#count(client),
    leave: (client) => this.#leave(client),
    measure: () => this.#measure(),
    hold: (more) => this.#hold(more),
  };
  readonly #byClient = new Map<string, number>();
  #underWay = 0;
  #bytes = 0;
  #costMs = FIRST_COST_MS;
  /** Of this thread alone; less than the cost where the disk or another process takes its time. */
  #busyCostMs = FIRST_COST_MS;
  #window = { since: 0, busyMs: 0, answers: 0, refused: false };
  /** Since when the fewest or more are under way; otherwise infinity. */
  #crowdedSince = Number.POSITIVE_INFINITY;
  /** The first and the last refusal without `STANDING.untilMs` between two. */
  #refusing = { since: Number.NEGATIVE_INFINITY, last: Number.NEGATIVE_INFINITY };
  #turn: Turn | undefined;
  #turnMs: number = TURN_MS.most;

  constructor(options: AdmissionOptions = {}) {
    const { waitMs = 250, fewest = 16, most = 1024, bytes = 2 ** 26, unknownBytes = 2 ** 22 } = options;
    const { now = () => performance.now(), soon = setImmediate, queued = () => 0, keepUp = () => false } = options;
    const { standingMs = 20, busyMs = threadMs } = options;
    this.#options = { waitMs, standingMs, fewest, most, bytes, unknownBytes, now, busyMs, soon, queued, keepUp };
    this.#window.since = now();
    this.#window.busyMs = busyMs();
  }

  /** Requests under way for which the server is expected to take as long as they may wait. */
  get limit(): number {
    return this.#within(this.#options.waitMs / this.#costMs);
  }

  /** The same while the overload stays; never more than the limit. */
  get standingLimit(): number {
    const count = this.#within(this.#options.standingMs / this.#busyCostMs, FEWEST_STANDING);
    return Math.min(this.limit, count);
  }

  #within(count: number, fewest = this.#options.fewest): number {
    const { most } = this.#options;
    return Math.max(fewest, Math.min(most, Math.floor(count)));
  }

  /** There were too many for a while, and are still or again. */
  #overloadStays(at: number): boolean {
    const { since, last } = this.#refusing;
    return last - since >= STANDING.afterMs && at - last <= STANDING.untilMs;
  }

  #noteRefusal(): void {
    const { now, busyMs } = this.#options;
    const at = now();
    const { since, last } = this.#refusing;
    // Before it there may have been nothing to do.
    if (!this.#window.refused || at - last > BUSY_MS)
      this.#window = { since: at, busyMs: busyMs(), answers: 0, refused: true };
    this.#refusing = { since: at - last > STANDING.untilMs ? at : since, last: at };
  }

  /** What an answer takes at present, ms. */
  get costMs(): number {
    return this.#costMs;
  }

  get underWay(): number {
    return this.#underWay;
  }

  /** Asked for every request before its body is read; refusing one must cost next to nothing. */
  enter(request: Pick<IncomingMessage, 'method' | 'url' | 'headers' | 'socket'>): Ticket | Exclude<Verdict, 200> {
    const turn = this.#currentTurn();
    const urgency = urgencyOf(request.method ?? 'GET', request.url ?? '/');
    const client = request.socket.remoteAddress ?? '';
    const verdict = this.#judge(urgency, client, turn);
    if (verdict !== 200) {
      this.#noteRefusal();
      return verdict;
    }
    // The headers are read for those only that have not been refused yet. Large bodies say nothing of how busy the server is.
    const bytes = this.#bytesOf(request);
    if (!this.#hasRoom(bytes)) return 503;
    turn.letIn += 1;
    this.#bytes += bytes;
    this.#count(client);
    return new Guest(this.#inside, client, bytes);
  }

  #count(client: string): void {
    this.#underWay += 1;
    if (this.#underWay === this.#options.fewest) this.#crowdedSince = this.#options.now();
    this.#byClient.set(client, (this.#byClient.get(client) ?? 0) + 1);
  }

  #leave(client: string): void {
    this.#underWay -= 1;
    if (this.#underWay < this.#options.fewest) this.#crowdedSince = Number.POSITIVE_INFINITY;
    const left = (this.#byClient.get(client) ?? 1) - 1;
    if (left === 0) this.#byClient.delete(client);
    else this.#byClient.set(client, left);
  }

  #hold(more: number): boolean {
    if (more > 0 && !this.#hasRoom(more)) return false;
    this.#bytes += more;
    return true;
  }

  /** One alone always has. */
  #hasRoom(bytes: number): boolean {
    return this.#bytes === 0 || this.#bytes + bytes <= this.#options.bytes;
  }

  #currentTurn(): Turn {
    const { keepUp, now, soon } = this.#options;
    if (keepUp()) {
      this.#turn = undefined;
      this.#turnMs = Math.max(TURN_MS.least, this.#turnMs * TURN_MS.back);
    }
    if (this.#turn !== undefined) return this.#turn;
    const since = now();
    const limit = this.#overloadStays(since) ? this.standingLimit : this.limit;
    const turn = { since, limit, letIn: 0 };
    this.#turn = turn;
    soon(() => {
      if (this.#turn !== turn) return;
      this.#turn = undefined;
      this.#turnMs = Math.min(TURN_MS.most, this.#turnMs + TURN_MS.step);
    });
    return turn;
  }

  #judge(urgency: Urgency, client: string, turn: Turn): Verdict {
    const { limit } = turn;
    const { now, fewest, most, queued } = this.#options;
    if (urgency === 'vital') return this.#underWay < most * VITAL_ROOM ? 200 : 503;
    if (turn.letIn >= fewest && now() - turn.since > this.#turnMs * ROOM[urgency]) return 503;
    const isQueueLong = queued() >= this.limit * ROOM[urgency];
    if (!isQueueLong && this.#underWay < limit * ROOM[urgency]) return 200;
    const own = this.#byClient.get(client) ?? 0;
    const others = this.#underWay - own;
    if (own > limit / 2 && others > 0) return 429;
    const crowded = [...this.#byClient.values()].some((count) => count > limit / 2);
    const hasRoom =
      this.#underWay < limit * ROOM[urgency] * MODEST_ROOM && queued() < this.limit * ROOM[urgency] * MODEST_ROOM;
    return crowded && own < limit * SMALL_SHARE && hasRoom ? 200 : 503;
  }

  #bytesOf({ headers, url = '' }: Pick<IncomingMessage, 'headers' | 'url'>): number {
    const length = headers['content-length'];
    if (length === undefined && headers['transfer-encoding'] === undefined) return 0;
    const bytes = length === undefined ? this.#options.unknownBytes : Number(length);
    return bytes > STREAMED_BYTES && STREAMED.test(url) ? STREAMED_BYTES : bytes;
  }

  /** While requests are refused, or many wait for this thread, the server is busy all the time: then the time per answer is what one costs. */
  #measure(): void {
    this.#window.answers += 1;
    const { since, busyMs: busyBefore, answers } = this.#window;
    const now = this.#options.now();
    if (now - since < WINDOW_MS || answers < FEWEST_ANSWERS) return;
    const refused = this.#window.refused && now - this.#refusing.last <= BUSY_MS;
    const busyMs = this.#options.busyMs();
    const each = (now - since) / answers;
    // Many may be under way because their clients are slow.
    const backlog = this.#crowdedSince <= since && busyMs - busyBefore > (now - since) * BUSY_SHARE;
    const cost = refused ? each : backlog ? each / PATIENCE : Math.min(this.#costMs, FIRST_COST_MS);
    this.#costMs += NEWEST * (cost - this.#costMs);
    if (refused || backlog) this.#busyCostMs += NEWEST * ((busyMs - busyBefore) / answers - this.#busyCostMs);
    this.#window = { since: now, busyMs, answers: 0, refused: false };
  }
}

function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

const API = /^\/api\/(?:system|shutdown)(?:\?|$)/;
const CAMUNDA = /^\/engine-rest\/([^?]*)/;
const FINISHING =
  /^(?:external-task\/[^/]+\/(?:complete|failure|bpmnError|extendLock|unlock)|task\/[^/]+\/(?:complete|submit-form|resolve|bpmnError|bpmnEscalation))$/;
const BEGINNING =
  /^(?:process-definition\/.*(?:start|submit-form|restart(?:-async)?)|message|signal|condition|deployment\/create|decision-definition\/.*evaluate|.*(?:-async|Async))$/;

function urgencyOfCamunda(method: string, operation: string): Urgency {
  if (operation === 'version' || operation === '' || operation === 'engine') return 'vital';
  if (method === 'DELETE' || FINISHING.test(operation)) return 'finishing';
  return method === 'POST' && BEGINNING.test(operation) ? 'beginning' : 'going';
}

const CAMUNDA8 = /^\/v2\/([^?]*)/;
const FINISHING8 =
  /^(?:POST jobs\/[^/]+\/(?:completion|failure|error)|PATCH jobs\/[^/]+|POST user-tasks\/[^/]+\/completion|POST process-instances\/[^/]+\/cancellation)$/;
const BEGINNING8 =
  /^POST (?:process-instances|messages\/(?:publication|correlation)|signals\/broadcast|conditionals\/evaluation|deployments|decision-definitions\/evaluation)$/;

function urgencyOfCamunda8(method: string, operation: string): Urgency {
  if (operation === 'topology' || operation === 'status') return 'vital';
  if (FINISHING8.test(`${method} ${operation}`)) return 'finishing';
  return BEGINNING8.test(`${method} ${operation}`) ? 'beginning' : 'going';
}

const GATEWAY = /^\/gateway_protocol\.Gateway\/(\w+)$/;
const GATEWAY_FINISHING = /^(?:CompleteJob|FailJob|ThrowError|UpdateJobTimeout|CancelProcessInstance)$/;
const GATEWAY_BEGINNING = /^(?:Create|Deploy|Publish|Broadcast|Evaluate)/;

function urgencyOfGateway(call: string): Urgency {
  if (call === 'Topology') return 'vital';
  if (GATEWAY_FINISHING.test(call)) return 'finishing';
  return GATEWAY_BEGINNING.test(call) ? 'beginning' : 'going';
}

/** By method and path only: nothing else has been read. */
export function urgencyOf(method: string, url: string): Urgency {
  if (method === 'OPTIONS') return 'vital';
  // First what is asked most: none of the others begins like that.
  const operation = CAMUNDA.exec(withoutEngineName(url))?.[1];
  if (operation !== undefined) return urgencyOfCamunda(method, operation);
  if (API.test(url)) return 'vital';
  const operation8 = CAMUNDA8.exec(url)?.[1];
  if (operation8 !== undefined) return urgencyOfCamunda8(method, operation8);
  const call = GATEWAY.exec(url)?.[1];
  if (call !== undefined) return urgencyOfGateway(call);
  if (method === 'POST' && /^\/api\/(?:processes\/[^/]+\/signals|external-tasks\/outcomes)(?:\?|$)/.test(url))
    return 'finishing';
  return method === 'POST' && /^\/api\/(?:requests|batches|signals)(?:\?|$)/.test(url) ? 'beginning' : 'going';
}
