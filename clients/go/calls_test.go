package redress_test

import (
	"context"
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"

	"redress.example/redress"
	"redress.example/redress/redressv1"
)

var background = context.Background()

func decide(t *testing.T, name string) *redress.Verdict {
	t.Helper()
	verdict, err := dial(t, address).Decide(background, named(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return verdict
}

// Reads an error of the client.
func failed(t *testing.T, err error) *redress.Error {
	t.Helper()
	var read *redress.Error
	if !errors.As(err, &read) {
		t.Fatalf("%v is not an *Error", err)
	}
	return read
}

func TestPoliciesAreListed(t *testing.T) {
	client := dial(t, address)
	for policy, wanted := range map[string][]string{
		"":     {"greek-eshop", "jona", "melina-paris", "milona-paris", "passione-kustom"},
		"jona": {"jona"},
	} {
		listed, err := client.ListPolicies(background, policy)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, one := range listed {
			got = append(got, one.GetPolicy())
		}
		if !reflect.DeepEqual(got, wanted) {
			t.Errorf("%q: got %v", policy, got)
		}
	}
	policy, err := client.GetPolicy(background, "policies/jona")
	if err != nil || len(policy.GetClauses()) <= 20 {
		t.Errorf("got %v, %v", policy, err)
	}
	_, err = client.GetPolicy(background, "policies/no-such-shop")
	read := failed(t, err)
	if read.Code != codes.NotFound || read.Metadata["policy"] != "no-such-shop" {
		t.Errorf("got %+v", read)
	}
	if status.Code(err) != codes.NotFound {
		t.Errorf("the package status reads %v", status.Code(err))
	}
}

func TestOptionsAreListed(t *testing.T) {
	text, err := os.ReadFile("../../examples/options_delivered_order.json")
	if err != nil {
		t.Fatal(err)
	}
	request := &redressv1.ListOptionsRequest{}
	if err := protojson.Unmarshal(text, request); err != nil {
		t.Fatal(err)
	}
	reply, err := dial(t, address).ListOptions(background, request)
	if err != nil {
		t.Fatal(err)
	}
	for _, option := range reply.GetOptions() {
		if option.GetAction() == redressv1.Action_ACTION_RETURN {
			return
		}
	}
	t.Error("no return is listed")
}

func TestAVerdictHasDecimalsAndTimes(t *testing.T) {
	verdict := decide(t, "greek-eshop/withdrawal_paid")
	// 30.00 for the ring and 4.00 for its delivery; the statement came on 2 March in Athens,
	// and the 14 days end with the 16th there.
	settlement := verdict.Settlement
	if verdict.PayableNow.String() != "34.00" || settlement.RefundTotal.String() != "34.00" {
		t.Errorf("got %v and %v", verdict.PayableNow, settlement.RefundTotal)
	}
	due := time.Date(2026, time.March, 15, 22, 0, 0, 0, time.UTC)
	if settlement.Due == nil || !settlement.Due.Equal(due) {
		t.Errorf("due %v", settlement.Due)
	}
	if len(verdict.Rows) != 1 || verdict.Rows[0].NextStep != redress.NextStepPay {
		t.Errorf("rows %v", verdict.Rows)
	}
}

func TestADateThatWaitsIsNoDate(t *testing.T) {
	settlement := decide(t, "jona/cancellation_waits").Settlement
	if settlement.Due != nil {
		t.Errorf("due %v", settlement.Due)
	}
	if event := settlement.Message.GetDue().GetAfter().GetEvent(); event != "confirm_mail" {
		t.Errorf("after %q", event)
	}
}

func TestADenialHasNoSettlement(t *testing.T) {
	verdict := decide(t, "milona-paris/return_late")
	if verdict.Settlement != nil || !verdict.PayableNow.IsZero() || verdict.Rows[0].Amount != nil {
		t.Errorf("got %+v", verdict)
	}
}

func TestAMissingFactCanBeAskedFor(t *testing.T) {
	missing := decide(t, "milona-paris/return_delivery_unknown").Missing
	if len(missing) != 1 || missing[0].Path != "order.shipments[0].deliver_time" ||
		!strings.HasSuffix(missing[0].Question, "?") {
		t.Errorf("got %+v", missing)
	}
}

func TestAnErrorShowsWhatToMend(t *testing.T) {
	_, err := dial(t, address).Decide(background, named(t, "errors/too_many_units"))
	if !strings.HasPrefix(failed(t, err).Error(), "request.lines[0].groups: ") {
		t.Errorf("got %v", err)
	}
}

func TestABatchHasItsLimit(t *testing.T) {
	_, err := dial(t, address).BatchDecide(background, nil)
	if failed(t, err).Code != codes.InvalidArgument {
		t.Errorf("got %v", err)
	}
}

func TestGoroutinesShareAClient(t *testing.T) {
	client := dial(t, address)
	request := named(t, "milona-paris/return_paid")
	steps := make(chan redress.NextStep)
	for caller := 0; caller < 16; caller++ {
		go func() {
			verdict, err := client.Decide(background, request)
			if err != nil {
				t.Error(err)
				verdict = &redress.Verdict{}
			}
			steps <- verdict.NextStep
		}()
	}
	for caller := 0; caller < 16; caller++ {
		if step := <-steps; step != redress.NextStepPay {
			t.Errorf("got %v", step)
		}
	}
}
