package redress

import (
	"fmt"
	"time"

	"redress.example/redress/redressv1"
)

// NextStep is what has to be done next. It does not grow: the linter exhaustive tells which
// step a switch leaves out.
type NextStep string

const (
	// NextStepAsk asks for the facts that are missing.
	NextStepAsk NextStep = "ask"
	// NextStepReview lets a person decide.
	NextStepReview NextStep = "review"
	// NextStepPay pays what may be paid now.
	NextStepPay NextStep = "pay"
	// NextStepCarryOut gives goods or credit, or makes the change; no money is due back.
	NextStepCarryOut NextStep = "carry_out"
	// NextStepWait waits for an event, or for conditions to be settled.
	NextStepWait NextStep = "wait"
	// NextStepRefuse tells the customer that it is refused.
	NextStepRefuse NextStep = "refuse"
)

var nextSteps = map[redressv1.NextStep]NextStep{
	redressv1.NextStep_NEXT_STEP_ASK:       NextStepAsk,
	redressv1.NextStep_NEXT_STEP_REVIEW:    NextStepReview,
	redressv1.NextStep_NEXT_STEP_PAY:       NextStepPay,
	redressv1.NextStep_NEXT_STEP_CARRY_OUT: NextStepCarryOut,
	redressv1.NextStep_NEXT_STEP_WAIT:      NextStepWait,
	redressv1.NextStep_NEXT_STEP_REFUSE:    NextStepRefuse,
}

// Outcome is what was decided. It may grow.
type Outcome string

const (
	OutcomeApproved         Outcome = "approved"
	OutcomeDenied           Outcome = "denied"
	OutcomeNeedsReview      Outcome = "needs_review"
	OutcomeNeedsInformation Outcome = "needs_information"
	// OutcomeMixed says that the rows differ.
	OutcomeMixed Outcome = "mixed"
	// OutcomeUnknown is one that this version does not know: Message has its number.
	OutcomeUnknown Outcome = "unknown"
)

func outcomeOf(number redressv1.Outcome) Outcome {
	switch number {
	case redressv1.Outcome_OUTCOME_APPROVED:
		return OutcomeApproved
	case redressv1.Outcome_OUTCOME_DENIED:
		return OutcomeDenied
	case redressv1.Outcome_OUTCOME_NEEDS_REVIEW:
		return OutcomeNeedsReview
	case redressv1.Outcome_OUTCOME_NEEDS_INFORMATION:
		return OutcomeNeedsInformation
	case redressv1.Outcome_OUTCOME_MIXED:
		return OutcomeMixed
	default:
		return OutcomeUnknown
	}
}

// MissingFact is a fact that can change the answer.
type MissingFact struct {
	// Where in the request it belongs.
	Path string
	// What to ask, in the language of the verdict.
	Question string
	Message  *redressv1.MissingFact
}

// Row is the answer for units of one line.
type Row struct {
	LineID   string
	Quantity int
	Outcome  Outcome
	NextStep NextStep
	// What the units are worth under the remedy; nil: not known, no money, or not approved.
	Amount  *Decimal
	Message *redressv1.Row
}

// Settlement is the money of the approved rows, in the currency of the order.
type Settlement struct {
	CurrencyCode string
	// To pay back now or later; what may be paid now is Verdict.PayableNow.
	RefundTotal Decimal
	CreditTotal Decimal
	// What the customer owes.
	OwedTotal Decimal
	// When it is due at the latest, in UTC; nil: there is no period, or it waits for an event
	// that Message names.
	Due     *time.Time
	Message *redressv1.Settlement
}

// Verdict is the answer to one request: act on NextStep, not on Outcome.
type Verdict struct {
	OrderID  string
	ClaimID  string
	Outcome  Outcome
	NextStep NextStep
	// What of the refund may be paid now, whatever the step.
	PayableNow Decimal
	Rows       []Row
	// Nil: no row is approved.
	Settlement *Settlement
	Missing    []MissingFact
	// One sentence for people, at full view.
	Summary string
	// All that the contract says.
	Message *redressv1.Verdict
}

func verdictOf(message *redressv1.Verdict) (*Verdict, error) {
	if message == nil {
		return nil, fmt.Errorf("%w: it holds no verdict", ErrInvalidReply)
	}
	var read reader
	verdict := &Verdict{
		OrderID:    message.GetOrderId(),
		ClaimID:    message.GetClaimId(),
		Outcome:    outcomeOf(message.GetOutcome()),
		NextStep:   read.step(message.GetNextStep()),
		PayableNow: read.sum(message.GetPayableNowTotal()),
		Settlement: read.settlement(message.GetSettlement()),
		Summary:    message.GetSummary(),
		Message:    message,
	}
	for _, row := range message.GetRows() {
		verdict.Rows = append(verdict.Rows, Row{
			LineID:   row.GetLineId(),
			Quantity: int(row.GetQuantity()),
			Outcome:  outcomeOf(row.GetOutcome()),
			NextStep: read.step(row.GetNextStep()),
			Amount:   read.amount(row.GetEntitlement().GetAmount()),
			Message:  row,
		})
	}
	for _, fact := range message.GetMissing() {
		missing := MissingFact{Path: fact.GetPath(), Question: fact.GetQuestion(), Message: fact}
		verdict.Missing = append(verdict.Missing, missing)
	}
	if read.err != nil {
		return nil, read.err
	}
	return verdict, nil
}

// Reads values of a reply, and keeps the first error.
type reader struct {
	err error
}

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: %v", ErrInvalidReply, err)
	}
}

func (r *reader) step(number redressv1.NextStep) NextStep {
	step, ok := nextSteps[number]
	if !ok {
		r.fail(fmt.Errorf("%v is not a step that this version knows", number))
	}
	return step
}

// Reads an amount; the empty text is nil: unknown, or not known yet.
func (r *reader) amount(text string) *Decimal {
	if text == "" {
		return nil
	}
	read, err := ParseDecimal(text)
	if err != nil {
		r.fail(err)
	}
	return &read
}

// Reads a sum, which the compact view leaves out where it is zero.
func (r *reader) sum(text string) Decimal {
	if read := r.amount(text); read != nil {
		return *read
	}
	return Decimal{}
}

func (r *reader) settlement(message *redressv1.Settlement) *Settlement {
	if message == nil {
		return nil
	}
	settlement := &Settlement{
		CurrencyCode: message.GetCurrencyCode(),
		RefundTotal:  r.sum(message.GetRefundTotal()),
		CreditTotal:  r.sum(message.GetCreditTotal()),
		OwedTotal:    r.sum(message.GetOwedTotal()),
		Message:      message,
	}
	if due := message.GetDue().GetTime(); due != nil {
		if err := due.CheckValid(); err != nil {
			r.fail(err)
		}
		instant := due.AsTime()
		settlement.Due = &instant
	}
	return settlement
}
