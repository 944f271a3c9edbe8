//! Whether a claim's pack will be there before the meeting, asked while the client is still on the line; and how else it
//! can reach them.

use super::address;
use super::pack::Delivery;
use super::store;
use super::subject::Unprintable;
use chrono::{DateTime, NaiveDate, Utc};
use startline_definition::Definition;
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::required_line;
use startline_foundation::ids::ClaimId;
use startline_foundation::store::Db;
use startline_rooms::access::{Context, audit};
use startline_rooms::claims::{self, Claim};
use startline_rooms::clients;
use startline_rooms::diary;
use startline_rooms::printing::{self, Outlook};

const PLACE_CHARACTERS: usize = 200;
/// The longest there is, by the standard of electronic mail.
const EMAIL_CHARACTERS: usize = 254;

/// How a claim's pack would travel if it were composed now.
#[derive(Debug, Clone, PartialEq)]
pub struct Arrival {
    pub outlook: Outlook,
    /// The local day of the meeting that it should be there before; none while there is none.
    pub meeting_day: Option<NaiveDate>,
    pub delivery: Delivery,
    /// The lines of the envelope's window, or why it cannot be posted.
    pub address: std::result::Result<Vec<String>, Unprintable>,
}

pub async fn arrival(
    db: &mut Db<'_>,
    definition: &Definition,
    claim_id: ClaimId,
    now: DateTime<Utc>,
) -> Result<Arrival> {
    let claim = claims::get(db, claim_id).await?;
    let meeting_day = meeting_day(db, definition, &claim).await?;
    let outlook = printing::outlook(definition, definition.site_or_fault(&claim.site)?, now, meeting_day);
    let client = clients::get(db, claim.client_id).await?;
    let address = address::window(&client, outlook.post_day);
    Ok(Arrival { outlook, meeting_day, delivery: store::delivery(db, claim_id).await?, address })
}

/// Chooses how the pack reaches the client. Nothing chosen is the post; where that would come too late, somebody has to
/// choose: another way, or the post all the same.
pub async fn choose_delivery(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    claim_id: ClaimId,
    chosen: Option<Delivery>,
) -> Result<()> {
    let Some(delivery) = chosen else {
        let arrival = arrival(db, definition, claim_id, context.now).await?;
        if arrival.delivery == Delivery::Post && !arrival.outlook.in_time {
            return Err(too_late(&arrival));
        }
        return Ok(());
    };
    let delivery = checked(delivery)?;
    claims::for_update(db, claim_id).await?;
    store::set_delivery(db, claim_id, &delivery, context.user.id, context.now).await?;
    audit(db, context, "delivery_chosen", "claim", &claim_id).await
}

fn too_late(arrival: &Arrival) -> Error {
    let Outlook { post_day, arrives_by, .. } = arrival.outlook;
    let message = format!(
        "the pack would leave on {post_day} and be there on {arrives_by}, which is too late for the meeting{}: agree with \
         the client that it is collected or sent by e-mail, or that it is posted all the same",
        arrival.meeting_day.map(|day| format!(" on {day}")).unwrap_or_default(),
    );
    Error::illegal("PACK_TOO_LATE", message)
}

fn checked(delivery: Delivery) -> Result<Delivery> {
    let to_field = |text: &str, most| required_line("delivery_to", text, most, "is needed");
    Ok(match delivery {
        Delivery::Post => Delivery::Post,
        Delivery::Collect { at } => Delivery::Collect { at: to_field(&at, PLACE_CHARACTERS)? },
        Delivery::Email { to } => {
            let to = to_field(&to, EMAIL_CHARACTERS)?;
            let is_address = to.split_once('@').is_some_and(|(name, host)| {
                let whole = |part: &str| !part.is_empty() && !part.contains(char::is_whitespace);
                whole(name) && whole(host) && host.contains('.') && !host.contains('@')
            });
            if !is_address {
                return Err(Error::invalid("delivery_to", "is not an e-mail address such as name@example.org"));
            }
            Delivery::Email { to }
        }
    })
}

/// The local day of the claim's meeting, when one is to come.
pub(super) async fn meeting_day(db: &mut Db<'_>, definition: &Definition, claim: &Claim) -> Result<Option<NaiveDate>> {
    let meeting = match diary::meeting(db, claim.id).await? {
        diary::Meeting::Booked(appointment) => Some(appointment),
        _ => None,
    };
    Ok(meeting.map(|appointment| definition.calendar.local_date(appointment.starts_at)))
}
