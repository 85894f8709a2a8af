// Generated from the messages of `proto/redress/v1` by `cargo run -p redress-generate`.

impl Adjustment {
    /// Sets [`Self::kind`].
    #[must_use]
    pub fn with_kind(mut self, value: impl Into<AdjustmentKind>) -> Self {
        self.kind = i32::from(value.into());
        self
    }

    /// Sets [`Self::amount`].
    #[must_use]
    pub fn with_amount(mut self, value: impl ToString) -> Self {
        self.amount = value.to_string();
        self
    }
}

impl BatchItem {
    /// Sets [`Self::item_id`].
    #[must_use]
    pub fn with_item_id(mut self, value: impl ToString) -> Self {
        self.item_id = value.to_string();
        self
    }

    /// Sets [`Self::decide`].
    #[must_use]
    pub fn with_decide(mut self, value: impl Into<DecideRequest>) -> Self {
        self.decide = Some(value.into());
        self
    }
}

impl CancellationAction {
    /// Sets [`Self::reason`].
    #[must_use]
    pub fn with_reason(mut self, value: impl ToString) -> Self {
        self.reason = value.to_string();
        self
    }
}

impl ChangeAction {
    /// Sets [`Self::kind`].
    #[must_use]
    pub fn with_kind(mut self, value: impl Into<ChangeKind>) -> Self {
        self.kind = i32::from(value.into());
        self
    }
}

impl ClaimAction {
    /// Sets [`Self::kind`].
    #[must_use]
    pub fn with_kind(mut self, value: impl Into<ClaimKind>) -> Self {
        self.kind = i32::from(value.into());
        self
    }

    /// Sets [`Self::defect_type`].
    #[must_use]
    pub fn with_defect_type(mut self, value: impl ToString) -> Self {
        self.defect_type = value.to_string();
        self
    }
}

impl Condition {
    /// Sets [`Self::worn`].
    #[must_use]
    pub fn with_worn(mut self, value: impl Into<Answer>) -> Self {
        self.worn = i32::from(value.into());
        self
    }

    /// Sets [`Self::altered`].
    #[must_use]
    pub fn with_altered(mut self, value: impl Into<Answer>) -> Self {
        self.altered = i32::from(value.into());
        self
    }

    /// Sets [`Self::damaged`].
    #[must_use]
    pub fn with_damaged(mut self, value: impl Into<Answer>) -> Self {
        self.damaged = i32::from(value.into());
        self
    }

    /// Sets [`Self::stained`].
    #[must_use]
    pub fn with_stained(mut self, value: impl Into<Answer>) -> Self {
        self.stained = i32::from(value.into());
        self
    }

    /// Sets [`Self::contents_complete`].
    #[must_use]
    pub fn with_contents_complete(mut self, value: impl Into<Answer>) -> Self {
        self.contents_complete = i32::from(value.into());
        self
    }

    /// Sets [`Self::packaging_complete`].
    #[must_use]
    pub fn with_packaging_complete(mut self, value: impl Into<Answer>) -> Self {
        self.packaging_complete = i32::from(value.into());
        self
    }

    /// Sets [`Self::labels_present`].
    #[must_use]
    pub fn with_labels_present(mut self, value: impl Into<Answer>) -> Self {
        self.labels_present = i32::from(value.into());
        self
    }

    /// Sets [`Self::accessories_present`].
    #[must_use]
    pub fn with_accessories_present(mut self, value: impl Into<Answer>) -> Self {
        self.accessories_present = i32::from(value.into());
        self
    }

    /// Sets [`Self::seal_intact`].
    #[must_use]
    pub fn with_seal_intact(mut self, value: impl Into<Answer>) -> Self {
        self.seal_intact = i32::from(value.into());
        self
    }

    /// Sets [`Self::customer_fault`].
    #[must_use]
    pub fn with_customer_fault(mut self, value: impl Into<Answer>) -> Self {
        self.customer_fault = i32::from(value.into());
        self
    }
}

impl CreditUseAction {
    /// Sets [`Self::credit_amount`].
    #[must_use]
    pub fn with_credit_amount(mut self, value: impl ToString) -> Self {
        self.credit_amount = value.to_string();
        self
    }

    /// Sets [`Self::next_order_time`].
    #[must_use]
    pub fn with_next_order_time(mut self, value: impl Into<EventTime>) -> Self {
        self.next_order_time = Some(value.into());
        self
    }

    /// Sets [`Self::goods_receive_time`].
    #[must_use]
    pub fn with_goods_receive_time(mut self, value: impl Into<EventTime>) -> Self {
        self.goods_receive_time = Some(value.into());
        self
    }

    /// Sets [`Self::payout`].
    #[must_use]
    pub fn with_payout(mut self, value: impl Into<Answer>) -> Self {
        self.payout = i32::from(value.into());
        self
    }
}

impl Customer {
    /// Sets [`Self::kind`].
    #[must_use]
    pub fn with_kind(mut self, value: impl Into<CustomerKind>) -> Self {
        self.kind = i32::from(value.into());
        self
    }

    /// Sets [`Self::registered`].
    #[must_use]
    pub fn with_registered(mut self, value: impl Into<Answer>) -> Self {
        self.registered = i32::from(value.into());
        self
    }

    /// Sets [`Self::birth_date`].
    #[must_use]
    pub fn with_birth_date(mut self, value: impl ToString) -> Self {
        self.birth_date = value.to_string();
        self
    }

    /// Sets [`Self::time_zone`].
    #[must_use]
    pub fn with_time_zone(mut self, value: impl ToString) -> Self {
        self.time_zone = value.to_string();
        self
    }
}

impl CustomerRequest {
    /// Sets [`Self::claim_id`].
    #[must_use]
    pub fn with_claim_id(mut self, value: impl ToString) -> Self {
        self.claim_id = value.to_string();
        self
    }

    /// Sets [`Self::request_time`].
    #[must_use]
    pub fn with_request_time(mut self, value: ::chrono::DateTime<::chrono::Utc>) -> Self {
        self.request_time = Some(crate::timestamp(value));
        self
    }

    /// Sets [`Self::statement_send_time`].
    #[must_use]
    pub fn with_statement_send_time(mut self, value: impl Into<EventTime>) -> Self {
        self.statement_send_time = Some(value.into());
        self
    }

