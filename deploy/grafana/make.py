#!/usr/bin/env python3
"""Makes the Grafana dashboards of Startline from the list of its metrics.

    startline metrics | deploy/grafana/make.py            writes floor.json and operations.json beside this file
    startline metrics | deploy/grafana/make.py --check    compares them with what is there
    deploy/grafana/make.py --expressions                  every PromQL expression of dashboards and alerts, one a line

The list may also be a file: make.py [--check] LIST. What is on the dashboards stands in PANELS, and nowhere else.
"""

import argparse
import json
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ALERTS = HERE.parent / "prometheus" / "alerts.yaml"

# name: (title, description, shown from, refreshed every, variables: (name, label, query))
DASHBOARDS = {
    "floor": (
        "Startline: the floor",
        "For supervisors: who calls, who waits, and who is there to answer.",
        "now-3h",
        "15s",
        [("site", "Site", "label_values(startline_calls_waiting, site)")],
    ),
    "operations": (
        "Startline: operations",
        "For those who run the service: its doors, its database, and what it does by itself.",
        "now-6h",
        "30s",
        [("method", "Method", "label_values(rpc_server_call_duration_seconds_count, rpc_method)")],
    ),
}


def quantiles(metric, matchers="", window="$__rate_interval"):
    """p50, p90 and p99 of a histogram."""
    of = "sum by (le) (rate(%s_bucket%s[%s]))" % (metric, matchers, window)
    shares = (("0.5", "p50"), ("0.9", "p90"), ("0.99", "p99"))
    return [("histogram_quantile(%s, %s)" % (share, of), name) for share, name in shares]


def slowest(quantile):
    """The ten slowest methods."""
    buckets = 'rate(rpc_server_call_duration_seconds_bucket{rpc_method=~"$method"}[$__rate_interval])'
    return "topk(10, histogram_quantile(%s, sum by (le, rpc_method) (%s)))" % (quantile, buckets)


