//! Each migration is written for both engines, and no version twice.

use std::collections::BTreeSet;

/// What is wrong with the names of the two folders.
pub fn unpaired(sqlite: &BTreeSet<String>, postgres: &BTreeSet<String>) -> Vec<String> {
    let mut faults = Vec::new();
    for (here, there, folder) in [(sqlite, postgres, "postgres"), (postgres, sqlite, "sqlite")] {
        for name in here.difference(there) {
            faults.push(format!("migrations/{folder}/{name} is missing: each migration is written for both engines"));
        }
        let mut versions = BTreeSet::new();
        for name in here {
            let version = name.split('_').next().unwrap_or(name);
            if !versions.insert(version) {
                faults.push(format!("migrations: version {version} is used twice ({name})"));
            }
        }
    }
    faults
}

#[test]
fn a_migration_on_one_engine_only_is_found() {
    let names = |all: &[&str]| all.iter().map(ToString::to_string).collect::<BTreeSet<String>>();
    let both = names(&["0001_clients.sql", "0002_claims.sql"]);
    assert!(unpaired(&both, &both).is_empty());
    let faults = unpaired(&both, &names(&["0001_clients.sql", "0002_claim.sql"]));
    assert_eq!(faults.len(), 2, "{faults:?}");
    assert!(faults[0].contains("migrations/postgres/0002_claims.sql is missing"), "{faults:?}");
    let twice = names(&["0001_clients.sql", "0001_claims.sql"]);
    assert!(unpaired(&twice, &twice)[0].contains("version 0001 is used twice"));
}