    /// Sets [`Self::form_send_time`].
    #[must_use]
    pub fn with_form_send_time(mut self, value: impl Into<EventTime>) -> Self {
        self.form_send_time = Some(value.into());
        self
    }

    /// Sets [`Self::channel`].
    #[must_use]
    pub fn with_channel(mut self, value: impl Into<Channel>) -> Self {
        self.channel = i32::from(value.into());
        self
    }

    /// Sets [`Self::requester`].
    #[must_use]
    pub fn with_requester(mut self, value: impl Into<Requester>) -> Self {
        self.requester = i32::from(value.into());
        self
    }

    /// Sets [`Self::order_number_quoted`].
    #[must_use]
    pub fn with_order_number_quoted(mut self, value: impl Into<Answer>) -> Self {
        self.order_number_quoted = i32::from(value.into());
        self
    }

    /// Sets [`Self::statement_clear`].
    #[must_use]
    pub fn with_statement_clear(mut self, value: impl Into<Answer>) -> Self {
        self.statement_clear = i32::from(value.into());
        self
    }

    /// Replaces [`Self::lines`].
    #[must_use]
    pub fn with_lines(mut self, values: impl IntoIterator<Item = impl Into<RequestLine>>) -> Self {
        self.lines = values.into_iter().map(|value| value.into()).collect();
        self
    }

    /// Sets [`Self::wants`].
    #[must_use]
    pub fn with_wants(mut self, value: impl Into<Remedy>) -> Self {
        self.wants = i32::from(value.into());
        self
    }

    /// Sets [`Self::evidence`].
    #[must_use]
    pub fn with_evidence(mut self, value: impl Into<Evidence>) -> Self {
        self.evidence = Some(value.into());
        self
    }

    /// Sets [`Self::journey`].
    #[must_use]
    pub fn with_journey(mut self, value: impl Into<ReturnJourney>) -> Self {
        self.journey = Some(value.into());
        self
    }

    /// Sets [`Self::response`].
    #[must_use]
    pub fn with_response(mut self, value: impl Into<ShopResponse>) -> Self {
        self.response = Some(value.into());
        self
    }

    /// Replaces [`Self::unavailable_paths`].
    #[must_use]
    pub fn with_unavailable_paths(mut self, values: impl IntoIterator<Item = impl ToString>) -> Self {
        self.unavailable_paths = values.into_iter().map(|value| value.to_string()).collect();
        self
    }

    /// Sets [`Self::all_units`].
    #[must_use]
    pub fn with_all_units(mut self, value: impl Into<UnitGroup>) -> Self {
        self.all_units = Some(value.into());
        self
    }

    /// Replaces [`Self::facts`].
    #[must_use]
    pub fn with_facts(mut self, values: impl IntoIterator<Item = impl Into<Fact>>) -> Self {
        self.facts = values.into_iter().map(|value| value.into()).collect();
        self
    }

    /// Sets [`Self::payout_wish`].
    #[must_use]
    pub fn with_payout_wish(mut self, value: impl Into<PayoutWish>) -> Self {
        self.payout_wish = Some(value.into());
        self
    }

    /// Replaces [`Self::return_parcels`].
    #[must_use]
    pub fn with_return_parcels(mut self, values: impl IntoIterator<Item = impl Into<ReturnParcel>>) -> Self {
        self.return_parcels = values.into_iter().map(|value| value.into()).collect();
        self
    }

    /// Sets [`Self::action`] to [`customer_request::Action::GoodsReturn`].
    #[must_use]
    pub fn with_goods_return(mut self, value: impl Into<ReturnAction>) -> Self {
        self.action = Some(customer_request::Action::GoodsReturn(value.into()));
        self
    }

    /// Sets [`Self::action`] to [`customer_request::Action::Withdrawal`].
    #[must_use]
    pub fn with_withdrawal(mut self, value: impl Into<WithdrawalAction>) -> Self {
        self.action = Some(customer_request::Action::Withdrawal(value.into()));
        self
    }

    /// Sets [`Self::action`] to [`customer_request::Action::Exchange`].
    #[must_use]
    pub fn with_exchange(mut self, value: impl Into<ExchangeAction>) -> Self {
        self.action = Some(customer_request::Action::Exchange(value.into()));
        self
    }

    /// Sets [`Self::action`] to [`customer_request::Action::Cancellation`].
    #[must_use]
    pub fn with_cancellation(mut self, value: impl Into<CancellationAction>) -> Self {
        self.action = Some(customer_request::Action::Cancellation(value.into()));
        self
    }

    /// Sets [`Self::action`] to [`customer_request::Action::Change`].
    #[must_use]
    pub fn with_change(mut self, value: impl Into<ChangeAction>) -> Self {
        self.action = Some(customer_request::Action::Change(value.into()));
        self
    }

    /// Sets [`Self::action`] to [`customer_request::Action::Claim`].
    #[must_use]
    pub fn with_claim(mut self, value: impl Into<ClaimAction>) -> Self {
        self.action = Some(customer_request::Action::Claim(value.into()));
        self
    }

    /// Sets [`Self::action`] to [`customer_request::Action::DeliveryProblem`].
    #[must_use]
    pub fn with_delivery_problem(mut self, value: impl Into<DeliveryProblemAction>) -> Self {
        self.action = Some(customer_request::Action::DeliveryProblem(value.into()));
        self
    }

    /// Sets [`Self::action`] to [`customer_request::Action::CreditUse`].
    #[must_use]
    pub fn with_credit_use(mut self, value: impl Into<CreditUseAction>) -> Self {
        self.action = Some(customer_request::Action::CreditUse(value.into()));
        self
    }

    /// Sets [`Self::action`] to [`customer_request::Action::ShopEvent`].
    #[must_use]
    pub fn with_shop_event(mut self, value: impl Into<ShopEventAction>) -> Self {
        self.action = Some(customer_request::Action::ShopEvent(value.into()));
        self
    }

    /// Sets [`Self::action`] to [`customer_request::Action::Other`].
    #[must_use]
    pub fn with_other(mut self, value: impl Into<OtherAction>) -> Self {
        self.action = Some(customer_request::Action::Other(value.into()));
        self
    }
}

impl DecideRequest {
    /// Sets [`Self::policy`].
    #[must_use]
    pub fn with_policy(mut self, value: impl ToString) -> Self {
        self.policy = value.to_string();
        self
    }

