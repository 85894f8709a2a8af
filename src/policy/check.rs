//! Checks a document: text -> document -> checked policy, or every mistake.
//!
//! What a key means is read in the modules below; what clauses say of each other
//! is resolved here, once all of them are read.

mod amounts;
mod bands;
mod calendars;
mod conditions;
mod counts;
mod days;
mod declared;
mod effects;
mod ends;
mod guards;
mod head;
mod links;
mod periods;
mod ranges;
mod shorthand;
mod sums;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;

use sha2::{Digest, Sha256};

use super::checked::{CheckedPolicy, Clause, InertClause, Reading};
use super::diagnostic::Diagnostic;
use super::document::{Diagnostics, Item, Table, nearest, parse};
use super::limits::MAX_CLAUSES;
use super::source::Source;
use super::terms::{Effect, Pending, WordList};
use crate::domain::facts::Action;
use crate::domain::id::ClauseId;
use crate::domain::money::Currency;
use crate::domain::vocabulary::{Event, Fact};
use bands::BandOf;
use declared::Declarations;
use head::Head;
use shorthand::Shorthand;

/// Checks one policy file.
///
/// # Errors
/// Every mistake, in file order. Conflicts, gaps and clauses that can never
/// apply are looked for once nothing else is wrong.
pub fn check(source: &Source) -> Result<CheckedPolicy, Vec<Diagnostic>> {
    let report = Diagnostics::new(&source.path);
    let checked = read(source, &report);
    if let Some((policy, spans)) = checked
        && report.is_clean()
    {
        for (name, span) in &spans.unused {
            let message = format!("no clause uses `{name}`");
            let help = "test it in a clause, or remove the declaration";
            report.add("unused-declaration", span.clone(), message, help);
        }
        links::report_problems(&policy, &spans, &report);
        if report.is_clean() {
            return Ok(policy);
        }
    }
    Err(report.into_sorted())
}

/// Checks one policy file but for conflicts, gaps and clauses that can never
/// apply: enough for a policy that is changed on purpose to see which case fails.
///
/// # Errors
/// Every mistake, in file order.
pub fn check_grammar(source: &Source) -> Result<CheckedPolicy, Vec<Diagnostic>> {
    let report = Diagnostics::new(&source.path);
    match read(source, &report) {
        Some((policy, _)) if report.is_clean() => Ok(policy),
        _ => Err(report.into_sorted()),
    }
}

/// Reads a policy and resolves its references; mistakes go to the report.
fn read(source: &Source, report: &Diagnostics<'_>) -> Option<(CheckedPolicy, SourceSpans)> {
    let document = parse(&source.text, report, "split the policy")?;
    let root = Table::new(document.get_ref(), document.span(), report);
    Checker { report }.policy(root, source)
}

/// Where clauses and routes stand in the file.
struct SourceSpans {
    /// The ids of clauses with an effect, by index.
    clauses: Vec<Range<usize>>,
    /// Where `[routes]` first names each route.
    routes: Vec<(Action, Range<usize>)>,
    /// Declarations that no clause uses.
    unused: Vec<(String, Range<usize>)>,
}

/// What is known of all clauses before any of them is read.
pub(super) struct ClauseIndex<'t> {
    /// Places of clauses with an effect, by id.
    pub clauses: BTreeMap<String, usize>,
    /// Ids of granting clauses.
    pub grants: Vec<String>,
    /// Ids of clauses without an effect.
    pub inert: Vec<String>,
    /// Names of calendars.
    pub calendars: Vec<String>,
    /// Codes of options.
    pub options: Vec<String>,
    /// The words that standard facts can have.
    pub word_lists: Vec<WordList>,
    /// Facts and events that the policy declares.
    declared: Declarations,
    /// What it gave a name.
    shorthand: Shorthand,
    /// The currency in which amounts are compared: that of the first that was read.
    compared_in: RefCell<Option<Currency>>,
    pub report: &'t Diagnostics<'t>,
}

