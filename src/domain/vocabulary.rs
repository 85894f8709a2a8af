//! The vocabulary of facts: name, class, kind, field and question of each.
//!
//! This table is the one place that says which facts a policy can speak of, and
//! what it means that one of them is unknown.

use super::facts::{
    Cause, ChangeKind, Channel, ClaimKind, CustomerKind, DefectFinding, DeliveryProblemKind,
    Receiver, Requester, ReturnMethod, SalesChannel, ShopEventKind, TagReason, TextAuthor,
};
use super::path::{Field, Owner};
use super::verdict::Party;

/// Tells what follows while a fact is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// It is asked for if it can change the answer.
    Given,
    /// Like given; its values are also what an action's reason classes are made of.
    Selector,
    /// An examination tells: the clause says whether it is an open condition or
    /// a matter for a person.
    Finding,
    /// The customer can supply it: known to be absent counts like unknown for as
    /// long as it can still be supplied.
    Asked,
}

/// Tells which values a fact has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Yes or no.
    YesNo,
    /// One of a closed list of words.
    OneOf(&'static [&'static str]),
    /// A word of the caller or the policy.
    Word,
    /// A whole number.
    Number,
}

/// Tells whether a fact needs a word to name it, such as the tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parameter {
    /// No.
    None,
    /// A tag, category, attribute or means: any word.
    Word,
    /// The code of an option that the policy declares.
    Option,
}

/// Describes a fact.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// Its name in policies.
    pub name: &'static str,
    /// What follows while it is unknown.
    pub class: Class,
    /// Its values.
    pub kind: Kind,
    /// Whether a word names it.
    pub parameter: Parameter,
    /// The field that holds it.
    pub field: Field,
    /// Who can usually tell.
    pub source: Party,
    /// What is asked.
    pub question: &'static str,
}