    /// Sets [`Self::revision`].
    #[must_use]
    pub fn with_revision(mut self, value: impl ToString) -> Self {
        self.revision = value.to_string();
        self
    }

    /// Sets [`Self::order`].
    #[must_use]
    pub fn with_order(mut self, value: impl Into<Order>) -> Self {
        self.order = Some(value.into());
        self
    }

    /// Sets [`Self::request`].
    #[must_use]
    pub fn with_request(mut self, value: impl Into<CustomerRequest>) -> Self {
        self.request = Some(value.into());
        self
    }

    /// Sets [`Self::decide_time`].
    #[must_use]
    pub fn with_decide_time(mut self, value: ::chrono::DateTime<::chrono::Utc>) -> Self {
        self.decide_time = Some(crate::timestamp(value));
        self
    }

    /// Sets [`Self::view`].
    #[must_use]
    pub fn with_view(mut self, value: impl Into<View>) -> Self {
        self.view = i32::from(value.into());
        self
    }

    /// Replaces [`Self::language_codes`].
    #[must_use]
    pub fn with_language_codes(mut self, values: impl IntoIterator<Item = impl ToString>) -> Self {
        self.language_codes = values.into_iter().map(|value| value.to_string()).collect();
        self
    }
}

impl Delivery {
    /// Sets [`Self::method`].
    #[must_use]
    pub fn with_method(mut self, value: impl ToString) -> Self {
        self.method = value.to_string();
        self
    }

    /// Sets [`Self::paid`].
    #[must_use]
    pub fn with_paid(mut self, value: impl ToString) -> Self {
        self.paid = value.to_string();
        self
    }

    /// Sets [`Self::standard_cost`].
    #[must_use]
    pub fn with_standard_cost(mut self, value: impl ToString) -> Self {
        self.standard_cost = value.to_string();
        self
    }

    /// Sets [`Self::promise_date`].
    #[must_use]
    pub fn with_promise_date(mut self, value: impl ToString) -> Self {
        self.promise_date = value.to_string();
        self
    }

    /// Sets [`Self::discount`].
    #[must_use]
    pub fn with_discount(mut self, value: impl ToString) -> Self {
        self.discount = value.to_string();
        self
    }
}

impl DeliveryProblemAction {
    /// Sets [`Self::kind`].
    #[must_use]
    pub fn with_kind(mut self, value: impl Into<DeliveryProblemKind>) -> Self {
        self.kind = i32::from(value.into());
        self
    }

    /// Sets [`Self::cause`].
    #[must_use]
    pub fn with_cause(mut self, value: impl Into<Cause>) -> Self {
        self.cause = i32::from(value.into());
        self
    }
}

impl EarlierRemedy {
    /// Sets [`Self::line_id`].
    #[must_use]
    pub fn with_line_id(mut self, value: impl ToString) -> Self {
        self.line_id = value.to_string();
        self
    }

    /// Sets [`Self::quantity`].
    #[must_use]
    pub fn with_quantity(mut self, value: i32) -> Self {
        self.quantity = value;
        self
    }

    /// Sets [`Self::remedy`].
    #[must_use]
    pub fn with_remedy(mut self, value: impl Into<Remedy>) -> Self {
        self.remedy = i32::from(value.into());
        self
    }

    /// Sets [`Self::amount`].
    #[must_use]
    pub fn with_amount(mut self, value: impl ToString) -> Self {
        self.amount = value.to_string();
        self
    }

    /// Sets [`Self::delivery_amount`].
    #[must_use]
    pub fn with_delivery_amount(mut self, value: impl ToString) -> Self {
        self.delivery_amount = value.to_string();
        self
    }

    /// Sets [`Self::options_amount`].
    #[must_use]
    pub fn with_options_amount(mut self, value: impl ToString) -> Self {
        self.options_amount = value.to_string();
        self
    }

    /// Sets [`Self::consumed`].
    #[must_use]
    pub fn with_consumed(mut self, value: impl Into<Answer>) -> Self {
        self.consumed = i32::from(value.into());
        self
    }

    /// Sets [`Self::reason`].
    #[must_use]
    pub fn with_reason(mut self, value: impl ToString) -> Self {
        self.reason = value.to_string();
        self
    }

    /// Replaces [`Self::payments`].
    #[must_use]
    pub fn with_payments(mut self, values: impl IntoIterator<Item = impl Into<PaymentShare>>) -> Self {
        self.payments = values.into_iter().map(|value| value.into()).collect();
        self
    }

    /// Replaces [`Self::taken`].
    #[must_use]
    pub fn with_taken(mut self, values: impl IntoIterator<Item = impl Into<TakenAmount>>) -> Self {
        self.taken = values.into_iter().map(|value| value.into()).collect();
        self
    }

    /// Sets [`Self::shipment_id`].
    #[must_use]
    pub fn with_shipment_id(mut self, value: impl ToString) -> Self {
        self.shipment_id = value.to_string();
        self
    }

    /// Sets [`Self::surcharge_amount`].
    #[must_use]
    pub fn with_surcharge_amount(mut self, value: impl ToString) -> Self {
        self.surcharge_amount = value.to_string();
        self
    }
}

impl EventTime {
    /// Sets [`Self::state`] to [`event_time::State::Time`].
    #[must_use]
    pub fn with_time(mut self, value: ::chrono::DateTime<::chrono::Utc>) -> Self {
        self.state = Some(event_time::State::Time(crate::timestamp(value)));
        self
    }

    /// Sets [`Self::state`] to [`event_time::State::Date`].
    #[must_use]
    pub fn with_date(mut self, value: impl ToString) -> Self {
        self.state = Some(event_time::State::Date(value.to_string()));
        self
    }

    /// Sets [`Self::state`] to [`event_time::State::NotYet`].
    #[must_use]
    pub fn with_not_yet(mut self, value: impl Into<NotYet>) -> Self {
        self.state = Some(event_time::State::NotYet(value.into()));
        self
    }

    /// Sets [`Self::state`] to [`event_time::State::Happened`].
    #[must_use]
    pub fn with_happened(mut self, value: impl Into<Happened>) -> Self {
        self.state = Some(event_time::State::Happened(value.into()));
        self
    }
}

impl Evidence {
    /// Sets [`Self::photos`].
    #[must_use]
    pub fn with_photos(mut self, value: impl Into<Answer>) -> Self {
        self.photos = i32::from(value.into());
        self
    }

