"""What Ms Hill answers, and what follows from it: which steps the script has for her, and who reads what."""

# From the first call, each in the form in which it is kept.
KNOWN = {
    "A2": "2026-03-03",
    "B1": "Ms",
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
    "client_group": "job_seeker",
    "client_questions": "Will the meeting be in Frome?",
    "service_explained": "yes",
    "benefits_wanted": ["JSA", "HB", "CTB"],
    "claim_from": "2026-03-03",
    "no_money_now": "no",
    "urgent_now": ["none"],
    "work_history": "Eleven years at the dairy; before that a shop.",
    "work_wanted": "Office work, mornings.",
    "job_search": "The dairy's list of vacancies.",
    "barriers": ["confidence"],
    "has_children": "no",
    "meeting_decision": "meeting",
    "declaration_read": "yes",
    "times_that_do_not_suit": "Mornings before half past nine",
    "meeting_with": "benefits",
    "call_ends": "meeting_booked",
}

FILLED_BY_THE_SCRIPT = {
    "A1": SCRIPT["benefits_wanted"],
    "A3": SCRIPT["claim_from"],
    "D1": SCRIPT["has_children"],
    "R4": SCRIPT["no_money_now"],
    "T9": SCRIPT["times_that_do_not_suit"],
}

# Parts A to H of the form are walked with her. The other parts are passed, and typed afterwards.
WALKED = {
    "A5": "lost_job",
    "A6": "yes",
    "A7": [{"benefit": "Jobseeker's Allowance", "office": "Frome", "end_date": "2025-06-30"}],
    "A8": "no",
    "B4": "Coombes",
    "B10": "2025-09-01",
    "B11": {"lines": ["3 Sample Street", "Wells", "Somerset"]},
    "B16": "Yes, with my sister Joan",
    "B17": "female",
    "B18": "divorced",
    "B19": "2019-11-15",
    "C1": "no",
    "D10": [],
    "E1": "British",
    "E2": "no",
    "E7": "No plans",
    "F1": "No",
    "F2": "no",
    "F3": "coming",
    "F5": "Signed on from April to June 2025",
    "G1": "yes",
    "G2": [
        {
            "employer": "Mendip Dairy",
            "how": "employed",
            "job_title": "Packer",
            "from": "2015-01-05",
            "to": "2026-02-27",
            "hours": 30,
            "pay": {"pence": 18600, "period": "week"},
        },
        {"employer": "Frome Bakery", "how": "employed", "job_title": "Counter", "hours": 6},
    ],
    "G3": "2026-02-27",
    "G4": "redundant",
    "G7": [{"kind": "redundancy", "amount": {"pence": 210000}, "date_paid": "2026-02-27"}],
    "G8": {"works": "yes", "employer": "Frome Bakery", "hours": 6, "pay": {"pence": 4800, "period": "week"}},
    "G9": {"volunteers": "no"},
    "G11": "no",
    "G12": {"on_course": "no"},
    "H1": "Yes",
    "H2": [{"work": "Office work"}, {"work": "Reception"}],
    "H3": "Kept the dairy's delivery books; types well.",
    "H4": [{"qualification": "Typing, stage two"}],
    "H5": ["licence"],
    "H6": [{"day": "monday", "from": "09:30", "to": "13:00"}, {"day": "thursday", "from": "09:30", "to": "13:00"}],
    "H7": 16,
    "H8": {"pence": 11500, "period": "week"},
    "H9": "Half an hour by bus",
    "H10": "No",
    "H11": "Asked at the surgery and at two shops.",
}

# What is typed. The power is cut between the two sittings.
FIRST_SITTING = {
    "I1": "no",
    "I9": {"in_hospital": "no"},
    "I10": [],
    "I12": "no",
    "J1": "no",
    "K1": "no",
    "M1": "private_tenant",
    "M2": {"name": "Selwood Lettings", "address": {"lines": ["8 Example Yard", "Frome"]}, "phone": "+441373000201"},
    "M3": {"amount": {"pence": 6200, "period": "week"}, "free_weeks": 0},
    "M4": ["water"],
    "M5": {"tenancy_began": "2025-09-01", "moved_in": "2025-09-01"},
    "M6": {"home": "flat", "bedrooms": 1, "other_rooms": 2, "shared": "None"},
    "M7": "no",
    "M8": 0,
    "M9": "client",
    "M13": "no",
    "N1": "yes",
    "N2": "4401129, band A",
    "N3": ["single_person"],
    "N4": [],
    "O1": "no",
    "O5": "no",
}