# (dashboard, row, title, kind, columns of 24, unit, [(expression, legend)]). Where a panel stands follows from the order.
# Kinds: lines, stacked (one on the other); and as it is now: number, table, bars.
PANELS = [
    ("floor", "Now", "Callers waiting", "number", 6, "short", [
        ('sum(startline_calls_waiting{site=~"$site"})', "waiting")]),
    ("floor", "Now", "Longest wait", "number", 6, "s", [
        ('max(startline_longest_wait_seconds{site=~"$site"})', "longest")]),
    ("floor", "Now", "Advisers free", "number", 6, "short", [
        ('sum(startline_advisers{site=~"$site", state="free"})', "free")]),
    ("floor", "Now", "Advisers signed in", "number", 6, "short", [
        ('sum(startline_advisers{site=~"$site"})', "signed in")]),
    ("floor", "Waiting", "Callers waiting by site", "stacked", 12, "short", [
        ('sum by (site) (startline_calls_waiting{site=~"$site"})', "{{site}}")]),
    ("floor", "Waiting", "Longest wait by site", "lines", 12, "s", [
        ('max by (site) (startline_longest_wait_seconds{site=~"$site"})', "{{site}}")]),
    ("floor", "Advisers", "Advisers by state", "stacked", 12, "short", [
        ('sum by (state) (startline_advisers{site=~"$site"})', "{{state}}")]),
    ("floor", "Advisers", "Advisers now, by site and state", "bars", 12, "short", [
        ('sum by (site, state) (startline_advisers{site=~"$site"})', "{{site}}: {{state}}")]),
    ("floor", "Calls", "Calls that ended, a minute, by outcome", "stacked", 8, "short", [
        ('60 * sum by (outcome) (rate(startline_calls_total{site=~"$site"}[$__rate_interval]))', "{{outcome}}")]),
    ("floor", "Calls", "Calls that ended, a minute, by site", "stacked", 8, "short", [
        ('60 * sum by (site) (rate(startline_calls_total{site=~"$site"}[$__rate_interval]))', "{{site}}")]),
    ("floor", "Calls", "Calls in the time shown", "bars", 8, "short", [
        ('sum by (site, outcome) (increase(startline_calls_total{site=~"$site"}[$__range]))', "{{site}}: {{outcome}}")]),
    ("floor", "Waits", "How long answered callers waited", "lines", 8, "s",
        quantiles("startline_call_wait_seconds", '{site=~"$site", outcome="answered"}', window="15m")),
    ("floor", "Waits", "How long callers waited who gave up", "lines", 8, "s",
        quantiles("startline_call_wait_seconds", '{site=~"$site", outcome="abandoned"}', window="15m")),
    ("floor", "Waits", "Nine in ten were answered within, by site", "lines", 8, "s", [
        ("histogram_quantile(0.9, sum by (le, site) "
         '(rate(startline_call_wait_seconds_bucket{site=~"$site", outcome="answered"}[15m])))', "{{site}}")]),
    ("floor", "Offers, of all sites", "Offers, a minute", "lines", 12, "short", [
        ("60 * sum(rate(startline_offers_total[$__rate_interval]))", "offered")]),
    ("floor", "Offers, of all sites", "How offers ended, a minute", "stacked", 12, "short", [
        ("60 * sum by (outcome) (rate(startline_offers_ended_total[$__rate_interval]))", "{{outcome}}")]),

    ("operations", "Now", "What runs", "table", 12, "short", [
        ("startline_build_info", "")]),
    ("operations", "Now", "Call records in memory", "number", 4, "short", [
        ("sum(startline_call_records_waiting)", "waiting")]),
    ("operations", "Now", "Age of the database's figures", "number", 4, "s", [
        ("max(startline_figures_age_seconds)", "age")]),
    ("operations", "Now", "Panics in the time shown", "number", 4, "short", [
        ("sum(increase(startline_panics_total[$__range]))", "panics")]),
    ("operations", "RPC", "Calls a second", "stacked", 8, "reqps", [
        ('topk(10, sum by (rpc_method) (rate(rpc_server_call_duration_seconds_count{rpc_method=~"$method"}'
         "[$__rate_interval])))", "{{rpc_method}}")]),
    ("operations", "RPC", "Answers other than OK, a second, by code", "stacked", 8, "reqps", [
        ("sum by (rpc_response_status_code) (rate(rpc_server_call_duration_seconds_count"
         '{rpc_method=~"$method", rpc_response_status_code!="OK"}[$__rate_interval]))', "{{rpc_response_status_code}}")]),
    ("operations", "RPC", "Share of answers that are our fault", "lines", 8, "percentunit", [
        ('sum(rate(rpc_server_call_duration_seconds_count{rpc_method=~"$method", '
         'rpc_response_status_code=~"INTERNAL|UNAVAILABLE|UNKNOWN"}[$__rate_interval])) / '
         'sum(rate(rpc_server_call_duration_seconds_count{rpc_method=~"$method"}[$__rate_interval]))', "share")]),
    ("operations", "RPC", "p50, the ten slowest methods", "lines", 8, "s", [(slowest("0.5"), "{{rpc_method}}")]),
    ("operations", "RPC", "p99, the ten slowest methods", "lines", 8, "s", [(slowest("0.99"), "{{rpc_method}}")]),
    ("operations", "RPC", "Open streams", "stacked", 8, "short", [
        ('sum by (rpc_method) (startline_streams_open{rpc_method=~"$method"})', "{{rpc_method}}")]),
    ("operations", "Signing in", "Sign-ins with a browser, a minute", "stacked", 12, "short", [
        ("60 * sum by (by, outcome) (rate(startline_sign_ins_total[$__rate_interval]))", "{{by}}: {{outcome}}")]),
    ("operations", "Signing in", "Requests without a valid token, a minute", "lines", 12, "short", [
        ("60 * sum(rate(startline_requests_of_strangers_total[$__rate_interval]))", "requests")]),
    ("operations", "Database", "Commits and mutations, a second", "lines", 8, "short", [
        ("sum(rate(startline_commit_writes_count[$__rate_interval]))", "commits"),
        ("sum(rate(startline_commit_writes_sum[$__rate_interval]))", "mutations"),
        ("sum(rate(startline_mutation_retries_total[$__rate_interval]))", "run again")]),
    ("operations", "Database", "Mutations a commit", "lines", 8, "short", quantiles("startline_commit_writes")),
    ("operations", "Database", "Connections", "stacked", 8, "short", [
        ("sum by (instance, db_client_connection_state) (db_client_connection_count)",
         "{{instance}}: {{db_client_connection_state}}")]),
    ("operations", "Database", "Wait for a connection or a turn", "lines", 12, "s",
        quantiles("db_client_connection_wait_time_seconds")),
    ("operations", "Database", "Call records in memory, by server", "lines", 12, "short", [
        ("startline_call_records_waiting", "{{instance}}")]),
    # Each server reads the same jobs from the one database: the largest figure, not the sum.
    ("operations", "Jobs and post", "Jobs", "lines", 8, "short", [
        ("max by (state) (startline_jobs)", "{{state}}")]),
    ("operations", "Jobs and post", "Oldest job", "lines", 8, "s", [
        ("max(startline_oldest_job_age_seconds)", "age")]),
    ("operations", "Jobs and post", "Packs and letters, a minute", "lines", 8, "short", [
        ("60 * sum by (outcome) (rate(startline_packs_total[$__rate_interval]))", "{{outcome}}")]),
    ("operations", "Jobs and post", "Print jobs", "lines", 8, "short", [
        ("max by (site, state) (startline_print_jobs)", "{{site}} {{state}}")]),
    ("operations", "Jobs and post", "Oldest print job that is not printed, by print room", "lines", 8, "s", [
        ("max by (site) (startline_oldest_print_job_age_seconds)", "{{site}}")]),
    ("operations", "Jobs and post", "Reminders", "lines", 8, "short", [
        ("max by (state) (startline_reminders)", "{{state}}")]),
    ("operations", "Jobs and post", "Age of these figures, by server", "lines", 8, "s", [
        ("startline_figures_age_seconds", "{{instance}}")]),
    ("operations", "Telephone switches", "SIP requests a second", "stacked", 12, "reqps", [
        ("sum by (method) (rate(startline_sip_messages_total[$__rate_interval]))", "{{method}}")]),
    ("operations", "Telephone switches", "SIP requests refused, a second", "stacked", 12, "reqps", [
        ("sum by (reason) (rate(startline_sip_refusals_total[$__rate_interval]))", "{{reason}}")]),
    ("operations", "The process", "Workers' rounds, a minute", "lines", 6, "short", [
        ('60 * sum by (worker) (rate(startline_worker_rounds_total{outcome="done"}[$__rate_interval]))', "{{worker}}")]),
    ("operations", "The process", "Workers' rounds that failed, a minute", "lines", 6, "short", [
        ('60 * sum by (worker, outcome) (rate(startline_worker_rounds_total{outcome!="done"}[$__rate_interval]))',
         "{{worker}}: {{outcome}}")]),
    ("operations", "The process", "Panics, by what they ended", "lines", 6, "short", [
        ("sum by (ended) (increase(startline_panics_total[$__rate_interval]))", "{{ended}}")]),
    ("operations", "The process", "Spans a second", "lines", 6, "short", [
        ("sum by (outcome) (rate(startline_spans_total[$__rate_interval]))", "{{outcome}}")]),
    ("operations", "The process", "Until a certificate ends", "lines", 6, "s", [
        ("startline_certificate_ends_timestamp_seconds - time()", "{{instance}}: {{door}}")]),
]