    /// Sets [`Self::description`].
    #[must_use]
    pub fn with_description(mut self, value: impl Into<Answer>) -> Self {
        self.description = i32::from(value.into());
        self
    }

    /// Sets [`Self::personal_data`].
    #[must_use]
    pub fn with_personal_data(mut self, value: impl Into<Answer>) -> Self {
        self.personal_data = i32::from(value.into());
        self
    }

    /// Sets [`Self::return_form`].
    #[must_use]
    pub fn with_return_form(mut self, value: impl Into<Answer>) -> Self {
        self.return_form = i32::from(value.into());
        self
    }
}

impl ExchangeAction {
    /// Sets [`Self::reason`].
    #[must_use]
    pub fn with_reason(mut self, value: impl ToString) -> Self {
        self.reason = value.to_string();
        self
    }

    /// Sets [`Self::wanted_unit_price`].
    #[must_use]
    pub fn with_wanted_unit_price(mut self, value: impl ToString) -> Self {
        self.wanted_unit_price = value.to_string();
        self
    }

    /// Sets [`Self::wanted_available`].
    #[must_use]
    pub fn with_wanted_available(mut self, value: impl Into<Answer>) -> Self {
        self.wanted_available = i32::from(value.into());
        self
    }

    /// Sets [`Self::wanted_same_product`].
    #[must_use]
    pub fn with_wanted_same_product(mut self, value: impl Into<Answer>) -> Self {
        self.wanted_same_product = i32::from(value.into());
        self
    }
}

impl Fact {
    /// Sets [`Self::name`].
    #[must_use]
    pub fn with_name(mut self, value: impl ToString) -> Self {
        self.name = value.to_string();
        self
    }

    /// Sets [`Self::value`] to [`fact::Value::Answer`].
    #[must_use]
    pub fn with_answer(mut self, value: impl Into<Answer>) -> Self {
        self.value = Some(fact::Value::Answer(i32::from(value.into())));
        self
    }

    /// Sets [`Self::value`] to [`fact::Value::Word`].
    #[must_use]
    pub fn with_word(mut self, value: impl ToString) -> Self {
        self.value = Some(fact::Value::Word(value.to_string()));
        self
    }

    /// Sets [`Self::value`] to [`fact::Value::Number`].
    #[must_use]
    pub fn with_number(mut self, value: i64) -> Self {
        self.value = Some(fact::Value::Number(value));
        self
    }

    /// Sets [`Self::value`] to [`fact::Value::Amount`].
    #[must_use]
    pub fn with_amount(mut self, value: impl ToString) -> Self {
        self.value = Some(fact::Value::Amount(value.to_string()));
        self
    }

    /// Sets [`Self::value`] to [`fact::Value::Time`].
    #[must_use]
    pub fn with_time(mut self, value: impl Into<EventTime>) -> Self {
        self.value = Some(fact::Value::Time(value.into()));
        self
    }
}

impl Finding {
    /// Sets [`Self::defect`].
    #[must_use]
    pub fn with_defect(mut self, value: impl Into<DefectFinding>) -> Self {
        self.defect = i32::from(value.into());
        self
    }

    /// Sets [`Self::defect_at_delivery`].
    #[must_use]
    pub fn with_defect_at_delivery(mut self, value: impl Into<Answer>) -> Self {
        self.defect_at_delivery = i32::from(value.into());
        self
    }

    /// Sets [`Self::used_beyond_testing`].
    #[must_use]
    pub fn with_used_beyond_testing(mut self, value: impl Into<Answer>) -> Self {
        self.used_beyond_testing = i32::from(value.into());
        self
    }

    /// Sets [`Self::deterioration_amount`].
    #[must_use]
    pub fn with_deterioration_amount(mut self, value: impl ToString) -> Self {
        self.deterioration_amount = value.to_string();
        self
    }

    /// Sets [`Self::value_loss_amount`].
    #[must_use]
    pub fn with_value_loss_amount(mut self, value: impl ToString) -> Self {
        self.value_loss_amount = value.to_string();
        self
    }

    /// Sets [`Self::instructions_followed`].
    #[must_use]
    pub fn with_instructions_followed(mut self, value: impl Into<Answer>) -> Self {
        self.instructions_followed = i32::from(value.into());
        self
    }
}

impl Line {
    /// Sets [`Self::line_id`].
    #[must_use]
    pub fn with_line_id(mut self, value: impl ToString) -> Self {
        self.line_id = value.to_string();
        self
    }

    /// Sets [`Self::quantity`].
    #[must_use]
    pub fn with_quantity(mut self, value: i32) -> Self {
        self.quantity = value;
        self
    }

    /// Sets [`Self::unit_price`].
    #[must_use]
    pub fn with_unit_price(mut self, value: impl ToString) -> Self {
        self.unit_price = value.to_string();
        self
    }

    /// Sets [`Self::discount`].
    #[must_use]
    pub fn with_discount(mut self, value: impl ToString) -> Self {
        self.discount = value.to_string();
        self
    }

    /// Sets [`Self::category`].
    #[must_use]
    pub fn with_category(mut self, value: impl ToString) -> Self {
        self.category = value.to_string();
        self
    }

    /// Sets [`Self::personalized`].
    #[must_use]
    pub fn with_personalized(mut self, value: impl Into<Answer>) -> Self {
        self.personalized = i32::from(value.into());
        self
    }

    /// Replaces [`Self::tags`].
    #[must_use]
    pub fn with_tags(mut self, values: impl IntoIterator<Item = impl ToString>) -> Self {
        self.tags = values.into_iter().map(|value| value.to_string()).collect();
        self
    }

    /// Sets [`Self::tags_complete`].
    #[must_use]
    pub fn with_tags_complete(mut self, value: impl Into<Answer>) -> Self {
        self.tags_complete = i32::from(value.into());
        self
    }

    /// Sets [`Self::tag_reason`].
    #[must_use]
    pub fn with_tag_reason(mut self, value: impl Into<TagReason>) -> Self {
        self.tag_reason = i32::from(value.into());
        self
    }

    /// Replaces [`Self::facts`].
    #[must_use]
    pub fn with_facts(mut self, values: impl IntoIterator<Item = impl Into<Fact>>) -> Self {
        self.facts = values.into_iter().map(|value| value.into()).collect();
        self
    }

