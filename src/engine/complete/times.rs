//! Completions of what is unknown of places and times.
//!
//! Events are assumed one after the other, those first that come first, at the earliest
//! instant that the others allow in each class of instants that something tells apart;
//! an event that a window compares with another unknown one also at the latest.

use rustc_hash::FxHashMap;

use super::facts::values;
use super::items::{Item, events_of, items, reads_variable, value, window_of};
use super::reads::{self, Events};
use crate::domain::event::Event;
use crate::domain::time::{EventTime, Instant, Zone};
use crate::domain::vocabulary::Fact;
use crate::engine::instants::{Range, allowed, cuts};
use crate::engine::world::{AT_HOME, Assumed, Key, ORDER_LEVEL, World, parcel_reader};
use crate::policy::plan::RoutePlan;
use crate::policy::terms::{WindowSpec, WindowZone};

/// What is assumed of parcel, places and times.
pub(super) type Assumptions<'a> = Vec<(Key<'a>, Assumed<'a>)>;

/// The class of an event that has not happened.
const NOT_YET: u16 = u16::MAX;

/// Returns the parcels that the units of a row may be in; `None`: it is known.
pub(super) fn parcels(world: &World<'_, '_>) -> Vec<Option<usize>> {
    match world.row.shipment {
        Some(_) => vec![None],
        None => {
            let all = world.facts.parcels_of(&world.row).into_iter();
            all.map(Some).collect()
        }
    }
}

/// An item with the variables that it depends on, a bit each.
struct Dependent<'a> {
    item: Item<'a>,
    on: u64,
}

/// A completion: the class of each variable, what items come to, and its effect.
struct Completion {
    classes: Vec<u16>,
    values: Vec<u8>,
    effect: usize,
}

/// The completions of a row in one parcel.
pub(super) struct Times<'a> {
    /// What is unknown.
    pub variables: Vec<Key<'a>>,
    /// For each effect assumptions that have it.
    pub effects: Vec<Assumptions<'a>>,
    /// Whether not all were looked at.
    pub cut: bool,
    on: Vec<u64>,
    completions: Vec<Completion>,
    parcel: Option<usize>,
    roots: Vec<usize>,
}

impl<'a> Times<'a> {
    /// Finds the completions of a row whose units are in a parcel, in so many steps, of
    /// which it takes off those that it needs.
    pub(super) fn find(
        world: &World<'a, '_>,
        route: &'a RoutePlan,
        parcel: Option<usize>,
        steps: &mut usize,
    ) -> Self {
        let assumed: Assumptions<'a> = parcel
            .map(|place| (Key::Shipment, Assumed::Shipment(place)))
            .into_iter()
            .collect();
        let world = World {
            assumed: &assumed,
            ..*world
        };
        let mut finding = Finding::new(&world, route, *steps);
        finding.walk(&mut assumed.clone(), &mut Vec::new(), &mut Vec::new());
        *steps = finding.steps;
        Self {
            on: finding.items.iter().map(|item| item.on).collect(),
            variables: finding.variables,
            effects: finding.effects,
            cut: finding.cut,
            completions: finding.completions,
            parcel,
            roots: Vec::new(),
        }
    }

    /// Remembers the nodes to which effects lead.
    pub(super) fn with_roots(self, roots: Vec<usize>) -> Self {
        Self { roots, ..self }
    }

    /// Returns the variables of which two classes lead to different nodes while all others
    /// stay as they are; `roots` are the nodes of the effects.
    pub(super) fn missing(&self, roots: &[usize]) -> Vec<Key<'a>> {
        if self.cut {
            return self.variables.clone();
        }
        let matters = |place: &usize| {
            let mut first: FxHashMap<(Vec<u16>, Vec<u8>), usize> = FxHashMap::default();
            self.completions.iter().any(|completion| {
                let root = roots.get(completion.effect).copied().unwrap_or_default();
                let others = self.without(completion, *place);
                *first.entry(others).or_insert(root) != root
            })
        };
        let places = 0..self.variables.len();
        let missing = places.filter(matters);
        missing
            .filter_map(|place| self.variables.get(place).copied())
            .collect()
    }

    /// Returns what a completion says without one of its variables.
    fn without(&self, completion: &Completion, place: usize) -> (Vec<u16>, Vec<u8>) {
        let mut classes = completion.classes.clone();
        if let Some(class) = classes.get_mut(place) {
            *class = 0;
        }
        let values = completion.values.iter().zip(&self.on);
        let others = values.map(|(value, on)| match on & (1 << place) {
            0 => *value,
            _ => 0,
        });
        (classes, others.collect())
    }
}

