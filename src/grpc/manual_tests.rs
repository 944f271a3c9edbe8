//! The manual says of everything what it is, and what it says of refusals is what the contract has.

use super::*;

fn services() -> Vec<prost_reflect::ServiceDescriptor> {
    let pool = DescriptorPool::decode(pb::DESCRIPTORS).unwrap();
    pool.services().filter(|service| service.package_name() == PACKAGE).collect()
}

fn methods() -> Vec<MethodDescriptor> {
    services().iter().flat_map(|service| service.methods().collect::<Vec<_>>()).collect()
}

#[test]
fn every_service_and_method_says_what_it_does_and_for_whom() {
    let (comments, pool) = (Comments::read(), DescriptorPool::decode(pb::DESCRIPTORS).unwrap());
    let names = services().into_iter().map(|service| service.full_name().to_owned());
    let names = names.chain(methods().into_iter().map(|method| method.full_name().to_owned()));
    let silent: Vec<String> = names.filter(|name| !comments.of(name).trim_end().ends_with('.')).collect();
    assert_eq!(silent, [""; 0], "these have no comment that ends in a full stop");
    assert!(methods().iter().all(|method| !roles(&pool, method).is_empty()));
}

#[test]
fn every_reason_says_what_it_means_what_to_do_and_where_it_comes_from() {
    let (comments, known) = (Comments::read(), methods());
    let known: BTreeSet<String> =
        known.iter().map(|method| format!("{}.{}", method.parent_service().name(), method.name())).collect();
    assert!(REASONS.len() > 100, "{} reasons were read", REASONS.len());
    for reason in REASONS.values() {
        let told = comments.of_enum_value("ErrorReason", &format!("{REASON}{}", reason.name));
        let places = [!reason.methods.is_empty(), reason.any_method, !reason.only.is_empty()];
        assert_eq!(places.iter().filter(|place| **place).count(), 1, "{reason:?} comes from one kind of place");
        assert!(told.ends_with('.') && (told.contains("Do: ") || !reason.only.is_empty()), "{}: {told}", reason.name);
        let unknown: Vec<&String> = reason.methods.difference(&known).collect();
        assert!(unknown.is_empty(), "{} names {unknown:?}, which are no methods", reason.name);
        assert!(tonic::Code::Ok != code(&reason.code), "{reason:?}");
    }
}

fn code(name: &str) -> tonic::Code {
    let all = (0..=16).map(tonic::Code::from_i32);
    let plain = |text: &str| text.replace('_', "").to_lowercase();
    all.into_iter().find(|code| plain(&format!("{code:?}")) == plain(name)).unwrap_or(tonic::Code::Ok)
}

#[test]
fn the_page_has_each_method_each_reason_and_each_field() {
    let page = page().unwrap();
    for method in methods() {
        let full = format!("### {}.{}\n", method.parent_service().name(), method.name());
        assert!(page.contains(&full), "{full}");
        for field in method.input().fields().chain(method.output().fields()) {
            assert!(page.contains(&format!("| `{}` |", field.name())), "{}", field.full_name());
        }
    }
    for reason in REASONS.values().filter(|reason| reason.only.is_empty()) {
        assert!(page.contains(&format!("| `{}` | `{}` |", reason.name, reason.code)), "{reason:?}");
    }
    let slot = page.split("### DiaryService.HoldSlot\n").nth(1).unwrap().split("\n### ").next().unwrap();
    assert!(slot.contains("`SLOT_TAKEN`") && slot.contains("adviser"), "{slot}");
    assert!(page.contains("### FormQuestion\n") && page.contains("| `ANSWER_KIND_MONEY` |"));
}

#[test]
fn what_a_method_may_refuse_with_is_its_own_or_anybodys() {
    assert!(may_refuse("DiaryService.HoldSlot", "SLOT_TAKEN"));
    assert!(may_refuse("DiaryService.HoldSlot", "INVALID") && may_refuse("/startline.v1.Nobody/Nothing", "DENIED"));
    assert!(
        !may_refuse("DiaryService.ListDay", "SLOT_TAKEN") && !may_refuse("DiaryService.HoldSlot", "NO_SUCH_REASON")
    );
}
