"""A backend service as its authors would write it: Authlib gets a token by a signed assertion, requests uses it.

Usage: backend_service.py BASE CLIENT_ID KEY_FILE; prints the token's scope and the names of the organizations.
"""

import json
import sys
import time

import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc.jwk import ECKey

base, client_id, key_file = sys.argv[1:]
with open(key_file, encoding="utf-8") as file:
    key = json.load(file)

smart = requests.get(f"{base}/.well-known/smart-configuration", timeout=10).json()
endpoint = smart["token_endpoint"]
session = OAuth2Session(
    client_id,
    ECKey.import_key(key),
    token_endpoint_auth_method="private_key_jwt",
    scope="system/Organization.rs",
)
# Authlib's assertions are good for an hour, those of SMART for five minutes at most.
auth = PrivateKeyJWT(endpoint, claims={"exp": int(time.time()) + 240}, headers={"kid": key["kid"]}, alg="ES384")
session.register_client_auth_method(auth)
token = session.fetch_token(endpoint, grant_type="client_credentials")
bundle = session.get(f"{base}/Organization", timeout=10).json()
refused = session.get(f"{base}/Device/{client_id}", timeout=10).status_code
print(json.dumps([token["scope"], [entry["resource"]["name"] for entry in bundle["entry"]], refused]))
