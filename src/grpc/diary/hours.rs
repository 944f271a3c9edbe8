//! Working patterns, blocks, and the meetings they leave to be moved.

use super::finding::known_office;
use super::message::{self, parse_day, parse_time};
use crate::convert;
use crate::doors::DiaryDoor;
use crate::mirrors::{needed, shown};
use crate::paging::Page;
use crate::pb;
use chrono::NaiveTime;
use startline_foundation::error::Result;
use startline_foundation::ids::{BlockId, OfficeId, UserId};
use startline_foundation::store::Db;
use startline_rooms::access::{self, Context, at_offices};
use startline_rooms::diary::{self, Hours, Stranding};
use startline_rooms::rota::{Activity, Block, BlockDraft, Break, Pattern, Shift, Whose};

impl DiaryDoor {
    pub async fn set_working_pattern(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::SetWorkingPatternRequest,
    ) -> Result<pb::SetWorkingPatternResponse> {
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
            outside_hours_reason: asked.outside_hours_reason,
        };
        let stranding = stranding(asked.accept_left_appointments);
        let left = diary::set_working_pattern(db, context, definition, hours, stranding).await?;
        let appointments_to_move = message::appointments(db, definition, &left, context.language).await?;
        Ok(pb::SetWorkingPatternResponse { appointments_to_move })
    }

    pub async fn list_working_patterns(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::ListWorkingPatternsRequest,
    ) -> Result<pb::ListWorkingPatternsResponse> {
        let definition = self.0.definitions.current();
        let personal_adviser = UserId::parse("personal_adviser_id", &asked.personal_adviser_id)?;
        let page = Page::of(&asked, 50, 200)?;
        let today = definition.calendar.local_date(context.now);
        let all = diary::working_patterns(db, context, definition, personal_adviser, today).await?;
        let (all, next_page_token) = page.cut_whole(all, |pattern| pattern.valid_from);
        let mut patterns = Vec::new();
        for pattern in &all {
            patterns.push(pattern_message(db, pattern).await?);
        }
        Ok(pb::ListWorkingPatternsResponse { patterns, next_page_token })
    }

    pub async fn block_time(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::BlockTimeRequest,
    ) -> Result<pb::BlockTimeResponse> {
        let definition = self.0.definitions.current();
        let draft = draft(&asked.block.unwrap_or_default())?;
        let stranding = stranding(asked.accept_left_appointments);
        let (block, left) = diary::block_time(db, context, definition, draft, stranding).await?;
        let appointments_to_move = message::appointments(db, definition, &left, context.language).await?;
        Ok(pb::BlockTimeResponse { block: Some(block_message(&block)), appointments_to_move })
    }

    pub async fn unblock_time(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::UnblockTimeRequest,
    ) -> Result<pb::UnblockTimeResponse> {
        let id = BlockId::parse("block_id", &asked.block_id)?;
        let definition = self.0.definitions.current();
        let block = diary::unblock_time(db, context, definition, id).await?;
        Ok(pb::UnblockTimeResponse { block: Some(block_message(&block)) })
    }

    pub async fn list_blocks(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::ListBlocksRequest,
    ) -> Result<pb::ListBlocksResponse> {
        let days = (parse_day("first_day", &asked.first_day)?, parse_day("last_day", &asked.last_day)?);
        let page = Page::of(&asked, 50, 200)?;
        let all = diary::blocks(db, context.site()?, days).await?;
        let (all, next_page_token) = page.cut_whole(all, |block| (block.first_day, block.id));
        let blocks = all.iter().map(block_message).collect();
        Ok(pb::ListBlocksResponse { blocks, next_page_token })
    }

    pub async fn list_appointments_to_move(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::ListAppointmentsToMoveRequest,
    ) -> Result<pb::ListAppointmentsToMoveResponse> {
        let page = Page::of(&asked, 50, 200)?;
        let definition = self.0.definitions.current();
        let today = definition.calendar.local_date(context.now);
        let seen = at_offices(&context.user);
        let whose = (context.site()?, seen.as_ref());
        let found = diary::to_move(db, definition, whose, today, page.after, page.most()).await?;
        let (found, next_page_token) = page.cut(found, |one| (one.starts_at, one.id));
        let appointments = message::appointments(db, definition, &found, context.language).await?;
        Ok(pb::ListAppointmentsToMoveResponse { appointments, next_page_token })
    }
}

fn stranding(accepted: bool) -> Stranding {
    if accepted { Stranding::Accepted } else { Stranding::Refused }
}

fn shift((i, shift): (usize, &pb::Shift)) -> Result<Shift> {
    let time = |field: &str, text: &str| parse_time(&format!("shifts[{i}].{field}"), text);
    let weekday = needed::<pb::Weekday>(&format!("shifts[{i}].weekday"), shift.weekday, "is needed")?;
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
    let kind = needed::<pb::BlockKind>("block.kind", block.kind, "is needed")?;
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
        outside_hours_reason: block.outside_hours_reason.clone(),
    })
}

async fn pattern_message(db: &mut Db<'_>, pattern: &Pattern) -> Result<pb::WorkingPattern> {
    let mut message = pb::WorkingPattern {
        office_id: pattern.office.as_ref().map(ToString::to_string).unwrap_or_default(),
        valid_from: pattern.valid_from.to_string(),
        valid_to: pattern.valid_to.map(|day| day.to_string()).unwrap_or_default(),
        weeks: pattern.weeks,
        shifts: pattern.shifts.iter().map(shift_message).collect(),
        ..Default::default()
    };
    if let Some(outside) = &pattern.outside_hours {
        message.outside_hours_reason.clone_from(&outside.reason);
        message.outside_hours_user_id = outside.said_by.to_string();
        message.outside_hours_user_name = access::user(db, outside.said_by).await?.name;
        message.outside_hours_time = Some(convert::timestamp(outside.said_at));
    }
    Ok(message)
}

fn shift_message(shift: &Shift) -> pb::Shift {
    let pause = |pause: &Break| pb::Break { start: wall(pause.start), end: wall(pause.end) };
    pb::Shift {
        weekday: i32::try_from(shift.weekday.number_from_monday()).unwrap_or_default(),
        start: wall(shift.start),
        end: wall(shift.end),
        week: shift.week.unwrap_or_default(),
        breaks: shift.breaks.iter().map(pause).collect(),
    }
}

fn wall(time: NaiveTime) -> String {
    time.format("%H:%M").to_string()
}

fn block_message(block: &Block) -> pb::Block {
    let (user_id, office_id) = match &block.whose {
        Whose::One(user) => (user.to_string(), String::new()),
        Whose::Office(office) => (String::new(), office.to_string()),
        Whose::Site => (String::new(), String::new()),
    };
    pb::Block {
        block_id: block.id.to_string(),
        user_id,
        office_id,
        kind: shown::<pb::BlockKind>(block.kind),
        first_day: block.first_day.to_string(),
        last_day: block.last_day.to_string(),
        start: block.times.map(|times| wall(times.0)).unwrap_or_default(),
        end: block.times.map(|times| wall(times.1)).unwrap_or_default(),
        note: block.note.clone(),
        outside_hours_reason: block.outside_hours_reason.clone(),
        made_by: block.made_by.to_string(),
        made_time: Some(convert::timestamp(block.made_at)),
    }
}
