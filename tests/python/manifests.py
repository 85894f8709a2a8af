"""Renders the Helm chart and the Kubernetes base, and validates both.

Every document is checked against the schemas of Kubernetes, unknown fields included; what
names something else in it has to name what is there; and the server itself checks the
settings, policies, certificates and tokens that its container would see.

Usage: manifests.py HELM KUBECTL REDRESS
"""

import os
import pathlib
import subprocess
import sys
import tempfile

import jsonschema
import kubernetes_validate
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHART = ROOT / "deploy/helm"
BASE = ROOT / "deploy/kubernetes"
SHOP = "my-shop"
POLICY = ROOT / "policies/jona/always.toml"
# Versions of Kubernetes: the oldest that the chart takes and the newest that is known.
VERSIONS = ["1.27", "1.37"]
# Seconds in which a server ends by itself unless it is set (docs/settings.md).
GRACE = 20
# What a chart is rendered with.
CHARTS = {
    "plain": ["--set", "insecure=true"],
    "tls": ["--set", "tls.secretName=cert,tls.clients=true,tokens.secretName=tokens"],
    "all": [
        "--set", "insecure=true,autoscaling.enabled=true,serviceMonitor.enabled=true",
        "--set", "serviceMonitor.labels.release=prometheus,settings.watch=false",
        "--set", "settings.max_message_bytes=8388608,image.digest=sha256:" + "0" * 64,
        "--set", "networkPolicy.callers[0].podSelector.matchLabels.app=shop",
        "--set-file", f"policies.files.{SHOP}.always={{policy}}",
    ],
    "volume": [
        "--set", "insecure=true,policies.volume.persistentVolumeClaim.claimName=policies",
    ],
}  # fmt: skip
# What is refused, and what is said of it.
REFUSED = [
    ([], "set `tls.secretName`, or `insecure`"),
    (["--set", "insecure=true,replica=3"], "replica"),
    (["--set", "insecure=true,settings.drain_delay=1"], "drain_delay"),
    (["--set", "insecure=true,settings.tls_cert=/x"], "tls_cert"),
    (["--set", "insecure=true,image.digest=sha256:1"], "digest"),
    (["--set", "insecure=true,policies.files.a.latest=x"], "latest"),
    (["--set", "insecure=true,policies.files.a.always=x,settings.policies=/x"], "one of"),
]
# What is used of the resource of the Prometheus operator.
SERVICE_MONITOR = {
    "type": "object",
    "additionalProperties": False,
    "required": ["selector", "endpoints"],
    "properties": {
        "selector": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"matchLabels": {"additionalProperties": {"type": "string"}}},
        },
        "endpoints": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "port": {"type": "string"},
                    "path": {"type": "string"},
                    "interval": {"type": "string"},
                },
            },
        },
    },
}


def run(*command, **more):
    done = subprocess.run(command, capture_output=True, text=True, check=False, **more)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


def documents(text):
    return [one for one in yaml.safe_load_all(text) if one is not None]


def of_kind(all_documents, kind):
    return [one for one in all_documents if one["kind"] == kind]


def validate(name, all_documents):
    for document in all_documents:
        if document["kind"] == "ServiceMonitor":
            jsonschema.validate(document["spec"], SERVICE_MONITOR)
            continue
        for version in VERSIONS:
            kubernetes_validate.validate(document, version, strict=True)
    print(f"{name}: {len(all_documents)} documents are valid")


def selects(selector, labels):
    return selector and selector.items() <= labels.items()


def check_names(all_documents):
    """What names labels, ports and resources names those that there are."""
    (deployment,) = of_kind(all_documents, "Deployment")
    template = deployment["spec"]["template"]
    labels = template["metadata"]["labels"]
    (container,) = template["spec"]["containers"]
    ports = {port["name"] for port in container["ports"]}
    assert selects(deployment["spec"]["selector"]["matchLabels"], labels)
    services = of_kind(all_documents, "Service")
    for service in services:
        assert service["spec"]["clusterIP"] == "None"
        assert selects(service["spec"]["selector"], labels)
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= ports
    for kind in ["PodDisruptionBudget", "NetworkPolicy"]:
        (one,) = of_kind(all_documents, kind)
        selector = one["spec"].get("selector") or one["spec"]["podSelector"]
        assert selects(selector["matchLabels"], labels), kind
        for rule in one["spec"].get("ingress", []):
            assert {port["port"] for port in rule["ports"]} <= ports
    for scaler in of_kind(all_documents, "HorizontalPodAutoscaler"):
        target = scaler["spec"]["scaleTargetRef"]
        assert (target["kind"], target["name"]) == ("Deployment", deployment["metadata"]["name"])
        assert "replicas" not in deployment["spec"]
    for monitor in of_kind(all_documents, "ServiceMonitor"):
        selector = monitor["spec"]["selector"]["matchLabels"]
        found = [one for one in services if selects(selector, one["metadata"]["labels"])]
        assert len(found) == 1, "one service has the admin ports"
        named = {port["name"] for port in found[0]["spec"]["ports"]}
        assert {endpoint["port"] for endpoint in monitor["spec"]["endpoints"]} <= named
    for probe in ["readinessProbe", "livenessProbe"]:
        http = container[probe].get("httpGet")
        if http:
            assert http["port"] in ports
        else:
            numbers = {port["containerPort"] for port in container["ports"]}
            assert container[probe]["grpc"]["port"] in numbers
    return template["spec"], container


