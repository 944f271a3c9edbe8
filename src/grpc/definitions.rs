//! `DefinitionService`.

use super::{Shared, pb};
use crate::definition::{Definition, Kind, Question};
use crate::error::Error;
use crate::ids::DefinitionVersion;
use std::sync::Arc;
use tonic::{Request, Response, Status};

pub struct DefinitionDoor(pub Arc<Shared>);

#[tonic::async_trait]
impl pb::definition_service_server::DefinitionService for DefinitionDoor {
    async fn get_definition(
        &self,
        request: Request<pb::GetDefinitionRequest>,
    ) -> Result<Response<pb::GetDefinitionResponse>, Status> {
        let definition = match request.get_ref().version.as_str() {
            "" => self.0.definitions.current().clone(),
            version if version.len() > 64 => return Err(Error::invalid("version", "is no version of ours").into()),
            version => {
                let version = DefinitionVersion::new(version);
                self.0.definitions.version(&mut self.0.store.read().await?.db(), &version).await?
            }
        };
        Ok(Response::new(message(&definition)))
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
                questions: part.questions.iter().map(question).collect(),
            })
            .collect(),
    }
}

pub fn question(question: &Question) -> pb::FormQuestion {
    let options = match &question.kind {
        Kind::Choice(options) | Kind::Multi(options) => options.iter().map(|option| option.id.clone()).collect(),
        _ => Vec::new(),
    };
    pb::FormQuestion {
        question_id: question.id.to_string(),
        label: question.label.en.clone(),
        kind: question.kind.name().to_owned(),
        options,
        hint: question.hint.as_ref().map(|text| text.en.clone()).unwrap_or_default(),
    }
}
