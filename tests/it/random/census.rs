//! Counts the states in which facts and events were drawn, and what came of them.
//!
//! Whatever a situation holds is taken apart by name: a new fact does not build here
//! until it is drawn.

use std::collections::BTreeMap;
use std::fmt::Debug;

use redress::domain::facts::*;
use redress::domain::time::EventTime;
use redress::domain::verdict::{Outcome, Verdict};

use super::Situation;

/// The fewest rows of each outcome with which a property says anything.
const MIN_ROWS: usize = 100;
/// The shops whose policies are in the tree.
const SHOPS: usize = 5;

/// Counts states by name of the fact. A state that can be drawn and was not counts 0.
#[derive(Default)]
pub struct Census {
    states: BTreeMap<(&'static str, String), usize>,
    outcomes: BTreeMap<(String, Action, Outcome), usize>,
    /// How many situations the fact check refused.
    pub refused: usize,
}

impl Census {
    /// Counts a situation and what came of it.
    pub fn count(&mut self, situation: &Situation, verdict: &Verdict<'_>) {
        let shop = verdict.receipt.policy.as_str();
        for (_, decision) in verdict.each() {
            let key = (shop.to_owned(), verdict.action, decision.outcome);
            *self.outcomes.entry(key).or_default() += 1;
        }
        let Situation {
            order,
            request,
            decide_time,
        } = situation;
        let later = *decide_time > request.request_time;
        self.number("decided later", usize::from(later), 1);
        self.order(order);
        self.request(request);
    }

    /// Reports how often what came up, and checks that all that can be drawn did.
    pub fn report(&self, property: &str) {
        println!("{property}: {} orders refused", self.refused);
        for ((shop, action, outcome), count) in &self.outcomes {
            println!("{count:8} {shop} {action}: {outcome}");
        }
        for ((name, state), count) in &self.states {
            println!("{count:8} {name}: {state}");
        }
        let missed: Vec<_> = self
            .states
            .iter()
            .filter(|(_, count)| **count == 0)
            .collect();
        assert!(missed.is_empty(), "never drawn: {missed:#?}");
        assert_eq!(self.refused, 0, "orders that cannot be");
        for outcome in Outcome::ALL
            .iter()
            .filter(|outcome| **outcome != Outcome::Mixed)
        {
            let of = self.outcomes.iter().filter(|((_, _, of), _)| of == outcome);
            let rows: usize = of.map(|(_, count)| count).sum();
            assert!(rows >= MIN_ROWS, "{rows} rows are {outcome}");
        }
        let mut approved: Vec<&str> = self
            .outcomes
            .keys()
            .filter(|(_, _, of)| *of == Outcome::Approved)
            .map(|(shop, _, _)| shop.as_str())
            .collect();
        approved.dedup();
        assert_eq!(approved.len(), SHOPS, "shops that approve: {approved:?}");
    }

    fn state(&mut self, name: &'static str, state: String, all: impl Fn() -> Vec<String>) {
        if let Some(count) = self.states.get_mut(&(name, state.clone())) {
            *count += 1;
            return;
        }
        self.states.insert((name, state), 1);
        for other in all() {
            self.states.entry((name, other)).or_default();
        }
    }

    fn event(&mut self, name: &'static str, time: EventTime) {
        let state = match time {
            EventTime::Unknown => "unknown",
            EventTime::NotYet => "not yet",
            EventTime::At(_) => "at an instant",
            EventTime::On(_) => "on a day",
        };
        let all = ["unknown", "not yet", "at an instant", "on a day"];
        self.state(name, state.to_owned(), || all.map(str::to_owned).to_vec());
    }

    fn yes_no(&mut self, name: &'static str, answer: Option<bool>) {
        self.word(name, answer, &[true, false]);
    }

    fn word<W: Debug>(&mut self, name: &'static str, word: Option<W>, words: &[W]) {
        let state = word.map_or("unknown".to_owned(), |word| format!("{word:?}"));
        let all = || words.iter().map(|word| format!("{word:?}"));
        self.state(name, state, || {
            all().chain(["unknown".to_owned()]).collect()
        });
    }