# What an expression may say.

FUNCTIONS_OF_COUNTERS = r"\b(?:rate|irate|increase)\s*\(\s*([a-zA-Z_:][\w:]*)"
GROUPINGS = r"\b(by|without|on|ignoring)\s*\(([^)]*)\)"
WORDS = {"and", "or", "unless", "offset", "bool", "inf", "nan"}
# Prometheus puts these on every series that it scrapes; `up` is its own.
TARGET_LABELS = {"job", "instance"}


class Fault(Exception):
    """A sentence for whoever ran this."""


class Metrics:
    """The list, by the names under which Prometheus has the series."""

    def __init__(self, listed):
        self.listed = {metric["name"]: metric for metric in listed}
        self.series = {"up": ("up", "gauge", set())}
        for name, metric in self.listed.items():
            labels = set(metric["labels"])
            if metric["kind"] == "histogram":
                self.series[name + "_bucket"] = (name, "counter", labels | {"le"})
                self.series[name + "_sum"] = (name, "counter", labels)
                self.series[name + "_count"] = (name, "counter", labels)
            else:
                self.series[name] = (name, metric["kind"], labels)

    def check(self, expression, where, legend=""):
        """The metrics of the list that it names."""
        bare = re.sub(r'"(?:[^"\\]|\\.)*"', '""', expression)
        used = names(bare)
        if not used:
            raise Fault(f"{where}: {expression} names no metric.")
        for series in used:
            if series not in self.series:
                raise Fault(f"{where}: the list of metrics has no {series}.")
        for series in re.findall(FUNCTIONS_OF_COUNTERS, bare):
            if series in self.series and self.series[series][1] != "counter":
                raise Fault(f"{where}: {series} is a gauge, and has no rate.")
        for series, matchers in re.findall(r"([a-zA-Z_:][\w:]*)\s*\{([^}]*)\}", bare):
            for label in re.findall(r"([a-zA-Z_]\w*)\s*(?:=|!)", matchers):
                self.check_label(label, [series], where)
        for labels, operand in groupings(bare):
            for label in labels:
                self.check_label(label, names(operand), where)
        for label in re.findall(r"\{\{(\w+)\}\}", legend):
            self.check_label(label, used, where)
        return {self.series[series][0] for series in used} - {"up"}

    def check_label(self, label, used, where):
        for series in used:
            if label not in self.series[series][2] | TARGET_LABELS:
                raise Fault(f"{where}: {series} has no label {label}.")


