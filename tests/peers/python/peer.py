"""What a client of Startline needs: a server to talk to, people with tokens, and refusals taken apart.

The stubs are generated from `proto/` by the test that runs this; their folder is on the path.
"""

import importlib
import subprocess
import uuid
from datetime import datetime, timezone

import error_details_pb2
import grpc
from google.protobuf import json_format, message_factory, struct_pb2, timestamp_pb2
from startline.v1 import claim_pb2, common_pb2

# No call of the story takes this long: it only keeps a fault from hanging the test.
PATIENCE_S = 120

SERVICES = {
    "CalendarService": "calendar",
    "ReminderService": "reminder",
    "RoutingService": "routing",
    "DeskService": "desk",
    "ClientService": "client",
    "CallbackService": "callback",
    "ScriptService": "script",
    "ClaimService": "claim",
    "DiaryService": "diary",
    "PackService": "pack",
    "DefinitionService": "definition",
}


class Server:
    """`startline tour-server`: a process of its own, with a clock moved by hand. It ends when its input does."""

    def __init__(self, program, store, begins, log):
        self.program = program
        self.store = store
        self.now = begins
        self.log = log
        self.channel = None
        self.process = None

    def start(self):
        self.process = subprocess.Popen(
            [self.program, "tour-server", "--listen", "127.0.0.1:0", "--clock", rfc3339(self.now), *self.store],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )
        self.channel = grpc.insecure_channel(self._hear("listening "))

    def move_clock(self, to):
        self.process.stdin.write(rfc3339(to) + "\n")
        self.process.stdin.flush()
        said = datetime.fromisoformat(self._hear("clock "))
        assert said == to, f"the clock should stand at {to} and stands at {said}"
        self.now = to

    def kill(self):
        """SIGKILL, as a power cut would have it."""
        self.process.kill()
        code = self.process.wait()
        assert code == -9, f"the server should have been killed, and ended with {code}"
        self._let_go()

    def stop(self):
        """The end of its input stops the server in order."""
        self.process.stdin.close()
        code = self.process.wait(PATIENCE_S)
        assert code == 0, f"the server ended with {code}"
        self._let_go()

    def add_user(self, name, role, site=None):
        at = ["--site", site] if site else []
        done = subprocess.run(
            [self.program, "user", "add", name, "--role", role, *at, *self.store],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{name} was not added: {done.stderr}"
        token = done.stdout.strip()
        assert token and token not in done.stderr, "the token stands alone on standard output"
        user_id = done.stderr.split(" was added as ")[1].split(".")[0]
        return Person(self, name, user_id, token)

    def _hear(self, beginning):
        line = self.process.stdout.readline()
        assert line.startswith(beginning), f"the server should say {beginning!r} and said {line!r}"
        return line.removeprefix(beginning).strip()

    def _let_go(self):
        self.channel.close()
        self.process.stdout.close()


class Person:
    """Somebody with a token. `call("DeskService.SignIn", address=...)` sends one request through the generated stub."""

    def __init__(self, server, name, user_id, token):
        self.server = server
        self.name = name
        self.id = user_id
        self.metadata = (("authorization", f"Bearer {token}"),)

    def request(self, method, **fields):
        """The request's message, with a `request_id` of its own where it wants one."""
        service, verb = method.split(".")
        module = importlib.import_module(f"startline.v1.{SERVICES[service]}_pb2")
        wanted = module.DESCRIPTOR.services_by_name[service].methods_by_name[verb].input_type
        if "request_id" in wanted.fields_by_name:
            fields.setdefault("request_id", str(uuid.uuid4()))
        return message_factory.GetMessageClass(wanted)(**fields)

    def send(self, method, request):
        service, verb = method.split(".")
        stubs = importlib.import_module(f"startline.v1.{SERVICES[service]}_pb2_grpc")
        stub = getattr(stubs, f"{service}Stub")(self.server.channel)
        return getattr(stub, verb)(request, metadata=self.metadata, timeout=PATIENCE_S)

    def call(self, method, **fields):
        return self.send(method, self.request(method, **fields))

    def refused(self, code, reason, method, **fields):
        """The call must be refused, with this code and reason. Gives the refusal."""
        try:
            answer = self.call(method, **fields)
        except grpc.RpcError as error:
            refusal = Refusal(error)
        else:
            raise AssertionError(f"{method} should be refused with {code}, and was answered: {answer}")
        assert (refusal.code, refusal.reason) == (code, reason), f"{method}: {refusal}"
        return refusal

    def at_fault(self, field, method, **fields):
        """The call must be refused as wrong, with this field named, and no other."""
        refusal = self.refused("INVALID_ARGUMENT", "INVALID", method, **fields)
        assert [name for name, _ in refusal.fields] == [field], f"{method}: {refusal}"
        assert refusal.fields[0][1], f"{method} should say what would be right: {refusal}"

    def not_now(self, reason, method, **fields):
        """The call must be refused because of how things stand."""
        return self.refused("FAILED_PRECONDITION", reason, method, **fields)


class Refusal:
    """A status with its details."""

    def __init__(self, error):
        self.code = error.code().name
        self.message = error.details()
        self.reason, self.fields, self.offers, self.stale = None, [], [], []
        trailing = dict(error.trailing_metadata() or ())
        status = error_details_pb2.Status.FromString(trailing.get("grpc-status-details-bin", b""))
        for detail in status.details:
            name = detail.type_url.rsplit("/", 1)[-1]
            if name == "google.rpc.ErrorInfo":
                info = error_details_pb2.ErrorInfo.FromString(detail.value)
                assert info.domain == "startline", info
                self.reason = info.reason
            elif name == "google.rpc.BadRequest":
                bad = error_details_pb2.BadRequest.FromString(detail.value)
                self.fields = [(fault.field, fault.description) for fault in bad.field_violations]
            elif name == "startline.v1.FreshOffers":
                self.offers = list(common_pb2.FreshOffers.FromString(detail.value).offers)
            elif name == "startline.v1.StaleAnswers":
                self.stale = list(claim_pb2.StaleAnswers.FromString(detail.value).answers)

    def __str__(self):
        return f"{self.code} ({self.reason}): {self.message} {self.fields}"


def rfc3339(moment):
    return moment.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")


def moment(timestamp):
    return timestamp.ToDatetime(tzinfo=timezone.utc)


def timestamp(at):
    made = timestamp_pb2.Timestamp()
    made.FromDatetime(at)
    return made


def to_value(json):
    return json_format.ParseDict(json, struct_pb2.Value())


def from_value(value):
    return json_format.MessageToDict(value)


def same(found, expected, what):
    assert found == expected, f"{what}: {found!r} instead of {expected!r}"
