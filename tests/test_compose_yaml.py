"""compose.yaml, Dockerfile and .env.example agree with the code: commands, ports, health paths, settings, hardening."""

import json
import re
from pathlib import Path
from typing import Any

import click
import pytest
import typer
import yaml
from pymongo.uri_parser import parse_uri

from router.settings import RouterSettings
from subgraphs.auth.settings import AuthSettings
from subgraphs.invoice.settings import InvoiceSettings
from subgraphs.kit.settings import Settings
from tributary.cli import cli
from tributary.services import ROUTER, SUBGRAPHS, worker_name
from tributary.supervisor.http_probe import READY_PATH

ROOT = Path(__file__).parents[1]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
EXAMPLE = (ROOT / ".env.example").read_text()
OURS = {name: service for name, service in SERVICES.items() if service["image"].startswith("tributary:")}
STORES = {"mongodb", "mongodb-init", "redis"}
HTTP = [ROUTER, *SUBGRAPHS.values()]


def variables(text: str) -> set[str]:
    """Return the variables that a text of compose.yaml takes from the environment; `$$` escapes."""
    return set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", text))


def setting_names(settings: type[Settings]) -> set[str]:
    return {str(field.validation_alias or f"TRIBUTARY_{name.upper()}") for name, field in settings.model_fields.items()}


def test_every_process_is_there() -> None:
    assert set(OURS) == {ROUTER.name, *SUBGRAPHS, *(worker_name(name) for name in SUBGRAPHS)}
    assert set(SERVICES) - set(OURS) == STORES


@pytest.mark.parametrize("name", OURS)
def test_command_is_one_of_the_command_line(name: str) -> None:
    group = typer.main.get_command(cli)
    command, *arguments = OURS[name]["command"]
    found = group.commands[command]  # type: ignore[attr-defined]
    with click.Context(found) as context:
        found.parse_args(context, list(arguments))
        given = context.params
    expected = {"router": ("router", None)}.get(name) or (
        "worker" if name.endswith("-worker") else "serve",
        name.removesuffix("-worker"),
    )
    assert (command, given.get("subgraph")) == expected


@pytest.mark.parametrize("service", HTTP, ids=lambda service: service.name)
def test_port_and_health_path_are_those_of_the_code(service: Any) -> None:
    composed = SERVICES[service.name]
    assert f"http://127.0.0.1:{service.port}{READY_PATH}" in composed["healthcheck"]["test"][-1]
    if service is ROUTER:
        assert (composed["environment"]["ROUTER_HOST"], composed["environment"]["ROUTER_PORT"]) == ("0.0.0.0", str(ROUTER.port))
    else:
        assert composed["command"][2:] == ["--host", "0.0.0.0", "--port", str(service.port)]


@pytest.mark.parametrize("name", OURS)
def test_every_variable_is_a_setting(name: str) -> None:
    environment = OURS[name]["environment"]
    if name == ROUTER.name:
        assert {key.removeprefix("ROUTER_").lower() for key in environment} <= set(RouterSettings.model_fields)
        return
    settings = {"auth": AuthSettings, "invoice": InvoiceSettings}.get(name.removesuffix("-worker"), Settings)
    of_the_command = {"TRIBUTARY_HEARTBEAT_FILE"} if name.endswith("-worker") else set()
    assert set(environment) <= setting_names(settings) | of_the_command
    required = {str(f.validation_alias or f"TRIBUTARY_{n.upper()}") for n, f in settings.model_fields.items() if f.is_required()}
    assert required <= set(environment)


@pytest.mark.parametrize("name", SUBGRAPHS)
def test_worker_touches_the_file_its_health_check_reads(name: str) -> None:
    worker = SERVICES[worker_name(name)]
    assert f"find {worker['environment']['TRIBUTARY_HEARTBEAT_FILE']} -mmin" in worker["healthcheck"]["test"][-1]


