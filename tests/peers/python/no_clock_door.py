"""A server started by `startline serve` takes the time from the machine, whatever stands on its standard input.

    python no_clock_door.py STUBS PROGRAM DATA
"""

import subprocess
import sys
from datetime import datetime, timezone

STUBS, PROGRAM, DATA = sys.argv[1:]
sys.path.insert(0, STUBS)

import grpc  # noqa: E402
from peer import Server, moment  # noqa: E402

server = Server(PROGRAM, ["--data", DATA], None, None)
serving = subprocess.Popen(
    [PROGRAM, "serve", "--listen", "127.0.0.1:0", "--data", DATA],
    stdin=subprocess.PIPE,
    stdout=subprocess.PIPE,
    stderr=subprocess.DEVNULL,
    text=True,
)
try:
    address = serving.stdout.readline().removeprefix("startline serves on ").strip()
    asha = server.add_user("Asha", "adviser", "somerset")
    before = datetime.now(timezone.utc)
    serving.stdin.write("2031-03-03T10:00:00Z\n")
    serving.stdin.close()
    server.channel = grpc.insecure_channel(address)
    facts = {"last_name": "Hill", "postcode": "BA11 9ZZ", "talk_language": "en", "letter_language": "en"}
    client = asha.call("ClientService.CreateClient", facts=facts).client
    first_contact = moment(client.first_contact_time)
    assert before <= first_contact <= datetime.now(timezone.utc), f"it is not {first_contact}"
    server.channel.close()
finally:
    serving.terminate()
    said = serving.stdout.read()
    serving.wait()
assert serving.returncode == 0, f"the server ended with {serving.returncode}"
assert said == "", f"the server answered: {said}"
print("There is no clock door.")
