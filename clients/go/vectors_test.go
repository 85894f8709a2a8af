package redress_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"sort"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"

	"redress.example/redress"
	"redress.example/redress/redressv1"
)

// A file of clients/vectors, whose README describes it.
type vector struct {
	name    string
	request *redressv1.DecideRequest
	verdict map[string]any
	err     *statedError
}

type statedError struct {
	Code       string
	Reason     string
	Violations []statedViolation
}

type statedViolation struct {
	Field  string
	Reason string
}

func load(t *testing.T) []vector {
	t.Helper()
	paths, err := filepath.Glob("../vectors/*/*.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []vector
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var stated struct {
			Request json.RawMessage
			Verdict map[string]any
			Error   *statedError
		}
		if err := json.Unmarshal(text, &stated); err != nil {
			t.Fatal(path, err)
		}
		request := &redressv1.DecideRequest{}
		if err := protojson.Unmarshal(stated.Request, request); err != nil {
			t.Fatal(path, err)
		}
		name := strings.TrimSuffix(strings.TrimPrefix(path, "../vectors/"), ".json")
		vectors = append(vectors, vector{name, request, stated.Verdict, stated.Error})
	}
	if len(vectors) <= 70 {
		t.Fatalf("%d vectors", len(vectors))
	}
	return vectors
}

func named(t *testing.T, name string) *redressv1.DecideRequest {
	t.Helper()
	for _, vector := range load(t) {
		if vector.name == name {
			return vector.request
		}
	}
	t.Fatalf("no vector %q", name)
	return nil
}

func TestVectorsAlone(t *testing.T) {
	client := dial(t, address)
	for _, vector := range load(t) {
		t.Run(vector.name, func(t *testing.T) {
			verdict, err := client.Decide(context.Background(), vector.request)
			vector.check(t, verdict, err)
		})
	}
}

func TestVectorsInABatch(t *testing.T) {
	client := dial(t, address)
	vectors := load(t)
	var requests []*redressv1.DecideRequest
	for _, vector := range vectors {
		requests = append(requests, vector.request)
	}
	results, err := client.BatchDecide(context.Background(), requests)
	if err != nil {
		t.Fatal(err)
	}
	for index, vector := range vectors {
		t.Run(vector.name, func(t *testing.T) {
			vector.check(t, results[index].Verdict, results[index].Err)
		})
	}
}

var capitals = regexp.MustCompile(`(.)([A-Z])`)

// Compares an answer with what the vector states.
func (v vector) check(t *testing.T, verdict *redress.Verdict, err error) {
	t.Helper()
	if v.err != nil {
		var failed *redress.Error
		if !errors.As(err, &failed) {
			t.Fatalf("%+v is stated, got %v, %v", *v.err, verdict, err)
		}
		code := strings.ToUpper(capitals.ReplaceAllString(failed.Code.String(), "${1}_$2"))
		got := statedError{code, failed.Reason, []statedViolation{}}
		for _, violation := range failed.FieldViolations {
			shown := statedViolation{violation.Field, violation.Reason}
			got.Violations = append(got.Violations, shown)
		}
		sort.Slice(got.Violations, func(a, b int) bool {
			return got.Violations[a].Field < got.Violations[b].Field
		})
		if !reflect.DeepEqual(*v.err, got) {
			t.Fatalf("%+v is stated, got %+v", *v.err, got)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	options := protojson.MarshalOptions{UseProtoNames: true, EmitUnpopulated: true}
	written, err := options.Marshal(verdict.Message)
	if err != nil {
		t.Fatal(err)
	}
	var shown map[string]any
	if err := json.Unmarshal(written, &shown); err != nil {
		t.Fatal(err)
	}
	holds(t, "verdict", v.verdict, shown)
	// What the client reads of it says the same.
	if got := "OUTCOME_" + strings.ToUpper(string(verdict.Outcome)); got != v.verdict["outcome"] {
		t.Errorf("outcome: %v is stated, got %v", v.verdict["outcome"], got)
	}
	step := "NEXT_STEP_" + strings.ToUpper(string(verdict.NextStep))
	if stated, ok := v.verdict["next_step"]; ok && stated != step {
		t.Errorf("next step: %v is stated, got %v", stated, step)
	}
	missing := []any{}
	for _, fact := range verdict.Missing {
		missing = append(missing, map[string]any{"path": fact.Path})
	}
	holds(t, "missing", v.verdict["missing"], missing)
}

// Checks that a value holds what is stated; lists are compared whole.
func holds(t *testing.T, at string, stated, got any) {
	t.Helper()
	switch stated := stated.(type) {
	case map[string]any:
		members, ok := got.(map[string]any)
		if !ok {
			t.Errorf("%s: an object is stated, got %v", at, got)
		}
		for key, value := range stated {
			holds(t, at+"."+key, value, members[key])
		}
	case []any:
		entries, ok := got.([]any)
		if !ok || len(entries) != len(stated) {
			t.Errorf("%s: %v is stated, got %v", at, stated, got)
			return
		}
		for index, entry := range stated {
			holds(t, fmt.Sprintf("%s[%d]", at, index), entry, entries[index])
		}
	default:
		if stated != got {
			t.Errorf("%s: %v is stated, got %v", at, stated, got)
		}
	}
}
