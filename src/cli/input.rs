//! Reads requests and prints replies as proto JSON.
//!
//! Field names may be those of the contract or their lowerCamelCase form, as in
//! any other tool; a field that the contract does not know is an error.

use std::path::Path;

use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor};

use super::output::{Exit, Failure};
use crate::load;
use crate::rpc::FILE_DESCRIPTOR_SET;

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
    let descriptor = descriptor(message)?;
    let malformed = |error: serde_json::Error| {
        let what = error.to_string();
        // The position leads the message here, in the form that editors follow.
        let what = what.split(" at line ").next().unwrap_or_default();
        Failure::new(
            Exit::Usage,
            format!("{name}:{}:{}: {what}", error.line(), error.column()),
        )
        .help(format!("the file holds the proto JSON of one `{message}`"))
    };
    let mut json = serde_json::Deserializer::from_str(text);
    let parsed = DynamicMessage::deserialize(descriptor, &mut json).map_err(malformed)?;
    json.end().map_err(malformed)?;
    parsed.transcode_to().map_err(|error| {
        Failure::new(
            Exit::Usage,
            format!("{name}: cannot be read as `{message}`: {error}"),
        )
    })
}

/// Writes a reply as proto JSON, indented, with a final line break.
///
/// # Errors
/// The message is not one of the contract.
pub fn json<M: Message>(reply: &M, message: &str) -> Result<String, Failure> {
    let broken =
        |what: String| Failure::new(Exit::Usage, format!("cannot write `{message}`: {what}"));
    let reply = DynamicMessage::decode(descriptor(message)?, reply.encode_to_vec().as_slice())
        .map_err(|error| broken(error.to_string()))?;
    let mut text =
        serde_json::to_string_pretty(&reply).map_err(|error| broken(error.to_string()))?;
    text.push('\n');
    Ok(text)
}

fn descriptor(message: &str) -> Result<MessageDescriptor, Failure> {
    let unknown = || Failure::new(Exit::Usage, format!("the contract has no `{message}`"));
    DescriptorPool::decode(FILE_DESCRIPTOR_SET)
        .map_err(|_| unknown())?
        .get_message_by_name(message)
        .ok_or_else(unknown)
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
        for (case, text, place) in [
            ("a broken text", "{\n  \"policy\": ", "a.json:2:12: "),
            (
                "an unknown field",
                "{\n  \"polcy\": \"acme\"\n}",
                "a.json:2:",
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
            assert!(message.contains(place), "{case}: {message}");
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
