"""A real Prometheus watches the service while it does its whole job; every expression of the dashboards and alerts is
asked of it. Arguments: the program, the repository, a folder of our own."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from pathlib import Path

PROGRAM, REPOSITORY, FOLDER = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
DASHBOARDS = REPOSITORY / "deploy/grafana"
RULES = REPOSITORY / "deploy/prometheus"


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def run(*command, **more):
    done = subprocess.run(command, capture_output=True, text=True, **more)
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
    return done.stdout


def settled_files():
    """The rules are good, their own tests pass, and the dashboards are those of the list."""
    run("promtool", "check", "config", str(RULES / "prometheus.yaml"))
    run("promtool", "test", "rules", "alerts_test.yaml", cwd=RULES)
    listed = run(PROGRAM, "metrics")
    run(sys.executable, str(DASHBOARDS / "make.py"), "--check", input=listed)
    return {one["name"]: one for one in json.loads(listed)}


class Prometheus:
    def __init__(self, target):
        self.port = free_port()
        config = FOLDER / "prometheus.yml"
        config.write_text(
            "global: {scrape_interval: 250ms, scrape_timeout: 250ms, evaluation_interval: 1s}\n"
            f"rule_files: [{json.dumps(str(RULES / 'alerts.yaml'))}]\n"
            f"scrape_configs: [{{job_name: startline, static_configs: [{{targets: ['127.0.0.1:{target}']}}]}}]\n"
        )
        self.log = open(FOLDER / "prometheus.log", "w")
        arguments = [f"--config.file={config}", f"--storage.tsdb.path={FOLDER / 'tsdb'}"]
        arguments += [f"--web.listen-address=127.0.0.1:{self.port}"]
        self.process = subprocess.Popen(["prometheus", *arguments], stdout=self.log, stderr=self.log)

    def ask(self, path, **parameters):
        url = f"http://127.0.0.1:{self.port}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as fault:
            raise AssertionError(f"{parameters}: {fault.read().decode()}") from fault

    def until_well(self):
        for _ in range(600):
            assert self.process.poll() is None, "Prometheus ended: see prometheus.log"
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/-/ready", timeout=1)
                return
            except OSError:
                time.sleep(0.05)
        raise AssertionError("Prometheus is not ready")

    def value(self, expression, **more):
        return self.ask("query", query=expression, **more)["result"]


def main():
    listed = settled_files()
    target = free_port()
    settings = FOLDER / "startline.toml"
    settings.write_text(f'[telemetry]\nprometheus = true\nprometheus_listen = "127.0.0.1:{target}"\n')
    prometheus = Prometheus(target)
    try:
        prometheus.until_well()
        # Its first look at its targets takes some seconds.
        while not prometheus.value("up == 0"):
            time.sleep(0.05)
        # The tour's server takes its settings from here, as any server does.
        tour = subprocess.Popen(
            [PROGRAM, "tour", "--pdf", str(FOLDER / "pack.pdf")],
            env={"PATH": os.environ["PATH"], "STARTLINE_CONFIG": str(settings)},
            stdout=subprocess.DEVNULL,
        )
        last_seen = None
        while tour.poll() is None:
            up = prometheus.value("up == 1")
            if up:
                last_seen = float(up[0]["value"][0])
            time.sleep(0.1)
        assert tour.returncode == 0, "the tour failed"
        assert last_seen, "Prometheus never saw the service"
        seen = {one["metric"]["__name__"] for one in prometheus.value('{job="startline"}', time=last_seen)}
        unlisted = {name for name in seen if name.startswith(("startline_", "rpc_", "db_"))}
        for name, one in listed.items():
            unlisted -= {name, *(f"{name}{part}" for part in ("_bucket", "_sum", "_count"))} if one else set()
        assert not unlisted, f"shown and not listed: {unlisted}"
        asked = run(sys.executable, str(DASHBOARDS / "make.py"), "--expressions").splitlines()
        assert len(asked) > 40, asked
        answered = 0
        for expression in asked:
            # A fault of the expression is a fault of the request.
            answered += bool(prometheus.value(expression, time=last_seen))
        # Alerts have nothing to say of a service that is well, and some figures need switches or a second sample.
        assert answered >= 25, f"only {answered} of {len(asked)} expressions have a value"
        # The tour kills its server on the way, and what is in memory begins anew.
        for must in ["startline_advisers", 'startline_calls_total{outcome="answered"}', "startline_build_info"]:
            assert prometheus.value(f"max_over_time({must}[1m]) > 0", time=last_seen), must
        print(f"{len(asked)} expressions, {answered} with a value.")
        print("Prometheus understands all of it.")
    finally:
        prometheus.process.terminate()
        prometheus.process.wait()


main()