    /// Sets [`Self::sealed`].
    #[must_use]
    pub fn with_sealed(mut self, value: impl Into<Answer>) -> Self {
        self.sealed = i32::from(value.into());
        self
    }

    /// Replaces [`Self::contents`].
    #[must_use]
    pub fn with_contents(mut self, values: impl IntoIterator<Item = impl ToString>) -> Self {
        self.contents = values.into_iter().map(|value| value.to_string()).collect();
        self
    }

    /// Sets [`Self::set`].
    #[must_use]
    pub fn with_set(mut self, value: impl Into<Answer>) -> Self {
        self.set = i32::from(value.into());
        self
    }

    /// Sets [`Self::available`].
    #[must_use]
    pub fn with_available(mut self, value: impl Into<Answer>) -> Self {
        self.available = i32::from(value.into());
        self
    }

    /// Sets [`Self::confirm_time`].
    #[must_use]
    pub fn with_confirm_time(mut self, value: impl Into<EventTime>) -> Self {
        self.confirm_time = Some(value.into());
        self
    }

    /// Sets [`Self::design_confirm_time`].
    #[must_use]
    pub fn with_design_confirm_time(mut self, value: impl Into<EventTime>) -> Self {
        self.design_confirm_time = Some(value.into());
        self
    }

    /// Sets [`Self::production_start_time`].
    #[must_use]
    pub fn with_production_start_time(mut self, value: impl Into<EventTime>) -> Self {
        self.production_start_time = Some(value.into());
        self
    }

    /// Sets [`Self::total`].
    #[must_use]
    pub fn with_total(mut self, value: impl ToString) -> Self {
        self.total = value.to_string();
        self
    }

    /// Sets [`Self::group_id`].
    #[must_use]
    pub fn with_group_id(mut self, value: impl ToString) -> Self {
        self.group_id = value.to_string();
        self
    }
}

impl ListOptionsRequest {
    /// Sets [`Self::policy`].
    #[must_use]
    pub fn with_policy(mut self, value: impl ToString) -> Self {
        self.policy = value.to_string();
        self
    }

    /// Sets [`Self::revision`].
    #[must_use]
    pub fn with_revision(mut self, value: impl ToString) -> Self {
        self.revision = value.to_string();
        self
    }

    /// Sets [`Self::order`].
    #[must_use]
    pub fn with_order(mut self, value: impl Into<Order>) -> Self {
        self.order = Some(value.into());
        self
    }

    /// Sets [`Self::request_time`].
    #[must_use]
    pub fn with_request_time(mut self, value: ::chrono::DateTime<::chrono::Utc>) -> Self {
        self.request_time = Some(crate::timestamp(value));
        self
    }

    /// Replaces [`Self::lines`].
    #[must_use]
    pub fn with_lines(mut self, values: impl IntoIterator<Item = impl Into<RequestLine>>) -> Self {
        self.lines = values.into_iter().map(|value| value.into()).collect();
        self
    }

    /// Sets [`Self::requester`].
    #[must_use]
    pub fn with_requester(mut self, value: impl Into<Requester>) -> Self {
        self.requester = i32::from(value.into());
        self
    }

    /// Sets [`Self::view`].
    #[must_use]
    pub fn with_view(mut self, value: impl Into<View>) -> Self {
        self.view = i32::from(value.into());
        self
    }

    /// Replaces [`Self::language_codes`].
    #[must_use]
    pub fn with_language_codes(mut self, values: impl IntoIterator<Item = impl ToString>) -> Self {
        self.language_codes = values.into_iter().map(|value| value.to_string()).collect();
        self
    }

    /// Replaces [`Self::statuses`].
    #[must_use]
    pub fn with_statuses(mut self, values: impl IntoIterator<Item = impl Into<OptionStatus>>) -> Self {
        self.statuses = values.into_iter().map(|value| i32::from(value.into())).collect();
        self
    }

    /// Replaces [`Self::actions`].
    #[must_use]
    pub fn with_actions(mut self, values: impl IntoIterator<Item = impl Into<Action>>) -> Self {
        self.actions = values.into_iter().map(|value| i32::from(value.into())).collect();
        self
    }

    /// Sets [`Self::whole_order_only`].
    #[must_use]
    pub fn with_whole_order_only(mut self, value: bool) -> Self {
        self.whole_order_only = value;
        self
    }

    /// Sets [`Self::with_requests`].
    #[must_use]
    pub fn with_with_requests(mut self, value: bool) -> Self {
        self.with_requests = value;
        self
    }
}

impl OpenRequest {
    /// Sets [`Self::claim_id`].
    #[must_use]
    pub fn with_claim_id(mut self, value: impl ToString) -> Self {
        self.claim_id = value.to_string();
        self
    }

    /// Sets [`Self::line_id`].
    #[must_use]
    pub fn with_line_id(mut self, value: impl ToString) -> Self {
        self.line_id = value.to_string();
        self
    }

    /// Sets [`Self::quantity`].
    #[must_use]
    pub fn with_quantity(mut self, value: i32) -> Self {
        self.quantity = value;
        self
    }
}

impl Order {
    /// Sets [`Self::order_id`].
    #[must_use]
    pub fn with_order_id(mut self, value: impl ToString) -> Self {
        self.order_id = value.to_string();
        self
    }

    /// Sets [`Self::currency_code`].
    #[must_use]
    pub fn with_currency_code(mut self, value: impl ToString) -> Self {
        self.currency_code = value.to_string();
        self
    }

    /// Sets [`Self::place_time`].
    #[must_use]
    pub fn with_place_time(mut self, value: impl Into<EventTime>) -> Self {
        self.place_time = Some(value.into());
        self
    }

    /// Sets [`Self::accept_time`].
    #[must_use]
    pub fn with_accept_time(mut self, value: impl Into<EventTime>) -> Self {
        self.accept_time = Some(value.into());
        self
    }

    /// Sets [`Self::customer`].
    #[must_use]
    pub fn with_customer(mut self, value: impl Into<Customer>) -> Self {
        self.customer = Some(value.into());
        self
    }

    /// Sets [`Self::sales_channel`].
    #[must_use]
    pub fn with_sales_channel(mut self, value: impl Into<SalesChannel>) -> Self {
        self.sales_channel = i32::from(value.into());
        self
    }

    /// Sets [`Self::delivery_region_code`].
    #[must_use]
    pub fn with_delivery_region_code(mut self, value: impl ToString) -> Self {
        self.delivery_region_code = value.to_string();
        self
    }

