//! Lets ids be bound and read as what they are on either engine, without telling `ids.rs` about databases.

use crate::ids::*;
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::{Database, Decode, Encode, Type};
use uuid::Uuid;

macro_rules! from_uuid {
    ($id:ident, $inner:ident) => {
        $id($inner)
    };
}
macro_rules! to_uuid {
    ($id:expr) => {
        $id.0
    };
}
macro_rules! from_name {
    ($id:ident, $inner:ident) => {
        $id::new(&$inner)
    };
}
macro_rules! to_name {
    ($id:expr) => {
        $id.as_str().to_owned()
    };
}

macro_rules! stored_ids {
    ($inner:ty, $read:ident, $write:ident; $($id:ident)*) => {$(
        impl<DB: Database> Type<DB> for $id
        where
            $inner: Type<DB>,
        {
            fn type_info() -> DB::TypeInfo {
                <$inner as Type<DB>>::type_info()
            }

            fn compatible(ty: &DB::TypeInfo) -> bool {
                <$inner as Type<DB>>::compatible(ty)
            }
        }

        impl<'r, DB: Database> Decode<'r, DB> for $id
        where
            $inner: Decode<'r, DB>,
        {
            fn decode(value: <DB as Database>::ValueRef<'r>) -> Result<Self, BoxDynError> {
                <$inner as Decode<DB>>::decode(value).map(|inner| $read!($id, inner))
            }
        }

        impl<'q, DB: Database> Encode<'q, DB> for $id
        where
            $inner: Encode<'q, DB>,
        {
            fn encode_by_ref(&self, buf: &mut <DB as Database>::ArgumentBuffer) -> Result<IsNull, BoxDynError> {
                <$inner as Encode<DB>>::encode($write!(self), buf)
            }
        }
    )*};
}

stored_ids!(Uuid, from_uuid, to_uuid;
    UserId DutyId TokenId ClientId CallId CallbackId CallbackHoldId MissedCallerId ContingencyId WriterId WalkId ClaimId QueryId DecisionId AppointmentId SeriesId BlockId PackId PackExceptionId PrintJobId CorrectionId JobId AuditId LookId RecordRequestId RequestId ReminderId FeedId StepId StandbyId StandbyOfferId PhoneAttemptId);
stored_ids!(String, from_name, to_name; SiteId OfficeId AgencyId QuestionId DefinitionVersion);
