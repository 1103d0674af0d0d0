"""Checks what the files in Config/ must have in common with the image and with a running service.

    python3 Scripts/check_config.py .build/release/deepdream http://127.0.0.1:5000

The service must be new: an alert does not see a metric's first value as growth, so the metrics that alerts ask for must
be there from the start. Scripts/check_config.sh runs this. Needs promtool and Scripts/check_config_requirements.txt.
"""

import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import kubernetes_validate
import yaml

ROOT = Path(__file__).parent.parent
CONFIG = ROOT / "Config"
#: The oldest version that Config/kubernetes.yaml promises, and the latest one that there is a schema of.
KUBERNETES_VERSIONS = ["1.30", kubernetes_validate.latest_version()]


def fail(message):
    sys.exit(f"check_config: {message}")


def expect(what, expected, found):
    if expected != found:
        fail(f"{what}: expected {expected}, found {found}")


class Service:
    """The program, and a service that it runs."""

    def __init__(self, program, url):
        self.program, self.url = program, url
        self.help = subprocess.run([program, "serve", "--help"], capture_output=True, text=True, check=True).stdout

    def default(self, setting):
        return int(re.search(rf"^  --{setting} .*?default:\s+(\d+)", self.help, re.M | re.S)[1])

    def get(self, path):
        """The status and the text of an answer."""
        try:
            with urllib.request.urlopen(self.url + path) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, ""

    def complaint(self, variables):
        """What the program says against these variables; none if it knows all of them and allows their values."""
        address = ["--host", "127.0.0.1", "--port", self.url.rpartition(":")[2]]
        # An environment variable that this check has, too, must not spoil it.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("DEEPDREAM_")}
        run = subprocess.run(
            [self.program, "health", *address], env=environment | variables, capture_output=True, text=True
        )
        return run.stderr.strip() if run.returncode else None

    def unknown_flags(self, arguments):
        flags = {argument.partition("=")[0] for argument in arguments if argument.startswith("--")}
        return flags - set(re.findall(r"^  (--[a-z-]+)", self.help, re.M))


class Image:
    """What the Dockerfile says of its last stage, which is the image."""

    def __init__(self):
        words = {}
        self.variables = {}
        for line in (ROOT / "Dockerfile").read_text().replace("\\\n", " ").splitlines():
            name, _, rest = line.partition(" ")
            words[name] = rest.split()
            if name == "FROM":
                self.variables = {}
            elif name == "ENV":
                self.variables |= dict(variable.split("=", 1) for variable in rest.split())
        self.user, self.port, self.volumes = int(words["USER"][0]), int(words["EXPOSE"][0]), set(words["VOLUME"])


def check_settings(what, service, image, variables, arguments):
    """Checks the settings of a container, and returns how long its jobs may go on when it stops."""
    variables = image.variables | {name: str(value) for name, value in variables.items()}
    if complaint := service.complaint(variables):
        fail(f"{what}: {complaint}")
    expect(f"unknown flags of {what}", set(), service.unknown_flags(arguments))
    port = variables.get("DEEPDREAM_PORT", service.default("port"))
    expect(f"the service's port in {what}", image.port, int(port))
    return int(variables.get("DEEPDREAM_SHUTDOWN_GRACE_SECONDS", service.default("shutdown-grace-seconds")))


