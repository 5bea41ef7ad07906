package openlineage

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.uber.org/goleak"

	"weir/engine/bind"
	"weir/engine/lineage"
	"weir/engine/rel"
)

// sample is the lineage of SELECT a AS x, 1 AS x FROM erp.public.t WHERE b … .
func sample() *lineage.Result {
	col := func(id rel.ColumnID, name string) rel.Column {
		return rel.Column{ID: id, Name: name, T: rel.VarCharType(10)}
	}
	scan := &rel.Scan{Table: &rel.Table{Source: "erp", Schema: "public", Name: "t"}, Cols: []rel.ScanColumn{{Column: col(1, "a")}, {Column: col(2, "b")}}}
	pred := &rel.Call{Op: rel.OpEq, Args: []rel.Expr{&rel.Col{ID: 2}, &rel.Lit{Value: "secret", T: rel.TextType}}, T: rel.BoolType}
	root := &rel.Project{Input: &rel.Filter{Input: scan, Pred: pred}, Cols: []rel.Computed{{Column: col(1, "x"), Expr: &rel.Col{ID: 1}}, {Column: col(3, "x"), Expr: &rel.Lit{Value: int64(1), T: rel.BigIntType}}}}
	return lineage.Of(&bind.Query{Root: root, Columns: []bind.Output{{Column: col(1, "x")}, {Column: col(3, "x")}}}, lineage.Options{})
}

func closed(t *testing.T, e *Emitter) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := e.Close(ctx); err != nil {
		t.Error(err)
	}
}

// read decodes a line as a consumer would.
func read(t *testing.T, line string) (e struct {
	EventType, EventTime, Producer, SchemaURL string
	Run                                       struct {
		RunID  string
		Facets map[string]map[string]any
	}
	Job struct {
		Namespace, Name string
		Facets          map[string]map[string]any
	}
	Inputs, Outputs []struct {
		Namespace, Name string
		Facets          struct {
			Schema struct{ Fields []field }
			// The names are those of the specification.
			ColumnLineage *struct {
				Producer  string `json:"_producer"`
				SchemaURL string `json:"_schemaURL"`
				Fields    map[string]inputFields
				Dataset   []inputField
			}
		}
		OutputFacets struct{ OutputStatistics struct{ RowCount int64 } }
	}
}) {
	t.Helper()
	if err := json.Unmarshal([]byte(line), &e); err != nil {
		t.Fatalf("%v\n%s", err, line)
	}
	return e
}

