"""The start-up script walked with the client, the form's questions within it one by one."""

import answers
from peer import from_value, same, to_value
from startline.v1 import claim_pb2


class Walking:
    """`adviser` walks, while somebody else types at another desk."""

    def __init__(self, server, adviser, somebody_else):
        self.server = server
        self.adviser = adviser
        self.somebody_else = somebody_else
        self.stages, self.steps, self.questions, self.to_confirm = [], [], [], {}

    def to_the_end(self, claim):
        start = {"script_id": "start-up", "client_id": claim.client_id, "claim_id": claim.claim_id}
        walk = self.adviser.call("ScriptService.StartWalk", **start).walk
        assert "Ms Rosemary Anne Hill" in walk.step.say and "Asha" in walk.step.say, walk.step
        first, power_is_cut = walk, False
        while walk.HasField("step"):
            step = walk.step
            self.take_down(step)
            said = said_to(step)
            if step.question.question_id in answers.MEANWHILE:
                walk = self.another_desk_answers(claim, walk, said)
            fields = {"walk_id": walk.walk_id, "question_id": step.step_id, "etag": walk.etag}
            value = {} if said is None else {"value": to_value(said)}
            request = self.adviser.request("ScriptService.AnswerQuestion", **fields, **value)
            walk = self.adviser.send("ScriptService.AnswerQuestion", request).walk
            if not power_is_cut and step.question.question_id == answers.CUT_AFTER:
                self.power_cut(claim, walk, request)
                power_is_cut = True
            if walk.HasField("step"):
                stale = {"walk_id": walk.walk_id, "question_id": walk.step.step_id, "etag": first.etag}
                self.adviser.refused("ABORTED", "STALE", "ScriptService.AnswerQuestion", **stale)
        assert walk.finished and power_is_cut, walk
        self.everything_was_asked()

    def take_down(self, step):
        assert step.step_id not in self.steps, f"the walk comes to {step.step_id} again: {self.steps}"
        self.steps.append(step.step_id)
        if step.stage_id not in self.stages:
            self.stages.append(step.stage_id)
        if not step.HasField("question"):
            return
        question = step.question.question_id
        self.questions.append(question)
        if step.HasField("part"):
            same(step.step_id, f"B8/{question}", "where a question of the form stands")
            assert question.startswith(step.part.code), step
        if step.to_confirm:
            self.to_confirm[question] = from_value(step.known_value)

    def another_desk_answers(self, claim, walk, yours):
        """Somebody else types an answer while it is asked for. The adviser is told both values, and reads again."""
        question = walk.step.question.question_id
        theirs = answers.MEANWHILE[question]
        draft = claim_pb2.AnswerDraft(question_id=question, value=to_value(theirs))
        self.somebody_else.call("ClaimService.SaveAnswers", claim_id=claim.claim_id, answers=[draft])
        here = {"walk_id": walk.walk_id, "question_id": walk.step.step_id, "value": to_value(yours)}
        refusal = self.adviser.refused("ABORTED", "STALE", "ScriptService.AnswerQuestion", etag=walk.etag, **here)
        told = [(one.question_id, from_value(one.yours), from_value(one.standing)) for one in refusal.stale]
        same(told, [(question, yours, theirs)], "both values of a step that was answered meanwhile")
        same([refusal.stale[0].revision, refusal.stale[0].saved_by], [1, self.somebody_else.id], "whose answer stands")
        again = self.adviser.call("ScriptService.GetWalk", walk_id=walk.walk_id).walk
        same(from_value(again.step.known_value), theirs, "what the walk shows by now")
        return again

    def power_cut(self, claim, walk, last_request):
        before = self.adviser.call("ClaimService.GetClaim", claim_id=claim.claim_id).claim.answers
        self.server.kill()
        self.server.start()
        here = self.adviser.call("ScriptService.GetWalk", walk_id=walk.walk_id).walk
        found, left = [here.etag, here.step.step_id], [walk.etag, walk.step.step_id]
        same(found, left, "where the walk stands after the power cut")
        again = self.adviser.send("ScriptService.AnswerQuestion", last_request).walk
        same(again, walk, "the walk's last request again")
        after = self.adviser.call("ClaimService.GetClaim", claim_id=claim.claim_id).claim.answers
        same(list(after), list(before), "the form after the power cut in the walk")

    def everything_was_asked(self):
        same(self.stages, answers.STAGES, "the stages of the script")
        same(self.to_confirm, answers.SHOWN_TO_CONFIRM, "what was known and is read out to be confirmed")
        unasked = (set(answers.SCRIPT) | set(answers.WALKED)) - set(self.questions)
        same(unasked, set(), "what the walk should have asked")
        of_the_form = {question for question in self.questions if f"B8/{question}" in self.steps}
        same(of_the_form - set(answers.WHOLE_FORM), answers.LEFT_EMPTY, "what is asked and need not be answered")
        same(set(answers.WHOLE_FORM) - of_the_form, answers.BROUGHT_UP, "what only later answers bring up")


def said_to(step):
    """What is known is sent back as it is, to be confirmed. A question of the form without an answer is left open."""
    if not step.HasField("question"):
        return None
    question = step.question.question_id
    if not step.HasField("part") and question in answers.SCRIPT:
        return answers.SCRIPT[question]
    if step.HasField("known_value") and from_value(step.known_value) is not None:
        return from_value(step.known_value)
    return answers.AS_SAID.get(question, answers.WALKED[question]) if question in answers.WALKED else None
