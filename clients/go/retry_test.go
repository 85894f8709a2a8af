package redress_test

import (
	"context"
	"errors"
	"math"
	"net"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	"redress.example/redress"
	"redress.example/redress/redressv1"
)

var (
	unavailable = answer{code: codes.Unavailable}
	pay         = answer{verdict: &redressv1.Verdict{
		Outcome:         redressv1.Outcome_OUTCOME_APPROVED,
		NextStep:        redressv1.NextStep_NEXT_STEP_PAY,
		PayableNowTotal: "59.00",
	}}
	quick = redress.WithBackoff(10*time.Millisecond, 50*time.Millisecond)
)

// Asks once.
func ask(t *testing.T, address string, options ...redress.Option) (*redress.Verdict, error) {
	t.Helper()
	return dial(t, address, options...).Decide(background, &redressv1.DecideRequest{})
}

func wantPay(t *testing.T, verdict *redress.Verdict, err error) {
	t.Helper()
	if err != nil || verdict.NextStep != redress.NextStepPay {
		t.Fatalf("got %v, %v", verdict, err)
	}
}

func TestUnavailableIsRetried(t *testing.T) {
	fake := &fake{answers: []answer{unavailable, unavailable, unavailable, unavailable, pay}}
	verdict, err := ask(t, fake.serve(t), quick)
	wantPay(t, verdict, err)
	if fake.calls() != 5 {
		t.Errorf("%d calls", fake.calls())
	}
}

func TestNothingElseIsRetried(t *testing.T) {
	for _, code := range []codes.Code{
		codes.InvalidArgument, codes.ResourceExhausted, codes.Internal, codes.Unauthenticated,
	} {
		fake := &fake{answers: []answer{{code: code}, pay}}
		_, err := ask(t, fake.serve(t), quick)
		if failed(t, err).Code != code || fake.calls() != 1 {
			t.Errorf("%v: got %v after %d calls", code, err, fake.calls())
		}
	}
}

func TestRetriesWaitAsLongAsTheServerAsks(t *testing.T) {
	asked := 300 * time.Millisecond
	slow := answer{code: codes.Unavailable, retryDelay: asked}
	fake := &fake{answers: []answer{slow, slow, pay}}
	verdict, err := ask(t, fake.serve(t), quick)
	wantPay(t, verdict, err)
	if fake.calls() != 3 {
		t.Fatalf("%d calls", fake.calls())
	}
	for index, later := range fake.times[1:] {
		if waited := later.Sub(fake.times[index]); waited < asked {
			t.Errorf("waited %v", waited)
		}
	}
}

func TestNoRetryWaitsBeyondTheDeadline(t *testing.T) {
	fake := &fake{answers: []answer{{code: codes.Unavailable, retryDelay: time.Minute}, pay}}
	began := time.Now()
	_, err := ask(t, fake.serve(t), redress.WithTimeout(5*time.Second))
	if took := time.Since(began); took > 4*time.Second || fake.calls() != 1 {
		t.Errorf("%d calls in %v", fake.calls(), took)
	}
	read := failed(t, err)
	if read.Code != codes.Unavailable || read.Reason != "ERROR_REASON_OVERLOADED" ||
		read.Metadata["limit"] != "1024" || read.RetryDelay != time.Minute {
		t.Errorf("got %+v", read)
	}
}

func TestAWaitForEverIsNotARetry(t *testing.T) {
	fake := &fake{answers: []answer{{code: codes.Unavailable, retryDelay: math.MaxInt64}, pay}}
	_, err := ask(t, fake.serve(t))
	if failed(t, err).Code != codes.Unavailable || fake.calls() != 1 {
		t.Errorf("got %v after %d calls", err, fake.calls())
	}
}

func TestRetriesEndWithTheDeadline(t *testing.T) {
	fake := &fake{answers: []answer{unavailable}}
	began := time.Now()
	_, err := ask(t, fake.serve(t), redress.WithTimeout(500*time.Millisecond), quick)
	if took := time.Since(began); took > 3*time.Second || fake.calls() <= 3 {
		t.Errorf("%d calls in %v", fake.calls(), took)
	}
	// Also where the deadline ends the last attempt.
	if failed(t, err).Code != codes.Unavailable {
		t.Errorf("got %v", err)
	}
}

func TestTheServerIsToldWhatIsLeftOfTheDeadline(t *testing.T) {
	slow := answer{code: codes.Unavailable, retryDelay: time.Second}
	fake := &fake{answers: []answer{slow, pay}}
	verdict, err := ask(t, fake.serve(t), redress.WithTimeout(7*time.Second))
	wantPay(t, verdict, err)
	first, second := fake.left[0], fake.left[1]
	if first < 6*time.Second || first > 7500*time.Millisecond ||
		second > first-500*time.Millisecond {
		t.Errorf("told %v, then %v", first, second)
	}
}