def names(bare):
    """The series that an expression without its strings names, in its order."""
    rest = re.sub(GROUPINGS + r"|\{[^}]*\}|\[[^\]]*\]", " ", bare)
    found = re.findall(r"(?<![\w.$])([a-zA-Z_:][\w:]*)\b(?!\s*\()", rest)
    return list(dict.fromkeys(name for name in found if name.lower() not in WORDS))


def groupings(bare):
    """The labels of each grouping, and what they are labels of: for `by`, what is in the brackets; for `on`, everything."""
    for clause in re.finditer(GROUPINGS, bare):
        labels = re.findall(r"\w+", clause[2])
        if clause[1] in ("on", "ignoring"):
            yield labels, bare
        else:
            yield labels, balanced(bare[clause.end() :].lstrip())


def balanced(text):
    """From an opening bracket to the one that closes it."""
    if not text.startswith("("):
        raise Fault("a grouping stands before its brackets: sum by (site) (...).")
    depth = 0
    for at, character in enumerate(text):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth == 0:
            return text[: at + 1]
    raise Fault(f"a bracket is not closed in {text}.")


def alerts():
    """The name and the expression of each alert. Reads the YAML only as far as alerts.yaml uses it."""
    found, name, block = [], None, None
    for line in ALERTS.read_text(encoding="utf-8").splitlines():
        indent = len(line) - len(line.lstrip())
        if block is not None and line.strip() and indent > block:
            found[-1][1].append(line.strip())
            continue
        block = None
        if alert := re.fullmatch(r"\s*- alert: (\w+)", line):
            name = alert[1]
        elif expr := re.fullmatch(r"\s*expr: (.+)", line):
            folded = expr[1] in (">-", ">", "|", "|-")
            found.append((name, [] if folded else [expr[1]]))
            block = indent if folded else None
    if not found:
        raise Fault(f"{ALERTS.name} has no alerts.")
    return [(name, " ".join(lines)) for name, lines in found]


