//! Reads the head of a policy: what it is, and where actions lead.

use std::ops::Range;

use crate::domain::facts::Action;
use crate::domain::id::PolicyId;
use crate::domain::time::{Day, Zone};
use crate::domain::verdict::LayerKind;
use crate::domain::vocabulary::{Fact, Kind, Parameter};
use crate::policy::check::ClauseIndex;
use crate::policy::document::{Item, Table};
use crate::policy::limits::MAX_DECLARED_WORDS;
use crate::policy::terms::WordList;

/// The version of the language that this engine reads.
const FORMAT: i64 = 1;

/// Holds the head of a policy.
pub(super) struct Head {
    pub id: PolicyId,
    pub title: String,
    pub effective: Option<Day>,
    pub layer: LayerKind,
    pub zone: Option<Zone>,
    pub routes: Vec<(Action, Action)>,
    /// Where each route is first named.
    pub route_spans: Vec<(Action, Range<usize>)>,
    pub options: Vec<String>,
    /// The words that standard facts can have.
    pub word_lists: Vec<WordList>,
}

/// Reads the head; `None`: a part of it is wrong and reported.
pub(super) fn read(root: &Table<'_, '_>, path: &str) -> Option<Head> {
    if let Some(item) = root.need("format") {
        item.format(FORMAT);
    }
    let (folder, file) = names_of(path);
    let id = policy_id(root, folder);
    let effective = revision(root, file);
    let title = super::sentence(root, "title");
    let layer = layer(root);
    let zone = zone(root);
    let (routes, route_spans) = routes(root).unzip();
    let (options, word_lists) = words(root);
    let others = word_lists.iter().any(|list| list.fact == Fact::OtherAction);
    let routed = routes
        .iter()
        .flatten()
        .any(|(action, _)| *action == Action::Other);
    if routed && !others {
        root.report().add(
            "missing-key",
            root.get("routes").map(|item| item.span).unwrap_or_default(),
            "nothing says what else can be asked for",
            "list the names in `[words]`: `other_action = [\"late_return\"]`",
        );
    }
    Some(Head {
        id: id?,
        title: title?,
        effective: effective?,
        layer: layer?,
        zone: zone?,
        routes: routes?,
        route_spans: route_spans?,
        options,
        word_lists,
    })
}

/// Returns the folder and the file name without ending of `.../FOLDER/FILE.toml`.
fn names_of(path: &str) -> (&str, &str) {
    let mut parts = path.rsplit(['/', '\\']);
    let file = parts.next().unwrap_or_default();
    let folder = parts.next().unwrap_or_default();
    (folder, file.strip_suffix(".toml").unwrap_or(file))
}

fn policy_id(root: &Table<'_, '_>, folder: &str) -> Option<PolicyId> {
    let item = root.need("policy")?;
    let text = item.text()?;
    let Ok(id) = PolicyId::new(&text) else {
        item.bad(
            "bad-id",
            format!("`{text}` is not a valid policy id"),
            "start with a lower-case letter; then letters, digits and hyphens, at most 63",
        );
        return None;
    };
    if id.as_str() != folder {
        item.bad(
            "wrong-place",
            format!("policy `{id}` stands in the folder `{folder}`"),
            format!("move the file to `{id}/`, or name the policy `{folder}`"),
        );
    }
    Some(id)
}

/// Reads the revision: a day, or `None` for always.
fn revision(root: &Table<'_, '_>, file: &str) -> Option<Option<Day>> {
    let item = root.need("revision")?;
    let text = item.text()?;
    let day = match text.as_str() {
        "always" => None,
        _ => match Day::parse(&text) {
            Some(day) => Some(day),
            None => {
                let message = format!("`{text}` is not a valid revision");
                item.bad(
                    "bad-revision",
                    message,
                    "write a date such as `2026-01-31`, or `always`",
                );
                return None;
            }
        },
    };
    if text != file {
        item.bad(
            "wrong-place",
            format!("revision `{text}` stands in the file `{file}.toml`"),
            format!("rename the file to `{text}.toml`"),
        );
    }
    Some(day)
}

