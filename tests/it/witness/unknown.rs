//! Facts of an order and a request that can be unknown, each by its path with values that
//! it can have.

use redress::domain::facts::{
    Action, Ask, Cause, ChangeKind, Channel, ClaimKind, CustomerKind, DeliveryProblemKind,
    PaymentMethod, Receiver, Requester, ReturnMethod, SalesChannel, TagReason, TextAuthor,
};
use redress::domain::money::Amount;
use redress::domain::time::{Day, EventTime, Instant, Zone};

use crate::random::{Situation, Words};

/// Returns where a fact of what is asked for stands.
macro_rules! asked {
    ($situation:ident, $action:ident { $field:ident }) => {
        match &mut $situation.request.ask {
            Ask::$action { $field, .. } => $field,
            other => unreachable!("{other:?}"),
        }
    };
}

/// Gives a fact one of its values, by index.
type Set = Box<dyn Fn(&mut Situation, usize)>;

/// A fact that can be unknown.
pub struct Unknown {
    pub path: String,
    /// Whether it is asked for wherever it matters. Of the others some are only asked for
    /// once an event has happened: they are completed where they are asked for.
    pub given: bool,
    /// Whether the sum of what was paid counts it.
    pub is_amount: bool,
    pub values: usize,
    hide: Box<dyn Fn(&mut Situation)>,
    set: Set,
    is_unknown: Box<dyn Fn(&Situation) -> bool>,
}

impl Unknown {
    /// Makes it unknown.
    pub fn hide(&self, situation: &mut Situation) {
        (self.hide)(situation);
    }

    /// Gives it one of its values, by index.
    pub fn set(&self, situation: &mut Situation, value: usize) {
        (self.set)(situation, value);
    }

    pub fn is_unknown(&self, situation: &Situation) -> bool {
        (self.is_unknown)(situation)
    }
}

/// Lists the facts of a situation.
pub struct Listing<'l> {
    words: &'l Words,
    times: Vec<EventTime>,
    found: Vec<Unknown>,
}

/// Returns the facts of a situation that can be unknown; `periods` are those of its terms,
/// in days.
pub fn unknowns(situation: &Situation, words: &Words, periods: &[i64], zone: Zone) -> Vec<Unknown> {
    let mut listing = Listing {
        words,
        times: times(situation, periods, zone),
        found: Vec::new(),
    };
    listing.order(situation);
    for index in 0..situation.order.lines.len() {
        listing.line(index);
    }
    for index in 0..situation.order.shipments.len() {
        listing.parcel(index);
    }
    listing.request(situation);
    listing.ask(situation);
    listing.found
}

/// Returns times at which an event can have happened: just inside and outside of periods up
/// to the request, and when other events happened.
fn times(situation: &Situation, periods: &[i64], zone: Zone) -> Vec<EventTime> {
    let mut instants: Vec<Instant> = Vec::new();
    for act in acts(situation) {
        instants.extend([act.previous(), act, act.next()]);
        for days in periods {
            let elapsed = act.plus_hours(-24 * days);
            let start = zone.day_of(elapsed).start(zone);
            instants.extend([elapsed.previous(), elapsed, start.previous(), start]);
        }
    }
    instants.sort_unstable();
    instants.dedup();
    instants.retain(|at| *at <= situation.decide_time);
    let times = instants.into_iter().map(EventTime::At);
    times.chain([EventTime::NotYet]).collect()
}

/// Returns the instants at which something is known to have happened.
fn acts(situation: &Situation) -> Vec<Instant> {
    let Situation {
        order,
        request,
        decide_time,
    } = situation;
    let mut stated = vec![order.place, request.statement_send, request.form_send];
    for parcel in &order.shipments {
        stated.extend([parcel.ship, parcel.deliver, parcel.attempt_answer]);
    }
    let journey = &request.journey;
    stated.extend([journey.hand_over, journey.receive]);
    let known = stated.into_iter().filter_map(|time| match time {
        EventTime::At(at) => Some(at),
        _ => None,
    });
    let mut acts: Vec<Instant> = known.chain([*decide_time, request.request_time]).collect();
    acts.sort_unstable();
    acts.dedup();
    acts
}

