//! Why something was refused, by the reason's name in the contract: what happened, and what can be done about it.

use crate::words::words;

// In the order of `startline.v1.ErrorReason`.
words! { pub Reasons {
    invalid: "Something is missing, or is not as it must be. Put right what is named and send it again.", "Mae rhywbeth ar goll, neu nid yw fel y dylai fod. Cywirwch yr hyn a enwir a'i anfon eto.";
    not_found: "There is no such record. Look it up again.", "Nid oes cofnod o'r fath. Chwiliwch amdano eto.";
    no_valid_token: "You are not signed in. Sign in again.", "Nid ydych wedi mewngofnodi. Mewngofnodwch eto.";
    denied: "You may not do this. Leave it to somebody whose work it is.", "Ni chewch wneud hyn. Gadewch ef i rywun y mae'n waith iddynt.";
    contended: "Others changed the same thing at the same moment. Nothing was done. Send it again.", "Newidiodd eraill yr un peth ar yr un pryd. Ni wnaed dim. Anfonwch ef eto.";
    stale: "It has changed since you read it. Nothing was done. Load the page again and choose what is to stand.", "Mae wedi newid ers i chi ei ddarllen. Ni wnaed dim. Llwythwch y dudalen eto a dewiswch beth sydd i sefyll.";
    limit_reached: "Too much was asked for at once. Finish some of it, then try again.", "Gofynnwyd am ormod ar unwaith. Gorffennwch ran ohono, yna rhowch gynnig arall arni.";
    try_again: "This cannot be done just now. Nothing that was saved is lost. Try again in a few seconds.", "Ni ellir gwneud hyn ar hyn o bryd. Nid oes dim a gadwyd wedi'i golli. Rhowch gynnig arall arni ymhen ychydig eiliadau.";
    deadline_exceeded: "This took too long. Send it again: it happens once.", "Cymerodd hyn ormod o amser. Anfonwch ef eto: dim ond unwaith y bydd yn digwydd.";
    internal: "Something went wrong on our side. Tell an administrator the number, and try again.", "Aeth rhywbeth o'i le ar ein hochr ni. Rhowch y rhif i weinyddwr, a rhowch gynnig arall arni.";
    signed_out: "There is no desk: it is signed out. Start taking calls first.", "Nid oes desg: mae wedi allgofnodi. Dechreuwch dderbyn galwadau yn gyntaf.";
    use_sign_out: "Signing out is not a status. Use the button that ends taking calls.", "Nid statws yw allgofnodi. Defnyddiwch y botwm sy'n rhoi'r gorau i dderbyn galwadau.";
    busy: "There is a call, its notes or a call-back to finish first.", "Mae galwad, ei nodiadau neu alwad yn ôl i'w gorffen yn gyntaf.";
    telephone_in_use: "Somebody is talking on the telephone with this address. Take another telephone, or wait until they are done.", "Mae rhywun yn siarad ar y ffôn sydd â'r cyfeiriad hwn. Defnyddiwch ffôn arall, neu arhoswch nes eu bod wedi gorffen.";
    offer_over: "The offer is over: it was missed, declined or withdrawn, or the caller has gone. The next one comes by itself.", "Mae'r cynnig ar ben: cafodd ei golli, ei wrthod neu ei dynnu'n ôl, neu mae'r galwr wedi mynd. Daw'r nesaf ohono'i hun.";
    not_accepted: "The call is ringing and nobody has taken it. Accept it or decline it first.", "Mae'r alwad yn canu ac nid oes neb wedi'i derbyn. Derbyniwch hi neu gwrthodwch hi yn gyntaf.";
    call_over: "The conversation is over. Finish its notes.", "Mae'r sgwrs ar ben. Gorffennwch ei nodiadau.";
    not_your_call: "This call is not yours. Leave it to whoever has it.", "Nid eich galwad chi yw hon. Gadewch hi i'r sawl sydd â hi.";
    not_talking: "You are not talking with this caller. There is nothing to do.", "Nid ydych yn siarad â'r galwr hwn. Nid oes dim i'w wneud.";
    still_talking: "The call goes on. End it, then finish its notes.", "Mae'r alwad yn parhau. Rhowch ddiwedd arni, yna gorffennwch ei nodiadau.";
    not_in_wrap_up: "You are not writing up this call. Time for notes can be had only then.", "Nid ydych yn cofnodi'r alwad hon. Dim ond bryd hynny y gellir cael amser ar gyfer nodiadau.";
    no_more_extensions: "There is no more time for these notes. Finish them, and take a break for the rest.", "Nid oes mwy o amser ar gyfer y nodiadau hyn. Gorffennwch nhw, a chymerwch egwyl ar gyfer y gweddill.";
    switch_cannot_end: "This call cannot be ended from here. Put the telephone down; if the call still stands here, say that it has ended.", "Ni ellir rhoi diwedd ar yr alwad hon o'r fan hon. Rhowch y ffôn i lawr; os yw'r alwad yma o hyd, dywedwch ei bod wedi dod i ben.";
    switch_cannot_pass: "This call cannot be passed on from here. Transfer it with the telephone.", "Ni ellir trosglwyddo'r alwad hon o'r fan hon. Trosglwyddwch hi gyda'r ffôn.";
    nobody_there: "Nobody else who could take this call is there. Keep the caller, or book a call-back.", "Nid oes neb arall a allai gymryd yr alwad hon yno. Cadwch y galwr, neu trefnwch alwad yn ôl.";
    opened_elsewhere: "Your desk was opened somewhere else. Close this one, or take calls here again.", "Agorwyd eich desg yn rhywle arall. Caewch hon, neu derbyniwch alwadau yma eto.";
    already_lost: "The site is declared lost already. End that first if others are to help.", "Mae'r safle wedi'i ddatgan ar goll eisoes. Rhowch ddiwedd ar hynny yn gyntaf os yw eraill i helpu.";
    not_lost: "The site is not declared lost. There is nothing to end.", "Nid yw'r safle wedi'i ddatgan ar goll. Nid oes dim i roi diwedd arno.";
    slot_taken: "Somebody has just taken this time. Offer the client one of those that are free now.", "Mae rhywun newydd gymryd yr amser hwn. Cynigiwch i'r cleient un o'r rhai sydd ar gael nawr.";
    hold_expired: "The time is no longer kept for the client. Offer the client one of those that are free now.", "Nid yw'r amser yn cael ei gadw i'r cleient mwyach. Cynigiwch i'r cleient un o'r rhai sydd ar gael nawr.";
    callback_exists: "The client has a call-back already. Move it, or cancel it first.", "Mae gan y cleient alwad yn ôl eisoes. Symudwch hi, neu canslwch hi yn gyntaf.";
    callback_taken: "Another adviser has just taken this call-back. Take another from the list.", "Mae cynghorydd arall newydd gymryd yr alwad yn ôl hon. Cymerwch un arall o'r rhestr.";
    callback_promised: "A colleague has promised to make this call-back, and it is not overdue. Take another.", "Mae cydweithiwr wedi addo gwneud yr alwad yn ôl hon, ac nid yw'n hwyr. Cymerwch un arall.";
    callback_not_due: "It is too early for this call-back. Wait, or move it if the client agrees.", "Mae'n rhy gynnar ar gyfer yr alwad yn ôl hon. Arhoswch, neu symudwch hi os yw'r cleient yn cytuno.";
    callback_under_way: "Somebody is making this call-back now. Wait until they have recorded what came of it.", "Mae rhywun yn gwneud yr alwad yn ôl hon nawr. Arhoswch nes iddynt gofnodi beth ddaeth ohoni.";
    callback_over: "This call-back was made, cancelled or given up. Book another.", "Cafodd yr alwad yn ôl hon ei gwneud, ei chanslo neu ei gollwng. Trefnwch un arall.";
    already_attempting: "You are making another call-back. Record what came of that one first.", "Rydych yn gwneud galwad yn ôl arall. Cofnodwch beth ddaeth o honno yn gyntaf.";
    not_your_attempt: "You have not begun this call-back. Begin it first; whoever began it records it.", "Nid ydych wedi dechrau'r alwad yn ôl hon. Dechreuwch hi yn gyntaf; y sawl a'i dechreuodd sy'n ei chofnodi.";
    do_not_call: "The client is not to be rung. Do what is noted instead.", "Nid yw'r cleient i'w ffonio. Gwnewch yr hyn a nodwyd yn lle hynny.";
    no_letter_owed: "No letter is owed about this call-back. There is nothing to do.", "Nid oes llythyr yn ddyledus am yr alwad yn ôl hon. Nid oes dim i'w wneud.";
    letter_too_late: "The time in the letter would come before the letter does. Move the call-back, and write then.", "Byddai'r amser yn y llythyr yn dod cyn y llythyr ei hun. Symudwch yr alwad yn ôl, ac ysgrifennwch wedyn.";
    missed_caller_closed: "Somebody has seen to this caller already. There is nothing to do.", "Mae rhywun wedi delio â'r galwr hwn eisoes. Nid oes dim i'w wneud.";
    claim_withdrawn: "The claim was withdrawn. Reopen it if the client goes on with it after all.", "Tynnwyd yr hawliad yn ôl. Ailagorwch ef os yw'r cleient am barhau ag ef wedi'r cwbl.";
    not_withdrawn: "This claim was not withdrawn, so it needs no reopening.", "Ni thynnwyd yr hawliad hwn yn ôl, felly nid oes angen ei ailagor.";
    another_claim_is_live: "The client has another claim on its way. Go on with that one, or withdraw it first.", "Mae gan y cleient hawliad arall ar y gweill. Ewch ymlaen â hwnnw, neu tynnwch ef yn ôl yn gyntaf.";
    start_up_done: "The start-up call is done. Changes are made at the meeting now, with the client's initials.", "Mae'r alwad gychwynnol wedi'i gwneud. Yn y cyfarfod y gwneir newidiadau nawr, gyda llythrennau blaen y cleient.";
    start_up_not_done: "The start-up call is not done yet. Finish it first.", "Nid yw'r alwad gychwynnol wedi'i gwneud eto. Gorffennwch hi yn gyntaf.";
    no_benefit_claimed: "Nothing says yet which benefits the client claims. Ask that first.", "Nid oes dim yn dweud eto pa fudd-daliadau y mae'r cleient yn eu hawlio. Gofynnwch hynny yn gyntaf.";
    no_meeting_booked: "No meeting with a personal adviser is booked. Book it, put it off or do without it first.", "Nid oes cyfarfod â chynghorydd personol wedi'i drefnu. Yn gyntaf, trefnwch ef, gohiriwch ef neu penderfynwch wneud hebddo.";
    pack_too_late: "The pack would come after the meeting. Agree with the client how they get it, and say so.", "Byddai'r pecyn yn cyrraedd ar ôl y cyfarfod. Cytunwch â'r cleient sut y caiff ef, a nodwch hynny.";
    already_lodged: "The claim was handed over already. Tell the agency what has changed.", "Trosglwyddwyd yr hawliad eisoes. Dywedwch wrth yr asiantaeth beth sydd wedi newid.";
    meeting_not_held: "A claim is handed over after the meeting. Record that the client came first.", "Ar ôl y cyfarfod y trosglwyddir hawliad. Cofnodwch yn gyntaf fod y cleient wedi dod.";
    queries_open: "A benefits expert has asked something that is not settled. Settle it first.", "Mae arbenigwr budd-daliadau wedi gofyn rhywbeth nad yw wedi'i ddatrys. Datryswch ef yn gyntaf.";
    query_settled: "This query was settled already. There is nothing to do.", "Cafodd yr ymholiad hwn ei ddatrys eisoes. Nid oes dim i'w wneud.";
    meeting_exists: "The client has such a meeting already. Move it, or cancel it first.", "Mae gan y cleient gyfarfod o'r fath eisoes. Symudwch ef, neu canslwch ef yn gyntaf.";
    meeting_over: "This meeting is over: it was held, missed or cancelled. Book another.", "Mae'r cyfarfod hwn ar ben: cafodd ei gynnal, ei golli neu ei ganslo. Trefnwch un arall.";
    no_booked_meeting: "This meeting is not booked, or its attendance is recorded already. Book it first.", "Nid yw'r cyfarfod hwn wedi'i drefnu, neu mae presenoldeb wedi'i gofnodi eisoes. Trefnwch ef yn gyntaf.";
    meeting_not_begun: "This meeting has not begun yet. Record that the client has arrived, and the rest when it has begun.", "Nid yw'r cyfarfod hwn wedi dechrau eto. Cofnodwch fod y cleient wedi cyrraedd, a'r gweddill pan fydd wedi dechrau.";
    age_not_known: "Whether the client may choose depends on their age. Ask for the date of birth first.", "Mae'n dibynnu ar oedran y cleient a gaiff ddewis. Gofynnwch am y dyddiad geni yn gyntaf.";
    meeting_not_optional: "At the client's age the meeting is not theirs to choose. Put it off, or name another reason.", "Yn ei oedran, ni chaiff y cleient ddewis a gynhelir y cyfarfod. Gohiriwch ef, neu nodwch reswm arall.";
    leaves_appointments: "Booked meetings would lie outside these hours. Move them first, or accept that they are listed to be moved.", "Byddai cyfarfodydd a drefnwyd y tu allan i'r oriau hyn. Symudwch nhw yn gyntaf, neu derbyniwch eu bod yn cael eu rhestru i'w symud.";
    no_missed_meeting: "No missed meeting of this claim needs anything done. There is nothing to do.", "Nid oes angen gwneud dim am unrhyw gyfarfod a gollwyd o'r hawliad hwn. Nid oes dim i'w wneud.";
    meeting_not_missed: "Good cause is for a meeting that was missed. Record the attendance first.", "Ar gyfer cyfarfod a gollwyd y mae achos da. Cofnodwch y presenoldeb yn gyntaf.";
    good_cause_recorded: "Good cause is recorded for this meeting already. There is nothing to do.", "Mae achos da wedi'i gofnodi ar gyfer y cyfarfod hwn eisoes. Nid oes dim i'w wneud.";
    claim_not_made: "Somebody decided that the claim is treated as not made. The client may claim anew, or ask for the decision to be looked at again.", "Penderfynodd rhywun drin yr hawliad fel un nas gwnaed. Caiff y cleient hawlio o'r newydd, neu ofyn am edrych eto ar y penderfyniad.";
    nothing_to_reverse: "No decision against this claim stands.", "Nid oes penderfyniad yn erbyn yr hawliad hwn yn sefyll.";
    too_late_to_reverse: "The days in which the decision could be looked at again are over. Leave it to a tribunal.", "Mae'r dyddiau pan ellid edrych eto ar y penderfyniad ar ben. Gadewch ef i dribiwnlys.";
    reconsideration_requested: "The client has asked for this to be looked at again already: it is on the list of steps.", "Mae'r cleient eisoes wedi gofyn am edrych ar hyn eto: mae ar y rhestr o gamau.";
    already_reconsidered: "The decision was looked at again, and stands. Tell the client that they may appeal to the tribunal.", "Edrychwyd eto ar y penderfyniad, ac mae'n sefyll. Dywedwch wrth y cleient y caiff apelio i'r tribiwnlys.";
    nothing_to_reconsider: "Nobody has asked for this decision to be looked at again, or they were answered. There is nothing to do.", "Nid oes neb wedi gofyn am edrych eto ar y penderfyniad hwn, neu fe'u hatebwyd. Nid oes dim i'w wneud.";
    nothing_decided: "Nobody has decided about the meeting of this letter. Dismiss the exception.", "Nid oes neb wedi penderfynu am gyfarfod y llythyr hwn. Diystyrwch yr eithriad.";
    form_is_back: "This form was reported back before. There is nothing to do.", "Rhoddwyd gwybod eisoes fod y ffurflen hon yn ôl. Nid oes dim i'w wneud.";
    not_a_form: "This page is of no claim's form: it may be a letter. Look what it is by its code.", "Nid yw'r dudalen hon o ffurflen unrhyw hawliad: gall fod yn llythyr. Edrychwch beth ydyw yn ôl ei chod.";
    lodged_at_meeting: "This claim does not go ahead without a meeting: the personal adviser or a benefits expert hands it over.", "Nid yw'r hawliad hwn yn mynd ymlaen heb gyfarfod: y cynghorydd personol neu arbenigwr budd-daliadau sy'n ei drosglwyddo.";
    check_not_due: "The client has not come, and the form is not in. Record the arrival, or scan the form.", "Nid yw'r cleient wedi dod, ac nid yw'r ffurflen i mewn. Cofnodwch fod y cleient wedi cyrraedd, neu sganiwch y ffurflen.";
    check_taken: "Somebody else has this check. Take another.", "Mae gan rywun arall y gwiriad hwn. Cymerwch un arall.";
    check_not_taken: "Nobody has this check. Take it first.", "Nid oes gan neb y gwiriad hwn. Cymerwch ef yn gyntaf.";
    check_not_complete: "Something is still open. Settle it first.", "Mae rhywbeth ar agor o hyd. Datryswch ef yn gyntaf.";
    check_complete: "This claim was said to be complete. Hand it over, or ask something about it if it is not.", "Dywedwyd bod yr hawliad hwn yn gyflawn. Trosglwyddwch ef, neu gofynnwch rywbeth amdano os nad yw.";
    nothing_to_decide: "There is nothing to decide: the client has another opportunity, or it was decided.", "Nid oes dim i'w benderfynu: mae gan y cleient gyfle arall, neu fe'i penderfynwyd.";
    too_early_to_decide_against: "The client still has time to show good cause. Wait until then, or decide for the client.", "Mae gan y cleient amser o hyd i ddangos achos da. Arhoswch tan hynny, neu penderfynwch o blaid y cleient.";
    event_recorded: "This was recorded for that day already. There is nothing to do.", "Cofnodwyd hyn ar gyfer y diwrnod hwnnw eisoes. Nid oes dim i'w wneud.";
    already_on_standby: "The client is on the list for such a meeting already. There is nothing to do.", "Mae'r cleient ar y rhestr ar gyfer cyfarfod o'r fath eisoes. Nid oes dim i'w wneud.";
    step_done: "This step is done, or something else made it needless. There is nothing to do.", "Mae'r cam hwn wedi'i wneud, neu nid oes ei angen mwyach. Nid oes dim i'w wneud.";
    step_has_its_own_end: "This step ends in another way. Open the step and do what it names.", "Mae'r cam hwn yn dod i ben mewn ffordd arall. Agorwch y cam a gwnewch yr hyn y mae'n ei enwi.";
    letter_owed: "The letter of this step is still to be posted. Post it, or say that it could not be.", "Mae llythyr y cam hwn i'w bostio o hyd. Postiwch ef, neu dywedwch na ellid ei bostio.";
    walk_parked: "This script is parked. Take it up again first.", "Mae'r sgript hon wedi'i rhoi o'r neilltu. Ailgydiwch ynddi yn gyntaf.";
    walk_finished: "This script is finished. Begin another.", "Mae'r sgript hon wedi'i gorffen. Dechreuwch un arall.";
    walk_at_start: "This is the first step. There is nothing before it.", "Dyma'r cam cyntaf. Nid oes dim o'i flaen.";
    step_hidden: "As the answers stand, that step is not for this client. Choose another.", "Yn ôl yr atebion, nid yw'r cam hwnnw ar gyfer y cleient hwn. Dewiswch un arall.";
    no_claim: "This script fills in no claim. Open a claim, and begin its script.", "Nid yw'r sgript hon yn llenwi hawliad. Agorwch hawliad, a dechreuwch ei sgript.";
    key_areas_open: "Something that must be covered is still open. Cover it, or leave it out with a reason.", "Mae rhywbeth y mae'n rhaid ei drafod ar agor o hyd. Trafodwch ef, neu gadewch ef allan gyda rheswm.";
    call_recorded: "What came of this call is recorded already. There is nothing to do.", "Mae canlyniad yr alwad hon wedi'i gofnodi eisoes. Nid oes dim i'w wneud.";
    call_not_needed: "This call is not needed any more: the appointment has changed, or is over.", "Nid oes angen yr alwad hon mwyach: mae'r apwyntiad wedi newid, neu mae ar ben.";
    not_a_call: "This reminder is a text or a letter, so it has no outcome to record.", "Neges destun neu lythyr yw'r nodyn atgoffa hwn, felly nid oes canlyniad i'w gofnodi.";
    too_many_feeds: "There are as many calendars as may be. Revoke one that nobody uses.", "Mae cynifer o galendrau ag a ganiateir eisoes. Dirymwch un nad oes neb yn ei ddefnyddio.";
    no_web_door: "Calendars are not set up here. Ask whoever runs the service to set them up.", "Nid yw calendrau wedi'u gosod yma. Gofynnwch i'r sawl sy'n rhedeg y gwasanaeth eu gosod.";
    lease_lost: "This print job is no longer yours. Destroy what was printed of it, then take it again.", "Nid chi sydd â'r swydd argraffu hon mwyach. Dinistriwch yr hyn a argraffwyd ohoni, yna cymerwch hi eto.";
    already_printing: "Printing was begun before, on another printer or under another name. Look there first; give it back if nothing was printed.", "Dechreuwyd argraffu o'r blaen, ar argraffydd arall neu o dan enw arall. Edrychwch yno yn gyntaf; rhowch hi yn ôl os nad argraffwyd dim.";
    already_printed: "This is reported printed already. Post it, or report it spoiled.", "Nodwyd eisoes fod hwn wedi'i argraffu. Postiwch ef, neu nodwch ei fod wedi'i ddifetha.";
    job_cancelled: "The pack was cancelled. Destroy what was printed of it, and take it out of the post.", "Cafodd y pecyn ei ganslo. Dinistriwch yr hyn a argraffwyd ohono, a thynnwch ef o'r post.";
    job_spoiled: "This was reported spoiled, and another stands for it. Destroy what was printed of it.", "Nodwyd bod hwn wedi'i ddifetha, ac mae un arall yn ei le. Dinistriwch yr hyn a argraffwyd ohono.";
    not_printed: "This is not reported printed yet. Report that first.", "Nid yw wedi'i nodi eto fod hwn wedi'i argraffu. Nodwch hynny yn gyntaf.";
    pack_incomplete: "Fewer pages were counted than there are. Print it again, correct the count, or say why it leaves as it is.", "Cyfrifwyd llai o dudalennau nag sydd. Argraffwch ef eto, cywirwch y cyfrif, neu dywedwch pam mae'n mynd fel y mae.";
    not_posted: "This is not reported posted yet. Report that first.", "Nid yw wedi'i nodi eto fod hwn wedi'i bostio. Nodwch hynny yn gyntaf.";
    already_posted: "This is in the post already. Print it again if the client needs another.", "Mae hwn yn y post eisoes. Argraffwch ef eto os oes angen un arall ar y cleient.";
    being_printed: "This is being printed. Cancel it when the printer is done with it.", "Mae hwn yn cael ei argraffu. Canslwch ef pan fydd yr argraffydd wedi gorffen.";
    post_closed: "The post of that day is closed. It goes out, and there is nothing to do.", "Mae post y diwrnod hwnnw wedi cau. Bydd yn mynd allan, ac nid oes dim i'w wneud.";
    not_queued: "Nothing of this pack is to be printed. There is nothing to do.", "Nid oes dim o'r pecyn hwn i'w argraffu. Nid oes dim i'w wneud.";
    goes_by_post: "This pack goes by post. Report it posted instead.", "Drwy'r post y mae'r pecyn hwn yn mynd. Nodwch yn hytrach ei fod wedi'i bostio.";
    already_handed_over: "The client has this pack already. There is nothing to do.", "Mae'r pecyn hwn gan y cleient eisoes. Nid oes dim i'w wneud.";
    exception_settled: "This was settled already. There is nothing to do.", "Cafodd hwn ei ddatrys eisoes. Nid oes dim i'w wneud.";
    copy_cannot_be_printed: "Something in it cannot be printed. Amend the answer or the name.", "Mae rhywbeth ynddo na ellir ei argraffu. Diwygiwch yr ateb neu'r enw.";
    not_booked: "The appointment of this letter is not booked any more. Dismiss this.", "Nid yw apwyntiad y llythyr hwn wedi'i drefnu mwyach. Diystyrwch hwn.";
    not_deferred: "The meeting of this letter is no longer put off or done without. Dismiss this.", "Nid yw cyfarfod y llythyr hwn wedi'i ohirio na'i hepgor mwyach. Diystyrwch hwn.";
    no_new_time: "No time is kept any more that this letter could tell. Dismiss this.", "Nid oes amser yn cael ei gadw mwyach y gallai'r llythyr hwn ei roi. Diystyrwch hwn.";
    no_such_letter: "There are no words for this letter. Dismiss this, and write by hand.", "Nid oes geiriau ar gyfer y llythyr hwn. Diystyrwch hwn, ac ysgrifennwch â llaw.";
    job_under_way: "The service is doing this now. Wait until it is done or given up.", "Mae'r gwasanaeth yn gwneud hyn nawr. Arhoswch nes ei fod wedi'i wneud neu ei ollwng.";
    job_done: "This is done already. There is nothing to do.", "Mae hwn wedi'i wneud eisoes. Nid oes dim i'w wneud.";
    job_dropped: "This was dropped before. There is nothing to do.", "Gollyngwyd hwn o'r blaen. Nid oes dim i'w wneud.";
    changed_since: "It was changed again since. Take back the later change first, or only the other facts.", "Newidiwyd ef eto ers hynny. Dadwnewch y newid diweddarach yn gyntaf, neu'r ffeithiau eraill yn unig.";
    job_lost: "Another worker has this job, or has done it. There is nothing to do.", "Mae gweithiwr arall â'r swydd hon, neu wedi'i gwneud. Nid oes dim i'w wneud.";
    not_at_a_printer: "This print job is at no printer. There is nothing to do.", "Nid yw'r swydd argraffu hon wrth unrhyw argraffydd. Nid oes dim i'w wneud.";
    address_changed: "The client's letters have another address or name now. Destroy what was printed and take it out of the post; it is composed anew by the next morning.", "Mae cyfeiriad neu enw arall ar lythyrau'r cleient erbyn hyn. Dinistriwch yr hyn a argraffwyd a'i dynnu o'r post; bydd yn cael ei gyfansoddi o'r newydd erbyn y bore wedyn.";
    pack_replaced: "A newer pack has taken the place of this one. Take that one.", "Mae pecyn mwy diweddar wedi cymryd lle hwn. Cymerwch hwnnw.";
    meeting_not_standing: "What the pack names does not take place as it says. Destroy what was printed, arrange the meeting, and it is composed anew.", "Nid yw'r hyn y mae'r pecyn yn ei enwi yn digwydd fel y dywed. Dinistriwch yr hyn a argraffwyd, trefnwch y cyfarfod, a bydd yn cael ei gyfansoddi o'r newydd.";
    not_missed: "The meeting of this letter was not missed after all. Dismiss this.", "Ni chollwyd cyfarfod y llythyr hwn wedi'r cwbl. Diystyrwch hwn.";
    not_off: "The meeting of this letter is on again, or another is arranged. Dismiss this.", "Mae cyfarfod y llythyr hwn yn sefyll eto, neu mae un arall wedi'i drefnu. Diystyrwch hwn.";
    user_disabled: "This person is disabled already, or has to be enabled first. Look at their page.", "Mae'r person hwn wedi'i analluogi eisoes, neu mae'n rhaid ei alluogi yn gyntaf. Edrychwch ar ei dudalen.";
    user_not_disabled: "This person is not disabled. There is nothing to do.", "Nid yw'r person hwn wedi'i analluogi. Nid oes dim i'w wneud.";
    duty_over: "The duty has ended, or was taken back before. There is nothing to do.", "Mae'r ddyletswydd wedi dod i ben, neu fe'i cymerwyd yn ôl o'r blaen. Nid oes dim i'w wneud.";
    token_revoked: "The token was revoked before. There is nothing to do.", "Cafodd y tocyn ei ddirymu o'r blaen. Nid oes dim i'w wneud.";
    last_administrator: "Nobody else could look after people then. Make another administrator first, without an end.", "Ni fyddai neb arall yn gallu gofalu am bobl wedyn. Gwnewch weinyddwr arall yn gyntaf, heb ddyddiad gorffen.";
    outside_work: "This client is not among those whom you work with. Leave it; or ask for the record, with a reason.", "Nid yw'r cleient hwn ymhlith y rhai rydych yn gweithio gyda nhw. Gadewch ef; neu gofynnwch am y cofnod, gyda rheswm.";
    own_request: "You asked for this record yourself. Leave it to another privacy officer.", "Chi eich hun a ofynnodd am y cofnod hwn. Gadewch ef i swyddog preifatrwydd arall.";
    request_closed: "This request was judged before. There is nothing to do.", "Cafodd y cais hwn ei farnu o'r blaen. Nid oes dim i'w wneud.";
    provider_signs_in: "Your organisation's accounts are used here. Make a new password there.", "Defnyddir cyfrifon eich sefydliad yma. Gwnewch gyfrinair newydd yno.";
    not_safe_to_ring: "It is not safe to ring this client at this time of the day. Wait, or move the call-back.", "Nid yw'n ddiogel ffonio'r cleient hwn yr adeg hon o'r dydd. Arhoswch, neu symudwch yr alwad yn ôl.";
    walk_of_claim: "This call fills a claim and ends with it. Finish the start-up, or withdraw the claim.", "Mae'r alwad hon yn llenwi hawliad ac yn dod i ben gydag ef. Gorffennwch y cychwyn, neu tynnwch yr hawliad yn ôl.";
    client_died: "This client died. Nothing begins for them, and nothing is sent in their name.", "Bu farw'r cleient hwn. Nid oes dim yn dechrau ar ei gyfer, ac nid anfonir dim yn ei enw.";
    death_recorded: "That this client died is recorded already.", "Cofnodwyd eisoes fod y cleient hwn wedi marw.";
    no_death_recorded: "No death of this client is recorded.", "Nid oes marwolaeth wedi'i chofnodi i'r cleient hwn.";
    no_letter_wanted: "Nobody would like a letter about this. Dismiss it.", "Nid oes neb eisiau llythyr am hyn. Rhowch ef o'r neilltu.";
} }

