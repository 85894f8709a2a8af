//! Names places in a message.

use std::fmt;

/// Names the place of a field in a message. It is a chain on the stack, and becomes text
/// only where something is wrong.
#[derive(Clone, Copy, Debug)]
pub struct At<'p> {
    parent: Option<&'p At<'p>>,
    name: &'static str,
    index: Option<usize>,
}

impl<'p> At<'p> {
    /// The name of no field: what is told is the element itself.
    pub const ITSELF: &'static str = "";

    /// The message as a whole.
    pub const ROOT: At<'static> = At {
        parent: None,
        name: "",
        index: None,
    };

    /// The order of a message.
    pub const ORDER: At<'static> = At::ROOT.field("order");

    /// The request of a message.
    pub const REQUEST: At<'static> = At::ROOT.field("request");

    /// Returns the place of a field.
    pub const fn field(&'p self, name: &'static str) -> At<'p> {
        At {
            parent: Some(self),
            name,
            index: None,
        }
    }

    /// Returns the place of an element of a repeated field.
    pub const fn element(&'p self, name: &'static str, index: usize) -> At<'p> {
        At {
            parent: Some(self),
            name,
            index: Some(index),
        }
    }
}

/// Writes the path, such as `order.lines[2]`.
impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
            if !parent.is_root() && !self.name.is_empty() {
                f.write_str(".")?;
            }
        }
        f.write_str(self.name)?;
        match self.index {
            Some(index) => write!(f, "[{index}]"),
            None => Ok(()),
        }
    }
}

impl At<'_> {
    const fn is_root(&self) -> bool {
        self.parent.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_name_fields_and_elements() {
        let line = At::ORDER.element("lines", 2);
        let price = line.field("unit_price");
        assert_eq!(price.to_string(), "order.lines[2].unit_price");
        assert_eq!(At::ROOT.field("policy").to_string(), "policy");
        assert_eq!(At::ROOT.to_string(), "");
        assert_eq!(line.field(At::ITSELF).to_string(), "order.lines[2]");
        let word = At::REQUEST.element("unavailable_facts", 1);
        let word = word.field(At::ITSELF);
        assert_eq!(word.to_string(), "request.unavailable_facts[1]");
    }
}