impl ClauseIndex<'_> {
    /// Returns the fact with this name, standard or declared.
    pub(super) fn fact(&self, name: &str) -> Option<Fact> {
        Fact::standard(name).or_else(|| self.declared.fact(name))
    }

    /// Whether a name is declared, but not as it has to be.
    pub(super) fn has_failed(&self, name: &str) -> bool {
        self.declared.has_failed(name)
    }

    /// Returns all facts, standard and declared.
    pub(super) fn facts(&self) -> impl Iterator<Item = Fact> {
        let declared = self.declared.facts.iter();
        Fact::ALL.iter().chain(declared).copied()
    }

    /// Returns the event with this name, standard or declared.
    pub(super) fn event_named(&self, name: &str) -> Option<Event> {
        Event::standard(name).or_else(|| self.declared.event(name))
    }

    /// Resolves the name of an event, standard or declared.
    pub(super) fn event(&self, item: &Item<'_, '_>) -> Option<Event> {
        if item
            .as_str()
            .is_some_and(|name| self.declared.has_failed(name))
        {
            return None;
        }
        let find = |name: &str| self.event_named(name);
        let words: Vec<&str> = self.events().collect();
        item.word(&words, find, "event")
    }

    /// Returns the names of all events, standard and declared.
    pub(super) fn events(&self) -> impl Iterator<Item = &'static str> {
        let all = Event::ALL.iter().chain(&self.declared.events);
        all.map(|event| event.word())
    }

    /// Resolves the id of a clause with an effect.
    pub(super) fn clause(&self, item: &Item<'_, '_>) -> Option<usize> {
        let id = item.text()?;
        let index = self.clauses.get(&id).copied();
        if index.is_none() {
            let near = nearest(&id, self.clauses.keys().map(String::as_str));
            let (message, help) = if self.inert.contains(&id) {
                let help = "name a clause with an effect".to_owned();
                (format!("`{id}` is an inert clause"), help)
            } else {
                (format!("unknown clause `{id}`"), near)
            };
            item.bad("unknown-clause", message, help);
        }
        index
    }

    /// Resolves the id of a granting clause.
    pub(super) fn grant(&self, item: &Item<'_, '_>) -> Option<usize> {
        let index = self.clause(item)?;
        let id = item.as_str().unwrap_or_default();
        if self.grants.iter().any(|g| g == id) {
            return Some(index);
        }
        item.bad(
            "not-a-grant",
            format!("`{id}` grants nothing"),
            nearest(id, self.grants.iter().map(String::as_str)),
        );
        None
    }

    /// Resolves the name of a calendar.
    pub(super) fn calendar(&self, item: &Item<'_, '_>) -> Option<usize> {
        let name = item.text()?;
        let index = self.calendars.iter().position(|c| *c == name);
        if index.is_none() {
            item.bad(
                "unknown-calendar",
                format!("unknown calendar `{name}`"),
                nearest(&name, self.calendars.iter().map(String::as_str)),
            );
        }
        index
    }

    /// Checks the code of an option.
    pub(super) fn option(&self, code: &str, span: Range<usize>) -> bool {
        let known = self.options.iter().any(|o| o == code);
        if !known {
            self.report.add(
                "unknown-option",
                span,
                format!("unknown option `{code}`"),
                match nearest(code, self.options.iter().map(String::as_str)) {
                    near if near.starts_with("did") => near,
                    _ => format!("declare it: `options = [\"{code}\"]` under `[words]`"),
                },
            );
        }
        known
    }
}

/// Lets clauses override every grant with which they share a route.
fn override_grants(clauses: &mut [Clause], over_grants: &[usize]) {
    let grants: Vec<(usize, Vec<Action>)> = clauses
        .iter()
        .enumerate()
        .filter(|(_, clause)| matches!(clause.effect, Effect::Grants(_)))
        .map(|(index, clause)| (index, clause.routes.clone()))
        .collect();
    for index in over_grants {
        let Some(clause) = clauses.get_mut(*index) else {
            continue;
        };
        for (grant, routes) in &grants {
            let together = routes.iter().any(|route| clause.routes.contains(route));
            if together && grant != index {
                clause.overrides.push(*grant);
            }
        }
    }
}

/// Reads which clause says that the terms may change, if orders across a change are
/// to be decided by both texts.
fn across(root: &Table<'_, '_>, clauses: &[Clause], inert: &[InertClause]) -> Option<ClauseId> {
    let item = root.get("across")?;
    let text = item.text()?;
    let ids = || {
        clauses
            .iter()
            .map(|c| &c.id)
            .chain(inert.iter().map(|c| &c.id))
    };
    let found = ids().find(|id| id.as_str() == text).cloned();
    if found.is_none() {
        let message = format!("unknown clause `{text}`");
        let help = nearest(&text, ids().map(ClauseId::as_str));
        item.bad("unknown-clause", message, help);
    }
    found
}

struct Checker<'t> {
    report: &'t Diagnostics<'t>,
}

