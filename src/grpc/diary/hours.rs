//! Working patterns, blocks, and the meetings they leave to be moved.

use super::finding::known_office;
use super::message::{self, parse_day, parse_time, weekday};
use super::{Answered, DiaryDoor};
use crate::diary::{self, Hours, Stranding};
use crate::error::{Error, Result};
use crate::grpc::mutation::begin;
use crate::grpc::{convert, gate, pb};
use crate::ids::{BlockId, OfficeId, UserId};
use crate::rota::{Activity, Block, BlockDraft, BlockKind, Break, Shift, Whose};
use chrono::NaiveTime;
use tonic::{Request, Response};

impl DiaryDoor {
    pub(super) async fn pattern(
        &self,
        request: Request<pb::SetWorkingPatternRequest>,
    ) -> Answered<pb::SetWorkingPatternResponse> {
        let mut mutation = begin!(&self.0, &request);
        let asked = request.into_inner();
        let definition = self.0.definitions.current();
        let hours = Hours {
            personal_adviser: UserId::parse("personal_adviser_id", &asked.personal_adviser_id)?,
            office: known_office(definition, &asked.office_id)?,
            valid_from: parse_day("valid_from", &asked.valid_from)?,
            valid_to: match asked.valid_to.as_str() {
                "" => None,
                text => Some(parse_day("valid_to", text)?),
            },
            weeks: asked.weeks.max(1),
            shifts: asked.shifts.iter().enumerate().map(shift).collect::<Result<Vec<_>>>()?,
        };
        let person = hours.personal_adviser;
        let (db, context) = (&mut mutation.tx.db(), &mutation.context);
        let stranding = stranding(asked.accept_left_appointments);
        let left = diary::set_working_pattern(db, context, definition, hours, stranding).await?;
        let language = context.language;
        let appointments_to_move = message::appointments(db, definition, &left, language).await?;
        let answer = mutation.finish(pb::SetWorkingPatternResponse { appointments_to_move }).await?;
        self.person_changed(person);
        Ok(answer)
    }

    pub(super) async fn block(&self, request: Request<pb::BlockTimeRequest>) -> Answered<pb::BlockTimeResponse> {
        let mut mutation = begin!(&self.0, &request);
        let asked = request.into_inner();
        let definition = self.0.definitions.current();
        let draft = draft(&asked.block.unwrap_or_default())?;
        let (db, context) = (&mut mutation.tx.db(), &mutation.context);
        let stranding = stranding(asked.accept_left_appointments);
        let (block, left) = diary::block_time(db, context, definition, draft, stranding).await?;
        let language = context.language;
        let appointments_to_move = message::appointments(db, definition, &left, language).await?;
        mutation.finish(pb::BlockTimeResponse { block: Some(block_message(&block)), appointments_to_move }).await
    }

    pub(super) async fn unblock(&self, request: Request<pb::UnblockTimeRequest>) -> Answered<pb::UnblockTimeResponse> {
        let mut mutation = begin!(&self.0, &request);
        let id = BlockId::parse("block_id", &request.get_ref().block_id)?;
        let definition = self.0.definitions.current();
        let block = diary::unblock_time(&mut mutation.tx.db(), &mutation.context, definition, id).await?;
        mutation.finish(pb::UnblockTimeResponse { block: Some(block_message(&block)) }).await
    }

    pub(super) async fn blocks(&self, request: Request<pb::ListBlocksRequest>) -> Answered<pb::ListBlocksResponse> {
        let context = gate::context(&request, &self.0.clock, None)?;
        let asked = request.into_inner();
        let days = (parse_day("first_day", &asked.first_day)?, parse_day("last_day", &asked.last_day)?);
        let size = convert::page_size(asked.page_size, 50, 200)?;
        let mut reader = self.0.store.read().await?;
        let all = diary::blocks(&mut reader.db(), context.site()?, days).await?;
        let (page, next_page_token) = convert::page(all, &asked.page_token, size)?;
        let blocks = page.iter().map(block_message).collect();
        Ok(Response::new(pb::ListBlocksResponse { blocks, next_page_token }))
    }

