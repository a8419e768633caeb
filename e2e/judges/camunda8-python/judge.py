"""Does with the published Python SDK of Camunda 8 what ../camunda8-python.test.ts expects, and says on standard output what it saw.

    judge.py URL FOLDER
"""

import asyncio
import json
import os
import sys
import threading
import time
import traceback
from pathlib import Path

import attrs
from camunda_orchestration_sdk import (
    CamundaAsyncClient,
    CamundaClient,
    ConnectedJobContext,
    JobContext,
    JobError,
    JobFailure,
    SyncJobContext,
    WorkerConfig,
)
from camunda_orchestration_sdk.errors import ApiError
from camunda_orchestration_sdk.models import (
    CancelProcessInstanceData,
    DecisionDefinitionSearchQuery,
    DecisionEvaluationByID,
    DecisionEvaluationByIdVariables,
    DecisionInstanceSearchQuery,
    ElementInstanceSearchQuery,
    IncidentSearchQuery,
    JobActivationRequest,
    JobChangeset,
    JobCompletionRequest,
    JobCompletionRequestVariables,
    JobErrorRequest,
    JobFailRequest,
    JobFailRequestVariables,
    JobSearchQuery,
    JobUpdateRequest,
    MessageCorrelationRequest,
    MessageCorrelationRequestVariables,
    MessagePublicationRequest,
    MessagePublicationRequestVariables,
    MessageSubscriptionSearchQuery,
    ProcessCreationById,
    ProcessCreationByKey,
    ProcessDefinitionMessageSubscriptionStatisticsQuery,
    ProcessDefinitionSearchQuery,
    ProcessInstanceCreationInstructionByIdVariables,
    ProcessInstanceCreationInstructionByKeyVariables,
    ProcessInstanceSearchQuery,
    SearchVariablesData,
    SetVariableRequest,
    SetVariableRequestVariables,
    SignalBroadcastRequest,
    SignalBroadcastRequestVariables,
    UserTaskAssignmentRequest,
    UserTaskCompletionRequest,
    UserTaskCompletionRequestVariables,
    UserTaskSearchQuery,
)
from camunda_orchestration_sdk.semantic_types import (
    DecisionDefinitionId,
    JobKey,
    ProcessDefinitionId,
    ProcessInstanceKey,
    UserTaskKey,
)

URL, FOLDER = sys.argv[1], Path(sys.argv[2])
SETTINGS = {"CAMUNDA_REST_ADDRESS": URL, "CAMUNDA_AUTH_STRATEGY": "NONE"}
NOTHING = "999999999"


def say(line: str) -> None:
    # In one piece: print writes the end of the line by itself, and another thread may come between.
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


more: set[str] = set()


def look_through(value, at: str) -> None:
    """What the SDK's models have no member for it keeps, and what they cannot read it leaves as it came: both are seen only by who looks."""
    if isinstance(value, dict):
        say(f"ERROR {at} is left as {value}")
    elif isinstance(value, list):
        for place, item in enumerate(value):
            look_through(item, f"{at}[{place}]")
    elif attrs.has(type(value)):
        members = [one.name for one in attrs.fields(type(value)) if one.name != "additional_properties"]
        if members:
            more.update(f"{type(value).__name__}.{name}" for name in value.additional_properties)
        for name in members:
            look_through(getattr(value, name), f"{at}.{name}")


class Checked:
    """A client of which every answer is looked through."""

    def __init__(self, client: CamundaClient) -> None:
        self.client = client

    def __getattr__(self, name: str):
        def call(*args, **named):
            answer = getattr(self.client, name)(*args, **named)
            look_through(answer, name)
            return answer

        return call


camunda = Checked(CamundaClient(configuration=SETTINGS))


def refused(what: str, attempt) -> None:
    try:
        say(f"ERROR: {what} was accepted: {attempt()}")
    except ApiError as error:
        # Where the contract does not name a status for the operation the SDK leaves the problem unread.
        read = "" if error.parsed is not None else " unread"
        say(f"refused {what} {type(error).__name__} {error.status_code} {json.loads(error.content)['title']}{read}")


