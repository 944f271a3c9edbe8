//! `DefinitionService`.

use super::pb;
use crate::doors::DefinitionDoor;
use startline_definition::{Choice, Column, Definition, Kind, Question, Text};
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::Language;
use startline_foundation::ids::DefinitionVersion;
use startline_foundation::store::Db;
use startline_rooms::access::Context;

impl DefinitionDoor {
    pub async fn get_definition(
        &self,
        db: &mut Db<'_>,
        _: &Context,
        asked: pb::GetDefinitionRequest,
    ) -> Result<pb::GetDefinitionResponse> {
        let definition = match asked.version.as_str() {
            "" => self.0.definitions.current().clone(),
            version if version.len() > 64 => return Err(Error::invalid("version", "is no version of ours")),
            version => {
                let version = DefinitionVersion::new(version);
                self.0.definitions.version(db, &version).await?
            }
        };
        Ok(message(&definition))
    }
}

fn message(definition: &Definition) -> pb::GetDefinitionResponse {
    pb::GetDefinitionResponse {
        version: definition.version.to_string(),
        name: definition.service.name.en.clone(),
        sites: definition
            .sites
            .iter()
            .map(|site| pb::Site {
                site_id: site.id.to_string(),
                name: site.name.en.clone(),
                phone: site.phone.e164().to_owned(),
            })
            .collect(),
        offices: definition
            .offices
            .iter()
            .map(|office| pb::Office {
                office_id: office.id.to_string(),
                name: office.name.clone(),
                site_id: office.site.to_string(),
            })
            .collect(),
        form_parts: definition
            .form
            .parts
            .iter()
            .map(|part| pb::FormPart {
                code: part.id.clone(),
                title: part.title.en.clone(),
                questions: part.questions.iter().map(|q| question(q, Languages::default())).collect(),
            })
            .collect(),
    }
}

/// In which a question is spoken, printed, and read by the adviser.
#[derive(Debug, Clone, Copy, Default)]
pub struct Languages {
    pub spoken: Language,
    pub printed: Language,
    pub read: Language,
}

pub fn question(question: &Question, languages: Languages) -> pb::FormQuestion {
    let text = |text: Option<&Text>, language| text.map(|t| t.in_language(language).to_owned()).unwrap_or_default();
    pb::FormQuestion {
        question_id: question.id.to_string(),
        label: text(Some(&question.label), languages.printed),
        hint: text(question.hint.as_ref(), languages.spoken),
        say: text(Some(question.spoken()), languages.spoken),
        guidance: text(question.guidance.as_ref(), languages.read),
        sensitive: question.sensitive,
        adviser_only: question.adviser_only,
        ..of_kind(&question.kind, languages)
    }
}

/// What the kind says, for a question or a column.
fn of_kind(kind: &Kind, languages: Languages) -> pb::FormQuestion {
    let options: &[Choice] = match kind {
        Kind::Choice(options) | Kind::Multi(options) => options,
        _ => &[],
    };
    let columns: &[Column] = match kind {
        Kind::Table { columns, .. } => columns,
        Kind::Group { fields } => fields,
        _ => &[],
    };
    let label = |option: &Choice| option.label.in_language(languages.spoken).to_owned();
    let column = |column: &Column| pb::FormQuestion {
        question_id: column.id.clone(),
        label: column.label.in_language(languages.printed).to_owned(),
        say: column.label.in_language(languages.spoken).to_owned(),
        ..of_kind(&column.kind, languages)
    };
    pb::FormQuestion {
        kind: kind.name().to_owned(),
        options: options.iter().map(|option| option.id.clone()).collect(),
        option_labels: options.iter().map(label).collect(),
        columns: columns.iter().map(column).collect(),
        ..Default::default()
    }
}