    pub(super) async fn to_move(
        &self,
        request: Request<pb::ListAppointmentsToMoveRequest>,
    ) -> Answered<pb::ListAppointmentsToMoveResponse> {
        let context = gate::context(&request, &self.0.clock, None)?;
        let asked = request.into_inner();
        let size = convert::page_size(asked.page_size, 50, 200)?;
        let enough = convert::offset(&asked.page_token)? + usize::try_from(size).unwrap_or(0) + 1;
        let definition = self.0.definitions.current();
        let today = definition.calendar.local_date(context.now);
        let mut reader = self.0.store.read().await?;
        let db = &mut reader.db();
        let most = i32::try_from(enough).unwrap_or(i32::MAX);
        let all = diary::to_move(db, definition, context.site()?, today, most).await?;
        let (page, next_page_token) = convert::page(all, &asked.page_token, size)?;
        let appointments = message::appointments(db, definition, &page, context.language).await?;
        Ok(Response::new(pb::ListAppointmentsToMoveResponse { appointments, next_page_token }))
    }
}

fn stranding(accepted: bool) -> Stranding {
    if accepted { Stranding::Accepted } else { Stranding::Refused }
}

fn shift((i, shift): (usize, &pb::Shift)) -> Result<Shift> {
    let time = |field: &str, text: &str| parse_time(&format!("shifts[{i}].{field}"), text);
    let weekday =
        weekday(shift.weekday()).ok_or_else(|| Error::invalid(format!("shifts[{i}].weekday"), "is needed"))?;
    let pause = |(j, pause): (usize, &pb::Break)| {
        let start = time(&format!("breaks[{j}].start"), &pause.start)?;
        Ok(Break { start, end: time(&format!("breaks[{j}].end"), &pause.end)? })
    };
    Ok(Shift {
        weekday,
        week: (shift.week != 0).then_some(shift.week),
        start: time("start", &shift.start)?,
        end: time("end", &shift.end)?,
        activity: Activity::Meetings,
        breaks: shift.breaks.iter().enumerate().map(pause).collect::<Result<Vec<_>>>()?,
    })
}

fn draft(block: &pb::Block) -> Result<BlockDraft> {
    let whose = match (block.user_id.as_str(), block.office_id.as_str()) {
        ("", "") => Whose::Site,
        ("", office) => Whose::Office(OfficeId::new(office)),
        (user, _) => Whose::One(UserId::parse("block.user_id", user)?),
    };
    let kind = match block.kind() {
        pb::BlockKind::Leave => BlockKind::Leave,
        pb::BlockKind::Sickness => BlockKind::Sickness,
        pb::BlockKind::Training => BlockKind::Training,
        pb::BlockKind::TeamEvent => BlockKind::TeamEvent,
        pb::BlockKind::Blocked => BlockKind::Blocked,
        pb::BlockKind::ExtraHours => BlockKind::ExtraHours,
        pb::BlockKind::Unspecified => return Err(Error::invalid("block.kind", "is needed")),
    };
    let times = match (block.start.as_str(), block.end.as_str()) {
        ("", "") => None,
        (start, end) => Some((parse_time("block.start", start)?, parse_time("block.end", end)?)),
    };
    Ok(BlockDraft {
        whose,
        kind,
        first_day: parse_day("block.first_day", &block.first_day)?,
        last_day: parse_day("block.last_day", &block.last_day)?,
        times,
        note: block.note.clone(),
    })
}

fn block_message(block: &Block) -> pb::Block {
    let kind = match block.kind {
        BlockKind::Leave => pb::BlockKind::Leave,
        BlockKind::Sickness => pb::BlockKind::Sickness,
        BlockKind::Training => pb::BlockKind::Training,
        BlockKind::TeamEvent => pb::BlockKind::TeamEvent,
        BlockKind::Blocked => pb::BlockKind::Blocked,
        BlockKind::ExtraHours => pb::BlockKind::ExtraHours,
    };
    let (user_id, office_id) = match &block.whose {
        Whose::One(user) => (user.to_string(), String::new()),
        Whose::Office(office) => (String::new(), office.to_string()),
        Whose::Site => (String::new(), String::new()),
    };
    let time = |time: NaiveTime| time.format("%H:%M").to_string();
    pb::Block {
        block_id: block.id.to_string(),
        user_id,
        office_id,
        kind: kind.into(),
        first_day: block.first_day.to_string(),
        last_day: block.last_day.to_string(),
        start: block.times.map(|times| time(times.0)).unwrap_or_default(),
        end: block.times.map(|times| time(times.1)).unwrap_or_default(),
        note: block.note.clone(),
    }
}
