//! All rules.

use super::{port, service};
use crate::rules::rule::Rule;

/// Every rule: what a port has to do, then what a service has to do, area by area.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    port::areas().flatten().chain(service::RULES)
}

/// The rule of that id.
pub fn find(id: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.id == id)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use serde_json::Value;

    use super::*;
    use crate::mistakes;
    use crate::model::Strength;
    use crate::rules::rule::{Check, Level};
    use crate::rules::source::{OBSERVED, Place, SHIM_PROTOCOL, Source};
    use crate::wire::service_model::{ServiceModel, Shape};

    #[test]
    fn every_rule_has_an_id_of_its_own_a_sentence_and_public_sources() {
        let mut ids = BTreeSet::new();
        for rule in all() {
            assert!(ids.insert(rule.id), "{} stands twice", rule.id);
            assert!(
                rule.sentence.ends_with('.'),
                "{}: {}",
                rule.id,
                rule.sentence
            );
            assert!(!rule.sources.is_empty(), "{} names no source", rule.id);
        }
    }

    #[test]
    fn every_mistake_is_expected_by_rules_that_exist() {
        for mistake in mistakes::all() {
            assert!(!mistake.caught_by.is_empty(), "{}", mistake.id);
            for rule in mistake.caught_by {
                assert!(find(rule).is_some(), "{} names {rule}", mistake.id);
            }
        }
    }

    #[test]
    fn a_must_rests_on_something_captured_or_documented() {
        for rule in all() {
            let strength = rule.strength();
            assert!(
                rule.level.takes(strength),
                "{} is {} and only {strength}",
                rule.id,
                rule.level
            );
        }
    }

    #[test]
    fn what_is_observed_has_no_way_to_fail_and_all_else_has() {
        for rule in all() {
            let can_fail = matches!(rule.check, Check::Requirement(_));
            assert_eq!(can_fail, rule.level != Level::Observed, "{}", rule.id);
        }
    }

    #[test]
    fn every_shape_and_member_that_is_cited_is_in_the_service_model() {
        for (rule, source) in sources() {
            let Place::Shape(name) = source.place else {
                continue;
            };
            let (shape, member) = match name.split_once('$') {
                Some((shape, member)) => (shape, Some(member)),
                None => (name, None),
            };
            let Some(found) = shape_of(shape) else {
                assert!(is_exception(shape), "{}: {name} is no shape", rule.id);
                assert_eq!(member, None, "{}: {name} has no members here", rule.id);
                continue;
            };
            let members = found.members.as_ref();
            if let Some(member) = member {
                let has = members.is_some_and(|members| members.contains_key(member));
                assert!(has, "{}: {name} is no member", rule.id);
            }
        }
    }

    #[test]
    fn every_operation_that_is_cited_is_in_the_service_model() {
        for (rule, source) in sources() {
            if let Place::Operation(name) = source.place {
                let has = ServiceModel::get().operations.contains_key(name);
                assert!(has, "{}: {name}", rule.id);
            }
        }
    }

    #[test]
    fn every_file_of_this_repository_that_is_cited_is_there() {
        for (rule, source) in sources() {
            if let Place::Recording(path) = source.place {
                assert!(path.starts_with("fixtures/"), "{}: {path}", rule.id);
                assert!(root().join(path).is_file(), "{}: {path}", rule.id);
            }
        }
    }

    #[test]
    fn every_situation_that_is_cited_is_among_the_observed_ones() {
        let text = fs::read_to_string(root().join(OBSERVED)).expect("the file is there");
        let observed: Value = serde_json::from_str(&text).expect("JSON");
        let situations: BTreeSet<&str> = ["errors", "behaviours"]
            .iter()
            .flat_map(|list| observed[list].as_array().expect("a list"))
            .filter_map(|entry| entry["situation"].as_str())
            .collect();
        for (rule, source) in sources() {
            if let Place::Observed(situation) = source.place {
                assert!(situations.contains(situation), "{}: {situation}", rule.id);
            }
        }
    }

    #[test]
    fn every_section_of_the_shim_protocol_that_is_cited_is_a_heading_there() {
        let page = fs::read_to_string(root().join(SHIM_PROTOCOL)).expect("the page is there");
        let headings: BTreeSet<&str> = page
            .lines()
            .filter(|line| line.starts_with('#'))
            .map(|line| line.trim_start_matches('#').trim())
            .collect();
        for (rule, source) in sources() {
            if let Place::ShimProtocol(section) = source.place {
                assert!(headings.contains(section), "{}: {section:?}", rule.id);
            }
        }
    }

    #[test]
    fn an_issue_has_a_repository_and_a_number_and_code_a_repository_and_a_file() {
        for (rule, source) in sources() {
            match source.place {
                Place::Issue(name) => {
                    let (repository, number) = name.split_once('#').unwrap_or((name, ""));
                    assert!(is_repository(repository), "{}: {name}", rule.id);
                    assert!(number.parse::<u32>().is_ok(), "{}: {name}", rule.id);
                }
                Place::Code { repository, file } => {
                    assert!(is_repository(repository.name), "{}: {file}", rule.id);
                    let name = file.rsplit('/').next().unwrap_or_default();
                    assert!(name.contains('.'), "{}: {file} is no file", rule.id);
                }
                _ => {}
            }
        }
    }

    #[test]
    fn what_is_captured_or_documented_says_what_stands_there() {
        for (rule, source) in sources() {
            let is_told = !source.says.is_empty();
            if source.strength <= Strength::Documented {
                assert!(is_told, "{}: what does {} say?", rule.id, source.place);
            }
            assert!(
                !source.says.ends_with('.'),
                "{}: {} is no sentence of its own",
                rule.id,
                source.says
            );
        }
    }

    #[test]
    fn no_rule_names_a_place_twice() {
        for rule in all() {
            let mut places = BTreeSet::new();
            for source in rule.sources {
                let place = source.place.to_string();
                assert!(places.insert(place), "{}: {source}", rule.id);
            }
        }
    }

    fn root() -> &'static Path {
        Path::new(env!("CARGO_MANIFEST_DIR"))
    }

    fn sources() -> impl Iterator<Item = (&'static Rule, &'static Source)> {
        all().flat_map(|rule| rule.sources.iter().map(move |source| (rule, source)))
    }

    /// The shape of that name, or the body of an operation.
    fn shape_of(name: &str) -> Option<&'static Shape> {
        let model = ServiceModel::get();
        model.shapes.get(name).or_else(|| {
            let request = name.strip_suffix("Request");
            let response = name.strip_suffix("Response");
            match (request, response) {
                (Some(operation), _) => Some(&model.operations.get(operation)?.input),
                (_, Some(operation)) => Some(&model.operations.get(operation)?.output),
                _ => None,
            }
        })
    }

    /// The model extract has no shapes of exceptions, but which operation declares which.
    fn is_exception(name: &str) -> bool {
        let mut operations = ServiceModel::get().operations.values();
        operations.any(|operation| operation.errors.iter().any(|error| error == name))
    }

    fn is_repository(name: &str) -> bool {
        let parts: Vec<&str> = name.split('/').collect();
        parts.len() == 2
            && parts.iter().all(|part| {
                !part.is_empty()
                    && part
                        .chars()
                        .all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
            })
    }
}