/// Those whose sentences of the service's own have names, times or a choice of words in them, which ours cannot have.
const TELL_MORE: &[&str] = &[
    "DENIED",
    "LIMIT_REACHED",
    "TRY_AGAIN",
    "INTERNAL",
    "TELEPHONE_IN_USE",
    "ALREADY_LOST",
    "SLOT_TAKEN",
    "CALLBACK_PROMISED",
    "DO_NOT_CALL",
    "PACK_TOO_LATE",
    "ALREADY_LODGED",
    "QUERIES_OPEN",
    "CHECK_TAKEN",
    "CHECK_NOT_COMPLETE",
    "CHECK_COMPLETE",
    "MEETING_NOT_OPTIONAL",
    "LEAVES_APPOINTMENTS",
    "TOO_EARLY_TO_DECIDE_AGAINST",
    "STEP_HIDDEN",
    "KEY_AREAS_OPEN",
    "LEASE_LOST",
    "COPY_CANNOT_BE_PRINTED",
    "CHANGED_SINCE",
];

pub fn tells_more(reason: &str) -> bool {
    TELL_MORE.contains(&reason)
}

#[cfg(test)]
mod tests {
    use super::*;
    use startline_api::ErrorReason;
    use startline_foundation::formats::Language;

    /// Numbers are never given twice, and there are few.
    fn reasons() -> Vec<&'static str> {
        let known = (1..1_000).filter_map(|number| ErrorReason::try_from(number).ok());
        known.map(|reason| reason.as_str_name().trim_start_matches("ERROR_REASON_")).collect()
    }

    #[test]
    fn every_reason_of_the_contract_is_said_in_both_languages_and_none_that_it_lacks() {
        let reasons = reasons();
        assert!(reasons.len() > 100, "{reasons:?}");
        for reason in &reasons {
            let word = reason.to_ascii_lowercase();
            let said = [Language::English, Language::Welsh].map(|language| Reasons::of(language).sentence(&word));
            let [Some(english), Some(welsh)] = said else { panic!("{reason} has no sentence in reasons.rs") };
            assert!(english != welsh && [english, welsh].iter().all(|text| text.ends_with('.')), "{reason}");
        }
        let source = include_str!("reasons.rs").split("#[cfg(test)]").next().unwrap_or_default();
        let words =
            source.lines().filter_map(|line| line.strip_prefix("    ")?.split_once(": \"").map(|(word, _)| word));
        let unknown: Vec<&str> = words.filter(|word| !reasons.contains(&word.to_ascii_uppercase().as_str())).collect();
        assert!(unknown.is_empty(), "no reasons of the contract: {unknown:?}");
        let untold: Vec<_> = TELL_MORE.iter().filter(|reason| !reasons.contains(reason)).collect();
        assert!(untold.is_empty(), "no reasons of the contract: {untold:?}");
    }
}
