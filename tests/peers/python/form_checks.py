"""The finished form looked at from two sides: change by change, and as each agency reads it."""

import json

import answers
from peer import from_value, same


def every_change_is_in_the_history(reader, claim):
    changes, token, pages = [], "", 0
    while True:
        asked = {"claim_id": claim.claim_id, "page_size": 40, "page_token": token}
        page = reader.call("ClaimService.ListAnswerHistory", **asked)
        assert len(page.answers) <= 40, f"{len(page.answers)} changes on a page"
        changes += page.answers
        pages, token = pages + 1, page.next_page_token
        if not token:
            break
    assert pages > 2, f"{len(changes)} changes on {pages} pages"
    revisions, newest = {}, {}
    for change in changes:
        revisions.setdefault(change.question_id, []).append(change.revision)
        newest[change.question_id] = change
    standing = {answer.question_id: answer for answer in claim.answers}
    same(newest, standing, "the newest change of each answer")
    counted = {question: list(range(1, answer.revision + 1)) for question, answer in standing.items()}
    same(revisions, counted, "every change of each answer, once and in order")
    times = [(change.saved_time.seconds, change.saved_time.nanos) for change in changes]
    same(times, sorted(times), "the oldest change first")

    t9 = reader.call("ClaimService.ListAnswerHistory", claim_id=claim.claim_id, question_id="T9").answers
    told = [(from_value(change.value), change.revision, change.stage) for change in t9]
    before, after = answers.SCRIPT["times_that_do_not_suit"], answers.SECOND_SITTING["T9"]
    same(told, [(before, 1, "B10"), (after, 2, "B8")], "how one answer changed")


def each_agency_reads_its_own(reader, claim):
    seen = {agency: agency_view(reader, claim, agency) for agency in ["BA", "ES", "LA"]}
    own = set(answers.EMPLOYMENT_SERVICE_ONLY)
    same(own - set(seen["ES"]), set(), "what the Employment Service should read")
    for other in ["BA", "LA"]:
        same(own & set(seen[other]), set(), f"what {other} reads of the Employment Service's own")
    same(list(seen["LA"]), answers.COUNCIL, "what the council reads, in its own order")
    same(seen["LA"]["N2"], answers.WHOLE_FORM["N2"], "an answer in words")
    assert "N2" not in seen["BA"] and "N2" not in seen["ES"], "only the council reads of its tax"


def agency_view(reader, claim, agency):
    """The agency's questions with the answers in words."""
    view = reader.call("ClaimService.GetAgencyView", claim_id=claim.claim_id, agency_id=agency)
    same(view.agency_id, agency, "whose form it is")
    lines = [(line.question_id, line.answer) for section in view.sections for line in section.answers]
    same(len(lines), len(dict(lines)), f"{agency} reads each question once")
    document = json.loads(view.json)
    in_the_document = [line["id"] for section in document["sections"] for line in section["questions"]]
    same(in_the_document, [question for question, _ in lines], f"the questions of {agency}'s JSON document")
    stored = {line["id"]: line["answer"] for section in document["sections"] for line in section["questions"]}
    given = {question: value for question, value in stored.items() if question in answers.WHOLE_FORM}
    same(given, {question: answers.WHOLE_FORM[question] for question in given}, f"the answers {agency} reads")
    return dict(lines)
