package lineage

import "encoding/json"

// jsonInput is an input in JSON.
type jsonInput struct {
	Database string   `json:"database"`
	Schema   string   `json:"schema,omitempty"`
	Table    string   `json:"table"`
	Column   string   `json:"column"`
	As       []string `json:"as,omitempty"`
	Masked   []string `json:"masked,omitempty"`
}

type jsonOutput struct {
	Name string      `json:"name"`
	From []jsonInput `json:"from"`
}

// MarshalJSON writes {"columns": [{"name": …, "from": [{"database", "table", "column", "as": [ways], "masked": [ways]}]}], "rows": [the same]}.
func (r *Result) MarshalJSON() ([]byte, error) {
	out := struct {
		Columns    []jsonOutput `json:"columns"`
		Rows       []jsonInput  `json:"rows,omitempty"`
		Incomplete bool         `json:"incomplete,omitempty"`
	}{Columns: make([]jsonOutput, len(r.Outputs)), Rows: jsonInputs(r.Rows), Incomplete: r.Incomplete}
	for i, o := range r.Outputs {
		out.Columns[i] = jsonOutput{o.Name, jsonInputs(o.Inputs)}
	}
	return json.Marshal(out)
}

func jsonInputs(in []Input) []jsonInput {
	out := make([]jsonInput, len(in))
	for i, x := range in {
		out[i] = jsonInput{Database: x.Database, Schema: x.Schema, Table: x.Table, Column: x.Name}
		x.Uses.Each(func(u Use) { out[i].As = append(out[i].As, u.String()) })
		x.Masked.Each(func(u Use) { out[i].Masked = append(out[i].Masked, u.String()) })
	}
	return out
}
