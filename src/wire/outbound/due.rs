//! Writes what due dates wait for.

use super::encoder::Encoder;
use super::window::bound;
use super::{tag, timestamp};
use crate::domain::verdict::{Bound, DueGroup, DueWait};

/// Writes what a due date waits for.
pub(super) fn due_wait(to: &mut Encoder, wait: &DueWait) {
    use tag::due_wait as t;
    let DueWait { not_before, groups } = wait;
    if let Some((earliest, _)) = not_before.and_then(Bound::range) {
        timestamp(to, t::NOT_BEFORE_TIME, earliest);
    }
    to.list(t::GROUPS, groups, group);
}

fn group(to: &mut Encoder, group: &DueGroup) {
    use tag::due_group as t;
    let DueGroup { not_after, ends } = group;
    if let Some((_, latest)) = not_after.and_then(Bound::range) {
        timestamp(to, t::NOT_AFTER_TIME, latest);
    }
    to.list(t::ENDS, ends, |to, end| bound(to, *end));
}
