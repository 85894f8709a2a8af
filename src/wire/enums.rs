//! The enums of the contract and of the domain, value by value, both ways.

use redress_client::pb;

use crate::domain::facts as f;
use crate::domain::verdict as v;
use crate::domain::violation::ViolationKind;
use crate::engine::View;
use crate::policy::register::ClauseKind;

/// Joins an enum of the domain to its enum on the wire.
pub(crate) trait Wire: Copy {
    /// Its name in the contract.
    const NAME: &'static str;

    /// Reads a number: `None` is unspecified.
    ///
    /// # Errors
    /// The number is not known.
    fn read(number: i32) -> Result<Option<Self>, UnknownNumber>;

    /// Writes the number.
    fn write(self) -> i32;
}

/// Says that a number is not a value of an enum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UnknownNumber;

/// Writes a value that may be unknown.
pub(super) fn write<W: Wire>(value: Option<W>) -> i32 {
    value.map_or(0, W::write)
}

/// Declares the values of an enum that has the same names on both sides. A value
/// that is new on either side breaks the build.
macro_rules! wire {
    ($($wire:ident = $domain:ty { $($value:ident)+ })+) => {
        $(
            impl Wire for $domain {
                const NAME: &'static str = stringify!($wire);

                fn read(number: i32) -> Result<Option<Self>, UnknownNumber> {
                    match pb::$wire::try_from(number) {
                        Ok(pb::$wire::Unspecified) => Ok(None),
                        $(Ok(pb::$wire::$value) => Ok(Some(Self::$value)),)+
                        Err(_) => Err(UnknownNumber),
                    }
                }

                fn write(self) -> i32 {
                    match self {
                        $(Self::$value => pb::$wire::$value as i32,)+
                    }
                }
            }
        )+
    };
}

wire! {
    Remedy = f::Remedy {
        Refund PartialRefund StoreCredit Exchange Replacement Repair Change PriceReduction CreditUse
        Cancellation
    }
    Action = f::Action {
        Return Withdrawal Exchange Cancellation Change Claim DeliveryProblem CreditUse ShopEvent
        Other
    }
    PaymentState = f::PaymentState { Pending Authorized Captured Voided }
    AdjustmentKind = f::AdjustmentKind { Rounding Tip Duty Fee TaxDifference }
    PaymentMethod = f::PaymentMethod { Card BankTransfer Wallet StoreCredit GiftCard Cash Other }
    View = View { Basic Full Compact }
    Outcome = v::Outcome { Approved Denied NeedsReview NeedsInformation Mixed }
    NextStep = v::NextStep { Ask Review Pay CarryOut Wait Refuse }
    TermPart = v::TermPart { ReturnPayer ReturnRisk ReturnAddress Obligations }
    AnswerType = v::AnswerType { YesNo Word Number Amount Event Day TimeZone Shipment }
    Basis = v::Basis { Goodwill Withdrawal Conformity NonDelivery }
    Layer = v::LayerKind { Terms Statute }
    Party = v::Party { Customer Shop Carrier }
    ReturnPayer = v::ReturnPayer { Customer Shop ShopLabel Nobody }
    ConditionStatus = v::ConditionStatus { Open Met Failed }
    OptionStatus = v::OptionStatus { Open NotOpenYet Closed NeedsInformation NeedsReview }
    WindowStatus = v::WindowStatus { NotOpenYet Open Review Closed }
    SettlementKind = v::SettlementKind {
        Goods Delivery Options Deduction Reimbursement Charge Cap CreditUsed GivenBack
    }
    ClauseKind = ClauseKind { Grants Refuses Refers Adds Inert }
}

/// Returns the number of an act; an event without one is named beside it.
pub(super) const fn act(act: v::Act) -> i32 {
    let wire = match act {
        v::Act::Request => pb::Act::Request,
        v::Act::Statement => pb::Act::Statement,
        v::Act::Form => pb::Act::Form,
        v::Act::HandOver => pb::Act::HandOver,
        v::Act::NextOrder => pb::Act::NextOrder,
        v::Act::Decision => pb::Act::Decision,
        v::Act::Place => pb::Act::Place,
        v::Act::AddressAnswer => pb::Act::AddressAnswer,
        v::Act::AttemptAnswer => pb::Act::AttemptAnswer,
        v::Act::ShopCollect => pb::Act::ShopCollect,
        v::Act::Event(_) => pb::Act::Event,
    };
    wire as i32
}

impl Wire for bool {
    const NAME: &'static str = "Answer";

    fn read(number: i32) -> Result<Option<Self>, UnknownNumber> {
        match pb::Answer::try_from(number) {
            Ok(pb::Answer::Unspecified) => Ok(None),
            Ok(pb::Answer::Yes) => Ok(Some(true)),
            Ok(pb::Answer::No) => Ok(Some(false)),
            Err(_) => Err(UnknownNumber),
        }
    }

    fn write(self) -> i32 {
        pb::Answer::from(self) as i32
    }
}

/// Returns the reason of the contract for a kind of violation.
pub(crate) const fn reason(kind: ViolationKind) -> pb::ErrorReason {
    match kind {
        ViolationKind::Required => pb::ErrorReason::Required,
        ViolationKind::InvalidText => pb::ErrorReason::InvalidText,
        ViolationKind::OutOfRange => pb::ErrorReason::OutOfRange,
        ViolationKind::InvalidAmount => pb::ErrorReason::InvalidAmount,
        ViolationKind::UnknownCurrency => pb::ErrorReason::UnknownCurrency,
        ViolationKind::UnknownEnum => pb::ErrorReason::UnknownEnum,
        ViolationKind::Duplicate => pb::ErrorReason::Duplicate,
        ViolationKind::UnknownReference => pb::ErrorReason::UnknownReference,
        ViolationKind::EventOrder => pb::ErrorReason::EventOrder,
        ViolationKind::SumMismatch => pb::ErrorReason::SumMismatch,
        ViolationKind::TooManyUnits => pb::ErrorReason::TooManyUnits,
        ViolationKind::TooMany => pb::ErrorReason::TooMany,
        ViolationKind::InvalidTime => pb::ErrorReason::InvalidTime,
        ViolationKind::UnknownTimeZone => pb::ErrorReason::UnknownTimeZone,
        ViolationKind::WrongType => pb::ErrorReason::WrongType,
        ViolationKind::UnknownWord => pb::ErrorReason::UnknownWord,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trips<W: Wire + PartialEq + std::fmt::Debug>(all: &[W]) {
        for value in all {
            assert_eq!(W::read(value.write()), Ok(Some(*value)));
        }
        assert_eq!(W::read(0), Ok(None));
        for unknown in [-1, 1000] {
            assert_eq!(W::read(unknown), Err(UnknownNumber));
        }
    }

    #[test]
    fn every_value_survives_the_wire() {
        round_trips(&[true, false]);
        round_trips(f::Remedy::ALL);
        round_trips(f::Action::ALL);
        round_trips(f::PaymentMethod::ALL);
        round_trips(v::Outcome::ALL);
        round_trips(v::NextStep::ALL);
    }
}
