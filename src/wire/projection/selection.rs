//! What of a message is written: some of its fields, less those that are masked.

use std::collections::BTreeMap;
use std::sync::Arc;

use prost_reflect::{EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor};

use super::{ByName, Field, Form, Number, Projection, Text};
use crate::policy::document::near;
use crate::wire::json::{JsonError, Schema};

const TIMESTAMP: &str = "google.protobuf.Timestamp";

/// A field that is left out.
#[derive(Debug)]
pub struct Mask {
    path: String,
    steps: Vec<Step>,
}

/// A step of a path.
#[derive(Debug)]
struct Step {
    field: FieldDescriptor,
    /// Of the entries of a list, those of this name; `None`: all.
    name: Option<Name>,
}

/// The name of entries, and the field that holds it.
#[derive(Debug)]
struct Name {
    field: FieldDescriptor,
    name: String,
}

/// Says why a path cannot be masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoSuchField {
    /// The path.
    pub path: String,
    /// The nearest path that there is.
    pub near: Option<String>,
}

/// What is written of a message.
#[derive(Debug)]
pub struct Selection {
    message: MessageDescriptor,
    /// Paths; one takes all that it leads to. `None`: all fields.
    only: Option<Vec<&'static str>>,
    masks: Vec<Mask>,
}

impl Selection {
    /// Takes every field of a message; `name` is its full name, such as
    /// `redress.v1.DecideRequest`.
    ///
    /// # Errors
    /// The contract has no such message.
    pub fn all(schema: &Schema, name: &str) -> Result<Self, JsonError> {
        Ok(Self {
            message: schema.message(name)?,
            only: None,
            masks: Vec::new(),
        })
    }

    /// Takes only the fields of these paths, with all that is in them.
    pub fn only(self, paths: &[&'static str]) -> Self {
        Self {
            only: Some(paths.to_vec()),
            ..self
        }
    }

    /// Leaves out a field wherever it stands, such as `order.lines.category`: a path goes
    /// through every entry of a list, or, as `order.facts[NAME]`, through those of a name.
    ///
    /// # Errors
    /// The path names no field.
    pub fn without(mut self, path: &str) -> Result<Self, NoSuchField> {
        self.masks.push(Mask::new(path, self.message.clone())?);
        Ok(self)
    }

    /// Returns the path of a mask, by its index.
    pub fn masked(&self, index: usize) -> Option<&str> {
        Some(self.masks.get(index)?.path.as_str())
    }

    /// Settles how such messages are written.
    ///
    /// # Errors
    /// A field is of a kind that this cannot write, or a path of [`Selection::only`] names none.
    pub fn projection(&self) -> Result<Projection, JsonError> {
        let masks = self.masks.iter().enumerate();
        let masks: Vec<_> = masks.map(|(index, mask)| (index, &*mask.steps)).collect();
        Planner::default().message(&self.message, self.only.as_deref(), &masks)
    }
}

/// The masks that apply inside of a message, each with its index.
type Masks<'m> = [(usize, &'m [Step])];

/// Settles how messages are written; those that are written whole, once each.
#[derive(Default)]
struct Planner {
    whole: BTreeMap<String, Arc<Projection>>,
}

