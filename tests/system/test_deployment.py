"""What is written for operators holds: commands parse, settings exist, secrets come from files, nothing comes from strange places."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from chatrec.cli.main import app
from chatrec.service.access import SCOPES
from chatrec.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
FILES = tuple(ROOT / name for name in ("Dockerfile", "compose.yaml", "deploy/chatrec.service", ".dockerignore"))
PAGE = ROOT / "docs" / "operating.md"
pytestmark = pytest.mark.skipif(not all(f.is_file() for f in FILES), reason="the files are not part of an installed package")
_KNOWN_HOSTS = {"127.0.0.1", "0.0.0.0", "download.pytorch.org"}


def parse(words: list[str]) -> None:
    """Raises a usage error where the command line would not take these words. Nothing is run."""
    command: Any = get_command(app)
    with command.make_context("chatrec", list(words)) as context:
        while hasattr(command, "resolve_command"):
            name, command, words = command.resolve_command(context, [*context._protected_args, *context.args])
            context = command.make_context(name, list(words), parent=context)


def commands_of_page() -> list[str]:
    blocks = re.findall(r"^```\n(.*?)^```", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    lines = [line.split(" #")[0].strip() for block in blocks for line in block.splitlines()]
    own = re.compile(r"^(?:sudo -u chatrec )?(?:/opt/chatrec/bin/)?chatrec (?=[a-z])|^docker (?:compose )?run .*? chatrec (?=[a-z])")
    return [line[found.end() :] for line in lines if (found := own.match(line))]


@pytest.mark.parametrize("line", commands_of_page())
def test_commands_for_operators_parse(line: str) -> None:
    words = shlex.split(line)
    parse(words)
    scopes = [part for n, word in enumerate(words) if word == "--scope" for part in words[n + 1].split(",")]
    assert set(scopes) <= set(SCOPES)


def test_commands_that_are_wrong_do_not_parse() -> None:
    assert len(commands_of_page()) >= 10
    for wrong in (["serve", "--shopp", "x"], ["no-such-command"], ["keys", "make"]):
        with pytest.raises(Exception, match="No such"):
            parse(wrong)


def test_the_image_starts_the_service_and_not_as_root() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    said = {line.split(" ", 1)[0]: line.split(" ", 1)[1] for line in lines if line and not line.startswith("#")}
    assert json.loads(said["ENTRYPOINT"]) == ["chatrec"]
    parse(json.loads(said["CMD"]))
    assert said["USER"].split(":")[0].isdecimal() and said["USER"].split(":")[0] != "0"
    assert "/health" in said["HEALTHCHECK"] and said["VOLUME"] == "/data"
    copied = [word for line in lines if line.startswith("COPY ") and "--from" not in line for word in line.split()[1:-1]]
    allowed = [line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line.startswith("!")]
    assert set(copied) == set(allowed) and all((ROOT / name).exists() for name in copied)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "postgres" in project["optional-dependencies"]


def test_compose_starts_the_service_with_secrets_from_files() -> None:
    told: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    service, database = told["services"]["chatrec"], told["services"]["db"]
    parse(service["command"])
    for one in (service, database):
        assert all(name in told["secrets"] for name in one["secrets"])
        assert all(value.startswith("/run/secrets/") for name, value in one["environment"].items() if name.endswith("_FILE"))
        assert not any(re.search("PASSWORD$|SECRET$|URL$", name) for name in one["environment"])
    assert all(port.startswith("127.0.0.1:") for port in service["ports"]) and "ports" not in database
    assert service["read_only"] and service["cap_drop"] == ["ALL"] and service["depends_on"]["db"]["condition"] == "service_healthy"
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert service["image"] == f"chatrec:{version}"
    prepared = PAGE.read_text(encoding="utf-8")
    assert all(secret["file"].removeprefix("./") in prepared for secret in told["secrets"].values())


def test_the_unit_starts_the_service() -> None:
    unit = (ROOT / "deploy" / "chatrec.service").read_text(encoding="utf-8")
    (start,) = re.findall(r"^ExecStart=/opt/chatrec/bin/chatrec (.+)$", unit, flags=re.MULTILINE)
    parse(shlex.split(start))
    assert "NoNewPrivileges=yes" in unit and "ProtectSystem=strict" in unit and "User=chatrec" in unit


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    unit = tmp_path / "chatrec.service"
    text = (ROOT / "deploy" / "chatrec.service").read_text(encoding="utf-8")
    unit.write_text(text.replace("/opt/chatrec/bin/chatrec", sys.executable), encoding="utf-8")
    done = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, timeout=60, check=False)
    told = done.stdout + done.stderr
    assert done.returncode == 0 and "chatrec.service:" not in told, told


@pytest.mark.parametrize("path", [*FILES, PAGE], ids=lambda p: p.name)
def test_settings_that_are_named_exist_and_hosts_are_known(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for section, name in re.findall(r"\bCHATREC_([A-Z]+)__([A-Z_]+)", text):
        fields = type(getattr(Settings(), section.lower())).model_fields
        assert name.lower().removesuffix("_file") in fields, f"{section}.{name}"
    for section, name in re.findall(r"`(serve|storage|telemetry|log|model)\.([a-z_]+)`", text):
        assert name in type(getattr(Settings(), section)).model_fields, f"{section}.{name}"
    hosts = set(re.findall(r"https?://([^/\s:\"'`]+)", text))
    assert hosts <= _KNOWN_HOSTS, hosts - _KNOWN_HOSTS