def expressions():
    """As they can be run: whatever is chosen, of the last minute."""
    for _, _, _, _, _, _, targets in PANELS:
        for expression, _ in targets:
            yield plain(expression)
    for _, expression in alerts():
        yield expression


def plain(expression):
    for variable, value in (("$__rate_interval", "1m"), ("$__interval", "1m"), ("$__range", "1h")):
        expression = expression.replace(variable, value)
    return re.sub(r"\$\w+", ".*", expression)


# What Grafana reads.

DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
HEIGHTS = {"number": 4, "table": 4}
TYPES = {"lines": "timeseries", "stacked": "timeseries", "number": "stat", "table": "table", "bars": "bargauge"}
LAST = {"calcs": ["lastNotNull"], "fields": "", "values": False}


def instant(kind, expression):
    """A number has a small line behind it; what counts over the whole time that is shown needs only the end of it."""
    return kind in ("table", "bars") or "$__range" in expression


def panel_json(number, place, panel, description):
    _, _, title, kind, _, unit, targets = panel
    field = {"unit": unit, "min": 0, "color": {"mode": "palette-classic"}}
    options = {}
    if kind in ("lines", "stacked"):
        stacked = kind == "stacked"
        field["custom"] = {
            "fillOpacity": 40 if stacked else 0,
            "lineWidth": 1,
            "showPoints": "never",
            "stacking": {"group": "A", "mode": "normal" if stacked else "none"},
        }
        options = {
            "legend": {"calcs": ["lastNotNull", "max"], "displayMode": "table", "placement": "bottom", "showLegend": True},
            "tooltip": {"mode": "multi", "sort": "desc"},
        }
    elif kind == "number":
        field["color"] = {"fixedColor": "text", "mode": "fixed"}
        options = {"colorMode": "value", "graphMode": "area", "reduceOptions": LAST, "textMode": "value"}
    elif kind == "bars":
        options = {"displayMode": "basic", "orientation": "horizontal", "reduceOptions": LAST, "showUnfilled": True}
    made = {
        "datasource": DATASOURCE,
        "description": description,
        "fieldConfig": {"defaults": field, "overrides": []},
        "gridPos": place,
        "id": number,
        "options": options,
        "targets": [
            {
                "datasource": DATASOURCE,
                "editorMode": "code",
                "expr": expression,
                "format": "table" if kind == "table" else "time_series",
                "instant": instant(kind, expression),
                "legendFormat": legend or "__auto",
                "range": not instant(kind, expression),
                "refId": chr(ord("A") + at),
            }
            for at, (expression, legend) in enumerate(targets)
        ],
        "title": title,
        "type": TYPES[kind],
    }
    if kind == "table":
        hidden = {"Time": True, "Value": True, "__name__": True}
        made["transformations"] = [{"id": "organize", "options": {"excludeByName": hidden}}]
    return made