impl<'t> Checker<'t> {
    fn policy(&self, root: Table<'t, '_>, source: &Source) -> Option<(CheckedPolicy, SourceSpans)> {
        let head = head::read(&root, &source.path);
        let calendars = calendars::read(&root);
        let items = root
            .get("clause")
            .map(|c| c.one_or_more())
            .unwrap_or_default();
        if items.is_empty() {
            let help = "add one, which begins with `[[clause]]`";
            root.lack(&["clause"], "missing-key", "there is no clause", help);
        }
        if let Some(extra) = items.get(MAX_CLAUSES) {
            let count = items.len();
            let message = format!("{count} clauses; at most {MAX_CLAUSES} are allowed");
            extra.bad("too-many", message, "");
        }
        let tables: Vec<Table<'t, '_>> = items
            .iter()
            .take(MAX_CLAUSES)
            .filter_map(Item::table)
            .collect();
        let declared = declared::read(&root, guards::SPECIAL);
        let mut names = self.names(&tables, &calendars, head.as_ref(), declared);
        names.shorthand = Shorthand::read(&root);
        Shorthand::read_ends(&root, &mut names);
        let mut clauses = Vec::new();
        let mut spans = Vec::new();
        let mut inert = Vec::new();
        let mut further = Vec::new();
        let mut over_grants = Vec::new();
        for table in tables {
            let span = table.get("id").map_or_else(|| table.span(), |id| id.span);
            match self.clause(table, &names, head.as_ref()) {
                Some(ReadClause::Clause(clause, bands)) => {
                    let (clause, over_all) = *clause;
                    if over_all {
                        over_grants.push(clauses.len());
                    }
                    let (first, others) = bands::each(clause, bands);
                    further.extend(
                        others
                            .into_iter()
                            .map(|other| (other, clauses.len(), span.clone())),
                    );
                    clauses.push(first);
                    spans.push(span);
                }
                Some(ReadClause::Inert(clause)) => inert.push(clause),
                None => {}
            }
        }
        override_grants(&mut clauses, &over_grants);
        bands::put_behind(&mut clauses, &mut spans, further);
        let readings = self.readings(&root);
        let uncovered = head::uncovered(&root, &names);
        let across = across(&root, &clauses, &inert);
        root.finish();
        let head = head?;
        if self.report.is_clean() {
            links::check(&clauses, &head.routes, &spans, self.report);
        }
        let mut unused = names.declared.unused();
        unused.extend(names.shorthand.unused());
        let policy = CheckedPolicy {
            id: head.id,
            title: head.title,
            effective: head.effective,
            layer: head.layer,
            zone: head.zone,
            digest: hex(&Sha256::digest(source.text.as_bytes())),
            routes: head.routes,
            uncovered,
            across,
            option_codes: head.options,
            word_lists: names.word_lists,
            facts: names.declared.facts,
            events: names.declared.events,
            calendars,
            clauses,
            inert,
            readings,
        };
        let routes = head.route_spans;
        Some((
            policy,
            SourceSpans {
                clauses: spans,
                routes,
                unused,
            },
        ))
    }