    fn known(&mut self, name: &'static str, known: bool) {
        self.word(name, known.then_some("known"), &["known"]);
    }

    fn number(&mut self, name: &'static str, number: usize, most: usize) {
        let all = || (0..=most).map(|number| number.to_string()).collect();
        self.state(name, number.to_string(), all);
    }

    fn order(&mut self, order: &Order<'_>) {
        let Order {
            id: _,
            currency: _,
            place,
            accept,
            customer,
            sales_channel,
            delivery_region,
            charged,
            data_complete,
            gift,
            return_agreed,
            fraud_suspected,
            tags,
            attributes: _,
            lines,
            shipments,
            options,
            options_complete,
            delivery,
            discount,
            total_paid,
            payments,
            earlier,
        } = order;
        self.event("place_time", *place);
        self.event("accept_time", *accept);
        let Customer {
            kind,
            registered,
            birth,
            zone,
            credentials_report,
        } = customer;
        self.word("customer.kind", *kind, CustomerKind::ALL);
        self.yes_no("customer.registered", *registered);
        self.known("customer.birth_date", birth.is_some());
        self.known("customer.time_zone", zone.is_some());
        let reported = credentials_report.unwrap_or(EventTime::Unknown);
        self.event("customer.credentials_report_time", reported);
        self.word("sales_channel", *sales_channel, SalesChannel::ALL);
        self.known("delivery_region_code", delivery_region.is_some());
        self.yes_no("charged", *charged);
        self.yes_no("data_complete", *data_complete);
        self.yes_no("gift", *gift);
        self.yes_no("return_agreed", *return_agreed);
        self.yes_no("fraud_suspected", *fraud_suspected);
        self.known("tags_complete", tags.complete.is_some());
        self.number("lines", lines.len() - 1, 3);
        self.number("shipments", shipments.len(), 3);
        self.number("options", options.len().min(1), 1);
        self.known("options_complete", options_complete.is_some());
        let Delivery {
            method,
            paid,
            standard_cost,
            promise,
        } = delivery;
        self.known("delivery.method", method.is_some());
        self.known("delivery.paid", paid.is_some());
        self.known("delivery.standard_cost", standard_cost.is_some());
        self.known("delivery.promise_date", promise.is_some());
        self.known("discount", discount.is_some());
        self.known("total_paid", total_paid.is_some());
        self.number("payments", payments.len(), 3);
        for payment in payments {
            self.word("payment.method", payment.method, PaymentMethod::ALL);
            self.known("payment.payer_id", payment.payer.is_some());
        }
        self.number("earlier_remedies", earlier.len(), 3);
        for remedy in earlier {
            let all = || {
                Remedy::WORDS
                    .iter()
                    .map(|word| (*word).to_owned())
                    .collect()
            };
            self.state("earlier.remedy", remedy.remedy.to_string(), all);
            self.yes_no("earlier.consumed", remedy.consumed);
        }
        for option in options {
            self.known("option.used_count", option.used.is_some());
            self.known("option.paid", option.paid.is_some());
            let left = option.used.is_some_and(|used| used < option.quantity);
            self.yes_no("option.left", option.used.map(|_| left));
        }
        lines.iter().for_each(|line| self.line(line));
        shipments.iter().for_each(|parcel| self.parcel(parcel));
    }

    fn line(&mut self, line: &Line<'_>) {
        let Line {
            id: _,
            quantity,
            unit_price,
            discount,
            category,
            personalized,
            tags,
            tag_reason,
            attributes: _,
            sealed,
            taped,
            contents,
            set,
            available,
            confirm,
            design_confirm,
            production_start,
        } = line;
        self.number("line.quantity", *quantity as usize - 1, 3);
        self.known("line.unit_price", unit_price.is_some());
        self.known("line.discount", discount.is_some());
        self.known("line.category", category.is_some());
        self.yes_no("line.personalized", *personalized);
        self.known("line.tags_complete", tags.complete.is_some());
        self.number("line.tags", tags.words.len().min(1), 1);
        self.word("line.tag_reason", *tag_reason, TagReason::ALL);
        self.yes_no("line.sealed", *sealed);
        self.yes_no("line.taped", *taped);
        self.number("line.contents", contents.len().min(1), 1);
        self.yes_no("line.set", *set);
        self.yes_no("line.available", *available);
        self.event("line.confirm_time", *confirm);
        self.event("line.design_confirm_time", *design_confirm);
        self.event("line.production_start_time", *production_start);
    }

