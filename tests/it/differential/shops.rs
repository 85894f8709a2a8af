//! Random orders and requests for the policies of real shops: every word that one of them
//! tests, every action, every event.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use redress::domain::facts::{
    Action, Ask, Cause, ChangeKind, Channel, ClaimKind, CustomerKind, DefectFinding,
    DeliveryProblemKind, Order, Receiver, Remedy, Request, Requester, ReturnMethod, SalesChannel,
    ShopEventKind, TagReason, TextAuthor,
};
use redress::domain::money::Amount;
use redress::domain::time::{Day, EventTime, Instant, Zone};
use redress::domain::vocabulary::Fact;
use redress::load;
use redress::policy::check::check_grammar;
use redress::policy::checked::CheckedPolicy;
use redress::policy::compile::compile;
use redress::policy::plan::Plan;
use redress::policy::terms::{Effect, Part, SettledBy, Test};

use super::orders;
use crate::generate::{Seed, instant, text_of};

/// A shop: its policy, and the words that it tells apart.
pub struct Shop {
    pub policy: CheckedPolicy,
    pub plan: Plan,
    words: BTreeMap<Fact, Vec<&'static str>>,
    /// Lists of tags that a line can carry.
    tags: Vec<&'static [String]>,
    order_tags: Vec<&'static [String]>,
    /// What a set can hold.
    contents: Vec<&'static [String]>,
    options: Vec<&'static str>,
    actions: Vec<Action>,
}

/// Reads the policies of the tree.
pub fn all() -> Vec<Shop> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
    let sources = load::policies(&folder).unwrap();
    let policies = sources.iter().filter(|s| !s.path.ends_with(".texts.toml"));
    policies
        .map(|source| {
            let policy = check_grammar(source).unwrap_or_else(|e| panic!("{e:?}"));
            Shop::of(policy)
        })
        .collect()
}

/// When an order is placed, when something is asked for, and when that is decided.
pub struct Instants {
    pub placed: Instant,
    pub now: Instant,
    pub decided: Instant,
}

/// Days after which a week of orders is placed: clocks change, Thanksgiving, the Sundays
/// before Christmas, Orthodox Easter, and a plain week.
const WEEKS: [&str; 5] = [
    "2026-03-26T15:00:00+01:00",
    "2026-11-23T15:00:00+01:00",
    "2026-12-10T15:00:00+01:00",
    "2027-04-26T15:00:00+02:00",
    "2026-06-10T22:00:00+02:00",
];

impl Instants {
    /// Some orders are asked about on their day, some weeks later, and some of that is
    /// decided weeks after.
    pub fn new(seed: &mut Seed) -> Self {
        let hours = |seed: &mut Seed, most: usize| i64::try_from(seed.below(most)).unwrap();
        let placed = instant(seed.pick::<&str>(&WEEKS)).plus_hours(hours(seed, 168));
        let most = *seed.pick(&[10, 40, 140, 140, 140, 400, 1100]);
        let now = placed.plus_hours(hours(seed, most));
        let decided = match seed.one_in(3) {
            true => now.plus_hours(hours(seed, 600)),
            false => now,
        };
        Self {
            placed,
            now,
            decided,
        }
    }
}

/// An event some hours after another, if it has come by now; often it has not.
fn later(seed: &mut Seed, from: Instant, most: usize, now: Instant) -> EventTime {
    let at = from.plus_hours(i64::try_from(seed.below(most)).unwrap());
    match at <= now && !seed.one_in(3) {
        true => EventTime::At(at),
        false => EventTime::NotYet,
    }
}

/// Every test of a policy.
fn tests(policy: &CheckedPolicy) -> Vec<&Test> {
    let mut all = Vec::new();
    for clause in &policy.clauses {
        let guard = &clause.guard;
        all.extend(&guard.all);
        all.extend(guard.unless.iter().flatten());
        all.extend(guard.any.iter().flatten());
        if let Effect::Adds(addition) = &clause.effect {
            all.extend(addition.parts.iter().filter_map(|part| match part {
                Part::Condition(spec) => match &spec.settled_by {
                    SettledBy::Finding(test) => Some(test),
                    SettledBy::Event(_) => None,
                },
                _ => None,
            }));
        }
    }
    all
}

/// No tag, each tag alone, and all of them.
fn lists(words: &BTreeSet<String>) -> Vec<&'static [String]> {
    let mut lists: Vec<Vec<String>> = vec![Vec::new()];
    lists.extend(words.iter().map(|word| vec![word.clone()]));
    lists.push(words.iter().cloned().collect());
    let keep = |list: Vec<String>| -> &'static [String] { Box::leak(list.into_boxed_slice()) };
    lists.into_iter().map(keep).collect()
}