    fn names(
        &self,
        tables: &[Table<'t, '_>],
        calendars: &[super::terms::Calendar],
        head: Option<&Head>,
        declared: Declarations,
    ) -> ClauseIndex<'t> {
        let mut clauses = BTreeMap::new();
        let mut seen: BTreeMap<String, Range<usize>> = BTreeMap::new();
        let (mut grants, mut inert) = (Vec::new(), Vec::new());
        let mut index = 0_usize;
        for table in tables {
            let id = table.get("id");
            let Some(name) = id.as_ref().and_then(Item::as_str) else {
                continue;
            };
            if let Some(first) = seen.insert(name.to_owned(), table.span())
                && let Some(id) = &id
            {
                id.bad(
                    "duplicate",
                    format!("duplicate id `{name}`"),
                    "give each clause an id of its own, such as `ACM-07b`",
                );
                seen.insert(name.to_owned(), first);
            }
            if table.get("inert").is_some() {
                inert.push(name.to_owned());
                continue;
            }
            if table.get("grants").is_some() {
                grants.push(name.to_owned());
            }
            clauses.insert(name.to_owned(), index);
            index = index.saturating_add(1);
        }
        ClauseIndex {
            clauses,
            grants,
            inert,
            calendars: calendars.iter().map(|c| c.name.clone()).collect(),
            options: head.map(|h| h.options.clone()).unwrap_or_default(),
            word_lists: head.map(|h| h.word_lists.clone()).unwrap_or_default(),
            declared,
            shorthand: Shorthand::default(),
            compared_in: RefCell::default(),
            report: self.report,
        }
    }

    fn clause(
        &self,
        table: Table<'t, '_>,
        names: &ClauseIndex<'t>,
        head: Option<&Head>,
    ) -> Option<ReadClause> {
        let id = table.need("id").and_then(|item| clause_id(&item));
        let says = sentence(&table, "says");
        let source = sentence(&table, "source");
        if let Some(because) = table.get("inert") {
            let because = because.text();
            for key in [
                "on",
                "when",
                "unless",
                "any",
                "within",
                "pending",
                "overrides",
                "as_condition",
                "as_task",
            ] {
                if let Some(item) = table.get_if_there(key) {
                    let message = format!("an inert clause has no `{key}`");
                    let help = "remove it, or give the clause an effect in place of `inert`";
                    item.bad("unused", message, help);
                }
            }
            table.finish();
            let (id, says, source) = (id?, says?, source?);
            return Some(ReadClause::Inert(InertClause {
                id,
                says,
                source,
                because: because?,
            }));
        }
        let other_use = |key: &'static str| table.get(key)?.sentence(key);
        let (as_condition, as_task) = (other_use("as_condition"), other_use("as_task"));
        let routes = self.routes(&table, head);
        let mut guard = guards::read(&table, names);
        let within = table
            .get("within")
            .and_then(|item| ends::window(&item, names));
        let pending = match table.get("pending") {
            None => Some(Pending::Condition),
            Some(item) => item.word(
                &["condition", "presumed", "review"],
                |word| match word {
                    "condition" => Some(Pending::Condition),
                    "presumed" => Some(Pending::Presumed),
                    "review" => Some(Pending::Review),
                    _ => None,
                },
                "way to treat open findings",
            ),
        };
        let overrides = table.get("overrides");
        let over_all = overrides
            .as_ref()
            .is_some_and(|item| item.as_str() == Some("grants"));
        let overrides = overrides.filter(|_| !over_all).map(|item| {
            item.one_or_more()
                .iter()
                .filter_map(|o| names.clause(o))
                .collect::<Vec<_>>()
        });
        let read = effects::read(&table, names, within, &mut guard);
        let span = table.span();
        table.finish();
        let (id, says, source) = (id?, says?, source?);
        let overrides = overrides.unwrap_or_default();
        if names
            .clauses
            .get(id.as_str())
            .is_some_and(|own| overrides.contains(own))
        {
            self.report.add(
                "overrides-itself",
                span,
                format!("`{id}` overrides itself"),
                "",
            );
        }
        let (effect, bands) = read?;
        let clause = Clause {
            id,
            says,
            source,
            as_condition,
            as_task,
            routes: routes?,
            guard,
            pending: pending?,
            overrides,
            effect,
            band: None,
        };
        Some(ReadClause::Clause(Box::new((clause, over_all)), bands))
    }

    fn routes(&self, table: &Table<'t, '_>, head: Option<&Head>) -> Option<Vec<Action>> {
        let item = table.need("on")?;
        let mut routes = Vec::new();
        for route in item.one_or_more() {
            let action = route.word(Action::WORDS, Action::from_word, "route")?;
            let known = head.is_none_or(|h| h.routes.iter().any(|(_, r)| *r == action));
            if !known {
                route.bad(
                    "unknown-route",
                    format!("no action leads to the route `{action}`"),
                    format!("add `{action} = \"{action}\"` to `[routes]`"),
                );
            }
            routes.push(action);
        }
        routes.sort();
        routes.dedup();
        Some(routes)
    }

    fn readings(&self, root: &Table<'t, '_>) -> Vec<Reading> {
        let mut readings: Vec<Reading> = Vec::new();
        let items = root
            .get("reading")
            .map(|r| r.one_or_more())
            .unwrap_or_default();
        for table in items.iter().filter_map(Item::table) {
            let id_item = table.need("id");
            let id = id_item.as_ref().and_then(clause_id);
            let of = table.need("of").map(|item| {
                item.one_or_more()
                    .iter()
                    .filter_map(clause_id)
                    .collect::<Vec<_>>()
            });
            let says = sentence(&table, "says");
            table.finish();
            let (Some(id), Some(of), Some(says)) = (id, of, says) else {
                continue;
            };
            if readings.iter().any(|r| r.id == id)
                && let Some(item) = id_item
            {
                item.bad(
                    "duplicate",
                    format!("duplicate id `{id}`"),
                    "give each reading an id of its own",
                );
            }
            readings.push(Reading { id, of, says });
        }
        readings
    }
}

/// Holds a clause as read.
enum ReadClause {
    /// With whether it overrides all grants, and the bands of what it adds.
    Clause(Box<(Clause, bool)>, Vec<BandOf>),
    Inert(InertClause),
}

fn clause_id(item: &Item<'_, '_>) -> Option<ClauseId> {
    let text = item.text()?;
    match ClauseId::new(&text) {
        Ok(id) => Some(id),
        Err(why) => {
            item.bad(
                "bad-id",
                format!("`{text}` {why}"),
                "write it like `ACM-07` or `ACM-07b`",
            );
            None
        }
    }
}

/// Reads a sentence of at least one character.
pub(super) fn sentence<'t>(table: &Table<'t, '_>, key: &'t str) -> Option<String> {
    table.need(key)?.sentence(key)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
