//! Draws facts by their type and class, whichever they are.

use redress::domain::facts::Value;
use redress::domain::money::Amount;
use redress::domain::path::Owner;
use redress::domain::vocabulary::{Class, Fact, Kind};

use super::Draw;

/// Facts that are no for most goods and requests; the others are mostly yes.
const SELDOM: [Fact; 12] = [
    Fact::ReturnAgreed,
    Fact::FraudSuspected,
    Fact::Sealed,
    Fact::Set,
    Fact::Worn,
    Fact::Altered,
    Fact::Damaged,
    Fact::Stained,
    Fact::CustomerFault,
    Fact::UsedBeyondTesting,
    Fact::FreightCollect,
    Fact::ReturnLost,
];
/// Facts that are yes as often as not.
const EVEN: [Fact; 3] = [Fact::Gift, Fact::Personalized, Fact::DefectAtDelivery];

impl Draw<'_> {
    /// Draws a fact. What is given is known; what an examination finds or the customer
    /// supplies often is not.
    pub(super) fn fact(&mut self, fact: Fact) -> Value<'static> {
        let spec = fact.spec();
        let of_action = matches!(spec.field.owner(), Owner::Action(_));
        let told = matches!(spec.class, Class::Given | Class::Selector);
        match spec.kind {
            // Of a line it is seldom told whether it had a part that goods need not have.
            Kind::YesNo if fact == Fact::Sealed => self.found(false).into(),
            Kind::YesNo if of_action => Some(self.seed.one_in(2)).into(),
            Kind::YesNo => {
                let mostly = match EVEN.contains(&fact) {
                    true => !self.seed.one_in(3),
                    false => !SELDOM.contains(&fact),
                };
                match told {
                    true if EVEN.contains(&fact) => Some(!mostly).into(),
                    true => self.given(mostly).into(),
                    false => self.found(mostly).into(),
                }
            }
            Kind::OneOf(words) if !told => {
                let word = match self.smooth {
                    true => words[0],
                    false => *self.seed.pick(words),
                };
                self.seed.one_in(3).then_some(word).into()
            }
            // What is asked for, and how, is as likely one as another.
            Kind::OneOf(words) if of_action || fact == Fact::Channel || fact == Fact::TagReason => {
                let word = *self.seed.pick(words);
                Value::Word(word)
            }
            Kind::OneOf(words) => Value::Word(self.mostly_first(words)),
            Kind::Word => {
                let words = self.words.compared(fact);
                match fact {
                    Fact::Category => Value::Word(self.mostly_first(words)),
                    _ => Some(*self.seed.pick(words)).into(),
                }
            }
            Kind::Number => match self.seed.below(3) {
                0 => Value::Unknown,
                _ => Value::Number(self.mostly_first(&[1, 2, 3])),
            },
            Kind::Amount if told => Some(Amount::from_minor(self.seed.below(20_000) as i64)).into(),
            Kind::Amount => self.cost().into(),
        }
    }

    /// Draws an amount that an examination finds.
    fn cost(&mut self) -> Option<Amount> {
        match self.seed.below(if self.smooth { 20 } else { 4 }) {
            0 => Some(Amount::from_minor(self.seed.below(3000) as i64)),
            1 => Some(Amount::ZERO),
            _ => None,
        }
    }
}