/// Says whether it matters which parcel units are in: whether two parcels lead to
/// different nodes while what the order has in common stays as it is.
pub(super) fn missing_parcel<'a>(found: &[Times<'a>]) -> Option<Key<'a>> {
    let mut first: FxHashMap<Vec<(Key<'a>, u16)>, usize> = FxHashMap::default();
    let mut differ = false;
    for times in found.iter().filter(|times| times.parcel.is_some()) {
        for completion in &times.completions {
            let classes = times.variables.iter().zip(&completion.classes);
            let of_order = classes.filter(|(key, _)| matches!(key, Key::Event(_, ORDER_LEVEL)));
            let shared = of_order.map(|(key, class)| (*key, *class)).collect();
            let root = times
                .roots
                .get(completion.effect)
                .copied()
                .unwrap_or_default();
            differ |= *first.entry(shared).or_insert(root) != root;
        }
    }
    let unsure = differ || found.iter().any(|times| times.cut);
    (unsure && found.len() > 1).then_some(Key::Shipment)
}

/// Walks through completions.
struct Finding<'a, 'w> {
    world: World<'a, 'w>,
    route: &'a RoutePlan,
    variables: Vec<Key<'a>>,
    items: Vec<Dependent<'a>>,
    /// For each variable the items that are decided once it is assumed.
    decided: Vec<Vec<usize>>,
    /// Variables that a window compares with another one, a bit each.
    joint: u64,
    /// Variables that are read together with one that is assumed later, a bit each.
    pending: u64,
    /// For each variable the first instants of its classes.
    cuts: Vec<Vec<Instant>>,
    effects: Vec<Assumptions<'a>>,
    numbers: FxHashMap<Vec<u8>, usize>,
    completions: Vec<Completion>,
    /// The steps that are left.
    steps: usize,
    cut: bool,
}

impl<'a, 'w> Finding<'a, 'w> {
    fn new(world: &World<'a, 'w>, route: &'a RoutePlan, steps: usize) -> Self {
        let items = items(world, route);
        let every_parcel = route.tests.iter().any(reads::looks_at_every_parcel);
        let read = items
            .iter()
            .fold(0, |set, item| set | events_of(item, world, route));
        let variables = variables(world, route, read, every_parcel);
        let mut finding = Self {
            world: *world,
            route,
            items: Vec::new(),
            decided: vec![Vec::new(); variables.len().saturating_add(1)],
            joint: 0,
            pending: 0,
            cuts: Vec::new(),
            effects: Vec::new(),
            numbers: FxHashMap::default(),
            completions: Vec::new(),
            steps,
            cut: false,
            variables,
        };
        finding.depend(items);
        finding.cuts = (finding.variables.iter())
            .map(|key| finding.cuts_of(world, *key))
            .collect();
        finding
    }

    /// Notes which variables each item depends on, and when it is decided.
    fn depend(&mut self, items: Vec<Item<'a>>) {
        for item in items {
            let events = events_of(&item, &self.world, self.route);
            let on =
                self.variables.iter().enumerate().fold(
                    0,
                    |set, (place, key)| match reads_variable(&item, events, *key, &self.world) {
                        true => set | 1_u64 << place,
                        false => set,
                    },
                );
            let last = (u64::BITS.saturating_sub(on.leading_zeros())) as usize;
            let mut tied = on;
            if let Some(window) = window_of(&item) {
                let loose = reads::of_certain_opening(window);
                for (place, key) in self.variables.iter().enumerate() {
                    if matches!(key, Key::Event(event, _) if event.bit() & loose != 0) {
                        tied &= !(1_u64 << place);
                    }
                }
                let act = window.act.event().map_or(0, Event::bit);
                let is_act = |key: &Key<'_>| matches!(key, Key::Event(e, _) if e.bit() & act != 0);
                if tied.count_ones() > 1 && self.variables.iter().any(is_act) {
                    self.joint |= tied;
                }
            }
            if tied.count_ones() > 1 {
                let latest = u64::BITS
                    .saturating_sub(1)
                    .saturating_sub(tied.leading_zeros());
                self.pending |= tied & !(1_u64 << latest);
            }
            if let Some(decided) = self.decided.get_mut(last) {
                decided.push(self.items.len());
            }
            self.items.push(Dependent { item, on });
        }
    }