    /// Sets [`Self::charged`].
    #[must_use]
    pub fn with_charged(mut self, value: impl Into<Answer>) -> Self {
        self.charged = i32::from(value.into());
        self
    }

    /// Sets [`Self::data_complete`].
    #[must_use]
    pub fn with_data_complete(mut self, value: impl Into<Answer>) -> Self {
        self.data_complete = i32::from(value.into());
        self
    }

    /// Sets [`Self::gift`].
    #[must_use]
    pub fn with_gift(mut self, value: impl Into<Answer>) -> Self {
        self.gift = i32::from(value.into());
        self
    }

    /// Sets [`Self::return_agreed`].
    #[must_use]
    pub fn with_return_agreed(mut self, value: impl Into<Answer>) -> Self {
        self.return_agreed = i32::from(value.into());
        self
    }

    /// Sets [`Self::fraud_suspected`].
    #[must_use]
    pub fn with_fraud_suspected(mut self, value: impl Into<Answer>) -> Self {
        self.fraud_suspected = i32::from(value.into());
        self
    }

    /// Replaces [`Self::tags`].
    #[must_use]
    pub fn with_tags(mut self, values: impl IntoIterator<Item = impl ToString>) -> Self {
        self.tags = values.into_iter().map(|value| value.to_string()).collect();
        self
    }

    /// Sets [`Self::tags_complete`].
    #[must_use]
    pub fn with_tags_complete(mut self, value: impl Into<Answer>) -> Self {
        self.tags_complete = i32::from(value.into());
        self
    }

    /// Replaces [`Self::facts`].
    #[must_use]
    pub fn with_facts(mut self, values: impl IntoIterator<Item = impl Into<Fact>>) -> Self {
        self.facts = values.into_iter().map(|value| value.into()).collect();
        self
    }

    /// Replaces [`Self::lines`].
    #[must_use]
    pub fn with_lines(mut self, values: impl IntoIterator<Item = impl Into<Line>>) -> Self {
        self.lines = values.into_iter().map(|value| value.into()).collect();
        self
    }

    /// Replaces [`Self::shipments`].
    #[must_use]
    pub fn with_shipments(mut self, values: impl IntoIterator<Item = impl Into<Shipment>>) -> Self {
        self.shipments = values.into_iter().map(|value| value.into()).collect();
        self
    }

    /// Replaces [`Self::options`].
    #[must_use]
    pub fn with_options(mut self, values: impl IntoIterator<Item = impl Into<PurchasedOption>>) -> Self {
        self.options = values.into_iter().map(|value| value.into()).collect();
        self
    }

    /// Sets [`Self::options_complete`].
    #[must_use]
    pub fn with_options_complete(mut self, value: impl Into<Answer>) -> Self {
        self.options_complete = i32::from(value.into());
        self
    }

    /// Sets [`Self::delivery`].
    #[must_use]
    pub fn with_delivery(mut self, value: impl Into<Delivery>) -> Self {
        self.delivery = Some(value.into());
        self
    }

    /// Sets [`Self::discount`].
    #[must_use]
    pub fn with_discount(mut self, value: impl ToString) -> Self {
        self.discount = value.to_string();
        self
    }

    /// Sets [`Self::total_paid`].
    #[must_use]
    pub fn with_total_paid(mut self, value: impl ToString) -> Self {
        self.total_paid = value.to_string();
        self
    }

    /// Replaces [`Self::payments`].
    #[must_use]
    pub fn with_payments(mut self, values: impl IntoIterator<Item = impl Into<Payment>>) -> Self {
        self.payments = values.into_iter().map(|value| value.into()).collect();
        self
    }

    /// Replaces [`Self::earlier_remedies`].
    #[must_use]
    pub fn with_earlier_remedies(mut self, values: impl IntoIterator<Item = impl Into<EarlierRemedy>>) -> Self {
        self.earlier_remedies = values.into_iter().map(|value| value.into()).collect();
        self
    }

    /// Sets [`Self::all_lines`].
    #[must_use]
    pub fn with_all_lines(mut self, value: impl Into<Line>) -> Self {
        self.all_lines = Some(value.into());
        self
    }

    /// Sets [`Self::all_shipments`].
    #[must_use]
    pub fn with_all_shipments(mut self, value: impl Into<Shipment>) -> Self {
        self.all_shipments = Some(value.into());
        self
    }

    /// Replaces [`Self::adjustments`].
    #[must_use]
    pub fn with_adjustments(mut self, values: impl IntoIterator<Item = impl Into<Adjustment>>) -> Self {
        self.adjustments = values.into_iter().map(|value| value.into()).collect();
        self
    }

    /// Replaces [`Self::open_requests`].
    #[must_use]
    pub fn with_open_requests(mut self, values: impl IntoIterator<Item = impl Into<OpenRequest>>) -> Self {
        self.open_requests = values.into_iter().map(|value| value.into()).collect();
        self
    }
}

impl OtherAction {
    /// Sets [`Self::name`].
    #[must_use]
    pub fn with_name(mut self, value: impl ToString) -> Self {
        self.name = value.to_string();
        self
    }
}

impl Payment {
    /// Sets [`Self::payment_id`].
    #[must_use]
    pub fn with_payment_id(mut self, value: impl ToString) -> Self {
        self.payment_id = value.to_string();
        self
    }

    /// Sets [`Self::amount`].
    #[must_use]
    pub fn with_amount(mut self, value: impl ToString) -> Self {
        self.amount = value.to_string();
        self
    }

    /// Sets [`Self::method`].
    #[must_use]
    pub fn with_method(mut self, value: impl Into<PaymentMethod>) -> Self {
        self.method = i32::from(value.into());
        self
    }

    /// Sets [`Self::payer_id`].
    #[must_use]
    pub fn with_payer_id(mut self, value: impl ToString) -> Self {
        self.payer_id = value.to_string();
        self
    }

    /// Sets [`Self::state`].
    #[must_use]
    pub fn with_state(mut self, value: impl Into<PaymentState>) -> Self {
        self.state = i32::from(value.into());
        self
    }

    /// Sets [`Self::captured_amount`].
    #[must_use]
    pub fn with_captured_amount(mut self, value: impl ToString) -> Self {
        self.captured_amount = value.to_string();
        self
    }
}