func TestFile(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	path := filepath.Join(t.TempDir(), "events.jsonl")
	e, err := New(Settings{File: path, Namespace: "shop", SQL: SQLRedacted})
	if err != nil {
		t.Fatal(err)
	}
	end := e.Begin(Statement{Text: "SELECT a AS x, 1 AS x FROM t /* hush */ WHERE b = 'secret'", Lineage: sample()})
	end(End{Rows: 7})
	e.Begin(Statement{Text: "SELECT nothing FROM nowhere WHERE x = 'secret'"})(End{Code: 1146})
	e.Begin(Statement{Text: "SELECT 1"})(End{Code: 1317, Aborted: true})
	closed(t, e)
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
		t.Errorf("the file's mode is %v", info.Mode())
	}
	for _, never := range []string{"secret", "hush"} {
		if strings.Contains(string(raw), never) {
			t.Errorf("%q is in the file:\n%s", never, raw)
		}
	}
	lines := strings.Split(strings.TrimSpace(string(raw)), "\n")
	if len(lines) != 6 {
		t.Fatalf("%d lines:\n%s", len(lines), raw)
	}
	begun, ended := read(t, lines[0]), read(t, lines[1])
	if id, err := uuid.Parse(begun.Run.RunID); err != nil || id.Version() != 7 || begun.Run.RunID != ended.Run.RunID {
		t.Errorf("runs %s and %s", begun.Run.RunID, ended.Run.RunID)
	}
	if _, err := time.Parse(time.RFC3339Nano, begun.EventTime); err != nil || begun.EventTime > ended.EventTime {
		t.Errorf("times %s and %s", begun.EventTime, ended.EventTime)
	}
	if begun.EventType != "START" || ended.EventType != "COMPLETE" || begun.Job.Namespace != "shop" || begun.Job.Name != ended.Job.Name || begun.Producer == "" ||
		!strings.HasPrefix(begun.SchemaURL, "https://openlineage.io/spec/2-0-2/") {
		t.Errorf("%+v", begun)
	}
	if q := ended.Job.Facets["sql"]["query"]; q != "SELECT a AS x, ? AS x FROM t WHERE b = ?" {
		t.Errorf("the text is %v", q)
	}
	if len(begun.Inputs) != 1 || begun.Inputs[0].Name != "erp.public.t" || len(ended.Inputs[0].Facets.Schema.Fields) != 2 || ended.Inputs[0].Facets.Schema.Fields[0] != (field{"a", "varchar(10)"}) {
		t.Errorf("inputs %+v", ended.Inputs)
	}
	out := ended.Outputs[0]
	if out.Name != ended.Job.Name+".result" || out.OutputFacets.OutputStatistics.RowCount != 7 || len(out.Facets.Schema.Fields) != 2 || out.Facets.Schema.Fields[1].Name != "x (2)" {
		t.Errorf("output %+v", out)
	}
	l := out.Facets.ColumnLineage
	if l == nil || l.SchemaURL != "https://openlineage.io/spec/facets/1-2-0/ColumnLineageDatasetFacet.json#/$defs/ColumnLineageDatasetFacet" {
		t.Fatalf("column lineage %+v", l)
	}
	wantX := []inputField{{"shop", "erp.public.t", "a", []transformation{{"DIRECT", "IDENTITY", false}}}}
	wantAll := []inputField{{"shop", "erp.public.t", "b", []transformation{{"INDIRECT", "FILTER", false}}}}
	if fmt.Sprint(l.Fields["x"].InputFields) != fmt.Sprint(wantX) || fmt.Sprint(l.Dataset) != fmt.Sprint(wantAll) || l.Fields["x (2)"].InputFields == nil || len(l.Fields["x (2)"].InputFields) != 0 {
		t.Errorf("column lineage %+v", l)
	}
	failed, aborted := read(t, lines[3]), read(t, lines[5])
	if failed.EventType != "FAIL" || failed.Run.Facets["errorMessage"]["message"] != "error 1146" || failed.Inputs == nil || aborted.EventType != "ABORT" {
		t.Errorf("%+v\n%+v", failed, aborted)
	}
	if sent, dropped, lost := e.Counts(); sent != 6 || dropped+lost != 0 {
		t.Errorf("counted %d, %d, %d", sent, dropped, lost)
	}
}

// A job is a statement whatever its literals are, and how many.
func TestJobName(t *testing.T) {
	name := func(text string) string { return jobName(bind.Redact(text, false)) }
	if a, b := name("select * from t where a in (1, 2, 3) and b = 'x'"), name("SELECT *  FROM t\nWHERE a IN (7) AND b = \"y\""); a != b {
		t.Errorf("%s and %s", a, b)
	}
	if a, b := name("values row(1, 2), row(3, 4)"), name("values row(1)"); a != b {
		t.Logf("%s and %s", a, b)
	}
	if a, b := name("select a from t"), name("select b from t"); a == b {
		t.Error("two statements have one name")
	}
}

// A result's column may be named by a text of the statement.
func TestNamesAreRedacted(t *testing.T) {
	named := sample().Renamed(func(string) string { return "canary" })
	for mode, want := range map[string]bool{SQLFull: true, SQLRedacted: false, SQLNone: false} {
		s := Settings{SQL: mode}
		text, err := json.Marshal(s.event(&item{statement: &Statement{Text: "select 'canary', 'canary' from t", Lineage: named}, state: complete}))
		if err != nil || strings.Contains(string(text), "canary") != want {
			t.Errorf("%s: %v\n%s", mode, err, text)
		}
	}
}

