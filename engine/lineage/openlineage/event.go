package openlineage

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"weir/engine/bind"
	"weir/engine/lineage"
	"weir/engine/rel"
)

const (
	producer  = "urn:weir"
	spec      = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"
	facetSpec = "https://openlineage.io/spec/facets/"
)

// The states of a run.
const (
	start    = "START"
	complete = "COMPLETE"
	fail     = "FAIL"
	abort    = "ABORT"
)

type event struct {
	EventType string    `json:"eventType"`
	EventTime string    `json:"eventTime"`
	Run       run       `json:"run"`
	Job       job       `json:"job"`
	Inputs    []dataset `json:"inputs"`
	Outputs   []dataset `json:"outputs"`
	Producer  string    `json:"producer"`
	SchemaURL string    `json:"schemaURL"`
}

type run struct {
	RunID  string         `json:"runId"`
	Facets map[string]any `json:"facets,omitempty"`
}

type job struct {
	Namespace string         `json:"namespace"`
	Name      string         `json:"name"`
	Facets    map[string]any `json:"facets,omitempty"`
}

type dataset struct {
	Namespace    string         `json:"namespace"`
	Name         string         `json:"name"`
	Facets       map[string]any `json:"facets,omitempty"`
	OutputFacets map[string]any `json:"outputFacets,omitempty"`
}

// facet is what every facet has.
type facet struct {
	Producer  string `json:"_producer"`
	SchemaURL string `json:"_schemaURL"`
}

func newFacet(version, name string) facet {
	return facet{producer, facetSpec + version + "/" + name + ".json#/$defs/" + name}
}

type sqlFacet struct {
	facet
	Query   string `json:"query"`
	Dialect string `json:"dialect"`
}

type jobTypeFacet struct {
	facet
	ProcessingType string `json:"processingType"`
	Integration    string `json:"integration"`
	JobType        string `json:"jobType"`
}

type errorFacet struct {
	facet
	Message             string `json:"message"`
	ProgrammingLanguage string `json:"programmingLanguage"`
}

type field struct {
	Name string `json:"name"`
	Type string `json:"type,omitempty"`
}

type schemaFacet struct {
	facet
	Fields []field `json:"fields"`
}

type rowsFacet struct {
	facet
	RowCount int64 `json:"rowCount"`
}

type transformation struct {
	Type    string `json:"type"`
	Subtype string `json:"subtype"`
	Masking bool   `json:"masking"`
}

type inputField struct {
	Namespace       string           `json:"namespace"`
	Name            string           `json:"name"`
	Field           string           `json:"field"`
	Transformations []transformation `json:"transformations"`
}

type inputFields struct {
	InputFields []inputField `json:"inputFields"`
}

type columnLineageFacet struct {
	facet
	Fields  map[string]inputFields `json:"fields"`
	Dataset []inputField           `json:"dataset,omitempty"`
}

// maxFields bounds the input fields of one event; lineage that has more is left out of it, and only the tables are told.
const maxFields = 20_000

// event makes the event of an item.
func (s *Settings) event(it *item) *event {
	st := it.statement
	text := bind.Redact(st.Text, st.AnsiQuotes)
	name := jobName(text)
	e := &event{
		EventType: it.state, EventTime: it.at.UTC().Format("2006-01-02T15:04:05.000000Z07:00"), Run: run{RunID: st.run.String(), Facets: map[string]any{}},
		Job: job{Namespace: s.Namespace, Name: name, Facets: map[string]any{
			"jobType": jobTypeFacet{newFacet("2-0-3", "JobTypeJobFacet"), "BATCH", "WEIR", "QUERY"},
		}},
		Inputs: []dataset{}, Outputs: []dataset{}, Producer: producer, SchemaURL: spec,
	}
	switch s.SQL {
	case SQLFull:
		text = st.Text
		fallthrough
	case SQLRedacted:
		e.Job.Facets["sql"] = sqlFacet{newFacet("1-1-0", "SQLJobFacet"), text, "mysql"}
	}
	if it.code != 0 {
		e.Run.Facets["errorMessage"] = errorFacet{newFacet("1-0-1", "ErrorMessageRunFacet"), fmt.Sprintf("error %d", it.code), "SQL"}
	}
	l := st.Lineage
	if l == nil {
		return e
	}
	if s.SQL != SQLFull {
		l = l.Renamed(bind.RedactNames(st.Text, st.AnsiQuotes))
	}
	ended := it.state != start
	for _, t := range l.Tables() {
		in := dataset{}
		in.Namespace, in.Name = s.table(t.Table.Source, t.Table.Schema, t.Table.Name)
		if ended {
			in.Facets = map[string]any{"schema": tableSchema(t)}
		}
		e.Inputs = append(e.Inputs, in)
	}
	out := dataset{Namespace: s.Namespace, Name: name + ".result"}
	if ended {
		out.Facets = map[string]any{"schema": resultSchema(l)}
		if f := s.columnLineage(l); f != nil {
			out.Facets["columnLineage"] = f
		}
		if it.state == complete {
			out.OutputFacets = map[string]any{"outputStatistics": rowsFacet{newFacet("1-0-2", "OutputStatisticsOutputDatasetFacet"), it.rows}}
		}
	}
	e.Outputs = append(e.Outputs, out)
	return e
}

