//! Checks paths of fields that a caller names.

use std::sync::LazyLock;

use prost_reflect::{DescriptorPool, MessageDescriptor};

use super::reader::{Reader, quote};
use crate::domain::limits::{MAX_PATH_CHARS, MAX_UNAVAILABLE};
use crate::domain::path::At;
use crate::domain::violation::ViolationKind;
use crate::wire::FILE_DESCRIPTOR_SET;

/// The message that paths begin in; `None`: the contract was not built in whole.
static REQUEST: LazyLock<Option<MessageDescriptor>> = LazyLock::new(|| {
    let pool = DescriptorPool::decode(FILE_DESCRIPTOR_SET).ok()?;
    pool.get_message_by_name("redress.v1.DecideRequest")
});

/// Words this much alike are taken for a misspelling of each other.
const ALIKE: f64 = 0.7;

/// Checks paths of facts, which stay where they are: each names a field of a request.
pub(super) fn paths<'t>(
    r: &mut Reader,
    at: &At<'_>,
    name: &'static str,
    paths: &'t [String],
) -> &'t [String] {
    if paths.len() > MAX_UNAVAILABLE {
        r.too_many(at, name, paths.len(), MAX_UNAVAILABLE);
        return &[];
    }
    for (index, path) in paths.iter().enumerate() {
        if let Err(why) = field(path) {
            let at = at.element(name, index);
            r.wrong(&at, At::ITSELF, ViolationKind::UnknownReference, why);
        }
    }
    paths
}

/// Whether a path names a field of a request; an error says what is wrong with it.
fn field(path: &str) -> Result<(), String> {
    if path.chars().count() > MAX_PATH_CHARS {
        return Err(format!(
            "has more than {MAX_PATH_CHARS} characters; give the path of a fact"
        ));
    }
    let mut message = REQUEST.clone();
    for part in path.split('.') {
        let (name, element) = match part.split_once('[') {
            Some((name, element)) => (name, element.strip_suffix(']').map(Some)),
            None => (part, Some(None)),
        };
        let of = message.as_ref().ok_or_else(|| no_field(path, part, None))?;
        let field = of.get_field_by_name(name);
        let field = field.ok_or_else(|| no_field(path, part, Some(of)))?;
        let element = element.ok_or_else(|| no_field(path, part, None))?;
        if element.is_some() && !field.is_list() {
            return Err(format!(
                "{} is not a list: {} has no elements",
                quote(path),
                quote(name)
            ));
        }
        message = field.kind().as_message().cloned();
    }
    Ok(())
}

fn no_field(path: &str, part: &str, of: Option<&MessageDescriptor>) -> String {
    let names = of.into_iter().flat_map(MessageDescriptor::fields);
    let near = names.map(|field| {
        let likeness = strsim::jaro_winkler(part, field.name());
        (likeness, field.name().to_owned())
    });
    let near = near.filter(|(likeness, _)| *likeness > ALIKE);
    let nearest = near.max_by(|one, other| one.0.total_cmp(&other.0));
    let mend = match nearest {
        Some((_, name)) => format!("did you mean {}?", quote(&name)),
        None => "give the path as `missing` has it".to_owned(),
    };
    format!(
        "{} names no field of a request: {}; {mend}",
        quote(path),
        quote(part)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_missing_facts_name_fields() {
        for path in [
            "order.place_time",
            "order.lines[3].personalized",
            "order.lines[0].tags[sale]",
            "order.all_lines.personalized",
            "order.shipments[1].deliver_time",
            "request.lines[0].groups[2].condition.worn",
            "request.all_units.shipment_id",
            "request.credit_use.credit_amount",
            "order.options[plan].used_count",
        ] {
            assert_eq!(field(path), Ok(()), "{path}");
        }
    }

    #[test]
    fn other_paths_are_told_with_the_nearest_name() {
        assert_eq!(
            field("order.lines[3].personalised"),
            Err(
                "`order.lines[3].personalised` names no field of a request: `personalised`; \
                 did you mean `personalized`?"
                    .to_owned()
            )
        );
        for path in [
            "",
            "order.",
            "order.lines[3",
            "order.gift.x",
            "order.gift[0]",
            "]",
            "a[b]",
        ] {
            assert!(field(path).is_err(), "{path}");
        }
        assert!(field(&"a".repeat(MAX_PATH_CHARS + 1)).is_err());
    }
}
