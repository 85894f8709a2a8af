"""Checks the OpenAPI document: that it is one, that a server serves it, and that requests
and replies of the running server are what it says.

Usage: openapi.py HOST:PORT FOLDER_OF_EXAMPLES
"""

import json
import pathlib
import re
import sys
import urllib.error
import urllib.request

import jsonschema
import openapi_spec_validator

ADDRESS, EXAMPLES = sys.argv[1], pathlib.Path(sys.argv[2])


def fetch(path, body=None):
    """Returns the code and the JSON of an answer."""
    headers = {"content-type": "application/json"} if body is not None else {}
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(f"http://{ADDRESS}{path}", data, headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as reply:
            return reply.status, json.load(reply)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def camel(value):
    """Writes the names of fields as replies do."""
    if isinstance(value, list):
        return [camel(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    of = lambda name: re.sub("_([a-z0-9])", lambda found: found[1].upper(), name)
    return {of(name): camel(entry) for name, entry in value.items()}


def strict(value):
    """Returns schemas that know no other fields than those they name."""
    if isinstance(value, list):
        return [strict(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    closed = {"additionalProperties": False} if "properties" in value else {}
    return {key: strict(entry) for key, entry in value.items()} | closed


code, document = fetch("/openapi.json")
assert code == 200, code
openapi_spec_validator.validate(document)
components = strict(document["components"])


def check(schema, value, what):
    schema = {"$ref": f"#/components/schemas/{schema}", "components": components}
    validator = jsonschema.Draft202012Validator(
        schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )
    errors = [f"{what}: {e.json_path}: {e.message}" for e in validator.iter_errors(value)]
    assert not errors, "\n".join(errors)


checked = 0
for example in sorted(EXAMPLES.glob("*.json")):
    request = camel(json.loads(example.read_text()))
    is_options = example.name.startswith("options_")
    method = "ListOptions" if is_options else "Decide"
    request |= {"view": "VIEW_FULL"} | ({"withRequests": True} if is_options else {})
    check(f"{method}Request", request, example.name)
    code, reply = fetch(f"/redress.v1.DecisionService/{method}", request)
    assert code == 200, (example.name, reply)
    check(f"{method}Response", reply, example.name)
    checked += 1
assert checked > 20, checked

code, policies = fetch("/redress.v1.PolicyService/ListPolicies", {})
check("ListPoliciesResponse", policies, "ListPolicies")
for policy in policies["policies"]:
    code, reply = fetch("/redress.v1.PolicyService/GetPolicy", {"name": policy["name"]})
    assert code == 200, reply
    check("GetPolicyResponse", reply, policy["name"])

code, reply = fetch("/redress.v1.DecisionService/Decide", {})
assert code == 400, code
check("Error", reply, "a refusal")
print(f"openapi: {checked} examples and {len(policies['policies'])} policies are as it says")