var (
	lists  = regexp.MustCompile(`\?(\s*,\s*\?)+`)
	groups = regexp.MustCompile(`\(\?\)(\s*,\s*\(\?\))+`)
)

// jobName is a name for a statement that stays the same when only its literals, their number or its white space change.
func jobName(redacted string) string {
	digest := groups.ReplaceAllString(lists.ReplaceAllString(strings.ToLower(redacted), "?"), "(?)")
	sum := sha256.Sum256([]byte(digest))
	return "query." + hex.EncodeToString(sum[:8])
}

// table is how a table is named.
func (s *Settings) table(source, schema, table string) (namespace, name string) {
	if schema != "" {
		table = schema + "." + table
	}
	u, err := url.Parse(s.Datasets[source])
	if err != nil || u.Host == "" {
		return s.Namespace, source + "." + table
	}
	if path := strings.Trim(u.Path, "/"); path != "" {
		table = path + "." + table
	}
	return u.Scheme + "://" + u.Host, table
}

func tableSchema(t *rel.Scan) schemaFacet {
	f := schemaFacet{newFacet("1-1-1", "SchemaDatasetFacet"), make([]field, len(t.Cols))}
	for i, c := range t.Cols {
		f.Fields[i] = field{c.Name, c.T.String()}
	}
	return f
}

// outputNames are the names of a result's columns, each once: OpenLineage tells fields apart by them.
func outputNames(l *lineage.Result) []string {
	names, taken := make([]string, len(l.Outputs)), map[string]bool{}
	for i, o := range l.Outputs {
		names[i] = o.Name
		for n := 2; taken[names[i]]; n++ {
			names[i] = fmt.Sprintf("%s (%d)", o.Name, n)
		}
		taken[names[i]] = true
	}
	return names
}

func resultSchema(l *lineage.Result) schemaFacet {
	f := schemaFacet{newFacet("1-1-1", "SchemaDatasetFacet"), make([]field, len(l.Outputs))}
	for i, name := range outputNames(l) {
		f.Fields[i] = field{name, l.Outputs[i].Type.String()}
	}
	return f
}

// columnLineage is nil for lineage that is incomplete or too large.
func (s *Settings) columnLineage(l *lineage.Result) *columnLineageFacet {
	if l.Incomplete || weight(l) > maxFields {
		return nil
	}
	f := &columnLineageFacet{facet: newFacet("1-2-0", "ColumnLineageDatasetFacet"), Fields: map[string]inputFields{}, Dataset: s.fields(l.Rows)}
	for i, name := range outputNames(l) {
		f.Fields[name] = inputFields{s.fields(l.Outputs[i].Inputs)}
	}
	return f
}

func (s *Settings) fields(in []lineage.Input) []inputField {
	out := make([]inputField, len(in))
	for i, x := range in {
		out[i].Namespace, out[i].Name = s.table(x.Database, x.Schema, x.Table)
		out[i].Field = x.Name
		add := func(masking bool) func(lineage.Use) {
			return func(u lineage.Use) {
				t := transformation{"INDIRECT", u.String(), masking}
				if u.Direct() {
					t.Type = "DIRECT"
				}
				out[i].Transformations = append(out[i].Transformations, t)
			}
		}
		x.Uses.Each(add(false))
		x.Masked.Each(add(true))
	}
	return out
}

// weight is how many input fields a lineage has.
func weight(l *lineage.Result) int {
	if l == nil {
		return 0
	}
	return l.Size()
}
