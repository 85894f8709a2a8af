//! Lists what is possible with an order.

use super::View;
use super::across::{TermsChange, across_with};
use super::budget::{Budget, Stopped, Work};
use super::decide::receipt;
use super::options::alternatives::lines_of;
use super::options::bought::{all_bought, all_left};
use super::options::{ClassAsk, ask_hypothetically, classes};
use super::read::context::{DecisionContext, Scratch};
use crate::domain::facts::{
    Action, Ask, Facts, Order, Request, RequestFacts, RequestLine, RowIndex, Value,
};
use crate::domain::few::Few;
use crate::domain::path::At;
use crate::domain::time::{EventTime, Instant};
use crate::domain::verdict::{
    Decision, MissingFact, OptionStatus, OrderOption, Outcome, Reason, ReasonCode, Receipt,
};
use crate::domain::violation::Violation;
use crate::domain::vocabulary::{Class, Event, Fact, REQUEST_FACTS};
use crate::policy::plan::{Plan, RoutePlan};

/// The most reason classes of one action that options are listed for.
pub const MAX_REASON_CLASSES: usize = 64;

/// Asks what is possible with an order.
#[derive(Clone, Debug)]
pub struct OptionsQuery<'t> {
    /// The order.
    pub order: Order<'t>,
    /// The instant asked about.
    pub request_time: Instant,
    /// The units asked about; empty: all that are left.
    pub lines: Few<RequestLine<'t>>,
    /// Who asks.
    pub requester: Value<'t>,
    /// The actions asked about; empty: all.
    pub actions: Vec<Action>,
    /// Whether what is so of each line is asked about too, beside what is so of all.
    pub line_by_line: bool,
}

/// Holds the checked facts of a query.
#[derive(Debug)]
pub struct Options<'t> {
    facts: Facts<'t>,
    /// Whether no unit of the order is left: then nothing is possible.
    nothing_left: bool,
    actions: Vec<Action>,
    line_by_line: bool,
}

/// Says why options across a change of terms cannot be listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoOptions {
    /// The request of an option has violations.
    Invalid(Vec<Violation>),
    /// It takes too much work, or was interrupted.
    Stopped(Stopped),
}

/// Holds the asks that a policy tells apart for an order. It owns them and the
/// facts, which the options borrow.
#[derive(Debug)]
pub struct OptionAsks<'t> {
    facts: Facts<'t>,
    asks: Vec<(Action, ClassAsk<'t>)>,
    line_by_line: bool,
}

impl<'t> Options<'t> {
    /// Checks a query.
    ///
    /// # Errors
    /// Every violation, each with its field path.
    pub fn new(query: OptionsQuery<'t>) -> Result<Self, Vec<Violation>> {
        let OptionsQuery {
            order,
            request_time,
            lines,
            requester,
            actions,
            line_by_line,
        } = query;
        let left = if lines.is_empty() {
            all_left(&order)
        } else {
            lines
        };
        let nothing_left = left.is_empty() && !order.lines.is_empty();
        let lines = match nothing_left {
            true => all_bought(&order),
            false => left,
        };
        // Who asks now sends now; nobody sends a statement or a form for an order
        // that has not been placed.
        let sent = match order.facts.event(Event::Place) {
            EventTime::NotYet => EventTime::Unknown,
            EventTime::Unknown | EventTime::At(_) | EventTime::On(_) | EventTime::Happened => {
                EventTime::At(request_time)
            }
        };
        let mut facts = RequestFacts::UNKNOWN;
        facts.set_event(Event::StatementSend, sent);
        facts.set_event(Event::FormSend, sent);
        facts.set(Fact::Requester, requester);
        // Who asks supplies what the terms ask for; the request of each option says so.
        for fact in REQUEST_FACTS
            .iter()
            .filter(|fact| fact.spec().class == Class::Asked)
        {
            facts.set(*fact, Value::YesNo(true));
        }
        let request = Request {
            claim_id: None,
            request_time,
            facts,
            return_parcels: Vec::new(),
            lines,
            wants: None,
            payout: None,
            unavailable: &[],
            ask: Ask::of(Action::Withdrawal),
        };
        let facts = Facts::new(order, request, None)?;
        Ok(Self {
            facts,
            nothing_left,
            actions,
            line_by_line,
        })
    }

