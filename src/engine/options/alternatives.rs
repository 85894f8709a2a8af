//! What else is possible for the units that were asked about.

use super::{Hypothetical, ask_for_remedies, ask_if_open, choice};
use crate::domain::facts::{Action, Ask, Facts, Remedy, RowIndex};
use crate::domain::id::CallerId;
use crate::domain::verdict::{Alternative, OptionStatus, Outcome};
use crate::engine::entitle::decided::Decided;
use crate::engine::read::context::DecisionContext;
use crate::policy::plan::RoutePlan;

/// Lists what else is possible for the same units at the same instant: what a
/// customer can choose without saying that something else happened, less what
/// was asked and what is closed.
pub(crate) fn alternatives<'a>(
    context: DecisionContext<'a, '_>,
    asked: Option<Action>,
    decided: &Decided<'a>,
) -> Vec<Alternative<'a>> {
    let request = context.facts.request();
    let mut found = Vec::new();
    for (action, route) in context.plan.choices() {
        let same = asked == Some(route.route);
        let (action, ask) = if same {
            (request.ask.action, &request.ask)
        } else {
            match choice(action) {
                Some(ask) => (action, ask),
                None => continue,
            }
        };
        // What was asked without a wish has been decided already: where it could
        // bring one remedy at most, the route has nothing else to offer.
        let known = same && request.wants.is_none() && !route.supplies;
        if known && decided.drafts.iter().all(|d| d.remedies.count_ones() < 2) {
            continue;
        }
        let other = Other {
            action,
            ask,
            route,
            same,
            known,
        };
        other.answers(context, decided, &mut found);
    }
    found
}

/// Names a route that alternatives are looked for on.
struct Other<'a> {
    /// What is asked on it.
    action: Action,
    ask: &'a Ask<'a>,
    route: &'a RoutePlan,
    /// Whether it is the route of what was asked.
    same: bool,
    /// Whether it has been decided without a wish.
    known: bool,
}

impl<'a> Other<'a> {
    /// Adds what the route has to offer.
    // Apart, so that the routes that are skipped keep no registers for it.
    #[inline(never)]
    fn answers(
        &self,
        context: DecisionContext<'a, '_>,
        decided: &Decided<'a>,
        found: &mut Vec<Alternative<'a>>,
    ) {
        let rows = context.facts.rows();
        let open = |rows: &[RowIndex]| ask_if_open(context, self.ask, self.route, rows);
        let agreed = match decided.outcome() {
            Outcome::Mixed => Vec::new(),
            _ if self.known => ask_for_remedies(context, self.ask, self.route, rows, decided),
            Outcome::Approved
            | Outcome::Denied
            | Outcome::NeedsReview
            | Outcome::NeedsInformation => match open(rows) {
                Some(hypothetical) => hypothetical,
                None => return,
            },
        };
        if !agreed.is_empty() {
            self.offer(context.facts, decided, rows, agreed, found);
            return;
        }
        // Lines that do not agree have alternatives of their own.
        for rows in rows.chunk_by(|a, b| a.request_line == b.request_line) {
            if let Some(hypothetical) = open(rows) {
                self.offer(context.facts, decided, rows, hypothetical, found);
            }
        }
    }

    /// Adds what came of trying the route for some rows, but for what was asked.
    fn offer(
        &self,
        facts: &'a Facts<'a>,
        decided: &Decided<'a>,
        rows: &[RowIndex],
        list: Vec<Hypothetical<'a>>,
        found: &mut Vec<Alternative<'a>>,
    ) {
        let wants = facts.request().wants;
        let asked = match granted_to(decided, rows) {
            Some(Some(remedy)) => Some(remedy),
            // Without a wish the first remedy is what was asked for, whatever came of it.
            Some(None) => wants.or(list.first().and_then(|t| t.remedy)),
            None => wants,
        };
        for hypothetical in list {
            let is_asked =
                self.same && (asked == hypothetical.remedy || wants == hypothetical.remedy);
            // Of the route that was asked for only another answer is news.
            let unsettled = matches!(
                hypothetical.status,
                OptionStatus::NeedsInformation | OptionStatus::NeedsReview
            );
            let unknown = self.same && (hypothetical.remedy.is_none() || unsettled);
            if is_asked || unknown || hypothetical.status == OptionStatus::Closed {
                continue;
            }
            found.push(Alternative {
                action: self.action,
                remedy: hypothetical.remedy,
                status: hypothetical.status,
                clause: hypothetical.clause,
                lines: lines_of(facts, rows),
                amount: hypothetical.amount,
                order_items: hypothetical.order_items,
                owed: hypothetical.owed,
                window: hypothetical.window,
                missing: hypothetical.missing,
                reason_class: String::new(),
            });
        }
    }
}

/// Returns the remedy that those of some rows got that got any; `None`: they got
/// different ones.
fn granted_to(decided: &Decided<'_>, rows: &[RowIndex]) -> Option<Option<Remedy>> {
    let of_rows = |line: usize| rows.iter().any(|row| row.request_line == line);
    let decided = decided
        .each()
        .filter(|(row, _)| of_rows(row.index.request_line));
    let entitlements = decided.filter_map(|(_, draft)| draft.decision.entitlement.as_ref());
    let mut remedies = entitlements.map(|entitlement| entitlement.remedy);
    let first = remedies.next();
    remedies
        .all(|remedy| Some(remedy) == first)
        .then_some(first)
}

pub(crate) fn lines_of<'a>(facts: &'a Facts<'a>, rows: &[RowIndex]) -> Vec<CallerId<'a>> {
    let mut lines: Vec<_> = rows
        .iter()
        .filter_map(|r| facts.order().lines.get(r.line))
        .map(|l| l.id)
        .collect();
    lines.dedup();
    lines
}
