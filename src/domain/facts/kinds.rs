//! The closed lists of words that facts use.

use crate::domain::words::words;

words! {
    /// Tells what a customer bought as.
    CustomerKind {
        /// Outside trade, business, craft and profession.
        Consumer = "consumer",
        /// For a business other than resale.
        Business = "business",
        /// A business that sells to final consumers.
        Retailer = "retailer",
        /// Partly for a business.
        MixedPurpose = "mixed_purpose",
    }
}

words! {
    /// Tells where an order was placed.
    SalesChannel {
        /// The shop's site or app.
        Online = "online",
        /// A physical shop.
        Store = "store",
        /// Telephone or mail order.
        Telephone = "telephone",
        /// A marketplace of somebody else.
        Marketplace = "marketplace",
    }
}

words! {
    /// Tells why a line carries a tag.
    TagReason {
        /// Offered for a season.
        Seasonal = "seasonal",
        /// Made for one customer.
        CustomMade = "custom_made",
        /// Hygiene.
        Hygiene = "hygiene",
        /// Another reason.
        Other = "other",
    }
}

words! {
    /// Tells who took a parcel over.
    Receiver {
        /// The customer.
        Customer = "customer",
        /// A third person whom the customer named.
        NamedPerson = "named_person",
        /// Another person.
        OtherPerson = "other_person",
        /// A pick-up point or locker.
        PickupPoint = "pickup_point",
        /// A carrier.
        Carrier = "carrier",
    }
}

words! {
    /// Tells how a message reached the shop.
    Channel {
        /// E-mail.
        Email = "email",
        /// The contact form.
        ContactForm = "contact_form",
        /// The prescribed form.
        PrescribedForm = "prescribed_form",
        /// Letter post.
        Post = "post",
        /// Telephone.
        Telephone = "telephone",
        /// Chat.
        Chat = "chat",
        /// In a shop.
        Store = "store",
    }
}

words! {
    /// Tells who asks.
    Requester {
        /// Who bought.
        Buyer = "buyer",
        /// Who received a gift.
        Recipient = "recipient",
        /// The shop's own system.
        Shop = "shop",
    }
}

words! {
    /// Tells how goods travel back.
    ReturnMethod {
        /// Post or courier.
        Post = "post",
        /// In one of the shop's stores.
        Store = "store",
        /// Collected by the shop.
        Collection = "collection",
    }
}

words! {
    /// Tells what an examination found about a claimed defect.
    DefectFinding {
        /// It exists.
        Confirmed = "confirmed",
        /// It exists but is not significant.
        NotSignificant = "not_significant",
        /// The customer caused it.
        CausedByCustomer = "caused_by_customer",
        /// It does not exist.
        None = "none",
    }
}

words! {
    /// Names a remedy.
    Remedy {
        /// Money back.
        Refund = "refund",
        /// A part of the money back.
        PartialRefund = "partial_refund",
        /// Credit with the shop.
        StoreCredit = "store_credit",
        /// Another piece for the one that comes back.
        Exchange = "exchange",
        /// The same piece again, free.
        Replacement = "replacement",
        /// The piece repaired.
        Repair = "repair",
        /// The order changed.
        Change = "change",
        /// The price reduced.
        PriceReduction = "price_reduction",
        /// Credit taken as payment.
        CreditUse = "credit_use",
    }
}

words! {
    /// Names what can be asked for.
    Action {
        /// Goods come back because they are not wanted.
        Return = "return",
        /// The contract is ended by right.
        Withdrawal = "withdrawal",
        /// Other goods for those that come back.
        Exchange = "exchange",
        /// The order is not to be carried out.
        Cancellation = "cancellation",
        /// The order is to be carried out differently.
        Change = "change",
        /// The goods are not what is owed.
        Claim = "claim",
        /// The goods did not arrive, or late.
        DeliveryProblem = "delivery_problem",
        /// Credit is to pay for an order.
        CreditUse = "credit_use",
        /// Something happened on the shop's side.
        ShopEvent = "shop_event",
    }
}

words! {
    /// Names what is to be changed.
    ChangeKind {
        /// A size.
        Size = "size",
        /// A colour or a finish.
        Color = "color",
        /// The address.
        Address = "address",
        /// A text or the design.
        Design = "design",
        /// The delivery.
        Delivery = "delivery",
        /// Something else.
        Other = "other",
    }
}

words! {
    /// Names what a claim says is wrong.
    ClaimKind {
        /// Damaged.
        Damaged = "damaged",
        /// Defective.
        Defective = "defective",
        /// Other goods, or a mistake in the order.
        WrongItem = "wrong_item",
        /// Different from what was agreed.
        Different = "different",
        /// Something is missing.
        MissingItem = "missing_item",
        /// Only the packaging.
        Packaging = "packaging",
        /// Not ordered by the customer.
        NotOrdered = "not_ordered",
        /// A price or promotion was not applied.
        Price = "price",
    }
}

words! {
    /// Names who typed a text.
    TextAuthor {
        /// The customer.
        Customer = "customer",
        /// The shop.
        Shop = "shop",
    }
}

words! {
    /// Names what went wrong with a delivery.
    DeliveryProblemKind {
        /// Late.
        Delay = "delay",
        /// Lost.
        Lost = "lost",
        /// Could not be delivered.
        Undeliverable = "undeliverable",
        /// Refused by the customer.
        Refused = "refused",
    }
}

words! {
    /// Names whose doing a failed delivery is.
    Cause {
        /// The customer's.
        Customer = "customer",
        /// The shop's.
        Shop = "shop",
        /// The carrier's.
        Carrier = "carrier",
        /// Nobody's.
        Other = "other",
    }
}

words! {
    /// Names an event on the shop's side.
    ShopEventKind {
        /// The customer did not answer a question about the address.
        AddressUnanswered = "address_unanswered",
        /// Goods cannot be supplied.
        OutOfStock = "out_of_stock",
        /// The order is not accepted.
        OrderNotAccepted = "order_not_accepted",
        /// A parcel came back undelivered.
        ParcelReturned = "parcel_returned",
    }
}

words! {
    /// Names a means of payment.
    PaymentMethod {
        /// Card.
        Card = "card",
        /// Bank transfer or direct debit.
        BankTransfer = "bank_transfer",
        /// Wallet.
        Wallet = "wallet",
        /// Credit with the shop.
        StoreCredit = "store_credit",
        /// Gift card.
        GiftCard = "gift_card",
        /// Cash.
        Cash = "cash",
        /// Another means.
        Other = "other",
    }
}
