//! JSON whose keys stay in their order.

use serde::Serialize;
use serde::ser::Serializer;

/// A value.
pub enum Json {
    Bool(bool),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Bool(value) => to.serialize_bool(*value),
            Self::Text(value) => to.serialize_str(value),
            Self::List(values) => to.collect_seq(values),
            Self::Object(entries) => {
                to.collect_map(entries.iter().map(|(key, value)| (key, value)))
            }
        }
    }
}

impl Json {
    /// Writes it with a line for each entry.
    pub fn pretty(&self) -> String {
        serde_json::to_string_pretty(self).expect("texts are JSON")
    }
}

/// Returns a text.
pub fn text(value: impl Into<String>) -> Json {
    Json::Text(value.into())
}

/// Returns a list.
pub fn list(values: impl IntoIterator<Item = Json>) -> Json {
    Json::List(values.into_iter().collect())
}

/// Returns an object.
pub fn object<const N: usize>(entries: [(&str, Json); N]) -> Json {
    let entries = entries.into_iter();
    Json::Object(
        entries
            .map(|(key, value)| (key.to_owned(), value))
            .collect(),
    )
}
