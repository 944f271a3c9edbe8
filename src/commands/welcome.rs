//! What `startline serve` says while nobody may look after people: how the first administrator is made.

use super::Options;
use startline::store;
use std::path::PathBuf;

/// Where the service was told to keep its data, as it was told.
pub struct Given {
    config: Option<PathBuf>,
    data: Option<PathBuf>,
    definition: Option<PathBuf>,
    database_url: Option<String>,
}

impl Given {
    pub fn of(options: &Options) -> Self {
        let Options { config, data, definition, database_url } = options.clone();
        Self { config, data, definition, database_url }
    }

    /// One sentence: the command to type beside this service, and where one can look around instead.
    pub fn sentence(&self) -> String {
        let (options, is_whole) = self.options();
        let without = if is_whole { "" } else { " (with its password, which is not shown here)" };
        format!(
            "nobody is an administrator here yet: `startline user add \"NAME\" --role admin{options}`{without}, typed beside this \
             service, makes the first and prints their token; `startline demo --data FOLDER` fills another folder with \
             invented people to look around in"
        )
    }

    /// As they were given, each with a space before it; and whether nothing had to be left out.
    pub fn options(&self) -> (String, bool) {
        let mut options = String::new();
        let paths = [("config", &self.config), ("data", &self.data), ("definition", &self.definition)];
        for (option, path) in paths.iter().filter_map(|(option, path)| Some((option, path.as_ref()?))) {
            options += &format!(" --{option} {}", quoted(&path.display().to_string()));
        }
        let Some(url) = &self.database_url else { return (options, true) };
        let shown = without_password(url);
        options += &format!(" --database-url {}", quoted(&shown));
        (options, shown == *url)
    }
}

/// Whoever reads the log or the screen may use the database's name, but not its password, wherever that stands in the URL.
fn without_password(url: &str) -> String {
    let shown = store::without_password(url);
    let (place, parameters) = shown.split_once('?').unwrap_or((&shown, ""));
    let open: Vec<_> = parameters.split('&').filter(|one| !one.is_empty() && !one.contains("password")).collect();
    if open.is_empty() { place.to_owned() } else { format!("{place}?{}", open.join("&")) }
}

/// As a shell reads it as one word.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-:@=+,".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(config: Option<&str>, data: Option<&str>, url: Option<&str>) -> String {
        let path = |path: Option<&str>| path.map(PathBuf::from);
        Given { config: path(config), data: path(data), definition: None, database_url: url.map(str::to_owned) }
            .sentence()
    }

    #[test]
    fn the_command_names_what_was_given_and_nothing_else() {
        let said = given(None, None, None);
        assert!(said.contains("`startline user add \"NAME\" --role admin`, typed"), "{said}");
        let said = given(Some("/etc/startline.toml"), Some("/srv/my data"), None);
        assert!(said.contains("--role admin --config /etc/startline.toml --data '/srv/my data'`"), "{said}");
        let said = given(None, None, Some("postgres://ann@db.example/one"));
        assert!(said.contains("--role admin --database-url postgres://ann@db.example/one`, typed"), "{said}");
    }

    #[test]
    fn the_command_never_shows_a_password() {
        for url in [
            "postgres://ann:s3cret@db/one",
            "postgres://db/one?user=ann&password=s3cret",
            "postgres://a:s3cret@db/x?y=z",
        ] {
            let said = given(None, None, Some(url));
            assert!(
                !said.contains("s3cret") && said.contains("(with its password, which is not shown here)"),
                "{said}"
            );
        }
    }
}
