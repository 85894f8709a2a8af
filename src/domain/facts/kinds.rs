//! Words that order and request are made of, beside those of facts.

use crate::domain::words::words;

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
        /// What was agreed ends, and nothing is paid back.
        Cancellation = "cancellation",
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
        /// Something else, which the policy names.
        Other = "other",
    }
}

words! {
    /// Tells where a payment stands.
    PaymentState {
        /// Agreed, and neither held nor taken yet.
        Pending = "pending",
        /// Held, and not taken.
        Authorized = "authorized",
        /// Taken.
        Captured = "captured",
        /// Given up; what was taken of it before stays.
        Voided = "voided",
    }
}

words! {
    /// Names what an order costs beside goods, delivery and options.
    AdjustmentKind {
        /// Rounding, of cash or of taxes of the order.
        Rounding = "rounding",
        /// A tip.
        Tip = "tip",
        /// Duties and import taxes.
        Duty = "duty",
        /// A fee.
        Fee = "fee",
        /// What taxes of the order come to more or less than those of its lines.
        TaxDifference = "tax_difference",
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
