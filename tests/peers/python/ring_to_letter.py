"""One client's start-up, from the ringing telephone to the posted letter, as `startline tour` plays it, by a client
that shares nothing with the service but `proto/`.

    python ring_to_letter.py STUBS PROGRAM DATA [DATABASE_URL]

Its last line says that the story holds. Anything else that it prints last is the fault.
"""

import hashlib
import sys
import uuid
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

STUBS, PROGRAM, DATA, *DATABASE = sys.argv[1:]
sys.path.insert(0, STUBS)

import answers  # noqa: E402
import form_checks  # noqa: E402
from peer import Person, Server, from_value, moment, same, timestamp, to_value  # noqa: E402
from startline.v1 import callback_pb2, claim_pb2, desk_pb2, diary_pb2, pack_pb2  # noqa: E402
from walking import Walking  # noqa: E402

BEGINS = datetime(2026, 3, 3, 10, 0, tzinfo=timezone.utc)
LONDON = ZoneInfo("Europe/London")
FROME_CALLER = "01373 000123"
WELLS_CALLER = "01749 000111"
NOBODY = str(uuid.uuid4())

HILL = {
    "title": "Ms",
    "other_names": "Rosemary Anne",
    "last_name": "Hill",
    "date_of_birth": "1971-04-23",
    "nino": "AB 12 34 56 C",
    "phone": FROME_CALLER,
    "address_lines": ["14 Example Row", "Frome", "Somerset"],
    "postcode": "BA11 9ZZ",
    "talk_language": "en",
    "letter_language": "en",
}


def local(stamp):
    return moment(stamp).astimezone(LONDON)


