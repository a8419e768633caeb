"""Logs in with the published Python SDK of Camunda 8, as ../camunda8-python.test.ts expects, and says how it was received.

    login.py URL USER PASSWORD TOKEN
"""

import json
import sys

from camunda_orchestration_sdk import CamundaClient
from camunda_orchestration_sdk.errors import ApiError
from camunda_orchestration_sdk.models import JobActivationRequest, SignalBroadcastRequest

URL, USER, PASSWORD, TOKEN = sys.argv[1:]


class Bearer:
    """An access token, by the SDK's way in for what is neither basic nor OAuth."""

    def __init__(self, token: str) -> None:
        self.token = token

    def get_headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def basic(password: str) -> CamundaClient:
    return CamundaClient(configuration={
        "CAMUNDA_REST_ADDRESS": URL,
        "CAMUNDA_AUTH_STRATEGY": "BASIC",
        "CAMUNDA_BASIC_AUTH_USERNAME": USER,
        "CAMUNDA_BASIC_AUTH_PASSWORD": password,
    })


def attempt(call) -> str:
    try:
        return str(call())
    except ApiError as error:
        # An operation of which the contract does not name this status leaves the problem unread.
        title = error.parsed.title if error.parsed else json.loads(error.content)["title"]
        return f"{type(error).__name__} {error.status_code} {title}"


def activated(client: CamundaClient) -> int:
    request = JobActivationRequest(type_="pay", timeout=1_000, max_jobs_to_activate=1, worker="python", request_timeout=-1)
    return len(client.activate_jobs(data=request).jobs)


nobody = {"CAMUNDA_REST_ADDRESS": URL, "CAMUNDA_AUTH_STRATEGY": "NONE"}
for name, client in {
    "basic": basic(PASSWORD),
    "bearer": CamundaClient(configuration=nobody, auth_provider=Bearer(TOKEN)),
    "wrong": basic("wrong password"),
    "forged": CamundaClient(configuration=nobody, auth_provider=Bearer("procos_nonsense")),
    "nobody": CamundaClient(configuration=nobody),
}.items():
    with client:
        who = attempt(lambda: client.get_authentication().username)
        jobs = attempt(lambda: activated(client))
        signal = attempt(lambda: client.broadcast_signal(data=SignalBroadcastRequest(signal_name="stop")).tenant_id)
    print(f"{name}: {who}, {jobs}, {signal}", flush=True)
print("done", flush=True)
