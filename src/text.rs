//! Sentences for people, in English.
//!
//! The engine's own codes have their sentence here. Everything else is said by
//! the clause that it rests on, in the policy's own words.

mod arithmetic;
mod summary;

pub use arithmetic::arithmetic;
pub use summary::summary;

use crate::domain::verdict::{Cite, ReasonCode};

/// Returns why, as one sentence. The clause speaks where there is one, since it
/// says more than the code; without a clause, and without a sentence for the
/// code, the text is empty.
pub fn reason(code: &str, clause: Option<Cite<'_>>) -> String {
    match (ReasonCode::from_word(code), clause) {
        (Some(own), Some(clause)) => format!("{} {}", own_reason(own), clause.says),
        (Some(own), None) => own_reason(own).to_owned(),
        (None, clause) => says(clause),
    }
}

fn own_reason(code: ReasonCode) -> &'static str {
    match code {
        ReasonCode::Granted => "The terms grant it.",
        ReasonCode::WindowClosed => "The period for it has ended.",
        ReasonCode::TooEarly => "The period for it has not begun.",
        ReasonCode::TermsSilent => "The terms do not speak of it, so a person must decide.",
        ReasonCode::WishUnmet => "The terms do not give what was wished for.",
        ReasonCode::ConditionFailed => "A condition of it was not met.",
        ReasonCode::FactsMissing => "Facts are missing without which it cannot be decided.",
        ReasonCode::CurrencyDiffers => {
            "The terms name an amount in another currency than the order's."
        }
        ReasonCode::StatutoryExtension => {
            "The last day of the period is not a working day; the law may extend it."
        }
        ReasonCode::DeniedEitherWay => "Whatever the missing facts are, the answer is the same.",
    }
}

/// Returns what must still come true, as one sentence.
pub fn condition(code: &str, clause: Cite<'_>) -> String {
    let own = match code {
        "goods_received" => "The goods have reached the shop.",
        "goods_sent" => "The goods have been handed over for their way back.",
        "proof_of_sending" => "Proof of sending has reached the shop.",
        "defect_confirmed" => "An examination has confirmed the defect.",
        "unworn" => "The goods are unworn on inspection.",
        "unaltered" => "The goods are unaltered on inspection.",
        "undamaged" => "The goods are undamaged on inspection.",
        "contents_complete" => "All that was delivered is there, and nothing else.",
        "packaging_complete" => "The original packaging is complete.",
        "labels_present" => "All labels are there.",
        "accessories_present" => "All accessories are there.",
        "seal_intact" => "The security seal is intact.",
        "tape_present" => "The protective tape is in place.",
        "shop_confirmed" => "Customer service has confirmed the request.",
        "return_accepted" => "The shop has inspected and accepted the parcel.",
        _ => clause.says,
    };
    own.to_owned()
}

/// Returns what one side must do, as one sentence.
pub fn obligation(code: &str, clause: Cite<'_>) -> String {
    let own = match code {
        "send_goods_back" => "The customer sends the goods back.",
        "pay_return" => "The customer pays for the way back.",
        "supply_label" => "The shop supplies a prepaid label.",
        "refund" => "The shop pays the refund.",
        "collect_goods" => "The shop collects the goods.",
        "send_proof" => "The customer sends proof of sending.",
        _ => clause.says,
    };
    own.to_owned()
}

/// Returns a warning, as one sentence; empty where neither the code nor a clause
/// has one.
pub fn notice(code: &str, clause: Option<Cite<'_>>) -> String {
    match code {
        "statutory_withdrawal_may_apply" => {
            "The law may give the customer a right to withdraw beyond these terms.".to_owned()
        }
        _ => says(clause),
    }
}

fn says(clause: Option<Cite<'_>>) -> String {
    clause.map(|c| c.says.to_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLAUSE: Cite<'_> = Cite {
        id: "RET-01",
        says: "Plain pieces come back within 30 days.",
        source: "Returns, section 1",
    };

    #[test]
    fn codes_without_a_sentence_are_said_by_the_clause() {
        assert_eq!(condition("goods_polished", CLAUSE), CLAUSE.says);
        assert_eq!(obligation("send_flowers", CLAUSE), CLAUSE.says);
        assert_eq!(notice("sundays_off", Some(CLAUSE)), CLAUSE.says);
        assert_eq!(reason("policy_word", None), "");
    }

    #[test]
    fn own_reasons_are_followed_by_their_clause() {
        assert_eq!(
            reason("window_closed", Some(CLAUSE)),
            "The period for it has ended. Plain pieces come back within 30 days."
        );
        for code in ReasonCode::WORDS {
            assert!(!reason(code, None).is_empty(), "{code}");
        }
    }
}