def dashboard_json(name, metrics):
    title, description, shown_from, refresh, variables = DASHBOARDS[name]
    panels, row, x, y, height = [], None, 0, 0, 0
    for panel in (panel for panel in PANELS if panel[0] == name):
        if panel[1] != row:
            row, x, y, height = panel[1], 0, y + height, 0
            place = {"h": 1, "w": 24, "x": 0, "y": y}
            heading = {"collapsed": False, "panels": [], "title": row, "type": "row"}
            panels.append(heading | {"gridPos": place, "id": len(panels) + 1})
            y += 1
        if x + panel[4] > 24:
            x, y, height = 0, y + height, 0
        high = HEIGHTS.get(panel[3], 8)
        place = {"h": high, "w": panel[4], "x": x, "y": y}
        x, height = x + panel[4], max(height, high)
        used = sorted(set().union(*(metrics.check(e, f"{name}, {panel[2]}", legend) for e, legend in panel[6])))
        about = "\n\n".join(f"{metric}: {metrics.listed[metric]['help']}" for metric in used)
        panels.append(panel_json(len(panels) + 1, place, panel, about))
    datasource = {"label": "Data source", "name": "datasource", "query": "prometheus", "refresh": 1, "type": "datasource"}
    return {
        "description": description,
        "editable": True,
        "graphTooltip": 1,
        "links": [{"keepTime": True, "tags": ["startline"], "title": "Startline", "type": "dashboards"}],
        "panels": panels,
        "refresh": refresh,
        "schemaVersion": 39,
        "tags": ["startline"],
        "templating": {"list": [datasource] + [variable_json(name, metrics, *variable) for variable in variables]},
        "time": {"from": shown_from, "to": "now"},
        "timezone": "browser",
        "title": title,
        "uid": f"startline-{name}",
        "version": 1,
    }


def variable_json(dashboard, metrics, name, label, query):
    series, of = re.fullmatch(r"label_values\((\w+), (\w+)\)", query).groups()
    metrics.check(f"sum by ({of}) ({series})", f"{dashboard}, variable {name}")
    return {
        "allValue": ".*",
        "current": {"selected": True, "text": ["All"], "value": ["$__all"]},
        "datasource": DATASOURCE,
        "definition": query,
        "includeAll": True,
        "label": label,
        "multi": True,
        "name": name,
        "query": {"query": query, "refId": "StandardVariableQuery"},
        "refresh": 2,
        "sort": 1,
        "type": "query",
    }


def make(listed):
    """The text of each dashboard by its file's name."""
    metrics = Metrics(listed)
    shown = set()
    for dashboard, _, title, _, _, _, targets in PANELS:
        for expression, legend in targets:
            shown |= metrics.check(expression, f"{dashboard}, {title}", legend)
    for name, expression in alerts():
        metrics.check(expression, f"{ALERTS.name}, {name}")
    if missing := sorted(set(metrics.listed) - shown):
        raise Fault(f"no dashboard shows {', '.join(missing)}: give each a panel in PANELS.")
    made = {name: dashboard_json(name, metrics) for name in DASHBOARDS}
    return {f"{name}.json": json.dumps(of, indent=1, sort_keys=True) + "\n" for name, of in made.items()}


def read_list(path):
    text = sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
    try:
        listed = json.loads(text)
        return [{key: metric[key] for key in ("name", "kind", "labels", "help")} for metric in listed]
    except (ValueError, KeyError, TypeError):
        raise Fault("the list is not what `startline metrics` prints: an array of name, kind, labels and help.") from None


def main():
    parser = argparse.ArgumentParser(description="Makes the Grafana dashboards from the list of `startline metrics`.")
    parser.add_argument("list", nargs="?", default="-", metavar="LIST", help="a file with the list; else it is read from stdin")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a dashboard is not as it would be made")
    parser.add_argument("--expressions", action="store_true", help="print every PromQL expression, one a line; reads no list")
    asked = parser.parse_args()
    if asked.expressions:
        print(*dict.fromkeys(expressions()), sep="\n")
        return
    made = make(read_list(asked.list))
    if not asked.check:
        for file, text in made.items():
            (HERE / file).write_text(text, encoding="utf-8")
        return
    for file, text in made.items():
        there = HERE / file
        if not there.exists() or there.read_text(encoding="utf-8") != text:
            raise Fault(f"{file} is not what make.py makes of the list: run `startline metrics | deploy/grafana/make.py`.")


if __name__ == "__main__":
    try:
        main()
    except (Fault, OSError) as fault:
        sys.exit(f"make.py: {fault}")