class Story:
    def __init__(self):
        store = ["--data", DATA] + (["--database-url", DATABASE[0]] if DATABASE else [])
        self.log = open(f"{DATA}/server.log", "a", encoding="utf-8")
        self.server = Server(PROGRAM, store, BEGINS, self.log)
        self.server.start()
        self.exchange = self.server.add_user("Taunton exchange", "switch")
        self.asha = self.server.add_user("Asha", "adviser", "somerset")
        self.dai = self.server.add_user("Dai", "adviser", "somerset")
        self.bryn = self.server.add_user("Bryn", "adviser", "south-east-gwent")
        self.priya = self.server.add_user("Priya", "personal-adviser", "somerset")
        self.print_room = self.server.add_user("Taunton print room", "print-room", "somerset")

    def play(self):
        self.nobody_without_a_right_comes_in()
        self.set_the_stage()
        callback = self.ringing()
        self.take_the_callback(callback)
        claim = self.open_the_claim(callback)
        Walking(self.server, self.asha, self.dai).to_the_end(claim)
        self.fill_the_form(claim)
        self.book_the_meeting(claim)
        self.complete(claim, callback)
        self.post(claim)
        self.not_lodged_before_the_meeting(claim)
        self.server.stop()

    def nobody_without_a_right_comes_in(self):
        stranger = Person(self.server, "a stranger", "", "not-a-token")
        stranger.refused("UNAUTHENTICATED", "NO_VALID_TOKEN", "ClaimService.GetClaim", claim_id=NOBODY)
        self.print_room.refused("PERMISSION_DENIED", "DENIED", "DeskService.SignIn", address="sip:x@desks.example")
        self.asha.refused("NOT_FOUND", "NOT_FOUND", "ClaimService.GetClaim", claim_id=NOBODY)
        self.asha.at_fault("claim_id", "ClaimService.GetClaim", claim_id="one")

    def set_the_stage(self):
        weekdays = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"]
        shifts = [diary_pb2.Shift(weekday=f"WEEKDAY_{day}", start="09:00", end="16:30") for day in weekdays]
        pattern = {"personal_adviser_id": self.priya.id, "office_id": "frome", "valid_from": "2026-03-02"}
        self.priya.call("DiaryService.SetWorkingPattern", shifts=shifts, **pattern)
        backwards = [diary_pb2.Shift(weekday="WEEKDAY_MONDAY", start="16:30", end="09:00")]
        self.priya.at_fault("shifts[0]", "DiaryService.SetWorkingPattern", shifts=backwards, **pattern)
        for adviser in [self.asha, self.bryn]:
            adviser.call("DeskService.SignIn", address=f"sip:{adviser.name.lower()}@desks.example")
            desk = adviser.call("DeskService.SetStatus", status="ADVISER_STATUS_AVAILABLE").desk
            same(desk.state, desk_pb2.ADVISER_STATE_IDLE, f"{adviser.name} is idle")

    def enter(self, switch_call_id, number):
        fields = {"switch_call_id": switch_call_id, "caller_number": number, "dialled_number": "01632 960100"}
        return self.exchange.call("RoutingService.EnterCall", **fields)

    def ringing(self):
        """Somerset is busy, so the caller from Frome overflows to South East Gwent after twenty seconds."""
        ashas_desk = self.asha.call("DeskService.WatchDesk")
        bryns_desk = self.bryn.call("DeskService.WatchDesk")
        wells = self.enter("wells-1", WELLS_CALLER)
        wells_offer = next_offer(ashas_desk)
        same(next_instruction(wells).queued.position, 1, "the caller from Wells is being offered")
        self.asha.call("DeskService.AcceptOffer", offer_id=wells_offer.offer_id)
        same(next_instruction(wells).connect.adviser_name, "Asha", "the caller from Wells is put through")

        route = self.exchange.call("RoutingService.GetRoute", caller_number=FROME_CALLER)
        same(route.home_site_id, "somerset", "Frome belongs to Somerset")
        same([route.candidates[0].site_id, route.candidates[0].idle_advisers], ["somerset", 0], "Somerset is busy")
        assert "south-east-gwent" in [candidate.site_id for candidate in route.candidates], route
        self.exchange.at_fault("caller_number", "RoutingService.GetRoute", caller_number="tree")

        frome = self.enter("frome-1", FROME_CALLER)
        same(next_instruction(frome).queued.position, 1, "the caller from Frome waits")
        self.server.move_clock(BEGINS + timedelta(seconds=20))
        offer = next_offer(bryns_desk)
        shown = [offer.caller_number, offer.place, offer.home_site_id, offer.overflow]
        same(shown, ["+441373000123", "Frome", "somerset", True], "what Bryn's desk shows")
        self.bryn.call("DeskService.AcceptOffer", offer_id=offer.offer_id)
        connect = next_instruction(frome).connect
        same([connect.address, connect.site_id], ["sip:bryn@desks.example", "south-east-gwent"], "the connection")

        # While the caller is on the line, the record is in Bryn's reach.
        callback = self.book_the_callback(self.first_contact())
        for adviser, call_id, outcome in [
            (self.bryn, offer.call_id, "call-back booked"),
            (self.asha, wells_offer.call_id, "enquiry answered"),
        ]:
            adviser.not_now("STILL_TALKING", "DeskService.FinishWrapUp", call_id=call_id, outcome=outcome)
            adviser.call("DeskService.EndCall", call_id=call_id)
            desk = adviser.call("DeskService.FinishWrapUp", call_id=call_id, outcome=outcome).desk
            same(desk.state, desk_pb2.ADVISER_STATE_IDLE, f"{adviser.name} is idle again")
        for stream in [ashas_desk, bryns_desk, wells, frome]:
            stream.cancel()
        this_one = {"client_id": callback.client_id}
        self.bryn.refused("PERMISSION_DENIED", "OUTSIDE_WORK", "ClientService.GetClient", **this_one)
        return callback

    def first_contact(self):
        same(len(self.bryn.call("ClientService.FindClients", phone=FROME_CALLER).clients), 0, "nobody is known yet")
        for field, wrong in [("postcode", "BA11 99Z"), ("nino", "AB 12"), ("phone", "tree"), ("last_name", "Hi\x07ll")]:
            self.bryn.at_fault(f"facts.{field}", "ClientService.CreateClient", facts=HILL | {field: wrong})
        created = self.bryn.call("ClientService.CreateClient", facts=HILL).client
        same(created.home_site_id, "somerset", "the postcode's home site")
        same(moment(created.first_contact_time), self.server.now, "the first contact")
        same(created.facts.phone, "+441373000123", "the number as it is kept")
        found = self.asha.call("ClientService.FindClients", phone="(01373) 000 123").clients
        same([client.client_id for client in found], [created.client_id], "who is known by the number now")
        return created

    def book_the_callback(self, client):
        offers = self.bryn.call("CallbackService.OfferCallbackSlots", client_id=client.client_id, page_size=50)
        assert offers.slots[0].earliest and all(slot.free_places > 0 and slot.why for slot in offers.slots), offers
        # The client would rather be rung an hour after the first of them.
        slots = sorted(offers.slots, key=lambda slot: slot.start_time.seconds)
        book = {"client_id": client.client_id, "note": "Lost her job at the dairy on Friday."}
        for wrong in [
            self.server.now - timedelta(hours=1),
            moment(slots[0].start_time).replace(hour=3),
            self.server.now + timedelta(days=365),
        ]:
            self.bryn.at_fault("start_time", "CallbackService.BookCallback", start_time=timestamp(wrong), **book)
        request = self.bryn.request("CallbackService.BookCallback", start_time=slots[2].start_time, **book)
        booked = self.bryn.send("CallbackService.BookCallback", request)
        same(self.bryn.send("CallbackService.BookCallback", request), booked, "the same request again")
        same(booked.callback.site_id, "somerset", "the call-back stands in Somerset's diary")
        same(booked.callback.start_time, slots[2].start_time, "the call-back's time")
        same(booked.callback.phone_grouped, "01373 000123", "the number to read back")
        return booked.callback

    def take_the_callback(self, callback):
        this_one = {"callback_id": callback.callback_id}
        same(len(self.asha.call("CallbackService.ListDueCallbacks").callbacks), 0, "nobody is due yet")
        self.asha.not_now("CALLBACK_NOT_DUE", "CallbackService.StartAttempt", **this_one)
        self.server.move_clock(moment(callback.start_time))
        due = self.asha.call("CallbackService.ListDueCallbacks").callbacks
        same([item.callback_id for item in due], [callback.callback_id], "who is due now")
        same(due[0].client_name, "Ms Rosemary Anne Hill", "the name on the list")
        same(len(self.bryn.call("CallbackService.ListDueCallbacks").callbacks), 0, "South East Gwent's list")
        self.bryn.refused("PERMISSION_DENIED", "OUTSIDE_WORK", "CallbackService.StartAttempt", **this_one)
        attempt = self.asha.call("CallbackService.StartAttempt", **this_one)
        same(attempt.callback.state, callback_pb2.CALLBACK_STATE_ATTEMPTING, "Asha has the call-back")
        same(attempt.client.facts.last_name, "Hill", "whom she rings")
        self.dai.refused("ABORTED", "CALLBACK_TAKEN", "CallbackService.StartAttempt", **this_one)

    def open_the_claim(self, callback):
        claim = self.asha.call("ClaimService.OpenClaim", client_id=callback.client_id).claim
        known = {answer.question_id: from_value(answer.value) for answer in claim.answers}
        same(known, answers.KNOWN, "what stands on the form from the first call")
        same(moment(claim.first_contact_time), BEGINS + timedelta(seconds=20), "the date of claim is protected")
        return claim

    def read(self, claim):
        return self.asha.call("ClaimService.GetClaim", claim_id=claim.claim_id).claim

    def form(self, claim):
        return {answer.question_id: answer for answer in self.read(claim).answers}

    def save(self, claim, standing, question, value):
        seen = standing[question].revision if question in standing else 0
        draft = claim_pb2.AnswerDraft(question_id=question, value=to_value(value), seen_revision=seen)
        fields = {"claim_id": claim.claim_id, "answers": [draft], "stage": "B8"}
        request = self.asha.request("ClaimService.SaveAnswers", **fields)
        return request, self.asha.send("ClaimService.SaveAnswers", request)

    def fill_the_form(self, claim):
        standing = self.form(claim)
        for question, value in answers.FIRST_SITTING.items():
            last_request, last_answer = self.save(claim, standing, question, answers.AS_SAID.get(question, value))
        self.wrong_answers_are_refused(claim)
        before, drafts = self.form(claim), list(self.read(claim).drafts)

        self.server.kill()
        self.server.start()

        same(self.form(claim), before, "the form after the power cut")
        same(list(self.read(claim).drafts), drafts, "the drafts after the power cut")
        # The request whose answer may have been lost on the way is sent again, and nothing happens twice.
        same(self.asha.send("ClaimService.SaveAnswers", last_request), last_answer, "the last request again")
        same(self.form(claim), before, "the form after the last request again")
        for question, value in answers.SECOND_SITTING.items():
            self.save(claim, before, question, answers.AS_SAID.get(question, value))
        whole = self.read(claim)
        after = {answer.question_id: from_value(answer.value) for answer in whole.answers}
        same(after, answers.WHOLE_FORM, "the whole form")
        same([draft.question_id for draft in whole.drafts], ["B4", "B9"], "of drafts, those not answered since")
        same(len(self.asha.call("ClaimService.ListMissing", claim_id=claim.claim_id).missing), 0, "what is still open")
        evidence = self.asha.call("ClaimService.ListEvidence", claim_id=claim.claim_id).evidence
        same([line.evidence_id for line in evidence], answers.EVIDENCE, "what to bring")
        assert all(line.reason for line in evidence), evidence
        form_checks.every_change_is_in_the_history(self.asha, whole)
        form_checks.each_agency_reads_its_own(self.asha, whole)

    def wrong_answers_are_refused(self, claim):
        def drafts(*given):
            return [claim_pb2.AnswerDraft(question_id=q, value=to_value(v), seen_revision=seen) for q, v, seen in given]

        before = self.form(claim)
        revision = before["B4"].revision
        stale = drafts(("S1", "account", 0), ("B4", "Somebody else", revision - 1))
        told = self.dai.refused("ABORTED", "STALE", "ClaimService.SaveAnswers", claim_id=claim.claim_id, answers=stale)
        both = [(one.question_id, from_value(one.yours), from_value(one.standing)) for one in told.stale]
        same(both, [("B4", "Somebody else", "Coombes")], "both values of what was changed meanwhile")
        standing = [told.stale[0].revision, told.stale[0].saved_by, told.stale[0].saved_time]
        same(standing, [revision, self.asha.id, before["B4"].saved_time], "which answer stands")
        same(list(self.read(claim).drafts), [], "nothing wrong was typed yet")
        for question, value, part in [
            ("B9", "BA11 99Z", "value"),
            ("S1", "in gold", "value"),
            ("B99", "x", "question_id"),
        ]:
            seen = before[question].revision if question in before else 0
            given = drafts(("B4", "Somebody else", revision), (question, value, seen))
            field = f"answers[1].{part}"
            self.dai.at_fault(field, "ClaimService.SaveAnswers", claim_id=claim.claim_id, answers=given)
        same(self.form(claim), before, "of refused answers, none is saved")
        kept = {draft.question_id: draft for draft in self.read(claim).drafts}
        typed = {question: (from_value(draft.value), draft.typed_by) for question, draft in kept.items()}
        wanted = {"B4": "Somebody else", "B9": "BA11 99Z", "S1": "in gold"}
        same(typed, {question: (value, self.dai.id) for question, value in wanted.items()}, "what is kept as drafts")
        same(kept["B4"].reason, "", "nothing was wrong with it, only with its neighbours")
        assert "postcode" in kept["B9"].reason and "girocheque" in kept["S1"].reason, kept

    def book_the_meeting(self, claim):
        complete = {"claim_id": claim.claim_id}
        self.asha.not_now("NO_MEETING_BOOKED", "ClaimService.CompleteStartUp", **complete)
        slots = self.asha.call("DiaryService.FindSlots", claim_id=claim.claim_id).slots
        slot = slots[2]
        hold = {"personal_adviser_id": self.priya.id, "start_time": slot.start_time}
        held = self.asha.call("DiaryService.HoldSlot", claim_id=claim.claim_id, **hold).appointment
        assert held.state == diary_pb2.APPOINTMENT_STATE_HELD and moment(held.expire_time) > self.server.now, held
        self.somebody_else_wants_it_too(hold)
        past = {"personal_adviser_id": self.priya.id, "start_time": timestamp(self.server.now - timedelta(days=1))}
        self.asha.at_fault("start_time", "DiaryService.HoldSlot", claim_id=claim.claim_id, **past)
        booked = self.asha.call("DiaryService.BookAppointment", appointment_id=held.appointment_id).appointment
        same(booked.state, diary_pb2.APPOINTMENT_STATE_BOOKED, "the meeting is booked")
        same(booked.slot.office_name, "ONE office Frome", "where")
        same(local(booked.slot.start_time).isoformat(), "2026-03-06T09:30:00+00:00", "when")
        assert booked.slot.within_standard, booked
        day, working_days = local(timestamp(self.server.now)).date(), 0
        while day < local(booked.slot.start_time).date():
            day += timedelta(days=1)
            working_days += day.weekday() < 5
        assert 1 <= working_days <= 4, f"{working_days} working days after the start-up call"

    def somebody_else_wants_it_too(self, hold):
        other = HILL | {"last_name": "Vale", "nino": "", "phone": "01373 000124"}
        client = self.dai.call("ClientService.CreateClient", facts=other).client
        claim = self.dai.call("ClaimService.OpenClaim", client_id=client.client_id).claim
        refusal = self.dai.refused("ABORTED", "SLOT_TAKEN", "DiaryService.HoldSlot", claim_id=claim.claim_id, **hold)
        offers = [moment(offer.start_time) for offer in refusal.offers]
        assert offers and moment(hold["start_time"]) not in offers, f"fresh offers: {offers}"

    def complete(self, claim, callback):
        done = self.asha.call("ClaimService.CompleteStartUp", claim_id=claim.claim_id).claim
        same(done.state, claim_pb2.CLAIM_STATE_START_UP_DONE, "the start-up is done")
        reached = self.asha.call(
            "CallbackService.RecordAttempt", callback_id=callback.callback_id, outcome="ATTEMPT_OUTCOME_REACHED"
        ).callback
        same([reached.state, reached.attempts], [callback_pb2.CALLBACK_STATE_REACHED, 1], "the client was reached")
        same(len(self.asha.call("CallbackService.ListDueCallbacks").callbacks), 0, "nobody is due any more")
        late = claim_pb2.AnswerDraft(question_id="B4", value=to_value("Late"), seen_revision=1)
        self.asha.not_now("START_UP_DONE", "ClaimService.SaveAnswers", claim_id=claim.claim_id, answers=[late])

    def post(self, claim):
        room = self.print_room
        pack = room.call("PackService.ComposePack", claim_id=claim.claim_id).pack
        kinds = [document.kind for document in pack.documents]
        same(kinds, ["covering", "appointment", "summary", "evidence", "form"], "what the pack holds")
        same(sum(document.pages for document in pack.documents), pack.pages, "its pages")
        again = room.call("PackService.ComposePack", claim_id=claim.claim_id).pack
        same([again.pack_id, again.sha256], [pack.pack_id, pack.sha256], "the same answers make the same pack")

        room.at_fault("lease_seconds", "PackService.LeasePrintJobs", lease_seconds=1)
        jobs = room.call("PackService.LeasePrintJobs", max_jobs=1, lease_seconds=300).print_jobs
        same([(job.pack_id, job.pages) for job in jobs], [(pack.pack_id, pack.pages)], "what is to be printed")
        job = jobs[0]
        same(moment(job.lease_expire_time), self.server.now + timedelta(seconds=300), "for how long")
        same(len(room.call("PackService.LeasePrintJobs").print_jobs), 0, "a leased job is nobody else's")

        pieces = [piece.chunk for piece in room.call("PackService.GetPackDocument", pack_id=pack.pack_id)]
        pdf = b"".join(pieces)
        assert pdf.startswith(b"%PDF-") and b"%%EOF" in pdf[-16:], f"{len(pdf)} bytes are no PDF"
        same(hashlib.sha256(pdf).hexdigest(), pack.sha256, "the PDF's checksum")

        job_id = {"print_job_id": job.print_job_id}
        left = {"posted_day": self.server.now.date().isoformat(), **job_id}
        room.not_now("NOT_PRINTED", "PackService.ReportPosted", **left)
        room.not_now("LEASE_LOST", "PackService.ReportPrinted", attempt=job.attempt + 1, pages=job.pages, **job_id)
        room.at_fault("pages", "PackService.ReportPrinted", attempt=job.attempt, **job_id)
        printed = room.call("PackService.ReportPrinted", attempt=job.attempt, pages=job.pages, **job_id).pack
        same(printed.state, pack_pb2.PACK_STATE_PRINTED, "the pack is printed")
        room.at_fault("posted_day", "PackService.ReportPosted", **job_id)
        posted = room.call("PackService.ReportPosted", **left).pack
        same(posted.state, pack_pb2.PACK_STATE_POSTED, "the pack is posted")
        same(moment(posted.posted_time), self.server.now, "when it was posted")

    def not_lodged_before_the_meeting(self, claim):
        told = self.priya.not_now("MEETING_NOT_HELD", "ClaimService.LodgeClaim", claim_id=claim.claim_id)
        assert "after the meeting" in told.message, told
        state = self.priya.call("ClaimService.GetClaim", claim_id=claim.claim_id).claim.state
        same(state, claim_pb2.CLAIM_STATE_POSTED, "the claim is posted and not lodged")


def next_offer(desk):
    """The next offer on a desk's stream."""
    for said in desk:
        if said.HasField("offer"):
            return said.offer
    raise AssertionError("the desk's stream ended without an offer")


def next_instruction(call):
    """What the switch is told next."""
    for said in call:
        return said
    raise AssertionError("the call's stream ended without an instruction")


Story().play()
print("The story holds from ring to letter.")
