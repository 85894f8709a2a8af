//! Names places in a request.

/// Names the place of a message in the request. It is a chain on the stack, and
/// becomes text only where something is wrong.
#[derive(Clone, Copy)]
pub(super) struct At<'p> {
    parent: Option<&'p At<'p>>,
    name: &'static str,
    index: Option<usize>,
}

impl<'p> At<'p> {
    /// The name of no field: what is told is the element itself.
    pub(super) const ITSELF: &'static str = "";

    /// The request as a whole.
    pub(super) const ROOT: At<'static> = At {
        parent: None,
        name: "",
        index: None,
    };

    /// Returns the place of a field.
    pub(super) const fn field(&'p self, name: &'static str) -> At<'p> {
        At {
            parent: Some(self),
            name,
            index: None,
        }
    }

    /// Returns the place of an element of a repeated field.
    pub(super) const fn element(&'p self, name: &'static str, index: usize) -> At<'p> {
        At {
            parent: Some(self),
            name,
            index: Some(index),
        }
    }

    /// Writes the path, such as `order.lines[2]`.
    pub(super) fn text(&self) -> String {
        let mut path = self.parent.map(At::text).unwrap_or_default();
        if !path.is_empty() && !self.name.is_empty() {
            path.push('.');
        }
        path.push_str(self.name);
        if let Some(index) = self.index {
            path.push_str(&format!("[{index}]"));
        }
        path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_name_fields_and_elements() {
        let order = At::ROOT.field("order");
        let line = order.element("lines", 2);
        assert_eq!(line.field("unit_price").text(), "order.lines[2].unit_price");
        assert_eq!(At::ROOT.field("policy").text(), "policy");
        assert_eq!(line.field(At::ITSELF).text(), "order.lines[2]");
    }
}