fn layer(root: &Table<'_, '_>) -> Option<LayerKind> {
    let item = root.need("kind")?;
    let layer = item.word(LayerKind::WORDS, LayerKind::from_word, "kind of policy")?;
    if layer == LayerKind::Statute {
        item.bad(
            "not-decided",
            "statutes are not decided by this engine",
            "load the shop's terms alone; where they fall below the law a clause adds a notice",
        );
    }
    Some(layer)
}

/// Reads the zone: `None` for the place of delivery.
fn zone(root: &Table<'_, '_>) -> Option<Option<Zone>> {
    let item = root.need("time_zone")?;
    let text = item.text()?;
    if text == "delivery" {
        return Some(None);
    }
    let zone = Zone::from_name(&text);
    if let Some(zone) = zone {
        zone.prepare();
    } else {
        let message = format!("unknown time zone `{text}`");
        item.bad(
            "unknown-zone",
            message,
            "write an IANA name such as `Europe/Paris`, or `delivery`",
        );
    }
    zone.map(Some)
}

type Routes = (Vec<(Action, Action)>, Vec<(Action, Range<usize>)>);

fn routes(root: &Table<'_, '_>) -> Option<Routes> {
    let table = root.need("routes")?.table_like("{ return = \"return\" }")?;
    let mut routes = Vec::new();
    let mut spans: Vec<(Action, Range<usize>)> = Vec::new();
    for (key, span, item) in table.entries() {
        let Some(action) = Action::from_word(key) else {
            table.report().add(
                "unknown-word",
                span,
                format!("unknown action `{key}`"),
                crate::policy::document::nearest(key, Action::WORDS.iter().copied()),
            );
            continue;
        };
        if let Some(route) = item.word(Action::WORDS, Action::from_word, "route") {
            routes.push((action, route));
            if !spans.iter().any(|(of, _)| *of == route) {
                spans.push((route, item.span));
            }
        }
    }
    routes.sort();
    Some((routes, spans))
}

/// Reads the words of the policy: the codes of its options, and the only words that some
/// standard facts can have.
fn words(root: &Table<'_, '_>) -> (Vec<String>, Vec<WordList>) {
    let Some(words) = root.get("words").and_then(|w| w.table()) else {
        return (Vec::new(), Vec::new());
    };
    let options = words.get("options").map(|list| texts(&list));
    let lists = Fact::ALL.iter().filter(|fact| has_words(**fact));
    let lists = lists.filter_map(|fact| {
        let item = words.get(fact.word())?;
        let words = texts(&item);
        if words.is_empty() || words.len() > MAX_DECLARED_WORDS {
            let message = format!("a fact has 1 to {MAX_DECLARED_WORDS} words");
            item.bad("too-many", message, "list each word once");
            return None;
        }
        Some(WordList { fact: *fact, words })
    });
    let lists = lists.collect();
    words.finish();
    (options.unwrap_or_default(), lists)
}

/// Whether a policy can list the words of a standard fact: those that it has, or by which it
/// is named.
fn has_words(fact: Fact) -> bool {
    let spec = fact.spec();
    match fact {
        // The contract lists the first; the others are words of categories.
        Fact::PaidWith | Fact::Contains => false,
        _ => spec.kind == Kind::Word || spec.parameter == Parameter::Word,
    }
}

/// Reads a list of words, each of which stands in it once.
fn texts(list: &Item<'_, '_>) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for item in list.one_or_more() {
        let Some(word) = item.text() else { continue };
        if words.contains(&word) {
            let message = format!("duplicate word `{word}`");
            item.bad("duplicate", message, "list each word once");
            continue;
        }
        words.push(word);
    }
    words
}

/// Reads which clauses say that the terms do not speak of an action.
pub(super) fn uncovered(root: &Table<'_, '_>, names: &ClauseIndex<'_>) -> Vec<(Action, usize)> {
    let Some(table) = root.get("silent").and_then(|s| s.table()) else {
        return Vec::new();
    };
    let mut uncovered = Vec::new();
    for (key, span, item) in table.entries() {
        match Action::from_word(key) {
            Some(action) => uncovered.extend(names.clause(&item).map(|clause| (action, clause))),
            None => table.report().add(
                "unknown-word",
                span,
                format!("unknown action `{key}`"),
                crate::policy::document::nearest(key, Action::WORDS.iter().copied()),
            ),
        }
    }
    uncovered
}