def start(process: str, **variables) -> ProcessInstanceKey:
    request = ProcessCreationById(
        process_definition_id=ProcessDefinitionId(process),
        variables=ProcessInstanceCreationInstructionByIdVariables.from_dict(variables),
    )
    return camunda.create_process_instance(data=request).process_instance_key


def state(key: ProcessInstanceKey) -> str:
    return camunda.get_process_instance(key).state.value


def activate(kind: str, at_most: int = 1, **more):
    request = JobActivationRequest(
        type_=kind, timeout=60_000, max_jobs_to_activate=at_most, worker="python", request_timeout=10_000, **more
    )
    return camunda.activate_jobs(data=request).jobs


def pages(search, query, filter_: dict, limit: int, order: tuple[str, str] | None = None) -> list[list]:
    """All the pages, each asked for by the cursor of the one before."""
    found, page = [], {"limit": limit}
    while True:
        sort = {} if order is None else {"sort": [{"field": order[0], "order": order[1]}]}
        answer = search(data=query.from_dict({"filter": filter_, "page": page, **sort}))
        if not answer.items:
            return found
        found.append(answer.items)
        page = {"after": answer.page.end_cursor, "limit": limit}


def searched(search, query, filter_: dict) -> list:
    return [item for page in pages(search, query, filter_, 50) for item in page]


def cluster() -> None:
    topology = camunda.get_topology()
    partition = topology.brokers[0].partitions[0]
    say(f"topology {topology.cluster_size} {topology.gateway_version} {partition.role.value} {partition.health.value}")
    say(f"status {camunda.get_status()}")
    me = camunda.get_authentication()
    say(f"me {me.tenants[0].tenant_id if me.tenants else None}")


def deployment() -> None:
    files = [FOLDER / name for name in sorted(path.name for path in FOLDER.iterdir() if path.name != "broken.bpmn")]
    deployed = camunda.deploy_resources_from_files(files)
    processes = [f"{one.process_definition_id}:{one.process_definition_version}" for one in deployed.processes]
    say(f"deployed {' '.join(processes)} {deployed.decisions[0].decision_definition_id}"
        f" {deployed.decision_requirements[0].decision_requirements_name} {deployed.forms[0].form_id} {deployed.tenant_id}")
    again = camunda.deploy_resources_from_files(files)
    say(f"again {[one.process_definition_version for one in again.processes]}")
    refused("deploy", lambda: camunda.deploy_resources_from_files([FOLDER / "broken.bpmn"]))


def instances() -> None:
    definition = camunda.search_process_definitions(
        data=ProcessDefinitionSearchQuery.from_dict({"filter": {"processDefinitionId": "stuck", "isLatestVersion": True}})
    ).items[0]
    say(f"definition {definition.name} {definition.resource_name} {definition.version} {definition.has_start_form}")
    given = {"missing": 2, "text": "Grüße", "list": [1, "two"], "nothing": None, "deep": {"yes": True}}
    ended = camunda.create_process_instance(
        data=ProcessCreationByKey(
            process_definition_key=definition.process_definition_key,
            variables=ProcessInstanceCreationInstructionByKeyVariables.from_dict(given),
            await_completion=True,
            fetch_variables=["text", "list", "nothing", "deep"],
            tags=["colour:blue", "py"],
        )
    )
    say(f"awaited {sorted(ended.variables.to_dict().items())} {sorted(ended.tags)} {state(ended.process_instance_key)}")
    tagged = camunda.search_process_instances(data=ProcessInstanceSearchQuery.from_dict({"filter": {"tags": ["py"]}}))
    say(f"tagged {[one.process_instance_key == ended.process_instance_key for one in tagged.items]}")
    key = start("order", n=9)
    camunda.cancel_process_instance(key, data=None)
    say(f"cancelled {state(key)}")
    refused("cancel", lambda: camunda.cancel_process_instance(key, data=CancelProcessInstanceData()))
    refused("create", lambda: start("nobody"))
    refused("await", lambda: camunda.create_process_instance(
        data=ProcessCreationById(process_definition_id=ProcessDefinitionId("order"), await_completion=True, request_timeout=200)))
    refused("get", lambda: camunda.get_process_instance(ProcessInstanceKey(NOTHING)))
    for job in activate("pay"):
        camunda.complete_job(job.job_key)