def test_router_finds_every_subgraph() -> None:
    environment = SERVICES["router"]["environment"]
    expected = {name: f"http://{name}:{service.port}/graphql" for name, service in SUBGRAPHS.items()}
    assert json.loads(environment["ROUTER_SUBGRAPH_URLS"]) == expected
    assert environment["ROUTER_ISSUER"] == SERVICES["customer"]["environment"]["TRIBUTARY_ISSUER"]
    assert environment["ROUTER_JWKS_URL"] == SERVICES["customer"]["environment"]["TRIBUTARY_JWKS_URL"]


def test_store_addresses_lead_to_the_stores() -> None:
    environment = SERVICES["customer"]["environment"]
    uri = parse_uri(re.sub(r"\$\{.*?\}", "secret", environment["MONGODB_URI"]))
    assert uri["nodelist"] == [("mongodb", 27017)]
    assert uri["options"]["replicaSet"] == "rs0"
    assert "--replSet rs0" in SERVICES["mongodb"]["entrypoint"][-1]
    assert environment["REDIS_URL"].endswith("@redis:6379")
    assert "appendonly yes" in SERVICES["redis"]["command"][-1]
    assert "maxmemory-policy noeviction" in SERVICES["redis"]["command"][-1]


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_hardened_and_bounded(name: str) -> None:
    service = SERVICES[name]
    user = service["user"].split(":")[0]
    assert user.isdigit()
    assert user != "0"
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}
    assert service["logging"]["options"]["max-size"]
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
    if name != "mongodb-init":
        assert service["healthcheck"]["interval"]


@pytest.mark.parametrize("name", SERVICES)
def test_dependencies_exist_and_can_be_waited_for(name: str) -> None:
    for other, wait in SERVICES[name].get("depends_on", {}).items():
        if wait["condition"] == "service_healthy":
            assert "healthcheck" in SERVICES[other]
        else:
            assert wait["condition"] == "service_completed_successfully"
            assert "healthcheck" not in SERVICES[other]


def test_volumes_are_declared_and_used() -> None:
    used = {volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    assert used == set(COMPOSE["volumes"])


def test_images_are_pinned() -> None:
    images = [service["image"] for service in SERVICES.values()] + re.findall(
        r"^(?:FROM|COPY --from=(?=\S+/)) ?(\S+)", DOCKERFILE, re.M
    )
    assert len(images) > len(SERVICES)
    assert [image for image in images if not re.search(r":\d+\.\d+\.\d+", image)] == []


def test_secrets_come_from_the_environment_and_are_required() -> None:
    text = (ROOT / "compose.yaml").read_text()
    for name in variables(text):
        if any(word in name for word in ("PASSWORD", "SECRET", "KEY")):
            assert f"${{{name}:?" in text
            assert f"${{{name}:-" not in text


def test_example_names_every_variable_and_holds_no_secret() -> None:
    named = dict(re.findall(r"^#?([A-Z_]+)=(.*)$", EXAMPLE, re.M))
    assert variables((ROOT / "compose.yaml").read_text()) <= set(named)
    assert not any(value for name, value in named.items() if any(word in name for word in ("PASSWORD", "SECRET", "KEY")))
    known = setting_names(AuthSettings) | variables((ROOT / "compose.yaml").read_text())
    assert set(named) <= known


def test_image_runs_as_nobody_special_and_checks_hashes() -> None:
    final = DOCKERFILE.rsplit("\nFROM ", 1)[1]
    user = re.search(r"^USER (\d+):(\d+)$", final, re.M)
    assert user is not None
    assert user.group(0).removeprefix("USER ") == OURS["router"]["user"]
    assert "--require-hashes -r pyproject.toml -c requirements.lock" in DOCKERFILE
    assert 'ENTRYPOINT ["python", "-m", "tributary"]' in final


@pytest.mark.parametrize("source", re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.M))
def test_image_is_built_of_what_is_there_and_not_ignored(source: str) -> None:
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    for name in source.split():
        assert (ROOT / name).exists()
        assert name in kept


def test_operations_document_lists_every_setting() -> None:
    documented = set(re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "docs/operations.md").read_text(), re.M))
    assert documented == setting_names(AuthSettings) | setting_names(InvoiceSettings) | {"TRIBUTARY_HEARTBEAT_FILE"}