impl PaymentShare {
    /// Sets [`Self::payment_id`].
    #[must_use]
    pub fn with_payment_id(mut self, value: impl ToString) -> Self {
        self.payment_id = value.to_string();
        self
    }

    /// Sets [`Self::amount`].
    #[must_use]
    pub fn with_amount(mut self, value: impl ToString) -> Self {
        self.amount = value.to_string();
        self
    }
}

impl PayoutWish {
    /// Sets [`Self::payment_id`].
    #[must_use]
    pub fn with_payment_id(mut self, value: impl ToString) -> Self {
        self.payment_id = value.to_string();
        self
    }

    /// Sets [`Self::method`].
    #[must_use]
    pub fn with_method(mut self, value: impl Into<PaymentMethod>) -> Self {
        self.method = i32::from(value.into());
        self
    }
}

impl PurchasedOption {
    /// Sets [`Self::code`].
    #[must_use]
    pub fn with_code(mut self, value: impl ToString) -> Self {
        self.code = value.to_string();
        self
    }

    /// Sets [`Self::quantity`].
    #[must_use]
    pub fn with_quantity(mut self, value: i32) -> Self {
        self.quantity = value;
        self
    }

    /// Sets [`Self::paid`].
    #[must_use]
    pub fn with_paid(mut self, value: impl ToString) -> Self {
        self.paid = value.to_string();
        self
    }

    /// Sets [`Self::used_count`].
    #[must_use]
    pub fn with_used_count(mut self, value: i32) -> Self {
        self.used_count = Some(value);
        self
    }

    /// Replaces [`Self::line_ids`].
    #[must_use]
    pub fn with_line_ids(mut self, values: impl IntoIterator<Item = impl ToString>) -> Self {
        self.line_ids = values.into_iter().map(|value| value.to_string()).collect();
        self
    }
}

impl RequestLine {
    /// Sets [`Self::line_id`].
    #[must_use]
    pub fn with_line_id(mut self, value: impl ToString) -> Self {
        self.line_id = value.to_string();
        self
    }

    /// Replaces [`Self::groups`].
    #[must_use]
    pub fn with_groups(mut self, values: impl IntoIterator<Item = impl Into<UnitGroup>>) -> Self {
        self.groups = values.into_iter().map(|value| value.into()).collect();
        self
    }
}

impl ReturnAction {
    /// Sets [`Self::reason`].
    #[must_use]
    pub fn with_reason(mut self, value: impl ToString) -> Self {
        self.reason = value.to_string();
        self
    }
}

impl ReturnJourney {
    /// Sets [`Self::method`].
    #[must_use]
    pub fn with_method(mut self, value: impl Into<ReturnMethod>) -> Self {
        self.method = i32::from(value.into());
        self
    }

    /// Sets [`Self::hand_over_time`].
    #[must_use]
    pub fn with_hand_over_time(mut self, value: impl Into<EventTime>) -> Self {
        self.hand_over_time = Some(value.into());
        self
    }

    /// Sets [`Self::proof_time`].
    #[must_use]
    pub fn with_proof_time(mut self, value: impl Into<EventTime>) -> Self {
        self.proof_time = Some(value.into());
        self
    }

    /// Sets [`Self::receive_time`].
    #[must_use]
    pub fn with_receive_time(mut self, value: impl Into<EventTime>) -> Self {
        self.receive_time = Some(value.into());
        self
    }

    /// Sets [`Self::paid`].
    #[must_use]
    pub fn with_paid(mut self, value: impl ToString) -> Self {
        self.paid = value.to_string();
        self
    }

    /// Sets [`Self::freight_collect`].
    #[must_use]
    pub fn with_freight_collect(mut self, value: impl Into<Answer>) -> Self {
        self.freight_collect = i32::from(value.into());
        self
    }

    /// Sets [`Self::parcel_count`].
    #[must_use]
    pub fn with_parcel_count(mut self, value: i32) -> Self {
        self.parcel_count = Some(value);
        self
    }

    /// Sets [`Self::address_correct`].
    #[must_use]
    pub fn with_address_correct(mut self, value: impl Into<Answer>) -> Self {
        self.address_correct = i32::from(value.into());
        self
    }

    /// Sets [`Self::lost`].
    #[must_use]
    pub fn with_lost(mut self, value: impl Into<Answer>) -> Self {
        self.lost = i32::from(value.into());
        self
    }

    /// Sets [`Self::shop_request_time`].
    #[must_use]
    pub fn with_shop_request_time(mut self, value: impl Into<EventTime>) -> Self {
        self.shop_request_time = Some(value.into());
        self
    }

    /// Sets [`Self::shop_collect_time`].
    #[must_use]
    pub fn with_shop_collect_time(mut self, value: impl Into<EventTime>) -> Self {
        self.shop_collect_time = Some(value.into());
        self
    }

    /// Sets [`Self::collection_cost`].
    #[must_use]
    pub fn with_collection_cost(mut self, value: impl ToString) -> Self {
        self.collection_cost = value.to_string();
        self
    }

    /// Sets [`Self::undelivered_cost`].
    #[must_use]
    pub fn with_undelivered_cost(mut self, value: impl ToString) -> Self {
        self.undelivered_cost = value.to_string();
        self
    }
}

impl ReturnParcel {
    /// Sets [`Self::return_parcel_id`].
    #[must_use]
    pub fn with_return_parcel_id(mut self, value: impl ToString) -> Self {
        self.return_parcel_id = value.to_string();
        self
    }

    /// Sets [`Self::journey`].
    #[must_use]
    pub fn with_journey(mut self, value: impl Into<ReturnJourney>) -> Self {
        self.journey = Some(value.into());
        self
    }
}

impl Shipment {
    /// Sets [`Self::shipment_id`].
    #[must_use]
    pub fn with_shipment_id(mut self, value: impl ToString) -> Self {
        self.shipment_id = value.to_string();
        self
    }

    /// Replaces [`Self::items`].
    #[must_use]
    pub fn with_items(mut self, values: impl IntoIterator<Item = impl Into<ShipmentItem>>) -> Self {
        self.items = values.into_iter().map(|value| value.into()).collect();
        self
    }

    /// Sets [`Self::ship_time`].
    #[must_use]
    pub fn with_ship_time(mut self, value: impl Into<EventTime>) -> Self {
        self.ship_time = Some(value.into());
        self
    }