    fn parcel(&mut self, parcel: &Shipment<'_>) {
        let Shipment {
            id: _,
            items,
            ship,
            deliver,
            receiver,
            collect,
            first_attempt,
            attempt_answer,
            warehouse_return,
            zone,
            named: _,
        } = parcel;
        self.known("shipment.items", items.is_some());
        self.event("shipment.ship_time", *ship);
        self.event("shipment.deliver_time", *deliver);
        self.word("shipment.receiver", *receiver, Receiver::ALL);
        self.event("shipment.collect_time", *collect);
        self.event("shipment.first_attempt_time", *first_attempt);
        self.event("shipment.attempt_answer_time", *attempt_answer);
        self.event("shipment.warehouse_return_time", *warehouse_return);
        self.known("shipment.time_zone", zone.is_some());
    }

    fn request(&mut self, request: &Request<'_>) {
        let Request {
            claim_id: _,
            request_time: _,
            statement_send,
            form_send,
            channel,
            requester,
            order_number_quoted,
            statement_clear,
            lines,
            wants,
            evidence,
            journey,
            response,
            unavailable: _,
            ask,
        } = request;
        self.event("statement_send_time", *statement_send);
        self.event("form_send_time", *form_send);
        self.word("channel", *channel, Channel::ALL);
        self.word("requester", *requester, Requester::ALL);
        self.yes_no("order_number_quoted", *order_number_quoted);
        self.yes_no("statement_clear", *statement_clear);
        self.word("wants", *wants, Remedy::ALL);
        let Evidence {
            photos,
            description,
            personal_data,
            return_form,
        } = evidence;
        self.yes_no("evidence.photos", *photos);
        self.yes_no("evidence.description", *description);
        self.yes_no("evidence.personal_data", *personal_data);
        self.yes_no("evidence.return_form", *return_form);
        let Response {
            confirmed,
            confirm_mail,
            return_accepted,
        } = response;
        self.yes_no("response.confirmed", *confirmed);
        self.event("response.confirm_mail_time", *confirm_mail);
        self.yes_no("response.return_accepted", *return_accepted);
        for line in lines {
            self.number("groups", line.groups.len() - 1, 2);
            line.groups.iter().for_each(|group| self.units(group));
        }
        self.journey(journey);
        self.ask(ask);
    }

    fn units(&mut self, group: &UnitGroup<'_>) {
        self.known("units.shipment_id", group.shipment.is_some());
        let Condition {
            worn,
            altered,
            damaged,
            stained,
            contents_complete,
            packaging_complete,
            labels_present,
            accessories_present,
            seal_intact,
            tape_present,
            customer_fault,
        } = group.condition;
        self.yes_no("units.worn", worn);
        self.yes_no("units.altered", altered);
        self.yes_no("units.damaged", damaged);
        self.yes_no("units.stained", stained);
        self.yes_no("units.contents_complete", contents_complete);
        self.yes_no("units.packaging_complete", packaging_complete);
        self.yes_no("units.labels_present", labels_present);
        self.yes_no("units.accessories_present", accessories_present);
        self.yes_no("units.seal_intact", seal_intact);
        self.yes_no("units.tape_present", tape_present);
        self.yes_no("units.customer_fault", customer_fault);
        let Finding {
            defect,
            defect_at_delivery,
            used_beyond_testing,
            deterioration,
            value_loss,
            instructions_followed,
        } = group.finding;
        self.word("units.defect", defect, DefectFinding::ALL);
        self.yes_no("units.defect_at_delivery", defect_at_delivery);
        self.yes_no("units.used_beyond_testing", used_beyond_testing);
        self.yes_no("units.deteriorated", deterioration.map(|a| !a.is_zero()));
        self.yes_no("units.value_lost", value_loss.map(|a| !a.is_zero()));
        self.yes_no("units.instructions_followed", instructions_followed);
    }

