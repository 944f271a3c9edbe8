"""A personal adviser's calendar, read by another library's parser (icalendar), is as it was booked.

    python calendar_feed.py STUBS PROGRAM DATA
"""

import sys
import urllib.error
import urllib.request
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

STUBS, PROGRAM, DATA = sys.argv[1:]
sys.path.insert(0, STUBS)

import icalendar  # noqa: E402
from peer import Server, moment, timestamp  # noqa: E402
from startline.v1 import diary_pb2  # noqa: E402

BEGINS = datetime(2026, 3, 3, 10, 0, tzinfo=timezone.utc)
# On either side of the Sunday on which the clocks go forward.
WANTED = [datetime(2026, 3, 27, 9, 0, tzinfo=timezone.utc), datetime(2026, 3, 31, 8, 0, tzinfo=timezone.utc)]
NAMES = [("Rosa Jane", "Fry"), ("Ŵyn", "O'Brien, Smith; Jones")]

with open(f"{DATA}/startline.toml", "w", encoding="utf-8") as settings:
    settings.write('[web]\nlisten = "127.0.0.1:0"\n')
server = Server(PROGRAM, ["--data", DATA, "--config", f"{DATA}/startline.toml"], BEGINS, open(f"{DATA}/server.log", "a"))
server.start()
asha = server.add_user("Asha", "adviser", "somerset")
priya = server.add_user("Priya, of Frome; and Wells", "personal-adviser", "somerset")

shifts = [diary_pb2.Shift(weekday=day, start="09:00", end="17:00") for day in range(1, 6)]
priya.call("DiaryService.SetWorkingPattern", personal_adviser_id=priya.id, office_id="frome", valid_from="2026-03-01", shifts=shifts)
booked = []
for (other, last), wanted in zip(NAMES, WANTED):
    facts = {"other_names": other, "last_name": last, "phone": "01373 000123", "postcode": "BA11 9ZZ"}
    client = asha.call("ClientService.CreateClient", facts=facts).client
    claim = asha.call("ClaimService.OpenClaim", client_id=client.client_id).claim.claim_id
    # The second in a room with a door: its name and the office's have a comma between them.
    wishes = diary_pb2.MeetingWishes(private_room=bool(booked))
    slots = asha.call("DiaryService.FindSlots", claim_id=claim, not_before_time=timestamp(wanted), wishes=wishes).slots
    slot = next(slot for slot in slots if moment(slot.start_time) >= wanted)
    held = asha.call("DiaryService.HoldSlot", claim_id=claim, personal_adviser_id=priya.id, start_time=slot.start_time, wishes=wishes)
    appointment = asha.call("DiaryService.BookAppointment", appointment_id=held.appointment.appointment_id).appointment
    booked.append((appointment, f"{other[0]}. {last[0]}."))

url = priya.call("CalendarService.CreateCalendarFeed", personal_adviser_id=priya.id).url
with urllib.request.urlopen(url, timeout=60) as answer:
    assert answer.status == 200 and answer.headers["Content-Type"] == "text/calendar; charset=utf-8", answer.headers
    raw = answer.read()
for line in raw.split(b"\r\n"):
    assert len(line) <= 75 and b"\n" not in line, line
    line.decode("utf-8")
calendar = icalendar.Calendar.from_ical(raw)
assert not calendar.errors, calendar.errors
# Properties that came after the first standard are given as they are written.
assert str(calendar["NAME"]) == "Priya\\, of Frome\\; and Wells", calendar["NAME"]

# The zone as the calendar itself describes it, and not as this machine knows it.
(zone,) = calendar.walk("VTIMEZONE")
london = zone.to_tz()
for month, hours in [(1, 0), (7, 1), (12, 0)]:
    offset = london.utcoffset(datetime(2026, month, 15, 12, 0))
    assert offset == timedelta(hours=hours), f"in month {month} London is {offset} ahead"

events = calendar.walk("VEVENT")
assert len(events) == len(booked), f"{len(booked)} meetings and {len(events)} events"
for event, (appointment, initials) in zip(events, booked):
    assert not event.errors, event.errors
    start, end = event["DTSTART"].dt, event["DTEND"].dt
    assert event["DTSTART"].params["TZID"] == "Europe/London"
    assert start.astimezone(timezone.utc) == moment(appointment.slot.start_time), (start, appointment.slot)
    assert end.astimezone(timezone.utc) == moment(appointment.slot.end_time), (end, appointment.slot)
    by_the_wall = moment(appointment.slot.start_time).astimezone(ZoneInfo("Europe/London"))
    assert start.replace(tzinfo=None) == by_the_wall.replace(tzinfo=None), (start, by_the_wall)
    assert str(event["UID"]) == f"{appointment.appointment_id}@startline", event["UID"]
    assert int(event["SEQUENCE"]) == 0 and str(event["STATUS"]) == "CONFIRMED", event
    assert str(event["SUMMARY"]) == f"{initials} · {appointment.appointment_id[-4:]}", event["SUMMARY"]
    room = appointment.slot.room
    where = f"{room}, ONE office Frome" if room else "ONE office Frome"
    assert str(event["LOCATION"]) == where, (event["LOCATION"], room)
assert booked[1][0].slot.room, "the second meeting is in a room"
text = raw.decode("utf-8")
for told in ["Rosa", "Fry", "Brien", "000123", "meeting"]:
    assert told not in text, f"{told} is told"

# Revoked, it is nobody's.
feed = priya.call("CalendarService.ListCalendarFeeds").feeds[0]
priya.call("CalendarService.RevokeCalendarFeed", feed_id=feed.feed_id)
try:
    urllib.request.urlopen(url, timeout=60)
    raise AssertionError("a revoked calendar is served")
except urllib.error.HTTPError as refusal:
    assert refusal.code == 404, refusal
server.stop()
print("The calendar is as it was booked.")
