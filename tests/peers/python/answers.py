"""What Ms Hill answers, as `startline tour` has it in `src/grpc/tour/`."""

# From the first call, each in the form in which it is kept.
KNOWN = {
    "A2": "2026-03-03",
    "B2": "Hill",
    "B3": "Rosemary Anne",
    "B5": "1971-04-23",
    "B6": "AB123456C",
    "B8": {"lines": ["14 Example Row", "Frome", "Somerset"]},
    "B9": "BA11 9ZZ",
    "B13": "+441373000123",
    "T1": "english",
    "T2": "english",
}

# To the script's own questions. Others of its questions are the form's, and stand below.
SCRIPT = {
    "identity_checked": ["full_name", "date_of_birth", "postcode"],
    "service_explained": "yes",
    "client_questions": "Will the meeting be in Frome?",
    "benefits_wanted": ["JSA", "HB", "CTB"],
    "claim_from": "2026-03-03",
    "client_group": "job_seeker",
    "no_money_now": "no",
    "work_history": "Eleven years at the dairy; before that a shop.",
    "work_wanted": "Office work, mornings.",
    "barriers": ["confidence"],
    "has_children": "no",
    "meeting_decision": "meeting",
    "times_that_do_not_suit": "Mornings before half past nine",
}

FILLED_BY_THE_SCRIPT = {
    "A1": SCRIPT["benefits_wanted"],
    "A3": SCRIPT["claim_from"],
    "R4": SCRIPT["no_money_now"],
    "T9": SCRIPT["times_that_do_not_suit"],
}

# The power is cut between the two sittings.
FIRST_SITTING = {
    "A5": "lost_job",
    "A6": "yes",
    "A7": [{"benefit": "Jobseeker's Allowance", "office": "Frome", "end_date": "2025-06-30"}],
    "A8": "no",
    "B1": "Ms",
    "B4": "Coombes",
    "B10": "2025-09-01",
    "B11": {"lines": ["3 Sample Street", "Wells", "Somerset"]},
    "B16": "Yes, with my sister Joan",
    "B17": "female",
}

SECOND_SITTING = {
    "B18": "divorced",
    "B19": "2019-11-15",
    "G8": {"works": "yes", "employer": "Frome Bakery", "hours": 6, "pay": {"pence": 4800, "period": "week"}},
    "R4": "no",
    "S1": "account",
    "S2": {
        "account_holder": "R A Hill",
        "bank": "Mendip Building Society",
        "sort_code": "12-34-56",
        "account_number": "12345678",
    },
    "T4": ["none"],
    "T5": "none",
    "T6": "some",
    "T7": ["ground_floor"],
    "T8": "My sister Joan",
}

WHOLE_FORM = KNOWN | FILLED_BY_THE_SCRIPT | FIRST_SITTING | SECOND_SITTING