def jobs() -> None:
    key = start("order", n=1, list=[1, "two"], ratio=0.5)
    job = activate("pay", fetch_variable=["n", "list", "ratio"])[0]
    say(f"job {job.type_} {job.element_id} {job.process_definition_id}:{job.process_definition_version} {job.custom_headers.to_dict()}"
        f" {job.retries} {sorted(job.variables.to_dict().items())} {job.kind.value} {job.listener_event_type.value} {job.worker}"
        f" {job.process_instance_key == key} {job.deadline > time.time() * 1000}")
    camunda.update_job(job.job_key, data=JobUpdateRequest(changeset=JobChangeset(timeout=120_000)))
    failure = JobFailRequest(
        retries=1, error_message="once more", retry_back_off=0, variables=JobFailRequestVariables.from_dict({"why": "test"})
    )
    camunda.fail_job(job.job_key, data=failure)
    again = activate("pay")[0]
    say(f"once more {again.retries} {again.variables.to_dict()['why']} {again.job_key == job.job_key}")
    camunda.throw_job_error(again.job_key, data=JobErrorRequest(error_code="CARD", error_message="declined"))
    ends = searched(camunda.search_element_instances, ElementInstanceSearchQuery, {"processInstanceKey": key, "type": "END_EVENT"})
    say(f"thrown {[one.element_id for one in ends]} {state(key)}")
    refused("complete", lambda: camunda.complete_job(again.job_key))
    refused("fail", lambda: camunda.fail_job(JobKey(NOTHING), data=failure))
    refused("throw", lambda: camunda.throw_job_error(JobKey(NOTHING), data=JobErrorRequest(error_code="CARD")))
    refused("update", lambda: camunda.update_job(JobKey(NOTHING), data=JobUpdateRequest(changeset=JobChangeset(retries=1))))
    refused("activate", lambda: camunda.activate_jobs(data=JobActivationRequest(type_="pay", timeout=0, max_jobs_to_activate=1)))


def incidents() -> None:
    start("order", n=2)
    job = activate("pay")[0]
    camunda.fail_job(job.job_key, data=JobFailRequest(retries=0, error_message="no"))
    found = searched(camunda.search_incidents, IncidentSearchQuery, {"state": "ACTIVE", "errorType": "JOB_NO_RETRIES"})[0]
    say(f"incident {found.error_type.value} {found.error_message} {found.element_id} {found.state.value} {found.job_key == job.job_key}")
    camunda.update_job(job.job_key, data=JobUpdateRequest(changeset=JobChangeset(retries=2)))
    camunda.resolve_incident(found.incident_key)
    say(f"resolved {camunda.get_incident(found.incident_key).state.value}")
    request = JobCompletionRequest(variables=JobCompletionRequestVariables.from_dict({"paid": True}))
    camunda.complete_job(activate("pay")[0].job_key, data=request)

    key = start("stuck")
    wrong = searched(camunda.search_incidents, IncidentSearchQuery, {"processInstanceKey": key})[0]
    say(f"incident {wrong.error_type.value} {wrong.element_id} {wrong.job_key}")
    values = SetVariableRequestVariables.from_dict({"missing": 3, "text": "Ulm"})
    camunda.create_element_instance_variables(key, data=SetVariableRequest(variables=values))
    camunda.resolve_incident(wrong.incident_key)
    say(f"mended {state(key)}")
    refused("resolve", lambda: camunda.resolve_incident(type(wrong.incident_key)(NOTHING)))


