//! What tells the times of a row apart, broken down to one event each where that is
//! possible.

use super::items::{EventReader, events_of, reads_variable, value, value_of_window};
use super::reads;
use crate::domain::time::Instant;
use crate::domain::vocabulary::Event;
use crate::engine::read::instants::{Cuts, InstantRange};
use crate::engine::read::world::{Key, World};
use crate::policy::plan::indexes;
use crate::policy::terms::{End, Events, Roll, Test, WindowSpec};

/// Something that is evaluated.
pub(super) enum Evaluable<'a> {
    /// An item of the route.
    Item(EventReader<'a>),
    /// One end of a window, or its opening, as a window of its own: a window that looks at
    /// several events comes to what the ends come to that count from one of them each.
    Part(WindowSpec),
}

/// Something that is evaluated, with the variables that it depends on.
pub(super) struct Probe<'a> {
    pub reading: Evaluable<'a>,
    /// The variables, a bit each.
    pub on: u64,
}

/// Everything that is evaluated of a route, by the variable with which it is decided;
/// each is named by its index.
pub(super) struct Probes<'a> {
    /// The items of the route, and then parts of them.
    pub all: Vec<Probe<'a>>,
    /// How many are items.
    pub items: usize,
    /// For each variable what depends on it, and on nothing else but leading variables.
    pub alone: Vec<Vec<usize>>,
    /// For each variable what compares it with earlier ones.
    pub tied: Vec<Vec<usize>>,
    /// For each variable items that its parts and those of earlier ones decide.
    pub follow: Vec<Vec<usize>>,
    /// What depends on leading variables at most.
    pub constant: Vec<usize>,
    /// Variables that something compares with a later one, a bit each.
    pub compared: u64,
}

/// The variables of a row, leading ones first: those that are no events.
pub(super) struct Variables<'v, 'a> {
    pub keys: &'v [Key<'a>],
    pub leading: usize,
}

impl Variables<'_, '_> {
    /// Returns those of some variables that are events.
    pub(super) const fn events(&self, set: u64) -> u64 {
        set & !((1 << self.leading) - 1)
    }

    /// Returns the indexes of an event among the variables, a bit each.
    fn indexes(&self, events: u64) -> u64 {
        let keys = self.keys.iter().enumerate();
        keys.fold(0, |set, (index, key)| match key {
            Key::Event(event, _) if event.bit() & events != 0 => set | 1 << index,
            _ => set,
        })
    }
}

impl<'a> Probes<'a> {
    /// Breaks down the items of a route.
    pub(super) fn new(
        world: &World<'a, '_>,
        items: Vec<EventReader<'a>>,
        variables: &Variables<'_, 'a>,
    ) -> Self {
        let none = || vec![Vec::new(); variables.keys.len()];
        let mut probes = Self {
            items: items.len(),
            all: Vec::new(),
            alone: none(),
            tied: none(),
            follow: none(),
            constant: Vec::new(),
            compared: 0,
        };
        let mut parts: Vec<(WindowSpec, u64)> = Vec::new();
        for item in items {
            let events = events_of(&item);
            let on = dependence(&item, events, world, variables);
            let of_events = variables.events(on);
            if of_events.count_ones() > 1 && is_decided_by_parts(&item, variables) {
                let last = index_of_last(of_events);
                push(&mut probes.follow, last, probes.all.len());
                for part in parts_of(&item) {
                    let events = part.events();
                    let on =
                        dependence(&EventReader::Window(&part, None), events, world, variables);
                    if !parts.iter().any(|(known, _)| *known == part) {
                        parts.push((part, on));
                    }
                }
            } else {
                probes.place(on, variables);
            }
            let reading = Evaluable::Item(item);
            probes.all.push(Probe { reading, on });
        }
        for (part, on) in parts {
            let of_last = variables.indexes(Event::Deliver.bit());
            let parcels = match part.events() & Event::DeliverLast.bit() {
                0 => 0,
                _ => on & of_last,
            };
            // The last delivery is that of each parcel in turn.
            let rests = indexes(parcels).map(|index| (on & !parcels) | 1 << index);
            let rests = rests.chain((parcels == 0).then_some(on));
            for on in rests.collect::<Vec<_>>() {
                probes.place(on, variables);
                let reading = Evaluable::Part(part.clone());
                probes.all.push(Probe { reading, on });
            }
        }
        probes
    }

    /// Notes when what is pushed next is decided.
    fn place(&mut self, on: u64, variables: &Variables<'_, '_>) {
        let of_events = variables.events(on);
        let last = index_of_last(of_events);
        let probe = self.all.len();
        match of_events.count_ones() {
            0 => self.constant.push(probe),
            1 => push(&mut self.alone, last, probe),
            _ => {
                push(&mut self.tied, last, probe);
                self.compared |= of_events & !(1 << last);
            }
        }
    }

