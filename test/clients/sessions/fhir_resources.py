"""A referral from its refusal to the return of the patient, with the models of fhir.resources and with httpx.

Usage: fhir_resources.py BASE PAPERS; prints what it saw (`Session` of papers.ts) as JSON.
"""

import json
import queue
import re
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.operationoutcome import OperationOutcome
from fhir.resources.R4B.parameters import Parameters, ParametersParameter
from fhir.resources.R4B.period import Period
from fhir.resources.R4B.reference import Reference
from fhir.resources.R4B.subscription import Subscription
from fhir.resources.R4B.task import Task

TOWNSHIP = "Organization/qingshi-health-centre"
HOSPITAL = "Organization/yongan-county-hospital"
TOPIC = "https://w3id.org/zhuanzhen/SubscriptionTopic/referral-task"
BACKPORT = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition"

base, papers_file = sys.argv[1:]
with open(papers_file, encoding="utf-8") as file:
    papers = json.load(file)


def client_of(organization: str) -> httpx.Client:
    headers = {"Content-Type": "application/fhir+json", "X-Acting-Organization": organization}
    return httpx.Client(base_url=f"{base}/", headers=headers, timeout=60)


def posted(client: httpx.Client, path: str, resource, model):
    """What is answered to a resource, as a model; raises where it is refused."""
    answer = client.post(path, content=resource.model_dump_json())
    answer.raise_for_status()
    return model.model_validate_json(answer.content)


class Listener(BaseHTTPRequestHandler):
    """Takes what it is told and hands it on."""

    told: "queue.Queue[Bundle]" = queue.Queue()

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()
        self.told.put(Bundle.model_validate_json(body))

    def log_message(self, *_):
        pass


def next_told() -> Bundle:
    return Listener.told.get(timeout=240)


sender, receiver = client_of(TOWNSHIP), client_of(HOSPITAL)

# Submitted, refused, mended.
referral = Bundle.model_validate(papers["referral"])
refused = sender.post("", content=referral.model_dump_json())
assert refused.status_code == 422, refused.text
issue = OperationOutcome.model_validate_json(refused.content).issue[0]
for entry in referral.entry:
    if entry.resource.get_resource_type() in ("ServiceRequest", "Task"):
        entry.resource.priority = "urgent"
accepted = posted(sender, "", referral, Bundle)
ids = dict(re.search(r"/([A-Z]\w+)/([^/]+)", entry.response.location).groups() for entry in accepted.entry)
task, patient = ids["Task"], ids["Patient"]

# Accepted.
period = Period(end="2083-01-05T12:00:00+08:00")
acceptance = Parameters(parameter=[ParametersParameter(name="arrival-period", valuePeriod=period)])
assert posted(receiver, f"Task/{task}/$accept", acceptance, Task).status == "accepted"

# Subscribed, and told.
listener = ThreadingHTTPServer(("127.0.0.1", 0), Listener)
threading.Thread(target=listener.serve_forever, daemon=True).start()
content = {"url": f"{BACKPORT}/backport-payload-content", "valueCode": "full-resource"}
only = {"url": f"{BACKPORT}/backport-filter-criteria", "valueString": f"Task?requester={TOWNSHIP}"}
subscription = Subscription.model_validate(
    {
        "status": "requested",
        "reason": "本院转出的患者 / the patients that we have referred",
        "criteria": TOPIC,
        "_criteria": {"extension": [only]},
        "channel": {
            "type": "rest-hook",
            "endpoint": f"http://127.0.0.1:{listener.server_port}/told",
            "payload": "application/fhir+json",
            "_payload": {"extension": [content]},
        },
    }
)
subscription = posted(sender, "Subscription", subscription, Subscription)
handshake = next_told().entry[0].resource
told = [next(each.valueCode for each in handshake.parameter if each.name == "type")]
versions: "set[str]" = set()


def until_told(status: str) -> None:
    """Waits for a status of the Task; what is told twice counts once."""
    while told[-1] != status:
        for entry in next_told().entry[1:]:
            of = entry.resource
            if of.get_resource_type() == "Task" and of.id == task and of.meta.versionId not in versions:
                versions.add(of.meta.versionId)
                told.append(of.status)


encounter = Reference(display="门诊就诊")
arrival = Parameters(parameter=[ParametersParameter(name="encounter", valueReference=encounter)])
posted(receiver, f"Task/{task}/$arrive", arrival, Task)
until_told("in-progress")

# Returned.
back = Parameters.model_validate_json(json.dumps(papers["return"]).replace("{patient}", patient))
posted(receiver, f"Task/{task}/$return", back, Task)
until_told("completed")
worklist = sender.get("Task", params={"owner": TOWNSHIP, "patient": patient, "status": "requested"})
down = Bundle.model_validate_json(worklist.raise_for_status().content).entry[0].resource
sender.delete(f"Subscription/{subscription.id}").raise_for_status()
listener.shutdown()

refusal = {"rule": issue.details.coding[0].code, "refusal": issue.details.text}
print(json.dumps({**refusal, "task": task, "down": down.id, "told": told}))