    fn journey(&mut self, journey: &Journey) {
        let Journey {
            method,
            hand_over,
            proof,
            receive,
            paid,
            freight_collect,
            parcel_count,
            address_correct,
            lost,
            shop_request,
            shop_collect,
            collection_cost,
            undelivered_cost,
        } = journey;
        self.word("journey.method", *method, ReturnMethod::ALL);
        self.event("journey.hand_over_time", *hand_over);
        self.event("journey.proof_time", *proof);
        self.event("journey.receive_time", *receive);
        self.known("journey.paid", paid.is_some());
        self.yes_no("journey.freight_collect", *freight_collect);
        self.known("journey.parcel_count", parcel_count.is_some());
        self.yes_no("journey.address_correct", *address_correct);
        self.yes_no("journey.lost", *lost);
        self.event("journey.shop_request_time", *shop_request);
        self.event("journey.shop_collect_time", *shop_collect);
        self.known("journey.collection_cost", collection_cost.is_some());
        self.known("journey.undelivered_cost", undelivered_cost.is_some());
    }

    fn ask(&mut self, ask: &Ask<'_>) {
        match ask {
            Ask::Return { reason } => self.known("return.reason", reason.is_some()),
            Ask::Withdrawal => {}
            Ask::Cancellation { reason } => self.known("cancellation.reason", reason.is_some()),
            Ask::Exchange {
                reason,
                wanted_unit_price,
                wanted_available,
            } => {
                self.known("exchange.reason", reason.is_some());
                self.known("exchange.wanted_unit_price", wanted_unit_price.is_some());
                self.yes_no("exchange.wanted_available", *wanted_available);
            }
            Ask::Change { kind } => self.word("change.kind", *kind, ChangeKind::ALL),
            Ask::Claim {
                kind,
                defect_type,
                text_language,
                translation_free,
                text_author,
                courier_informed,
            } => {
                self.word("claim.kind", *kind, ClaimKind::ALL);
                self.known("claim.defect_type", defect_type.is_some());
                self.known("claim.text_language_code", text_language.is_some());
                self.yes_no("claim.translation_free", *translation_free);
                self.word("claim.text_author", *text_author, TextAuthor::ALL);
                self.yes_no("claim.courier_informed", *courier_informed);
            }
            Ask::DeliveryProblem {
                kind,
                cause,
                visibly_damaged,
                address_corrected,
            } => {
                self.word("delivery_problem.kind", *kind, DeliveryProblemKind::ALL);
                self.word("delivery_problem.cause", *cause, Cause::ALL);
                self.yes_no("delivery_problem.visibly_damaged", *visibly_damaged);
                self.yes_no("delivery_problem.address_corrected", *address_corrected);
            }
            Ask::CreditUse {
                credit,
                next_order,
                goods_receive,
                payout,
            } => {
                self.known("credit_use.credit_amount", credit.is_some());
                self.event("credit_use.next_order_time", *next_order);
                self.event("credit_use.goods_receive_time", *goods_receive);
                self.yes_no("credit_use.payout", *payout);
            }
            Ask::ShopEvent {
                kind,
                address_query,
                address_answer,
                cancel,
            } => {
                let all = || {
                    ShopEventKind::WORDS
                        .iter()
                        .map(|word| (*word).to_owned())
                        .collect()
                };
                self.state("shop_event.kind", kind.to_string(), all);
                self.event("shop_event.address_query_time", *address_query);
                self.event("shop_event.address_answer_time", *address_answer);
                self.event("shop_event.cancel_time", *cancel);
            }
        }
    }
}