    /// Sets [`Self::deliver_time`].
    #[must_use]
    pub fn with_deliver_time(mut self, value: impl Into<EventTime>) -> Self {
        self.deliver_time = Some(value.into());
        self
    }

    /// Sets [`Self::receiver`].
    #[must_use]
    pub fn with_receiver(mut self, value: impl Into<Receiver>) -> Self {
        self.receiver = i32::from(value.into());
        self
    }

    /// Sets [`Self::collect_time`].
    #[must_use]
    pub fn with_collect_time(mut self, value: impl Into<EventTime>) -> Self {
        self.collect_time = Some(value.into());
        self
    }

    /// Sets [`Self::first_attempt_time`].
    #[must_use]
    pub fn with_first_attempt_time(mut self, value: impl Into<EventTime>) -> Self {
        self.first_attempt_time = Some(value.into());
        self
    }

    /// Sets [`Self::attempt_answer_time`].
    #[must_use]
    pub fn with_attempt_answer_time(mut self, value: impl Into<EventTime>) -> Self {
        self.attempt_answer_time = Some(value.into());
        self
    }

    /// Sets [`Self::warehouse_return_time`].
    #[must_use]
    pub fn with_warehouse_return_time(mut self, value: impl Into<EventTime>) -> Self {
        self.warehouse_return_time = Some(value.into());
        self
    }

    /// Sets [`Self::time_zone`].
    #[must_use]
    pub fn with_time_zone(mut self, value: impl ToString) -> Self {
        self.time_zone = value.to_string();
        self
    }

    /// Replaces [`Self::facts`].
    #[must_use]
    pub fn with_facts(mut self, values: impl IntoIterator<Item = impl Into<Fact>>) -> Self {
        self.facts = values.into_iter().map(|value| value.into()).collect();
        self
    }
}

impl ShipmentItem {
    /// Sets [`Self::line_id`].
    #[must_use]
    pub fn with_line_id(mut self, value: impl ToString) -> Self {
        self.line_id = value.to_string();
        self
    }

    /// Sets [`Self::quantity`].
    #[must_use]
    pub fn with_quantity(mut self, value: i32) -> Self {
        self.quantity = value;
        self
    }
}

impl ShopEventAction {
    /// Sets [`Self::kind`].
    #[must_use]
    pub fn with_kind(mut self, value: impl Into<ShopEventKind>) -> Self {
        self.kind = i32::from(value.into());
        self
    }

    /// Sets [`Self::address_query_time`].
    #[must_use]
    pub fn with_address_query_time(mut self, value: impl Into<EventTime>) -> Self {
        self.address_query_time = Some(value.into());
        self
    }

    /// Sets [`Self::address_answer_time`].
    #[must_use]
    pub fn with_address_answer_time(mut self, value: impl Into<EventTime>) -> Self {
        self.address_answer_time = Some(value.into());
        self
    }

    /// Sets [`Self::cancel_time`].
    #[must_use]
    pub fn with_cancel_time(mut self, value: impl Into<EventTime>) -> Self {
        self.cancel_time = Some(value.into());
        self
    }
}

impl ShopResponse {
    /// Sets [`Self::confirmed`].
    #[must_use]
    pub fn with_confirmed(mut self, value: impl Into<Answer>) -> Self {
        self.confirmed = i32::from(value.into());
        self
    }

    /// Sets [`Self::confirm_mail_time`].
    #[must_use]
    pub fn with_confirm_mail_time(mut self, value: impl Into<EventTime>) -> Self {
        self.confirm_mail_time = Some(value.into());
        self
    }

    /// Sets [`Self::return_accepted`].
    #[must_use]
    pub fn with_return_accepted(mut self, value: impl Into<Answer>) -> Self {
        self.return_accepted = i32::from(value.into());
        self
    }
}

impl TakenAmount {
    /// Sets [`Self::code`].
    #[must_use]
    pub fn with_code(mut self, value: impl ToString) -> Self {
        self.code = value.to_string();
        self
    }

    /// Sets [`Self::amount`].
    #[must_use]
    pub fn with_amount(mut self, value: impl ToString) -> Self {
        self.amount = value.to_string();
        self
    }
}

impl UnitGroup {
    /// Sets [`Self::quantity`].
    #[must_use]
    pub fn with_quantity(mut self, value: i32) -> Self {
        self.quantity = value;
        self
    }

    /// Sets [`Self::shipment_id`].
    #[must_use]
    pub fn with_shipment_id(mut self, value: impl ToString) -> Self {
        self.shipment_id = value.to_string();
        self
    }

    /// Sets [`Self::condition`].
    #[must_use]
    pub fn with_condition(mut self, value: impl Into<Condition>) -> Self {
        self.condition = Some(value.into());
        self
    }

    /// Sets [`Self::finding`].
    #[must_use]
    pub fn with_finding(mut self, value: impl Into<Finding>) -> Self {
        self.finding = Some(value.into());
        self
    }

    /// Replaces [`Self::facts`].
    #[must_use]
    pub fn with_facts(mut self, values: impl IntoIterator<Item = impl Into<Fact>>) -> Self {
        self.facts = values.into_iter().map(|value| value.into()).collect();
        self
    }

    /// Sets [`Self::wanted`].
    #[must_use]
    pub fn with_wanted(mut self, value: impl Into<WantedGoods>) -> Self {
        self.wanted = Some(value.into());
        self
    }

    /// Sets [`Self::return_parcel_id`].
    #[must_use]
    pub fn with_return_parcel_id(mut self, value: impl ToString) -> Self {
        self.return_parcel_id = value.to_string();
        self
    }
}

impl WantedGoods {
    /// Sets [`Self::item_id`].
    #[must_use]
    pub fn with_item_id(mut self, value: impl ToString) -> Self {
        self.item_id = value.to_string();
        self
    }

    /// Sets [`Self::unit_price`].
    #[must_use]
    pub fn with_unit_price(mut self, value: impl ToString) -> Self {
        self.unit_price = value.to_string();
        self
    }

    /// Sets [`Self::available`].
    #[must_use]
    pub fn with_available(mut self, value: impl Into<Answer>) -> Self {
        self.available = i32::from(value.into());
        self
    }

    /// Sets [`Self::same_product`].
    #[must_use]
    pub fn with_same_product(mut self, value: impl Into<Answer>) -> Self {
        self.same_product = i32::from(value.into());
        self
    }
}