    /// Assumes one variable after the other.
    fn walk(
        &mut self,
        assumed: &mut Assumptions<'a>,
        classes: &mut Vec<u16>,
        values: &mut Vec<(usize, u8)>,
    ) {
        let Some(left) = self.steps.checked_sub(1) else {
            self.cut = true;
            return;
        };
        self.steps = left;
        let level = classes.len();
        if level == 0 {
            self.decide(0, assumed, values);
        }
        let Some(key) = self.variables.get(level).copied() else {
            self.complete(assumed, classes, values);
            return;
        };
        let known = values.len();
        let mut last: Option<Vec<(usize, u8)>> = None;
        let merges = self.pending & (1 << level) == 0;
        for (class, value) in self.candidates(assumed, (level, key)) {
            assumed.push((key, value));
            self.decide(level.saturating_add(1), assumed, values);
            let own = values.get(known..).unwrap_or_default();
            let is_event = matches!(key, Key::Event(..)) && class != NOT_YET;
            if !(merges && is_event && last.as_deref() == Some(own)) {
                last = Some(own.to_vec());
                classes.push(class);
                self.walk(assumed, classes, values);
                classes.pop();
            }
            values.truncate(known);
            assumed.pop();
        }
    }

    /// Evaluates the items that depend on no variable after the first ones.
    fn decide(
        &self,
        assumed_count: usize,
        assumed: &Assumptions<'a>,
        values: &mut Vec<(usize, u8)>,
    ) {
        let world = World {
            assumed,
            ..self.world
        };
        for place in self.decided.get(assumed_count).into_iter().flatten() {
            if let Some(dependent) = self.items.get(*place) {
                values.push((*place, value(&world, self.route, &dependent.item)));
            }
        }
    }

    fn complete(&mut self, assumed: &Assumptions<'a>, classes: &[u16], decided: &[(usize, u8)]) {
        let mut values = vec![0; self.items.len()];
        for (place, value) in decided {
            if let Some(slot) = values.get_mut(*place) {
                *slot = *value;
            }
        }
        let effect = match self.numbers.get(&values) {
            Some(effect) => *effect,
            None => {
                let effect = self.effects.len();
                self.effects.push(assumed.clone());
                self.numbers.insert(values.clone(), effect);
                effect
            }
        };
        self.completions.push(Completion {
            classes: classes.to_vec(),
            values,
            effect,
        });
    }

