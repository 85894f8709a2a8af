//! How an amount was worked out, on one line.

use rust_decimal::Decimal;

use super::Localizer;
use crate::domain::money::{Amount, Currency};
use crate::domain::verdict::{Arithmetic, Steps};

impl Localizer<'_> {
    /// Returns how an amount was worked out, such as `59.00 x 1/2 = 29.50`.
    pub fn arithmetic(
        &self,
        of: &Arithmetic,
        result: Option<Amount>,
        currency: Currency,
    ) -> String {
        let money = |amount: Amount| self.bare(amount, currency);
        let capped = |steps: String, cap: Amount| {
            if result == Some(cap) {
                let values = [("steps", steps.as_str()), ("cap", &money(cap))];
                self.fill("arithmetic", "at_most", &values)
            } else {
                steps
            }
        };
        let steps = match *of {
            Arithmetic::Part {
                net,
                quantity,
                earlier,
                taken,
            } if earlier != 0 || taken != quantity => part(&money(net), quantity, earlier, taken),
            // All units at once: what was paid for them is the result.
            Arithmetic::Part { net, .. } => return money(net),
            Arithmetic::PerPiece { each, pieces, cap } => {
                let uncapped = each.times(pieces);
                let steps = format!("{pieces} × {}", money(each));
                if uncapped > cap {
                    capped(steps, cap)
                } else {
                    steps
                }
            }
            Arithmetic::Percent {
                base,
                before,
                basis_points,
            } => {
                let rate = self.rate(basis_points);
                let share = |base: Amount| format!("{} × {rate}", money(base));
                match before.is_zero() {
                    true => share(base),
                    false => format!("{} − {}", share(base), share(before)),
                }
            }
            Arithmetic::Stated { stated, cap } if stated > cap => capped(money(stated), cap),
            // What is stated is the result; there is no step to show.
            Arithmetic::Stated { stated, cap: _ } => return money(stated),
            Arithmetic::LowerOf {
                paid,
                standard,
                refunded,
            } => {
                let values = [("paid", money(paid)), ("standard", money(standard))];
                let values = values
                    .each_ref()
                    .map(|(name, value)| (*name, value.as_str()));
                let lower = self.fill("arithmetic", "lower_of", &values);
                self.less(lower, refunded, currency)
            }
            Arithmetic::PaidLess { paid, refunded } if refunded.is_zero() => return money(paid),
            Arithmetic::PaidLess { paid, refunded } => self.less(money(paid), refunded, currency),
            Arithmetic::Difference { wanted, returned } => {
                let (more, less) = (wanted.max(returned), wanted.min(returned));
                format!("{} − {}", money(more), money(less))
            }
            Arithmetic::Said {
                ref steps,
                units,
                before,
                cap,
            } => {
                // What is said is the result; there is no step to show.
                if let (Steps::Amount(amount), 1) = (&**steps, units)
                    && result == Some(*amount)
                {
                    return money(*amount);
                }
                let mut said = self.steps(steps, currency);
                if units != 1 {
                    said = format!("{units} × {}", in_brackets(steps, said));
                }
                let said = self.less(said, before, currency);
                cap.map_or(said.clone(), |cap| capped(said, cap))
            }
            Arithmetic::Pending => return self.fill("arithmetic", "pending", &[]),
            Arithmetic::Unknown { amount } => {
                let amount = match self.fill("amount", amount, &[]) {
                    declared if declared.is_empty() => format!("`{amount}`"),
                    known => known,
                };
                return self.fill("arithmetic", "unknown", &[("amount", &amount)]);
            }
        };
        match result {
            Some(result) => format!("{steps} = {}", money(result)),
            None => steps,
        }
    }
}

impl Localizer<'_> {
    /// Returns the steps in which an amount was worked out.
    fn steps(&self, of: &Steps, currency: Currency) -> String {
        let list = |steps: &[Steps]| -> Vec<String> {
            let steps = steps.iter();
            steps.map(|of| self.steps(of, currency)).collect()
        };
        let one_of = |key: &str, steps: &[Steps]| {
            let values = [("amounts", list(steps).join("; "))];
            let values = values.each_ref().map(|(name, v)| (*name, v.as_str()));
            self.fill("arithmetic", key, &values)
        };
        match of {
            Steps::Amount(amount) => self.bare(*amount, currency),
            Steps::Percent { of, basis_points } => {
                format!(
                    "{} × {}",
                    self.bare(*of, currency),
                    self.rate(*basis_points)
                )
            }
            Steps::Part { of, taken, whole } => {
                format!("{} × {taken}/{whole}", self.bare(*of, currency))
            }
            Steps::Times(of, count) => {
                let each = self.steps(of, currency);
                format!("{count} × {}", in_brackets(of, each))
            }
            Steps::Greatest(of) => one_of("greatest_of", of),
            Steps::Least(of) => one_of("least_of", of),
            Steps::All(of) => list(of).join(" + "),
        }
    }

    /// Writes a rate in per cent.
    fn rate(&self, basis_points: u32) -> String {
        let rate = Decimal::new(i64::from(basis_points), 2).normalize();
        let number = self.number(&rate.to_string());
        self.fill("number", "percent", &[("number", &number)])
    }

    fn less(&self, from: String, refunded: Amount, currency: Currency) -> String {
        if refunded.is_zero() {
            from
        } else {
            format!("{from} − {}", self.bare(refunded, currency))
        }
    }
}

