//! Reads Rust as text, just well enough to say which paths a file names.

use std::collections::BTreeMap;

/// The modules that are a crate each: there `crate` means the module.
const CRATES: &[&str] = &["definition", "routing", "packs", "printers", "service", "grpc", "identity", "sip", "web"];

/// What a file has taken in so far, by the name it has there.
type Imports = BTreeMap<String, Vec<String>>;

/// A file's path in the house: the crates of the foundation and of the rooms are folders of modules, and the others a
/// module each.
pub fn inside(path: &str) -> &str {
    let path = path.strip_prefix("src/").unwrap_or(path);
    path.strip_prefix("foundation/").or_else(|| path.strip_prefix("rooms/")).unwrap_or(path)
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Word(String),
    /// `::`
    Into,
    Mark(char),
}

/// What stands in a source, each with its line.
type Lined<T> = Vec<(T, usize)>;

/// A path that a file names, resolved as far as the text allows: `crate::claims::open` or `sqlx::Row`.
pub struct Reference {
    pub path: Vec<String>,
    pub line: usize,
    pub in_use: bool,
    /// Of what a `use` takes in: the name it has here.
    pub name: Option<String>,
}

/// The words and marks of a source with their lines; comments, strings, characters and lifetimes are left out.
fn tokens(text: &str) -> Vec<(Token, usize)> {
    scan(text).0
}

/// The strings of a source, each as it is when the program runs, with the line on which it begins.
pub fn literals(text: &str) -> Vec<(String, usize)> {
    scan(text).1
}

fn scan(text: &str) -> (Lined<Token>, Lined<String>) {
    let chars: Vec<char> = text.chars().collect();
    let at = |i: usize| chars.get(i).copied().unwrap_or('\0');
    let between =
        |from: usize, to: usize| chars[from.min(chars.len())..to.min(chars.len()).max(from.min(chars.len()))].iter();
    let (mut found, mut strings, mut i, mut line) = (Vec::new(), Vec::new(), 0, 1);
    while i < chars.len() {
        let start = i;
        match at(i) {
            '/' if at(i + 1) == '/' => i += chars[i..].iter().take_while(|c| **c != '\n').count(),
            '/' if at(i + 1) == '*' => i = end_of_comment(&chars, i),
            '"' => {
                i = end_of_string(&chars, i);
                strings.push((unescaped(between(start + 1, i - 1).copied()), line));
            }
            '\'' if at(i + 1) == '\\' => i += 3 + chars[i + 3..].iter().take_while(|c| **c != '\'').count() + 1,
            '\'' if at(i + 2) == '\'' => i += 3,
            '\'' => i += 1 + chars[i + 1..].iter().take_while(|c| is_word(**c)).count(),
            ':' if at(i + 1) == ':' => {
                found.push((Token::Into, line));
                i += 2;
            }
            c if is_word(c) => {
                let end = i + chars[i..].iter().take_while(|c| is_word(**c)).count();
                let word: String = chars[i..end].iter().collect();
                let hashes = chars[end..].iter().take_while(|c| **c == '#').count();
                if ["r", "br", "cr"].contains(&word.as_str()) && at(end + hashes) == '"' {
                    i = end_of_raw_string(&chars, end + hashes + 1, hashes);
                    strings.push((between(end + hashes + 1, i - hashes - 1).collect(), line));
                } else if word == "r" && hashes == 1 && is_word(at(end + 1)) {
                    i = end + 1; // r#type: the word itself comes next
                } else {
                    if !c.is_ascii_digit() {
                        found.push((Token::Word(word), line));
                    }
                    i = end;
                }
            }
            c => {
                if !c.is_whitespace() {
                    found.push((Token::Mark(c), line));
                }
                i += 1;
            }
        }
        i = i.min(chars.len());
        line += chars[start..i].iter().filter(|c| **c == '\n').count();
    }
    (found, strings)
}

