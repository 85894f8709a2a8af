//! What views leave out changes nothing of what they tell.

use redress::domain::facts::Facts;
use redress::domain::verdict::{Outcome, Verdict};
use redress::engine::View;

use crate::guides::case;
use crate::shops;
use crate::within::decide;

#[test]
fn the_compact_view_is_the_basic_one_without_alternatives_unless_denied() {
    let catalog = shops::catalog();
    let (mut with, mut without) = (0, 0);
    for plan in catalog.plans() {
        for number in 0..200 {
            let (order, request) = case(0x0C_0000 + number, |_| true);
            let facts = Facts::new(order, request, None).expect("possible facts");
            let basic = decide(plan, &facts, View::Basic);
            let compact = decide(plan, &facts, View::Compact);
            let denied = basic.decisions.iter().any(|d| d.outcome == Outcome::Denied);
            let expected = Verdict {
                alternatives: match denied {
                    true => basic.alternatives.clone(),
                    false => Vec::new(),
                },
                ..basic.clone()
            };
            assert_eq!(compact, expected, "{} seed {number}", plan.policy);
            with += usize::from(!compact.alternatives.is_empty());
            without += usize::from(compact != basic);
        }
    }
    assert!(with > 20 && without > 20, "{with} {without}");
}
