//! The part of `FloorService` that tells the durable figures.

use super::{clients, convert, pb};
use startline_definition::Definition;
use startline_foundation::error::Result;
use startline_foundation::ids::SiteId;
use startline_foundation::store::Db;
use startline_routing::{self as routing, Period, Target};

/// What a site's service level is measured by: at present the same for every site.
fn target(definition: &Definition, _site: &SiteId) -> Target {
    let settings = &definition.service.settings;
    Target {
        answer_ms: u64::from(settings.target_answer_s) * 1000,
        short_abandon_ms: u64::from(settings.short_abandon_s) * 1000,
    }
}

pub async fn service_level(
    db: &mut Db<'_>,
    definition: &Definition,
    asked: &pb::GetServiceLevelRequest,
) -> Result<pb::GetServiceLevelResponse> {
    let site = match asked.site_id.as_str() {
        "" => None,
        id => Some(clients::known_site(definition, id)?),
    };
    let start = convert::time("start_time", asked.start_time)?;
    let end = convert::time("end_time", asked.end_time)?;
    let target = |site: &SiteId| target(definition, site);
    let history = routing::history(db, site.as_ref(), start, end, target).await?;
    let asked_for = |id: &SiteId| site.as_ref().is_none_or(|site| site == id);
    let targets = definition.sites.iter().filter(|site| asked_for(&site.id)).map(|site| pb::AnswerTarget {
        site_id: site.id.to_string(),
        target: Some(convert::milliseconds(target(&site.id).answer_ms)),
    });
    Ok(pb::GetServiceLevelResponse {
        half_hours: history.half_hours.iter().map(message).collect(),
        totals: history.totals.iter().map(message).collect(),
        targets: targets.collect(),
    })
}

pub fn message(period: &Period) -> pb::HalfHour {
    let figures = &period.figures;
    pb::HalfHour {
        site_id: period.site.as_ref().map(ToString::to_string).unwrap_or_default(),
        start_time: period.start.map(convert::timestamp),
        entered: figures.entered,
        answered: figures.answered,
        abandoned: figures.abandoned,
        diverted: figures.diverted,
        overflowed: figures.overflowed,
        short_abandons: figures.short_abandons,
        answered_in_target: figures.answered_in_target,
        service_level: figures.service_level(),
        overflow_share: figures.overflow_share(),
        wait_p50: period.wait_p50_ms.map(convert::milliseconds),
        wait_p90: period.wait_p90_ms.map(convert::milliseconds),
        mean_wait: figures.mean_wait_ms().map(convert::milliseconds),
        staffed_time: Some(convert::milliseconds(period.staffed_ms)),
        handle_time: Some(convert::milliseconds(period.handle_ms)),
        occupancy: period.occupancy(),
    }
}