macro_rules! vocabulary {
    ($($(#[$meta:meta])* $variant:ident $name:literal $class:ident $kind:expr, $parameter:ident, $source:ident, $owner:ident $path:literal, $question:literal;)+) => {
        /// Names a fact; [`Fact::spec`] describes it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Fact {
            $($(#[$meta])* #[doc = $question] $variant,)+
        }

        impl Fact {
            /// Every fact, in order of declaration.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// Describes the fact.
            pub const fn spec(self) -> &'static Spec {
                match self {
                    $(Self::$variant => {
                        const SPEC: &Spec = &Spec {
                            name: $name,
                            class: Class::$class,
                            kind: $kind,
                            parameter: Parameter::$parameter,
                            field: Field::of(Owner::$owner, $path),
                            source: Party::$source,
                            question: $question,
                        };
                        SPEC
                    })+
                }
            }

            /// Returns the fact with this name.
            pub fn from_name(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}

use Kind::{Number, OneOf, Word, YesNo};

/// Values of [`Fact::OrderShipped`].
pub const SHIPPED: &[&str] = &["no", "partly", "yes"];
/// Values of [`Fact::WantedWorth`].
pub const WORTH: &[&str] = &["lower", "equal", "higher"];

vocabulary! {
    // Order.
    CustomerKindIs "customer_kind" Given OneOf(CustomerKind::WORDS), None, Customer,
        Message "order.customer.kind", "What did the customer buy as: consumer, business, retailer, or partly for a business?";
    Registered "registered" Given YesNo, None, Shop,
        Message "order.customer.registered", "Is the customer registered with the shop?";
    Age "age" Finding Number, None, Customer,
        Message "order.customer.birth_date", "How old was the customer, in full years, on the day of the order?";
    SalesChannelIs "sales_channel" Given OneOf(SalesChannel::WORDS), None, Shop,
        Message "order.sales_channel", "Where was the order placed?";
    DeliveryRegion "delivery_region" Given Word, None, Shop,
        Message "order.delivery_region_code", "Which country do the goods go to?";
    Charged "charged" Given YesNo, None, Shop,
        Message "order.charged", "Was the customer charged?";
    DataComplete "data_complete" Given YesNo, None, Shop,
        Message "order.data_complete", "Did the customer give all data that the order needs?";
    Gift "gift" Given YesNo, None, Customer,
        Message "order.gift", "Were the goods bought as a gift?";
    ReturnAgreed "return_agreed" Given YesNo, None, Shop,
        Message "order.return_agreed", "Did the parties agree that goods may come back which the terms exclude?";
    FraudSuspected "fraud_suspected" Finding YesNo, None, Shop,
        Message "order.fraud_suspected", "Does the shop suspect fraud on reasonable grounds?";
    OrderTag "order_tag" Given YesNo, Word, Shop,
        Message "order.tags", "Does the order carry this tag?";
    OrderAttribute "order_attribute" Given Word, Word, Shop,
        Message "order.attributes", "What is the value of this attribute of the order?";
    OptionBought "option" Given YesNo, Option, Shop,
        Message "order.options", "Was this option bought?";
    OptionLeft "option_left" Given Number, Option, Shop,
        Message "order.options", "How many uses of this option are used up already?";
    PaidWith "paid_with" Given YesNo, Word, Shop,
        Message "order.payments", "Was any part paid with this means?";
    OrderShipped "order_shipped" Given OneOf(SHIPPED), None, Shop,
        Message "order.shipments", "Has the order been shipped: not, in part, or all of it?";
    ShipmentCount "shipment_count" Given Number, None, Shop,
        Message "order.shipments", "In how many parcels was the order sent?";
    // Line.
    Personalized "personalized" Given YesNo, None, Shop,
        Line "personalized", "Was it made or engraved to the customer's own specification?";
    Category "category" Given Word, None, Shop,
        Line "category", "What kind of goods is it?";
    Tag "tag" Given YesNo, Word, Shop,
        Line "tags", "Does the line carry this tag?";
    TagReasonIs "tag_reason" Given OneOf(TagReason::WORDS), None, Shop,
        Line "tag_reason", "Why does the line carry its tag?";
    Attribute "attribute" Given Word, Word, Shop,
        Line "attributes", "What is the value of this attribute of the line?";
    Sealed "sealed" Finding YesNo, None, Shop,
        Line "sealed", "Was it sold with a security seal?";
    Taped "taped" Finding YesNo, None, Shop,
        Line "taped", "Was it sold with a protective tape?";
    Set "set" Given YesNo, None, Shop,
        Line "set", "Is it a set of several kinds of goods?";
    Contains "contains" Given YesNo, Word, Shop,
        Line "contents", "Is this kind of goods in the set?";
    Available "available" Given YesNo, None, Shop,
        Line "available", "Can it be supplied?";
    // Parcel of the row.
    ReceiverIs "receiver" Given OneOf(Receiver::WORDS), None, Shop,
        Parcel "receiver", "Who took the parcel over?";
    // Units.
    Worn "worn" Finding YesNo, None, Shop,
        Units "condition.worn", "Were they worn or used?";
    Altered "altered" Finding YesNo, None, Shop,
        Units "condition.altered", "Were they altered?";
    Damaged "damaged" Finding YesNo, None, Shop,
        Units "condition.damaged", "Are they damaged?";
    Stained "stained" Finding YesNo, None, Shop,
        Units "condition.stained", "Are they stained or dirty?";
    ContentsComplete "contents_complete" Finding YesNo, None, Shop,
        Units "condition.contents_complete", "Is all that was delivered there, and nothing else?";
    PackagingComplete "packaging_complete" Finding YesNo, None, Shop,
        Units "condition.packaging_complete", "Is the original packaging complete?";
    LabelsPresent "labels_present" Finding YesNo, None, Shop,
        Units "condition.labels_present", "Are all labels there?";
    AccessoriesPresent "accessories_present" Finding YesNo, None, Shop,
        Units "condition.accessories_present", "Are all accessories there?";
    SealIntact "seal_intact" Finding YesNo, None, Shop,
        Units "condition.seal_intact", "Is the security seal intact?";
    TapePresent "tape_present" Finding YesNo, None, Shop,
        Units "condition.tape_present", "Is the protective tape in place?";
    CustomerFault "customer_fault" Finding YesNo, None, Shop,
        Units "condition.customer_fault", "Did the customer cause what is wrong with them?";
    Defect "defect" Finding OneOf(DefectFinding::WORDS), None, Shop,
        Units "finding.defect", "What did the examination of the claimed defect find?";
    DefectAtDelivery "defect_at_delivery" Finding YesNo, None, Shop,
        Units "finding.defect_at_delivery", "Were they damaged, defective or wrong when delivered?";
    UsedBeyondTesting "used_beyond_testing" Finding YesNo, None, Shop,
        Units "finding.used_beyond_testing", "Were they handled more than needed to check features and function?";
    InstructionsFollowed "instructions_followed" Finding YesNo, None, Shop,
        Units "finding.instructions_followed", "Did the shop follow the customer's instructions?";
    Deteriorated "deteriorated" Finding YesNo, None, Shop,
        Units "finding.deterioration_amount", "Did they deteriorate, and what does it cost?";
    ValueLost "value_lost" Finding YesNo, None, Shop,
        Units "finding.value_loss_amount", "Did handling lower their value, and by how much?";
    // Request.
    ChannelIs "channel" Given OneOf(Channel::WORDS), None, Shop,
        Message "request.channel", "How did the request come in?";
    RequesterIs "requester" Given OneOf(Requester::WORDS), None, Shop,
        Message "request.requester", "Who asks: the buyer or the recipient of a gift?";
    StatementClear "statement_clear" Asked YesNo, None, Customer,
        Message "request.statement_clear", "Is the statement clear?";
    OrderNumberQuoted "order_number_quoted" Asked YesNo, None, Customer,
        Message "request.order_number_quoted", "Did the customer quote the order number?";
    Photos "photos" Asked YesNo, None, Customer,
        Message "request.evidence.photos", "Did the customer supply photos?";
    Description "description" Asked YesNo, None, Customer,
        Message "request.evidence.description", "Did the customer describe the problem?";
    PersonalData "personal_data" Asked YesNo, None, Customer,
        Message "request.evidence.personal_data", "Did the customer supply name and address?";
    ReturnForm "return_form" Asked YesNo, None, Customer,
        Message "request.evidence.return_form", "Did the customer supply the return form?";
    FormSent "form_sent" Asked YesNo, None, Customer,
        Message "request.form_send_time", "Did the customer send the prescribed form?";
    WholeOrder "whole_order" Given YesNo, None, Shop,
        Message "request.lines", "Is the request about all units of the order?";
    ReturnMethodIs "return_method" Given OneOf(ReturnMethod::WORDS), None, Customer,
        Message "request.journey.method", "How do the goods travel back?";
    FreightCollect "freight_collect" Finding YesNo, None, Shop,
        Message "request.journey.freight_collect", "Is the carriage to be paid on arrival?";
    ParcelCount "parcel_count" Finding Number, None, Customer,
        Message "request.journey.parcel_count", "In how many parcels do the goods travel back?";
    AddressCorrect "address_correct" Given YesNo, None, Customer,
        Message "request.journey.address_correct", "Were the goods sent to the address that the terms name?";
    ReturnLost "return_lost" Finding YesNo, None, Shop,
        Message "request.journey.lost", "Were the goods lost on their way back?";
    Confirmed "confirmed" Finding YesNo, None, Shop,
        Message "request.response.confirmed", "Did customer service confirm the request?";
    ReturnAccepted "return_accepted" Finding YesNo, None, Shop,
        Message "request.response.return_accepted", "Was the return inspected and accepted?";
    // Actions.
    ReturnReason "return_reason" Selector Word, None, Customer,
        Message "request.return.reason", "Why do the goods come back?";
    ExchangeReason "exchange_reason" Selector Word, None, Customer,
        Message "request.exchange.reason", "Why are the goods to be exchanged?";
    WantedAvailable "wanted_available" Given YesNo, None, Shop,
        Message "request.exchange.wanted_available", "Can the wanted goods be supplied?";
    WantedWorth "wanted_worth" Given OneOf(WORTH), None, Shop,
        Message "request.exchange.wanted_unit_price", "Are the wanted goods of lower, equal or higher worth than what was paid?";
    CancellationReason "cancellation_reason" Selector Word, None, Customer,
        Message "request.cancellation.reason", "Why is the order to be cancelled?";
    ChangeKindIs "change_kind" Selector OneOf(ChangeKind::WORDS), None, Customer,
        Message "request.change.kind", "What is to be changed?";
    ClaimKindIs "claim_kind" Selector OneOf(ClaimKind::WORDS), None, Customer,
        Message "request.claim.kind", "What is wrong with the goods?";
    DefectType "defect_type" Selector Word, None, Customer,
        Message "request.claim.defect_type", "What kind of defect is it?";
    TextLanguage "text_language" Given Word, None, Customer,
        Message "request.claim.text_language_code", "Which language is the disputed text in?";
    TranslationFree "translation_free" Given YesNo, None, Shop,
        Message "request.claim.translation_free", "Was the disputed translation free of charge?";
    TextAuthorIs "text_author" Given OneOf(TextAuthor::WORDS), None, Shop,
        Message "request.claim.text_author", "Who typed the disputed text?";
    CourierInformed "courier_informed" Given YesNo, None, Customer,
        Message "request.claim.courier_informed", "Was the courier told at delivery?";
    DeliveryProblemKindIs "delivery_problem_kind" Selector OneOf(DeliveryProblemKind::WORDS), None, Customer,
        Message "request.delivery_problem.kind", "What went wrong with the delivery?";
    CauseIs "cause" Given OneOf(Cause::WORDS), None, Shop,
        Message "request.delivery_problem.cause", "Whose doing is it?";
    VisiblyDamaged "visibly_damaged" Given YesNo, None, Customer,
        Message "request.delivery_problem.visibly_damaged", "Was the parcel visibly damaged when it was refused?";
    AddressCorrected "address_corrected" Given YesNo, None, Shop,
        Message "request.delivery_problem.address_corrected", "Did the customer correct the address in time, and did the shop confirm it?";
    Payout "payout" Given YesNo, None, Customer,
        Message "request.credit_use.payout", "Is the credit to be paid out in money?";
    ShopEventKindIs "shop_event_kind" Selector OneOf(ShopEventKind::WORDS), None, Shop,
        Message "request.shop_event.kind", "What happened on the shop's side?";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_lead_back() {
        for fact in Fact::ALL {
            assert_eq!(Fact::from_name(fact.spec().name), Some(*fact));
        }
    }
}