    /// Returns a value of a variable for each class that is possible under what is
    /// assumed already.
    fn candidates(
        &self,
        assumed: &Assumptions<'a>,
        (level, key): (usize, Key<'a>),
    ) -> Vec<(u16, Assumed<'a>)> {
        let world = World {
            assumed,
            ..self.world
        };
        let Key::Event(event, place) = key else {
            let all = match key {
                Key::Zone(_) => vec![
                    Assumed::Zone(Zone::earliest()),
                    Assumed::Zone(Zone::latest()),
                ],
                _ => values(world.plan, self.route, key),
            };
            return (0..).zip(all).collect();
        };
        let classes = self.cuts.get(level).map_or(&[][..], Vec::as_slice);
        let class = |at: Instant| {
            let place = classes.partition_point(|cut| *cut <= at);
            u16::try_from(place).unwrap_or(NOT_YET - 1)
        };
        match world.event_at(event, place).0 {
            EventTime::At(at) => return vec![(class(at), Assumed::Event(EventTime::At(at)))],
            EventTime::NotYet => return vec![(NOT_YET, Assumed::Event(EventTime::NotYet))],
            EventTime::On(_) | EventTime::Unknown => {}
        }
        let Some(range) = allowed(&world, event, place) else {
            return vec![(NOT_YET, Assumed::Event(EventTime::NotYet))];
        };
        let is_joint = self.joint & (1 << level) != 0;
        let own;
        let cuts = match is_joint {
            true => {
                own = self.cuts_of(&world, key);
                &own
            }
            false => classes,
        };
        let mut instants = instants_of(cuts, &range, is_joint);
        if event.is_planned() {
            instants = day_starts(&world, &instants, &range);
        }
        let at = |at: Instant| (class(at), Assumed::Event(EventTime::At(at)));
        let mut found: Vec<_> = instants.into_iter().map(at).collect();
        if range.not_yet {
            found.push((NOT_YET, Assumed::Event(EventTime::NotYet)));
        }
        found
    }

    fn cuts_of(&self, world: &World<'a, '_>, key: Key<'a>) -> Vec<Instant> {
        match key {
            Key::Event(event, place) => match allowed(world, event, place) {
                Some(range) => cuts(world, self.route, event, &range),
                None => Vec::new(),
            },
            Key::Fact(..) | Key::Shipment | Key::Zone(_) => Vec::new(),
        }
    }
}

/// Returns the earliest instant of each class that a range allows; where both ends of a
/// class count, the latest too.
fn instants_of(cuts: &[Instant], range: &Range, both: bool) -> Vec<Instant> {
    let inside = cuts.iter().copied();
    let inside = inside.filter(|at| (range.first..=range.last).contains(at));
    let mut instants = vec![range.first];
    for at in inside {
        if both {
            instants.push(at.previous().max(range.first));
        }
        instants.push(at);
    }
    if both {
        instants.push(range.last);
    }
    instants.sort_unstable();
    instants.dedup();
    instants
}

/// Returns the starts of days on which a planned event can take place.
fn day_starts(world: &World<'_, '_>, instants: &[Instant], range: &Range) -> Vec<Instant> {
    let zone = world.zone().unwrap_or_else(|_| Zone::earliest());
    let days = instants.iter().flat_map(|at| {
        let day = zone.day_of(*at);
        [day.start(zone), day.plus_days(1).start(zone)]
    });
    let mut days: Vec<_> = days.filter(|at| *at <= range.last).collect();
    days.sort_unstable();
    days.dedup();
    days
}

/// Returns what is unknown of places and times, what comes first first.
fn variables<'a>(
    world: &World<'a, '_>,
    route: &'a RoutePlan,
    read: Events,
    every_parcel: bool,
) -> Vec<Key<'a>> {
    let mut found = Vec::new();
    if read != 0
        && let Err(zone) = world.zone()
    {
        found.push(zone);
    }
    let at_home = |window: &&WindowSpec| window.zone == WindowZone::Customer;
    if route.windows(world.plan).any(|window| at_home(&window))
        && world.facts.order().customer.zone.is_none()
    {
        found.push(Key::Zone(AT_HOME));
    }
    if read & Event::FormSend.bit() != 0 && is_open(world, Event::FormSend, ORDER_LEVEL) {
        let channel = Key::Fact(Fact::ChannelIs, None);
        if world.facts.request().channel.is_none() {
            found.push(channel);
        }
    }
    let mut events: Vec<(Event, usize)> = Vec::new();
    let parcels = world.facts.order().shipments.len();
    for event in Event::ALL.iter().copied() {
        if event == Event::DeliverLast {
            continue;
        }
        let all = (event == Event::Deliver && read & Event::DeliverLast.bit() != 0)
            || (event == Event::Ship && every_parcel);
        let places = match parcel_reader(event) {
            _ if read & event.bit() == 0 && !all => continue,
            Some(_) if all => (0..parcels).collect(),
            Some(_) => Vec::from_iter(world.shipment_place()),
            None => vec![own_place(world, event)],
        };
        events.extend(places.into_iter().map(|place| (event, place)));
    }
    events.retain(|(event, place)| is_open(world, *event, *place));
    events.sort_by_key(|(event, place)| (event.before().count_ones(), *event, *place));
    found.extend(
        events
            .into_iter()
            .map(|(event, place)| Key::Event(event, place)),
    );
    // A bit each.
    found.truncate(u64::BITS as usize);
    found
}

/// Returns the place of an event that belongs to no parcel: its line, or the order.
fn own_place(world: &World<'_, '_>, event: Event) -> usize {
    match world.event(event).1 {
        Key::Event(_, place) => place,
        Key::Fact(..) | Key::Shipment | Key::Zone(_) => ORDER_LEVEL,
    }
}

/// Whether it is open when an event happened, so that it can be asked for.
fn is_open(world: &World<'_, '_>, event: Event, place: usize) -> bool {
    match world.event_at(event, place).0 {
        EventTime::At(_) | EventTime::NotYet => false,
        EventTime::On(_) => !event.is_planned(),
        EventTime::Unknown => !event.is_to_come() || world.happened_by(event, place).is_some(),
    }
}
