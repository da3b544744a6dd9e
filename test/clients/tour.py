"""The README's tour with a client that was generated from /openapi.json. Usage: tour.py BASE_URL"""

import sys

from zhuanzhen_client import Client
from zhuanzhen_client.api.patient import (
    get_patient,
    get_patient_operation_referral_history,
    post_patient,
    post_patient_operation_validate,
)
from zhuanzhen_client.models import OperationOutcome, Patient, Resource

client = Client(base_url=sys.argv[1])

patient = Patient.from_dict(
    {
        "resourceType": "Patient",
        "identifier": [{"system": "http://example.org/tour", "value": "1"}],
        "birthDate": "2020-03-01",
    }
)
created = post_patient.sync_detailed(client=client, body=patient)
assert created.status_code == 201, created
assert isinstance(created.parsed, Patient) and created.parsed.id, created.parsed

found = get_patient.sync(
    client=client,
    identifier=["http://example.org/tour|1"],
    birthdate=["ge2020", "lt2021"],
    field_count=2,
)
assert [entry["resource"]["id"] for entry in found.to_dict()["entry"]] == [created.parsed.id], found

history = get_patient_operation_referral_history.sync(
    client=client, identifier="http://example.org/tour|1"
)
assert history.to_dict()["type"] == "searchset", history

wrong = Resource.from_dict({"resourceType": "Patient", "gender": "male?"})
outcome = post_patient_operation_validate.sync(client=client, body=wrong)
assert outcome.to_dict()["issue"][0]["severity"] == "error", outcome

refused = post_patient.sync(client=client, body=Patient.from_dict({"resourceType": "Patient", "gender": "x"}))
assert isinstance(refused, OperationOutcome), refused
print("toured")