def check_kubernetes(service, image):
    documents = list(yaml.safe_load_all((CONFIG / "kubernetes.yaml").read_text()))
    for document in documents:
        for version in KUBERNETES_VERSIONS:
            try:
                kubernetes_validate.validate(document, version, strict=True)
            except kubernetes_validate.ValidationError as error:
                fail(f"kubernetes.yaml, {document['kind']} of Kubernetes {version}: {error.message}")
    specs = {document["kind"]: document["spec"] for document in documents}
    names = {document["kind"]: document["metadata"]["name"] for document in documents}

    template = specs["Deployment"]["template"]
    labels = template["metadata"]["labels"]
    selectors = {
        "the Deployment": specs["Deployment"]["selector"]["matchLabels"],
        "the Service": specs["Service"]["selector"],
        "the PodDisruptionBudget": specs["PodDisruptionBudget"]["selector"]["matchLabels"],
        "the NetworkPolicy": specs["NetworkPolicy"]["podSelector"]["matchLabels"],
    }
    for what, selector in selectors.items():
        expect(f"whether {what} selects the pods", True, selector.items() <= labels.items())
    expect("what is scaled", names["Deployment"], specs["HorizontalPodAutoscaler"]["scaleTargetRef"]["name"])

    pod = template["spec"]
    (container,) = pod["containers"]
    variables = {variable["name"]: variable["value"] for variable in container.get("env", [])}
    arguments = container.get("command", []) + container.get("args", [])
    grace = check_settings("kubernetes.yaml", service, image, variables, arguments)
    grace += container["lifecycle"]["preStop"]["sleep"]["seconds"]
    if pod["terminationGracePeriodSeconds"] <= grace:
        fail(f"kubernetes.yaml: terminationGracePeriodSeconds must be more than {grace}")
    expect("enableServiceLinks", False, pod["enableServiceLinks"])

    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    expect("the container's port", [image.port], list(ports.values()))
    expect("the scraped port", str(image.port), template["metadata"]["annotations"]["prometheus.io/port"])
    for port in specs["Service"]["ports"]:
        expect("whether the Service's port is one of the container", True, port["targetPort"] in ports)
    for probe in ["startupProbe", "livenessProbe", "readinessProbe"]:
        request = container[probe]["httpGet"]
        expect(f"whether the {probe}'s port is one of the container", True, request["port"] in ports)
        expect(f"the {probe}, {request['path']}", 200, service.get(request["path"])[0])

    allowed = pod["securityContext"]
    expect(
        "the pod's user",
        {"runAsNonRoot": True, "runAsUser": image.user, "fsGroup": image.user},
        {name: allowed.get(name) for name in ["runAsNonRoot", "runAsUser", "fsGroup"]},
    )
    expect(
        "the container's securityContext",
        {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        container["securityContext"],
    )
    mounts = {mount["mountPath"]: mount["name"] for mount in container["volumeMounts"]}
    expect("what can be written in the pod", image.volumes | {"/tmp"}, set(mounts))
    expect("the pod's volumes", sorted(mounts.values()), sorted(volume["name"] for volume in pod["volumes"]))


def check_compose(service, image):
    file = yaml.safe_load((CONFIG / "compose.yaml").read_text())
    container = file["services"]["deepdream"]
    arguments = container.get("command", [])
    grace = check_settings("compose.yaml", service, image, container["environment"], arguments)
    if int(container["stop_grace_period"].removesuffix("s")) <= grace:
        fail(f"compose.yaml: stop_grace_period must be more than {grace} s")
    ports = [int(port.rpartition(":")[2]) for port in container["ports"]]
    expect("the container's port in compose.yaml", [image.port], ports)
    expect("the user in compose.yaml", str(image.user), str(container.get("user", image.user)))
    expect("read_only in compose.yaml", True, container.get("read_only"))
    expect("cap_drop in compose.yaml", ["ALL"], container.get("cap_drop"))
    expect("security_opt in compose.yaml", ["no-new-privileges:true"], container.get("security_opt"))
    mounts = {volume.split(":")[1] for volume in container["volumes"]} | set(container["tmpfs"])
    expect("what can be written in compose.yaml", image.volumes | {"/tmp"}, mounts)

    for volume in file["services"]["prometheus"]["volumes"]:
        path = CONFIG / volume.split(":")[0]
        expect(f"whether there is {path}", True, path.is_file())
    (scrape,) = yaml.safe_load((CONFIG / "prometheus.yaml").read_text())["scrape_configs"]
    targets = [target for group in scrape["static_configs"] for target in group["targets"]]
    expect("what Prometheus scrapes", [f"deepdream:{image.port}"], targets)


def check_metrics(service):
    metrics = service.get("/metrics")[1]
    names = set()
    for name, kind in re.findall(r"^# TYPE (\S+) (\S+)", metrics, re.M):
        names |= {name + end for end in ["_bucket", "_sum", "_count"]} if kind == "histogram" else {name}
    for file in ["grafana-dashboard.json", "prometheus-alerts.yaml"]:
        text = (CONFIG / file).read_text()
        used = set(re.findall(r"\b(?:deepdream|process)_\w+", text))
        expect(f"metrics in {file} that the service does not have", set(), used - names)
        kinds = {kind for list in re.findall(r'problem=~?"([^"]+)"', text) for kind in list.split("|")}
        unseen = {kind for kind in kinds if f'problem="{kind}"' not in metrics}
        expect(f"problems in {file} that are not in /metrics from the start", set(), unseen)

    # promtool reads no dashboards, but it reads rules.
    panels = json.loads((CONFIG / "grafana-dashboard.json").read_text())["panels"]
    queries = [target["expr"] for panel in panels for target in panel["targets"]]
    rules = [{"record": f"query_{number}", "expr": query} for number, query in enumerate(queries)]
    groups = json.dumps({"groups": [{"name": "dashboard", "rules": rules}]})
    run = subprocess.run(["promtool", "check", "rules", "/dev/stdin"], input=groups, capture_output=True, text=True)
    if run.returncode:
        fail(f"promtool refuses a query of the dashboard: {run.stderr}")


service, image = Service(*sys.argv[1:]), Image()
check_kubernetes(service, image)
print("ok: kubernetes.yaml")
check_compose(service, image)
print("ok: compose.yaml")
check_metrics(service)
print("ok: metrics of alerts and dashboard")
