package redress_test

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What README and examples show, as it stands there, against a real server.

// Runs a program, and returns what it prints and its exit code.
func run(t *testing.T, arguments ...string) (string, int) {
	t.Helper()
	command := exec.Command("go", append([]string{"run"}, arguments...)...)
	command.Stderr = os.Stderr
	output, err := command.Output()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		t.Fatal(err)
	}
	return string(output), command.ProcessState.ExitCode()
}

// Returns the text between two marks.
func between(t *testing.T, text, from, to string) string {
	t.Helper()
	_, rest, found := strings.Cut(text, from)
	within, _, closed := strings.Cut(rest, to)
	if !found || !closed {
		t.Fatalf("%q is not there", from)
	}
	return within
}

func TestTheReadmeComesToItsVerdict(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	program := between(t, string(readme), "```go\n", "```")
	if !strings.Contains(program, "http://localhost:50051") {
		t.Fatal("the program has another address")
	}
	file := filepath.Join(t.TempDir(), "main.go")
	program = strings.Replace(program, "http://localhost:50051", address, 1)
	if err := os.WriteFile(file, []byte(program), 0o600); err != nil {
		t.Fatal(err)
	}
	shown := between(t, string(readme), "```text\n", "```")
	if output, _ := run(t, file); output != shown {
		t.Errorf("it prints %q", output)
	}
}

func TestTheWorklistNamesEveryStep(t *testing.T) {
	names := []struct{ name, says string }{
		{"milona-paris/return_delivery_unknown", "ask: When was the parcel delivered"},
		{"milona-paris/return_worn", "let a person decide"},
		{"milona-paris/return_paid", "pay 59.00"},
		{"milona-paris/return_credit", "give what was granted"},
		{"milona-paris/return_waits", "wait"},
		{"milona-paris/return_late", "tell the customer that it is refused"},
		{"errors/too_many_units", "not decided, request.lines[0].groups: "},
	}
	var requests []string
	for _, one := range names {
		text, err := os.ReadFile("../vectors/" + one.name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var vector struct{ Request map[string]any }
		if err := json.Unmarshal(text, &vector); err != nil {
			t.Fatal(err)
		}
		line, err := json.Marshal(vector.Request)
		if err != nil {
			t.Fatal(err)
		}
		requests = append(requests, string(line))
	}
	file := filepath.Join(t.TempDir(), "requests.jsonl")
	if err := os.WriteFile(file, []byte(strings.Join(requests, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	output, code := run(t, "./examples/worklist", file, address)
	if code != 1 {
		t.Errorf("it ends with %d", code)
	}
	lines := strings.Split(strings.TrimSpace(output), "\n")
	if len(lines) != len(names) {
		t.Fatalf("it prints %q", output)
	}
	for index, line := range lines {
		if !strings.HasPrefix(line, "O-1: "+names[index].says) {
			t.Errorf("%s: it prints %q", names[index].name, line)
		}
	}
}
