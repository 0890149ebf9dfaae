"""The files of `deploy/`: what the image copies is enough to serve, and units and compose file start what exists."""

from __future__ import annotations

import configparser
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from app import create_app
from app.settings import ENVIRONMENT_PREFIX, Settings, load_settings, settings_environment
from benchmarks.promises.sites import Site, make_site_folder

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
UNITS = ("flywheel.service", "flywheel-trainer.service")


COMPOSE = ("compose.yaml", "compose.postgres.yaml")


def services_of(name: str) -> dict[str, dict[str, Any]]:
    """The services of a compose file."""
    services: dict[str, dict[str, Any]] = yaml.safe_load((DEPLOY / name).read_text())["services"]
    return services


def instructions() -> list[tuple[str, str]]:
    """Name and argument of every instruction of the Dockerfile."""
    text = re.sub(r"^#.*\n", "", (DEPLOY / "Dockerfile").read_text(), flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", " ", text).splitlines()
    return [(line.split(" ", 1)[0], line.split(" ", 1)[1].strip()) for line in lines if line.strip()]


def environment() -> dict[str, str]:
    (given,) = (argument for name, argument in instructions() if name == "ENV")
    return dict(pair.split("=", 1) for pair in shlex.split(given))


def copied() -> dict[str, str]:
    """Source in the repository to place in the last stage of the image."""
    last = instructions()[max(at for at, (name, _) in enumerate(instructions()) if name == "FROM") :]
    copies = (argument.split() for name, argument in last if name == "COPY" and not argument.startswith("--from"))
    return {words[0]: words[1] for words in copies}


@pytest.mark.whole
def test_what_the_image_holds_serves_and_its_health_check_agrees(tmp_path: Path) -> None:
    (workdir,) = (argument for name, argument in instructions() if name == "WORKDIR")
    image = tmp_path / "image"
    for source, place in copied().items():
        target = image / Path(place).relative_to("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        ignore = shutil.ignore_patterns("__pycache__")
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, target, ignore=ignore)
        else:
            shutil.copy(ROOT / source, target)
    settings = make_site_folder(tmp_path / "var")
    (check,) = (argument for name, argument in instructions() if name == "HEALTHCHECK")
    checked = [sys.executable if word == "python" else word for word in json.loads(check.split("CMD ", 1)[1])]
    (command,) = (json.loads(argument) for name, argument in instructions() if name == "CMD")
    assert command[0] == "python"
    # -P: the repository, where this test runs, is not looked at.
    inside = {"PYTHONPATH": str(image / Path(workdir).relative_to("/")), "PYTHONDONTWRITEBYTECODE": "1"}
    variables = {**os.environ, **settings_environment(settings)}
    assert subprocess.run(checked, env=variables, capture_output=True, check=False).returncode != 0
    with Site(settings, inside, ("-P", *command[1:])):
        subprocess.run(checked, env=variables, check=True)


def test_commands_and_settings_that_the_page_names_exist() -> None:
    page = (ROOT / "docs" / "deploy.md").read_text("utf-8")
    known = create_app(load_settings(environment={})).cli.commands
    named = set(re.findall(r"`flask ([a-z-]+)", page)) | set(re.findall(r"flask --app app ([a-z-]+)", page))
    assert {"backup", "restore", "init-db", "doctor"} <= named <= set(known)
    settings = {ENVIRONMENT_PREFIX + field.name.upper() for field in fields(Settings)}
    assert set(re.findall(r"FLYWHEEL_[A-Z_]+", page)) <= settings


def test_settings_in_the_files_are_settings() -> None:
    services = [service for name in COMPOSE for service in services_of(name).values()]
    found = [environment(), *(service.get("environment", {}) for service in services)]
    for unit in UNITS:
        lines = re.findall(r"^Environment=(.*)$", (DEPLOY / unit).read_text(), re.MULTILINE)
        found.append(dict(pair.split("=", 1) for line in lines for pair in line.split()))
    for variables in found:
        ours = {name: value for name, value in variables.items() if name.startswith(ENVIRONMENT_PREFIX)}
        load_settings(ours)  # refuses unknown names and values


def test_units_and_services_start_commands_that_exist() -> None:
    commands = [service["command"] for service in services_of("compose.yaml").values()]
    for unit in UNITS:
        parsed = configparser.ConfigParser(strict=False, interpolation=None)
        parsed.optionxform = str  # type: ignore[assignment, method-assign]
        parsed.read(DEPLOY / unit)
        program, *words = shlex.split(parsed["Service"]["ExecStart"])
        commands.append([Path(program).name, *words])
    assert sorted(commands) == sorted(2 * [["python", "-m", "app"], ["flask", "--app", "app", "trainer"]])
    server, *site = services_of("compose.postgres.yaml").values()
    assert [service["command"] for service in site] == [
        *(2 * [["python", "-m", "app"]]),
        *(2 * [["flask", "--app", "app", "trainer", "--standby"]]),
    ]
    assert all(service["environment"]["DATABASE_URL"].endswith("@postgres/flywheel") for service in site)
    assert "--standby" in {
        option for row in create_app(load_settings({})).cli.commands["trainer"].params for option in row.opts
    }
    assert server["image"].startswith("postgres:")
    for service in (*services_of("compose.yaml").values(), *site):
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["volumes"] == [f"var:{environment()['FLYWHEEL_VAR']}"]
    arguments = services_of("compose.postgres.yaml")["web-1"]["build"]["args"]
    for name in (arguments["REQUIREMENTS"], dict(instructions())["ARG"].partition("=")[2]):
        assert (ROOT / "requirements" / f"{name}.txt").exists()


def test_the_image_runs_as_nobody_special_and_takes_only_what_it_needs() -> None:
    order = [name for name, _ in instructions()]
    assert order.index("USER") < order.index("CMD")
    assert dict(instructions())["USER"] == "flywheel"
    kept = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    assert kept[0] == "*"
    assert {line.removeprefix("!") for line in kept if line.startswith("!")} == {*copied(), "requirements"}


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_finds_nothing_wrong_but_that_nothing_is_installed_here() -> None:
    told = subprocess.run(
        ["systemd-analyze", "verify", *(str(DEPLOY / unit) for unit in UNITS)],
        capture_output=True,
        text=True,
        check=False,
    )
    complaints = [line for line in told.stderr.splitlines() if "/srv/flywheel/" not in line]
    assert complaints == []