def events() -> None:
    key = start("catch", order="7")
    try:
        searched(camunda.search_message_subscriptions, MessageSubscriptionSearchQuery, {"processInstanceKey": key})
        say("ERROR message subscriptions are read")
    except KeyError as missing:
        # This version wants members of a draft of Camunda 8.10 here, which 8.9 does not have.
        say(f"unread message subscription {missing}")
    waiting = camunda.get_process_definition_message_subscription_statistics(
        data=ProcessDefinitionMessageSubscriptionStatisticsQuery.from_dict({"filter": {"processDefinitionId": "catch"}})
    )
    say(f"waiting {[(one.process_definition_id, one.active_subscriptions) for one in waiting.items]}")
    message = MessagePublicationRequest(
        name="paid",
        correlation_key="7",
        time_to_live=60_000,
        message_id="py",
        variables=MessagePublicationRequestVariables.from_dict({"sum": 5}),
    )
    say(f"published {camunda.publish_message(data=message).tenant_id}")
    refused("publish", lambda: camunda.publish_message(data=message))
    signal = SignalBroadcastRequest(signal_name="stop", variables=SignalBroadcastRequestVariables.from_dict({"loud": True}))
    say(f"broadcast {camunda.broadcast_signal(data=signal).tenant_id}")
    got = searched(camunda.search_variables, SearchVariablesData, {"processInstanceKey": key, "name": {"$in": ["sum", "loud"]}})
    say(f"caught {state(key)} {sorted((one.name, one.value) for one in got)}")

    other = start("catch", order="8")
    correlation = MessageCorrelationRequest(
        name="paid", correlation_key="8", variables=MessageCorrelationRequestVariables.from_dict({"sum": 6})
    )
    say(f"correlated {camunda.correlate_message(data=correlation).process_instance_key == other}")
    refused("correlate", lambda: camunda.correlate_message(data=correlation))
    camunda.broadcast_signal(data=signal)
    say(f"caught {state(other)}")


def tasks() -> None:
    for day in range(1, 6):
        start("leave", who=f"w{day}", due=f"2031-01-0{day}T08:00:00Z")
    waiting = {"state": "CREATED", "candidateGroup": "bosses", "assignee": {"$exists": False}}
    seen = pages(camunda.search_user_tasks, UserTaskSearchQuery, waiting, 2, ("dueDate", "DESC"))
    say(f"tasks {[[task.due_date.isoformat() for task in page] for page in seen]}")
    task = seen[0][0]
    say(f"task {task.name} {task.element_id} {task.candidate_groups} {task.priority} {task.assignee} {task.process_name}")
    camunda.assign_user_task(task.user_task_key, data=UserTaskAssignmentRequest(assignee="ada", allow_override=False))
    say(f"assigned {camunda.get_user_task(task.user_task_key).assignee}")
    refused("assign", lambda: camunda.assign_user_task(
        task.user_task_key, data=UserTaskAssignmentRequest(assignee="bob", allow_override=False)))
    values = UserTaskCompletionRequestVariables.from_dict({"granted": True})
    camunda.complete_user_task(task.user_task_key, data=UserTaskCompletionRequest(variables=values))
    done = camunda.get_user_task(task.user_task_key)
    say(f"completed {done.state.value} {done.completion_date is not None} {state(task.process_instance_key)}")
    refused("complete task", lambda: camunda.complete_user_task(task.user_task_key))
    refused("get task", lambda: camunda.get_user_task(UserTaskKey(NOTHING)))


