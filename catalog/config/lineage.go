package config

import (
	"maps"
	"net/url"
	"slices"
)

// Lineage says whether and where statements' lineage is told as OpenLineage events. Without File and URL it isn't.
type Lineage struct {
	File      string            `yaml:"file" jsonschema_description:"File to which events are appended, one a line. Relative to this file. Either this or url."`
	URL       string            `yaml:"url" jsonschema_description:"Address that events are sent to, such as http://marquez:5000/api/v1/lineage; one that ends in /batch gets arrays of events."`
	Namespace string            `yaml:"namespace" jsonschema:"default=weir" jsonschema_description:"Namespace of the events' jobs and datasets."`
	APIKey    Secret            `yaml:"api_key" jsonschema_description:"Key that is sent to url as a bearer token; best as ${env:NAME} or ${file:PATH}."`
	SQL       string            `yaml:"sql" jsonschema:"default=redacted,enum=redacted,enum=full,enum=none" jsonschema_description:"Whether events hold statements' texts: redacted (without literals and comments), full, or none."`
	Datasets  map[string]string `yaml:"datasets" jsonschema_description:"For a source, the address by which other tools name its tables, such as postgres://host:5432/database."`
}

// On reports whether events are told.
func (l Lineage) On() bool { return l.File != "" || l.URL != "" }

var defaultLineage = Lineage{Namespace: "weir", SQL: "redacted"}

// Equal reports whether two sections say the same.
func (l Lineage) Equal(o Lineage) bool {
	return l.File == o.File && l.URL == o.URL && l.Namespace == o.Namespace && l.APIKey == o.APIKey && l.SQL == o.SQL && maps.Equal(l.Datasets, o.Datasets)
}

func (l Lineage) validate(d *decoder, sources map[string]Source) {
	for _, name := range slices.Sorted(maps.Keys(l.Datasets)) {
		u, err := url.Parse(l.Datasets[name])
		switch _, known := sources[name]; {
		case !known:
			d.problemAt("lineage.datasets."+name, "there is no such source")
		case err != nil || u.Scheme == "" || u.Host == "" || u.User != nil:
			d.problemAt("lineage.datasets."+name, "is no address without user and password, such as postgres://host:5432/database")
		}
	}
	if !l.On() {
		if !l.Equal(defaultLineage) {
			d.problemAt("lineage", "says nowhere to write to; give file or url")
		}
		return
	}
	if l.File != "" && l.URL != "" {
		d.problemAt("lineage", "has file and url; give one of them")
	}
	if l.Namespace == "" {
		d.problemAt("lineage.namespace", "is empty")
	}
	oneOf(d, "lineage.sql", l.SQL, "redacted", "full", "none")
	if l.URL == "" {
		if l.APIKey != "" {
			d.problemAt("lineage.api_key", "is for url, which isn't given")
		}
		return
	}
	u, err := url.Parse(l.URL)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		d.problemAt("lineage.url", "is no address; write it like https://host/api/v1/lineage")
	case u.User != nil:
		d.problemAt("lineage.url", "holds a user or password; give them as api_key")
	}
}
