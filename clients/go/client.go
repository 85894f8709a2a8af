package redress

import (
	"context"
	"fmt"
	"strconv"

	"google.golang.org/grpc"

	"redress.example/redress/redressv1"
)

// Client calls the service. It can be used by several goroutines at once.
type Client struct {
	// Decisions and Policies are the bare stubs, such as for StreamDecide: they carry the
	// token, and have neither deadline nor retries.
	Decisions redressv1.DecisionServiceClient
	Policies  redressv1.PolicyServiceClient

	connection *grpc.ClientConn
	settings   settings
}

// Dial returns a client of the server at an address such as http://localhost:50051 or
// https://redress.example. It connects with the first call; close it when it is done with.
func Dial(address string, options ...Option) (*Client, error) {
	settings := defaults()
	for _, option := range options {
		option(&settings)
	}
	if err := settings.check(); err != nil {
		return nil, err
	}
	target, secure, err := target(address)
	if err != nil {
		return nil, err
	}
	connection, err := grpc.Dial(target, settings.dialOptions(secure)...)
	if err != nil {
		return nil, fmt.Errorf("redress: %w", err)
	}
	return &Client{
		Decisions:  redressv1.NewDecisionServiceClient(connection),
		Policies:   redressv1.NewPolicyServiceClient(connection),
		connection: connection,
		settings:   settings,
	}, nil
}

// Close ends the connection and all calls.
func (c *Client) Close() error {
	return c.connection.Close()
}

// Decide decides one request. A denial is an answer, not an error.
func (c *Client) Decide(
	ctx context.Context, request *redressv1.DecideRequest,
) (*Verdict, error) {
	reply, err := call(ctx, c, c.Decisions.Decide, request)
	if err != nil {
		return nil, err
	}
	return verdictOf(reply.GetVerdict())
}

// Result is the answer to one request of a batch: a verdict, or why there is none.
type Result struct {
	// Nil if Err is set.
	Verdict *Verdict
	// An *Error, or one that wraps ErrInvalidReply.
	Err error
}

// BatchDecide decides 1 to 200 requests at once, and returns a result for each, in their order.
// The error is set if there is no answer to any of them.
func (c *Client) BatchDecide(
	ctx context.Context, requests []*redressv1.DecideRequest,
) ([]Result, error) {
	batch := &redressv1.BatchDecideRequest{}
	for index, request := range requests {
		item := &redressv1.BatchItem{ItemId: strconv.Itoa(index), Decide: request}
		batch.Items = append(batch.Items, item)
	}
	reply, err := call(ctx, c, c.Decisions.BatchDecide, batch)
	if err != nil {
		return nil, err
	}
	if got := len(reply.GetResults()); got != len(requests) {
		return nil, fmt.Errorf("%w: %d results for %d requests", ErrInvalidReply, got, len(requests))
	}
	results := make([]Result, 0, len(requests))
	for _, item := range reply.GetResults() {
		results = append(results, resultOf(item))
	}
	return results, nil
}

func resultOf(item *redressv1.ItemResult) Result {
	switch result := item.GetResult().(type) {
	case *redressv1.ItemResult_Verdict:
		verdict, err := verdictOf(result.Verdict)
		return Result{Verdict: verdict, Err: err}
	case *redressv1.ItemResult_Error:
		return Result{Err: itemError(result.Error)}
	default:
		return Result{Err: fmt.Errorf("%w: item %q has no result", ErrInvalidReply, item.GetItemId())}
	}
}

// ListOptions lists what is possible with an order at an instant.
func (c *Client) ListOptions(
	ctx context.Context, request *redressv1.ListOptionsRequest,
) (*redressv1.ListOptionsResponse, error) {
	return call(ctx, c, c.Decisions.ListOptions, request)
}

// ListPolicies lists the revisions of a policy, or of all with an empty id. Each page is a call
// with a deadline of its own, unless the context has one.
func (c *Client) ListPolicies(ctx context.Context, policy string) ([]*redressv1.Policy, error) {
	request := &redressv1.ListPoliciesRequest{Policy: policy}
	var policies []*redressv1.Policy
	for {
		page, err := call(ctx, c, c.Policies.ListPolicies, request)
		if err != nil {
			return nil, err
		}
		policies = append(policies, page.GetPolicies()...)
		if page.GetNextPageToken() == "" {
			return policies, nil
		}
		request.PageToken = page.GetNextPageToken()
	}
}

// GetPolicy gets a revision with its clauses, by policies/POLICY or its full name.
func (c *Client) GetPolicy(ctx context.Context, name string) (*redressv1.Policy, error) {
	reply, err := call(ctx, c, c.Policies.GetPolicy, &redressv1.GetPolicyRequest{Name: name})
	if err != nil {
		return nil, err
	}
	return reply.GetPolicy(), nil
}
