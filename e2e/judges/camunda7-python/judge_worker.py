"""Works with the published Python client on the topics of ../camunda7-python.test.ts and says on standard output what it saw."""

import base64
import sys
import threading

from camunda.client.engine_client import EngineClient
from camunda.client.external_task_client import ExternalTaskClient
from camunda.external_task.external_task import ExternalTask, TaskResult
from camunda.external_task.external_task_worker import ExternalTaskWorker
from camunda.process_definition.process_definition_client import ProcessDefinitionClient

BASE_URL = sys.argv[1]
CONFIG = {"maxTasks": 2, "lockDuration": 60000, "asyncResponseTimeout": 5000, "sleepSeconds": 1}
ENGINE = EngineClient(BASE_URL)
attempts: list = []


def say(line: str) -> None:
    # In one piece: print writes the end of the line by itself, and another thread may come between.
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def told(action):
    """What goes wrong in an action is said; the client itself only logs it."""

    def handle(task: ExternalTask) -> TaskResult:
        try:
            return action(task)
        except BaseException as error:
            say(f"ERROR in {task.get_topic_name()}: {error!r}")
            raise

    return handle


def values(task: ExternalTask) -> TaskResult:
    for name, value in sorted(task.get_variables().items()):
        say(f"given {name} {type(value).__name__} {value!r}")
    say(f"typed {task.get_variable('large', with_meta=True)}")
    say(f"task {task.get_activity_id()} {task.get_business_key()} {task.get_tenant_id()} {task.get_extension_property('unit')}")
    say(f"file {ENGINE.get_process_instance_variable(task.get_process_instance_id(), 'doc').strip()}")
    date = {"type": "Date", "value": "2026-01-15T10:30:00.000+0000"}
    bill = {
        "type": "File",
        "value": base64.b64encode("5 €".encode()).decode(),
        "valueInfo": {"filename": "bill.txt", "mimeType": "text/plain"},
    }
    return task.complete(
        {"whole": 7, "ratio": 0.5, "yes": True, "text": "Grüße", "nothing": None, "lines": [1, "two"],
         "large": 5_000_000_000, "when": date, "bill": bill},
        {"own": "local"},
    )


def outcomes(task: ExternalTask) -> TaskResult:
    attempts.append(task.get_task_id())
    say(f"attempt {len(attempts)} {task.get_variable('kind')}")
    if len(attempts) == 1:
        return task.failure("no", "why", max_retries=2, retry_timeout=0)
    return task.bpmn_error("CARD", "declined", {"limit": 1000})


def serve(topic: str, action, **filters) -> None:
    worker = ExternalTaskWorker(worker_id=f"python-{topic}", base_url=BASE_URL, config=CONFIG)
    threading.Thread(target=worker.subscribe, args=(topic, told(action)), kwargs=filters, daemon=True).start()


def refused(what: str, attempt) -> None:
    try:
        attempt()
        say(f"ERROR: {what} was accepted")
    except Exception as error:
        say(f"refused {what} {error}")


serve("values", values)
serve("outcomes", outcomes, process_variables={"kind": "card"}, variables=["kind"])
say("ready")

stranger = ExternalTaskClient("stranger", BASE_URL, CONFIG)
refused("complete", lambda: stranger.complete("999999999", {}))
refused("failure", lambda: stranger.failure("999999999", "no", None, 1, 0))
refused("bpmn_failure", lambda: stranger.bpmn_failure("999999999", "CARD", "no"))
refused("start_process", lambda: ENGINE.start_process("nothing", {}))

definitions = ProcessDefinitionClient(BASE_URL)
document = {"type": "File", "value": "aGk=", "valueInfo": {"filename": "a.txt"}}
ENGINE.start_process(
    "values",
    {"text": "Ulm", "whole": 3, "large": 5_000_000_000, "yes": False, "ratio": 0.25, "doc": document},
    business_key="py",
)
started = definitions.start_process_by_version("outcomes", "gold", {"kind": "card"}, business_key="versioned")
say(f"started {started['businessKey']} {started['id']}")
ENGINE.start_process("outcomes", {"kind": "cash"})
say(f"instances {len(ENGINE.get_process_instance('outcomes', ['kind_eq_cash']))}")
waiting = ENGINE.start_process("waiting", {})
refused("correlate_message", lambda: ENGINE.correlate_message("nobody", business_key="py"))
result = ENGINE.correlate_message("paid", process_instance_id=waiting["id"], process_variables={"sum": 5})
say(f"correlated {result[0]['resultType']} {waiting['id']}")

say(f"jobs {len(ENGINE.get_jobs(0, 5))}")
threading.Event().wait()
