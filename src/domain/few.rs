//! A list that most often holds one thing, or nothing.
//!
//! A row has one reason, a line one group of units, a sum one part: a list of its
//! own on the heap for each would be most of what a decision allocates. The
//! libraries that do the same tie the lifetimes of what they hold, so that facts
//! could not be shortened to the life of a verdict.
//!
//! What is done with more than one is marked as the path that is seldom taken. It is
//! not much slower there; but lists are looked at everywhere, and a decision of one
//! line is fetched from fewer lines of code.

use std::hint::cold_path;
use std::ops::{Deref, DerefMut};

/// Room that is made once one is not enough.
const MORE: usize = 4;

/// Holds things in order: one without allocating, more in a vector.
#[derive(Clone, Debug)]
pub enum Few<T> {
    /// At most one.
    One(Option<T>),
    /// Any number.
    Many(Vec<T>),
}

impl<T> Few<T> {
    /// Returns an empty list.
    pub const fn new() -> Self {
        Self::One(None)
    }

    /// Returns an empty list with room for so many.
    pub fn with_capacity(count: usize) -> Self {
        match count {
            0 | 1 => Self::new(),
            _ => Self::Many(Vec::with_capacity(count)),
        }
    }

    /// Returns a list of one.
    pub const fn one(only: T) -> Self {
        Self::One(Some(only))
    }

    /// Adds so many at the end, each made anew.
    pub fn grow(&mut self, count: usize, make: impl Fn() -> T) {
        match (self, count) {
            (_, 0) => {}
            (Self::One(held @ None), 1) => *held = Some(make()),
            (few, _) => few.extend_by(count, make),
        }
    }

    fn extend_by(&mut self, count: usize, make: impl Fn() -> T) {
        let more = std::iter::repeat_with(make).take(count);
        match self {
            Self::Many(list) => list.extend(more),
            Self::One(held) => {
                let mut list = Vec::with_capacity(count.saturating_add(1));
                list.extend(held.take());
                list.extend(more);
                *self = Self::Many(list);
            }
        }
    }

    /// Adds at the end.
    pub fn push(&mut self, next: T) {
        match self {
            Self::One(held @ None) => *held = Some(next),
            Self::Many(list) => {
                cold_path();
                list.push(next);
            }
            Self::One(held) => {
                let mut list: Vec<T> = Vec::with_capacity(MORE);
                list.extend(held.take());
                list.push(next);
                *self = Self::Many(list);
            }
        }
    }

    /// Returns what each thing changes, in order.
    pub fn map<U>(self, mut change: impl FnMut(T) -> U) -> Few<U> {
        match self {
            Self::One(held) => Few::One(held.map(change)),
            Self::Many(list) => {
                cold_path();
                Few::Many(list.into_iter().map(&mut change).collect())
            }
        }
    }

    /// Returns what is made of each thing, in order.
    pub fn each<U>(&self, make: impl FnMut(&T) -> U) -> Few<U> {
        match self {
            Self::One(held) => Few::One(held.as_ref().map(make)),
            Self::Many(list) => {
                cold_path();
                Few::Many(list.iter().map(make).collect())
            }
        }
    }

    /// Keeps what fits, in order.
    pub fn retain(&mut self, fits: impl Fn(&T) -> bool) {
        match self {
            Self::Many(list) => list.retain(fits),
            Self::One(held) => *held = held.take().filter(fits),
        }
    }
}

impl<T> Default for Few<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Deref for Few<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        match self {
            Self::One(held) => held.as_slice(),
            Self::Many(list) => {
                cold_path();
                list
            }
        }
    }
}

impl<T> DerefMut for Few<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        match self {
            Self::One(held) => held.as_mut_slice(),
            Self::Many(list) => {
                cold_path();
                list
            }
        }
    }
}

impl<T: PartialEq> PartialEq for Few<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Eq> Eq for Few<T> {}

impl<T> FromIterator<T> for Few<T> {
    fn from_iter<I: IntoIterator<Item = T>>(list: I) -> Self {
        let mut list = list.into_iter();
        let mut few = Self::One(list.next());
        if !few.is_empty() {
            few.extend(list);
        }
        few
    }
}

impl<T> Extend<T> for Few<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, list: I) {
        for next in list {
            self.push(next);
        }
    }
}

impl<'f, T> IntoIterator for &'f Few<T> {
    type Item = &'f T;
    type IntoIter = std::slice::Iter<'f, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'f, T> IntoIterator for &'f mut Few<T> {
    type Item = &'f mut T;
    type IntoIter = std::slice::IterMut<'f, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

impl<T> IntoIterator for Few<T> {
    type Item = T;
    type IntoIter = std::iter::Chain<std::option::IntoIter<T>, std::vec::IntoIter<T>>;

    fn into_iter(self) -> Self::IntoIter {
        match self {
            Self::One(held) => held.into_iter().chain(Vec::new()),
            Self::Many(list) => None.into_iter().chain(list),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_order_whatever_the_number() {
        for count in 0..5 {
            let few: Few<i32> = (0..count).collect();
            assert_eq!(few.to_vec(), (0..count).collect::<Vec<_>>());
            assert_eq!(few.clone().into_iter().count(), few.len());
        }
    }

    #[test]
    fn grows_from_any_number_by_any() {
        for before in 0..3 {
            for more in 0..3 {
                let mut few: Few<i32> = (0..before).collect();
                few.grow(more, || 9);
                let all: Vec<i32> = (0..before).chain(vec![9; more]).collect();
                assert_eq!(*few, all);
            }
        }
    }

    #[test]
    fn each_becomes_another_in_order() {
        for count in 0..4 {
            let few: Few<i32> = (0..count).collect();
            let wanted: Vec<String> = (0..count).map(|n| n.to_string()).collect();
            assert_eq!(*few.each(|n| n.to_string()), *wanted);
            assert_eq!(*few.map(|n| n.to_string()), *wanted);
        }
    }

    #[test]
    fn keeps_what_fits() {
        let mut few: Few<i32> = (0..4).collect();
        few.retain(|n| n % 2 == 1);
        assert_eq!(*few, [1, 3]);
        let mut one = Few::one(2);
        one.retain(|n| n % 2 == 1);
        assert!(one.is_empty());
    }
}
