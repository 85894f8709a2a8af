//! Reads completed facts for one row: each fact by its name, each event by its time.
//!
//! A finding that nobody has told is `None`. A given fact that nobody has told is noted:
//! what comes of the row is then not this interpreter's business.

use redress::domain::event::Event;
use redress::domain::facts::{Ask, EarlierRemedy, Line, Shipment, UnitGroup};
use redress::domain::time::{EventTime, Instant};
use redress::domain::vocabulary::{Class, Fact};
use redress::policy::terms::FactRef;

use super::Oracle;
use super::worth::Worths;

impl<'a> Oracle<'a> {
    pub fn line(&self) -> &'a Line<'a> {
        &self.facts.order().lines[self.row.line]
    }

    pub fn group(&self) -> &'a UnitGroup<'a> {
        &self.facts.request().lines[self.row.request_line].groups[self.row.group]
    }

    /// The parcel of the row: the one that is named, or the only one that can be.
    fn parcel(&self) -> Option<&'a Shipment<'a>> {
        let order = self.facts.order();
        let of_line = |parcel: &Shipment<'_>| {
            let items = parcel.items.as_ref();
            items.is_none_or(|items| items.iter().any(|(line, _)| *line == self.line().id))
        };
        match self.group().shipment {
            Some(named) => order.shipments.iter().find(|parcel| parcel.id == named),
            None => {
                let mut parcels = order.shipments.iter().filter(|parcel| of_line(parcel));
                parcels.next().filter(|_| parcels.next().is_none())
            }
        }
    }

    pub fn zone_of_parcel(&self) -> Option<redress::domain::time::Zone> {
        self.parcel()?.zone
    }

    /// Passes a value on, and notes a given fact without one.
    fn told<T>(&self, fact: Fact, value: Option<T>) -> Option<T> {
        if value.is_none() && fact.spec().class != Class::Finding {
            self.untold.set(Some(fact.spec().name));
        }
        value
    }

    /// Whether an option is bought for the line: one that names no line is for all.
    fn options(&self, code: &str) -> impl Iterator<Item = (i32, Option<i32>)> {
        let line = self.line().id;
        let options = self.facts.order().options.iter();
        options
            .filter(move |o| o.code == code && (o.lines.is_empty() || o.lines.contains(&line)))
            .map(|o| (o.quantity, o.used))
    }

    /// The uses of an option that are left for the line; `None`: not told.
    pub fn uses_left(&self, code: &str) -> Option<i64> {
        if self.uses.is_some() {
            return self.uses;
        }
        let left = |(quantity, used): (i32, Option<i32>)| Some(i64::from(quantity - used?));
        self.options(code).map(left).sum()
    }

    pub fn yes_no(&self, named: &FactRef) -> Option<bool> {
        let (order, request) = (self.facts.order(), self.facts.request());
        let (line, group) = (self.line(), self.group());
        let word = named.word.as_deref().unwrap_or_default();
        let some = |amount: Option<redress::domain::money::Amount>| amount.map(|a| !a.is_zero());
        let value = match named.fact {
            Fact::Registered => order.customer.registered,
            Fact::Charged => order.charged,
            Fact::DataComplete => order.data_complete,
            Fact::Gift => order.gift,
            Fact::ReturnAgreed => order.return_agreed,
            Fact::FraudSuspected => order.fraud_suspected,
            Fact::OrderTag => order.tags.has(word),
            Fact::OptionBought => Some(self.options(word).next().is_some()),
            Fact::PaidWith => {
                let mut means = order.payments.iter().map(|p| p.method);
                Some(means.any(|m| m.is_some_and(|m| m.word() == word)))
            }
            Fact::Personalized => line.personalized,
            Fact::Tag => line.tags.has(word),
            // Whose seal is looked at was sold with one, where nobody says otherwise.
            Fact::Sealed => line.sealed.or(group.condition.seal_intact.map(|_| true)),
            Fact::Taped => line.taped.or(group.condition.tape_present.map(|_| true)),
            Fact::Set => line.set,
            Fact::Contains => Some(line.contents.iter().any(|c| c == word)),
            Fact::Available => line.available,
            Fact::Worn => group.condition.worn,
            Fact::Altered => group.condition.altered,
            Fact::Damaged => group.condition.damaged,
            Fact::Stained => group.condition.stained,
            Fact::ContentsComplete => group.condition.contents_complete,
            Fact::PackagingComplete => group.condition.packaging_complete,
            Fact::LabelsPresent => group.condition.labels_present,
            Fact::AccessoriesPresent => group.condition.accessories_present,
            Fact::SealIntact => group.condition.seal_intact,
            Fact::TapePresent => group.condition.tape_present,
            Fact::CustomerFault => group.condition.customer_fault,
            Fact::DefectAtDelivery => group.finding.defect_at_delivery,
            Fact::UsedBeyondTesting => group.finding.used_beyond_testing,
            Fact::InstructionsFollowed => group.finding.instructions_followed,
            Fact::Deteriorated => some(group.finding.deterioration),
            Fact::ValueLost => some(group.finding.value_loss),
            Fact::StatementClear => request.statement_clear,
            Fact::OrderNumberQuoted => request.order_number_quoted,
            Fact::Photos => request.evidence.photos,
            Fact::Description => request.evidence.description,
            Fact::PersonalData => request.evidence.personal_data,
            Fact::ReturnForm => request.evidence.return_form,
            Fact::FormSent => match request.form_send {
                EventTime::At(_) => Some(true),
                EventTime::NotYet => Some(false),
                _ => None,
            },
            Fact::WholeOrder => Some(self.asks_for_all()),
            Fact::FreightCollect => request.journey.freight_collect,
            Fact::AddressCorrect => request.journey.address_correct,
            Fact::ReturnLost => request.journey.lost,
            Fact::Confirmed => request.response.confirmed,
            Fact::ReturnAccepted => request.response.return_accepted,
            Fact::WantedAvailable => match &request.ask {
                Ask::Exchange {
                    wanted_available, ..
                } => *wanted_available,
                _ => None,
            },
            Fact::TranslationFree => match &request.ask {
                Ask::Claim {
                    translation_free, ..
                } => *translation_free,
                _ => None,
            },
            Fact::CourierInformed => match &request.ask {
                Ask::Claim {
                    courier_informed, ..
                } => *courier_informed,
                _ => None,
            },
            Fact::VisiblyDamaged => match &request.ask {
                Ask::DeliveryProblem {
                    visibly_damaged, ..
                } => *visibly_damaged,
                _ => None,
            },
            Fact::AddressCorrected => match &request.ask {
                Ask::DeliveryProblem {
                    address_corrected, ..
                } => *address_corrected,
                _ => None,
            },
            Fact::Payout => match &request.ask {
                Ask::CreditUse { payout, .. } => *payout,
                _ => None,
            },
            other => unreachable!("{other:?} is no yes or no"),
        };
        self.told(named.fact, value)
    }

    /// Whether the request is about all units that are left of the order.
    fn asks_for_all(&self) -> bool {
        let bought: i32 = self.facts.order().lines.iter().map(|l| l.quantity).sum();
        let gone = self.facts.order().earlier.iter();
        let gone: i32 = gone
            .filter(|e| e.line.is_some() && EarlierRemedy::is_consumed(e))
            .map(|e| e.quantity)
            .sum();
        let lines = self.facts.request().lines.iter();
        let asked: i32 = lines.flat_map(|l| &l.groups).map(|g| g.quantity).sum();
        asked + gone == bought
    }

    pub fn word(&self, named: &FactRef) -> Option<String> {
        let (order, request) = (self.facts.order(), self.facts.request());
        let (line, group) = (self.line(), self.group());
        let of = |list: &[(&str, &str)]| {
            let wanted = named.word.as_deref();
            let found = list.iter().find(|(name, _)| Some(*name) == wanted);
            found.map(|(_, value)| (*value).to_owned())
        };
        let value: Option<String> = match named.fact {
            Fact::CustomerKindIs => order.customer.kind.map(|k| k.word().to_owned()),
            Fact::SalesChannelIs => order.sales_channel.map(|k| k.word().to_owned()),
            Fact::DeliveryRegion => order.delivery_region.map(str::to_owned),
            Fact::OrderAttribute => of(&order.attributes),
            Fact::OrderShipped => {
                let sent = |p: &&Shipment<'_>| matches!(p.ship, EventTime::At(_));
                let count = order.shipments.iter().filter(sent).count();
                let all = order.shipments.len();
                Some(match count {
                    0 => "no".to_owned(),
                    some if some < all => "partly".to_owned(),
                    _ => "yes".to_owned(),
                })
            }
            Fact::Category => line.category.map(str::to_owned),
            Fact::TagReasonIs => line.tag_reason.map(|r| r.word().to_owned()),
            Fact::Attribute => of(&line.attributes),
            Fact::ReceiverIs => self
                .parcel()
                .and_then(|p| p.receiver.map(|r| r.word().to_owned())),
            Fact::Defect => group.finding.defect.map(|d| d.word().to_owned()),
            Fact::ChannelIs => request.channel.map(|c| c.word().to_owned()),
            Fact::RequesterIs => request.requester.map(|r| r.word().to_owned()),
            Fact::ReturnMethodIs => request.journey.method.map(|m| m.word().to_owned()),
            Fact::WantedWorth => self.wanted_worth(),
            _ => self.word_of_ask(named.fact),
        };
        self.told(named.fact, value)
    }

    fn word_of_ask(&self, fact: Fact) -> Option<String> {
        let owned = |word: &str| Some(word.to_owned());
        match (fact, &self.facts.request().ask) {
            (Fact::ReturnReason, Ask::Return { reason })
            | (Fact::ExchangeReason, Ask::Exchange { reason, .. })
            | (Fact::CancellationReason, Ask::Cancellation { reason }) => reason.and_then(owned),
            (Fact::ChangeKindIs, Ask::Change { kind }) => kind.and_then(|k| owned(k.word())),
            (Fact::ClaimKindIs, Ask::Claim { kind, .. }) => kind.and_then(|k| owned(k.word())),
            (Fact::DefectType, Ask::Claim { defect_type, .. }) => defect_type.and_then(owned),
            (Fact::TextLanguage, Ask::Claim { text_language, .. }) => text_language.and_then(owned),
            (Fact::TextAuthorIs, Ask::Claim { text_author, .. }) => {
                text_author.and_then(|a| owned(a.word()))
            }
            (Fact::DeliveryProblemKindIs, Ask::DeliveryProblem { kind, .. }) => {
                kind.and_then(|k| owned(k.word()))
            }
            (Fact::CauseIs, Ask::DeliveryProblem { cause, .. }) => {
                cause.and_then(|c| owned(c.word()))
            }
            (Fact::ShopEventKindIs, Ask::ShopEvent { kind, .. }) => owned(kind.word()),
            _ => None,
        }
    }

    /// What one unit of the wanted goods costs, against what was paid for one of these.
    fn wanted_worth(&self) -> Option<String> {
        let Ask::Exchange {
            wanted_unit_price, ..
        } = &self.facts.request().ask
        else {
            return None;
        };
        let quantity = self.group().quantity;
        let wanted = wanted_unit_price.as_ref()?.minor() * i64::from(quantity);
        let worth = Worths::of(self.facts, self.row.line).units(0, quantity);
        let word = match wanted.cmp(&worth) {
            std::cmp::Ordering::Less => "lower",
            std::cmp::Ordering::Equal => "equal",
            std::cmp::Ordering::Greater => "higher",
        };
        Some(word.to_owned())
    }

    pub fn number(&self, named: &FactRef) -> Option<i64> {
        let (order, request) = (self.facts.order(), self.facts.request());
        let value = match named.fact {
            Fact::Age => match (order.customer.birth, order.place) {
                (Some(birth), EventTime::At(placed)) => Some(i64::from(
                    self.zone().day_of(placed).full_years_since(birth),
                )),
                _ => None,
            },
            Fact::OptionLeft => self.uses_left(named.word.as_deref().unwrap_or_default()),
            Fact::ShipmentCount => i64::try_from(order.shipments.len()).ok(),
            Fact::ParcelCount => request.journey.parcel_count.map(i64::from),
            other => unreachable!("{other:?} is no number"),
        };
        self.told(named.fact, value)
    }

    /// When an event happened; `None`: not yet, or it is one to come and nobody knows.
    pub fn when(&self, event: Event) -> Option<Instant> {
        let (order, request) = (self.facts.order(), self.facts.request());
        let line = self.line();
        let parcel =
            |of: fn(&Shipment<'_>) -> EventTime| self.parcel().map_or(EventTime::Unknown, of);
        let time = match event {
            Event::Place => order.place,
            Event::Accept => order.accept,
            Event::Confirm => line.confirm,
            Event::DesignConfirm => line.design_confirm,
            Event::ProductionStart => line.production_start,
            Event::Ship => parcel(|p| p.ship),
            Event::Deliver => parcel(|p| p.deliver),
            Event::DeliverLast => {
                let times: Vec<EventTime> = order.shipments.iter().map(|p| p.deliver).collect();
                let at = |time: &EventTime| match time {
                    EventTime::At(at) => Some(*at),
                    _ => None,
                };
                let all: Option<Vec<Instant>> = times.iter().map(at).collect();
                match all {
                    Some(all) => EventTime::At(all.into_iter().max().unwrap()),
                    None if times.contains(&EventTime::NotYet) => EventTime::NotYet,
                    None => EventTime::Unknown,
                }
            }
            Event::Collect => parcel(|p| p.collect),
            Event::FirstAttempt => parcel(|p| p.first_attempt),
            Event::AttemptAnswer => parcel(|p| p.attempt_answer),
            Event::WarehouseReturn => parcel(|p| p.warehouse_return),
            Event::Request => EventTime::At(request.request_time),
            Event::StatementSend => match request.statement_send {
                EventTime::Unknown => EventTime::At(request.request_time),
                other => other,
            },
            Event::FormSend => request.form_send,
            Event::HandOver => request.journey.hand_over,
            Event::Proof => request.journey.proof,
            Event::Receive => request.journey.receive,
            Event::ShopRequest => request.journey.shop_request,
            Event::ShopCollect => request.journey.shop_collect,
            Event::ConfirmMail => request.response.confirm_mail,
            Event::CredentialsReport => {
                let reported = order.customer.credentials_report;
                reported.unwrap_or(EventTime::Unknown)
            }
            Event::Birth => match order.customer.birth {
                Some(day) => EventTime::At(day.start(self.zone())),
                None => EventTime::Unknown,
            },
            Event::Promise => match order.delivery.promise {
                // A planned day begins with its local start; it may lie ahead.
                Some(day) => EventTime::At(day.start(self.zone())),
                None => EventTime::Unknown,
            },
            _ => self.time_of_ask(event),
        };
        match time {
            EventTime::At(at) => Some(at),
            EventTime::NotYet => None,
            EventTime::Unknown if event.is_to_come() => None,
            EventTime::Unknown | EventTime::On(_) => {
                self.untold.set(Some(event.word()));
                None
            }
        }
    }

    /// Whether an event has happened at the instant of deciding.
    pub fn happened(&self, event: Event) -> bool {
        let decided = self.facts.decide_time();
        self.when(event).is_some_and(|at| at <= decided)
    }

    fn time_of_ask(&self, event: Event) -> EventTime {
        match (event, &self.facts.request().ask) {
            (Event::AddressQuery, Ask::ShopEvent { address_query, .. }) => *address_query,
            (Event::AddressAnswer, Ask::ShopEvent { address_answer, .. }) => *address_answer,
            (Event::ShopCancel, Ask::ShopEvent { cancel, .. }) => *cancel,
            (Event::NextOrder, Ask::CreditUse { next_order, .. }) => *next_order,
            (Event::CreditGoodsReceive, Ask::CreditUse { goods_receive, .. }) => *goods_receive,
            _ => EventTime::Unknown,
        }
    }
}
