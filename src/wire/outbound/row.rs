//! Writes rows and their reasons.

use super::encoder::Encoder;
use super::{RenderContext, clause_id, entitlement, missing, tag, window};
use crate::domain::verdict::{self as v, ReasonCode};
use crate::wire::enums::Wire;

/// Writes the answer for units of one line.
pub(super) fn row<'p>(
    m: &RenderContext<'p>,
    to: &mut Encoder,
    row: &v::Row<'p>,
    decision: &v::Decision<'p>,
) {
    use tag::row as t;
    let v::Row {
        line_id,
        location,
        quantity,
        decision: _,
        amount,
        next_step,
    } = row;
    let v::Decision {
        outcome,
        reasons,
        entitlement,
        candidates,
        missing,
        window,
        regardless_of,
    } = decision;
    to.text(t::LINE_ID, line_id.as_str());
    let group = i32::try_from(location.group).unwrap_or(i32::MAX);
    to.number(t::GROUP_INDEX, group);
    to.number(t::QUANTITY, *quantity);
    to.number(t::OUTCOME, outcome.write());
    to.list(t::REASONS, reasons, |to, x| reason(m, to, x, *window));
    to.optional(t::ENTITLEMENT, entitlement.as_ref(), |to, x| {
        entitlement::entitlement(m, to, x, *location, *amount);
    });
    let candidates = if m.compact {
        &[]
    } else {
        candidates.as_slice()
    };
    to.list(t::CANDIDATES, candidates, |to, x| {
        entitlement::candidate(m, to, x, *location);
    });
    let v::Missing {
        facts,
        other_prices,
        order_value: _,
    } = missing;
    // Those of the verdict are all that is missing.
    let facts = if m.compact { &[] } else { facts.as_slice() };
    to.list(t::MISSING, facts, |to, x| missing::fact(m, to, x));
    to.optional(t::WINDOW, *window, |to, x| window::window(m, to, x));
    to.texts(
        t::REGARDLESS_OF_PATHS,
        regardless_of.iter().map(String::as_str),
    );
    to.flag(t::OTHER_PRICES_MISSING, *other_prices);
    to.number(t::NEXT_STEP, next_step.write());
}

/// Writes a reason; one that rests on a window says when that opens or closed.
pub(super) fn reason<'p>(
    m: &RenderContext<'p>,
    to: &mut Encoder,
    reason: &v::Reason<'p>,
    window: Option<v::Window>,
) {
    use tag::reason as t;
    let v::Reason {
        code,
        clause,
        facts,
    } = reason;
    to.text(t::CODE, code);
    to.text(t::CLAUSE_ID, clause_id(*clause));
    let parameters = match window {
        Some(window) if m.full => window::parameters(m, code, window),
        _ => Vec::new(),
    };
    if m.full {
        to.text(t::TEXT, &m.localizer.reason(code, *clause, &parameters));
    }
    // What the customer got before is the answer, not only its explanation.
    let own = [
        ReasonCode::AlreadySettled,
        ReasonCode::RequestOpen,
        ReasonCode::FactsUnavailable,
        ReasonCode::TimeUnknown,
        ReasonCode::OtherUnitsOpen,
    ];
    if m.full || own.iter().any(|own| *code == own.word()) {
        to.list(t::FACTS, facts, |to, (path, value)| {
            use tag::fact_value as t;
            to.text(t::PATH, path);
            to.text(t::VALUE, value);
        });
    }
    to.list(t::PARAMETERS, &parameters, |to, (name, value)| {
        use tag::parameter as t;
        to.text(t::NAME, name);
        to.text(t::VALUE, value);
    });
}