/// Puts a sum in brackets, so that it can be multiplied.
fn in_brackets(steps: &Steps, shown: String) -> String {
    match steps {
        Steps::All(_) => format!("({shown})"),
        Steps::Amount(_)
        | Steps::Percent { .. }
        | Steps::Part { .. }
        | Steps::Times(..)
        | Steps::Greatest(_)
        | Steps::Least(_) => shown,
    }
}

/// Parts are rounded cumulatively, so what came before is shown as well.
fn part(net: &str, quantity: i32, earlier: i32, taken: i32) -> String {
    if earlier == 0 {
        return format!("{net} × {taken}/{quantity}");
    }
    let upto = earlier.saturating_add(taken);
    format!("{net} × {upto}/{quantity} − {net} × {earlier}/{quantity}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_shown_with_their_result() {
        let eur = Currency::from_code("EUR").expect("a known code");
        let m = Amount::from_minor;
        let cases = [
            // 59.00 / 2 = 29.50
            (
                Arithmetic::Part {
                    net: m(5900),
                    quantity: 2,
                    earlier: 0,
                    taken: 1,
                },
                Some(m(2950)),
                "59.00 × 1/2 = 29.50",
            ),
            // 66.67 - 33.33 = 33.34
            (
                Arithmetic::Part {
                    net: m(10_000),
                    quantity: 3,
                    earlier: 1,
                    taken: 1,
                },
                Some(m(3334)),
                "100.00 × 2/3 − 100.00 × 1/3 = 33.34",
            ),
            (
                Arithmetic::PerPiece {
                    each: m(700),
                    pieces: 2,
                    cap: m(5900),
                },
                Some(m(1400)),
                "2 × 7.00 = 14.00",
            ),
            (
                Arithmetic::PerPiece {
                    each: m(700),
                    pieces: 2,
                    cap: m(1300),
                },
                Some(m(1300)),
                "2 × 7.00, capped at 13.00 = 13.00",
            ),
            // 59.00 x 0.055 = 3.245 -> 3.25
            (
                Arithmetic::Percent {
                    base: m(5900),
                    before: m(0),
                    basis_points: 550,
                },
                Some(m(325)),
                "59.00 × 5.5% = 3.25",
            ),
            // 0.4725 -> 0.47, 0.315 -> 0.32, 0.47 - 0.32 = 0.15
            (
                Arithmetic::Percent {
                    base: m(315),
                    before: m(210),
                    basis_points: 1500,
                },
                Some(m(15)),
                "3.15 × 15% − 2.10 × 15% = 0.15",
            ),
            (
                Arithmetic::Said {
                    steps: Box::new(Steps::Amount(m(500))),
                    units: 1,
                    before: m(300),
                    cap: Some(m(2000)),
                },
                Some(m(200)),
                "5.00 − 3.00 = 2.00",
            ),
            // 58.00 x 0.1 = 5.90, below 8.00; twice: 16.00
            (
                Arithmetic::Said {
                    steps: Box::new(Steps::Greatest(vec![
                        Steps::Percent {
                            of: m(5900),
                            basis_points: 1000,
                        },
                        Steps::Amount(m(800)),
                    ])),
                    units: 2,
                    before: m(0),
                    cap: Some(m(5900)),
                },
                Some(m(1600)),
                "2 × (the greatest of 59.00 × 10%; 8.00) = 16.00",
            ),
            // 3 x (5.00 + 120.00 x 14/30 = 56.00) = 183.00, of which 100.00 is left
            (
                Arithmetic::Said {
                    steps: Box::new(Steps::Times(
                        Box::new(Steps::All(vec![
                            Steps::Amount(m(500)),
                            Steps::Part {
                                of: m(12_000),
                                taken: 14,
                                whole: 30,
                            },
                        ])),
                        3,
                    )),
                    units: 1,
                    before: m(0),
                    cap: Some(m(10_000)),
                },
                Some(m(10_000)),
                "3 × (5.00 + 120.00 × 14/30), capped at 100.00 = 100.00",
            ),
            (
                Arithmetic::Unknown {
                    amount: "undelivered_cost",
                },
                None,
                "pending: the cost of shipping the undelivered parcel back is not known yet",
            ),
            (
                Arithmetic::Stated {
                    stated: m(1200),
                    cap: m(5900),
                },
                Some(m(1200)),
                "12.00",
            ),
            (
                Arithmetic::LowerOf {
                    paid: m(700),
                    standard: m(490),
                    refunded: m(100),
                },
                Some(m(390)),
                "(the lower of 7.00 and 4.90) − 1.00 = 3.90",
            ),
            (
                Arithmetic::PaidLess {
                    paid: m(700),
                    refunded: m(0),
                },
                Some(m(700)),
                "7.00",
            ),
            (
                Arithmetic::Difference {
                    wanted: m(7000),
                    returned: m(5900),
                },
                Some(m(1100)),
                "70.00 − 59.00 = 11.00",
            ),
            (
                Arithmetic::Pending,
                None,
                "pending: other units are not decided yet",
            ),
        ];
        for (of, result, wanted) in cases {
            assert_eq!(Localizer::english().arithmetic(&of, result, eur), wanted);
        }
    }
}