// Also if it stands where a long statement is cut.
func TestLongStatement(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.jsonl")
	e, err := New(Settings{File: path, SQL: SQLRedacted})
	if err != nil {
		t.Fatal(err)
	}
	text := "select " + strings.Repeat("a, ", maxText) + "'canary' from t"
	e.Begin(Statement{Text: text, Lineage: sample().Renamed(func(string) string { return "canary" })})(End{})
	closed(t, e)
	raw, err := os.ReadFile(path)
	if err != nil || len(raw) == 0 || strings.Contains(string(raw), "canary") {
		t.Errorf("%v, %d bytes", err, len(raw))
	}
}

// Tables are named as other tools name them, where the configuration says how.
func TestDatasets(t *testing.T) {
	s := Settings{Namespace: "shop", Datasets: map[string]string{"erp": "postgres://db1:5432/erpdb", "crm": "mysql://db2:3306"}}
	for _, c := range [][5]string{
		{"erp", "public", "t", "postgres://db1:5432", "erpdb.public.t"},
		{"crm", "crm", "t", "mysql://db2:3306", "crm.t"},
		{"inventory", "", "t", "shop", "inventory.t"},
	} {
		if namespace, name := s.table(c[0], c[1], c[2]); namespace != c[3] || name != c[4] {
			t.Errorf("%s: %s %s", c[0], namespace, name)
		}
	}
	e := s.event(&item{statement: &Statement{Lineage: sample()}, state: complete})
	l := e.Outputs[0].Facets["columnLineage"].(*columnLineageFacet)
	if in := l.Fields["x"].InputFields[0]; e.Inputs[0].Namespace != "postgres://db1:5432" || in.Namespace != e.Inputs[0].Namespace || in.Name != e.Inputs[0].Name {
		t.Errorf("%+v and %+v", e.Inputs, in)
	}
}

func TestTextModes(t *testing.T) {
	for mode, want := range map[string]any{SQLFull: "select 5", SQLRedacted: "select ?", SQLNone: nil} {
		s := Settings{SQL: mode}
		e := s.event(&item{statement: &Statement{Text: "select 5"}, state: start})
		var got any
		if f, ok := e.Job.Facets["sql"].(sqlFacet); ok {
			got = f.Query
		}
		if got != want {
			t.Errorf("%s: %v", mode, got)
		}
	}
}

// A file that is moved away, as log rotation does, is made anew.
func TestFileMoved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.jsonl")
	e, err := New(Settings{File: path})
	if err != nil {
		t.Fatal(err)
	}
	e.Begin(Statement{Text: "select 1"})
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if sent, _, _ := e.Counts(); sent == 1 {
			break
		}
	}
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	e.Begin(Statement{Text: "select 2"})
	closed(t, e)
	for _, name := range []string{path, path + ".1"} {
		if raw, err := os.ReadFile(name); err != nil || strings.Count(string(raw), "\n") != 1 {
			t.Errorf("%s: %v\n%s", name, err, raw)
		}
	}
	if _, err := New(Settings{File: filepath.Join(path, "below a file")}); err == nil {
		t.Error("a file that can't be made is no error")
	}
}

// service is an endpoint that answers with a status and keeps what it was sent.
type service struct {
	*httptest.Server
	mu      sync.Mutex
	bodies  []string
	auth    string
	answers []int // the first answers; 201 after them
}

func newService(t *testing.T, answers ...int) *service {
	s := &service{answers: answers}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.auth = r.Header.Get("Authorization")
		status := http.StatusCreated
		if len(s.answers) > 0 {
			status, s.answers = s.answers[0], s.answers[1:]
		}
		if status < 300 {
			s.bodies = append(s.bodies, string(body))
		}
		w.WriteHeader(status)
	}))
	t.Cleanup(s.Close)
	return s
}