    /// Returns the earlier variables that something compares with one, a bit each.
    pub(super) fn earlier(&self, index: usize, variables: &Variables<'_, '_>) -> u64 {
        let tied = self.tied.get(index).into_iter().flatten();
        let on = tied.filter_map(|probe| Some(self.all.get(*probe)?.on));
        variables.events(on.fold(0, |set, on| set | on)) & !(1 << index)
    }
}

fn push(lists: &mut [Vec<usize>], index: usize, probe: usize) {
    if let Some(list) = lists.get_mut(index) {
        list.push(probe);
    }
}

const fn index_of_last(set: u64) -> usize {
    (u64::BITS.saturating_sub(set.leading_zeros()) as usize).saturating_sub(1)
}

/// Returns the variables on which something depends.
fn dependence(
    item: &EventReader<'_>,
    events: Events,
    world: &World<'_, '_>,
    variables: &Variables<'_, '_>,
) -> u64 {
    let keys = variables.keys.iter().enumerate();
    keys.fold(0, |set, (index, key)| {
        match reads_variable(item, events, *key, world) {
            true => set | 1 << index,
            false => set,
        }
    })
}

/// Whether what an item comes to follows from its parts, or from what has happened.
fn is_decided_by_parts(item: &EventReader<'_>, variables: &Variables<'_, '_>) -> bool {
    match item {
        EventReader::Window(..) | EventReader::Test(Test::Window(..)) => true,
        EventReader::Happened(event) | EventReader::Test(Test::Happened(event, _)) => {
            variables.indexes(event.bit()) == 0 || !event.is_planned()
        }
        EventReader::Test(test) => reads::looks_at_every_parcel(test),
        EventReader::Number(..) => false,
    }
}

/// Returns the parts of a window.
fn parts_of(item: &EventReader<'_>) -> Vec<WindowSpec> {
    let (window, moved) = match item {
        EventReader::Window(window, moved) => (*window, *moved),
        EventReader::Test(Test::Window(window, _)) => (window, None),
        EventReader::Test(_) | EventReader::Happened(_) | EventReader::Number(..) => {
            return Vec::new();
        }
    };
    let rolled = window.roll.as_ref().and_then(|roll| roll.of.as_ref());
    let mut ends = Vec::new();
    for end in std::iter::once(&window.closes).chain(rolled).chain(moved) {
        add_leaves(end, &mut ends);
    }
    let roll = window.roll.as_ref().map(|roll| Roll {
        calendar: roll.calendar,
        of: None,
    });
    let closing = ends.into_iter().map(|end| WindowSpec {
        opens: None,
        closes: end.clone(),
        roll: roll.clone(),
        ..*window
    });
    let mut parts: Vec<_> = closing.collect();
    // Whether an opening has happened is told apart in any case.
    if let Some(opens) = &window.opens
        && reads::of_certain_opening(window) == 0
    {
        let mut ends = Vec::new();
        add_leaves(opens, &mut ends);
        parts.extend(ends.into_iter().map(|opens| WindowSpec {
            opens: Some(opens.clone()),
            closes: End::Never,
            roll: None,
            ..*window
        }));
    }
    parts
}

fn add_leaves<'e>(end: &'e End, leaves: &mut Vec<&'e End>) {
    match end {
        End::Never => {}
        End::Latest(ends) | End::Earliest(ends) => {
            for end in ends {
                add_leaves(end, leaves);
            }
        }
        End::After(..) | End::Before(_) | End::Clock(..) | End::Date(..) | End::Stated(..) => {
            leaves.push(end);
        }
    }
}

impl<'a> Evaluable<'a> {
    /// Returns what it comes to, one of a few numbers.
    pub(super) fn value(&self, world: &World<'a, '_>) -> u8 {
        match self {
            Self::Item(item) => value(world, item),
            Self::Part(window) => value_of_window(world, window),
        }
    }

    /// Returns the first instants of an event from which it can come to something else, and
    /// whether days of a week or times of a day are among them. These come again and again:
    /// they are tried near `others`, the instants from which something else changes.
    pub(super) fn cuts(
        &self,
        world: &World<'a, '_>,
        event: Event,
        range: &InstantRange,
        others: &[Instant],
    ) -> (Vec<Instant>, bool) {
        let mut cuts = Cuts::new(world, event, range, others);
        match self {
            Self::Item(EventReader::Test(test)) => cuts.test(test),
            Self::Item(EventReader::Window(window, moved)) => cuts.window(window, *moved),
            Self::Item(EventReader::Happened(event)) => cuts.happening(*event),
            Self::Item(EventReader::Number(..)) => {}
            Self::Part(window) => cuts.window(window, None),
        }
        cuts.instants()
    }
}
