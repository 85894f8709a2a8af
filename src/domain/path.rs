//! Field paths that are written only where somebody reads them.

use std::fmt;

/// Names a field of a request: a path with places left open, and what fills them.
///
/// In text it is a literal path, such as `request.lines[0].groups[0].condition.worn`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FieldPath<'a> {
    /// The path; `{line}`, `{request_line}`, `{group}` and `{shipment}` are filled in.
    pub template: &'static str,
    /// The word that names the fact inside its field, such as a tag.
    pub word: Option<&'a str>,
    /// Place of the line in the order.
    pub line: usize,
    /// Place of the line in the request.
    pub request_line: usize,
    /// Place of the group in the line of the request.
    pub group: usize,
    /// Place of the parcel in the order.
    pub parcel: usize,
}

impl FieldPath<'_> {
    /// Names a field of which there is one.
    pub const fn of(template: &'static str) -> Self {
        Self {
            template,
            word: None,
            line: 0,
            request_line: 0,
            group: 0,
            parcel: 0,
        }
    }
}

impl fmt::Display for FieldPath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.template;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, tail) = after.split_once('}').unwrap_or((after, ""));
            let place = match name {
                "line" => self.line,
                "request_line" => self.request_line,
                "group" => self.group,
                _ => self.parcel,
            };
            write!(f, "{before}{place}")?;
            rest = tail;
        }
        f.write_str(rest)?;
        match self.word {
            Some(word) => write!(f, "[{word}]"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled_in() {
        let path = FieldPath {
            word: Some("sale"),
            line: 1,
            ..FieldPath::of("order.lines[{line}].tags")
        };
        assert_eq!(path.to_string(), "order.lines[1].tags[sale]");
        let path = FieldPath {
            request_line: 2,
            group: 3,
            ..FieldPath::of("request.lines[{request_line}].groups[{group}].condition.worn")
        };
        assert_eq!(
            path.to_string(),
            "request.lines[2].groups[3].condition.worn"
        );
    }
}