func TestACallWithoutAnAnswerEndsWithTheDeadline(t *testing.T) {
	fake := &fake{answers: []answer{pay}, delay: 2 * time.Second}
	began := time.Now()
	_, err := ask(t, fake.serve(t), redress.WithTimeout(200*time.Millisecond))
	if took := time.Since(began); took > 1500*time.Millisecond {
		t.Errorf("took %v", took)
	}
	if failed(t, err).Code != codes.DeadlineExceeded ||
		!errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestTheDeadlineOfAContextCounts(t *testing.T) {
	fake := &fake{answers: []answer{pay}, delay: time.Second}
	client := dial(t, fake.serve(t))
	short, cancel := context.WithTimeout(background, 100*time.Millisecond)
	defer cancel()
	_, err := client.Decide(short, &redressv1.DecideRequest{})
	if failed(t, err).Code != codes.DeadlineExceeded {
		t.Errorf("got %v", err)
	}
	verdict, err := client.Decide(background, &redressv1.DecideRequest{})
	wantPay(t, verdict, err)
}

func TestACanceledContextEndsAWait(t *testing.T) {
	fake := &fake{answers: []answer{{code: codes.Unavailable, retryDelay: 5 * time.Second}}}
	client := dial(t, fake.serve(t))
	ctx, cancel := context.WithCancel(background)
	time.AfterFunc(200*time.Millisecond, cancel)
	began := time.Now()
	_, err := client.Decide(ctx, &redressv1.DecideRequest{})
	if took := time.Since(began); took > 3*time.Second || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v after %v", err, took)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v is no deadline", err)
	}
}

func TestAServerThatStartsLateIsReached(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := taken.Addr().String()
	_ = taken.Close()
	began := make(chan struct{})
	time.AfterFunc(500*time.Millisecond, func() {
		defer close(began)
		listener, err := net.Listen("tcp", address)
		if err != nil {
			t.Error(err)
			return
		}
		(&fake{answers: []answer{pay}}).serveOn(t, listener)
	})
	verdict, err := ask(t, "http://"+address, redress.WithTimeout(8*time.Second))
	<-began
	wantPay(t, verdict, err)
}

func TestWhereNobodyListensTheServerIsUnavailable(t *testing.T) {
	_, err := ask(t, "http://127.0.0.1:1", redress.WithTimeout(1500*time.Millisecond))
	if failed(t, err).Code != codes.Unavailable {
		t.Errorf("got %v", err)
	}
}

func TestAReasonOfSomebodyElseIsNotOurs(t *testing.T) {
	fake := &fake{answers: []answer{{code: codes.Internal, domain: "proxy.example"}}}
	_, err := ask(t, fake.serve(t))
	if read := failed(t, err); read.Reason != "" || read.Metadata != nil {
		t.Errorf("got %+v", read)
	}
}

func TestWhatCannotBeReadIsNotActedOn(t *testing.T) {
	step := redressv1.NextStep_NEXT_STEP_PAY
	for name, strange := range map[string]*redressv1.Verdict{
		"nothing":   nil,
		"no step":   {},
		"a new one": {NextStep: 99},
		"a row":     {NextStep: step, Rows: []*redressv1.Row{{}}},
		"a sum":     {NextStep: step, PayableNowTotal: "1e3"},
		"a total":   {NextStep: step, Settlement: &redressv1.Settlement{RefundTotal: "-1.00"}},
	} {
		fake := &fake{answers: []answer{{verdict: strange}}}
		verdict, err := ask(t, fake.serve(t))
		if !errors.Is(err, redress.ErrInvalidReply) || verdict != nil {
			t.Errorf("%s: got %v, %v", name, verdict, err)
		}
	}
}

func TestAnItemWithoutAResultIsTold(t *testing.T) {
	client := dial(t, (&fake{}).serve(t))
	results, err := client.BatchDecide(background, []*redressv1.DecideRequest{{}})
	if err != nil || len(results) != 1 || !errors.Is(results[0].Err, redress.ErrInvalidReply) {
		t.Errorf("got %v, %v", results, err)
	}
	_, err = client.BatchDecide(background, []*redressv1.DecideRequest{{}, {}})
	if !errors.Is(err, redress.ErrInvalidReply) {
		t.Errorf("a result is lacking: got %v", err)
	}
}

func TestTheTokenIsCarried(t *testing.T) {
	fake := &fake{answers: []answer{pay}}
	verdict, err := ask(t, fake.serve(t), redress.WithToken("a-secret"))
	wantPay(t, verdict, err)
	if got := fake.headers[0].Get("authorization"); len(got) != 1 || got[0] != "Bearer a-secret" {
		t.Errorf("got %v", got)
	}
}
