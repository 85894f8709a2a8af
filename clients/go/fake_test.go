package redress_test

import (
	"context"
	"net"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"

	"redress.example/redress/internal/detail"
	"redress.example/redress/redressv1"
)

// What a fake server does with one call: it refuses, or it answers with a verdict.
type answer struct {
	code       codes.Code
	retryDelay time.Duration
	domain     string
	verdict    *redressv1.Verdict
}

// A server that answers each call with the next of its answers, and the last for ever.
type fake struct {
	redressv1.UnimplementedDecisionServiceServer
	answers []answer
	// Before each answer.
	delay time.Duration

	lock sync.Mutex
	// When each call came, and with which time left and headers.
	times   []time.Time
	left    []time.Duration
	headers []metadata.MD
}

func (f *fake) Decide(
	ctx context.Context, _ *redressv1.DecideRequest,
) (*redressv1.DecideResponse, error) {
	f.lock.Lock()
	f.times = append(f.times, time.Now())
	deadline, _ := ctx.Deadline()
	f.left = append(f.left, time.Until(deadline))
	headers, _ := metadata.FromIncomingContext(ctx)
	f.headers = append(f.headers, headers)
	index := len(f.times) - 1
	f.lock.Unlock()
	time.Sleep(f.delay)
	if last := len(f.answers) - 1; index > last {
		index = last
	}
	answer := f.answers[index]
	if answer.code != codes.OK {
		return nil, answer.refusal()
	}
	return &redressv1.DecideResponse{Verdict: answer.verdict}, nil
}

func (f *fake) BatchDecide(
	context.Context, *redressv1.BatchDecideRequest,
) (*redressv1.BatchDecideResponse, error) {
	results := []*redressv1.ItemResult{{ItemId: "0"}}
	return &redressv1.BatchDecideResponse{Results: results}, nil
}

func (a answer) refusal() error {
	refusal := status.New(a.code, "no").Proto()
	pack := func(name string, message proto.Message) {
		value, err := proto.Marshal(message)
		if err != nil {
			panic(err)
		}
		packed := &anypb.Any{TypeUrl: "type.googleapis.com/google.rpc." + name, Value: value}
		refusal.Details = append(refusal.Details, packed)
	}
	domain := a.domain
	if domain == "" {
		domain = "redress.v1"
	}
	pack("ErrorInfo", &detail.ErrorInfo{
		Reason:   "ERROR_REASON_OVERLOADED",
		Domain:   domain,
		Metadata: map[string]string{"limit": "1024"},
	})
	if a.retryDelay > 0 {
		pack("RetryInfo", &detail.RetryInfo{RetryDelay: durationpb.New(a.retryDelay)})
	}
	return status.ErrorProto(refusal)
}

// Serves until the test ends, and returns the address.
func (f *fake) serve(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f.serveOn(t, listener)
	return "http://" + listener.Addr().String()
}

func (f *fake) serveOn(t *testing.T, listener net.Listener) {
	server := grpc.NewServer()
	redressv1.RegisterDecisionServiceServer(server, f)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
}

// How often it was called.
func (f *fake) calls() int {
	f.lock.Lock()
	defer f.lock.Unlock()
	return len(f.times)
}