fn all<T: Copy>(list: &[T]) -> Vec<Option<T>> {
    list.iter().copied().map(Some).collect()
}

fn amounts(minor: &[i64]) -> Vec<Option<Amount>> {
    let amounts = minor.iter().copied().map(Amount::from_minor);
    amounts.map(Some).collect()
}

const YES_NO: [Option<bool>; 2] = [Some(true), Some(false)];
const COSTS: &[i64] = &[0, 100, 490, 790, 3000];
const ZONES: [&str; 5] = [
    "Europe/Rome",
    "Europe/London",
    "America/New_York",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
];

impl Listing<'_> {
    fn fact<T: Clone + PartialEq + 'static>(
        &mut self,
        path: impl Into<String>,
        (unknown, values): (T, Vec<T>),
        of: impl Fn(&mut Situation) -> &mut T + Copy + 'static,
    ) -> &mut Unknown {
        let hidden = unknown.clone();
        self.found.push(Unknown {
            path: path.into(),
            given: true,
            is_amount: false,
            values: values.len(),
            hide: Box::new(move |situation| *of(situation) = hidden.clone()),
            set: Box::new(move |situation, value| *of(situation) = values[value].clone()),
            is_unknown: Box::new(move |situation| *of(&mut situation.clone()) == unknown),
        });
        self.found.last_mut().unwrap()
    }

    fn option<T: Clone + PartialEq + 'static>(
        &mut self,
        path: impl Into<String>,
        values: Vec<Option<T>>,
        of: impl Fn(&mut Situation) -> &mut Option<T> + Copy + 'static,
    ) -> &mut Unknown {
        self.fact(path, (None, values), of)
    }

    fn amount(
        &mut self,
        path: impl Into<String>,
        minor: &[i64],
        of: impl Fn(&mut Situation) -> &mut Option<Amount> + Copy + 'static,
    ) {
        self.option(path, amounts(minor), of).is_amount = true;
    }

    fn time(
        &mut self,
        path: impl Into<String>,
        of: impl Fn(&mut Situation) -> &mut EventTime + Copy + 'static,
    ) -> &mut Unknown {
        let times = self.times.clone();
        self.fact(path, (EventTime::Unknown, times), of)
    }

    fn words(
        &mut self,
        path: impl Into<String>,
        words: &[&'static str],
        of: impl Fn(&mut Situation) -> &mut Option<&'static str> + Copy + 'static,
    ) {
        self.option(path, all(words), of);
    }

    fn order(&mut self, situation: &Situation) {
        self.time("order.place_time", |s| &mut s.order.place);
        self.time("order.accept_time", |s| &mut s.order.accept);
        self.option("order.customer.kind", all(CustomerKind::ALL), |s| {
            &mut s.order.customer.kind
        });
        self.option("order.customer.registered", YES_NO.to_vec(), |s| {
            &mut s.order.customer.registered
        });
        let years = [1950, 1990].into_iter().chain(2000..2016);
        let births = years.map(|year| Day::new(year, 5, 5)).collect();
        self.option("order.customer.birth_date", births, |s| {
            &mut s.order.customer.birth
        })
        .given = false;
        let zones = || ZONES.map(Zone::from_name).to_vec();
        self.option("order.customer.time_zone", zones(), |s| {
            &mut s.order.customer.zone
        });
        let reports = self.times.iter().copied().map(Some).collect();
        self.option("order.customer.credentials_report_time", reports, |s| {
            &mut s.order.customer.credentials_report
        });
        self.option("order.sales_channel", all(SalesChannel::ALL), |s| {
            &mut s.order.sales_channel
        });
        self.words(
            "order.delivery_region_code",
            &self.words.regions.clone(),
            |s| &mut s.order.delivery_region,
        );
        self.option("order.charged", YES_NO.to_vec(), |s| &mut s.order.charged);
        self.option("order.data_complete", YES_NO.to_vec(), |s| {
            &mut s.order.data_complete
        });
        self.option("order.gift", YES_NO.to_vec(), |s| &mut s.order.gift);
        self.option("order.return_agreed", YES_NO.to_vec(), |s| {
            &mut s.order.return_agreed
        });
        self.amount("order.delivery.paid", COSTS, |s| &mut s.order.delivery.paid);
        self.amount("order.delivery.standard_cost", COSTS, |s| {
            &mut s.order.delivery.standard_cost
        });
        let start = situation.request.request_time;
        let zone = Zone::from_name(ZONES[0]).unwrap();
        let days = (-40..=40).map(|days| Some(zone.day_of(start).plus_days(days)));
        self.option("order.delivery.promise_date", days.collect(), |s| {
            &mut s.order.delivery.promise
        });
        self.amount("order.discount", &[0, 100, 300, 900], |s| {
            &mut s.order.discount
        });
        for (index, option) in situation.order.options.iter().enumerate() {
            let path = |field: &str| format!("order.options[{index}].{field}");
            self.amount(path("paid"), &[0, 100, 300], move |s| {
                &mut s.order.options[index].paid
            });
            let used = (0..=option.quantity).map(Some).collect();
            self.option(path("used_count"), used, move |s| {
                &mut s.order.options[index].used
            });
        }
        for index in 0..situation.order.payments.len() {
            let path = format!("order.payments[{index}].method");
            self.option(path, all(PaymentMethod::ALL), move |s| {
                &mut s.order.payments[index].method
            });
        }
        self.tags("order.tags", self.words.order_tags.clone(), |s| {
            &mut s.order.tags
        });
        self.attributes(
            "order.attributes",
            self.words.order_attributes.clone(),
            |s| &mut s.order.attributes,
        );
    }

    /// Lists tags, each a fact; all that are not carried are known once one is.
    fn tags(
        &mut self,
        path: &str,
        tags: Vec<&'static str>,
        of: impl Fn(&mut Situation) -> &mut redress::domain::facts::Tags<'static> + Copy + 'static,
    ) {
        for tag in tags {
            self.found.push(Unknown {
                path: format!("{path}[{tag}]"),
                given: true,
                is_amount: false,
                values: 2,
                hide: Box::new(move |s| *of(s) = redress::domain::facts::Tags::default()),
                set: Box::new(move |s, value| {
                    let tags = of(s);
                    let others = tags.words.iter().filter(|word| *word != tag);
                    let mut words: Vec<String> = others.cloned().collect();
                    if value == 0 {
                        words.push(tag.to_owned());
                    }
                    words.sort_unstable();
                    tags.words = Box::leak(words.into_boxed_slice());
                    tags.complete = Some(true);
                }),
                is_unknown: Box::new(move |s| of(&mut s.clone()).complete.is_none()),
            });
        }
    }

    /// Lists attributes, each a fact; one that is not told is unknown.
    fn attributes(
        &mut self,
        path: &str,
        (names, values): (Vec<&'static str>, Vec<&'static str>),
        of: impl Fn(&mut Situation) -> &mut Vec<(&'static str, &'static str)> + Copy + 'static,
    ) {
        for name in names {
            let values = values.clone();
            let without = move |s: &mut Situation| of(s).retain(|(other, _)| *other != name);
            self.found.push(Unknown {
                path: format!("{path}[{name}]"),
                given: true,
                is_amount: false,
                values: values.len(),
                hide: Box::new(without),
                set: Box::new(move |s, value| {
                    without(s);
                    of(s).push((name, values[value]));
                }),
                is_unknown: Box::new(move |s| {
                    !of(&mut s.clone()).iter().any(|(other, _)| *other == name)
                }),
            });
        }
    }

    fn line(&mut self, index: usize) {
        let path = |field: &str| format!("order.lines[{index}].{field}");
        self.amount(path("unit_price"), &[700, 2500, 5900, 9000], move |s| {
            &mut s.order.lines[index].unit_price
        });
        self.amount(path("discount"), &[0, 100, 299], move |s| {
            &mut s.order.lines[index].discount
        });
        let categories = self.words.categories.clone();
        self.words(path("category"), &categories, move |s| {
            &mut s.order.lines[index].category
        });
        self.option(path("personalized"), YES_NO.to_vec(), move |s| {
            &mut s.order.lines[index].personalized
        });
        self.tags(&path("tags"), self.words.tags.clone(), move |s| {
            &mut s.order.lines[index].tags
        });
        self.option(path("tag_reason"), all(TagReason::ALL), move |s| {
            &mut s.order.lines[index].tag_reason
        });
        let attributes = self.words.attributes.clone();
        self.attributes(&path("attributes"), attributes, move |s| {
            &mut s.order.lines[index].attributes
        });
        self.option(path("available"), YES_NO.to_vec(), move |s| {
            &mut s.order.lines[index].available
        });
        self.time(path("confirm_time"), move |s| {
            &mut s.order.lines[index].confirm
        });
        self.time(path("design_confirm_time"), move |s| {
            &mut s.order.lines[index].design_confirm
        });
        self.time(path("production_start_time"), move |s| {
            &mut s.order.lines[index].production_start
        });
    }

    fn parcel(&mut self, index: usize) {
        let path = |field: &str| format!("order.shipments[{index}].{field}");
        self.time(path("ship_time"), move |s| {
            &mut s.order.shipments[index].ship
        });
        self.time(path("deliver_time"), move |s| {
            &mut s.order.shipments[index].deliver
        });
        self.option(path("receiver"), all(Receiver::ALL), move |s| {
            &mut s.order.shipments[index].receiver
        });
        self.time(path("collect_time"), move |s| {
            &mut s.order.shipments[index].collect
        });
        self.time(path("first_attempt_time"), move |s| {
            &mut s.order.shipments[index].first_attempt
        });
        self.time(path("attempt_answer_time"), move |s| {
            &mut s.order.shipments[index].attempt_answer
        });
        self.time(path("warehouse_return_time"), move |s| {
            &mut s.order.shipments[index].warehouse_return
        })
        .given = false;
        let zones = ZONES.map(Zone::from_name).to_vec();
        self.option(path("time_zone"), zones, move |s| {
            &mut s.order.shipments[index].zone
        });
    }

    fn request(&mut self, situation: &Situation) {
        self.time("request.statement_send_time", |s| {
            &mut s.request.statement_send
        });
        self.time("request.form_send_time", |s| &mut s.request.form_send);
        self.option("request.channel", all(Channel::ALL), |s| {
            &mut s.request.channel
        });
        self.option("request.requester", all(Requester::ALL), |s| {
            &mut s.request.requester
        });
        self.option("request.journey.method", all(ReturnMethod::ALL), |s| {
            &mut s.request.journey.method
        });
        self.option("request.journey.address_correct", YES_NO.to_vec(), |s| {
            &mut s.request.journey.address_correct
        });
        let costs = || amounts(COSTS);
        self.option("request.journey.paid", costs(), |s| {
            &mut s.request.journey.paid
        })
        .given = false;
        self.option("request.journey.collection_cost", costs(), |s| {
            &mut s.request.journey.collection_cost
        })
        .given = false;
        self.option("request.journey.undelivered_cost", costs(), |s| {
            &mut s.request.journey.undelivered_cost
        })
        .given = false;
        self.time("request.journey.hand_over_time", |s| {
            &mut s.request.journey.hand_over
        })
        .given = false;
        self.time("request.journey.proof_time", |s| {
            &mut s.request.journey.proof
        })
        .given = false;
        self.time("request.journey.receive_time", |s| {
            &mut s.request.journey.receive
        })
        .given = false;
        let parcels: Vec<_> = situation
            .order
            .shipments
            .iter()
            .map(|p| Some(p.id))
            .collect();
        for (line, asked) in situation.request.lines.iter().enumerate() {
            for group in 0..asked.groups.len() {
                let path = format!("request.lines[{line}].groups[{group}].shipment_id");
                self.option(path, parcels.clone(), move |s| {
                    &mut s.request.lines[line].groups[group].shipment
                });
            }
        }
    }

    fn ask(&mut self, situation: &Situation) {
        let words = self.words;
        match situation.request.ask.action() {
            Action::Return => self.words("request.return.reason", &words.return_reasons, |s| {
                asked!(s, Return { reason })
            }),
            Action::Exchange => {
                self.words("request.exchange.reason", &words.exchange_reasons, |s| {
                    asked!(s, Exchange { reason })
                });
                let prices = amounts(&[0, 700, 2500, 5900, 9000]);
                self.option("request.exchange.wanted_unit_price", prices, |s| {
                    asked!(s, Exchange { wanted_unit_price })
                });
                self.option("request.exchange.wanted_available", YES_NO.to_vec(), |s| {
                    asked!(s, Exchange { wanted_available })
                });
            }
            Action::Cancellation => {
                let reasons = &words.cancellation_reasons;
                self.words("request.cancellation.reason", reasons, |s| {
                    asked!(s, Cancellation { reason })
                });
            }
            Action::Change => {
                self.option("request.change.kind", all(ChangeKind::ALL), |s| {
                    asked!(s, Change { kind })
                });
            }
            Action::Claim => {
                self.option("request.claim.kind", all(ClaimKind::ALL), |s| {
                    asked!(s, Claim { kind })
                });
                self.words("request.claim.defect_type", &words.defect_types, |s| {
                    asked!(s, Claim { defect_type })
                });
                self.words("request.claim.text_language_code", &words.languages, |s| {
                    asked!(s, Claim { text_language })
                });
                self.option("request.claim.translation_free", YES_NO.to_vec(), |s| {
                    asked!(s, Claim { translation_free })
                });
                self.option("request.claim.text_author", all(TextAuthor::ALL), |s| {
                    asked!(s, Claim { text_author })
                });
                self.option("request.claim.courier_informed", YES_NO.to_vec(), |s| {
                    asked!(s, Claim { courier_informed })
                });
            }
            Action::DeliveryProblem => self.delivery_problem(),
            Action::CreditUse => {
                let credits = amounts(&[0, 500, 5000, 20_000, 90_000]);
                self.option("request.credit_use.credit_amount", credits, |s| {
                    asked!(s, CreditUse { credit })
                });
                self.time("request.credit_use.next_order_time", |s| {
                    asked!(s, CreditUse { next_order })
                });
                self.time("request.credit_use.goods_receive_time", |s| {
                    asked!(s, CreditUse { goods_receive })
                });
                // Who does not say that it is to be paid out does not ask for that.
                self.option("request.credit_use.payout", YES_NO.to_vec(), |s| {
                    asked!(s, CreditUse { payout })
                })
                .given = false;
            }
            Action::ShopEvent => {
                self.time("request.shop_event.address_query_time", |s| {
                    asked!(s, ShopEvent { address_query })
                });
                self.time("request.shop_event.address_answer_time", |s| {
                    asked!(s, ShopEvent { address_answer })
                });
            }
            Action::Withdrawal => {}
        }
    }

    fn delivery_problem(&mut self) {
        let kinds = all(DeliveryProblemKind::ALL);
        self.option("request.delivery_problem.kind", kinds, |s| {
            asked!(s, DeliveryProblem { kind })
        });
        self.option("request.delivery_problem.cause", all(Cause::ALL), |s| {
            asked!(s, DeliveryProblem { cause })
        });
        let path = |field: &str| format!("request.delivery_problem.{field}");
        self.option(path("visibly_damaged"), YES_NO.to_vec(), |s| {
            asked!(s, DeliveryProblem { visibly_damaged })
        });
        self.option(path("address_corrected"), YES_NO.to_vec(), |s| {
            asked!(s, DeliveryProblem { address_corrected })
        });
    }
}
