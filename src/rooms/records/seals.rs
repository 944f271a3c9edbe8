//! The chain of hashes over looks and audit lines, by which a line that is missing or was changed is found.
//!
//! Lines are added by many at once and wait for nobody. Every few seconds those that are new are put under a seal: its hash is
//! of each of them and of the hash before it. Whoever wants to hide something would have to make every later seal anew, and
//! the newest hash is told in the log and by each check, to be kept elsewhere.

use super::erased::Erased;
use super::{erased_store, seals_store as store};
use crate::access;
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use startline_foundation::error::Result;
use startline_foundation::store::Db;
use std::fmt;

/// Lines under one seal, of each kind.
const MOST_LINES: i32 = 5_000;

/// A seal, as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    pub number: i64,
    pub at: DateTime<Utc>,
    pub looks: i64,
    pub audits: i64,
    pub hash: Vec<u8>,
}

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    pub seals: i64,
    pub looks: i64,
    pub audits: i64,
    /// Lines that are not sealed yet.
    pub unsealed: i64,
    /// The newest hash.
    pub hash: Vec<u8>,
    /// Up to where lines were erased by the settings of `[retention]`: the chain is checked from there on.
    pub erased: Option<Erased>,
    pub faults: Vec<Fault>,
}

/// One thing that is not as it was sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Seals are missing before this one.
    Gap { before: i64 },
    /// There are fewer, or more, lines under it than there were.
    Lines { seal: i64, at: DateTime<Utc>, were: i64, are: i64 },
    /// A line under it, or its hash, was changed.
    Changed { seal: i64, at: DateTime<Utc> },
    /// The first seals are said to have been erased, and the audit has no line of it.
    NobodyErased { seal: i64 },
    /// There are lines or seals again where they were erased.
    BackAgain { seal: i64, lines: i64 },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gap { before } => write!(f, "seals are missing before seal {before}"),
            Self::Lines { seal, at, were, are } => {
                write!(f, "seal {seal} of {} had {were} lines and has {are}", at.to_rfc3339())
            }
            Self::Changed { seal, at } => {
                write!(f, "a line under seal {seal} of {} was changed, or the seal itself", at.to_rfc3339())
            }
            Self::NobodyErased { seal } => {
                write!(f, "the seals up to {seal} are said to be erased, and the audit has no line of it")
            }
            Self::BackAgain { seal, lines } => {
                write!(f, "the seals up to {seal} were erased, and {lines} lines or seals stand there again")
            }
        }
    }
}

/// Puts what is new under a seal; none when nothing is. To be done alone: whoever does so waits for others who do.
pub async fn seal(db: &mut Db<'_>, now: DateTime<Utc>) -> Result<Option<Seal>> {
    db.alone_with("seals").await?;
    let newest = store::newest(db).await?;
    let number = newest.as_ref().map_or(1, |seal| seal.number + 1);
    let looks = store::put_under(db, number, MOST_LINES).await?;
    let audits = access::put_audit_under_seal(db, number, MOST_LINES).await?;
    if looks + audits == 0 {
        return Ok(None);
    }
    let before = newest.map(|seal| seal.hash).unwrap_or_default();
    let (hash, ..) = hash_of(db, number, &before).await?;
    let seal = Seal { number, at: now, looks, audits, hash };
    store::insert(db, &seal).await?;
    Ok(Some(seal))
}

/// Checks every seal against the lines that are there.
pub async fn verify(db: &mut Db<'_>) -> Result<Report> {
    let unsealed = store::unsealed(db).await? + access::unsealed_audit(db).await?;
    let mut report = Report { unsealed, ..Report::default() };
    let (mut before, mut expected, mut after) = (Vec::new(), 1, 0);
    if let Some(erased) = erased_store::newest(db).await? {
        report.faults.extend(faults_of(db, &erased).await?);
        (before, expected, after) = (erased.hash.clone(), erased.last_seal + 1, erased.last_seal);
        report.hash.clone_from(&erased.hash);
        report.erased = Some(erased);
    }
    loop {
        let seals = store::after(db, after).await?;
        let Some(last) = seals.last() else { return Ok(report) };
        after = last.number;
        for seal in seals {
            if seal.number != expected {
                report.faults.push(Fault::Gap { before: seal.number });
            }
            let (hash, looks, audits) = hash_of(db, seal.number, &before).await?;
            let (were, are) = (seal.looks + seal.audits, looks + audits);
            if (looks, audits) != (seal.looks, seal.audits) {
                report.faults.push(Fault::Lines { seal: seal.number, at: seal.at, were, are });
            } else if hash != seal.hash {
                report.faults.push(Fault::Changed { seal: seal.number, at: seal.at });
            }
            report.seals += 1;
            report.looks += looks;
            report.audits += audits;
            expected = seal.number + 1;
            before.clone_from(&seal.hash);
            report.hash = seal.hash;
        }
    }
}

/// What is wrong with the cut that the chain hangs on.
async fn faults_of(db: &mut Db<'_>, erased: &Erased) -> Result<Vec<Fault>> {
    let mut faults = Vec::new();
    if !erased.is_in_the_audit(db).await? {
        faults.push(Fault::NobodyErased { seal: erased.last_seal });
    }
    let first = store::after(db, 0).await?;
    let seals = first.iter().filter(|seal| seal.number <= erased.last_seal).count();
    let lines = erased_store::looks_up_to(db, erased.last_seal).await?
        + access::audit_up_to(db, erased.last_seal).await?
        + i64::try_from(seals).unwrap_or(i64::MAX);
    if lines > 0 {
        faults.push(Fault::BackAgain { seal: erased.last_seal, lines });
    }
    Ok(faults)
}

/// Whether a seal has this hash, written in hexadecimal.
pub async fn has_hash(db: &mut Db<'_>, hash: &str) -> Result<bool> {
    let digits = hash.as_bytes().chunks(2);
    let bytes: Option<Vec<u8>> =
        digits.map(|two| u8::from_str_radix(std::str::from_utf8(two).ok()?, 16).ok()).collect();
    match bytes {
        // Also the last that was erased in a step of a run.
        Some(bytes) => Ok(store::has_hash(db, &bytes).await? || erased_store::has_hash(db, &bytes).await?),
        None => Ok(false),
    }
}

/// The hash of the lines under a seal, and how many there are of each kind.
async fn hash_of(db: &mut Db<'_>, number: i64, before: &[u8]) -> Result<(Vec<u8>, i64, i64)> {
    let mut hash = Sha256::new();
    hash.update(before);
    hash.update(number.to_be_bytes());
    let mut counts = [0_i64; 2];
    for (count, lines) in
        counts.iter_mut().zip([store::looks(db, number).await?, access::audit_under_seal(db, number).await?])
    {
        for line in lines {
            *count += 1;
            for part in line {
                // Its length goes before each part, so that nothing can be moved from one to the next.
                hash.update((part.len() as u64).to_be_bytes());
                hash.update(part);
            }
        }
    }
    Ok((hash.finalize().to_vec(), counts[0], counts[1]))
}
