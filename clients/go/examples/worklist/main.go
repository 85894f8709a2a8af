// Command worklist decides requests of a file, a line of proto JSON each, and prints what is to
// be done:
//
//	go run ./examples/worklist requests.jsonl http://localhost:50051
package main

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"os"

	"google.golang.org/protobuf/encoding/protojson"

	"redress.example/redress"
	"redress.example/redress/redressv1"
)

// What one batch holds at most.
const batch = 200

// Says what to do. The linter exhaustive refuses this as soon as a step is left out.
func toDo(verdict *redress.Verdict) string {
	switch verdict.NextStep {
	case redress.NextStepAsk:
		questions := "ask:"
		for _, fact := range verdict.Missing {
			questions += " " + fact.Question
		}
		return questions
	case redress.NextStepReview:
		return "let a person decide"
	case redress.NextStepPay:
		return "pay " + verdict.PayableNow.String()
	case redress.NextStepCarryOut:
		return "give what was granted"
	case redress.NextStepWait:
		return "wait"
	case redress.NextStepRefuse:
		return "tell the customer that it is refused"
	}
	// A verdict has no other step.
	panic("unknown step " + verdict.NextStep)
}

func read(path string) ([]*redressv1.DecideRequest, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var requests []*redressv1.DecideRequest
	for number, line := range bytes.Split(bytes.TrimSpace(text), []byte("\n")) {
		request := &redressv1.DecideRequest{}
		if err := protojson.Unmarshal(line, request); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, number+1, err)
		}
		requests = append(requests, request)
	}
	return requests, nil
}

// Prints what is to be done, and returns how many requests were not decided.
func work(path, address string) (refused int, err error) {
	requests, err := read(path)
	if err != nil {
		return 0, err
	}
	client, err := redress.Dial(address)
	if err != nil {
		return 0, err
	}
	defer client.Close()
	for len(requests) > 0 {
		some := requests
		if len(some) > batch {
			some = some[:batch]
		}
		requests = requests[len(some):]
		results, err := client.BatchDecide(context.Background(), some)
		if err != nil {
			return refused, err
		}
		for index, result := range results {
			order := some[index].GetOrder().GetOrderId()
			if result.Err != nil {
				refused++
				fmt.Printf("%s: not decided, %v\n", order, result.Err)
			} else {
				fmt.Printf("%s: %s\n", order, toDo(result.Verdict))
			}
		}
	}
	return refused, nil
}

func main() {
	log.SetFlags(0)
	if len(os.Args) != 3 {
		log.Fatal("usage: worklist FILE ADDRESS")
	}
	refused, err := work(os.Args[1], os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	if refused > 0 {
		os.Exit(1)
	}
}