    /// Finds the asks that a policy tells apart.
    ///
    /// # Errors
    /// It takes more work than the budget has, or was interrupted.
    pub fn asks(self, plan: &'t Plan, budget: &Budget<'_>) -> Result<OptionAsks<'t>, Stopped> {
        let work = Work::new(*budget);
        let facts = self.facts;
        let mut asks = Vec::new();
        let wanted = |action: &Action| self.actions.is_empty() || self.actions.contains(action);
        let choices = plan.choices().filter(|_| !self.nothing_left);
        let choices = choices.filter(|(action, _)| wanted(action));
        for (action, route) in choices {
            let classes = classes(plan, &facts, &work, action, route, MAX_REASON_CLASSES);
            asks.extend(classes.into_iter().map(|asked| (action, asked)));
        }
        work.result().map(|()| OptionAsks {
            facts,
            asks,
            line_by_line: self.line_by_line,
        })
    }
}

impl OptionAsks<'_> {
    /// Lists the options: every route, reason class and remedy, for all units
    /// asked about and then for each line.
    ///
    /// # Errors
    /// It takes more work than the budget has, or was interrupted.
    pub fn list<'a>(
        &'a self,
        plan: &'a Plan,
        view: View,
        budget: &Budget<'_>,
    ) -> Result<(Vec<OrderOption<'a>>, Receipt<'a>), Stopped> {
        let work = Work::new(*budget);
        let options = self.list_with(plan, view, &work);
        work.result()
            .map(|()| (options, receipt(plan, &self.facts)))
    }

    fn list_with<'a>(
        &'a self,
        plan: &'a Plan,
        view: View,
        work: &Work<'_>,
    ) -> Vec<OrderOption<'a>> {
        let mut options = Vec::new();
        let scratch = Scratch::new(work);
        let context = DecisionContext {
            plan,
            facts: &self.facts,
            scratch: &scratch,
            explains: view == View::Full,
            brief: false,
        };
        for (action, asked) in &self.asks {
            let Some(route) = plan.route(*action) else {
                continue;
            };
            self.push(&mut options, context, *action, asked, route, None);
            if self.line_by_line && self.facts.request().lines.len() > 1 {
                for index in 0..self.facts.request().lines.len() {
                    self.push(&mut options, context, *action, asked, route, Some(index));
                }
            }
        }
        options
    }

    /// Lists the options of an order across a change of terms, as
    /// [`decide_across`](super::decide_across) decides each of them.
    ///
    /// # Errors
    /// The request of an option has violations, which that of the query had not; it takes
    /// more work than the budget has, or was interrupted.
    pub fn list_across<'a>(
        &'a self,
        change: TermsChange<'a>,
        view: View,
        budget: &Budget<'_>,
    ) -> Result<(Vec<OrderOption<'a>>, Receipt<'a>), NoOptions> {
        let work = Work::new(*budget);
        let mut options = self.list_with(change.old, view, &work);
        for option in &mut options {
            let facts = Facts::new(self.facts.order().clone(), option.request.clone(), None);
            let facts = facts.map_err(NoOptions::Invalid)?;
            let verdict =
                across_with(change, &facts, View::Basic, &work).map_err(NoOptions::Stopped)?;
            let code = ReasonCode::TermsChanged.word();
            let says_so = |decision: &Decision<'_>| decision.reasons.iter().any(|r| r.code == code);
            let changed = verdict.each().any(|(_, decision)| says_so(decision));
            if verdict.outcome == Outcome::NeedsInformation {
                option.status = OptionStatus::NeedsInformation;
                option.missing = verdict.missing;
                option.pays_nothing_yet();
            }
            if changed {
                option.status = OptionStatus::NeedsReview;
                option.pays_nothing_yet();
                option.clause = Some(change.clause);
                option.reasons = Few::one(Reason {
                    code: ReasonCode::TermsChanged.word(),
                    clause: Some(change.clause),
                    facts: Vec::new(),
                });
            }
        }
        work.result().map_err(NoOptions::Stopped)?;
        Ok((options, receipt(change.old, &self.facts)))
    }

    fn push<'a>(
        &'a self,
        options: &mut Vec<OrderOption<'a>>,
        context: DecisionContext<'a, '_>,
        action: Action,
        asked: &'a ClassAsk<'a>,
        route: &'a RoutePlan,
        line: Option<usize>,
    ) {
        let of_line = |row: &&RowIndex| line.is_none_or(|index| row.request_line == index);
        let rows: Vec<RowIndex> = self.facts.rows().iter().filter(of_line).copied().collect();
        let base = self.facts.request();
        for mut hypothetical in ask_hypothetically(context, &asked.ask, route, &rows) {
            let lines = request_lines(base, &hypothetical.rows, &mut hypothetical.missing);
            options.push(OrderOption {
                action,
                reason_class: asked.class.clone(),
                remedy: hypothetical.remedy,
                line_id: line.and_then(|index| base.lines.get(index)).map(|l| l.line),
                lines: lines_of(&self.facts, &hypothetical.rows),
                status: hypothetical.status,
                window: hypothetical.window,
                amount: hypothetical.amount,
                order_items: hypothetical.order_items,
                owed: hypothetical.owed,
                missing: hypothetical.missing,
                reasons: hypothetical.reasons,
                clause: hypothetical.clause,
                request: Request {
                    lines,
                    facts: supplied(&base.facts, context.plan),
                    wants: hypothetical.remedy,
                    ask: asked.ask.clone(),
                    ..base.clone()
                },
            });
        }
    }
}

