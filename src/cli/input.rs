//! Reads requests and prints replies as proto JSON.
//!
//! Field names may be those of the contract or their lowerCamelCase form, as in
//! any other tool; a field that the contract does not know is an error.

use std::path::Path;

use prost::Message;

use super::output::{Exit, Failure};
use crate::load;
use crate::wire::json::{JsonError, Schema};

/// Reads a request of the contract from a file, or from standard input for `-`.
///
/// `message` is its full name, such as `redress.v1.DecideRequest`.
///
/// # Errors
/// The file cannot be read, or its text is not such a request.
pub fn request<M: Message + Default>(path: &Path, message: &str) -> Result<M, Failure> {
    let text = load::request(path)?;
    let name = if path == Path::new("-") {
        "standard input".to_owned()
    } else {
        path.display().to_string()
    };
    parse(&text, &name, message)
}

/// Parses the text of a request; `name` is the file's, for messages.
///
/// # Errors
/// The text is not such a request.
pub fn parse<M: Message + Default>(text: &str, name: &str, message: &str) -> Result<M, Failure> {
    let malformed = |error: JsonError| {
        let JsonError {
            line, column, what, ..
        } = error;
        let location = if line == 0 {
            name.to_owned()
        } else {
            format!("{name}:{line}:{column}")
        };
        Failure::new(Exit::Usage, format!("{location}: {what}"))
            .help(format!("the file holds the proto JSON of one `{message}`"))
    };
    Schema::new()
        .and_then(|schema| schema.read(text, message))
        .map_err(malformed)
}

/// Writes a reply as proto JSON, indented, with a final line break.
///
/// # Errors
/// The message is not one of the contract.
pub fn json<M: Message>(reply: &M, message: &str) -> Result<String, Failure> {
    let written = Schema::new().and_then(|schema| schema.write(reply, message));
    let text = written
        .map_err(|error| Failure::new(Exit::Usage, format!("cannot write `{message}`: {error}")))?;
    Ok(text + "\n")
}

#[cfg(test)]
mod tests {
    use redress_client::pb;

    use super::*;

    const DECIDE: &str = "redress.v1.DecideRequest";

    fn message_of(text: &str) -> String {
        let failure = parse::<pb::DecideRequest>(text, "a.json", DECIDE).unwrap_err();
        assert_eq!(failure.exit(), Exit::Usage);
        format!("{failure:?}")
    }

    #[test]
    fn both_forms_of_field_names_are_read() {
        let snake = r#"{"policy": "acme", "order": {"order_id": "o", "currency_code": "EUR"}}"#;
        let camel = r#"{"policy": "acme", "order": {"orderId": "o", "currencyCode": "EUR"}}"#;
        let snake: pb::DecideRequest = parse(snake, "a.json", DECIDE).unwrap();
        let camel: pb::DecideRequest = parse(camel, "a.json", DECIDE).unwrap();
        assert_eq!(snake, camel);
        assert_eq!(snake.order.unwrap().order_id, "o");
    }

    #[test]
    fn a_text_that_is_no_request_is_refused_with_its_place() {
        for (case, text, index) in [
            ("a broken text", "{\n  \"policy\": ", "a.json:2:12: "),
            (
                "an unknown field",
                "{\n  \"polcy\": \"acme\"\n}",
                "a.json:2:",
            ),
            (
                "a field that is set twice",
                "{\"policy\": \"acme\",\n \"policy\": \"acme\"}",
                "a.json:2:9: duplicate key `policy`\"",
            ),
            (
                "a field that is set twice, deep inside and in both forms",
                "{\"order\": {\"lines\": [{\"lineId\": \"a\", \"line_id\": \"b\"}]}}",
                "a.json:1:46: duplicate key `line_id`: it is the same field as `lineId`\"",
            ),
            ("a wrong type", "{\n\n  \"policy\": 1}", "a.json:3:"),
            ("a second value", "{}\n{}", "a.json:2:1: "),
            (
                "an unknown enum name",
                "{\"view\": \"VIEW_HALF\"}",
                "a.json:1:",
            ),
        ] {
            let message = message_of(text);
            assert!(message.contains(index), "{case}: {message}");
        }
    }

    #[test]
    fn a_reply_is_written_as_it_would_be_read() {
        let request = pb::DecideRequest {
            policy: "acme".to_owned(),
            ..Default::default()
        };
        let text = json(&request, DECIDE).unwrap();
        assert_eq!(text, "{\n  \"policy\": \"acme\"\n}\n");
        assert_eq!(
            parse::<pb::DecideRequest>(&text, "a.json", DECIDE).unwrap(),
            request
        );
    }
}
