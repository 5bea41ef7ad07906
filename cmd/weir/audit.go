package main

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"time"

	"weir/catalog/config"
	"weir/engine"
	"weir/engine/bind"
	"weir/policy/audit"
	"weir/server/mysql"
)

// openAudit begins the audit; nil if it is switched off.
func (r *running) openAudit() (err error) {
	a := r.cfg.Audit
	if a.Off {
		r.log.Warn("no audit is kept (audit: off)")
		return nil
	}
	always, every := a.FsyncEvery()
	r.audit, err = audit.Open(audit.Options{Dir: a.Path, Key: []byte(a.Key), RotateSize: int64(a.RotateSize), RotateAge: time.Duration(a.RotateAge), Keep: time.Duration(a.Keep),
		Sync: audit.Sync{Always: always, Every: every}, Log: r.log})
	if err != nil {
		return err
	}
	return r.audit.Write(&audit.Record{Event: audit.Start, Detail: map[string]string{"version": version(), "configuration": r.cfg.File()}, Result: "ok"})
}

// closeAudit ends the audit.
func (r *running) closeAudit() {
	if r.audit == nil {
		return
	}
	_ = r.audit.Write(&audit.Record{Event: audit.Stop, Result: "ok"})
	if err := r.audit.Close(); err != nil {
		r.log.Error("closing the audit", "error", err)
	}
}

// recordReload records a change of the configuration: that it begins, and what became of it. changed are the keys that are not what they were.
func (r *running) recordReload(file string, changed []string, result string) error {
	if r.audit == nil {
		return nil
	}
	return r.audit.Write(&audit.Record{Event: audit.Configuration, Detail: map[string]string{"file": file, "changed": strings.Join(changed, ", ")}, Result: result})
}

// changedKeys are the keys of the file in which two configurations differ: of users and sources, each by its name.
func changedKeys(old, next *config.Config) []string {
	var out []string
	a, b := reflect.ValueOf(old).Elem(), reflect.ValueOf(next).Elem()
	for i := range a.NumField() {
		key := a.Type().Field(i).Tag.Get("yaml")
		if key == "" || key == "-" || key == "users" || key == "sources" || reflect.DeepEqual(a.Field(i).Interface(), b.Field(i).Interface()) {
			continue
		}
		out = append(out, key)
	}
	if !reflect.DeepEqual(old.Policies, next.Policies) && !slices.Contains(out, "policy") {
		out = append(out, "policy")
	}
	users := func(c *config.Config) map[string]config.User {
		m := map[string]config.User{}
		for _, u := range c.Users {
			m[u.Name] = u
		}
		return m
	}
	out = append(out, differing("users.", users(old), users(next), func(a, b config.User) bool { return reflect.DeepEqual(a, b) })...)
	out = append(out, differing("sources.", old.Sources, next.Sources, config.Source.Equal)...)
	slices.Sort(out)
	return out
}

// differing are the names of what two maps don't have in common.
func differing[V any](prefix string, old, next map[string]V, same func(a, b V) bool) []string {
	var out []string
	for name, was := range old {
		if is, ok := next[name]; !ok || !same(was, is) {
			out = append(out, prefix+name)
		}
	}
	for name := range next {
		if _, ok := old[name]; !ok {
			out = append(out, prefix+name)
		}
	}
	return out
}

// auditLog is the audit for the front door, which takes an interface: a nil *audit.Log in one would not be nil.
func (r *running) auditLog() mysql.Audit {
	if r.audit == nil {
		return nil
	}
	return r.audit
}

// accessOf is what the audit has to say of what a statement has read.
func accessOf(o engine.Observation, statement string, keep bool) mysql.Access {
	a := mysql.Access{Tables: map[string][]string{}, Reveals: o.Reveals}
	for _, t := range o.Reads {
		name := t.Database + "." + t.Table
		a.Tables[name] = append(a.Tables[name], t.Columns...)
	}
	for _, r := range o.Rules {
		a.Applied = append(a.Applied, audit.Applied{Table: r.Database + "." + r.Table, Column: r.Column, Rule: r.Name, Does: r.Does})
	}
	for _, s := range o.Sent {
		text := s.Hidden
		if keep {
			text = s.Text
		}
		a.Remote = append(a.Remote, audit.Remote{Source: s.Source, Text: text, Keys: max(s.Stats.Keys, 0), Rows: s.Stats.Rows, Bytes: s.Stats.Bytes,
			Micros: s.Stats.Elapsed.Microseconds(), Skipped: s.Stats.Skipped})
	}
	if o.Lineage != nil {
		from := o.Lineage.AtMost(auditedInputs)
		if !keep { // SELECT 'x' names its column x
			from = from.Renamed(bind.RedactNames(statement, false))
		}
		if text, err := json.Marshal(from); err == nil { // nothing in it can't be written
			a.Lineage = text
		}
	}
	return a
}

// auditedInputs bounds the lineage in a record, at about 100 bytes each; a larger one is told to be incomplete.
const auditedInputs = 2000