impl Shop {
    fn of(policy: CheckedPolicy) -> Self {
        let mut words: BTreeMap<Fact, BTreeSet<String>> = BTreeMap::new();
        let mut tags = BTreeSet::new();
        let mut order_tags = BTreeSet::new();
        let mut contents = BTreeSet::new();
        for test in tests(&policy) {
            if let Some((named, some)) = test.words() {
                let of_fact = words.entry(named.fact).or_default();
                of_fact.extend(some.iter().cloned());
            }
            let Some(named) = test.fact() else {
                continue;
            };
            let word = named.word.clone();
            match named.fact {
                Fact::Tag => tags.extend(word),
                Fact::OrderTag => order_tags.extend(word),
                // Values of one attribute are tested by its name.
                Fact::Contains => contents.extend(word),
                Fact::Attribute | Fact::OrderAttribute => {
                    words.entry(named.fact).or_default().extend(word);
                }
                _ => {}
            }
        }
        let plan = compile(&policy).unwrap();
        let mut actions: Vec<Action> = policy.routes.iter().map(|(from, _)| *from).collect();
        actions.push(
            *Action::ALL
                .iter()
                .find(|a| !actions.contains(a))
                .unwrap_or(&actions[0]),
        );
        let kept = |words: &BTreeSet<String>| -> Vec<&'static str> {
            words.iter().map(|w| text_of(w)).chain(["other"]).collect()
        };
        Self {
            words: words
                .iter()
                .map(|(fact, words)| (*fact, kept(words)))
                .collect(),
            tags: lists(&tags),
            order_tags: lists(&order_tags),
            contents: lists(&contents),
            options: policy
                .option_codes
                .iter()
                .map(|code| text_of(code))
                .collect(),
            actions,
            plan,
            policy,
        }
    }

    /// A word that the policy tests, or another one.
    fn word(&self, seed: &mut Seed, fact: Fact) -> &'static str {
        match self.words.get(&fact) {
            Some(words) => words[seed.below(words.len())],
            None => "other",
        }
    }

    /// Where an action leads; `None`: the terms do not cover it.
    pub fn route(&self, action: Action) -> Option<Action> {
        let mut routes = self.policy.routes.iter();
        routes.find(|(from, _)| *from == action).map(|(_, to)| *to)
    }

    /// Makes an order of which every given fact is known.
    pub fn order(&self, seed: &mut Seed, instants: &Instants) -> Order<'static> {
        let (placed, now) = (instants.placed, instants.now);
        let mut order = orders::order(seed, placed, now);
        if seed.one_in(5) {
            // It is late, or did not even leave.
            let left = seed.one_in(2);
            for parcel in order.shipments.iter_mut() {
                parcel.deliver = EventTime::NotYet;
                parcel.ship = if left { parcel.ship } else { EventTime::NotYet };
            }
        }
        let at = |seed: &mut Seed, most: usize| {
            let hours = i64::try_from(seed.below(most)).unwrap();
            match placed.plus_hours(hours) {
                time if time <= now => EventTime::At(time),
                _ => EventTime::NotYet,
            }
        };
        let yes = |seed: &mut Seed, n: usize| Some(seed.one_in(n));
        // Most orders are plain.
        let plain = !seed.one_in(3);
        for option in &mut order.options {
            option.code = match self.options.is_empty() {
                true => "none",
                false => *seed.pick(&self.options),
            };
            option.lines = Vec::new();
        }
        if order.options.len() == 2 && order.options[0].code == order.options[1].code {
            order.options[1].lines = vec![order.lines[0].id];
        }
        order.accept = at(seed, 20);
        order.customer.kind = match plain {
            true => Some(CustomerKind::Consumer),
            false => Some(*seed.pick(CustomerKind::ALL)),
        };
        order.customer.registered = Some(plain || seed.one_in(2));
        let born = if plain {
            1990
        } else {
            *seed.pick(&[1990, 2012])
        };
        order.customer.birth = Day::new(born, 5, 5);
        order.customer.zone = Zone::from_name(seed.pick::<&str>(&["Europe/Rome", "Asia/Tokyo"]));
        order.customer.credentials_report = Some(match seed.one_in(4) {
            true => at(seed, 100),
            false => EventTime::NotYet,
        });
        order.sales_channel = match plain {
            true => Some(SalesChannel::Online),
            false => Some(*seed.pick(SalesChannel::ALL)),
        };
        order.delivery_region = Some(self.word(seed, Fact::DeliveryRegion));
        order.data_complete = Some(plain || !seed.one_in(6));
        order.gift = yes(seed, 3);
        order.return_agreed = Some(!plain && seed.one_in(3));
        order.fraud_suspected = match plain {
            true => Some(false),
            false => *seed.pick(&[Some(false), None, Some(true)]),
        };
        order.tags.words = if plain {
            &[]
        } else {
            *seed.pick(&self.order_tags)
        };
        order.attributes = self.attributes(seed, Fact::OrderAttribute);
        let days = i64::try_from(seed.below(9)).unwrap();
        order.delivery.promise = Some(Zone::utc().day_of(placed).plus_days(days));
        for line in order.lines.iter_mut() {
            line.category = Some(self.word(seed, Fact::Category));
            line.personalized = Some(!plain && seed.one_in(2));
            line.tags.words = if plain { &[] } else { *seed.pick(&self.tags) };
            line.tag_reason = Some(*seed.pick(TagReason::ALL));
            line.attributes = self.attributes(seed, Fact::Attribute);
            line.sealed = *seed.pick(&[Some(true), Some(false), None]);
            line.taped = *seed.pick(&[Some(true), Some(false), None]);
            line.contents = if plain {
                &[]
            } else {
                *seed.pick(&self.contents)
            };
            line.set = Some(!line.contents.is_empty());
            line.available = Some(!seed.one_in(3));
            line.design_confirm = at(seed, 60);
            line.confirm = match seed.one_in(3) {
                true => EventTime::NotYet,
                false => at(seed, 24),
            };
            line.production_start = at(seed, 60);
        }
        if order.shipments.len() > 1 && seed.one_in(4) {
            // The last parcel comes weeks after the first.
            let last = &mut order.shipments[1];
            if let EventTime::At(delivered) = last.deliver {
                last.deliver = later(seed, delivered, 800, now);
            }
        }
        for parcel in order.shipments.iter_mut() {
            parcel.named = true;
            parcel.receiver = match plain {
                true => Some(Receiver::Customer),
                false => Some(*seed.pick(Receiver::ALL)),
            };
            parcel.zone = Zone::from_name(seed.pick::<&str>(&["Europe/Rome", "America/New_York"]));
            parcel.collect = EventTime::NotYet;
            parcel.first_attempt = EventTime::NotYet;
            parcel.attempt_answer = EventTime::NotYet;
            parcel.warehouse_return = EventTime::NotYet;
            match (parcel.ship, parcel.deliver) {
                (_, EventTime::At(delivered)) => {
                    parcel.first_attempt = EventTime::At(delivered);
                    if seed.one_in(2) && delivered.plus_hours(20) <= now {
                        parcel.collect = EventTime::At(delivered.plus_hours(20));
                    }
                }
                (EventTime::At(shipped), _) if seed.one_in(2) => {
                    let mut after = |event: EventTime, most| match event {
                        EventTime::At(at) => later(seed, at, most, now),
                        _ => EventTime::NotYet,
                    };
                    parcel.first_attempt = after(EventTime::At(shipped), 48);
                    parcel.attempt_answer = after(parcel.first_attempt, 800);
                    parcel.warehouse_return = after(parcel.first_attempt, 800);
                }
                _ => {}
            }
        }
        order
    }

    /// Says a value of each attribute that the policy tests.
    fn attributes(&self, seed: &mut Seed, fact: Fact) -> Vec<(&'static str, &'static str)> {
        let words = self.words.get(&fact).map_or(&[][..], Vec::as_slice);
        let names = words.iter().copied();
        names.map(|name| (name, *seed.pick(words))).collect()
    }

    /// Makes a request; `None`: nothing is left to ask for.
    pub fn request(
        &self,
        seed: &mut Seed,
        order: &Order<'static>,
        instants: &Instants,
    ) -> Option<Request<'static>> {
        let (now, decided) = (instants.now, instants.decided);
        let action = *seed.pick(&self.actions);
        // What happens to the goods lies between the request and the decision.
        let mut request = orders::request(seed, order, Action::Return, decided)?;
        request.request_time = now;
        request.ask = self.ask(seed, action, instants);
        request.statement_send = EventTime::At(now);
        // A form is in the post for some days.
        let days = i64::try_from(seed.below(4)).unwrap();
        let sent = now.plus_hours(-24 * days).max(instants.placed);
        request.form_send = *seed.pick(&[EventTime::At(sent), EventTime::NotYet]);
        request.channel = Some(*seed.pick(Channel::ALL));
        request.requester = Some(match seed.one_in(3) {
            true => *seed.pick(Requester::ALL),
            false => Requester::Buyer,
        });
        let plain = !seed.one_in(4);
        let mut there = || Some(plain || !seed.one_in(3));
        request.order_number_quoted = there();
        request.statement_clear = there();
        request.evidence.photos = there();
        request.evidence.description = there();
        request.evidence.personal_data = there();
        request.evidence.return_form = there();
        let journey = &mut request.journey;
        journey.method = Some(*seed.pick(ReturnMethod::ALL));
        journey.address_correct = Some(plain || !seed.one_in(4));
        if plain {
            journey.freight_collect = Some(false);
            journey.parcel_count = Some(1);
            journey.lost = Some(false);
        } else {
            journey.freight_collect = orders::finding(seed);
            journey.parcel_count = *seed.pick(&[Some(1), Some(2), None]);
            journey.lost = orders::finding(seed);
        }
        request.response.return_accepted = *seed.pick(&[Some(true), Some(true), None, Some(false)]);
        request.wants = seed.one_in(2).then(|| *seed.pick(Remedy::ALL));
        for group in request.lines.iter_mut().flat_map(|line| &mut line.groups) {
            let condition = &mut group.condition;
            let good = |seed: &mut Seed| *seed.pick(&[Some(true), Some(true), None, Some(false)]);
            condition.altered = orders::finding(seed);
            condition.contents_complete = good(seed);
            condition.packaging_complete = good(seed);
            condition.labels_present = good(seed);
            condition.accessories_present = good(seed);
            condition.seal_intact = good(seed);
            condition.tape_present = good(seed);
            condition.customer_fault = orders::finding(seed);
            // Most goods are as they were.
            if !seed.one_in(3) {
                condition.worn = Some(false);
                condition.stained = Some(false);
                condition.damaged = Some(false);
                condition.altered = Some(false);
                condition.contents_complete = Some(true);
                condition.packaging_complete = Some(true);
                condition.seal_intact = Some(true);
                condition.tape_present = Some(true);
                condition.customer_fault = Some(false);
            }
            let finding = &mut group.finding;
            finding.defect = *seed.pick(&[
                None,
                Some(DefectFinding::Confirmed),
                Some(DefectFinding::Confirmed),
                Some(DefectFinding::NotSignificant),
                Some(DefectFinding::CausedByCustomer),
                Some(DefectFinding::None),
            ]);
            finding.defect_at_delivery = orders::finding(seed);
            finding.used_beyond_testing = orders::finding(seed);
            finding.instructions_followed = orders::finding(seed);
            if seed.one_in(2) {
                finding.deterioration = Some(Amount::ZERO);
                finding.value_loss = Some(Amount::ZERO);
                finding.used_beyond_testing = Some(false);
            }
        }
        Some(request)
    }

    fn ask(&self, seed: &mut Seed, action: Action, instants: &Instants) -> Ask<'static> {
        let now = instants.now;
        let yes = |seed: &mut Seed| Some(seed.one_in(2));
        let price = |seed: &mut Seed| {
            let cents = i64::try_from(seed.below(6000)).unwrap();
            Some(Amount::from_minor(cents))
        };
        match action {
            Action::Return => Ask::Return {
                reason: Some(self.word(seed, Fact::ReturnReason)),
            },
            Action::Withdrawal => Ask::Withdrawal,
            Action::Exchange => Ask::Exchange {
                reason: Some(self.word(seed, Fact::ExchangeReason)),
                wanted_unit_price: price(seed),
                wanted_available: yes(seed),
            },
            Action::Cancellation => Ask::Cancellation {
                reason: Some(self.word(seed, Fact::CancellationReason)),
            },
            Action::Change => Ask::Change {
                kind: Some(*seed.pick(ChangeKind::ALL)),
            },
            Action::Claim => Ask::Claim {
                kind: Some(*seed.pick(ClaimKind::ALL)),
                defect_type: Some(self.word(seed, Fact::DefectType)),
                text_language: Some(self.word(seed, Fact::TextLanguage)),
                translation_free: yes(seed),
                text_author: Some(*seed.pick(TextAuthor::ALL)),
                courier_informed: yes(seed),
            },
            Action::DeliveryProblem => Ask::DeliveryProblem {
                kind: Some(*seed.pick(DeliveryProblemKind::ALL)),
                cause: Some(*seed.pick(Cause::ALL)),
                visibly_damaged: yes(seed),
                address_corrected: yes(seed),
            },
            Action::CreditUse => Ask::CreditUse {
                credit: price(seed),
                next_order: EventTime::At(now),
                goods_receive: EventTime::At(
                    now.plus_hours(-24 * i64::try_from(seed.below(500)).unwrap()),
                ),
                payout: yes(seed),
            },
            Action::ShopEvent => {
                let asked = now.plus_hours(-i64::try_from(seed.below(300)).unwrap());
                let asked = asked.max(instants.placed);
                Ask::ShopEvent {
                    kind: *seed.pick(ShopEventKind::ALL),
                    address_query: EventTime::At(asked),
                    address_answer: later(seed, asked, 300, now),
                    cancel: later(seed, asked, 300, now),
                }
            }
        }
    }
}