SECOND_SITTING = {
    "P1": [
        {"paid_on": "2026-02-27", "gross": {"pence": 4800, "period": "week"}, "net": {"pence": 4800}},
        {"paid_on": "2026-02-20", "gross": {"pence": 4800, "period": "week"}},
    ],
    "P3": [],
    "P4": [],
    "P5": [],
    "P6": {"has": "no"},
    "P7": [],
    "P8": "No",
    "Q1": "no",
    "Q2": [
        {
            "bank": "Mendip Building Society",
            "account_kind": "savings",
            "account_number": "12345678",
            "balance": {"pence": 81240},
            "whose": "Rosemary Hill",
        }
    ],
    "Q5": [],
    "R1": [],
    "R3": "no",
    "R4": "no",
    "S1": "account",
    "S2": {
        "account_holder": "R A Hill",
        "bank": "Mendip Building Society",
        "sort_code": "12-34-56",
        "account_number": "12345678",
    },
    "S4": {
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
    # She thinks again.
    "T9": "Mornings before ten",
}

# Said in another form than the one in which it is kept.
AS_SAID = {
    "B10": "1 September 2025",
    "B11": "3 Sample Street\nWells\n\nSomerset",
    "G3": "27/02/2026",
    "H8": {"amount": "£115.00", "period": "week"},
    "M8": "0",
    "S4": SECOND_SITTING["S4"] | {"sort_code": "12 34 56", "account_number": "1234 5678"},
}

# Typed at another desk just when the walk asks for it.
MEANWHILE = {"B4": "Coombs"}

# The power is cut once in the walk too, when this was answered.
CUT_AFTER = "G2"

WHOLE_FORM = KNOWN | FILLED_BY_THE_SCRIPT | WALKED | FIRST_SITTING | SECOND_SITTING

# Asked, and none of them has to be answered.
LEFT_EMPTY = {"B12", "B14", "F4", "G13", "H14", "R2", "S5", "T10"}

# Not asked in the walk: answers that were given only afterwards bring them up.
BROUGHT_UP = {"M2", "M3", "M4", "M5", "M6", "M7", "M8", "N2", "N3", "N4", "S2", "S4"}

EVIDENCE = ["U1", "U3", "U4", "U10", "U12", "U13", "U21"]

# Only the Employment Service needs these.
EMPLOYMENT_SERVICE_ONLY = ["H2", "H3", "H4", "H5", "H7", "H8", "H9", "H10", "H11", "H14"]

STAGES = "B1 B2 B3 B4 B5 B6 B7 B7x B8 B8v B9 B10 B11 B12a B12 B12z".split()

# Read out to be confirmed, and not asked again. T9 is filled only after the form.
SHOWN_TO_CONFIRM = {"birth_date": KNOWN["B5"]} | KNOWN | FILLED_BY_THE_SCRIPT
del SHOWN_TO_CONFIRM["T9"]

# The council's form for her, in the council's own order. The last six are filled in on paper.
COUNCIL = (
    "A1 A2 A3 B1 B2 B3 B4 B5 B6 B8 B9 B10 B11 B12 B13 B14 B16 B18 A8 C1 D1 D8 O1 O5 "
    "M1 M2 M7 M3 M4 M8 M5 M6 M13 N1 N2 N3 N4 G8 P1 G2 G3 G7 G13 P3 P4 P5 P6 P7 D10 "
    "R1 I10 A6 A7 R2 Q1 Q2 Q5 A5 E1 E2 G12 I9 I12 K1 M9 S4 T1 T2 T4 T5 T6 V1 V2 V3 V4 V6 V7"
).split()