def check_drain(pod, container, environment):
    """A server is left out before it closes its port, and killed after it has ended."""
    probe = container["readinessProbe"]
    noticed = probe["periodSeconds"] * probe["failureThreshold"]
    assert int(environment["REDRESS_DRAIN_DELAY"]) > noticed
    assert pod["terminationGracePeriodSeconds"] > int(environment.get("REDRESS_GRACE", GRACE))


def write_certificates(folder):
    for name, subject in [("ca", "authority"), ("tls", "redress")]:
        run(
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-nodes", "-subj", f"/CN={subject}", "-addext", "subjectAltName=DNS:redress",
            "-keyout", folder / f"{name}.key", "-out", folder / f"{name}.crt",
        )  # fmt: skip


def lay_out(root, all_documents, pod, container):
    """Writes what the volumes of a container hold to where they are mounted, below a root."""
    maps = {one["metadata"]["name"]: one["data"] for one in of_kind(all_documents, "ConfigMap")}
    volumes = {volume["name"]: volume for volume in pod.get("volumes", [])}
    for mount in container.get("volumeMounts", []):
        volume = volumes[mount["name"]]
        folder = root / mount["mountPath"].lstrip("/")
        folder.mkdir(parents=True)
        if "configMap" in volume:
            texts = maps[volume["configMap"]["name"]]
            for item in volume["configMap"]["items"]:
                path = folder / item["path"]
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(texts[item["key"]])
        elif volume.get("secret", {}).get("secretName") == "tokens":
            (folder / "tokens").write_text("checkout " + "0" * 64 + "\n")
        elif "secret" in volume:
            write_certificates(folder)
        else:
            path = folder / SHOP / "always.toml"
            path.parent.mkdir()
            path.write_text(policy_text())


def policy_text():
    return POLICY.read_text().replace('"jona"', f'"{SHOP}"')


def check_settings(redress, all_documents, pod, container):
    """The server takes what its container would see."""
    environment = {one["name"]: one["value"] for one in container["env"]}
    check_drain(pod, container, environment)
    with tempfile.TemporaryDirectory() as root:
        root = pathlib.Path(root)
        lay_out(root, all_documents, pod, container)
        for name, value in environment.items():
            if value.startswith("/"):
                environment[name] = str(root / value.lstrip("/"))
        run(redress, "config", env=environment)
        if "REDRESS_POLICIES" in environment:
            listed = run(redress, "check", environment["REDRESS_POLICIES"])
            assert "1 policy revision" in listed, listed


def main(helm, kubectl, redress):
    base = documents(run(kubectl, "kustomize", BASE))
    validate("kustomize", base)
    pod, container = check_names(base)
    check_settings(redress, base, pod, container)
    with tempfile.NamedTemporaryFile("w", suffix=".toml") as policy:
        policy.write(policy_text())
        policy.flush()
        for name, values in CHARTS.items():
            values = [value.format(policy=policy.name) for value in values]
            run(helm, "lint", "--strict", CHART, *values)
            chart = documents(run(helm, "template", "my", CHART, *values))
            validate(f"helm, {name}", chart)
            chart_pod, chart_container = check_names(chart)
            check_settings(redress, chart, chart_pod, chart_container)
            # The base and the chart start the same container.
            for key in ["args", "livenessProbe", "ports", "resources", "securityContext"]:
                assert chart_container[key] == container[key], key
    for values, said in REFUSED:
        command = [helm, "template", "my", CHART, *values]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode != 0 and said in done.stderr, (values, done.stderr)
    print(f"helm: {len(REFUSED)} wrong sets of values are refused")


if __name__ == "__main__":
    main(*[os.path.abspath(path) for path in sys.argv[1:]])
