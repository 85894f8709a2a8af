//! Exact fractions: what an amount is before somebody rounds it.

use std::cmp::Ordering;
use std::iter::Sum;
use std::ops::{Add, Div, Mul, Sub};

/// A fraction in lowest terms, its denominator above zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exact {
    numerator: i128,
    denominator: i128,
}

impl Exact {
    pub const ZERO: Self = Self {
        numerator: 0,
        denominator: 1,
    };

    pub fn new(numerator: i128, denominator: i128) -> Self {
        assert!(denominator != 0, "a fraction by nothing");
        let (mut a, mut b) = (numerator.abs(), denominator.abs());
        while b != 0 {
            (a, b) = (b, a % b);
        }
        let sign = denominator.signum();
        Self {
            numerator: sign * numerator / a.max(1),
            denominator: sign * denominator / a.max(1),
        }
    }

    pub fn whole(number: i64) -> Self {
        Self::new(i128::from(number), 1)
    }

    /// The largest whole number that is not above it.
    pub fn floor(self) -> i64 {
        i64::try_from(self.numerator.div_euclid(self.denominator)).unwrap()
    }

    /// The nearest whole number; of two the larger.
    pub fn half_up(self) -> i64 {
        (self + Self::new(1, 2)).floor()
    }
}

impl From<i64> for Exact {
    fn from(number: i64) -> Self {
        Self::whole(number)
    }
}

impl Add for Exact {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self::new(
            self.numerator * other.denominator + other.numerator * self.denominator,
            self.denominator * other.denominator,
        )
    }
}

impl Sub for Exact {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + Self::whole(-1) * other
    }
}

impl Mul for Exact {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        Self::new(
            self.numerator * other.numerator,
            self.denominator * other.denominator,
        )
    }
}

impl Div for Exact {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        Self::new(
            self.numerator * other.denominator,
            self.denominator * other.numerator,
        )
    }
}

impl Sum for Exact {
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        parts.fold(Self::ZERO, Self::add)
    }
}

impl PartialOrd for Exact {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Exact {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.numerator * other.denominator).cmp(&(other.numerator * self.denominator))
    }
}

/// Shares a whole amount by weight: each gets the floor of its share, and the units left
/// go to the largest remainders, ties to the first. Nothing weighs: nobody gets anything.
pub fn largest_remainder(amount: i64, weights: &[i64]) -> Vec<i64> {
    let all: i64 = weights.iter().sum();
    if all == 0 {
        return vec![0; weights.len()];
    }
    let due = |weight: &i64| Exact::from(amount) * Exact::from(*weight) / Exact::from(all);
    let mut shares: Vec<i64> = weights.iter().map(|w| due(w).floor()).collect();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    // A stable sort leaves ties as they are.
    order.sort_by_key(|at| Exact::from(shares[*at]) - due(&weights[*at]));
    let left = usize::try_from(amount - shares.iter().sum::<i64>()).unwrap();
    order.iter().take(left).for_each(|at| shares[*at] += 1);
    shares
}

#[test]
fn fractions_are_exact_and_rounded_by_name() {
    let third = Exact::new(1, 3);
    assert_eq!(third + third + third, Exact::whole(1));
    assert_eq!(Exact::new(-4, 6), Exact::new(2, -3));
    let halves = [-3, -1, 1, 3].map(|n| Exact::new(n, 2).half_up());
    assert_eq!(halves, [-1, 0, 1, 2]);
    assert!(Exact::new(1, 3) < Exact::new(34, 100));
    // 10.00 by thirds: 3.33 each, and the cent that is left goes to the first.
    assert_eq!(largest_remainder(1000, &[1, 1, 1]), [334, 333, 333]);
    assert_eq!(largest_remainder(5, &[0, 0]), [0, 0]);
}
