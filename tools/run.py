"""Serves the whole product on this machine: `make run`.

Installs what is missing, migrates, loads the demo data the first time, and starts the web server and the worker.
SQLite, files on disk and a folder as message broker: no other server is needed. Everything it keeps is in var/.

Usage: python3 -m tools.run [--reset]      PORT=8000 by default
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from typing import Any

from tools.install import install_front_end, install_python_packages
from tools.steps import BIN, ROOT, VAR, Stop, fingerprint, is_listening, is_stamped, put_stamp, run, say, step

STAMPS = VAR / "stamps"
DEMO = VAR / "demo.json"
PID_FILE = VAR / "run.pid"
CATALOGUE = ROOT / "lms" / "locale" / "sv" / "LC_MESSAGES"
# What the demo has made, beside the secrets of this clone, which stay.
DEMO_DATA = ("db.sqlite3*", "media", "queue", "demo.json", "celerybeat-schedule*")
PACKAGES = ("cms", "competence", "courses", "lms")
READY_WITHIN = 60


def demo_environment(port: int) -> dict[str, str]:
    return {
        "ENVIRONMENT": "demo",
        "PORT": str(port),
        # Not left to PORT: honcho gives each process a port of its own, and the worker's mail must lead to the site.
        "BASE_URL": os.environ.get("BASE_URL") or f"http://127.0.0.1:{port}",
        "CONTENT_ORIGIN": os.environ.get("CONTENT_ORIGIN") or f"http://localhost:{port}",
        "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}",
        "PYTHONUNBUFFERED": "1",
    }


def manage(*words: str, env: dict[str, str], quiet: bool = True) -> None:
    run([BIN / "python", "manage.py", *words], env=env, quiet=quiet)


def compile_messages() -> None:
    source, compiled = CATALOGUE / "django.po", CATALOGUE / "django.mo"
    value = fingerprint([source])
    if compiled.is_file() and is_stamped(STAMPS / "messages", value):
        return
    with step("Compiling the translations"):
        run([BIN / "pybabel", "compile", "-d", "lms/locale", "-D", "django", "-l", "sv"], quiet=True)
    put_stamp(STAMPS / "messages", value)


def migrate(env: dict[str, str]) -> None:
    ours = [folder for package in PACKAGES for folder in (ROOT / package).rglob("migrations")]
    value = fingerprint([*ours, ROOT / "requirements.txt"])
    if (VAR / "db.sqlite3").is_file() and is_stamped(STAMPS / "migrations", value):
        return
    with step("Migrating the database"):
        manage("migrate", "--no-input", "--verbosity", "0", env=env, quiet=False)
    put_stamp(STAMPS / "migrations", value)


def collect_static(env: dict[str, str]) -> None:
    sources = [ROOT / "lms" / "static", ROOT / "lms" / "settings.py", ROOT / "requirements.txt"]
    value = fingerprint([*sources, ROOT / "package-lock.json"])
    if (VAR / "static" / "staticfiles.json").is_file() and is_stamped(STAMPS / "static", value):
        return
    with step("Collecting the static files"):
        manage("collectstatic", "--no-input", "--clear", "--verbosity", "0", env=env)
    put_stamp(STAMPS / "static", value)


def load_demo(env: dict[str, str]) -> None:
    if DEMO.is_file():
        return
    with step("Loading the demo data"):
        manage("load_demo", env=env, quiet=False)


def point_demo_file_at(port: int) -> dict[str, Any]:
    """The contents of var/demo.json, with today's port in its addresses."""
    text = DEMO.read_text(encoding="utf-8")
    before, now = json.loads(text)["base_url"].rstrip("/"), f"http://127.0.0.1:{port}"
    if before != now:
        text = text.replace(before, now)
        DEMO.write_text(text, encoding="utf-8")
    demo: dict[str, Any] = json.loads(text)
    return demo


def explain(demo: dict[str, Any], port: int) -> None:
    users = demo["users"]
    say(f"\nReady: {demo['base_url']}/   (course packages from http://localhost:{port})")
    say(f"  Log in at {demo['base_url']}/konto/login/ as, for example (all {len(users)} are in var/demo.json):")
    for handle in ("prescriber_new", "prescriber_ok", "manager", "coordinator", "editor", "admin"):
        if handle in users:
            user = users[handle]
            say(f"    {user['username']:<28} {user['password']:<24} {user.get('shows', '')}")
    for name, client in demo.get("machine_clients", {}).items():
        say(f"  Machine client {name}: {client['client_id']}, token from {client['token_url']}")
    say("  Editing: /admin/   API: /api/v1/docs   Stop with Ctrl-C; `make demo-reset` starts over.\n")


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live", timeout=2) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except urllib.error.HTTPError:
        return False
    except OSError:
        return False


def serve(port: int, env: dict[str, str]) -> int:
    """Start web and worker, say when they are ready, and pass signals on until they end."""
    processes = subprocess.Popen([BIN / "honcho", "start"], cwd=ROOT, env={**os.environ, **env})
    PID_FILE.write_text(str(os.getpid()))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: processes.terminate())
    try:
        deadline = time.monotonic() + READY_WITHIN
        while not answers(port):
            if processes.poll() is not None:
                raise Stop("The server did not start; its last lines are above.")
            if time.monotonic() > deadline:
                processes.terminate()
                raise Stop(f"No answer on port {port} within {READY_WITHIN} seconds.")
            time.sleep(0.1)
        explain(point_demo_file_at(port), port)
        code = processes.wait()
        return 0 if code in {0, -signal.SIGTERM, -signal.SIGINT, 130, 143} else code
    finally:
        if processes.poll() is None:
            processes.terminate()
            processes.wait()
        PID_FILE.unlink(missing_ok=True)


def is_running() -> bool:
    try:
        os.kill(int(PID_FILE.read_text()), 0)
    except (OSError, ValueError):
        return False
    return True


def reset() -> None:
    if is_running():
        raise Stop("The demo is running (see var/run.pid): stop it first, with Ctrl-C where it runs.")
    for path in [path for pattern in DEMO_DATA for path in VAR.glob(pattern)]:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    say("The demo's data is gone; `make run` loads it anew.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reset", action="store_true", help="remove the demo's data and stop")
    if parser.parse_args().reset:
        reset()
        return
    try:
        port = int(os.environ.get("PORT") or 8000)
    except ValueError:
        raise Stop(f"PORT is {os.environ['PORT']!r}; set it to a number, for example PORT=8001") from None
    if is_listening(port):
        raise Stop(f"Port {port} is taken. Choose another: make run PORT={port + 1}")
    VAR.mkdir(exist_ok=True)
    env = demo_environment(port)
    install_python_packages(dev=False)
    install_front_end(dev=False)
    compile_messages()
    migrate(env)
    collect_static(env)
    load_demo(env)
    raise SystemExit(serve(port, env))


if __name__ == "__main__":
    main()