/// Returns what is told of a request with which the customer supplies what the terms
/// ask for.
fn supplied<'t>(told: &RequestFacts<'t>, plan: &Plan) -> RequestFacts<'t> {
    let mut told = told.clone();
    for fact in plan
        .facts
        .iter()
        .filter(|fact| fact.spec().class == Class::Asked)
    {
        told.set(*fact, Value::YesNo(true));
    }
    told
}

/// Returns the lines of a request that asks about some rows alone, and renames the facts
/// of units that are missing to where they stand there.
fn request_lines<'t>(
    base: &Request<'t>,
    rows: &[RowIndex],
    missing: &mut [MissingFact],
) -> Few<RequestLine<'t>> {
    let mut lines: Few<RequestLine<'t>> = Few::new();
    let mut last: Option<usize> = None;
    let mut renamed: Vec<(String, String)> = Vec::new();
    for row in rows {
        let asked = base.lines.get(row.request_line);
        let Some((asked, group)) = asked.and_then(|a| Some((a, a.groups.get(row.group)?))) else {
            continue;
        };
        if last != Some(row.request_line) {
            last = Some(row.request_line);
            lines.push(RequestLine {
                line: asked.line,
                groups: Few::new(),
            });
        }
        let at = lines.len().saturating_sub(1);
        let Some(line) = lines.last_mut() else {
            continue;
        };
        let path = |line: usize, group: usize| {
            let line = At::REQUEST.element("lines", line);
            format!("{}.", line.element("groups", group))
        };
        renamed.push((
            path(row.request_line, row.group),
            path(at, line.groups.len()),
        ));
        line.groups.push(group.clone());
    }
    for fact in missing {
        let renamed = renamed.iter().find(|(old, _)| fact.path.starts_with(old));
        if let Some((old, new)) = renamed {
            fact.path = fact.path.replacen(old, new, 1);
        }
    }
    lines
}