/// What a string's text means: a line that ends in a backslash goes on with the next one's first letter.
fn unescaped(text: impl Iterator<Item = char>) -> String {
    let (mut meant, mut text) = (String::new(), text.peekable());
    while let Some(c) = text.next() {
        match c {
            '\\' => match text.next() {
                Some('\n') => while text.next_if(|c| c.is_whitespace()).is_some() {},
                Some('n' | 't' | 'r') => meant.push(' '),
                other => meant.extend(other),
            },
            c => meant.push(c),
        }
    }
    meant
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn end_of_comment(chars: &[char], start: usize) -> usize {
    let (mut depth, mut i) = (0, start);
    while i < chars.len() {
        match (chars[i], chars.get(i + 1)) {
            ('/', Some('*')) => (depth, i) = (depth + 1, i + 2),
            ('*', Some('/')) => (depth, i) = (depth - 1, i + 2),
            _ => i += 1,
        }
        if depth == 0 {
            break;
        }
    }
    i
}

fn end_of_string(chars: &[char], start: usize) -> usize {
    let mut i = start + 1;
    while i < chars.len() && chars[i] != '"' {
        i += if chars[i] == '\\' { 2 } else { 1 };
    }
    i + 1
}

fn end_of_raw_string(chars: &[char], start: usize, hashes: usize) -> usize {
    let closes =
        |i: &usize| chars[*i] == '"' && chars[*i + 1..].iter().take(hashes).filter(|c| **c == '#').count() == hashes;
    (start..chars.len()).find(closes).map_or(chars.len(), |i| i + 1 + hashes)
}

/// All paths of two or more parts, everything a `use` takes in, and what an attribute or `extern crate` names.
pub fn references(path: &str, text: &str) -> Vec<Reference> {
    let tokens = tokens(text);
    let word = |i: usize| match tokens.get(i) {
        Some((Token::Word(word), _)) => Some(word.as_str()),
        _ => None,
    };
    let is = |i: usize, token: Token| tokens.get(i).is_some_and(|(t, _)| *t == token);
    let mut place: Vec<String> = inside(path).trim_end_matches(".rs").split('/').map(str::to_string).collect();
    if ["mod", "lib", "main"].contains(&place.last().map_or("", String::as_str)) {
        place.pop();
    }
    let own = place.first().filter(|first| CRATES.contains(&first.as_str())).cloned();
    let resolve = |path: Vec<String>, place: &[String], imports: &Imports| resolve(path, own.as_ref(), place, imports);
    let (mut inline_modules, mut depth) = (Vec::new(), 0);
    let mut imports = Imports::new();
    let mut found = Vec::new();
    let mut i = 0;
    while i < tokens.len() {
        match &tokens[i].0 {
            Token::Mark('{') => depth += 1,
            Token::Mark('}') => {
                depth -= 1;
                if inline_modules.last() == Some(&depth) {
                    inline_modules.pop();
                    place.pop();
                }
            }
            Token::Word(w) if w == "mod" && is(i + 2, Token::Mark('{')) => {
                place.extend(word(i + 1).map(str::to_string));
                inline_modules.push(depth);
                i += 1;
            }
            Token::Word(w) if w == "use" && !is(i + 1, Token::Mark('<')) => {
                let mut taken = Vec::new();
                i = read_use(&tokens, i + 1, &[], &mut taken);
                for (name, path, line) in taken {
                    let path = resolve(path, &place, &imports);
                    imports.insert(name.clone(), path.clone());
                    found.push(Reference { path, line, in_use: true, name: Some(name) });
                }
                continue;
            }
            Token::Word(first) if !is(i.wrapping_sub(1), Token::Mark('.')) => {
                let (line, mut path) = (tokens[i].1, vec![first.clone()]);
                let mut end = i + 1;
                while let (true, Some(next)) = (is(end, Token::Into), word(end + 1)) {
                    path.push(next.to_string());
                    end += 2;
                }
                let in_attribute = i > 1 && is(i - 1, Token::Mark('[')) && is(i - 2, Token::Mark('#'));
                let in_extern = i > 1 && word(i - 1) == Some("crate") && word(i - 2) == Some("extern");
                if path.len() > 1 || in_attribute || in_extern {
                    found.push(Reference { path: resolve(path, &place, &imports), line, in_use: false, name: None });
                }
                i = end;
                continue;
            }
            _ => {}
        }
        i += 1;
    }
    found
}

/// Reads one tree of a `use` from token `i`; gives (name, path, line) for each leaf and where the tree ends.
fn read_use(
    tokens: &[(Token, usize)],
    mut i: usize,
    prefix: &[String],
    taken: &mut Vec<(String, Vec<String>, usize)>,
) -> usize {
    let mut path = prefix.to_vec();
    let mut name = None;
    let mut line = tokens.get(i).map_or(0, |token| token.1);
    while let Some((token, at)) = tokens.get(i) {
        match token {
            Token::Word(word) if word == "as" => {
                if let Some((Token::Word(alias), _)) = tokens.get(i + 1) {
                    name = Some(alias.clone());
                }
                i += 1;
            }
            Token::Word(word) if word == "self" && !path.is_empty() => line = *at,
            Token::Word(word) => (path, line) = ([path, vec![word.clone()]].concat(), *at),
            Token::Into => {}
            Token::Mark('*') => name = Some("*".to_string()),
            Token::Mark('{') => {
                i += 1;
                while tokens.get(i).is_some_and(|(token, _)| *token != Token::Mark('}')) {
                    i = read_use(tokens, i, &path, taken);
                    // Past the comma, or past a mark that only a macro's `use` has.
                    i += usize::from(tokens.get(i).is_some_and(|(token, _)| *token != Token::Mark('}')));
                }
                return i + 1;
            }
            Token::Mark(_) => break,
        }
        i += 1;
    }
    if let Some(last) = path.last().cloned() {
        taken.push((name.unwrap_or(last), path, line));
    }
    i
}

/// The full path that `path` means in the module `place`, by what the file has taken in so far.
fn resolve(path: Vec<String>, own: Option<&String>, place: &[String], imports: &Imports) -> Vec<String> {
    let mut base = vec!["crate".to_string()];
    let mut rest = path.as_slice();
    match path[0].as_str() {
        "crate" => {
            base.extend(own.cloned());
            rest = &rest[1..];
        }
        "startline" | "startline_foundation" | "startline_rooms" => rest = &rest[1..],
        "startline_api" => {
            base.extend(["grpc", "pb"].map(str::to_string));
            rest = &rest[1..];
        }
        other if other.strip_prefix("startline_").is_some_and(|name| CRATES.contains(&name)) => {
            base.extend(other.strip_prefix("startline_").map(str::to_string));
            rest = &rest[1..];
        }
        "self" | "super" => {
            base.extend_from_slice(place);
            while let Some(first) = rest.first().filter(|first| ["self", "super"].contains(&first.as_str())) {
                if first == "super" && base.len() > 1 {
                    base.pop();
                }
                rest = &rest[1..];
            }
        }
        first => match imports.get(first) {
            Some(full) => (base, rest) = (full.clone(), &rest[1..]),
            None => base = Vec::new(),
        },
    }
    base.extend_from_slice(rest);
    base
}