def decisions() -> None:
    def evaluate(decision: str, **variables):
        request = DecisionEvaluationByID(
            decision_definition_id=DecisionDefinitionId(decision),
            variables=DecisionEvaluationByIdVariables.from_dict(variables),
        )
        return camunda.evaluate_decision(data=request)

    found = evaluate("dish", season="summer")
    rule = found.evaluated_decisions[0].matched_rules[0]
    say(f"decided {found.output} {rule.rule_id} {rule.evaluated_outputs[0].output_value} {found.failure_message}")
    definition = searched(camunda.search_decision_definitions, DecisionDefinitionSearchQuery, {"decisionDefinitionId": "dish"})[0]
    say(f"decision {definition.name} {definition.version} {definition.decision_requirements_name}")
    kept = searched(camunda.search_decision_instances, DecisionInstanceSearchQuery, {"decisionDefinitionId": "dish"})[0]
    say(f"evaluation {kept.state.value} {kept.result} {kept.decision_definition_type.value} {kept.process_instance_key}")
    refused("evaluate", lambda: evaluate("nothing"))


def searches() -> None:
    keys = [start("order", n=n) for n in range(5)]
    among = {"processInstanceKey": {"$in": keys}, "state": "ACTIVE"}
    down = pages(camunda.search_process_instances, ProcessInstanceSearchQuery, among, 2, ("processInstanceKey", "DESC"))
    say(f"instances {[[keys.index(one.process_instance_key) for one in page] for page in down]}")
    second = camunda.search_process_instances(data=ProcessInstanceSearchQuery.from_dict({"filter": among, "page": {"from": 2, "limit": 2}}))
    page = {"before": second.page.start_cursor, "limit": 2}
    first = camunda.search_process_instances(data=ProcessInstanceSearchQuery.from_dict({"filter": among, "page": page}))
    say(f"back {[[keys.index(one.process_instance_key) for one in page.items] for page in (second, first)]} of {second.page.total_items}")
    by_value = {"processDefinitionId": "order", "state": "ACTIVE", "variables": [{"name": "n", "value": "3"}]}
    found = searched(camunda.search_process_instances, ProcessInstanceSearchQuery, by_value)
    say(f"by value {[keys.index(one.process_instance_key) for one in found]}")
    some = {"processDefinitionId": {"$in": ["catch", "leave", "order"]}}
    models = pages(camunda.search_process_definitions, ProcessDefinitionSearchQuery, some, 2, ("processDefinitionId", "ASC"))
    say(f"definitions {[[one.process_definition_id for one in page] for page in models]}")
    inside = pages(camunda.search_element_instances, ElementInstanceSearchQuery, {"processInstanceKey": keys[0]}, 1, ("elementId", "DESC"))
    say(f"elements {[(one.element_id, one.type_.value, one.state.value) for page in inside for one in page]}")
    many = {letter: n for n, letter in enumerate("abc")}
    camunda.create_element_instance_variables(keys[0], data=SetVariableRequest(variables=SetVariableRequestVariables.from_dict(many)))
    named = pages(camunda.search_variables, SearchVariablesData, {"processInstanceKey": keys[0]}, 3, ("name", "DESC"))
    say(f"variables {[[(one.name, one.value) for one in page] for page in named]}")
    work = pages(camunda.search_jobs, JobSearchQuery, {"processInstanceKey": {"$in": keys}, "state": "CREATED"}, 3, ("jobKey", "ASC"))
    say(f"jobs {[[keys.index(one.process_instance_key) for one in page] for page in work]} {work[0][0].type_} {work[0][0].retries}")
    broken = [start("stuck") for _ in range(3)]
    failed = pages(camunda.search_incidents, IncidentSearchQuery, {"processInstanceKey": {"$in": broken}}, 2, ("creationTime", "ASC"))
    say(f"incidents {[[one.error_type.value for one in page] for page in failed]}")
    refused("search", lambda: camunda.search_process_instances(
        data=ProcessInstanceSearchQuery.from_dict({"page": {"after": "bm90aGluZw==", "limit": 1}})))
    for job in activate("pay", 5):
        camunda.complete_job(job.job_key)
    say(f"worked off {[state(key) for key in keys]}")


@attrs.define
class Load:
    """How many handlers run at once, and how many ran."""

    lock: threading.Lock = attrs.field(factory=threading.Lock)
    now: int = 0
    most: int = 0

    def enter(self) -> None:
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)

    def leave(self) -> None:
        with self.lock:
            self.now -= 1