impl Planner {
    fn message(
        &mut self,
        message: &MessageDescriptor,
        only: Option<&[&'static str]>,
        masks: &Masks<'_>,
    ) -> Result<Projection, JsonError> {
        let mut fields = Vec::new();
        for path in only.unwrap_or_default() {
            let first = path.split('.').next().unwrap_or_default();
            if message.get_field_by_name(first).is_none() {
                let name = message.full_name();
                return Err(JsonError::whole(format!("`{name}` has no field `{first}`")));
            }
        }
        for field in message.fields() {
            let inside = match only {
                None => None,
                Some(paths) => {
                    let rest = paths.iter().filter_map(|path| after(path, field.name()));
                    let rest: Vec<&'static str> = rest.collect();
                    if rest.is_empty() {
                        continue;
                    }
                    (!rest.contains(&"")).then_some(rest)
                }
            };
            let masks = masks.iter().filter_map(|(index, steps)| {
                let (step, rest) = steps.split_first()?;
                (step.field == field).then_some((*index, step, rest))
            });
            let masks: Vec<_> = masks.collect();
            fields.push(Field {
                number: field.number(),
                key: format!("\"{}\":", field.json_name()),
                is_list: field.is_list(),
                form: self.field(&field, inside.as_deref(), &masks)?,
            });
        }
        fields.sort_unstable_by_key(|field| field.number);
        Ok(Projection { fields })
    }

    fn field(
        &mut self,
        field: &FieldDescriptor,
        only: Option<&[&'static str]>,
        masks: &[(usize, &Step, &[Step])],
    ) -> Result<Form, JsonError> {
        let mut names: BTreeMap<&str, u32> = BTreeMap::new();
        for (_, step, _) in masks {
            if let Some(Name { field, name }) = &step.name {
                names.insert(name, field.number());
            }
        }
        let others = self.entry(field, only, masks, None)?;
        let Some(number) = names.values().next().copied() else {
            return Ok(others);
        };
        let mut named = Vec::new();
        for name in names.into_keys() {
            let form = self.entry(field, only, masks, Some(name))?;
            named.push((name.to_owned(), form));
        }
        Ok(Form::ByName(Box::new(ByName {
            number,
            named,
            others,
        })))
    }

    /// Settles how an entry of a name is written, or one that no mask names.
    fn entry(
        &mut self,
        field: &FieldDescriptor,
        only: Option<&[&'static str]>,
        masks: &[(usize, &Step, &[Step])],
        name: Option<&str>,
    ) -> Result<Form, JsonError> {
        let masks = masks.iter().filter(|(_, step, _)| {
            let of = step.name.as_ref().map(|of| of.name.as_str());
            of.is_none() || of == name
        });
        let masks: Vec<_> = masks.map(|(index, _, rest)| (*index, *rest)).collect();
        if let Some((index, _)) = masks.iter().find(|(_, rest)| rest.is_empty()) {
            return Ok(Form::Masked(*index));
        }
        let unsupported = || {
            let name = field.full_name();
            JsonError::whole(format!("`{name}` is of a kind that cannot be written"))
        };
        if field.is_map() {
            return Err(unsupported());
        }
        Ok(match field.kind() {
            Kind::Bool => Form::Number(Number::Bool),
            Kind::Int32 => Form::Number(Number::Int32),
            Kind::Int64 => Form::Number(Number::Int64),
            Kind::Enum(of) => Form::Number(Number::Enum(names(&of))),
            Kind::String => Form::Text(Text::Plain),
            Kind::Bytes => Form::Text(Text::Base64),
            Kind::Message(inner) if inner.full_name() == TIMESTAMP => Form::Text(Text::Time),
            Kind::Message(inner) if inner.full_name().starts_with("google.") => {
                return Err(unsupported());
            }
            Kind::Message(inner) => Form::Message(self.inner(&inner, only, &masks)?),
            Kind::Double
            | Kind::Float
            | Kind::Uint32
            | Kind::Uint64
            | Kind::Sint32
            | Kind::Sint64
            | Kind::Fixed32
            | Kind::Fixed64
            | Kind::Sfixed32
            | Kind::Sfixed64 => return Err(unsupported()),
        })
    }

    fn inner(
        &mut self,
        message: &MessageDescriptor,
        only: Option<&[&'static str]>,
        masks: &Masks<'_>,
    ) -> Result<Arc<Projection>, JsonError> {
        let is_whole = only.is_none() && masks.is_empty();
        if is_whole && let Some(planned) = self.whole.get(message.full_name()) {
            return Ok(Arc::clone(planned));
        }
        let planned = Arc::new(self.message(message, only, masks)?);
        if is_whole {
            let name = message.full_name().to_owned();
            self.whole.insert(name, Arc::clone(&planned));
        }
        Ok(planned)
    }
}

/// Returns what of a path comes after its first field; `None`: it begins with another.
fn after(path: &'static str, field: &str) -> Option<&'static str> {
    match path.strip_prefix(field)? {
        "" => Some(""),
        rest => rest.strip_prefix('.'),
    }
}

fn names(of: &EnumDescriptor) -> Vec<(i64, String)> {
    let values = of.values();
    values
        .map(|value| (i64::from(value.number()), value.name().to_owned()))
        .collect()
}

impl Mask {
    fn new(path: &str, message: MessageDescriptor) -> Result<Self, NoSuchField> {
        let mut steps: Vec<Step> = Vec::new();
        let mut message = Some(message);
        for text in path.split('.') {
            let of = message.take();
            let (named, entry) = match text.strip_suffix(']').and_then(|t| t.split_once('[')) {
                Some((named, entry)) => (named, Some(entry)),
                None => (text, None),
            };
            let field = of.as_ref().and_then(|of| of.get_field_by_name(named));
            let step = field.clone().and_then(|field| Step::new(field, entry));
            let Some(step) = step else {
                // A field that there is has no names.
                let of = of.filter(|_| field.is_none());
                return Err(NoSuchField {
                    path: path.to_owned(),
                    near: of.and_then(|of| nearest(&steps, named, &of)),
                });
            };
            if let Kind::Message(inner) = step.field.kind() {
                // A time is written as one value.
                message = Some(inner).filter(|inner| inner.full_name() != TIMESTAMP);
            }
            steps.push(step);
        }
        Ok(Self {
            path: path.to_owned(),
            steps,
        })
    }
}

impl Step {
    /// Goes to a field, or to the entries of a name in it; `None`: its entries have none.
    fn new(field: FieldDescriptor, entry: Option<&str>) -> Option<Self> {
        let Some(entry) = entry else {
            return Some(Self { field, name: None });
        };
        let of = field.kind();
        let of = of.as_message().filter(|_| field.is_list())?;
        let name = Name {
            field: of.get_field_by_name("name")?,
            name: entry.to_owned(),
        };
        let name = (!entry.is_empty()).then_some(name)?;
        Some(Self {
            field,
            name: Some(name),
        })
    }
}

/// Returns the nearest path to one of which the last name is none of a message.
fn nearest(before: &[Step], name: &str, of: &MessageDescriptor) -> Option<String> {
    let known: Vec<String> = of.fields().map(|field| field.name().to_owned()).collect();
    let near = near(name, known.iter().map(String::as_str))?;
    let names = before.iter().map(|step| step.field.name());
    Some(names.chain([near]).collect::<Vec<&str>>().join("."))
}