func TestEndpoint(t *testing.T) {
	s := newService(t, http.StatusServiceUnavailable) // the first attempt fails and is made again
	e, err := New(Settings{URL: s.URL + "/api/v1/lineage", APIKey: "key-of-weir", Namespace: "shop"})
	if err != nil {
		t.Fatal(err)
	}
	e.Begin(Statement{Text: "select 1", Lineage: sample()})(End{})
	closed(t, e)
	if len(s.bodies) != 2 || s.auth != "Bearer key-of-weir" {
		t.Fatalf("%q with %q", s.bodies, s.auth)
	}
	if read(t, s.bodies[0]).EventType != "START" || read(t, s.bodies[1]).EventType != "COMPLETE" {
		t.Errorf("%q", s.bodies)
	}
}

func TestBatch(t *testing.T) {
	s := newService(t)
	e, err := New(Settings{URL: s.URL + "/api/v1/lineage/batch"})
	if err != nil {
		t.Fatal(err)
	}
	for range 50 {
		e.Begin(Statement{Text: "select 1"})(End{})
	}
	closed(t, e)
	total := 0
	for _, b := range s.bodies {
		var events []event
		if err := json.Unmarshal([]byte(b), &events); err != nil {
			t.Fatal(err)
		}
		total += len(events)
	}
	if total != 100 || len(s.bodies) > 50 {
		t.Errorf("%d events in %d requests", total, len(s.bodies))
	}
}

// An endpoint that refuses is not asked again for the same event, and what it refuses is counted.
func TestRefused(t *testing.T) {
	s := newService(t, http.StatusUnauthorized)
	e, err := New(Settings{URL: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	e.Begin(Statement{Text: "select 1"})(End{})
	closed(t, e)
	if sent, _, failed := e.Counts(); sent != 1 || failed != 1 {
		t.Errorf("sent %d, failed %d", sent, failed)
	}
}

// An endpoint that hangs holds up no statement: what doesn't fit into the queue is dropped and counted.
func TestPressure(t *testing.T) {
	hang := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hang }))
	defer s.Close()
	defer close(hang)
	e, err := New(Settings{URL: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	const n = 10_000
	l := sample()
	began := time.Now()
	for range n {
		e.Begin(Statement{Text: "select 1", Lineage: l})(End{})
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("%d statements waited %s", n, took)
	}
	if _, dropped, _ := e.Counts(); dropped < 2*n-maxWaiting-2*maxBatch || dropped > 2*n-maxWaiting {
		t.Errorf("%d were dropped", dropped)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if err := e.Close(ctx); err == nil {
		t.Error("nothing is said of the events that are lost")
	}
	e.Begin(Statement{Text: "select 1"})(End{}) // after the end: nothing happens
}

// Heavy lineage is bounded by what it weighs, not by its number.
func TestWeight(t *testing.T) {
	hang := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hang }))
	defer s.Close()
	defer close(hang)
	e, err := New(Settings{URL: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	heavy := &lineage.Result{Rows: make([]lineage.Input, maxWeight/4)}
	for range 200 {
		e.Begin(Statement{Text: "select 1", Lineage: heavy})
	}
	if w := e.waiting.Load(); w > maxWeight {
		t.Errorf("%d wait", w)
	}
	if _, dropped, _ := e.Counts(); dropped < 200-4-maxBatch {
		t.Errorf("only %d were dropped", dropped)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_ = e.Close(ctx)
}

// Neither an address nor a key stands in an error.
func TestErrorsAreSilent(t *testing.T) {
	if _, err := New(Settings{URL: "http://user:hunter22@ho st"}); err == nil || strings.Contains(err.Error(), "hunter22") {
		t.Errorf("%v", err)
	}
	w, err := newEndpoint("http://127.0.0.1:1/?key=hunter22", "hunter23")
	if err != nil {
		t.Fatal(err)
	}
	w.client.RetryMax = 0
	if err := w.post(context.Background(), []byte("{}")); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("%v", err)
	}
}

func BenchmarkBegin(b *testing.B) {
	e, err := New(Settings{File: os.DevNull, SQL: SQLRedacted})
	if err != nil {
		b.Fatal(err)
	}
	l := sample()
	for b.Loop() {
		e.Begin(Statement{Text: "select 1", Lineage: l})(End{})
	}
	_ = e.Close(context.Background())
}