def isolated(job: JobContext) -> dict[str, object]:
    return {"elsewhere": os.getpid() != job.variables.to_dict()["pid"]}


async def workers() -> None:
    """The SDK's own workers: they wait for jobs in long polls, and what the handler returns or raises is what is told of the job."""
    load, tries = Load(), {}

    async def outcome(job: ConnectedJobContext) -> dict[str, object]:
        kind = job.variables.to_dict()["kind"]
        tries.setdefault(kind, []).append(job.retries)
        if kind == "retried" and len(tries[kind]) == 1:
            raise JobFailure("once more", retries=2, retry_back_off=0)
        if kind == "fell" and len(tries[kind]) < 3:
            raise ValueError("fell")
        if kind == "declined":
            raise JobError("CARD", "declined")
        topology = await job.client.get_topology()
        return {"done": f"{kind} by {job.worker}", "brokers": topology.cluster_size}

    def blocking(job: SyncJobContext) -> JobCompletionRequest:
        given = job.variables.to_dict()
        load.enter()
        time.sleep(0.2)
        load.leave()
        job.client.get_topology()
        return JobCompletionRequest(variables=JobCompletionRequestVariables.from_dict({"twice": given["n"] * 2, "given": sorted(given)}))

    kinds = ("early", "plain", "retried", "fell", "declined")
    keys = {"early": await asyncio.to_thread(start, "worked", kind="early")}
    sums = [await asyncio.to_thread(start, "blocked", n=n, hidden="x") for n in range(7)]
    async with CamundaAsyncClient(configuration={**SETTINGS, "CAMUNDA_WORKER_NAME": "py-worker"}) as client:

        def serve(job_type: str, callback, strategy: str = "auto", **more) -> None:
            config = WorkerConfig(job_type, job_timeout_milliseconds=30_000, request_timeout_milliseconds=5_000, **more)
            client.create_job_worker(config=config, callback=callback, execution_strategy=strategy)

        serve("work", outcome)
        serve("blocking", blocking, max_concurrent_jobs=3, fetch_variables=["n"])
        serve("isolated", isolated, "process", max_concurrent_jobs=1)
        running = asyncio.create_task(client.run_workers())
        for kind in kinds[1:]:
            keys[kind] = await asyncio.to_thread(start, "worked", kind=kind)
        apart = await asyncio.to_thread(start, "apart", pid=os.getpid())
        for key in [*keys.values(), *sums, apart]:
            for _ in range(3_000):
                if await asyncio.to_thread(state, key) != "ACTIVE":
                    break
                await asyncio.sleep(0.01)
        running.cancel()
        await running

    for kind in kinds:
        inside = {"processInstanceKey": keys[kind]}
        ends = searched(camunda.search_element_instances, ElementInstanceSearchQuery, {**inside, "type": "END_EVENT"})
        got = searched(camunda.search_variables, SearchVariablesData, {**inside, "name": "done"})
        say(f"worked {kind} {tries[kind]} {[one.element_id for one in ends]} {[one.value for one in got]} {state(keys[kind])}")
    named = {"processInstanceKey": {"$in": sums}, "name": {"$in": ["twice", "given"]}}
    got = searched(camunda.search_variables, SearchVariablesData, named)
    say(f"blocking {sorted(int(one.value) for one in got if one.name == 'twice')} {load.most} at once"
        f" {set(one.value for one in got if one.name == 'given')}")
    got = searched(camunda.search_variables, SearchVariablesData, {"processInstanceKey": apart, "name": "elsewhere"})
    say(f"isolated {[one.value for one in got]}")


def main() -> None:
    try:
        for part in (cluster, deployment, instances, jobs, incidents, events, tasks, decisions, searches):
            part()
        asyncio.run(workers())
        say(f"more {sorted(more)}")
        say("done")
    except BaseException as error:
        traceback.print_exc()
        say(f"ERROR {error!r}")
        sys.exit(1)


if __name__ == "__main__":
    main()
