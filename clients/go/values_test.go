package redress_test

import (
	"encoding/json"
	"math/big"
	"testing"
	"time"

	"redress.example/redress"
	"redress.example/redress/redressv1"
)

func TestAmountsAreExact(t *testing.T) {
	for text, number := range map[string]*big.Rat{
		"59.00":            big.NewRat(59, 1),
		"0.00":             new(big.Rat),
		"0.005":            big.NewRat(1, 200),
		"100":              big.NewRat(100, 1),
		"1000000000000.01": big.NewRat(100000000000001, 100),
	} {
		read, err := redress.ParseDecimal(text)
		if err != nil || read.String() != text || read.Rat().Cmp(number) != 0 {
			t.Errorf("%s: got %v, %v, %v", text, read, read.Rat(), err)
		}
		if read.IsZero() != (number.Sign() == 0) {
			t.Errorf("%s: zero is %v", text, read.IsZero())
		}
	}
	var zero redress.Decimal
	if zero.String() != "0" || !zero.IsZero() {
		t.Errorf("got %v", zero)
	}
}

func TestWhatIsNoAmountIsNotRead(t *testing.T) {
	for _, bad := range []string{"", "-1.00", "1e3", "1,00", ".", "NaN", " 1", "1.", "1\n", "١"} {
		if read, err := redress.ParseDecimal(bad); err == nil {
			t.Errorf("%q is read as %v", bad, read)
		}
	}
}

func TestAmountsAreTextsInJSON(t *testing.T) {
	var read redress.Decimal
	if err := json.Unmarshal([]byte(`"59.00"`), &read); err != nil {
		t.Fatal(err)
	}
	if written, err := json.Marshal(read); err != nil || string(written) != `"59.00"` {
		t.Errorf("got %s, %v", written, err)
	}
	for _, bad := range []string{`59.00`, `"-1"`} {
		if err := json.Unmarshal([]byte(bad), &read); err == nil {
			t.Errorf("%s is read", bad)
		}
	}
}

func TestEventsAreToldAsFarAsTheyAreKnown(t *testing.T) {
	paris := time.FixedZone("Paris", 60*60)
	instant := redress.At(time.Date(2026, time.March, 9, 11, 30, 0, 500_000, paris)).GetTime()
	if instant.GetSeconds() != 1773052200 || instant.GetNanos() != 500_000 {
		t.Errorf("got %v", instant)
	}
	if date := redress.On(2026, time.March, 4).GetDate(); date != "2026-03-04" {
		t.Errorf("got %v", date)
	}
	if redress.NotYet().GetNotYet() == nil || redress.Happened().GetHappened() == nil {
		t.Error("an event is not told")
	}
}

func TestUnknownIsNotNo(t *testing.T) {
	yes, no := redress.Answer(true), redress.Answer(false)
	if yes != redressv1.Answer_ANSWER_YES || no != redressv1.Answer_ANSWER_NO {
		t.Errorf("got %v and %v", yes, no)
	}
}

func TestEveryStepAndOutcomeOfTheContractHasAName(t *testing.T) {
	steps := map[redress.NextStep]bool{}
	for number := range redressv1.NextStep_name {
		fake := &fake{answers: []answer{{verdict: &redressv1.Verdict{
			NextStep: redressv1.NextStep(number),
		}}}}
		verdict, err := ask(t, fake.serve(t))
		if number == 0 {
			continue
		}
		if err != nil {
			t.Errorf("step %d: %v", number, err)
			continue
		}
		steps[verdict.NextStep] = true
	}
	if len(steps) != len(redressv1.NextStep_name)-1 {
		t.Errorf("got %v", steps)
	}
	outcomes := map[redress.Outcome]bool{}
	for number := range redressv1.Outcome_name {
		fake := &fake{answers: []answer{{verdict: &redressv1.Verdict{
			Outcome:  redressv1.Outcome(number),
			NextStep: redressv1.NextStep_NEXT_STEP_WAIT,
		}}}}
		verdict, err := ask(t, fake.serve(t))
		if err != nil {
			t.Fatal(err)
		}
		outcomes[verdict.Outcome] = true
	}
	// Among them the unknown one, for the number that says nothing.
	if len(outcomes) != len(redressv1.Outcome_name) || !outcomes[redress.OutcomeUnknown] {
		t.Errorf("got %v", outcomes)
	}
}
